//! The flow picture of a case: where it stands, and where it has been.
//!
//! The engine's own record is not kept per case; what is kept are the tasks (who, when, how they ended, where their completion led)
//! and the record of the case. Flows are derived from them, and only those that must have been taken (`tongban_process::trail`).

use std::collections::BTreeMap;
use std::sync::Arc;

use tongban_kernel::{OfficerId, Result};
use tongban_process::{Definition, Id, Marks, Orders, State, Stay, StayEnd, What, trail};
use tongban_storage::{Ctx, Tx};

use super::look::visible;
use super::parts::definition;
use crate::model::{Case, CaseEvent, CaseFact, Task};
use crate::store::{cases, events, tasks};

/// One task of a case as the table beside the picture shows it.
#[derive(Debug, Clone)]
pub struct FlowStep {
    pub task: Task,
    pub end: StayEnd,
    pub organ_name: Option<String>,
    /// The officer who did it, as the record names them.
    pub officer_name: Option<String>,
    /// It was or is beyond its due day.
    pub late: bool,
}

/// The picture of one process: of the case itself, or of one that it has called.
#[derive(Debug, Clone)]
pub struct FlowPart {
    pub definition: Arc<Definition>,
    pub marks: Marks,
    /// The elements of the case's own process that wait for this one; none for that process itself.
    pub called_at: Vec<Id>,
}

/// Everything about the flow of a case.
#[derive(Debug, Clone)]
pub struct CaseFlow {
    /// The case's own process first, then those that are called at present.
    pub parts: Vec<FlowPart>,
    /// All tasks, oldest first.
    pub steps: Vec<FlowStep>,
    /// The case has changed its version: flows are not derived.
    pub migrated: bool,
}

/// The flow of a case, for whoever may see the case. Shows nothing that was typed, so it is no look that leaves a trace.
pub async fn case_flow(ctx: &Ctx, project_no: &str) -> Result<CaseFlow> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    ctx.db
        .read(move |tx| {
            let case = visible(&ctx2, cases::by_number(tx, &project_no)?)?;
            flow(&ctx2, tx, &case)
        })
        .await
}

fn flow(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<CaseFlow> {
    let own = definition(ctx, tx, &case.process_hash)?;
    let record = events::of_case(tx, case.id)?;
    let steps = steps(ctx, tx, case, &record)?;
    let orders = orders(&own, &record);
    let stays: Vec<Stay> = steps.iter().map(|(_, stay)| stay.clone()).collect();
    let marks = trail(&own, &case.process, &stays, &orders);
    let mut parts = vec![FlowPart {
        definition: own,
        marks,
        called_at: Vec::new(),
    }];
    for (hash, called_at) in called(&case.process) {
        let definition = definition(ctx, tx, &hash)?;
        parts.push(FlowPart {
            marks: Marks::inside(&case.process, &hash),
            definition,
            called_at,
        });
    }
    Ok(CaseFlow {
        parts,
        steps: steps.into_iter().map(|(step, _)| step).collect(),
        migrated: orders.migrated,
    })
}

/// The files of open calls, with the elements that wait for them.
fn called(state: &State) -> BTreeMap<Arc<str>, Vec<Id>> {
    let mut found: BTreeMap<Arc<str>, Vec<Id>> = BTreeMap::new();
    for scope in &state.scopes {
        let What::Process(Some(hash)) = &scope.what else {
            continue;
        };
        let holder = state.tokens.iter().find(|t| Some(t.id) == scope.token);
        let at = found.entry(Arc::clone(hash)).or_default();
        at.extend(holder.map(|token| Arc::clone(&token.at)));
    }
    found
}

fn steps(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    record: &[CaseEvent],
) -> Result<Vec<(FlowStep, Stay)>> {
    let mut ends: BTreeMap<u64, tasks::EndRow> = BTreeMap::new();
    for end in tasks::ends_of_case(tx, case.id)? {
        ends.insert(end.number, end);
    }
    let mut names: BTreeMap<OfficerId, &str> = BTreeMap::new();
    for event in record {
        names.extend(
            event
                .by
                .officer
                .map(|officer| (officer, event.by.name.as_str())),
        );
    }
    let today = ctx.clock.today();
    let mut steps = Vec::new();
    for task in tasks::of_case(tx, case.id)? {
        let kept = ends.remove(&task.number);
        let end = match &kept {
            _ if task.open => StayEnd::Open,
            Some(kept) if kept.cancelled => StayEnd::Cancelled,
            _ => StayEnd::Done,
        };
        let organ_name = match task.organ {
            Some(organ) => tongban_accounts::organ(tx, organ)?.map(|organ| organ.name),
            None => None,
        };
        let until = task.closed_at.map_or(today, tongban_kernel::shanghai_date);
        let stay = Stay {
            element: task.element.as_str().into(),
            end,
            led_to: kept.and_then(|kept| kept.led_to),
        };
        let step = FlowStep {
            officer_name: task
                .officer
                .and_then(|officer| names.get(&officer).map(|name| (*name).to_owned())),
            late: end != StayEnd::Cancelled && task.due_on.is_some_and(|due| until > due),
            end,
            organ_name,
            task,
        };
        steps.push((step, stay));
    }
    Ok(steps)
}

/// What the record of the case says of orders: they name elements as people do.
fn orders(definition: &Definition, record: &[CaseEvent]) -> Orders {
    let mut orders = Orders::default();
    for event in record {
        let to = match &event.fact {
            CaseFact::SentBack { to, .. } | CaseFact::Redirected { to, .. } => to,
            CaseFact::TakenBack { task, .. } => task,
            // Mended with an error, the step was left by whatever catches it.
            CaseFact::Repaired { step, .. } => step,
            CaseFact::Withdrawn { .. } | CaseFact::Annulled { .. } => {
                orders.ended = true;
                continue;
            }
            CaseFact::ProcessMigrated { .. } => {
                orders.migrated = true;
                continue;
            }
            _ => continue,
        };
        let named = definition
            .elements()
            .filter(|e| e.name == to || **e.id == **to);
        orders.moved_to.extend(named.map(|e| Arc::clone(e.id)));
        // A place without a name of its own: nothing that is not by a task is certain any more.
        orders.moved_to.insert(to.as_str().into());
    }
    orders
}
