//! C2SP tlog-tiles: paths, full and partial tiles of height 8, entry bundles.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::{Result, TlogError, format};
use crate::hash::{Hash, TreeHash};
use crate::merkle::{Frontier, HashReader};

/// Hashes (or entries) in a full tile.
pub const TILE_WIDTH: u16 = 256;
/// Tree levels in one tile.
const TILE_HEIGHT: u8 = 8;
/// Tile levels that a tree of at most 2^56 leaves can have.
const TILE_LEVELS: u8 = 8;

/// Name of a tile or entry bundle; `Display` and `FromStr` use the path of C2SP tlog-tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// Tile level, or `None` for an entry bundle (`tile/entries/…`).
    pub level: Option<u8>,
    /// Index within the level.
    pub index: u64,
    /// Hashes or entries in it, 1–256; below 256 it is partial (`.p/<W>`).
    pub width: u16,
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(level) => write!(f, "tile/{level}/")?,
            None => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups.first().copied().unwrap_or(0))?;
        if self.width < TILE_WIDTH {
            write!(f, ".p/{}", self.width)
        } else {
            Ok(())
        }
    }
}

impl FromStr for TileId {
    type Err = TlogError;

    fn from_str(path: &str) -> Result<Self> {
        parse_path(path)
            .filter(|id| id.to_string() == path)
            .ok_or_else(|| format("瓦片路径", path))
    }
}

/// Lenient split; the caller compares the printed form, which makes it strict.
fn parse_path(path: &str) -> Option<TileId> {
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let level = match level {
        "entries" => None,
        number => Some(number.parse::<u8>().ok().filter(|l| *l < 64)?),
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (
            number,
            width
                .parse::<u16>()
                .ok()
                .filter(|w| (1..TILE_WIDTH).contains(w))?,
        ),
        None => (rest, TILE_WIDTH),
    };
    let mut index = 0u64;
    for group in number.split('/') {
        let group: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        index = index.checked_mul(1000)?.checked_add(group)?;
    }
    Some(TileId {
        level,
        index,
        width,
    })
}

/// A tile with its bytes, ready to be stored and served under its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Name and path.
    pub id: TileId,
    /// `width` × 32 bytes.
    pub bytes: Vec<u8>,
}

/// Where stored tiles come from.
pub trait TileSource {
    /// Bytes of the tile; a full tile may be given for a partial one (its prefix is used).
    fn tile(&self, id: TileId) -> Result<Vec<u8>>;
}

impl TileSource for BTreeMap<TileId, Vec<u8>> {
    fn tile(&self, id: TileId) -> Result<Vec<u8>> {
        let full = TileId {
            width: TILE_WIDTH,
            ..id
        };
        self.get(&id)
            .or_else(|| self.get(&full))
            .cloned()
            .ok_or(TlogError::Missing {
                level: id.level.unwrap_or(0),
                index: id.index,
            })
    }
}

/// Names of all hash tiles that a tree of `size` leaves has which a tree of `old` leaves had not.
pub fn new_tiles(old: u64, size: u64) -> Vec<TileId> {
    let mut ids = Vec::new();
    for level in 0..TILE_LEVELS {
        let shift = u32::from(level * TILE_HEIGHT);
        let (from, to) = (old >> shift, size >> shift);
        if to == 0 {
            break;
        }
        if from == to {
            continue;
        }
        for index in from / 256..=(to - 1) / 256 {
            let width = (to - index * 256).min(256) as u16;
            ids.push(TileId {
                level: Some(level),
                index,
                width,
            });
        }
    }
    ids
}

/// Appends leaf hashes and cuts tiles. Holds the frontier and the open (partial) tile per level.
#[derive(Debug, Clone)]
pub struct TileWriter<H> {
    frontier: Frontier<H>,
    /// Bytes of the open tile of each tile level.
    open: Vec<Vec<u8>>,
}

impl<H: TreeHash> Default for TileWriter<H> {
    fn default() -> Self {
        Self {
            frontier: Frontier::new(),
            open: Vec::new(),
        }
    }
}

impl<H: TreeHash> TileWriter<H> {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Continues a stored log of `size` leaves: reads its right edge from the tiles.
    pub fn resume(size: u64, source: &impl TileSource) -> Result<Self> {
        let frontier = Frontier::from_reader(size, &TileReader::<H, _>::new(size, source))?;
        let mut open = Vec::new();
        for level in 0..TILE_LEVELS {
            let count = size >> (level * TILE_HEIGHT);
            let width = (count % 256) as u16;
            open.push(if width == 0 {
                Vec::new()
            } else {
                read_tile(
                    source,
                    TileId {
                        level: Some(level),
                        index: count / 256,
                        width,
                    },
                )?
            });
        }
        Ok(Self { frontier, open })
    }

