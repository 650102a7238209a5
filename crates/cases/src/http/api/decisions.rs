//! `/api/v1/decisions`: the administration of decisions for programs, and what they decided in a case. The same use cases as the pages.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tongban_decisions::{LogicView, TableView};
use tongban_kernel::{Act, Error, FieldProblem, Resource};
use tongban_process::Severity;
use tongban_webkit::api::created;
use tongban_webkit::{ApiJson, ApiResult, Ctx, Failure, IdempotencyKey, List};
use utoipa::ToSchema;

use super::processes::PublicationBody;
use crate::http::pages::inline;
use crate::http::words::machine_time;
use crate::model::AppliedRule;
use crate::service::{
    DECISION_BYTES_MAX, DecisionSheet, Origin, PublishDecision, StagedDecision, VersionLine,
    case_rules, decision_sheet, decisions, publish_staged_decision, stage_decision, try_decision,
};

/// Bytes of one request.
pub(super) const REQUEST_BYTES_MAX: usize = DECISION_BYTES_MAX + (1 << 10);

/// One published version of a decision file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionVersionBody {
    hash: String,
    published_at: String,
}

impl From<&VersionLine> for DecisionVersionBody {
    fn from(line: &VersionLine) -> Self {
        Self {
            hash: line.hash.clone(),
            published_at: machine_time(line.published_at),
        }
    }
}

/// One decision file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionFileBody {
    name: String,
    title: String,
    decisions: Vec<String>,
    versions: Vec<DecisionVersionBody>,
}

/// One finding in a decision file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionFindingBody {
    severity: &'static str,
    rule: String,
    element: String,
    /// 0: the whole file.
    line: u32,
    message: String,
}

/// One rule of a table.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TableRuleBody {
    id: String,
    line: u32,
    conditions: Vec<String>,
    results: Vec<String>,
    annotations: Vec<String>,
}

/// A decision table.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TableBody {
    policy: String,
    conditions: Vec<String>,
    results: Vec<String>,
    rules: Vec<TableRuleBody>,
}

/// One decision.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionBody {
    id: String,
    name: String,
    line: u32,
    /// Name to type; the type is empty if the file gives none.
    inputs: BTreeMap<String, String>,
    needs: Vec<String>,
    table: Option<TableBody>,
    /// The FEEL text, if it is decided by one.
    text: Option<String>,
}

/// Everything about one decision file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionFileDetail {
    hash: String,
    name: String,
    title: String,
    published: bool,
    findings: Vec<DecisionFindingBody>,
    decisions: Vec<DecisionBody>,
    /// Published processes that ask it: content hash to what they ask.
    uses: BTreeMap<String, Vec<String>>,
    versions: Vec<DecisionVersionBody>,
}

fn table(table: &TableView) -> TableBody {
    let rules = table.rules.iter().map(|rule| TableRuleBody {
        id: rule.id.clone(),
        line: rule.line,
        conditions: rule.conditions.clone(),
        results: rule.results.clone(),
        annotations: rule.annotations.clone(),
    });
    TableBody {
        policy: table.policy.clone(),
        conditions: table.conditions.iter().map(|c| c.text.clone()).collect(),
        results: table.results.iter().map(|c| c.name.clone()).collect(),
        rules: rules.collect(),
    }
}

impl From<&DecisionSheet> for DecisionFileDetail {
    fn from(sheet: &DecisionSheet) -> Self {
        let findings = sheet.findings.iter().map(|one| DecisionFindingBody {
            severity: match one.severity {
                Severity::Fault => "fault",
                Severity::NotDecided => "not-decided",
                Severity::Notice => "notice",
            },
            rule: one.rule.clone(),
            element: one.element.clone(),
            line: one.line,
            message: one.message.clone(),
        });
        let decisions = sheet.file.views().iter().map(|view| DecisionBody {
            id: view.id.clone(),
            name: view.name.clone(),
            line: view.line,
            inputs: view
                .inputs
                .iter()
                .map(|input| (input.name.clone(), input.kind.clone()))
                .collect(),
            needs: view.needs.clone(),
            table: match &view.logic {
                LogicView::Table(one) => Some(table(one)),
                _ => None,
            },
            text: match &view.logic {
                LogicView::Text(text) => Some(text.clone()),
                _ => None,
            },
        });
        let mut uses: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for one in &sheet.uses {
            let asked = uses.entry(one.process_hash.clone()).or_default();
            asked.push(one.asked.clone());
        }
        Self {
            hash: sheet.hash.clone(),
            name: sheet.file.id().to_owned(),
            title: sheet.file.name().to_owned(),
            published: matches!(sheet.origin, Origin::Published { .. }),
            findings: findings.collect(),
            decisions: decisions.collect(),
            uses,
            versions: sheet
                .versions
                .iter()
                .map(DecisionVersionBody::from)
                .collect(),
        }
    }
}

/// The wish to publish decisions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDecisionPublication {
    reason: String,
    #[serde(default)]
    accept_findings: bool,
}

/// A decision to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDecisionTrial {
    /// Id or name.
    decision: String,
    #[serde(default)]
    #[schema(value_type = Object)]
    inputs: Map<String, Value>,
}

/// A rule that made a result.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AppliedRuleBody {
    id: String,
    /// From 1.
    index: usize,
    annotations: Vec<String>,
}

fn applied(rules: Vec<AppliedRule>) -> Vec<AppliedRuleBody> {
    let body = |rule: AppliedRule| AppliedRuleBody {
        id: rule.id,
        index: rule.index,
        annotations: rule.annotations,
    };
    rules.into_iter().map(body).collect()
}

/// What came of a trial: a result, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionTrialBody {
    decision: String,
    #[schema(value_type = Object)]
    result: Value,
    rules: Vec<AppliedRuleBody>,
    error: Option<String>,
}

