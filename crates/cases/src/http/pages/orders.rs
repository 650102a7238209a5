//! Orders about a task or a case: one page that says what will happen and asks for the reason, one POST that does it.

use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::{Error, OfficerId, Result, TaskId};
use tongban_webkit::ui::{Choice, Field, FieldKind};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use super::case_form::{self, Sheet, answer, area, idem_of, nothing_chosen};
use crate::http::words::id;
use crate::model::Case;
use crate::service::{self, OnTask, SendBack, Transfer, Way};

/// What was typed, to show it again.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) idem: String,
    pub(super) to: String,
    pub(super) reason: String,
    /// Where an order asks for further words (text `or-<key>-words`).
    pub(super) words: Option<String>,
}

pub(super) fn typed(fields: &ProtectedPairs) -> Result<Typed> {
    Ok(Typed {
        idem: idem_of(fields)?,
        to: fields.text("to"),
        reason: fields.text("reason"),
        words: None,
    })
}

/// What one order asks.
pub(super) struct Asked<'a> {
    /// Its texts are `or-<key>`, `or-<key>-intro`, `or-<key>-send`, and `or-<key>-to` over the choices.
    pub(super) key: &'static str,
    pub(super) case: &'a Case,
    pub(super) action: String,
    pub(super) back: String,
    /// Where to, or to whom; nothing to choose if `None`.
    pub(super) choices: Option<Vec<Choice>>,
    /// Why it cannot be done now.
    pub(super) refused: Option<String>,
}

pub(super) fn show(
    ctx: &Ctx,
    page: &Page,
    asked: Asked<'_>,
    typed: &Typed,
    failed: Option<&Error>,
) -> Response {
    let shell = page.shell();
    let text = |end: &str| shell.t(&format!("or-{}{end}", asked.key));
    let mut fields = Vec::new();
    if let Some(mut choices) = asked.choices {
        for choice in &mut choices {
            choice.chosen = choice.value == typed.to;
        }
        let kind = if choices.len() > 12 {
            FieldKind::Select { choices }
        } else {
            FieldKind::Radio {
                choices,
                stacked: true,
            }
        };
        fields.push(Field::new("to", &text("-to"), kind).wide());
    }
    if let Some(words) = &typed.words {
        fields.push(Field::text("words", &text("-words"), words).optional());
    }
    fields.push(area("reason", &shell.t("or-reason"), typed.reason.clone()));
    let sheet = Sheet {
        key: format!("or-{}", asked.key),
        case: asked.case,
        action: asked.action,
        back: asked.back,
        fields,
        note: asked.refused,
    };
    case_form::show(ctx, page, sheet, &typed.idem, failed)
}

/// What a way does, as the hint of its choice.
pub(super) fn way_choice(shell: &PageShell, way: &Way) -> Choice {
    let mut parts = Vec::new();
    if !way.withdrawn.is_empty() {
        parts.push(shell.t1("or-withdrawn", "tasks", shell.zh(&way.withdrawn.join("、"))));
    }
    if !way.again.is_empty() {
        parts.push(shell.t1("or-again", "tasks", shell.zh(&way.again.join("、"))));
    }
    if parts.is_empty() {
        parts.push(shell.t("or-nothing-else"));
    }
    Choice {
        hint: parts.join(" "),
        ..Choice::new(&way.element, &shell.zh(&way.name), false)
    }
}

pub(super) fn on<T>(task: TaskId, typed: &Typed, what: T) -> OnTask<T> {
    OnTask {
        task,
        key: typed.idem.clone(),
        what,
    }
}

const POST: &str = "post";

async fn transfer_page(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::transfer_desk(ctx, task).await?;
    let shell = page.shell();
    let mut choices: Vec<Choice> = desk
        .receivers
        .iter()
        .map(|one| Choice {
            hint: one.staff_no.clone(),
            ..Choice::new(&one.id.to_string(), &shell.zh(&one.name), false)
        })
        .collect();
    if let Some(now) = &desk.assigned {
        choices.push(Choice {
            hint: shell.t1("or-transfer-now", "name", shell.zh(&now.name)),
            ..Choice::new(POST, &shell.t("or-transfer-post"), false)
        });
    }
    let refused = choices.is_empty().then(|| shell.t("or-transfer-nobody"));
    let asked = Asked {
        key: "transfer",
        case: &desk.case,
        action: format!("/work/tasks/{task}/transfer"),
        back: format!("/work/tasks/{task}"),
        choices: Some(choices),
        refused,
    };
    Ok(show(ctx, page, asked, typed, failed))
}

pub(super) async fn ask_transfer(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
) -> Result<Response, Failure> {
    transfer_page(&ctx, &page, id(&task)?, &Typed::default(), None).await
}

pub(super) async fn transfer(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed): (TaskId, _) = (id(&task)?, typed(&fields)?);
    let to: Result<Option<OfficerId>> = match typed.to.as_str() {
        POST => Ok(None),
        officer => id(officer).map(Some).map_err(|_| nothing_chosen(&page)),
    };
    let outcome = match to {
        Ok(to) => {
            let reason = typed.reason.clone();
            service::transfer(&ctx, on(task, &typed, Transfer { to, reason })).await
        }
        Err(error) => Err(error),
    };
    answer(&page, "/work", "transfer", outcome, async |error| {
        transfer_page(&ctx, &page, task, &typed, Some(error)).await
    })
    .await
}

async fn send_back_page(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::send_back_desk(ctx, task).await?;
    let shell = page.shell();
    let choices: Vec<Choice> = desk.ways.iter().map(|way| way_choice(shell, way)).collect();
    let asked = Asked {
        key: "return",
        case: &desk.case,
        action: format!("/work/tasks/{task}/return"),
        back: format!("/work/tasks/{task}"),
        refused: choices.is_empty().then(|| shell.t("or-return-nowhere")),
        choices: Some(choices),
    };
    Ok(show(ctx, page, asked, typed, failed))
}

pub(super) async fn ask_return(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
) -> Result<Response, Failure> {
    send_back_page(&ctx, &page, id(&task)?, &Typed::default(), None).await
}

pub(super) async fn send_back(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed): (TaskId, _) = (id(&task)?, typed(&fields)?);
    let what = SendBack {
        to: typed.to.clone(),
        reason: typed.reason.clone(),
    };
    let outcome = service::send_back(&ctx, on(task, &typed, what)).await;
    answer(&page, "/work", "return", outcome, async |error| {
        send_back_page(&ctx, &page, task, &typed, Some(error)).await
    })
    .await
}

async fn take_back_page(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    typed: &Typed,
    failed: Option<&Error>,
) -> Result<Response, Failure> {
    let desk = service::take_back_desk(ctx, task).await?;
    let asked = Asked {
        key: "take-back",
        case: &desk.case,
        action: format!("/work/tasks/{task}/recall"),
        back: format!("/work/cases/{}", desk.case.project_no),
        choices: None,
        refused: desk.refused.map(|why| page.shell().zh(&why)),
    };
    Ok(show(ctx, page, asked, typed, failed))
}

pub(super) async fn ask_take_back(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
) -> Result<Response, Failure> {
    take_back_page(&ctx, &page, id(&task)?, &Typed::default(), None).await
}

pub(super) async fn take_back(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (task, typed): (TaskId, _) = (id(&task)?, typed(&fields)?);
    let outcome = service::take_back(&ctx, &typed.idem, task, typed.reason.clone()).await;
    answer(&page, "/work", "take-back", outcome, async |error| {
        take_back_page(&ctx, &page, task, &typed, Some(error)).await
    })
    .await
}
