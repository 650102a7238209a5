//! `/api/v1/incidents`: steps that cannot go on by themselves, and their repair.

use axum::extract::Path;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tongban_kernel::Error;
use tongban_webkit::{
    ApiJson, ApiResult, Ctx, Cursor, Failure, IdempotencyKey, List, PageParams, bad_page,
};
use utoipa::ToSchema;

use super::shapes::DoneBody;
use crate::http::words::id;
use crate::model::{Incident, Repair};
use crate::service;

/// A step that cannot go on by itself.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentBody {
    incident: String,
    project_no: String,
    task_name: String,
    /// token, timer or task.
    kind: &'static str,
    element: String,
    name: String,
    service: String,
    error: String,
    tries: u32,
    opened_at: String,
    last_at: String,
}

impl From<Incident> for IncidentBody {
    fn from(one: Incident) -> Self {
        Self {
            incident: one.id.to_string(),
            project_no: one.project_no,
            task_name: one.task_name,
            kind: one.held.key(),
            element: one.element,
            name: one.name,
            service: one.service,
            error: one.error,
            tries: one.tries,
            opened_at: one.opened_at.to_string(),
            last_at: one.last_at.to_string(),
        }
    }
}

/// How it is mended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RepairBody {
    /// again, answer or error.
    way: String,
    #[serde(default)]
    #[schema(value_type = Object)]
    values: Map<String, Value>,
    #[serde(default)]
    error: String,
    reason: String,
}

#[utoipa::path(get, path = "/api/v1/incidents", tag = "流程", summary = "流程异常，旧的在前",
    params(PageParams), responses((status = 200, body = List<IncidentBody>)))]
pub(super) async fn list(ctx: Ctx, params: PageParams) -> ApiResult<List<IncidentBody>> {
    let after = params
        .after
        .as_ref()
        .map(|Cursor(keys)| match keys.as_slice() {
            [key] => key.parse().map_err(|_| bad_page()),
            _ => Err(bad_page()),
        });
    let after = after.transpose()?;
    let found = service::incidents(&ctx, after, params.fetch()).await?;
    let page = List::of(found, &params, |one| vec![one.id.to_string()]);
    Ok(ApiJson(List {
        items: page.items.into_iter().map(IncidentBody::from).collect(),
        next: page.next,
    }))
}

#[utoipa::path(post, path = "/api/v1/incidents/{incident}/repair", tag = "流程", summary = "处置流程异常",
    params(("incident" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = RepairBody, responses((status = 200, body = DoneBody), (status = 409, description = "已经处置，或者流程没有接住这个错误")))]
pub(super) async fn repair(
    ctx: Ctx,
    Path(incident): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<RepairBody>,
) -> Result<ApiJson<DoneBody>, Failure> {
    let what = match body.way.as_str() {
        "again" => Repair::Again,
        "answer" => Repair::Answer {
            values: body.values,
        },
        "error" => Repair::Error { code: body.error },
        _ => return Err(Error::invalid("incident.way", "way 只能是 again、answer、error").into()),
    };
    let project_no = service::repair(&ctx, &key, id(&incident)?, what, body.reason).await?;
    Ok(ApiJson(DoneBody { project_no }))
}
