//! What every act on a task has in common: repeat harmlessly, load, authorise next to the act, record, drive, save.

use serde_json::Value;
use tongban_kernel::{Act, Actor, CaseId, Error, Permit, Resource, Result, TaskId};
use tongban_limits::Calendar;
use tongban_process::{Command, Vars};
use tongban_storage::{Ctx, Replay, Stored, Tx, remember, replay};

use super::drive::{Closing, STUCK, drive};
use super::hands::{behalf, task_facts};
use super::parts::calendar;
use super::record::{CaseKeys, by, commit, record};
use crate::model::{Behalf, By, Case, CaseEvent, CaseFact, Task};
use crate::store::{cases, tasks};

/// An act on a task.
pub struct OnTask<T> {
    pub task: TaskId,
    /// Makes a repeat harmless.
    pub key: String,
    pub what: T,
}

/// Loads a case with its keys and asks for the permit of `act` on it, no task in hand.
pub(crate) fn load_case(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    id: CaseId,
    act: Act,
) -> Result<(Case, CaseKeys, Permit)> {
    let case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
    let permit = ctx.authorize(act, Resource::Case(&case.facts(None, Vec::new())))?;
    let keys = CaseKeys::open(ctx, &case)?;
    Ok((case, keys, permit))
}

/// An act without a task in hand: the fact is recorded first, then each command moves the process, then the case is saved.
/// Answers with the 办件编号.
pub(crate) fn enact(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &mut Case,
    keys: &CaseKeys,
    permit: Permit,
    fact: CaseFact,
    commands: &[Command],
) -> Result<String> {
    let calendar = calendar(ctx)?;
    let by = by(ctx, tx, case, permit)?;
    let files = Value::Array(Vec::new());
    let event = record(ctx, tx, case, keys, fact, by, files)?;
    for command in commands {
        drive(ctx, tx, case, &calendar, command, Closing::default())?;
    }
    commit(ctx, tx, case, &calendar, &[event])?;
    Ok(case.project_no.clone())
}

/// A loaded case with an open task of it.
pub(crate) struct Acting {
    pub(crate) case: Case,
    pub(crate) task: Task,
    pub(crate) keys: CaseKeys,
    pub(crate) permit: Permit,
    /// In whose place whoever acts does it.
    pub(crate) behalf: Option<Behalf>,
    events: Vec<CaseEvent>,
}

impl Acting {
    /// Loads the task and its case and asks for the permit of `act`.
    fn load(ctx: &Ctx, tx: &mut Tx<'_>, id: TaskId, act: Act) -> Result<Self> {
        let case = cases::of_task(tx, id)?.ok_or_else(Error::not_found)?;
        let task = tasks::get(tx, id)?.ok_or_else(Error::not_found)?;
        let handled_by = tasks::handled_by(tx, case.id, task.id)?;
        let facts = task_facts(ctx, tx, &case, &task, handled_by)?;
        let permit = ctx.authorize(act, Resource::Case(&facts))?;
        let behalf = behalf(ctx, tx, &task, &facts)?;
        if !task.open {
            return Err(
                Error::conflict("task.done", "这个环节已被办理，您的操作没有保存")
                    .advice("请刷新页面查看最新进展"),
            );
        }
        if act_key(act).is_some_and(|key| task.act != key) {
            return Err(Error::conflict(
                "task.other-act",
                "这个环节不是办理此事的环节",
            ));
        }
        let keys = CaseKeys::open(ctx, &case)?;
        Ok(Self {
            case,
            task,
            keys,
            permit,
            behalf,
            events: Vec::new(),
        })
    }

    /// Adds a fact in the name of whoever acts.
    pub(crate) fn record(&mut self, ctx: &Ctx, tx: &mut Tx<'_>, fact: CaseFact) -> Result<()> {
        let by = By {
            behalf: self.behalf.clone(),
            ..by(ctx, tx, &self.case, self.permit)?
        };
        self.record_by(ctx, tx, fact, by)
    }

    fn record_by(&mut self, ctx: &Ctx, tx: &mut Tx<'_>, fact: CaseFact, by: By) -> Result<()> {
        let files = Value::Array(Vec::new());
        let event = record(ctx, tx, &mut self.case, &self.keys, fact, by, files)?;
        self.events.push(event);
        Ok(())
    }

