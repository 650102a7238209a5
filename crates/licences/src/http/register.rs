//! `/work/licences`: the register for officers, one licence with its history, and the acts on it.

use askama::Template;
use axum::extract::{Path, Query, RawQuery};
use axum::response::Response;
use serde::Deserialize;
use tongban_codes::lists::CertState;
use tongban_kernel::{Error, ErrorKind, FieldProblem};
use tongban_webkit::http::{encode, pairs};
use tongban_webkit::ui::{
    Choice, Empty, Field, FieldKind, FormGroup, FormView, KeyValues, Pager, Problem, Tone, tag,
};
use tongban_webkit::{Ctx, Failure, Html, List, Page, PageParams, PageShell, ProtectedPairs};

use super::api::query;
use super::pages::id;
use crate::model::{AnnulGround, ChangeKind, DeregisterGround, LicenceState, Verdict};
use crate::service::{Change, ChangeWish, RegisterEntry, RegisterLine, change, entry, register};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default, rename = "type")]
    kind: String,
}

struct Row {
    href: String,
    name: String,
    number: String,
    holder: String,
    issuer: String,
    issued_on: String,
    valid_to: String,
    state: Html,
}

#[derive(Template)]
#[template(path = "work_licences.html")]
struct ListPage<'a> {
    shell: &'a PageShell,
    asked: &'a Asked,
    states: Vec<Choice>,
    types: Vec<Choice>,
    rows: Vec<Row>,
    pager: Pager,
    empty: Empty,
}

/// The state in words; a licence whose last day is over says so even before the daily run.
fn state_tag(shell: &PageShell, state: CertState, verdict: Verdict) -> Html {
    let tone = match verdict {
        Verdict::Valid => Tone::Green,
        Verdict::NotYetValid | Verdict::Suspended | Verdict::Expired => Tone::Amber,
        Verdict::Revoked | Verdict::Unverifiable | Verdict::Unknown => Tone::Red,
    };
    let words = match verdict {
        Verdict::NotYetValid | Verdict::Expired => shell.t(&format!("verify-{}", verdict.key())),
        _ => shell.zh(state.label()),
    };
    tag(tone, &words)
}

fn row(shell: &PageShell, line: &RegisterLine) -> Row {
    let licence = &line.licence;
    Row {
        href: format!("/work/licences/{}", licence.id),
        name: shell.zh(&licence.name),
        number: shell.zh(&licence.number),
        holder: shell.zh(&line.holder),
        issuer: shell.zh(&licence.issuer_name),
        issued_on: licence.issued_on.to_string(),
        valid_to: licence
            .valid_to
            .map_or_else(|| shell.t("reg-no-end"), |date| date.to_string()),
        state: state_tag(shell, licence.state.code(), line.verdict),
    }
}

/// `GET /work/licences`.
pub(super) async fn list(
    ctx: Ctx,
    page: Page,
    params: PageParams,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let found = register(&ctx, query(&asked.q, &asked.state, &asked.kind, &params)?).await?;
    let page = page
        .clone()
        .titled(page.shell().t("reg-title"))
        .nav("licences");
    let shell = page.shell();
    let lines = List::of(found.lines, &params, |line| {
        vec![line.licence.id.to_string()]
    });
    let here = |after: Option<&str>| {
        let mut fields = vec![
            ("q", asked.q.as_str()),
            ("state", asked.state.as_str()),
            ("type", asked.kind.as_str()),
        ];
        fields.extend(after.map(|after| ("after", after)));
        fields.retain(|(_, value)| !value.is_empty());
        format!("/work/licences?{}", encode(fields))
    };
    let filtered = !(asked.q.is_empty() && asked.state.is_empty() && asked.kind.is_empty());
    let content = ListPage {
        shell,
        asked: &asked,
        states: CertState::ALL
            .iter()
            .map(|state| {
                let chosen = asked.state == state.code();
                Choice::new(state.code(), &shell.zh(state.label()), chosen)
            })
            .collect(),
        types: found
            .types
            .iter()
            .map(|(code, name)| Choice::new(code, &shell.zh(name), asked.kind == *code))
            .collect(),
        rows: lines.items.iter().map(|line| row(shell, line)).collect(),
        pager: Pager {
            summary: String::new(),
            first_href: params.after.is_some().then(|| here(None)),
            next_href: lines.next.as_deref().map(|next| here(Some(next))),
        },
        empty: Empty {
            icon: "award",
            title: shell.t("reg-none"),
            text: shell.t("reg-none-text"),
            action_text: String::new(),
            action_href: if filtered {
                "/work/licences".to_owned()
            } else {
                String::new()
            },
            filtered,
        },
    };
    Ok(page.staff_html(&content))
}

