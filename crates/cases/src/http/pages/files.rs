//! Files, documents and the flow picture, for whoever may see the draft or case.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use tongban_webkit::http::encode;
use tongban_webkit::{Ctx, Failure, Page};

use crate::http::words::id;
use crate::service::{case_document_bytes, case_file_bytes, case_flow, draft_file_bytes};

/// The bytes as `kind`, shown in place under `name`.
pub(crate) fn inline(kind: &str, name: &str, bytes: Vec<u8>) -> Response {
    as_file("inline", kind, name, bytes)
}

/// The bytes as `kind`, a file to keep and no page of this site.
pub(crate) fn attached(kind: &str, name: &str, bytes: Vec<u8>) -> Response {
    as_file("attachment", kind, name, bytes)
}

fn as_file(how: &'static str, kind: &str, name: &str, bytes: Vec<u8>) -> Response {
    // RFC 6266 / RFC 8187: `encode` percent-encodes everything outside the unreserved set.
    let encoded = encode([("n", name)]);
    let name = encoded.strip_prefix("n=").unwrap_or_default();
    let header = |text: &str, otherwise: &'static str| {
        HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(otherwise))
    };
    let headers: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_TYPE, header(kind, "application/octet-stream")),
        (
            CONTENT_DISPOSITION,
            header(&format!("{how}; filename*=UTF-8''{name}"), how),
        ),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, bytes).into_response()
}

pub(super) async fn draft_file(
    ctx: Ctx,
    Path((draft, file)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (file, bytes) = draft_file_bytes(&ctx, id(&draft)?, id(&file)?).await?;
    Ok(inline(&file.media_type, &file.name, bytes))
}

pub(super) async fn case_file(
    ctx: Ctx,
    Path((number, file)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (file, bytes) = case_file_bytes(&ctx, &number, id(&file)?).await?;
    Ok(inline(&file.media_type, &file.name, bytes))
}

pub(super) async fn document(
    ctx: Ctx,
    Path((number, document)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (document, bytes) = case_document_bytes(&ctx, &number, id(&document)?).await?;
    let name = format!("{} {}.pdf", document.title, document.number);
    Ok(inline("application/pdf", &name, bytes))
}

/// The style of the picture, and nothing else.
const FLOW_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
);

/// `GET /cases/{no}/flow.svg`: a picture of its own carries its own look, which no style sheet of a page reaches.
pub(super) async fn flow(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let svg = super::flow::alone(page.shell(), &case_flow(&ctx, &number).await?);
    let style = tongban_webkit::assets::text("flow.css");
    let styled = match svg.split_once('>') {
        Some((root, rest)) => format!("{root}><style>{style}</style>{rest}"),
        None => svg,
    };
    let name = format!("{number}.svg");
    let mut response = inline("image/svg+xml", &name, styled.into_bytes());
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, FLOW_POLICY);
    Ok(response)
}
