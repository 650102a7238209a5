//! `/admin/health`: lamps for the operator, and the messages that were given up.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tongban_kernel::Error;
use tongban_storage::Engine;
use tongban_webkit::ui::{Lamp, lamp};
use tongban_webkit::{Ctx, Failure, Html, Page, PageShell, ProtectedPairs};

use crate::health::{DeadLetter, Health, health, retry};

/// A lag of the log beyond this is a fault of the sequencer, which runs every half second.
const LOG_LATE: SignedDuration = SignedDuration::from_mins(5);
/// A message waiting longer than this has failed several times.
const OUTBOX_LATE: SignedDuration = SignedDuration::from_mins(10);
/// A backup older than this is too old.
const BACKUP_LATE: SignedDuration = SignedDuration::from_hours(48);

struct Line {
    name: String,
    lamp: Html,
    text: String,
}

struct LetterRow {
    id: String,
    kind: String,
    created: String,
    buried: String,
    attempts: u32,
    error: String,
}

#[derive(Template)]
#[template(path = "health.html")]
struct HealthPage<'a> {
    shell: &'a PageShell,
    notice: String,
    lines: Vec<Line>,
    dead: u64,
    letters: Vec<LetterRow>,
}

fn moment(at: Timestamp) -> String {
    jiff::tz::TimeZone::fixed(tongban_kernel::SHANGHAI)
        .to_datetime(at)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// `12.3 MB`.
fn size(bytes: u64) -> String {
    const MB: u64 = 1 << 20;
    match bytes {
        MB.. => format!("{}.{} MB", bytes / MB, bytes % MB * 10 / MB),
        _ => format!("{} KB", bytes / 1024),
    }
}

/// `3 分钟`, in the largest unit that fits.
fn span(shell: &PageShell, since: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(since).as_secs().max(0);
    match seconds {
        0..=119 => shell.t1("hl-seconds", "n", seconds),
        120..=7_199 => shell.t1("hl-minutes", "n", seconds / 60),
        7_200..=172_799 => shell.t1("hl-hours", "n", seconds / 3_600),
        _ => shell.t1("hl-days", "n", seconds / 86_400),
    }
}

fn late(since: Option<Timestamp>, now: Timestamp, limit: SignedDuration) -> bool {
    since.is_some_and(|since| now.duration_since(since) > limit)
}

fn log_lines(shell: &PageShell, found: &Health, now: Timestamp) -> [(String, Lamp, String); 2] {
    let signed = match found.checkpoint_at {
        Some(at) => shell.t2(
            "hl-checkpoint-text",
            "at",
            moment(at),
            "size",
            found.covered,
        ),
        None => shell.t("hl-checkpoint-none"),
    };
    let behind = found.leaves.saturating_sub(found.covered);
    // The anchor of the SM3 tree is a leaf that the next checkpoint covers: one behind is at rest.
    let slow = behind > 1 && late(found.uncovered_since, now, LOG_LATE);
    let lag = match found.uncovered_since {
        Some(since) if behind > 1 => {
            shell.t2("hl-lag-text", "n", behind, "span", span(shell, since, now))
        }
        _ => shell.t("hl-lag-none"),
    };
    let lamp_of = |bad: bool| if bad { Lamp::Red } else { Lamp::Green };
    [
        (
            shell.t("hl-checkpoint"),
            lamp_of(found.leaves > 0 && found.checkpoint_at.is_none()),
            signed,
        ),
        (shell.t("hl-lag"), lamp_of(slow), lag),
    ]
}

fn backup_line(shell: &PageShell, found: &Health, now: Timestamp) -> (String, Lamp, String) {
    let name = shell.t("hl-backup");
    match (found.backup_at, found.engine) {
        (Some(at), _) => {
            let lamp = if late(Some(at), now, BACKUP_LATE) {
                Lamp::Yellow
            } else {
                Lamp::Green
            };
            let ago = span(shell, at, now);
            (
                name,
                lamp,
                shell.t2("hl-backup-text", "at", moment(at), "span", ago),
            )
        }
        (None, Engine::Postgres) => (name, Lamp::Grey, shell.t("hl-backup-server")),
        (None, Engine::Sqlite) => (name, Lamp::Yellow, shell.t("hl-backup-none")),
    }
}

fn lines(shell: &PageShell, found: &Health, now: Timestamp) -> Vec<Line> {
    let engine = match (found.engine, found.store_bytes) {
        (Engine::Sqlite, bytes) => {
            shell.t1("hl-store-sqlite", "size", size(bytes.unwrap_or_default()))
        }
        (Engine::Postgres, _) => shell.t("hl-store-postgres"),
    };
    let mut all = vec![(shell.t("hl-store"), Lamp::Green, engine)];
    all.extend(log_lines(shell, found, now));
    let queue = match found.waiting_since {
        Some(since) => shell.t2(
            "hl-outbox-text",
            "n",
            found.waiting,
            "span",
            span(shell, since, now),
        ),
        None => shell.t("hl-outbox-none"),
    };
    let slow = late(found.waiting_since, now, OUTBOX_LATE);
    let yellow_if = |bad: bool| if bad { Lamp::Yellow } else { Lamp::Green };
    let red_if = |bad: bool| if bad { Lamp::Red } else { Lamp::Green };
    all.push((shell.t("hl-outbox"), yellow_if(slow), queue));
    all.push((
        shell.t("hl-dead"),
        red_if(found.dead > 0),
        shell.t1("hl-dead-text", "n", found.dead),
    ));
    let years: Vec<String> = found.not_announced.iter().map(i16::to_string).collect();
    let calendar = if years.is_empty() {
        shell.t("hl-calendar-ok")
    } else {
        shell.t1("hl-calendar-open", "years", years.join("、"))
    };
    all.push((
        shell.t("hl-calendar"),
        yellow_if(!years.is_empty()),
        calendar,
    ));
    all.push((
        shell.t("hl-licences"),
        red_if(found.expiring.overdue > 0),
        shell.t2(
            "hl-licences-text",
            "soon",
            found.expiring.soon,
            "overdue",
            found.expiring.overdue,
        ),
    ));
    all.push(backup_line(shell, found, now));
    all.push((
        shell.t("hl-version"),
        Lamp::Green,
        env!("CARGO_PKG_VERSION").to_owned(),
    ));
    all.into_iter()
        .map(|(name, light, text)| Line {
            name,
            lamp: lamp(
                shell,
                light,
                &shell.t(match light {
                    Lamp::Green => "hl-good",
                    Lamp::Yellow => "hl-look",
                    Lamp::Red => "hl-bad",
                    Lamp::Grey => "hl-unknown",
                }),
            ),
            text,
        })
        .collect()
}

fn letter(letter: &DeadLetter) -> LetterRow {
    LetterRow {
        id: letter.id.to_string(),
        kind: letter.kind.clone(),
        created: moment(letter.created_at),
        buried: moment(letter.buried_at),
        attempts: letter.attempts,
        error: letter.last_error.chars().take(300).collect(),
    }
}

#[derive(Deserialize)]
pub(super) struct Done {
    /// How many messages were handed over again just now.
    again: Option<u64>,
}

/// `GET /admin/health`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let found = health(&ctx).await?;
    let page = page
        .clone()
        .titled(page.shell().t("hl-title"))
        .nav("health");
    let shell = page.shell();
    let content = HealthPage {
        shell,
        notice: done
            .again
            .map_or_else(String::new, |n| shell.t1("hl-again", "n", n)),
        lines: lines(shell, &found, ctx.now()),
        dead: found.dead,
        letters: found.letters.iter().map(letter).collect(),
    };
    Ok(page.staff_html(&content))
}

/// `POST /admin/health/retries`: one message, or all of them.
pub(super) async fn again(
    ctx: Ctx,
    page: Page,
    fields: ProtectedPairs,
) -> Result<Response, Failure> {
    let one = match fields.get("message").unwrap_or_default() {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| Error::invalid("health.message", "没有这条消息，请刷新页面后再试"))?,
        ),
    };
    let n = retry(&ctx, one).await?;
    Ok(page.see_other(&format!("/admin/health?again={n}")))
}
