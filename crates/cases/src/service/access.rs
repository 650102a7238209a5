//! 查阅留痕: a look of an officer at the personal data of a case leaves an access leaf in the log, before the data are shown
//! (个人信息保护法 第五十一条、第五十四条). The applicant's own reads leave none and cost nothing.
//!
//! If the leaf cannot be written, the data are not shown.

use serde_json::json;
use tongban_kernel::{Act, Actor, CaseId, Error, ErrorKind, OfficerId, Permit, Resource, Result};
use tongban_storage::{Ctx, SealedLeaf, Tx, append_leaf};
use tongban_tlog::{Kept, LeafBuilder, LeafKind};

use super::record::{CaseKeys, by};
use crate::model::{Case, Look, SAME_LOOK};
use crate::store::access::{self, LookRow};
use crate::store::cases;

/// A look that is not written down yet.
pub(crate) struct Due {
    case: CaseId,
    officer: OfficerId,
    permit: Permit,
    object: String,
    purpose: String,
}

/// The look that `object` of `case` being shown to whoever acts is; `None` if it leaves no trace (the applicant, the platform) or
/// was written down within [`SAME_LOOK`].
pub(crate) fn due(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    object: &str,
    purpose: Option<&str>,
) -> Result<Option<Due>> {
    let Actor::Officer(officer) = &ctx.actor else {
        return Ok(None);
    };
    let facts = case.facts(None, Vec::new());
    let mut permit = ctx.authorize(Act::ViewCase, Resource::Case(&facts))?;
    // Whoever takes part may look in any post; the record names the first that is held.
    permit.post = permit.post.or_else(|| officer.posts.first().copied());
    // A guest looks for what it is a guest.
    let taking_part = case.organs.contains(&officer.organ);
    let asked = |one: &(tongban_kernel::Post, tongban_kernel::OrganId)| {
        one.1 == officer.organ && officer.holds(one.0)
    };
    let purpose = purpose.unwrap_or_else(|| {
        if !taking_part && case.guests.asked.iter().any(asked) {
            Act::GiveOpinion.label()
        } else if !taking_part && case.guests.copied.contains(&officer.officer) {
            Act::SendCopy.label()
        } else {
            Act::ViewCase.label()
        }
    });
    let since = ctx.now().checked_sub(SAME_LOOK).unwrap_or(ctx.now());
    if access::known(tx, case.id, officer.officer, (object, purpose), since)? {
        return Ok(None);
    }
    Ok(Some(Due {
        case: case.id,
        officer: officer.officer,
        permit,
        object: object.to_owned(),
        purpose: purpose.to_owned(),
    }))
}

/// The look of somebody who is no officer, under a permit of its own.
pub(crate) fn due_of(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    looker: OfficerId,
    permit: Permit,
    (object, purpose): (&str, &str),
) -> Result<Option<Due>> {
    let since = ctx.now().checked_sub(SAME_LOOK).unwrap_or(ctx.now());
    if access::known(tx, case.id, looker, (object, purpose), since)? {
        return Ok(None);
    }
    Ok(Some(Due {
        case: case.id,
        officer: looker,
        permit,
        object: object.to_owned(),
        purpose: purpose.to_owned(),
    }))
}

/// Writes the look down. Comes before the data go out.
pub(crate) async fn written(ctx: &Ctx, due: Option<Due>) -> Result<()> {
    let Some(due) = due else { return Ok(()) };
    let due = std::sync::Arc::new(due);
    // Two officers who look at once want the same number; the loser takes the next.
    for _ in 0..16 {
        let (ctx2, due) = (ctx.clone(), std::sync::Arc::clone(&due));
        match ctx.db.write(move |tx| write(&ctx2, tx, &due)).await {
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            outcome => return outcome,
        }
    }
    Err(Error::unavailable("the look could not be written down")
        .advice("查阅记录没有写成，所以内容没有显示，请重试"))
}

fn write(ctx: &Ctx, tx: &mut Tx<'_>, due: &Due) -> Result<()> {
    let now = ctx.now();
    let since = now.checked_sub(SAME_LOOK).unwrap_or(now);
    // The end of the chain first: whoever comes in between takes its number or is known by now.
    let tail = access::tail(tx, due.case)?;
    if access::known(
        tx,
        due.case,
        due.officer,
        (&due.object, &due.purpose),
        since,
    )? {
        return Ok(());
    }
    let case = cases::get(tx, due.case)?.ok_or_else(Error::not_found)?;
    let keys = CaseKeys::open(ctx, &case)?;
    let by = by(ctx, tx, &case, due.permit)?;
    let organ_name = match by.organ {
        Some(organ) => tongban_accounts::organ(tx, organ)?.map(|organ| organ.name),
        None => None,
    }
    .unwrap_or_default();
    let look = Look {
        seq: tail.seq,
        at: now,
        organ_name,
        post: by.role.clone(),
        object: due.object.clone(),
        purpose: due.purpose.clone(),
        basis: by.basis.clone(),
    };
    let leaf = LeafBuilder::after(
        LeafKind::Access,
        &keys.case_key,
        tail.seq.into(),
        &tail.leaf,
        &tail.leaf_sm3,
    )
    .field("case_no", case.project_no.as_str())
    .field("event", "viewed")
    .field("actor", by.name.as_str())
    .field("actor_role", by.role.as_str())
    .field("organ", json!(by.organ))
    .field("organ_name", look.organ_name.as_str())
    .field("object", look.object.as_str())
    .field("purpose", look.purpose.as_str())
    .field("basis", look.basis.as_str())
    .field("request_id", ctx.request.to_string());
    let SealedLeaf { entry, proof } = SealedLeaf::of(ctx, leaf, now)?;
    let sealed_proof = ctx
        .vault
        .seal(&ctx.ids, &keys.data, &owner(&case, tail.seq), &proof)?;
    let row = LookRow {
        look,
        leaf: entry.hash,
        sealed_proof,
    };
    if !access::append(tx, case.id, due.officer, &row, &entry.hash_sm3)? {
        return Err(Error::conflict("access.number", "有人同时在查阅，请重试"));
    }
    append_leaf(tx, &ctx.ids, &entry, now)
}

fn owner(case: &Case, seq: u32) -> Vec<u8> {
    format!("{}/access/{seq}", case.id).into_bytes()
}

/// The looks with what proves them.
pub(crate) fn provable(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    keys: &CaseKeys,
) -> Result<Vec<super::prove::ProvableEvent>> {
    let mut found = Vec::new();
    for row in access::of_case(tx, case.id)? {
        let sealed = &row.sealed_proof;
        let json = ctx
            .vault
            .open(&keys.data, &owner(case, row.look.seq), sealed)?;
        let corrupt = |source| Error::internal("corrupt proof").source(source);
        let kept = Kept::from_json(&json).map_err(corrupt)?;
        found.push(super::prove::ProvableEvent {
            seq: row.look.seq,
            minute: kept.minute,
            fields: kept.fields(LeafKind::Access).map_err(corrupt)?,
            leaf: row.leaf,
        });
    }
    Ok(found)
}

/// Who looked at the data of a case, oldest first, for whoever may take its proof away: the applicant.
pub async fn looks(ctx: &Ctx, project_no: &str) -> Result<Vec<Look>> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    ctx.db
        .read(move |tx| {
            let case = cases::by_number(tx, &project_no)?.ok_or_else(Error::not_found)?;
            ctx2.authorize(Act::Prove, Resource::Case(&case.facts(None, Vec::new())))?;
            let rows = access::of_case(tx, case.id)?;
            Ok(rows.into_iter().map(|row| row.look).collect())
        })
        .await
}
