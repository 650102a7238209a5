//! Moving running cases to another version of their process: what would happen, the order, and its execution, one transaction per
//! case. A case that has no place in the new version stays where it is, and the report says why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tongban_kernel::{Act, Actor, CaseId, Error, ErrorKind, Event, Permit, Post, Resource, Result};
use tongban_process::{Definition, Id, State, Status, Step, migrate};
use tongban_storage::{Ctx, Replay, Stored, Tx, emit, remember, replay};

use super::MOVE_ORDERED;
use super::publish::reason_of;
use crate::model::{By, Case, CaseFact, Move, MoveOrder, MoveReport, MovedCase};
use crate::service::drive::{Closing, take};
use crate::service::parts::{CaseLibrary, calendar, definition};
use crate::service::record::{CaseKeys, commit, record};
use crate::service::ruled::Ruled;
use crate::store::published::PROCESSES;
use crate::store::{cases, process_moves as moves, tasks};

/// Cases in one round.
const ROUND: u32 = 100;
/// Most lines of a report.
const LINES_MAX: u32 = 1_000;
/// How often a case is tried anew that somebody else was just working on.
const TRIES: usize = 3;

/// One place of the old version, with the places in the new version where it may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovePlace {
    pub id: String,
    pub name: String,
    /// BPMN element, or `sequenceFlow`.
    pub element: String,
    /// How many open cases are there now.
    pub cases: u64,
}

/// What the mapping form needs.
#[derive(Debug, Clone)]
pub struct MoveForm {
    pub name: String,
    pub running: u64,
    pub from: Arc<Definition>,
    pub to: Arc<Definition>,
    /// Places of the old version in which cases stand or may stand, those with cases first.
    pub places: Vec<MovePlace>,
}

/// What a move would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MoveTrial {
    pub movable: u64,
    pub refused: u64,
    /// Those that would be refused first, at most a thousand.
    pub cases: Vec<MovedCase>,
}

/// Where the cases of a state stand: its tokens, armed events and open scopes.
fn stands(state: &State) -> BTreeSet<Id> {
    let tokens = state.tokens.iter().map(|t| &t.at);
    tokens.cloned().collect()
}

/// The two versions of a move, which have to be published versions of one process.
fn versions(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    what: &Move,
) -> Result<(String, Arc<Definition>, Arc<Definition>)> {
    let from = PROCESSES
        .one(tx, &what.from)?
        .ok_or_else(Error::not_found)?;
    let to = PROCESSES.one(tx, &what.to)?.ok_or_else(Error::not_found)?;
    if from.hash == to.hash || from.name != to.name {
        return Err(Error::invalid("process.move", "请选择同一流程的另一个版本"));
    }
    let old = definition(ctx, tx, &from.hash)?;
    Ok((from.name, old, definition(ctx, tx, &to.hash)?))
}

/// Every open case on a version, in rounds.
fn each(
    tx: &mut Tx<'_>,
    hash: &str,
    mut look: impl FnMut(&mut Tx<'_>, Case) -> Result<()>,
) -> Result<()> {
    let mut last = String::new();
    loop {
        let round = moves::running(tx, hash, &last, ROUND)?;
        for id in &round {
            if let Some(case) = cases::get(tx, *id)? {
                look(tx, case)?;
            }
        }
        match round.last() {
            Some(id) if round.len() == ROUND as usize => last = row_id(*id),
            _ => return Ok(()),
        }
    }
}

/// An id as rows keep it.
pub(crate) fn row_id(id: CaseId) -> String {
    use tongban_kernel::TypedId as _;
    id.uuid().simple().to_string()
}

/// What may be mapped from one version to another, and how many cases stand where.
pub async fn move_form(ctx: &Ctx, from: &str, to: &str) -> Result<MoveForm> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let what = Move {
        from: from.to_owned(),
        to: to.to_owned(),
        map: BTreeMap::new(),
    };
    let ctx2 = ctx.clone();
    ctx.db
        .read_long(move |tx| {
            let (name, from, to) = versions(&ctx2, tx, &what)?;
            let (mut live, mut running) = (BTreeMap::<Id, u64>::new(), 0);
            each(tx, &what.from, |_, case| {
                running += 1;
                for at in stands(&case.process) {
                    *live.entry(at).or_default() += 1;
                }
                Ok(())
            })?;
            Ok(MoveForm {
                places: places(&from, &live),
                name,
                running,
                from,
                to,
            })
        })
        .await
}

