//! `/admin/processes/{hash}/moves`: running cases go to another version, tried first; and the report.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use tongban_kernel::{Error, ErrorKind};
use tongban_process::Definition;
use tongban_webkit::http::pairs;
use tongban_webkit::ui::{Tone, tag};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell, ProtectedPairs, error_of};

use super::{Version, hash, short, text, titled};
use crate::http::words::moment;
use crate::model::{Move, MovedCase};
use crate::service::{
    MoveForm, MovePlace, MoveTrial, Origin, move_form, move_report, order_move, process_sheet,
    try_move,
};

/// Most places in the form.
const PLACES_MAX: usize = 1_000;

struct Place {
    id: String,
    name: String,
    cases: u64,
    /// The new version has its id too, so there always is a place.
    kept: bool,
    /// Id, words, chosen.
    choices: Vec<(String, String, bool)>,
}

#[derive(Template)]
#[template(path = "process_move.html")]
struct MovePage<'a> {
    shell: &'a PageShell,
    name: String,
    hash: String,
    short: String,
    running: u64,
    problem: String,
    /// Versions to choose from, until one is chosen.
    targets: Vec<Version>,
    to: String,
    to_short: String,
    places: Vec<Place>,
    trial: Option<MoveTrial>,
    reason: String,
    reason_error: String,
    idem: String,
}

#[derive(Template)]
#[template(path = "process_move_report.html")]
struct ReportPage<'a> {
    shell: &'a PageShell,
    n: u32,
    state: Html,
    from: String,
    to: String,
    at: String,
    who: String,
    reason: String,
    finished: bool,
    moved: u64,
    refused: u64,
    cases: Vec<MovedCase>,
}

/// Where a place may go: flows to flows, elements to elements.
fn choices(to: &Definition, place: &MovePlace, chosen: &str) -> Vec<(String, String, bool)> {
    let choice = |id: &str, name: &str| {
        let words = if name.is_empty() {
            id.to_owned()
        } else {
            format!("{name} ({id})")
        };
        (id.to_owned(), words, id == chosen)
    };
    if place.element == "sequenceFlow" {
        let flows = to.sequence_flows();
        return flows.map(|(id, name, ..)| choice(id, name)).collect();
    }
    let elements = to
        .elements()
        .filter(|element| !matches!(element.element, "startEvent" | "boundaryEvent"));
    elements.map(|e| choice(e.id, e.name)).collect()
}

fn places(
    shell: &PageShell,
    form: &MoveForm,
    map: Option<&BTreeMap<String, String>>,
) -> Vec<Place> {
    let most = form.places.iter().take(PLACES_MAX);
    most.map(|place| {
        let chosen = match map {
            Some(map) => map.get(&place.id).map_or("", String::as_str),
            // What keeps its id is matched.
            None => &place.id,
        };
        let choices = choices(&form.to, place, chosen);
        Place {
            kept: choices.iter().any(|(id, ..)| *id == place.id),
            choices,
            id: place.id.clone(),
            name: shell.zh(if place.name.is_empty() {
                &place.id
            } else {
                &place.name
            }),
            cases: place.cases,
        }
    })
    .collect()
}

/// What is shown beside the form.
#[derive(Default)]
struct Beside {
    problem: String,
    reason: String,
    reason_error: String,
    trial: Option<MoveTrial>,
}

fn move_page(
    page: &Page,
    form: &MoveForm,
    map: Option<&BTreeMap<String, String>>,
    beside: Beside,
) -> Response {
    let title = page.shell().t("pa-move");
    let page = titled(page, &title);
    let shell = page.shell();
    let invalid = !beside.problem.is_empty() || !beside.reason_error.is_empty();
    let content = MovePage {
        shell,
        name: form.name.clone(),
        hash: form.from.hash().to_owned(),
        short: short(form.from.hash()),
        running: form.running,
        problem: beside.problem,
        targets: Vec::new(),
        to: form.to.hash().to_owned(),
        to_short: short(form.to.hash()),
        places: places(shell, form, map),
        trial: beside.trial,
        reason: beside.reason,
        reason_error: beside.reason_error,
        idem: shell.request.to_string(),
    };
    page.staff_form(&content, invalid)
}

