//! PostgreSQL: a pool of connections, each with its own small runtime, so that a statement costs no thread change.
//!
//! Writes that nobody asks about ([`Tx::put`](crate::Tx::put)) are held and sent in one go with the `COMMIT`; `BEGIN` travels
//! with the first statement; questions known beforehand ([`Tx::ask_ahead`](crate::Tx::ask_ahead)) travel together.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{join, join_all, try_join};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, Statement};
use tongban_kernel::{Error, Result};

use crate::error::{self, RETRY};
use crate::tx::{Inner, Question, Row, RowInner, Tx};
use crate::value::{Cell, Param};

/// How often a unit of work is repeated when the database asks for it (40001, 40P01).
const RETRIES_MAX: usize = 5;

pub(crate) struct Postgres {
    config: Config,
    idle: Mutex<Vec<Conn>>,
    places: Semaphore,
}

struct Conn {
    runtime: OwnRuntime,
    client: Client,
    statements: HashMap<(usize, usize), Statement>,
}

/// A runtime that may be dropped anywhere: tokio panics when one is dropped inside another.
struct OwnRuntime(Option<Runtime>);

impl std::ops::Deref for OwnRuntime {
    type Target = Runtime;
    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("taken only when dropped")
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// What a transaction has on one connection.
pub(crate) struct PgTx {
    conn: Conn,
    begun: bool,
    read_only: bool,
    held: Vec<(Statement, Vec<Param<'static>>)>,
    /// Answers to questions asked ahead, until something is written.
    ahead: Vec<(Question, Vec<tokio_postgres::Row>)>,
}

impl Postgres {
    pub(crate) fn open(url: &str, connections: usize) -> Result<Self> {
        let mut config: Config = url
            .parse()
            .map_err(|source| Error::internal("database url cannot be read").source(source))?;
        config
            .connect_timeout(Duration::from_secs(5))
            .application_name("tongban");
        let pool = Self {
            config,
            idle: Mutex::new(Vec::new()),
            places: Semaphore::new(connections.max(1)),
        };
        let first = pool.connect()?;
        pool.give_back(first);
        Ok(pool)
    }

    fn connect(&self) -> Result<Conn> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| Error::internal("start connection runtime").source(source))?;
        let (client, connection) = runtime
            .block_on(self.config.connect(NoTls))
            .map_err(error::postgres)?;
        runtime.spawn(async move {
            if let Err(source) = connection.await {
                tracing::warn!(error = %source, "database connection ended");
            }
        });
        Ok(Conn {
            runtime: OwnRuntime(Some(runtime)),
            client,
            statements: HashMap::new(),
        })
    }

    fn give_back(&self, conn: Conn) {
        if !conn.client.is_closed() {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(conn);
        }
    }

    /// Waits (at most a second) for the right to use a connection.
    pub(crate) async fn place(&self) -> Result<tokio::sync::SemaphorePermit<'_>> {
        match tokio::time::timeout(Duration::from_secs(1), self.places.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Error::unavailable("no database connection is free")),
        }
    }

    /// Runs a unit of work on this (blocking) thread.
    pub(crate) fn run(
        &self,
        read_only: bool,
        f: &mut dyn FnMut(&mut Tx<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut tries = 0;
        loop {
            tries += 1;
            let answer = self.run_once(read_only, f);
            match &answer {
                Err(error) if error.code() == RETRY && tries < RETRIES_MAX => {}
                _ => return answer,
            }
        }
    }

    fn run_once(
        &self,
        read_only: bool,
        f: &mut dyn FnMut(&mut Tx<'_>) -> Result<()>,
    ) -> Result<()> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let conn = match idle {
            Some(conn) => conn,
            None => self.connect()?,
        };
        let mut pg = PgTx {
            conn,
            begun: false,
            read_only,
            held: Vec::new(),
            ahead: Vec::new(),
        };
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            f(&mut Tx {
                inner: Inner::Postgres(&mut pg),
            })
        }))
        .unwrap_or_else(|_| Err(Error::internal("panic in a unit of work")));
        let answer = match ran {
            Ok(()) => pg.commit(),
            Err(error) => {
                pg.rollback();
                Err(error)
            }
        };
        self.give_back(pg.conn);
        answer
    }
}