    /// Adds a leaf hash; every tile that became full is pushed to `full`. Returns the leaf's index.
    pub fn append(&mut self, leaf_hash: Hash, full: &mut Vec<Tile>) -> Result<u64> {
        let open = &mut self.open;
        self.frontier.append_with(leaf_hash, |level, index, hash| {
            if level % TILE_HEIGHT != 0 {
                return;
            }
            let tile_level = level / TILE_HEIGHT;
            let slot = usize::from(tile_level);
            while open.len() <= slot {
                open.push(Vec::new());
            }
            let Some(bytes) = open.get_mut(slot) else {
                return;
            };
            bytes.extend_from_slice(hash);
            if bytes.len() == usize::from(TILE_WIDTH) * 32 {
                let id = TileId {
                    level: Some(tile_level),
                    index: index / 256,
                    width: TILE_WIDTH,
                };
                full.push(Tile {
                    id,
                    bytes: std::mem::take(bytes),
                });
            }
        })
    }

    /// The partial tiles of the tree as it is now; must be served when a checkpoint is signed.
    pub fn partials(&self) -> Vec<Tile> {
        let tile = |(level, bytes): (u8, &Vec<u8>)| {
            let index = (self.frontier.size() >> (level * TILE_HEIGHT)) / 256;
            let width = (bytes.len() / 32) as u16;
            Tile {
                id: TileId {
                    level: Some(level),
                    index,
                    width,
                },
                bytes: bytes.clone(),
            }
        };
        (0u8..)
            .zip(&self.open)
            .filter(|(_, bytes)| !bytes.is_empty())
            .map(tile)
            .collect()
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Root hash as it is now.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The frontier (for storing beside the leaves).
    pub fn frontier(&self) -> &Frontier<H> {
        &self.frontier
    }
}

/// Reads any stored hash of a tree of `size` leaves out of its tiles.
#[derive(Debug)]
pub struct TileReader<'a, H, S> {
    size: u64,
    source: &'a S,
    hash: std::marker::PhantomData<H>,
}

impl<'a, H: TreeHash, S: TileSource> TileReader<'a, H, S> {
    /// A reader for the tree of `size` leaves.
    pub fn new(size: u64, source: &'a S) -> Self {
        Self {
            size,
            source,
            hash: std::marker::PhantomData,
        }
    }
}

impl<H: TreeHash, S: TileSource> HashReader for TileReader<'_, H, S> {
    fn read(&self, level: u8, index: u64) -> Result<Hash> {
        let missing = || TlogError::Missing { level, index };
        let tile_level = level / TILE_HEIGHT;
        if tile_level >= TILE_LEVELS {
            return Err(missing());
        }
        let height = level % TILE_HEIGHT;
        let first = index.checked_mul(1 << height).ok_or_else(missing)?;
        let count = self.size >> (tile_level * TILE_HEIGHT);
        let tile_index = first / 256;
        let width = count
            .saturating_sub(tile_index.saturating_mul(256))
            .min(256) as u16;
        if width == 0 {
            return Err(missing());
        }
        let id = TileId {
            level: Some(tile_level),
            index: tile_index,
            width,
        };
        let bytes = read_tile(self.source, id)?;
        let from = (first % 256) as usize * 32;
        let slice = bytes.get(from..from + (32 << height)).ok_or_else(missing)?;
        let mut row: Vec<Hash> = slice.as_chunks::<32>().0.to_vec();
        while row.len() > 1 {
            row = row
                .as_chunks::<2>()
                .0
                .iter()
                .map(|[left, right]| H::node(left, right))
                .collect();
        }
        row.first().copied().ok_or_else(missing)
    }
}

/// Reads a tile and cuts it to its width.
fn read_tile(source: &impl TileSource, id: TileId) -> Result<Vec<u8>> {
    let mut bytes = source.tile(id)?;
    let length = usize::from(id.width) * 32;
    if bytes.len() < length {
        return Err(TlogError::Missing {
            level: id.level.unwrap_or(0),
            index: id.index,
        });
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// Entry bundle: each entry with a big-endian u16 length before it. At most 256 entries of 65,535 bytes.
pub fn encode_entries<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for (i, entry) in entries.into_iter().enumerate() {
        let length = u16::try_from(entry.len())
            .map_err(|_| TlogError::Range(format!("条目长度 {}", entry.len())))?;
        if i >= usize::from(TILE_WIDTH) {
            return Err(TlogError::Range("一包至多 256 条".into()));
        }
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(entry);
    }
    Ok(out)
}

/// Splits an entry bundle; refuses trailing bytes and more than 256 entries.
pub fn decode_entries(mut bytes: &[u8]) -> Result<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let cut = || format("条目包", "长度不足");
        let (length, rest) = bytes.split_first_chunk::<2>().ok_or_else(cut)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
        if entries.len() >= usize::from(TILE_WIDTH) {
            return Err(format("条目包", "超过 256 条"));
        }
        entries.push(entry);
        bytes = rest;
    }
    Ok(entries)
}
