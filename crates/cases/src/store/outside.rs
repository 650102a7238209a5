//! Steps that outside systems own, and messages from outside.

use jiff::Timestamp;
use tongban_kernel::{CaseId, Error, OrganId, Result, StepId};
use tongban_storage::{Row, Tx, params};

use crate::model::{OutsideMessage, OutsideStep, StepKind};

macro_rules! columns {
    () => {
        "s.id, s.case_id, s.kind, s.number, s.element, s.name, s.act, s.organ_id, s.system, s.sets, s.shows, s.opened_at, s.due_at,
         s.accepted_at, s.reports, s.closed_at"
    };
}

/// Whether the task is done or the work is not waited for any more, as the rows tell; work items have no row of their own.
macro_rules! task_over {
    () => {
        "s.kind = 'task' AND NOT EXISTS (SELECT 1 FROM task t WHERE t.case_id = s.case_id AND t.number = s.number AND t.state = 'open')"
    };
}

fn n(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> Result<OutsideStep> {
    Ok(OutsideStep {
        id: row.id(0)?,
        case: row.id(1)?,
        kind: match row.get::<String>(2)?.as_str() {
            "work" => StepKind::Work,
            _ => StepKind::Task,
        },
        number: row.get(3)?,
        element: row.get(4)?,
        name: row.get(5)?,
        act: row.get(6)?,
        organ: row.id(7)?,
        system: row.get(8)?,
        sets: row.json(9)?,
        shows: row.json(10)?,
        opened_at: row.get(11)?,
        due_at: row.get(12)?,
        accepted_at: row.get(13)?,
        reports: row.get(14)?,
        closed_at: row.get(15)?,
    })
}

fn json(names: &[String]) -> Result<String> {
    serde_json::to_string(names)
        .map_err(|source| Error::internal("row cannot be written").source(source))
}

pub(crate) fn insert(tx: &mut Tx<'_>, step: &OutsideStep) -> Result<()> {
    tx.put(
        "INSERT INTO outside_step (id, case_id, kind, number, element, name, act, organ_id, system, sets, shows, opened_at, due_at, late, reports)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0)",
        params![
            step.id,
            step.case,
            step.kind.key(),
            n(step.number),
            &step.element,
            &step.name,
            &step.act,
            step.organ,
            &step.system,
            json(&step.sets)?,
            json(&step.shows)?,
            step.opened_at,
            step.due_at
        ],
    )
}

pub(crate) fn get(tx: &mut Tx<'_>, id: StepId) -> Result<Option<OutsideStep>> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM outside_step s WHERE s.id = $1"
        ),
        params![id],
        read,
    )
}

pub(crate) fn at(
    tx: &mut Tx<'_>,
    case: CaseId,
    kind: StepKind,
    number: u64,
) -> Result<Option<OutsideStep>> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM outside_step s WHERE s.case_id = $1 AND s.kind = $2 AND s.number = $3"
        ),
        params![case, kind.key(), n(number)],
        read,
    )
}

/// Counts a report, and notes that the step is in hand.
pub(crate) fn reported(tx: &mut Tx<'_>, id: StepId, accepted_at: Timestamp) -> Result<()> {
    tx.put(
        "UPDATE outside_step SET reports = reports + 1, accepted_at = COALESCE(accepted_at, $2) WHERE id = $1",
        params![id, accepted_at],
    )
}

/// Ends a step; how many rows says whether it was open.
pub(crate) fn close(
    tx: &mut Tx<'_>,
    id: StepId,
    at: Timestamp,
    outcome: Option<&str>,
) -> Result<u64> {
    tx.execute(
        "UPDATE outside_step SET closed_at = $2, outcome = $3 WHERE id = $1 AND closed_at IS NULL",
        params![id, at, outcome],
    )
}

/// Gives the system time again, counted from now.
pub(crate) fn again(tx: &mut Tx<'_>, id: StepId, due_at: Timestamp) -> Result<()> {
    tx.put(
        "UPDATE outside_step SET due_at = $2, late = 0 WHERE id = $1",
        params![id, due_at],
    )
}

/// Notes that the answer is late; how many rows says whether it was not noted yet.
pub(crate) fn put_late(tx: &mut Tx<'_>, id: StepId) -> Result<u64> {
    tx.execute(
        "UPDATE outside_step SET late = 1 WHERE id = $1 AND late = 0 AND closed_at IS NULL",
        params![id],
    )
}

/// Open steps whose answer is late and that nobody was told of.
pub(crate) fn late(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<OutsideStep>> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM outside_step s WHERE s.closed_at IS NULL AND s.late = 0 AND s.due_at <= $1 AND NOT (",
            task_over!(),
            ") ORDER BY s.id LIMIT $2"
        ),
        params![now, limit],
        read,
    )
}

