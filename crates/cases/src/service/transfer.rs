//! 转办: an open task goes to another officer of the same post and organ, who alone may then do it, or back to the post.

use serde::{Deserialize, Serialize};
use tongban_accounts::OfficerProfile;
use tongban_kernel::{Act, Actor, Error, OfficerId, Result, TaskId};
use tongban_storage::{Ctx, Tx};

use super::act::{OnTask, on_task, required};
use super::look::{hands, task_for};
use crate::model::{Case, CaseFact, Task};
use crate::store::{cases, tasks};

/// To whom, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Transfer {
    /// `None`: back to the post, so that anybody who holds it may do the task.
    pub to: Option<OfficerId>,
    pub reason: String,
}

/// Hands the task over; answers with the 办件编号.
pub async fn transfer(ctx: &Ctx, wish: OnTask<Transfer>) -> Result<String> {
    on_task(ctx, wish, Act::Transfer, |ctx, tx, acting, _, what| {
        let reason = required(&what.reason, "reason", "转办的理由")?;
        if let (Actor::Officer(me), Some(_)) = (&ctx.actor, acting.task.delegator())
            && acting.task.assigned == Some(me.officer)
        {
            return Err(Error::conflict(
                "transfer.delegated",
                "受委托办理的环节不能转办，请退还委托人",
            ));
        }
        let to_name = match what.to {
            Some(to) => {
                let found = receivers(tx, &acting.case, &acting.task)?
                    .into_iter()
                    .find(|officer| officer.id == to);
                let found = found.ok_or_else(|| {
                    Error::field(
                        "transfer.to",
                        "to",
                        "只能转给本机构同岗位、且可以办理本环节的其他人员",
                    )
                })?;
                Some(found.name)
            }
            None if acting.task.assigned.is_none() => {
                return Err(Error::field(
                    "transfer.to",
                    "to",
                    "这个环节没有转给个人，请选择转给谁",
                ));
            }
            None => None,
        };
        if tasks::assign(tx, &acting.task, what.to, None)? != 1 {
            return Err(cases::stale());
        }
        let fact = CaseFact::Transferred {
            task: acting.task.name.clone(),
            to: what.to,
            to_name,
            reason,
        };
        acting.record(ctx, tx, fact)
    })
    .await
}

/// The other officers of the post who may do the task: for a decision nobody who handled the case (行政许可法 第七十四条、四眼原则).
pub(crate) fn receivers(tx: &mut Tx<'_>, case: &Case, task: &Task) -> Result<Vec<OfficerProfile>> {
    let (Some(post), Some(organ)) = (task.post, task.organ) else {
        return Ok(Vec::new());
    };
    let worn = match task.act.as_str() {
        "decide" => tasks::handled_by(tx, case.id, task.id)?,
        _ => Vec::new(),
    };
    let mut found = hands(tx, organ, post)?;
    found.retain(|officer| Some(officer.id) != task.assigned && !worn.contains(&officer.id));
    Ok(found)
}

/// What can be done with a task in hand.
pub struct TransferDesk {
    pub task: Task,
    pub case: Case,
    /// Who has it in hand now.
    pub assigned: Option<OfficerProfile>,
    /// To whom it can go.
    pub receivers: Vec<OfficerProfile>,
}

/// For whoever may hand the task over.
pub async fn transfer_desk(ctx: &Ctx, id: TaskId) -> Result<TransferDesk> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let ctx = &ctx2;
            let (task, case) = task_for(ctx, tx, id, Act::Transfer)?;
            let mut receivers = receivers(tx, &case, &task)?;
            if let Actor::Officer(officer) = &ctx.actor {
                receivers.retain(|other| other.id != officer.officer);
            }
            let assigned = match task.assigned {
                Some(officer) => tongban_accounts::officer(tx, officer)?,
                None => None,
            };
            Ok(TransferDesk {
                task,
                case,
                assigned,
                receivers,
            })
        })
        .await
}
