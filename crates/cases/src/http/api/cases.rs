//! `/api/v1/cases`.

use axum::extract::Path;
use tongban_kernel::CaseId;
use tongban_webkit::{ApiJson, ApiResult, Ctx, IdempotencyKey, List, PageParams, bad_page};

use super::shapes::{CaseBody, CaseDetail, DoneBody, SupplementBody, WithdrawalBody};
use crate::service::{Supplement, case_by_number, my_cases, supplement_once, withdraw_once};

#[utoipa::path(get, path = "/api/v1/cases", tag = "办件", summary = "我的办件，新的在前", params(PageParams),
    responses((status = 200, body = List<CaseBody>)))]
pub(super) async fn list(ctx: Ctx, page: PageParams) -> ApiResult<List<CaseBody>> {
    let before: Option<CaseId> = match &page.after {
        None => None,
        Some(cursor) => Some(
            cursor
                .0
                .first()
                .and_then(|text| text.parse().ok())
                .ok_or_else(bad_page)?,
        ),
    };
    let lines = my_cases(&ctx, before, page.limit + 1).await?;
    let found = List::of(lines, &page, |line| vec![line.id.to_string()]);
    Ok(ApiJson(List {
        items: found.items.iter().map(CaseBody::from).collect(),
        next: found.next,
    }))
}

#[utoipa::path(get, path = "/api/v1/cases/{project_no}", tag = "办件", summary = "一件办件的状态、时限和记录",
    params(("project_no" = String, Path)), responses((status = 200, body = CaseDetail)))]
pub(super) async fn one(ctx: Ctx, Path(project_no): Path<String>) -> ApiResult<CaseDetail> {
    let view = case_by_number(&ctx, &project_no).await?;
    Ok(ApiJson(CaseDetail::from(&view)))
}

#[utoipa::path(post, path = "/api/v1/cases/{project_no}/supplements", tag = "办件", summary = "提交补正",
    params(("project_no" = String, Path), ("Idempotency-Key" = String, Header)), request_body = SupplementBody, responses((status = 200, body = DoneBody)))]
pub(super) async fn supplement(
    ctx: Ctx,
    Path(project_no): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<SupplementBody>,
) -> ApiResult<DoneBody> {
    let view = case_by_number(&ctx, &project_no).await?;
    let what = Supplement { note: body.note };
    let project_no = supplement_once(&ctx, &key, view.case.id, what).await?;
    Ok(ApiJson(DoneBody { project_no }))
}

#[utoipa::path(post, path = "/api/v1/cases/{project_no}/withdrawal", tag = "办件", summary = "撤回申请",
    params(("project_no" = String, Path), ("Idempotency-Key" = String, Header)), request_body = WithdrawalBody, responses((status = 200, body = DoneBody)))]
pub(super) async fn withdrawal(
    ctx: Ctx,
    Path(project_no): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    ApiJson(body): ApiJson<WithdrawalBody>,
) -> ApiResult<DoneBody> {
    let view = case_by_number(&ctx, &project_no).await?;
    let project_no = withdraw_once(&ctx, &key, view.case.id, body.reason).await?;
    Ok(ApiJson(DoneBody { project_no }))
}
