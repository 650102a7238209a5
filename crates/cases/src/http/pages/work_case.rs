//! `/work/cases/{no}`: a case for an officer to look at; special procedures for those who may.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use tongban_catalogue::Offer;
use tongban_codes::mask;
use tongban_forms::Source;
use tongban_kernel::{FieldProblem, Result};
use tongban_webkit::ui::{ErrorSummary, KeyValues, Problem, Ring, Steps, Timeline};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell};

use super::advice_sheet::AdviceSheet;
use super::case_view::{
    Day, FileLine, Paper, days, files, lamp_of, papers, parallel, ring, steps, timeline,
};
use super::check::source_words;
use super::inbox::notice;
use crate::http::words::{form_lang, moment, state_tag};
use crate::model::{CaseState, Submitted};
use crate::service::{CaseView, Orders, case_desk, case_flow, declared};

pub(super) struct CardRow {
    pub(super) path: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) source: String,
    pub(super) verified: bool,
}

/// One section of the declared form.
pub(super) struct Card {
    pub(super) title: String,
    pub(super) rows: Vec<CardRow>,
}

/// One organ of the parallel review.
pub(super) struct PartRow {
    pub(super) organ: String,
    pub(super) item: String,
    pub(super) lamp: Html,
}

/// A case as officers see it.
pub(super) struct CaseSheet {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) state: Html,
    pub(super) lamp: Html,
    pub(super) applicant: KeyValues,
    /// Names and numbers are shown in part.
    pub(super) masked: bool,
    pub(super) cards: Vec<Card>,
    pub(super) files: Vec<FileLine>,
    pub(super) papers: Vec<Paper>,
    pub(super) ring: Option<Ring>,
    pub(super) steps: Steps,
    pub(super) timeline: Timeline,
    pub(super) flow: Html,
    pub(super) parts: Vec<PartRow>,
    pub(super) days: Vec<Day>,
    pub(super) still: Option<(String, String)>,
    /// May start (`Some(false)`) or end (`Some(true)`) a special procedure.
    pub(super) special: Option<bool>,
    /// Opinions at a glance, and what is beside the process.
    pub(super) advice: AdviceSheet,
}

/// The applicant; whole only for those who have to act on the case now.
fn applicant(shell: &PageShell, view: &CaseView, submitted: &Submitted, whole: bool) -> KeyValues {
    let name = |name: &str| {
        if whole {
            name.to_owned()
        } else {
            mask::person_name(name)
        }
    };
    let number = |number: &str| {
        if whole {
            number.to_owned()
        } else {
            mask::id_number(number)
        }
    };
    let mut rows = Vec::new();
    match &submitted.enterprise {
        // The name and code of an enterprise are public register data.
        Some((enterprise, code)) => {
            rows.push((shell.t("cs-enterprise"), enterprise.clone()));
            rows.push((shell.t("cs-uscc"), code.clone()));
            rows.push((shell.t("cs-agent"), name(&submitted.person.user_name)));
        }
        None => rows.push((shell.t("cs-applicant"), name(&submitted.person.user_name))),
    }
    rows.push((shell.t("cs-cert-no"), number(&submitted.person.cert_no)));
    if !submitted.person.user_mobile.is_empty() {
        rows.push((shell.t("cs-mobile"), number(&submitted.person.user_mobile)));
    }
    rows.push((shell.t("cs-submitted-at"), moment(view.case.submitted_at)));
    KeyValues {
        rows,
        // Beside the decision box two columns would break an identity number.
        one_column: true,
    }
}

