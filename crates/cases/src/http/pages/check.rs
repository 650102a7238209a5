//! `/drafts/{id}/check` and `/drafts/{id}/submission`: look everything over, declare, send — once.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::HeaderMap;
use tongban_forms::Source;
use tongban_kernel::{DraftId, ErrorKind, FieldProblem, Result};
use tongban_webkit::ui::{SummaryCard, SummaryRow};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use super::draft::{framed, open};
use super::draft_nav::{Step, Way, way};
use crate::http::words::{anchor, bytes, form_lang, id};
use crate::service::{self, Desk, SubmitCase, desk};

struct Fault {
    text: String,
    href: String,
}

struct FileRow {
    material: String,
    name: String,
    size: String,
    href: String,
}

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage<'a> {
    shell: &'a PageShell,
    desk: &'a Desk,
    way: Way,
    faults: Vec<Fault>,
    /// The application cannot go on (条件不符).
    stops: Vec<String>,
    cards: Vec<SummaryCard>,
    files: Vec<FileRow>,
    /// The key of this submission; kept when the page is shown again.
    idem: String,
    agreed: bool,
}

/// Words for where a value came from; nothing for what was typed.
pub(super) fn source_words(shell: &PageShell, source: Option<Source>) -> String {
    match source {
        Some(Source::Verified) => shell.t("cs-source-verified"),
        Some(Source::Account) => shell.t("cs-source-account"),
        Some(Source::Previous) => shell.t("cs-source-previous"),
        Some(Source::Clerk) => shell.t("cs-source-clerk"),
        Some(Source::ScanOcr) => shell.t("cs-source-scan"),
        Some(Source::Typed) | None => String::new(),
    }
}

fn cards(desk: &Desk, shell: &PageShell) -> Result<Vec<SummaryCard>> {
    let base = format!("/drafts/{}/pages", desk.draft.id);
    let found = desk.read(|reading, _| reading.check_answers(form_lang(shell.lang())))?;
    Ok(found
        .into_iter()
        .map(|card| SummaryCard {
            title: shell.zh(&card.title),
            change_href: format!("{base}/{}", card.page),
            rows: card
                .rows
                .iter()
                .map(|row| SummaryRow {
                    label: shell.zh(&row.label),
                    value: row.value.clone(),
                    source: source_words(shell, row.source),
                    change_href: if row.fixed {
                        String::new()
                    } else {
                        format!("{base}/{}#{}", card.page, anchor(&row.path))
                    },
                })
                .collect(),
        })
        .collect())
}

/// All problems as links to where they are solved.
fn faults(desk: &Desk, shell: &PageShell) -> Result<(Vec<Fault>, Vec<String>)> {
    let lang = form_lang(shell.lang());
    let base = format!("/drafts/{}", desk.draft.id);
    let received = desk.received();
    desk.read(|reading, _| {
        let outcome = reading.validate();
        let fields = outcome.problems.iter().map(|problem| Fault {
            text: shell.zh(&problem.text(lang)),
            href: format!("{base}/pages/{}#{}", problem.page, anchor(&problem.path)),
        });
        let missing = reading.missing_materials(&received);
        let materials = missing
            .iter()
            .filter(|material| !material.tolerable)
            .map(|material| Fault {
                text: shell.zh(&material.text(lang)),
                href: format!("{base}/materials#{}", anchor(&material.id)),
            });
        let stops = outcome
            .stops
            .iter()
            .map(|stop| shell.zh(stop.words.get(lang)))
            .collect();
        (fields.chain(materials).collect(), stops)
    })
}

/// The problems of a refused submission, each with its place: `page#path` or `materials#id`.
fn of_refusal(desk: &Desk, problems: &[FieldProblem]) -> Vec<Fault> {
    let base = format!("/drafts/{}", desk.draft.id);
    let link = |problem: &FieldProblem| match problem.field.split_once('#') {
        Some(("materials", material)) => format!("{base}/materials#{}", anchor(material)),
        Some((page, path)) => format!("{base}/pages/{page}#{}", anchor(path)),
        None => format!("#{}", problem.field),
    };
    problems
        .iter()
        .map(|problem| Fault {
            text: problem.message.clone(),
            href: link(problem),
        })
        .collect()
}

fn render(
    page: &Page,
    desk: &Desk,
    idem: String,
    agreed: bool,
    refused: Option<Vec<Fault>>,
) -> Result<Response> {
    let page = framed(page, desk, &page.shell().t("cs-step-check"));
    let shell = page.shell();
    let (open, stops) = faults(desk, shell)?;
    let names = desk.read(|_, form| {
        let lang = form_lang(shell.lang());
        form.materials()
            .iter()
            .map(|one| (one.id.clone(), shell.zh(one.name.get(lang))))
            .collect::<Vec<_>>()
    })?;
    let files = desk
        .files
        .iter()
        .map(|file| FileRow {
            material: names
                .iter()
                .find(|(id, _)| *id == file.material)
                .map_or_else(String::new, |(_, name)| name.clone()),
            name: file.name.clone(),
            size: bytes(file.size),
            href: format!("/drafts/{}/files/{}", desk.draft.id, file.id),
        })
        .collect();
    let invalid = refused.is_some();
    let content = CheckPage {
        shell,
        way: way(desk, shell, Step::Check)?,
        faults: refused.unwrap_or(open),
        stops,
        cards: cards(desk, shell)?,
        files,
        idem,
        agreed,
        desk,
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
    Path(text): Path<String>,
) -> Result<Response, Failure> {
    let desk = match open(&ctx, &page, &text).await? {
        Ok(desk) => desk,
        Err(elsewhere) => return Ok(elsewhere),
    };
    Ok(render(&page, &desk, ctx.ids.token(), false, None)?)
}

/// 申报来源: 2 for a phone, 1 for all other browsers.
fn channel(headers: &HeaderMap) -> u8 {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    if text("sec-ch-ua-mobile") == "?1" || text("user-agent").contains("Mobile") {
        2
    } else {
        1
    }
}

async fn again(
    ctx: &Ctx,
    page: &Page,
    draft: DraftId,
    idem: String,
    agreed: bool,
    problems: &[FieldProblem],
) -> Result<Response, Failure> {
    let desk = desk(ctx, draft).await?;
    let refused = of_refusal(&desk, problems);
    Ok(render(page, &desk, idem, agreed, Some(refused))?)
}

/// The hot path: extract → submit → answer.
pub(super) async fn submit(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    headers: HeaderMap,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let draft = id::<DraftId>(&text)?;
    let key = fields
        .get("idem")
        .filter(|key| (8..=128).contains(&key.len()))
        .map_or_else(|| ctx.ids.token(), str::to_owned);
    if fields.get("agree") != Some("1") {
        let problem = FieldProblem::required("f-agree", page.shell().t("cs-agree-needed"));
        return again(&ctx, &page, draft, key, false, &[problem]).await;
    }
    let wish = SubmitCase {
        draft,
        key: key.clone(),
        channel: channel(&headers),
    };
    match service::submit(&ctx, wish).await {
        Ok(receipt) => Ok(page.see_other(&format!("/cases/{}/received", receipt.project_no))),
        Err(error) if error.kind() == ErrorKind::Invalid => {
            let whole = [FieldProblem::new("", error.code(), error.message())];
            let problems = match error.field_problems() {
                [] => &whole[..],
                found => found,
            };
            again(&ctx, &page, draft, key, true, problems).await
        }
        Err(error) => Err(error.into()),
    }
}
