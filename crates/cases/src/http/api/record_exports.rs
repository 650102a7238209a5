//! `/api/v1/record-exports`: the record as an event log, for programs. The same use case as the page.

use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Error, FieldProblem};
use tongban_webkit::{ApiJson, ApiResult, Ctx, Failure, List};
use utoipa::ToSchema;

use crate::http::download::download;
use crate::http::words::machine_time;
use crate::model::{LogFormat, RecordExport, RecordSelection, RecordWish};
use crate::service::{ExportRecord, export_record, record_exports};

/// Which cases.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SelectionBody {
    item: Option<String>,
    organ: Option<String>,
    process: Option<String>,
    state: Option<String>,
    from: Option<String>,
    until: Option<String>,
    numbers: Vec<String>,
}

/// The wish to export.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewExport {
    format: String,
    #[serde(default)]
    names: bool,
    #[serde(default)]
    selection: SelectionBody,
    purpose: String,
}

/// An export that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExportBody {
    n: u32,
    at: String,
    by_whom: String,
    format: &'static str,
    names: bool,
    purpose: String,
    cases: u64,
    events: u64,
    sha256: String,
    leaf: String,
}

impl From<RecordExport> for ExportBody {
    fn from(export: RecordExport) -> Self {
        Self {
            n: export.n,
            at: machine_time(export.at),
            by_whom: export.by_whom,
            format: export.wish.format.key(),
            names: export.wish.names,
            purpose: export.purpose,
            cases: export.counts.cases,
            events: export.counts.events,
            sha256: export.sha256,
            leaf: export.leaf,
        }
    }
}

fn wrong(field: &str, message: &str) -> Error {
    let problem = FieldProblem::new(field, "record.export", message);
    Error::problems("record.export", vec![problem])
}

fn day(field: &str, text: Option<String>) -> Result<Option<Date>, Error> {
    text.map(|text| text.parse())
        .transpose()
        .map_err(|_| wrong(field, "日期应如 2026-03-02"))
}

#[utoipa::path(get, path = "/api/v1/record-exports", tag = "审计", summary = "最近的导出",
    responses((status = 200, body = List<ExportBody>)))]
pub(super) async fn list(ctx: Ctx) -> ApiResult<List<ExportBody>> {
    let exports = record_exports(&ctx).await?;
    Ok(ApiJson(List {
        items: exports.into_iter().map(ExportBody::from).collect(),
        next: None,
    }))
}

#[utoipa::path(post, path = "/api/v1/record-exports", tag = "审计", summary = "把办件的经过导出为事件日志（OCEL 2.0、XES）",
    request_body = NewExport,
    responses((status = 200, content_type = "application/json"), (status = 422, description = "选择或用途不对")))]
pub(super) async fn create(
    ctx: Ctx,
    ApiJson(body): ApiJson<NewExport>,
) -> Result<Response, Failure> {
    let format = LogFormat::from_key(&body.format)
        .ok_or_else(|| wrong("format", "格式应为 ocel、xes 或 xes-tasks"))?;
    let asked = body.selection;
    let wish = RecordWish {
        format,
        names: body.names,
        selection: RecordSelection {
            item: asked.item,
            organ: asked.organ,
            process: asked.process,
            state: asked.state,
            from: day("from", asked.from)?,
            until: day("until", asked.until)?,
            numbers: asked.numbers,
        },
    };
    let purpose = body.purpose;
    let made = export_record(&ctx, ExportRecord { wish, purpose }).await?;
    Ok(download(made).await?)
}
