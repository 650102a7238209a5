//! `/api/v1/…`: opinions that do not bind, copies, signers before and after, and the opinions of a case at a glance.

use axum::extract::Path;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Error, Post, Result};
use tongban_webkit::{ApiJson, ApiResult, Ctx, IdempotencyKey, List};
use utoipa::ToSchema;

use super::shapes::DoneBody;
use crate::http::words::id;
use crate::model::{OpinionState, Place, Stance};
use crate::service::{self, AskOpinion, AskSigner, GiveOpinion, GridState, OnTask, SendCopy};

/// Lines of one list.
const MOST: u32 = 200;

/// Whom, what, and until when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OpinionRequestBody {
    organ: String,
    /// `reviewer` (default), `decider`, `acceptor` or `counter`.
    #[serde(default)]
    post: Option<String>,
    question: String,
    /// Working days from today, 1 to 30.
    days: u32,
}

/// An opinion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OpinionAnswerBody {
    /// `agree`, `object` or `none`.
    stance: String,
    opinion: String,
}

/// A request to a post of whoever asks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AskedBody {
    id: String,
    project_no: String,
    task_name: String,
    post: String,
    due_on: String,
    /// `open`, `answered` or `closed`.
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stance: Option<String>,
}

/// To whom a copy goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CopyBody {
    /// Officers of the own organ, or of organs with a hand in the case; 1 to 50.
    officers: Vec<String>,
    #[serde(default)]
    note: String,
}

/// A copy for whoever asks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CopiedBody {
    id: String,
    project_no: String,
    task_name: String,
    sent_at: String,
    /// When it was first opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<String>,
}

/// A copy that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CopyReadBody {
    id: String,
    project_no: String,
    sender: String,
    note: String,
}

/// A signer before or after one's own task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskSignerBody {
    organ: String,
    /// `before` or `after`; a decision takes signers before only.
    place: String,
    /// Working days, 1 to 30; absent: no limit of its own.
    #[serde(default)]
    days: Option<u32>,
    reason: String,
}

/// One opinion that the process asks for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GridBody {
    organ: String,
    task: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<String>,
    /// `open`, `agreed`, `against`, `deemed` or `withdrawn`.
    state: String,
    /// Working days after the limit, until it was given or until today.
    late: u32,
    urged: u32,
    opinion: String,
}

fn done(project_no: String) -> ApiResult<DoneBody> {
    Ok(ApiJson(DoneBody { project_no }))
}

fn whole<T>(items: Vec<T>) -> ApiResult<List<T>> {
    Ok(ApiJson(List { items, next: None }))
}

fn invalid(what: &'static str) -> Error {
    Error::invalid(what, "不认识的取值")
}

/// Where a signer is lined up; `None`: beside.
pub(super) fn place(key: Option<&str>) -> Result<Place> {
    match key {
        None => Ok(Place::default()),
        Some(key) => Place::from_key(key).ok_or_else(|| invalid("signers.place")),
    }
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/opinion-requests", tag = "办理", summary = "征求意见（不具有约束力）",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = OpinionRequestBody, responses((status = 200, body = DoneBody), (status = 409, description = "环节已被他人办理"), (status = 422, description = "机构、岗位或者期限不对")))]
pub(super) async fn ask(
    ctx: Ctx,
    Path(task): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<OpinionRequestBody>,
) -> ApiResult<DoneBody> {
    let post = match body.post.as_deref() {
        None => Post::Reviewer,
        Some(post) => Post::from_key(post).ok_or_else(|| invalid("opinion.post"))?,
    };
    let what = AskOpinion {
        organ: id(&body.organ)?,
        post,
        question: body.question,
        days: body.days,
    };
    let task = id(&task)?;
    done(service::ask_opinion(&ctx, OnTask { task, key, what }).await?)
}

#[utoipa::path(get, path = "/api/v1/opinion-requests", tag = "办理", summary = "征求本岗位意见的清单",
    responses((status = 200, body = List<AskedBody>)))]
pub(super) async fn asked(ctx: Ctx) -> ApiResult<List<AskedBody>> {
    let found = service::my_opinions(&ctx, MOST).await?;
    let body = |one: service::WithCase<crate::model::OpinionRequest>| {
        let (state, stance) = match one.item.state {
            OpinionState::Open => ("open", None),
            OpinionState::Answered(stance) => ("answered", Some(stance.key().to_owned())),
            OpinionState::Closed => ("closed", None),
        };
        AskedBody {
            id: one.item.id.to_string(),
            project_no: one.project_no,
            task_name: one.task_name,
            post: one.item.post.key().to_owned(),
            due_on: one.item.due_on.to_string(),
            state: state.to_owned(),
            stance,
        }
    };
    whole(found.into_iter().map(body).collect())
}

