//! `/work`: the open tasks of an officer's posts, most urgent first.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use tongban_kernel::Result;
use tongban_webkit::http::pairs;
use tongban_webkit::ui::{Empty, Lamp, Tab, Tabs};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell};

use super::order_words::behalf_words;
use crate::http::words::{due_lamp, moment, state_tag};
use crate::service::{Hand, InboxLine, advice_waiting, calendar, inbox};

/// Tasks looked at for the counts and the list.
const MOST: u32 = 500;
/// Requests and copies are counted up to here.
const ADVICE_MOST: u32 = 200;

struct Row {
    href: String,
    name: String,
    number: String,
    task: String,
    /// That it was urged, or handed to whoever looks.
    marks: String,
    applicant: String,
    state: Html,
    opened: String,
    lamp: Html,
    due: String,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage<'a> {
    shell: &'a PageShell,
    notice: String,
    tabs: Tabs,
    rows: Vec<Row>,
    first: String,
    empty: Empty,
}

/// Text key of an act.
pub(super) fn act_key(act: &str) -> &'static str {
    match act {
        "pre-review" => "cs-act-pre-review",
        "accept" => "cs-act-accept",
        "review" => "cs-act-review",
        "countersign" => "cs-act-countersign",
        "decide" => "cs-act-decide",
        "supplement" => "cs-act-supplement",
        _ => "cs-act-other",
    }
}

fn find<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields
        .iter()
        .find(|(key, _)| key == name)
        .map_or("", |(_, value)| value.as_str())
}

/// What was just done, from the address: only known words and a number are shown.
pub(super) fn notice(shell: &PageShell, query: &str) -> String {
    let fields = pairs(query.as_bytes(), 16).unwrap_or_default();
    let number: String = find(&fields, "no")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(32)
        .collect();
    let key = match find(&fields, "done") {
        "pre-review" => "cs-did-pre-review",
        "supplement-request" => "cs-did-supplement-request",
        "refusal" => "cs-did-refusal",
        "acceptance" => "cs-did-acceptance",
        "review" => "cs-did-review",
        "decision" => "cs-did-decision",
        "countersign" => "cs-did-countersign",
        "transfer" => "cs-did-transfer",
        "return" => "cs-did-return",
        "take-back" => "cs-did-take-back",
        "signer" => "cs-did-signer",
        "unsign" => "cs-did-unsign",
        "urge" => "cs-did-urge",
        "redirect" => "cs-did-redirect",
        "opinion-asked" => "ad-did-asked",
        "opinion-given" => "ad-did-given",
        "copy" => "ad-did-copied",
        "signer-asked" => "ad-did-signer",
        "delegate" => "cs-did-delegate",
        "terminate" => "cs-did-terminate",
        "delegation-ended" => "cs-did-delegation-ended",
        "special-started" => "cs-did-special-started",
        "special-ended" => "cs-did-special-ended",
        _ => return String::new(),
    };
    shell.t1(key, "value", number)
}

fn tabs(
    shell: &PageShell,
    lines: &[InboxLine],
    today: jiff::civil::Date,
    act: &str,
    due: &str,
) -> Tabs {
    let count = |wanted: &dyn Fn(&InboxLine) -> bool| {
        Some(lines.iter().filter(|line| wanted(line)).count() as u64)
    };
    let over = |line: &InboxLine| late(line, today);
    let mut tabs = vec![
        Tab {
            text: shell.t("cs-all-tasks"),
            href: "/work".to_owned(),
            count: Some(lines.len() as u64),
            urgent: false,
            current: act.is_empty() && due.is_empty(),
        },
        Tab {
            text: shell.t("cs-overdue"),
            href: "/work?due=over".to_owned(),
            count: count(&over),
            urgent: lines.iter().any(over),
            current: due == "over",
        },
    ];
    for known in ["pre-review", "accept", "review", "countersign", "decide"] {
        if lines.iter().any(|line| line.act == known) {
            tabs.push(Tab {
                text: shell.t(act_key(known)),
                href: format!("/work?act={known}"),
                count: count(&|line| line.act == known),
                urgent: false,
                current: act == known,
            });
        }
    }
    Tabs {
        label: shell.t("cs-task-filter"),
        tabs,
    }
}

