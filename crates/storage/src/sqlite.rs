//! SQLite: one writer thread with group commit, a pool of readers.
//!
//! Up to [`BATCH_MAX`] units of work share one commit with `synchronous=FULL`, and nobody is answered before it. A unit that
//! fails or panics takes nobody with it: as most do not fail, a batch runs without savepoints first; when a unit fails that
//! has written already, the batch is rolled back and runs again with a savepoint for each. After a failed sync nothing is
//! acknowledged any more and the process ends: what a retry of `fsync` reports cannot be believed.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot};
use tongban_kernel::{Error, Result};

use crate::db::Job;
use crate::error;
use crate::tx::{Access, Inner, Row, RowInner, SqlCache, Tx};
use crate::value::{Cell, Param};

/// Units of work per commit.
const BATCH_MAX: usize = 64;
/// Units of work that may wait; more is answered with "busy" by the caller's time limit.
const QUEUE_MAX: usize = 1024;
/// Exit status after a failed sync (EX_IOERR).
const EXIT_SYNC_FAILED: i32 = 74;

/// A unit of work in the batch: its job, what came of it, and who waits.
struct Unit {
    job: Job,
    result: Option<Result<()>>,
    answer: oneshot::Sender<Result<()>>,
}

impl Unit {
    /// Whether what it wrote is to be kept. May be run again after a rollback.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let result = (self.job)(tx);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }
    /// Answers the caller; `Err` when the commit failed.
    fn settle(self, commit: Result<(), &Error>) {
        let answer = match (self.result, commit) {
            (Some(Ok(())), Ok(())) => Ok(()),
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(Error::new(error.kind(), error.code(), error.message())
                .context(error.context_text())),
            (None, Ok(())) => Err(Error::internal("panic in a unit of work")),
        };
        // The caller may have given up; its idempotency key will find the effect.
        let _ = self.answer.send(answer);
    }
}

pub(crate) struct Sqlite {
    writer: mpsc::Sender<Unit>,
    readers: Readers,
}

struct Readers {
    idle: Mutex<VecDeque<Reader>>,
    returned: Condvar,
}

struct Reader {
    conn: Connection,
    sql: SqlCache,
}

fn tune(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(512);
    // A plan that depends on the bound values is made anew for each of them: a fifth of a page's time went there.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    conn.pragma_update(None, "cache_size", -8_000)?;
    conn.pragma_update(None, "temp_store", "MEMORY")
}

impl Sqlite {
    /// Opens or creates the store at `path` with `readers` reading connections.
    pub(crate) fn open(path: &Path, readers: usize) -> Result<Self> {
        let conn = Connection::open(path).map_err(error::sqlite)?;
        tune(&conn).map_err(error::sqlite)?;
        conn.pragma_update(None, "journal_mode", "WAL")
            .map_err(error::sqlite)?;
        conn.pragma_update(None, "synchronous", "FULL")
            .map_err(error::sqlite)?;
        // Erased personal data must not survive in free pages (个人信息保护法 第四十七条).
        conn.pragma_update(None, "secure_delete", "ON")
            .map_err(error::sqlite)?;
        conn.pragma_update(None, "wal_autocheckpoint", 4_000)
            .map_err(error::sqlite)?;
        let (writer, queue) = mpsc::channel(QUEUE_MAX);
        std::thread::Builder::new()
            .name("tongban-writer".to_owned())
            .spawn(move || write_loop(conn, queue))
            .map_err(|source| Error::internal("start writer thread").source(source))?;
        let idle = (0..readers.max(1))
            .map(|_| Reader::open(path))
            .collect::<Result<VecDeque<_>>>()?;
        Ok(Self {
            writer,
            readers: Readers {
                idle: Mutex::new(idle),
                returned: Condvar::new(),
            },
        })
    }

    /// Queues a job, waiting at most a second for a place, and answers when its commit is on the disk.
    pub(crate) async fn write(&self, job: Job) -> Result<()> {
        let (answer, waiting) = oneshot::channel();
        let unit = Unit {
            job,
            result: None,
            answer,
        };
        self.writer
            .send_timeout(unit, Duration::from_secs(1))
            .await
            .map_err(|_| Error::unavailable("write queue is full or closed"))?;
        waiting
            .await
            .map_err(|_| Error::unavailable("the writer has stopped"))?
    }

