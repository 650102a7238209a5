//! A wrong item cannot be published, a published one cannot be altered.

use jiff::Timestamp;
use jiff::civil::date;
use tongban_catalogue::model::lifecycle::{
    Change, ChangeKind, Draft, ItemState, Office, Opinion, Published, Refused, UnderReview,
    VersionRef,
};
use tongban_catalogue::model::{Rule, ServiceItem, TaskState};
use tongban_kernel::OfficerId;

use crate::support::item;

fn officer(n: u8) -> OfficerId {
    format!("off_{n:032x}").parse().expect("an id")
}

fn at() -> Timestamp {
    "2026-11-23T02:00:00Z".parse().expect("a time")
}

fn add() -> Change {
    Change {
        kind: ChangeKind::Add,
        reason: "新设事项".to_owned(),
        from: Vec::new(),
    }
}

fn agree(review: UnderReview, office: Office, agrees: bool) -> UnderReview {
    let text = "同意".to_owned();
    review
        .give_opinion(Opinion {
            office,
            by: officer(2),
            at: at(),
            agrees,
            text,
        })
        .expect("not the author")
}

fn reviewed(item: ServiceItem) -> UnderReview {
    let draft = Draft::new(item, add(), officer(1)).expect("a draft");
    let review = draft.submit(at());
    [Office::Organ, Office::Establishment, Office::Legal]
        .into_iter()
        .fold(review, |review, office| agree(review, office, true))
}

#[test]
fn a_clean_item_goes_from_draft_to_published_to_the_next_version() {
    let published = reviewed(item("spjy"))
        .publish(1, date(2026, 12, 1))
        .expect("published");
    assert_eq!(published.item.task_version, Some(1));
    assert_eq!(published.item.plan_effective_date, Some(date(2026, 12, 1)));
    assert!(!published.is_mirrored());
    let next = published
        .amend(ChangeKind::Amend, "缩短时限", officer(1))
        .expect("a draft");
    let code = published.item.task_code.clone().expect("has a code");
    assert_eq!(
        next.change.from,
        [VersionRef {
            task_code: code,
            task_version: 1
        }]
    );
    let review = agree(next.submit(at()), Office::Organ, true);
    let kept = review
        .publish(1, date(2027, 1, 1))
        .expect_err("the version must grow");
    assert_eq!(kept.refused, Refused::Version(1));
    assert_eq!(
        kept.state
            .publish(2, date(2027, 1, 1))
            .expect("published")
            .version,
        2
    );
}

#[test]
fn errors_keep_an_item_from_being_published_and_leave_it_as_it_was() {
    let mut wrong = item("spjy");
    wrong.is_pay_online = Some(true);
    wrong.task_version = Some(7);
    let kept = reviewed(wrong.clone())
        .publish(8, date(2026, 12, 1))
        .expect_err("refused");
    let Refused::Rules(findings) = &kept.refused else {
        panic!("{:?}", kept.refused)
    };
    assert_eq!(
        findings.iter().map(|f| f.rule).collect::<Vec<_>>(),
        [Rule::G09]
    );
    assert_eq!(kept.state.item, wrong);
    let mut doubtful = item("spjy");
    doubtful.promise_explain = Some("受理之日起1个工作日".to_owned());
    reviewed(doubtful)
        .publish(1, date(2026, 12, 1))
        .expect("a warning is no bar");
}

#[test]
fn every_office_must_agree_and_nobody_reviews_their_own_draft() {
    let draft = Draft::new(item("spjy"), add(), officer(1)).expect("a draft");
    let opinion = Opinion {
        office: Office::Organ,
        by: officer(1),
        at: at(),
        agrees: true,
        text: String::new(),
    };
    let kept = draft
        .submit(at())
        .give_opinion(opinion)
        .expect_err("own draft");
    assert_eq!(kept.refused, Refused::OwnDraft);
    let review = agree(kept.state, Office::Organ, true);
    assert_eq!(review.missing_opinion(), Some(Office::Establishment));
    let review = agree(review, Office::Establishment, true);
    let review = agree(review, Office::Legal, false);
    let kept = review
        .publish(1, date(2026, 12, 1))
        .expect_err("法制 objects");
    assert_eq!(kept.refused, Refused::NotAgreed(Office::Legal));
    let back = kept.state.send_back("依据不足");
    assert_eq!(back.returned.as_deref(), Some("依据不足"));
}

#[test]
fn a_change_names_as_many_predecessors_as_its_kind_has() {
    let version = |n| VersionRef {
        task_code: "x".to_owned(),
        task_version: n,
    };
    let try_with = |kind, n: u32| {
        let change = Change {
            kind,
            reason: "理由".to_owned(),
            from: (1..=n).map(version).collect(),
        };
        Draft::new(item("spjy"), change, officer(1)).map(|_| ())
    };
    for (kind, wrong, right) in [
        (ChangeKind::Add, 1, 0),
        (ChangeKind::Amend, 0, 1),
        (ChangeKind::Split, 2, 1),
        (ChangeKind::Merge, 1, 2),
    ] {
        assert_eq!(try_with(kind, wrong), Err(Refused::Predecessors(kind)));
        assert_eq!(try_with(kind, right), Ok(()));
    }
    for kind in [ChangeKind::Suspend, ChangeKind::Cancel] {
        assert_eq!(try_with(kind, 1), Err(Refused::NotADraftChange(kind)));
    }
}

#[test]
fn suspending_and_cancelling_need_a_reason_and_keep_the_version() {
    let published = reviewed(item("gtsl"))
        .publish(1, date(2026, 12, 1))
        .expect("published");
    let kept = published
        .suspend(" ", date(2026, 12, 2))
        .expect_err("no reason");
    assert_eq!(kept.refused, Refused::NoReason);
    let suspended = kept
        .state
        .suspend("系统升级", date(2026, 12, 2))
        .expect("suspended");
    assert_eq!(
        suspended.published.item.task_state,
        Some(TaskState::Suspended)
    );
    let resumed = suspended.clone().resume();
    assert_eq!(
        (resumed.item.task_state, resumed.version),
        (Some(TaskState::InUse), 1)
    );
    let cancelled = suspended
        .cancel("依据废止", date(2027, 1, 1))
        .expect("cancelled");
    assert_eq!(
        cancelled.published.item.plan_cancel_date,
        Some(date(2027, 1, 1))
    );
    let state = ItemState::Cancelled(Box::new(cancelled));
    let stored = serde_json::to_value(&state).expect("writes");
    assert_eq!(stored["state"], "cancelled");
    assert_eq!(
        serde_json::from_value::<ItemState>(stored).expect("reads"),
        state
    );
}

#[test]
fn items_of_other_platforms_are_mirrored_with_their_source_and_never_applied_for_here() {
    let mut other = item("spjy");
    other.source = None;
    let refused = Published::mirrored(other.clone(), date(2026, 1, 1));
    assert_eq!(refused.err(), Some(Refused::NoSource));
    other.source = Some("四川政务服务网".to_owned());
    let shown = Published::mirrored(other, date(2026, 1, 1)).expect("has a source");
    assert!(shown.is_mirrored());
    assert!(
        shown
            .item
            .open_application(None, date(2026, 11, 23))
            .is_err()
    );
}