#[utoipa::path(post, path = "/api/v1/opinion-requests/{id}/answer", tag = "办理", summary = "答复征求意见",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = OpinionAnswerBody, responses((status = 200, body = DoneBody), (status = 409, description = "已经答复，或者本件已经办结")))]
pub(super) async fn answer(
    ctx: Ctx,
    Path(request): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<OpinionAnswerBody>,
) -> ApiResult<DoneBody> {
    let what = GiveOpinion {
        stance: Stance::from_key(&body.stance).ok_or_else(|| invalid("opinion.stance"))?,
        opinion: body.opinion,
    };
    done(service::give_opinion(&ctx, &key, id(&request)?, what).await?)
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/copies", tag = "办理", summary = "抄送",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = CopyBody, responses((status = 200, body = DoneBody), (status = 409, description = "环节已被他人办理"), (status = 422, description = "不能抄送给该人员")))]
pub(super) async fn copy(
    ctx: Ctx,
    Path(task): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<CopyBody>,
) -> ApiResult<DoneBody> {
    let to: Result<Vec<_>> = body.officers.iter().map(|one| id(one)).collect();
    let what = SendCopy {
        to: to?,
        note: body.note,
    };
    let task = id(&task)?;
    done(service::send_copy(&ctx, OnTask { task, key, what }).await?)
}

#[utoipa::path(get, path = "/api/v1/copies", tag = "办理", summary = "抄送我的",
    responses((status = 200, body = List<CopiedBody>)))]
pub(super) async fn copies(ctx: Ctx) -> ApiResult<List<CopiedBody>> {
    let found = service::my_copies(&ctx, MOST).await?;
    let body = |one: service::WithCase<crate::model::CaseCopy>| CopiedBody {
        id: one.item.id.to_string(),
        project_no: one.project_no,
        task_name: one.task_name,
        sent_at: one.item.sent_at.to_string(),
        read_at: one.item.read_at.map(|at| at.to_string()),
    };
    whole(found.into_iter().map(body).collect())
}

#[utoipa::path(get, path = "/api/v1/copies/{id}", tag = "办理", summary = "打开抄送的办件；首次打开即为回执",
    params(("id" = String, Path)), responses((status = 200, body = CopyReadBody)))]
pub(super) async fn read(ctx: Ctx, Path(copy): Path<String>) -> ApiResult<CopyReadBody> {
    let view = service::open_copy(&ctx, id(&copy)?).await?;
    Ok(ApiJson(CopyReadBody {
        id: view.copy.id.to_string(),
        project_no: view.case.project_no,
        sender: view.sender,
        note: view.note,
    }))
}

#[utoipa::path(post, path = "/api/v1/tasks/{task}/signers", tag = "办理", summary = "前加签、后加签",
    params(("task" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = TaskSignerBody, responses((status = 200, body = DoneBody), (status = 409, description = "环节已被他人办理"), (status = 422, description = "该环节不能这样加签")))]
pub(super) async fn signer(
    ctx: Ctx,
    Path(task): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<TaskSignerBody>,
) -> ApiResult<DoneBody> {
    let what = AskSigner {
        organ: id(&body.organ)?,
        place: place(Some(&body.place))?,
        days: body.days,
        reason: body.reason,
    };
    let task = id(&task)?;
    done(service::ask_signer(&ctx, OnTask { task, key, what }).await?)
}

#[utoipa::path(get, path = "/api/v1/cases/{project_no}/opinions", tag = "办件", summary = "并联审批各机构的意见、期限和逾期情况",
    params(("project_no" = String, Path)), responses((status = 200, body = List<GridBody>), (status = 404, description = "没有参与本件")))]
pub(super) async fn grid(ctx: Ctx, Path(number): Path<String>) -> ApiResult<List<GridBody>> {
    let rows = service::case_grid(&ctx, &number).await?;
    let body = |row: service::GridRow| GridBody {
        organ: row.organ,
        task: row.task,
        due_on: row.due.map(|due| due.to_string()),
        state: match row.state {
            GridState::Open => "open",
            GridState::Agreed => "agreed",
            GridState::Against => "against",
            GridState::Deemed => "deemed",
            GridState::Withdrawn => "withdrawn",
        }
        .to_owned(),
        late: row.late,
        urged: row.urged,
        opinion: row.opinion,
    };
    whole(rows.into_iter().map(body).collect())
}
