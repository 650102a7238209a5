//! 特别程序: hearing, inspection, expert review and the like. The clock stands still, and the applicant is told for how long
//! (行政许可法 第四十五条).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Act, CaseId, Result};
use tongban_limits::{Suspension, SuspensionReason};
use tongban_process::Command;
use tongban_storage::Ctx;

use super::act::{enact, load_case, required};
use crate::model::{CaseClocks, CaseFact};

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
    turn(ctx, id, move |clocks, today| {
        let reason = required(&what.reason, "reason", "启动特别程序的理由")?;
        let suspension = Suspension::open(what.kind.clone(), today, Some(what.days));
        let clocks = clocks
            .map(|clocks| clocks.both(|clock| clock.suspend(suspension.clone())))
            .transpose()?;
        let fact = CaseFact::SpecialStarted {
            kind: what.kind.label().to_owned(),
            days: what.days,
            basis: what.kind.basis().to_owned(),
            reason: reason.clone(),
        };
        Ok((clocks, fact, Command::Suspend { reason }))
    })
    .await
}

/// Ends the special procedure with its result; the clock goes on.
pub async fn end_special(ctx: &Ctx, id: CaseId, result: String) -> Result<String> {
    turn(ctx, id, move |clocks, today| {
        let result = required(&result, "result", "特别程序的结果")?;
        let clocks = clocks
            .map(|clocks| clocks.both(|clock| clock.resume(today)))
            .transpose()?;
        Ok((clocks, CaseFact::SpecialEnded { result }, Command::Resume))
    })
    .await
}

/// What both have in common: `change` gives the clocks as they then are, the fact for the record, and the command to the process.
async fn turn<F>(ctx: &Ctx, id: CaseId, change: F) -> Result<String>
where
    F: Fn(Option<CaseClocks>, Date) -> Result<(Option<CaseClocks>, CaseFact, Command)>
        + Send
        + 'static,
{
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let (mut case, keys, permit) = load_case(ctx, tx, id, Act::SpecialProcedure)?;
            let (clocks, fact, command) = change(case.clocks.take(), ctx.clock.today())?;
            case.clocks = clocks;
            enact(ctx, tx, &mut case, &keys, permit, fact, &[command])
        })
        .await
}
