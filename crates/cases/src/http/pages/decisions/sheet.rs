//! `/admin/decisions/{hash}`: everything about one version, or about a file before it is published.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use tongban_kernel::{ErrorKind, FieldProblem};
use tongban_process::Severity;
use tongban_webkit::ui::{Choice, Field, FieldKind, FormGroup, FormView, Problem, Tone, tag};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell, ProtectedPairs, error_of};

use super::super::files::attached;
use super::super::rule_words;
use super::table::{Shown, shown};
use super::{Version, at_by, hash, short, text, titled};
use crate::http::words::moment;
use crate::model::AppliedRule;
use crate::service::{
    DecisionSheet, DecisionTrial, Origin, PublishDecision, decision_sheet, publish_staged_decision,
};

struct Finding {
    kind: Html,
    line: String,
    element: String,
    message: String,
}

struct Using {
    process: String,
    hash: String,
    short: String,
    asked: String,
    state: Html,
}

/// What a trial said, above the decision that was tried.
struct Tried {
    id: String,
    refused: String,
    result: String,
    rules: Vec<String>,
}

#[derive(Template)]
#[template(path = "decision.html")]
struct SheetPage<'a> {
    shell: &'a PageShell,
    title: String,
    name: String,
    hash: String,
    short: String,
    state: Html,
    since: String,
    notice: String,
    published: bool,
    findings: Vec<Finding>,
    /// `None`: it cannot be published, or is.
    form: Option<FormView>,
    decisions: Vec<Shown>,
    tried: Option<Tried>,
    uses: Vec<Using>,
    versions: Vec<Version>,
}

/// What was typed for the publication.
#[derive(Default)]
pub(super) struct Typed {
    reason: String,
    accept: bool,
}

/// What the page shows beside the sheet.
#[derive(Default)]
pub(super) struct Around<'a> {
    pub(super) notice: String,
    pub(super) problems: &'a [FieldProblem],
    pub(super) typed: Typed,
    /// The decision that was tried, what was typed, and the answer.
    pub(super) trial: Option<(&'a str, &'a ProtectedPairs, &'a DecisionTrial)>,
}

fn findings(shell: &PageShell, sheet: &DecisionSheet) -> Vec<Finding> {
    let found = sheet.findings.iter().map(|one| Finding {
        kind: match one.severity {
            Severity::Fault => tag(Tone::Red, &shell.t("pa-fault")),
            Severity::NotDecided => tag(Tone::Amber, &shell.t("pa-not-decided")),
            Severity::Notice => tag(Tone::Blue, &shell.t("pa-notice")),
        },
        line: match one.line {
            0 => "—".to_owned(),
            line => line.to_string(),
        },
        element: one.element.clone(),
        message: shell.zh(&one.message),
    });
    found.collect()
}

fn publish_form(shell: &PageShell, sheet: &DecisionSheet, around: &Around<'_>) -> FormView {
    let kind = FieldKind::TextArea {
        value: around.typed.reason.clone(),
        maxlength: 500,
    };
    let reason = Field::new("reason", &shell.t("pa-reason"), kind);
    let mut fields = vec![reason.hint(&shell.t("de-reason-hint"))];
    if sheet.needs_a_person() {
        let text = shell.t("de-accept-text");
        let choices = vec![Choice::new("1", &text, around.typed.accept)];
        let kind = FieldKind::Checks { choices };
        fields.push(Field::new("accept", &shell.t("de-accept"), kind));
    }
    for field in &mut fields {
        field.error = error_of(around.problems, &field.name);
    }
    let whole = around
        .problems
        .iter()
        .filter(|problem| !fields.iter().any(|field| field.name == problem.field));
    FormView {
        action: format!("/admin/decisions/{}/publication", sheet.hash),
        problems: whole
            .map(|problem| Problem {
                id: String::new(),
                text: problem.message.clone(),
            })
            .collect(),
        groups: vec![FormGroup {
            legend: shell.t("de-publish"),
            icon: "upload",
            fields,
            ..FormGroup::default()
        }],
        back_href: "/admin/decisions".to_owned(),
        submit_text: shell.t("de-publish"),
        hidden: vec![("idem".to_owned(), shell.request.to_string())],
        ..FormView::default()
    }
}

fn state(shell: &PageShell, sheet: &DecisionSheet) -> Html {
    let newest = sheet.versions.first().map(|v| v.hash.as_str()) == Some(&*sheet.hash);
    match &sheet.origin {
        Origin::Waiting { .. } => tag(Tone::Amber, &shell.t("pa-state-waiting")),
        Origin::Published { .. } if newest => tag(Tone::Green, &shell.t("pa-state-newest")),
        Origin::Published { .. } => tag(Tone::Plain, &shell.t("pa-state-older")),
    }
}

fn since(page: &Page, origin: &Origin) -> String {
    match origin {
        Origin::Waiting {
            by_whom,
            uploaded_at,
        } => at_by(page, "pa-since-waiting", by_whom, *uploaded_at),
        Origin::Published {
            change: Some(change),
            ..
        } => at_by(page, "pa-since-published", &change.by_whom, change.at),
        Origin::Published { at, change: None } => {
            page.shell().t1("pa-since-program", "time", moment(*at))
        }
    }
}

