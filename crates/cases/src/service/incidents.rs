//! 流程异常: what cannot go on by itself becomes a row that administrators and the item managers of the organ see, and that they mend
//! by hand: try again, answer for a service, or end the step with a business error. Each is an act with its leaf.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tongban_kernel::{
    Act, Actor, CaseId, Error, Event, IncidentId, OrganFacts, OrganId, Post, Resource, Result,
    TaskId,
};
use tongban_process::{Command, On, Outside, Vars};
use tongban_storage::{Ctx, Tx, params};

use super::act::required;
use super::drive::{Closing, drive};
use super::once::{Once, write_once};
use super::parts::{calendar, definition};
use super::record::{CaseKeys, by, commit, record};
use crate::model::{Case, CaseFact, Held, Incident, Repair};
use crate::store::incidents::{self as store, Note};
use crate::store::{cases, tasks};

/// Longest error text that is kept, characters.
const ERROR_MAX: usize = 500;
/// Most that is typed as values, bytes.
const VALUES_MAX: usize = 10_000;
/// How long a timer waits whose firing failed; doubled with each further failure.
const TIMER_RETRY: SignedDuration = SignedDuration::from_mins(10);
/// The longest such wait.
const TIMER_RETRY_MAX: SignedDuration = SignedDuration::from_hours(12);

fn shortened(error: &str) -> String {
    error.chars().take(ERROR_MAX).collect()
}

/// The name of an element in the picture of the main process of `case`; its id if it has none there.
pub(crate) fn name_of(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case, element: &str) -> Result<String> {
    let definition = definition(ctx, tx, &case.process_hash)?;
    let name = definition
        .element(element)
        .map(|found| found.name.to_owned());
    Ok(name
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| element.to_owned()))
}

/// The effect of the engine by which a token is held.
pub(crate) fn of_token(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    (token, element): (u64, &str),
    reason: &str,
) -> Result<()> {
    let definition = definition(ctx, tx, &case.process_hash)?;
    let service = definition.service_of(element).unwrap_or_default();
    let service = match Outside::of_service(service) {
        Some(outside) => outside.system,
        None => service.to_owned(),
    };
    let name = name_of(ctx, tx, case, element)?;
    let note = Note {
        held: Held::Token,
        number: token,
        element,
        name: &name,
        service: &service,
        organ: case.organ,
        error: &shortened(reason),
        tries: 1,
    };
    store::note(tx, ctx.ids.id(ctx.now()), case.id, &note, ctx.now()).map(|_| ())
}

/// A task that is open but stuck.
pub(crate) fn of_task(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    task: &crate::model::Task,
    service: &str,
    reason: &str,
) -> Result<()> {
    let case = cases::get(tx, task.case)?.ok_or_else(Error::not_found)?;
    let note = Note {
        held: Held::Task,
        number: task.number,
        element: &task.element,
        name: &task.name,
        service,
        organ: task.organ.unwrap_or(case.organ),
        error: &shortened(reason),
        tries: 1,
    };
    store::note(tx, ctx.ids.id(ctx.now()), case.id, &note, ctx.now()).map(|_| ())
}

/// An officer completed a task and the process could not go on (an expression or decision that fails): nothing was saved, and who
/// can mend it is told. Best effort: the officer has the refusal in any case.
pub(crate) async fn stuck(ctx: &Ctx, task: TaskId, error: &Error) {
    let (ctx2, reason) = (ctx.clone(), error.context_text().to_owned());
    let noted = ctx
        .db
        .write(move |tx| match tasks::get(tx, task)? {
            Some(task) if task.open => of_task(&ctx2, tx, &task, "", &reason),
            _ => Ok(()),
        })
        .await;
    if let Err(error) = noted {
        tracing::error!("incident could not be noted: {error}");
    }
}

/// A service was asked as often as is sensible and gave up: its step is held by an incident. Nothing if it was answered or taken away
/// in the meantime. `event` is the call, `tries` how often it was handed over.
pub async fn service_failed(ctx: &Ctx, event: &Event, why: &str, tries: u32) -> Result<()> {
    let id: CaseId = event.subject.parse().map_err(|_| Error::not_found())?;
    let work = event
        .data
        .get("work")
        .and_then(Value::as_u64)
        .ok_or_else(|| Error::internal("service call without work"))?;
    let (ctx2, reason) = (ctx.as_actor(Actor::System), shortened(why));
    ctx.db
        .write(move |tx| hold(&ctx2, tx, id, work, &reason, tries))
        .await
}

