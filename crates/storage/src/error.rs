//! Driver errors → the closed set of kinds. Nothing of SQL reaches a person.

use rusqlite::ErrorCode;
use tokio_postgres::error::SqlState;
use tongban_kernel::{Error, ErrorKind};

pub(crate) fn sqlite(source: rusqlite::Error) -> Error {
    let code = source.sqlite_error_code();
    let error = match code {
        Some(ErrorCode::ConstraintViolation) => {
            Error::conflict("store.constraint", "内容已被他人更新，请刷新后重试")
        }
        Some(ErrorCode::DiskFull) => full(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::unavailable("database busy")
        }
        Some(ErrorCode::SystemIoFailure) => Error::unavailable("database I/O"),
        _ => Error::internal("database"),
    };
    error.context(format!("sqlite: {source}")).source(source)
}

pub(crate) fn full() -> Error {
    Error::new(
        ErrorKind::StorageFull,
        "storage.full",
        "系统存储空间不足，本次操作没有保存",
    )
    .advice("请稍后重试，或到大厅窗口办理")
}

pub(crate) fn postgres(source: tokio_postgres::Error) -> Error {
    let state = source.code().cloned();
    let error = match &state {
        Some(state)
            if *state == SqlState::UNIQUE_VIOLATION
                || *state == SqlState::FOREIGN_KEY_VIOLATION =>
        {
            Error::conflict("store.constraint", "内容已被他人更新，请刷新后重试")
        }
        Some(state)
            if *state == SqlState::T_R_SERIALIZATION_FAILURE
                || *state == SqlState::T_R_DEADLOCK_DETECTED =>
        {
            Error::conflict(RETRY, "有人同时在办理，请重试")
        }
        Some(state) if *state == SqlState::DISK_FULL => full(),
        Some(state) if state.code().starts_with("08") || state.code().starts_with("57") => {
            Error::unavailable("database connection")
        }
        None => Error::unavailable("database connection"),
        Some(_) => Error::internal("database"),
    };
    error
        .context(format!("postgres: {source} {state:?}"))
        .source(source)
}

/// The code of a conflict that the database asks us to retry (40001, 40P01).
pub(crate) const RETRY: &str = "store.retry";
