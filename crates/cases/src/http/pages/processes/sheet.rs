//! `/admin/processes/{hash}`: everything about one version, or about a file before it is published.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use tongban_kernel::{ErrorKind, FieldProblem, Post};
use tongban_process::{DutyView, Severity};
use tongban_webkit::ui::{Choice, Field, FieldKind, FormGroup, FormView, Problem, Tone, tag};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell, ProtectedPairs, error_of};

use super::{Version, at_by, hash, short, text, titled};
use crate::http::pages::files::attached;
use crate::http::words::moment;
use crate::service::{
    Heat, ItemUse, Origin, ProcessSheet, PublishProcess, process_heat, process_sheet,
    publish_staged,
};

struct Finding {
    kind: Html,
    line: String,
    element: String,
    message: String,
}

struct Duty {
    element: String,
    name: String,
    post: String,
    organ: String,
    limit: String,
    act: String,
}

struct Moved {
    n: u32,
    at: String,
    who: String,
    words: String,
}

#[derive(Template)]
#[template(path = "process.html")]
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
    /// There is another version to which cases can be moved.
    others: bool,
    findings: Vec<Finding>,
    /// `None`: it cannot be published, or is.
    form: Option<FormView>,
    picture: String,
    heat: Vec<super::heat::Row>,
    heat_words: String,
    duties: Vec<Duty>,
    longest: u32,
    items: &'a [ItemUse],
    versions: Vec<Version>,
    moves: Vec<Moved>,
}

fn findings(shell: &PageShell, sheet: &ProcessSheet) -> Vec<Finding> {
    let judged = sheet.findings.iter().map(|finding| Finding {
        kind: match finding.severity {
            Severity::Fault => tag(Tone::Red, &shell.t("pa-fault")),
            Severity::NotDecided => tag(Tone::Amber, &shell.t("pa-not-decided")),
            Severity::Notice => tag(Tone::Blue, &shell.t("pa-notice")),
        },
        line: finding
            .line
            .map_or_else(|| "—".to_owned(), |n| n.to_string()),
        element: finding.element.clone(),
        message: shell.zh(&finding.message),
    });
    let warned = sheet.warnings.iter().map(|warning| Finding {
        kind: tag(Tone::Plain, &shell.t("pa-warning")),
        line: warning.line.to_string(),
        element: warning.element.clone().unwrap_or_default(),
        message: shell.zh(&warning.message),
    });
    judged.chain(warned).collect()
}

fn duty(shell: &PageShell, duty: &DutyView) -> Duty {
    let formula = |value: &str| match value.strip_prefix('=') {
        Some(formula) => shell.t1("pa-by-formula", "text", formula),
        None => value.to_owned(),
    };
    let or_dash = |value: Option<&str>| value.map_or_else(|| "—".to_owned(), formula);
    let post = match duty.post.as_deref() {
        Some("applicant") => shell.t("pa-applicant"),
        Some(key) => Post::from_key(key).map_or_else(|| formula(key), |p| shell.zh(p.label())),
        None => "—".to_owned(),
    };
    let organ = match duty.organ.as_deref() {
        Some(organ) => formula(organ),
        None if duty.post.as_deref() == Some("applicant") => "—".to_owned(),
        None => shell.t("pa-organ-default"),
    };
    let limit = duty.limit.as_deref();
    let days: Option<u32> = limit
        .and_then(|text| text.strip_prefix('P')?.strip_suffix('D'))
        .and_then(|text| text.parse().ok());
    Duty {
        element: duty.element.to_string(),
        name: shell.zh(&duty.name),
        post,
        organ,
        limit: days.map_or_else(|| or_dash(limit), |n| shell.t1("pa-days", "n", n)),
        act: or_dash(duty.act.as_deref()),
    }
}

/// What was typed for the publication.
#[derive(Default)]
struct Typed {
    reason: String,
    accept: bool,
}

fn publish_form(
    shell: &PageShell,
    sheet: &ProcessSheet,
    typed: &Typed,
    problems: &[FieldProblem],
) -> FormView {
    let kind = FieldKind::TextArea {
        value: typed.reason.clone(),
        maxlength: 500,
    };
    let reason = Field::new("reason", &shell.t("pa-reason"), kind);
    let mut fields = vec![reason.hint(&shell.t("pa-reason-hint"))];
    if sheet.is_undecided() {
        let choices = vec![Choice::new("1", &shell.t("pa-accept-text"), typed.accept)];
        let kind = FieldKind::Checks { choices };
        fields.push(Field::new("accept", &shell.t("pa-accept"), kind));
    }
    for field in &mut fields {
        field.error = error_of(problems, &field.name);
    }
    let whole = problems
        .iter()
        .filter(|problem| !fields.iter().any(|field| field.name == problem.field));
    FormView {
        action: format!("/admin/processes/{}/publication", sheet.definition.hash()),
        problems: whole
            .map(|problem| Problem {
                id: String::new(),
                text: problem.message.clone(),
            })
            .collect(),
        groups: vec![FormGroup {
            legend: shell.t("pa-publish"),
            icon: "upload",
            fields,
            ..FormGroup::default()
        }],
        back_href: "/admin/processes".to_owned(),
        submit_text: shell.t("pa-publish"),
        hidden: vec![("idem".to_owned(), shell.request.to_string())],
        ..FormView::default()
    }
}

