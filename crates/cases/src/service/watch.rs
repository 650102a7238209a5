//! What happens to cases, for systems outside that want to know: nothing is put into the outbox while nobody does.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use serde_json::json;
use tongban_kernel::{Event, OrganId, Result};
use tongban_storage::{Ctx, Tx, emit};

use crate::model::{Case, CaseEvent};

/// Something happened to a case in which an organ with outside systems has a hand.
pub const CASE_HAPPENED: &str = "cases.case.happened";

/// The organs whose systems want to know. Kept in memory by every node; who registers a system brings it up to date.
#[derive(Default)]
pub struct Watch(RwLock<BTreeSet<OrganId>>);

impl Watch {
    /// From now on only these.
    pub fn replace(&self, organs: BTreeSet<OrganId>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = organs;
    }

    fn any_of(&self, organs: &[OrganId]) -> bool {
        let watching = self.0.read().unwrap_or_else(PoisonError::into_inner);
        !watching.is_empty() && organs.iter().any(|organ| watching.contains(organ))
    }
}

/// One message for each event, in the order of the record. It tells no personal data: who may know more asks with its own right.
pub(crate) fn happened(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case, what: &[CaseEvent]) -> Result<()> {
    let watched = ctx.parts.get::<Watch>();
    if !watched.is_ok_and(|watch| watch.any_of(&case.organs)) {
        return Ok(());
    }
    for event in what {
        let data = json!({
            "project_no": case.project_no,
            "task_code": case.task_code,
            "event": event.fact.name(),
            "state": case.state.code(),
            "state_name": case.state.label(),
            "organs": case.organs,
            "seq": event.seq,
        });
        emit(
            tx,
            &ctx.ids,
            &Event::new(CASE_HAPPENED, case.id, event.at, data),
        )?;
    }
    Ok(())
}
