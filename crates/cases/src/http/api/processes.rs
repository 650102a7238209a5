//! `/api/v1/processes`: the administration of processes for programs. The same use cases as the pages.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Act, Error, FieldProblem, Resource};
use tongban_process::Severity;
use tongban_webkit::api::created;
use tongban_webkit::{ApiJson, ApiResult, Ctx, Failure, IdempotencyKey, List};
use utoipa::ToSchema;

use crate::http::pages::inline;
use crate::http::words::machine_time;
use crate::model::{Move, MovedCase, Publication};
use crate::service::{
    Origin, PROCESS_BYTES_MAX, ProcessSheet, PublishProcess, Staged, VersionLine, move_report,
    order_move, process_sheet, processes, publish_staged, stage_process, try_move,
};

/// Bytes of one request.
pub(super) const REQUEST_BYTES_MAX: usize = PROCESS_BYTES_MAX + (1 << 10);

/// One published version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VersionBody {
    hash: String,
    published_at: String,
    running: u64,
}

impl From<&VersionLine> for VersionBody {
    fn from(line: &VersionLine) -> Self {
        Self {
            hash: line.hash.clone(),
            published_at: machine_time(line.published_at),
            running: line.running,
        }
    }
}

/// One process.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProcessBody {
    name: String,
    title: String,
    versions: Vec<VersionBody>,
}

/// One finding.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingBody {
    severity: &'static str,
    rule: String,
    element: Option<String>,
    line: Option<u32>,
    message: String,
}

/// One user task.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DutyBody {
    element: String,
    name: String,
    post: Option<String>,
    organ: Option<String>,
    limit: Option<String>,
    act: Option<String>,
}

/// Everything about one file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProcessDetail {
    hash: String,
    name: String,
    title: String,
    published: bool,
    findings: Vec<FindingBody>,
    duties: Vec<DutyBody>,
    /// Codes of the items that use it.
    items: Vec<String>,
    versions: Vec<VersionBody>,
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Fault => "fault",
        Severity::NotDecided => "not-decided",
        Severity::Notice => "notice",
    }
}

impl From<&ProcessSheet> for ProcessDetail {
    fn from(sheet: &ProcessSheet) -> Self {
        let judged = sheet.findings.iter().map(|found| FindingBody {
            severity: severity(found.severity),
            rule: found.rule.clone(),
            element: Some(found.element.clone()),
            line: found.line,
            message: found.message.clone(),
        });
        let warned = sheet.warnings.iter().map(|warning| FindingBody {
            severity: "warning",
            rule: warning.rule.to_owned(),
            element: warning.element.clone(),
            line: Some(warning.line),
            message: warning.message.clone(),
        });
        let duties = sheet.definition.duties().map(|duty| DutyBody {
            element: duty.element.to_string(),
            name: duty.name,
            post: duty.post,
            organ: duty.organ,
            limit: duty.limit,
            act: duty.act,
        });
        Self {
            hash: sheet.definition.hash().to_owned(),
            name: sheet.name.clone(),
            title: sheet.definition.name().to_owned(),
            published: matches!(sheet.origin, Origin::Published { .. }),
            findings: judged.chain(warned).collect(),
            duties: duties.collect(),
            items: sheet.items.iter().map(|item| item.code.clone()).collect(),
            versions: sheet.versions.iter().map(VersionBody::from).collect(),
        }
    }
}

/// The wish to publish.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPublication {
    reason: String,
    #[serde(default)]
    accept_undecided: bool,
}

/// A publication.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PublicationBody {
    n: u32,
    name: String,
    hash: String,
    at: String,
    by_whom: String,
    reason: String,
    leaf: String,
}

impl From<Publication> for PublicationBody {
    fn from(change: Publication) -> Self {
        Self {
            n: change.n,
            name: change.name,
            hash: change.hash,
            at: machine_time(change.at),
            by_whom: change.by_whom,
            reason: change.reason,
            leaf: change.leaf,
        }
    }
}

/// Where cases are to go; `map` from old elements to new ones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTrial {
    to: String,
    #[serde(default)]
    map: BTreeMap<String, String>,
}

/// The order to move cases.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMove {
    to: String,
    #[serde(default)]
    map: BTreeMap<String, String>,
    reason: String,
}

/// How one case fares.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MovedCaseBody {
    project_no: String,
    reasons: Vec<String>,
}

fn fared(cases: Vec<MovedCase>) -> Vec<MovedCaseBody> {
    let body = |case: MovedCase| MovedCaseBody {
        project_no: case.project_no,
        reasons: case.reasons,
    };
    cases.into_iter().map(body).collect()
}

/// What a move would do, or did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MoveBody {
    /// `null` for a trial.
    n: Option<u32>,
    from: String,
    to: String,
    finished: bool,
    moved: u64,
    refused: u64,
    /// Those that were refused first, at most a thousand.
    cases: Vec<MovedCaseBody>,
}

#[utoipa::path(get, path = "/api/v1/processes", tag = "流程", summary = "已发布的流程和各个版本",
    responses((status = 200, body = List<ProcessBody>)))]
pub(super) async fn list(ctx: Ctx) -> ApiResult<List<ProcessBody>> {
    let (lines, _) = processes(&ctx).await?;
    let items = lines.iter().map(|line| ProcessBody {
        name: line.name.clone(),
        title: line.title.clone(),
        versions: line.versions.iter().map(VersionBody::from).collect(),
    });
    Ok(ApiJson(List {
        items: items.collect(),
        next: None,
    }))
}

