//! What is published by its content: processes and decisions. Versions, files that wait for publication, and who published what; the
//! tables of both have the same columns.

use jiff::Timestamp;
use tongban_kernel::{Error, Result};
use tongban_storage::{ChainHead, Row, Tx, params};

use super::chain::Kept;
use crate::model::Publication;

/// The statements of one kind.
pub(crate) struct Kind {
    all: &'static str,
    of_name: &'static str,
    one: &'static str,
    put: &'static str,
    xml: &'static str,
    latest: &'static str,
    put_draft: &'static str,
    draft: &'static str,
    drop_draft: &'static str,
    sweep_drafts: &'static str,
    drafts: &'static str,
    head: &'static str,
    insert: &'static str,
    change: &'static str,
    change_of: &'static str,
    /// Code and words of the refusal when somebody else was first.
    stale: (&'static str, &'static str),
    /// Code of the refusal of a file that is published already.
    pub(crate) same: &'static str,
}

macro_rules! kind {
    ($version:literal, $draft:literal, $change:literal, $stale:expr, $same:literal) => {
        Kind {
            all: concat!("SELECT hash, name, published_at FROM ", $version, " ORDER BY name, published_at DESC, hash DESC LIMIT $1"),
            of_name: concat!("SELECT hash, name, published_at FROM ", $version, " WHERE name = $1 ORDER BY published_at DESC, hash DESC LIMIT $2"),
            one: concat!("SELECT hash, name, published_at FROM ", $version, " WHERE hash = $1"),
            put: concat!("INSERT INTO ", $version, " (hash, name, xml, published_at) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING"),
            xml: concat!("SELECT xml FROM ", $version, " WHERE hash = $1"),
            latest: concat!("SELECT hash FROM ", $version, " WHERE name = $1 ORDER BY published_at DESC, hash DESC LIMIT 1"),
            put_draft: concat!("INSERT INTO ", $draft, " (hash, name, xml, by_whom, uploaded_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO UPDATE SET by_whom = $4, uploaded_at = $5"),
            draft: concat!("SELECT xml, by_whom, uploaded_at FROM ", $draft, " WHERE hash = $1"),
            drop_draft: concat!("DELETE FROM ", $draft, " WHERE hash = $1"),
            sweep_drafts: concat!("DELETE FROM ", $draft, " WHERE uploaded_at < $1"),
            drafts: concat!("SELECT hash, name, by_whom, uploaded_at FROM ", $draft, " ORDER BY uploaded_at DESC, hash LIMIT $1"),
            head: concat!("SELECT n, leaf, leaf_sm3 FROM ", $change, " ORDER BY n DESC LIMIT 1"),
            insert: concat!("INSERT INTO ", $change, " (n, at, by_whom, officer_id, name, hash, reason, leaf, leaf_sm3, proof) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (n) DO NOTHING"),
            change: concat!("SELECT n, at, by_whom, name, hash, reason, leaf FROM ", $change, " WHERE n = $1"),
            change_of: concat!("SELECT n, at, by_whom, name, hash, reason, leaf FROM ", $change, " WHERE hash = $1 ORDER BY n DESC LIMIT 1"),
            stale: $stale,
            same: $same,
        }
    };
}

/// Processes (BPMN).
pub(crate) const PROCESSES: Kind = kind!(
    "process_definition",
    "process_draft",
    "process_change",
    ("process.stale", "流程刚刚被他人发布，您的操作没有保存"),
    "process.same"
);
/// Decisions (DMN).
pub(crate) const DECISIONS: Kind = kind!(
    "decision_model",
    "decision_draft",
    "decision_change",
    ("decision.stale", "决策刚刚被他人发布，您的操作没有保存"),
    "decision.same"
);

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

/// A file that waits for publication.
pub(crate) struct DraftRow {
    pub(crate) xml: Vec<u8>,
    pub(crate) by_whom: String,
    pub(crate) uploaded_at: Timestamp,
}

