//! `/admin/processes`: the administration of processes.

mod drawing;
mod drawing_words;
mod heat;
mod list;
mod moves;
mod outline;
mod sheet;
mod upload;
mod walk;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use jiff::Timestamp;
use tongban_kernel::Error;
use tongban_webkit::{Page, ProtectedPairs};

pub(super) use sheet::sized;

use crate::http::words::moment;
use crate::service::{PROCESS_BYTES_MAX, VersionLine};

pub(super) fn router() -> Router {
    Router::new()
        .route("/admin/processes", get(list::show))
        .route(
            "/admin/processes/uploads",
            get(upload::form)
                .post(upload::send)
                .layer(DefaultBodyLimit::max(PROCESS_BYTES_MAX + (1 << 20))),
        )
        .merge(outline::router())
        .route("/admin/processes/drawing", get(drawing::begin))
        .route(
            "/admin/processes/drawings",
            post(drawing::send).layer(DefaultBodyLimit::max(PROCESS_BYTES_MAX + (1 << 20))),
        )
        .route("/admin/processes/{hash}/drawing", get(drawing::show))
        .route("/admin/processes/{hash}/drawing.bpmn", get(drawing::source))
        .route("/admin/processes/{hash}", get(sheet::show))
        .route("/admin/processes/{hash}/bpmn", get(sheet::download))
        .route("/admin/processes/{hash}/publication", post(sheet::publish))
        .route(
            "/admin/processes/{hash}/walk",
            get(walk::show).post(walk::step),
        )
        .route(
            "/admin/processes/{hash}/moves",
            get(moves::form).post(moves::send),
        )
        .route("/admin/process-moves/{n}", get(moves::report))
}

/// The first twelve digits of a content hash: what people compare.
pub(super) fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

/// One version in a list.
pub(super) struct Version {
    pub(super) hash: String,
    pub(super) short: String,
    pub(super) at: String,
    pub(super) running: u64,
}

impl From<&VersionLine> for Version {
    fn from(line: &VersionLine) -> Self {
        Self {
            hash: line.hash.clone(),
            short: short(&line.hash),
            at: moment(line.published_at),
            running: line.running,
        }
    }
}

/// A content hash of an address; what is none does not exist.
pub(super) fn hash(text: &str) -> Result<&str, Error> {
    let fits = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if fits {
        Ok(text)
    } else {
        Err(Error::not_found())
    }
}

fn titled(page: &Page, title: &str) -> Page {
    let processes = page.shell().t("pa-title");
    page.clone()
        .titled(title)
        .with_style(tongban_webkit::assets::path("flow.css"))
        .nav("processes")
        .crumb(processes, "/admin/processes")
        .crumb(title, "")
}

pub(super) fn at_by(page: &Page, key: &str, who: &str, at: Timestamp) -> String {
    let shell = page.shell();
    shell.t2(key, "who", shell.zh(who), "time", moment(at))
}

pub(super) fn text<'a>(fields: &'a ProtectedPairs, name: &str) -> &'a str {
    fields.get(name).unwrap_or_default()
}
