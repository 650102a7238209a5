//! Pages and interface through the web floor, on a private store with the sample items in it.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use tongban_catalogue::http::{SearchIndex, locale, on_item_published, reindex, router};
use tongban_catalogue::{MIGRATIONS, NewVersion, Shelf, publish};
use tongban_kernel::{Actor, Citizen, Officer, OfficerId, OrganId, PersonId, Post};
use tongban_search::Index;
use tongban_storage::{Ctx, Migration, Parts};
use tongban_testkit::{TestStore, block_on, sqlite};
use tongban_webkit::{Authenticator, Credentials, CsrfKey, Session, SessionFuture, UserView, Web};
use tower::ServiceExt as _;

use crate::support::{demo, item};

const SPJY: &str = "1133990200990011XN4330190001000";

/// `citizen` and `officer` are the two sessions there are.
struct Two(PersonId, OfficerId, OrganId);

impl Authenticator for Two {
    fn authenticate(&self, _: Ctx, credentials: Credentials) -> SessionFuture<'_> {
        Box::pin(async move {
            let actor = match credentials.session.as_deref() {
                Some("citizen") => Actor::Citizen(Citizen {
                    person: self.0,
                    enterprise: None,
                    real_level: 2,
                }),
                Some("officer") => Actor::Officer(Officer {
                    officer: self.1,
                    organ: self.2,
                    posts: vec![Post::ItemManager],
                }),
                _ => return Ok(Session::anonymous()),
            };
            Ok(Session {
                user: Some(UserView {
                    name: "某".to_owned(),
                    ..UserView::default()
                }),
                csrf_subject: "account:1".to_owned(),
                actor,
                ..Session::anonymous()
            })
        })
    }
}

struct House {
    router: axum::Router,
    ctx: Ctx,
    _store: TestStore,
}

fn migrations() -> &'static [Migration] {
    MIGRATIONS
}

impl House {
    async fn new() -> Self {
        let store = sqlite(migrations()).await;
        let mut ctx = store.ctx.clone();
        let index = Index::in_memory().expect("an index in memory");
        ctx.parts = Parts::default()
            .with(Shelf::default())
            .with(SearchIndex::new(index));
        for id in ["spjy", "jzzqz"] {
            let new = NewVersion {
                item: item(id),
                form: Some(demo(&format!("forms/{id}.json"))),
                as_imported: false,
            };
            let ctx2 = ctx.clone();
            ctx.db
                .write(move |tx| publish(&ctx2, tx, &new))
                .await
                .expect("published");
        }
        assert_eq!(reindex(&ctx).await.expect("indexed"), 2);
        let now = store.ctx.now();
        let two = Two(ctx.ids.id(now), ctx.ids.id(now), ctx.ids.id(now));
        let web = Web::builder(ctx.as_actor(Actor::Anonymous), CsrfKey::new([9; 32]))
            .and_then(|builder| {
                builder
                    .locale(locale())
                    .authenticator(Arc::new(two))
                    .build()
            })
            .expect("texts are sound");
        Self {
            router: web.serve(router()),
            ctx,
            _store: store,
        }
    }

    async fn get(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::get(path)
            .header("host", "a.example")
            .header("accept", "text/html")
            .header("cookie", cookie)
            .body(Body::empty())
            .expect("a sound request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("a router does not fail");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a whole body");
        (
            parts.status,
            String::from_utf8(bytes.to_vec()).expect("UTF-8"),
        )
    }

    async fn json(&self, path: &str) -> serde_json::Value {
        let (status, text) = self.get(path, "").await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }
}

#[test]
fn items_are_found_by_everyday_words_and_initials_and_markup_is_escaped() {
    block_on(async {
        let house = House::new().await;
        for query in [
            "q=%E5%BC%80%E9%A5%AD%E5%BA%97",
            "q=spjyxk",
            "q=%E9%A3%9F%E5%93%81",
        ] {
            let (status, text) = house.get(&format!("/search?{query}"), "").await;
            assert_eq!(status, StatusCode::OK);
            assert!(text.contains(&format!("/items/{SPJY}")), "{query}");
        }
        let evil = "/search?q=%3Cscript%3Ealert(1)%3C/script%3E&theme=%22%3E%3Cb%3E&after=zz";
        let (status, text) = house.get(evil, "").await;
        assert_eq!(status, StatusCode::OK);
        assert!(!text.contains("<script>alert") && !text.contains("\"><b>"));
        assert!(text.contains("没有找到相关事项"));
        let (_, options) = house.get("/search/suggest?q=sp", "").await;
        assert!(!options.contains("<script"));
    });
}

