//! `/api/v1/tasks`: the inbox of an officer and the acts on its tasks.

use axum::extract::Path;
use tongban_kernel::Error;
use tongban_webkit::{ApiJson, ApiResult, Ctx, IdempotencyKey, List, PageParams};

use super::shapes::{
    DecisionBody, DoneBody, OpinionBody, RefusalBody, ReviewBody, SupplementRequestBody, TaskBody,
};
use crate::http::words::id;
use crate::model::SupplementItem;
use crate::service::{
    self, Accept, Decide, OnTask, Pass, RefuseAcceptance, RequestSupplement, Review, inbox,
};

fn wish<T>(task: &str, key: IdempotencyKey, what: T) -> Result<OnTask<T>, Error> {
    Ok(OnTask {
        task: id(task)?,
        key: key.0,
        what,
    })
}

#[utoipa::path(get, path = "/api/v1/tasks", tag = "办理", summary = "我的待办，时限近的在前", params(PageParams),
    responses((status = 200, body = List<TaskBody>)))]
pub(super) async fn list(ctx: Ctx, page: PageParams) -> ApiResult<List<TaskBody>> {
    // The most urgent come first and leave the list when done, so there is no second page to ask for.
    let mut lines = inbox(&ctx, page.limit).await?;
    lines.truncate(page.limit as usize);
    Ok(ApiJson(List {
        items: lines.iter().map(TaskBody::from).collect(),
        next: None,
    }))
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/pre-review", tag = "办理", summary = "通过预审",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = OpinionBody, responses((status = 200, body = DoneBody), (status = 409, description = "已被他人办理")))]
pub(super) async fn pre_review(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<OpinionBody>,
) -> ApiResult<DoneBody> {
    let what = Pass {
        opinion: body.opinion,
    };
    let project_no = service::pass_pre_review(&ctx, wish(&task, key, what)?).await?;
    Ok(ApiJson(DoneBody { project_no }))
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/supplement-request", tag = "办理", summary = "一次性告知补正",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = SupplementRequestBody, responses((status = 200, body = DoneBody), (status = 409, description = "已被他人办理")))]
pub(super) async fn supplement_request(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<SupplementRequestBody>,
) -> ApiResult<DoneBody> {
    let what = RequestSupplement {
        days: body.days,
        items: body
            .items
            .into_iter()
            .map(|item| SupplementItem {
                target: item.target,
                name: item.name,
                requirement: item.requirement,
            })
            .collect(),
    };
    let project_no = service::request_supplement(&ctx, wish(&task, key, what)?).await?;
    Ok(ApiJson(DoneBody { project_no }))
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/refusal", tag = "办理", summary = "不予受理或者不受理",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = RefusalBody, responses((status = 200, body = DoneBody), (status = 409, description = "已被他人办理")))]
pub(super) async fn refusal(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<RefusalBody>,
) -> ApiResult<DoneBody> {
    let what = RefuseAcceptance {
        reason: body.reason,
        competent_organ: body.competent_organ,
        not_required: body.not_required,
    };
    let project_no = service::refuse_acceptance(&ctx, wish(&task, key, what)?).await?;
    Ok(ApiJson(DoneBody { project_no }))
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/acceptance", tag = "办理", summary = "受理",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DoneBody), (status = 409, description = "已被他人办理")))]
pub(super) async fn acceptance(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
) -> ApiResult<DoneBody> {
    let what = Accept {};
    let project_no = service::accept(&ctx, wish(&task, key, what)?).await?;
    Ok(ApiJson(DoneBody { project_no }))
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/review", tag = "办理", summary = "提交审查意见",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = ReviewBody, responses((status = 200, body = DoneBody), (status = 409, description = "已被他人办理")))]
pub(super) async fn review(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<ReviewBody>,
) -> ApiResult<DoneBody> {
    let what = Review {
        passed: body.passed,
        opinion: body.opinion,
    };
    let project_no = service::review(&ctx, wish(&task, key, what)?).await?;
    Ok(ApiJson(DoneBody { project_no }))
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/decision", tag = "办理", summary = "作出决定",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = DecisionBody, responses((status = 200, body = DoneBody), (status = 409, description = "已被他人办理")))]
pub(super) async fn decision(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<DecisionBody>,
) -> ApiResult<DoneBody> {
    let what = Decide {
        granted: body.granted,
        reason: body.reason,
    };
    let project_no = service::decide(&ctx, wish(&task, key, what)?).await?;
    Ok(ApiJson(DoneBody { project_no }))
}
