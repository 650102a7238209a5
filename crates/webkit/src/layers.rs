//! What stands around every request, in one function so that the order can be read: id → origin → time limit → handler →
//! error page → compression → security headers → counters and access log.

use std::any::Any;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, HttpBody as _};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tongban_kernel::{Error, ErrorKind};

use crate::assets::{Coding, coding};
use crate::csrf;
use crate::errors::{Failure, Undressed, dress, from_status};
use crate::page::Page;
use crate::session::{RequestMeta, Session, load};
use crate::web::Web;

/// No inline script or style anywhere, nothing from elsewhere, no framing.
const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
     media-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
);
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");
/// Smaller answers are not worth compressing, larger ones not worth holding.
const COMPRESS: std::ops::RangeInclusive<u64> = 860..=4_194_304;

/// The answer of a handler that panicked, before it is dressed.
pub(crate) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panic without a text");
    Failure::from(Error::internal(format!("panic: {text}"))).into_response()
}

/// Everything around a request.
pub(crate) async fn around(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let base = web.base();
    let id = base.ids.id(base.now());
    request.extensions_mut().insert(RequestMeta { id });
    let (parts, body) = request.into_parts();
    let route = parts
        .extensions
        .get::<MatchedPath>()
        .map_or("(none)", |path| path.as_str())
        .to_owned();
    let spare = parts.clone();

    // No address of ours holds a NUL, and PostgreSQL could not even look for it.
    let sound =
        !parts.uri.path().contains("%00") && !parts.uri.query().unwrap_or("").contains("%00");
    let request = Request::from_parts(parts, body);
    let mut response = if !sound {
        let error = Error::invalid("request.unreadable", "无法识别提交的内容");
        Failure::with_status(error, StatusCode::BAD_REQUEST).into_response()
    } else if csrf::from_this_origin(request.method(), request.headers()) {
        match tokio::time::timeout(web.limits().time, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Failure::from(Error::unavailable("time limit")).into_response(),
        }
    } else {
        Failure::forgery().into_response()
    };
    response = dressed(spare.clone(), response).await;
    response = compressed(&spare.headers, &spare.method, response).await;
    protect(&web, &mut response, &id.to_string());

    let status = response.status().as_u16();
    let took = start.elapsed();
    web.metrics()
        .request(spare.method.as_str(), &route, status, took);
    // The route's template and no query: a log line must not hold anybody's number.
    tracing::info!(target: "access", request = %id, method = %spare.method, route, status, ms = took.as_millis() as u64);
    response
}

/// Gives errors their page or problem document.
async fn dressed(mut parts: Parts, mut response: Response) -> Response {
    let status = response.status();
    let error = response
        .extensions_mut()
        .remove::<Undressed>()
        .map(|undressed| undressed.0);
    let error = match error {
        Some(error) => error,
        None if status.is_client_error() || status.is_server_error() => {
            let kind = response
                .headers()
                .get(CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .unwrap_or("");
            // Only bare statuses and plain texts of the framework are replaced; a handler's own page stays.
            if !(kind.is_empty() || kind.starts_with("text/plain")) || parts.uri.path() == "/readyz"
            {
                return response;
            }
            Arc::new(from_status(status))
        }
        None => return response,
    };
    match error.kind() {
        ErrorKind::Internal | ErrorKind::StorageFull => {
            tracing::error!(%error, status = status.as_u16(), "request.failed")
        }
        ErrorKind::Unavailable => {
            tracing::warn!(%error, status = status.as_u16(), "request.failed")
        }
        _ => tracing::debug!(%error, status = status.as_u16(), "request.refused"),
    }
    let page = match load(&mut parts).await {
        Ok(loaded) => Page::build(&parts, &loaded.ctx, &loaded.session),
        // The store cannot be asked who this is: the page is still shown, to nobody in particular.
        Err(_) => anonymous(&parts),
    };
    let Ok(page) = page else {
        return status.into_response();
    };
    let allow = response.headers().get(http::header::ALLOW).cloned();
    let mut dressed = dress(&page, &error, status, &parts.method);
    if let Some(allow) = allow {
        dressed.headers_mut().insert(http::header::ALLOW, allow);
    }
    if parts.method == Method::HEAD {
        *dressed.body_mut() = Body::empty();
    }
    dressed
}

fn anonymous(parts: &Parts) -> Result<Page, Failure> {
    let web = crate::session::web(parts)?;
    let mut ctx = web.base().clone();
    if let Some(meta) = parts.extensions.get::<RequestMeta>() {
        ctx.request = meta.id;
    }
    Page::build(parts, &ctx, &Session::anonymous())
}

/// gzip for pages and documents whose length is known.
async fn compressed(asked: &HeaderMap, method: &Method, response: Response) -> Response {
    let accept = asked
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let texty = kind.starts_with("text/") && !kind.starts_with("text/event-stream")
        || kind.contains("json")
        || kind.contains("xml");
    let size = response.body().size_hint().exact().unwrap_or(0);
    let skip = !texty
        || !COMPRESS.contains(&size)
        || method == Method::HEAD
        || response.status() == StatusCode::PARTIAL_CONTENT
        || response.headers().contains_key(CONTENT_ENCODING)
        || coding(accept) == Coding::Identity
        || (coding(accept) == Coding::Brotli && !accept.contains("gzip") && !accept.contains('*'));
    if skip {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return Failure::internal("a body of known length could not be read").into_response();
    };
    let mut encoder = flate2::write::GzEncoder::new(
        Vec::with_capacity(bytes.len() / 3),
        flate2::Compression::new(5),
    );
    let Ok(packed) = encoder.write_all(&bytes).and_then(|()| encoder.finish()) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    parts
        .headers
        .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts
        .headers
        .append(VARY, HeaderValue::from_static("accept-encoding"));
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(packed))
}

/// The headers of every answer. A handler may set a stricter or other value itself.
fn protect(web: &Web, response: &mut Response, request: &str) {
    const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    set(CONTENT_SECURITY_POLICY, CSP);
    set(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    set(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    set(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    set(PERMISSIONS_POLICY, PERMISSIONS);
    set(COOP, HeaderValue::from_static("same-origin"));
    set(CORP, HeaderValue::from_static("same-origin"));
    set(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if web.secure() {
        set(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if let Ok(id) = HeaderValue::from_str(request) {
        set(REQUEST_ID, id);
    }
}
