//! What stands in the letters of a case.

use serde_json::{Value, json};
use tongban_accounts::OrganProfile;
use tongban_kernel::{Error, Result};
use tongban_storage::{Ctx, Tx};

use super::look::content;
use super::parts::calendar;
use super::record::CaseKeys;
use crate::model::{Case, CaseDocument, CaseFact};
use crate::store::events;

/// The input of the template of `document`.
pub(crate) fn letter(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    document: &CaseDocument,
    organ: &OrganProfile,
) -> Result<Value> {
    let keys = CaseKeys::open(ctx, case)?;
    let submitted = content(ctx, tx, case, &keys)?;
    let record = events::of_case(tx, case.id)?;
    let calendar = calendar(ctx)?;
    let facts = json!({
        "number": document.number,
        "title": document.title,
        "date": date_words(tongban_kernel::shanghai_date(document.created_at)),
        "organ_name": organ.name,
        "organ_phone": organ.phone,
        "project_no": case.project_no,
        "task_name": case.task_name,
        "task_code": case.task_code,
        "applicant": submitted.applyer_name(),
        "applicant_code": tongban_accounts::model::mask_number(submitted.applyer_code()),
        "submitted_on": date_words(tongban_kernel::shanghai_date(case.submitted_at)),
        "promise_due": case.promise_due(&calendar).map(date_words),
        "promise_days": case.clocks.as_ref().map(|clocks| clocks.promised.limit),
        "statutory_days": case.clocks.as_ref().map(|clocks| clocks.statutory.limit),
    });
    let Value::Object(mut facts) = facts else {
        return Err(Error::internal("letter is not an object"));
    };
    for event in &record {
        match &event.fact {
            CaseFact::SupplementRequested {
                notice_no,
                items,
                due,
            } if *notice_no == document.number => {
                facts.insert("items".to_owned(), json!(items));
                facts.insert("due".to_owned(), json!(date_words(*due)));
            }
            CaseFact::Refused {
                reason,
                competent_organ,
            } => {
                facts.insert("reason".to_owned(), json!(reason));
                facts.insert("competent_organ".to_owned(), json!(competent_organ));
            }
            CaseFact::NotRequired { reason } | CaseFact::Granted { reason, .. } => {
                facts.insert("reason".to_owned(), json!(reason));
            }
            CaseFact::Denied { reason, remedies } => {
                facts.insert("reason".to_owned(), json!(reason));
                facts.insert("remedies".to_owned(), json!(remedies));
            }
            _ => {}
        }
    }
    Ok(Value::Object(facts))
}

/// 2026年3月2日.
pub(crate) fn date_words(date: jiff::civil::Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}
