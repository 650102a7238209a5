//! `/admin/processes/outlines`: a process file as a nested list, changed by forms; nothing needs script, nothing needs a drawing.

mod element;
mod fields;
mod follow;
mod list;
mod show;
mod steps;

use axum::Router;
use axum::routing::{get, post};
use tongban_kernel::Error;
use tongban_webkit::http::encode;
use tongban_webkit::{Page, PageShell, ProtectedPairs};

use crate::service::OutlineProblem;

const LIST: &str = "/admin/processes/outlines";

pub(super) fn router() -> Router {
    Router::new()
        .route(LIST, get(list::show).post(list::begin))
        .route("/admin/processes/outlines/{n}", get(show::show))
        .route("/admin/processes/outlines/{n}/element", get(element::show))
        .route("/admin/processes/outlines/{n}/steps", post(steps::send))
        .route("/admin/processes/outlines/{n}/turns", post(steps::turn))
        .route("/admin/processes/outlines/{n}/bpmn", get(show::download))
        .route("/admin/processes/outlines/{n}/file", post(show::finish))
        .route("/admin/processes/outlines/{n}/end", post(show::close))
}

/// A number of an address; what is none does not exist.
fn number(text: &str) -> Result<u32, Error> {
    text.parse().map_err(|_| Error::not_found())
}

fn home(n: u32) -> String {
    format!("{LIST}/{n}")
}

/// The page of one element.
fn place_of(n: u32, id: &str) -> String {
    format!("{LIST}/{n}/element?{}", encode([("id", id)]))
}

/// A page below the list of working copies.
fn below(page: &Page, title: &str, around: Option<(&str, u32)>) -> Page {
    let processes = page.shell().t("pa-title");
    let copies = page.shell().t("po-list");
    let page = page
        .clone()
        .titled(title)
        .nav("processes")
        .crumb(processes, "/admin/processes")
        .crumb(copies, LIST);
    let page = match around {
        Some((name, n)) => page.crumb(name, &home(n)),
        None => page,
    };
    page.crumb(title, "")
}

/// What a kind of element is called.
fn kind_words(shell: &PageShell, element: &str) -> String {
    match element {
        "userTask"
        | "serviceTask"
        | "scriptTask"
        | "businessRuleTask"
        | "sendTask"
        | "receiveTask"
        | "manualTask"
        | "task"
        | "callActivity"
        | "subProcess"
        | "exclusiveGateway"
        | "parallelGateway"
        | "inclusiveGateway"
        | "eventBasedGateway"
        | "startEvent"
        | "endEvent"
        | "intermediateCatchEvent"
        | "intermediateThrowEvent"
        | "boundaryEvent"
        | "lane"
        | "process"
        | "sequenceFlow" => shell.t(&format!("po-kind-{element}")),
        other => other.to_owned(),
    }
}

/// A problem as it stands beside its element.
struct Told {
    /// Must be corrected before the file can be published.
    bad: bool,
    kind: String,
    text: String,
}

fn told(shell: &PageShell, problems: &[OutlineProblem]) -> Vec<Told> {
    use tongban_process::Severity::{Fault, NotDecided, Notice};
    let one = |problem: &OutlineProblem| Told {
        bad: !matches!(problem.severity, Some(Notice | NotDecided)),
        kind: shell.t(match problem.severity {
            None => "po-unread",
            Some(Fault) => "pa-fault",
            Some(NotDecided) => "pa-not-decided",
            Some(Notice) => "pa-notice",
        }),
        text: shell.zh(&problem.message),
    };
    problems.iter().map(one).collect()
}

/// What was posted by the form that is shown again, and why it was refused.
#[derive(Default)]
struct Again<'f> {
    fields: Option<&'f ProtectedPairs>,
    why: String,
}

impl Again<'_> {
    /// What was typed into this field of this form; else what the file says.
    fn value(&self, form: &str, name: &str, now: &str) -> String {
        let typed = self.fields.filter(|f| f.get("form") == Some(form));
        match typed {
            Some(fields) => fields.text(name),
            None => now.to_owned(),
        }
    }

    fn was(&self, form: &str) -> bool {
        self.fields.is_some_and(|f| f.get("form") == Some(form))
    }
}
