//! The sequencer: turns leaves into tiles and signed checkpoints, and the year.

use std::sync::PoisonError;

use jiff::Timestamp;
use jiff::tz::Offset;
use tongban_kernel::{Error, Result, shanghai_date};
use tongban_storage::{Ctx, Leaf, Tx, append_leaf, leaf_index, params, sequence_pending};
use tongban_tlog::leaf::{previous_log_entry, sm3_checkpoint_entry};
use tongban_tlog::{Checkpoint, Hash, Note, Sha256Tree, Sm3Tree, Tile, TileWriter};

use super::volume::{self, Volume};
use super::{Log, Stored, Tree, broken, stored_size};

/// Leaves taken per round.
const ROUND: u32 = 4_096;

/// The growing edge of both trees of a log.
#[derive(Clone)]
pub(super) struct Edge {
    year: i64,
    sha256: TileWriter<Sha256Tree>,
    sm3: TileWriter<Sm3Tree>,
}

impl Edge {
    fn new(year: i64) -> Self {
        Self {
            year,
            sha256: TileWriter::new(),
            sm3: TileWriter::new(),
        }
    }

    fn resume(tx: &mut Tx<'_>, volume: &Volume) -> Result<Self> {
        let size = stored_size(tx, volume, Tree::Sha256)?;
        let sha256 = TileWriter::resume(size, &Stored::new(tx, volume, Tree::Sha256));
        let size = stored_size(tx, volume, Tree::Sm3)?;
        let sm3 = TileWriter::resume(size, &Stored::new(tx, volume, Tree::Sm3));
        Ok(Self {
            year: volume.year,
            sha256: sha256.map_err(broken)?,
            sm3: sm3.map_err(broken)?,
        })
    }
}

/// One round of the sequencer: takes new leaves into both trees and signs new checkpoints, in one transaction. Returns how
/// many leaves were taken. The SM3 checkpoint becomes a leaf of the SHA-256 tree, which the next round covers.
///
/// After New Year (Asia/Shanghai, by the clock of the platform) the leaves of the old year are finished first; then the old log is
/// closed and the new one begins with its final checkpoint.
pub async fn sequence(ctx: &Ctx) -> Result<u64> {
    let ctx2 = ctx.clone();
    ctx.db.write(move |tx| round(&ctx2, tx)).await
}

fn round(ctx: &Ctx, tx: &mut Tx<'_>) -> Result<u64> {
    let log = ctx.parts.get::<Log>()?;
    let now = ctx.now();
    // On PostgreSQL this takes the row lock of the head: one sequencer at a time.
    let numbered = sequence_pending(tx, ROUND, now)?;
    let volume = volume::newest(tx)?.ok_or_else(|| Error::internal("the log has not begun"))?;
    let mut kept = log.edge.lock().unwrap_or_else(PoisonError::into_inner);
    // Rows decide: another node, or a rolled-back round of our own, may have moved the edge. The size alone does not tell: another
    // node may have reached the same size with other leaves.
    let (stored, root) = head(tx, &volume)?;
    let fits = |edge: &Edge| {
        edge.year == volume.year && edge.sha256.size() == stored && edge.sha256.root() == root
    };
    let mut edge = match kept.take().filter(fits) {
        Some(edge) => edge,
        None => Edge::resume(tx, &volume)?,
    };
    let over = i64::from(shanghai_date(now).year()) > volume.year;
    let mut new = volume.leaves(tx, stored, ROUND)?;
    if over && let Some(end) = first_of_next_year(tx, &volume, stored)? {
        let left = volume.place_of(end).unwrap_or(0).saturating_sub(stored);
        new.truncate(usize::try_from(left).unwrap_or(usize::MAX));
    }
    let mut taken = new.len() as u64;
    if taken > 0 {
        grow(ctx, tx, &log, &volume, &mut edge, &new)?;
    } else if over && numbered < u64::from(ROUND) {
        edge = turn(ctx, tx, &log, &volume, edge)?;
        taken = 2; // The new year's leaves may be waiting already.
    }
    // Kept only as a shortcut; if this transaction fails the size will not fit and the edge is read anew.
    *kept = Some(edge);
    Ok(taken)
}

/// Size and root under the newest checkpoint.
fn head(tx: &mut Tx<'_>, volume: &Volume) -> Result<(u64, Hash)> {
    let size = stored_size(tx, volume, Tree::Sha256)?;
    if size == 0 {
        return Ok((0, TileWriter::<Sha256Tree>::new().root()));
    }
    let note = Note::parse(&final_note(tx, volume, Tree::Sha256)?).map_err(broken)?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(broken)?;
    Ok((size, checkpoint.root))
}

/// The index of the first leaf after `place` that was logged after the year of `volume`. It and all behind it belong to the next
/// log, also if a clock that stepped back gave one of them an earlier time: order is by index, never by clock.
fn first_of_next_year(tx: &mut Tx<'_>, volume: &Volume, place: u64) -> Result<Option<u64>> {
    let from = i64::try_from(volume.index_of(place)).unwrap_or(i64::MAX);
    tx.one(
        "SELECT MIN(idx) FROM tlog_leaf WHERE idx >= $1 AND logged_at >= $2",
        params![from, new_year(volume.year + 1)?],
        |row| row.get(0),
    )
}

