//! What stands in the letters of a case: the fields that the templates of `documents` name.

use serde_json::{Map, Value, json};
use tongban_accounts::OrganProfile;
use tongban_catalogue::offer;
use tongban_kernel::Result;
use tongban_storage::{Ctx, Tx};

use super::look::application;
use super::parts::calendar;
use crate::model::{Case, CaseDocument, CaseEvent, CaseFact};
use crate::store::events;

/// The input of the template of `document`.
pub(crate) fn letter(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    document: &CaseDocument,
    organ: &OrganProfile,
) -> Result<Value> {
    let submitted = application(ctx, tx, case)?;
    let record = events::of_case(tx, case.id)?;
    let offer = offer(ctx, tx, case.item_version)?;
    let mut letter = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            letter.insert(name.to_owned(), value);
        }
    };
    put("organ", json!(organ.name));
    put("number", json!(document.number));
    put(
        "date",
        json!(tongban_kernel::shanghai_date(document.created_at).to_string()),
    );
    put("addressee", json!(submitted.applyer_name()));
    put("item", json!(case.task_name));
    put(
        "applied",
        json!(tongban_kernel::shanghai_date(case.submitted_at).to_string()),
    );
    put("case_number", json!(case.project_no));
    put("contact", json!(offer.item.link_way));
    put("demo", json!(offer.item.demo));
    if let Some(clocks) = &case.clocks {
        put("accepted", json!(clocks.promised.started_on.to_string()));
        put("limit_days", json!(clocks.promised.limit));
        put("statutory_days", json!(clocks.statutory.limit));
        put(
            "deadline",
            json!(
                case.promise_due(&*calendar(ctx)?)
                    .map(|due| due.to_string())
            ),
        );
    }
    for event in &record {
        for (name, value) in facts_of(event, document) {
            put(name, value);
        }
    }
    if document.template == "decision-grant" {
        put("licence", json!(offer.item.result_name));
        put("basis", json!(legal_basis(&offer.item)));
    }
    if document.template == "decision-refuse" {
        put("basis", json!(legal_basis(&offer.item)));
    }
    Ok(Value::Object(letter))
}

/// What one event brings into the letter.
fn facts_of(event: &CaseEvent, document: &CaseDocument) -> Vec<(&'static str, Value)> {
    match &event.fact {
        CaseFact::SupplementRequested {
            notice_no,
            items,
            due,
        } if *notice_no == document.number => {
            let missing: Vec<Value> = items
                .iter()
                .map(|item| json!({"material": item.name, "problem": "", "require": item.requirement}))
                .collect();
            vec![("missing", json!(missing)), ("due", json!(due.to_string()))]
        }
        CaseFact::Refused {
            reason,
            competent_organ,
        } => vec![
            ("ground", json!("not_competent")),
            ("reason", json!(reason)),
            ("competent", json!(competent_organ)),
            ("remedies", json!({"text": super::decide::REMEDIES})),
        ],
        CaseFact::NotRequired { reason } => {
            vec![("ground", json!("not_needed")), ("reason", json!(reason))]
        }
        CaseFact::Granted { reason, .. } => vec![("reason", json!(reason))],
        CaseFact::Denied { reason, remedies } => {
            vec![
                ("reasons", json!([reason])),
                ("remedies", json!({"text": remedies})),
            ]
        }
        CaseFact::Terminated {
            ground,
            words,
            reason,
            remedies,
            document_no,
            ..
        } if *document_no == document.number => {
            vec![
                ("ground", json!(words.as_deref().unwrap_or(ground.label()))),
                ("legal", json!(ground.basis())),
                ("reason", json!(reason)),
                ("remedies", json!({"text": remedies})),
            ]
        }
        _ => Vec::new(),
    }
}

/// 《食品安全法》第三十五条、…
fn legal_basis(item: &tongban_catalogue::model::ServiceItem) -> Option<String> {
    let laws: Vec<String> = item
        .laws
        .iter()
        .flatten()
        .take(3)
        .map(|law| {
            format!(
                "《{}》{}",
                law.law_name.trim_matches(['《', '》']),
                law.clause_number.as_deref().unwrap_or_default()
            )
        })
        .collect();
    (!laws.is_empty()).then(|| laws.join("、"))
}
