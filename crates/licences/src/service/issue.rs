//! Issuing a licence for a granted case (行政许可法 第三十九条、第四十四条).

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use tongban_accounts::OrganProfile;
use tongban_kernel::{Act, CaseId, Error, Event, LicenceId, OrganFacts, Permit, Resource, Result};
use tongban_seal::Signer;
use tongban_storage::{Ctx, Tx, emit, next_number};

use super::append::{Done, Keys, append, identifier};
use super::register::name_index;
use super::{FILE_WANTED, ISSUED, SealKeys};
use crate::model::{
    FORMAT, HolderKind, Known, Licence, LicenceState, Metadata, Operation, fill_face, valid_to,
};
use crate::store::{licences, versions};

/// What is to be issued. `case` makes a repeat harmless: the same case has the same licence for ever.
#[derive(Debug, Clone)]
pub struct IssueOrder {
    pub case: CaseId,
    /// 办件编号.
    pub project_no: String,
    /// Work item of the process that waits for the licence; handed on in the event.
    pub work: u64,
    /// 证照类型代码; the type must be in the catalogue.
    pub type_code: String,
    pub holder_kind: HolderKind,
    pub holder_name: String,
    /// Number of the person's document or USCC of the organisation.
    pub holder_code: String,
    /// GA/T 2000.156 (`111` 居民身份证) or `uscc`.
    pub holder_code_type: String,
    /// 照面信息 by field name; what issuing itself knows (number, organ, dates) is filled in.
    pub face: Map<String, Value>,
    /// USCC of the issuing organ.
    pub organ_code: String,
    pub valid_from: Date,
    /// `None`: by the validity of the type (without end if it says so).
    pub valid_to: Option<Date>,
    /// The identifier of the licence that this one renews.
    pub associated: Option<String>,
    pub demo: bool,
}

/// The answer to an order.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Issued {
    pub licence: LicenceId,
    /// 电子证照标识 of the current version.
    pub identifier: String,
    pub name: String,
    pub number: String,
}

/// Number or USCC as it is indexed and stored.
pub(crate) fn plain_code(code: &str) -> String {
    code.trim().to_uppercase()
}

/// The blind index of a holder.
pub(crate) fn holder_index(ctx: &Ctx, code: &str) -> String {
    ctx.vault.index("licence.holder", &plain_code(code))
}

/// Issues the licence of a case, or gives the one that was issued before.
pub async fn issue(ctx: &Ctx, order: IssueOrder) -> Result<Issued> {
    if order.holder_name.trim().is_empty() || order.holder_code.trim().is_empty() {
        return Err(Error::invalid("licence.holder", "缺少持证主体的名称或代码"));
    }
    let code = order.organ_code.clone();
    let organ = ctx
        .db
        .read(move |tx| tongban_accounts::organ_by_code(tx, &code))
        .await?
        .ok_or_else(|| Error::invalid("licence.organ", "发证机关没有登记"))?;
    let permit = ctx.authorize(
        Act::IssueLicence,
        Resource::Organ(&OrganFacts { organ: organ.id }),
    )?;
    let keys = ctx.parts.get::<SealKeys>()?;
    let signer = keys.signer(&organ.code, &organ.name).await?;
    let work = Arc::new((order, organ, signer));
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let (order, organ, signer) = &*work;
            write(&ctx2, tx, order, organ, signer.as_ref(), permit)
        })
        .await
}

