//! Published versions.

use jiff::Timestamp;
use tongban_kernel::{ItemVersionId, Result};
use tongban_storage::{Row, Tx, params};

/// One stored version.
pub(crate) struct ItemRow {
    pub(crate) id: ItemVersionId,
    pub(crate) code: String,
    pub(crate) version: u32,
    pub(crate) name: String,
    pub(crate) task_type: String,
    pub(crate) organ_code: String,
    pub(crate) organ_name: String,
    pub(crate) item: String,
    pub(crate) form: Option<String>,
}

/// Makes `row` the current version of its code; the version before becomes history.
pub(crate) fn publish(tx: &mut Tx<'_>, row: &ItemRow, at: Timestamp) -> Result<()> {
    tx.put(
        "UPDATE item_version SET state = 'superseded' WHERE code = $1 AND state = 'current'",
        params![&row.code],
    )?;
    tx.put(
        "INSERT INTO item_version (id, code, version, name, task_type, organ_code, organ_name, state, item, form, published_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'current', $8, $9, $10)",
        params![
            row.id,
            &row.code,
            row.version,
            &row.name,
            &row.task_type,
            &row.organ_code,
            &row.organ_name,
            &row.item,
            row.form.as_deref(),
            at
        ],
    )
}

/// The highest version of `code` so far; 0 when there is none.
pub(crate) fn last_version(tx: &mut Tx<'_>, code: &str) -> Result<u32> {
    tx.one(
        "SELECT COALESCE(MAX(version), 0) FROM item_version WHERE code = $1",
        params![code],
        |row| row.get(0),
    )
}

fn read(row: &Row<'_>) -> Result<ItemRow> {
    Ok(ItemRow {
        id: row.id(0)?,
        code: row.get(1)?,
        version: row.get(2)?,
        name: row.get(3)?,
        task_type: row.get(4)?,
        organ_code: row.get(5)?,
        organ_name: row.get(6)?,
        item: row.get(7)?,
        form: row.get(8)?,
    })
}

pub(crate) fn get(tx: &mut Tx<'_>, id: ItemVersionId) -> Result<Option<ItemRow>> {
    tx.opt(
        "SELECT id, code, version, name, task_type, organ_code, organ_name, item, form FROM item_version WHERE id = $1",
        params![id],
        read,
    )
}

pub(crate) fn current(tx: &mut Tx<'_>, code: &str) -> Result<Option<ItemVersionId>> {
    tx.opt(
        "SELECT id FROM item_version WHERE code = $1 AND state = 'current'",
        params![code],
        |row| row.id(0),
    )
}

/// Current versions after `after` (a code), in the order of their codes.
pub(crate) fn page(tx: &mut Tx<'_>, after: &str, limit: u32) -> Result<Vec<ItemRow>> {
    tx.all(
        "SELECT id, code, version, name, task_type, organ_code, organ_name, item, form FROM item_version
          WHERE state = 'current' AND code > $1 ORDER BY code LIMIT $2",
        params![after, limit],
        read,
    )
}

/// Current versions of one organ, in the order of their codes.
pub(crate) fn of_organ(
    tx: &mut Tx<'_>,
    organ_code: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<ItemRow>> {
    tx.all(
        "SELECT id, code, version, name, task_type, organ_code, organ_name, item, form FROM item_version
          WHERE state = 'current' AND organ_code = $1 AND code > $2 ORDER BY code LIMIT $3",
        params![organ_code, after, limit],
        read,
    )
}

/// Organs with the number of their current items, most first.
pub(crate) fn organs(tx: &mut Tx<'_>) -> Result<Vec<(String, String, u64)>> {
    tx.all(
        "SELECT organ_code, organ_name, COUNT(*) FROM item_version WHERE state = 'current'
          GROUP BY organ_code, organ_name ORDER BY 3 DESC, 1 LIMIT 500",
        params![],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

pub(crate) fn count(tx: &mut Tx<'_>) -> Result<u64> {
    tx.one(
        "SELECT COUNT(*) FROM item_version WHERE state = 'current'",
        params![],
        |row| row.get(0),
    )
}

pub(crate) fn put_licence_type(
    tx: &mut Tx<'_>,
    code: &str,
    name: &str,
    document: &str,
) -> Result<()> {
    tx.put(
        "INSERT INTO licence_type (code, name, document) VALUES ($1, $2, $3)
             ON CONFLICT (code) DO UPDATE SET name = $2, document = $3",
        params![code, name, document],
    )
}

pub(crate) fn licence_type(tx: &mut Tx<'_>, code: &str) -> Result<Option<String>> {
    tx.opt(
        "SELECT document FROM licence_type WHERE code = $1",
        params![code],
        |row| row.get(0),
    )
}
