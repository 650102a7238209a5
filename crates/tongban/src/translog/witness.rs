//! The log's side of C2SP tlog-witness: shows new checkpoints to the configured witnesses and keeps their cosignatures.
//!
//! Nothing waits for a witness but the checkpoint that is handed out: submissions and decisions go on while all of them are away.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, StatusCode};
use tongban_kernel::{Error, Result};
use tongban_storage::{Ctx, Tx, params};
use tongban_tlog::note::parse_line;
use tongban_tlog::{
    AddCheckpoint, Checkpoint, Cosignature, Note, NoteVerifier, Policy, Sha256Tree, TileReader,
    consistency_proof,
};

use super::volume::{self, Volume};
use super::{Log, Stored, Tree, broken, serve};

/// Longest that one witness may keep the others waiting.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest answer read, bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A checkpoint that wants cosignatures.
struct Wanting {
    volume: Volume,
    note: Note,
    head: Checkpoint,
}

/// A witness with an address.
struct Asked {
    name: String,
    key: NoteVerifier,
    url: String,
}

/// Shows the newest checkpoint of every log that is not witnessed yet to every witness. Returns how many checkpoints found their
/// quorum. A witness that does not answer is told in the log of the program and asked again in the next round.
pub async fn gather(ctx: &Ctx) -> Result<usize> {
    let log = ctx.parts.get::<Log>()?;
    let Some(witnesses) = &log.witnesses else {
        return Ok(0);
    };
    let asked: Vec<Asked> = witnesses
        .policy
        .witnesses()
        .filter_map(|witness| {
            Some(Asked {
                name: witness.name.to_owned(),
                key: witness.key.clone(),
                url: witness.url?.trim_end_matches('/').to_owned(),
            })
        })
        .collect();
    let client = Client::builder()
        .timeout(PATIENCE)
        .build()
        .map_err(|source| Error::internal("client").source(source))?;
    let mut met = 0;
    for mut wanting in ctx.db.read(wanting).await? {
        for witness in &asked {
            match ask(ctx, &client, &wanting, witness).await {
                Ok(lines) => {
                    for line in lines {
                        wanting.note.push(line).map_err(broken)?;
                    }
                    seen(ctx, &wanting, witness).await?;
                }
                Err(error) => tracing::warn!(witness = %witness.name, "no cosignature: {error}"),
            }
        }
        met += usize::from(
            keep(
                ctx,
                &log.policy_of(&[wanting.volume.origin.clone()])?,
                &wanting,
            )
            .await?,
        );
    }
    Ok(met)
}

fn wanting(tx: &mut Tx<'_>) -> Result<Vec<Wanting>> {
    let mut found = Vec::new();
    for volume in volume::all(tx)? {
        let newest = serve::newest(tx, &volume, Tree::Sha256, false)?;
        if newest == serve::newest(tx, &volume, Tree::Sha256, true)? {
            continue;
        }
        let Some(note) = newest else { continue };
        let note = Note::parse(&note).map_err(broken)?;
        let head = Checkpoint::parse(note.text()).map_err(broken)?;
        found.push(Wanting { volume, note, head });
    }
    Ok(found)
}

/// Asks one witness; where it knows another size than we thought, once more with that.
async fn ask(
    ctx: &Ctx,
    client: &Client,
    wanting: &Wanting,
    witness: &Asked,
) -> Result<Vec<tongban_tlog::note::NoteSignature>> {
    let away = |what: String| Error::unavailable(format!("witness {}: {what}", witness.name));
    let mut old = known(ctx, wanting, witness).await?;
    for _ in 0..2 {
        let body = request(ctx, wanting, old).await?;
        let answer = client
            .post(format!("{}/add-checkpoint", witness.url))
            .body(body)
            .send()
            .await
            .map_err(|source| away(source.to_string()))?;
        let status = answer.status();
        let text = answer
            .text()
            .await
            .map_err(|source| away(source.to_string()))?;
        if text.len() > ANSWER_BYTES_MAX {
            return Err(away("answer too large".to_owned()));
        }
        if status == StatusCode::OK {
            return cosignatures(wanting, witness, &text)
                .map_err(|source| away(source.to_string()));
        }
        let size = text.trim().parse::<u64>().ok();
        match (status, size) {
            (StatusCode::CONFLICT, Some(size)) if size > wanting.head.size => {
                tracing::error!(
                    witness = %witness.name, origin = %wanting.head.origin, witnessed = size, ours = wanting.head.size,
                    "rollback suspected: a witness has seen a longer log than this one"
                );
                return Err(away(format!(
                    "has seen {size} leaves, we have {}",
                    wanting.head.size
                )));
            }
            (StatusCode::CONFLICT, Some(size)) if size != old => old = size,
            _ => return Err(away(format!("answered {status}"))),
        }
    }
    Err(away("does not keep to a size".to_owned()))
}