impl Conn {
    fn statement(&mut self, sql: &'static str) -> Result<Statement> {
        let key = (sql.as_ptr() as usize, sql.len());
        if let Some(statement) = self.statements.get(&key) {
            return Ok(statement.clone());
        }
        let statement = self
            .runtime
            .block_on(self.client.prepare(sql))
            .map_err(error::postgres)?;
        self.statements.insert(key, statement.clone());
        Ok(statement)
    }
}

fn refs<'a>(params: &'a [Param<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params
        .iter()
        .map(|param| param as &(dyn ToSql + Sync))
        .collect()
}

impl PgTx {
    fn begin_sql(&self) -> &'static str {
        if self.read_only {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        } else {
            "BEGIN"
        }
    }

    /// Sends `BEGIN` (if it has not been sent) together with `work`.
    fn with_begin<T>(
        begun: &mut bool,
        begin: &'static str,
        conn: &Conn,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        if *begun {
            return conn.runtime.block_on(work).map_err(error::postgres);
        }
        *begun = true;
        let both = try_join(conn.client.batch_execute(begin), work);
        conn.runtime
            .block_on(both)
            .map(|((), value)| value)
            .map_err(error::postgres)
    }

    /// Sends the held writes in one go.
    fn flush(&mut self) -> Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        self.send_held(false)
    }

    /// Sends the held writes, and the commit right behind them. When one of them fails, PostgreSQL answers this commit with a
    /// rollback.
    fn send_held(&mut self, and_commit: bool) -> Result<()> {
        self.ahead.clear();
        let held = std::mem::take(&mut self.held);
        let begin = self.begin_sql();
        let client = &self.conn.client;
        let params: Vec<_> = held.iter().map(|(_, params)| refs(params)).collect();
        let sends = join_all(
            held.iter()
                .zip(&params)
                .map(|((statement, _), refs)| client.execute(statement, refs)),
        );
        let sends = async { sends.await.into_iter().collect::<Result<Vec<_>, _>>() };
        if !and_commit {
            return Self::with_begin(&mut self.begun, begin, &self.conn, sends).map(|_| ());
        }
        // Both are waited for: an error must not leave an answer unread.
        let work = async {
            let (sent, committed) = join(sends, client.batch_execute("COMMIT")).await;
            sent.and(committed)
        };
        Self::with_begin(&mut self.begun, begin, &self.conn, work)
    }

    /// Sends the questions together; [`PgTx::each`] finds the answers.
    pub(crate) fn ask_ahead(&mut self, questions: Vec<Question>) -> Result<()> {
        self.flush()?;
        let statements = questions
            .iter()
            .map(|question| self.conn.statement(question.sql))
            .collect::<Result<Vec<_>>>()?;
        let begin = self.begin_sql();
        let client = &self.conn.client;
        let params: Vec<_> = questions.iter().map(|one| refs(&one.params)).collect();
        let asks = join_all(
            statements
                .iter()
                .zip(&params)
                .map(|(statement, refs)| client.query(statement, refs)),
        );
        let asks = async { asks.await.into_iter().collect::<Result<Vec<_>, _>>() };
        let answers = Self::with_begin(&mut self.begun, begin, &self.conn, asks)?;
        drop(params);
        self.ahead = questions.into_iter().zip(answers).collect();
        Ok(())
    }

    pub(crate) fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        self.flush()?;
        self.ahead.clear();
        let statement = self.conn.statement(sql)?;
        let begin = self.begin_sql();
        let refs = refs(params);
        Self::with_begin(
            &mut self.begun,
            begin,
            &self.conn,
            self.conn.client.execute(&statement, &refs),
        )
    }

    pub(crate) fn put(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<()> {
        self.ahead.clear();
        let statement = self.conn.statement(sql)?;
        self.held.push((
            statement,
            params.iter().cloned().map(Param::into_owned).collect(),
        ));
        Ok(())
    }

    /// Hands each row to `read`.
    pub(crate) fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let asked =
            |(question, _): &(Question, _)| question.sql == sql && question.params == params;
        if let Some(at) = self.ahead.iter().position(asked) {
            let (_, rows) = self.ahead.swap_remove(at);
            return read_rows(&rows, read);
        }
        self.flush()?;
        let statement = self.conn.statement(sql)?;
        let begin = self.begin_sql();
        let refs = refs(params);
        let rows = Self::with_begin(
            &mut self.begun,
            begin,
            &self.conn,
            self.conn.client.query(&statement, &refs),
        )?;
        read_rows(&rows, read)
    }

    pub(crate) fn script(&mut self, sql: &str) -> Result<()> {
        self.flush()?;
        self.ahead.clear();
        let begin = self.begin_sql();
        Self::with_begin(
            &mut self.begun,
            begin,
            &self.conn,
            self.conn.client.batch_execute(sql),
        )
    }

    fn commit(&mut self) -> Result<()> {
        if !self.held.is_empty() {
            return self.send_held(true);
        }
        if !self.begun {
            return Ok(());
        }
        // An error here leaves it unknown whether the commit held; the idempotency key answers that.
        self.conn
            .runtime
            .block_on(self.conn.client.batch_execute("COMMIT"))
            .map_err(error::postgres)
    }

    fn rollback(&mut self) {
        self.held.clear();
        if self.begun
            && let Err(source) = self
                .conn
                .runtime
                .block_on(self.conn.client.batch_execute("ROLLBACK"))
        {
            tracing::warn!(error = %source, "rollback failed; the connection is dropped");
        }
    }
}

