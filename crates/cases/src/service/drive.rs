//! Drives the process of a case: one command in, its effects as rows of the same transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use tongban_kernel::{Error, Event, OfficerId, OrganId, Post, Result};
use tongban_limits::{Calendar, OfficeHours, from_local, to_local};
use tongban_process::{
    Command, Due, Effect, Matter, OpenTask, Refusal, State, Step, Token, Vars, step,
};
use tongban_storage::{Ctx, Tx, emit, params};

use super::parts::CaseLibrary;
use super::ruled::Ruled;
use crate::model::{Case, Task};
use crate::store::{tasks, waits};

/// The event by which a service is asked; its subscriber answers with `service_done`.
pub(crate) const SERVICE_CALLED: &str = "cases.service.called";

/// A process sends a message outside, or a signal to all: [`super::messages::deliver`] takes them.
pub(crate) const MESSAGE_SENT: &str = "cases.process.message";
/// See [`MESSAGE_SENT`].
pub(crate) const SIGNAL_SENT: &str = "cases.process.signal";

/// Who did the task that is closed by this command, and with which outcome.
#[derive(Clone, Copy, Default)]
pub(crate) struct Closing<'a> {
    pub(crate) officer: Option<OfficerId>,
    pub(crate) outcome: Option<&'a str>,
}

fn refusal(refused: Refusal) -> Error {
    match refused {
        Refusal::NoSuchTask(_) | Refusal::NoSuchWork(_) | Refusal::AlreadyEnded => {
            Error::conflict("task.done", "这个环节已被办理，您的操作没有保存")
                .advice("请刷新页面查看最新进展")
        }
        Refusal::NoSubscription(_) => Error::conflict("process.message", refused.to_string()),
        Refusal::Suspended => Error::conflict("process.suspended", refused.to_string()),
        Refusal::CannotReturn { .. }
        | Refusal::CannotMove { .. }
        | Refusal::CannotChange { .. } => Error::conflict("process.refused", refused.to_string()),
        other => Error::internal(format!("process: {other}")).source(other),
    }
}

/// Steps the process of `case` and writes what follows. The caller saves the case row.
pub(crate) fn drive(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &mut Case,
    calendar: &Calendar,
    command: &Command,
    closing: Closing<'_>,
) -> Result<()> {
    let library = CaseLibrary::of(ctx, tx, case, &case.process_hash)?;
    let stepped = step(&library, &case.process, command, ctx.now()).map_err(refusal)?;
    let decided = Ruled::of(&library, &stepped);
    let led_to = led_to(&case.process, &stepped.state);
    take(ctx, tx, case, calendar, stepped, closing)?;
    decided.keep(ctx, tx, case)?;
    let held = match command {
        Command::Suspend { .. } => Some(1_i64),
        Command::Resume => Some(0),
        _ => None,
    };
    if let Some(held) = held {
        tx.put(
            "UPDATE process_timer SET held = $2 WHERE case_id = $1",
            params![case.id, held],
        )?;
    }
    if let (Command::Complete { task, .. }, Some(_)) = (command, closing.officer) {
        tasks::keep_led_to(tx, case.id, *task, &led_to)?;
    }
    Ok(())
}

/// Takes over what the engine answered. The caller saves the case row.
pub(crate) fn take(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &mut Case,
    calendar: &Calendar,
    stepped: Step,
    closing: Closing<'_>,
) -> Result<()> {
    case.process = stepped.state;
    for effect in &stepped.effects {
        carry_out(ctx, tx, case, calendar, effect, closing)?;
    }
    Ok(())
}

/// The tokens that are new, or elsewhere than before.
fn led_to(before: &State, after: &State) -> Vec<Token> {
    let tokens = after.tokens.iter();
    tokens
        .filter(|token| !before.tokens.contains(token))
        .cloned()
        .collect()
}

/// What `command` would do to the process of `case`, with nothing written.
pub(crate) fn foresee(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    command: &Command,
) -> Result<Vec<Effect>> {
    let library = CaseLibrary::of(ctx, tx, case, &case.process_hash)?;
    let stepped = step(&library, &case.process, command, ctx.now()).map_err(refusal)?;
    Ok(stepped.effects)
}