    /// Drives the process by an order about the task, which then is nobody's work.
    pub(crate) fn order(
        &mut self,
        ctx: &Ctx,
        tx: &mut Tx<'_>,
        calendar: &Calendar,
        command: &Command,
    ) -> Result<()> {
        drive(
            ctx,
            tx,
            &mut self.case,
            calendar,
            command,
            Closing::default(),
        )
    }

    /// Completes the task in the process.
    pub(crate) fn complete(
        &mut self,
        ctx: &Ctx,
        tx: &mut Tx<'_>,
        calendar: &Calendar,
        outcome: &str,
        vars: Vars,
    ) -> Result<()> {
        let officer = match &ctx.actor {
            Actor::Officer(officer) => Some(officer.officer),
            _ => None,
        };
        let command = Command::Complete {
            task: self.task.number,
            vars,
        };
        drive(
            ctx,
            tx,
            &mut self.case,
            calendar,
            &command,
            Closing {
                officer,
                for_officer: self.behalf.as_ref().map(|other| other.officer),
                outcome: Some(outcome),
            },
        )
    }
}

/// The act as process definitions write it; `None` for acts that fit every task.
fn act_key(act: Act) -> Option<&'static str> {
    if matches!(
        act,
        Act::Transfer
            | Act::SendBack
            | Act::Delegate
            | Act::EndDelegation
            | Act::AskOpinion
            | Act::SendCopy
            | Act::AskSigner
    ) {
        return None;
    }
    let key = KEYS.iter().find(|(_, acts)| acts.contains(&act));
    Some(key.map_or("", |(key, _)| key))
}

/// What can be done with a task, by the act that its definition names.
const KEYS: [(&str, &[Act]); 6] = [
    (
        "pre-review",
        &[
            Act::PreReview,
            Act::RequestSupplement,
            Act::RefuseAcceptance,
        ],
    ),
    ("accept", &[Act::Accept]),
    ("review", &[Act::Review]),
    ("countersign", &[Act::Countersign]),
    ("decide", &[Act::Decide]),
    ("supplement", &[Act::Supplement]),
];

/// The act that moves a task on whose definition names `key`; `None` if there is no such act.
pub(crate) fn act_named(key: &str) -> Option<Act> {
    let (_, acts) = KEYS.iter().find(|(known, _)| *known == key)?;
    acts.first().copied()
}

/// Runs `work` on the open task as one unit of work; the answer is the 办件编号.
pub(crate) async fn on_task<T, F>(ctx: &Ctx, wish: OnTask<T>, act: Act, work: F) -> Result<String>
where
    T: Clone + serde::Serialize + Send + Sync + 'static,
    F: Fn(&Ctx, &mut Tx<'_>, &mut Acting, &Calendar, &T) -> Result<()> + Send + Sync + 'static,
{
    let request = serde_json::to_vec(&(wish.task, act.label(), &wish.what))
        .map_err(|source| Error::internal("request cannot be written").source(source))?;
    let (ctx2, principal, task) = (ctx.clone(), ctx.actor.principal(), wish.task);
    let done = ctx
        .db
        .write(move |tx| {
            let ctx = &ctx2;
            if let Replay::Seen(stored) = replay(tx, &principal, &wish.key, &request)? {
                return Ok(stored.body);
            }
            let calendar = calendar(ctx)?;
            let mut acting = Acting::load(ctx, tx, wish.task, act)?;
            work(ctx, tx, &mut acting, &calendar, &wish.what)?;
            let events = std::mem::take(&mut acting.events);
            commit(ctx, tx, &mut acting.case, &calendar, &events)?;
            let answer = Stored {
                status: 200,
                body: acting.case.project_no.clone(),
            };
            remember(tx, &principal, &wish.key, &request, &answer, ctx.now())?;
            Ok(answer.body)
        })
        .await;
    if let Err(error) = &done
        && error.code() == STUCK
    {
        super::incidents::stuck(ctx, task, error).await;
    }
    done
}

/// Text that an officer must give.
pub(crate) fn required(text: &str, field: &'static str, what: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 2000 {
        let message = if text.is_empty() {
            format!("请填写{what}")
        } else {
            format!("{what}不能超过 2000 字")
        };
        return Err(Error::field("case.text", field, message));
    }
    Ok(text.to_owned())
}
