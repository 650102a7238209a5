//! The one way in which something happens to a case: state, record, and log leaf move together.

use serde_json::{Value, json};
use tongban_kernel::{Actor, Error, Event, Permit, Result};
use tongban_limits::Calendar;
use tongban_storage::{Ctx, DataKey, SealedLeaf, Tx, append_leaf, emit};
use tongban_tlog::{LeafBuilder, LeafKind};

use crate::model::{By, Case, CaseEvent, CaseFact, apply};
use crate::store::{advice, cases, events};

/// The opened keys of a case.
pub(crate) struct CaseKeys {
    pub(crate) data: DataKey,
    /// The key of the pseudonyms in the log; given to the applicant on the receipt.
    pub(crate) case_key: [u8; 32],
}

impl CaseKeys {
    pub(crate) fn open(ctx: &Ctx, case: &Case) -> Result<Self> {
        let data = ctx.vault.unwrap_key(&case.data_key)?;
        let case_key = ctx.vault.open(&data, &key_owner(case), &case.sealed_key)?;
        let case_key = case_key
            .try_into()
            .map_err(|_| Error::internal("case key has a wrong length"))?;
        Ok(Self { data, case_key })
    }
}

fn key_owner(case: &Case) -> Vec<u8> {
    format!("{}/key", case.id).into_bytes()
}

/// Makes the keys of a new case.
pub(crate) fn new_keys(ctx: &Ctx, case: &mut Case) -> Result<CaseKeys> {
    let (data, wrapped) = ctx.vault.new_key(&ctx.ids)?;
    let case_key: [u8; 32] = ctx.ids.bytes();
    case.data_key = wrapped;
    case.sealed_key = ctx
        .vault
        .seal(&ctx.ids, &data, &key_owner(case), &case_key)?;
    Ok(CaseKeys { data, case_key })
}

/// Who acts, as the record names them.
pub(crate) fn by(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case, permit: Permit) -> Result<By> {
    let basis = permit.basis.to_owned();
    Ok(match &ctx.actor {
        Actor::Officer(officer) => {
            let profile = tongban_accounts::officer(tx, officer.officer)?
                .ok_or_else(Error::unauthenticated)?;
            By {
                role: permit
                    .post
                    .map_or("officer", tongban_kernel::Post::key)
                    .to_owned(),
                officer: Some(officer.officer),
                organ: Some(officer.organ),
                name: profile.name,
                basis,
                behalf: None,
            }
        }
        Actor::Citizen(_) => By {
            role: "applicant".to_owned(),
            officer: None,
            organ: None,
            name: case.applyer_masked.clone(),
            basis,
            behalf: None,
        },
        Actor::Outside(outside) => By {
            role: "outside".to_owned(),
            officer: None,
            organ: Some(outside.organ),
            name: outside.name.clone(),
            basis,
            behalf: None,
        },
        Actor::System => By::system(basis),
        Actor::Anonymous => return Err(Error::unauthenticated()),
    })
}

/// Adds `fact` to the record of `case`: refuses what the state does not allow, makes the leaf, moves the state. The caller
/// saves the case row afterwards ([`commit`]).
pub(crate) fn record(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &mut Case,
    keys: &CaseKeys,
    fact: CaseFact,
    by: By,
    files: Value,
) -> Result<CaseEvent> {
    let now = ctx.now();
    let before = if case.event_n == 0 {
        None
    } else {
        Some(case.state.clone())
    };
    let state_before = before.as_ref().map_or("—", |state| state.label());
    let next = apply(before, &fact, now)?;
    let opinion = opinion_of(&fact);
    let mut builder = LeafBuilder::after(
        LeafKind::Case,
        &keys.case_key,
        case.event_n.into(),
        &case.prev,
        &case.prev_sm3,
    )
    .field("case_no", case.project_no.as_str())
    .field("event", fact.name())
    .field("actor", by.name.as_str())
    .field("actor_role", by.role.as_str())
    .field("organ", by.organ.map_or(Value::Null, |organ| json!(organ)))
    .field("policy_version", case.item_version.to_string())
    .field("state_before", state_before)
    .field("state_after", next.label())
    .field("files", files)
    .field("basis", by.basis.as_str())
    .field("request_id", ctx.request.to_string());
    if let Some(opinion) = opinion {
        builder = builder.field("opinion", opinion);
    }
    if let Some(behalf) = &by.behalf {
        builder = builder.field("delegate_of", behalf.words());
    }
    let SealedLeaf { entry, proof } = SealedLeaf::of(ctx, builder, now)?;
    let event = CaseEvent {
        seq: case.event_n,
        at: now,
        by,
        fact,
        leaf: hex::encode(entry.hash),
    };
    let sealed = ctx
        .vault
        .seal(&ctx.ids, &keys.data, &proof_owner(case, event.seq), &proof)?;
    events::append(tx, case.id, &event, &entry.hash, &sealed)?;
    append_leaf(tx, &ctx.ids, &entry, now)?;
    case.state = next;
    case.event_n += 1;
    case.prev = entry.hash;
    case.prev_sm3 = entry.hash_sm3;
    case.updated_at = now;
    Ok(event)
}

