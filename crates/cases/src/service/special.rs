//! 特别程序: hearing, inspection, expert review and the like. The clock stands still, and the applicant is told for how long
//! (行政许可法 第四十五条).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongban_kernel::{Act, CaseId, Error, Resource, Result};
use tongban_limits::{Suspension, SuspensionReason};
use tongban_process::Command;
use tongban_storage::Ctx;

use super::act::required;
use super::drive::{Closing, drive};
use super::parts::calendar;
use super::record::{CaseKeys, by, commit, record};
use crate::model::{CaseClocks, CaseFact};
use crate::store::cases;

/// What is started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StartSpecial {
    pub kind: SuspensionReason,
    /// The working days announced to the applicant.
    pub days: u32,
    pub reason: String,
}

/// Starts a special procedure; nobody can act on the case until it ends.
pub async fn start_special(ctx: &Ctx, id: CaseId, what: StartSpecial) -> Result<String> {
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let mut case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
            let permit = ctx.authorize(
                Act::SpecialProcedure,
                Resource::Case(&case.facts(None, Vec::new())),
            )?;
            let keys = CaseKeys::open(ctx, &case)?;
            let reason = required(&what.reason, "reason", "启动特别程序的理由")?;
            let calendar = calendar(ctx)?;
            let today = ctx.clock.today();
            let suspension = Suspension::open(what.kind.clone(), today, Some(what.days));
            case.clocks = case
                .clocks
                .take()
                .map(|clocks| suspended(clocks, &suspension))
                .transpose()?;
            let fact = CaseFact::SpecialStarted {
                kind: what.kind.label().to_owned(),
                days: what.days,
                basis: what.kind.basis().to_owned(),
                reason: reason.clone(),
            };
            let by = by(ctx, tx, &case, permit)?;
            let event = record(
                ctx,
                tx,
                &mut case,
                &keys,
                fact,
                by,
                Value::Array(Vec::new()),
            )?;
            drive(
                ctx,
                tx,
                &mut case,
                &calendar,
                &Command::Suspend { reason },
                Closing::default(),
            )?;
            commit(ctx, tx, &mut case, &calendar, &[event])?;
            Ok(case.project_no)
        })
        .await
}

fn suspended(clocks: CaseClocks, suspension: &Suspension) -> Result<CaseClocks> {
    let refused = |source: tongban_limits::ClockError| Error::conflict("clock", source.to_string());
    Ok(CaseClocks {
        promised: clocks
            .promised
            .suspend(suspension.clone())
            .map_err(refused)?,
        statutory: clocks
            .statutory
            .suspend(suspension.clone())
            .map_err(refused)?,
    })
}

/// Ends the special procedure with its result; the clock goes on.
pub async fn end_special(ctx: &Ctx, id: CaseId, result: String) -> Result<String> {
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let mut case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
            let permit = ctx.authorize(
                Act::SpecialProcedure,
                Resource::Case(&case.facts(None, Vec::new())),
            )?;
            let keys = CaseKeys::open(ctx, &case)?;
            let result = required(&result, "result", "特别程序的结果")?;
            let (calendar, today) = (calendar(ctx)?, ctx.clock.today());
            let refused =
                |source: tongban_limits::ClockError| Error::conflict("clock", source.to_string());
            case.clocks = match case.clocks.take() {
                Some(clocks) => Some(CaseClocks {
                    promised: clocks.promised.resume(today).map_err(refused)?,
                    statutory: clocks.statutory.resume(today).map_err(refused)?,
                }),
                None => None,
            };
            let by = by(ctx, tx, &case, permit)?;
            let fact = CaseFact::SpecialEnded { result };
            let event = record(
                ctx,
                tx,
                &mut case,
                &keys,
                fact,
                by,
                Value::Array(Vec::new()),
            )?;
            drive(
                ctx,
                tx,
                &mut case,
                &calendar,
                &Command::Resume,
                Closing::default(),
            )?;
            commit(ctx, tx, &mut case, &calendar, &[event])?;
            Ok(case.project_no)
        })
        .await
}