fn tried(shell: &PageShell, id: &str, trial: &DecisionTrial) -> Tried {
    let told = |rules: &[AppliedRule]| {
        let rules = rules.iter().map(|rule| rule_words::rule(shell, rule));
        rules.collect()
    };
    match &trial.outcome {
        Ok((value, rules)) => Tried {
            id: id.to_owned(),
            refused: String::new(),
            result: rule_words::value(shell, value),
            rules: told(rules),
        },
        Err(why) => Tried {
            id: id.to_owned(),
            refused: shell.zh(why),
            result: String::new(),
            rules: Vec::new(),
        },
    }
}

fn decisions(shell: &PageShell, sheet: &DecisionSheet, around: &Around<'_>) -> Vec<Shown> {
    let views = sheet.file.views().iter().map(|view| {
        let tried = around
            .trial
            .filter(|(asked, ..)| **asked == *view.id || **asked == *view.name);
        let typed = |name: &str| {
            let field = view.inputs.iter().position(|input| input.name == name);
            let field = field.map(|n| format!("in-{n}")).unwrap_or_default();
            tried.map_or_else(String::new, |(_, fields, _)| {
                text(fields, &field).to_owned()
            })
        };
        let applied: Vec<usize> = match tried.map(|(.., trial)| &trial.outcome) {
            Some(Ok((_, rules))) => rules.iter().map(|rule| rule.index).collect(),
            _ => Vec::new(),
        };
        shown(shell, view, typed, &applied)
    });
    views.collect()
}

pub(super) fn sheet_page(page: &Page, sheet: &DecisionSheet, around: &Around<'_>) -> Response {
    let title = page.shell().zh(sheet.file.name());
    let page = titled(page, &title);
    let shell = page.shell();
    let published = matches!(sheet.origin, Origin::Published { .. });
    let ready = !published && sheet.faults().next().is_none();
    let uses = sheet.uses.iter().map(|one| Using {
        process: one.process.clone(),
        hash: one.process_hash.clone(),
        short: short(&one.process_hash),
        asked: one.asked.clone(),
        state: match one.live {
            true => tag(Tone::Green, &shell.t("de-use-live")),
            false => tag(Tone::Plain, &shell.t("de-use-old")),
        },
    });
    let content = SheetPage {
        shell,
        title: title.clone(),
        name: sheet.file.id().to_owned(),
        hash: sheet.hash.clone(),
        short: short(&sheet.hash),
        state: state(shell, sheet),
        since: since(&page, &sheet.origin),
        notice: around.notice.clone(),
        published,
        findings: findings(shell, sheet),
        form: ready.then(|| publish_form(shell, sheet, around)),
        decisions: decisions(shell, sheet, around),
        tried: around
            .trial
            .map(|(asked, _, trial)| tried(shell, asked, trial)),
        uses: uses.collect(),
        versions: sheet.versions.iter().map(Version::from).collect(),
    };
    let failed = matches!(&content.tried, Some(tried) if !tried.refused.is_empty());
    page.staff_form(&content, failed || !around.problems.is_empty())
}

/// `GET /admin/decisions/{hash}`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let sheet = decision_sheet(&ctx, hash(&key)?).await?;
    let around = Around {
        notice: match query.as_deref() {
            Some("done=1") => page.shell().t("de-done"),
            Some("known=1") => page.shell().t("de-known"),
            _ => String::new(),
        },
        ..Around::default()
    };
    Ok(sheet_page(&page, &sheet, &around))
}

/// `GET /admin/decisions/{hash}/dmn`: the file as it came, byte for byte.
pub(super) async fn download(ctx: Ctx, Path(key): Path<String>) -> Result<Response, Failure> {
    let sheet = decision_sheet(&ctx, hash(&key)?).await?;
    let name = format!("{}-{}.dmn", sheet.file.id(), short(&key));
    Ok(attached("application/xml", &name, sheet.xml.to_vec()))
}

/// `POST /admin/decisions/{hash}/publication`.
pub(super) async fn publish(
    ctx: Ctx,
    page: Page,
    Path(key): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let typed = Typed {
        reason: text(&fields, "reason").to_owned(),
        accept: fields.get("accept").is_some(),
    };
    let wish = PublishDecision {
        hash: hash(&key)?.to_owned(),
        reason: typed.reason.clone(),
        accept_findings: typed.accept,
        key: text(&fields, "idem").to_owned(),
    };
    match publish_staged_decision(&ctx, wish).await {
        Ok(change) => Ok(page.see_other(&format!("/admin/decisions/{}?done=1", change.hash))),
        Err(error) if error.kind() == ErrorKind::Invalid && !error.field_problems().is_empty() => {
            let sheet = decision_sheet(&ctx, &key).await?;
            let around = Around {
                problems: error.field_problems(),
                typed,
                ..Around::default()
            };
            Ok(sheet_page(&page, &sheet, &around))
        }
        Err(error) => Err(error.into()),
    }
}
