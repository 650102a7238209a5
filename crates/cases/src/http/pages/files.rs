//! Files, documents and the flow picture, for whoever may see the draft or case.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use tongban_webkit::http::encode;
use tongban_webkit::{Ctx, Failure};

use crate::http::words::id;
use crate::service::{case_document_bytes, case_file_bytes, case_picture, draft_file_bytes};

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

/// A picture of its own carries its own look; on a page it is an image, which no style sheet reaches.
const FLOW_STYLE: &str = "<style>text{font:12px 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;fill:#17202e}\
.lane,.frame{fill:#f5f7fa;stroke:#d5dce5}.lane-name{fill:#4d5a6b}\
.node>rect,.node>circle,.node>polygon,.node>path{fill:#fff;stroke:#5f6b7c;stroke-width:1.5}\
.node .sign{fill:none;stroke:#5f6b7c;stroke-width:2}\
.flow polyline{fill:none;stroke:#8a96a6;stroke-width:1.5}.arrow path{fill:#8a96a6}\
.is-done>rect,.is-done>circle,.is-done>polygon,.is-done>path{fill:#e1f4ea;stroke:#128049}\
.flow.is-done polyline{stroke:#128049}\
.is-current>rect,.is-current>circle,.is-current>polygon{fill:#e1ecfb;stroke:#1258c4;stroke-width:2.5}\
.is-stopped>rect,.is-stopped>circle,.is-stopped>polygon{fill:#fde8e8;stroke:#c8212a}</style>";
/// The style above, and nothing else.
const FLOW_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
);

pub(super) async fn flow(ctx: Ctx, Path(number): Path<String>) -> Result<Response, Failure> {
    let svg = case_picture(&ctx, &number).await?;
    let styled = match svg.split_once('>') {
        Some((root, rest)) => format!("{root}>{FLOW_STYLE}{rest}"),
        None => svg,
    };
    let name = format!("{number}.svg");
    let mut response = inline("image/svg+xml", &name, styled.into_bytes());
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, FLOW_POLICY);
    Ok(response)
}
