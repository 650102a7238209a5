//! 决定, with a reason; a refusal also names the remedies (行政许可法 第三十八条).

use serde::{Deserialize, Serialize};
use serde_json::json;
use tongban_catalogue::offer;
use tongban_kernel::{Act, Result};
use tongban_storage::{Ctx, Tx};

use super::act::{OnTask, on_task, required};
use super::documents::want_document;
use super::drive::vars;
use crate::model::{Case, CaseFact};

/// The decision.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Decide {
    pub granted: bool,
    pub reason: String,
}

/// What every refusal tells where the item publishes nothing of its own (行政复议法 第二十条、行政诉讼法 第四十六条).
pub(crate) const REMEDIES: &str = "如不服本决定，可以自收到本决定书之日起六十日内依法申请行政复议，或者自收到之日起六个月内依法向人民法院提起行政诉讼。";

pub async fn decide(ctx: &Ctx, wish: OnTask<Decide>) -> Result<String> {
    on_task(ctx, wish, Act::Decide, |ctx, tx, acting, calendar, what| {
        let reason = required(&what.reason, "reason", "决定的理由")?;
        let today = ctx.clock.today();
        stop_clocks(acting, today)?;
        if what.granted {
            want_document(
                ctx,
                tx,
                &acting.case,
                "decision-grant",
                "准予行政许可决定书",
            )?;
            acting.record(
                ctx,
                tx,
                CaseFact::Granted {
                    reason,
                    tolerance: false,
                },
            )?;
            acting.complete(
                ctx,
                tx,
                calendar,
                "准予",
                vars([("decision", json!("grant"))]),
            )
        } else {
            let remedies = remedies(ctx, tx, &acting.case)?;
            want_document(
                ctx,
                tx,
                &acting.case,
                "decision-refuse",
                "不予行政许可决定书",
            )?;
            acting.record(ctx, tx, CaseFact::Denied { reason, remedies })?;
            acting.complete(
                ctx,
                tx,
                calendar,
                "不予许可",
                vars([("decision", json!("refuse"))]),
            )
        }
    })
    .await
}

/// Where to go against a decision: what the item publishes, else what the law says.
pub(crate) fn remedies(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<String> {
    let offer = offer(ctx, tx, case.item_version)?;
    let own = [
        &offer.item.administrative_review,
        &offer.item.administrative_litigation,
    ];
    let own: Vec<&str> = own.into_iter().flatten().map(String::as_str).collect();
    Ok(match own.is_empty() {
        true => REMEDIES.to_owned(),
        false => own.join("\n"),
    })
}

fn stop_clocks(acting: &mut super::act::Acting, today: jiff::civil::Date) -> Result<()> {
    let Some(clocks) = acting.case.clocks.take() else {
        return Ok(());
    };
    acting.case.clocks = Some(clocks.both(|clock| clock.stop(today))?);
    Ok(())
}
