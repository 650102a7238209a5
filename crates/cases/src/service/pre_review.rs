//! 预审 at the window: pass on, ask once for everything that is missing, or refuse.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tongban_kernel::{Act, Error, Result};
use tongban_limits::{ClockKind, StatutoryClock};
use tongban_storage::Ctx;

use super::act::{OnTask, on_task, required};
use super::documents::want_document;
use super::drive::vars;
use crate::model::{CaseFact, SupplementItem};

/// The opinion with which a case is passed on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pass {
    pub opinion: String,
}

/// Everything that is missing or wrong, at once (行政许可法 第三十二条第一款第四项).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestSupplement {
    pub items: Vec<SupplementItem>,
    /// Working days that the applicant has.
    pub days: u32,
}

/// Why it is not accepted (第三十二条第一款第一、二项).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefuseAcceptance {
    pub reason: String,
    /// Which organ is competent; required unless no permit is needed at all.
    pub competent_organ: Option<String>,
    /// No permit is needed: 不受理 instead of 不予受理.
    pub not_required: bool,
}

/// Passes the case on to acceptance.
pub async fn pass_pre_review(ctx: &Ctx, wish: OnTask<Pass>) -> Result<String> {
    on_task(
        ctx,
        wish,
        Act::PreReview,
        |ctx, tx, acting, calendar, what| {
            let opinion = required(&what.opinion, "opinion", "预审意见")?;
            acting.record(ctx, tx, CaseFact::PreReviewed { opinion })?;
            acting.complete(
                ctx,
                tx,
                calendar,
                "通过",
                vars([("outcome", json!("accept"))]),
            )
        },
    )
    .await
}

/// Asks once for all that is missing; the applicant gets a task and a numbered notice.
pub async fn request_supplement(ctx: &Ctx, wish: OnTask<RequestSupplement>) -> Result<String> {
    on_task(
        ctx,
        wish,
        Act::RequestSupplement,
        |ctx, tx, acting, calendar, what| {
            if what.items.is_empty() || what.items.len() > 100 {
                return Err(Error::field(
                    "supplement.items",
                    "items",
                    "请一次列出需要补正的全部内容",
                ));
            }
            let items = what
                .items
                .iter()
                .map(|item| {
                    Ok(SupplementItem {
                        target: item.target.clone(),
                        name: required(&item.name, "name", "补正事项名称")?,
                        requirement: required(&item.requirement, "requirement", "补正要求")?,
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            let today = ctx.clock.today();
            let due = calendar
                .nth_working_day(today, what.days.clamp(1, 60))
                .map_err(|source| Error::internal("supplement limit").source(source))?;
            let notice_no =
                want_document(ctx, tx, &acting.case, "supplement-notice", "补正告知书")?;
            acting.record(
                ctx,
                tx,
                CaseFact::SupplementRequested {
                    notice_no,
                    items,
                    due,
                },
            )?;
            acting.complete(
                ctx,
                tx,
                calendar,
                "补正",
                vars([("outcome", json!("supplement"))]),
            )
        },
    )
    .await
}

/// Refuses acceptance with a reason and a stamped document.
pub async fn refuse_acceptance(ctx: &Ctx, wish: OnTask<RefuseAcceptance>) -> Result<String> {
    on_task(
        ctx,
        wish,
        Act::RefuseAcceptance,
        |ctx, tx, acting, calendar, what| {
            let reason = required(&what.reason, "reason", "不予受理的理由")?;
            let competent_organ = what
                .competent_organ
                .as_deref()
                .map(str::trim)
                .filter(|name| !name.is_empty());
            if competent_organ.is_none() && !what.not_required {
                required("", "competent_organ", "应当向哪个机关申请")?;
            }
            let competent_organ = competent_organ.map(str::to_owned);
            let (title, fact) = if what.not_required {
                ("不受理告知书", CaseFact::NotRequired { reason })
            } else {
                (
                    "不予受理决定书",
                    CaseFact::Refused {
                        reason,
                        competent_organ,
                    },
                )
            };
            want_document(ctx, tx, &acting.case, "refusal-to-accept", title)?;
            acting.record(ctx, tx, fact)?;
            acting.complete(
                ctx,
                tx,
                calendar,
                "不予受理",
                vars([("outcome", json!("refuse"))]),
            )
        },
    )
    .await
}

/// The day by which the organ must have answered (five working days, 第三十二条), for a case received on `received_on`.
pub(crate) fn answer_due(
    received_on: jiff::civil::Date,
    calendar: &tongban_limits::Calendar,
) -> Result<jiff::civil::Date> {
    StatutoryClock::new(ClockKind::SupplementNotice, received_on)
        .and_then(|clock| clock.due(calendar))
        .map(|due| due.date)
        .map_err(|source| Error::internal("answer limit").source(source))
}
