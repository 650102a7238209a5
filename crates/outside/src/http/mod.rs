//! Pages of whoever manages systems, the same as JSON, and what systems call.

mod api;
mod inbound;
mod pages;

use axum::Router;
use axum::routing::{get, post};
use tongban_webkit::Locale;

/// The texts of this context.
pub const LOCALE: Locale = Locale {
    name: "outside",
    zh_cn: include_str!("../../locales/zh-CN/outside.ftl"),
    en: include_str!("../../locales/en/outside.ftl"),
    zh_hant_overrides: "",
};

/// Everything that is served.
pub fn router() -> Router {
    Router::new()
        .route(
            "/admin/outside-systems",
            get(pages::list).post(pages::create),
        )
        .route(
            "/admin/outside-systems/{system}",
            get(pages::show).post(pages::change),
        )
        .route("/admin/outside-systems/{system}/keys", post(pages::rotate))
        .route("/admin/outside-systems/{system}/tests", post(pages::test))
        .route(
            "/admin/outside-systems/{system}/deliveries/{delivery}/replays",
            post(pages::replay),
        )
        .route("/api/v1/outside-systems", get(api::list).post(api::create))
        .route(
            "/api/v1/outside-systems/{system}",
            get(api::one).put(api::replace),
        )
        .route("/api/v1/outside-systems/{system}/keys", post(api::rotate))
        .route("/api/v1/outside-systems/{system}/tests", post(api::test))
        .route(
            "/api/v1/outside-systems/{system}/deliveries",
            get(api::deliveries),
        )
        .route(
            "/api/v1/outside-systems/{system}/deliveries/{delivery}/replays",
            post(api::replay),
        )
        .route("/api/v1/outside/{code}/looks", post(inbound::look))
        .route("/api/v1/outside/{code}/reports", post(inbound::report))
        .route("/api/v1/outside/{code}/messages", post(inbound::message))
}
