//! Lists, filtered in SQL by the scope of whoever looks.

use jiff::Timestamp;
use jiff::civil::Date;
use tongban_kernel::{CaseId, OfficerId, OrganId, Post, Result, TaskId};
use tongban_storage::{Row, Tx, params};

use crate::model::{Behalf, CaseState};

/// A case in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseLine {
    pub id: CaseId,
    pub project_no: String,
    pub task_name: String,
    pub organ_name: String,
    pub applyer_masked: String,
    pub state: CaseState,
    pub promise_due: Option<Date>,
    pub submitted_at: Timestamp,
}

/// In whose hand a listed task is, as whoever looks sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hand {
    /// Anybody of the post may do it.
    Post,
    /// It was handed to whoever looks, and to nobody else.
    Own,
    /// Whoever looks does it in the place of another.
    For(Behalf),
    /// Whoever looks has asked this officer to do it.
    Delegated(String),
}

/// Whose hand an open task is in, as it is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InHand {
    pub(crate) assigned: Option<OfficerId>,
    pub(crate) for_officer: Option<OfficerId>,
}

/// A task in an officer's inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxLine {
    pub task: TaskId,
    pub task_label: String,
    pub act: String,
    pub post: Option<Post>,
    pub opened_at: Timestamp,
    pub due_on: Option<Date>,
    /// How often it was urged.
    pub urged: u32,
    /// In whose hand it is.
    pub hand: Hand,
    pub case: CaseLine,
}

fn line(row: &Row<'_>, at: usize) -> Result<CaseLine> {
    Ok(CaseLine {
        id: row.id(at)?,
        project_no: row.get(at + 1)?,
        task_name: row.get(at + 2)?,
        organ_name: row.get(at + 3)?,
        applyer_masked: row.get(at + 4)?,
        state: row.json(at + 5)?,
        promise_due: row.get(at + 6)?,
        submitted_at: row.get(at + 7)?,
    })
}

/// Ids are UUIDv7 and so in the order of time; `before` is the last one of the page before.
pub(crate) fn of_principal(
    tx: &mut Tx<'_>,
    principal: &str,
    before: Option<CaseId>,
    limit: u32,
) -> Result<Vec<CaseLine>> {
    tx.all(
        "SELECT id, project_no, task_name, organ_name, applyer_masked, state, promise_due, submitted_at FROM case_file
          WHERE principal = $1 AND (CAST($2 AS TEXT) IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        params![principal, before, limit],
        |row| line(row, 0),
    )
}

/// Open tasks of any of `posts` in `organ` that are in nobody's hand, in `officer`'s, or delegated by them; those with the nearest
/// limit first. With `away`: those in the hand of that officer, whom `officer` covers for.
pub(crate) fn inbox(
    tx: &mut Tx<'_>,
    organ: OrganId,
    posts: &[Post],
    officer: OfficerId,
    away: Option<OfficerId>,
    limit: u32,
) -> Result<Vec<(InboxLine, InHand)>> {
    let mut found = Vec::new();
    for post in posts {
        found.extend(tx.all(
            "SELECT t.id, t.name, t.act, t.post, t.opened_at, t.due_on, c.id, c.project_no, c.task_name, c.organ_name,
                    c.applyer_masked, c.state, c.promise_due, c.submitted_at, t.urged, t.assigned_to, t.for_officer
               FROM task t JOIN case_file c ON c.id = t.case_id
              WHERE t.organ_id = $1 AND t.post = $2 AND t.state = 'open'
                AND (CAST($5 AS TEXT) IS NULL AND (t.assigned_to IS NULL OR t.assigned_to = $4 OR t.for_officer = $4)
                     OR t.assigned_to = $5 AND t.for_officer IS NULL)
              ORDER BY t.due_on, t.opened_at LIMIT $3",
            params![organ, post.key(), limit, officer, away],
            |row| {
                let hand = InHand {
                    assigned: row.opt_id(15)?,
                    for_officer: row.opt_id(16)?,
                };
                let line = InboxLine {
                    task: row.id(0)?,
                    task_label: row.get(1)?,
                    act: row.get(2)?,
                    post: Post::from_key(&row.get::<String>(3)?),
                    opened_at: row.get(4)?,
                    due_on: row.get(5)?,
                    urged: row.get(14)?,
                    hand: Hand::Post,
                    case: line(row, 6)?,
                };
                Ok((line, hand))
            },
        )?);
    }
    Ok(found)
}
