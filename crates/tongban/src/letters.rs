//! Makes the files that follow from acts: sealed letters of a case, and the licence of a granted one.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tongban_cases::DocumentOrder;
use tongban_cases::model::{Case, Submitted};
use tongban_catalogue::Offer;
use tongban_documents::Press;
use tongban_forms::Lang;
use tongban_kernel::{CaseId, DocumentId, Error, Result};
use tongban_licences::{HolderKind, IssueOrder, SealKeys};
use tongban_seal::Signer;
use tongban_seal::pdf::{self, SignatureField};
use tongban_storage::{BlobRef, Ctx, LogHead};

use crate::app::PublicUrl;

/// Renders the wanted document, signs it with the organ's seal, stores it, and names it on its row. A second time changes
/// nothing.
pub(crate) async fn make(ctx: &Ctx, id: DocumentId) -> Result<()> {
    let Some(order) = tongban_cases::document_order(ctx, id).await? else {
        return Ok(());
    };
    let organ = order
        .data
        .get("organ")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let signer = ctx
        .parts
        .get::<SealKeys>()?
        .signer(&order.organ_code, &organ)
        .await?;
    let (ctx2, press, url) = (
        ctx.clone(),
        ctx.parts.get::<Press>()?,
        ctx.parts.get::<PublicUrl>()?,
    );
    let head = LogHead::for_paper(ctx).await?;
    let blob = tokio::task::spawn_blocking(move || {
        sealed(&ctx2, &press, signer.as_ref(), &order, &organ, &url.0, head)
    })
    .await
    .map_err(|_| Error::internal("the press panicked"))??;
    tongban_cases::document_made(ctx, id, blob).await
}

fn sealed(
    ctx: &Ctx,
    press: &Press,
    signer: &dyn Signer,
    order: &DocumentOrder,
    organ: &str,
    url: &str,
    head: Option<String>,
) -> Result<BlobRef> {
    let mut data = order.data.clone();
    if let Some(members) = data.as_object_mut() {
        let number = members
            .get("case_number")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let demo = members.get("demo").and_then(Value::as_bool) == Some(true);
        let bottom = if demo {
            "行政审批专用章 演示"
        } else {
            "行政审批专用章"
        };
        members.insert("qr".to_owned(), json!(format!("{url}/cases/{number}")));
        if let Some(head) = head {
            members.insert("log".to_owned(), json!({"head": head}));
        }
        members.insert("seal".to_owned(), json!({"organ": organ, "bottom": bottom}));
    }
    let (template, created) = (order.document.template.as_str(), order.document.created_at);
    let rendered = press
        .render(template, &data, created)
        .map_err(|source| Error::internal(format!("letter {template}: {source}")))?;
    let field = SignatureField {
        name: "Seal1".to_owned(),
        signer_name: organ.to_owned(),
        reason: order.document.title.clone(),
        location: String::new(),
    };
    let pdf = pdf::sign(&rendered.pdf, signer, &field, created)
        .map_err(|source| Error::internal(format!("seal of {template}: {source}")))?;
    ctx.blobs.put(&ctx.ids.token(), &pdf)
}

/// Answers a service call of a process. Known: `issue-licence`.
pub(crate) async fn serve(ctx: &Ctx, case: CaseId, data: &Value) -> Result<()> {
    let service = data
        .get("service")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let work = data
        .get("work")
        .and_then(Value::as_u64)
        .ok_or_else(|| Error::internal("service call without work"))?;
    match service {
        "issue-licence" => issue(ctx, case, work).await,
        other => Err(Error::internal(format!("no service answers {other}"))),
    }
}

