//! 拿回: whoever did the last step takes it back while the next hand has not acted.
//!
//! The completion of a task keeps the tokens to which it led. As long as each of them is where it came to rest, nobody has acted
//! on it; the question is asked in the transaction that moves them back, so the revision of the case decides who was first.

use std::sync::Arc;

use tongban_kernel::{Act, Actor, Error, Resource, Result, TaskId};
use tongban_process::{Command, Definition, Id, Token};
use tongban_storage::{Ctx, Tx};

use super::act::{enact, required};
use super::drive::foresee;
use super::hands::task_facts;
use super::look::visible;
use super::once::{Once, write_once};
use super::parts::definition;
use super::record::CaseKeys;
use super::send_back::way;
use crate::model::{Case, CaseFact, CaseState, Task};
use crate::store::{cases, tasks};

/// Takes a task back that whoever acts has done; it is open again, in the same hand. A repeat with the same key gets the same
/// answer, the 办件编号.
pub async fn take_back(ctx: &Ctx, key: &str, id: TaskId, reason: String) -> Result<String> {
    let once = Once::new(key, "take-back", &(id, &reason))?;
    write_once(ctx, Some(once), move |ctx, tx| {
        let (task, mut case) = own(ctx, tx, id)?;
        let facts = task_facts(ctx, tx, &case, &task, Vec::new())?;
        let permit = ctx.authorize(Act::TakeBack, Resource::Case(&facts))?;
        let reason = required(&reason, "reason", "拿回的理由")?;
        let definition = definition(ctx, tx, &case.process_hash)?;
        let command = Command::Move {
            from: from(tx, &case, &task, &definition)?,
            to: vec![Arc::from(task.element.as_str())],
            reason: reason.clone(),
        };
        let effects = foresee(ctx, tx, &case, &command)?;
        let to = (task.element.as_str(), task.name.as_str());
        let way = way(tx, &case, &definition, to, &effects, None)?;
        let keys = CaseKeys::open(ctx, &case)?;
        let fact = CaseFact::TakenBack {
            task: task.name.clone(),
            withdrawn: way.withdrawn,
            reason,
        };
        let project_no = enact(ctx, tx, &mut case, &keys, permit, fact, &[command])?;
        for anew in tasks::of_case(tx, case.id)? {
            if anew.open && anew.element == task.element && anew.assigned.is_none() {
                // In the same hand: of the delegate, or of who was away and is covered for.
                match task.delegator() {
                    None if task.for_officer.is_some() => {
                        tasks::assign(tx, &anew, task.for_officer, None)?
                    }
                    delegator => tasks::assign(tx, &anew, task.officer, delegator)?,
                };
            }
        }
        Ok(project_no)
    })
    .await
}

/// A task that whoever acts has done, with its case; another's looks absent.
fn own(ctx: &Ctx, tx: &mut Tx<'_>, id: TaskId) -> Result<(Task, Case)> {
    let case = visible(ctx, cases::of_task(tx, id)?)?;
    let task = tasks::get(tx, id)?.ok_or_else(Error::not_found)?;
    match &ctx.actor {
        Actor::Officer(officer) if task.officer == Some(officer.officer) => Ok((task, case)),
        _ => Err(Error::not_allowed(
            "take-back.other",
            "只有办理这个环节的人员可以拿回",
        )),
    }
}

/// Where the tokens are that the task led to, or why it cannot be taken back.
fn from(tx: &mut Tx<'_>, case: &Case, task: &Task, definition: &Definition) -> Result<Vec<Id>> {
    let refuse = |why: &str| Err(Error::conflict("take-back.late", why.to_owned()));
    let internal = matches!(
        (task.act.as_str(), &case.state),
        (
            "pre-review",
            CaseState::Received { .. } | CaseState::Handling { .. }
        ) | ("review", CaseState::Handling { .. })
    );
    if !internal {
        return refuse("本环节的办理结果已经对外生效，或本件已进入其他状态，不能拿回");
    }
    if definition.item_of(&task.element).is_some() {
        return refuse("会签意见已经汇入，不能拿回");
    }
    let led_to = tasks::led_to(tx, task.id)?;
    let now = &case.process.tokens;
    if led_to.is_empty() || !led_to.iter().all(|token| now.contains(token)) {
        return refuse("下一环节已经办理，不能拿回");
    }
    let shared = |token: &Token| led_to.iter().any(|own| own.at == token.at);
    if now
        .iter()
        .any(|token| shared(token) && !led_to.contains(token))
    {
        return refuse("本环节的结果已与其他分支汇合，不能拿回");
    }
    let mut places: Vec<Id> = led_to.into_iter().map(|token| token.at).collect();
    places.dedup();
    Ok(places)
}

/// A task that may be taken back.
pub struct TakeBackDesk {
    pub task: Task,
    pub case: Case,
    /// Why not any more; `None`: it may.
    pub refused: Option<String>,
}

/// For the officer who did the task.
pub async fn take_back_desk(ctx: &Ctx, id: TaskId) -> Result<TakeBackDesk> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let ctx = &ctx2;
            let (task, case) = own(ctx, tx, id)?;
            let definition = definition(ctx, tx, &case.process_hash)?;
            let refused = why_not(ctx, tx, &case, &task, &definition)?;
            Ok(TakeBackDesk {
                task,
                case,
                refused,
            })
        })
        .await
}

fn why_not(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    task: &Task,
    definition: &Definition,
) -> Result<Option<String>> {
    let facts = task_facts(ctx, tx, case, task, Vec::new())?;
    if let Err(refused) = ctx.authorize(Act::TakeBack, Resource::Case(&facts)) {
        return Ok(Some(refused.message().to_owned()));
    }
    match from(tx, case, task, definition) {
        Ok(_) => Ok(None),
        Err(refused) if refused.kind() == tongban_kernel::ErrorKind::Conflict => {
            Ok(Some(refused.message().to_owned()))
        }
        Err(broken) => Err(broken),
    }
}

/// The tasks of a case that whoever looks may take back.
pub(crate) fn mine(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<Vec<TaskId>> {
    let Actor::Officer(officer) = &ctx.actor else {
        return Ok(Vec::new());
    };
    let mut done = tasks::of_case(tx, case.id)?;
    done.retain(|task| !task.open && task.officer == Some(officer.officer));
    if done.is_empty() {
        return Ok(Vec::new());
    }
    let definition = definition(ctx, tx, &case.process_hash)?;
    let mut found = Vec::new();
    for task in done {
        if why_not(ctx, tx, case, &task, &definition)?.is_none() {
            found.push(task.id);
        }
    }
    Ok(found)
}
