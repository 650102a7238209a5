//! Decisions by what they are asked under, the versions that processes were published with, and what was asked in cases.

use jiff::Timestamp;
use tongban_kernel::{CaseId, Result};
use tongban_storage::{Tx, params};

/// `asked` (an id or a name) can be asked of this version of the file `name`.
pub(crate) fn put_entry(tx: &mut Tx<'_>, hash: &str, asked: &str, name: &str) -> Result<()> {
    tx.put(
        "INSERT INTO decision_entry (hash, asked, name) VALUES ($1, $2, $3) ON CONFLICT (hash, asked) DO NOTHING",
        params![hash, asked, name],
    )
}

pub(crate) fn has_entry(tx: &mut Tx<'_>, hash: &str, asked: &str) -> Result<bool> {
    let found: Option<i64> = tx.opt(
        "SELECT 1 FROM decision_entry WHERE hash = $1 AND asked = $2",
        params![hash, asked],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Files of which some version can be asked this.
pub(crate) fn names_with(tx: &mut Tx<'_>, asked: &str) -> Result<Vec<String>> {
    tx.all(
        "SELECT DISTINCT name FROM decision_entry WHERE asked = $1 ORDER BY name LIMIT 100",
        params![asked],
        |row| row.get(0),
    )
}

/// What a process asks: as written, the file, and the version that was its newest when the process was published.
pub(crate) struct Pinned {
    pub(crate) asked: String,
    pub(crate) name: String,
    pub(crate) hash: String,
}

pub(crate) fn pin(tx: &mut Tx<'_>, process: &str, what: &Pinned) -> Result<()> {
    tx.put(
        "INSERT INTO process_decision (process_hash, asked, name, hash) VALUES ($1, $2, $3, $4)
             ON CONFLICT (process_hash, asked) DO NOTHING",
        params![process, &what.asked, &what.name, &what.hash],
    )
}

pub(crate) fn pinned(tx: &mut Tx<'_>, process: &str) -> Result<Vec<Pinned>> {
    tx.all(
        "SELECT asked, name, hash FROM process_decision WHERE process_hash = $1 ORDER BY asked LIMIT 1000",
        params![process],
        |row| {
            Ok(Pinned {
                asked: row.get(0)?,
                name: row.get(1)?,
                hash: row.get(2)?,
            })
        },
    )
}

/// A process that asks a decision file: its version, its name, what it asks.
pub(crate) struct Use {
    pub(crate) process_hash: String,
    pub(crate) process: String,
    pub(crate) asked: String,
}

pub(crate) fn users(tx: &mut Tx<'_>, name: &str) -> Result<Vec<Use>> {
    tx.all(
        "SELECT p.process_hash, d.name, p.asked
           FROM process_decision p JOIN process_definition d ON d.hash = p.process_hash
          WHERE p.name = $1 ORDER BY d.name, d.published_at DESC, p.process_hash, p.asked LIMIT 1000",
        params![name],
        |row| {
            Ok(Use {
                process_hash: row.get(0)?,
                process: row.get(1)?,
                asked: row.get(2)?,
            })
        },
    )
}

/// What a decision was given in a case, sealed under the key of the case; `seq` is the event that tells the result.
pub(crate) fn put_inputs(tx: &mut Tx<'_>, case: CaseId, seq: u32, sealed: &[u8]) -> Result<()> {
    tx.put(
        "INSERT INTO case_decision (case_id, seq, sealed) VALUES ($1, $2, $3)",
        params![case, seq, sealed],
    )
}

pub(crate) fn inputs_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<(u32, Vec<u8>)>> {
    tx.all(
        "SELECT seq, sealed FROM case_decision WHERE case_id = $1 ORDER BY seq LIMIT 1000",
        params![case],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// A case waits at a business rule task for a version of the file `name` that can answer.
pub(crate) fn hold(
    tx: &mut Tx<'_>,
    case: CaseId,
    token: i64,
    name: &str,
    at: Timestamp,
) -> Result<()> {
    tx.put(
        "INSERT INTO case_decision_held (case_id, token, name, held_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (case_id, token) DO UPDATE SET name = $3, held_at = $4",
        params![case, token, name, at],
    )
}

pub(crate) fn release(tx: &mut Tx<'_>, case: CaseId, token: i64) -> Result<()> {
    tx.put(
        "DELETE FROM case_decision_held WHERE case_id = $1 AND token = $2",
        params![case, token],
    )
}

/// Cases that wait for the file `name`, behind `after` (an id as rows keep it), by id.
pub(crate) fn held(tx: &mut Tx<'_>, name: &str, after: &str, limit: u32) -> Result<Vec<CaseId>> {
    tx.all(
        "SELECT DISTINCT case_id FROM case_decision_held WHERE name = $1 AND case_id > $2 ORDER BY case_id LIMIT $3",
        params![name, after, limit],
        |row| row.id(0),
    )
}

/// Whether a version was published of a file for which a case waits, since it waits.
pub(crate) fn missed_a_version(tx: &mut Tx<'_>, case: CaseId) -> Result<bool> {
    let found: Option<i64> = tx.opt(
        "SELECT 1 FROM case_decision_held h JOIN decision_model d ON d.name = h.name
          WHERE h.case_id = $1 AND d.published_at >= h.held_at LIMIT 1",
        params![case],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

pub(crate) fn held_tokens(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<i64>> {
    tx.all(
        "SELECT token FROM case_decision_held WHERE case_id = $1 ORDER BY token LIMIT 1000",
        params![case],
        |row| row.get(0),
    )
}
