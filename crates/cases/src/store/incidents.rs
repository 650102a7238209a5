//! Steps that cannot go on by themselves.

use jiff::Timestamp;
use tongban_kernel::{CaseId, IncidentId, OrganId, Result, TypedId};
use tongban_storage::{Row, Tx, params};

use crate::model::{Held, Incident};

macro_rules! columns {
    () => {
        "i.id, i.case_id, c.project_no, c.task_name, c.organ_id, i.organ_id, i.kind, i.number, i.element, i.name, i.service, i.error,
         i.tries, i.opened_at, i.last_at, i.closed_at"
    };
}

/// A task that was done, or a timer that was taken away, leaves nothing to mend.
macro_rules! alive {
    () => {
        "i.closed_at IS NULL
         AND (i.kind <> 'task' OR EXISTS (SELECT 1 FROM task t WHERE t.case_id = i.case_id AND t.number = i.number AND t.state = 'open'))
         AND (i.kind <> 'timer' OR EXISTS (SELECT 1 FROM process_timer p WHERE p.case_id = i.case_id AND p.number = i.number))"
    };
}

fn read(row: &Row<'_>) -> Result<Incident> {
    Ok(Incident {
        id: row.id(0)?,
        case: row.id(1)?,
        project_no: row.get(2)?,
        task_name: row.get(3)?,
        lead: row.id(4)?,
        organ: row.id(5)?,
        held: Held::from_key(&row.get::<String>(6)?),
        number: row.get(7)?,
        element: row.get(8)?,
        name: row.get(9)?,
        service: row.get(10)?,
        error: row.get(11)?,
        tries: row.get(12)?,
        opened_at: row.get(13)?,
        last_at: row.get(14)?,
        closed_at: row.get(15)?,
    })
}

/// What is noted about one more failure.
pub(crate) struct Note<'a> {
    pub(crate) held: Held,
    pub(crate) number: u64,
    pub(crate) element: &'a str,
    pub(crate) name: &'a str,
    pub(crate) service: &'a str,
    pub(crate) organ: OrganId,
    pub(crate) error: &'a str,
    pub(crate) tries: u32,
}

fn n(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Opens an incident, or counts one more failure of the one that is open. How many tries there were.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    id: IncidentId,
    case: CaseId,
    note: &Note<'_>,
    at: Timestamp,
) -> Result<u32> {
    let counted: Option<u32> = tx.opt(
        "UPDATE incident SET tries = tries + $4, error = $5, last_at = $6
          WHERE case_id = $1 AND kind = $2 AND number = $3 AND closed_at IS NULL RETURNING tries",
        params![
            case,
            note.held.key(),
            n(note.number),
            note.tries,
            note.error,
            at
        ],
        |row| row.get(0),
    )?;
    if let Some(tries) = counted {
        return Ok(tries);
    }
    tx.put(
        "INSERT INTO incident (id, case_id, kind, number, element, name, service, organ_id, error, tries, opened_at, last_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        params![
            id,
            case,
            note.held.key(),
            n(note.number),
            note.element,
            note.name,
            note.service,
            note.organ,
            note.error,
            note.tries,
            at
        ],
    )?;
    Ok(note.tries)
}

/// Whether one is open.
pub(crate) fn is_open(tx: &mut Tx<'_>, case: CaseId, held: Held, number: u64) -> Result<bool> {
    let found: Option<i64> = tx.opt(
        "SELECT tries FROM incident WHERE case_id = $1 AND kind = $2 AND number = $3 AND closed_at IS NULL",
        params![case, held.key(), n(number)],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Says how often a service was asked before it gave up.
pub(crate) fn put_tries(tx: &mut Tx<'_>, case: CaseId, number: u64, tries: u32) -> Result<()> {
    tx.put(
        "UPDATE incident SET tries = $3 WHERE case_id = $1 AND kind = 'token' AND number = $2 AND closed_at IS NULL",
        params![case, n(number), tries],
    )
}

/// Closes the open incident at this place, if there is one; how many rows says whether.
pub(crate) fn close(
    tx: &mut Tx<'_>,
    case: CaseId,
    held: Held,
    number: u64,
    way: &str,
    at: Timestamp,
) -> Result<u64> {
    tx.execute(
        "UPDATE incident SET closed_at = $4, way = $5 WHERE case_id = $1 AND kind = $2 AND number = $3 AND closed_at IS NULL",
        params![case, held.key(), n(number), at, way],
    )
}

pub(crate) fn get(tx: &mut Tx<'_>, id: IncidentId) -> Result<Option<Incident>> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM incident i JOIN case_file c ON c.id = i.case_id WHERE i.id = $1"
        ),
        params![id],
        read,
    )
}

/// Whether it still waits for somebody.
pub(crate) fn waits(tx: &mut Tx<'_>, id: IncidentId) -> Result<bool> {
    let found: Option<i64> = tx.opt(
        concat!(
            "SELECT i.tries FROM incident i WHERE i.id = $1 AND ",
            alive!()
        ),
        params![id],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Those that wait, oldest first; of one organ (that decides, or whose step it is), or of all.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    organ: Option<OrganId>,
    after: Option<IncidentId>,
    limit: i64,
) -> Result<Vec<Incident>> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM incident i JOIN case_file c ON c.id = i.case_id
               WHERE ($1 = '' OR c.organ_id = $1 OR i.organ_id = $1) AND i.id > $2 AND ",
            alive!(),
            " ORDER BY i.id LIMIT $3"
        ),
        params![text(organ), text(after), limit],
        read,
    )
}

/// An id as rows keep it; nothing for none.
fn text<T: TypedId>(id: Option<T>) -> String {
    id.map_or_else(String::new, |id| id.uuid().simple().to_string())
}
