//! The rows of this context.

use jiff::Timestamp;
use jiff::civil::Date;
use tongban_kernel::{CaseId, Error, OrganId, RatingId, Result};
use tongban_storage::{Row, Tx, params};

use crate::model::{Level, Rating, RatingLine, Summary, Tag};

/// A new rating.
pub(crate) struct NewRating<'a> {
    pub(crate) id: RatingId,
    pub(crate) case: CaseId,
    pub(crate) project_no: &'a str,
    pub(crate) task_code: &'a str,
    pub(crate) task_name: &'a str,
    pub(crate) organ: OrganId,
    pub(crate) level: Level,
    pub(crate) tags: &'a [Tag],
    pub(crate) channel: &'a str,
    pub(crate) data_key: &'a [u8],
    pub(crate) sealed_text: &'a [u8],
    pub(crate) at: Timestamp,
}

/// `false`: the case has been rated.
pub(crate) fn insert(tx: &mut Tx<'_>, new: &NewRating<'_>) -> Result<bool> {
    let tags: Vec<&str> = new.tags.iter().map(|tag| tag.code()).collect();
    let n = tx.execute(
        "INSERT INTO rating (id, case_id, project_no, task_code, task_name, organ_id, level, tags, channel, data_key,
             sealed_text, rated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (case_id) DO NOTHING",
        params![
            new.id,
            new.case,
            new.project_no,
            new.task_code,
            new.task_name,
            new.organ,
            new.level.code(),
            tags.join(","),
            new.channel,
            new.data_key,
            new.sealed_text,
            new.at
        ],
    )?;
    Ok(n == 1)
}

pub(crate) fn open_rectification(
    tx: &mut Tx<'_>,
    rating: RatingId,
    organ: OrganId,
    at: Timestamp,
    due: Date,
) -> Result<()> {
    tx.put(
        "INSERT INTO rectification (rating_id, organ_id, state, opened_at, due_on, closed_at)
         VALUES ($1, $2, 'open', $3, $4, NULL)",
        params![rating, organ, at, due],
    )
}

/// A rating whose text is still sealed.
pub(crate) struct Stored {
    pub(crate) line: RatingLine,
    pub(crate) data_key: Vec<u8>,
    pub(crate) sealed_text: Vec<u8>,
    /// Of a bad rating.
    pub(crate) rectification: Option<StoredRectification>,
}

/// The row of a rectification.
pub(crate) struct StoredRectification {
    pub(crate) opened_at: Timestamp,
    pub(crate) due_on: Date,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) finding: Option<String>,
    pub(crate) way: Option<String>,
    pub(crate) by_whom: Option<String>,
    pub(crate) sealed_reply: Option<Vec<u8>>,
}

