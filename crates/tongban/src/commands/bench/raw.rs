//! The bare store: the rows of real submissions, read back from the product's own store, written again into an empty one with
//! the same tables and no application.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tongban_kernel::{Error, Result};
use tongban_storage::{Db, Param, Settings, SystemClock, Tx, migrate, params};

use crate::app::migrations;
use crate::config::Config;

/// Submissions written again in a round.
const ROUND: u32 = 6_000;

/// Submissions a second of the bare store.
pub(super) struct Raw {
    /// SQLite: as many submissions share a commit as there are clients. PostgreSQL: 8 connections, each submission on its own.
    pub(super) by_clients: Vec<f64>,
    /// SQLite: each submission has its own commit.
    pub(super) single: f64,
}

type Values = Vec<Param<'static>>;

/// The rows of one submission, in the order in which they are written.
struct Submission {
    /// The draft and its files as they were before.
    before: Vec<(&'static str, Values)>,
    draft: Param<'static>,
    revision: Param<'static>,
    case: Param<'static>,
    rows: Vec<(&'static str, Values)>,
}

const TAKE_DRAFT: &str = "UPDATE draft SET case_id = $3, revision = revision + 1 WHERE id = $1 AND revision = $2 AND case_id IS NULL";
const NUMBER: &str = "INSERT INTO number_series (series, last) VALUES ($1, 1)
    ON CONFLICT (series) DO UPDATE SET last = number_series.last + 1 RETURNING last";
/// What a question is about.
type Asked = fn(&Submission) -> &Param<'static>;

/// What a submission asks before it writes.
const QUESTIONS: &[(&str, Asked)] = &[
    ("SELECT body FROM idempotency WHERE principal = $1", |one| {
        &one.case
    }),
    ("SELECT * FROM draft WHERE id = $1", |one| &one.draft),
    ("SELECT * FROM attachment WHERE draft_id = $1", |one| {
        &one.draft
    }),
    ("SELECT * FROM person WHERE id = $1", |one| &one.case),
    (
        "SELECT hash FROM process_definition WHERE name = $1",
        |one| &one.case,
    ),
];

/// Reads the newest submissions of the store under test, then writes them again on the same disk.
pub(super) async fn commits(config: &Config, clients: &[usize]) -> Result<Raw> {
    let source = open(config.store()).await?;
    let submissions = Arc::new(read_back(&source).await?);
    match &config.database {
        Some(url) => postgres(url, submissions, clients).await,
        None => sqlite(config, submissions, clients.to_vec()).await,
    }
}

fn whole(tx: &mut Tx<'_>, sql: &'static str, of: &Param<'static>) -> Result<Vec<Values>> {
    tx.all(sql, std::slice::from_ref(of), |row| {
        (0..row.width()).map(|idx| row.get(idx)).collect()
    })
}

async fn read_back(source: &Db) -> Result<Vec<Submission>> {
    source
        .read_long(|tx| {
            let newest = whole(
                tx,
                "SELECT id, draft_id FROM case_file ORDER BY id DESC LIMIT $1",
                &Param::from(2 * ROUND),
            )?;
            let mut keys = tx
                .all(
                    "SELECT principal, key, fingerprint, status, body, created_at FROM idempotency LIMIT $1",
                    params![2 * ROUND],
                    |row| (0..6).map(|idx| row.get(idx)).collect::<Result<Values>>(),
                )?
                .into_iter();
            let mut found = Vec::with_capacity(newest.len());
            for ids in newest.into_iter().rev() {
                if let ([case, draft], Some(key)) = (ids.as_slice(), keys.next()) {
                    found.push(submission(tx, case, draft, key)?);
                }
            }
            Ok(found)
        })
        .await
}

fn submission(
    tx: &mut Tx<'_>,
    case: &Param<'static>,
    draft: &Param<'static>,
    key: Values,
) -> Result<Submission> {
    let mut before = Vec::new();
    let mut revision = Param::Null;
    for mut row in whole(tx, "SELECT * FROM draft WHERE id = $1", draft)? {
        // The submission has raised the revision and named the case.
        if let [.., Param::Int(n), _, _, _, taken_by] = row.as_mut_slice() {
            *n -= 1;
            revision = Param::Int(*n);
            *taken_by = Param::Null;
        }
        before.push(("draft", row));
    }
    for row in whole(tx, "SELECT * FROM attachment WHERE draft_id = $1", draft)? {
        before.push(("attachment", row));
    }
    let written: [(&str, &'static str); 5] = [
        (
            "case_event",
            "SELECT * FROM case_event WHERE case_id = $1 AND seq = 0",
        ),
        (
            "tlog_leaf",
            "SELECT l.* FROM tlog_leaf l JOIN case_event e ON e.leaf = l.hash WHERE e.case_id = $1 AND e.seq = 0",
        ),
        ("task", "SELECT * FROM task WHERE case_id = $1"),
        ("case_file", "SELECT * FROM case_file WHERE id = $1"),
        (
            "case_content",
            "SELECT * FROM case_content WHERE case_id = $1",
        ),
    ];
    let mut rows = Vec::new();
    for (table, sql) in written {
        rows.extend(whole(tx, sql, case)?.into_iter().map(|row| (table, row)));
    }
    rows.push(("idempotency", key));
    Ok(Submission {
        before,
        draft: draft.clone(),
        revision,
        case: case.clone(),
        rows,
    })
}

fn insert(table: &str, width: usize) -> String {
    let places: Vec<String> = (1..=width).map(|n| format!("${n}")).collect();
    format!("INSERT INTO {table} VALUES ({})", places.join(", "))
}

async fn open(settings: Settings) -> Result<Db> {
    tokio::task::spawn_blocking(move || Db::open(&settings))
        .await
        .map_err(|_| Error::internal("opening the store panicked"))?
}

async fn empty_store(settings: Settings) -> Result<()> {
    let db = open(settings).await?;
    let now = tongban_kernel::Clock::now(&SystemClock);
    migrate(&db, migrations(), now).await.map(|_| ())
}

fn sql(source: rusqlite::Error) -> Error {
    Error::internal(format!("bare store: {source}"))
}

async fn sqlite(
    config: &Config,
    submissions: Arc<Vec<Submission>>,
    clients: Vec<usize>,
) -> Result<Raw> {
    let path = config.data.join("bare.db");
    let readers = 1;
    empty_store(Settings::Sqlite {
        path: path.clone(),
        readers,
    })
    .await?;
    tokio::task::spawn_blocking(move || {
        let conn = Connection::open(&path).map_err(sql)?;
        for (pragma, value) in [
            ("journal_mode", "WAL"),
            ("synchronous", "FULL"),
            ("secure_delete", "ON"),
            ("wal_autocheckpoint", "4000"),
            ("cache_size", "-8000"),
        ] {
            conn.pragma_update(None, pragma, value).map_err(sql)?;
        }
        conn.set_prepared_statement_cache_capacity(64);
        conn.set_db_config(
            rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG,
            true,
        )
        .map_err(sql)?;
        conn.execute_batch("BEGIN").map_err(sql)?;
        for row in submissions.iter().flat_map(|one| &one.before) {
            run(&conn, &insert(row.0, row.1.len()), &row.1)?;
        }
        conn.execute_batch("COMMIT").map_err(sql)?;
        let mut parts = submissions.chunks((submissions.len() / (clients.len() + 1)).max(1));
        let mut rate = |batch| round(&conn, parts.next().unwrap_or_default(), batch);
        Ok(Raw {
            by_clients: clients.into_iter().map(&mut rate).collect::<Result<_>>()?,
            single: rate(1)?,
        })
    })
    .await
    .map_err(|_| Error::internal("bare store panicked"))?
}

fn run(conn: &Connection, text: &str, values: &[Param<'static>]) -> Result<()> {
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let mut rows = statement
        .query(rusqlite::params_from_iter(values))
        .map_err(sql)?;
    while rows.next().map_err(sql)?.is_some() {}
    Ok(())
}

fn round(conn: &Connection, submissions: &[Submission], batch: usize) -> Result<f64> {
    let (begun, mut done) = (Instant::now(), 0);
    for group in submissions.chunks(batch) {
        conn.execute_batch("BEGIN IMMEDIATE").map_err(sql)?;
        for one in group {
            let taken = [one.draft.clone(), one.revision.clone(), one.case.clone()];
            run(conn, TAKE_DRAFT, &taken)?;
            run(conn, NUMBER, &[Param::from("x")])?;
            for (table, row) in &one.rows {
                run(conn, &insert(table, row.len()), row)?;
            }
        }
        conn.execute_batch("COMMIT").map_err(sql)?;
        done += group.len();
        if begun.elapsed() > Duration::from_secs(8) {
            break;
        }
    }
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}

fn pg(source: tokio_postgres::Error) -> Error {
    Error::internal(format!("bare store: {source}"))
}

async fn connect(url: &str) -> Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .map_err(pg)?;
    tokio::spawn(connection);
    Ok(client)
}

/// As pgbench does it: prepared statements one by one in a transaction, over 8 connections.
async fn postgres(url: &str, submissions: Arc<Vec<Submission>>, clients: &[usize]) -> Result<Raw> {
    let admin = connect(url).await?;
    let name = format!("tongban_bare_{}", std::process::id());
    let create = format!("CREATE DATABASE {name}");
    admin.batch_execute(&create).await.map_err(pg)?;
    let (head, _) = url.rsplit_once('/').unwrap_or((url, ""));
    let bare = format!("{head}/{name}");
    let rate = replay(&bare, submissions).await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    admin.batch_execute(&drop).await.map_err(pg)?;
    let rate = rate?;
    Ok(Raw {
        by_clients: vec![rate; clients.len()],
        single: rate,
    })
}

async fn replay(url: &str, submissions: Arc<Vec<Submission>>) -> Result<f64> {
    empty_store(Settings::Postgres {
        url: url.to_owned(),
        connections: 1,
    })
    .await?;
    let filler = connect(url).await?;
    filler.batch_execute("BEGIN").await.map_err(pg)?;
    for (table, row) in submissions.iter().flat_map(|one| &one.before) {
        let text = insert(table, row.len());
        filler.execute(&text, &refs(row)).await.map_err(pg)?;
    }
    filler.batch_execute("COMMIT; ANALYZE").await.map_err(pg)?;
    let workers = 8;
    let begun = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for worker in 0..workers {
        let (client, submissions) = (connect(url).await?, Arc::clone(&submissions));
        running.spawn(async move {
            let mut prepared = std::collections::HashMap::new();
            let mut done = 0_u32;
            for one in submissions.iter().skip(worker).step_by(workers) {
                one_by_one(&client, &mut prepared, one).await?;
                done += 1;
                if begun.elapsed() > Duration::from_secs(8) {
                    break;
                }
            }
            Ok::<_, Error>(done)
        });
    }
    let mut done = 0;
    while let Some(joined) = running.join_next().await {
        done += joined.map_err(|_| Error::internal("bare store panicked"))??;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

fn refs<'a>(values: &'a [Param<'static>]) -> Vec<&'a (dyn tokio_postgres::types::ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}

async fn one_by_one(
    client: &tokio_postgres::Client,
    prepared: &mut std::collections::HashMap<String, tokio_postgres::Statement>,
    one: &Submission,
) -> Result<()> {
    let mut statements: Vec<(String, Values)> = QUESTIONS
        .iter()
        .map(|(text, of)| ((*text).to_owned(), vec![of(one).clone()]))
        .collect();
    let taken = vec![one.draft.clone(), one.revision.clone(), one.case.clone()];
    statements.push((TAKE_DRAFT.to_owned(), taken));
    statements.push((NUMBER.to_owned(), vec![Param::from("x")]));
    let rows = one.rows.iter();
    statements.extend(rows.map(|(table, row)| (insert(table, row.len()), row.clone())));
    client.batch_execute("BEGIN").await.map_err(pg)?;
    for (text, values) in &statements {
        if !prepared.contains_key(text) {
            let statement = client.prepare(text).await.map_err(pg)?;
            prepared.insert(text.clone(), statement);
        }
        if let Some(statement) = prepared.get(text) {
            client.query(statement, &refs(values)).await.map_err(pg)?;
        }
    }
    client.batch_execute("COMMIT").await.map_err(pg)
}
