//! The store as the rest of the house sees it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tongban_kernel::{Error, Result};

use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
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
    pub async fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, answer) = job(f);
        self.write_job(job).await?;
        answer.take()
    }

    /// A read on one consistent snapshot. Decisions that lead to a write are read inside `write`.
    pub async fn read<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let mut f = Some(f);
        // A read of the embedded store takes microseconds, a change of thread takes longer: it runs here, unless all
        // connections are busy.
        if let AnyEngine::Sqlite(sqlite) = &self.0.engine {
            let mut answer = None;
            let read = sqlite.read_now(&mut |tx| {
                answer = f.take().map(|f| f(tx)).transpose()?;
                Ok(())
            });
            if let Some(done) = read {
                self.0.reads.fetch_add(1, Ordering::Relaxed);
                done?;
                return answer.ok_or_else(|| Error::internal("a read without an answer"));
            }
        }
        let (job, answer) = job(once(f));
        self.read_job(job).await?;
        answer.take()
    }

    /// As [`Db::read`], on a thread that may block: for what reads much (reports, exports).
    pub async fn read_long<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, answer) = job(once(Some(f)));
        self.read_job(job).await?;
        answer.take()
    }

    async fn write_job(&self, job: Job) -> Result<()> {
        self.0.writes.fetch_add(1, Ordering::Relaxed);
        match &self.0.engine {
            AnyEngine::Sqlite(sqlite) => sqlite.write(job).await,
            AnyEngine::Postgres(pg) => self.on_postgres(pg, false, job).await,
        }
    }

    async fn read_job(&self, mut job: Job) -> Result<()> {
        self.0.reads.fetch_add(1, Ordering::Relaxed);
        if let AnyEngine::Postgres(pg) = &self.0.engine {
            return self.on_postgres(pg, true, job).await;
        }
        self.elsewhere(move |engine| match engine {
            AnyEngine::Sqlite(sqlite) => sqlite.read(job.as_mut()),
            AnyEngine::Postgres(_) => Err(Error::internal("engine changed")),
        })
        .await
    }

    async fn on_postgres(&self, pg: &Postgres, read_only: bool, mut job: Job) -> Result<()> {
        let _place = pg.place().await?;
        self.elsewhere(move |engine| match engine {
            AnyEngine::Postgres(pg) => pg.run(read_only, job.as_mut()),
            AnyEngine::Sqlite(_) => Err(Error::internal("engine changed")),
        })
        .await
    }

    /// Runs `work` on a thread that may block.
    async fn elsewhere(
        &self,
        work: impl FnOnce(&AnyEngine) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let shared = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&shared.engine))
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

/// A unit of work without the types of its use case: the way to the engines and back is compiled once, not once for each.
pub(crate) type Job = Box<dyn FnMut(&mut Tx<'_>) -> Result<()> + Send>;

/// What a job answers, once it was kept.
struct Answer<T>(Arc<Mutex<Option<T>>>);

fn job<T, F>(mut f: F) -> (Job, Answer<T>)
where
    T: Send + 'static,
    F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
{
    let answer = Answer(Arc::new(Mutex::new(None)));
    let place = Arc::clone(&answer.0);
    let job = move |tx: &mut Tx<'_>| {
        let value = f(tx)?;
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        Ok(())
    };
    (Box::new(job), answer)
}

impl<T> Answer<T> {
    fn take(&self) -> Result<T> {
        let mut answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answer
            .take()
            .ok_or_else(|| Error::internal("a unit of work without an answer"))
    }
}

/// A read that runs once; PostgreSQL may ask for it again, which is told.
fn once<T, F>(mut f: Option<F>) -> impl FnMut(&mut Tx<'_>) -> Result<T>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T>,
{
    move |tx| match f.take() {
        Some(f) => f(tx),
        None => Err(Error::unavailable("read retried")),
    }
}
