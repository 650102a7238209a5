//! Files that were handed in; the bytes are in the blob store.

use jiff::Timestamp;
use tongban_kernel::{AttachmentId, DraftId, Result};
use tongban_storage::{BlobRef, Question, Row, Tx, params};

/// A stored attachment.
pub(crate) struct AttachmentRow {
    pub(crate) id: AttachmentId,
    /// The draft with which the files are handed in, supplements too.
    pub(crate) draft: DraftId,
    pub(crate) material: String,
    pub(crate) sealed_name: Vec<u8>,
    pub(crate) media_type: String,
    pub(crate) blob: BlobRef,
    /// A–D (国办函〔2016〕108号).
    pub(crate) trust: String,
    pub(crate) created_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, draft_id, material, sealed_name, media_type, sha256, sm3, size, trust, created_at"
    };
}

fn read(row: &Row<'_>) -> Result<AttachmentRow> {
    Ok(AttachmentRow {
        id: row.id(0)?,
        draft: row.id(1)?,
        material: row.get(2)?,
        sealed_name: row.get(3)?,
        media_type: row.get(4)?,
        blob: BlobRef {
            sha256: row.get(5)?,
            sm3: row.get(6)?,
            size: row.get(7)?,
        },
        trust: row.get(8)?,
        created_at: row.get(9)?,
    })
}

pub(crate) fn insert(tx: &mut Tx<'_>, row: &AttachmentRow) -> Result<()> {
    tx.put(
        "INSERT INTO attachment (id, draft_id, material, sealed_name, media_type, sha256, sm3, size, trust, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            row.id,
            row.draft,
            &row.material,
            &row.sealed_name,
            &row.media_type,
            &row.blob.sha256,
            &row.blob.sm3,
            i64::try_from(row.blob.size).unwrap_or(i64::MAX),
            &row.trust,
            row.created_at
        ],
    )
}

const OF_DRAFT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM attachment WHERE draft_id = $1 ORDER BY material, id LIMIT 500"
);

pub(crate) fn of_draft(tx: &mut Tx<'_>, draft: DraftId) -> Result<Vec<AttachmentRow>> {
    tx.all(OF_DRAFT, params![draft], read)
}

/// What [`of_draft`] will ask.
pub(crate) fn of_draft_question(draft: DraftId) -> Question {
    Question::new(OF_DRAFT, params![draft])
}

pub(crate) fn remove(tx: &mut Tx<'_>, id: AttachmentId, draft: DraftId) -> Result<u64> {
    tx.execute(
        "DELETE FROM attachment WHERE id = $1 AND draft_id = $2",
        params![id, draft],
    )
}
