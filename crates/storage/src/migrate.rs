//! Numbered, forward-only migrations. One text serves both engines; where a table should be clustered on its key in SQLite
//! it says `/*clustered*/` behind the closing bracket.

use sha2::{Digest, Sha256};
use tongban_kernel::{Error, Result};

use crate::params;
use crate::{Db, Engine};

/// One step of the schema. Never edited after a release: its checksum is stored.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The crate that owns the tables.
    pub owner: &'static str,
    /// From 1, without gaps within the owner.
    pub number: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

/// The tables of this crate.
pub(crate) const OWN: &[Migration] = &[Migration {
    owner: "storage",
    number: 1,
    name: "foundation",
    sql: include_str!("../migrations/0001_foundation.sql"),
}];

const BOOK: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    owner TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL,
    PRIMARY KEY (owner, number))";

fn checksum(sql: &str) -> String {
    hex::encode(Sha256::digest(sql.as_bytes()))
}

fn for_engine(sql: &str, engine: Engine) -> String {
    match engine {
        Engine::Sqlite => sql.replace("/*clustered*/", "WITHOUT ROWID"),
        Engine::Postgres => sql.to_owned(),
    }
}

/// Brings the schema up to date: the tables of `storage` first, then `steps` in their order. Returns what was applied.
/// Refuses, before any change, a store that has migrations which this program does not know (it was written by a newer one)
/// or whose applied text differs.
pub async fn migrate(
    db: &Db,
    steps: &'static [Migration],
    now: jiff::Timestamp,
) -> Result<Vec<String>> {
    db.write(move |tx| {
        tx.script(BOOK)?;
        let applied: Vec<(String, i64, String)> = tx.all(
            "SELECT owner, number, checksum FROM schema_migration ORDER BY owner, number",
            params![],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let all: Vec<&Migration> = OWN.iter().chain(steps).collect();
        for (owner, number, sum) in &applied {
            match all.iter().find(|step| step.owner == owner && step.number == *number) {
                None => {
                    return Err(Error::invalid(
                        "migrate.newer",
                        format!("存储由更新的版本写成（{owner} {number}），本版本不能打开"),
                    )
                    .advice("请使用更新的版本，或恢复升级前的备份"));
                }
                Some(step) if checksum(step.sql) != *sum => {
                    return Err(Error::internal(format!("migration {owner} {number} differs from the applied one")));
                }
                Some(_) => {}
            }
        }
        let mut done = Vec::new();
        for step in all {
            if applied.iter().any(|(owner, number, _)| owner == step.owner && *number == step.number) {
                continue;
            }
            let engine = tx.engine();
            tx.script(&for_engine(step.sql, engine))?;
            tx.execute(
                "INSERT INTO schema_migration (owner, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)",
                params![step.owner, step.number, step.name, checksum(step.sql), now],
            )?;
            done.push(format!("{} {:04} {}", step.owner, step.number, step.name));
        }
        Ok(done)
    })
    .await
}

/// Tables and columns in a form that is the same for both engines: `table.column type nullability`, one a line, sorted.
pub async fn schema_text(db: &Db) -> Result<String> {
    let sql = match db.engine() {
        Engine::Sqlite => {
            "SELECT m.name, c.name, lower(c.type), c.\"notnull\" OR c.pk > 0 FROM sqlite_master m, pragma_table_info(m.name) c
              WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
        }
        Engine::Postgres => {
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT),
                    CASE is_nullable WHEN 'NO' THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END
               FROM information_schema.columns WHERE table_schema = current_schema()
              ORDER BY table_name COLLATE \"C\", column_name COLLATE \"C\""
        }
    };
    let lines: Vec<String> = db
        .read(move |tx| {
            tx.all(sql, params![], |row| {
                let (table, column, kind): (String, String, String) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                let not_null: bool = row.get(3)?;
                Ok(format!(
                    "{table}.{column} {kind}{}",
                    if not_null { " not null" } else { "" }
                ))
            })
        })
        .await?;
    Ok(lines.join("\n") + "\n")
}
