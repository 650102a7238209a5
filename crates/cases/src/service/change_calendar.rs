//! Changing the calendar: one day, or a year that was announced. Previewed with the due dates that it moves; kept with reason
//! and document; a leaf of the log in the same commit; in force at once.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;
use tongban_kernel::{Act, Error, Event, FieldProblem, Permit, Resource, Result};
use tongban_limits::{Announcement, Calendar};
use tongban_storage::{ChainHead, Ctx, Replay, Stored, Tx, append_leaf, emit, remember, replay};
use tongban_tlog::{LeafBuilder, LeafKind};

use super::calendar::{YEARS, moved, stored};
use super::parts::WorkCalendar;
use super::public_rule::{author, sealed};
use crate::model::{CalendarChange, ChangedBy, DayChange, Moved, changed_years, difference};
use crate::store::calendar as store;

/// The calendar has changed; its data name number and year. Answer with [`super::recount_due`].
pub const CALENDAR_CHANGED: &str = "cases.calendar.changed";

/// Longest reason and source, characters.
const TEXT_MAX: usize = 500;
/// Code of the refusal of a change that changes nothing.
const SAME: &str = "calendar.same";

/// What one day becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayWish {
    Off,
    Work,
    /// As its weekday.
    Plain,
}

impl DayWish {
    /// The key in forms and in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Work => "work",
            Self::Plain => "plain",
        }
    }
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Off, Self::Work, Self::Plain]
            .into_iter()
            .find(|wish| wish.key() == key)
    }
}

/// What is to be changed.
#[derive(Debug, Clone)]
pub enum CalendarEdit {
    /// One day.
    Day {
        date: Date,
        wish: DayWish,
        /// The festival.
        name: String,
        /// The document: number or address.
        source: String,
    },
    /// A year in the holiday-cn JSON form; its `papers` are the source.
    Import { json: String },
}

/// The wish to change the calendar. `head` is the change that the officer saw last; `key` makes a repeat harmless.
#[derive(Debug, Clone)]
pub struct ChangeCalendar {
    pub edit: CalendarEdit,
    pub reason: String,
    pub head: u32,
    pub key: String,
}

/// What a change would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarPreview {
    pub year: i16,
    pub source: String,
    /// The year is announced by it for the first time.
    pub newly_announced: bool,
    pub days: Vec<DayChange>,
    pub moved: Moved,
    pub head: u32,
}

fn refused(field: &str, message: impl Into<String>) -> Error {
    Error::field("calendar.change", field, message.into())
}

/// The edit carried out on `calendar`: year, source, and the calendar after it.
fn edited(calendar: &Calendar, edit: &CalendarEdit) -> Result<(i16, String, Calendar)> {
    let mut after = calendar.clone();
    match edit {
        CalendarEdit::Day {
            date,
            wish,
            name,
            source,
        } => {
            if !YEARS.contains(&date.year()) {
                return Err(refused("date", "日期应在 2000 年至 2100 年之间"));
            }
            match wish {
                DayWish::Off => after.set_off(*date, name),
                DayWish::Work => after.set_working(*date, name),
                DayWish::Plain => after.clear(*date),
            }
            Ok((date.year(), source.trim().to_owned(), after))
        }
        CalendarEdit::Import { json } => {
            let read = Announcement::from_holiday_cn(json)
                .map_err(|source| refused("file", format!("日历文件不能读取：{source}")))?;
            if read.calendar.special_days().next().is_none() {
                let message = format!(
                    "文件里没有 {} 年的日期：这一年的安排尚未公布，没有改动",
                    read.year
                );
                return Err(refused("file", message));
            }
            after.remove_year(read.year);
            after.merge(&read.calendar);
            Ok((read.year, read.papers.join(" "), after))
        }
    }
}

/// What `wish` would change, without changing it. The reason of an import is asked for after its preview.
pub async fn preview_calendar(ctx: &Ctx, wish: &ChangeCalendar) -> Result<CalendarPreview> {
    ctx.authorize(Act::ManageCalendar, Resource::Platform)?;
    if matches!(wish.edit, CalendarEdit::Day { .. }) {
        check(wish)?;
    }
    planned(ctx, &wish.edit).await.map(|(preview, ..)| preview)
}

/// The preview, the calendar before and after, and the years changed so far.
async fn planned(ctx: &Ctx, edit: &CalendarEdit) -> Result<(CalendarPreview, Calendar, Calendar)> {
    let (before, changes, head) = ctx
        .db
        .read(|tx| {
            let (calendar, changes) = stored(tx)?;
            Ok((calendar, changes, store::head(tx)?.n))
        })
        .await?;
    let (year, source, after) = edited(&before, edit)?;
    let kept = changed_years(&changes, &before, &after);
    let preview = CalendarPreview {
        year,
        newly_announced: after.is_announced(year) && !before.is_announced(year),
        days: difference(&before, &after),
        moved: moved(ctx, before.clone(), after.clone()).await?,
        source,
        head,
    };
    if preview.days.is_empty() && before == after {
        return Err(Error::conflict(SAME, "日历已经是这样，没有需要改动的日期"));
    }
    Ok((preview, kept, after))
}

fn check(wish: &ChangeCalendar) -> Result<()> {
    let mut problems = Vec::new();
    let fits = |text: &str| (1..=TEXT_MAX).contains(&text.trim().chars().count());
    if !fits(&wish.reason) {
        problems.push(FieldProblem::required(
            "reason",
            format!("请填写修改的理由（{TEXT_MAX} 字以内）"),
        ));
    }
    if let CalendarEdit::Day {
        name, source, wish, ..
    } = &wish.edit
    {
        if !fits(source) {
            problems.push(FieldProblem::required(
                "source",
                "请填写依据的文件，例如国务院办公厅通知的文号".to_owned(),
            ));
        }
        if *wish != DayWish::Plain && !(1..=20).contains(&name.trim().chars().count()) {
            problems.push(FieldProblem::required(
                "name",
                "请填写节日名称（20 字以内）".to_owned(),
            ));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::problems("calendar.change", problems))
    }
}

