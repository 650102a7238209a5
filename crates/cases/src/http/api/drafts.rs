//! `/api/v1/drafts`.

use axum::extract::Path;
use axum::response::Response;
use serde_json::Value;
use tongban_catalogue::offer_by_code;
use tongban_kernel::DraftId;
use tongban_webkit::api::{created, with_revision};
use tongban_webkit::{ApiJson, Ctx, Failure, IdempotencyKey, IfMatch};

use super::shapes::{DraftBody, NewDraft, ProblemBody, ReceiptBody, SavedBody};
use crate::http::words::{id, machine_time};
use crate::service::{Desk, SubmitCase, desk, save_answers, start_draft_once, submit};

fn body(desk: &Desk) -> Result<DraftBody, Failure> {
    let received = desk.received();
    let lang = tongban_forms::Lang::Zh;
    let (percent, answers, problems) = desk.read(|reading, _| {
        let fields = reading.validate().problems;
        let fields = fields.iter().map(|problem| ProblemBody {
            field: problem.path.clone(),
            code: problem.code.to_owned(),
            message: problem.text(lang),
        });
        let missing = reading.missing_materials(&received);
        let materials = missing
            .iter()
            .filter(|material| !material.tolerable)
            .map(|material| ProblemBody {
                field: material.id.clone(),
                code: "material".to_owned(),
                message: material.text(lang),
            });
        let json = reading.submission().to_canonical_json();
        (
            reading.progress().percent,
            json,
            fields.chain(materials).collect(),
        )
    })?;
    let mut whole: Value = serde_json::from_str(&answers).unwrap_or_default();
    Ok(DraftBody {
        draft: desk.draft.id.to_string(),
        item_code: desk.offer.code.clone(),
        task_name: desk.offer.item.task_name.clone(),
        revision: desk.draft.revision,
        percent,
        expires_at: machine_time(desk.draft.expires_at),
        answers: whole.get_mut("values").map(Value::take).unwrap_or(whole),
        problems,
    })
}

#[utoipa::path(post, path = "/api/v1/drafts", tag = "申请", summary = "开始填写一份申请",
    params(("Idempotency-Key" = String, Header)), request_body = NewDraft, responses((status = 201, body = DraftBody)))]
pub(super) async fn create(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(new): ApiJson<NewDraft>,
) -> Result<Response, Failure> {
    let offer = offer_by_code(&ctx, &new.item_code).await?;
    let situation = new.situation.into_iter().collect();
    let id = start_draft_once(&ctx, &key, offer.id, &new.item_code, situation).await?;
    let made = desk(&ctx, id).await?;
    let revision = made.draft.revision;
    let response = created(&format!("/api/v1/drafts/{id}/answers"), body(&made)?);
    Ok(with_revision(response, revision))
}

#[utoipa::path(get, path = "/api/v1/drafts/{id}/answers", tag = "申请", summary = "读取草稿",
    params(("id" = String, Path)), responses((status = 200, body = DraftBody)))]
pub(super) async fn answers(ctx: Ctx, Path(text): Path<String>) -> Result<Response, Failure> {
    use axum::response::IntoResponse as _;
    let found = desk(&ctx, id::<DraftId>(&text)?).await?;
    let revision = found.draft.revision;
    Ok(with_revision(
        ApiJson(body(&found)?).into_response(),
        revision,
    ))
}

#[utoipa::path(put, path = "/api/v1/drafts/{id}/answers", tag = "申请", summary = "整体保存填写内容",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "读到的 ETag")),
    request_body = Object, responses((status = 200, body = SavedBody), (status = 409, description = "已有更新的版本")))]
pub(super) async fn replace(
    ctx: Ctx,
    Path(text): Path<String>,
    IfMatch(revision): IfMatch,
    ApiJson(json): ApiJson<Value>,
) -> Result<Response, Failure> {
    use axum::response::IntoResponse as _;
    let saved = save_answers(&ctx, id(&text)?, revision, json).await?;
    let body = SavedBody {
        revision: saved.revision,
        ignored: saved.ignored.into_iter().map(|one| one.name).collect(),
    };
    Ok(with_revision(ApiJson(body).into_response(), saved.revision))
}

/// The hot path: extract → submit → answer.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/submission", tag = "申请", summary = "提交申请",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = ReceiptBody), (status = 422, description = "内容不完整，逐项列出")))]
pub(super) async fn submission(
    ctx: Ctx,
    Path(text): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Response, Failure> {
    let wish = SubmitCase {
        draft: id(&text)?,
        key,
        channel: 1,
    };
    let receipt = submit(&ctx, wish).await?;
    let address = format!("/api/v1/cases/{}", receipt.project_no);
    Ok(created(
        &address,
        ReceiptBody {
            project_no: receipt.project_no,
            task_name: receipt.task_name,
        },
    ))
}
