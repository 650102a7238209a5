//! Looks of officers at the data of a case.

use jiff::Timestamp;
use tongban_kernel::{CaseId, OfficerId, Result};
use tongban_storage::{Tx, params};

use crate::model::Look;

/// A look with the private part of its log leaf.
pub(crate) struct LookRow {
    pub(crate) look: Look,
    pub(crate) leaf: [u8; 32],
    pub(crate) sealed_proof: Vec<u8>,
}

/// Where the chain of looks of a case ends.
pub(crate) struct Tail {
    /// Number of the next look.
    pub(crate) seq: u32,
    pub(crate) leaf: [u8; 32],
    pub(crate) leaf_sm3: [u8; 32],
}

/// True if this officer's look at this object for this purpose was written down at or after `since`.
pub(crate) fn known(
    tx: &mut Tx<'_>,
    case: CaseId,
    officer: OfficerId,
    (object, purpose): (&str, &str),
    since: Timestamp,
) -> Result<bool> {
    let found: i64 = tx.one(
        "SELECT COUNT(*) FROM case_access
             WHERE case_id = $1 AND officer_id = $2 AND object = $3 AND purpose = $4 AND happened_at >= $5",
        params![case, officer, object, purpose, since],
        |row| row.get(0),
    )?;
    Ok(found > 0)
}

pub(crate) fn tail(tx: &mut Tx<'_>, case: CaseId) -> Result<Tail> {
    let last = tx.opt(
        "SELECT seq, leaf, leaf_sm3 FROM case_access WHERE case_id = $1 ORDER BY seq DESC LIMIT 1",
        params![case],
        |row| {
            Ok(Tail {
                seq: row.get::<u32>(0)? + 1,
                leaf: row.get(1)?,
                leaf_sm3: row.get(2)?,
            })
        },
    )?;
    Ok(last.unwrap_or(Tail {
        seq: 0,
        leaf: [0; 32],
        leaf_sm3: [0; 32],
    }))
}

/// Adds a look; `false` if another took its number at the same time.
pub(crate) fn append(
    tx: &mut Tx<'_>,
    case: CaseId,
    officer: OfficerId,
    row: &LookRow,
    leaf_sm3: &[u8; 32],
) -> Result<bool> {
    let look = &row.look;
    let added = tx.execute(
        "INSERT INTO case_access (case_id, seq, happened_at, officer_id, organ_name, post, object, purpose, basis, leaf, leaf_sm3, sealed_proof)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (case_id, seq) DO NOTHING",
        params![
            case,
            look.seq,
            look.at,
            officer,
            &look.organ_name,
            &look.post,
            &look.object,
            &look.purpose,
            &look.basis,
            &row.leaf,
            leaf_sm3,
            &row.sealed_proof
        ],
    )?;
    Ok(added == 1)
}

/// Every look, oldest first.
pub(crate) fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<LookRow>> {
    tx.all(
        "SELECT seq, happened_at, organ_name, post, object, purpose, basis, leaf, sealed_proof
             FROM case_access WHERE case_id = $1 ORDER BY seq",
        params![case],
        |row| {
            Ok(LookRow {
                look: Look {
                    seq: row.get(0)?,
                    at: row.get(1)?,
                    organ_name: row.get(2)?,
                    post: row.get(3)?,
                    object: row.get(4)?,
                    purpose: row.get(5)?,
                    basis: row.get(6)?,
                },
                leaf: row.get(7)?,
                sealed_proof: row.get(8)?,
            })
        },
    )
}
