//! What happens to a licence after it was issued: 暂扣、恢复、撤销、吊销、注销、转出 by the organ that issued it; 失效 and the end of
//! a withholding by the calendar.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tongban_kernel::{
    Act, Actor, Error, ErrorKind, Event, FieldProblem, LicenceId, OrganFacts, Permit, Resource,
    Result,
};
use tongban_storage::{Ctx, Replay, Stored, Tx, emit, remember, replay};

use super::append::{Done, Keys, append, current, identifier, metadata_of};
use super::register::visible;
use super::{Issued, STATE_CHANGED, SealKeys};
use crate::model::{AnnulGround, ChangeKind, DeregisterGround, LicenceState, Operation};
use crate::store::licences;

/// Longest reason, characters.
const REASON_MAX: usize = 2_000;
/// Longest number of a decision, characters.
const DECISION_NO_MAX: usize = 100;

/// The wish to change a licence. `key` makes a repeat harmless.
#[derive(Debug, Clone)]
pub struct Change {
    pub licence: LicenceId,
    pub operation: Operation,
    pub reason: String,
    pub key: String,
}

/// What was typed for an act on a licence, by page or interface; [`ChangeWish::operation`] judges it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeWish {
    /// `withhold`, `resume`, `annul`, `revoke`, `deregister`.
    pub operation: String,
    /// Clause of 行政许可法 第六十九条 or 第七十条, by its key; for `annul` and `deregister`.
    #[serde(default)]
    pub ground: String,
    /// 行政处罚决定书文号; for `withhold` and `revoke`.
    #[serde(default)]
    pub decision_no: String,
    /// Last day of a withholding, `YYYY-MM-DD`; empty: until it is lifted.
    #[serde(default)]
    pub until: String,
    #[serde(default)]
    pub reason: String,
}

impl ChangeWish {
    /// The operation that is meant, or every problem of what was typed.
    pub fn operation(&self, today: Date) -> Result<Operation> {
        let mut problems = Vec::new();
        let decision_no = self.decision_no.trim().to_owned();
        let kind = ChangeKind::from_key(&self.operation);
        if kind.is_some_and(ChangeKind::is_penalty)
            && !(1..=DECISION_NO_MAX).contains(&decision_no.chars().count())
        {
            problems.push(FieldProblem::required(
                "decision_no",
                "请填写行政处罚决定书文号（100 字以内）",
            ));
        }
        let operation = match kind {
            None => {
                problems.push(FieldProblem::required("operation", "请选择要办理的操作"));
                None
            }
            Some(ChangeKind::Withhold) => {
                let until = self.until.trim();
                let parsed = until.parse::<Date>().ok();
                if !until.is_empty() && parsed.is_none_or(|day| day < today) {
                    problems.push(FieldProblem::required(
                        "until",
                        "请按 2026-12-08 的样子填写不早于今天的日期，没有期限则留空",
                    ));
                }
                Some(Operation::Withhold {
                    decision_no,
                    until: parsed,
                })
            }
            Some(ChangeKind::Resume) => Some(Operation::Resume),
            Some(ChangeKind::Revoke) => Some(Operation::Revoke { decision_no }),
            Some(ChangeKind::Annul) => {
                let ground = AnnulGround::from_key(&self.ground);
                if ground.is_none() {
                    problems.push(FieldProblem::required("ground", "请选择撤销的法定情形"));
                }
                ground.map(|ground| Operation::Annul { ground })
            }
            Some(ChangeKind::Deregister) => {
                let ground = DeregisterGround::from_key(&self.ground);
                if ground.is_none() {
                    problems.push(FieldProblem::required("ground", "请选择注销的法定情形"));
                }
                ground.map(|ground| Operation::Deregister { ground })
            }
        };
        if !(1..=REASON_MAX).contains(&self.reason.trim().chars().count()) {
            problems.push(FieldProblem::required("reason", "请填写 2000 字以内的理由"));
        }
        match operation {
            Some(operation) if problems.is_empty() => Ok(operation),
            _ => Err(Error::problems("licence.change", problems)),
        }
    }
}

/// Carries `operation` out on a licence of the officer's own organ (行政许可法 第六十九条、第七十条; each ground names its
/// clause). Appends a version; what the state does not allow is refused, so a repeat changes nothing.
pub async fn change(ctx: &Ctx, wish: Change) -> Result<Issued> {
    let Change {
        licence: id,
        operation,
        reason,
        key,
    } = wish;
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
    let permit = match ctx.authorize(Act::RevokeLicence, Resource::Organ(&organ)) {
        Ok(permit) => permit,
        // Who may not see it in the register hears that it does not exist.
        Err(refused) => {
            visible(ctx, found.organ)?;
            return Err(refused);
        }
    };
    let work = Work {
        operation,
        reason,
        permit,
        key: Some(key),
    };
    apply(ctx, id, work).await
}