/// A decision by published rules in a case.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseRuleBody {
    /// The event of the record that tells it.
    seq: u32,
    at: String,
    task: String,
    model: String,
    hash: String,
    decision: String,
    rules: Vec<AppliedRuleBody>,
    #[schema(value_type = Object)]
    output: Value,
    #[schema(value_type = Object)]
    inputs: Map<String, Value>,
}

#[utoipa::path(get, path = "/api/v1/decisions", tag = "决策", summary = "已发布的决策文件和各个版本",
    responses((status = 200, body = List<DecisionFileBody>)))]
pub(super) async fn list(ctx: Ctx) -> ApiResult<List<DecisionFileBody>> {
    let (lines, _) = decisions(&ctx).await?;
    let items = lines.iter().map(|line| DecisionFileBody {
        name: line.name.clone(),
        title: line.title.clone(),
        decisions: line.decisions.clone(),
        versions: line
            .versions
            .iter()
            .map(DecisionVersionBody::from)
            .collect(),
    });
    Ok(ApiJson(List {
        items: items.collect(),
        next: None,
    }))
}

#[utoipa::path(post, path = "/api/v1/decisions", tag = "决策", summary = "交来决策文件，先检查，不发布",
    responses((status = 201, body = DecisionFileDetail), (status = 422, description = "不能执行，逐条说明")))]
pub(super) async fn create(ctx: Ctx, xml: Bytes) -> Result<Response, Failure> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let hash = match stage_decision(&ctx, xml.to_vec()).await? {
        StagedDecision::Kept { hash } | StagedDecision::Known { hash } => hash,
        StagedDecision::Refused(problems) => {
            let problems = problems.iter().map(|problem| {
                FieldProblem::new(problem.element.clone(), "dmn", problem.to_string())
            });
            return Err(Error::problems("decision.refused", problems.collect()).into());
        }
    };
    let sheet = decision_sheet(&ctx, &hash).await?;
    let path = format!("/api/v1/decisions/{hash}");
    Ok(created(&path, DecisionFileDetail::from(&sheet)))
}

#[utoipa::path(get, path = "/api/v1/decisions/{hash}", tag = "决策", summary = "一个版本，或者等待发布的文件",
    params(("hash" = String, Path)), responses((status = 200, body = DecisionFileDetail)))]
pub(super) async fn one(ctx: Ctx, Path(hash): Path<String>) -> ApiResult<DecisionFileDetail> {
    let sheet = decision_sheet(&ctx, &hash).await?;
    Ok(ApiJson(DecisionFileDetail::from(&sheet)))
}

#[utoipa::path(get, path = "/api/v1/decisions/{hash}/dmn", tag = "决策", summary = "原文件，逐字节",
    params(("hash" = String, Path)), responses((status = 200, content_type = "application/xml")))]
pub(super) async fn dmn(ctx: Ctx, Path(hash): Path<String>) -> Result<Response, Failure> {
    let sheet = decision_sheet(&ctx, &hash).await?;
    let name = format!("{}.dmn", sheet.file.id());
    Ok(inline("application/xml", &name, sheet.xml.to_vec()))
}

#[utoipa::path(post, path = "/api/v1/decisions/{hash}/publication", tag = "决策", summary = "发布",
    params(("hash" = String, Path), ("Idempotency-Key" = String, Header)), request_body = NewDecisionPublication,
    responses((status = 200, body = PublicationBody), (status = 409, description = "已经发布")))]
pub(super) async fn publish(
    ctx: Ctx,
    Path(hash): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<NewDecisionPublication>,
) -> ApiResult<PublicationBody> {
    let wish = PublishDecision {
        hash,
        reason: body.reason,
        accept_findings: body.accept_findings,
        key,
    };
    let change = publish_staged_decision(&ctx, wish).await?;
    Ok(ApiJson(PublicationBody::from(change)))
}

#[utoipa::path(post, path = "/api/v1/decisions/{hash}/trials", tag = "决策", summary = "试算一个决策，什么也不保存",
    params(("hash" = String, Path)), request_body = NewDecisionTrial, responses((status = 200, body = DecisionTrialBody)))]
pub(super) async fn trial(
    ctx: Ctx,
    Path(hash): Path<String>,
    ApiJson(body): ApiJson<NewDecisionTrial>,
) -> ApiResult<DecisionTrialBody> {
    let trial = try_decision(&ctx, &hash, &body.decision, body.inputs).await?;
    let (result, rules, error) = match trial.outcome {
        Ok((result, rules)) => (result, rules, None),
        Err(why) => (Value::Null, Vec::new(), Some(why)),
    };
    Ok(ApiJson(DecisionTrialBody {
        decision: trial.decision,
        result,
        rules: applied(rules),
        error,
    }))
}

#[utoipa::path(get, path = "/api/v1/cases/{project_no}/rule-decisions", tag = "办件", summary = "按已发布的规则作出的判断：版本、适用的规则、依据的输入",
    params(("project_no" = String, Path)), responses((status = 200, body = List<CaseRuleBody>)))]
pub(super) async fn of_case(
    ctx: Ctx,
    Path(project_no): Path<String>,
) -> ApiResult<List<CaseRuleBody>> {
    let rules = case_rules(&ctx, &project_no).await?.into_iter();
    let items = rules.map(|rule| CaseRuleBody {
        seq: rule.seq,
        at: machine_time(rule.at),
        task: rule.made.task,
        model: rule.made.model,
        hash: rule.made.hash,
        decision: rule.made.decision,
        rules: applied(rule.made.rules),
        output: rule.made.output,
        inputs: rule.inputs,
    });
    Ok(ApiJson(List {
        items: items.collect(),
        next: None,
    }))
}