/// `GET /admin/processes/{hash}/moves?to=`: which version first, then what becomes what.
pub(super) async fn form(
    ctx: Ctx,
    page: Page,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let from = hash(&key)?;
    let fields = pairs(query.unwrap_or_default().as_bytes(), 8).unwrap_or_default();
    let to = fields.iter().find(|(name, _)| name == "to");
    if let Some((_, to)) = to {
        let form = move_form(&ctx, from, hash(to)?).await?;
        return Ok(move_page(&page, &form, None, Beside::default()));
    }
    let sheet = process_sheet(&ctx, from).await?;
    if matches!(sheet.origin, Origin::Waiting { .. }) {
        return Err(Error::not_found().into());
    }
    let title = page.shell().t("pa-move");
    let page = titled(&page, &title);
    let shell = page.shell();
    let others = sheet.versions.iter().filter(|v| v.hash != from);
    let targets: Vec<Version> = others.map(Version::from).collect();
    let content = MovePage {
        shell,
        name: sheet.name.clone(),
        hash: from.to_owned(),
        short: short(from),
        running: sheet.running(),
        problem: if targets.is_empty() {
            shell.t("pa-move-no-target")
        } else {
            String::new()
        },
        targets,
        to: String::new(),
        to_short: String::new(),
        places: Vec::new(),
        trial: None,
        reason: String::new(),
        reason_error: String::new(),
        idem: String::new(),
    };
    Ok(page.staff_html(&content))
}

/// `POST /admin/processes/{hash}/moves`: a trial, or the order.
pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    Path(key): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let (from, to) = (hash(&key)?, hash(text(&fields, "to"))?);
    let typed: BTreeMap<String, String> = fields
        .0
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("m.")?.to_owned(), value.clone())))
        .filter(|(_, to)| !to.is_empty())
        .collect();
    let what = Move {
        from: from.to_owned(),
        to: to.to_owned(),
        // What keeps its id needs no entry: an entry would begin anew what does not fit.
        map: typed.clone().into_iter().filter(|(a, b)| a != b).collect(),
    };
    let reason = text(&fields, "reason").to_owned();
    let mut beside = Beside::default();
    if text(&fields, "step") == "order" {
        match order_move(&ctx, what.clone(), &reason, text(&fields, "idem")).await {
            Ok(n) => return Ok(page.see_other(&format!("/admin/process-moves/{n}"))),
            Err(error) if error.kind() == ErrorKind::Invalid => {
                beside.reason_error = error_of(error.field_problems(), "reason");
                if beside.reason_error.is_empty() {
                    beside.problem = error.message().to_owned();
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    beside.reason = reason;
    beside.trial = Some(try_move(&ctx, &what).await?);
    let form = move_form(&ctx, from, to).await?;
    Ok(move_page(&page, &form, Some(&typed), beside))
}

/// `GET /admin/process-moves/{n}`.
pub(super) async fn report(
    ctx: Ctx,
    page: Page,
    Path(n): Path<String>,
) -> Result<Response, Failure> {
    let n: u32 = n.parse().map_err(|_| Error::not_found())?;
    let (report, mut cases) = move_report(&ctx, n).await?;
    let title = page.shell().t1("pa-report", "n", n);
    let page = titled(&page, &title);
    let shell = page.shell();
    for reason in cases.iter_mut().flat_map(|case| &mut case.reasons) {
        *reason = shell.zh(reason);
    }
    let finished = report.finished_at.is_some();
    let content = ReportPage {
        shell,
        n,
        state: if finished {
            tag(Tone::Green, &shell.t("pa-report-done"))
        } else {
            tag(Tone::Blue, &shell.t("pa-report-open"))
        },
        from: short(&report.order.what.from),
        to: short(&report.order.what.to),
        at: moment(report.at),
        who: shell.zh(&report.order.by.name),
        reason: shell.zh(&report.order.reason),
        finished,
        moved: report.moved,
        refused: report.refused,
        cases,
    };
    Ok(page.staff_html(&content))
}
