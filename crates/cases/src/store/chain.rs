//! Histories of public rules whose leaves form one chain each: the calendar, processes, decisions.

use tongban_kernel::{Error, OfficerId, Result};
use tongban_storage::{Tx, params};

/// The end of a history: number of the last change and its leaf hashes.
pub(crate) struct Head {
    pub(crate) n: u32,
    pub(crate) prev: [u8; 32],
    pub(crate) prev_sm3: [u8; 32],
}

/// The end of the history that `newest` reads: `n, leaf, leaf_sm3` of its last row.
pub(crate) fn head(tx: &mut Tx<'_>, newest: &'static str) -> Result<Head> {
    let found = tx.opt(newest, params![], |row| {
        Ok(Head {
            n: row.get(0)?,
            prev: row.get(1)?,
            prev_sm3: row.get(2)?,
        })
    })?;
    Ok(found.unwrap_or(Head {
        n: 0,
        prev: [0; 32],
        prev_sm3: [0; 32],
    }))
}

/// What a change stores beside itself.
pub(crate) struct Kept {
    pub(crate) officer: Option<OfficerId>,
    pub(crate) leaf: [u8; 32],
    pub(crate) leaf_sm3: [u8; 32],
    /// The opened leaf: what the log commits to, with its salts.
    pub(crate) proof: String,
}

/// A column of JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|source| Error::internal("row cannot be written").source(source))
}
