//! Pages and interface of this context.

mod api;
mod rating;
mod rectifications;
mod work;

use axum::Router;
use axum::routing::{get, post};
use tongban_webkit::Locale;
use utoipa::OpenApi as _;

/// The texts of this context, for [`tongban_webkit::WebBuilder::locale`].
pub const LOCALE: Locale = Locale {
    name: "oversight",
    zh_cn: include_str!("../../locales/zh-CN/oversight.ftl"),
    en: include_str!("../../locales/en/oversight.ftl"),
    zh_hant_overrides: include_str!("../../locales/zh-Hant/oversight.ftl"),
};

/// Everything that is served; to be put under [`tongban_webkit::Web::serve`].
pub fn router() -> Router {
    Router::new()
        .route(
            "/cases/{project_no}/rating",
            get(rating::show).post(rating::give),
        )
        .route("/work/ratings", get(work::list))
        .route("/work/rectifications", get(rectifications::list))
        .route(
            "/work/rectifications/{rating}",
            get(rectifications::show).post(rectifications::send),
        )
        .route("/api/v1/cases/{project_no}/rating", post(api::give))
}

#[derive(utoipa::OpenApi)]
#[openapi(paths(api::give), components(schemas(api::NewRating, api::Given)))]
struct Api;

/// The part of the OpenAPI document that describes this context.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}