    /// Runs a read on this thread, waiting for a connection.
    pub(crate) fn read(&self, f: &mut dyn FnMut(&mut Tx<'_>) -> Result<()>) -> Result<()> {
        let mut reader = self.readers.take();
        let answer = reader.read(f);
        self.readers.give_back(reader);
        answer
    }

    /// Runs a read on this thread if a connection is idle; `None`: it did not run.
    pub(crate) fn read_now(
        &self,
        f: &mut dyn FnMut(&mut Tx<'_>) -> Result<()>,
    ) -> Option<Result<()>> {
        let mut reader = self.readers.take_idle()?;
        let answer = reader.read(f);
        self.readers.give_back(reader);
        Some(answer)
    }

    /// Copies a consistent state of the store into a new file while writes go on (`VACUUM INTO`).
    pub(crate) fn copy_to(&self, target: &Path) -> Result<()> {
        let reader = self.readers.take();
        let target = target.to_string_lossy();
        let done = reader
            .conn
            .execute("VACUUM INTO ?1", [&target])
            .map_err(error::sqlite);
        self.readers.give_back(reader);
        done.map(|_| ())
    }
}

impl Readers {
    fn take_idle(&self) -> Option<Reader> {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_back()
    }
    fn take(&self) -> Reader {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            // Last in, first out keeps one page cache warm while there is little to do.
            if let Some(reader) = idle.pop_back() {
                return reader;
            }
            idle = self
                .returned
                .wait(idle)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
    fn give_back(&self, reader: Reader) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(reader);
        self.returned.notify_one();
    }
}

impl Reader {
    fn open(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags).map_err(error::sqlite)?;
        tune(&conn).map_err(error::sqlite)?;
        Ok(Self {
            conn,
            sql: SqlCache::default(),
        })
    }

    fn read(&mut self, f: &mut dyn FnMut(&mut Tx<'_>) -> Result<()>) -> Result<()> {
        // One snapshot for all statements of the read.
        prepared(&self.conn, "BEGIN").map_err(error::sqlite)?;
        let mut tx = Tx {
            inner: Inner::Sqlite {
                conn: &self.conn,
                sql: &mut self.sql,
                access: Access::Read,
            },
        };
        let answer = catch_unwind(AssertUnwindSafe(|| f(&mut tx)))
            .unwrap_or_else(|_| Err(Error::internal("panic in a read")));
        prepared(&self.conn, "COMMIT").map_err(error::sqlite)?;
        answer
    }
}

fn prepared(conn: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute([]).map(|_| ())
}

fn write_loop(conn: Connection, mut queue: mpsc::Receiver<Unit>) {
    let mut sql = SqlCache::default();
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while let Some(first) = queue.blocking_recv() {
        let commit = run_batch(&conn, &mut sql, first, &mut queue, &mut batch);
        if let Err(error) = &commit
            && !conn.is_autocommit()
            && let Err(source) = prepared(&conn, "ROLLBACK")
        {
            tracing::error!("rollback failed after {error}: {source}");
        }
        for unit in batch.drain(..) {
            unit.settle(commit.as_ref().copied());
        }
    }
}

fn run_batch(
    conn: &Connection,
    sql: &mut SqlCache,
    first: Unit,
    queue: &mut mpsc::Receiver<Unit>,
    batch: &mut Vec<Unit>,
) -> Result<()> {
    let mut next = Some(first);
    if let Err(source) = prepared(conn, "BEGIN IMMEDIATE") {
        batch.extend(next);
        return Err(error::sqlite(source));
    }
    let mut spoiled = false;
    while let Some(mut unit) = next.take() {
        let ran = run_unit(conn, sql, &mut unit);
        batch.push(unit);
        spoiled = ran? == Ran::Spoiled;
        if !spoiled && batch.len() < BATCH_MAX {
            next = queue.try_recv().ok();
        }
    }
    if spoiled {
        prepared(conn, "ROLLBACK").map_err(error::sqlite)?;
        prepared(conn, "BEGIN IMMEDIATE").map_err(error::sqlite)?;
        for unit in batch.iter_mut() {
            run_saved(conn, sql, unit)?;
        }
    }
    commit(conn)
}

/// How a unit left the transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ran {
    /// With what it wrote, to be kept.
    Kept,
    /// It failed before it wrote anything.
    Untouched,
    /// It failed after it wrote.
    Spoiled,
}

/// Runs one unit. `Err` means that the whole transaction is gone.
fn run_unit(conn: &Connection, sql: &mut SqlCache, unit: &mut Unit) -> Result<Ran> {
    let mut tx = Tx {
        inner: Inner::Sqlite {
            conn,
            sql,
            access: Access::Write { wrote: false },
        },
    };
    let keep = catch_unwind(AssertUnwindSafe(|| unit.run(&mut tx))).unwrap_or(false);
    if conn.is_autocommit() {
        // SQLite rolls the whole transaction back by itself when the disk is full or fails.
        return Err(error::full().context("sqlite rolled the transaction back"));
    }
    Ok(match (keep, tx.wrote()) {
        (true, _) => Ran::Kept,
        (false, false) => Ran::Untouched,
        (false, true) => Ran::Spoiled,
    })
}

/// Runs one unit in a savepoint of its own. `Err` means that the whole transaction is gone.
fn run_saved(conn: &Connection, sql: &mut SqlCache, unit: &mut Unit) -> Result<()> {
    prepared(conn, "SAVEPOINT unit").map_err(error::sqlite)?;
    if run_unit(conn, sql, unit)? == Ran::Spoiled {
        prepared(conn, "ROLLBACK TO unit").map_err(error::sqlite)?;
    }
    prepared(conn, "RELEASE unit").map_err(error::sqlite)
}

fn commit(conn: &Connection) -> Result<()> {
    let Err(source) = prepared(conn, "COMMIT") else {
        return Ok(());
    };
    let sync_failed = matches!(
        source.sqlite_error_code(),
        Some(rusqlite::ErrorCode::SystemIoFailure)
    );
    if sync_failed {
        tracing::error!(error = %source, "the disk failed to sync: nothing more is acknowledged, the process ends");
        // Nobody has been answered yet; clients see "unknown" and repeat with the same idempotency key.
        std::process::exit(EXIT_SYNC_FAILED);
    }
    Err(error::sqlite(source))
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(n) => ValueRef::Integer(*n),
            Param::Real(x) => ValueRef::Real(*x),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

pub(crate) fn cell<'a>(row: &'a rusqlite::Row<'_>, idx: usize) -> Result<Cell<'a>> {
    Ok(match row.get_ref(idx).map_err(error::sqlite)? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(n) => Cell::Int(n),
        ValueRef::Real(x) => Cell::Real(x),
        ValueRef::Text(bytes) => Cell::Text(
            std::str::from_utf8(bytes)
                .map_err(|_| Error::internal("corrupt row: text is not UTF-8"))?,
        ),
        ValueRef::Blob(bytes) => Cell::Blob(bytes),
    })
}

pub(crate) fn execute(conn: &Connection, sql: &str, params: &[Param<'_>]) -> Result<u64> {
    let mut statement = conn.prepare_cached(sql).map_err(error::sqlite)?;
    let n = statement
        .execute(rusqlite::params_from_iter(params))
        .map_err(error::sqlite)?;
    Ok(n as u64)
}

/// Hands each row to `read`.
pub(crate) fn each(
    conn: &Connection,
    sql: &str,
    access: &mut Access,
    params: &[Param<'_>],
    read: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql).map_err(error::sqlite)?;
    // `INSERT … RETURNING` is a write that answers with rows.
    if !statement.readonly() {
        access.may_write()?;
        access.note(true);
    }
    let mut rows = statement
        .query(rusqlite::params_from_iter(params))
        .map_err(error::sqlite)?;
    while let Some(row) = rows.next().map_err(error::sqlite)? {
        read(&Row(RowInner::Sqlite(row)))?;
    }
    Ok(())
}