macro_rules! rating {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.case_id, r.level, r.tags, r.channel, r.rated_at, f.due_on, r.project_no, r.task_name,
                    r.organ_id, r.data_key, r.sealed_text, f.opened_at, f.closed_at, f.finding, f.way, f.by_whom,
                    f.sealed_reply
               FROM rating r LEFT JOIN rectification f ON f.rating_id = r.id ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<Stored> {
    let (level, tags): (u8, String) = (row.get(2)?, row.get(3)?);
    let (due_on, opened_at): (Option<Date>, Option<Timestamp>) = (row.get(6)?, row.get(12)?);
    let rectification = match (due_on, opened_at) {
        (Some(due_on), Some(opened_at)) => Some(StoredRectification {
            opened_at,
            due_on,
            closed_at: row.get(13)?,
            finding: row.get(14)?,
            way: row.get(15)?,
            by_whom: row.get(16)?,
            sealed_reply: row.get(17)?,
        }),
        _ => None,
    };
    Ok(Stored {
        line: RatingLine {
            rating: Rating {
                id: row.id(0)?,
                case: row.id(1)?,
                level: Level::from_code(level)
                    .ok_or_else(|| Error::internal("corrupt row: level of a rating"))?,
                tags: tags.split(',').filter_map(Tag::from_code).collect(),
                text: String::new(),
                channel: row.get(4)?,
                rated_at: row.get(5)?,
                rectify_by: due_on,
                rectified: None,
            },
            project_no: row.get(7)?,
            task_name: row.get(8)?,
            organ: row.id(9)?,
        },
        data_key: row.get(10)?,
        sealed_text: row.get(11)?,
        rectification,
    })
}

pub(crate) fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<Stored>> {
    tx.opt(rating!("WHERE r.case_id = $1"), params![case], read)
}

pub(crate) fn get(tx: &mut Tx<'_>, id: RatingId) -> Result<Option<Stored>> {
    tx.opt(rating!("WHERE r.id = $1"), params![id], read)
}

/// Rectifications in `state`, most urgent first, behind the place `after` (due day, id).
pub(crate) fn rectifications(
    tx: &mut Tx<'_>,
    organ: Option<OrganId>,
    state: &str,
    after: Option<(Date, RatingId)>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let (day, id) = after.unzip();
    tx.all(
        rating!(
            "WHERE f.state = $1 AND (CAST($2 AS TEXT) IS NULL OR f.organ_id = $2)
               AND (CAST($3 AS TEXT) IS NULL OR f.due_on > $3 OR (f.due_on = $3 AND r.id > $4))
             ORDER BY f.due_on, r.id LIMIT $5"
        ),
        params![state, organ, day, id, limit],
        read,
    )
}

/// What closes a rectification.
pub(crate) struct Closing<'a> {
    pub(crate) at: Timestamp,
    pub(crate) by_whom: &'a str,
    pub(crate) finding: &'a str,
    pub(crate) way: &'a str,
    pub(crate) sealed_reply: &'a [u8],
    pub(crate) leaf: &'a [u8; 32],
    pub(crate) sealed_proof: &'a [u8],
}

/// `false`: somebody has closed it before.
pub(crate) fn close(tx: &mut Tx<'_>, rating: RatingId, closing: &Closing<'_>) -> Result<bool> {
    let n = tx.execute(
        "UPDATE rectification
            SET state = 'closed', closed_at = $2, by_whom = $3, finding = $4, way = $5, sealed_reply = $6, leaf = $7,
                sealed_proof = $8
          WHERE rating_id = $1 AND state = 'open'",
        params![
            rating,
            closing.at,
            closing.by_whom,
            closing.finding,
            closing.way,
            closing.sealed_reply,
            closing.leaf,
            closing.sealed_proof
        ],
    )?;
    Ok(n == 1)
}

/// Latest first; of one organ or of all, the bad ones or all, older than `after`.
pub(crate) fn list(
    tx: &mut Tx<'_>,
    organ: Option<OrganId>,
    only_bad: bool,
    after: Option<RatingId>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let least = if only_bad { 4_i64 } else { 1 };
    tx.all(
        rating!(
            "WHERE (CAST($1 AS TEXT) IS NULL OR r.organ_id = $1)
               AND (CAST($2 AS TEXT) IS NULL OR r.id < $2) AND r.level >= $3
             ORDER BY r.id DESC LIMIT $4"
        ),
        params![organ, after, least, limit],
        read,
    )
}

pub(crate) fn summary(tx: &mut Tx<'_>, organ: Option<OrganId>, today: Date) -> Result<Summary> {
    let mut summary = Summary::default();
    let counts: Vec<(u8, u64)> = tx.all(
        "SELECT level, COUNT(*) FROM rating WHERE (CAST($1 AS TEXT) IS NULL OR organ_id = $1)
          GROUP BY level ORDER BY level",
        params![organ],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (code, count) in counts {
        let slot = usize::from(code.saturating_sub(1));
        if let Some(slot) = summary.by_level.get_mut(slot) {
            *slot = count;
        }
    }
    let states: Vec<(String, u64)> = tx.all(
        "SELECT state, COUNT(*) FROM rectification WHERE (CAST($1 AS TEXT) IS NULL OR organ_id = $1)
          GROUP BY state ORDER BY state",
        params![organ],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (state, count) in states {
        summary.rectifications += count;
        if state == "open" {
            summary.open = count;
        }
    }
    summary.overdue = tx.one(
        "SELECT COUNT(*) FROM rectification
          WHERE state = 'open' AND due_on < $2 AND (CAST($1 AS TEXT) IS NULL OR organ_id = $1)",
        params![organ, today],
        |row| row.get(0),
    )?;
    Ok(summary)
}
