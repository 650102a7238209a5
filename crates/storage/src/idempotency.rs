//! Idempotency keys (draft-ietf-httpapi-idempotency-key-header-07): the row is written in the transaction of the effect.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tongban_kernel::{Error, Result};

use crate::{Tx, params};

/// How long an answer can be asked for again.
const KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

/// What a repeated request gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub status: u16,
    pub body: String,
}

/// The outcome of looking a key up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// Never seen: go on, and [`remember`] before the commit.
    Fresh,
    /// Seen with the same request: answer the same.
    Seen(Stored),
}

fn fingerprint(request: &[u8]) -> String {
    hex::encode(Sha256::digest(request).get(..16).unwrap_or_default())
}

fn check(key: &str) -> Result<()> {
    if key.is_empty() || key.len() > 200 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid(
            "idempotency.key",
            "请求缺少有效的防重复标识（Idempotency-Key）",
        ));
    }
    Ok(())
}

/// Looks `key` of `principal` up. The same key with another `request` is refused.
pub fn replay(tx: &mut Tx<'_>, principal: &str, key: &str, request: &[u8]) -> Result<Replay> {
    check(key)?;
    let found = tx.opt(
        "SELECT fingerprint, status, body FROM idempotency WHERE principal = $1 AND key = $2",
        params![principal, key],
        |row| {
            Ok((
                row.get::<String>(0)?,
                Stored {
                    status: row.get(1)?,
                    body: row.get(2)?,
                },
            ))
        },
    )?;
    match found {
        None => Ok(Replay::Fresh),
        Some((print, stored)) if print == fingerprint(request) => Ok(Replay::Seen(stored)),
        Some(_) => Err(Error::invalid(
            "idempotency.reused",
            "同一防重复标识已用于另一次不同的提交",
        )),
    }
}

/// Keeps the answer of `key` for later repeats. A concurrent first use of the same key makes this transaction fail.
pub fn remember(
    tx: &mut Tx<'_>,
    principal: &str,
    key: &str,
    request: &[u8],
    answer: &Stored,
    now: Timestamp,
) -> Result<()> {
    tx.put(
        "INSERT INTO idempotency (principal, key, fingerprint, status, body, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![principal, key, fingerprint(request), answer.status, &answer.body, now],
    )
}

/// Forgets keys older than eight days; returns how many.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64> {
    let before = now.checked_sub(KEPT).unwrap_or(Timestamp::UNIX_EPOCH);
    tx.execute(
        "DELETE FROM idempotency WHERE created_at < $1",
        params![before],
    )
}
