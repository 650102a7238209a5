//! Pages and interface of this context: log-in and log-out, for whom one acts, sessions for programs.
//!
//! The binary installs [`Sessions`] as authenticator, merges [`router`], and puts [`keep_typed`] under the whole router.

mod acting_for;
mod api;
mod covers;
mod covers_api;
mod demo;
mod held;
mod login;
mod logout;
mod sessions;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use tongban_webkit::http::{CookieOptions, cookie, set_cookie};
use tongban_webkit::{Locale, Web};

pub use demo::{DemoAccount, DemoAccounts};
pub use sessions::Sessions;

/// The routes of this context.
pub fn router() -> Router {
    Router::new()
        .route("/login", get(login::show).post(login::submit))
        .route("/logout", post(logout::submit))
        .route(
            "/my/acting-for",
            get(acting_for::show).post(acting_for::submit),
        )
        .route("/work/covers", get(covers::show).post(covers::name))
        .route("/work/covers/{cover}/end", post(covers::end))
        .route(
            "/api/v1/covers",
            get(covers_api::list).post(covers_api::name),
        )
        .route("/api/v1/covers/{cover}/end", post(covers_api::end))
        .route("/api/v1/sessions", post(api::open))
        .route(
            "/api/v1/sessions/current",
            get(api::current).delete(api::close),
        )
}

/// Puts a net under the forms of `router`: what somebody posts after their session has ended is not lost, but comes back as
/// a log-in page that holds it; after the log-in the same post is made again.
pub fn keep_typed(router: Router) -> Router {
    router.layer(from_fn(held::keep))
}

/// The texts of this context.
pub fn locale() -> Locale {
    Locale {
        name: "accounts",
        zh_cn: concat!(
            include_str!("../../locales/zh-CN/accounts.ftl"),
            include_str!("../../locales/zh-CN/covers.ftl")
        ),
        en: concat!(
            include_str!("../../locales/en/accounts.ftl"),
            include_str!("../../locales/en/covers.ftl")
        ),
        zh_hant_overrides: "",
    }
}

/// The session token that a request brings: of the program, else of the browser.
fn token_of(web: &Web, headers: &HeaderMap) -> Option<String> {
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.strip_prefix("Bearer "))
        .map(|token| token.trim().to_owned());
    bearer.or_else(|| cookie(headers, web.session_cookie()))
}

/// The cookie that carries `token`; an empty one ends it.
fn session_cookie(web: &Web, token: &str) -> String {
    let options = CookieOptions {
        secure: web.secure(),
        max_age: token.is_empty().then_some(0),
    };
    set_cookie(web.session_cookie(), token, options)
}