async fn issue(ctx: &Ctx, id: CaseId, work: u64) -> Result<()> {
    let (case, submitted) = tongban_cases::case_for_licence(ctx, id).await?;
    let ctx2 = ctx.clone();
    let version = case.item_version;
    let (offer, kind) = ctx
        .db
        .read(move |tx| {
            let offer = tongban_catalogue::offer(&ctx2, tx, version)?;
            let code = offer.item.issued_licence_types().next().map(str::to_owned);
            let kind = match &code {
                Some(code) => tongban_catalogue::licence_type(tx, code)?,
                None => None,
            };
            Ok((offer, code.zip(kind)))
        })
        .await?;
    let Some((type_code, kind)) = kind else {
        return Err(Error::internal(format!(
            "item {} grants no known licence type",
            offer.code
        )));
    };
    let organisation = submitted.enterprise.is_some();
    let order = IssueOrder {
        case: id,
        project_no: case.project_no.clone(),
        work,
        type_code,
        holder_kind: if organisation {
            HolderKind::Organisation
        } else {
            HolderKind::Person
        },
        holder_name: submitted.applyer_name().to_owned(),
        holder_code: submitted.applyer_code().to_owned(),
        holder_code_type: if organisation {
            "uscc".to_owned()
        } else {
            submitted.person.cert_type.clone()
        },
        face: face(ctx, &kind, &offer, &case, &submitted),
        organ_code: offer.organ_code.clone(),
        valid_from: ctx.clock.today(),
        valid_to: None,
        associated: None,
        demo: offer.item.demo == Some(true),
    };
    let issued = tongban_licences::issue(ctx, order).await?;
    tongban_cases::licence_issued(ctx, id, work, issued.identifier, issued.name).await
}

/// The face of the licence, by field name: what the applicant sees in the check of answers under the field that the type
/// names as its source. What issuing knows itself (number, organ, dates) is filled in there.
fn face(
    ctx: &Ctx,
    kind: &Value,
    offer: &Offer,
    case: &Case,
    submitted: &Submitted,
) -> Map<String, Value> {
    let shown = displayed(ctx, offer, case, submitted);
    let mut face = Map::new();
    for field in kind
        .get("face_fields")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let Some(name) = field.get("name").and_then(Value::as_str) else {
            continue;
        };
        let source = field
            .get("source")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let value = match source.split_once('.') {
            Some(("applicant", "name")) => Some(submitted.applyer_name().to_owned()),
            Some(("applicant", "code")) => Some(submitted.applyer_code().to_owned()),
            Some(("form", path)) => shown.get(path).cloned(),
            Some(("situation", question)) => chosen(offer, submitted, question),
            Some(("holder", what)) => of_identity(&submitted.person.cert_no, what),
            _ => None,
        };
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            face.insert(name.to_owned(), json!(value));
        }
    }
    face
}

/// The answers in words, by field; a repeating group is one text under its own name.
fn displayed(
    ctx: &Ctx,
    offer: &Offer,
    case: &Case,
    submitted: &Submitted,
) -> BTreeMap<String, String> {
    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    for row in tongban_cases::declared(ctx, offer, case, submitted, Lang::Zh)
        .into_iter()
        .flat_map(|card| card.rows)
    {
        if row.blank {
            continue;
        }
        let group = row.path.split('.').next().unwrap_or_default();
        if group != row.path {
            let text = shown.entry(group.to_owned()).or_default();
            if !text.is_empty() {
                text.push('；');
            }
            text.push_str(&row.value);
        }
        shown.insert(row.path, row.value);
    }
    shown
}

/// The label of the option that was chosen for a situation question.
fn chosen(offer: &Offer, submitted: &Submitted, question: &str) -> Option<String> {
    let (_, answer) = submitted
        .draft
        .situation
        .iter()
        .find(|(asked, _)| asked == question)?;
    let asked = offer
        .item
        .situations
        .iter()
        .flatten()
        .find(|asked| asked.code == question)?;
    asked
        .options
        .iter()
        .find(|option| option.code == *answer)
        .map(|option| option.label.clone())
}

/// Sex and birth as the resident identity number tells them (GB 11643).
fn of_identity(number: &str, what: &str) -> Option<String> {
    let id: tongban_codes::ResidentId = number.parse().ok()?;
    match what {
        "sex" => Some(id.sex().label().to_owned()),
        "birth" => Some(id.birth_date()?.to_string()),
        _ => None,
    }
}
