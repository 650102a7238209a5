//! `/cases/{no}`: where a case is, like a parcel — for its applicant.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use tongban_kernel::{Actor, Result};
use tongban_webkit::assets::path;
use tongban_webkit::ui::{Ring, Steps, Timeline};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell};

use super::case_view::{Day, FileLine, Paper, days, files, papers, ring, steps, timeline};
use crate::http::words::{moment, state_tag};
use crate::model::{CaseFact, CaseState, Look, SupplementItem};
use crate::service::{CaseView, answer_due_of, case_by_number, case_flow, case_offer, looks};

struct Licence {
    identifier: String,
    name: String,
}

/// A look of an officer at the data of the case.
struct LookLine {
    at: String,
    who: String,
    what: String,
    why: String,
}

fn look_lines(shell: &PageShell, looks: &[Look], files: &[FileLine]) -> Vec<LookLine> {
    let latest = looks.iter().rev();
    latest
        .map(|look| {
            let file = look
                .object
                .strip_prefix("file/")
                .map(|id| files.iter().find(|file| file.href.ends_with(id)));
            LookLine {
                at: moment(look.at),
                who: shell.zh(&format!("{} {}", look.organ_name, look.post_label())),
                what: match file {
                    Some(Some(file)) => file.name.clone(),
                    Some(None) => shell.t("cs-look-file"),
                    None if look.object.starts_with("document/") => shell.t("cs-look-document"),
                    None => shell.t("cs-look-case"),
                },
                why: shell.zh(&format!("{}（{}）", look.purpose, look.basis)),
            }
        })
        .collect()
}

/// What the applicant is asked for.
struct Asked<'a> {
    items: &'a [SupplementItem],
    due: String,
}

#[derive(Template)]
#[template(path = "progress.html")]
struct ProgressPage<'a> {
    shell: &'a PageShell,
    view: &'a CaseView,
    number: &'a str,
    title: String,
    applicant: String,
    state: Html,
    submitted: String,
    notice: String,
    ring: Option<Ring>,
    steps: Steps,
    timeline: Timeline,
    flow: Html,
    days: Vec<Day>,
    /// Kind and basis while the clock stands still.
    still: Option<(String, String)>,
    asked: Option<Asked<'a>>,
    answer_due: String,
    papers: Vec<Paper>,
    files: Vec<FileLine>,
    licences: Vec<Licence>,
    looks: Vec<LookLine>,
    open: bool,
    can_rate: bool,
    can_urge: bool,
    rated: bool,
}

/// The open request for supplements.
pub(super) fn asked(view: &CaseView) -> Option<(&[SupplementItem], jiff::civil::Date)> {
    if !matches!(view.case.state, CaseState::Supplementing { .. }) {
        return None;
    }
    view.events
        .iter()
        .rev()
        .find_map(|event| match &event.event.fact {
            CaseFact::SupplementRequested { items, due, .. } => Some((items.as_slice(), *due)),
            _ => None,
        })
}

/// The frame of the pages of a case.
pub(super) fn framed(page: &Page, view: &CaseView, what: &str) -> Page {
    let shell = page.shell();
    let number = &view.case.project_no;
    let name = shell.zh(&view.case.task_name);
    let title = if what.is_empty() {
        format!("{} - {name}", shell.t("cs-progress"))
    } else {
        format!("{what} - {name}")
    };
    let page = page
        .clone()
        .titled(title)
        .nav("cases")
        .crumb(shell.t("nav-my"), "/my")
        .crumb(shell.t("cs-my-cases"), "/my/cases");
    if what.is_empty() {
        page.crumb(number.clone(), "")
    } else {
        page.crumb(number.clone(), &format!("/cases/{number}"))
            .crumb(what, "")
    }
}

pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    if matches!(ctx.actor, Actor::Officer(_)) {
        return Ok(page.see_other(&format!("/work/cases/{number}")));
    }
    let view = case_by_number(&ctx, &number).await?;
    let offer = case_offer(&ctx, &view.case).await?;
    let flow = case_flow(&ctx, &number).await?;
    let page = framed(&page, &view, "").with_style(path("flow.css"));
    let shell = page.shell();
    let today = ctx.clock.today();
    let rated = view
        .events
        .iter()
        .any(|event| matches!(event.event.fact, CaseFact::Rated { .. }));
    let notice = match query.as_deref() {
        Some("done=supplement") => shell.t("cs-done-supplement"),
        Some("done=withdrawal") => shell.t("cs-done-withdrawal"),
        _ => String::new(),
    };
    let licences = view
        .events
        .iter()
        .filter_map(|event| match &event.event.fact {
            CaseFact::LicenceIssued { identifier, name } => Some(Licence {
                identifier: identifier.clone(),
                name: shell.zh(name),
            }),
            _ => None,
        })
        .collect();
    let looks = looks(&ctx, &number).await?;
    let files = files(shell, &view, offer.form.as_ref());
    let clock = view.clock.as_ref();
    Ok(page.html(&ProgressPage {
        shell,
        number: &view.case.project_no,
        title: shell.zh(&view.case.task_name),
        applicant: view.applicant.clone(),
        state: state_tag(shell, &view.case.state),
        submitted: moment(view.case.submitted_at),
        notice,
        ring: clock.map(|clock| ring(shell, clock)),
        steps: steps(shell, &view, today),
        timeline: timeline(shell, &view, today),
        flow: super::flow::card(shell, &view.case.project_no, &flow),
        days: clock.map_or_else(Vec::new, |clock| days(clock, today)),
        still: clock.and_then(|clock| clock.suspended.clone()),
        asked: asked(&view).map(|(items, due)| Asked {
            items,
            due: due.to_string(),
        }),
        answer_due: answer_due_of(&ctx, &view.case)?
            .map(|due| due.to_string())
            .unwrap_or_default(),
        papers: papers(&view),
        looks: look_lines(shell, &looks, &files),
        files,
        licences,
        open: view.case.state.is_open(),
        can_urge: view.own
            && view
                .tasks
                .iter()
                .any(|task| task.task.open && task.task.post.is_some())
            && !matches!(view.case.state, CaseState::Special { .. }),
        can_rate: !rated && matches!(view.case.state, CaseState::Concluded { .. }),
        rated,
        view: &view,
    }))
}
