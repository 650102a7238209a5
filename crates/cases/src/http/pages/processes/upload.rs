//! `/admin/processes/uploads`: a file is handed in, and everything that is wrong with it is told.

use askama::Template;
use axum::response::Response;
use tongban_kernel::{Act, Resource};
use tongban_process::ImportError;
use tongban_webkit::ui::{ErrorSummary, Problem};
use tongban_webkit::{Ctx, Failure, FormLimits, Multipart, Page, PageShell, Part};

use super::titled;
use crate::service::{PROCESS_BYTES_MAX, Staged, stage_process};

struct Fault {
    line: u32,
    element: String,
    message: String,
}

#[derive(Template)]
#[template(path = "process_upload.html")]
struct UploadPage<'a> {
    shell: &'a PageShell,
    problems: ErrorSummary,
    error: String,
    faults: Vec<Fault>,
}

fn upload_page(page: &Page, error: &str, faults: &[ImportError]) -> Response {
    let title = page.shell().t("pa-upload");
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
        element: fault.element.clone().unwrap_or_default(),
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

/// The one file of a form, at most `most` bytes; empty if there is none.
pub(in crate::http::pages) async fn whole_file(
    multipart: Multipart,
    most: usize,
) -> Result<Vec<u8>, Failure> {
    let mut multipart = multipart.limited(FormLimits {
        total_bytes: most + (1 << 20),
        parts: 8,
        ..FormLimits::default()
    });
    let mut bytes = Vec::new();
    while let Some(part) = multipart.next_part().await? {
        if let Part::File(file) = part {
            let keep = |chunk: &[u8]| {
                bytes.extend_from_slice(chunk);
                Ok(())
            };
            file.stream(most as u64, keep).await?;
        }
    }
    multipart.finish()?;
    Ok(bytes)
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
