//! `/work/cases/{no}/special-procedures`: starting one and telling its result (行政许可法 第四十五条).

use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::{ErrorKind, FieldProblem, Result};
use tongban_limits::SuspensionReason;
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use super::work_case::{SpecialTyped, render};
use crate::service::{self, StartSpecial, case_head, end_special};

static KINDS: [(&str, SuspensionReason); 8] = [
    ("hearing", SuspensionReason::Hearing),
    ("tender", SuspensionReason::Tender),
    ("auction", SuspensionReason::Auction),
    ("inspection", SuspensionReason::Inspection),
    ("testing", SuspensionReason::Testing),
    ("quarantine", SuspensionReason::Quarantine),
    ("appraisal", SuspensionReason::Appraisal),
    ("expert-review", SuspensionReason::ExpertReview),
];

/// The kinds that the law names, for a choice.
pub(super) fn kinds(shell: &PageShell) -> Vec<(&'static str, String)> {
    KINDS
        .iter()
        .map(|(key, kind)| (*key, shell.zh(kind.label())))
        .collect()
}

async fn answer(
    ctx: &Ctx,
    page: &Page,
    number: &str,
    done: &str,
    typed: SpecialTyped,
    outcome: Result<String>,
) -> Result<Response, Failure> {
    match outcome {
        Ok(number) => Ok(page.see_other(&format!("/work/cases/{number}?done={done}&no={number}"))),
        Err(error) if error.kind() == ErrorKind::Invalid => {
            let problems: Vec<FieldProblem> = error.field_problems().to_vec();
            if problems.is_empty() {
                return Err(error.into());
            }
            render(ctx, page, number, "", typed, &problems).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn start(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let typed = SpecialTyped {
        kind: fields.text("kind"),
        days: fields.text("days"),
        text: fields.text("reason"),
    };
    let kind = KINDS.iter().find(|(key, _)| *key == typed.kind);
    let days = typed.days.trim().parse::<u32>().ok();
    let problem = |field: &str, key: &str| FieldProblem::required(field, page.shell().t(key));
    let (Some((_, kind)), Some(days @ 1..=365)) = (kind, days) else {
        let mut problems = Vec::new();
        if kind.is_none() {
            problems.push(problem("kind", "cs-special-kind-needed"));
        }
        if !matches!(days, Some(1..=365)) {
            problems.push(problem("days", "cs-special-days-needed"));
        }
        return render(&ctx, &page, &number, "", typed, &problems).await;
    };
    let case = case_head(&ctx, &number).await?.id;
    let what = StartSpecial {
        kind: kind.clone(),
        days,
        reason: typed.text.clone(),
    };
    let outcome = service::start_special(&ctx, case, what).await;
    answer(&ctx, &page, &number, "special-started", typed, outcome).await
}

pub(super) async fn end(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let typed = SpecialTyped {
        text: fields.text("result"),
        ..SpecialTyped::default()
    };
    let case = case_head(&ctx, &number).await?.id;
    let outcome = end_special(&ctx, case, typed.text.clone()).await;
    answer(&ctx, &page, &number, "special-ended", typed, outcome).await
}