/// Whether the words of the search stand in what the list shows of a task.
fn holds(line: &InboxLine, wanted: &str) -> bool {
    [
        &line.case.project_no,
        &line.case.task_name,
        &line.case.applyer_masked,
        &line.task_label,
    ]
    .into_iter()
    .any(|text| text.contains(wanted))
}

fn marks(shell: &PageShell, line: &InboxLine) -> String {
    let urged = (line.urged > 0).then(|| shell.t1("or-urged", "n", line.urged));
    let in_hand = match &line.hand {
        Hand::Post => None,
        Hand::Own => Some(shell.t("or-in-hand")),
        Hand::For(behalf) => Some(behalf_words(shell, behalf)),
        Hand::Delegated(to) => Some(shell.t1("or-delegated-to", "name", shell.zh(to))),
    };
    let marks: Vec<String> = urged.into_iter().chain(in_hand).collect();
    marks.join(" · ")
}

fn late(line: &InboxLine, today: jiff::civil::Date) -> bool {
    line.due_on
        .or(line.case.promise_due)
        .is_some_and(|due| due < today)
}

pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let fields = pairs(query.as_bytes(), 16).unwrap_or_default();
    let (act, due) = (find(&fields, "act"), find(&fields, "due"));
    let wanted = find(&fields, "q").trim();
    let lines = inbox(&ctx, MOST).await?;
    let (today, calendar) = (ctx.clock.today(), calendar(&ctx)?);
    let waiting = advice_waiting(&ctx, ADVICE_MOST).await?;
    let page = page.clone().titled(page.shell().t("cs-inbox")).nav("inbox");
    let shell = page.shell();
    let row = |line: &InboxLine| {
        let due = line.due_on.or(line.case.promise_due);
        let (lamp, words): (Lamp, String) = due_lamp(shell, &calendar, today, due);
        Row {
            href: format!("/work/tasks/{}", line.task),
            name: shell.zh(&line.case.task_name),
            number: line.case.project_no.clone(),
            task: shell.zh(&line.task_label),
            marks: marks(shell, line),
            applicant: line.case.applyer_masked.clone(),
            state: state_tag(shell, &line.case.state),
            opened: moment(line.opened_at),
            lamp: tongban_webkit::ui::lamp(shell, lamp, &words),
            due: due.map(|due| due.to_string()).unwrap_or_default(),
        }
    };
    let rows: Vec<Row> = lines
        .iter()
        .filter(|line| act.is_empty() || line.act == act)
        .filter(|line| due != "over" || late(line, today))
        .filter(|line| wanted.is_empty() || holds(line, wanted))
        .map(row)
        .collect();
    let filtered = !act.is_empty() || !due.is_empty() || !wanted.is_empty();
    Ok(page.staff_html(&InboxPage {
        shell,
        notice: notice(shell, &query),
        tabs: {
            let mut tabs = tabs(shell, &lines, today, act, due);
            tabs.tabs.extend(super::advice::tabs(shell, &waiting));
            tabs
        },
        first: rows
            .first()
            .map_or_else(String::new, |row| row.href.clone()),
        empty: Empty {
            icon: "circle-check-big",
            title: if filtered {
                String::new()
            } else {
                shell.t("cs-inbox-empty")
            },
            text: shell.t("cs-inbox-empty-text"),
            action_href: if filtered {
                "/work".to_owned()
            } else {
                String::new()
            },
            filtered,
            ..Empty::default()
        },
        rows,
    }))
}

/// `/work/search?q=`: a whole number opens the case, anything else narrows the inbox.
pub(super) async fn search(page: Page, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let fields = pairs(query.as_bytes(), 16).unwrap_or_default();
    let wanted = find(&fields, "q").trim();
    let whole = wanted.len() == 25 && wanted.bytes().all(|byte| byte.is_ascii_alphanumeric());
    page.see_other(&if whole {
        format!("/work/cases/{wanted}")
    } else {
        format!("/work?{}", tongban_webkit::http::encode([("q", wanted)]))
    })
}
