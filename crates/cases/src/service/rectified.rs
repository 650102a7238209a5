//! The leaf of an answered bad rating (差评整改, 国办发〔2019〕51号): the record outside the case's own states, under the key of
//! the case, so that whoever holds its proof finds it.

use serde_json::{Value, json};
use tongban_kernel::{CaseId, Error, Permit, Result};
use tongban_storage::{Ctx, SealedLeaf, Tx, append_leaf};
use tongban_tlog::{LeafBuilder, LeafKind};

use super::record::{CaseKeys, by};
use crate::store::cases;

/// What was found and done about a bad rating.
pub struct Rectified<'a> {
    /// Key of the finding.
    pub finding: &'a str,
    /// Key of the way in which it was dealt with.
    pub way: &'a str,
    pub reply: &'a str,
}

/// What the caller keeps beside its row.
pub struct RectifiedLeaf {
    pub hash: [u8; 32],
    /// Who answered.
    pub by_whom: String,
    /// The opened leaf, values and salts: personal, to be sealed.
    pub proof: Vec<u8>,
}

/// Appends the leaf of `what` to the log, in the transaction that closes the rectification. Once per case: a case has one
/// rating.
pub fn record_rectification(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    id: CaseId,
    what: &Rectified<'_>,
    permit: Permit,
) -> Result<RectifiedLeaf> {
    let case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
    let keys = CaseKeys::open(ctx, &case)?;
    let by = by(ctx, tx, &case, permit)?;
    let now = ctx.now();
    let leaf = LeafBuilder::first(LeafKind::Ops, &keys.case_key)
        .field("event", "rating-rectified")
        .field("case_no", case.project_no.as_str())
        .field("actor", by.name.as_str())
        .field("actor_role", by.role.as_str())
        .field("organ", by.organ.map_or(Value::Null, |organ| json!(organ)))
        .field("basis", by.basis.as_str())
        .field("finding", what.finding)
        .field("way", what.way)
        .field("reply", what.reply)
        .field("request_id", ctx.request.to_string());
    let SealedLeaf { entry, proof } = SealedLeaf::of(ctx, leaf, now)?;
    append_leaf(tx, &ctx.ids, &entry, now)?;
    Ok(RectifiedLeaf {
        hash: entry.hash,
        by_whom: by.name,
        proof,
    })
}
