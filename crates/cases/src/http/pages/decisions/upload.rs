//! `/admin/decisions/uploads`: decisions are handed in.

use axum::response::Response;
use tongban_decisions::Problem as Told;
use tongban_kernel::{Act, Resource};
use tongban_webkit::{Ctx, Failure, Multipart, Page};

use super::super::rule_upload::{self, FileFault, UploadKind, whole_file};
use super::titled;
use crate::service::{DECISION_BYTES_MAX, StagedDecision, stage_decision};

const KIND: UploadKind = UploadKind {
    key: "de",
    all: "/admin/decisions",
    accept: ".dmn,.xml",
};

fn upload_page(page: &Page, error: &str, faults: &[Told]) -> Response {
    let page = titled(page, &page.shell().t("de-upload"));
    let faults = faults.iter().map(|fault| FileFault {
        line: fault.line,
        element: fault.element.clone(),
        message: page.shell().zh(&fault.message),
    });
    rule_upload::show(&page, &KIND, error, faults.collect())
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
