//! 催办: the applicant (once a day) and the organ that decides urge those who have an open task. It moves nothing.

use serde::{Deserialize, Serialize};
use tongban_kernel::{Act, Actor, CaseId, Error, Result, TaskId};
use tongban_storage::{Ctx, Tx};

use super::act::{enact, load_case, required};
use super::look::case_for;
use super::once::{Once, write_once};
use super::send_back::named;
use crate::model::{Case, CaseEvent, CaseFact, Task};
use crate::store::{cases, events, tasks};

/// Which task, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Urge {
    /// `None`: every open task of the case. An applicant always urges all.
    pub task: Option<TaskId>,
    pub reason: String,
}

/// Urges; a repeat with the same key gets the same answer, the 办件编号.
pub async fn urge(ctx: &Ctx, key: &str, id: CaseId, what: Urge) -> Result<String> {
    let once = Once::new(key, "urge", &(id, &what))?;
    write_once(ctx, Some(once), move |ctx, tx| {
        let (mut case, keys, permit) = load_case(ctx, tx, id, Act::Urge)?;
        let reason = required(&what.reason, "reason", "催办的理由")?;
        let applicant = matches!(ctx.actor, Actor::Citizen(_));
        if applicant && urged_today(ctx, &events::of_case(tx, case.id)?) {
            return Err(
                Error::conflict("urge.today", "您今天已经催办过本件，每天可以催办一次")
                    .advice("请明天再试，或者拨打本页上的咨询电话"),
            );
        }
        let mut wanted = open(tx, &case)?;
        if let (Some(task), false) = (what.task, applicant) {
            wanted.retain(|open| open.id == task);
        }
        if wanted.is_empty() {
            return Err(match what.task {
                Some(_) if !applicant => Error::field("urge.task", "task", "请选择正在办理的环节"),
                _ => Error::conflict("urge.none", "本件现在没有政务部门正在办理的环节"),
            });
        }
        let mut names = Vec::new();
        for task in &wanted {
            names.push(named(tx, task)?);
            if tasks::urge(tx, task.id)? != 1 {
                return Err(cases::stale());
            }
        }
        let fact = CaseFact::Urged {
            tasks: names,
            reason,
        };
        enact(ctx, tx, &mut case, &keys, permit, fact, &[])
    })
    .await
}

/// The open tasks that organs have; what the applicant has to do is no organ's.
fn open(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<Task>> {
    let mut open = tasks::of_case(tx, case.id)?;
    open.retain(|task| task.open && task.post.is_some());
    Ok(open)
}

/// Whether the applicant has urged on this day in China.
pub fn urged_today(ctx: &Ctx, record: &[CaseEvent]) -> bool {
    let today = ctx.clock.today();
    record.iter().any(|event| {
        matches!(event.fact, CaseFact::Urged { .. })
            && event.by.role == "applicant"
            && tongban_kernel::shanghai_date(event.at) == today
    })
}

/// What can be urged.
pub struct UrgeDesk {
    pub case: Case,
    /// The open tasks with the names of their organs.
    pub open: Vec<(Task, String)>,
    /// The applicant has urged today.
    pub today: bool,
}

/// For whoever may urge.
pub async fn urge_desk(ctx: &Ctx, project_no: &str) -> Result<UrgeDesk> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    ctx.db
        .read(move |tx| {
            let ctx = &ctx2;
            let case = case_for(ctx, tx, &project_no, Act::Urge)?;
            let mut found = Vec::new();
            for task in open(tx, &case)? {
                let words = named(tx, &task)?;
                found.push((task, words));
            }
            let record = events::of_case(tx, case.id)?;
            let today = matches!(ctx.actor, Actor::Citizen(_)) && urged_today(ctx, &record);
            Ok(UrgeDesk {
                case,
                open: found,
                today,
            })
        })
        .await
}
