//! `/work/licences`: the register for officers, and one licence with its history.

use askama::Template;
use axum::extract::{Path, Query, RawQuery};
use axum::response::Response;
use serde::Deserialize;
use tongban_codes::lists::CertState;
use tongban_webkit::http::{encode, pairs};
use tongban_webkit::ui::{Choice, Empty, KeyValues, Pager, Tone, tag};
use tongban_webkit::{Ctx, Failure, Html, List, Page, PageParams, PageShell};

use super::api::query;
use super::pages::id;
use crate::model::{ChangeKind, LicenceState, Verdict};
use crate::service::{RegisterEntry, RegisterLine, entry, register};

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

pub(super) fn facts(shell: &PageShell, found: &RegisterEntry) -> KeyValues {
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

pub(super) fn op_text(shell: &PageShell, key: &str) -> String {
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
