//! `/api/v1/cases/{project_no}/termination`: 终止办理.

use axum::extract::Path;
use serde::Deserialize;
use tongban_webkit::{ApiJson, ApiResult, Ctx, IdempotencyKey};
use utoipa::ToSchema;

use super::orders::done;
use super::shapes::DoneBody;
use crate::model::Ground;
use crate::service::{self, Terminate, case_head};

/// On which ground a case is ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TerminationBody {
    /// `applicant-gone`, `basis-changed`, `not-required`, `other`.
    #[schema(value_type = String)]
    ground: Ground,
    /// The ground in words, for `other` only.
    #[serde(default)]
    words: Option<String>,
    reason: String,
}

#[utoipa::path(post, path = "/api/v1/cases/{project_no}/termination", tag = "办理", summary = "终止办理；向申请人发告知书",
    params(("project_no" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = TerminationBody, responses((status = 200, body = DoneBody), (status = 409, description = "办件已经办结")))]
pub(super) async fn terminate(
    ctx: Ctx,
    Path(project_no): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<TerminationBody>,
) -> ApiResult<DoneBody> {
    let case = case_head(&ctx, &project_no).await?.id;
    let what = Terminate {
        ground: body.ground,
        words: body.words,
        reason: body.reason,
    };
    done(service::terminate(&ctx, &key, case, what).await?)
}
