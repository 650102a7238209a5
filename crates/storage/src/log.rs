//! The leaves of the transparency log share the transaction of the act that they record: no leaf, no effect.
//!
//! SQLite has one writer, so a leaf gets its index at once. On PostgreSQL leaves wait in `tlog_pending` and one sequencer
//! at a time (it holds the row lock of the head) gives them dense indices.

use jiff::Timestamp;
use tongban_kernel::{Error, Result};
use tongban_tlog::{Sha256Tree, Sm3Tree, TreeHash as _};

use crate::{Engine, Ids, Tx, params};

/// One entry of the log with its RFC 6962 leaf hashes in both trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub leaf: Vec<u8>,
    pub hash: [u8; 32],
    pub hash_sm3: [u8; 32],
}

impl Leaf {
    /// The entry with these bytes, hashed for both trees.
    pub fn of_entry(entry: Vec<u8>) -> Self {
        Self {
            hash: Sha256Tree::leaf(&entry),
            hash_sm3: Sm3Tree::leaf(&entry),
            leaf: entry,
        }
    }
    /// The entry of a finished leaf: its public text.
    pub fn of(leaf: &tongban_tlog::Leaf) -> Self {
        Self::of_entry(leaf.text.to_string().into_bytes())
    }
}

const APPEND: &str = "INSERT INTO tlog_leaf (idx, leaf, hash, hash_sm3, logged_at)
    SELECT COALESCE(MAX(idx), -1) + 1, $1, $2, $3, $4 FROM tlog_leaf";

/// Adds `leaf` to the log, in this transaction.
pub fn append_leaf(tx: &mut Tx<'_>, ids: &Ids, leaf: &Leaf, at: Timestamp) -> Result<()> {
    match tx.engine() {
        Engine::Sqlite => tx.put(APPEND, params![&leaf.leaf, &leaf.hash, &leaf.hash_sm3, at]),
        Engine::Postgres => {
            let id: tongban_kernel::EventId = ids.id(at);
            tx.put(
                "INSERT INTO tlog_pending (id, leaf, hash, hash_sm3, logged_at) VALUES ($1, $2, $3, $4, $5)",
                params![id, &leaf.leaf, &leaf.hash, &leaf.hash_sm3, at],
            )
        }
    }
}

/// Gives up to `limit` waiting leaves their index; returns how many. Nothing to do on SQLite.
pub fn sequence_pending(tx: &mut Tx<'_>, limit: u32, now: Timestamp) -> Result<u64> {
    if tx.engine() == Engine::Sqlite {
        return Ok(0);
    }
    // The row lock of the head makes this the only sequencer until the commit.
    tx.execute(
        "INSERT INTO setting (name, value, updated_at) VALUES ('tlog.head', '', $1)
             ON CONFLICT (name) DO UPDATE SET updated_at = $1",
        params![now],
    )?;
    let waiting: Vec<(String, Leaf, Timestamp)> = tx.all(
        "SELECT id, leaf, hash, hash_sm3, logged_at FROM tlog_pending ORDER BY logged_at, id LIMIT $1",
        params![limit],
        |row| {
            Ok((row.get(0)?, Leaf { leaf: row.get(1)?, hash: row.get(2)?, hash_sm3: row.get(3)? }, row.get(4)?))
        },
    )?;
    let size = log_size(tx)?;
    for (idx, (id, leaf, at)) in (size..).zip(&waiting) {
        tx.put(
            "INSERT INTO tlog_leaf (idx, leaf, hash, hash_sm3, logged_at) VALUES ($1, $2, $3, $4, $5)",
            params![
                i64::try_from(idx).map_err(|_| Error::internal("log too long"))?,
                &leaf.leaf,
                &leaf.hash,
                &leaf.hash_sm3,
                *at
            ],
        )?;
        tx.put("DELETE FROM tlog_pending WHERE id = $1", params![id])?;
    }
    Ok(waiting.len() as u64)
}

/// How many leaves have an index.
pub fn log_size(tx: &mut Tx<'_>) -> Result<u64> {
    tx.one(
        "SELECT COALESCE(MAX(idx), -1) + 1 FROM tlog_leaf",
        params![],
        |row| row.get(0),
    )
}

/// The leaves from index `from`, at most `limit`, in order.
pub fn leaves(tx: &mut Tx<'_>, from: u64, limit: u32) -> Result<Vec<Leaf>> {
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    tx.all(
        "SELECT leaf, hash, hash_sm3 FROM tlog_leaf WHERE idx >= $1 ORDER BY idx LIMIT $2",
        params![from, limit],
        |row| {
            Ok(Leaf {
                leaf: row.get(0)?,
                hash: row.get(1)?,
                hash_sm3: row.get(2)?,
            })
        },
    )
}

/// The index of the leaf with this hash; `None` while it waits for one.
pub fn leaf_index(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<Option<u64>> {
    tx.opt(
        "SELECT idx FROM tlog_leaf WHERE hash = $1",
        params![hash],
        |row| row.get(0),
    )
}