fn read_rows(
    rows: &[tokio_postgres::Row],
    read: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    rows.iter()
        .try_for_each(|row| read(&Row(RowInner::Postgres(row))))
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut tokio_postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Param::Null => Ok(IsNull::Yes),
            Param::Int(n) if *ty == Type::INT4 => i32::try_from(*n)?.to_sql(ty, out),
            Param::Int(n) if *ty == Type::INT2 => i16::try_from(*n)?.to_sql(ty, out),
            Param::Int(n) => n.to_sql(&Type::INT8, out),
            Param::Real(x) => x.to_sql(&Type::FLOAT8, out),
            Param::Text(text) => text.as_ref().to_sql(&Type::TEXT, out),
            Param::Blob(bytes) => bytes.as_ref().to_sql(&Type::BYTEA, out),
        }
    }
    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::INT8
                | Type::INT4
                | Type::INT2
                | Type::FLOAT8
                | Type::TEXT
                | Type::VARCHAR
                | Type::BYTEA
        )
    }
    to_sql_checked!();
}

/// The cell in column `idx`.
pub(crate) fn cell(row: &tokio_postgres::Row, idx: usize) -> Result<Cell<'_>> {
    let Some(column) = row.columns().get(idx) else {
        return Err(Error::internal("a column that was not selected"));
    };
    let ty = column.type_();
    let cell = if *ty == Type::INT8 {
        row.try_get::<_, Option<i64>>(idx).map(|n| n.map(Cell::Int))
    } else if *ty == Type::INT4 {
        row.try_get::<_, Option<i32>>(idx)
            .map(|n| n.map(|n| Cell::Int(n.into())))
    } else if *ty == Type::FLOAT8 {
        row.try_get::<_, Option<f64>>(idx)
            .map(|x| x.map(Cell::Real))
    } else if *ty == Type::TEXT || *ty == Type::VARCHAR {
        row.try_get::<_, Option<&str>>(idx)
            .map(|text| text.map(Cell::Text))
    } else if *ty == Type::BYTEA {
        row.try_get::<_, Option<&[u8]>>(idx)
            .map(|bytes| bytes.map(Cell::Blob))
    } else {
        return Err(Error::internal(format!(
            "column type {ty} is not in the portable subset"
        )));
    };
    Ok(cell.map_err(error::postgres)?.unwrap_or(Cell::Null))
}
