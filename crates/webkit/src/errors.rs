//! The one place where kinds of errors become HTTP: a full page for people, `application/problem+json` (RFC 9457) for
//! programs. Handlers hand over the error; the outermost layer, which knows language and request, dresses it.

use std::sync::Arc;

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use serde::Serialize;
use tongban_kernel::{Error, ErrorKind, FieldProblem};
use utoipa::ToSchema;

use crate::page::Page;
use crate::shell::PageShell;

/// Status of each kind. "Not yours" never gets here: it is `NotFound` from the start.
pub const fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::NotAllowed => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Limited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The part of the text keys that names the kind.
const fn word_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid => "invalid",
        ErrorKind::Unauthenticated => "unauthenticated",
        ErrorKind::NotAllowed => "not-allowed",
        ErrorKind::NotFound => "not-found",
        ErrorKind::Conflict => "conflict",
        ErrorKind::TooLarge => "too-large",
        ErrorKind::Limited => "limited",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::StorageFull => "storage-full",
        ErrorKind::Internal => "internal",
    }
}

/// The code of a request refused because it did not come from this site.
pub(crate) const FORGERY: &str = "request.forgery";
/// The code of a wrong method.
pub(crate) const METHOD: &str = "request.method";

/// An error on its way to the layer that dresses it. Every rejection and every handler may answer with it.
#[derive(Debug)]
pub struct Failure {
    error: Error,
    status: Option<StatusCode>,
}

impl Failure {
    pub(crate) fn internal(context: &str) -> Self {
        Error::internal(context).into()
    }
    pub(crate) fn forgery() -> Self {
        Error::not_allowed(FORGERY, "为了您的安全，没有处理这次提交").into()
    }
    /// With a status that no kind has (400, 405, 408, 415 …).
    pub(crate) fn with_status(error: Error, status: StatusCode) -> Self {
        Self {
            error,
            status: Some(status),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            status: None,
        }
    }
}

/// The error inside an answer that is still to be dressed.
#[derive(Clone)]
pub(crate) struct Undressed(pub(crate) Arc<Error>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.status.unwrap_or_else(|| status_of(self.error.kind()));
        let mut response = status.into_response();
        response
            .extensions_mut()
            .insert(Undressed(Arc::new(self.error)));
        response
    }
}

/// The error that a bare status of the framework stands for.
pub(crate) fn from_status(status: StatusCode) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Error::invalid(METHOD, "这个地址不接受这种请求"),
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(
            ErrorKind::TooLarge,
            "request.too-large",
            "提交的内容超过了允许的大小",
        ),
        StatusCode::UNAUTHORIZED => Error::unauthenticated(),
        StatusCode::FORBIDDEN => Error::not_allowed("request.forbidden", "不允许这样访问"),
        StatusCode::CONFLICT => Error::conflict("request.conflict", "内容已经有了变化"),
        StatusCode::TOO_MANY_REQUESTS => Error::limited("操作太频繁，请稍后再试"),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => {
            Error::unavailable("answered by the framework")
        }
        status if status.is_client_error() => {
            Error::invalid("request.unreadable", "无法识别提交的内容")
        }
        _ => Error::internal("answered by the framework"),
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// `/problems/` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// The sentence for the person.
    pub detail: String,
    /// The request, `urn:tongban:request:req_…`.
    pub instance: String,
    /// Stable code, e.g. `case.already-decided`.
    pub code: String,
    /// What can be done now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// What was saved all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved: Option<String>,
    /// Problems of single fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub errors: Vec<FieldProblem>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    shell: &'a PageShell,
    status: u16,
    title: String,
    /// Our general explanation.
    text: String,
    /// The sentence of this very error, if it says more.
    detail: String,
    problems: &'a [FieldProblem],
    advice: String,
    saved: String,
    at: String,
    login: bool,
    home: &'static str,
}

/// The words of an error in the language of the page.
struct Words {
    title: String,
    text: String,
    advice: String,
}

fn words(shell: &PageShell, error: &Error) -> Words {
    let word = match error.code() {
        FORGERY => "forgery",
        METHOD => "method",
        _ => word_of(error.kind()),
    };
    let advice = error.advice_text().map_or_else(
        || shell.t(&format!("err-{word}-do")),
        |advice| shell.zh(advice),
    );
    Words {
        title: shell.t(&format!("err-{word}-title")),
        text: shell.t(&format!("err-{word}-text")),
        advice,
    }
}