fn places(from: &Definition, live: &BTreeMap<Id, u64>) -> Vec<MovePlace> {
    let here = |id: &Id| live.get(id).copied().unwrap_or_default();
    let elements = from.elements().filter(|element| {
        let rests = !matches!(element.element, "startEvent" | "endEvent" | "boundaryEvent")
            && (!element.element.ends_with("Gateway") || element.element == "eventBasedGateway")
            && element.element != "intermediateThrowEvent";
        rests || here(element.id) > 0
    });
    let mut found: Vec<MovePlace> = elements
        .map(|element| MovePlace {
            id: element.id.to_string(),
            name: element.name.to_owned(),
            element: element.element.to_owned(),
            cases: here(element.id),
        })
        .collect();
    for (id, name, source, target) in from.sequence_flows() {
        let cases = here(id);
        if cases > 0 {
            let name = if name.is_empty() {
                format!("{source} → {target}")
            } else {
                name.to_owned()
            };
            found.push(MovePlace {
                id: id.to_string(),
                name,
                element: "sequenceFlow".to_owned(),
                cases,
            });
        }
    }
    found.sort_by_key(|place| std::cmp::Reverse(place.cases));
    found
}

/// The engine's answer for one case; nothing is written.
fn planned(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    what: &Move,
) -> Result<std::result::Result<(Step, Ruled), Vec<String>>> {
    let old = definition(ctx, tx, &what.from)?;
    let library = CaseLibrary::of(ctx, tx, case, &what.to)?;
    let new = definition(ctx, tx, &what.to)?;
    let own = case.process.scope(0).map(|scope| &scope.element);
    let process = match own.filter(|own| new.processes().any(|id| id == *own)) {
        Some(own) => own,
        None => new.id(),
    };
    let map = what
        .map
        .iter()
        .map(|(old, new)| (Id::from(old.as_str()), Id::from(new.as_str())))
        .collect();
    let planned = migrate(&old, &library, process, &case.process, &map, ctx.now());
    Ok(planned.and_then(|step| {
        let reasons = changed_hands(&old, &new, &case.process, &step.state);
        if reasons.is_empty() {
            let ruled = Ruled::of(&library, &step);
            Ok((step, ruled))
        } else {
            Err(reasons)
        }
    }))
}

/// Open tasks that would go on, but from the applicant to an officer or back: neither would find them.
fn changed_hands(old: &Definition, new: &Definition, before: &State, after: &State) -> Vec<String> {
    let applicants = |of: &Definition| -> BTreeSet<Id> {
        let own = of
            .duties()
            .filter(|d| d.post.as_deref() == Some("applicant"));
        own.map(|duty| duty.element).collect()
    };
    let (theirs, then) = (applicants(old), applicants(new));
    let were: BTreeMap<u64, &Id> = before.own_tasks().collect();
    after
        .own_tasks()
        .filter_map(|(task, at)| {
            let was = were.get(&task)?;
            let same = theirs.contains(*was) == then.contains(at);
            (!same).then(|| format!("“{was}”不能移到“{at}”：办理人在申请人和工作人员之间变了"))
        })
        .collect()
}

