//! `/api/v1/tasks/{task}/…` and `/api/v1/cases/{project_no}/…`: orders of officers, and the urging of applicants.

use axum::extract::Path;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Error, Result};
use tongban_webkit::{ApiJson, ApiResult, Ctx, IdempotencyKey, List};
use utoipa::ToSchema;

use super::shapes::DoneBody;
use crate::http::words::id;
use crate::service::{
    self, AddSigner, Countersign, OnTask, Redirect, RemoveSigner, SendBack, Transfer, Urge, Way,
    case_head,
};

/// To whom a task goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TransferBody {
    /// Officer; absent: back to the post.
    #[serde(default)]
    to: Option<String>,
    reason: String,
}

/// An officer to whom a task can go.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiverBody {
    officer: String,
    name: String,
    staff_no: String,
}

pub(super) fn receiver(one: tongban_accounts::OfficerProfile) -> ReceiverBody {
    ReceiverBody {
        officer: one.id.to_string(),
        name: one.name,
        staff_no: one.staff_no,
    }
}

/// Where a task or a case goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WayBody {
    /// Element of the process definition, as the list of possible ones names it.
    to: String,
    reason: String,
}

/// A step to which a task or a case can go, and what that does.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TargetBody {
    /// Element of the process definition.
    to: String,
    name: String,
    /// Open tasks that are withdrawn.
    withdrawn: Vec<String>,
    /// Tasks that are done again.
    again: Vec<String>,
}

impl From<Way> for TargetBody {
    fn from(way: Way) -> Self {
        Self {
            to: way.element,
            name: way.name,
            withdrawn: way.withdrawn,
            again: way.again,
        }
    }
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonBody {
    pub(super) reason: String,
}

/// A countersignature.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CountersignBody {
    agreed: bool,
    opinion: String,
}

/// One more countersigner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignerBody {
    organ: String,
    reason: String,
    /// `beside` (default), `before` or `after` the present ones.
    #[serde(default)]
    place: Option<String>,
    /// What the vote counts, where votes are weighted.
    #[serde(default)]
    weight: Option<u32>,
}

/// A countersigner who is asked no longer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignerRemovalBody {
    /// The open task of the organ.
    task: String,
    reason: String,
}

/// Which task is urged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UrgeBody {
    /// Absent: all open tasks. An applicant always urges all.
    #[serde(default)]
    task: Option<String>,
    reason: String,
}

pub(super) fn wish<T>(task: &str, key: IdempotencyKey, what: T) -> Result<OnTask<T>, Error> {
    Ok(OnTask {
        task: id(task)?,
        key: key.0,
        what,
    })
}

pub(super) fn done(project_no: String) -> ApiResult<DoneBody> {
    Ok(ApiJson(DoneBody { project_no }))
}

pub(super) fn whole<T>(items: Vec<T>) -> ApiResult<List<T>> {
    Ok(ApiJson(List { items, next: None }))
}

#[utoipa::path(get, path = "/api/v1/tasks/{task}/receivers", tag = "办理", summary = "可以转办给哪些人员",
    params(("task" = String, Path)), responses((status = 200, body = List<ReceiverBody>)))]
pub(super) async fn receivers(ctx: Ctx, Path(task): Path<String>) -> ApiResult<List<ReceiverBody>> {
    let desk = service::transfer_desk(&ctx, id(&task)?).await?;
    whole(desk.receivers.into_iter().map(receiver).collect())
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/transfer", tag = "办理", summary = "转办或者退还本岗位",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = TransferBody, responses((status = 200, body = DoneBody), (status = 409, description = "已被他人办理或者转给他人")))]
pub(super) async fn transfer(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<TransferBody>,
) -> ApiResult<DoneBody> {
    let what = Transfer {
        to: body.to.as_deref().map(id).transpose()?,
        reason: body.reason,
    };
    done(service::transfer(&ctx, wish(&task, key, what)?).await?)
}

#[utoipa::path(get, path = "/api/v1/tasks/{task}/return-targets", tag = "办理", summary = "可以退回到哪些环节，以及后果",
    params(("task" = String, Path)), responses((status = 200, body = List<TargetBody>)))]
