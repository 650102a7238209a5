//! `/admin/processes/{hash}/walk`: the process is moved by hand. Nothing is kept: the steps travel in the form.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde_json::{Map, Value, json};
use tongban_process::walk::Todo;
use tongban_webkit::ui::{Tone, tag};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell, ProtectedPairs};

use super::sheet::sized;
use super::{hash, short, text, titled};
use crate::http::words::moment;
use crate::service::{STEPS_MAX, Trial, try_process};

struct Open {
    element: String,
    name: String,
    kind: String,
    /// Which of several of the same element, from 1.
    n: usize,
    event: bool,
    due: String,
    /// What was typed for a step that was refused.
    typed: String,
}

/// What was typed: for which element (empty: the start), which of several, and the variables.
#[derive(Default)]
struct Typed<'a> {
    element: &'a str,
    n: &'a str,
    vars: &'a str,
}

#[derive(Template)]
#[template(path = "process_walk.html")]
struct WalkPage<'a> {
    shell: &'a PageShell,
    title: String,
    hash: String,
    short: String,
    state: Html,
    refused: String,
    picture: String,
    now: String,
    begun: bool,
    open: Vec<Open>,
    vars: Vec<(String, String)>,
    done: Vec<String>,
    steps: String,
    typed: String,
}

fn open(shell: &PageShell, trial: &Trial, typed: &Typed<'_>) -> Vec<Open> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for one in &trial.open {
        let event = one.todo == Todo::Event;
        if !event {
            *seen.entry(&one.element).or_default() += 1;
        }
        let n = seen.get(&*one.element).copied().unwrap_or(1);
        let same = *one.element == *typed.element && typed.n == n.to_string();
        found.push(Open {
            n,
            typed: if same { typed.vars } else { "" }.to_owned(),
            element: one.element.to_string(),
            name: shell.zh(&one.name),
            kind: shell.t(match one.todo {
                Todo::Task => "pa-walk-task",
                Todo::Service => "pa-walk-service",
                Todo::Event => "pa-walk-event",
            }),
            event,
            due: one.due.map_or_else(String::new, moment),
        });
    }
    found
}

/// `完成 accept {"outcome":"accept"}`.
fn step_words(shell: &PageShell, step: &Value) -> String {
    let member = |name: &str| step.get(name).and_then(Value::as_str);
    let op = match member("op") {
        Some(op @ ("start" | "complete" | "trigger" | "advance" | "fail")) => {
            shell.t(&format!("pa-op-{op}"))
        }
        _ => shell.t("pa-op-other"),
    };
    let what = ["task", "element", "by"].into_iter().find_map(member);
    let vars = step.get("vars").filter(|vars| **vars != json!({}));
    let parts = [
        Some(op),
        what.map(str::to_owned),
        vars.map(ToString::to_string),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(" ")
}

fn walk_page(page: &Page, trial: &Trial, problem: &str, typed: &Typed<'_>) -> Response {
    let shell = page.shell();
    let title = shell.t1("pa-walk-title", "name", shell.zh(&trial.name));
    let page = titled(page, &title);
    let shell = page.shell();
    let state = match (trial.begun, trial.ended) {
        (false, _) => tag(Tone::Plain, &shell.t("pa-walk-not-begun")),
        (true, false) => tag(Tone::Blue, &shell.t("pa-walk-begun")),
        (true, true) => tag(Tone::Green, &shell.t("pa-walk-ended")),
    };
    let told = trial.refused.as_ref().map(|why| shell.zh(&why.message));
    let vars = trial.vars.iter().chain(&trial.called_vars);
    let content = WalkPage {
        shell,
        title: shell.zh(&trial.name),
        hash: trial.hash.clone(),
        short: short(&trial.hash),
        state,
        refused: told.unwrap_or_else(|| problem.to_owned()),
        picture: sized(&trial.picture),
        now: moment(trial.now),
        begun: trial.begun,
        open: open(shell, trial, typed),
        vars: vars.map(|(k, v)| (k.clone(), v.to_string())).collect(),
        done: trial.steps.iter().map(|s| step_words(shell, s)).collect(),
        steps: Value::Array(trial.steps.clone()).to_string(),
        typed: typed.vars.to_owned(),
    };
    page.staff_form(&content, !content.refused.is_empty())
}

/// `GET /admin/processes/{hash}/walk`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(key): Path<String>,
) -> Result<Response, Failure> {
    let trial = try_process(&ctx, hash(&key)?, Vec::new(), None).await?;
    Ok(walk_page(&page, &trial, "", &Typed::default()))
}

/// Lines of `name = value`; the value as JSON, or as the text that it is. `None`: a line is neither.
fn variables(text: &str) -> Option<Map<String, Value>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once('=')?;
            let (name, value) = (name.trim(), value.trim());
            if name.is_empty() {
                return None;
            }
            let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
            Some((name.to_owned(), value))
        })
        .collect()
}

/// The step that the pressed button asks for; `None`: a variable cannot be read.
fn asked(fields: &ProtectedPairs) -> Option<Value> {
    let element = text(fields, "element");
    let vars = variables(text(fields, "vars"))?;
    Some(match text(fields, "op") {
        "complete" => {
            let n: usize = text(fields, "n").parse().unwrap_or(1);
            json!({"op": "complete", "task": element, "n": n, "vars": vars})
        }
        "trigger" => json!({"op": "trigger", "element": element, "vars": vars}),
        "advance" => json!({"op": "advance", "by": text(fields, "by").trim()}),
        _ => json!({"op": "start", "vars": vars}),
    })
}

/// `POST /admin/processes/{hash}/walk`: one more step, or one less.
pub(super) async fn step(
    ctx: Ctx,
    page: Page,
    Path(key): Path<String>,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let key = hash(&key)?;
    let steps = serde_json::from_str::<Vec<Value>>(text(&fields, "steps")).ok();
    let Some(mut steps) = steps.filter(|steps| steps.len() <= STEPS_MAX) else {
        let trial = try_process(&ctx, key, Vec::new(), None).await?;
        let problem = page.shell().t("pa-walk-bad-steps");
        return Ok(walk_page(&page, &trial, &problem, &Typed::default()));
    };
    if text(&fields, "op") == "undo" {
        steps.pop();
        let trial = try_process(&ctx, key, steps, None).await?;
        return Ok(walk_page(&page, &trial, "", &Typed::default()));
    }
    let next = asked(&fields);
    let problem = match next {
        Some(_) => String::new(),
        None => page.shell().t("pa-walk-bad-vars"),
    };
    let trial = try_process(&ctx, key, steps, next).await?;
    let typed = match trial.refused.is_some() || !problem.is_empty() {
        true => Typed {
            element: text(&fields, "element"),
            n: text(&fields, "n"),
            vars: text(&fields, "vars"),
        },
        false => Typed::default(),
    };
    Ok(walk_page(&page, &trial, &problem, &typed))
}
