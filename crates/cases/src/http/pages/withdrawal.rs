//! `/cases/{no}/withdrawal`: taking an application back, after being asked once more.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::ErrorKind;
use tongban_webkit::ui::{ErrorSummary, Field, FieldKind, Problem};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use super::progress::framed;
use crate::service::{case_by_number, withdraw};

#[derive(Template)]
#[template(path = "withdrawal.html")]
struct WithdrawalPage<'a> {
    shell: &'a PageShell,
    number: &'a str,
    name: String,
    problems: ErrorSummary,
    reason: Field,
}

async fn render(
    ctx: &Ctx,
    page: &Page,
    number: &str,
    typed: &str,
    problem: Option<String>,
) -> Result<Response, Failure> {
    let view = case_by_number(ctx, number).await?;
    if !view.own || !view.case.state.is_open() {
        return Ok(page.see_other(&format!("/cases/{number}")));
    }
    let page = framed(page, &view, &page.shell().t("cs-withdraw"));
    let shell = page.shell();
    let kind = FieldKind::TextArea {
        value: typed.to_owned(),
        maxlength: 2000,
    };
    let mut reason = Field::new("reason", &shell.t("cs-withdraw-reason"), kind);
    let mut problems = ErrorSummary::default();
    if let Some(text) = problem {
        reason.error.clone_from(&text);
        problems.problems.push(Problem {
            id: reason.id.clone(),
            text,
        });
    }
    let invalid = !problems.problems.is_empty();
    let content = WithdrawalPage {
        shell,
        number: &view.case.project_no,
        name: shell.zh(&view.case.task_name),
        problems,
        reason,
    };
    Ok(if invalid {
        page.invalid(&content)
    } else {
        page.html(&content)
    })
}

pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    render(&ctx, &page, &number, "", None).await
}

pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let reason = fields.text("reason");
    let view = case_by_number(&ctx, &number).await?;
    match withdraw(&ctx, view.case.id, reason.clone()).await {
        Ok(number) => Ok(page.see_other(&format!("/cases/{number}?done=withdrawal"))),
        Err(error) if error.kind() == ErrorKind::Invalid => {
            let text = error
                .field_problems()
                .first()
                .map_or_else(|| error.message().to_owned(), |one| one.message.clone());
            render(&ctx, &page, &number, &reason, Some(text)).await
        }
        Err(error) => Err(error.into()),
    }
}
