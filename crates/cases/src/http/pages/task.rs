//! `/work/tasks/{task}`: the case on the left, the decision box of the act on the right.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use tongban_kernel::{FieldProblem, Result, TaskId};
use tongban_webkit::ui::{ErrorSummary, Problem};
use tongban_webkit::{Ctx, Failure, Page, PageShell};

use super::inbox::{act_key, notice};
use super::work_case::{CaseSheet, sheet};
use crate::http::words::{form_lang, id};
use crate::model::{CaseFact, InPlace};
use crate::service::{TaskDesk, acceptance_ahead, case_flow, task_desk};

/// Lines for one-time supplements that are always there, filled or not.
pub(super) const SUPPLEMENT_LINES: usize = 6;
/// Days that a supplement notice gives, in working days, where nothing else is said.
const SUPPLEMENT_DAYS: u32 = 10;

/// One line of a supplement request, as typed.
#[derive(Clone, Default)]
pub(super) struct Line {
    pub(super) target: String,
    pub(super) name: String,
    pub(super) requirement: String,
}

/// What was typed into the decision box, to show it again.
#[derive(Clone, Default)]
pub(super) struct Typed {
    /// Which form of the box was sent.
    pub(super) form: String,
    pub(super) idem: String,
    pub(super) opinion: String,
    pub(super) verdict: String,
    pub(super) reason: String,
    pub(super) competent: String,
    pub(super) not_required: bool,
    pub(super) days: String,
    pub(super) lines: Vec<Line>,
}

struct Opinion {
    organ: String,
    passed: bool,
    text: String,
}

struct AheadWords {
    promised: String,
    statutory: String,
}

/// Something that can be asked for: a field or a material.
struct Target {
    value: String,
    name: String,
}

#[derive(Template)]
#[template(path = "task.html")]
struct TaskPage<'a> {
    shell: &'a PageShell,
    desk: &'a TaskDesk,
    notice: String,
    act: &'a str,
    act_name: String,
    base: String,
    /// In whose place whoever looks would do it.
    behalf: String,
    /// Text of the order that ends a delegation.
    end_delegation: &'static str,
    sheet: CaseSheet,
    problems: ErrorSummary,
    typed: Typed,
    targets: Vec<Target>,
    organs: Vec<String>,
    ahead: Option<AheadWords>,
    /// The case was accepted and has come back to a step before.
    accepted: bool,
    opinions: Vec<Opinion>,
    /// Usual phrases of the act.
    phrases: Vec<String>,
    against: Vec<String>,
}

fn phrases(shell: &PageShell, act: &str, kind: &str) -> Vec<String> {
    (1..=3)
        .map(|n| format!("cs-phrase-{act}-{kind}-{n}"))
        .map(|key| shell.t(&key))
        .filter(|text| !text.starts_with("cs-phrase"))
        .collect()
}

fn targets(desk: &TaskDesk, shell: &PageShell, sheet: &CaseSheet) -> Vec<Target> {
    let fields = sheet
        .cards
        .iter()
        .flat_map(|card| card.rows.iter().map(move |row| (card, row)))
        .map(|(card, row)| Target {
            value: row.path.clone(),
            name: format!("{} · {}", card.title, row.label),
        });
    let lang = form_lang(shell.lang());
    let materials = desk
        .offer
        .form
        .iter()
        .flat_map(|form| form.materials())
        .map(|material| Target {
            value: material.id.clone(),
            name: format!(
                "{} · {}",
                shell.t("cs-materials"),
                shell.zh(material.name.get(lang))
            ),
        });
    materials.chain(fields).collect()
}

fn opinions(desk: &TaskDesk, shell: &PageShell) -> Vec<Opinion> {
    desk.view
        .events
        .iter()
        .filter_map(|event| match &event.event.fact {
            CaseFact::Reviewed {
                organ_name,
                passed,
                opinion,
            } => Some(Opinion {
                organ: shell.zh(organ_name),
                passed: *passed,
                text: opinion.clone(),
            }),
            CaseFact::Countersigned {
                organ_name,
                agreed,
                opinion,
            } => Some(Opinion {
                organ: shell.zh(organ_name),
                passed: *agreed,
                text: opinion.clone(),
            }),
            _ => None,
        })
        .collect()
}

