//! The store as the rest of the house sees it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::oneshot;
use tongban_kernel::{Error, Result};

use crate::postgres::Postgres;
use crate::sqlite::{Sqlite, Unit};
use crate::tx::Tx;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settings {
    /// The embedded store in one file.
    Sqlite { path: PathBuf, readers: usize },
    /// `url` as libpq knows it, e.g. `postgres://tongban@127.0.0.1/tongban`.
    Postgres { url: String, connections: usize },
}

/// What `doctor` and `/readyz` want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbStatus {
    pub engine: Engine,
    pub writes: u64,
    pub reads: u64,
}

/// A handle to the store; cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Shared>);

struct Shared {
    engine: AnyEngine,
    writes: AtomicU64,
    reads: AtomicU64,
}

enum AnyEngine {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Db {
    /// Opens the store; blocks, so call it before serving or on a blocking thread.
    pub fn open(settings: &Settings) -> Result<Self> {
        let engine = match settings {
            Settings::Sqlite { path, readers } => AnyEngine::Sqlite(Sqlite::open(path, *readers)?),
            Settings::Postgres { url, connections } => {
                AnyEngine::Postgres(Box::new(Postgres::open(url, *connections)?))
            }
        };
        Ok(Self(Arc::new(Shared {
            engine,
            writes: AtomicU64::new(0),
            reads: AtomicU64::new(0),
        })))
    }

    pub fn engine(&self) -> Engine {
        match self.0.engine {
            AnyEngine::Sqlite(_) => Engine::Sqlite,
            AnyEngine::Postgres(_) => Engine::Postgres,
        }
    }

    pub fn status(&self) -> DbStatus {
        DbStatus {
            engine: self.engine(),
            writes: self.0.writes.load(Ordering::Relaxed),
            reads: self.0.reads.load(Ordering::Relaxed),
        }
    }

    /// One unit of work: commits when `f` returns `Ok`, rolls back when it returns `Err` or panics. The answer is given
    /// after the commit is on the disk. Nothing inside may leave the process. `f` may run more than once (SQLite: a
    /// neighbour in the batch failed; PostgreSQL: serialization failures), never with a committed effect of the earlier run.
    pub async fn write<T, F>(&self, mut f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.0.writes.fetch_add(1, Ordering::Relaxed);
        match &self.0.engine {
            AnyEngine::Sqlite(sqlite) => {
                let (answer, waiting) = oneshot::channel();
                sqlite
                    .submit(Box::new(Work {
                        f,
                        result: None,
                        answer,
                    }))
                    .await?;
                waiting
                    .await
                    .map_err(|_| Error::unavailable("the writer has stopped"))?
            }
            AnyEngine::Postgres(_) => {
                let shared = Arc::clone(&self.0);
                self.on_postgres(move |pg| pg.run(false, &mut f), shared)
                    .await
            }
        }
    }

    /// A read on one consistent snapshot. Decisions that lead to a write are read inside `write`.
    pub async fn read<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.0.reads.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::clone(&self.0);
        match &self.0.engine {
            // A read of the embedded store takes microseconds, a change of thread takes longer: it runs here, unless all
            // connections are busy.
            AnyEngine::Sqlite(sqlite) => match sqlite.read_now(f) {
                Ok(answer) => answer,
                Err(f) => self.read_elsewhere(f).await,
            },
            AnyEngine::Postgres(_) => {
                let mut f = Some(f);
                let run = move |pg: &Postgres| {
                    pg.run(true, &mut |tx| {
                        f.take()
                            .map_or_else(|| Err(Error::unavailable("read retried")), |f| f(tx))
                    })
                };
                self.on_postgres(run, shared).await
            }
        }
    }

    /// As [`Db::read`], on a thread that may block: for what reads much (reports, exports).
    pub async fn read_long<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        match self.engine() {
            Engine::Sqlite => self.read_elsewhere(f).await,
            Engine::Postgres => self.read(f).await,
        }
    }

    async fn read_elsewhere<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let shared = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || match &shared.engine {
            AnyEngine::Sqlite(sqlite) => sqlite.read(f),
            AnyEngine::Postgres(_) => Err(Error::internal("engine changed")),
        })
        .await
        .map_err(|_| Error::internal("a read panicked"))?
    }

    async fn on_postgres<T, F>(&self, run: F, shared: Arc<Shared>) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Postgres) -> Result<T> + Send + 'static,
    {
        let AnyEngine::Postgres(pg) = &self.0.engine else {
            return Err(Error::internal("engine changed"));
        };
        let _place = pg.place().await?;
        tokio::task::spawn_blocking(move || match &shared.engine {
            AnyEngine::Postgres(pg) => run(pg),
            AnyEngine::Sqlite(_) => Err(Error::internal("engine changed")),
        })
        .await
        .map_err(|_| Error::internal("a unit of work panicked"))?
    }

    /// Copies a consistent state of the embedded store into the new file `target` while writes go on.
    pub async fn copy_to(&self, target: &Path) -> Result<()> {
        let shared = Arc::clone(&self.0);
        let target = target.to_owned();
        tokio::task::spawn_blocking(move || match &shared.engine {
            AnyEngine::Sqlite(sqlite) => sqlite.copy_to(&target),
            AnyEngine::Postgres(_) => Err(Error::invalid(
                "backup.engine",
                "PostgreSQL 存储请用 pg_dump 或 pgBackRest 备份，tongban backup 只备份内嵌存储",
            )),
        })
        .await
        .map_err(|_| Error::internal("backup panicked"))?
    }
}

/// A closure on its way to the writer thread and back.
struct Work<T, F> {
    f: F,
    result: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> Unit for Work<T, F>
where
    T: Send,
    F: FnMut(&mut Tx<'_>) -> Result<T> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let result = (self.f)(tx);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }
    fn settle(self: Box<Self>, commit: Result<(), &Error>) {
        let answer = match (self.result, commit) {
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(Error::new(error.kind(), error.code(), error.message())
                .context(error.context_text())),
            (None, Ok(())) => Err(Error::internal("panic in a unit of work")),
        };
        // The caller may have given up; its idempotency key will find the effect.
        let _ = self.answer.send(answer);
    }
}
