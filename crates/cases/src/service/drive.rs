//! Drives the process of a case: one command in, its effects as rows of the same transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tongban_kernel::{Error, ErrorKind, Event, OrganId, Post, Result};
use tongban_limits::Calendar;
use tongban_process::{
    Command, Effect, Matter, OpenTask, Outside, Refusal, State, Step, Token, Vars, step,
};
use tongban_storage::{Ctx, Tx, emit, params};

use super::parts::CaseLibrary;
use super::ruled::{self, Ruled};
use super::{incidents, outside, outside_messages, timers};
use crate::model::{Case, Task};
pub(crate) use crate::store::tasks::Closing;
use crate::store::{tasks, timers as rows, waits};

/// The event by which a service is asked; its subscriber answers with `service_done`.
pub(crate) const SERVICE_CALLED: &str = "cases.service.called";

/// A process sends a message outside, or a signal to all: [`super::messages::deliver`] takes them.
pub(crate) const MESSAGE_SENT: &str = "cases.process.message";
/// See [`MESSAGE_SENT`].
pub(crate) const SIGNAL_SENT: &str = "cases.process.signal";

/// The code of a refusal that no officer can do anything about: the process itself is wrong.
pub(crate) const STUCK: &str = "process.stuck";

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
        Refusal::UncaughtError { .. } => Error::conflict("process.uncaught", refused.to_string()),
        other => Error::new(
            ErrorKind::Internal,
            STUCK,
            "流程走到下一步时出了问题，本次操作没有保存",
        )
        .advice("已通知流程管理员，请稍后重试")
        .context(format!("process: {other}"))
        .source(other),
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
    let led_to = match (command, closing.officer) {
        (Command::Complete { task, .. }, Some(_)) => {
            Some((*task, led_to(&case.process, &stepped.state)))
        }
        _ => None,
    };
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
        if held == 0 {
            ruled::resumed(ctx, tx, case)?;
        }
    }
    if let Some((task, led_to)) = led_to {
        tasks::keep_led_to(tx, case.id, task, &led_to)?;
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
    let held = std::mem::replace(&mut case.process, stepped.state).incidents;
    for effect in &stepped.effects {
        carry_out(ctx, tx, case, calendar, effect, closing)?;
    }
    incidents::settle(ctx, tx, case, &held)
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
        Effect::OpenTask(open) => {
            let task = new_task(ctx, case, calendar, open)?;
            tasks::insert(tx, &task)?;
            outside::task_opened(ctx, tx, case, calendar, &task)
        }
        Effect::CloseTask {
            task, done: true, ..
        } => match tasks::close(tx, case.id, *task, "done", now, closing)? {
            1 => Ok(()),
            _ => Err(refusal(Refusal::NoSuchTask(*task))),
        },
        Effect::CloseTask { task, .. } => {
            tasks::close(tx, case.id, *task, "cancelled", now, Closing::default()).map(|_| ())
        }
        Effect::ArmTimer { timer, due, .. } => {
            let at = timers::due_at(case.clocks.as_ref(), due, now, calendar)?;
            rows::arm(tx, case.id, number(*timer), at, due, now)
        }
        Effect::DisarmTimer { timer, .. } => rows::disarm(tx, case.id, number(*timer)),
        Effect::CallService {
            work,
            service,
            element,
        } => {
            if let Some(owner) = Outside::of_service(service) {
                return outside::work_opened(ctx, tx, case, calendar, (*work, element), owner);
            }
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
        } => {
            let (number, key) = (number(*wait), key.as_deref());
            waits::put(tx, case.id, number, Matter::Message, name, key)?;
            outside_messages::subscribed(ctx, tx, case.id, name, key)
        }
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
            token,
            element,
            reason,
        } => {
            tracing::error!(case.id = %case.id, element = %element, "process incident: {reason}");
            incidents::of_token(ctx, tx, case, (*token, element), reason)
        }
    }
}

pub(crate) fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
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
        for_officer: None,
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