pub(super) fn sheet(
    ctx: &Ctx,
    shell: &PageShell,
    view: &CaseView,
    submitted: &Submitted,
    offer: &Offer,
    whole: bool,
    special: bool,
) -> CaseSheet {
    let today = ctx.clock.today();
    let lang = form_lang(shell.lang());
    let cards = declared(ctx, offer, &view.case, submitted, lang)
        .into_iter()
        .map(|card| Card {
            title: shell.zh(&card.title),
            rows: card
                .rows
                .into_iter()
                .map(|row| CardRow {
                    path: row.path,
                    label: shell.zh(&row.label),
                    value: row.value,
                    source: source_words(shell, row.source),
                    verified: row.source == Some(Source::Verified),
                })
                .collect(),
        })
        .collect();
    let clock = view.clock.as_ref();
    let lamp = match clock {
        Some(clock) if clock.stopped => String::new(),
        Some(clock) if clock.left < 0 => shell.t1("cs-days-over", "n", clock.left.unsigned_abs()),
        Some(clock) => shell.t1("cs-days-left", "n", clock.left),
        None => String::new(),
    };
    CaseSheet {
        number: view.case.project_no.clone(),
        name: shell.zh(&view.case.task_name),
        state: state_tag(shell, &view.case.state),
        lamp: match clock {
            Some(clock) if !lamp.is_empty() => {
                tongban_webkit::ui::lamp(shell, lamp_of(clock.light), &lamp)
            }
            _ => askama::filters::Safe(String::new()),
        },
        applicant: applicant(shell, view, submitted, whole),
        masked: !whole,
        cards,
        files: files(shell, view, offer.form.as_ref()),
        papers: papers(view),
        ring: clock.map(|clock| ring(shell, clock)),
        steps: steps(shell, view, today),
        timeline: timeline(shell, view, today),
        // Set by the page, which has asked for it.
        flow: askama::filters::Safe(String::new()),
        parts: parallel(shell, view)
            .into_iter()
            .map(|part| PartRow {
                lamp: tongban_webkit::ui::lamp(shell, part.lamp, &part.status),
                organ: part.organ,
                item: part.item,
            })
            .collect(),
        days: clock.map_or_else(Vec::new, |clock| days(clock, today)),
        still: clock.and_then(|clock| clock.suspended.clone()),
        advice: AdviceSheet::of(ctx, shell, view),
        special: special.then_some(matches!(view.case.state, CaseState::Special { .. })),
    }
}

/// What was typed into the form of a special procedure.
#[derive(Default)]
pub(super) struct SpecialTyped {
    pub(super) kind: String,
    pub(super) days: String,
    pub(super) text: String,
}

#[derive(Template)]
#[template(path = "work_case.html")]
struct WorkCasePage<'a> {
    shell: &'a PageShell,
    notice: String,
    sheet: CaseSheet,
    orders: &'a Orders,
    problems: ErrorSummary,
    typed: SpecialTyped,
    kinds: Vec<(&'static str, String)>,
}

pub(super) async fn render(
    ctx: &Ctx,
    page: &Page,
    number: &str,
    query: &str,
    typed: SpecialTyped,
    problems: &[FieldProblem],
) -> Result<Response, Failure> {
    let desk = case_desk(ctx, number).await?;
    let flow = case_flow(ctx, number).await?;
    let name = page.shell().zh(&desk.view.case.task_name);
    let page = page
        .clone()
        .titled(name)
        .with_style(tongban_webkit::assets::path("flow.css"))
        .nav("inbox")
        .crumb(page.shell().t("cs-inbox"), "/work")
        .crumb(desk.view.case.project_no.clone(), "");
    let shell = page.shell();
    let mut sheet = sheet(
        ctx,
        shell,
        &desk.view,
        &desk.submitted,
        &desk.offer,
        false,
        desk.special,
    );
    sheet.flow = super::flow::card(shell, number, &flow);
    sheet.advice.beside(shell, &desk.beside);
    let content = WorkCasePage {
        shell,
        sheet,
        notice: notice(shell, query),
        orders: &desk.orders,
        problems: ErrorSummary {
            problems: problems
                .iter()
                .map(|problem| Problem {
                    id: format!("f-{}", problem.field),
                    text: problem.message.clone(),
                })
                .collect(),
        },
        typed,
        kinds: super::special::kinds(shell),
    };
    Ok(page.staff_form(&content, !problems.is_empty()))
}

pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    render(&ctx, &page, &number, &query, SpecialTyped::default(), &[]).await
}
