//! `/drafts/{id}`: the task list of a draft, and giving it up.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use tongban_kernel::DraftId;
use tongban_webkit::{Ctx, Failure, Page, PageShell, ProtectedPairs};

use super::draft_nav::{Step, Way, way};
use crate::http::words::{id, moment};
use crate::service::{Desk, desk, discard_draft, number_of};

#[derive(Template)]
#[template(path = "draft.html")]
struct DraftPage<'a> {
    shell: &'a PageShell,
    desk: &'a Desk,
    way: Way,
    saved: String,
    expires: String,
}

#[derive(Template)]
#[template(path = "draft_discard.html")]
struct DiscardPage<'a> {
    shell: &'a PageShell,
    desk: &'a Desk,
}

/// The frame of every page of a draft.
pub(super) fn framed(page: &Page, desk: &Desk, what: &str) -> Page {
    let name = page.shell().zh(&desk.offer.item.task_name);
    let page = page
        .clone()
        .titled(if what.is_empty() {
            name.clone()
        } else {
            format!("{what} - {name}")
        })
        .nav("my")
        .crumb(page.shell().t("nav-my"), "/my");
    if what.is_empty() {
        page.crumb(name, "")
    } else {
        page.crumb(name, &format!("/drafts/{}", desk.draft.id))
            .crumb(what, "")
    }
}

/// A submitted draft shows its case; else the draft.
pub(super) async fn open(
    ctx: &Ctx,
    page: &Page,
    text: &str,
) -> Result<Result<Desk, Response>, Failure> {
    let desk = desk(ctx, id::<DraftId>(text)?).await?;
    match desk.draft.case {
        Some(case) => {
            let number = number_of(ctx, case).await?;
            Ok(Err(page.see_other(&format!("/cases/{number}"))))
        }
        None => Ok(Ok(desk)),
    }
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
    let page = framed(&page, &desk, "");
    let shell = page.shell();
    Ok(page.html(&DraftPage {
        shell,
        way: way(&desk, shell, Step::Overview)?,
        saved: moment(desk.draft.updated_at),
        expires: tongban_kernel::shanghai_date(desk.draft.expires_at).to_string(),
        desk: &desk,
    }))
}

pub(super) async fn ask_discard(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
) -> Result<Response, Failure> {
    let desk = match open(&ctx, &page, &text).await? {
        Ok(desk) => desk,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = framed(&page, &desk, &page.shell().t("cs-discard"));
    Ok(page.html(&DiscardPage {
        shell: page.shell(),
        desk: &desk,
    }))
}

pub(super) async fn discard(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    _: ProtectedPairs,
) -> Result<Response, Failure> {
    discard_draft(&ctx, id(&text)?).await?;
    Ok(page.see_other("/my?done=discarded"))
}
