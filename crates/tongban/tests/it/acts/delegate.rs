//! 委托 and its return: done by the delegate, in the place of who stays responsible; four eyes see both.

use tongban_cases::model::{CaseFact, InPlace};
use tongban_cases::{
    Decide, Delegate, EndDelegation, Hand, OnTask, Pass, Review, SendBack, StartSpecial, Transfer,
    case_by_number, decide, delegate, delegate_desk, delegation_desk, end_delegation, inbox,
    pass_pre_review, review, send_back, start_special, take_back, task_desk, transfer,
};
use tongban_kernel::{ErrorKind, OfficerId, Post, TaskId};
use tongban_limits::SuspensionReason;
use tongban_storage::Ctx;

use super::{because, colleague, kind, officer_of, on, reviewed, seen};
use crate::city::{City, in_the_city};

in_the_city!(
    a_delegate_does_the_task_in_the_place_of_another,
    a_delegation_ends_by_either_side_and_goes_no_further,
    four_eyes_see_the_delegate_and_who_delegated,
    of_a_recall_and_a_completion_at_once_one_is_told,
    nothing_is_delegated_in_a_special_procedure,
);

fn to(officer: OfficerId) -> Delegate {
    Delegate {
        to: officer,
        reason: because(),
    }
}

fn ended(task: TaskId, key: &str) -> OnTask<EndDelegation> {
    on(task, key, EndDelegation { reason: because() })
}

fn opinion() -> Pass {
    Pass {
        opinion: "齐全".to_owned(),
    }
}

async fn hand(who: &Ctx, task: TaskId) -> Option<Hand> {
    let lines = inbox(who, 100).await.expect("listed");
    lines
        .into_iter()
        .find(|line| line.task == task)
        .map(|line| line.hand)
}

async fn a_delegate_does_the_task_in_the_place_of_another(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let (first, second) = (city.person("zhouchuang").await, city.person("wuling").await);
    let third = city.person("zhengyi").await;
    let task = city.task(&first, number, "pre-review").await;
    for _ in 0..2 {
        let done = delegate(&first, on(task, "d", to(officer_of(&second)))).await;
        assert_eq!(done.expect("delegated once, repeated"), number);
    }
    let (_, fact) = seen(&citizen, number, receipt.case).await;
    assert!(
        matches!(&fact, CaseFact::Delegated { to, to_name, .. }
            if *to == officer_of(&second) && to_name == "吴岭"),
        "{fact:?}"
    );
    // Both have it before their eyes, nobody else.
    assert_eq!(
        hand(&first, task).await,
        Some(Hand::Delegated("吴岭".to_owned()))
    );
    assert!(
        matches!(hand(&second, task).await, Some(Hand::For(by)) if by.officer == officer_of(&first))
    );
    assert_eq!(hand(&third, task).await, None);
    for other in [&first, &third] {
        let refused = pass_pre_review(other, on(task, "p", opinion())).await;
        assert_eq!(kind(refused), ErrorKind::Conflict);
    }
    let desk = task_desk(&second, task).await.expect("a desk");
    assert!(desk.refused.is_none() && desk.orders.end_delegation && !desk.orders.delegate);
    assert!(matches!(&desk.behalf, Some(by) if by.how == InPlace::Delegated));
    pass_pre_review(&second, on(task, "p", opinion()))
        .await
        .expect("the delegate does it");
    let view = case_by_number(&citizen, number).await.expect("seen");
    let done = view
        .tasks
        .iter()
        .find(|one| one.task.id == task)
        .expect("kept");
    assert_eq!(done.task.officer, Some(officer_of(&second)));
    assert_eq!(done.task.for_officer, Some(officer_of(&first)));
    let by = &view.events.last().expect("a record").event.by;
    let behalf = by.behalf.as_ref().expect("in the place of another");
    assert_eq!(behalf.words(), format!("受{}委托", behalf.name));
    assert_eq!(behalf.officer, officer_of(&first));
    // The leaf says so too.
    let provable = tongban_cases::provable_case(&citizen, number)
        .await
        .expect("provable");
    let fields = &provable.events.last().expect("a record").fields;
    let field = fields.iter().find(|field| field.name == "delegate_of");
    let value = field.and_then(|field| field.value.clone());
    assert_eq!(value, Some(behalf.words().into()));
    // Taken back, it is in the same hands.
    take_back(&second, "take-back-key", task, because())
        .await
        .expect("taken back");
    let again = city.task(&second, number, "pre-review").await;
    assert!(matches!(hand(&second, again).await, Some(Hand::For(_))));
}

