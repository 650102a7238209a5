//! What is served under `/tlog/`: checkpoints, tiles, entry bundles.

use tongban_kernel::{Error, ErrorKind, Result};
use tongban_storage::{Ctx, LogHead, Tx, params};
use tongban_tlog::{Checkpoint, Note, TileId, TileSource as _};

use super::volume::{self, Volume};
use super::{Log, Stored, Tree, broken, sequence, stored_size};

/// Bytes of the log and how long they stay what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    pub bytes: Vec<u8>,
    /// Seconds for which the address means these bytes; `None`: for ever.
    pub fresh: Option<u64>,
}

/// The log of `year`, or the one that grows.
fn chosen(tx: &mut Tx<'_>, year: Option<i64>) -> Result<Volume> {
    match year {
        Some(year) => volume::of_year(tx, year)?,
        None => volume::newest(tx)?,
    }
    .ok_or_else(Error::not_found)
}

/// The newest signed checkpoint of the log of `year` (or of the one that grows), as served: where witnesses are configured, the
/// newest that their quorum has cosigned.
pub async fn checkpoint(ctx: &Ctx, year: Option<i64>, tree: Tree) -> Result<String> {
    let witnessed = ctx.parts.get::<Log>()?.witnesses.is_some();
    ctx.db
        .read(move |tx| {
            let volume = chosen(tx, year)?;
            newest(tx, &volume, tree, witnessed)?.ok_or_else(Error::not_found)
        })
        .await
}

/// The newest head for papers, as `tongban verify --paper` reads it back (transparency log, memory on paper).
pub fn head_for_paper() -> LogHead {
    LogHead(Box::new(|ctx| {
        let ctx = ctx.clone();
        Box::pin(async move {
            let note = match checkpoint(&ctx, None, Tree::Sha256).await {
                Ok(note) => note,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            let head = Note::parse(&note)
                .and_then(|note| Checkpoint::parse(note.text()))
                .map_err(broken)?;
            Ok(Some(head.line()))
        })
    }))
}

/// As [`checkpoint`]. The SM3 tree has no witnesses of its own: its checkpoints are leaves of the SHA-256 tree.
pub(super) fn newest(
    tx: &mut Tx<'_>,
    volume: &Volume,
    tree: Tree,
    witnessed: bool,
) -> Result<Option<String>> {
    tx.opt(
        "SELECT note FROM tlog_checkpoint WHERE tree = $1 AND witnessed >= $2 ORDER BY size DESC LIMIT 1",
        params![
            volume.tree_key(tree),
            i64::from(witnessed && tree == Tree::Sha256)
        ],
        |row| row.get(0),
    )
}

/// A tile or entry bundle of the log of `year` (or of the one that grows) by its C2SP path (`tile/…`).
pub async fn tile(ctx: &Ctx, year: Option<i64>, tree: Tree, path: &str) -> Result<Served> {
    let id: TileId = path.parse().map_err(|_| Error::not_found())?;
    let now = ctx.now();
    ctx.db
        .read(move |tx| {
            let volume = chosen(tx, year)?;
            // An address without the year means another log after New Year.
            let fresh = match year {
                Some(_) => None,
                None => {
                    let left = sequence::new_year(volume.year + 1)?.duration_since(now);
                    Some(u64::try_from(left.as_secs()).unwrap_or(0))
                }
            };
            let bytes = match id.level {
                Some(_) => hashes(tx, &volume, tree, id)?,
                None => entries(tx, &volume, tree, id)?,
            };
            Ok(Served { bytes, fresh })
        })
        .await
}

fn hashes(tx: &mut Tx<'_>, volume: &Volume, tree: Tree, id: TileId) -> Result<Vec<u8>> {
    let bytes = Stored::new(tx, volume, tree)
        .tile(id)
        .map_err(|_| Error::not_found())?;
    bytes
        .get(..usize::from(id.width) * 32)
        .map(<[u8]>::to_vec)
        .ok_or_else(Error::not_found)
}

fn entries(tx: &mut Tx<'_>, volume: &Volume, tree: Tree, id: TileId) -> Result<Vec<u8>> {
    let size = stored_size(tx, volume, tree)?;
    let first = id.index.checked_mul(256).ok_or_else(Error::not_found)?;
    let end = first.checked_add(u64::from(id.width));
    if end.is_none_or(|end| end > size) {
        return Err(Error::not_found());
    }
    let entries = volume.leaves(tx, first, u32::from(id.width))?;
    tongban_tlog::encode_entries(entries.iter().map(|leaf| leaf.leaf.as_slice())).map_err(broken)
}