fn change(row: &Row<'_>) -> Result<Publication> {
    Ok(Publication {
        n: row.get(0)?,
        at: row.get(1)?,
        by_whom: row.get(2)?,
        name: row.get(3)?,
        hash: row.get(4)?,
        reason: row.get(5)?,
        leaf: hex::encode(row.get::<[u8; 32]>(6)?),
    })
}

impl Kind {
    /// All versions by name, newest first.
    pub(crate) fn versions(&self, tx: &mut Tx<'_>, limit: u32) -> Result<Vec<VersionRow>> {
        tx.all(self.all, params![limit], version)
    }

    /// The versions of one name, newest first.
    pub(crate) fn versions_of(
        &self,
        tx: &mut Tx<'_>,
        name: &str,
        limit: u32,
    ) -> Result<Vec<VersionRow>> {
        tx.all(self.of_name, params![name, limit], version)
    }

    pub(crate) fn one(&self, tx: &mut Tx<'_>, hash: &str) -> Result<Option<VersionRow>> {
        tx.opt(self.one, params![hash], version)
    }

    pub(crate) fn put(
        &self,
        tx: &mut Tx<'_>,
        hash: &str,
        name: &str,
        xml: &[u8],
        at: Timestamp,
    ) -> Result<()> {
        tx.put(self.put, params![hash, name, xml, at])
    }

    pub(crate) fn xml(&self, tx: &mut Tx<'_>, hash: &str) -> Result<Option<Vec<u8>>> {
        tx.opt(self.xml, params![hash], |row| row.get(0))
    }

    /// The newest version of this name.
    pub(crate) fn latest(&self, tx: &mut Tx<'_>, name: &str) -> Result<Option<String>> {
        tx.opt(self.latest, params![name], |row| row.get(0))
    }

    pub(crate) fn put_draft(
        &self,
        tx: &mut Tx<'_>,
        hash: &str,
        name: &str,
        xml: &[u8],
        by_whom: &str,
        at: Timestamp,
    ) -> Result<()> {
        tx.put(self.put_draft, params![hash, name, xml, by_whom, at])
    }

    pub(crate) fn draft(&self, tx: &mut Tx<'_>, hash: &str) -> Result<Option<DraftRow>> {
        tx.opt(self.draft, params![hash], |row| {
            Ok(DraftRow {
                xml: row.get(0)?,
                by_whom: row.get(1)?,
                uploaded_at: row.get(2)?,
            })
        })
    }

    pub(crate) fn drop_draft(&self, tx: &mut Tx<'_>, hash: &str) -> Result<()> {
        tx.put(self.drop_draft, params![hash])
    }

    /// Drops files that nobody published.
    pub(crate) fn sweep_drafts(&self, tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
        tx.put(self.sweep_drafts, params![before])
    }

    /// Hash, name, who and when of the files that wait, newest first.
    pub(crate) fn drafts(
        &self,
        tx: &mut Tx<'_>,
        limit: u32,
    ) -> Result<Vec<(String, String, String, Timestamp)>> {
        tx.all(self.drafts, params![limit], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
    }

    /// The end of the chain of publications.
    pub(crate) fn head(&self, tx: &mut Tx<'_>) -> Result<ChainHead> {
        ChainHead::read(tx, self.head)
    }

    /// Fails if somebody else has published meanwhile.
    pub(crate) fn insert(&self, tx: &mut Tx<'_>, change: &Publication, kept: &Kept) -> Result<()> {
        let n = tx.execute(
            self.insert,
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
        let (code, words) = self.stale;
        Err(Error::conflict(code, words).advice("请刷新页面，核对后重新提交"))
    }

    pub(crate) fn change(&self, tx: &mut Tx<'_>, n: u32) -> Result<Option<Publication>> {
        tx.opt(self.change, params![n], change)
    }

    /// The publication of a version; `None` for those that came with the program.
    pub(crate) fn change_of(&self, tx: &mut Tx<'_>, hash: &str) -> Result<Option<Publication>> {
        tx.opt(self.change_of, params![hash], change)
    }
}
