//! Pages and interfaces of cases. One file per resource; handlers extract, call one use case and answer.
//!
//! Every write is POST → 303 → GET; a form with problems comes back as 422 with what was typed; nothing needs script.

mod api;
mod download;
mod pages;
mod words;

use axum::Router;
use tongban_webkit::Locale;

/// All routes of this context; to be put under [`tongban_webkit::Web::serve`].
pub fn router() -> Router {
    Router::new().merge(pages::router()).merge(api::router())
}

/// The texts of this context.
pub fn locale() -> Locale {
    Locale {
        name: "cases",
        zh_cn: concat!(
            include_str!("../../locales/zh-CN/cases.ftl"),
            include_str!("../../locales/zh-CN/processes.ftl"),
            include_str!("../../locales/zh-CN/outline.ftl"),
            include_str!("../../locales/zh-CN/acts.ftl"),
            include_str!("../../locales/zh-CN/outside.ftl"),
            include_str!("../../locales/zh-CN/record.ftl"),
            include_str!("../../locales/zh-CN/rules.ftl"),
            include_str!("../../locales/zh-CN/flow.ftl"),
            include_str!("../../locales/zh-CN/drawing.ftl"),
            include_str!("../../locales/zh-CN/advice.ftl"),
        ),
        en: concat!(
            include_str!("../../locales/en/cases.ftl"),
            include_str!("../../locales/en/processes.ftl"),
            include_str!("../../locales/en/outline.ftl"),
            include_str!("../../locales/en/acts.ftl"),
            include_str!("../../locales/en/outside.ftl"),
            include_str!("../../locales/en/record.ftl"),
            include_str!("../../locales/en/rules.ftl"),
            include_str!("../../locales/en/flow.ftl"),
            include_str!("../../locales/en/drawing.ftl"),
            include_str!("../../locales/en/advice.ftl"),
        ),
        zh_hant_overrides: "",
    }
}

/// The description of the interfaces of this context.
pub fn openapi() -> utoipa::openapi::OpenApi {
    api::openapi()
}