/// Marks licences whose last day is over as 失效; returns how many. For the daily run.
pub async fn expire_due(ctx: &Ctx, limit: u32) -> Result<usize> {
    let today = ctx.clock.today();
    let due = ctx
        .db
        .read(move |tx| licences::overdue(tx, today, limit))
        .await?;
    by_the_calendar(ctx, &due, &Operation::Expire, "有效期届满").await
}

/// Gives licences back whose withholding has ended with its last day; returns how many. For the daily run.
pub async fn lift_due(ctx: &Ctx, limit: u32) -> Result<usize> {
    let today = ctx.clock.today();
    let withheld = ctx.db.read(move |tx| licences::withheld(tx, limit)).await?;
    let over = |state: &LicenceState| matches!(state, LicenceState::Withheld { until: Some(until), .. } if *until < today);
    let due: Vec<LicenceId> = withheld
        .into_iter()
        .filter(|(_, state)| over(state))
        .map(|(id, _)| id)
        .collect();
    by_the_calendar(ctx, &due, &Operation::Resume, "暂扣期限届满").await
}

/// What the calendar brings: expiry, the end of withholdings. The worker calls it; a repeat on the same day finds nothing.
pub async fn daily(ctx: &Ctx) -> Result<()> {
    const ROUND: u32 = 200;
    // Expiry first: a withheld licence whose validity is over does not come back.
    while expire_due(ctx, ROUND).await? == ROUND as usize {}
    lift_due(ctx, 10_000).await?;
    super::register::index_names(ctx, ROUND).await
}

/// The platform's own operation on each of `due`; what somebody else changed meanwhile is left alone.
async fn by_the_calendar(
    ctx: &Ctx,
    due: &[LicenceId],
    operation: &Operation,
    reason: &str,
) -> Result<usize> {
    let ctx = ctx.as_actor(Actor::System);
    let permit = Permit {
        act: Act::RevokeLicence,
        post: None,
        basis: operation.basis(),
    };
    let mut done = 0;
    for id in due {
        let work = Work {
            operation: operation.clone(),
            reason: reason.to_owned(),
            permit,
            key: None,
        };
        match apply(&ctx, *id, work).await {
            Ok(_) => done += 1,
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// A judged wish.
struct Work {
    operation: Operation,
    reason: String,
    permit: Permit,
    /// `None`: the platform's own, which needs no key.
    key: Option<String>,
}

async fn apply(ctx: &Ctx, id: LicenceId, work: Work) -> Result<Issued> {
    let found = ctx
        .db
        .read(move |tx| licences::get(tx, id))
        .await?
        .ok_or_else(Error::not_found)?;
    let keys = ctx.parts.get::<SealKeys>()?;
    let signer = keys.signer(&found.issuer_code, &found.issuer_name).await?;
    let (ctx2, work) = (ctx.clone(), Arc::new((work, signer)));
    ctx.db
        .write(move |tx| {
            let (work, signer) = &*work;
            once(&ctx2, tx, id, work, |ctx, tx| {
                let done = Done {
                    operation: &work.operation,
                    reason: &work.reason,
                    permit: work.permit,
                    signer: signer.as_ref(),
                };
                write(ctx, tx, id, &done)
            })
        })
        .await
}

/// `write`, unless the key of `work` has been seen: then the answer that was given.
fn once(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    id: LicenceId,
    work: &Work,
    write: impl FnOnce(&Ctx, &mut Tx<'_>) -> Result<Issued>,
) -> Result<Issued> {
    let Some(key) = &work.key else {
        return write(ctx, tx);
    };
    let bad = |source: serde_json::Error| Error::internal("answer of a change").source(source);
    let principal = ctx.actor.principal();
    let operation = serde_json::to_string(&work.operation).map_err(bad)?;
    let request = format!("licence-change/{id}/{operation}/{}", work.reason);
    if let Replay::Seen(seen) = replay(tx, &principal, key, request.as_bytes())? {
        return serde_json::from_str(&seen.body).map_err(bad);
    }
    let issued = write(ctx, tx)?;
    let answer = Stored {
        status: 200,
        body: serde_json::to_string(&issued).map_err(bad)?,
    };
    remember(tx, &principal, key, request.as_bytes(), &answer, ctx.now())?;
    Ok(issued)
}

fn write(ctx: &Ctx, tx: &mut Tx<'_>, id: LicenceId, done: &Done<'_>) -> Result<Issued> {
    let (now, operation) = (ctx.now(), done.operation);
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
    append(ctx, tx, &mut licence, &keys, done, &metadata)?;
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
}
