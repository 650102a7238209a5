//! `/api/v1/tasks/{task}/delegation`: 委托 and its return.

use axum::extract::Path;
use serde::Deserialize;
use tongban_webkit::{ApiJson, ApiResult, Ctx, IdempotencyKey, List};
use utoipa::ToSchema;

use super::orders::{ReasonBody, ReceiverBody, done, receiver, whole, wish};
use super::shapes::DoneBody;
use crate::http::words::id;
use crate::service::{self, Delegate, EndDelegation};

/// Who is asked to do a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DelegationBody {
    /// Officer.
    to: String,
    reason: String,
}

#[utoipa::path(get, path = "/api/v1/tasks/{task}/delegates", tag = "办理", summary = "可以委托哪些人员",
    params(("task" = String, Path)), responses((status = 200, body = List<ReceiverBody>)))]
pub(super) async fn delegates(ctx: Ctx, Path(task): Path<String>) -> ApiResult<List<ReceiverBody>> {
    let desk = service::delegate_desk(&ctx, id(&task)?).await?;
    let possible = desk
        .delegates
        .into_iter()
        .filter(|_| desk.refused.is_none());
    whole(possible.map(receiver).collect())
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/delegation", tag = "办理", summary = "委托同岗位人员办理，责任不变",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = DelegationBody, responses((status = 200, body = DoneBody), (status = 409, description = "已被他人办理，或者本来就是受委托、代他人办理的")))]
pub(super) async fn delegate(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<DelegationBody>,
) -> ApiResult<DoneBody> {
    let what = Delegate {
        to: id(&body.to)?,
        reason: body.reason,
    };
    done(service::delegate(&ctx, wish(&task, key, what)?).await?)
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/delegation/return", tag = "办理", summary = "受托人退还，或者委托人收回",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = ReasonBody, responses((status = 200, body = DoneBody), (status = 409, description = "没有委托，或者已经办理")))]
pub(super) async fn end(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<ReasonBody>,
) -> ApiResult<DoneBody> {
    let what = EndDelegation {
        reason: body.reason,
    };
    done(service::end_delegation(&ctx, wish(&task, key, what)?).await?)
}