/// What a move would do to every open case; nothing is written.
pub async fn try_move(ctx: &Ctx, what: &Move) -> Result<MoveTrial> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let (ctx2, what) = (ctx.clone(), what.clone());
    ctx.db
        .read_long(move |tx| {
            versions(&ctx2, tx, &what)?;
            let (mut trial, mut fine) = (MoveTrial::default(), Vec::new());
            each(tx, &what.from, |tx, case| {
                let reasons = planned(&ctx2, tx, &case, &what)?.err().unwrap_or_default();
                let most = LINES_MAX as usize;
                let line = MovedCase {
                    project_no: case.project_no,
                    reasons,
                };
                let list = if line.reasons.is_empty() {
                    trial.movable += 1;
                    &mut fine
                } else {
                    trial.refused += 1;
                    &mut trial.cases
                };
                if list.len() < most {
                    list.push(line);
                }
                Ok(())
            })?;
            trial.cases.extend(fine);
            trial.cases.truncate(LINES_MAX as usize);
            Ok(trial)
        })
        .await
}

/// Who orders a move, as the record of every case names them.
fn orderer(ctx: &Ctx, tx: &mut Tx<'_>, permit: Permit) -> Result<By> {
    let Actor::Officer(officer) = &ctx.actor else {
        return Err(Error::unauthenticated());
    };
    let profile =
        tongban_accounts::officer(tx, officer.officer)?.ok_or_else(Error::unauthenticated)?;
    Ok(By {
        role: permit.post.map_or("officer", Post::key).to_owned(),
        officer: Some(officer.officer),
        organ: Some(officer.organ),
        name: profile.name,
        basis: permit.basis.to_owned(),
        behalf: None,
    })
}

/// Orders a move; it is carried out in the background. Answers with its number; a repeat under the same key with the same number.
pub async fn order_move(ctx: &Ctx, what: Move, reason: &str, key: &str) -> Result<u32> {
    let permit = ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let reason = reason_of(reason)?;
    let request = serde_json::to_vec(&("process-move", &what, &reason))
        .map_err(|source| Error::internal("request cannot be written").source(source))?;
    let (ctx2, key) = (ctx.clone(), key.to_owned());
    ctx.db
        .write(move |tx| {
            let (ctx, principal, now) = (&ctx2, ctx2.actor.principal(), ctx2.now());
            if let Replay::Seen(answer) = replay(tx, &principal, &key, &request)? {
                return answer
                    .body
                    .parse()
                    .map_err(|_| Error::internal("corrupt answer of a key"));
            }
            versions(ctx, tx, &what)?;
            let order = MoveOrder {
                what: what.clone(),
                reason: reason.clone(),
                by: orderer(ctx, tx, permit)?,
            };
            let n = moves::insert(tx, &order, now)?;
            let event = Event::new(MOVE_ORDERED, n, now, serde_json::json!({"n": n}));
            emit(tx, &ctx.ids, &event)?;
            let answer = Stored {
                status: 202,
                body: n.to_string(),
            };
            remember(tx, &principal, &key, &request, &answer, now)?;
            Ok(n)
        })
        .await
}

/// A move with how its cases fared, those that were refused first, at most a thousand.
pub async fn move_report(ctx: &Ctx, n: u32) -> Result<(MoveReport, Vec<MovedCase>)> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    ctx.db
        .read(move |tx| {
            let report = moves::get(tx, n)?.ok_or_else(Error::not_found)?;
            Ok((report, moves::cases(tx, n, LINES_MAX)?))
        })
        .await
}

/// Carries an order out. For workers: what was done before is not done again, whoever was interrupted goes on.
pub async fn run_move(ctx: &Ctx, n: u32) -> Result<()> {
    let report = ctx.db.read(move |tx| moves::get(tx, n)).await?;
    let report = report.ok_or_else(Error::not_found)?;
    if report.finished_at.is_some() {
        return Ok(());
    }
    let order = Arc::new(report.order);
    let mut last = String::new();
    loop {
        let (hash, after) = (order.what.from.clone(), last.clone());
        let round = ctx
            .db
            .read(move |tx| moves::running(tx, &hash, &after, ROUND))
            .await?;
        for id in &round {
            move_one(ctx, n, &order, *id).await?;
        }
        match round.last() {
            Some(id) if round.len() == ROUND as usize => last = row_id(*id),
            _ => break,
        }
    }
    let now = ctx.now();
    ctx.db.write(move |tx| moves::finish(tx, n, now)).await
}

