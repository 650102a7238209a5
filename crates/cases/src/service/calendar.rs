//! The working-day calendar: what is in force, a year of it for officers, and what follows a change.
//!
//! Limits are counted in working days without statutory holidays (行政许可法 第八十二条); which days those are is announced by
//! the State Council (全国年节及纪念日放假办法). So the due date of an open case always follows the calendar in force; after a
//! change ([`super::change_calendar`]) the lists follow it too ([`recount_due`]). What was told a party in writing with its
//! day (补正期限) stays as it was told.

use std::sync::Arc;

use jiff::civil::Date;
use tongban_kernel::{Act, Error, Resource, Result};
use tongban_limits::{Calendar, DayKind};
use tongban_storage::{Ctx, Tx};

use super::parts::WorkCalendar;
use crate::model::{CalendarChange, CaseClocks, Moved, with_changes};
use crate::store::calendar as store;

/// Years that can be looked at and changed.
pub const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;
/// Cases per round of a recount.
const ROUND: u32 = 1_000;

/// The calendar in force.
pub fn calendar(ctx: &Ctx) -> Result<Arc<Calendar>> {
    Ok(ctx.parts.get::<WorkCalendar>()?.current())
}

/// The calendar as the store has it, and the years that were changed.
pub(super) fn stored(tx: &mut Tx<'_>) -> Result<(Calendar, Calendar)> {
    let changes = match store::text(tx)? {
        None => Calendar::empty(),
        Some(text) => Calendar::from_text(&text)
            .map_err(|source| Error::internal("corrupt calendar").source(source))?,
    };
    Ok((with_changes(Calendar::shipped(), &changes), changes))
}

/// Reads the stored changes; at start, and after another node may have changed them.
pub async fn load_calendar(ctx: &Ctx) -> Result<()> {
    let (calendar, _) = ctx.db.read(stored).await?;
    let part = ctx.parts.get::<WorkCalendar>()?;
    if *part.current() != calendar {
        part.replace(calendar);
    }
    Ok(())
}

/// One day of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    pub date: Date,
    pub working: bool,
    /// Festival of a day off or of a make-up day; empty for plain days.
    pub name: String,
    /// Differs from its weekday.
    pub special: bool,
}

/// A year of the calendar for the page.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarYear {
    pub year: i16,
    /// The document by which it was announced; `None`: not announced.
    pub source: Option<String>,
    pub days: Vec<CalendarDay>,
    pub working_days: u32,
    /// Latest first.
    pub changes: Vec<CalendarChange>,
    /// Number of the last change of the whole calendar: what an edit is based on.
    pub head: u32,
    /// Years announced.
    pub announced: Vec<i16>,
    pub may_change: bool,
}

fn year_in_range(year: i16) -> Result<()> {
    if YEARS.contains(&year) {
        return Ok(());
    }
    Err(Error::not_found())
}

/// A year of the calendar with its history, for officers.
pub async fn calendar_year(ctx: &Ctx, year: i16) -> Result<CalendarYear> {
    ctx.authorize(Act::ViewWorkbench, Resource::Platform)?;
    year_in_range(year)?;
    let may_change = ctx
        .authorize(Act::ManageCalendar, Resource::Platform)
        .is_ok();
    ctx.db
        .read(move |tx| {
            let (calendar, _) = stored(tx)?;
            let days = days_of(&calendar, year);
            Ok(CalendarYear {
                year,
                source: match calendar.status(year) {
                    tongban_limits::YearStatus::Announced { source } => Some(source.to_owned()),
                    tongban_limits::YearStatus::NotAnnounced => None,
                },
                working_days: u32::try_from(days.iter().filter(|day| day.working).count())
                    .unwrap_or_default(),
                days,
                changes: store::of_year(tx, year, 100)?,
                head: store::head(tx)?.n,
                announced: calendar.announced().map(|(year, _)| year).collect(),
                may_change,
            })
        })
        .await
}

fn days_of(calendar: &Calendar, year: i16) -> Vec<CalendarDay> {
    let Ok(first) = Date::new(year, 1, 1) else {
        return Vec::new();
    };
    first
        .series(jiff::Span::new().days(1))
        .take_while(|date| date.year() == year)
        .map(|date| {
            let kind = calendar.day_kind(date);
            let name = match kind {
                DayKind::Holiday(name) | DayKind::MakeUpWorking(name) => name.to_owned(),
                DayKind::Working | DayKind::Weekend => String::new(),
            };
            CalendarDay {
                date,
                working: kind.is_working(),
                special: !name.is_empty(),
                name,
            }
        })
        .collect()
}

/// How the due dates of open cases move from `before` to `after`; reads them all, outside the writer.
pub(super) async fn moved(ctx: &Ctx, before: Calendar, after: Calendar) -> Result<Moved> {
    ctx.db
        .read_long(move |tx| {
            let (mut moved, mut last) = (Moved::default(), String::new());
            loop {
                let round = store::running(tx, &last, ROUND)?;
                for clocks in round.iter().filter_map(|(_, clocks)| clocks.as_ref()) {
                    moved.open += 1;
                    let at = |calendar: &Calendar| dues(clocks, calendar);
                    match at(&after).cmp(&at(&before)) {
                        std::cmp::Ordering::Less => moved.earlier += 1,
                        std::cmp::Ordering::Equal => {}
                        std::cmp::Ordering::Greater => moved.later += 1,
                    }
                }
                match round.last() {
                    Some((id, _)) if round.len() == ROUND as usize => last.clone_from(id),
                    _ => return Ok(moved),
                }
            }
        })
        .await
}

/// Promised, then statutory due date.
fn dues(clocks: &CaseClocks, calendar: &Calendar) -> [Option<Date>; 2] {
    [&clocks.promised, &clocks.statutory].map(|clock| clock.due(calendar).ok().map(|due| due.date))
}

/// Brings the due dates in the lists and the timers of processes in line with the calendar in force; returns how many moved. A repeat moves none.
pub async fn recount_due(ctx: &Ctx) -> Result<u64> {
    // The message may arrive before the process that changed the calendar has put it in force, or on another node.
    load_calendar(ctx).await?;
    let calendar = calendar(ctx)?;
    let (mut moved, mut last) = (0, String::new());
    loop {
        let (after, with) = (last.clone(), Arc::clone(&calendar));
        let (n, end) = ctx
            .db
            .write(move |tx| {
                let round = store::running(tx, &after, ROUND)?;
                let mut n = 0;
                for (id, clocks) in &round {
                    let Some(clocks) = clocks else { continue };
                    let due = clocks.promised.due(&with).ok().map(|due| due.date);
                    n += store::set_due(tx, id, due)?;
                }
                let end = round.last().map(|(id, _)| id.clone());
                Ok((n, end.filter(|_| round.len() == ROUND as usize)))
            })
            .await?;
        moved += n;
        match end {
            Some(id) => last = id,
            None => break,
        }
    }
    Ok(moved + super::timers::recount(ctx, &calendar).await?)
}
