//! The case row.

use tongban_kernel::{CaseId, Error, OpinionId, Result, StepId, TaskId};
use tongban_limits::Calendar;
use tongban_storage::{Row, Tx, params};

use crate::model::{Case, CaseState};

macro_rules! columns {
    () => {
        "id, project_no, item_version_id, task_code, task_name, organ_id, organ_name, principal, person_id,
         enterprise_id, applyer_masked, state, clock, process_hash, process_state, data_key, sealed_key, event_n,
         prev, prev_sm3, apply_channel, submitted_at, updated_at, revision, organs, draft_id, guests"
    };
}

fn read(row: &Row<'_>) -> Result<Case> {
    Ok(Case {
        id: row.id(0)?,
        project_no: row.get(1)?,
        item_version: row.id(2)?,
        task_code: row.get(3)?,
        task_name: row.get(4)?,
        organ: row.id(5)?,
        organ_name: row.get(6)?,
        principal: row.get(7)?,
        person: row.id(8)?,
        enterprise: row.opt_id(9)?,
        applyer_masked: row.get(10)?,
        state: row.json(11)?,
        clocks: row.json(12)?,
        process_hash: row.get(13)?,
        process: row.json(14)?,
        data_key: row.get(15)?,
        sealed_key: row.get(16)?,
        event_n: row.get(17)?,
        prev: row.get(18)?,
        prev_sm3: row.get(19)?,
        apply_channel: row.get(20)?,
        submitted_at: row.get(21)?,
        updated_at: row.get(22)?,
        revision: row.get(23)?,
        organs: row.json(24)?,
        draft: row.id(25)?,
        guests: row.json(26)?,
    })
}

pub(crate) fn get(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<Case>> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM case_file WHERE id = $1"),
        params![id],
        read,
    )
}

/// The case that something belongs to. A use case that writes reads the case before what belongs to it: whoever changes that
/// moves the revision of the case too, so that what is read behind it is of this revision, or the save is refused. (On
/// PostgreSQL each question sees what was committed until then.)
macro_rules! case_of {
    ($($name:ident($id:ty) $table:literal),+ $(,)?) => {$(
        pub(crate) fn $name(tx: &mut Tx<'_>, id: $id) -> Result<Option<Case>> {
            tx.opt(
                concat!(
                    "SELECT ", columns!(), " FROM case_file WHERE id = (SELECT case_id FROM ", $table, " WHERE id = $1)"
                ),
                params![id],
                read,
            )
        }
    )+};
}
case_of!(
    of_task(TaskId) "task",
    of_opinion(OpinionId) "case_opinion",
    of_step(StepId) "outside_step",
);

pub(crate) fn by_number(tx: &mut Tx<'_>, project_no: &str) -> Result<Option<Case>> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM case_file WHERE project_no = $1"
        ),
        params![project_no],
        read,
    )
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|source| Error::internal("row cannot be written").source(source))
}

/// A new case with revision 1.
pub(crate) fn insert(tx: &mut Tx<'_>, case: &Case) -> Result<()> {
    tx.put(
        "INSERT INTO case_file (id, project_no, item_version_id, task_code, task_name, organ_id, organ_name, principal,
             person_id, enterprise_id, applyer_masked, state, state_code, is_open, clock, promise_due, process_hash,
             process_state, data_key, sealed_key, event_n, prev, prev_sm3, apply_channel, submitted_at, updated_at, revision, organs, draft_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL, $16, $17, $18, $19, $20, $21,
             $22, $23, $24, $24, 1, $25, $26)",
        params![
            case.id,
            &case.project_no,
            case.item_version,
            &case.task_code,
            &case.task_name,
            case.organ,
            &case.organ_name,
            &case.principal,
            case.person,
            case.enterprise,
            &case.applyer_masked,
            json(&case.state)?,
            case.state.code(),
            case.state.is_open(),
            json(&case.clocks)?,
            &case.process_hash,
            json(&case.process)?,
            &case.data_key,
            &case.sealed_key,
            case.event_n,
            &case.prev,
            &case.prev_sm3,
            case.apply_channel,
            case.submitted_at,
            json(&case.organs)?,
            case.draft
        ],
    )
}

/// Writes what can change, if nobody else has written since `case` was loaded.
pub(crate) fn save(tx: &mut Tx<'_>, case: &mut Case, calendar: &Calendar) -> Result<()> {
    let n = tx.execute(
        "UPDATE case_file
            SET state = $3, state_code = $4, is_open = $5, clock = $6, promise_due = $7, process_state = $8,
                event_n = $9, prev = $10, prev_sm3 = $11, updated_at = $12, revision = revision + 1
          WHERE id = $1 AND revision = $2",
        params![
            case.id,
            case.revision,
            json(&case.state)?,
            case.state.code(),
            case.state.is_open(),
            json(&case.clocks)?,
            case.promise_due(calendar),
            json(&case.process)?,
            case.event_n,
            &case.prev,
            &case.prev_sm3,
            case.updated_at
        ],
    )?;
    if n != 1 {
        return Err(stale());
    }
    case.revision += 1;
    Ok(())
}

/// Writes which organs have a hand in the case; the caller also saves the row, whose revision guards both.
pub(crate) fn put_organs(tx: &mut Tx<'_>, case: &Case) -> Result<()> {
    tx.put(
        "UPDATE case_file SET organs = $2 WHERE id = $1",
        params![case.id, json(&case.organs)?],
    )
}

/// Somebody else was first.
pub(crate) fn stale() -> Error {
    Error::conflict("case.stale", "本件刚刚被他人办理，您的操作没有保存")
        .advice("请刷新页面查看最新进展")
}

pub(crate) fn put_content(tx: &mut Tx<'_>, id: CaseId, sealed: &[u8]) -> Result<()> {
    tx.put(
        "INSERT INTO case_content (case_id, sealed) VALUES ($1, $2)",
        params![id, sealed],
    )
}

pub(crate) fn content(tx: &mut Tx<'_>, id: CaseId) -> Result<Vec<u8>> {
    tx.one(
        "SELECT sealed FROM case_content WHERE case_id = $1",
        params![id],
        |row| row.get(0),
    )
}

/// The state as a row tells it, for comparison with the rebuilt one.
pub(crate) fn state(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<CaseState>> {
    tx.opt(
        "SELECT state FROM case_file WHERE id = $1",
        params![id],
        |row| row.json(0),
    )
}
