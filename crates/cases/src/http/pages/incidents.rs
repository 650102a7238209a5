//! `/work/incidents`: steps that cannot go on by themselves, and how one is mended.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};
use tongban_kernel::{Error, ErrorKind, Result};
use tongban_webkit::ui::{Choice, Empty, Field, FieldKind, FormGroup, FormView, KeyValues, Pager};
use tongban_webkit::{
    Ctx, Cursor, Failure, List, Page, PageParams, PageShell, ProtectedPairs, bad_page,
};

use crate::http::words::{id, moment};
use crate::model::{Held, Incident, Repair};
use crate::service::{self, IncidentDesk};

struct Row {
    href: String,
    step: String,
    number: String,
    task_name: String,
    service: String,
    error: String,
    tries: u32,
    at: String,
}

#[derive(Template)]
#[template(path = "incidents.html")]
struct ListPage<'a> {
    shell: &'a PageShell,
    rows: Vec<Row>,
    notice: bool,
    pager: Pager,
    empty: Empty,
}

#[derive(Template)]
#[template(path = "incident.html")]
struct OnePage<'a> {
    shell: &'a PageShell,
    title: String,
    facts: KeyValues,
    form: Option<FormView>,
    over: bool,
}

#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /work/incidents`.
pub(super) async fn list(
    ctx: Ctx,
    page: Page,
    params: PageParams,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let after = params
        .after
        .as_ref()
        .map(|Cursor(keys)| match keys.as_slice() {
            [key] => key.parse().map_err(|_| bad_page()),
            _ => Err(bad_page()),
        });
    let found = service::incidents(&ctx, after.transpose()?, params.fetch()).await?;
    let title = page.shell().t("inc-title");
    let page = page.titled(title).nav("incidents");
    let shell = page.shell();
    let lines = List::of(found, &params, |one| vec![one.id.to_string()]);
    let rows = lines.items.iter().map(|one| Row {
        href: format!("/work/incidents/{}", one.id),
        step: shell.zh(&one.name),
        number: one.project_no.clone(),
        task_name: shell.zh(&one.task_name),
        service: one.service.clone(),
        error: shell.zh(&one.error),
        tries: one.tries,
        at: moment(one.last_at),
    });
    let content = ListPage {
        rows: rows.collect(),
        notice: !done.done.is_empty(),
        pager: Pager {
            summary: String::new(),
            first_href: params.after.is_some().then(|| "/work/incidents".to_owned()),
            next_href: lines
                .next
                .map(|next| format!("/work/incidents?after={next}")),
        },
        empty: Empty {
            icon: "smile",
            title: shell.t("inc-none"),
            text: shell.t("inc-none-text"),
            ..Empty::default()
        },
        shell,
    };
    Ok(page.staff_html(&content))
}

/// What was typed, to show it again.
#[derive(Default)]
struct Typed {
    idem: String,
    way: String,
    values: String,
    error: String,
    reason: String,
}

