//! 分建: a step that a system of the organ owns. It is announced to that system, which looks at what the step shows (purpose-bound,
//! written down), and reports: in hand, progress, result. The act is recorded in the name of the organ and its system, under the same
//! clocks as any other hand; who is late, or cannot, leaves the step to the officers of the post.
//!
//! 国务院关于在线政务服务的若干规定 第五条 (一体化在线平台与部门业务系统互联互通).

use jiff::Timestamp;
use serde_json::json;
use tongban_kernel::{Actor, Error, Event, Result, StepId, TypedId as _};
use tongban_limits::Calendar;
use tongban_process::{On, Outside};
use tongban_storage::{Ctx, Tx, emit};

use super::incidents;
use super::parts::{calendar, definition};
use super::timers::end_of;
use crate::model::{Case, OutsideStep, StepKind, Task};
use crate::store::{cases, outside as store, tasks};

/// A step waits for its outside system; the system is told.
pub const STEP_ASSIGNED: &str = "cases.step.assigned";
/// A step is not the system's business any more: an officer has done it, or it was taken away.
pub const STEP_WITHDRAWN: &str = "cases.step.withdrawn";

/// Working days for an answer where the definition names no limit.
const ANSWER_DAYS: u32 = 3;

fn answer_due(ctx: &Ctx, calendar: &Calendar) -> Result<Timestamp> {
    let day = calendar.nth_working_day(ctx.clock.today(), ANSWER_DAYS);
    end_of(day.map_err(|source| Error::internal("answer of a system").source(source))?)
}

/// A task was opened: if an outside system owns it, that system is told.
pub(crate) fn task_opened(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    calendar: &Calendar,
    task: &Task,
) -> Result<()> {
    let found = definition(ctx, tx, &case.process_hash)?.outside_of(&task.element);
    let Some(outside) = found else { return Ok(()) };
    let due_at = match task.due_on {
        Some(day) => end_of(day)?,
        None => answer_due(ctx, calendar)?,
    };
    let step = OutsideStep {
        id: ctx.ids.id(ctx.now()),
        case: case.id,
        kind: StepKind::Task,
        number: task.number,
        element: task.element.clone(),
        name: task.name.clone(),
        act: task.act.clone(),
        organ: task.organ.unwrap_or(case.organ),
        system: outside.system,
        sets: outside.sets,
        shows: outside.shows,
        opened_at: ctx.now(),
        due_at,
        accepted_at: None,
        reports: 0,
        closed_at: None,
    };
    store::insert(tx, &step)?;
    announce(ctx, tx, case, &step, STEP_ASSIGNED)
}

/// A service task of an outside system was reached, or is asked again.
pub(crate) fn work_opened(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    calendar: &Calendar,
    (work, element): (u64, &str),
    outside: Outside,
) -> Result<()> {
    let due_at = answer_due(ctx, calendar)?;
    if let Some(step) = store::at(tx, case.id, StepKind::Work, work)? {
        store::again(tx, step.id, due_at)?;
        return announce(ctx, tx, case, &step, STEP_ASSIGNED);
    }
    let step = OutsideStep {
        id: ctx.ids.id(ctx.now()),
        case: case.id,
        kind: StepKind::Work,
        number: work,
        element: element.to_owned(),
        name: incidents::name_of(ctx, tx, case, element)?,
        act: String::new(),
        organ: case.organ,
        system: outside.system,
        sets: outside.sets,
        shows: outside.shows,
        opened_at: ctx.now(),
        due_at,
        accepted_at: None,
        reports: 0,
        closed_at: None,
    };
    store::insert(tx, &step)?;
    announce(ctx, tx, case, &step, STEP_ASSIGNED)
}

fn announce(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    step: &OutsideStep,
    kind: &'static str,
) -> Result<()> {
    if !ctx.wants(kind) {
        return Ok(());
    }
    let data = json!({
        "step": step.id,
        "system": step.system,
        "organ": step.organ,
        "project_no": case.project_no,
        "task_code": case.task_code,
        "name": step.name,
        "act": step.act,
        "due_at": step.due_at,
        "seq": case.event_n,
    });
    emit(tx, &ctx.ids, &Event::new(kind, case.id, ctx.now(), data)).map(|_| ())
}

