//! The changed years of the calendar and the history of changes.

use tongban_kernel::{Error, Result};
use tongban_storage::{ChainHead, Row, Tx, params};

use super::chain::{Kept, json};
use crate::model::{CalendarChange, CaseClocks, ChangedBy};

/// Where the text of the changed years lies.
const SETTING: &str = "cases.calendar";

/// The text of the changed years; `None`: the program's own calendar.
pub(crate) fn text(tx: &mut Tx<'_>) -> Result<Option<String>> {
    tx.opt(
        "SELECT value FROM setting WHERE name = $1",
        params![SETTING],
        |row| row.get(0),
    )
}

pub(crate) fn put_text(tx: &mut Tx<'_>, text: &str, now: jiff::Timestamp) -> Result<()> {
    tx.put(
        "INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET value = $2, updated_at = $3",
        params![SETTING, text, now],
    )
}

pub(crate) fn head(tx: &mut Tx<'_>) -> Result<ChainHead> {
    ChainHead::read(
        tx,
        "SELECT n, leaf, leaf_sm3 FROM calendar_change ORDER BY n DESC LIMIT 1",
    )
}

/// Fails if somebody else has made change `n` meanwhile.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    change: &CalendarChange,
    after_text: &str,
    kept: &Kept,
) -> Result<()> {
    let n = tx.execute(
        "INSERT INTO calendar_change (n, at, by_whom, officer_id, operation, year, source, reason, days, moved,
             after_text, leaf, leaf_sm3, proof)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (n) DO NOTHING",
        params![
            change.n,
            change.at,
            &change.by_whom,
            kept.officer,
            change.operation.key(),
            i64::from(change.year),
            &change.source,
            &change.reason,
            json(&change.days)?,
            json(&change.moved)?,
            after_text,
            &kept.leaf,
            &kept.leaf_sm3,
            &kept.proof
        ],
    )?;
    if n == 1 { Ok(()) } else { Err(stale()) }
}

/// Somebody else was first.
pub(crate) fn stale() -> Error {
    Error::conflict("calendar.stale", "工作日历刚刚被他人修改，您的修改没有保存")
        .advice("请刷新页面，核对后重新提交")
}

macro_rules! change {
    ($rest:literal) => {
        concat!(
            "SELECT n, at, by_whom, operation, year, source, reason, days, moved, leaf FROM calendar_change ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<CalendarChange> {
    let (operation, year, leaf): (String, i64, [u8; 32]) = (row.get(3)?, row.get(4)?, row.get(9)?);
    Ok(CalendarChange {
        n: row.get(0)?,
        at: row.get(1)?,
        by_whom: row.get(2)?,
        operation: ChangedBy::from_key(&operation)
            .ok_or_else(|| Error::internal("corrupt row: change of the calendar"))?,
        year: i16::try_from(year)
            .map_err(|_| Error::internal("corrupt row: year of a calendar change"))?,
        source: row.get(5)?,
        reason: row.get(6)?,
        days: row.json(7)?,
        moved: row.json(8)?,
        leaf: hex::encode(leaf),
    })
}

pub(crate) fn get(tx: &mut Tx<'_>, n: u32) -> Result<Option<CalendarChange>> {
    tx.opt(change!("WHERE n = $1"), params![n], read)
}

/// The changes of a year, latest first.
pub(crate) fn of_year(tx: &mut Tx<'_>, year: i16, limit: u32) -> Result<Vec<CalendarChange>> {
    tx.all(
        change!("WHERE year = $1 ORDER BY n DESC LIMIT $2"),
        params![i64::from(year), limit],
        read,
    )
}

/// Clocks of open cases behind `after` (an id as rows keep it), by id.
pub(crate) fn running(
    tx: &mut Tx<'_>,
    after: &str,
    limit: u32,
) -> Result<Vec<(String, Option<CaseClocks>)>> {
    tx.all(
        "SELECT id, clock FROM case_file WHERE is_open = 1 AND id > $1 ORDER BY id LIMIT $2",
        params![after, limit],
        |row| Ok((row.get(0)?, row.json(1)?)),
    )
}

/// Writes the due date that lists show; 1 if it was another one. The revision stays: nobody's work on the case is touched.
pub(crate) fn set_due(tx: &mut Tx<'_>, id: &str, due: Option<jiff::civil::Date>) -> Result<u64> {
    tx.execute(
        "UPDATE case_file SET promise_due = $2
          WHERE id = $1 AND COALESCE(promise_due, '') <> COALESCE(CAST($2 AS TEXT), '')",
        params![id, due],
    )
}
