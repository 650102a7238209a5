//! What an administrator is told of a file before it is published: what the engine finds, and what only this installation knows.

use std::collections::BTreeMap;

use tongban_codes::lists::TimeUnit;
use tongban_kernel::{OrganId, Post, Result};
use tongban_process::{Definition, DutyView, Severity, check};
use tongban_storage::{Ctx, Tx};

use super::duty_act::judge_act;
use crate::service::drive::limit_days;
use crate::service::parts::latest_process;

/// One finding, with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Stable code, e.g. `deadlock`.
    pub rule: String,
    pub severity: Severity,
    pub element: String,
    /// Line in the file; `None` where the whole is meant.
    pub line: Option<u32>,
    pub message: String,
}

/// An item that is handled by a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemUse {
    pub code: String,
    pub name: String,
    pub organ: String,
    /// Promised working days; `None` if none are promised, or in other units.
    pub promised: Option<u32>,
}

/// The current items that name the process `name`.
pub(super) async fn items_using(ctx: &Ctx, name: &str) -> Result<Vec<ItemUse>> {
    const ROUND: u32 = 200;
    let (mut found, mut last) = (Vec::new(), String::new());
    loop {
        let round = tongban_catalogue::items_after(ctx, &last, ROUND).await?;
        for offer in &round {
            if offer.item.process_id.as_deref() == Some(name) {
                let promised = offer.item.promised_limit();
                found.push(ItemUse {
                    code: offer.code.clone(),
                    name: offer.item.task_name.clone(),
                    organ: offer.organ_name.clone(),
                    promised: promised
                        .filter(|limit| limit.unit == TimeUnit::WorkingDay)
                        .map(|limit| limit.days.into()),
                });
            }
        }
        match round.last() {
            Some(offer) if round.len() == ROUND as usize => last.clone_from(&offer.code),
            _ => return Ok(found),
        }
    }
}

/// Everything found, worst first, then by line.
pub(super) fn judge(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    definition: &Definition,
    items: &[ItemUse],
) -> Result<Vec<Judged>> {
    let mut lines: BTreeMap<&str, u32> = BTreeMap::new();
    for element in definition.elements() {
        lines.insert(element.id, element.line);
    }
    let mut found: Vec<Judged> = check(definition)
        .into_iter()
        .map(|finding| Judged {
            rule: finding.rule.to_owned(),
            severity: finding.severity,
            line: lines.get(&*finding.element).copied(),
            element: finding.element.to_string(),
            message: finding.message,
        })
        .collect();
    for duty in definition.duties() {
        judge_duty(tx, &duty, &mut found)?;
        found.extend(judge_act(&duty));
    }
    judge_calls(ctx, tx, definition, &mut found)?;
    found.extend(judge_limits(definition, items));
    found.sort_by(|a, b| (b.severity, a.line).cmp(&(a.severity, b.line)));
    Ok(found)
}

/// The posts, organs and limits of one task.
fn judge_duty(tx: &mut Tx<'_>, duty: &DutyView, found: &mut Vec<Judged>) -> Result<()> {
    let name = if duty.name.is_empty() {
        &*duty.element
    } else {
        &duty.name
    };
    let mut say = |rule: &str, severity, message| {
        found.push(Judged {
            rule: rule.to_owned(),
            severity,
            element: duty.element.to_string(),
            line: Some(duty.line),
            message,
        });
    };
    if let Some(limit) = &duty.limit
        && !limit.starts_with('=')
        && limit_days(Some(limit)).is_none()
    {
        let message = format!("任务“{name}”的时限“{limit}”不是 P3D 这样的工作日数，不会被计算");
        say("limit-ignored", Severity::Notice, message);
    }
    let Some(key) = duty.post.as_deref().filter(|post| !post.starts_with('=')) else {
        return Ok(());
    };
    if key == "applicant" {
        return Ok(());
    }
    let Some(post) = Post::from_key(key) else {
        let message = format!("任务“{name}”的岗位“{key}”不存在");
        say("unknown-post", Severity::Fault, message);
        return Ok(());
    };
    let Some(named) = duty.organ.as_deref().filter(|o| !o.starts_with('=')) else {
        return Ok(());
    };
    if named.is_empty() {
        return Ok(());
    }
    let organ: Option<OrganId> = named.parse().ok();
    let profile = organ
        .map(|organ| tongban_accounts::organ(tx, organ))
        .transpose()?
        .flatten();
    let (Some(organ), Some(profile)) = (organ, profile) else {
        let message = format!("任务“{name}”的机构“{named}”不存在");
        say("unknown-organ", Severity::Fault, message);
        return Ok(());
    };
    if tongban_accounts::officers_holding(tx, organ, post)?.is_empty() {
        let message = format!(
            "任务“{name}”无人能够办理：{}没有{}",
            profile.name,
            post.label()
        );
        say("nobody", Severity::Fault, message);
    }
    Ok(())
}

fn judge_calls(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    definition: &Definition,
    found: &mut Vec<Judged>,
) -> Result<()> {
    let (fixed, open) = definition.calls();
    let mut whole = |rule: &str, message| {
        found.push(Judged {
            rule: rule.to_owned(),
            severity: Severity::Fault,
            element: definition.id().to_string(),
            line: None,
            message,
        });
    };
    if open {
        let message = "调用活动的流程名不能由变量决定：发布前无法核对".to_owned();
        whole("open-call", message);
    }
    for name in fixed {
        let own = definition.processes().any(|id| **id == *name);
        if !own && latest_process(ctx, tx, name)?.is_none() {
            whole(
                "not-published",
                format!("调用的流程“{name}”还没有发布，请先发布它"),
            );
        }
    }
    Ok(())
}

/// Items whose promise the limits of the process cannot keep.
fn judge_limits<'a>(
    definition: &'a Definition,
    items: &'a [ItemUse],
) -> impl Iterator<Item = Judged> + 'a {
    let sum = definition.longest_limit();
    let late = items
        .iter()
        .filter(move |item| item.promised.is_some_and(|promised| promised < sum));
    late.map(move |item| Judged {
        rule: "limits-too-long".to_owned(),
        severity: Severity::Notice,
        element: definition.id().to_string(),
        line: None,
        message: format!(
            "各环节时限依次相加最长 {sum} 个工作日，超过“{}”承诺的 {} 个工作日",
            item.name,
            item.promised.unwrap_or_default()
        ),
    })
}
