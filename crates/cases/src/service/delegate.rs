//! 委托 and its return: the officer to whom a task falls asks a colleague of the same post and organ to do it in their place.
//! Unlike 转办 the responsibility stays: the record says in whose place the task was done, four eyes see both, and either can end it.

use serde::{Deserialize, Serialize};
use tongban_accounts::OfficerProfile;
use tongban_kernel::{Act, Actor, Error, OfficerId, Result, TaskId};
use tongban_storage::{Ctx, Tx};

use super::act::{OnTask, on_task, required};
use super::look::task_for;
use super::transfer::receivers;
use crate::model::{Case, CaseFact, Task};
use crate::store::{cases, tasks};

/// To whom, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delegate {
    pub to: OfficerId,
    pub reason: String,
}

/// Why a delegation ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndDelegation {
    pub reason: String,
}

fn me(ctx: &Ctx) -> Result<OfficerId> {
    match &ctx.actor {
        Actor::Officer(officer) => Ok(officer.officer),
        _ => Err(Error::unauthenticated()),
    }
}

/// Why a task cannot be delegated: no delegation of what was delegated, and none by a cover.
fn refusal(task: &Task, me: OfficerId) -> Option<&'static str> {
    match (task.delegator(), task.assigned) {
        (Some(_), _) => Some("受委托办理的环节不能再委托"),
        (None, Some(other)) if other != me => Some("代他人办理的环节不能再委托"),
        _ => None,
    }
}

fn refuse(why: &'static str) -> Error {
    Error::conflict("delegation.chain", why).advice("请由委托人或者休假人员本人办理，或者转办")
}

/// Who could be asked: who may do the task, but not whoever asks.
fn delegates(
    tx: &mut Tx<'_>,
    case: &Case,
    task: &Task,
    me: OfficerId,
) -> Result<Vec<OfficerProfile>> {
    let mut found = receivers(tx, case, task)?;
    found.retain(|one| one.id != me);
    Ok(found)
}

/// Delegates the task; answers with the 办件编号.
pub async fn delegate(ctx: &Ctx, wish: OnTask<Delegate>) -> Result<String> {
    on_task(ctx, wish, Act::Delegate, |ctx, tx, acting, _, what| {
        let reason = required(&what.reason, "reason", "委托的理由")?;
        let me = me(ctx)?;
        if let Some(why) = refusal(&acting.task, me) {
            return Err(refuse(why));
        }
        let to = delegates(tx, &acting.case, &acting.task, me)?
            .into_iter()
            .find(|one| one.id == what.to)
            .ok_or_else(|| {
                Error::field(
                    "delegation.to",
                    "to",
                    "只能委托本机构同岗位、且可以办理本环节的其他人员",
                )
            })?;
        if tasks::assign(tx, &acting.task, Some(to.id), Some(me))? != 1 {
            return Err(cases::stale());
        }
        let fact = CaseFact::Delegated {
            task: acting.task.name.clone(),
            to: to.id,
            to_name: to.name,
            reason,
        };
        acting.record(ctx, tx, fact)
    })
    .await
}

/// Hands the task back, or calls it back: it is in the hand of who delegated it. Answers with the 办件编号.
pub async fn end_delegation(ctx: &Ctx, wish: OnTask<EndDelegation>) -> Result<String> {
    on_task(ctx, wish, Act::EndDelegation, |ctx, tx, acting, _, what| {
        let reason = required(&what.reason, "reason", "退还或者收回委托的理由")?;
        let delegator = acting.task.delegator().ok_or_else(none)?;
        let called_back = delegator == me(ctx)?;
        // Whoever has left the organ gets nothing back: then the post has it.
        let known = tongban_accounts::officer(tx, delegator)?;
        let to = known.as_ref().map(|one| one.id);
        if tasks::assign(tx, &acting.task, to, None)? != 1 {
            return Err(cases::stale());
        }
        let fact = CaseFact::DelegationEnded {
            task: acting.task.name.clone(),
            to: delegator,
            to_name: known.map(|one| one.name).unwrap_or_default(),
            called_back,
            reason,
        };
        acting.behalf = None;
        acting.record(ctx, tx, fact)
    })
    .await
}

fn none() -> Error {
    Error::conflict("delegation.none", "这个环节现在没有委托").advice("请刷新页面查看最新进展")
}

/// A task that can be delegated.
pub struct DelegateDesk {
    pub task: Task,
    pub case: Case,
    /// Why not; `None`: it can.
    pub refused: Option<&'static str>,
    pub delegates: Vec<OfficerProfile>,
}

/// For whoever may delegate the task.
pub async fn delegate_desk(ctx: &Ctx, id: TaskId) -> Result<DelegateDesk> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let (task, case) = task_for(&ctx2, tx, id, Act::Delegate)?;
            let me = me(&ctx2)?;
            let delegates = delegates(tx, &case, &task, me)?;
            let refused = refusal(&task, me);
            Ok(DelegateDesk {
                task,
                case,
                refused,
                delegates,
            })
        })
        .await
}

/// A delegated task.
pub struct DelegationDesk {
    pub case: Case,
    /// Whether whoever looks delegated it: then they call it back, otherwise they hand it back.
    pub own: bool,
    /// Name of the other one.
    pub other: String,
}

/// For whoever delegated the task, and for the delegate.
pub async fn delegation_desk(ctx: &Ctx, id: TaskId) -> Result<DelegationDesk> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let (task, case) = task_for(&ctx2, tx, id, Act::EndDelegation)?;
            let delegator = task.delegator().filter(|_| task.open).ok_or_else(none)?;
            let own = delegator == me(&ctx2)?;
            let other = if own { task.assigned } else { Some(delegator) };
            let other = match other {
                Some(other) => tongban_accounts::officer(tx, other)?.map(|one| one.name),
                None => None,
            };
            Ok(DelegationDesk {
                case,
                own,
                other: other.unwrap_or_default(),
            })
        })
        .await
}

/// Whether whoever looks may delegate this open task, and whether they may end its delegation.
pub(crate) fn may(ctx: &Ctx, task: &Task, facts: &tongban_kernel::CaseFacts) -> (bool, bool) {
    let allowed = |act| {
        ctx.authorize(act, tongban_kernel::Resource::Case(facts))
            .is_ok()
    };
    let free = me(ctx).is_ok_and(|me| refusal(task, me).is_none());
    (
        free && allowed(Act::Delegate),
        task.delegator().is_some() && allowed(Act::EndDelegation),
    )
}
