//! `/api/v1/covers`.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_kernel::{CoverId, Error};
use tongban_webkit::api::created;
use tongban_webkit::{
    ApiJson, ApiResult, Ctx, Failure, IdempotencyKey, List, PageParams, bad_page,
};

use crate::model::{Cover, NameCover};
use crate::service;

/// Who covers for whom, and when.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCover {
    absent: String,
    cover: String,
    from: Date,
    to: Date,
    reason: String,
}

/// An arrangement.
#[derive(Serialize)]
pub(super) struct CoverBody {
    cover_no: String,
    absent: String,
    absent_name: String,
    cover: String,
    cover_name: String,
    from: String,
    to: String,
    reason: String,
    named_by: String,
    state: &'static str,
}

/// An arrangement just made.
#[derive(Serialize)]
struct Named {
    cover_no: String,
}

fn body(one: &Cover, today: Date) -> CoverBody {
    CoverBody {
        cover_no: one.id.to_string(),
        absent: one.absent.to_string(),
        absent_name: one.absent_name.clone(),
        cover: one.cover.to_string(),
        cover_name: one.cover_name.clone(),
        from: one.from.to_string(),
        to: one.to.to_string(),
        reason: one.reason.clone(),
        named_by: one.named_by.clone(),
        state: one.state(today).key(),
    }
}

/// `GET /api/v1/covers`.
pub(super) async fn list(ctx: Ctx, page: PageParams) -> ApiResult<List<CoverBody>> {
    let before: Option<CoverId> = match &page.after {
        None => None,
        Some(cursor) => Some(
            cursor
                .0
                .first()
                .and_then(|text| text.parse().ok())
                .ok_or_else(bad_page)?,
        ),
    };
    let covers = service::list_covers(&ctx, before, page.limit + 1).await?;
    let found = List::of(covers, &page, |one| vec![one.id.to_string()]);
    let today = ctx.clock.today();
    Ok(ApiJson(List {
        items: found.items.iter().map(|one| body(one, today)).collect(),
        next: found.next,
    }))
}

/// `POST /api/v1/covers`.
pub(super) async fn name(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(new): ApiJson<NewCover>,
) -> Result<Response, Failure> {
    let what = NameCover {
        absent: new.absent.parse().map_err(|_| Error::not_found())?,
        cover: new.cover.parse().map_err(|_| Error::not_found())?,
        from: new.from,
        to: new.to,
        reason: new.reason,
    };
    let id = service::name_cover(&ctx, &key, what).await?;
    let cover_no = id.to_string();
    Ok(created("/api/v1/covers", Named { cover_no }))
}

/// `POST /api/v1/covers/{cover}/end`.
pub(super) async fn end(
    ctx: Ctx,
    Path(cover): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<StatusCode, Failure> {
    let cover = cover.parse().map_err(|_| Error::not_found())?;
    service::end_cover(&ctx, &key, cover).await?;
    Ok(StatusCode::NO_CONTENT)
}
