//! The transparency log of this installation: the sequencer that turns leaves into tiles and signed checkpoints, the reader that
//! serves them and makes proofs, and the client of the witnesses (C2SP tlog-tiles, tlog-checkpoint, tlog-proof, tlog-witness; see
//! docs/transparency-log.md).
//!
//! Two trees over the same leaves: SHA-256 under the origin, SM3 under `<origin>-sm3`. One log per year ([`Volume`]).

mod prove;
mod sequence;
mod serve;
mod volume;
mod witness;

use std::path::Path;
use std::sync::Mutex;

use jiff::Timestamp;
use tongban_kernel::{Error, Result};
use tongban_seal::Sm2SigningKey;
use tongban_storage::{Ctx, Db, Migration, Tx, log_size, params};
use tongban_tlog::{
    Checkpoint, Ed25519Signer, Note, NoteSigner, NoteVerifier, Policy, Sm2Signer, TileId,
    TileSource, TlogError,
};

pub use prove::bundle;
pub use sequence::sequence;
pub use serve::{Served, checkpoint, head_for_paper, tile};
pub use volume::{Volume, volumes};
pub use witness::{gather, last_seen, unwitnessed_since};

/// The tables of the log.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        owner: "tongban",
        number: 1,
        name: "log",
        sql: include_str!("../../migrations/0001_log.sql"),
    },
    Migration {
        owner: "tongban",
        number: 2,
        name: "log_volumes",
        sql: include_str!("../../migrations/0002_log_volumes.sql"),
    },
];

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

    /// The name under which a tree of the log `origin` signs.
    pub fn origin(self, origin: &str) -> String {
        match self {
            Self::Sha256 => origin.to_owned(),
            Self::Sm3 => format!("{origin}-sm3"),
        }
    }
}

/// Keys of the log, its witnesses, and the growing edge of both trees.
pub struct Log {
    ed25519_seed: [u8; 32],
    sm2: Sm2SigningKey,
    witnesses: Option<Witnesses>,
    edge: Mutex<Option<sequence::Edge>>,
}

/// Who must have seen a checkpoint before it is handed out: `witness`, `group` and `quorum` lines of a C2SP tlog-policy.
struct Witnesses {
    text: String,
    policy: Policy,
}

fn broken(source: TlogError) -> Error {
    Error::internal(format!("log: {source}"))
}

impl Log {
    /// The seeds come from the key folder.
    pub fn new(ed25519_seed: &[u8; 32], sm2_seed: &[u8; 32]) -> Result<Self> {
        let sm2 = Sm2SigningKey::from_random(sm2_seed)
            .map_err(|source| Error::internal(format!("SM2 key of the log: {source}")))?;
        Ok(Self {
            ed25519_seed: *ed25519_seed,
            sm2,
            witnesses: None,
            edge: Mutex::new(None),
        })
    }

    /// With the witnesses of this text (no `log` lines: those are ours).
    pub fn with_witnesses(mut self, text: &str) -> Result<Self> {
        let wrong = |why: String| Error::invalid("config.log_witnesses", why);
        let policy = Policy::parse(text).map_err(|source| wrong(source.to_string()))?;
        if !policy.logs().is_empty() {
            return Err(wrong(
                "见证策略文件只写 witness、group、quorum 行".to_owned(),
            ));
        }
        let text = text.trim_end().to_owned() + "\n";
        self.witnesses = Some(Witnesses { text, policy });
        Ok(self)
    }

    /// As [`Log::with_witnesses`], read from a file.
    pub fn with_witness_file(self, path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| {
            Error::invalid(
                "config.log_witnesses",
                format!("读不到见证策略文件 {}：{source}", path.display()),
            )
        })?;
        self.with_witnesses(&text)
    }

    fn ed25519(&self, origin: &str) -> Result<Ed25519Signer> {
        Ed25519Signer::from_seed(origin, &self.ed25519_seed).map_err(broken)
    }

    /// The keys under which both trees of the log `origin` are signed.
    fn verifiers(&self, origin: &str) -> Result<Vec<NoteVerifier>> {
        let point = self.sm2.verifying_key().to_point();
        let mut keys = Vec::with_capacity(4);
        for tree in [Tree::Sha256, Tree::Sm3] {
            let name = tree.origin(origin);
            keys.push(self.ed25519(&name)?.verifier());
            keys.push(NoteVerifier::sm2(&name, &point).map_err(broken)?);
        }
        Ok(keys)
    }

    fn policy_of(&self, origins: &[String]) -> Result<String> {
        let mut text = String::from("# 透明日志信任策略 tlog-policy\n");
        for origin in origins {
            for key in self.verifiers(origin)? {
                text += &format!("log {}\n", key.to_vkey());
            }
        }
        Ok(match &self.witnesses {
            Some(witnesses) => text + witnesses.text.as_str(),
            None => text + "quorum none\n",
        })
    }

    fn sign(&self, origin: &str, tree: Tree, size: u64, root: [u8; 32]) -> Result<Note> {
        let origin = tree.origin(origin);
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
        let ed25519 = self.ed25519(&origin)?;
        let signers: [&dyn NoteSigner; 2] = [&ed25519, &sm2];
        Checkpoint { origin, size, root }
            .sign(&signers)
            .map_err(broken)
    }
}

