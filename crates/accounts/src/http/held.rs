//! A form that arrives without a session: held in the browser over the log-in, then sent again.

use askama::Template;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts as _, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method, StatusCode};
use tongban_kernel::Actor;
use tongban_webkit::http::{local_path, pairs};
use tongban_webkit::{Ctx, Page, PageShell};

use super::login::{self, Asked};

/// Larger forms are not held (bytes).
const MOST_BYTES: usize = 256 << 10;
const MOST_FIELDS: usize = 1_500;
/// Before the names of held fields on the log-in page.
const PREFIX: &str = "held.";
/// The address that was posted to.
const TO: &str = "held-to";

/// What was posted, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) to: String,
    pub(super) fields: Vec<(String, String)>,
}

/// What a log-in form carries along.
pub(super) fn read(form: &[(String, String)]) -> Option<Held> {
    let to = form.iter().find(|(name, _)| name == TO)?;
    let to = local_path(&to.1).to_owned();
    let fields = form.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix(PREFIX)?;
        Some((name.to_owned(), value.clone()))
    });
    Some(Held {
        fields: fields.collect(),
        to,
    })
}

#[derive(Template)]
#[template(path = "again.html")]
struct AgainPage<'a> {
    shell: &'a PageShell,
    held: &'a Held,
}

/// After the log-in: one press sends the form again, with the new account's token.
pub(super) fn again(page: Page, held: &Held) -> Response {
    let page = page.clone().titled(page.shell().t("again-title"));
    page.html(&AgainPage {
        shell: page.shell(),
        held,
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("")
}

/// The layer: runs the request; if it is refused because nobody is logged in, answers with the log-in page and what was
/// posted inside.
pub(super) async fn keep(request: Request, next: Next) -> Response {
    let asked = request.method() == Method::POST
        && !matches!(request.uri().path(), "/login" | "/logout" | "/prefs")
        // Browsers say where a post comes from, and the floor has judged it; what does not say is not held.
        && (request.headers().contains_key("origin") || request.headers().contains_key("sec-fetch-site"));
    if !asked {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let (page, ctx) = match (
        Page::from_request_parts(&mut parts, &()).await,
        Ctx::from_request_parts(&mut parts, &()).await,
    ) {
        (Ok(page), Ok(ctx)) if ctx.actor == Actor::Anonymous && !page.wants_json() => (page, ctx),
        _ => return next.run(Request::from_parts(parts, body)).await,
    };
    let to = local_path(page.shell().here.as_str()).to_owned();
    let kind = text(&parts.headers, CONTENT_TYPE.as_str()).to_owned();
    let from = referrer(&parts.headers);
    let length = text(&parts.headers, CONTENT_LENGTH.as_str()).parse::<usize>();
    let small = kind.starts_with("application/x-www-form-urlencoded")
        && length.is_ok_and(|length| length <= MOST_BYTES);
    let (body, fields) = if small {
        let Ok(bytes) = to_bytes(body, MOST_BYTES).await else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        let fields = pairs(&bytes, MOST_FIELDS).ok();
        (Body::from(bytes), fields)
    } else {
        (body, None)
    };
    let response = next.run(Request::from_parts(parts, body)).await;
    if !matches!(
        response.status(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    ) {
        return response;
    }
    let held = fields.map(|mut fields| {
        fields.retain(|(name, _)| name != "csrf");
        Held { to, fields }
    });
    let asked = Asked {
        lost_files: held.is_none(),
        next: from,
        held,
        ..Asked::default()
    };
    login::page(&page, &ctx, &asked, StatusCode::UNAUTHORIZED)
}

/// The page on this site that the form stood on.
fn referrer(headers: &HeaderMap) -> String {
    let host = text(headers, "host");
    let path = text(headers, "referer")
        .split_once("://")
        .and_then(|(_, rest)| rest.strip_prefix(host))
        .filter(|path| !host.is_empty() && path.starts_with('/'))
        .unwrap_or("");
    if path.is_empty() {
        String::new()
    } else {
        local_path(path).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_held_fields_are_sent_again_and_only_to_this_site() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let form = [
            pair("login", "x"),
            pair("held-to", "/apply/1"),
            pair("held.area", "86.5"),
            pair("held.area", "87"),
        ];
        let held = read(&form).expect("held");
        assert_eq!(held.to, "/apply/1");
        assert_eq!(held.fields, [pair("area", "86.5"), pair("area", "87")]);
        assert_eq!(read(&form[..1]), None);
        let evil = read(&[pair("held-to", "//evil.example")]).expect("held");
        assert_eq!(evil.to, "/");
    }
}
