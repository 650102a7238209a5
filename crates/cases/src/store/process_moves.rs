//! Moves of running cases to another version of their process, and how each case fared.

use jiff::Timestamp;
use tongban_kernel::{CaseId, Result};
use tongban_storage::{Row, Tx, params};

use crate::model::{MoveOrder, MoveReport, MovedCase};
use crate::store::cases::stale;
use crate::store::chain::json;

/// A new order; its number.
pub(crate) fn insert(tx: &mut Tx<'_>, order: &MoveOrder, at: Timestamp) -> Result<u32> {
    let n: u32 = tx.one(
        "SELECT COALESCE(MAX(n), 0) + 1 FROM process_migration",
        params![],
        |row| row.get(0),
    )?;
    let made = tx.execute(
        "INSERT INTO process_migration (n, at, by_whom, wish, from_hash, to_hash) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (n) DO NOTHING",
        params![
            n,
            at,
            &order.by.name,
            json(order)?,
            &order.what.from,
            &order.what.to
        ],
    )?;
    if made == 1 { Ok(n) } else { Err(stale()) }
}

macro_rules! report {
    ($rest:literal) => {
        concat!(
            "SELECT n, at, wish, finished_at,
                    (SELECT COUNT(*) FROM process_migration_case c WHERE c.n = m.n AND c.moved = 1),
                    (SELECT COUNT(*) FROM process_migration_case c WHERE c.n = m.n AND c.moved = 0)
               FROM process_migration m ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<MoveReport> {
    Ok(MoveReport {
        n: row.get(0)?,
        at: row.get(1)?,
        order: row.json(2)?,
        finished_at: row.get(3)?,
        moved: row.get(4)?,
        refused: row.get(5)?,
    })
}

pub(crate) fn get(tx: &mut Tx<'_>, n: u32) -> Result<Option<MoveReport>> {
    tx.opt(report!("WHERE n = $1"), params![n], read)
}

/// The moves away from a version, newest first.
pub(crate) fn from(tx: &mut Tx<'_>, hash: &str, limit: u32) -> Result<Vec<MoveReport>> {
    tx.all(
        report!("WHERE from_hash = $1 ORDER BY n DESC LIMIT $2"),
        params![hash, limit],
        read,
    )
}

pub(crate) fn finish(tx: &mut Tx<'_>, n: u32, at: Timestamp) -> Result<()> {
    tx.put(
        "UPDATE process_migration SET finished_at = $2 WHERE n = $1 AND finished_at IS NULL",
        params![n, at],
    )
}

/// Open cases on a version behind `after` (an id as rows keep it), by id.
pub(crate) fn running(tx: &mut Tx<'_>, hash: &str, after: &str, limit: u32) -> Result<Vec<CaseId>> {
    tx.all(
        "SELECT id FROM case_file WHERE is_open = 1 AND process_hash = $1 AND id > $2 ORDER BY id LIMIT $3",
        params![hash, after, limit],
        |row| row.id(0),
    )
}

/// Pins a case to another version, if it is still on the one it was on.
pub(crate) fn pin(tx: &mut Tx<'_>, id: CaseId, from: &str, to: &str) -> Result<()> {
    let n = tx.execute(
        "UPDATE case_file SET process_hash = $3 WHERE id = $1 AND process_hash = $2",
        params![id, from, to],
    )?;
    if n == 1 { Ok(()) } else { Err(stale()) }
}

/// How a case fared; the first word stays.
pub(crate) fn put_case(
    tx: &mut Tx<'_>,
    n: u32,
    id: CaseId,
    case: &MovedCase,
    at: Timestamp,
) -> Result<()> {
    tx.put(
        "INSERT INTO process_migration_case (n, case_id, project_no, moved, reasons, at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (n, case_id) DO NOTHING",
        params![
            n,
            id,
            &case.project_no,
            i64::from(case.reasons.is_empty()),
            json(&case.reasons)?,
            at
        ],
    )
}

/// Whether a case has been dealt with.
pub(crate) fn has_case(tx: &mut Tx<'_>, n: u32, id: CaseId) -> Result<bool> {
    let found: Option<i64> = tx.opt(
        "SELECT moved FROM process_migration_case WHERE n = $1 AND case_id = $2",
        params![n, id],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// How the cases fared, those that were refused first.
pub(crate) fn cases(tx: &mut Tx<'_>, n: u32, limit: u32) -> Result<Vec<MovedCase>> {
    tx.all(
        "SELECT project_no, reasons FROM process_migration_case WHERE n = $1 ORDER BY moved, project_no LIMIT $2",
        params![n, limit],
        |row| {
            Ok(MovedCase {
                project_no: row.get(0)?,
                reasons: row.json(1)?,
            })
        },
    )
}