/// Holds the step of `work` by an incident.
pub(crate) fn hold(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    id: CaseId,
    work: u64,
    reason: &str,
    tries: u32,
) -> Result<()> {
    let mut case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
    let Some(token) = token_of(&case, work) else {
        return Ok(());
    };
    if store::is_open(tx, id, Held::Token, token)? {
        return Ok(());
    }
    let calendar = calendar(ctx)?;
    let command = Command::ServiceFailed {
        work,
        reason: reason.to_owned(),
    };
    drive(ctx, tx, &mut case, &calendar, &command, Closing::default())?;
    store::put_tries(tx, id, token, tries)?;
    commit(ctx, tx, &mut case, &calendar, &[])
}

/// The token that waits for this work item.
fn token_of(case: &Case, work: u64) -> Option<u64> {
    let mut tokens = case.process.tokens.iter();
    tokens
        .find(|token| token.on == On::Work(work))
        .map(|token| token.id)
}

/// A timer could not fire: counted, and tried again after a pause that doubles.
pub(crate) async fn timer_failed(ctx: &Ctx, id: CaseId, timer: u64, error: &Error) -> Result<()> {
    let ctx2 = ctx.clone();
    let reason = match error.context_text() {
        "" => error.message().to_owned(),
        context => context.to_owned(),
    };
    ctx.db
        .write(move |tx| {
            let (ctx, now) = (&ctx2, ctx2.now());
            let case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
            let mut timers = case.process.timers();
            let element = timers.find(|armed| armed.id == timer);
            let element = element.map_or_else(String::new, |armed| armed.element.to_string());
            let name = name_of(ctx, tx, &case, &element)?;
            let note = Note {
                held: Held::Timer,
                number: timer,
                element: &element,
                name: &name,
                service: "",
                organ: case.organ,
                error: &shortened(&reason),
                tries: 1,
            };
            let tries = store::note(tx, ctx.ids.id(now), id, &note, now)?;
            put_off(tx, id, timer, now + pause(tries))
        })
        .await
}

fn pause(tries: u32) -> SignedDuration {
    let doubled = 1_i32.checked_shl(tries.saturating_sub(1)).unwrap_or(0);
    match TIMER_RETRY.checked_mul(doubled) {
        Some(pause) if doubled > 0 && pause < TIMER_RETRY_MAX => pause,
        _ => TIMER_RETRY_MAX,
    }
}

fn put_off(tx: &mut Tx<'_>, id: CaseId, timer: u64, until: Timestamp) -> Result<()> {
    tx.put(
        "UPDATE process_timer SET due_at = $3 WHERE case_id = $1 AND number = $2",
        params![id, i64::try_from(timer).unwrap_or(i64::MAX), until],
    )
}

/// Incidents of tokens that went on or were taken away are over.
pub(crate) fn settle(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case, before: &[u64]) -> Result<()> {
    for token in before {
        if !case.process.incidents.contains(token) {
            store::close(tx, case.id, Held::Token, *token, "over", ctx.now())?;
        }
    }
    Ok(())
}

/// Whether whoever looks sees the incidents of all organs; else only those of their own.
fn scope(ctx: &Ctx) -> Result<Option<OrganId>> {
    let Actor::Officer(officer) = &ctx.actor else {
        ctx.authorize(Act::ViewIncidents, Resource::Platform)?;
        return Ok(None);
    };
    let organ = officer.organ;
    ctx.authorize(Act::ViewIncidents, Resource::Organ(&OrganFacts { organ }))?;
    Ok((!officer.holds(Post::SystemAdmin)).then_some(organ))
}

/// The incidents that wait for somebody, oldest first.
pub async fn incidents(ctx: &Ctx, after: Option<IncidentId>, limit: i64) -> Result<Vec<Incident>> {
    let organ = scope(ctx)?;
    ctx.db
        .read(move |tx| store::open(tx, organ, after, limit))
        .await
}

/// An incident with what can be done about it.
pub struct IncidentDesk {
    pub incident: Incident,
    /// It still waits for somebody.
    pub waits: bool,
    /// Whoever looks may have it tried again.
    pub may_retry: bool,
    /// Whoever looks may answer for the service or raise an error.
    pub may_settle: bool,
}

fn seen(ctx: &Ctx, tx: &mut Tx<'_>, id: IncidentId) -> Result<(Incident, Case)> {
    let organ = scope(ctx)?;
    let incident = store::get(tx, id)?
        .filter(|one| organ.is_none_or(|own| one.lead == own || one.organ == own))
        .ok_or_else(Error::not_found)?;
    let case = cases::get(tx, incident.case)?.ok_or_else(Error::not_found)?;
    Ok((incident, case))
}