struct HistoryRow {
    operation: String,
    at: String,
    by_whom: String,
    reason: String,
    identifier: String,
    log: String,
}

struct Act {
    href: String,
    text: String,
    /// Ends the licence for good.
    final_one: bool,
}

#[derive(Template)]
#[template(path = "work_licence.html")]
struct EntryPage<'a> {
    shell: &'a PageShell,
    name: String,
    state: Html,
    notice: String,
    facts: KeyValues,
    acts: Vec<Act>,
    history: Vec<HistoryRow>,
    verify_href: String,
}

/// `2026-11-19 10:46` in China.
fn moment(at: jiff::Timestamp) -> String {
    jiff::tz::TimeZone::fixed(tongban_kernel::SHANGHAI)
        .to_datetime(at)
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// What the state itself has to tell: since when, under which number.
fn state_facts(shell: &PageShell, state: &LicenceState) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut row = |key: &str, value: String| rows.push((shell.t(key), value));
    match state {
        LicenceState::Valid => {}
        LicenceState::Withheld {
            since,
            until,
            decision_no,
        } => {
            row("reg-since", since.to_string());
            let open = || shell.t("reg-until-lifted");
            row("reg-until", until.map_or_else(open, |day| day.to_string()));
            row("reg-decision-no", shell.zh(decision_no));
        }
        LicenceState::Annulled { on, ground } => {
            row("reg-since", on.to_string());
            row("reg-basis", shell.zh(ground.basis()));
        }
        LicenceState::Deregistered { on, ground } => {
            row("reg-since", on.to_string());
            row("reg-basis", shell.zh(ground.basis()));
        }
        LicenceState::Revoked { on, decision_no } => {
            row("reg-since", on.to_string());
            row("reg-decision-no", shell.zh(decision_no));
        }
        LicenceState::Expired { on } => row("reg-since", on.to_string()),
        LicenceState::MovedOut { on, to } => {
            row("reg-since", on.to_string());
            row("reg-moved-to", shell.zh(to));
        }
        LicenceState::Other { note } => row("reg-note", shell.zh(note)),
    }
    rows
}

fn facts(shell: &PageShell, found: &RegisterEntry) -> KeyValues {
    let licence = &found.licence;
    let row = |key: &str, value: String| (shell.t(key), value);
    let from = licence.valid_from.to_string();
    let span = match licence.valid_to {
        Some(to) => shell.t2("verify-span", "from", from, "to", to.to_string()),
        None => shell.t1("verify-span-open", "from", from),
    };
    let mut rows = vec![
        row("reg-number", shell.zh(&licence.number)),
        row("verify-identifier", found.identifier.clone()),
        row("verify-holder", shell.zh(&found.holder)),
        row("verify-issuer", shell.zh(&licence.issuer_name)),
        row("verify-issued-on", licence.issued_on.to_string()),
        row("verify-validity", span),
        row("reg-case", licence.project_no.clone()),
    ];
    rows.extend(state_facts(shell, &licence.state));
    KeyValues {
        rows,
        one_column: false,
    }
}

fn op_text(shell: &PageShell, key: &str) -> String {
    shell.t(&format!("reg-op-{key}"))
}