#[utoipa::path(post, path = "/api/v1/processes", tag = "流程", summary = "交来流程文件，先检查，不发布",
    responses((status = 201, body = ProcessDetail), (status = 422, description = "不能执行，逐条说明")))]
pub(super) async fn create(ctx: Ctx, xml: Bytes) -> Result<Response, Failure> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let hash = match stage_process(&ctx, xml.to_vec()).await? {
        Staged::Kept { hash } | Staged::Known { hash } => hash,
        Staged::Refused(errors) => {
            let problems = errors.iter().map(|error| {
                FieldProblem::new(
                    error.element.clone().unwrap_or_default(),
                    error.rule,
                    error.to_string(),
                )
            });
            return Err(Error::problems("process.refused", problems.collect()).into());
        }
    };
    let sheet = process_sheet(&ctx, &hash).await?;
    let path = format!("/api/v1/processes/{hash}");
    Ok(created(&path, ProcessDetail::from(&sheet)))
}

#[utoipa::path(get, path = "/api/v1/processes/{hash}", tag = "流程", summary = "一个版本，或者等待发布的文件",
    params(("hash" = String, Path)), responses((status = 200, body = ProcessDetail)))]
pub(super) async fn one(ctx: Ctx, Path(hash): Path<String>) -> ApiResult<ProcessDetail> {
    let sheet = process_sheet(&ctx, &hash).await?;
    Ok(ApiJson(ProcessDetail::from(&sheet)))
}

#[utoipa::path(get, path = "/api/v1/processes/{hash}/bpmn", tag = "流程", summary = "原文件，逐字节",
    params(("hash" = String, Path)), responses((status = 200, content_type = "application/xml")))]
pub(super) async fn bpmn(ctx: Ctx, Path(hash): Path<String>) -> Result<Response, Failure> {
    let sheet = process_sheet(&ctx, &hash).await?;
    let name = format!("{}.bpmn", sheet.name);
    Ok(inline(
        "application/xml",
        &name,
        sheet.definition.xml().to_vec(),
    ))
}

#[utoipa::path(post, path = "/api/v1/processes/{hash}/publication", tag = "流程", summary = "发布",
    params(("hash" = String, Path), ("Idempotency-Key" = String, Header)), request_body = NewPublication,
    responses((status = 200, body = PublicationBody), (status = 409, description = "已经发布")))]
pub(super) async fn publish(
    ctx: Ctx,
    Path(hash): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<NewPublication>,
) -> ApiResult<PublicationBody> {
    let wish = PublishProcess {
        hash,
        reason: body.reason,
        accept_undecided: body.accept_undecided,
        key,
    };
    let change = publish_staged(&ctx, wish).await?;
    Ok(ApiJson(PublicationBody::from(change)))
}

#[utoipa::path(post, path = "/api/v1/processes/{hash}/move-trials", tag = "流程", summary = "试算在办的件能否移到另一个版本，什么也不改",
    params(("hash" = String, Path)), request_body = NewTrial, responses((status = 200, body = MoveBody)))]
pub(super) async fn trial(
    ctx: Ctx,
    Path(from): Path<String>,
    ApiJson(body): ApiJson<NewTrial>,
) -> ApiResult<MoveBody> {
    let what = Move {
        from,
        to: body.to,
        map: body.map,
    };
    let trial = try_move(&ctx, &what).await?;
    Ok(ApiJson(MoveBody {
        n: None,
        from: what.from,
        to: what.to,
        finished: true,
        moved: trial.movable,
        refused: trial.refused,
        cases: fared(trial.cases),
    }))
}

#[utoipa::path(post, path = "/api/v1/processes/{hash}/moves", tag = "流程", summary = "把在办的件移到另一个版本，逐件进行",
    params(("hash" = String, Path), ("Idempotency-Key" = String, Header)), request_body = NewMove,
    responses((status = 201, body = MoveBody)))]
pub(super) async fn order(
    ctx: Ctx,
    Path(from): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<NewMove>,
) -> Result<Response, Failure> {
    let what = Move {
        from,
        to: body.to,
        map: body.map,
    };
    let n = order_move(&ctx, what, &body.reason, &key).await?;
    let path = format!("/api/v1/process-moves/{n}");
    Ok(created(&path, report_of(&ctx, n).await?))
}

async fn report_of(ctx: &Ctx, n: u32) -> Result<MoveBody, Error> {
    let (report, cases) = move_report(ctx, n).await?;
    Ok(MoveBody {
        n: Some(report.n),
        from: report.order.what.from,
        to: report.order.what.to,
        finished: report.finished_at.is_some(),
        moved: report.moved,
        refused: report.refused,
        cases: fared(cases),
    })
}

#[utoipa::path(get, path = "/api/v1/process-moves/{n}", tag = "流程", summary = "一次迁移的结果",
    params(("n" = u32, Path)), responses((status = 200, body = MoveBody)))]
pub(super) async fn report(ctx: Ctx, Path(n): Path<String>) -> ApiResult<MoveBody> {
    let n = n.parse().map_err(|_| Error::not_found())?;
    Ok(ApiJson(report_of(&ctx, n).await?))
}
