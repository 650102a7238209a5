//! 审查 by one of the organs that look in parallel (行政许可法 第三十四条).

use serde::{Deserialize, Serialize};
use tongban_kernel::{Act, Error, Result};
use tongban_storage::Ctx;

use super::act::{OnTask, on_task, required};
use super::drive::vars;
use crate::model::CaseFact;

/// One organ's opinion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Review {
    pub passed: bool,
    pub opinion: String,
}

pub async fn review(ctx: &Ctx, wish: OnTask<Review>) -> Result<String> {
    on_task(ctx, wish, Act::Review, |ctx, tx, acting, calendar, what| {
        let opinion = required(&what.opinion, "opinion", "审查意见")?;
        let organ = acting
            .task
            .organ
            .ok_or_else(|| Error::internal("a review without an organ"))?;
        let organ_name = tongban_accounts::organ(tx, organ)?
            .map(|organ| organ.name)
            .unwrap_or_default();
        acting.record(
            ctx,
            tx,
            CaseFact::Reviewed {
                organ_name,
                passed: what.passed,
                opinion,
            },
        )?;
        let outcome = if what.passed { "通过" } else { "不通过" };
        acting.complete(ctx, tx, calendar, outcome, vars([]))
    })
    .await
}