/// `GET /work/licences/{id}`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let found = entry(&ctx, id(&text)?).await?;
    let title = page.shell().zh(&found.licence.name);
    let register = page.shell().t("reg-title");
    let page = page
        .titled(title.clone())
        .nav("licences")
        .crumb(register, "/work/licences")
        .crumb(title.clone(), "");
    let shell = page.shell();
    let fields = pairs(query.unwrap_or_default().as_bytes(), 8).unwrap_or_default();
    let done = fields
        .iter()
        .find(|(key, _)| key == "done")
        .and_then(|(_, value)| ChangeKind::from_key(value));
    let licence = &found.licence;
    let act = |kind: &ChangeKind| Act {
        href: format!(
            "/work/licences/{}/change?operation={}",
            licence.id,
            kind.key()
        ),
        text: op_text(shell, kind.key()),
        final_one: matches!(
            kind,
            ChangeKind::Annul | ChangeKind::Revoke | ChangeKind::Deregister
        ),
    };
    let content = EntryPage {
        shell,
        name: title,
        state: state_tag(shell, licence.state.code(), found.verdict),
        notice: done.map_or_else(String::new, |kind| {
            shell.t1("reg-done", "name", op_text(shell, kind.key()))
        }),
        facts: facts(shell, &found),
        acts: found.possible.iter().map(act).collect(),
        history: found
            .versions
            .iter()
            .map(|one| HistoryRow {
                operation: op_text(shell, &one.operation),
                at: moment(one.at),
                by_whom: shell.zh(&one.by_whom),
                reason: shell.zh(&one.reason),
                identifier: one.identifier.clone(),
                log: one.log_index.map_or_else(
                    || shell.t("verify-log-waiting"),
                    |index| shell.t1("verify-log-index", "n", index.to_string()),
                ),
            })
            .collect(),
        verify_href: format!("/verify?{}", encode([("id", found.identifier.as_str())])),
    };
    Ok(page.staff_html(&content))
}

#[derive(Template)]
#[template(path = "work_licence_change.html")]
struct ChangePage<'a> {
    shell: &'a PageShell,
    title: String,
    facts: KeyValues,
    warning: String,
    form: FormView,
}

fn error_of(problems: &[FieldProblem], field: &str) -> String {
    problems
        .iter()
        .find(|problem| problem.field == field)
        .map(|problem| problem.message.clone())
        .unwrap_or_default()
}

fn text_area(shell: &PageShell, wish: &ChangeWish) -> Field {
    let kind = FieldKind::TextArea {
        value: wish.reason.clone(),
        maxlength: 2_000,
    };
    Field::new("reason", &shell.t("reg-reason"), kind).hint(&shell.t("reg-reason-hint"))
}

fn grounds(shell: &PageShell, wish: &ChangeWish, known: &[(&str, &str)], family: &str) -> Field {
    let choices = known.iter().map(|(key, basis)| Choice {
        value: (*key).to_owned(),
        text: shell.t(&format!("reg-{family}-{key}")),
        hint: shell.zh(basis),
        chosen: wish.ground == *key,
    });
    let kind = FieldKind::Radio {
        choices: choices.collect(),
        stacked: true,
    };
    Field::new("ground", &shell.t("reg-ground"), kind)
}

fn fields(shell: &PageShell, kind: ChangeKind, wish: &ChangeWish) -> Vec<Field> {
    let mut fields = Vec::new();
    match kind {
        ChangeKind::Annul => {
            let known = AnnulGround::ALL.map(|ground| (ground.key(), ground.basis()));
            fields.push(grounds(shell, wish, &known, "annul"));
        }
        ChangeKind::Deregister => {
            let known = DeregisterGround::ALL.map(|ground| (ground.key(), ground.basis()));
            fields.push(grounds(shell, wish, &known, "deregister"));
        }
        ChangeKind::Withhold | ChangeKind::Revoke => fields.push(
            Field::text(
                "decision_no",
                &shell.t("reg-decision-no"),
                &wish.decision_no,
            )
            .hint(&shell.t("reg-decision-no-hint"))
            .wide(),
        ),
        ChangeKind::Resume => {}
    }
    if kind == ChangeKind::Withhold {
        let date = FieldKind::Date {
            value: wish.until.clone(),
        };
        let field = Field::new("until", &shell.t("reg-until"), date)
            .hint(&shell.t("reg-until-hint"))
            .optional();
        fields.push(field);
    }
    fields.push(text_area(shell, wish));
    fields
}

