//! `/admin/processes/outlines/{n}/element?id=…`: everything that can be done with one element, each by a form of its own.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use tongban_kernel::Error;
use tongban_process::edit::Details;
use tongban_webkit::http::pairs;
use tongban_webkit::ui::{ErrorSummary, Problem};
use tongban_webkit::{Ctx, Failure, Page, PageShell};

use super::fields::{FormBox, Forms};
use super::show::title;
use super::{Again, Told, below, home, kind_words, number, told};
use crate::service::{Offered, OutlineDesk, offered, outline_desk};

#[derive(Template)]
#[template(path = "process_outline_element.html")]
struct ElementPage<'a> {
    shell: &'a PageShell,
    title: String,
    kind: String,
    id: String,
    home: String,
    anchor: String,
    rev: u32,
    idem: String,
    problems: ErrorSummary,
    told: Vec<Told>,
    /// What is set.
    own: Vec<FormBox>,
    /// What follows.
    ways: Vec<FormBox>,
    /// What can be added.
    more: Vec<FormBox>,
    rest: Vec<FormBox>,
}

pub(super) fn element_page(
    page: &Page,
    desk: &OutlineDesk,
    offered: &Offered,
    details: &Details,
    again: &Again<'_>,
) -> Response {
    let shell = page.shell();
    let kind = kind_words(shell, &details.element);
    let name = match details.name.is_empty() {
        true => details.id.clone(),
        false => shell.zh(&details.name),
    };
    let around = title(page, desk);
    let page = below(page, &name, Some((&around, desk.n)));
    let shell = page.shell();
    let forms = Forms {
        shell,
        model: &desk.model,
        offered,
        details,
        again,
    };
    let (ways, more, rest) = place_forms(&forms);
    let said = desk.problems.get(&details.id).map(Vec::as_slice);
    let mut problems = told(shell, said.unwrap_or_default());
    for way in desk.model.ways(&details.id) {
        let own = desk.problems.get(&way.flow).map(Vec::as_slice);
        problems.extend(told(shell, own.unwrap_or_default()));
    }
    let refused = (!again.why.is_empty()).then(|| Problem {
        id: String::new(),
        text: shell.zh(&again.why),
    });
    let content = ElementPage {
        shell,
        kind,
        id: details.id.clone(),
        home: home(desk.n),
        anchor: format!("{}#e-{}", home(desk.n), details.id),
        rev: desk.revision,
        idem: shell.request.to_string(),
        problems: ErrorSummary {
            problems: refused.into_iter().collect(),
        },
        told: problems,
        own: vec![forms.save()],
        ways,
        more,
        rest,
        title: name,
    };
    page.staff_form(&content, !again.why.is_empty())
}

/// Where the flows lead, what can be added, and the rest; lanes and processes have less of it.
fn place_forms(forms: &Forms<'_>) -> (Vec<FormBox>, Vec<FormBox>, Vec<FormBox>) {
    let details = forms.details;
    let element = details.element.as_str();
    if element == "lane" {
        return (Vec::new(), Vec::new(), vec![forms.rest()]);
    }
    if matches!(element, "process" | "sequenceFlow") {
        return (Vec::new(), Vec::new(), Vec::new());
    }
    let ways = forms.model.ways(&details.id);
    let mut more = Vec::new();
    if element != "endEvent" {
        more.push(forms.insert(&ways));
        if element.ends_with("Gateway") && element != "eventBasedGateway" {
            more.push(forms.branch());
        }
        more.push(forms.branches(&ways));
        if details.repeatable {
            more.push(forms.timer());
        }
        more.push(forms.connect());
    }
    if !matches!(element, "startEvent" | "endEvent" | "boundaryEvent") {
        more.push(forms.relocate());
    }
    // The form that was refused stands open.
    for form in &mut more {
        form.folded &= !forms.again.was(&form.key);
    }
    (forms.ways(&ways), more, vec![forms.rest()])
}

/// The element of the address.
fn asked(query: Option<&str>) -> Result<String, Error> {
    let found = pairs(query.unwrap_or_default().as_bytes(), 8).map_err(|_| Error::not_found())?;
    let id = found.into_iter().find(|(name, _)| name == "id");
    id.map(|(_, id)| id).ok_or_else(Error::not_found)
}

/// `GET /admin/processes/outlines/{n}/element?id=…`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(n): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let desk = outline_desk(&ctx, number(&n)?).await?;
    let id = asked(query.as_deref())?;
    let details = desk.model.details(&id).ok_or_else(Error::not_found)?;
    let offered = offered(&ctx, &desk.model).await?;
    let again = Again::default();
    Ok(element_page(&page, &desk, &offered, &details, &again))
}
