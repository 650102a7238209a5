//! Requests for opinions, copies, and tasks that are late.

use jiff::Timestamp;
use jiff::civil::Date;
use tongban_kernel::{CaseId, CopyId, Error, OfficerId, OpinionId, OrganId, Post, Result, TaskId};
use tongban_storage::{Row, Tx, params};

use crate::model::{Case, CaseCopy, CaseState, OpinionRequest, OpinionState, Stance};

macro_rules! opinion_columns {
    () => {
        "o.id, o.case_id, o.organ_id, o.post, o.asked_by, o.asked_seq, o.asked_at, o.due_on, o.state, o.closed_at, o.stance"
    };
}

macro_rules! copy_columns {
    () => {
        "p.id, p.case_id, p.officer_id, p.sent_by, p.sent_seq, p.sent_at, p.read_at"
    };
}

/// A request or a copy with the head of its case.
#[derive(Debug, Clone, PartialEq)]
pub struct WithCase<T> {
    pub item: T,
    pub project_no: String,
    pub task_name: String,
    pub state: CaseState,
}

fn opinion(row: &Row<'_>) -> Result<OpinionRequest> {
    let corrupt = || Error::internal("corrupt request for an opinion");
    let stance: Option<String> = row.get(10)?;
    let stance = stance.and_then(|key| Stance::from_key(&key));
    let state: String = row.get(8)?;
    Ok(OpinionRequest {
        id: row.id(0)?,
        case: row.id(1)?,
        organ: row.id(2)?,
        post: Post::from_key(&row.get::<String>(3)?).ok_or_else(corrupt)?,
        asked_by: row.id(4)?,
        asked_seq: row.get(5)?,
        asked_at: row.get(6)?,
        due_on: row.get(7)?,
        state: match (state.as_str(), stance) {
            ("open", _) => OpinionState::Open,
            ("answered", Some(stance)) => OpinionState::Answered(stance),
            ("closed", _) => OpinionState::Closed,
            _ => return Err(corrupt()),
        },
        closed_at: row.get(9)?,
    })
}

fn copy(row: &Row<'_>) -> Result<CaseCopy> {
    Ok(CaseCopy {
        id: row.id(0)?,
        case: row.id(1)?,
        officer: row.id(2)?,
        sent_by: row.id(3)?,
        sent_seq: row.get(4)?,
        sent_at: row.get(5)?,
        read_at: row.get(6)?,
    })
}

pub(crate) fn ask(tx: &mut Tx<'_>, new: &OpinionRequest) -> Result<()> {
    tx.put(
        "INSERT INTO case_opinion (id, case_id, organ_id, post, asked_by, asked_seq, asked_at, due_on, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open')",
        params![
            new.id,
            new.case,
            new.organ,
            new.post.key(),
            new.asked_by,
            new.asked_seq,
            new.asked_at,
            new.due_on
        ],
    )
}

pub(crate) fn opinion_by_id(tx: &mut Tx<'_>, id: OpinionId) -> Result<Option<OpinionRequest>> {
    tx.opt(
        concat!(
            "SELECT ",
            opinion_columns!(),
            " FROM case_opinion o WHERE o.id = $1"
        ),
        params![id],
        opinion,
    )
}

pub(crate) fn opinions_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<OpinionRequest>> {
    tx.all(
        concat!(
            "SELECT ",
            opinion_columns!(),
            " FROM case_opinion o WHERE o.case_id = $1 ORDER BY o.id LIMIT 500"
        ),
        params![case],
        opinion,
    )
}

/// Closes an open request with an answer; how many rows says whether it was still open.
pub(crate) fn answer(
    tx: &mut Tx<'_>,
    id: OpinionId,
    by: Option<OfficerId>,
    stance: Stance,
    at: Timestamp,
) -> Result<u64> {
    tx.execute(
        "UPDATE case_opinion SET state = 'answered', closed_at = $2, answered_by = $3, stance = $4
          WHERE id = $1 AND state = 'open'",
        params![id, at, by, stance.key()],
    )
}

/// Closes what is still open of a case that has ended.
pub(crate) fn close_all(tx: &mut Tx<'_>, case: CaseId, at: Timestamp) -> Result<()> {
    tx.put(
        "UPDATE case_opinion SET state = 'closed', closed_at = $2 WHERE case_id = $1 AND state = 'open'",
        params![case, at],
    )
}

/// Requests to one post of an organ: open ones first, those due next before others.
pub(crate) fn asked_of(
    tx: &mut Tx<'_>,
    organ: OrganId,
    post: Post,
    limit: u32,
) -> Result<Vec<WithCase<OpinionRequest>>> {
    tx.all(
        concat!(
            "SELECT ",
            opinion_columns!(),
            ", c.project_no, c.task_name, c.state FROM case_opinion o JOIN case_file c ON c.id = o.case_id
              WHERE o.organ_id = $1 AND o.post = $2
              ORDER BY CASE o.state WHEN 'open' THEN 0 ELSE 1 END, o.due_on, o.id LIMIT $3"
        ),
        params![organ, post.key(), limit],
        |row| {
            Ok(WithCase {
                item: opinion(row)?,
                project_no: row.get(11)?,
                task_name: row.get(12)?,
                state: row.json(13)?,
            })
        },
    )
}

