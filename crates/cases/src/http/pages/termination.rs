//! `/work/cases/{no}/termination`: 终止办理.

use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::{Error, Result};
use tongban_webkit::ui::Choice;
use tongban_webkit::{Ctx, Failure, Page, ProtectedPairs};

use super::case_form::{answer, nothing_chosen};
use super::orders::{Asked, Typed, show, typed};
use crate::model::Ground;
use crate::service::{self, Terminate, case_head};

async fn page_of(
    ctx: &Ctx,
    page: &Page,
    number: &str,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::terminate_desk(ctx, number).await?;
    let shell = page.shell();
    let choices = Ground::ALL.map(|ground| {
        Choice::new(
            ground.key(),
            &shell.t(&format!("or-ground-{}", ground.key())),
            false,
        )
    });
    let open = (!desk.open.is_empty()).then(|| {
        shell.t1(
            "or-terminate-open",
            "tasks",
            shell.zh(&desk.open.join("、")),
        )
    });
    let asked = Asked {
        key: "terminate",
        case: &desk.case,
        action: format!("/work/cases/{number}/termination"),
        back: format!("/work/cases/{number}"),
        choices: Some(choices.into()),
        refused: desk.refused.map(|why| shell.zh(&why)).or(open),
    };
    Ok(show(ctx, page, asked, typed, failed))
}

pub(super) async fn ask(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let empty = Typed {
        words: Some(String::new()),
        ..Typed::default()
    };
    page_of(&ctx, &page, &number, &empty, None).await
}

pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let mut typed = typed(&fields)?;
    let words = fields.text("words");
    typed.words = Some(words.clone());
    let outcome = match Ground::from_key(&typed.to) {
        Some(ground) => {
            let what = Terminate {
                ground,
                words: Some(words),
                reason: typed.reason.clone(),
            };
            let case = case_head(&ctx, &number).await?.id;
            service::terminate(&ctx, &typed.idem, case, what).await
        }
        None => Err(nothing_chosen(&page)),
    };
    let to = format!("/work/cases/{number}");
    answer(&page, &to, "terminate", outcome, async |error| {
        page_of(&ctx, &page, &number, &typed, Some(error)).await
    })
    .await
}