/// One case: moved in one transaction, or refused and left as it is.
async fn move_one(ctx: &Ctx, n: u32, order: &Arc<MoveOrder>, id: CaseId) -> Result<()> {
    let mut refused = None;
    for _ in 0..TRIES {
        let (ctx2, order) = (ctx.clone(), Arc::clone(order));
        let moved = ctx
            .db
            .write(move |tx| move_in(&ctx2, tx, n, &order, id))
            .await;
        match moved {
            Ok(()) => return Ok(()),
            // The store is in trouble, not the case: the whole order is tried again later.
            Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
            Err(error) => {
                tracing::warn!(case.id = %id, "case cannot be moved: {error}");
                let again = error.kind() == ErrorKind::Conflict;
                refused = Some(error);
                if !again {
                    break;
                }
            }
        }
    }
    let why = refused.map_or_else(String::new, |error| error.message().to_owned());
    let now = ctx.now();
    ctx.db
        .write(move |tx| {
            let Some(case) = cases::get(tx, id)? else {
                return Ok(());
            };
            let line = MovedCase {
                project_no: case.project_no,
                reasons: vec![why.clone()],
            };
            moves::put_case(tx, n, id, &line, now)
        })
        .await
}

fn move_in(ctx: &Ctx, tx: &mut Tx<'_>, n: u32, order: &MoveOrder, id: CaseId) -> Result<()> {
    let what = &order.what;
    let Some(mut case) = cases::get(tx, id)? else {
        return Ok(());
    };
    let gone = case.process_hash != what.from
        || !case.state.is_open()
        || case.process.status == Status::Ended;
    if gone || moves::has_case(tx, n, id)? {
        return Ok(());
    }
    let mut line = MovedCase {
        project_no: case.project_no.clone(),
        reasons: Vec::new(),
    };
    match planned(ctx, tx, &case, what)? {
        Err(reasons) => line.reasons = reasons,
        Ok((step, ruled)) => carry_over(ctx, tx, &mut case, order, step, ruled)?,
    }
    moves::put_case(tx, n, id, &line, ctx.now())
}

/// The moved state, its effects, the names of tasks, the version, and the event in the record.
fn carry_over(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &mut Case,
    order: &MoveOrder,
    step: Step,
    ruled: Ruled,
) -> Result<()> {
    let (what, calendar) = (&order.what, calendar(ctx)?);
    moves::pin(tx, case.id, &what.from, &what.to)?;
    case.process_hash.clone_from(&what.to);
    take(ctx, tx, case, &calendar, step, Closing::default())?;
    let new = definition(ctx, tx, &what.to)?;
    rename_tasks(tx, case, &new)?;
    let keys = CaseKeys::open(ctx, case)?;
    let fact = CaseFact::ProcessMigrated {
        from: what.from.clone(),
        to: what.to.clone(),
        reason: order.reason.clone(),
    };
    let files = Value::Array(Vec::new());
    let event = record(ctx, tx, case, &keys, fact, order.by.clone(), files)?;
    ruled.keep(ctx, tx, case)?;
    commit(ctx, tx, case, &calendar, &[event])
}

/// Open tasks are called, and done, as the new version says. A post that only a formula tells stays.
fn rename_tasks(tx: &mut Tx<'_>, case: &Case, new: &Definition) -> Result<()> {
    let duties: BTreeMap<Id, _> = new.duties().map(|d| (Id::clone(&d.element), d)).collect();
    for (number, element) in case.process.own_tasks() {
        let Some(duty) = duties.get(element) else {
            continue;
        };
        let post = duty.post.as_deref().and_then(Post::from_key);
        let act = duty.act.as_deref().unwrap_or_default();
        tasks::rename(tx, case.id, number, element, &duty.name, act, post)?;
    }
    Ok(())
}
