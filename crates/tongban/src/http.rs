//! What only the binary can serve: the transparency log and proof bundles.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tongban_webkit::{Ctx, Failure};

use crate::translog::{self, Tree};

/// Routes of the log (C2SP tlog-tiles) and of the proof of a case. `/tlog/<year>/…` is the log of a year, `/tlog/…` the one that
/// grows.
pub(crate) fn router() -> Router {
    let mut router = Router::new()
        .route("/tlog/policy", get(policy))
        .route("/cases/{project_no}/proof.json", get(proof))
        .route("/api/v1/cases/{project_no}/proof", get(proof));
    for (tree, below) in [(Tree::Sha256, ""), (Tree::Sm3, "/sm3")] {
        router = router
            .route(
                &format!("/tlog{below}/checkpoint"),
                get(move |ctx: Ctx| checkpoint(ctx, None, tree)),
            )
            .route(
                &format!("/tlog/{{year}}{below}/checkpoint"),
                get(move |ctx: Ctx, Path(year): Path<String>| checkpoint(ctx, Some(year), tree)),
            )
            .route(
                &format!("/tlog{below}/tile/{{*path}}"),
                get(move |ctx: Ctx, Path(path): Path<String>| tile(ctx, None, path, tree)),
            )
            .route(
                &format!("/tlog/{{year}}{below}/tile/{{*path}}"),
                get(
                    move |ctx: Ctx, Path((year, path)): Path<(String, String)>| {
                        tile(ctx, Some(year), path, tree)
                    },
                ),
            );
    }
    router
}

/// Four digits; anything else is no log of ours.
fn year(text: Option<String>) -> tongban_kernel::Result<Option<i64>> {
    text.map(|text| {
        let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|_| digits)
            .ok_or_else(tongban_kernel::Error::not_found)
    })
    .transpose()
}

async fn policy(ctx: Ctx) -> Result<Response, Failure> {
    let text = translog::policy(&ctx).await?;
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, text).into_response())
}

async fn checkpoint(ctx: Ctx, of: Option<String>, tree: Tree) -> Result<Response, Failure> {
    let note = translog::checkpoint(&ctx, year(of)?, tree).await?;
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, note).into_response())
}

async fn tile(ctx: Ctx, of: Option<String>, path: String, tree: Tree) -> Result<Response, Failure> {
    let served = translog::tile(&ctx, year(of)?, tree, &format!("tile/{path}")).await?;
    // A tile never changes; partial ones are other names. Without the year the name means another log after New Year.
    let cache = match served.fresh {
        None => "public, max-age=31536000, immutable".to_owned(),
        Some(0) => "no-cache".to_owned(),
        Some(seconds) => format!("public, max-age={seconds}"),
    };
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CACHE_CONTROL, cache),
    ];
    Ok((headers, served.bytes).into_response())
}

async fn proof(ctx: Ctx, Path(project_no): Path<String>) -> Result<Response, Failure> {
    let provable = tongban_cases::provable_case(&ctx, &project_no).await?;
    let number = provable.project_no.clone();
    let bundle = translog::bundle(&ctx, provable).await?;
    let json = bundle
        .to_json()
        .map_err(|source| tongban_kernel::Error::internal(format!("bundle: {source}")))?;
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"proof-{number}.json\""),
        ),
    ];
    Ok((headers, json).into_response())
}
