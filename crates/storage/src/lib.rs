//! The store: two engines (SQLite, PostgreSQL) behind one narrow [`Tx`], and what must share its transaction — outbox,
//! idempotency keys, numbers, transparency-log leaves — plus content-addressed blobs.
//!
//! Domain code is plain synchronous Rust that gets `&mut Tx`; a use case calls `ctx.db.write(…).await` or
//! `ctx.db.read(…).await`. One SQL text serves both engines: `$n` parameters, TEXT, BIGINT (instants are milliseconds),
//! BYTEA, `ON CONFLICT`, `RETURNING`, explicit `ORDER BY`, no vendor functions, no `now()`.
//!
//! Invariants: only this crate names a database driver; an answer is given only after the commit that holds its effect is
//! on the disk; after a failed sync nothing is acknowledged any more and the process ends; SQL is `&'static str`, so no
//! input can become SQL.

mod blobs;
mod chain;
mod context;
mod db;
mod error;
mod idempotency;
mod log;
mod migrate;
mod numbers;
mod outbox;
mod postgres;
mod random;
mod scratch;
mod sqlite;
mod tx;
mod value;
mod vault;

pub use blobs::{BlobRef, Blobs, Upload};
pub use chain::{ChainHead, SealedLeaf};
pub use context::{AskHead, Ctx, LogHead, Parts, Subscribed, SystemClock};
pub use db::{Db, DbStatus, Engine, Settings};
pub use idempotency::{Replay, Stored, remember, replay, sweep as sweep_idempotency};
pub use log::{Leaf, append_leaf, leaf_index, leaves, log_size, sequence_pending};
pub use migrate::{Migration, migrate, schema_text};
pub use numbers::next_number;
pub use outbox::{
    Message, bury, claim, dead_letters, done, emit, retry_later, waiting, waiting_of,
};
pub use random::{Ids, OsRandom, Random};
pub use scratch::Scratch;
pub use tx::{Question, Row, Tx};
pub use value::{FromValue, Param};
pub use vault::{DataKey, Vault};
