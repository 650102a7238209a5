//! The transparency log of this installation: the sequencer that turns leaves into tiles and signed checkpoints, and the
//! reader that serves them and makes proofs (C2SP tlog-tiles, tlog-checkpoint, tlog-proof; see docs/transparency-log.md).
//!
//! Two trees over the same leaves: SHA-256 under the origin, SM3 under `<origin>-sm3`.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tongban_kernel::{Error, Result};
use tongban_seal::Sm2SigningKey;
use tongban_storage::{
    Ctx, Leaf, Migration, Tx, append_leaf, leaves, log_size, params, sequence_pending,
};
use tongban_tlog::leaf::sm3_checkpoint_entry;
use tongban_tlog::{
    Bundle, BundleEvent, Checkpoint, Ed25519Signer, Note, NoteSigner, NoteVerifier, Sha256Tree,
    Sm2Signer, Sm3Tree, Tile, TileId, TileReader, TileSource, TileWriter, TlogError, TlogProof,
    TreeHash, inclusion_proof,
};

/// The tables of the log.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "tongban",
    number: 1,
    name: "log",
    sql: include_str!("../migrations/0001_log.sql"),
}];

/// Leaves taken per round.
const ROUND: u32 = 4_096;

/// One of the two trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tree {
    Sha256,
    Sm3,
}

impl Tree {
    /// How rows name it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sm3 => "sm3",
        }
    }
}

/// Origin and keys of the log, and the growing edge of both trees.
pub struct Log {
    origin: String,
    ed25519: Ed25519Signer,
    ed25519_sm3: Ed25519Signer,
    sm2: Sm2SigningKey,
    edge: Mutex<Option<Edge>>,
}

#[derive(Clone)]
struct Edge {
    sha256: TileWriter<Sha256Tree>,
    sm3: TileWriter<Sm3Tree>,
    /// The last leaf that was an anchor of the SM3 tree; nothing but anchors after it needs no new checkpoint.
    anchored: u64,
}

fn broken(source: TlogError) -> Error {
    Error::internal(format!("log: {source}"))
}