/// For whoever may see it.
pub async fn incident(ctx: &Ctx, id: IncidentId) -> Result<IncidentDesk> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let (incident, case) = seen(&ctx2, tx, id)?;
            let facts = case.facts(None, Vec::new());
            let may = |act| ctx2.authorize(act, Resource::Case(&facts)).is_ok();
            let service = incident.held == Held::Token && !incident.service.is_empty();
            Ok(IncidentDesk {
                waits: store::waits(tx, id)?,
                may_retry: may(Act::RetryStep),
                may_settle: service && may(Act::SettleStep),
                incident,
            })
        })
        .await
}

/// Mends an incident; a repeat with the same key gets the same answer, the 办件编号.
pub async fn repair(
    ctx: &Ctx,
    key: &str,
    id: IncidentId,
    what: Repair,
    reason: String,
) -> Result<String> {
    let once = Once::new(key, "repair", &(id, &what, &reason))?;
    write_once(ctx, Some(once), move |ctx, tx| {
        let (incident, mut case) = seen(ctx, tx, id)?;
        let act = match what {
            Repair::Again => Act::RetryStep,
            _ => Act::SettleStep,
        };
        let facts = case.facts(None, Vec::new());
        let permit = ctx.authorize(act, Resource::Case(&facts))?;
        let reason = required(&reason, "reason", "处置的理由")?;
        if !store::waits(tx, id)? {
            return Err(
                Error::conflict("incident.over", "这处异常已经处置或者不再存在")
                    .advice("请刷新页面查看最新进展"),
            );
        }
        let calendar = calendar(ctx)?;
        let detail = detail(&incident, &what)?;
        let keys = CaseKeys::open(ctx, &case)?;
        let by = by(ctx, tx, &case, permit)?;
        let fact = CaseFact::Repaired {
            step: incident.name.clone(),
            way: what.key().to_owned(),
            detail,
            reason,
        };
        let files = Value::Array(Vec::new());
        let event = record(ctx, tx, &mut case, &keys, fact, by, files)?;
        store::close(
            tx,
            case.id,
            incident.held,
            incident.number,
            what.key(),
            ctx.now(),
        )?;
        match incident.held {
            Held::Token => {
                let command = command(&case, &incident, &what)?;
                drive(ctx, tx, &mut case, &calendar, &command, Closing::default())?;
            }
            Held::Timer => put_off(tx, case.id, incident.number, ctx.now())?,
            Held::Task => super::outside::announce_again(ctx, tx, &case, incident.number)?,
        }
        commit(ctx, tx, &mut case, &calendar, &[event])?;
        Ok(case.project_no)
    })
    .await
}

/// What was typed, for the record; refused where it does not fit.
fn detail(incident: &Incident, what: &Repair) -> Result<String> {
    let service = incident.held == Held::Token && !incident.service.is_empty();
    match what {
        Repair::Again => Ok(String::new()),
        _ if !service => Err(Error::field(
            "incident.way",
            "way",
            "只有服务环节可以代为答复或者报业务错误，这处异常只能重试",
        )),
        Repair::Answer { values } => {
            let text = Value::Object(values.clone()).to_string();
            if text.len() > VALUES_MAX
                || values
                    .keys()
                    .any(|name| name.is_empty() || name.len() > 200)
            {
                return Err(Error::field(
                    "incident.values",
                    "values",
                    "答复的内容太长或者名称不对",
                ));
            }
            Ok(text)
        }
        Repair::Error { code } => required(code, "error", "业务错误代码"),
    }
}

/// What the engine is told about a token that is held.
fn command(case: &Case, incident: &Incident, what: &Repair) -> Result<Command> {
    let token = incident.number;
    let work = case.process.tokens.iter().find_map(|held| match held.on {
        On::Work(work) if held.id == token => Some(work),
        _ => None,
    });
    let gone = || Error::field("incident.way", "way", "这个环节没有在等待服务的答复");
    Ok(match what {
        Repair::Again => Command::Retry { token },
        Repair::Answer { values } => Command::ServiceDone {
            work: work.ok_or_else(gone)?,
            vars: values
                .iter()
                .map(|(name, value)| (std::sync::Arc::from(name.as_str()), value.clone()))
                .collect::<Vars>(),
        },
        Repair::Error { code } => {
            work.ok_or_else(gone)?;
            Command::Fail {
                token,
                error: std::sync::Arc::from(code.trim()),
            }
        }
    })
}
