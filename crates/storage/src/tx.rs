//! One transaction on either engine.

use std::collections::HashMap;

use tongban_kernel::{Error, Result, TypedId};
use uuid::Uuid;

use crate::postgres::PgTx;
use crate::value::{Cell, FromValue, Param};

/// A transaction. Reads answer at once; [`Tx::put`] may be held back and sent together with others before the commit.
pub struct Tx<'a> {
    pub(crate) inner: Inner<'a>,
}

pub(crate) enum Inner<'a> {
    Sqlite {
        conn: &'a rusqlite::Connection,
        sql: &'a mut SqlCache,
        access: Access,
    },
    Postgres(&'a mut PgTx),
}

/// What a transaction of the embedded store may do, and has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write { wrote: bool },
}

impl Access {
    pub(crate) fn may_write(self) -> Result<()> {
        match self {
            Self::Read => Err(Error::internal("a write in a read")),
            Self::Write { .. } => Ok(()),
        }
    }
    pub(crate) fn note(&mut self, changed: bool) {
        if let Self::Write { wrote } = self {
            *wrote |= changed;
        }
    }
}

/// SQLite binds a bare `$1` by order of first use; `?1` is what we mean.
#[derive(Default)]
pub(crate) struct SqlCache(HashMap<(usize, usize), Box<str>>);

impl SqlCache {
    fn get(&mut self, sql: &'static str) -> &str {
        // Address and length identify a `&'static str`; its content cannot change.
        self.0
            .entry((sql.as_ptr() as usize, sql.len()))
            .or_insert_with(|| sql.replace('$', "?").into_boxed_str())
    }
}

/// A question that will be asked in this transaction: the very statement and parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub sql: &'static str,
    pub params: Vec<Param<'static>>,
}

impl Question {
    pub fn new(sql: &'static str, params: &[Param<'_>]) -> Self {
        let params = params.iter().cloned().map(Param::into_owned).collect();
        Self { sql, params }
    }
}

/// One row of an answer, read by position.
pub struct Row<'a>(pub(crate) RowInner<'a>);

pub(crate) enum RowInner<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// How many columns there are.
    pub fn width(&self) -> usize {
        match &self.0 {
            RowInner::Sqlite(row) => row.as_ref().column_count(),
            RowInner::Postgres(row) => row.len(),
        }
    }
    /// The value in column `idx` (from 0).
    pub fn get<T: FromValue>(&self, idx: usize) -> Result<T> {
        T::from_cell(self.cell(idx)?)
    }
    fn cell(&self, idx: usize) -> Result<Cell<'_>> {
        match &self.0 {
            RowInner::Sqlite(row) => crate::sqlite::cell(row, idx),
            RowInner::Postgres(row) => crate::postgres::cell(row, idx),
        }
    }
    /// The typed id in column `idx`.
    pub fn id<T: TypedId>(&self, idx: usize) -> Result<T> {
        self.opt_id(idx)?
            .ok_or_else(|| Error::internal("corrupt row: NULL id"))
    }
    /// The typed id in column `idx`, if it is not NULL.
    pub fn opt_id<T: TypedId>(&self, idx: usize) -> Result<Option<T>> {
        struct Id(Uuid);
        impl FromValue for Id {
            fn from_cell(cell: Cell<'_>) -> Result<Self> {
                match cell {
                    Cell::Text(text) => Uuid::try_parse(text)
                        .map(Id)
                        .map_err(|_| Error::internal("corrupt row: not an id")),
                    _ => Err(Error::internal("corrupt row: an id is TEXT")),
                }
            }
        }
        Ok(self.get::<Option<Id>>(idx)?.map(|id| T::from_uuid(id.0)))
    }
    /// The JSON document in column `idx`, as a type.
    pub fn json<T: serde::de::DeserializeOwned>(&self, idx: usize) -> Result<T> {
        let text: String = self.get(idx)?;
        serde_json::from_str(&text)
            .map_err(|source| Error::internal("corrupt row: JSON").source(source))
    }
}

impl Tx<'_> {
    /// Runs a write at once and says how many rows it touched. Use it where the number decides (revision checks).
    pub fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        match &mut self.inner {
            Inner::Sqlite {
                conn,
                sql: cache,
                access,
            } => {
                access.may_write()?;
                let touched = crate::sqlite::execute(conn, cache.get(sql), params)?;
                // A statement that fails or touches no row leaves nothing that would have to be rolled back.
                access.note(touched > 0);
                Ok(touched)
            }
            Inner::Postgres(pg) => pg.execute(sql, params),
        }
    }

    /// A write whose row count does not matter (an INSERT, an idempotent UPDATE). May be sent later, together with others,
    /// but always before anything else of this transaction is read and before the commit.
    pub fn put(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<()> {
        match &mut self.inner {
            Inner::Postgres(pg) => pg.put(sql, params),
            Inner::Sqlite { .. } => self.execute(sql, params).map(|_| ()),
        }
    }

    /// Says which questions will follow, so that on PostgreSQL they share one round trip. The answers are those of this moment and
    /// are forgotten with the first write. Nothing happens on SQLite, where a question costs no trip.
    pub fn ask_ahead(&mut self, questions: impl FnOnce() -> Vec<Question>) -> Result<()> {
        match &mut self.inner {
            Inner::Postgres(pg) => pg.ask_ahead(questions()),
            Inner::Sqlite { .. } => Ok(()),
        }
    }

    /// All rows. Keep a LIMIT in the SQL.
    pub fn all<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.each(sql, params, &mut |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite {
                conn,
                sql: cache,
                access,
            } => crate::sqlite::each(conn, cache.get(sql), access, params, read),
            Inner::Postgres(pg) => pg.each(sql, params, read),
        }
    }

    /// The first row, if there is one.
    pub fn opt<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.all(sql, params, read)?.into_iter().next())
    }

    /// The first row; its absence is our own fault.
    pub fn one<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.opt(sql, params, read)?
            .ok_or_else(|| Error::internal("a row that must exist is missing"))
    }

    /// Whether anything was written (embedded store; on PostgreSQL each unit has a transaction of its own).
    pub(crate) fn wrote(&self) -> bool {
        matches!(
            self.inner,
            Inner::Sqlite {
                access: Access::Write { wrote: true },
                ..
            }
        )
    }

    pub(crate) fn engine(&self) -> crate::Engine {
        match self.inner {
            Inner::Sqlite { .. } => crate::Engine::Sqlite,
            Inner::Postgres(_) => crate::Engine::Postgres,
        }
    }

    /// Runs a script of several statements (migrations only).
    pub(crate) fn script(&mut self, sql: &str) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite { conn, access, .. } => {
                access.may_write()?;
                access.note(true);
                conn.execute_batch(sql).map_err(crate::error::sqlite)
            }
            Inner::Postgres(pg) => pg.script(sql),
        }
    }
}