/// The problem document for `error`.
pub(crate) fn problem(shell: &PageShell, error: &Error, status: StatusCode) -> Problem {
    let words = words(shell, error);
    Problem {
        kind: format!("/problems/{}", error.code()),
        title: words.title,
        status: status.as_u16(),
        detail: shell.zh(error.message()),
        instance: format!("urn:tongban:request:{}", shell.request),
        code: error.code().to_owned(),
        advice: error.advice_text().map(|advice| shell.zh(advice)),
        saved: error.saved_text().map(|saved| shell.zh(saved)),
        errors: error.field_problems().to_vec(),
    }
}

/// The answer for `error`, as a page or as a problem document.
pub(crate) fn dress(page: &Page, error: &Error, status: StatusCode, method: &Method) -> Response {
    let shell = page.shell();
    let mut response = if page.wants_json() {
        let body = serde_json::to_string(&problem(shell, error, status)).unwrap_or_default();
        (
            [(
                CONTENT_TYPE,
                HeaderValue::from_static("application/problem+json"),
            )],
            body,
        )
            .into_response()
    } else if error.kind() == ErrorKind::Unauthenticated
        && *method == Method::GET
        && !shell.site.login_href.is_empty()
    {
        // A person who is not logged in is taken to the log-in and comes back afterwards.
        let target =
            HeaderValue::from_str(&shell.login_href()).unwrap_or(HeaderValue::from_static("/"));
        return (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response();
    } else {
        error_page(page, error, status, method)
    };
    *response.status_mut() = status;
    let headers = response.headers_mut();
    match error.kind() {
        ErrorKind::Limited => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("60"));
        }
        ErrorKind::Unavailable => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("30"));
        }
        ErrorKind::Unauthenticated => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response
}

fn error_page(page: &Page, error: &Error, status: StatusCode, method: &Method) -> Response {
    let shell = page.shell();
    let words = words(shell, error);
    let saved = match error.saved_text() {
        Some(saved) => shell.zh(saved),
        None if method.is_safe() => shell.t("err-nothing-changed"),
        None => shell.t("err-not-saved"),
    };
    let staff = shell.user.as_ref().is_some_and(|user| user.staff);
    let view = ErrorPage {
        shell,
        status: status.as_u16(),
        title: words.title.clone(),
        text: words.text,
        // The general kinds repeat themselves; a precise one adds what happened here.
        detail: if error.code().contains('.')
            && !matches!(error.code(), FORGERY | METHOD | "session.none")
        {
            shell.zh(error.message())
        } else {
            String::new()
        },
        problems: error.field_problems(),
        advice: words.advice,
        saved,
        at: page.now_text(),
        login: error.kind() == ErrorKind::Unauthenticated && !shell.site.login_href.is_empty(),
        home: if staff { "/work" } else { "/" },
    };
    let content = crate::ui::render(&view);
    page.framed(&content, Some(words.title), staff)
}

/// What is wrong with `field`, to be shown beside it; empty if nothing is.
pub fn error_of(problems: &[FieldProblem], field: &str) -> String {
    problems
        .iter()
        .find(|problem| problem.field == field)
        .map(|problem| problem.message.clone())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_status_and_words() {
        let kinds = [
            (ErrorKind::Invalid, 422),
            (ErrorKind::Unauthenticated, 401),
            (ErrorKind::NotAllowed, 403),
            (ErrorKind::NotFound, 404),
            (ErrorKind::Conflict, 409),
            (ErrorKind::TooLarge, 413),
            (ErrorKind::Limited, 429),
            (ErrorKind::Unavailable, 503),
            (ErrorKind::StorageFull, 507),
            (ErrorKind::Internal, 500),
        ];
        let catalog = crate::i18n::Catalog::new(&[]).expect("own texts are sound");
        for (kind, status) in kinds {
            assert_eq!(status_of(kind).as_u16(), status);
            for part in ["title", "text", "do"] {
                let key = format!("err-{}-{part}", word_of(kind));
                assert!(catalog.find(crate::Lang::En, &key, &[]).is_some(), "{key}");
            }
        }
    }

    #[test]
    fn bare_statuses_of_the_framework_become_errors_of_the_same_status() {
        for status in [404, 413, 401, 403, 409, 429, 503, 500] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(status_of(from_status(status).kind()), status);
        }
        assert_eq!(from_status(StatusCode::METHOD_NOT_ALLOWED).code(), METHOD);
    }
}