/// The form of one act, with the problems of what was typed.
fn form_page(
    page: &Page,
    found: &RegisterEntry,
    kind: ChangeKind,
    wish: &ChangeWish,
    problems: &[FieldProblem],
) -> Response {
    let (name, register) = (
        page.shell().zh(&found.licence.name),
        page.shell().t("reg-title"),
    );
    let here = format!("/work/licences/{}", found.licence.id);
    let act = op_text(page.shell(), kind.key());
    let title = page
        .shell()
        .t2("reg-change-title", "act", act.clone(), "name", name.clone());
    let page = page
        .clone()
        .titled(title.clone())
        .nav("licences")
        .crumb(register, "/work/licences")
        .crumb(name, &here)
        .crumb(act.clone(), "");
    let shell = page.shell();
    let mut fields = fields(shell, kind, wish);
    for field in &mut fields {
        field.error = error_of(problems, &field.name);
    }
    let known: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    let form = FormView {
        action: format!("{here}/change"),
        groups: vec![FormGroup {
            legend: act.clone(),
            icon: "gavel",
            fields,
            ..FormGroup::default()
        }],
        problems: problems
            .iter()
            .filter(|problem| !known.contains(&problem.field))
            .map(|problem| Problem {
                id: String::new(),
                text: problem.message.clone(),
            })
            .collect(),
        back_href: here,
        submit_text: shell.t1("reg-confirm", "act", act),
        hidden: vec![
            ("operation".to_owned(), kind.key().to_owned()),
            ("idem".to_owned(), shell.request.to_string()),
        ],
        ..FormView::default()
    };
    let content = ChangePage {
        shell,
        title,
        facts: facts(shell, found),
        warning: shell.t(&format!("reg-warn-{}", kind.key())),
        form,
    };
    if problems.is_empty() {
        page.staff_html(&content)
    } else {
        page.staff_invalid(&content)
    }
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    operation: String,
}

/// What the officer may do now, or why not: no post, or a state that does not allow it.
fn allowed(found: &RegisterEntry, kind: ChangeKind) -> Result<(), Error> {
    if found.possible.contains(&kind) {
        return Ok(());
    }
    if found.possible.is_empty() && kind.possible(&found.licence.state, found.licence.issued_on) {
        return Err(Error::not_allowed(
            "licence.post",
            "只有发证机关的决定人员可以办理",
        ));
    }
    Err(
        Error::conflict("licence.state", "证照现在的状态不能办理这一操作")
            .advice("请刷新页面查看最新状态"),
    )
}

/// `GET /work/licences/{id}/change?operation=`.
pub(super) async fn ask(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    let found = entry(&ctx, id(&text)?).await?;
    let kind = ChangeKind::from_key(&which.operation).ok_or_else(Error::not_found)?;
    allowed(&found, kind)?;
    let wish = ChangeWish::default();
    Ok(form_page(&page, &found, kind, &wish, &[]))
}

/// `POST /work/licences/{id}/change`.
pub(super) async fn send(
    ctx: Ctx,
    page: Page,
    Path(text): Path<String>,
    typed: ProtectedPairs,
) -> Result<Response, Failure> {
    let text_of = |name: &str| typed.get(name).unwrap_or_default().to_owned();
    let wish = ChangeWish {
        operation: text_of("operation"),
        ground: text_of("ground"),
        decision_no: text_of("decision_no"),
        until: text_of("until"),
        reason: text_of("reason"),
    };
    let licence = id(&text)?;
    let found = entry(&ctx, licence).await?;
    let kind = ChangeKind::from_key(&wish.operation)
        .ok_or_else(|| Error::invalid("licence.operation", "请选择要办理的操作"))?;
    let outcome = match wish.operation(ctx.clock.today()) {
        Ok(operation) => {
            let wanted = Change {
                licence,
                operation,
                reason: wish.reason.clone(),
                key: text_of("idem"),
            };
            change(&ctx, wanted).await
        }
        Err(error) => {
            allowed(&found, kind)?;
            Err(error)
        }
    };
    match outcome {
        Ok(_) => Ok(page.see_other(&format!("/work/licences/{licence}?done={}", kind.key()))),
        Err(error) if error.kind() == ErrorKind::Invalid && !error.field_problems().is_empty() => {
            Ok(form_page(
                &page,
                &found,
                kind,
                &wish,
                error.field_problems(),
            ))
        }
        Err(error) => Err(error.into()),
    }
}
