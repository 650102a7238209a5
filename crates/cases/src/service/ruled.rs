//! What published rules decided in a case: facts of its record with their leaves; what could not be decided holds the case until a
//! version of the file is published that can (个人信息保护法 第二十四条: 自动化决策的透明度).

use serde_json::{Map, Value};
use tongban_kernel::{Actor, CaseId, Error, Event, Result};
use tongban_process::{self as process, Command, Effect, Id, Step};
use tongban_storage::{Ctx, Tx, emit};

use super::drive::{Closing, drive, number};
use super::look::case_by_number;
use super::parts::{CaseLibrary, calendar};
use super::record::{CaseKeys, announce, commit, record};
use super::rules::{Failed, Made};
use crate::model::{By, Case, CaseFact, RuleDecision};
use crate::store::{cases, decisions as store, events};

/// Automated: by the published process and its published rules.
const BASIS: &str = "行政许可法第四条、第三十条，个人信息保护法第二十四条";

/// A case goes on that waits for a decision of which there is a newer version; its subject is the case. Answer with [`retry_case`].
pub const DECISION_WANTED: &str = "cases.decision.wanted";

/// The decisions of one step, and where it is held.
pub(crate) struct Ruled {
    made: Vec<One>,
}

/// The name of the task, and what was made of it; where it failed, the token that waits.
type One = (String, std::result::Result<Made, (Failed, Option<u64>)>);

impl Ruled {
    /// What was made while the engine stepped; its events and effects tell at which tasks, in the same order.
    pub(crate) fn of(library: &CaseLibrary, stepped: &Step) -> Self {
        let mut decided = stepped.events.iter().filter_map(|event| match event {
            process::Event::Decided { element, .. } => Some(element),
            _ => None,
        });
        let mut held = stepped.effects.iter().filter_map(|effect| match effect {
            Effect::Incident {
                token,
                element,
                reason,
            } => Some((*token, element, reason)),
            _ => None,
        });
        let name =
            |element: Option<&Id>| element.map_or_else(String::new, |id| library.name_of(id));
        let made = library.made().into_iter();
        let made = made.map(|one| match one {
            Ok(made) => (name(decided.next()), Ok(made)),
            Err(failed) => {
                let at = held.find(|(_, _, reason)| **reason == failed.words);
                let token = at.map(|(token, ..)| token);
                (
                    name(at.map(|(_, element, _)| element)),
                    Err((failed, token)),
                )
            }
        });
        Self {
            made: made.collect(),
        }
    }

    /// Writes it into the record of the case, in the transaction of the step. The caller saves the row of the case.
    pub(crate) fn keep(self, ctx: &Ctx, tx: &mut Tx<'_>, case: &mut Case) -> Result<()> {
        if self.made.is_empty() {
            return Ok(());
        }
        let keys = CaseKeys::open(ctx, case)?;
        let mut happened = Vec::new();
        for (task, one) in self.made {
            happened.push(match one {
                Ok(made) => kept(ctx, tx, case, &keys, task, made)?,
                Err((failed, token)) => {
                    if let Some(token) = token {
                        store::hold(tx, case.id, number(token), &failed.name, ctx.now())?;
                    }
                    let fact = CaseFact::RuleFailed {
                        task,
                        decision: failed.decision,
                        reason: failed.words,
                    };
                    record(
                        ctx,
                        tx,
                        case,
                        &keys,
                        fact,
                        By::system(BASIS.to_owned()),
                        Value::Array(Vec::new()),
                    )?
                }
            });
        }
        announce(ctx, tx, case, &happened)
    }
}

fn kept(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &mut Case,
    keys: &CaseKeys,
    task: String,
    made: Made,
) -> Result<crate::model::CaseEvent> {
    let inputs = serde_json::to_vec(&made.inputs)
        .map_err(|source| Error::internal("inputs cannot be written").source(source))?;
    let sealed = ctx
        .vault
        .seal(&ctx.ids, &keys.data, &owner(case.id, case.event_n), &inputs)?;
    store::put_inputs(tx, case.id, case.event_n, &sealed)?;
    let decision = RuleDecision {
        task,
        model: made.name,
        title: made.title,
        hash: made.hash,
        decision: made.decision,
        rules: made.rules,
        output: made.output,
        inputs: made.inputs,
    };
    let fact = CaseFact::RuleApplied(Box::new(decision));
    record(
        ctx,
        tx,
        case,
        keys,
        fact,
        By::system(BASIS.to_owned()),
        Value::Array(Vec::new()),
    )
}

