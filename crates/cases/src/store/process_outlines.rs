//! Working copies of process files in the outline editor, with every step.

use jiff::Timestamp;
use tongban_kernel::{Error, Result};
use tongban_storage::{Row, Tx, params};

/// A working copy.
pub(crate) struct OutlineRow {
    pub(crate) n: u32,
    pub(crate) name: String,
    /// Content hash of the file that it began from.
    pub(crate) from_hash: Option<String>,
    pub(crate) changed_at: Timestamp,
    pub(crate) changed_by: String,
    /// The step whose file is shown; steps behind it were undone.
    pub(crate) at_step: u32,
    pub(crate) last_step: u32,
    pub(crate) revision: u32,
}

/// One step, with the file after it.
pub(crate) struct StepRow<'a> {
    pub(crate) step: u32,
    pub(crate) at: Timestamp,
    pub(crate) by_whom: &'a str,
    /// Key of the words for it.
    pub(crate) what: &'a str,
    /// Name of the element.
    pub(crate) subject: &'a str,
    pub(crate) xml: &'a [u8],
}

/// Somebody else was first.
pub(crate) fn stale() -> Error {
    Error::conflict(
        "process.outline-stale",
        "这份流程刚刚被他人修改，您的操作没有保存",
    )
    .advice("请返回提纲查看最新内容，再重新操作")
}

macro_rules! outline {
    ($rest:literal) => {
        concat!(
            "SELECT n, name, from_hash, changed_at, changed_by, at_step, last_step, revision FROM process_outline ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<OutlineRow> {
    Ok(OutlineRow {
        n: row.get(0)?,
        name: row.get(1)?,
        from_hash: row.get(2)?,
        changed_at: row.get(3)?,
        changed_by: row.get(4)?,
        at_step: row.get(5)?,
        last_step: row.get(6)?,
        revision: row.get(7)?,
    })
}

/// One that is not closed.
pub(crate) fn get(tx: &mut Tx<'_>, n: u32) -> Result<Option<OutlineRow>> {
    tx.opt(outline!("WHERE n = $1 AND closed = 0"), params![n], read)
}

/// Those that are not closed, the one that was changed last first.
pub(crate) fn all(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<OutlineRow>> {
    tx.all(
        outline!("WHERE closed = 0 ORDER BY changed_at DESC, n DESC LIMIT $1"),
        params![limit],
        read,
    )
}

/// A new copy with its first step; its number.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    name: &str,
    from_hash: Option<&str>,
    first: &StepRow<'_>,
) -> Result<u32> {
    let n: u32 = tx.one(
        "SELECT COALESCE(MAX(n), 0) + 1 FROM process_outline",
        params![],
        |row| row.get(0),
    )?;
    let made = tx.execute(
        "INSERT INTO process_outline (n, name, from_hash, changed_at, changed_by, at_step, last_step, revision, closed)
             VALUES ($1, $2, $3, $4, $5, $6, $6, 0, 0) ON CONFLICT (n) DO NOTHING",
        params![n, name, from_hash, first.at, first.by_whom, first.step],
    )?;
    if made != 1 {
        return Err(stale());
    }
    put_step(tx, n, first)?;
    Ok(n)
}

fn put_step(tx: &mut Tx<'_>, n: u32, step: &StepRow<'_>) -> Result<()> {
    tx.put(
        "INSERT INTO process_outline_step (outline, step, at, by_whom, what, subject, xml) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![n, step.step, step.at, step.by_whom, step.what, step.subject, step.xml],
    )
}

/// One more step behind the present one; what had been undone is gone, and what lies further back than `keep` steps.
pub(crate) fn add(
    tx: &mut Tx<'_>,
    row: &OutlineRow,
    name: &str,
    step: &StepRow<'_>,
    keep: u32,
) -> Result<()> {
    let changed = tx.execute(
        "UPDATE process_outline SET name = $3, changed_at = $4, changed_by = $5, at_step = $6, last_step = $6, revision = revision + 1
          WHERE n = $1 AND revision = $2 AND closed = 0",
        params![row.n, row.revision, name, step.at, step.by_whom, step.step],
    )?;
    if changed != 1 {
        return Err(stale());
    }
    tx.put(
        "DELETE FROM process_outline_step WHERE outline = $1 AND (step >= $2 OR step < $3)",
        params![row.n, step.step, step.step.saturating_sub(keep)],
    )?;
    put_step(tx, row.n, step)
}

/// Shows another step; nothing is lost by it.
pub(crate) fn turn(
    tx: &mut Tx<'_>,
    row: &OutlineRow,
    revision: u32,
    to: u32,
    (who, at): (&str, Timestamp),
) -> Result<()> {
    let changed = tx.execute(
        "UPDATE process_outline SET at_step = $3, changed_at = $4, changed_by = $5, revision = revision + 1
          WHERE n = $1 AND revision = $2 AND closed = 0",
        params![row.n, revision, to, at, who],
    )?;
    if changed == 1 { Ok(()) } else { Err(stale()) }
}

/// The number stays taken, so that an old link leads nowhere else.
pub(crate) fn close(tx: &mut Tx<'_>, n: u32) -> Result<()> {
    tx.put(
        "UPDATE process_outline SET closed = 1, revision = revision + 1 WHERE n = $1",
        params![n],
    )?;
    tx.put(
        "DELETE FROM process_outline_step WHERE outline = $1",
        params![n],
    )
}

/// Closes those that nobody has touched since.
pub(crate) fn sweep(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    let old: Vec<u32> = tx.all(
        "SELECT n FROM process_outline WHERE closed = 0 AND changed_at < $1 ORDER BY n LIMIT 100",
        params![before],
        |row| row.get(0),
    )?;
    old.into_iter().try_for_each(|n| close(tx, n))
}

/// The file after a step.
pub(crate) fn file(tx: &mut Tx<'_>, n: u32, step: u32) -> Result<Option<Vec<u8>>> {
    tx.opt(
        "SELECT xml FROM process_outline_step WHERE outline = $1 AND step = $2",
        params![n, step],
        |row| row.get(0),
    )
}

/// Number, key of the words, element, who and when.
type StepLine = (u32, String, String, String, Timestamp);

/// The steps that are kept, newest first.
pub(crate) fn steps(tx: &mut Tx<'_>, n: u32, limit: u32) -> Result<Vec<StepLine>> {
    tx.all(
        "SELECT step, what, subject, by_whom, at FROM process_outline_step WHERE outline = $1 ORDER BY step DESC LIMIT $2",
        params![n, limit],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        },
    )
}