fn of_fields(problems: &[FieldProblem]) -> Vec<Problem> {
    problems
        .iter()
        .map(|problem| Problem {
            id: format!("f-{}", problem.field.replace(['.', '_'], "-")),
            text: problem.message.clone(),
        })
        .collect()
}

/// The page; with `problems` it is the same page again, 422.
pub(super) async fn render(
    ctx: &Ctx,
    page: &Page,
    task: TaskId,
    query: &str,
    mut typed: Typed,
    problems: &[FieldProblem],
) -> Result<Response, Failure> {
    let desk = task_desk(ctx, task).await?;
    let name = page.shell().zh(&desk.offer.item.task_name);
    let page = page
        .clone()
        .titled(name.clone())
        .with_style(tongban_webkit::assets::path("flow.css"))
        .nav("inbox")
        .crumb(page.shell().t("cs-inbox"), "/work")
        .crumb(name, "");
    let shell = page.shell();
    let act = desk.task.task.act.as_str();
    let may = desk.refused.is_none() && desk.task.task.open;
    // The forms of the box add their own ending to the key.
    typed.idem = typed.idem.chars().take(64).collect();
    if typed.idem.is_empty() {
        typed.idem = ctx.ids.token();
    }
    if typed.days.is_empty() {
        typed.days = SUPPLEMENT_DAYS.to_string();
    }
    // Only where nothing is decided yet: a reason must never be there before the verdict.
    if act == "pre-review" && typed.opinion.is_empty() && typed.form.is_empty() {
        typed.opinion = phrases(shell, act, "for")
            .into_iter()
            .next()
            .unwrap_or_default();
    }
    typed
        .lines
        .resize_with(SUPPLEMENT_LINES.max(typed.lines.len()), Line::default);
    let mut sheet = sheet(
        ctx,
        shell,
        &desk.view,
        &desk.submitted,
        &desk.offer,
        may,
        desk.special,
    );
    let number = &desk.view.case.project_no;
    sheet.flow = super::flow::card(shell, number, &case_flow(ctx, number).await?);
    sheet.advice.beside(shell, &desk.beside);
    let organs = if may && act == "pre-review" {
        let known = tongban_accounts::organs(ctx).await?;
        known.into_iter().map(|organ| organ.name).collect()
    } else {
        Vec::new()
    };
    let accepted = desk.view.case.state.acceptance().is_some();
    let ahead = if may && act == "accept" && !accepted {
        let ahead = acceptance_ahead(ctx, &desk.offer)?;
        Some(AheadWords {
            promised: shell.t2(
                "cs-ahead-promised",
                "n",
                ahead.promised_days,
                "date",
                ahead.promised_due.to_string(),
            ),
            statutory: shell.t2(
                "cs-ahead-statutory",
                "n",
                ahead.statutory_days,
                "date",
                ahead.statutory_due.to_string(),
            ),
        })
    } else {
        None
    };
    let content = TaskPage {
        shell,
        notice: notice(shell, query),
        act,
        act_name: shell.t(act_key(act)),
        base: format!("/work/tasks/{task}"),
        end_delegation: match desk.behalf {
            Some(_) => "or-undelegate",
            None => "or-recall-delegation",
        },
        behalf: desk.behalf.as_ref().map_or_else(String::new, |other| {
            let key = match other.how {
                InPlace::Delegated => "or-behalf-delegated",
                InPlace::Covering => "or-behalf-covering",
            };
            shell.t1(key, "name", shell.zh(&other.name))
        }),
        targets: if may && act == "pre-review" {
            targets(&desk, shell, &sheet)
        } else {
            Vec::new()
        },
        problems: ErrorSummary {
            problems: of_fields(problems),
        },
        typed,
        organs,
        ahead,
        accepted,
        opinions: opinions(&desk, shell),
        phrases: phrases(shell, act, "for"),
        against: phrases(shell, act, "against"),
        sheet,
        desk: &desk,
    };
    Ok(page.staff_form(&content, !problems.is_empty()))
}

pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(task): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let task = id(&task)?;
    let query = query.unwrap_or_default();
    render(&ctx, &page, task, &query, Typed::default(), &[]).await
}
