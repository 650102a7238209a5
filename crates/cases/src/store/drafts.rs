//! Drafts: what somebody is still filling in. Sealed like a case.

use jiff::Timestamp;
use tongban_kernel::{CaseId, DraftId, EnterpriseId, ItemVersionId, PersonId, Result};
use tongban_storage::{Question, Row, Tx, params};

/// A stored draft.
#[derive(Clone)]
pub(crate) struct DraftRow {
    pub(crate) id: DraftId,
    pub(crate) principal: String,
    pub(crate) person: PersonId,
    pub(crate) enterprise: Option<EnterpriseId>,
    pub(crate) item_version: ItemVersionId,
    pub(crate) data_key: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
    pub(crate) revision: i64,
    pub(crate) updated_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) case: Option<CaseId>,
}

macro_rules! columns {
    () => {
        "id, principal, person_id, enterprise_id, item_version_id, data_key, sealed, revision, updated_at, expires_at, case_id"
    };
}

fn read(row: &Row<'_>) -> Result<DraftRow> {
    Ok(DraftRow {
        id: row.id(0)?,
        principal: row.get(1)?,
        person: row.id(2)?,
        enterprise: row.opt_id(3)?,
        item_version: row.id(4)?,
        data_key: row.get(5)?,
        sealed: row.get(6)?,
        revision: row.get(7)?,
        updated_at: row.get(8)?,
        expires_at: row.get(9)?,
        case: row.opt_id(10)?,
    })
}

pub(crate) fn insert(tx: &mut Tx<'_>, draft: &DraftRow) -> Result<()> {
    tx.put(
        "INSERT INTO draft (id, principal, person_id, enterprise_id, item_version_id, data_key, sealed, revision,
             created_at, updated_at, expires_at, case_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8, $9, NULL)",
        params![
            draft.id,
            &draft.principal,
            draft.person,
            draft.enterprise,
            draft.item_version,
            &draft.data_key,
            &draft.sealed,
            draft.updated_at,
            draft.expires_at
        ],
    )
}

const GET: &str = concat!("SELECT ", columns!(), " FROM draft WHERE id = $1");

pub(crate) fn get(tx: &mut Tx<'_>, id: DraftId) -> Result<Option<DraftRow>> {
    tx.opt(GET, params![id], read)
}

/// What [`get`] will ask.
pub(crate) fn get_question(id: DraftId) -> Question {
    Question::new(GET, params![id])
}

/// The unsubmitted drafts of `principal`, latest first.
pub(crate) fn of_principal(
    tx: &mut Tx<'_>,
    principal: &str,
    now: Timestamp,
) -> Result<Vec<DraftRow>> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM draft WHERE principal = $1 AND case_id IS NULL AND expires_at > $2 ORDER BY updated_at DESC LIMIT 100"
        ),
        params![principal, now],
        read,
    )
}

/// Writes new content if nobody else has since revision `seen`.
pub(crate) fn save(
    tx: &mut Tx<'_>,
    id: DraftId,
    seen: i64,
    sealed: &[u8],
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<bool> {
    let n = tx.execute(
        "UPDATE draft SET sealed = $3, updated_at = $4, expires_at = $5, revision = revision + 1
          WHERE id = $1 AND revision = $2 AND case_id IS NULL",
        params![id, seen, sealed, at, expires_at],
    )?;
    Ok(n == 1)
}

/// Marks the draft as submitted; `false` when it was already, or has changed since revision `seen`.
pub(crate) fn submit(tx: &mut Tx<'_>, id: DraftId, seen: i64, case: CaseId) -> Result<bool> {
    let n = tx.execute(
        "UPDATE draft SET case_id = $3, revision = revision + 1 WHERE id = $1 AND revision = $2 AND case_id IS NULL",
        params![id, seen, case],
    )?;
    Ok(n == 1)
}

pub(crate) fn remove(tx: &mut Tx<'_>, id: DraftId) -> Result<()> {
    tx.put(
        "DELETE FROM draft WHERE id = $1 AND case_id IS NULL",
        params![id],
    )
}