/// Midnight of 1 January in Asia/Shanghai (UTC+8 all year since 1992).
pub(super) fn new_year(year: i64) -> Result<Timestamp> {
    let bad = || Error::internal("year out of range");
    let year = i16::try_from(year).map_err(|_| bad())?;
    let midnight = jiff::civil::Date::new(year, 1, 1)
        .map_err(|source| bad().source(source))?
        .at(0, 0, 0, 0);
    Offset::constant(8)
        .to_timestamp(midnight)
        .map_err(|source| bad().source(source))
}

/// Closes the log of the old year with its final checkpoint, which is leaf 0 of the new one.
fn turn(ctx: &Ctx, tx: &mut Tx<'_>, log: &Log, old: &Volume, mut edge: Edge) -> Result<Edge> {
    let size = edge.sha256.size();
    if size == 0 {
        sign(ctx, tx, log, old, &edge)?;
    }
    let last = final_note(tx, old, Tree::Sha256)?;
    let last_sm3 = Note::parse(&final_note(tx, old, Tree::Sm3)?).map_err(broken)?;
    volume::close(tx, old.year, size)?;
    let year = i64::from(shanghai_date(ctx.now()).year());
    let opening = previous_log_entry(&Note::parse(&last).map_err(broken)?);
    let new = Volume {
        year,
        origin: old.origin_of(year),
        first_idx: old.index_of(size),
        opening: Some(opening),
        size: None,
    };
    volume::add(tx, &new)?;
    anchor(ctx, tx, &last_sm3)?;
    edge = Edge::new(year);
    let opening: Vec<Leaf> = new.opening_leaf().into_iter().collect();
    grow(ctx, tx, log, &new, &mut edge, &opening)?;
    tracing::info!(origin = %new.origin, "the log of {} is closed with {size} leaves", old.year);
    Ok(edge)
}

pub(super) fn final_note(tx: &mut Tx<'_>, volume: &Volume, tree: Tree) -> Result<String> {
    tx.one(
        "SELECT note FROM tlog_checkpoint WHERE tree = $1 ORDER BY size DESC LIMIT 1",
        params![volume.tree_key(tree)],
        |row| row.get(0),
    )
}

fn put_tile(tx: &mut Tx<'_>, key: &str, tile: &Tile) -> Result<()> {
    let index = i64::try_from(tile.id.index).map_err(|_| Error::internal("tile index"))?;
    tx.put(
        "INSERT INTO tlog_tile (tree, level, idx, width, hashes) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tree, level, idx) DO UPDATE SET width = $4, hashes = $5",
        params![
            key,
            tile.id.level.unwrap_or(0),
            index,
            tile.id.width,
            &tile.bytes
        ],
    )
}

fn put_checkpoint(tx: &mut Tx<'_>, key: &str, size: u64, note: &Note, at: Timestamp) -> Result<()> {
    let size = i64::try_from(size).map_err(|_| Error::internal("log size"))?;
    tx.put(
        "INSERT INTO tlog_checkpoint (tree, size, note, made_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tree, size) DO NOTHING",
        params![key, size, note.to_string(), at],
    )
}

fn sign(ctx: &Ctx, tx: &mut Tx<'_>, log: &Log, volume: &Volume, edge: &Edge) -> Result<Note> {
    let (size, now) = (edge.sha256.size(), ctx.now());
    let note = log.sign(&volume.origin, Tree::Sha256, size, edge.sha256.root())?;
    put_checkpoint(tx, &volume.tree_key(Tree::Sha256), size, &note, now)?;
    let note = log.sign(&volume.origin, Tree::Sm3, size, edge.sm3.root())?;
    put_checkpoint(tx, &volume.tree_key(Tree::Sm3), size, &note, now)?;
    Ok(note)
}

fn grow(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    log: &Log,
    volume: &Volume,
    edge: &mut Edge,
    new: &[Leaf],
) -> Result<()> {
    let (mut tiles, mut tiles_sm3) = (Vec::new(), Vec::new());
    for leaf in new {
        edge.sha256.append(leaf.hash, &mut tiles).map_err(broken)?;
        edge.sm3
            .append(leaf.hash_sm3, &mut tiles_sm3)
            .map_err(broken)?;
    }
    tiles.extend(edge.sha256.partials());
    tiles_sm3.extend(edge.sm3.partials());
    for (tree, tiles) in [(Tree::Sha256, tiles), (Tree::Sm3, tiles_sm3)] {
        let key = volume.tree_key(tree);
        for tile in &tiles {
            put_tile(tx, &key, tile)?;
        }
    }
    let note = sign(ctx, tx, log, volume, edge)?;
    // Anchors alone need no new anchor, else the log would grow for ever.
    if new.iter().all(|leaf| leaf.leaf.starts_with(ANCHOR)) {
        return Ok(());
    }
    anchor(ctx, tx, &note)
}

/// Header of the entries that hold an SM3 checkpoint.
const ANCHOR: &[u8] = b"gov-sm3-checkpoint/v1\n";

/// An SM3 checkpoint becomes a leaf, once.
fn anchor(ctx: &Ctx, tx: &mut Tx<'_>, note: &Note) -> Result<()> {
    let leaf = Leaf::of_entry(sm3_checkpoint_entry(note));
    let waits: i64 = tx.one(
        "SELECT COUNT(*) FROM tlog_pending WHERE hash = $1",
        params![&leaf.hash],
        |row| row.get(0),
    )?;
    if waits > 0 || leaf_index(tx, &leaf.hash)?.is_some() {
        return Ok(());
    }
    append_leaf(tx, &ctx.ids, &leaf, ctx.now())
}
