//! 分建: a step that a system of the organ owns. It is announced to that system, which looks at what the step shows (purpose-bound,
//! written down), and reports: in hand, progress, result. The act is recorded in the name of the organ and its system, under the same
//! clocks as any other hand; who is late, or cannot, leaves the step to the officers of the post.
//!
//! 国务院关于在线政务服务的若干规定 第五条 (一体化在线平台与部门业务系统互联互通).

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tongban_kernel::{
    Act, Actor, Error, Event, OfficerId, OrganId, Resource, Result, StepId, TypedId as _,
};
use tongban_limits::Calendar;
use tongban_process::{Command, On, Outside, Vars};
use tongban_storage::{Ctx, Tx, emit, params};

use super::act::{problem, required};
use super::drive::{Closing, drive};
use super::once::{Once, write_once};
use super::parts::{calendar, definition};
use super::record::{CaseKeys, by, commit, record};
use super::timers::end_of;
use super::{access, incidents, look};
use crate::model::{
    By, Case, CaseFact, Held, OBJECT_CASE, OutsideStep, StepCase, StepKind, StepReport, Task,
};
use crate::store::{cases, incidents as incident_rows, outside as store, tasks};

/// A step waits for its outside system; the system is told.
pub const STEP_ASSIGNED: &str = "cases.step.assigned";
/// A step is not the system's business any more: an officer has done it, or it was taken away.
pub const STEP_WITHDRAWN: &str = "cases.step.withdrawn";

/// Working days for an answer where the definition names no limit.
const ANSWER_DAYS: u32 = 3;
/// Most reports on one step: a system that repeats itself must not fill the record of a case.
const REPORTS_MAX: u32 = 100;
/// Most that a report may set, bytes.
const VARS_MAX: usize = 64 * 1024;

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

/// A step with its case, for the system that acts.
struct Own {
    step: OutsideStep,
    case: Case,
    /// The open task, if the step is one.
    task: Option<Task>,
    permit: tongban_kernel::Permit,
}

fn own(ctx: &Ctx, tx: &mut Tx<'_>, id: StepId, act: Act) -> Result<Own> {
    let step = store::get(tx, id)?.ok_or_else(Error::not_found)?;
    let case = cases::get(tx, step.case)?.ok_or_else(Error::not_found)?;
    let task = task_of(tx, &step)?;
    let mut facts = case.facts(task.as_ref(), Vec::new());
    facts.system = Some(step.system.clone());
    let permit = ctx.authorize(act, Resource::Case(&facts))?;
    // A definition that names the system of another organ gives it no right.
    let same = matches!(&ctx.actor, Actor::Outside(outside) if outside.organ == step.organ);
    if !same {
        return Err(Error::not_found());
    }
    if step.closed_at.is_some() || !is_open(&case, &step, task.as_ref()) {
        return Err(Error::conflict(
            "step.over",
            "这个环节已经办结、撤回或者由工作人员办理",
        ));
    }
    Ok(Own {
        step,
        case,
        task,
        permit,
    })
}

fn task_of(tx: &mut Tx<'_>, step: &OutsideStep) -> Result<Option<Task>> {
    if step.kind != StepKind::Task {
        return Ok(None);
    }
    let mut found = tasks::of_case(tx, step.case)?;
    found.retain(|task| task.number == step.number);
    Ok(found.pop())
}

fn is_open(case: &Case, step: &OutsideStep, task: Option<&Task>) -> bool {
    match step.kind {
        StepKind::Task => task.is_some_and(|task| task.open),
        StepKind::Work => case
            .process
            .open_work()
            .any(|(work, _)| work == step.number),
    }
}

/// What the step shows of its case. The look is written down before the data go out (个人信息保护法 第二十三条、第五十四条): each
/// fetch for the purpose of its step, and nothing beyond what the definition shows.
pub async fn step_case(ctx: &Ctx, id: StepId) -> Result<StepCase> {
    let ctx2 = ctx.clone();
    let (seen, due) = ctx
        .db
        .read(move |tx| {
            let ctx = &ctx2;
            let own = own(ctx, tx, id, Act::FetchStep)?;
            let Actor::Outside(outside) = &ctx.actor else {
                return Err(Error::unauthenticated());
            };
            let due = access::due_of(
                ctx,
                tx,
                &own.case,
                // The column names whoever looked; systems have ids of their own kind.
                OfficerId::from_uuid(outside.system.uuid()),
                own.permit,
                (OBJECT_CASE, &own.step.name),
            )?;
            Ok((shown(ctx, tx, own)?, due))
        })
        .await?;
    access::written(ctx, due).await?;
    Ok(seen)
}