fn write(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    order: &IssueOrder,
    organ: &OrganProfile,
    signer: &dyn Signer,
    permit: Permit,
) -> Result<Issued> {
    let now = ctx.now();
    let id: LicenceId = ctx.ids.id(now);
    if !licences::claim(tx, order.case, id)? {
        return before(tx, order.case);
    }
    let kind = tongban_catalogue::licence_type(tx, &order.type_code)?
        .ok_or_else(|| Error::invalid("licence.type", "证照类型不在目录中"))?;
    let name = kind
        .get("name")
        .and_then(Value::as_str)
        .ok_or_else(|| Error::internal("licence type without a name"))?;
    let today = ctx.clock.today();
    let last_day = match order.valid_to {
        Some(day) => Some(day),
        None => valid_to(&kind, order.valid_from)?,
    };
    if last_day.is_some_and(|last| last < order.valid_from) {
        return Err(Error::invalid("licence.validity", "有效期止早于有效期起"));
    }
    // Gapless per organ and year: a rolled-back issue gives its number back.
    let year = today.year();
    let n = next_number(tx, &format!("证照/{}/{year}", organ.code))?;
    let mut licence = Licence {
        id,
        case: order.case,
        project_no: order.project_no.clone(),
        type_code: order.type_code.clone(),
        name: name.to_owned(),
        number: format!("{}〔{year}〕{n:06}号", organ.short_name),
        serial: format!("{year}{n:06}"),
        holder_kind: order.holder_kind,
        holder_index: holder_index(ctx, &order.holder_code),
        organ: organ.id,
        issuer_code: organ.code.clone(),
        issuer_name: organ.name.clone(),
        state: LicenceState::Valid,
        issued_on: today,
        valid_from: order.valid_from,
        valid_to: last_day,
        version: 1,
        demo: order.demo,
        data_key: Vec::new(),
        sealed_key: Vec::new(),
        prev: [0; 32],
        prev_sm3: [0; 32],
        file_sha256: None,
        file_size: None,
        updated_at: now,
    };
    let keys = Keys::make(ctx, &mut licence)?;
    let metadata = metadata(ctx, order, organ, &licence, &kind)?;
    let done = Done {
        operation: &Operation::Issue,
        reason: &order.project_no,
        permit,
        signer,
    };
    append(ctx, tx, &mut licence, &keys, &done, &metadata)?;
    licences::insert(tx, &licence)?;
    licences::set_name_index(tx, id, &name_index(ctx, &order.holder_name))?;
    let data = json!({
        "case": order.case,
        "project_no": order.project_no,
        "work": order.work,
        "identifier": metadata.certificate_source_id,
        "name": licence.name,
    });
    emit(tx, &ctx.ids, &Event::new(ISSUED, id, now, data))?;
    emit(tx, &ctx.ids, &Event::new(FILE_WANTED, id, now, json!({})))?;
    Ok(Issued {
        licence: id,
        identifier: metadata.certificate_source_id,
        name: licence.name,
        number: licence.number,
    })
}

fn before(tx: &mut Tx<'_>, case: CaseId) -> Result<Issued> {
    let licence = licences::of_case(tx, case)?
        .ok_or_else(|| Error::internal("claimed licence is missing"))?;
    let version = versions::get(tx, licence.id, licence.version)?
        .ok_or_else(|| Error::internal("licence without its version"))?;
    Ok(Issued {
        licence: licence.id,
        identifier: version.identifier,
        name: licence.name,
        number: licence.number,
    })
}

fn metadata(
    ctx: &Ctx,
    order: &IssueOrder,
    organ: &OrganProfile,
    licence: &Licence,
    kind: &Value,
) -> Result<Metadata> {
    let known = Known {
        number: &licence.number,
        issuer: &organ.name,
        issued_on: licence.issued_on,
        valid_from: licence.valid_from,
        valid_to: licence.valid_to,
    };
    Ok(Metadata {
        format: FORMAT.to_owned(),
        certificate_source_id: identifier(licence)?.as_str().to_owned(),
        certificate_name: licence.name.clone(),
        certificate_number: licence.number.clone(),
        certificate_type: licence.name.clone(),
        certificate_type_code: licence.type_code.clone(),
        certificate_area_code: organ.division.clone(),
        certificate_holder: order.holder_name.trim().to_owned(),
        certificate_holder_code: plain_code(&order.holder_code),
        certificate_holder_type: order.holder_code_type.clone(),
        issue_dept: organ.name.clone(),
        issue_dept_code: organ.code.clone(),
        issue_date: licence.issued_on.to_string(),
        valid_from: licence.valid_from.to_string(),
        valid_to: licence.valid_to.map(|date| date.to_string()),
        cert_state: licence.state.code().code().to_owned(),
        associated_cert_id: order.associated.clone(),
        face_json: fill_face(kind, order.face.clone(), &known)?,
        project_no: order.project_no.clone(),
        trust_level: "A".to_owned(),
        version: licence.version,
        operation: Operation::Issue.key().to_owned(),
        basis: Operation::Issue.basis().to_owned(),
        signed_at: ctx.now().as_millisecond(),
        demo: order.demo,
    })
}
