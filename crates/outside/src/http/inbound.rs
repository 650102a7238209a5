//! `/api/v1/outside/{code}/…`: what systems call. The signature covers the very bytes of the body, so all that is asked stands there.

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tongban_cases::model::{OutsideMessage, StepCase, StepReport, Taken};
use tongban_kernel::{Error, Result, StepId};
use tongban_webkit::{ApiJson, ApiResult, Ctx};

use crate::model::TYPE;
use crate::service::{Signed, sender};

/// Which header counts as what.
fn signed(headers: &HeaderMap, body: &Bytes) -> Signed {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    Signed {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
        body: body.to_vec(),
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T> {
    serde_json::from_slice(body).map_err(|source| {
        Error::invalid("request.json", "请求体不是符合接口说明的 JSON").context(source.to_string())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LookBody {
    step: StepId,
}

/// What the step shows of its case.
pub(super) async fn look(
    ctx: Ctx,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<StepCase> {
    let ctx = sender(&ctx, &code, signed(&headers, &body)).await?;
    let wish: LookBody = read(&body)?;
    Ok(ApiJson(tongban_cases::step_case(&ctx, wish.step).await?))
}

#[derive(Deserialize)]
struct ReportBody {
    step: StepId,
    #[serde(flatten)]
    report: Map<String, Value>,
}

#[derive(Serialize)]
pub(super) struct Reported {
    project_no: String,
}

/// In hand, progress, result or failure of a step.
pub(super) async fn report(
    ctx: Ctx,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<Reported> {
    let signed = signed(&headers, &body);
    let key = signed.id.clone();
    let ctx = sender(&ctx, &code, signed).await?;
    let wish: ReportBody = read(&body)?;
    let report: StepReport =
        serde_json::from_value(Value::Object(wish.report)).map_err(|source| {
            Error::invalid("request.json", "报告不符合接口说明").context(source.to_string())
        })?;
    let project_no = tongban_cases::report_step(&ctx, &key, wish.step, report).await?;
    Ok(ApiJson(Reported { project_no }))
}

/// An event of CloudEvents 1.0, structured mode; other attributes are not looked at.
#[derive(Deserialize)]
struct EventBody {
    specversion: String,
    id: String,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    data: Map<String, Value>,
}

#[derive(Serialize)]
pub(super) struct Received {
    state: Taken,
}

/// A message for a case that waits for it, or will: its name is the `type`, its key the `subject`.
pub(super) async fn message(
    ctx: Ctx,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<Received> {
    let ctx = sender(&ctx, &code, signed(&headers, &body)).await?;
    let event: EventBody = read(&body)?;
    if event.specversion != "1.0" {
        return Err(Error::invalid("message.version", "只接受 CloudEvents 1.0").into());
    }
    // One system must not answer for another: the names of messages are the senders' own.
    let source = format!("{code} {}", event.source);
    let state = tongban_cases::take_message(
        &ctx,
        OutsideMessage {
            source,
            id: event.id,
            name: event.kind.trim_start_matches(TYPE).to_owned(),
            key: event.subject,
            vars: event.data,
        },
    )
    .await?;
    Ok(ApiJson(Received { state }))
}
