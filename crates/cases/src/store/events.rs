//! The append-only record.

use tongban_kernel::{CaseId, Error, Result};
use tongban_storage::{Row, Tx, params};

use crate::model::CaseEvent;

/// A stored event with the sealed private part of its log leaf.
pub(crate) struct EventRow {
    pub(crate) event: CaseEvent,
    pub(crate) leaf: [u8; 32],
    pub(crate) sealed_proof: Vec<u8>,
}

pub(crate) fn append(
    tx: &mut Tx<'_>,
    case: CaseId,
    event: &CaseEvent,
    leaf: &[u8; 32],
    sealed_proof: &[u8],
) -> Result<()> {
    let json = |value: Result<String, serde_json::Error>| {
        value.map_err(|source| Error::internal("event cannot be written").source(source))
    };
    tx.put(
        "INSERT INTO case_event (case_id, seq, happened_at, name, by_whom, officer_id, fact, leaf, sealed_proof)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            case,
            event.seq,
            event.at,
            event.fact.name(),
            json(serde_json::to_string(&event.by))?,
            event.by.officer,
            json(serde_json::to_string(&event.fact))?,
            leaf,
            sealed_proof
        ],
    )
}

fn read(row: &Row<'_>) -> Result<CaseEvent> {
    Ok(CaseEvent {
        seq: row.get(0)?,
        at: row.get(1)?,
        by: row.json(2)?,
        fact: row.json(3)?,
        leaf: hex::encode(row.get::<[u8; 32]>(4)?),
    })
}

/// The question of [`of_case`], for asking ahead.
pub(crate) const OF_CASE: &str =
    "SELECT seq, happened_at, by_whom, fact, leaf FROM case_event WHERE case_id = $1 ORDER BY seq";

pub(crate) fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<CaseEvent>> {
    tx.all(OF_CASE, params![case], read)
}

/// The events with the places of their leaves in the log; `None` while a leaf waits for its place.
pub(crate) fn with_places(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<(CaseEvent, Option<u64>)>> {
    tx.all(
        "SELECT seq, happened_at, by_whom, fact, case_event.leaf, idx
           FROM case_event LEFT JOIN tlog_leaf ON tlog_leaf.hash = case_event.leaf
          WHERE case_id = $1 ORDER BY seq",
        params![case],
        |row| Ok((read(row)?, row.get(5)?)),
    )
}

pub(crate) fn with_proofs(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<EventRow>> {
    tx.all(
        "SELECT seq, happened_at, by_whom, fact, leaf, sealed_proof FROM case_event WHERE case_id = $1 ORDER BY seq",
        params![case],
        |row| Ok(EventRow { event: read(row)?, leaf: row.get(4)?, sealed_proof: row.get(5)? }),
    )
}
