//! Pages and interface of this context.

mod api;
mod change;
mod pages;
mod register;

use axum::Router;
use axum::routing::{get, post};
use tongban_webkit::Locale;
use utoipa::OpenApi as _;

/// The texts of this context, for [`tongban_webkit::WebBuilder::locale`].
pub const LOCALE: Locale = Locale {
    name: "licences",
    zh_cn: include_str!("../../locales/zh-CN/licences.ftl"),
    en: include_str!("../../locales/en/licences.ftl"),
    zh_hant_overrides: include_str!("../../locales/zh-Hant/licences.ftl"),
};

/// Everything that is served; to be put under [`tongban_webkit::Web::serve`].
pub fn router() -> Router {
    Router::new()
        .route("/verify", get(pages::verify))
        .route("/my/licences", get(pages::mine))
        .route("/licences/{id}/file", get(pages::file))
        .route("/licences/{id}/signed", get(pages::signed))
        .route("/work/licences", get(register::list))
        .route("/work/licences/{id}", get(register::show))
        .route(
            "/work/licences/{id}/change",
            get(change::ask).post(change::send),
        )
        .route("/api/v1/licences", get(api::list))
        .route("/api/v1/licences/{identifier}", get(api::one))
        .route("/api/v1/licences/{identifier}/changes", post(api::change))
        .route(
            "/api/v1/licences/{identifier}/verification",
            get(api::verification),
        )
}

#[derive(utoipa::OpenApi)]
#[openapi(
    paths(api::verification, api::list, api::one, api::change),
    components(schemas(
        crate::Verification,
        api::LicenceBody,
        api::LicenceVersion,
        api::LicenceEntry,
        api::NewChange,
        api::Changed
    ))
)]
struct Api;

/// The part of the OpenAPI document that describes this context.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}
