//! An opinion in parallel approval whose limit is over (行政许可法 第二十六条第二款、第四十二条): the clockwork urges it once, in the name of the
//! system. Silence is no agreement; only where the process names the rule by which it is one, the step counts as agreed, and the record
//! names that rule.

use tongban_kernel::{Act, Actor, Error, ErrorKind, Resource, Result, TaskId};
use tongban_process::Command;
use tongban_storage::Ctx;

use super::act::enact;
use super::countersign::organ_name;
use super::drive::{Closing, drive, vars};
use super::parts::{calendar, definition};
use super::record::{CaseKeys, by, commit, record};
use super::send_back::named;
use crate::model::{AdviceFact, CaseEventKind, CaseFact, CaseState};
use crate::store::advice as rows;
use crate::store::{cases, tasks};

/// Urges what is late, or lets it count as agreed; at most `limit`. Returns how many.
pub async fn urge_overdue(ctx: &Ctx, limit: u32) -> Result<usize> {
    let today = ctx.clock.today();
    let code = CaseEventKind::HandlingStarted.code();
    let late = ctx
        .db
        .read(move |tx| rows::late(tx, today, code, limit))
        .await?;
    let mut done = 0;
    for task in late {
        match seen_late(ctx, task).await {
            Ok(()) => done += 1,
            // Somebody acted in the same moment.
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            // One that cannot go on must not hold the others up.
            Err(error) => tracing::error!(task.id = %task, "a late opinion: {error}"),
        }
    }
    Ok(done)
}

async fn seen_late(ctx: &Ctx, id: TaskId) -> Result<()> {
    let ctx2 = ctx.as_actor(Actor::System);
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let mut case = cases::of_task(tx, id)?.ok_or_else(Error::not_found)?;
            let task = tasks::get(tx, id)?.ok_or_else(Error::not_found)?;
            let due = task.due_on.filter(|due| *due < ctx.clock.today());
            let (Some(due), CaseState::Handling { .. }) = (due, &case.state) else {
                return Ok(());
            };
            if rows::see_late(tx, id)? != 1 {
                return Ok(());
            }
            let keys = CaseKeys::open(ctx, &case)?;
            let facts = case.facts(Some(&task), Vec::new());
            let definition = definition(ctx, tx, &case.process_hash)?;
            let rule = match task.act.as_str() {
                "review" => definition.late_basis(&task.element).map(str::to_owned),
                _ => None,
            };
            let Some(rule) = rule else {
                let permit = ctx.authorize(Act::Urge, Resource::Case(&facts))?;
                tasks::urge(tx, id)?;
                let fact = CaseFact::Urged {
                    tasks: vec![named(tx, &task)?],
                    reason: format!("应于 {due} 前提出意见，已经逾期"),
                };
                return enact(ctx, tx, &mut case, &keys, permit, fact, &[]).map(|_| ());
            };
            let permit = ctx.authorize(Act::DeemAgreed, Resource::Case(&facts))?;
            let mut by = by(ctx, tx, &case, permit)?;
            by.basis.clone_from(&rule);
            let fact = CaseFact::Advice(AdviceFact::DeemedAgreed {
                task: task.name.clone(),
                organ_name: organ_name(tx, task.organ)?,
                due,
                rule,
            });
            let files = serde_json::Value::Array(Vec::new());
            let event = record(ctx, tx, &mut case, &keys, fact, by, files)?;
            let calendar = calendar(ctx)?;
            let command = Command::Complete {
                task: task.number,
                vars: vars([]),
            };
            let closing = Closing {
                outcome: Some("逾期视为同意"),
                ..Closing::default()
            };
            drive(ctx, tx, &mut case, &calendar, &command, closing)?;
            commit(ctx, tx, &mut case, &calendar, &[event])
        })
        .await
}