fn shown(ctx: &Ctx, tx: &mut Tx<'_>, own: Own) -> Result<StepCase> {
    let submitted = look::application(ctx, tx, &own.case)?;
    let mut submission = Map::new();
    let shows = |name: &str| own.step.shows.iter().any(|one| one == "*" || one == name);
    if shows("applicant.name") {
        submission.insert("applicant.name".to_owned(), json!(submitted.applyer_name()));
    }
    if shows("applicant.code") {
        submission.insert("applicant.code".to_owned(), json!(submitted.applyer_code()));
    }
    let values = submitted
        .submission
        .get("values")
        .and_then(Value::as_object);
    for (name, value) in values.into_iter().flatten() {
        if shows(name) {
            submission.insert(name.clone(), value.clone());
        }
    }
    Ok(StepCase {
        step: own.step.id,
        name: own.step.name,
        act: own.step.act,
        project_no: own.case.project_no,
        task_code: own.case.task_code,
        task_name: own.case.task_name,
        submission: Value::Object(submission),
        sets: own.step.sets,
        due_at: own.step.due_at,
    })
}

/// Takes a report; a repeat with the same key gets the same answer, the 办件编号.
pub async fn report_step(ctx: &Ctx, key: &str, id: StepId, report: StepReport) -> Result<String> {
    let once = Once::new(key, "step-report", &(id, &report))?;
    write_once(ctx, Some(once), move |ctx, tx| {
        let mut own = own(ctx, tx, id, Act::ReportStep)?;
        if own.step.reports >= REPORTS_MAX {
            return Err(Error::limited("这个环节的报告太多"));
        }
        store::reported(tx, id, ctx.now())?;
        let calendar = calendar(ctx)?;
        let event = match &report {
            StepReport::Accepted { text } => told(ctx, tx, &mut own, "accepted", text)?,
            StepReport::Progress { text } => {
                let text = required(text, "text", "进展")?;
                told(ctx, tx, &mut own, "progress", &text)?
            }
            StepReport::Result { .. } => result(ctx, tx, &mut own, &calendar, &report)?,
            StepReport::Failed { code, text } => {
                let text = required(text, "text", "不能办理的原因")?;
                let event = told(ctx, tx, &mut own, "failed", &text)?;
                failed(ctx, tx, &mut own, &calendar, (code.as_deref(), &text))?;
                event
            }
        };
        commit(ctx, tx, &mut own.case, &calendar, &[event])?;
        Ok(own.case.project_no)
    })
    .await
}

fn by_system(ctx: &Ctx, tx: &mut Tx<'_>, own: &Own, officer: &str) -> Result<By> {
    let mut by = by(ctx, tx, &own.case, own.permit)?;
    let officer = officer.trim();
    if !officer.is_empty() {
        let officer: String = officer.chars().take(50).collect();
        by.name = format!("{}（{officer}）", by.name);
    }
    Ok(by)
}

fn add(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    own: &mut Own,
    fact: CaseFact,
    by: By,
) -> Result<crate::model::CaseEvent> {
    let keys = CaseKeys::open(ctx, &own.case)?;
    record(
        ctx,
        tx,
        &mut own.case,
        &keys,
        fact,
        by,
        Value::Array(Vec::new()),
    )
}

fn told(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    own: &mut Own,
    stage: &str,
    text: &str,
) -> Result<crate::model::CaseEvent> {
    if text.chars().count() > 2000 {
        return Err(problem("step.text", "text", "报告不能超过 2000 字"));
    }
    let fact = CaseFact::StepReported {
        step: own.step.name.clone(),
        stage: stage.to_owned(),
        text: text.trim().to_owned(),
    };
    let by = by_system(ctx, tx, own, "")?;
    add(ctx, tx, own, fact, by)
}

/// The variables of a result: only those that the step may set.
fn allowed(step: &OutsideStep, vars: &Map<String, Value>) -> Result<Vars> {
    if let Some(name) = vars.keys().find(|name| !step.sets.contains(*name)) {
        let message = format!("这个环节不能设置变量“{name}”");
        return Err(problem("step.vars", &format!("vars.{name}"), message));
    }
    if Value::Object(vars.clone()).to_string().len() > VARS_MAX {
        return Err(problem("step.vars", "vars", "变量的内容太长"));
    }
    let vars = vars.iter();
    Ok(vars
        .map(|(name, value)| (std::sync::Arc::from(name.as_str()), value.clone()))
        .collect())
}

