//! The bare store: the same rows as one submission, with no application around them.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use tongban_kernel::{Error, Result};

use crate::config::Config;

/// Commits a second of the bare store.
pub(super) struct Raw {
    /// 64 submissions share a commit.
    pub(super) grouped: f64,
    /// Each submission has its own.
    pub(super) single: f64,
}

const ROWS: &[(&str, usize)] = &[
    (
        "UPDATE draft SET case_id = ?1, revision = revision + 1 WHERE id = ?2",
        0,
    ),
    ("INSERT INTO case_file VALUES (?1, ?2, ?3)", 1_500),
    ("INSERT INTO case_content VALUES (?1, ?2, ?3)", 3_600),
    ("INSERT INTO case_event VALUES (?1, ?2, ?3)", 3_400),
    ("INSERT INTO tlog_leaf VALUES (?1, ?2, ?3)", 250),
    ("INSERT INTO task VALUES (?1, ?2, ?3)", 200),
    ("INSERT INTO outbox VALUES (?1, ?2, ?3)", 250),
    ("INSERT INTO idempotency VALUES (?1, ?2, ?3)", 250),
    (
        "INSERT INTO number_series VALUES ('x', 1, NULL) ON CONFLICT (id) DO UPDATE SET k = k + 1",
        0,
    ),
    ("UPDATE attachment SET k = ?1 WHERE id = ?2", 0),
];

fn sql(source: rusqlite::Error) -> Error {
    Error::internal(format!("bare store: {source}"))
}

/// Measures on the same disk, for `seconds` each way.
pub(super) async fn commits(config: &Config, seconds: u64) -> Result<Raw> {
    if let Some(url) = config.database.clone() {
        return postgres(&url, seconds).await;
    }
    let path = config.data.join("bare.db");
    tokio::task::spawn_blocking(move || {
        let conn = Connection::open(&path).map_err(sql)?;
        conn.pragma_update(None, "journal_mode", "WAL").map_err(sql)?;
        conn.pragma_update(None, "synchronous", "FULL").map_err(sql)?;
        conn.pragma_update(None, "secure_delete", "ON").map_err(sql)?;
        conn.pragma_update(None, "wal_autocheckpoint", 4_000).map_err(sql)?;
        conn.set_prepared_statement_cache_capacity(64);
        for table in ["case_file", "case_content", "case_event", "tlog_leaf", "task", "outbox", "idempotency", "attachment"] {
            conn.execute_batch(&format!("CREATE TABLE {table} (id TEXT PRIMARY KEY, k TEXT, body BLOB); CREATE INDEX {table}_k ON {table} (k);")).map_err(sql)?;
        }
        conn.execute_batch("CREATE TABLE number_series (id TEXT PRIMARY KEY, k BIGINT, body BLOB); CREATE TABLE draft (id TEXT PRIMARY KEY, case_id TEXT, revision BIGINT);").map_err(sql)?;
        let mut n = 0;
        let grouped = round(&conn, 64, seconds, &mut n)?;
        let single = round(&conn, 1, seconds, &mut n)?;
        Ok(Raw { grouped, single })
    })
    .await
    .map_err(|_| Error::internal("bare store panicked"))?
}

fn round(conn: &Connection, batch: u64, seconds: u64, n: &mut u64) -> Result<f64> {
    let body = vec![7_u8; 4_096];
    let (begun, first) = (Instant::now(), *n);
    while begun.elapsed() < Duration::from_secs(seconds) {
        conn.execute_batch("BEGIN IMMEDIATE").map_err(sql)?;
        for _ in 0..batch {
            *n += 1;
            let (id, key) = (
                format!("{:032x}", u128::from(*n) << 40),
                format!("k{n:020}"),
            );
            for (statement, size) in ROWS {
                let mut statement = conn.prepare_cached(statement).map_err(sql)?;
                match statement.parameter_count() {
                    3 => statement.execute((&id, &key, &body[..*size])),
                    2 => statement.execute((&key, &id)),
                    _ => statement.execute([]),
                }
                .map_err(sql)?;
            }
        }
        conn.execute_batch("COMMIT").map_err(sql)?;
    }
    Ok((*n - first) as f64 / begun.elapsed().as_secs_f64())
}

/// As pgbench does it: prepared statements one by one in a transaction, over 8 connections.
async fn postgres(url: &str, seconds: u64) -> Result<Raw> {
    let pg = |source: tokio_postgres::Error| Error::internal(format!("bare store: {source}"));
    let connect = || async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
            .await
            .map_err(pg)?;
        tokio::spawn(connection);
        Ok::<_, Error>(client)
    };
    let first = connect().await?;
    first
        .batch_execute("DROP SCHEMA IF EXISTS bare CASCADE; CREATE SCHEMA bare")
        .await
        .map_err(pg)?;
    for table in [
        "case_file",
        "case_content",
        "case_event",
        "tlog_leaf",
        "task",
        "outbox",
        "idempotency",
        "attachment",
        "number_series",
        "draft",
    ] {
        let columns =
            "(id TEXT PRIMARY KEY, k TEXT, body BYTEA, revision BIGINT, case_id TEXT, n BIGINT)";
        first
            .batch_execute(&format!(
                "CREATE TABLE bare.{table} {columns}; CREATE INDEX ON bare.{table} (k)"
            ))
            .await
            .map_err(pg)?;
    }
    let begun = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for worker in 0..8_u64 {
        let client = connect().await?;
        running.spawn(async move {
            let mut statements = Vec::new();
            for (table, size) in [("case_file", 1_500), ("case_content", 3_600), ("case_event", 3_400), ("tlog_leaf", 250), ("task", 200), ("outbox", 250), ("idempotency", 250)] {
                let text = format!("INSERT INTO bare.{table} (id, k, body) VALUES ($1, $2, $3)");
                statements.push((client.prepare(&text).await.map_err(pg)?, size));
            }
            let number = client
                .prepare("INSERT INTO bare.number_series (id, n) VALUES ('x', 1) ON CONFLICT (id) DO UPDATE SET n = bare.number_series.n + 1 RETURNING n")
                .await
                .map_err(pg)?;
            let body = vec![7_u8; 4_096];
            let mut n = 0_u64;
            while begun.elapsed() < Duration::from_secs(seconds) {
                n += 1;
                let (id, key) = (format!("{worker}-{n}"), format!("k{worker}-{n}"));
                client.batch_execute("BEGIN").await.map_err(pg)?;
                client.query(&number, &[]).await.map_err(pg)?;
                for (statement, size) in &statements {
                    client.execute(statement, &[&id, &key, &&body[..*size]]).await.map_err(pg)?;
                }
                client.batch_execute("COMMIT").await.map_err(pg)?;
            }
            Ok::<_, Error>(n)
        });
    }
    let mut n = 0;
    while let Some(joined) = running.join_next().await {
        n += joined.map_err(|_| Error::internal("bare store panicked"))??;
    }
    let rate = n as f64 / begun.elapsed().as_secs_f64();
    Ok(Raw {
        grouped: rate,
        single: rate,
    })
}
