//! Tasks that nobody may do: what a task says is to be done must exist, and be an act of the post that has to do it.

use tongban_kernel::{Act, Post, posts_for};
use tongban_process::{DutyView, Severity};

use super::checks::Judged;
use crate::service::act::act_named;

/// What is wrong with the act of a task, if anything.
pub(super) fn judge_act(duty: &DutyView) -> Option<Judged> {
    let name = if duty.name.is_empty() {
        &*duty.element
    } else {
        &duty.name
    };
    let (rule, message) = match duty.act.as_deref() {
        None => (
            "no-act",
            format!("任务“{name}”没有写明办理什么（tb:act），无人能够办理"),
        ),
        Some(key) => match (act_named(key), duty.post.as_deref()) {
            (None, _) => (
                "unknown-act",
                format!("任务“{name}”的办理动作“{key}”不存在，无人能够办理"),
            ),
            (Some(act), Some(post)) if !may(post, act) => (
                "act-not-of-post",
                format!(
                    "任务“{name}”无人能够办理：岗位“{post}”没有“{}”的权限",
                    act.label()
                ),
            ),
            _ => return None,
        },
    };
    Some(Judged {
        rule: rule.to_owned(),
        severity: Severity::Fault,
        element: duty.element.to_string(),
        line: Some(duty.line),
        message,
    })
}

/// Whether this post may do that act; a formula or an unknown post is judged elsewhere.
fn may(post: &str, act: Act) -> bool {
    if post == "applicant" {
        return act == Act::Supplement;
    }
    match Post::from_key(post) {
        Some(post) => posts_for(act).any(|able| able == post),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duty(post: &str, act: Option<&str>) -> DutyView {
        DutyView {
            element: "t".into(),
            name: "决定".to_owned(),
            line: 7,
            post: Some(post.to_owned()),
            organ: None,
            form: None,
            limit: None,
            act: act.map(str::to_owned),
        }
    }

    #[test]
    fn a_task_that_nobody_may_do_is_a_fault() {
        let rule = |post, act| judge_act(&duty(post, act)).map(|judged| judged.rule);
        assert_eq!(rule("decider", Some("decide")), None);
        assert_eq!(rule("counter", Some("pre-review")), None);
        assert_eq!(rule("applicant", Some("supplement")), None);
        assert_eq!(rule("=post_of_step", Some("review")), None);
        assert_eq!(rule("decider", None).as_deref(), Some("no-act"));
        assert_eq!(
            rule("decider", Some("make_decision")).as_deref(),
            Some("unknown-act")
        );
        assert_eq!(
            rule("counter", Some("decide")).as_deref(),
            Some("act-not-of-post")
        );
        assert_eq!(
            rule("applicant", Some("decide")).as_deref(),
            Some("act-not-of-post")
        );
    }
}
