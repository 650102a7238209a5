//! `/work/rectifications`: bad ratings that wait for an answer, one of them, and its answer.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use tongban_kernel::{Error, ErrorKind, FieldProblem, RatingId};
use tongban_webkit::ui::{
    Choice, Empty, Field, FieldKind, FormGroup, FormView, KeyValues, Pager, Problem, Tab, Tabs,
};
use tongban_webkit::{Ctx, Cursor, Failure, List, Page, PageParams, PageShell, ProtectedPairs};

use super::rating::{level_key, tag_key};
use crate::model::{Finding, Rectification, Rectified, RectifyWay};
use crate::service::{Rectify, rectification, rectifications, rectify};

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: String,
}

struct Row {
    href: String,
    task_name: String,
    project_no: String,
    level: String,
    text: String,
    due: String,
    late: bool,
    closed_on: String,
}

#[derive(Template)]
#[template(path = "work_rectifications.html")]
struct ListPage<'a> {
    shell: &'a PageShell,
    tabs: Tabs,
    rows: Vec<Row>,
    closed: bool,
    pager: Pager,
    empty: Empty,
}

fn after(params: &PageParams) -> Result<Option<(Date, RatingId)>, Error> {
    let bad = || Error::invalid("request.page", "翻页参数无效");
    match &params.after {
        None => Ok(None),
        Some(Cursor(keys)) => match keys.as_slice() {
            [day, id] => Ok(Some((
                day.parse().map_err(|_| bad())?,
                id.parse().map_err(|_| bad())?,
            ))),
            _ => Err(bad()),
        },
    }
}

fn day(at: jiff::Timestamp) -> String {
    tongban_kernel::shanghai_date(at).to_string()
}

fn row(shell: &PageShell, one: &Rectification, today: Date) -> Row {
    let rating = &one.line.rating;
    Row {
        href: format!("/work/rectifications/{}", rating.id),
        task_name: shell.zh(&one.line.task_name),
        project_no: one.line.project_no.clone(),
        level: shell.t(&level_key(rating.level)),
        text: rating.text.clone(),
        due: one.due_on.to_string(),
        late: one.closed.is_none() && one.due_on < today,
        closed_on: one
            .closed
            .as_ref()
            .map_or_else(String::new, |done| day(done.at)),
    }
}

/// `GET /work/rectifications`.
pub(super) async fn list(
    ctx: Ctx,
    page: Page,
    params: PageParams,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    let closed = which.state == "closed";
    let found = rectifications(&ctx, closed, after(&params)?, params.fetch()).await?;
    let title = page.shell().t("rect-title");
    let page = page.titled(title).nav("rectifications");
    let shell = page.shell();
    let lines = List::of(found, &params, |one| {
        vec![one.due_on.to_string(), one.line.rating.id.to_string()]
    });
    let today = ctx.clock.today();
    let here = if closed {
        "/work/rectifications?state=closed"
    } else {
        "/work/rectifications?state=open"
    };
    let tab = |key: &str, href: &str, current| Tab {
        text: shell.t(key),
        href: href.to_owned(),
        count: None,
        urgent: false,
        current,
    };
    let content = ListPage {
        shell,
        tabs: Tabs {
            label: shell.t("rect-title"),
            tabs: vec![
                tab("rect-open", "/work/rectifications", !closed),
                tab("rect-closed", "/work/rectifications?state=closed", closed),
            ],
        },
        rows: lines
            .items
            .iter()
            .map(|one| row(shell, one, today))
            .collect(),
        closed,
        pager: Pager {
            summary: String::new(),
            first_href: params.after.is_some().then(|| here.to_owned()),
            next_href: lines.next.map(|next| format!("{here}&after={next}")),
        },
        empty: Empty {
            icon: "smile",
            title: shell.t("rect-none"),
            text: shell.t("rect-none-text"),
            ..Empty::default()
        },
    };
    Ok(page.staff_html(&content))
}

/// What was typed.
#[derive(Default)]
struct Typed {
    finding: String,
    way: String,
    reply: String,
}

#[derive(Template)]
#[template(path = "work_rectification.html")]
struct OnePage<'a> {
    shell: &'a PageShell,
    title: String,
    notice: bool,
    case_href: String,
    facts: KeyValues,
    done: Option<KeyValues>,
    form: Option<FormView>,
}

