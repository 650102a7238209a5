//! `/admin/decisions/uploads`: a file is handed in, and everything that is wrong with it is told.

use askama::Template;
use axum::response::Response;
use tongban_decisions::Problem as Told;
use tongban_kernel::{Act, Resource};
use tongban_webkit::ui::{ErrorSummary, Problem};
use tongban_webkit::{Ctx, Failure, Multipart, Page, PageShell};

use super::super::processes::whole_file;
use super::titled;
use crate::service::{DECISION_BYTES_MAX, StagedDecision, stage_decision};

struct Fault {
    line: u32,
    element: String,
    message: String,
}

#[derive(Template)]
#[template(path = "decision_upload.html")]
struct UploadPage<'a> {
    shell: &'a PageShell,
    problems: ErrorSummary,
    error: String,
    faults: Vec<Fault>,
}

fn upload_page(page: &Page, error: &str, faults: &[Told]) -> Response {
    let title = page.shell().t("de-upload");
    let page = titled(page, &title);
    let shell = page.shell();
    let mut problems = ErrorSummary::default();
    if !error.is_empty() {
        problems.problems.push(Problem {
            id: "f-file".to_owned(),
            text: error.to_owned(),
        });
    }
    let faults = faults.iter().map(|fault| Fault {
        line: fault.line,
        element: fault.element.clone(),
        message: shell.zh(&fault.message),
    });
    let content = UploadPage {
        shell,
        problems,
        error: error.to_owned(),
        faults: faults.collect(),
    };
    if error.is_empty() {
        page.staff_html(&content)
    } else {
        page.staff_invalid(&content)
    }
}

/// `GET /admin/decisions/uploads`.
pub(super) async fn form(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    Ok(upload_page(&page, "", &[]))
}

/// `POST /admin/decisions/uploads`: nothing is published by it.
pub(super) async fn send(ctx: Ctx, page: Page, multipart: Multipart) -> Result<Response, Failure> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let xml = whole_file(multipart, DECISION_BYTES_MAX).await?;
    if xml.is_empty() {
        return Ok(upload_page(&page, &page.shell().t("de-file-needed"), &[]));
    }
    Ok(match stage_decision(&ctx, xml).await? {
        StagedDecision::Refused(faults) => {
            let told = page.shell().t1("de-file-refused", "n", faults.len());
            upload_page(&page, &told, &faults)
        }
        StagedDecision::Kept { hash } => page.see_other(&format!("/admin/decisions/{hash}")),
        StagedDecision::Known { hash } => {
            page.see_other(&format!("/admin/decisions/{hash}?known=1"))
        }
    })
}
