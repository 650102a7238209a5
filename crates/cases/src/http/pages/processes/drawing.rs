//! `/admin/processes/{hash}/drawing`: the editor. The canvas is bpmn-js, which runs in the browser; what comes back is handed in
//! like any other file, and every finding is told with its element.

use askama::Template;
use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use tongban_kernel::{Act, Error, Post, Resource};
use tongban_process::{ImportError, Severity, with_diagram};
use tongban_webkit::assets::path;
use tongban_webkit::{Ctx, Failure, Multipart, Page, PageShell};

use super::{drawing_words, hash, short, titled};
use crate::http::pages::inline;
use crate::service::{ProcessSheet, Staged, process_sheet, stage_process};

#[derive(Template)]
#[template(path = "process_drawing.html")]
struct DrawingPage<'a> {
    shell: &'a PageShell,
    title: String,
    /// Empty: a new file.
    hash: String,
    /// Where the script fetches the file; empty: it begins with `start`.
    xml: String,
    /// Under what the browser keeps unfinished work.
    key: String,
    start: String,
    words: String,
    posts: String,
}

/// One finding, for the canvas.
#[derive(Debug, Serialize)]
struct Finding {
    severity: &'static str,
    element: String,
    line: Option<u32>,
    message: String,
}

/// What became of a drawing that was handed in.
#[derive(Debug, Serialize)]
struct Answer {
    /// Absent: it was refused and nothing of it is kept.
    hash: Option<String>,
    /// Where it can be looked at and published.
    href: Option<String>,
    findings: Vec<Finding>,
}

/// What a new drawing begins with. The id is the name under which the process is published: it is to be changed.
fn start(shell: &PageShell) -> String {
    let id = shell
        .request
        .to_string()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let id: String = id.chars().rev().take(8).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:tb="http://tongban.dev/bpmn" id="definitions_{id}" targetNamespace="http://tongban.dev/process" expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/">
  <bpmn:process id="process-{id}" name="新流程" isExecutable="true">
    <bpmn:startEvent id="submit" name="提交" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement="process-{id}">
      <bpmndi:BPMNShape id="submit_di" bpmnElement="submit"><dc:Bounds x="180" y="180" width="36" height="36" /></bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"#
    )
}

fn posts(shell: &PageShell) -> String {
    let applicant = ("applicant".to_owned(), shell.t("pa-applicant"));
    let posts = Post::ALL
        .iter()
        .map(|post| (post.key().to_owned(), shell.zh(post.label())));
    let all: Vec<(String, String)> = std::iter::once(applicant).chain(posts).collect();
    // A list of texts is always JSON.
    serde_json::to_string(&all).unwrap_or_default()
}

fn drawing_page(page: &Page, title: &str, hash: &str) -> Response {
    let mut page = titled(page, title);
    for name in [
        "diagram-js.css",
        "bpmn-js.css",
        "bpmn-codes.css",
        "drawing.css",
    ] {
        page = page.with_style(path(name));
    }
    let page = page
        .with_script(path("bpmn-modeler.js"))
        .with_script(path("drawing.js"));
    let shell = page.shell();
    page.staff_html(&DrawingPage {
        shell,
        title: title.to_owned(),
        hash: hash.to_owned(),
        xml: if hash.is_empty() {
            String::new()
        } else {
            format!("/admin/processes/{hash}/drawing.bpmn")
        },
        key: if hash.is_empty() { "new" } else { hash }.to_owned(),
        start: start(shell),
        words: drawing_words::json(shell),
        posts: posts(shell),
    })
}

/// `GET /admin/processes/drawing`: a new file.
pub(super) async fn begin(ctx: Ctx, page: Page) -> Result<Response, Failure> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let title = page.shell().t("dr-new");
    Ok(drawing_page(&page, &title, ""))
}

/// `GET /admin/processes/{hash}/drawing`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(key): Path<String>,
) -> Result<Response, Failure> {
    let sheet = process_sheet(&ctx, hash(&key)?).await?;
    let shell = page.shell();
    let name = shell.zh(sheet.definition.name());
    let name = if name.is_empty() {
        sheet.name.clone()
    } else {
        name
    };
    let title = shell.t2("dr-title", "name", name, "version", short(&key));
    Ok(drawing_page(&page, &title, &key))
}

/// `GET /admin/processes/{hash}/drawing.bpmn`: the file as the editor can open it, with a diagram.
pub(super) async fn source(ctx: Ctx, Path(key): Path<String>) -> Result<Response, Failure> {
    let sheet = process_sheet(&ctx, hash(&key)?).await?;
    let xml = with_diagram(&sheet.definition).ok_or_else(|| {
        Error::conflict("process.drawing", "这个文件的编码不是 UTF-8，不能在这里画")
            .advice("请下载后用其他工具另存为 UTF-8，再上传")
    })?;
    Ok(inline("application/xml", "drawing.bpmn", xml))
}

fn refused(shell: &PageShell, errors: &[ImportError]) -> Vec<Finding> {
    let finding = |error: &ImportError| Finding {
        severity: "refused",
        element: error.element.clone().unwrap_or_default(),
        line: Some(error.line),
        message: shell.zh(&error.message),
    };
    errors.iter().map(finding).collect()
}

fn found(shell: &PageShell, sheet: &ProcessSheet) -> Vec<Finding> {
    let judged = sheet.findings.iter().map(|finding| Finding {
        severity: match finding.severity {
            Severity::Fault => "fault",
            Severity::NotDecided => "not-decided",
            Severity::Notice => "notice",
        },
        element: finding.element.clone(),
        line: finding.line,
        message: shell.zh(&finding.message),
    });
    let warned = sheet.warnings.iter().map(|warning| Finding {
        severity: "warning",
        element: warning.element.clone().unwrap_or_default(),
        line: Some(warning.line),
        message: shell.zh(&warning.message),
    });
    judged.chain(warned).collect()
}

/// `POST /admin/processes/drawings`: a drawing is handed in. The same content again is the same file, so a repeat is harmless.
pub(super) async fn send(ctx: Ctx, page: Page, multipart: Multipart) -> Result<Response, Failure> {
    let xml = super::upload::received(&ctx, multipart).await?;
    if xml.is_empty() {
        return Err(Error::invalid("process.empty", page.shell().t("pa-file-needed")).into());
    }
    let shell = page.shell();
    let (status, answer) = match stage_process(&ctx, xml).await? {
        Staged::Refused(errors) => {
            let answer = Answer {
                hash: None,
                href: None,
                findings: refused(shell, &errors),
            };
            (StatusCode::UNPROCESSABLE_ENTITY, answer)
        }
        Staged::Kept { hash } | Staged::Known { hash } => {
            let sheet = process_sheet(&ctx, &hash).await?;
            let answer = Answer {
                href: Some(format!("/admin/processes/{hash}")),
                findings: found(shell, &sheet),
                hash: Some(hash),
            };
            (StatusCode::OK, answer)
        }
    };
    Ok((status, Json(answer)).into_response())
}
