//! `cargo run -p tongban-webkit --example gallery -- 8080` serves the gallery on 127.0.0.1.

use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use tongban_kernel::{Actor, RequestId, TypedId};
use tongban_storage::{Blobs, Db, Ids, OsRandom, Parts, Settings, SystemClock, Vault};
use tongban_webkit::{CsrfKey, Site, SiteLink, Web, Worded, gallery};

fn site() -> Site {
    Site {
        name: Worded::new("云州市政务服务网", "Yunzhou Government Services"),
        region: Worded::new("云州市本级", "Yunzhou City"),
        region_href: "/regions".to_owned(),
        host: Worded::new("云州市人民政府办公室", "General Office of Yunzhou"),
        undertaker: Worded::new("云州市数据局", "Yunzhou Data Bureau"),
        hotline_hours: Worded::new(
            "7×24 小时人工服务 · 支持手语视频",
            "Day and night, sign language by video",
        ),
        hall: vec![
            Worded::new(
                "政务服务大厅：云州市人民路 1 号",
                "Service hall: 1 Renmin Road",
            ),
            Worded::new("周一至周五 9:00–17:00，午间不断档", "Mon–Fri 9:00–17:00"),
        ],
        links: vec![
            SiteLink {
                label: Worded::new("国家政务服务平台", "National platform"),
                href: "https://gjzwfw.www.gov.cn/".to_owned(),
            },
            SiteLink {
                label: Worded::new("云州市人民政府", "City of Yunzhou"),
                href: "/".to_owned(),
            },
        ],
        demo: true,
        ..Site::default()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_env_filter("info").init();
    let port: u16 = std::env::args()
        .nth(1)
        .map_or(Ok(8080), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let ctx = tongban_storage::Ctx {
        actor: Actor::Anonymous,
        request: RequestId::from_uuid(uuid::Uuid::nil()),
        clock: Arc::new(SystemClock),
        ids: Ids::new(OsRandom),
        db: Db::open(&Settings::Sqlite {
            path: folder.path().join("gallery.db"),
            readers: 1,
        })?,
        blobs: Blobs::open(folder.path())?,
        vault: Vault::new(&[2; 32]),
        parts: Parts::default(),
    };
    let web = Web::builder(ctx, CsrfKey::new([1; 32]))?
        .site(site())
        .build()?;
    let router = Router::new()
        .route("/", get(|| async { Redirect::to("/dev/gallery/home") }))
        .merge(gallery::router());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, web.serve(router)).await?;
    Ok(())
}
