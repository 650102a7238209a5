//! 跳转: the process of a case is moved to another step as a whole, by order of whoever keeps the processes of the deciding organ.
//! The state and the clocks of the case stay as they are, so only steps that this state allows can be reached.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tongban_kernel::{Act, CaseId, Error, Result};
use tongban_process::{Command, Definition, Id};
use tongban_storage::{Ctx, Tx};

use super::act::{enact, load_case, required};
use super::drive::foresee;
use super::look::case_for;
use super::once::{Once, write_once};
use super::parts::definition;
use super::send_back::{Way, fits, way};
use crate::model::{Case, CaseFact};

/// Where to, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Redirect {
    /// Element of the process definition.
    pub to: String,
    pub reason: String,
}

/// Moves; a repeat with the same key gets the same answer, the 办件编号.
pub async fn redirect(ctx: &Ctx, key: &str, id: CaseId, what: Redirect) -> Result<String> {
    let once = Once::new(key, "redirect", &(id, &what))?;
    write_once(ctx, Some(once), move |ctx, tx| {
        let (mut case, keys, permit) = load_case(ctx, tx, id, Act::Redirect)?;
        let reason = required(&what.reason, "reason", "跳转的理由")?;
        let way = ways(ctx, tx, &case)?
            .into_iter()
            .find(|way| way.element == what.to)
            .ok_or_else(|| Error::field("redirect.to", "to", "请选择可以跳转到的环节"))?;
        let command = order(&case, &way.element, &reason);
        let fact = CaseFact::Redirected {
            withdrawn: way.withdrawn,
            to: way.name,
            reason,
        };
        enact(ctx, tx, &mut case, &keys, permit, fact, &[command])
    })
    .await
}

/// All tokens go: what stayed behind in a branch would make a join wait for what never comes.
fn order(case: &Case, to: &str, reason: &str) -> Command {
    let mut from: Vec<Id> = Vec::new();
    for token in &case.process.tokens {
        if !from.contains(&token.at) {
            from.push(Arc::clone(&token.at));
        }
    }
    Command::Move {
        from,
        to: vec![Arc::from(to)],
        reason: reason.to_owned(),
    }
}

/// Whether what begins at this element can be done in the state of the case: its own act, or that of every branch.
fn possible(case: &Case, definition: &Definition, element: &str) -> bool {
    let begun = definition.begins_at(element);
    !begun.is_empty()
        && begun
            .iter()
            .all(|task| fits(&case.state, definition.act_of(task)))
}

fn ways(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<Vec<Way>> {
    let definition = definition(ctx, tx, &case.process_hash)?;
    let here: Vec<&Id> = case.process.open_tasks().map(|(_, at)| at).collect();
    let mut found = Vec::new();
    for target in definition.move_targets() {
        let already = here.iter().all(|at| *at == target.id);
        if already || !possible(case, &definition, target.id) {
            continue;
        }
        let command = order(case, target.id, "");
        // What the process refuses is not offered.
        if let Ok(effects) = foresee(ctx, tx, case, &command) {
            let to = (&**target.id, target.name);
            found.push(way(tx, case, &definition, to, &effects, None)?);
        }
    }
    Ok(found)
}

/// A case with the steps to which it can be moved.
pub struct RedirectDesk {
    pub case: Case,
    pub ways: Vec<Way>,
}

/// For whoever may move it.
pub async fn redirect_desk(ctx: &Ctx, project_no: &str) -> Result<RedirectDesk> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    ctx.db
        .read(move |tx| {
            let ctx = &ctx2;
            let case = case_for(ctx, tx, &project_no, Act::Redirect)?;
            let ways = ways(ctx, tx, &case)?;
            Ok(RedirectDesk { case, ways })
        })
        .await
}