fn facts(shell: &PageShell, one: &Incident) -> KeyValues {
    let kind = match one.held {
        Held::Token if one.service.is_empty() => "inc-kind-engine",
        Held::Token => "inc-kind-service",
        Held::Timer => "inc-kind-timer",
        Held::Task => "inc-kind-task",
    };
    let mut rows = vec![
        (shell.t("inc-kind"), shell.t(kind)),
        (shell.t("inc-case"), one.project_no.clone()),
        (shell.t("inc-item"), shell.zh(&one.task_name)),
        (shell.t("inc-element"), one.element.clone()),
        (shell.t("inc-service"), one.service.clone()),
        (shell.t("inc-error"), shell.zh(&one.error)),
        (shell.t("inc-tries"), one.tries.to_string()),
        (shell.t("inc-since"), moment(one.opened_at)),
        (shell.t("inc-last"), moment(one.last_at)),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    KeyValues {
        rows,
        one_column: true,
    }
}

fn form(shell: &PageShell, desk: &IncidentDesk, typed: &Typed, failed: Option<&Error>) -> FormView {
    let choice = |way: &str| {
        let mut choice = Choice::new(way, &shell.t(&format!("inc-way-{way}")), typed.way == way);
        choice.hint = shell.t(&format!("inc-way-{way}-hint"));
        choice
    };
    let mut choices = Vec::new();
    if desk.may_retry {
        choices.push(choice("again"));
    }
    if desk.may_settle {
        choices.extend([choice("answer"), choice("error")]);
    }
    let ways = FieldKind::Radio {
        choices,
        stacked: true,
    };
    let area = |value: &str, maxlength| FieldKind::TextArea {
        value: value.to_owned(),
        maxlength,
    };
    let mut fields = vec![Field::new("way", &shell.t("inc-way"), ways)];
    if desk.may_settle {
        fields.push(
            Field::new(
                "values",
                &shell.t("inc-values"),
                area(&typed.values, 10_000),
            )
            .hint(&shell.t("inc-values-hint"))
            .optional(),
        );
        fields.push(
            Field::text("error", &shell.t("inc-code"), &typed.error)
                .hint(&shell.t("inc-code-hint"))
                .optional(),
        );
    }
    fields.push(Field::new(
        "reason",
        &shell.t("or-reason"),
        area(&typed.reason, 2000),
    ));
    FormView {
        action: format!("/work/incidents/{}", desk.incident.id),
        back_href: "/work/incidents".to_owned(),
        submit_text: shell.t("inc-send"),
        hidden: vec![("idem".to_owned(), typed.idem.clone())],
        groups: vec![FormGroup {
            legend: shell.t("inc-repair"),
            note: shell.t("inc-repair-note"),
            icon: "pencil-line",
            fields,
        }],
        ..FormView::default()
    }
    .told(failed)
}

fn one_page(page: &Page, desk: &IncidentDesk, typed: &Typed, failed: Option<&Error>) -> Response {
    let (list, title) = (
        page.shell().t("inc-title"),
        page.shell().zh(&desk.incident.name),
    );
    let page = page
        .clone()
        .titled(title.clone())
        .nav("incidents")
        .crumb(list, "/work/incidents")
        .crumb(title.clone(), "");
    let shell = page.shell();
    let may = desk.may_retry || desk.may_settle;
    let content = OnePage {
        shell,
        title,
        facts: facts(shell, &desk.incident),
        over: !desk.waits,
        form: (desk.waits && may).then(|| form(shell, desk, typed, failed)),
    };
    page.staff_form(&content, failed.is_some())
}

/// `GET /work/incidents/{incident}`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
) -> Result<Response, Failure> {
    let desk = service::incident(&ctx, id(&text)?).await?;
    let typed = Typed {
        idem: ctx.ids.token(),
        ..Typed::default()
    };
    Ok(one_page(&page, &desk, &typed, None))
}

/// `name = value`, one a line; a value that is JSON is taken as such, everything else is text.
fn values_of(text: &str) -> Option<Map<String, Value>> {
    let mut values = Map::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(['=', '＝'])?;
        let value = value.trim();
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        values.insert(name.trim().to_owned(), value);
    }
    Some(values)
}

fn wish(page: &Page, typed: &Typed) -> Result<Repair> {
    let problem = |field: &str, key: &str| Error::field("incident.way", field, page.shell().t(key));
    Ok(match typed.way.as_str() {
        "again" => Repair::Again,
        "answer" => Repair::Answer {
            values: values_of(&typed.values)
                .ok_or_else(|| problem("values", "inc-values-wrong"))?,
        },
        "error" => Repair::Error {
            code: typed.error.clone(),
        },
        _ => return Err(problem("way", "inc-way-needed")),
    })
}

/// `POST /work/incidents/{incident}`.
pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let incident = id(&text)?;
    let get = |name: &str| fields.text(name);
    let typed = Typed {
        idem: get("idem"),
        way: get("way"),
        values: get("values"),
        error: get("error"),
        reason: get("reason"),
    };
    let done = match wish(&page, &typed) {
        Ok(wish) => {
            let (key, reason) = (typed.idem.as_str(), typed.reason.clone());
            service::repair(&ctx, key, incident, wish, reason).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(page.see_other("/work/incidents?done=1")),
        Err(error) if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Conflict) => {
            let desk = service::incident(&ctx, incident).await?;
            if desk.waits && error.kind() == ErrorKind::Invalid
                || error.code() == "process.uncaught"
            {
                return Ok(one_page(&page, &desk, &typed, Some(&error)));
            }
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_json_where_they_can_be() {
        let values = values_of("n = 3\n\n名称＝张三\nok = true\ntext = \"3\"").expect("values");
        assert_eq!(
            Value::Object(values),
            serde_json::json!({"n": 3, "名称": "张三", "ok": true, "text": "3"})
        );
        assert_eq!(values_of("no sign"), None);
    }
}