impl Log {
    /// `origin` is `<domain>/<year>`; the seeds come from the key folder.
    pub fn new(origin: String, ed25519_seed: &[u8; 32], sm2_seed: &[u8; 32]) -> Result<Self> {
        let sm2 = Sm2SigningKey::from_random(sm2_seed)
            .map_err(|source| Error::internal(format!("SM2 key of the log: {source}")))?;
        Ok(Self {
            ed25519: Ed25519Signer::from_seed(origin.as_str(), ed25519_seed).map_err(broken)?,
            ed25519_sm3: Ed25519Signer::from_seed(format!("{origin}-sm3"), ed25519_seed)
                .map_err(broken)?,
            sm2,
            origin,
            edge: Mutex::new(None),
        })
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    fn origin_of(&self, tree: Tree) -> String {
        match tree {
            Tree::Sha256 => self.origin.clone(),
            Tree::Sm3 => format!("{}-sm3", self.origin),
        }
    }

    /// Which keys are believed (C2SP tlog-policy): what `tongban verify` needs. No witnesses are configured yet.
    pub fn policy(&self) -> Result<String> {
        let point = self.sm2.verifying_key().to_point();
        let mut text = String::from("# 透明日志信任策略 tlog-policy\n");
        for (tree, ed25519) in [
            (Tree::Sha256, &self.ed25519),
            (Tree::Sm3, &self.ed25519_sm3),
        ] {
            let sm2 = NoteVerifier::sm2(&self.origin_of(tree), &point).map_err(broken)?;
            text += &format!(
                "log {}\nlog {}\n",
                ed25519.verifier().to_vkey(),
                sm2.to_vkey()
            );
        }
        Ok(text + "quorum none\n")
    }

    fn sign(&self, tree: Tree, size: u64, root: [u8; 32]) -> Result<Note> {
        let origin = self.origin_of(tree);
        let sm2 = Sm2Signer::new(
            origin.as_str(),
            &self.sm2.verifying_key().to_point(),
            |message: &[u8]| {
                self.sm2
                    .sign(message)
                    .map(|signature| signature.to_raw())
                    .map_err(|source| TlogError::Signer(source.to_string()))
            },
        )
        .map_err(broken)?;
        let ed25519: &dyn NoteSigner = match tree {
            Tree::Sha256 => &self.ed25519,
            Tree::Sm3 => &self.ed25519_sm3,
        };
        Checkpoint { origin, size, root }
            .sign(&[ed25519, &sm2])
            .map_err(broken)
    }
}

/// Tiles as a transaction sees them.
struct Stored<'a, 'b> {
    tree: Tree,
    tx: std::cell::RefCell<&'a mut Tx<'b>>,
}

impl TileSource for Stored<'_, '_> {
    fn tile(&self, id: TileId) -> Result<Vec<u8>, TlogError> {
        let level = id.level.unwrap_or(0);
        let missing = TlogError::Missing {
            level,
            index: id.index,
        };
        let index = i64::try_from(id.index).unwrap_or(i64::MAX);
        let found = self.tx.borrow_mut().opt(
            "SELECT hashes FROM tlog_tile WHERE tree = $1 AND level = $2 AND idx = $3",
            params![self.tree.key(), level, index],
            |row| row.get::<Vec<u8>>(0),
        );
        found.ok().flatten().ok_or(missing)
    }
}

fn stored_size(tx: &mut Tx<'_>, tree: Tree) -> Result<u64> {
    tx.one(
        "SELECT COALESCE(MAX(size), 0) FROM tlog_checkpoint WHERE tree = $1",
        params![tree.key()],
        |row| row.get(0),
    )
}

fn resume(tx: &mut Tx<'_>) -> Result<Edge> {
    let (size, size_sm3) = (stored_size(tx, Tree::Sha256)?, stored_size(tx, Tree::Sm3)?);
    let sha256 = {
        let source = Stored {
            tree: Tree::Sha256,
            tx: std::cell::RefCell::new(tx),
        };
        TileWriter::resume(size, &source).map_err(broken)?
    };
    let sm3 = {
        let source = Stored {
            tree: Tree::Sm3,
            tx: std::cell::RefCell::new(tx),
        };
        TileWriter::resume(size_sm3, &source).map_err(broken)?
    };
    Ok(Edge {
        sha256,
        sm3,
        anchored: size_sm3,
    })
}

fn put_tile(tx: &mut Tx<'_>, tree: Tree, tile: &Tile) -> Result<()> {
    let index = i64::try_from(tile.id.index).map_err(|_| Error::internal("tile index"))?;
    tx.put(
        "INSERT INTO tlog_tile (tree, level, idx, width, hashes) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tree, level, idx) DO UPDATE SET width = $4, hashes = $5",
        params![
            tree.key(),
            tile.id.level.unwrap_or(0),
            index,
            tile.id.width,
            &tile.bytes
        ],
    )
}

fn put_checkpoint(
    tx: &mut Tx<'_>,
    tree: Tree,
    size: u64,
    note: &Note,
    at: Timestamp,
) -> Result<()> {
    let size = i64::try_from(size).map_err(|_| Error::internal("log size"))?;
    tx.put(
        "INSERT INTO tlog_checkpoint (tree, size, note, made_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tree, size) DO NOTHING",
        params![tree.key(), size, note.to_string(), at],
    )
}

/// One round of the sequencer: takes new leaves into both trees and signs new checkpoints, in one transaction. Returns how
/// many leaves were taken. The SM3 checkpoint becomes a leaf of the SHA-256 tree, which the next round covers.
pub async fn sequence(ctx: &Ctx) -> Result<u64> {
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let log = ctx2.parts.get::<Log>()?;
            let now = ctx2.now();
            sequence_pending(tx, ROUND, now)?;
            let mut kept = log.edge.lock().unwrap_or_else(PoisonError::into_inner);
            // Rows decide: another node, or a rolled-back round of our own, may have moved the edge.
            let stored = stored_size(tx, Tree::Sha256)?;
            let mut edge = match kept.take().filter(|edge| edge.sha256.size() == stored) {
                Some(edge) => edge,
                None => resume(tx)?,
            };
            let new = leaves(tx, edge.sha256.size(), ROUND)?;
            let taken = new.len() as u64;
            if taken > 0 {
                grow(&ctx2, tx, &log, &mut edge, &new, now)?;
            }
            // Kept only as a shortcut; if this transaction fails the size will not fit and the edge is read anew.
            *kept = Some(edge);
            Ok(taken)
        })
        .await
}

fn grow(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    log: &Log,
    edge: &mut Edge,
    new: &[Leaf],
    now: Timestamp,
) -> Result<()> {
    let (mut tiles, mut tiles_sm3) = (Vec::new(), Vec::new());
    for leaf in new {
        edge.sha256.append(leaf.hash, &mut tiles).map_err(broken)?;
        edge.sm3
            .append(leaf.hash_sm3, &mut tiles_sm3)
            .map_err(broken)?;
    }
    tiles.extend(edge.sha256.partials());
    for tile in &tiles {
        put_tile(tx, Tree::Sha256, tile)?;
    }
    tiles_sm3.extend(edge.sm3.partials());
    for tile in &tiles_sm3 {
        put_tile(tx, Tree::Sm3, tile)?;
    }
    let size = edge.sha256.size();
    put_checkpoint(
        tx,
        Tree::Sha256,
        size,
        &log.sign(Tree::Sha256, size, edge.sha256.root())?,
        now,
    )?;
    let note = log.sign(Tree::Sm3, size, edge.sm3.root())?;
    put_checkpoint(tx, Tree::Sm3, size, &note, now)?;
    let only_anchor = new.len() == 1 && size == edge.anchored + 1 && edge.anchored > 0;
    if !only_anchor {
        let entry = sm3_checkpoint_entry(&note);
        let leaf = Leaf {
            hash: Sha256Tree::leaf(&entry),
            hash_sm3: Sm3Tree::leaf(&entry),
            leaf: entry,
        };
        append_leaf(tx, &ctx.ids, &leaf, now)?;
        edge.anchored = size;
    }
    Ok(())
}

