//! What happens to a licence after it was issued: 暂扣、恢复、撤销、吊销、注销、转出 by the organ that issued it; 失效 by the calendar.

use std::sync::Arc;

use serde_json::json;
use tongban_kernel::{Act, Actor, Error, Event, LicenceId, OrganFacts, Permit, Resource, Result};
use tongban_storage::{Ctx, emit};

use super::append::{Done, Keys, append, current, identifier, metadata_of};
use super::{Issued, STATE_CHANGED, SealKeys};
use crate::model::Operation;
use crate::store::licences;

/// Longest reason, characters.
const REASON_MAX: usize = 2_000;

/// Carries `operation` out on a licence of the officer's own organ (行政许可法 第六十九条、第七十条; each ground names its
/// clause). Appends a version; what the state does not allow is refused, so a repeat changes nothing.
pub async fn change(
    ctx: &Ctx,
    id: LicenceId,
    operation: Operation,
    reason: String,
) -> Result<Issued> {
    let reason = reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(Error::invalid("licence.reason", "请填写 2000 字以内的理由"));
    }
    match &operation {
        Operation::Issue | Operation::Expire => {
            return Err(Error::invalid("licence.operation", "这一操作由系统完成"));
        }
        Operation::Withhold { decision_no, .. } | Operation::Revoke { decision_no }
            if decision_no.trim().is_empty() =>
        {
            return Err(Error::invalid(
                "licence.decision-no",
                "请填写行政处罚决定书文号",
            ));
        }
        _ => {}
    }
    let found = ctx
        .db
        .read(move |tx| licences::get(tx, id))
        .await?
        .ok_or_else(Error::not_found)?;
    let organ = OrganFacts { organ: found.organ };
    let permit = ctx.authorize(Act::RevokeLicence, Resource::Organ(&organ))?;
    apply(ctx, id, operation, reason, permit).await
}

/// Marks licences whose last day is over as 失效; returns how many. For the daily run.
pub async fn expire_due(ctx: &Ctx, limit: u32) -> Result<usize> {
    let today = ctx.clock.today();
    let due = ctx
        .db
        .read(move |tx| licences::overdue(tx, today, limit))
        .await?;
    let ctx = ctx.as_actor(Actor::System);
    let permit = Permit {
        act: Act::RevokeLicence,
        post: None,
        basis: Operation::Expire.basis(),
    };
    for id in &due {
        let reason = "有效期届满".to_owned();
        apply(&ctx, *id, Operation::Expire, reason, permit).await?;
    }
    Ok(due.len())
}

async fn apply(
    ctx: &Ctx,
    id: LicenceId,
    operation: Operation,
    reason: String,
    permit: Permit,
) -> Result<Issued> {
    let found = ctx
        .db
        .read(move |tx| licences::get(tx, id))
        .await?
        .ok_or_else(Error::not_found)?;
    let keys = ctx.parts.get::<SealKeys>()?;
    let signer = keys.signer(&found.issuer_code, &found.issuer_name).await?;
    let (ctx2, work) = (ctx.clone(), Arc::new((operation, reason, signer)));
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let (operation, reason, signer) = &*work;
            let now = ctx.now();
            let mut licence = licences::get(tx, id)?.ok_or_else(Error::not_found)?;
            let before = licence.version;
            let (_, signed) = current(ctx, tx, &licence)?;
            let mut metadata = metadata_of(&signed)?;
            licence.state = licence.state.apply(operation, ctx.clock.today())?;
            licence.version += 1;
            metadata.certificate_source_id = identifier(&licence)?.as_str().to_owned();
            licence
                .state
                .code()
                .code()
                .clone_into(&mut metadata.cert_state);
            metadata.version = licence.version;
            operation.key().clone_into(&mut metadata.operation);
            operation.basis().clone_into(&mut metadata.basis);
            metadata.signed_at = now.as_millisecond();
            let keys = Keys::open(ctx, &licence)?;
            let done = Done {
                operation,
                reason,
                permit,
                signer: signer.as_ref(),
            };
            append(ctx, tx, &mut licence, &keys, &done, &metadata)?;
            licences::save(tx, &licence, before)?;
            let data = json!({
                "project_no": licence.project_no,
                "operation": operation.key(),
                "cert_state": metadata.cert_state,
                "identifier": metadata.certificate_source_id,
            });
            emit(tx, &ctx.ids, &Event::new(STATE_CHANGED, id, now, data))?;
            Ok(Issued {
                licence: id,
                identifier: metadata.certificate_source_id,
                name: licence.name,
                number: licence.number,
            })
        })
        .await
}