/// The cosignatures in an answer; every line of the witness's key must be right, lines of others are left out.
fn cosignatures(
    wanting: &Wanting,
    witness: &Asked,
    text: &str,
) -> tongban_tlog::Result<Vec<tongban_tlog::note::NoteSignature>> {
    let mut note = Note::new(wanting.note.text())?;
    let mut lines = Vec::new();
    for line in text.lines() {
        let line = parse_line(line)?;
        if line.name == witness.key.name() && line.key_id == witness.key.key_id() {
            note.push(line.clone())?;
            lines.push(line);
        }
    }
    match Cosignature::verify(&note, &witness.key)? {
        Some(_) => Ok(lines),
        None => Err(tongban_tlog::TlogError::Untrusted(witness.name.clone())),
    }
}

async fn known(ctx: &Ctx, wanting: &Wanting, witness: &Asked) -> Result<u64> {
    let (origin, name) = (wanting.head.origin.clone(), witness.name.clone());
    let known: Option<u64> = ctx
        .db
        .read(move |tx| {
            tx.opt(
                "SELECT size FROM tlog_witness WHERE origin = $1 AND witness = $2",
                params![&origin, &name],
                |row| row.get(0),
            )
        })
        .await?;
    Ok(known
        .filter(|known| *known <= wanting.head.size)
        .unwrap_or(0))
}

async fn request(ctx: &Ctx, wanting: &Wanting, old: u64) -> Result<String> {
    let (volume, head, note) = (
        wanting.volume.clone(),
        wanting.head.clone(),
        wanting.note.clone(),
    );
    ctx.db
        .read(move |tx| {
            let proof = if old == 0 || old == head.size {
                Vec::new()
            } else {
                let source = Stored::new(tx, &volume, Tree::Sha256);
                let reader = TileReader::<Sha256Tree, _>::new(head.size, &source);
                consistency_proof::<Sha256Tree>(&reader, old, head.size).map_err(broken)?
            };
            let request = AddCheckpoint {
                old,
                proof,
                checkpoint: note,
            };
            Ok(request.to_string())
        })
        .await
}

/// Remembers what the witness has seen, so that the next proof begins there.
async fn seen(ctx: &Ctx, wanting: &Wanting, witness: &Asked) -> Result<()> {
    let (origin, name) = (wanting.head.origin.clone(), witness.name.clone());
    let (size, now) = (size(wanting)?, ctx.now());
    ctx.db
        .write(move |tx| {
            tx.put(
                "INSERT INTO tlog_witness (origin, witness, size, seen_at) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (origin, witness) DO UPDATE SET size = $3, seen_at = $4",
                params![&origin, &name, size, now],
            )
        })
        .await
}

fn size(wanting: &Wanting) -> Result<i64> {
    i64::try_from(wanting.head.size).map_err(|_| Error::internal("log size"))
}

/// Hands the checkpoint out once the quorum has cosigned it.
async fn keep(ctx: &Ctx, policy: &str, wanting: &Wanting) -> Result<bool> {
    let policy = Policy::parse(policy).map_err(broken)?;
    if policy.check(&wanting.note).is_err() {
        return Ok(false);
    }
    let (key, size, note) = (
        wanting.volume.tree_key(Tree::Sha256),
        size(wanting)?,
        wanting.note.to_string(),
    );
    ctx.db
        .write(move |tx| {
            tx.put(
                "UPDATE tlog_checkpoint SET note = $1, witnessed = 1 WHERE tree = $2 AND size = $3",
                params![&note, &key, size],
            )
        })
        .await?;
    Ok(true)
}

/// Since when checkpoints of the log that grows wait for the quorum; `None`: none waits, or there are no witnesses.
pub async fn unwitnessed_since(ctx: &Ctx) -> Result<Option<Timestamp>> {
    if ctx.parts.get::<Log>()?.witnesses.is_none() {
        return Ok(None);
    }
    ctx.db
        .read(|tx| {
            let Some(volume) = volume::newest(tx)? else {
                return Ok(None);
            };
            let key = volume.tree_key(Tree::Sha256);
            let witnessed: i64 = tx.one(
                "SELECT COALESCE(MAX(size), -1) FROM tlog_checkpoint WHERE tree = $1 AND witnessed = 1",
                params![&key],
                |row| row.get(0),
            )?;
            tx.one(
                "SELECT MIN(made_at) FROM tlog_checkpoint WHERE tree = $1 AND size > $2",
                params![&key, witnessed],
                |row| row.get(0),
            )
        })
        .await
}

/// When each witness last cosigned: name, origin, size, time. For `doctor`.
pub async fn last_seen(ctx: &Ctx) -> Result<Vec<(String, String, u64, Timestamp)>> {
    ctx.db
        .read(|tx| {
            tx.all(
                "SELECT witness, origin, size, seen_at FROM tlog_witness ORDER BY origin, witness LIMIT 1000",
                params![],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
        })
        .await
}