/// The picture in its own size: wider than the page, it is scrolled.
pub(in crate::http::pages) fn sized(picture: &str) -> String {
    let size = picture.split_once("viewBox=\"").and_then(|(_, rest)| {
        let (numbers, _) = rest.split_once('"')?;
        let mut numbers = numbers.split(' ').skip(2);
        Some((numbers.next()?, numbers.next()?))
    });
    match size {
        Some((w, h)) => {
            picture.replacen("<svg ", &format!("<svg width=\"{w}\" height=\"{h}\" "), 1)
        }
        None => picture.to_owned(),
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

fn state(shell: &PageShell, sheet: &ProcessSheet) -> Html {
    let newest = sheet.versions.first().map(|v| v.hash.as_str()) == Some(sheet.definition.hash());
    match &sheet.origin {
        Origin::Waiting { .. } => tag(Tone::Amber, &shell.t("pa-state-waiting")),
        Origin::Published { .. } if newest => tag(Tone::Green, &shell.t("pa-state-newest")),
        Origin::Published { .. } => tag(Tone::Plain, &shell.t("pa-state-older")),
    }
}

fn sheet_page(
    page: &Page,
    sheet: &ProcessSheet,
    heat: &Heat,
    notice: String,
    typed: &Typed,
    problems: &[FieldProblem],
) -> Response {
    let title = page.shell().zh(if sheet.definition.name().is_empty() {
        &sheet.name
    } else {
        sheet.definition.name()
    });
    let page = titled(page, &title);
    let shell = page.shell();
    let hash = sheet.definition.hash();
    let published = matches!(sheet.origin, Origin::Published { .. });
    let ready = !published && !sheet.is_faulty();
    let content = SheetPage {
        shell,
        title,
        name: sheet.name.clone(),
        hash: hash.to_owned(),
        short: short(hash),
        state: state(shell, sheet),
        since: since(&page, &sheet.origin),
        notice,
        published,
        others: sheet.versions.len() > 1,
        findings: findings(shell, sheet),
        form: ready.then(|| publish_form(shell, sheet, typed, problems)),
        picture: sized(&super::heat::picture(shell, sheet, heat)),
        heat: super::heat::rows(shell, sheet, heat),
        heat_words: super::heat::words(shell, heat),
        duties: sheet.definition.duties().map(|d| duty(shell, &d)).collect(),
        longest: sheet.definition.longest_limit(),
        items: &sheet.items,
        versions: sheet.versions.iter().map(Version::from).collect(),
        moves: sheet
            .moves
            .iter()
            .map(|one| Moved {
                n: one.n,
                at: moment(one.at),
                who: shell.zh(&one.order.by.name),
                words: shell.t2("pa-report-sum", "moved", one.moved, "refused", one.refused),
            })
            .collect(),
    };
    page.staff_form(&content, !problems.is_empty())
}

/// `GET /admin/processes/{hash}`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let sheet = process_sheet(&ctx, hash(&key)?).await?;
    let notice = match query.as_deref() {
        Some("done=1") => page.shell().t("pa-done"),
        Some("known=1") => page.shell().t("pa-known"),
        _ => String::new(),
    };
    let heat = process_heat(&ctx, &sheet).await?;
    Ok(sheet_page(
        &page,
        &sheet,
        &heat,
        notice,
        &Typed::default(),
        &[],
    ))
}

/// `GET /admin/processes/{hash}/bpmn`: the file as it came, byte for byte.
pub(super) async fn download(ctx: Ctx, Path(key): Path<String>) -> Result<Response, Failure> {
    let sheet = process_sheet(&ctx, hash(&key)?).await?;
    let name = format!("{}-{}.bpmn", sheet.name, short(&key));
    let bytes = sheet.definition.xml().to_vec();
    Ok(attached("application/xml", &name, bytes))
}

/// `POST /admin/processes/{hash}/publication`.
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
    let wish = PublishProcess {
        hash: hash(&key)?.to_owned(),
        reason: typed.reason.clone(),
        accept_undecided: typed.accept,
        key: text(&fields, "idem").to_owned(),
    };
    match publish_staged(&ctx, wish).await {
        Ok(change) => Ok(page.see_other(&format!("/admin/processes/{}?done=1", change.hash))),
        Err(error) if error.kind() == ErrorKind::Invalid && !error.field_problems().is_empty() => {
            let sheet = process_sheet(&ctx, &key).await?;
            let problems = error.field_problems();
            let heat = Heat::default();
            Ok(sheet_page(
                &page,
                &sheet,
                &heat,
                String::new(),
                &typed,
                problems,
            ))
        }
        Err(error) => Err(error.into()),
    }
}
