//! Public verification: one shape of answer for everything, nothing about persons that the licence's face would not show to
//! somebody who has it in hand.

use serde::Serialize;
use tongban_codes::LicenceIdentifier;
use tongban_codes::mask;
use tongban_kernel::{Error, Result};
use tongban_storage::Ctx;

use super::SealKeys;
use super::append::current;
use crate::model::{
    HolderKind, Licence, Metadata, OfflineError, SignedLicence, Verdict, verify_offline,
};
use crate::store::licences;

/// The answer. Every member is always there; what is not known is `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Verification {
    /// valid, not-yet-valid, suspended, revoked, expired, unverifiable, unknown.
    #[schema(value_type = String)]
    pub verdict: Verdict,
    /// The identifier asked for, as it was read.
    pub identifier: String,
    /// The identifier is written rightly (its check character fits).
    pub well_formed: bool,
    /// 证照名称.
    pub certificate_name: Option<String>,
    /// 持证主体; the name of a person is masked.
    pub certificate_holder: Option<String>,
    /// 颁发机构.
    pub issue_dept: Option<String>,
    pub issue_date: Option<String>,
    pub valid_from: Option<String>,
    /// `null` for a known licence: without end.
    pub valid_to: Option<String>,
    /// 证照状态, national code.
    pub cert_state: Option<String>,
    /// A later version with another identifier exists; the answer is about that one.
    pub superseded: Option<bool>,
    /// The organ's signature was checked just now and holds.
    pub signature_valid: Option<bool>,
    /// Index of its leaf in the transparency log; `null` also while the leaf waits for one.
    pub log_index: Option<u64>,
    /// Without legal effect.
    pub demo: Option<bool>,
    /// When this was checked (RFC 3339).
    pub checked_at: String,
}

impl Verification {
    fn unknown(ctx: &Ctx, identifier: String, well_formed: bool) -> Self {
        Self {
            verdict: Verdict::Unknown,
            identifier,
            well_formed,
            certificate_name: None,
            certificate_holder: None,
            issue_dept: None,
            issue_date: None,
            valid_from: None,
            valid_to: None,
            cert_state: None,
            superseded: None,
            signature_valid: None,
            log_index: None,
            demo: None,
            checked_at: ctx.now().to_string(),
        }
    }
}

/// What is known of the licence with this identifier (of any of its versions), for anybody.
pub async fn verify_public(ctx: &Ctx, identifier: &str) -> Result<Verification> {
    let asked = match LicenceIdentifier::parse(identifier) {
        Ok(parsed) => parsed.as_str().to_owned(),
        Err(_) => {
            let echo = identifier.trim().chars().take(128).collect();
            return Ok(Verification::unknown(ctx, echo, false));
        }
    };
    let (ctx2, wanted) = (ctx.clone(), asked.clone());
    let found = ctx
        .db
        .read(move |tx| {
            let Some(licence) = licences::by_identifier(tx, &wanted)? else {
                return Ok(None);
            };
            let (stored, signed) = current(&ctx2, tx, &licence)?;
            let log = tongban_storage::leaf_index(tx, &stored.leaf)?;
            Ok(Some((licence, stored.identifier, signed, log)))
        })
        .await?;
    let Some((licence, latest, signed, log)) = found else {
        return Ok(Verification::unknown(ctx, asked, true));
    };
    let seals = ctx.parts.get::<SealKeys>()?;
    let checked = tokio::task::spawn_blocking(move || {
        seals.anchors().map(|anchors| genuine(&signed, &anchors))
    })
    .await
    .map_err(|_| Error::internal("verification panicked"))??;
    let mut answer = Verification::unknown(ctx, asked, true);
    answer.superseded = Some(latest != answer.identifier);
    answer.log_index = log;
    answer.demo = Some(licence.demo);
    match checked {
        Ok(metadata) if fits(&licence, &latest, &metadata) => {
            answer.signature_valid = Some(true);
            answer.verdict = Verdict::of(
                licence.state.code(),
                licence.valid_from,
                licence.valid_to,
                ctx.clock.today(),
            );
            let person = licence.holder_kind == HolderKind::Person;
            let holder = &metadata.certificate_holder;
            answer.certificate_holder = Some(if person {
                mask::person_name(holder)
            } else {
                holder.clone()
            });
            answer.certificate_name = Some(metadata.certificate_name);
            answer.issue_dept = Some(metadata.issue_dept);
            answer.issue_date = Some(metadata.issue_date);
            answer.valid_from = Some(metadata.valid_from);
            answer.valid_to = metadata.valid_to;
            answer.cert_state = Some(metadata.cert_state);
        }
        refused => {
            let why = refused.err().map(|error| error.to_string());
            tracing::error!(licence = %licence.id, why, "licence.verification.failed");
            answer.signature_valid = Some(false);
            answer.verdict = Verdict::Unverifiable;
        }
    }
    Ok(answer)
}

fn genuine(
    signed: &SignedLicence,
    anchors: &[tongban_seal::Certificate],
) -> Result<Metadata, OfflineError> {
    let signature = signed.signature_bytes().ok_or(OfflineError::NotALicence)?;
    let check = verify_offline(
        signed.licence.as_bytes(),
        &signature,
        &signed.certificates,
        anchors,
    )?;
    check.trusted.map_err(OfflineError::Certificate)?;
    Ok(check.metadata)
}

/// The row says the same as the signed document: somebody with write access to the store alone changes nothing unseen.
fn fits(licence: &Licence, identifier: &str, metadata: &Metadata) -> bool {
    metadata.certificate_source_id == identifier
        && metadata.version == licence.version
        && metadata.cert_state == licence.state.code().code()
        && metadata.certificate_number == licence.number
        && metadata.valid_from == licence.valid_from.to_string()
        && metadata.valid_to == licence.valid_to.map(|date| date.to_string())
        && metadata.issue_dept_code == licence.issuer_code
        && metadata.demo == licence.demo
}
