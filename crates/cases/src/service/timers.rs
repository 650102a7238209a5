//! Timers of processes: when they are due, what moves them, and who fires them.
//!
//! What counts by a rule (working days, office hours, the limit of the case) is kept with the rule and the moment since which it counts, and is
//! computed anew whenever something changes on which it depends: the clocks of the case, or the calendar. Days that lie wholly in a special
//! procedure are not counted, as the law does not count them for the limit (行政许可法 第四十五条); the first and the last day are.
//! A fixed moment stays; if it comes in a special procedure the timer fires when that ends.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tongban_kernel::{Actor, CaseId, Error, ErrorKind, Result};
use tongban_limits::{Calendar, OfficeHours, from_local, to_local};
use tongban_process::{Command, Due};
use tongban_storage::{Ctx, Engine, Tx};

use super::drive::{Closing, drive};
use super::parts::calendar;
use super::record::commit;
use crate::model::{Case, CaseClocks};
use crate::store::{cases, timers as store};

/// How long a timer waits whose firing failed.
const RETRY: SignedDuration = SignedDuration::from_mins(10);
/// How often a timer is tried at once when somebody was working on its case at the same moment.
const TRIES: usize = 3;
/// Timers of one round of [`recount`].
const ROUND: u32 = 500;
/// Longest special procedure of which each day is looked at.
const DAYS_MAX: usize = 4_000;

/// When a timer is due that counts since `since`.
pub(super) fn due_at(
    clocks: Option<&CaseClocks>,
    due: &Due,
    since: Timestamp,
    calendar: &Calendar,
) -> Result<Timestamp> {
    let broken = |source| Error::internal("timer").source(source);
    let first = tongban_kernel::shanghai_date(since);
    match due {
        Due::At(at) => Ok(*at),
        Due::WorkingDays(days) => {
            let counted = without_special(clocks, calendar);
            end_of(counted.nth_working_day(first, *days).map_err(broken)?)
        }
        Due::WorkingMinutes(minutes) => {
            let counted = without_special(clocks, calendar);
            let at = OfficeHours::default()
                .add_minutes(&counted, to_local(since), *minutes)
                .map_err(broken)?;
            from_local(at).map_err(broken)
        }
        // Before acceptance no limit runs: counted from the day on which it was armed then.
        Due::Limit(days) => {
            let limit = clocks.and_then(|clocks| clocks.promised.due(calendar).ok());
            let limit = limit.map_or(first, |due| due.date);
            let day = match u32::try_from(*days) {
                Ok(days) => calendar.nth_working_day(limit, days),
                Err(_) => calendar.nth_working_day_before(limit, days.unsigned_abs()),
            };
            end_of(day.map_err(broken)?)
        }
    }
}

/// The last second of a day in China.
fn end_of(day: Date) -> Result<Timestamp> {
    day.at(23, 59, 59, 0)
        .to_zoned(jiff::tz::TimeZone::fixed(tongban_kernel::SHANGHAI))
        .map(|zoned| zoned.timestamp())
        .map_err(|source| Error::internal("day out of range").source(source))
}

/// The calendar with the days taken out that lie wholly in a special procedure which is over. One that lasts holds the timer anyway.
fn without_special<'a>(clocks: Option<&CaseClocks>, calendar: &'a Calendar) -> Cow<'a, Calendar> {
    let mut counted = Cow::Borrowed(calendar);
    let suspensions = clocks.map_or(&[][..], |clocks| &clocks.promised.suspensions);
    for (from, to) in suspensions.iter().filter_map(|s| Some((s.from, s.to?))) {
        let days = from.series(jiff::Span::new().days(1)).skip(1);
        for day in days.take_while(|day| *day < to).take(DAYS_MAX) {
            if calendar.is_working(day) {
                counted.to_mut().set_off(day, "特别程序");
            }
        }
    }
    counted
}

/// Brings the timers of `case` in line with its clocks. Every act calls it before it saves the case; a case without timers asks nothing.
pub(super) fn retime(tx: &mut Tx<'_>, case: &Case, calendar: &Calendar) -> Result<()> {
    if case.process.timers().next().is_none() {
        return Ok(());
    }
    for timer in store::counting(tx, case.id)? {
        move_timer(tx, &timer, case.clocks.as_ref(), calendar)?;
    }
    Ok(())
}

