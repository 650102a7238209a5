//! 受理: the clock starts, the organs begin, a stamped notice is made (行政许可法 第三十二条第一款第五项、第二款).

use serde::{Deserialize, Serialize};
use tongban_catalogue::{Offer, offer};
use tongban_kernel::{Act, Error, Result};
use tongban_limits::{ClockKind, LimitUnit, StatutoryClock};
use tongban_storage::Ctx;

use super::act::{OnTask, on_task};
use super::documents::want_document;
use super::drive::vars;
use crate::model::{CaseClocks, CaseFact};

/// Nothing to choose: a complete application must be accepted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Accept {}

/// Accepts the case. The day after today counts first.
pub async fn accept(ctx: &Ctx, wish: OnTask<Accept>) -> Result<String> {
    on_task(ctx, wish, Act::Accept, |ctx, tx, acting, calendar, _| {
        // Sent back to this step: the acceptance stands, its notice is out and its clocks run; the organs begin again.
        if acting.case.state.acceptance().is_some() {
            acting.record(ctx, tx, CaseFact::Redispatched)?;
            return acting.complete(ctx, tx, calendar, "重新分送", vars([]));
        }
        let offer = offer(ctx, tx, acting.case.item_version)?;
        let on = ctx.clock.today();
        acting.case.clocks = Some(clocks(&offer, on)?);
        let document_no = want_document(ctx, tx, &acting.case, "acceptance-notice", "受理通知书")?;
        acting.record(
            ctx,
            tx,
            CaseFact::Accepted {
                on,
                deemed: false,
                document_no,
            },
        )?;
        acting.record(ctx, tx, CaseFact::HandlingStarted)?;
        acting.complete(ctx, tx, calendar, "受理", vars([]))
    })
    .await
}

/// The two clocks of an item from acceptance on `on`. Where the item publishes no statutory limit, the 20 working days of
/// 行政许可法 第四十二条 hold; the promise is never longer than the law.
pub(crate) fn clocks(offer: &Offer, on: jiff::civil::Date) -> Result<CaseClocks> {
    let unit = |unit: tongban_catalogue::model::TimeUnit| match unit {
        tongban_catalogue::model::TimeUnit::WorkingDay => LimitUnit::WorkingDays,
        tongban_catalogue::model::TimeUnit::NaturalDay => LimitUnit::NaturalDays,
    };
    let statutory = match offer.item.legal_limit() {
        Some(limit) => StatutoryClock::with_limit(
            ClockKind::ItemStatutory,
            on,
            limit.days.into(),
            unit(limit.unit),
        ),
        None => StatutoryClock::new(ClockKind::Decision, on)
            .map_err(|source| Error::internal("statutory clock").source(source))?,
    };
    let promised = match offer.item.promised_limit() {
        Some(limit) => {
            StatutoryClock::with_limit(ClockKind::Promised, on, limit.days.into(), unit(limit.unit))
        }
        None => StatutoryClock {
            kind: ClockKind::Promised,
            ..statutory.clone()
        },
    };
    Ok(CaseClocks {
        promised,
        statutory,
    })
}
