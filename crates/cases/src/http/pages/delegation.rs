//! `/work/tasks/{task}/delegation`: 委托 of a task, and its return or recall.

use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::{Error, OfficerId, Result, TaskId};
use tongban_webkit::ui::Choice;
use tongban_webkit::{Ctx, Failure, Page, ProtectedPairs};

use super::case_form::{answer, nothing_chosen};
use super::orders::{Asked, Typed, on, show, typed};
use crate::http::words::id;
use crate::service::{self, Delegate, EndDelegation};

async fn page_of(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::delegate_desk(ctx, task).await?;
    let shell = page.shell();
    let choices: Vec<Choice> = desk
        .delegates
        .iter()
        .map(|one| Choice {
            hint: one.staff_no.clone(),
            ..Choice::new(&one.id.to_string(), &shell.zh(&one.name), false)
        })
        .collect();
    let nobody = choices.is_empty().then(|| shell.t("or-transfer-nobody"));
    let asked = Asked {
        key: "delegate",
        case: &desk.case,
        action: format!("/work/tasks/{task}/delegation"),
        back: format!("/work/tasks/{task}"),
        choices: Some(choices),
        refused: desk.refused.map(|why| shell.zh(why)).or(nobody),
    };
    Ok(show(ctx, page, asked, typed, failed))
}

pub(super) async fn ask(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
) -> Result<Response, Failure> {
    page_of(&ctx, &page, id(&task)?, &Typed::default(), None).await
}

pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed): (TaskId, _) = (id(&task)?, typed(&fields)?);
    let to: Result<OfficerId> = id(&typed.to).map_err(|_| nothing_chosen(&page));
    let outcome = match to {
        Ok(to) => {
            let reason = typed.reason.clone();
            service::delegate(&ctx, on(task, &typed, Delegate { to, reason })).await
        }
        Err(error) => Err(error),
    };
    answer(&page, "/work", "delegate", outcome, async |error| {
        page_of(&ctx, &page, task, &typed, Some(error)).await
    })
    .await
}

async fn end_page(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::delegation_desk(ctx, task).await?;
    let asked = Asked {
        key: if desk.own {
            "recall-delegation"
        } else {
            "undelegate"
        },
        case: &desk.case,
        action: format!("/work/tasks/{task}/delegation/return"),
        back: format!("/work/tasks/{task}"),
        choices: None,
        refused: None,
    };
    Ok(show(ctx, page, asked, typed, failed))
}

pub(super) async fn ask_end(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
) -> Result<Response, Failure> {
    end_page(&ctx, &page, id(&task)?, &Typed::default(), None).await
}

pub(super) async fn end(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed): (TaskId, _) = (id(&task)?, typed(&fields)?);
    let reason = typed.reason.clone();
    let outcome = service::end_delegation(&ctx, on(task, &typed, EndDelegation { reason })).await;
    answer(&page, "/work", "delegation-ended", outcome, async |error| {
        end_page(&ctx, &page, task, &typed, Some(error)).await
    })
    .await
}
