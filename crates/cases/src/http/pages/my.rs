//! `/my` and `/my/cases`: what is mine.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use tongban_kernel::{CaseId, Result};
use tongban_webkit::http::pairs;
use tongban_webkit::ui::{Empty, Pager};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell};

use crate::http::words::{moment, state_tag};
use crate::model::CaseState;
use crate::service::{self, CaseLine, my_desks};

/// Cases on one page.
const PAGE: u32 = 20;

struct DraftRow {
    href: String,
    name: String,
    percent: u32,
    saved: String,
    expires: String,
    days_left: i64,
}

struct CaseRow {
    href: String,
    name: String,
    number: String,
    organ: String,
    submitted: String,
    due: String,
    state: Html,
    /// The applicant must do something.
    waits_for_me: bool,
}

#[derive(Template)]
#[template(path = "my.html")]
struct MyPage<'a> {
    shell: &'a PageShell,
    name: String,
    notice: String,
    drafts: Vec<DraftRow>,
    cases: Vec<CaseRow>,
    waiting: usize,
    empty: Empty,
}

#[derive(Template)]
#[template(path = "my_cases.html")]
struct MyCases<'a> {
    shell: &'a PageShell,
    cases: Vec<CaseRow>,
    pager: Pager,
    empty: Empty,
}

fn row(shell: &PageShell, line: &CaseLine) -> CaseRow {
    CaseRow {
        href: format!("/cases/{}", line.project_no),
        name: shell.zh(&line.task_name),
        number: line.project_no.clone(),
        organ: shell.zh(&line.organ_name),
        submitted: moment(line.submitted_at),
        due: line
            .promise_due
            .filter(|_| line.state.is_open())
            .map(|due| due.to_string())
            .unwrap_or_default(),
        state: state_tag(shell, &line.state),
        waits_for_me: matches!(line.state, CaseState::Supplementing { .. }),
    }
}

fn nothing(shell: &PageShell) -> Empty {
    Empty {
        icon: "package-search",
        title: shell.t("cs-no-cases"),
        text: shell.t("cs-no-cases-text"),
        action_text: shell.t("cs-find-service"),
        action_href: "/person".to_owned(),
        filtered: false,
    }
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

pub(super) async fn space(
    ctx: Ctx,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let fields = pairs(query.unwrap_or_default().as_bytes(), 16).unwrap_or_default();
    let (desks, lines) = (
        my_desks(&ctx).await?,
        service::my_cases(&ctx, None, 5).await?,
    );
    let page = page
        .clone()
        .titled(page.shell().t("nav-my"))
        .nav("my")
        .crumb(page.shell().t("nav-home"), "/")
        .crumb(page.shell().t("nav-my"), "");
    let shell = page.shell();
    let now = ctx.now();
    let drafts = desks
        .iter()
        .map(|desk| {
            Ok(DraftRow {
                href: format!("/drafts/{}", desk.draft.id),
                name: shell.zh(&desk.offer.item.task_name),
                percent: desk.read(|reading, _| reading.progress().percent)?,
                saved: moment(desk.draft.updated_at),
                expires: tongban_kernel::shanghai_date(desk.draft.expires_at).to_string(),
                days_left: desk.draft.expires_at.duration_since(now).as_hours() / 24,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let cases: Vec<CaseRow> = lines.iter().map(|line| row(shell, line)).collect();
    Ok(page.html(&MyPage {
        shell,
        name: shell
            .user
            .as_ref()
            .map_or_else(String::new, |user| user.name.clone()),
        notice: match value(&fields, "done") {
            Some("discarded") => shell.t("cs-done-discarded"),
            _ => String::new(),
        },
        waiting: cases.iter().filter(|case| case.waits_for_me).count(),
        empty: nothing(shell),
        drafts,
        cases,
    }))
}

pub(super) async fn cases(
    ctx: Ctx,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let fields = pairs(query.unwrap_or_default().as_bytes(), 16).unwrap_or_default();
    let before: Option<CaseId> = value(&fields, "before").and_then(|text| text.parse().ok());
    let mut lines = service::my_cases(&ctx, before, PAGE + 1).await?;
    let more = lines.len() > PAGE as usize;
    lines.truncate(PAGE as usize);
    let next_href = lines
        .last()
        .filter(|_| more)
        .map(|last| format!("/my/cases?before={}", last.id));
    let page = page
        .clone()
        .titled(page.shell().t("cs-my-cases"))
        .nav("cases")
        .crumb(page.shell().t("nav-my"), "/my")
        .crumb(page.shell().t("cs-my-cases"), "");
    let shell = page.shell();
    Ok(page.html(&MyCases {
        shell,
        pager: Pager {
            summary: shell.t1("cs-on-this-page", "n", lines.len()),
            first_href: before.map(|_| "/my/cases".to_owned()),
            next_href,
        },
        cases: lines.iter().map(|line| row(shell, line)).collect(),
        empty: nothing(shell),
    }))
}

/// The way to one's cases that the navigation names.
pub(super) async fn to_cases(page: Page) -> Response {
    page.see_other("/my/cases")
}
