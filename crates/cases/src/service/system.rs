//! What the platform itself does to a case: answers of services, acceptance by silence, ratings.

use serde_json::Value;
use tongban_catalogue::offer;
use tongban_kernel::{Act, Actor, CaseId, Error, Permit, Result};
use tongban_process::Command;
use tongban_storage::{Ctx, Tx, params};

use super::accept::clocks;
use super::documents::want_document;
use super::drive::{Closing, drive, vars};
use super::parts::calendar;
use super::pre_review::answer_due;
use super::record::{CaseKeys, by, commit, record};
use crate::model::{Case, CaseFact, CaseState};
use crate::store::{cases, events};

/// A permit of the platform itself: only workers call the functions of this file.
fn permit(act: Act, basis: &'static str) -> Permit {
    Permit {
        act,
        post: None,
        basis,
    }
}

fn add(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &mut Case,
    fact: CaseFact,
    permit: Permit,
) -> Result<crate::model::CaseEvent> {
    let keys = CaseKeys::open(ctx, case)?;
    let by = by(ctx, tx, case, permit)?;
    record(ctx, tx, case, &keys, fact, by, Value::Array(Vec::new()))
}

/// The licence of a granted case has been issued: the service task ends, the licence is delivered electronically
/// (行政许可法 第四十四条). A repeat changes nothing.
pub async fn licence_issued(
    ctx: &Ctx,
    id: CaseId,
    work: u64,
    identifier: String,
    name: String,
) -> Result<()> {
    let ctx2 = ctx.as_actor(Actor::System);
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let mut case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
            if !case.process.open_work().any(|(open, _)| open == work) {
                return Ok(());
            }
            let calendar = calendar(ctx)?;
            let permit = permit(Act::IssueLicence, "行政许可法第四十四条");
            let issued = CaseFact::LicenceIssued {
                identifier: identifier.clone(),
                name: name.clone(),
            };
            let delivered = CaseFact::Delivered {
                way: "电子送达".to_owned(),
            };
            let happened = [
                add(ctx, tx, &mut case, issued, permit)?,
                add(ctx, tx, &mut case, delivered, permit)?,
            ];
            let command = Command::ServiceDone {
                work,
                vars: vars([]),
            };
            drive(ctx, tx, &mut case, &calendar, &command, Closing::default())?;
            commit(ctx, tx, &mut case, &calendar, &happened)
        })
        .await
}

/// Cases whose organ has been silent for longer than 第三十二条 allows; at most `limit`.
pub async fn silent_cases(ctx: &Ctx, limit: u32) -> Result<Vec<CaseId>> {
    let calendar = calendar(ctx)?;
    let today = ctx.clock.today();
    let waiting: Vec<(CaseId, CaseState)> = ctx
        .db
        .read(move |tx| {
            tx.all(
                "SELECT id, state FROM case_file WHERE is_open = 1 AND state_code = 1 ORDER BY updated_at LIMIT $1",
                params![limit],
                |row| Ok((row.id(0)?, row.json(1)?)),
            )
        })
        .await?;
    let mut silent = Vec::new();
    for (id, state) in waiting {
        let CaseState::Received { at } = state else {
            continue;
        };
        if answer_due(tongban_kernel::shanghai_date(at), &calendar)? < today {
            silent.push(id);
        }
    }
    Ok(silent)
}

/// 逾期视为受理: accepts a case whose organ was silent, from the day on which it was received
/// (行政许可法 第三十二条第一款第四项). Refused while the organ still has time.
pub async fn deem_accepted(ctx: &Ctx, id: CaseId) -> Result<()> {
    let ctx2 = ctx.as_actor(Actor::System);
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let mut case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
            let calendar = calendar(ctx)?;
            let CaseState::Received { at } = case.state else {
                return Ok(());
            };
            let on = tongban_kernel::shanghai_date(at);
            if answer_due(on, &calendar)? >= ctx.clock.today() {
                return Err(Error::conflict(
                    "case.not-silent",
                    "尚未超过五个工作日，不能视为受理",
                ));
            }
            let offer = offer(ctx, tx, case.item_version)?;
            case.clocks = Some(clocks(&offer, on)?);
            let permit = permit(Act::Accept, "行政许可法第三十二条第一款第四项");
            let document_no = want_document(
                ctx,
                tx,
                &case,
                "acceptance-notice",
                "受理通知书（逾期视为受理）",
            )?;
            let fact = CaseFact::Accepted {
                on,
                deemed: true,
                document_no,
            };
            let mut happened = vec![add(ctx, tx, &mut case, fact, permit)?];
            happened.push(add(ctx, tx, &mut case, CaseFact::HandlingStarted, permit)?);
            // The desks that were silent lose their task; the organs begin. Passing pre-review opens acceptance: two rounds.
            let closing = Closing {
                officer: None,
                for_officer: None,
                outcome: Some("逾期视为受理"),
            };
            for _ in 0..2 {
                for task in open_desks(&case) {
                    let vars = vars([("outcome", Value::from("accept"))]);
                    let command = Command::Complete { task, vars };
                    drive(ctx, tx, &mut case, &calendar, &command, closing)?;
                }
            }
            commit(ctx, tx, &mut case, &calendar, &happened)
        })
        .await
}

/// Open tasks of pre-review and acceptance, by the elements of the reference process.
fn open_desks(case: &Case) -> Vec<u64> {
    case.process
        .open_tasks()
        .filter(|(_, element)| matches!(element.as_ref(), "pre_review" | "accept"))
        .map(|(task, _)| task)
        .collect()
}

/// Whether `id` belongs to whoever acts, has ended, and can be rated; the facts that a rating keeps.
pub fn rateable(ctx: &Ctx, tx: &mut Tx<'_>, id: CaseId) -> Result<Rateable> {
    let case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
    ctx.authorize(
        Act::Rate,
        tongban_kernel::Resource::Case(&case.facts(None, Vec::new())),
    )?;
    if case.state.is_open() {
        return Err(Error::conflict("rating.open", "办结后才能评价"));
    }
    Ok(Rateable {
        project_no: case.project_no,
        task_code: case.task_code,
        task_name: case.task_name,
        organ: case.organ,
    })
}

/// What a rating keeps of its case.
pub struct Rateable {
    pub project_no: String,
    pub task_code: String,
    pub task_name: String,
    pub organ: tongban_kernel::OrganId,
}

/// Adds the rating to the record of the case, in the transaction that stores it.
pub fn record_rating(ctx: &Ctx, tx: &mut Tx<'_>, id: CaseId, level: u8) -> Result<()> {
    let mut case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
    let permit = ctx.authorize(
        Act::Rate,
        tongban_kernel::Resource::Case(&case.facts(None, Vec::new())),
    )?;
    let calendar = calendar(ctx)?;
    let event = add(ctx, tx, &mut case, CaseFact::Rated { level }, permit)?;
    commit(ctx, tx, &mut case, &calendar, &[event])
}

/// Replays the record of a case and compares it with its row: what the daily auditor and a test do.
pub async fn audit_case(ctx: &Ctx, id: CaseId) -> Result<bool> {
    ctx.db
        .read(move |tx| {
            let record = events::of_case(tx, id)?;
            let rebuilt = crate::model::rebuild(&record)
                .map_err(|refusal| Error::internal(format!("record of {id}: {refusal}")))?;
            Ok(rebuilt == cases::state(tx, id)?)
        })
        .await
}
