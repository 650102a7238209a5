//! Pages that belong to no single context: home, the published bundles, help and statements.

mod bundles;
mod health;
mod home;
mod proof;
mod statements;

use axum::Router;
use axum::routing::{get, post};
use tongban_webkit::{Locale, Page};

/// The routes of these pages.
pub fn router() -> Router {
    Router::new()
        .route("/", get(home::page))
        .route("/bundles", get(bundles::page))
        .route("/cases/{project_no}/proof", get(proof::page))
        .route("/admin/health", get(health::show))
        .route("/admin/health/retries", post(health::again))
        .route(
            "/help",
            get(|page: Page| async { statements::show(page, &statements::HELP) }),
        )
        .route(
            "/help/questions",
            get(|page: Page| async { statements::show(page, &statements::QUESTIONS) }),
        )
        .route(
            "/feedback",
            get(|page: Page| async { statements::show(page, &statements::FEEDBACK) }),
        )
        .route(
            "/accessibility",
            get(|page: Page| async { statements::show(page, &statements::ACCESSIBILITY) }),
        )
        .route(
            "/privacy",
            get(|page: Page| async { statements::show(page, &statements::PRIVACY) }),
        )
        .route(
            "/open-data",
            get(|page: Page| async { statements::show(page, &statements::OPEN_DATA) }),
        )
        .route(
            "/verify/record",
            get(|page: Page| async { statements::show(page, &statements::RECORD) }),
        )
        .route("/sitemap", get(statements::sitemap))
        .route(
            "/site-map",
            get(|page: Page| async move { page.see_other("/sitemap") }),
        )
}

/// The texts of these pages.
pub fn locale() -> Locale {
    Locale {
        name: "tongban",
        zh_cn: include_str!("../../locales/zh-CN/pages.ftl"),
        en: include_str!("../../locales/en/pages.ftl"),
        zh_hant_overrides: "",
    }
}
