//! One log per year: which leaves are whose.

use tongban_kernel::{Error, Result};
use tongban_storage::{Ctx, Leaf, Row, Tx, leaves, params};

use super::Tree;

/// The log of a year (`<domain>/<year>`). Its leaf 0 is the final checkpoint of the log before it; the first log has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    pub year: i64,
    pub origin: String,
    /// Index in `tlog_leaf` of the first leaf after the opening one.
    pub(super) first_idx: u64,
    pub(super) opening: Option<Vec<u8>>,
    /// Leaves when the year was closed; `None`: it still grows.
    pub size: Option<u64>,
}

const ALL: &str =
    "SELECT year, origin, first_idx, opening, size FROM tlog_volume ORDER BY year LIMIT 1000";

impl Volume {
    /// The log with which an installation begins.
    pub(super) fn first(origin: String) -> Result<Self> {
        let year = origin
            .rsplit_once('/')
            .and_then(|(_, year)| year.parse().ok())
            .ok_or_else(|| Error::internal("origin of the log has no year"))?;
        Ok(Self {
            year,
            origin,
            first_idx: 0,
            opening: None,
            size: None,
        })
    }

    /// The name of the log of another year.
    pub(super) fn origin_of(&self, year: i64) -> String {
        let domain = self
            .origin
            .rsplit_once('/')
            .map_or(self.origin.as_str(), |(domain, _)| domain);
        format!("{domain}/{year}")
    }

    /// How rows name a tree of this log; those of the first log were there before there were years.
    pub(super) fn tree_key(&self, tree: Tree) -> String {
        if self.opening.is_some() {
            format!("{}/{}", self.year, tree.key())
        } else {
            tree.key().to_owned()
        }
    }

    fn lead(&self) -> u64 {
        u64::from(self.opening.is_some())
    }

    /// The index in `tlog_leaf` of the leaf with this place in the log.
    pub(super) fn index_of(&self, place: u64) -> u64 {
        self.first_idx + place.saturating_sub(self.lead())
    }

    /// The place in the log of the leaf with this index in `tlog_leaf`; `None` if it lies in an earlier log.
    pub(super) fn place_of(&self, index: u64) -> Option<u64> {
        Some(index.checked_sub(self.first_idx)? + self.lead())
    }

    /// The opening leaf with its hashes.
    pub(super) fn opening_leaf(&self) -> Option<Leaf> {
        self.opening.clone().map(Leaf::of_entry)
    }

    /// At most `n` leaves from `place` on, the opening one included. May reach into the next log: the caller bounds it.
    pub(super) fn leaves(&self, tx: &mut Tx<'_>, place: u64, n: u32) -> Result<Vec<Leaf>> {
        let mut found = Vec::new();
        if place == 0 {
            found.extend(self.opening_leaf());
        }
        let rest = n.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        found.extend(leaves(tx, self.index_of(place), rest)?);
        Ok(found)
    }
}

fn read(row: &Row<'_>) -> Result<Volume> {
    Ok(Volume {
        year: row.get(0)?,
        origin: row.get(1)?,
        first_idx: row.get(2)?,
        opening: row.get(3)?,
        size: row.get(4)?,
    })
}

/// Every log, oldest first.
pub(super) fn all(tx: &mut Tx<'_>) -> Result<Vec<Volume>> {
    tx.all(ALL, params![], read)
}

/// Every log, oldest first.
pub async fn volumes(ctx: &Ctx) -> Result<Vec<Volume>> {
    ctx.db.read(all).await
}

/// The log that grows.
pub(super) fn newest(tx: &mut Tx<'_>) -> Result<Option<Volume>> {
    tx.opt(
        "SELECT year, origin, first_idx, opening, size FROM tlog_volume ORDER BY year DESC LIMIT 1",
        params![],
        read,
    )
}

/// The log of a year.
pub(super) fn of_year(tx: &mut Tx<'_>, year: i64) -> Result<Option<Volume>> {
    tx.opt(
        "SELECT year, origin, first_idx, opening, size FROM tlog_volume WHERE year = $1",
        params![year],
        read,
    )
}

/// Writes a new log down.
pub(super) fn add(tx: &mut Tx<'_>, volume: &Volume) -> Result<()> {
    tx.put(
        "INSERT INTO tlog_volume (year, origin, first_idx, opening) VALUES ($1, $2, $3, $4)",
        params![
            volume.year,
            &volume.origin,
            i64::try_from(volume.first_idx).map_err(|_| Error::internal("log too long"))?,
            volume.opening.as_deref()
        ],
    )
}

/// Nothing is added to the log of this year any more.
pub(super) fn close(tx: &mut Tx<'_>, year: i64, size: u64) -> Result<()> {
    tx.put(
        "UPDATE tlog_volume SET size = $1 WHERE year = $2",
        params![
            i64::try_from(size).map_err(|_| Error::internal("log too long"))?,
            year
        ],
    )
}
