//! Numbered documents of a case.

use jiff::Timestamp;
use tongban_kernel::{CaseId, DocumentId, Result};
use tongban_storage::{Row, Tx, params};

use crate::model::CaseDocument;

fn read(row: &Row<'_>) -> Result<CaseDocument> {
    Ok(CaseDocument {
        id: row.id(0)?,
        case: row.id(1)?,
        template: row.get(2)?,
        number: row.get(3)?,
        title: row.get(4)?,
        sha256: row.get(5)?,
        created_at: row.get(6)?,
    })
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    id: DocumentId,
    case: CaseId,
    template: &str,
    number: &str,
    title: &str,
    at: Timestamp,
) -> Result<()> {
    tx.put(
        "INSERT INTO case_document (id, case_id, template, number, title, sha256, created_at)
         VALUES ($1, $2, $3, $4, $5, NULL, $6)",
        params![id, case, template, number, title, at],
    )
}

/// Names the rendered file; a second rendering changes nothing.
pub(crate) fn rendered(tx: &mut Tx<'_>, id: DocumentId, sha256: &str) -> Result<()> {
    tx.put(
        "UPDATE case_document SET sha256 = $2 WHERE id = $1 AND sha256 IS NULL",
        params![id, sha256],
    )
}

/// The question of [`of_case`], for asking ahead.
pub(crate) const OF_CASE: &str =
    "SELECT id, case_id, template, number, title, sha256, created_at FROM case_document
      WHERE case_id = $1 ORDER BY created_at, id LIMIT 100";

pub(crate) fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<CaseDocument>> {
    tx.all(OF_CASE, params![case], read)
}

pub(crate) fn get(tx: &mut Tx<'_>, id: DocumentId) -> Result<Option<CaseDocument>> {
    tx.opt(
        "SELECT id, case_id, template, number, title, sha256, created_at FROM case_document WHERE id = $1",
        params![id],
        read,
    )
}