fn carry_out(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    calendar: &Calendar,
    effect: &Effect,
    closing: Closing<'_>,
) -> Result<()> {
    let now = ctx.now();
    match effect {
        Effect::OpenTask(open) => tasks::insert(tx, &new_task(ctx, case, calendar, open)?),
        Effect::CloseTask {
            task, done: true, ..
        } => {
            match tasks::close(
                tx,
                case.id,
                *task,
                "done",
                now,
                closing.officer,
                closing.outcome,
            )? {
                1 => Ok(()),
                _ => Err(refusal(Refusal::NoSuchTask(*task))),
            }
        }
        Effect::CloseTask { task, .. } => {
            tasks::close(tx, case.id, *task, "cancelled", now, None, None).map(|_| ())
        }
        Effect::ArmTimer { timer, due, .. } => tx.put(
            "INSERT INTO process_timer (case_id, number, due_at) VALUES ($1, $2, $3)
                 ON CONFLICT (case_id, number) DO UPDATE SET due_at = $3",
            params![case.id, number(*timer), due_at(case, due, now, calendar)?],
        ),
        Effect::DisarmTimer { timer, .. } => tx.put(
            "DELETE FROM process_timer WHERE case_id = $1 AND number = $2",
            params![case.id, number(*timer)],
        ),
        Effect::CallService { work, service, .. } => {
            let data =
                json!({"project_no": case.project_no, "work": work, "service": service.as_ref()});
            emit(
                tx,
                &ctx.ids,
                &Event::new(SERVICE_CALLED, case.id, now, data),
            )
            .map(|_| ())
        }
        Effect::Subscribe {
            wait, name, key, ..
        } => waits::put(
            tx,
            case.id,
            number(*wait),
            Matter::Message,
            name,
            key.as_deref(),
        ),
        Effect::Listen { wait, name, .. } => {
            waits::put(tx, case.id, number(*wait), Matter::Signal, name, None)
        }
        Effect::Unsubscribe { wait, .. } => waits::remove(tx, case.id, number(*wait)),
        Effect::SendMessage {
            name, key, vars, ..
        } => {
            let data = json!({"name": name.as_ref(), "key": key.as_deref(), "vars": vars});
            emit(tx, &ctx.ids, &Event::new(MESSAGE_SENT, case.id, now, data)).map(|_| ())
        }
        Effect::Broadcast { name, .. } => {
            let data = json!({"name": name.as_ref()});
            emit(tx, &ctx.ids, &Event::new(SIGNAL_SENT, case.id, now, data)).map(|_| ())
        }
        // The answer to a cancelled call finds no work item and is dropped.
        Effect::CancelService { .. } | Effect::Ended { .. } => Ok(()),
        Effect::Incident {
            element, reason, ..
        } => {
            tracing::error!(case.id = %case.id, element = %element, "process incident: {reason}");
            let data = json!({"project_no": case.project_no, "element": element.as_ref(), "reason": reason});
            emit(
                tx,
                &ctx.ids,
                &Event::new("cases.process.incident", case.id, now, data),
            )
            .map(|_| ())
        }
    }
}

pub(crate) fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn due_at(case: &Case, due: &Due, now: Timestamp, calendar: &Calendar) -> Result<Timestamp> {
    let broken = |source| Error::internal("timer").source(source);
    match due {
        Due::At(at) => Ok(*at),
        Due::WorkingDays(days) => {
            let day = calendar
                .nth_working_day(tongban_kernel::shanghai_date(now), *days)
                .map_err(broken)?;
            end_of(day)
        }
        Due::WorkingMinutes(minutes) => {
            let at = OfficeHours::default()
                .add_minutes(calendar, to_local(now), *minutes)
                .map_err(broken)?;
            from_local(at).map_err(broken)
        }
        // Before acceptance no limit runs: counted from today then.
        Due::Limit(days) => {
            let limit = case.promise_due(calendar);
            let limit = limit.unwrap_or_else(|| tongban_kernel::shanghai_date(now));
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

fn new_task(ctx: &Ctx, case: &Case, calendar: &Calendar, open: &OpenTask) -> Result<Task> {
    let now = ctx.now();
    let post = match open.post.as_deref() {
        None | Some("applicant") => None,
        Some(key) => Some(
            Post::from_key(key)
                .ok_or_else(|| Error::internal(format!("process names an unknown post {key}")))?,
        ),
    };
    let organ = post
        .map(|post| organ_of(case, post, open.organ.as_deref()))
        .transpose()?;
    Ok(Task {
        id: ctx.ids.id(now),
        case: case.id,
        number: open.task,
        element: open.element.to_string(),
        name: open.name.to_string(),
        act: open.act.as_deref().unwrap_or_default().to_owned(),
        post,
        organ,
        open: true,
        opened_at: now,
        due_on: limit_days(open.limit.as_deref()).and_then(|days| {
            calendar
                .nth_working_day(tongban_kernel::shanghai_date(now), days)
                .ok()
        }),
        closed_at: None,
        officer: None,
        outcome: None,
        assigned: None,
        urged: 0,
    })
}

/// The organ of a task: the one the definition names, the window for the counter, else the deciding organ.
fn organ_of(case: &Case, post: Post, named: Option<&str>) -> Result<OrganId> {
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        return named
            .parse()
            .map_err(|_| Error::internal(format!("process names an unknown organ {named}")));
    }
    let window = case
        .process
        .vars()
        .get("window_organ")
        .and_then(Value::as_str)
        .filter(|_| post == Post::Counter);
    match window {
        Some(window) => window
            .parse()
            .map_err(|_| Error::internal("window organ is not an id")),
        None => Ok(case.organ),
    }
}

/// `P3D` → 3 working days.
pub(crate) fn limit_days(limit: Option<&str>) -> Option<u32> {
    limit?.strip_prefix('P')?.strip_suffix('D')?.parse().ok()
}

/// Variables of a command.
pub(crate) fn vars<const N: usize>(pairs: [(&str, Value); N]) -> Vars {
    pairs
        .into_iter()
        .map(|(name, value)| (Arc::from(name), value))
        .collect::<BTreeMap<_, _>>()
}