async fn a_delegation_ends_by_either_side_and_goes_no_further(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let (first, second) = (city.person("zhouchuang").await, city.person("wuling").await);
    let third = city.person("zhengyi").await;
    let task = city.task(&first, number, "pre-review").await;
    // Only the post, only another, only with a reason.
    let acceptor = city.person("dhscjg-acceptor").await;
    for (n, wrong) in [officer_of(&acceptor), officer_of(&first)]
        .into_iter()
        .enumerate()
    {
        let refused = delegate(&first, on(task, &format!("w{n}"), to(wrong))).await;
        assert_eq!(kind(refused), ErrorKind::Invalid, "{n}");
    }
    let refused = delegate(&acceptor, on(task, "a", to(officer_of(&second)))).await;
    assert_eq!(kind(refused), ErrorKind::NotAllowed);
    let silent = Delegate {
        to: officer_of(&second),
        reason: " ".to_owned(),
    };
    let refused = delegate(&first, on(task, "s", silent)).await;
    assert_eq!(kind(refused), ErrorKind::Invalid);
    let early = end_delegation(&first, ended(task, "early")).await;
    assert_eq!(kind(early), ErrorKind::Conflict, "nothing is delegated");
    delegate(&first, on(task, "d", to(officer_of(&second))))
        .await
        .expect("delegated");
    // No further: neither by a second delegation nor by handing over.
    let chain = delegate(&second, on(task, "c", to(officer_of(&third)))).await;
    assert_eq!(kind(chain), ErrorKind::Conflict);
    let desk = delegate_desk(&second, task).await.expect("a desk");
    assert!(desk.refused.is_some());
    let away = Transfer {
        to: Some(officer_of(&third)),
        reason: because(),
    };
    let refused = transfer(&second, on(task, "t", away)).await;
    assert_eq!(kind(refused), ErrorKind::Conflict);
    let stranger = end_delegation(&third, ended(task, "x")).await;
    assert_eq!(kind(stranger), ErrorKind::Conflict);
    // Handed back, then delegated anew and called back.
    assert!(!delegation_desk(&second, task).await.expect("a desk").own);
    for _ in 0..2 {
        end_delegation(&second, ended(task, "back"))
            .await
            .expect("handed back once, repeated");
    }
    assert_eq!(hand(&first, task).await, Some(Hand::Own));
    let (_, fact) = seen(&citizen, number, receipt.case).await;
    assert!(matches!(
        fact,
        CaseFact::DelegationEnded {
            called_back: false,
            ..
        }
    ));
    let view = case_by_number(&citizen, number).await.expect("seen");
    let by = &view.events.last().expect("a record").event.by;
    assert!(by.behalf.is_none(), "handed back in their own name");
    delegate(&first, on(task, "d2", to(officer_of(&second))))
        .await
        .expect("delegated anew");
    assert!(delegation_desk(&first, task).await.expect("a desk").own);
    end_delegation(&first, ended(task, "recall"))
        .await
        .expect("called back");
    let (_, fact) = seen(&citizen, number, receipt.case).await;
    assert!(matches!(
        fact,
        CaseFact::DelegationEnded {
            called_back: true,
            ..
        }
    ));
    let late = pass_pre_review(&second, on(task, "late", opinion())).await;
    assert_eq!(kind(late), ErrorKind::Conflict);
    pass_pre_review(&first, on(task, "p", opinion()))
        .await
        .expect("in their own hand");
}

