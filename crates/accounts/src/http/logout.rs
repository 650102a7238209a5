//! `POST /logout`.

use axum::Extension;
use axum::response::Response;
use http::HeaderMap;
use tongban_webkit::{Ctx, Failure, Page, ProtectedPairs, Web};

use super::{session_cookie, token_of};
use crate::service;

/// Ends the session and forgets the cookie.
pub(super) async fn submit(
    page: Page,
    ctx: Ctx,
    Extension(web): Extension<Web>,
    headers: HeaderMap,
    _: ProtectedPairs,
) -> Result<Response, Failure> {
    if let Some(token) = token_of(&web, &headers) {
        service::log_out(&ctx, &token).await?;
    }
    Ok(page.with_cookie(session_cookie(&web, "")).see_other("/"))
}
