//! `/cases/{no}/supplement`: everything that was asked for, in one list; handed in at once.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use tongban_forms::FormDocument;
use tongban_kernel::{Error, Result};
use tongban_webkit::ui::{ErrorSummary, Field, FieldKind, Problem};
use tongban_webkit::{Ctx, Failure, Multipart, Page, PageShell};

use super::materials::{field, refusal};
use super::progress::{asked, framed};
use super::upload::receive;
use crate::service::{
    CaseView, Supplement, attach_to_case, case_by_number, case_offer, supplement,
};

struct Wanted {
    name: String,
    requirement: String,
    /// The place for files, where a material was asked for.
    upload: Option<Field>,
}

#[derive(Template)]
#[template(path = "supplement.html")]
struct SupplementPage<'a> {
    shell: &'a PageShell,
    number: &'a str,
    due: String,
    problems: ErrorSummary,
    wanted: Vec<Wanted>,
    /// The other materials, to hand in more.
    others: Vec<Field>,
    note: String,
}

fn upload(
    shell: &PageShell,
    view: &CaseView,
    form: &FormDocument,
    id: &str,
    problems: &[Problem],
) -> Option<Field> {
    let material = form.materials().iter().find(|known| known.id == id)?;
    let base = format!("/cases/{}", view.case.project_no);
    let mut field = field(shell, form, material, &view.files, &base, false);
    if let FieldKind::Upload(upload) = &mut field.kind {
        upload.action = format!("{base}/supplement");
    }
    if let Some(problem) = problems.iter().find(|problem| problem.id == field.id) {
        field.error.clone_from(&problem.text);
    }
    Some(field)
}

async fn render(
    ctx: &Ctx,
    page: &Page,
    number: &str,
    note: String,
    problems: Vec<Problem>,
) -> Result<Response, Failure> {
    let view = case_by_number(ctx, number).await?;
    let Some((items, due)) = asked(&view) else {
        return Ok(page.see_other(&format!("/cases/{}", view.case.project_no)));
    };
    let offer = case_offer(ctx, &view.case).await?;
    let page = framed(page, &view, &page.shell().t("cs-supplement"));
    let shell = page.shell();
    let form = offer.form.as_ref();
    let place = |id: &str| form.and_then(|form| upload(shell, &view, form, id, &problems));
    let wanted = items
        .iter()
        .map(|item| Wanted {
            name: shell.zh(&item.name),
            requirement: shell.zh(&item.requirement),
            upload: place(&item.target),
        })
        .collect();
    let others = form
        .into_iter()
        .flat_map(|form| form.materials())
        .filter(|known| items.iter().all(|item| item.target != known.id))
        .filter_map(|known| place(&known.id))
        .collect();
    let invalid = !problems.is_empty();
    let content = SupplementPage {
        shell,
        number: &view.case.project_no,
        due: due.to_string(),
        wanted,
        others,
        note,
        problems: ErrorSummary { problems },
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
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    render(&ctx, &page, &number, String::new(), Vec::new()).await
}

pub(super) async fn send(
    ctx: Ctx,
    Path(number): Path<String>,
    multipart: Multipart,
) -> Result<Response, Failure> {
    let view = case_by_number(&ctx, &number).await?;
    if !view.own {
        return Err(Error::not_found().into());
    }
    let offer = case_offer(&ctx, &view.case).await?;
    let posted = receive(&ctx, offer.form.as_ref(), multipart).await?;
    let page = posted.page.clone();
    let note: String = posted
        .text("note")
        .unwrap_or_default()
        .chars()
        .take(2000)
        .collect();
    let sends = posted.text("act") == Some("send");
    let mut problems = Vec::new();
    for arrived in posted.files {
        let taken = match arrived.file {
            Ok(file) => attach_to_case(&ctx, &number, file).await.map(|_| ()),
            Err(error) => Err(error),
        };
        if let Err(error) = taken {
            problems.push(refusal(&arrived.material, &arrived.name, error)?);
        }
    }
    if !problems.is_empty() {
        return render(&ctx, &page, &number, note, problems).await;
    }
    if !sends {
        // Only files so far; what was written is shown again.
        return if note.is_empty() {
            Ok(page.see_other(&format!("/cases/{number}/supplement")))
        } else {
            render(&ctx, &page, &number, note, Vec::new()).await
        };
    }
    let number = supplement(&ctx, view.case.id, Supplement { note }).await?;
    Ok(page.see_other(&format!("/cases/{number}?done=supplement")))
}
