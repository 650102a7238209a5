//! 会签: the policy of a countersigned task as a completion condition and the variable of its outcome.

use std::sync::Arc;

use super::nodes::Reading;
use super::tb;
use crate::engine::WEIGHT;
use crate::model::Multi;
use crate::xml::Element;

/// What whoever signs sets when a task of it is done: true to agree.
const VOTE: &str = "agreed";

/// When a countersign is over before all have signed, and when it has passed. Both over the list `v` of ones and noughts.
struct Policy {
    until: Option<String>,
    passed: String,
    /// The votes are weights.
    weighted: bool,
}

fn parse(text: &str, v: &str) -> Option<Policy> {
    let nobody_refused = format!("count({v}) > 0 and (every x in {v} satisfies x = 1)");
    Some(match text.trim() {
        // Everybody is heard, whatever the others said.
        "all" => Policy {
            until: None,
            passed: nobody_refused,
            weighted: false,
        },
        "any" => Policy {
            until: Some(format!("some x in {v} satisfies x = 1")),
            passed: format!("some x in {v} satisfies x = 1"),
            weighted: false,
        },
        // 一票否决: over with the first refusal.
        "veto" => Policy {
            until: Some(format!("some x in {v} satisfies x = 0")),
            passed: nobody_refused,
            weighted: false,
        },
        other if other.starts_with("weight:") => {
            let n: u32 = other.strip_prefix("weight:")?.trim().parse().ok()?;
            // A vote is the weight of who agreed, or less than nothing by the weight of who did not.
            let sum =
                |of: &str| format!("(if count({v}) > 0 then sum(for x in {v} return {of}) else 0)");
            let agreed = sum("if x > 0 then x else 0");
            let refused = sum("if x < 0 then -x else 0");
            (n > 0).then(|| Policy {
                until: Some(format!("{agreed} >= {n} or totalWeight - {refused} < {n}")),
                passed: format!("{agreed} >= {n}"),
                weighted: true,
            })?
        }
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
                weighted: false,
            })?
        }
    })
}

/// What each vote counts: a formula over the item (`tb:weight`), or a list in the order of the items (`tb:weights`).
fn weight_of(e: &Element, r: &mut Reading<'_, '_, '_>) -> Option<Option<String>> {
    let formula = |text: &str| text.trim().trim_start_matches('=').to_owned();
    match (tb(e, "weight"), tb(e, "weights")) {
        (Some(_), Some(_)) => {
            let message = "tb:weight 与 tb:weights 不能同时指定";
            r.reports.error("countersign", e, message);
            None
        }
        (Some(one), None) => Some(Some(formula(one))),
        (None, Some(list)) => Some(Some(format!("({})[loopCounter + 1]", formula(list)))),
        (None, None) => Some(None),
    }
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
        let message =
            format!("会签规则应为 all、any、n:人数、weight:权重 或 veto，实为 {text:.60}");
        r.reports.error("countersign", e, message);
        return None;
    };
    let weight = match (policy.weighted, weight_of(e, r)?) {
        (true, None) => {
            let message = "加权会签（weight:权重）应以 tb:weight 或 tb:weights 指明每个机构的权重";
            r.reports.error("countersign", e, message);
            return None;
        }
        (false, Some(_)) => {
            let message = "权重（tb:weight、tb:weights）只用于加权会签（weight:权重）";
            r.reports.error("countersign", e, message);
            return None;
        }
        (_, weight) => weight,
    };
    let known = [VOTE, &*votes, &outcome, WEIGHT, "totalWeight"].map(str::to_owned);
    r.formulas.known.extend(known);
    let mut compile = |text: &str| r.formulas.compile(text, e, e, r.reports);
    multi.until = match policy.until {
        Some(until) => Some(compile(&until)?),
        None => None,
    };
    let vote = match policy.weighted {
        true => format!("if {VOTE} = true then {WEIGHT} else -{WEIGHT}"),
        false => format!("if {VOTE} = true then 1 else 0"),
    };
    multi.output_item = Some(compile(&vote)?);
    multi.weight = match weight {
        Some(weight) => Some(compile(&weight)?),
        None => None,
    };
    multi.result = Some((Arc::from(outcome), compile(&policy.passed)?));
    multi.output = Some(votes);
    Some(multi)
}
