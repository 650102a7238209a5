//! Where the open cases of one version stand, how many of them late, and where called processes are shown.

use std::collections::{BTreeMap, BTreeSet};

use tongban_kernel::{Act, Resource, Result};
use tongban_process::Id;
use tongban_storage::Ctx;

use super::ProcessSheet;
use crate::service::parts::latest_process;
use crate::store::process_heat as store;

/// Most cases whose states are read for the figures.
const CASES_MAX: u64 = 50_000;
const ROUND: u32 = 1_000;

/// One place with the cases that stand there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Open cases with a token here.
    pub cases: u64,
    /// Those of them with an open task here that is beyond its due day.
    pub late: u64,
}

/// How the open cases of a version are spread over it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heat {
    /// By element or flow; only those where somebody stands.
    pub places: BTreeMap<Id, Standing>,
    /// Open cases that were counted.
    pub running: u64,
    /// There are more than were counted.
    pub cut: bool,
    /// Elements that call a published process, with the content hash of its newest version.
    pub calls: Vec<(Id, String)>,
}

/// The figures for the picture of a version; all zero for a file that waits for publication.
pub async fn process_heat(ctx: &Ctx, sheet: &ProcessSheet) -> Result<Heat> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let (ctx2, definition) = (ctx.clone(), sheet.definition.clone());
    ctx.db
        .read_long(move |tx| {
            let mut heat = Heat::default();
            let hash = definition.hash();
            let mut last = String::new();
            loop {
                let round = store::states(tx, hash, &last, ROUND)?;
                for (_, state) in &round {
                    heat.running += 1;
                    let own: BTreeSet<&Id> = state.own_places().collect();
                    for at in own {
                        heat.places.entry(at.clone()).or_default().cases += 1;
                    }
                }
                match round.last() {
                    Some((id, _)) if round.len() == ROUND as usize => last.clone_from(id),
                    _ => break,
                }
                if heat.running >= CASES_MAX {
                    heat.cut = true;
                    break;
                }
            }
            for (element, late) in store::late(tx, hash, ctx2.clock.today())? {
                if let Some(place) = heat.places.get_mut(element.as_str()) {
                    place.late = late.min(place.cases);
                }
            }
            for (element, name) in definition.call_elements() {
                if let Some(hash) = latest_process(&ctx2, tx, name)? {
                    heat.calls.push((element.clone(), hash));
                }
            }
            Ok(heat)
        })
        .await
}