async fn four_eyes_see_the_delegate_and_who_delegated(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let reviewer = city.person("dhscjg-reviewer").await;
    let both = || vec![Post::Reviewer, Post::Decider];
    let one = colleague(&city, &reviewer, "both-one", both()).await;
    let other = colleague(&city, &reviewer, "both-other", both()).await;
    city.passed(number).await;
    city.accepted(number).await;
    let task = city.task(&one, number, "review").await;
    delegate(&one, on(task, "d", to(officer_of(&other))))
        .await
        .expect("delegated");
    let what = Review {
        passed: true,
        opinion: "看过".to_owned(),
    };
    review(&other, on(task, "r", what)).await.expect("reviewed");
    for login in ["xfjy-reviewer", "sthj-reviewer"] {
        reviewed(&city, number, login).await;
    }
    let decider = city.person("dhscjg-decider").await;
    let task = city.task(&decider, number, "decide").await;
    let granted = || Decide {
        granted: true,
        reason: "依法".to_owned(),
    };
    for worn in [&one, &other] {
        let refused = decide(worn, on(task, "w", granted())).await;
        let error = refused.expect_err("four eyes");
        assert_eq!(error.code(), "authority.four-eyes");
        let refused = delegate(worn, on(task, "wd", to(officer_of(&decider)))).await;
        assert_eq!(
            refused.expect_err("four eyes").code(),
            "authority.four-eyes"
        );
        let refused = delegate(&decider, on(task, "dw", to(officer_of(worn)))).await;
        assert_eq!(kind(refused), ErrorKind::Invalid);
    }
    // A fresh delegate may decide, and may send back instead.
    let fresh = colleague(&city, &reviewer, "fresh", vec![Post::Decider]).await;
    delegate(&decider, on(task, "df", to(officer_of(&fresh))))
        .await
        .expect("delegated");
    let back = SendBack {
        to: "accept".to_owned(),
        reason: because(),
    };
    send_back(&fresh, on(task, "b", back))
        .await
        .expect("sent back");
    city.accepted(number).await;
    for login in ["dhscjg-reviewer", "xfjy-reviewer", "sthj-reviewer"] {
        reviewed(&city, number, login).await;
    }
    let task = city.task(&decider, number, "decide").await;
    delegate(&decider, on(task, "df2", to(officer_of(&fresh))))
        .await
        .expect("delegated");
    decide(&fresh, on(task, "d", granted()))
        .await
        .expect("decided");
}

async fn of_a_recall_and_a_completion_at_once_one_is_told(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let (first, second) = (city.person("zhouchuang").await, city.person("wuling").await);
    let task = city.task(&first, number, "pre-review").await;
    delegate(&first, on(task, "d", to(officer_of(&second))))
        .await
        .expect("delegated");
    let (recalled, done) = tokio::join!(
        end_delegation(&first, ended(task, "r")),
        pass_pre_review(&second, on(task, "p", opinion())),
    );
    assert_ne!(recalled.is_ok(), done.is_ok(), "{recalled:?} {done:?}");
    let lost = recalled.err().or(done.err()).expect("one is told");
    assert_eq!(lost.kind(), ErrorKind::Conflict, "{lost}");
    seen(&citizen, number, receipt.case).await;
}

async fn nothing_is_delegated_in_a_special_procedure(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    let reviewer = city.person("dhscjg-reviewer").await;
    let beside = colleague(&city, &reviewer, "beside", vec![Post::Reviewer]).await;
    let task = city.task(&reviewer, number, "review").await;
    let what = StartSpecial {
        kind: SuspensionReason::Hearing,
        days: 5,
        reason: because(),
    };
    start_special(&reviewer, receipt.case, what)
        .await
        .expect("started");
    let refused = delegate(&reviewer, on(task, "d", to(officer_of(&beside)))).await;
    assert_eq!(kind(refused), ErrorKind::Conflict);
    let away = Transfer {
        to: Some(officer_of(&beside)),
        reason: because(),
    };
    let refused = transfer(&reviewer, on(task, "t", away)).await;
    assert_eq!(kind(refused), ErrorKind::Conflict, "nor handed over");
    assert!(
        !task_desk(&reviewer, task)
            .await
            .expect("a desk")
            .orders
            .delegate
    );
}
