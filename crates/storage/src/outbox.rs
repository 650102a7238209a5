//! The outbox: events are rows of the transaction that made them true; workers hand them on afterwards, at least once, with
//! the message id as the key by which receivers recognise a repeat.

use jiff::{SignedDuration, Timestamp};
use tongban_kernel::{Event, OutboxId, Result};

use crate::{Engine, Ids, Tx, params};

/// A message on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: OutboxId,
    pub event: Event,
    /// How often it was tried, this time included.
    pub attempts: u32,
}

/// A lease ends after this time and the message is taken again.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// The longest pause between two tries.
const BACK_OFF_MAX_S: i64 = 3_600;

/// Records `event` in this transaction.
pub fn emit(tx: &mut Tx<'_>, ids: &Ids, event: &Event) -> Result<OutboxId> {
    let id: OutboxId = ids.id(event.at);
    let json = serde_json::to_string(event).map_err(|source| {
        tongban_kernel::Error::internal("event cannot be written").source(source)
    })?;
    tx.put(
        "INSERT INTO outbox (id, kind, event, created_at, due_at, attempts, last_error) VALUES ($1, $2, $3, $4, $4, 0, NULL)",
        params![id, &event.kind, json, event.at],
    )?;
    Ok(id)
}

/// Takes up to `limit` due messages, oldest first, under a lease.
pub fn claim(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<Message>> {
    let lease = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
    // PostgreSQL workers must not wait for each other's rows; SQLite has one writer and knows no row locks.
    let sql = match tx.engine() {
        Engine::Sqlite => {
            "UPDATE outbox SET due_at = $2, attempts = attempts + 1
              WHERE id IN (SELECT id FROM outbox WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3)
              RETURNING id, event, attempts"
        }
        Engine::Postgres => {
            "UPDATE outbox SET due_at = $2, attempts = attempts + 1
              WHERE id IN (SELECT id FROM outbox WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
              RETURNING id, event, attempts"
        }
    };
    let mut messages = tx.all(sql, params![now, lease, limit], |row| {
        Ok(Message {
            id: row.id(0)?,
            event: row.json(1)?,
            attempts: row.get(2)?,
        })
    })?;
    messages.sort_by_key(|message| message.id);
    Ok(messages)
}

/// The effect of the message has happened.
pub fn done(tx: &mut Tx<'_>, id: OutboxId) -> Result<()> {
    tx.put("DELETE FROM outbox WHERE id = $1", params![id])
}

/// Tries again later: 2, 4, 8 … seconds, at most an hour apart.
pub fn retry_later(tx: &mut Tx<'_>, message: &Message, why: &str, now: Timestamp) -> Result<()> {
    let pause_s = 1_i64
        .checked_shl(message.attempts.min(12))
        .unwrap_or(BACK_OFF_MAX_S)
        .min(BACK_OFF_MAX_S);
    let due = now
        .checked_add(SignedDuration::from_secs(pause_s))
        .unwrap_or(Timestamp::MAX);
    tx.put(
        "UPDATE outbox SET due_at = $2, last_error = $3 WHERE id = $1",
        params![message.id, due, why],
    )
}

/// Gives the message up and keeps it where an operator sees it.
pub fn bury(tx: &mut Tx<'_>, message: &Message, why: &str, now: Timestamp) -> Result<()> {
    tx.put(
        "INSERT INTO dead_letter (id, kind, event, created_at, buried_at, attempts, last_error)
         SELECT id, kind, event, created_at, $2, attempts, $3 FROM outbox WHERE id = $1",
        params![message.id, now, why],
    )?;
    done(tx, message.id)
}

/// How many messages of this kind wait.
pub fn waiting_of(tx: &mut Tx<'_>, kind: &str) -> Result<u64> {
    tx.one(
        "SELECT COUNT(*) FROM outbox WHERE kind = $1",
        params![kind],
        |row| row.get(0),
    )
}

/// How many messages wait.
pub fn waiting(tx: &mut Tx<'_>) -> Result<u64> {
    tx.one("SELECT COUNT(*) FROM outbox", params![], |row| row.get(0))
}

/// How many messages were given up.
pub fn dead_letters(tx: &mut Tx<'_>) -> Result<u64> {
    tx.one("SELECT COUNT(*) FROM dead_letter", params![], |row| {
        row.get(0)
    })
}
