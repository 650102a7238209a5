//! 会签: the policy of a countersigned task as a completion condition and the variable of its outcome.

use std::sync::Arc;

use super::nodes::Reading;
use super::tb;
use crate::model::Multi;
use crate::xml::Element;

/// What whoever signs sets when a task of it is done: true to agree.
const VOTE: &str = "agreed";

/// When a countersign is over before all have signed, and when it has passed. Both over the list `v` of ones and noughts.
struct Policy {
    until: Option<String>,
    passed: String,
}

fn parse(text: &str, v: &str) -> Option<Policy> {
    let nobody_refused = format!("count({v}) > 0 and (every x in {v} satisfies x = 1)");
    Some(match text.trim() {
        // Everybody is heard, whatever the others said.
        "all" => Policy {
            until: None,
            passed: nobody_refused,
        },
        "any" => Policy {
            until: Some(format!("some x in {v} satisfies x = 1")),
            passed: format!("some x in {v} satisfies x = 1"),
        },
        // 一票否决: over with the first refusal.
        "veto" => Policy {
            until: Some(format!("some x in {v} satisfies x = 0")),
            passed: nobody_refused,
        },
        other => {
            let n: u32 = other.strip_prefix("n:")?.trim().parse().ok()?;
            let enough = format!("count({v}) > 0 and sum({v}) >= {n}");
            // Over as soon as it is known: enough agree, or those who are left are too few.
            let too_few = format!(
                "nrOfInstances - count({v}) + (if count({v}) > 0 then sum({v}) else 0) < {n}"
            );
            (n > 0).then(|| Policy {
                until: Some(format!("({enough}) or {too_few}")),
                passed: enough,
            })?
        }
    })
}

/// Adds what `tb:countersign` of the task asks for; a file that also says it by hand is refused.
pub(super) fn policy(mut multi: Multi, e: &Element, r: &mut Reading<'_, '_, '_>) -> Option<Multi> {
    let Some(text) = tb(e, "countersign") else {
        return Some(multi);
    };
    if e.name != "userTask" {
        let message = "会签规则（tb:countersign）只能用于人工任务";
        r.reports.error("countersign", e, message);
        return None;
    }
    if multi.until.is_some() || multi.output_item.is_some() {
        let message = "会签规则（tb:countersign）与 completionCondition、output-item 不能同时指定";
        r.reports.error("countersign", e, message);
        return None;
    }
    let votes = multi
        .output
        .clone()
        .unwrap_or_else(|| "countersign_votes".into());
    let outcome = tb(e, "variable").unwrap_or("countersigned").to_owned();
    let Some(policy) = parse(text, &votes) else {
        let message = format!("会签规则应为 all、any、n:人数 或 veto，实为 {text:.60}");
        r.reports.error("countersign", e, message);
        return None;
    };
    let known = [VOTE, &*votes, &outcome].map(str::to_owned);
    r.formulas.known.extend(known);
    let mut compile = |text: &str| r.formulas.compile(text, e, e, r.reports);
    multi.until = match policy.until {
        Some(until) => Some(compile(&until)?),
        None => None,
    };
    multi.output_item = Some(compile(&format!("if {VOTE} = true then 1 else 0"))?);
    multi.result = Some((Arc::from(outcome), compile(&policy.passed)?));
    multi.output = Some(votes);
    Some(multi)
}