/// Tells the system of a task once more, if it has one.
pub(crate) fn announce_again(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case, number: u64) -> Result<()> {
    let step = store::at(tx, case.id, StepKind::Task, number)?;
    let Some(step) = step.filter(|step| step.closed_at.is_none()) else {
        return Ok(());
    };
    store::again(tx, step.id, answer_due(ctx, &*calendar(ctx)?)?)?;
    announce(ctx, tx, case, &step, STEP_ASSIGNED)
}

pub(crate) fn task_of(tx: &mut Tx<'_>, step: &OutsideStep) -> Result<Option<Task>> {
    if step.kind != StepKind::Task {
        return Ok(None);
    }
    let mut found = tasks::of_case(tx, step.case)?;
    found.retain(|task| task.number == step.number);
    Ok(found.pop())
}

pub(crate) fn is_open(case: &Case, step: &OutsideStep, task: Option<&Task>) -> bool {
    match step.kind {
        StepKind::Task => task.is_some_and(|task| task.open),
        StepKind::Work => case
            .process
            .open_work()
            .any(|(work, _)| work == step.number),
    }
}

pub(crate) fn token_of(case: &Case, step: &OutsideStep) -> Option<u64> {
    let on = match step.kind {
        StepKind::Task => On::Task(step.number),
        StepKind::Work => On::Work(step.number),
    };
    let mut tokens = case.process.tokens.iter();
    tokens.find(|token| token.on == on).map(|token| token.id)
}

/// The system of a step cannot be told (unknown, of another organ, out of order for days): the officers of the post, and who mends
/// incidents, are told instead. Nothing for a step that is over.
pub async fn step_unreachable(ctx: &Ctx, id: StepId, why: &str) -> Result<()> {
    let (ctx2, why) = (ctx.as_actor(Actor::System), why.to_owned());
    ctx.db.write(move |tx| trouble(&ctx2, tx, id, &why)).await
}

fn trouble(ctx: &Ctx, tx: &mut Tx<'_>, id: StepId, why: &str) -> Result<()> {
    let Some(step) = store::get(tx, id)?.filter(|step| step.closed_at.is_none()) else {
        return Ok(());
    };
    store::put_late(tx, id)?;
    match step.kind {
        StepKind::Task => match task_of(tx, &step)? {
            Some(task) if task.open => incidents::of_task(ctx, tx, &task, &step.system, why),
            _ => Ok(()),
        },
        StepKind::Work => incidents::hold(ctx, tx, step.case, step.number, why, 1),
    }
}

/// Steps whose answer is late become incidents; steps that are over are withdrawn from their systems. A repeat changes nothing.
pub async fn watch_steps(ctx: &Ctx) -> Result<()> {
    let now = ctx.now();
    let ctx = ctx.as_actor(Actor::System);
    for step in ctx.db.read(move |tx| store::late(tx, now, 500)).await? {
        let (ctx2, id) = (ctx.clone(), step.id);
        let why = format!("外部系统“{}”没有按时答复，请由工作人员办理", step.system);
        let told = ctx.db.write(move |tx| trouble(&ctx2, tx, id, &why)).await;
        // One case that is held must not hold the others up.
        if let Err(error) = told {
            tracing::warn!(step = %id, "late step: {error}");
        }
    }
    let mut after = String::new();
    loop {
        let from = after.clone();
        let round = ctx
            .db
            .read(move |tx| store::perhaps_over(tx, &from, 200))
            .await?;
        let Some(last) = round.last() else {
            return Ok(());
        };
        after = last.id.uuid().simple().to_string();
        for step in round {
            let ctx2 = ctx.clone();
            ctx.db
                .write(move |tx| withdraw_if_over(&ctx2, tx, &step))
                .await?;
        }
    }
}

fn withdraw_if_over(ctx: &Ctx, tx: &mut Tx<'_>, step: &OutsideStep) -> Result<()> {
    let Some(case) = cases::get(tx, step.case)? else {
        return Ok(());
    };
    let task = task_of(tx, step)?;
    if is_open(&case, step, task.as_ref()) {
        return Ok(());
    }
    if store::close(tx, step.id, ctx.now(), None)? == 1 {
        announce(ctx, tx, &case, step, STEP_WITHDRAWN)?;
    }
    Ok(())
}
