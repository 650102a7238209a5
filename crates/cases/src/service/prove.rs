//! 存证: the bundle with which the applicant can check, without the platform, that the record of the case was not rewritten.

use tongban_kernel::{Act, Error, Resource, Result};
use tongban_storage::Ctx;
use tongban_tlog::{BundleField, CaseKey, Kept, LeafKind};

use super::record::{CaseKeys, proof_owner};
use crate::store::{cases, events};

/// The private half of a bundle: what the case keeps. The log adds the proofs.
pub struct ProvableCase {
    pub project_no: String,
    pub case_key: CaseKey,
    pub events: Vec<ProvableEvent>,
    /// Looks of officers at the data of the case.
    pub access: Vec<ProvableEvent>,
}

/// One event or look with the fields under its leaf.
pub struct ProvableEvent {
    pub seq: u32,
    pub minute: u32,
    pub fields: Vec<BundleField>,
    /// Leaf hash in the SHA-256 tree.
    pub leaf: [u8; 32],
}

/// The private half of the proof bundle of a case, for the applicant.
pub async fn provable_case(ctx: &Ctx, project_no: &str) -> Result<ProvableCase> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    ctx.db
        .read(move |tx| {
            let case = cases::by_number(tx, &project_no)?.ok_or_else(Error::not_found)?;
            ctx2.authorize(Act::Prove, Resource::Case(&case.facts(None, Vec::new())))?;
            let keys = CaseKeys::open(&ctx2, &case)?;
            let mut provable = Vec::new();
            for row in events::with_proofs(tx, case.id)? {
                let json = ctx2.vault.open(
                    &keys.data,
                    &proof_owner(&case, row.event.seq),
                    &row.sealed_proof,
                )?;
                let corrupt = |source| Error::internal("corrupt proof").source(source);
                let kept = Kept::from_json(&json).map_err(corrupt)?;
                provable.push(ProvableEvent {
                    seq: row.event.seq,
                    minute: kept.minute,
                    fields: kept.fields(LeafKind::Case).map_err(corrupt)?,
                    leaf: row.leaf,
                });
            }
            let access = super::access::provable(&ctx2, tx, &case, &keys)?;
            Ok(ProvableCase {
                access,
                project_no: case.project_no,
                case_key: keys.case_key,
                events: provable,
            })
        })
        .await
}