pub(super) async fn return_targets(
    ctx: Ctx,
    Path(task): Path<String>,
) -> ApiResult<List<TargetBody>> {
    let desk = service::send_back_desk(&ctx, id(&task)?).await?;
    whole(desk.ways.into_iter().map(TargetBody::from).collect())
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/return", tag = "办理", summary = "退回",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = WayBody, responses((status = 200, body = DoneBody), (status = 409, description = "已被他人办理")))]
pub(super) async fn send_back(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<WayBody>,
) -> ApiResult<DoneBody> {
    let what = SendBack {
        to: body.to,
        reason: body.reason,
    };
    done(service::send_back(&ctx, wish(&task, key, what)?).await?)
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/recall", tag = "办理", summary = "拿回自己刚办完的环节",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = ReasonBody, responses((status = 200, body = DoneBody), (status = 409, description = "下一环节已经办理")))]
pub(super) async fn take_back(
    ctx: Ctx,
    Path(task): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<ReasonBody>,
) -> ApiResult<DoneBody> {
    done(service::take_back(&ctx, &key, id(&task)?, body.reason).await?)
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/countersignature", tag = "办理", summary = "会签",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = CountersignBody, responses((status = 200, body = DoneBody), (status = 409, description = "已被他人办理")))]
pub(super) async fn countersignature(
    ctx: Ctx,
    Path(task): Path<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<CountersignBody>,
) -> ApiResult<DoneBody> {
    let what = Countersign {
        agreed: body.agreed,
        opinion: body.opinion,
    };
    done(service::countersign(&ctx, wish(&task, key, what)?).await?)
}

#[utoipa::path(post, path = "/api/v1/cases/{project_no}/signers", tag = "办理", summary = "加签",
    params(("project_no" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = SignerBody, responses((status = 200, body = DoneBody), (status = 409, description = "没有正在进行的会签")))]
pub(super) async fn add_signer(
    ctx: Ctx,
    Path(project_no): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<SignerBody>,
) -> ApiResult<DoneBody> {
    let case = case_head(&ctx, &project_no).await?.id;
    let what = AddSigner {
        organ: id(&body.organ)?,
        reason: body.reason,
        place: super::advice::place(body.place.as_deref())?,
        weight: body.weight,
    };
    done(service::add_signer(&ctx, &key, case, what).await?)
}

#[utoipa::path(post, path = "/api/v1/cases/{project_no}/signers/removal", tag = "办理", summary = "减签",
    params(("project_no" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = SignerRemovalBody, responses((status = 200, body = DoneBody), (status = 409, description = "已经签署，或者只剩一个")))]
pub(super) async fn remove_signer(
    ctx: Ctx,
    Path(project_no): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<SignerRemovalBody>,
) -> ApiResult<DoneBody> {
    let case = case_head(&ctx, &project_no).await?.id;
    let what = RemoveSigner {
        task: id(&body.task)?,
        reason: body.reason,
    };
    done(service::remove_signer(&ctx, &key, case, what).await?)
}

#[utoipa::path(post, path = "/api/v1/cases/{project_no}/urges", tag = "办件", summary = "催办；申请人每天一次",
    params(("project_no" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = UrgeBody, responses((status = 200, body = DoneBody), (status = 409, description = "今天已经催办过，或者没有正在办理的环节")))]
pub(super) async fn urge(
    ctx: Ctx,
    Path(project_no): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<UrgeBody>,
) -> ApiResult<DoneBody> {
    let case = case_head(&ctx, &project_no).await?.id;
    let what = Urge {
        task: body.task.as_deref().map(id).transpose()?,
        reason: body.reason,
    };
    done(service::urge(&ctx, &key, case, what).await?)
}

#[utoipa::path(get, path = "/api/v1/cases/{project_no}/redirection-targets", tag = "办理", summary = "可以跳转到哪些环节，以及后果",
    params(("project_no" = String, Path)), responses((status = 200, body = List<TargetBody>)))]
pub(super) async fn redirection_targets(
    ctx: Ctx,
    Path(project_no): Path<String>,
) -> ApiResult<List<TargetBody>> {
    let desk = service::redirect_desk(&ctx, &project_no).await?;
    whole(desk.ways.into_iter().map(TargetBody::from).collect())
}

#[utoipa::path(post, path = "/api/v1/cases/{project_no}/redirection", tag = "办理", summary = "流程跳转",
    params(("project_no" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = WayBody, responses((status = 200, body = DoneBody), (status = 409, description = "办件状态不允许")))]
pub(super) async fn redirection(
    ctx: Ctx,
    Path(project_no): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<WayBody>,
) -> ApiResult<DoneBody> {
    let case = case_head(&ctx, &project_no).await?.id;
    let what = Redirect {
        to: body.to,
        reason: body.reason,
    };
    done(service::redirect(&ctx, &key, case, what).await?)
}
