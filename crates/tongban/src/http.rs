//! What only the binary can serve: the transparency log and proof bundles.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tongban_webkit::{Ctx, Failure};

use crate::translog::{self, Log, Tree};

/// Routes of the log (C2SP tlog-tiles) and of the proof of a case.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/tlog/policy", get(policy))
        .route(
            "/tlog/checkpoint",
            get(|ctx: Ctx| checkpoint(ctx, Tree::Sha256)),
        )
        .route(
            "/tlog/sm3/checkpoint",
            get(|ctx: Ctx| checkpoint(ctx, Tree::Sm3)),
        )
        .route(
            "/tlog/tile/{*path}",
            get(|ctx: Ctx, path: Path<String>| tile(ctx, path, Tree::Sha256)),
        )
        .route(
            "/tlog/sm3/tile/{*path}",
            get(|ctx: Ctx, path: Path<String>| tile(ctx, path, Tree::Sm3)),
        )
        .route("/cases/{project_no}/proof.json", get(proof))
        .route("/api/v1/cases/{project_no}/proof", get(proof))
}

async fn policy(ctx: Ctx) -> Result<Response, Failure> {
    let text = ctx.parts.get::<Log>()?.policy()?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

async fn checkpoint(ctx: Ctx, tree: Tree) -> Result<Response, Failure> {
    let note = translog::checkpoint(&ctx, tree).await?;
    Ok((
        [
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
            (CACHE_CONTROL, "no-cache"),
        ],
        note,
    )
        .into_response())
}

async fn tile(ctx: Ctx, Path(path): Path<String>, tree: Tree) -> Result<Response, Failure> {
    let bytes = translog::tile(&ctx, tree, &format!("tile/{path}")).await?;
    // A tile never changes; partial ones are other names.
    let headers = [
        (CONTENT_TYPE, "application/octet-stream"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
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
