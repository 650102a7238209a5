//! Covers.

use jiff::Timestamp;
use jiff::civil::Date;
use tongban_kernel::{CoverId, OfficerId, OrganId, Post, Result};
use tongban_storage::{Row, Tx, params};

use crate::model::{Cover, NameCover, OfficerProfile};

macro_rules! covers {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.organ_id, c.absent_id, a.name, c.cover_id, o.name, c.from_on, c.to_on, c.reason, n.name, c.named_at, c.ended_at
               FROM cover c JOIN officer a ON a.id = c.absent_id JOIN officer o ON o.id = c.cover_id JOIN officer n ON n.id = c.named_by ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<Cover> {
    Ok(Cover {
        id: row.id(0)?,
        organ: row.id(1)?,
        absent: row.id(2)?,
        absent_name: row.get(3)?,
        cover: row.id(4)?,
        cover_name: row.get(5)?,
        from: row.get(6)?,
        to: row.get(7)?,
        reason: row.get(8)?,
        named_by: row.get(9)?,
        named_at: row.get(10)?,
        ended_at: row.get(11)?,
    })
}

/// Makes whoever arranges something about these officers at the same time wait.
pub(crate) fn hold(tx: &mut Tx<'_>, one: OfficerId, other: OfficerId) -> Result<()> {
    // Always in one order, so that two never wait for each other.
    for id in [one.min(other), one.max(other)] {
        tx.execute(
            "UPDATE officer SET state = state WHERE id = $1",
            params![id],
        )?;
    }
    Ok(())
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    id: CoverId,
    organ: OrganId,
    what: &NameCover,
    by: OfficerId,
    basis: &str,
    at: Timestamp,
) -> Result<()> {
    tx.put(
        "INSERT INTO cover (id, organ_id, absent_id, cover_id, from_on, to_on, reason, named_by, named_at, basis)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            id,
            organ,
            what.absent,
            what.cover,
            what.from,
            what.to,
            &what.reason,
            by,
            at,
            basis
        ],
    )
}

pub(crate) fn get(tx: &mut Tx<'_>, id: CoverId) -> Result<Option<Cover>> {
    tx.opt(covers!("WHERE c.id = $1"), params![id], read)
}

/// How many arrangements that are not ended touch these days, with `absent` away and with `cover` at work.
pub(crate) fn touching(
    tx: &mut Tx<'_>,
    absent: Option<OfficerId>,
    cover: Option<OfficerId>,
    from: Date,
    to: Date,
) -> Result<i64> {
    let found = tx.opt(
        "SELECT COUNT(*) FROM cover
          WHERE (CAST($1 AS TEXT) IS NULL OR absent_id = $1) AND (CAST($2 AS TEXT) IS NULL OR cover_id = $2)
            AND from_on <= $4 AND to_on >= $3 AND ended_at IS NULL",
        params![absent, cover, from, to],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or_default())
}

/// Ends an arrangement; how many rows says whether it was still to end.
pub(crate) fn end(tx: &mut Tx<'_>, id: CoverId, by: OfficerId, at: Timestamp) -> Result<u64> {
    tx.execute(
        "UPDATE cover SET ended_by = $2, ended_at = $3 WHERE id = $1 AND ended_at IS NULL",
        params![id, by, at],
    )
}

/// Who covers today for an officer, both still of one organ.
pub(crate) fn of_absent(
    tx: &mut Tx<'_>,
    absent: OfficerId,
    today: Date,
) -> Result<Option<OfficerId>> {
    tx.opt(
        "SELECT c.cover_id FROM cover c JOIN officer a ON a.id = c.absent_id JOIN officer o ON o.id = c.cover_id
          WHERE c.absent_id = $1 AND c.from_on <= $2 AND c.to_on >= $2 AND c.ended_at IS NULL
            AND o.state = 'active' AND o.organ_id = a.organ_id ORDER BY c.id LIMIT 1",
        params![absent, today],
        |row| row.id(0),
    )
}

/// For whom an officer covers today.
pub(crate) fn by_cover(tx: &mut Tx<'_>, cover: OfficerId, today: Date) -> Result<Vec<OfficerId>> {
    tx.all(
        "SELECT DISTINCT c.absent_id FROM cover c JOIN officer a ON a.id = c.absent_id JOIN officer o ON o.id = c.cover_id
          WHERE c.cover_id = $1 AND c.from_on <= $2 AND c.to_on >= $2 AND c.ended_at IS NULL
            AND o.state = 'active' AND o.organ_id = a.organ_id ORDER BY c.absent_id LIMIT 200",
        params![cover, today],
        |row| row.id(0),
    )
}

/// Latest first, older than `before`: of everybody, of `organ`, or of `officer`.
pub(crate) fn list(
    tx: &mut Tx<'_>,
    organ: Option<OrganId>,
    officer: Option<OfficerId>,
    before: Option<CoverId>,
    limit: u32,
) -> Result<Vec<Cover>> {
    tx.all(
        covers!(
            "WHERE (CAST($1 AS TEXT) IS NULL OR c.organ_id = $1)
               AND (CAST($2 AS TEXT) IS NULL OR c.absent_id = $2 OR c.cover_id = $2)
               AND (CAST($3 AS TEXT) IS NULL OR c.id < $3) ORDER BY c.id DESC LIMIT $4"
        ),
        params![organ, officer, before, limit],
        read,
    )
}

/// Active officers, of one organ or of all, by organ and number.
pub(crate) fn officers(tx: &mut Tx<'_>, organ: Option<OrganId>) -> Result<Vec<OfficerProfile>> {
    let rows: Vec<(OfficerProfile, Option<String>)> = tx.all(
        "SELECT o.id, o.organ_id, g.name, o.staff_no, o.name, p.post
           FROM officer o JOIN organ g ON g.id = o.organ_id LEFT JOIN officer_post p ON p.officer_id = o.id
          WHERE o.state = 'active' AND (CAST($1 AS TEXT) IS NULL OR o.organ_id = $1)
          ORDER BY g.code, o.staff_no, o.id, p.post LIMIT 5000",
        params![organ],
        |row| {
            let officer = OfficerProfile {
                id: row.id(0)?,
                organ: row.id(1)?,
                organ_name: row.get(2)?,
                staff_no: row.get(3)?,
                name: row.get(4)?,
                posts: Vec::new(),
            };
            Ok((officer, row.get(5)?))
        },
    )?;
    let mut found: Vec<OfficerProfile> = Vec::new();
    for (officer, post) in rows {
        if found.last().is_none_or(|last| last.id != officer.id) {
            found.push(officer);
        }
        if let (Some(last), Some(post)) = (found.last_mut(), post) {
            last.posts.extend(Post::from_key(&post));
        }
    }
    Ok(found)
}
