//! The page on which a file with rules (a process, decisions) is handed in, and everything that is wrong with it is told.

use askama::Template;
use axum::response::Response;
use tongban_webkit::ui::{ErrorSummary, Problem};
use tongban_webkit::{Failure, FormLimits, Multipart, Page, PageShell, Part};

/// Something wrong with the file.
pub(super) struct FileFault {
    pub(super) line: u32,
    pub(super) element: String,
    pub(super) message: String,
}

/// What is handed in.
pub(super) struct UploadKind {
    /// Its texts are `<key>-upload`, `<key>-upload-text`, `<key>-file` and `<key>-file-hint`.
    pub(super) key: &'static str,
    /// The page of all of them.
    pub(super) all: &'static str,
    /// Endings of names that are offered.
    pub(super) accept: &'static str,
}

#[derive(Template)]
#[template(path = "rule_upload.html")]
struct UploadPage<'a> {
    shell: &'a PageShell,
    kind: &'a UploadKind,
    problems: ErrorSummary,
    error: &'a str,
    faults: Vec<FileFault>,
}

impl UploadPage<'_> {
    fn text(&self, end: &str) -> String {
        self.shell.t(&format!("{}-{end}", self.kind.key))
    }
}

pub(super) fn show(
    page: &Page,
    kind: &UploadKind,
    error: &str,
    faults: Vec<FileFault>,
) -> Response {
    let mut problems = ErrorSummary::default();
    if !error.is_empty() {
        problems.problems.push(Problem {
            id: "f-file".to_owned(),
            text: error.to_owned(),
        });
    }
    let content = UploadPage {
        shell: page.shell(),
        kind,
        problems,
        error,
        faults,
    };
    page.staff_form(&content, !error.is_empty())
}

/// The one file of a form, at most `most` bytes; empty if there is none.
pub(super) async fn whole_file(multipart: Multipart, most: usize) -> Result<Vec<u8>, Failure> {
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
