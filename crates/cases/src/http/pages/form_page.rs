//! `/drafts/{id}/pages/{page}`: one page of the form. It is saved as it is, right or wrong.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tongban_forms::{ItemView, PageView, Problem, SummaryRow};
use tongban_kernel::{Error, Result};
use tongban_webkit::ui::{Choice, FormLinks, FormView, form_page};
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use super::draft::{framed, open};
use super::draft_nav::{Step, Way, way};
use crate::http::words::{form_lang, id, moment};
use crate::service::{Desk, Divisions, Seen, desk, save_page};

/// A field that differs between what is stored and what was typed here.
struct Difference {
    label: String,
    stored: String,
    here: String,
}

#[derive(Template)]
#[template(path = "form_page.html")]
struct FormPage<'a> {
    shell: &'a PageShell,
    desk: &'a Desk,
    way: Way,
    number: usize,
    of: usize,
    title: String,
    saved: String,
    form: FormView,
    /// What another window saved meanwhile.
    differences: Option<Vec<Difference>>,
    here: String,
    /// Sources and what they gave.
    sources: Vec<(String, String)>,
}

/// What the form page shows besides the stored draft.
struct Shown<'a> {
    problems: &'a [Problem],
    editor: String,
    differences: Option<Vec<Difference>>,
}

fn sources(view: &PageView) -> Vec<(String, String)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for item in view.sections.iter().flat_map(|section| &section.items) {
        let ItemView::Field(field) = item else {
            continue;
        };
        let Some(value) = &field.verified else {
            continue;
        };
        match found
            .iter_mut()
            .find(|(name, _)| *name == value.source_name)
        {
            Some((_, labels)) => labels.push(field.label.clone()),
            None => found.push((value.source_name.clone(), vec![field.label.clone()])),
        }
    }
    found
        .into_iter()
        .map(|(name, labels)| (name, labels.join("、")))
        .collect()
}

fn answer(
    ctx: &Ctx,
    page: &Page,
    desk: &Desk,
    name: &str,
    shown: Shown<'_>,
) -> Result<(Page, String)> {
    let lang = form_lang(page.lang());
    let view = desk
        .read(|reading, _| reading.page_view(name, shown.problems, lang))?
        .ok_or_else(Error::not_found)?;
    let base = format!("/drafts/{}", desk.draft.id);
    let action = format!("{base}/pages/{name}");
    let divisions = ctx.parts.get::<Divisions>().map_or_else(
        |_| Vec::new(),
        |known| {
            known
                .0
                .iter()
                .map(|(code, name)| Choice::new(code, name, false))
                .collect()
        },
    );
    let links = FormLinks {
        autosave: format!("{action}/autosave"),
        back_href: match &view.previous {
            Some(previous) => format!("{base}/pages/{previous}"),
            None => base.clone(),
        },
        hidden: vec![
            ("_revision".to_owned(), desk.draft.revision.to_string()),
            ("_editor".to_owned(), shown.editor),
        ],
        divisions,
        action: action.clone(),
        ..FormLinks::default()
    };
    let mut form = form_page(&view, &links);
    form.title = String::new();
    let page = framed(page, desk, &page.shell().zh(&view.title));
    let shell = page.shell();
    let content = FormPage {
        shell,
        way: way(desk, shell, Step::Page(name))?,
        number: view.number,
        of: view.of,
        title: shell.zh(&view.title),
        saved: moment(desk.draft.updated_at),
        form,
        differences: shown.differences,
        here: action,
        sources: sources(&view),
        desk,
    };
    let html = content
        .render()
        .map_err(|source| Error::internal("form page").source(source))?;
    Ok((page, html))
}

/// Content that is rendered already.
#[derive(Template)]
#[template(ext = "html", source = "{{ html|safe }}")]
struct Ready {
    html: String,
}

pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path((text, name)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let desk = match open(&ctx, &page, &text).await? {
        Ok(desk) => desk,
        Err(elsewhere) => return Ok(elsewhere),
    };
    // A page that was saved before shows its problems at once; a fresh one does not.
    let problems = if desk.draft.content.answers.is_saved(&name) {
        desk.read(|reading, _| reading.validate_page(&name))?
    } else {
        Vec::new()
    };
    let shown = Shown {
        problems: &problems,
        editor: ctx.ids.token(),
        differences: None,
    };
    let (page, html) = answer(&ctx, &page, &desk, &name, shown)?;
    Ok(page.html(&Ready { html }))
}

