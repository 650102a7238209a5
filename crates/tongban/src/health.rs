//! What the operator wants to know at a glance (网络安全法 第二十三条), and the one thing to do about it: handing messages that
//! were given up to their subscribers again.

use std::path::PathBuf;

use jiff::Timestamp;
use tongban_kernel::{Act, OutboxId, Resource, Result};
use tongban_licences::Expiring;
use tongban_storage::{Ctx, Engine, Tx, dead_letters, log_size, params, waiting};

use crate::translog::Tree;

/// Setting that says when the last backup of this installation ended.
pub(crate) const BACKUP_AT: &str = "ops.backup";
/// Messages shown that were given up.
const LETTERS: u32 = 100;

/// Where the files of this installation lie.
pub struct DataFolder(pub PathBuf);

/// A message that was given up after its tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub id: OutboxId,
    /// What it was to bring about, e.g. `cases.document.wanted`.
    pub kind: String,
    pub created_at: Timestamp,
    pub buried_at: Timestamp,
    pub attempts: u32,
    pub last_error: String,
}

/// How the installation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub engine: Engine,
    /// Bytes of the embedded store with its write-ahead log; `None`: another server's matter.
    pub store_bytes: Option<u64>,
    /// Leaves in the log, and those under the last signed checkpoint.
    pub leaves: u64,
    pub covered: u64,
    /// When that checkpoint was signed.
    pub checkpoint_at: Option<Timestamp>,
    /// When the oldest leaf that is not under a checkpoint was logged.
    pub uncovered_since: Option<Timestamp>,
    /// Messages on their way, and since when the oldest waits.
    pub waiting: u64,
    pub waiting_since: Option<Timestamp>,
    /// All that were given up, and the latest of them.
    pub dead: u64,
    pub letters: Vec<DeadLetter>,
    /// Of this year and the next, those whose holidays are not announced.
    pub not_announced: Vec<i16>,
    pub expiring: Expiring,
    /// When the last backup ended; `None`: none was made by this program.
    pub backup_at: Option<Timestamp>,
}

/// Looks; only for who keeps the system.
pub async fn health(ctx: &Ctx) -> Result<Health> {
    ctx.authorize(Act::ViewHealth, Resource::Platform)?;
    let engine = ctx.db.engine();
    let store_bytes = match engine {
        Engine::Sqlite => Some(store_bytes(ctx).await?),
        Engine::Postgres => None,
    };
    let calendar = tongban_cases::calendar(ctx)?;
    let year = ctx.clock.today().year();
    let not_announced = [year, year.saturating_add(1)]
        .into_iter()
        .filter(|year| !calendar.is_announced(*year))
        .collect();
    let expiring = tongban_licences::expiring(ctx).await?;
    ctx.db
        .read(move |tx| {
            let leaves = log_size(tx)?;
            let (covered, checkpoint_at) = checkpoint(tx)?;
            Ok(Health {
                engine,
                store_bytes,
                leaves,
                covered,
                checkpoint_at,
                uncovered_since: logged_at(tx, covered)?,
                waiting: waiting(tx)?,
                waiting_since: tx.opt(
                    "SELECT created_at FROM outbox ORDER BY created_at LIMIT 1",
                    params![],
                    |row| row.get(0),
                )?,
                dead: dead_letters(tx)?,
                letters: letters(tx)?,
                not_announced,
                expiring,
                backup_at: tx.opt(
                    "SELECT updated_at FROM setting WHERE name = $1",
                    params![BACKUP_AT],
                    |row| row.get(0),
                )?,
            })
        })
        .await
}

async fn store_bytes(ctx: &Ctx) -> Result<u64> {
    let folder = ctx.parts.get::<DataFolder>()?;
    tokio::task::spawn_blocking(move || {
        ["tongban.db", "tongban.db-wal"]
            .into_iter()
            .filter_map(|name| std::fs::metadata(folder.0.join(name)).ok())
            .map(|file| file.len())
            .sum()
    })
    .await
    .map_err(|_| tongban_kernel::Error::internal("looking at the store panicked"))
}

fn checkpoint(tx: &mut Tx<'_>) -> Result<(u64, Option<Timestamp>)> {
    let last = tx.opt(
        "SELECT size, made_at FROM tlog_checkpoint WHERE tree = $1 ORDER BY size DESC LIMIT 1",
        params![Tree::Sha256.key()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(last.map_or((0, None), |(size, at)| (size, Some(at))))
}

fn logged_at(tx: &mut Tx<'_>, index: u64) -> Result<Option<Timestamp>> {
    let index = i64::try_from(index).unwrap_or(i64::MAX);
    tx.opt(
        "SELECT logged_at FROM tlog_leaf WHERE idx = $1",
        params![index],
        |row| row.get(0),
    )
}

fn letters(tx: &mut Tx<'_>) -> Result<Vec<DeadLetter>> {
    tx.all(
        "SELECT id, kind, created_at, buried_at, attempts, last_error FROM dead_letter
          ORDER BY buried_at DESC, id LIMIT $1",
        params![LETTERS],
        |row| {
            Ok(DeadLetter {
                id: row.id(0)?,
                kind: row.get(1)?,
                created_at: row.get(2)?,
                buried_at: row.get(3)?,
                attempts: row.get(4)?,
                last_error: row.get(5)?,
            })
        },
    )
}

/// Puts messages that were given up back into the outbox — one, or all — with their tries counted anew; returns how many.
/// Subscribers change nothing the second time, so a repeat is harmless.
pub async fn retry(ctx: &Ctx, one: Option<OutboxId>) -> Result<u64> {
    ctx.authorize(Act::RetryJobs, Resource::Platform)?;
    let now = ctx.now();
    let moved = ctx
        .db
        .write(move |tx| {
            let n = tx.execute(
                "INSERT INTO outbox (id, kind, event, created_at, due_at, attempts, last_error)
                 SELECT id, kind, event, created_at, CAST($2 AS BIGINT), 0, NULL FROM dead_letter
                  WHERE (CAST($1 AS TEXT) IS NULL OR id = $1)",
                params![one, now],
            )?;
            tx.put(
                "DELETE FROM dead_letter WHERE (CAST($1 AS TEXT) IS NULL OR id = $1)",
                params![one],
            )?;
            Ok(n)
        })
        .await?;
    tracing::info!(moved, "messages that were given up are tried again");
    Ok(moved)
}

/// Remembers that a backup has ended.
pub(crate) async fn backed_up(ctx: &Ctx, log_size: u64) -> Result<()> {
    let now = ctx.now();
    ctx.db
        .write(move |tx| {
            tx.put(
                "INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3)
                     ON CONFLICT (name) DO UPDATE SET value = $2, updated_at = $3",
                params![BACKUP_AT, log_size.to_string(), now],
            )
        })
        .await
}