/// 1 if it moved. A timer whose moment cannot be computed any more stays where it is.
fn move_timer(
    tx: &mut Tx<'_>,
    timer: &store::Counting,
    clocks: Option<&CaseClocks>,
    calendar: &Calendar,
) -> Result<u64> {
    match due_at(clocks, &timer.rule, timer.since, calendar) {
        Ok(at) if at != timer.due_at => store::move_to(tx, timer, at),
        Ok(_) => Ok(0),
        Err(error) => {
            tracing::error!(case.id = %timer.case, timer = timer.number, "timer: {error}");
            Ok(0)
        }
    }
}

/// Brings all timers in line with a changed calendar; returns how many moved. A repeat moves none.
pub(super) async fn recount(ctx: &Ctx, calendar: &Arc<Calendar>) -> Result<u64> {
    let (mut moved, mut last) = (0, (String::new(), 0_i64));
    loop {
        let (after, with) = (last.clone(), Arc::clone(calendar));
        let (n, end) = ctx
            .db
            .write(move |tx| {
                let round = store::all_counting(tx, (&after.0, after.1), ROUND)?;
                let mut n = 0;
                for (timer, clocks) in &round {
                    n += move_timer(tx, timer, clocks.as_ref(), &with)?;
                }
                let end = round.last().map(|(timer, _)| (timer.case, timer.number));
                Ok((n, end.filter(|_| round.len() == ROUND as usize)))
            })
            .await?;
        moved += n;
        match end {
            Some((case, number)) => {
                last = (
                    tongban_kernel::TypedId::uuid(case).simple().to_string(),
                    number,
                )
            }
            None => return Ok(moved),
        }
    }
}

/// How many timers are fired at the same time: enough to share commits, few enough that an act never waits for long.
const fn at_once(engine: Engine) -> usize {
    match engine {
        Engine::Sqlite => 16,
        // Each takes a connection.
        Engine::Postgres => 3,
    }
}

/// Fires the timers that are due, at most `limit`; returns how many were found. Any number of workers may do it at once.
pub async fn fire_timers(ctx: &Ctx, limit: u32) -> Result<usize> {
    let now = ctx.now();
    let due = ctx.db.read(move |tx| store::due(tx, now, limit)).await?;
    let found = due.len();
    let mut firing = JoinSet::new();
    for (id, timer) in due {
        if firing.len() >= at_once(ctx.db.engine()) {
            ended(firing.join_next().await)?;
        }
        let ctx = ctx.as_actor(Actor::System);
        firing.spawn(async move { fire_or_put_off(&ctx, id, timer, now).await });
    }
    while !firing.is_empty() {
        ended(firing.join_next().await)?;
    }
    Ok(found)
}

fn ended(joined: Option<std::result::Result<Result<()>, tokio::task::JoinError>>) -> Result<()> {
    match joined {
        None => Ok(()),
        Some(Ok(outcome)) => outcome,
        Some(Err(_)) => Err(Error::internal("firing a timer panicked")),
    }
}

/// One that cannot go on must not hold the others up: it is tried again later.
async fn fire_or_put_off(ctx: &Ctx, id: CaseId, timer: i64, now: Timestamp) -> Result<()> {
    for left in (0..TRIES).rev() {
        let error = match fire(ctx, id, timer, now).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        // Somebody acted on the case at the same moment: the timer still stands, and is looked at anew.
        if left > 0 && error.kind() == ErrorKind::Conflict {
            continue;
        }
        tracing::error!(case.id = %id, timer, "timer: {error}");
        break;
    }
    ctx.db
        .write(move |tx| store::put_off(tx, id, timer, now, now + RETRY))
        .await
}

async fn fire(ctx: &Ctx, id: CaseId, timer: i64, now: Timestamp) -> Result<()> {
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            // A repeating timer makes its row anew.
            if !store::claim(tx, id, timer, now)? {
                return Ok(());
            }
            let mut case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
            let number = u64::try_from(timer).unwrap_or_default();
            // Taken away in the meantime: the row was all that was left.
            if case.process.timers().all(|armed| armed.id != number) {
                return Ok(());
            }
            let calendar = calendar(&ctx2)?;
            let command = Command::FireTimer { timer: number };
            let closing = Closing::default();
            drive(&ctx2, tx, &mut case, &calendar, &command, closing)?;
            commit(&ctx2, tx, &mut case, &calendar, &[])
        })
        .await
}
