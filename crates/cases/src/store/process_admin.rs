//! Published processes as the administration lists them, files that wait for publication, and who published what.

use jiff::Timestamp;
use tongban_kernel::{Error, Result};
use tongban_storage::{Row, Tx, params};

use super::chain::{self, Head, Kept};
use crate::model::ProcessChange;

/// One published version.
pub(crate) struct VersionRow {
    pub(crate) hash: String,
    pub(crate) name: String,
    pub(crate) published_at: Timestamp,
}

fn version(row: &Row<'_>) -> Result<VersionRow> {
    Ok(VersionRow {
        hash: row.get(0)?,
        name: row.get(1)?,
        published_at: row.get(2)?,
    })
}

/// All versions by name, newest first.
pub(crate) fn versions(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<VersionRow>> {
    tx.all(
        "SELECT hash, name, published_at FROM process_definition ORDER BY name, published_at DESC, hash DESC LIMIT $1",
        params![limit],
        version,
    )
}

/// The versions of one name, newest first.
pub(crate) fn versions_of(tx: &mut Tx<'_>, name: &str, limit: u32) -> Result<Vec<VersionRow>> {
    tx.all(
        "SELECT hash, name, published_at FROM process_definition WHERE name = $1
          ORDER BY published_at DESC, hash DESC LIMIT $2",
        params![name, limit],
        version,
    )
}

pub(crate) fn one(tx: &mut Tx<'_>, hash: &str) -> Result<Option<VersionRow>> {
    tx.opt(
        "SELECT hash, name, published_at FROM process_definition WHERE hash = $1",
        params![hash],
        version,
    )
}

/// How many open cases run on each version.
pub(crate) fn running(tx: &mut Tx<'_>) -> Result<Vec<(String, u64)>> {
    tx.all(
        "SELECT process_hash, COUNT(*) FROM case_file WHERE is_open = 1 GROUP BY process_hash ORDER BY process_hash LIMIT 10000",
        params![],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// A file that waits for publication.
pub(crate) struct DraftRow {
    pub(crate) xml: Vec<u8>,
    pub(crate) by_whom: String,
    pub(crate) uploaded_at: Timestamp,
}

pub(crate) fn put_draft(
    tx: &mut Tx<'_>,
    hash: &str,
    name: &str,
    xml: &[u8],
    by_whom: &str,
    at: Timestamp,
) -> Result<()> {
    tx.put(
        "INSERT INTO process_draft (hash, name, xml, by_whom, uploaded_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (hash) DO UPDATE SET by_whom = $4, uploaded_at = $5",
        params![hash, name, xml, by_whom, at],
    )
}

pub(crate) fn draft(tx: &mut Tx<'_>, hash: &str) -> Result<Option<DraftRow>> {
    tx.opt(
        "SELECT xml, by_whom, uploaded_at FROM process_draft WHERE hash = $1",
        params![hash],
        |row| {
            Ok(DraftRow {
                xml: row.get(0)?,
                by_whom: row.get(1)?,
                uploaded_at: row.get(2)?,
            })
        },
    )
}

pub(crate) fn drop_draft(tx: &mut Tx<'_>, hash: &str) -> Result<()> {
    tx.put("DELETE FROM process_draft WHERE hash = $1", params![hash])
}

/// Files that nobody published.
pub(crate) fn sweep_drafts(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    tx.put(
        "DELETE FROM process_draft WHERE uploaded_at < $1",
        params![before],
    )
}

/// Hash, name, who and when of the files that wait, newest first.
pub(crate) fn drafts(
    tx: &mut Tx<'_>,
    limit: u32,
) -> Result<Vec<(String, String, String, Timestamp)>> {
    tx.all(
        "SELECT hash, name, by_whom, uploaded_at FROM process_draft ORDER BY uploaded_at DESC, hash LIMIT $1",
        params![limit],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )
}

pub(crate) fn head(tx: &mut Tx<'_>) -> Result<Head> {
    chain::head(
        tx,
        "SELECT n, leaf, leaf_sm3 FROM process_change ORDER BY n DESC LIMIT 1",
    )
}

/// Fails if somebody else has published meanwhile.
pub(crate) fn insert(tx: &mut Tx<'_>, change: &ProcessChange, kept: &Kept) -> Result<()> {
    let n = tx.execute(
        "INSERT INTO process_change (n, at, by_whom, officer_id, name, hash, reason, leaf, leaf_sm3, proof)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (n) DO NOTHING",
        params![
            change.n,
            change.at,
            &change.by_whom,
            kept.officer,
            &change.name,
            &change.hash,
            &change.reason,
            &kept.leaf,
            &kept.leaf_sm3,
            &kept.proof
        ],
    )?;
    if n == 1 {
        return Ok(());
    }
    Err(
        Error::conflict("process.stale", "流程刚刚被他人发布，您的操作没有保存")
            .advice("请刷新页面，核对后重新提交"),
    )
}

macro_rules! change {
    ($rest:literal) => {
        concat!(
            "SELECT n, at, by_whom, name, hash, reason, leaf FROM process_change ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<ProcessChange> {
    Ok(ProcessChange {
        n: row.get(0)?,
        at: row.get(1)?,
        by_whom: row.get(2)?,
        name: row.get(3)?,
        hash: row.get(4)?,
        reason: row.get(5)?,
        leaf: hex::encode(row.get::<[u8; 32]>(6)?),
    })
}

pub(crate) fn change(tx: &mut Tx<'_>, n: u32) -> Result<Option<ProcessChange>> {
    tx.opt(change!("WHERE n = $1"), params![n], read)
}

/// The publication of a version; `None` for those that came with the program.
pub(crate) fn change_of(tx: &mut Tx<'_>, hash: &str) -> Result<Option<ProcessChange>> {
    tx.opt(
        change!("WHERE hash = $1 ORDER BY n DESC LIMIT 1"),
        params![hash],
        read,
    )
}