/// The first log begins with the first start: `<domain>/<year>`. Later ones keep the domain.
pub async fn begin(db: &Db, domain: &str, now: Timestamp) -> Result<()> {
    let wanted = format!("{domain}/{}", tongban_kernel::shanghai_date(now).year());
    db.write(move |tx| {
        if volume::newest(tx)?.is_some() {
            return Ok(());
        }
        let origin: String = tx.one(
            "INSERT INTO setting (name, value, updated_at) VALUES ('tlog.origin', $1, $2)
                 ON CONFLICT (name) DO UPDATE SET value = setting.value RETURNING value",
            params![&wanted, now],
            |row| row.get(0),
        )?;
        volume::add(tx, &Volume::first(origin)?)
    })
    .await
}

/// Whether the first log has begun: the installation has started before.
pub async fn begun(db: &Db) -> Result<bool> {
    db.read(|tx| Ok(volume::newest(tx)?.is_some())).await
}

/// Whether the newest checkpoint of each tree is signed with both keys of this installation; a log without one is.
pub async fn signed_with_own_keys(ctx: &Ctx) -> Result<bool> {
    let found = ctx
        .db
        .read(|tx| {
            let Some(volume) = volume::newest(tx)? else {
                return Ok(None);
            };
            let mut notes = Vec::new();
            for tree in [Tree::Sha256, Tree::Sm3] {
                if stored_size(tx, &volume, tree)? > 0 {
                    notes.push((tree, sequence::final_note(tx, &volume, tree)?));
                }
            }
            Ok(Some((volume.origin, notes)))
        })
        .await?;
    let Some((origin, notes)) = found else {
        return Ok(true);
    };
    let keys = ctx.parts.get::<Log>()?.verifiers(&origin)?;
    for (tree, text) in notes {
        let (note, name) = (Note::parse(&text).map_err(broken)?, tree.origin(&origin));
        for key in keys.iter().filter(|key| key.name() == name) {
            if !note.verify(key).is_ok_and(|signed| signed) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Which keys are believed (C2SP tlog-policy): what `tongban verify` needs. It names the log of every year until now and that
/// of the coming year, so that a copy taken before New Year stays good.
pub async fn policy(ctx: &Ctx) -> Result<String> {
    let all = volumes(ctx).await?;
    let mut origins: Vec<String> = all.iter().map(|volume| volume.origin.clone()).collect();
    if let Some(last) = all.last() {
        origins.push(last.origin_of(last.year + 1));
    }
    ctx.parts.get::<Log>()?.policy_of(&origins)
}

/// Tiles as a transaction sees them.
struct Stored<'a, 'b> {
    /// [`Volume::tree_key`].
    key: String,
    tx: std::cell::RefCell<&'a mut Tx<'b>>,
}

impl<'a, 'b> Stored<'a, 'b> {
    fn new(tx: &'a mut Tx<'b>, volume: &Volume, tree: Tree) -> Self {
        Self {
            key: volume.tree_key(tree),
            tx: std::cell::RefCell::new(tx),
        }
    }
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
            params![&self.key, level, index],
            |row| row.get::<Vec<u8>>(0),
        );
        found.ok().flatten().ok_or(missing)
    }
}

/// Leaves under the newest checkpoint of a tree.
fn stored_size(tx: &mut Tx<'_>, volume: &Volume, tree: Tree) -> Result<u64> {
    tx.one(
        "SELECT COALESCE(MAX(size), 0) FROM tlog_checkpoint WHERE tree = $1",
        params![volume.tree_key(tree)],
        |row| row.get(0),
    )
}

/// What `doctor` compares: leaves that have an index, and leaves under a checkpoint, over all years (opening leaves not counted).
pub async fn sizes(ctx: &Ctx) -> Result<(u64, u64)> {
    ctx.db
        .read(|tx| {
            let under = match volume::newest(tx)? {
                Some(volume) => {
                    let size = stored_size(tx, &volume, Tree::Sha256)?;
                    volume.index_of(size)
                }
                None => 0,
            };
            Ok((log_size(tx)?, under))
        })
        .await
}