pub(crate) fn proof_owner(case: &Case, seq: u32) -> Vec<u8> {
    format!("{}/event/{seq}", case.id).into_bytes()
}

fn opinion_of(fact: &CaseFact) -> Option<Value> {
    match fact {
        CaseFact::PreReviewed { opinion } => Some(json!(opinion)),
        CaseFact::Reviewed {
            passed, opinion, ..
        } => Some(json!({"passed": passed, "opinion": opinion})),
        CaseFact::Granted { reason, .. }
        | CaseFact::Denied { reason, .. }
        | CaseFact::Refused { reason, .. }
        | CaseFact::NotRequired { reason }
        | CaseFact::Withdrawn { reason }
        | CaseFact::Annulled { reason } => Some(json!(reason)),
        CaseFact::ProcessMigrated { from, to, reason } => {
            Some(json!({"from": from, "to": to, "reason": reason}))
        }
        CaseFact::SupplementRequested { items, .. } => Some(json!(items)),
        CaseFact::RuleApplied(made) => Some(made.committed()),
        CaseFact::RuleFailed {
            decision, reason, ..
        } => Some(json!({"decision": decision, "reason": reason})),
        CaseFact::SpecialStarted {
            kind, days, reason, ..
        } => Some(json!({"kind": kind, "days": days, "reason": reason})),
        CaseFact::SpecialEnded { result } => Some(json!(result)),
        CaseFact::LicenceIssued { identifier, .. } => Some(json!(identifier)),
        CaseFact::Rated { level } => Some(json!(level)),
        CaseFact::Transferred {
            to_name, reason, ..
        } => Some(json!({"to": to_name, "reason": reason})),
        CaseFact::SentBack { to, reason, .. } | CaseFact::Redirected { to, reason, .. } => {
            Some(json!({"to": to, "reason": reason}))
        }
        CaseFact::Countersigned {
            agreed, opinion, ..
        } => Some(json!({"agreed": agreed, "opinion": opinion})),
        CaseFact::SignerAdded { organ_name, reason }
        | CaseFact::SignerRemoved { organ_name, reason } => {
            Some(json!({"organ": organ_name, "reason": reason}))
        }
        CaseFact::Terminated {
            ground,
            words,
            reason,
            ..
        } => Some(json!({"ground": words.as_deref().unwrap_or(ground.label()), "reason": reason})),
        CaseFact::Advice(advice) => Some(advice.opinion()),
        CaseFact::Delegated {
            to_name, reason, ..
        }
        | CaseFact::DelegationEnded {
            to_name, reason, ..
        } => Some(json!({"to": to_name, "reason": reason})),
        CaseFact::Urged { reason, .. } | CaseFact::TakenBack { reason, .. } => Some(json!(reason)),
        CaseFact::Repaired {
            way,
            detail,
            reason,
            ..
        } => Some(json!({"way": way, "detail": detail, "reason": reason})),
        CaseFact::StepReported { stage, text, .. } => Some(json!({"stage": stage, "text": text})),
        CaseFact::Received
        | CaseFact::Redispatched
        | CaseFact::Supplemented
        | CaseFact::Accepted { .. }
        | CaseFact::HandlingStarted
        | CaseFact::Delivered { .. } => None,
    }
}

/// Saves the row of `case`, moves its timers if its clocks have moved, and tells the subscribers what happened.
pub(crate) fn commit(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &mut Case,
    calendar: &Calendar,
    what: &[CaseEvent],
) -> Result<()> {
    // Nobody waits for an opinion any more, and who was asked for one sees the case no longer.
    if !case.state.is_open() && !case.guests.asked.is_empty() {
        advice::close_all(tx, case.id, ctx.now())?;
        case.guests.asked.clear();
        advice::put_guests(tx, case)?;
    }
    super::timers::retime(tx, case, calendar)?;
    cases::save(tx, case, calendar)?;
    announce(ctx, tx, case, what)
}

/// One outbox message for each event that somebody wants.
pub(crate) fn announce(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case, what: &[CaseEvent]) -> Result<()> {
    super::watch::happened(ctx, tx, case, what)?;
    for event in what {
        let kind = format!("cases.case.{}", event.fact.name());
        if !ctx.wants(&kind) {
            continue;
        }
        let data = json!({"project_no": case.project_no, "seq": event.seq});
        emit(tx, &ctx.ids, &Event::new(&kind, case.id, event.at, data))?;
    }
    Ok(())
}