/// How many requests to one post of an organ are open, counted up to `most`.
pub(crate) fn open_asked_of(tx: &mut Tx<'_>, organ: OrganId, post: Post, most: u32) -> Result<u64> {
    tx.one(
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM case_opinion
          WHERE organ_id = $1 AND post = $2 AND state = 'open' LIMIT $3) AS asked",
        params![organ, post.key(), most],
        |row| row.get(0),
    )
}

/// How many of the `most` latest copies for an officer were not read yet.
pub(crate) fn unread_for(tx: &mut Tx<'_>, officer: OfficerId, most: u32) -> Result<u64> {
    tx.one(
        "SELECT COUNT(*) FROM (SELECT read_at FROM case_copy
          WHERE officer_id = $1 ORDER BY id DESC LIMIT $2) AS latest WHERE read_at IS NULL",
        params![officer, most],
        |row| row.get(0),
    )
}

pub(crate) fn send_copy(tx: &mut Tx<'_>, new: &CaseCopy) -> Result<()> {
    tx.put(
        "INSERT INTO case_copy (id, case_id, officer_id, sent_by, sent_seq, sent_at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            new.id,
            new.case,
            new.officer,
            new.sent_by,
            new.sent_seq,
            new.sent_at
        ],
    )
}

pub(crate) fn copy_by_id(tx: &mut Tx<'_>, id: CopyId) -> Result<Option<CaseCopy>> {
    tx.opt(
        concat!(
            "SELECT ",
            copy_columns!(),
            " FROM case_copy p WHERE p.id = $1"
        ),
        params![id],
        copy,
    )
}

pub(crate) fn copies_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<CaseCopy>> {
    tx.all(
        concat!(
            "SELECT ",
            copy_columns!(),
            " FROM case_copy p WHERE p.case_id = $1 ORDER BY p.id LIMIT 500"
        ),
        params![case],
        copy,
    )
}

/// Copies for an officer, latest first.
pub(crate) fn copies_for(
    tx: &mut Tx<'_>,
    officer: OfficerId,
    limit: u32,
) -> Result<Vec<WithCase<CaseCopy>>> {
    tx.all(
        concat!(
            "SELECT ",
            copy_columns!(),
            ", c.project_no, c.task_name, c.state FROM case_copy p JOIN case_file c ON c.id = p.case_id
              WHERE p.officer_id = $1 ORDER BY p.id DESC LIMIT $2"
        ),
        params![officer, limit],
        |row| {
            Ok(WithCase {
                item: copy(row)?,
                project_no: row.get(7)?,
                task_name: row.get(8)?,
                state: row.json(9)?,
            })
        },
    )
}

/// Notes when a copy was first opened.
pub(crate) fn read(tx: &mut Tx<'_>, id: CopyId, at: Timestamp) -> Result<()> {
    tx.put(
        "UPDATE case_copy SET read_at = $2 WHERE id = $1 AND read_at IS NULL",
        params![id, at],
    )
}

/// Writes who sees the case as a guest; the caller also saves the row, whose revision guards both.
pub(crate) fn put_guests(tx: &mut Tx<'_>, case: &Case) -> Result<()> {
    let json = serde_json::to_string(&case.guests)
        .map_err(|source| Error::internal("row cannot be written").source(source))?;
    tx.put(
        "UPDATE case_file SET guests = $2 WHERE id = $1",
        params![case.id, json],
    )
}

/// Open tasks of opinions whose limit is over and that the clockwork has not seen: of cases whose state is `state_code`.
pub(crate) fn late(
    tx: &mut Tx<'_>,
    today: Date,
    state_code: u8,
    limit: u32,
) -> Result<Vec<TaskId>> {
    tx.all(
        "SELECT t.id FROM task t JOIN case_file c ON c.id = t.case_id
          WHERE t.state = 'open' AND t.late_seen = 0 AND t.due_on < $1 AND t.act IN ('review', 'countersign')
            AND c.is_open = 1 AND c.state_code = $2
          ORDER BY t.due_on, t.id LIMIT $3",
        params![today, i64::from(state_code), limit],
        |row| row.id(0),
    )
}

/// Marks a late task as seen; how many rows says whether it was not yet.
pub(crate) fn see_late(tx: &mut Tx<'_>, task: TaskId) -> Result<u64> {
    tx.execute(
        "UPDATE task SET late_seen = 1 WHERE id = $1 AND late_seen = 0 AND state = 'open'",
        params![task],
    )
}