fn result(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    own: &mut Own,
    calendar: &Calendar,
    report: &StepReport,
) -> Result<crate::model::CaseEvent> {
    let StepReport::Result {
        agreed,
        opinion,
        officer,
        vars,
    } = report
    else {
        return Err(Error::internal("a report that is no result"));
    };
    let opinion = required(opinion, "opinion", "意见")?;
    let mut vars = allowed(&own.step, vars)?;
    let organ_name = organ_name(tx, own.step.organ)?;
    let passed = *agreed;
    let fact = match own.step.act.as_str() {
        "review" => CaseFact::Reviewed {
            organ_name,
            passed,
            opinion,
        },
        "countersign" => {
            vars.insert(std::sync::Arc::from("agreed"), json!(passed));
            CaseFact::Countersigned {
                organ_name,
                agreed: passed,
                opinion,
            }
        }
        "" => CaseFact::StepReported {
            step: own.step.name.clone(),
            stage: if passed { "agreed" } else { "refused" }.to_owned(),
            text: opinion,
        },
        // Acceptance, notices and decisions are documents of the organ with its seal; an officer makes them (行政许可法 第三十二条、第三十八条).
        _ => {
            return Err(Error::conflict(
                "step.act",
                "这个环节依法由工作人员办理，外部系统不能代办",
            ));
        }
    };
    let by = by_system(ctx, tx, own, officer)?;
    let event = add(ctx, tx, own, fact, by)?;
    let command = match (own.step.kind, &own.task) {
        (StepKind::Task, Some(task)) => Command::Complete {
            task: task.number,
            vars,
        },
        _ => {
            vars.insert(std::sync::Arc::from("agreed"), json!(passed));
            Command::ServiceDone {
                work: own.step.number,
                vars,
            }
        }
    };
    let outcome = if passed { "通过" } else { "不通过" };
    let closing = Closing {
        outcome: Some(outcome),
        ..Closing::default()
    };
    store::close(tx, own.step.id, ctx.now(), Some(outcome))?;
    drive(ctx, tx, &mut own.case, calendar, &command, closing)?;
    Ok(event)
}

/// With a code the process goes on as it says; without one the step waits for an officer, and who mends incidents is told.
fn failed(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    own: &mut Own,
    calendar: &Calendar,
    (code, text): (Option<&str>, &str),
) -> Result<()> {
    let token = token_of(&own.case, &own.step);
    let Some(token) = token else { return Ok(()) };
    if let Some(code) = code {
        let command = Command::Fail {
            token,
            error: std::sync::Arc::from(code),
        };
        store::close(tx, own.step.id, ctx.now(), Some(code))?;
        return drive(
            ctx,
            tx,
            &mut own.case,
            calendar,
            &command,
            Closing::default(),
        );
    }
    match &own.task {
        Some(task) => {
            store::put_late(tx, own.step.id)?;
            incidents::of_task(ctx, tx, task, &own.step.system, text)
        }
        None if own.case.process.incidents.contains(&token) => Ok(()),
        None => {
            store::put_late(tx, own.step.id)?;
            let command = Command::ServiceFailed {
                work: own.step.number,
                reason: text.to_owned(),
            };
            drive(
                ctx,
                tx,
                &mut own.case,
                calendar,
                &command,
                Closing::default(),
            )
        }
    }
}

fn token_of(case: &Case, step: &OutsideStep) -> Option<u64> {
    let on = match step.kind {
        StepKind::Task => On::Task(step.number),
        StepKind::Work => On::Work(step.number),
    };
    let mut tokens = case.process.tokens.iter();
    tokens.find(|token| token.on == on).map(|token| token.id)
}

fn organ_name(tx: &mut Tx<'_>, organ: OrganId) -> Result<String> {
    Ok(tongban_accounts::organ(tx, organ)?.map_or_else(String::new, |organ| organ.name))
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

/// Whether somebody has been told that this step is in trouble.
pub async fn step_in_trouble(ctx: &Ctx, id: StepId) -> Result<bool> {
    ctx.db
        .read(move |tx| {
            let Some(step) = store::get(tx, id)? else {
                return Ok(false);
            };
            match step.kind {
                StepKind::Task => incident_rows::is_open(tx, step.case, Held::Task, step.number),
                StepKind::Work => {
                    let case = cases::get(tx, step.case)?.ok_or_else(Error::not_found)?;
                    Ok(token_of(&case, &step)
                        .is_some_and(|token| case.process.incidents.contains(&token)))
                }
            }
        })
        .await
}

/// The open steps of a system, oldest first; for tests and for its own reconciliation.
pub async fn open_steps(ctx: &Ctx) -> Result<Vec<StepId>> {
    let Actor::Outside(outside) = &ctx.actor else {
        return Err(Error::unauthenticated());
    };
    let code = outside.code.clone();
    ctx.db
        .read(move |tx| {
            tx.all(
                "SELECT id FROM outside_step WHERE system = $1 AND closed_at IS NULL ORDER BY id LIMIT 500",
                params![&code],
                |row| row.id(0),
            )
        })
        .await
}