fn seen(fields: &ProtectedPairs) -> Seen {
    let editor = fields.get("_editor").unwrap_or_default();
    Seen {
        revision: fields
            .get("_revision")
            .and_then(|text| text.parse().ok())
            .unwrap_or(-1),
        editor: editor.chars().take(64).collect(),
    }
}

/// The name of the row button that was pressed, e.g. `signs.add`, as the anchor of its group.
fn row_button(fields: &ProtectedPairs) -> Option<String> {
    fields.0.iter().find_map(|(name, _)| {
        let pressed = name.ends_with(".add") || name.ends_with(".remove");
        pressed.then(|| name.split('.').next().unwrap_or_default().to_owned())
    })
}

pub(super) async fn save(
    ctx: Ctx,
    page: Page,
    Path((text, name)): Path<(String, String)>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let draft = id(&text)?;
    let before = desk(&ctx, draft).await?;
    let seen = seen(&fields);
    let mut pairs = fields.0.clone();
    before.complete_post(&name, &mut pairs)?;
    match save_page(&ctx, draft, seen.clone(), &name, pairs.clone()).await {
        Ok(_) => {}
        Err(error) if error.code() == "draft.newer" => {
            return conflict(&ctx, &page, before, &name, &pairs, seen.editor);
        }
        Err(error) => return Err(error.into()),
    }
    if let Some(group) = row_button(&fields) {
        let anchor = crate::http::words::anchor(&group);
        return Ok(page.see_other(&format!("/drafts/{draft}/pages/{name}#{anchor}")));
    }
    if fields.get("act") == Some("later") {
        return Ok(page.see_other(&format!("/drafts/{draft}")));
    }
    let after = desk(&ctx, draft).await?;
    let (problems, next) = after.read(|reading, _| {
        let next = reading
            .page_view(&name, &[], tongban_forms::Lang::Zh)
            .and_then(|view| view.next);
        (reading.validate_page(&name), next)
    })?;
    if problems.is_empty() {
        return Ok(page.see_other(&match next {
            Some(next) => format!("/drafts/{draft}/pages/{next}"),
            None => format!("/drafts/{draft}/materials"),
        }));
    }
    let shown = Shown {
        problems: &problems,
        editor: seen.editor,
        differences: None,
    };
    let (page, html) = answer(&ctx, &page, &after, &name, shown)?;
    Ok(page.invalid(&Ready { html }))
}

/// Somebody saved meanwhile: both versions side by side, and the page with what was typed here. Saving it takes this one.
fn conflict(
    ctx: &Ctx,
    page: &Page,
    stored: Desk,
    name: &str,
    pairs: &[(String, String)],
    editor: String,
) -> Result<Response, Failure> {
    let lang = form_lang(page.lang());
    let rows = |desk: &Desk| -> Result<Vec<SummaryRow>> {
        desk.read(|reading, _| {
            let cards = reading.check_answers(lang).into_iter();
            cards
                .filter(|card| card.page == name)
                .flat_map(|card| card.rows)
                .collect()
        })
    };
    let theirs = rows(&stored)?;
    let here = stored.with_post(name, pairs)?;
    let ours = rows(&here)?;
    let value = |rows: &[SummaryRow], path: &str| {
        rows.iter()
            .find(|row| row.path == path)
            .map_or_else(|| "—".to_owned(), |row| row.value.clone())
    };
    let mut differences: Vec<Difference> = ours
        .iter()
        .map(|row| Difference {
            label: row.label.clone(),
            stored: value(&theirs, &row.path),
            here: row.value.clone(),
        })
        .collect();
    let gone = theirs
        .iter()
        .filter(|row| ours.iter().all(|own| own.path != row.path));
    differences.extend(gone.map(|row| Difference {
        label: row.label.clone(),
        stored: row.value.clone(),
        here: "—".to_owned(),
    }));
    differences.retain(|one| one.stored != one.here);
    let shown = Shown {
        problems: &[],
        editor,
        differences: Some(differences),
    };
    let (page, html) = answer(ctx, page, &here, name, shown)?;
    let mut response = page.html(&Ready { html });
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

/// Kept while typing, without judgement: 204.
pub(super) async fn autosave(
    ctx: Ctx,
    Path((text, name)): Path<(String, String)>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let draft = id(&text)?;
    let before = desk(&ctx, draft).await?;
    let seen = seen(&fields);
    let mut pairs = fields.0;
    before.complete_post(&name, &mut pairs)?;
    save_page(&ctx, draft, seen, &name, pairs).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