/// The newest signed checkpoint, as served.
pub async fn checkpoint(ctx: &Ctx, tree: Tree) -> Result<String> {
    ctx.db.read(move |tx| newest(tx, tree)).await
}

fn newest(tx: &mut Tx<'_>, tree: Tree) -> Result<String> {
    tx.opt(
        "SELECT note FROM tlog_checkpoint WHERE tree = $1 ORDER BY size DESC LIMIT 1",
        params![tree.key()],
        |row| row.get(0),
    )?
    .ok_or_else(Error::not_found)
}

/// A tile or entry bundle by its C2SP path (`tile/…`).
pub async fn tile(ctx: &Ctx, tree: Tree, path: &str) -> Result<Vec<u8>> {
    let id: TileId = path.parse().map_err(|_| Error::not_found())?;
    ctx.db
        .read(move |tx| match id.level {
            Some(_) => {
                let bytes = Stored {
                    tree,
                    tx: std::cell::RefCell::new(tx),
                }
                .tile(id)
                .map_err(|_| Error::not_found())?;
                bytes
                    .get(..usize::from(id.width) * 32)
                    .map(<[u8]>::to_vec)
                    .ok_or_else(Error::not_found)
            }
            None => {
                let size = stored_size(tx, tree)?;
                let first = id.index.checked_mul(256).ok_or_else(Error::not_found)?;
                if first + u64::from(id.width) > size {
                    return Err(Error::not_found());
                }
                let entries = leaves(tx, first, u32::from(id.width))?;
                tongban_tlog::encode_entries(entries.iter().map(|leaf| leaf.leaf.as_slice()))
                    .map_err(broken)
            }
        })
        .await
}

/// The whole proof bundle of a case: its private fields with an inclusion proof for each event in both trees. Events not yet
/// under a checkpoint make it wait (a second or two).
pub async fn bundle(ctx: &Ctx, case: tongban_cases::ProvableCase) -> Result<Bundle> {
    ctx.db
        .read(move |tx| {
            let notes = BTreeMap::from([
                ("sha256", newest(tx, Tree::Sha256)?),
                ("sm3", newest(tx, Tree::Sm3)?),
            ]);
            let mut events = Vec::with_capacity(case.events.len());
            for event in &case.events {
                let index = tongban_storage::leaf_index(tx, &event.leaf)?.ok_or_else(not_yet)?;
                events.push(BundleEvent {
                    minute: tongban_tlog::leaf::minute_text(event.minute),
                    fields: event.fields.clone(),
                    proof: proof::<Sha256Tree>(tx, Tree::Sha256, &notes["sha256"], index)?,
                    proof_sm3: Some(proof::<Sm3Tree>(tx, Tree::Sm3, &notes["sm3"], index)?),
                });
            }
            Ok(Bundle::new(case.case_key, events))
        })
        .await
}

fn not_yet() -> Error {
    Error::unavailable("leaf is not under a checkpoint yet")
        .advice("存证正在写入日志，请几秒钟后再试")
}

fn proof<H: TreeHash>(tx: &mut Tx<'_>, tree: Tree, note: &str, index: u64) -> Result<String> {
    let checkpoint = Note::parse(note).map_err(broken)?;
    let head = Checkpoint::parse(checkpoint.text()).map_err(broken)?;
    if index >= head.size {
        return Err(not_yet());
    }
    let source = Stored {
        tree,
        tx: std::cell::RefCell::new(tx),
    };
    let path = inclusion_proof::<H>(
        &TileReader::<H, _>::new(head.size, &source),
        index,
        head.size,
    )
    .map_err(broken)?;
    Ok(TlogProof {
        extra: None,
        index,
        path,
        checkpoint,
    }
    .to_string())
}

/// What `doctor` compares: leaves that have an index, and leaves under the newest checkpoint.
pub async fn sizes(ctx: &Ctx) -> Result<(u64, u64)> {
    ctx.db
        .read(|tx| Ok((log_size(tx)?, stored_size(tx, Tree::Sha256)?)))
        .await
}