fn facts(shell: &PageShell, found: &Rectification) -> KeyValues {
    let rating = &found.line.rating;
    let tags: Vec<String> = rating
        .tags
        .iter()
        .map(|tag| shell.t(&tag_key(*tag)))
        .collect();
    let mut rows = vec![
        (shell.t("rating-case"), found.line.project_no.clone()),
        (shell.t("rating-level"), shell.t(&level_key(rating.level))),
        (shell.t("rating-tags"), tags.join(" · ")),
        (shell.t("rating-text"), rating.text.clone()),
        (shell.t("rating-at"), day(rating.rated_at)),
        (shell.t("rating-due"), found.due_on.to_string()),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    KeyValues {
        rows,
        one_column: true,
    }
}

/// How it was dealt with; the applicant reads it without the name of the officer.
pub(super) fn answer(shell: &PageShell, done: &Rectified, with_name: bool) -> KeyValues {
    let mut rows = vec![
        (
            shell.t("rect-finding"),
            shell.t(&format!("rect-finding-{}", done.finding.key())),
        ),
        (
            shell.t("rect-way"),
            shell.t(&format!("rect-way-{}", done.way.key())),
        ),
        (shell.t("rect-reply"), done.reply.clone()),
        (shell.t("rect-closed-on"), day(done.at)),
    ];
    if with_name {
        rows.push((shell.t("rect-by"), shell.zh(&done.by_whom)));
    }
    KeyValues {
        rows,
        one_column: true,
    }
}

fn form(shell: &PageShell, id: RatingId, typed: &Typed, problems: &[FieldProblem]) -> FormView {
    let radio = |name: &str, label: &str, family: &str, keys: Vec<&'static str>, now: &str| {
        let choices = keys.into_iter().map(|key| {
            let text = shell.t(&format!("rect-{family}-{key}"));
            Choice::new(key, &text, now == key)
        });
        let kind = FieldKind::Radio {
            choices: choices.collect(),
            stacked: true,
        };
        Field::new(name, &shell.t(label), kind)
    };
    let findings = Finding::ALL.iter().map(|one| one.key()).collect();
    let ways = RectifyWay::ALL.iter().map(|one| one.key()).collect();
    let reply = FieldKind::TextArea {
        value: typed.reply.clone(),
        maxlength: 1_000,
    };
    let mut fields = vec![
        radio(
            "finding",
            "rect-finding",
            "finding",
            findings,
            &typed.finding,
        ),
        radio("way", "rect-way", "way", ways, &typed.way),
        Field::new("reply", &shell.t("rect-reply"), reply).hint(&shell.t("rect-reply-hint")),
    ];
    for field in &mut fields {
        if let Some(problem) = problems.iter().find(|one| one.field == field.name) {
            field.error.clone_from(&problem.message);
        }
    }
    FormView {
        action: format!("/work/rectifications/{id}"),
        problems: problems
            .iter()
            .filter(|problem| !fields.iter().any(|field| field.name == problem.field))
            .map(|problem| Problem {
                id: String::new(),
                text: problem.message.clone(),
            })
            .collect(),
        groups: vec![FormGroup {
            legend: shell.t("rect-answer"),
            icon: "pencil-line",
            fields,
            ..FormGroup::default()
        }],
        back_href: "/work/rectifications".to_owned(),
        submit_text: shell.t("rect-send"),
        hidden: vec![("idem".to_owned(), shell.request.to_string())],
        ..FormView::default()
    }
}

fn one_page(
    page: &Page,
    found: &Rectification,
    may: bool,
    typed: &Typed,
    problems: &[FieldProblem],
    notice: bool,
) -> Response {
    let (list, title) = (
        page.shell().t("rect-title"),
        page.shell().zh(&found.line.task_name),
    );
    let page = page
        .clone()
        .titled(page.shell().t1("rect-one-title", "name", title.clone()))
        .nav("rectifications")
        .crumb(list, "/work/rectifications")
        .crumb(title.clone(), "");
    let shell = page.shell();
    let content = OnePage {
        shell,
        title: shell.t1("rect-one-title", "name", title),
        notice,
        case_href: format!("/work/cases/{}", found.line.project_no),
        facts: facts(shell, found),
        done: found.closed.as_ref().map(|done| answer(shell, done, true)),
        form: may.then(|| form(shell, found.line.rating.id, typed, problems)),
    };
    page.staff_form(&content, !problems.is_empty())
}

/// What is no id does not exist.
fn id(text: &str) -> Result<RatingId, Error> {
    text.parse().map_err(|_| Error::not_found())
}

#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /work/rectifications/{rating}`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let (found, may) = rectification(&ctx, id(&text)?).await?;
    let notice = !done.done.is_empty() && found.closed.is_some();
    Ok(one_page(&page, &found, may, &Typed::default(), &[], notice))
}

/// `POST /work/rectifications/{rating}`.
pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let rating = id(&text)?;
    let get = |name: &str| fields.text(name);
    let typed = Typed {
        finding: get("finding"),
        way: get("way"),
        reply: get("reply"),
    };
    let (found, may) = rectification(&ctx, rating).await?;
    let (finding, way) = (
        Finding::from_key(&typed.finding),
        RectifyWay::from_key(&typed.way),
    );
    let missing = |field: &str, key: &str| FieldProblem::required(field, page.shell().t(key));
    if let (Some(finding), Some(way)) = (finding, way) {
        let wish = Rectify {
            rating,
            finding,
            way,
            reply: typed.reply.clone(),
            key: get("idem"),
        };
        return match rectify(&ctx, wish).await {
            Ok(_) => Ok(page.see_other(&format!("/work/rectifications/{rating}?done=1"))),
            Err(error)
                if may
                    && error.kind() == ErrorKind::Invalid
                    && !error.field_problems().is_empty() =>
            {
                let problems = error.field_problems();
                Ok(one_page(&page, &found, may, &typed, problems, false))
            }
            Err(error) => Err(error.into()),
        };
    }
    if !may {
        return Err(Error::not_allowed("rectification.post", "您不能办理这条差评的整改").into());
    }
    let mut problems = Vec::new();
    if finding.is_none() {
        problems.push(missing("finding", "rect-finding-needed"));
    }
    if way.is_none() {
        problems.push(missing("way", "rect-way-needed"));
    }
    Ok(one_page(&page, &found, may, &typed, &problems, false))
}
