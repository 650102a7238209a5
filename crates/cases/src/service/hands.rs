//! In whose hand a task is, and in whose place it is done: the delegate for who delegated (委托), the cover for who is away (代办).

use tongban_kernel::{Actor, CaseFacts, OfficerId, Result};
use tongban_storage::{Ctx, Tx};

use crate::model::{Behalf, Case, InPlace, Task};

/// What the authority rules know of a task of `case`, with who covers today for the officer in whose hand it is.
pub(crate) fn task_facts(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    task: &Task,
    handled_by: Vec<OfficerId>,
) -> Result<CaseFacts> {
    let facts = case.facts(Some(task), handled_by);
    Ok(CaseFacts {
        covered_by: covered_by(ctx, tx, task)?,
        ..facts
    })
}

/// A delegated task has no cover: whoever delegated it can call it back.
fn covered_by(ctx: &Ctx, tx: &mut Tx<'_>, task: &Task) -> Result<Option<OfficerId>> {
    match task.assigned {
        Some(away) if task.delegator().is_none() => {
            tongban_accounts::cover_of(tx, away, ctx.clock.today())
        }
        _ => Ok(None),
    }
}

/// In whose place whoever acts would do the task; `None`: in their own.
pub(crate) fn behalf(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    task: &Task,
    facts: &CaseFacts,
) -> Result<Option<Behalf>> {
    let Actor::Officer(officer) = &ctx.actor else {
        return Ok(None);
    };
    let me = Some(officer.officer);
    let (how, other) = match (task.assigned, facts.delegator) {
        (assigned, Some(delegator)) if assigned == me => (InPlace::Delegated, delegator),
        (Some(away), None) if task.assigned != me && facts.covered_by == me => {
            (InPlace::Covering, away)
        }
        _ => return Ok(None),
    };
    let name = tongban_accounts::officer(tx, other)?.map(|one| one.name);
    Ok(Some(Behalf {
        how,
        officer: other,
        name: name.unwrap_or_default(),
    }))
}
