//! Armed timers of process instances.

use jiff::Timestamp;
use tongban_kernel::{CaseId, Error, Result};
use tongban_process::Due;
use tongban_storage::{Row, Tx, params};

use crate::model::CaseClocks;

/// A timer that counts by a rule, so that its moment may change.
pub(crate) struct Counting {
    pub(crate) case: CaseId,
    pub(crate) number: i64,
    pub(crate) due_at: Timestamp,
    pub(crate) rule: Due,
    pub(crate) since: Timestamp,
}

fn json(due: &Due) -> Result<Option<String>> {
    if matches!(due, Due::At(_)) {
        return Ok(None);
    }
    let text = serde_json::to_string(due)
        .map_err(|source| Error::internal("timer cannot be written").source(source))?;
    Ok(Some(text))
}

/// Arms a timer, or arms it anew.
pub(crate) fn arm(
    tx: &mut Tx<'_>,
    case: CaseId,
    number: i64,
    due_at: Timestamp,
    rule: &Due,
    since: Timestamp,
) -> Result<()> {
    tx.put(
        "INSERT INTO process_timer (case_id, number, due_at, rule, since) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (case_id, number) DO UPDATE SET due_at = $3, rule = $4, since = $5",
        params![case, number, due_at, json(rule)?, since],
    )
}

pub(crate) fn disarm(tx: &mut Tx<'_>, case: CaseId, number: i64) -> Result<()> {
    tx.put(
        "DELETE FROM process_timer WHERE case_id = $1 AND number = $2",
        params![case, number],
    )
}

/// The first timers that are due, oldest first. The index has this order.
pub(crate) const DUE: &str = "SELECT case_id, number FROM process_timer
  WHERE held = 0 AND due_at <= $1 ORDER BY due_at, case_id, number LIMIT $2";

/// See [`DUE`].
pub(crate) fn due(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<(CaseId, i64)>> {
    tx.all(DUE, params![now, limit], |row| {
        Ok((row.id(0)?, row.get(1)?))
    })
}

/// Takes a timer that is still due out of the list; `false`: somebody else fired it, moved it, or holds it. Whoever gets `true` fires
/// it in the same transaction.
pub(crate) fn claim(tx: &mut Tx<'_>, case: CaseId, number: i64, now: Timestamp) -> Result<bool> {
    let n = tx.execute(
        "DELETE FROM process_timer WHERE case_id = $1 AND number = $2 AND held = 0 AND due_at <= $3",
        params![case, number, now],
    )?;
    Ok(n == 1)
}

/// Puts a timer off that is still due at `now`.
pub(crate) fn put_off(
    tx: &mut Tx<'_>,
    case: CaseId,
    number: i64,
    now: Timestamp,
    until: Timestamp,
) -> Result<()> {
    tx.put(
        "UPDATE process_timer SET due_at = $4 WHERE case_id = $1 AND number = $2 AND held = 0 AND due_at <= $3",
        params![case, number, now, until],
    )
}

fn read(row: &Row<'_>) -> Result<Counting> {
    Ok(Counting {
        case: row.id(0)?,
        number: row.get(1)?,
        due_at: row.get(2)?,
        rule: row.json(3)?,
        since: row.get(4)?,
    })
}

/// The timers of a case that count by a rule.
pub(crate) fn counting(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Counting>> {
    tx.all(
        "SELECT case_id, number, due_at, rule, since FROM process_timer
          WHERE case_id = $1 AND rule IS NOT NULL ORDER BY number LIMIT 10000",
        params![case],
        read,
    )
}

/// Timers of all cases that count by a rule, behind this one, with the clocks of their cases.
pub(crate) fn all_counting(
    tx: &mut Tx<'_>,
    after: (&str, i64),
    limit: u32,
) -> Result<Vec<(Counting, Option<CaseClocks>)>> {
    tx.all(
        "SELECT t.case_id, t.number, t.due_at, t.rule, t.since, c.clock
           FROM process_timer t JOIN case_file c ON c.id = t.case_id
          WHERE t.rule IS NOT NULL AND (t.case_id, t.number) > ($1, $2) ORDER BY t.case_id, t.number LIMIT $3",
        params![after.0, after.1, limit],
        |row| Ok((read(row)?, row.json(5)?)),
    )
}

/// Moves a timer that nobody has moved since it was read; 1 if so.
pub(crate) fn move_to(tx: &mut Tx<'_>, timer: &Counting, due_at: Timestamp) -> Result<u64> {
    tx.execute(
        "UPDATE process_timer SET due_at = $4 WHERE case_id = $1 AND number = $2 AND due_at = $3",
        params![timer.case, timer.number, timer.due_at, due_at],
    )
}
