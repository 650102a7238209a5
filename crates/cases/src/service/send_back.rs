//! 退回: an open task goes back to an earlier step. What other branches have open is taken away with it, and said beforehand.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tongban_kernel::{Act, Error, Result, TaskId};
use tongban_process::{Command, Definition, Effect};
use tongban_storage::{Ctx, Tx};

use super::act::{OnTask, on_task, required};
use super::drive::foresee;
use super::look::task_for;
use super::parts::definition;
use crate::model::{Case, CaseFact, CaseState, Task};
use crate::store::tasks;

/// Where to, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SendBack {
    /// Element of the process definition.
    pub to: String,
    pub reason: String,
}

/// A step to which a case can go, and what that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Element of the process definition.
    pub element: String,
    pub name: String,
    /// Other open tasks that are taken away, with the names of their organs.
    pub withdrawn: Vec<String>,
    /// Tasks that were done and are done again.
    pub again: Vec<String>,
}

/// Sends the task back; answers with the 办件编号.
pub async fn send_back(ctx: &Ctx, wish: OnTask<SendBack>) -> Result<String> {
    on_task(
        ctx,
        wish,
        Act::SendBack,
        |ctx, tx, acting, calendar, what| {
            let reason = required(&what.reason, "reason", "退回的理由")?;
            let way = ways(ctx, tx, &acting.case, &acting.task)?
                .into_iter()
                .find(|way| way.element == what.to)
                .ok_or_else(|| Error::field("send-back.to", "to", "请选择可以退回的环节"))?;
            let command = back(&acting.task, &way.element, &reason);
            let fact = CaseFact::SentBack {
                from: acting.task.name.clone(),
                to: way.name,
                withdrawn: way.withdrawn,
                reason,
            };
            acting.record(ctx, tx, fact)?;
            acting.order(ctx, tx, calendar, &command)
        },
    )
    .await
}

fn back(task: &Task, to: &str, reason: &str) -> Command {
    Command::Return {
        task: task.number,
        to: Arc::from(to),
        reason: reason.to_owned(),
    }
}

/// Whether the act of a step can be done in this state: before acceptance nobody reviews, after it nothing is asked for.
pub(crate) fn fits(state: &CaseState, act: Option<&str>) -> bool {
    match (state, act) {
        (CaseState::Received { .. }, Some("pre-review" | "accept")) => true,
        (CaseState::Handling { .. }, Some(act)) => {
            matches!(
                act,
                "pre-review" | "accept" | "review" | "countersign" | "decide"
            )
        }
        _ => false,
    }
}

/// The steps to which the task can be sent back, each tried on a copy of the process.
fn ways(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case, task: &Task) -> Result<Vec<Way>> {
    let definition = definition(ctx, tx, &case.process_hash)?;
    let mut found = Vec::new();
    for target in definition.return_targets(&task.element) {
        if !fits(&case.state, definition.act_of(target.id)) {
            continue;
        }
        let command = back(task, target.id, "");
        // What the process refuses is not offered.
        if let Ok(effects) = foresee(ctx, tx, case, &command) {
            let way = way(
                tx,
                case,
                &definition,
                (target.id, target.name),
                &effects,
                Some(task),
            )?;
            found.push(way);
        }
    }
    Ok(found)
}

/// An open or done task with the organ that has it, in words.
pub(crate) fn named(tx: &mut Tx<'_>, task: &Task) -> Result<String> {
    let organ = match task.organ {
        Some(organ) => tongban_accounts::organ(tx, organ)?.map(|organ| organ.name),
        None => None,
    };
    Ok(match organ {
        Some(organ) => format!("{}（{organ}）", task.name),
        None => task.name.clone(),
    })
}

/// What the effects of an order mean for the tasks of the case.
pub(crate) fn way(
    tx: &mut Tx<'_>,
    case: &Case,
    definition: &Definition,
    to: (&str, &str),
    effects: &[Effect],
    own: Option<&Task>,
) -> Result<Way> {
    let closed = |number: u64| {
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::CloseTask { task, .. } if *task == number))
    };
    let after: Vec<&str> = definition.after_all(to.0).collect();
    let (mut withdrawn, mut again) = (Vec::new(), Vec::new());
    for task in tasks::of_case(tx, case.id)? {
        let words = named(tx, &task)?;
        if task.open && closed(task.number) && own.is_none_or(|own| own.id != task.id) {
            withdrawn.push(words);
        } else if task.officer.is_some()
            && after.contains(&task.element.as_str())
            && !again.contains(&words)
        {
            again.push(words);
        }
    }
    Ok(Way {
        element: to.0.to_owned(),
        name: to.1.to_owned(),
        withdrawn,
        again,
    })
}

/// A task with the steps to which it can go back.
pub struct SendBackDesk {
    pub task: Task,
    pub case: Case,
    pub ways: Vec<Way>,
}

/// For whoever may send the task back.
pub async fn send_back_desk(ctx: &Ctx, id: TaskId) -> Result<SendBackDesk> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let ctx = &ctx2;
            let (task, case) = task_for(ctx, tx, id, Act::SendBack)?;
            let ways = match task.open {
                true => ways(ctx, tx, &case, &task)?,
                false => Vec::new(),
            };
            Ok(SendBackDesk { task, case, ways })
        })
        .await
}