fn owner(case: CaseId, seq: u32) -> Vec<u8> {
    format!("{case}/decision/{seq}").into_bytes()
}

/// A decision by rules in a case, with what it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRule {
    /// The event of the record that tells it.
    pub seq: u32,
    pub at: jiff::Timestamp,
    pub made: RuleDecision,
    pub inputs: Map<String, Value>,
}

/// What published rules decided in the case with this 办件编号: for whoever may see it.
pub async fn case_rules(ctx: &Ctx, project_no: &str) -> Result<Vec<CaseRule>> {
    Ok(case_by_number(ctx, project_no).await?.rules)
}

/// What published rules decided in a case. The caller has authorised the look.
pub(crate) fn rules_of(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<Vec<CaseRule>> {
    let sealed = store::inputs_of(tx, case.id)?;
    if sealed.is_empty() {
        return Ok(Vec::new());
    }
    let keys = CaseKeys::open(ctx, case)?;
    let mut found = Vec::new();
    for event in events::of_case(tx, case.id)? {
        let CaseFact::RuleApplied(made) = event.fact else {
            continue;
        };
        let own = sealed.iter().find(|(seq, _)| *seq == event.seq);
        let inputs = match own {
            Some((seq, sealed)) => {
                let json = ctx.vault.open(&keys.data, &owner(case.id, *seq), sealed)?;
                serde_json::from_slice(&json)
                    .map_err(|source| Error::internal("corrupt inputs").source(source))?
            }
            None => Map::new(),
        };
        found.push(CaseRule {
            seq: event.seq,
            at: event.at,
            made: *made,
            inputs,
        });
    }
    Ok(found)
}

/// A new version of the file `name` is there: the cases that waited for it ask again, one transaction each. Whatever still fails goes on
/// waiting. A repeat finds nothing to do. One that cannot go on holds no other up; the answer tells of the first such one.
pub async fn retry_held(ctx: &Ctx, name: &str) -> Result<()> {
    const ROUND: u32 = 100;
    let ctx = ctx.as_actor(Actor::System);
    let (mut last, mut first) = (String::new(), Ok(()));
    loop {
        let (name2, after) = (name.to_owned(), last.clone());
        let round = ctx
            .db
            .read(move |tx| store::held(tx, &name2, &after, ROUND))
            .await?;
        for id in &round {
            let (ctx2, id) = (ctx.clone(), *id);
            let done = ctx.db.write(move |tx| retry(&ctx2, tx, id)).await;
            if let Err(error) = done {
                tracing::warn!(case.id = %id, "held decision: {error}");
                first = first.and(Err(error));
            }
        }
        match round.last() {
            Some(id) if round.len() == ROUND as usize => last = super::process_admin::row_id(*id),
            _ => return first,
        }
    }
}

/// A case goes on after a special procedure; a version that was published meanwhile has passed it by, so it asks right after the commit.
pub(crate) fn resumed(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<()> {
    if !ctx.wants(DECISION_WANTED) || !store::missed_a_version(tx, case.id)? {
        return Ok(());
    }
    let event = Event::new(DECISION_WANTED, case.id, ctx.now(), Value::Null);
    emit(tx, &ctx.ids, &event).map(|_| ())
}

/// The case asks again what it waits for. A repeat finds nothing to do.
pub async fn retry_case(ctx: &Ctx, subject: &str) -> Result<()> {
    let id: CaseId = subject.parse().map_err(|_| Error::not_found())?;
    let ctx = ctx.as_actor(Actor::System);
    let ctx2 = ctx.clone();
    ctx.db.write(move |tx| retry(&ctx2, tx, id)).await
}

fn retry(ctx: &Ctx, tx: &mut Tx<'_>, id: CaseId) -> Result<()> {
    let mut case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
    let calendar = calendar(ctx)?;
    let mut moved = false;
    for token in store::held_tokens(tx, id)? {
        let held = u64::try_from(token).unwrap_or_default();
        // It waits, but not for this any more: sent elsewhere by order, or over.
        if !case.process.incidents.contains(&held) {
            store::release(tx, id, token)?;
            continue;
        }
        if case.process.status == tongban_process::Status::Suspended {
            continue;
        }
        store::release(tx, id, token)?;
        let command = Command::Retry { token: held };
        drive(ctx, tx, &mut case, &calendar, &command, Closing::default())?;
        moved = true;
    }
    if moved {
        commit(ctx, tx, &mut case, &calendar, &[])?;
    }
    Ok(())
}
