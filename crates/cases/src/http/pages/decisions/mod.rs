//! `/admin/decisions`: the administration of decisions.

mod list;
mod sheet;
mod table;
mod trial;
mod upload;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tongban_webkit::Page;

use super::processes::{Version, at_by, hash, short, text};
use crate::service::DECISION_BYTES_MAX;

pub(super) fn router() -> Router {
    Router::new()
        .route("/admin/decisions", get(list::show))
        .route(
            "/admin/decisions/uploads",
            get(upload::form)
                .post(upload::send)
                .layer(DefaultBodyLimit::max(DECISION_BYTES_MAX + (1 << 20))),
        )
        .route("/admin/decisions/{hash}", get(sheet::show))
        .route("/admin/decisions/{hash}/dmn", get(sheet::download))
        .route("/admin/decisions/{hash}/publication", post(sheet::publish))
        .route("/admin/decisions/{hash}/trial", post(trial::send))
}

fn titled(page: &Page, title: &str) -> Page {
    let decisions = page.shell().t("de-title");
    page.clone()
        .titled(title)
        .nav("decisions")
        .crumb(decisions, "/admin/decisions")
        .crumb(title, "")
}
