//! Tasks.

use jiff::Timestamp;
use tongban_kernel::{CaseId, Error, OfficerId, Post, Result, TaskId};
use tongban_process::Token;
use tongban_storage::{Row, Tx, params};

use crate::model::Task;

macro_rules! columns {
    () => {
        "id, case_id, number, element, name, act, post, organ_id, state, opened_at, due_on, closed_at, officer_id, outcome, assigned_to, urged, for_officer"
    };
}

fn read(row: &Row<'_>) -> Result<Task> {
    Ok(Task {
        id: row.id(0)?,
        case: row.id(1)?,
        number: row.get(2)?,
        element: row.get(3)?,
        name: row.get(4)?,
        act: row.get(5)?,
        post: Post::from_key(&row.get::<String>(6)?),
        organ: row.opt_id(7)?,
        open: row.get::<String>(8)? == "open",
        opened_at: row.get(9)?,
        due_on: row.get(10)?,
        closed_at: row.get(11)?,
        officer: row.opt_id(12)?,
        outcome: row.get(13)?,
        assigned: row.opt_id(14)?,
        urged: row.get(15)?,
        for_officer: row.opt_id(16)?,
    })
}

pub(crate) fn insert(tx: &mut Tx<'_>, task: &Task) -> Result<()> {
    tx.put(
        "INSERT INTO task (id, case_id, number, element, name, act, post, organ_id, state, opened_at, due_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10)",
        params![
            task.id,
            task.case,
            i64::try_from(task.number).unwrap_or(i64::MAX),
            &task.element,
            &task.name,
            &task.act,
            task.post.map_or("applicant", Post::key),
            task.organ,
            task.opened_at,
            task.due_on
        ],
    )
}

pub(crate) fn get(tx: &mut Tx<'_>, id: TaskId) -> Result<Option<Task>> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM task WHERE id = $1"),
        params![id],
        read,
    )
}

pub(crate) fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Task>> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM task WHERE case_id = $1 ORDER BY number LIMIT 500"
        ),
        params![case],
        read,
    )
}

/// Who did the task that is closed, in whose place, and with which outcome.
#[derive(Clone, Copy, Default)]
pub(crate) struct Closing<'a> {
    pub(crate) officer: Option<OfficerId>,
    pub(crate) for_officer: Option<OfficerId>,
    pub(crate) outcome: Option<&'a str>,
}

/// Closes an open task; how many rows says whether it was still open.
pub(crate) fn close(
    tx: &mut Tx<'_>,
    case: CaseId,
    number: u64,
    state: &'static str,
    at: Timestamp,
    closing: Closing<'_>,
) -> Result<u64> {
    tx.execute(
        "UPDATE task SET state = $3, closed_at = $4, officer_id = $5, outcome = $6, for_officer = $7
          WHERE case_id = $1 AND number = $2 AND state = 'open'",
        params![
            case,
            i64::try_from(number).unwrap_or(i64::MAX),
            state,
            at,
            closing.officer,
            closing.outcome,
            closing.for_officer
        ],
    )
}

/// The officers who have handled other tasks of the case than `task`, and those in whose place that was done.
pub(crate) fn handled_by(tx: &mut Tx<'_>, case: CaseId, task: TaskId) -> Result<Vec<OfficerId>> {
    tx.all(
        "SELECT officer_id FROM task WHERE case_id = $1 AND id <> $2 AND officer_id IS NOT NULL
         UNION SELECT for_officer FROM task
          WHERE case_id = $1 AND id <> $2 AND officer_id IS NOT NULL AND for_officer IS NOT NULL
         ORDER BY 1",
        params![case, task],
        |row| row.id(0),
    )
}

/// What an open task is called after its case was moved to another version of its process.
pub(crate) fn rename(
    tx: &mut Tx<'_>,
    case: CaseId,
    number: u64,
    element: &str,
    name: &str,
    act: &str,
    post: Option<Post>,
) -> Result<()> {
    tx.put(
        "UPDATE task SET element = $3, name = $4, act = $5, post = COALESCE($6, post)
          WHERE case_id = $1 AND number = $2 AND state = 'open'",
        params![
            case,
            i64::try_from(number).unwrap_or(i64::MAX),
            element,
            name,
            act,
            post.map(Post::key)
        ],
    )
}

/// Hands an open task over, in the place of `by` where it is delegated; nothing happens (and 0 rows say so) if it is no longer in the hand it was read in.
pub(crate) fn assign(
    tx: &mut Tx<'_>,
    task: &Task,
    to: Option<OfficerId>,
    by: Option<OfficerId>,
) -> Result<u64> {
    tx.execute(
        "UPDATE task SET assigned_to = $2, for_officer = $4
          WHERE id = $1 AND state = 'open' AND COALESCE(assigned_to, '') = COALESCE(CAST($3 AS TEXT), '')
            AND COALESCE(for_officer, '') = COALESCE(CAST($5 AS TEXT), '')",
        params![task.id, to, task.assigned, by, task.for_officer],
    )
}

/// Counts one more urging of an open task.
pub(crate) fn urge(tx: &mut Tx<'_>, task: TaskId) -> Result<u64> {
    tx.execute(
        "UPDATE task SET urged = urged + 1 WHERE id = $1 AND state = 'open'",
        params![task],
    )
}

/// Keeps the tokens that the completion of a task made or moved.
pub(crate) fn keep_led_to(
    tx: &mut Tx<'_>,
    case: CaseId,
    number: u64,
    tokens: &[Token],
) -> Result<()> {
    let json = serde_json::to_string(tokens)
        .map_err(|source| Error::internal("tokens cannot be written").source(source))?;
    tx.put(
        "UPDATE task SET led_to = $3 WHERE case_id = $1 AND number = $2",
        params![case, i64::try_from(number).unwrap_or(i64::MAX), json],
    )
}

/// See [`keep_led_to`]; nothing for a task that nobody completed.
pub(crate) fn led_to(tx: &mut Tx<'_>, task: TaskId) -> Result<Vec<Token>> {
    let kept: Option<Option<String>> = tx.opt(
        "SELECT led_to FROM task WHERE id = $1",
        params![task],
        |row| row.get(0),
    )?;
    match kept.flatten() {
        None => Ok(Vec::new()),
        Some(json) => serde_json::from_str(&json)
            .map_err(|source| Error::internal("corrupt tokens of a task").source(source)),
    }
}
