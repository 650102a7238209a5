//! Pages and interface of the catalogue: search, lists, guides, blank forms, the quality report for officers.
//!
//! The binary wires a [`SearchIndex`] and a [`Shelf`](crate::Shelf), fills the index with [`reindex`] and subscribes
//! [`on_item_published`] to the outbox.

mod api;
mod guide;
mod index;
mod lists;
mod overview;
mod quality;
mod row;
mod sample;
mod search;
mod themes;

use axum::Router;
use axum::routing::get;
use tongban_webkit::Locale;
use tongban_webkit::http::encode;

pub use index::{SearchIndex, index_item, on_item_published, reindex, reindex_once};
pub use overview::{OrganTile, Overview, ThemeTile, overview};

/// The routes of this context.
pub fn router() -> Router {
    Router::new()
        .route("/search", get(search::page))
        .route("/search/suggest", get(search::suggest))
        .route("/items", get(lists::all))
        .route("/person", get(lists::person))
        .route("/enterprise", get(lists::enterprise))
        .route("/organs", get(lists::organs))
        .route("/organs/{code}", get(lists::organ))
        .route("/items/{code}", get(guide::page))
        .route("/items/{code}/form-sample", get(sample::page))
        .route("/work/catalogue", get(quality::page))
        .route("/api/v1/items", get(api::items))
        .route("/api/v1/items/{code}", get(api::item))
        .route("/api/v1/search", get(api::search))
}

/// The texts of this context.
pub fn locale() -> Locale {
    Locale {
        name: "catalogue",
        zh_cn: include_str!("../../locales/zh-CN/catalogue.ftl"),
        en: include_str!("../../locales/en/catalogue.ftl"),
        zh_hant_overrides: "",
    }
}

/// `text` as one piece of a path.
fn piece(text: &str) -> String {
    encode([("", text)]).split_off(1)
}

/// The address of the guide of an item.
pub fn item_href(code: &str) -> String {
    format!("/items/{}", piece(code))
}
