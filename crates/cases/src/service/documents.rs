//! Numbered documents: the number is given in the transaction of the act, the file is made after the commit.

use serde_json::json;
use tongban_kernel::{CaseId, DocumentId, Error, Event, Result};
use tongban_storage::{BlobRef, Ctx, Tx, emit, next_number};

use crate::model::{Case, CaseDocument};
use crate::store::{cases, documents};

/// The event that asks the press for a document; its subject is the document.
pub const DOCUMENT_WANTED: &str = "cases.document.wanted";

/// Gives the next number of the organ's year, e.g. 〔2026〕云市监许受字第000123号, and asks for the file.
pub(crate) fn want_document(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    template: &'static str,
    title: &str,
) -> Result<String> {
    let organ = tongban_accounts::organ(tx, case.organ)?
        .ok_or_else(|| Error::internal("organ of the case is gone"))?;
    let year = ctx.clock.today().year();
    let word = match template {
        "acceptance-notice" => "受",
        "supplement-notice" => "补",
        "refusal-to-accept" => "不受",
        "decision-grant" => "准",
        "decision-refuse" => "不准",
        "termination-notice" => "终",
        _ => "文",
    };
    let n = next_number(tx, &format!("文书/{}/{year}/{word}", organ.code))?;
    let number = format!("〔{year}〕{}许{word}字第{n:06}号", organ.short_name);
    let id: DocumentId = ctx.ids.id(ctx.now());
    documents::insert(tx, id, case.id, template, &number, title, ctx.now())?;
    let data = json!({"project_no": case.project_no, "template": template});
    emit(
        tx,
        &ctx.ids,
        &Event::new(DOCUMENT_WANTED, id, ctx.now(), data),
    )?;
    Ok(number)
}

/// A wanted document with everything its template needs.
pub struct DocumentOrder {
    pub document: CaseDocument,
    pub case: CaseId,
    /// USCC of the organ whose seal it bears.
    pub organ_code: String,
    /// Input of the template.
    pub data: serde_json::Value,
}

/// What is to be printed for `id`; `None` when it has been made already.
pub async fn document_order(ctx: &Ctx, id: DocumentId) -> Result<Option<DocumentOrder>> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let document = documents::get(tx, id)?.ok_or_else(Error::not_found)?;
            if document.sha256.is_some() {
                return Ok(None);
            }
            let case = cases::get(tx, document.case)?.ok_or_else(Error::not_found)?;
            let organ = tongban_accounts::organ(tx, case.organ)?
                .ok_or_else(|| Error::internal("organ of the case is gone"))?;
            let data = super::letters::letter(&ctx2, tx, &case, &document, &organ)?;
            Ok(Some(DocumentOrder {
                document,
                case: case.id,
                organ_code: organ.code,
                data,
            }))
        })
        .await
}

/// The file of a document is in the blob store; a second time changes nothing.
pub async fn document_made(ctx: &Ctx, id: DocumentId, blob: BlobRef) -> Result<()> {
    ctx.db
        .write(move |tx| documents::rendered(tx, id, &blob.sha256))
        .await
}
