//! `/admin/processes/uploads`: a process is handed in.

use axum::response::Response;
use tongban_kernel::{Act, Resource};
use tongban_process::ImportError;
use tongban_webkit::{Ctx, Failure, Multipart, Page};

use super::super::rule_upload::{self, FileFault, UploadKind, whole_file};
use super::titled;
use crate::service::{PROCESS_BYTES_MAX, Staged, stage_process};

const KIND: UploadKind = UploadKind {
    key: "pa",
    all: "/admin/processes",
    accept: ".bpmn,.xml",
};

fn upload_page(page: &Page, error: &str, faults: &[ImportError]) -> Response {
    let page = titled(page, &page.shell().t("pa-upload"));
    let faults = faults.iter().map(|fault| FileFault {
        line: fault.line,
        element: fault.element.clone().unwrap_or_default(),
        message: page.shell().zh(&fault.message),
    });
    rule_upload::show(&page, &KIND, error, faults.collect())
}

/// `GET /admin/processes/uploads`.
pub(super) async fn form(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    Ok(upload_page(&page, "", &[]))
}

/// The process file of an upload, for whoever may hand one in; empty if there was none.
pub(super) async fn received(ctx: &Ctx, multipart: Multipart) -> Result<Vec<u8>, Failure> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    whole_file(multipart, PROCESS_BYTES_MAX).await
}

/// `POST /admin/processes/uploads`: nothing is published by it.
pub(super) async fn send(ctx: Ctx, page: Page, multipart: Multipart) -> Result<Response, Failure> {
    let xml = received(&ctx, multipart).await?;
    if xml.is_empty() {
        return Ok(upload_page(&page, &page.shell().t("pa-file-needed"), &[]));
    }
    Ok(match stage_process(&ctx, xml).await? {
        Staged::Refused(errors) => {
            let told = page.shell().t1("pa-file-refused", "n", errors.len());
            upload_page(&page, &told, &errors)
        }
        Staged::Kept { hash } => page.see_other(&format!("/admin/processes/{hash}")),
        Staged::Known { hash } => page.see_other(&format!("/admin/processes/{hash}?known=1")),
    })
}