/// Changes the calendar: row of the history, log leaf, stored text and message in one commit; in force at once.
pub async fn change_calendar(ctx: &Ctx, wish: ChangeCalendar) -> Result<CalendarChange> {
    let permit = ctx.authorize(Act::ManageCalendar, Resource::Platform)?;
    check(&wish)?;
    if let Some(seen) = seen(ctx, &wish).await? {
        return Ok(seen);
    }
    let (preview, kept, after) = planned(ctx, &wish.edit).await?;
    if preview.head != wish.head {
        return Err(store::stale());
    }
    let (ctx2, wish) = (ctx.clone(), Arc::new(wish));
    let (preview, text) = (Arc::new(preview), kept.to_text());
    let change = ctx
        .db
        .write(move |tx| write(&ctx2, tx, &wish, &preview, &text, permit))
        .await?;
    ctx.parts.get::<WorkCalendar>()?.replace(after);
    Ok(change)
}

/// What a repeat of the wish is recognised by.
fn request(wish: &ChangeCalendar) -> Result<String> {
    let edit = match &wish.edit {
        CalendarEdit::Day {
            date,
            wish,
            name,
            source,
        } => json!([date, wish.key(), name, source]),
        CalendarEdit::Import { json } => json!([json]),
    };
    Ok(format!("calendar/{edit}/{}", wish.reason))
}

/// The answer to a repeat.
async fn seen(ctx: &Ctx, wish: &ChangeCalendar) -> Result<Option<CalendarChange>> {
    let (principal, key, request) = (ctx.actor.principal(), wish.key.clone(), request(wish)?);
    ctx.db
        .read(
            move |tx| match replay(tx, &principal, &key, request.as_bytes())? {
                Replay::Seen(answer) => remembered(tx, &answer).map(Some),
                Replay::Fresh => Ok(None),
            },
        )
        .await
}

fn remembered(tx: &mut Tx<'_>, answer: &Stored) -> Result<CalendarChange> {
    let n = answer.body.parse().unwrap_or_default();
    store::get(tx, n)?.ok_or_else(|| Error::internal("a remembered change is missing"))
}

fn write(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    wish: &ChangeCalendar,
    preview: &CalendarPreview,
    text: &str,
    permit: Permit,
) -> Result<CalendarChange> {
    let (principal, request, now) = (ctx.actor.principal(), request(wish)?, ctx.now());
    if let Replay::Seen(answer) = replay(tx, &principal, &wish.key, request.as_bytes())? {
        return remembered(tx, &answer);
    }
    let head = store::head(tx)?;
    if head.n != wish.head {
        return Err(store::stale());
    }
    let (by_whom, officer) = author(ctx, tx)?;
    let mut change = CalendarChange {
        n: head.n + 1,
        at: now,
        by_whom,
        operation: match wish.edit {
            CalendarEdit::Day { .. } => ChangedBy::Day,
            CalendarEdit::Import { .. } => ChangedBy::Import,
        },
        year: preview.year,
        source: preview.source.clone(),
        reason: wish.reason.trim().to_owned(),
        days: preview.days.clone(),
        moved: preview.moved,
        leaf: String::new(),
    };
    let (entry, kept) = sealed(ctx, leaf(ctx, &change, &head, text, permit)?, now, officer)?;
    change.leaf = hex::encode(entry.hash);
    store::insert(tx, &change, text, &kept)?;
    store::put_text(tx, text, now)?;
    append_leaf(tx, &ctx.ids, &entry, now)?;
    let data = json!({"n": change.n, "year": change.year});
    emit(
        tx,
        &ctx.ids,
        &Event::new(CALENDAR_CHANGED, change.n, now, data),
    )?;
    let answer = Stored {
        status: 200,
        body: change.n.to_string(),
    };
    remember(tx, &principal, &wish.key, request.as_bytes(), &answer, now)?;
    Ok(change)
}

/// The leaf of a change: the rule that everybody's limits follow is a policy (规则变更).
fn leaf(
    ctx: &Ctx,
    change: &CalendarChange,
    head: &ChainHead,
    text: &str,
    permit: Permit,
) -> Result<LeafBuilder> {
    let bad = |source: serde_json::Error| Error::internal("calendar change").source(source);
    let leaf = head.next(
        ctx,
        LeafKind::Policy,
        "log.calendar",
        "calendar-changed",
        &change.by_whom,
        permit,
    );
    Ok(leaf
        .field("year", i64::from(change.year))
        .field("days", serde_json::to_value(&change.days).map_err(bad)?)
        .field("source", change.source.as_str())
        .field("reason", change.reason.as_str())
        .field("calendar", text))
}

/// Takes over a year in the holiday-cn JSON form, from the command line; returns the year. A repeat changes nothing.
pub async fn import_calendar(ctx: &Ctx, json: &str) -> Result<i16> {
    let head = ctx.db.read(|tx| Ok(store::head(tx)?.n)).await?;
    let wish = ChangeCalendar {
        edit: CalendarEdit::Import {
            json: json.to_owned(),
        },
        reason: "命令行导入 tongban import calendar".to_owned(),
        head,
        key: format!("import-{}", ctx.ids.token()),
    };
    match change_calendar(ctx, wish).await {
        Err(error) if error.code() == SAME => Announcement::from_holiday_cn(json)
            .map(|read| read.year)
            .map_err(|source| refused("file", source.to_string())),
        changed => changed.map(|change| change.year),
    }
}