/// Open steps whose task an officer has done, or that was taken away; and all open steps of services, which only the process knows.
pub(crate) fn perhaps_over(tx: &mut Tx<'_>, after: &str, limit: u32) -> Result<Vec<OutsideStep>> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM outside_step s WHERE s.closed_at IS NULL AND s.id > $1 AND (s.kind = 'work' OR ",
            task_over!(),
            ") ORDER BY s.id LIMIT $2"
        ),
        params![after, limit],
        read,
    )
}

/// A message as it is kept.
pub(crate) struct MessageRow {
    pub(crate) fingerprint: String,
    pub(crate) taken: bool,
}

pub(crate) fn message(tx: &mut Tx<'_>, source: &str, id: &str) -> Result<Option<MessageRow>> {
    tx.opt(
        "SELECT fingerprint, answer FROM message_in WHERE source = $1 AND id = $2",
        params![source, id],
        |row| {
            Ok(MessageRow {
                fingerprint: row.get(0)?,
                taken: row.get::<String>(1)? == "taken",
            })
        },
    )
}

/// What goes into the row of a new message.
pub(crate) struct NewMessage<'a> {
    pub(crate) message: &'a OutsideMessage,
    pub(crate) fingerprint: &'a str,
    pub(crate) organ: OrganId,
    /// The case that took it; `None`: kept.
    pub(crate) case: Option<CaseId>,
    pub(crate) at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// Data key and sealed variables of a message that is kept.
    pub(crate) sealed: Option<(Vec<u8>, Vec<u8>)>,
}

pub(crate) fn put_message(tx: &mut Tx<'_>, new: &NewMessage<'_>) -> Result<()> {
    let state = if new.case.is_some() { "taken" } else { "kept" };
    let (key, sealed) = match &new.sealed {
        Some((key, sealed)) => (Some(key), Some(sealed)),
        None => (None, None),
    };
    tx.put(
        "INSERT INTO message_in (source, id, fingerprint, name, message_key, organ_id, answer, state, case_id, received_at, expires_at, data_key, sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11, $12)",
        params![
            &new.message.source,
            &new.message.id,
            new.fingerprint,
            &new.message.name,
            &new.message.key,
            new.organ,
            state,
            new.case,
            new.at,
            new.expires_at,
            key,
            sealed
        ],
    )
}

/// A message that waits for somebody who waits for it.
pub(crate) struct KeptMessage {
    pub(crate) source: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) organ: OrganId,
    pub(crate) data_key: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
}

/// Kept messages for which a case waits by now, oldest first.
pub(crate) fn wanted(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<KeptMessage>> {
    tx.all(
        "SELECT m.source, m.id, m.name, m.message_key, m.organ_id, m.data_key, m.sealed FROM message_in m
          WHERE m.state = 'kept' AND m.expires_at > $1
            AND EXISTS (SELECT 1 FROM process_wait w WHERE w.matter = 'message' AND w.name = m.name
                         AND (w.message_key IS NULL OR m.message_key = '' OR w.message_key = m.message_key))
          ORDER BY m.received_at, m.source, m.id LIMIT $2",
        params![now, limit],
        |row| {
            Ok(KeptMessage {
                source: row.get(0)?,
                id: row.get(1)?,
                name: row.get(2)?,
                key: row.get(3)?,
                organ: row.id(4)?,
                data_key: row.get(5)?,
                sealed: row.get(6)?,
            })
        },
    )
}

/// Whether a message of this name and key is kept.
pub(crate) fn is_kept(tx: &mut Tx<'_>, name: &str, key: Option<&str>) -> Result<bool> {
    let found: Option<i64> = tx.opt(
        "SELECT 1 FROM message_in WHERE state = 'kept' AND name = $1 AND ($2 = '' OR message_key = '' OR message_key = $2) LIMIT 1",
        params![name, key.unwrap_or_default()],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// A kept message found its case; how many rows says whether it was still kept.
pub(crate) fn taken(tx: &mut Tx<'_>, source: &str, id: &str, case: CaseId) -> Result<u64> {
    tx.execute(
        "UPDATE message_in SET state = 'taken', case_id = $3, data_key = NULL, sealed = NULL
          WHERE source = $1 AND id = $2 AND state = 'kept'",
        params![source, id, case],
    )
}

/// Gives up what nobody waited for; what was in it goes.
pub(crate) fn expire(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64> {
    tx.execute(
        "UPDATE message_in SET state = 'expired', data_key = NULL, sealed = NULL WHERE state = 'kept' AND expires_at <= $1",
        params![now],
    )
}