#[test]
fn a_guide_narrows_its_materials_to_the_situation() {
    block_on(async {
        let house = House::new().await;
        let path = format!("/items/{SPJY}");
        let (status, open) = house.get(&path, "").await;
        assert_eq!(status, StatusCode::OK);
        assert!(open.contains("您以什么身份经营？") && open.contains("登录后在线办理"));
        assert!(!open.contains("action=\"/apply/"), "nobody is logged in");
        let canteen = format!("{path}?q.subject=canteen&q.mode=canteen&q.size=small");
        let (_, own) = house.get(&canteen, "citizen=1; zw=citizen").await;
        assert!(own.contains("举办单位主体资格证明") && own.contains("按您的情形"));
        assert!(own.contains(&format!("action=\"/apply/{SPJY}\"")));
        assert!(own.contains("name=\"q.subject\" value=\"canteen\""));
        let (_, officer) = house.get(&path, "zw=officer").await;
        assert!(!officer.contains("action=\"/apply/"));
        assert_eq!(house.get("/items/none", "").await.0, StatusCode::NOT_FOUND);
    });
}

#[test]
fn no_page_shows_the_id_of_a_text() {
    block_on(async {
        let house = House::new().await;
        let organ = &SPJY[..18];
        let pages = [
            "/search?q=x".to_owned(),
            "/search".to_owned(),
            "/items".to_owned(),
            "/person".to_owned(),
            "/person?theme=p040".to_owned(),
            "/enterprise".to_owned(),
            "/organs".to_owned(),
            format!("/organs/{organ}"),
            format!("/items/{SPJY}"),
            format!("/items/{SPJY}/form-sample"),
            "/work/catalogue".to_owned(),
            format!("/work/catalogue?organ={organ}"),
        ];
        let ids: Vec<&str> = locale()
            .zh_cn
            .lines()
            .filter(|line| !line.starts_with(['#', ' ', '}']))
            .filter_map(|line| Some(line.split_once(" = ")?.0))
            .collect();
        for page in pages {
            for lang in ["zh-CN", "zh-Hant", "en"] {
                let glue = if page.contains('?') { '&' } else { '?' };
                let path = format!("{page}{glue}lang={lang}");
                let (status, text) = house.get(&path, "zw=officer").await;
                assert_eq!(status, StatusCode::OK, "{path}");
                for id in ids.iter().filter(|id| id.contains('-')) {
                    assert!(!text.contains(&format!(">{id}<")), "{path}: {id}");
                }
                assert!(text.contains("<h1"), "{path}");
                assert!(
                    !text.contains(" style=") && !text.contains("onclick"),
                    "{path}"
                );
            }
        }
    });
}

#[test]
fn the_quality_report_is_for_officers() {
    block_on(async {
        let house = House::new().await;
        let (status, _) = house.get("/work/catalogue", "").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "to the log-in");
        let (status, _) = house.get("/work/catalogue", "zw=citizen").await;
        assert!(status.is_client_error());
        let (status, text) = house.get("/work/catalogue", "zw=officer").await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains("食品经营许可") && text.contains("指南准确率"));
    });
}

#[test]
fn programs_page_through_all_items_and_read_one() {
    block_on(async {
        let house = House::new().await;
        let first = house.json("/api/v1/items?limit=1").await;
        let next = first["next"].as_str().expect("more").to_owned();
        let second = house
            .json(&format!("/api/v1/items?limit=1&after={next}"))
            .await;
        assert!(second.get("next").is_none());
        assert_ne!(first["items"][0]["code"], second["items"][0]["code"]);
        let one = house.json(&format!("/api/v1/items/{SPJY}")).await;
        assert_eq!(one["item"]["task_name"], "食品经营许可");
        assert_eq!(one["form"]["zwform"], "1");
        let found = house.json("/api/v1/search?q=spjyxk").await;
        assert_eq!(found["items"][0]["code"], SPJY);
    });
}

#[test]
fn a_new_version_replaces_the_old_one_in_the_index() {
    block_on(async {
        let house = House::new().await;
        let mut changed = item("spjy");
        changed.task_name = "食品经营许可（新）".to_owned();
        let new = NewVersion {
            item: changed,
            form: Some(demo("forms/spjy.json")),
            as_imported: false,
        };
        let ctx = house.ctx.clone();
        let id = house
            .ctx
            .db
            .write(move |tx| publish(&ctx, tx, &new))
            .await
            .expect("published");
        for _ in 0..2 {
            on_item_published(&house.ctx, id).await.expect("indexed");
        }
        let found = house.json("/api/v1/search?q=spjyxk").await;
        assert_eq!(found["total"], 1);
        let title = found["items"][0]["title"].to_string();
        assert!(title.contains('新'), "{title}");
    });
}

#[test]
fn english_and_chinese_have_the_same_texts() {
    let differing = tongban_webkit::i18n::Catalog::disparity(&locale());
    assert!(differing.is_empty(), "{differing:?}");
}
