//! The orders of officers about a running case: who may, what happens to tasks and clocks, what the record says, and that of two
//! at once one is told so.

mod advice;
mod countersign;
mod cover;
mod delegate;
mod keys;
mod late;
mod random;
mod redirect;
mod signers;
mod terminate;
mod urge;

use tongban_accounts::{NewOfficer, hash_password, register_officer};
use tongban_cases::model::{CaseFact, CaseState};
use tongban_cases::{
    Accept, Decide, Hand, OnTask, Pass, Review, SendBack, Transfer, accept, audit_case,
    case_by_number, decide, inbox, pass_pre_review, review, send_back, send_back_desk, take_back,
    transfer, transfer_desk,
};
use tongban_kernel::{Actor, CaseId, ErrorKind, OfficerId, Post, Result, TaskId};
use tongban_storage::Ctx;

use crate::city::{City, in_the_city};

in_the_city!(
    a_task_that_was_handed_over_is_done_by_that_officer_alone,
    a_task_goes_only_to_hands_that_may_do_it,
    of_two_who_hand_over_at_once_one_is_told,
    a_decision_sent_back_is_reviewed_again_and_the_acceptance_stands,
    a_review_sent_back_takes_the_other_branches_with_it,
    a_step_is_taken_back_until_the_next_hand_has_acted,
);

fn on<T>(task: TaskId, key: &str, what: T) -> OnTask<T> {
    OnTask {
        task,
        key: format!("{key}-{task}"),
        what,
    }
}

fn because() -> String {
    "出差".to_owned()
}

fn kind<T>(outcome: Result<T>) -> ErrorKind {
    outcome.err().expect("refused").kind()
}

fn officer_of(ctx: &Ctx) -> OfficerId {
    match &ctx.actor {
        Actor::Officer(officer) => officer.officer,
        other => panic!("{other:?}"),
    }
}

/// A second officer of the organ of `beside`, with these posts.
async fn colleague(city: &City, beside: &Ctx, login: &'static str, posts: Vec<Post>) -> Ctx {
    let Actor::Officer(known) = &beside.actor else {
        panic!("an officer")
    };
    let organ = known.organ;
    let hash =
        hash_password(&tongban::demo::password().expect("a password"), [3; 16]).expect("a hash");
    let ctx = city.app.ctx.clone();
    city.app
        .ctx
        .db
        .write(move |tx| {
            let new = NewOfficer {
                organ,
                staff_no: login.to_owned(),
                name: login.to_owned(),
                posts: posts.clone(),
                login: login.to_owned(),
                password_hash: hash.clone(),
            };
            register_officer(&ctx, tx, &new).map(|_| ())
        })
        .await
        .expect("registered");
    city.person(login).await
}

async fn reviewed(city: &City, number: &str, login: &str) -> TaskId {
    let reviewer = city.person(login).await;
    let task = city.task(&reviewer, number, "review").await;
    let what = Review {
        passed: true,
        opinion: "看过".to_owned(),
    };
    review(&reviewer, on(task, "review", what))
        .await
        .expect("reviewed");
    task
}

const REVIEWERS: [&str; 3] = ["dhscjg-reviewer", "xfjy-reviewer", "sthj-reviewer"];

/// Names of the open tasks, and the last fact of the record, after it was replayed.
async fn seen(who: &Ctx, number: &str, id: CaseId) -> (Vec<String>, CaseFact) {
    assert!(audit_case(who, id).await.expect("audited"), "record");
    let view = case_by_number(who, number).await.expect("seen");
    let open = view.tasks.iter().filter(|task| task.task.open);
    let open = open.map(|task| task.task.element.clone()).collect();
    let last = view.events.last().expect("a record").event.clone();
    assert!(!last.by.basis.is_empty());
    (open, last.fact)
}

async fn a_task_that_was_handed_over_is_done_by_that_officer_alone(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let (first, second) = (city.person("zhouchuang").await, city.person("wuling").await);
    let task = city.task(&first, number, "pre-review").await;
    let to = |officer| Transfer {
        to: officer,
        reason: because(),
    };
    for _ in 0..2 {
        let wish = on(task, "t", to(Some(officer_of(&second))));
        let done = transfer(&first, wish).await;
        assert_eq!(done.expect("handed over once, repeated"), number);
    }
    let opinion = || Pass {
        opinion: "齐全".to_owned(),
    };
    let refused = pass_pre_review(&first, on(task, "p", opinion())).await;
    assert_eq!(kind(refused), ErrorKind::Conflict);
    let lines = inbox(&first, 100).await.expect("listed");
    let other = |line: &tongban_cases::InboxLine| line.task != task;
    assert!(lines.iter().all(other), "not his any more");
    let lines = inbox(&second, 100).await.expect("listed");
    assert!(
        lines
            .iter()
            .any(|line| line.task == task && line.hand == Hand::Own)
    );
    let (_, fact) = seen(&citizen, number, receipt.case).await;
    assert!(
        matches!(&fact, CaseFact::Transferred { to: Some(to), to_name: Some(name), .. }
            if *to == officer_of(&second) && name == "吴岭"),
        "{fact:?}"
    );
    // Back to the post: both may.
    transfer(&second, on(task, "b", to(None)))
        .await
        .expect("given back");
    pass_pre_review(&first, on(task, "p", opinion()))
        .await
        .expect("anybody of the post");
    // What is done is not handed over either.
    let late = transfer(&first, on(task, "late", to(Some(officer_of(&second))))).await;
    assert_eq!(late.expect_err("done").code(), "task.done");
}

async fn a_task_goes_only_to_hands_that_may_do_it(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, number, "pre-review").await;
    let acceptor = city.person("dhscjg-acceptor").await;
    let helper = city.person("bangban").await;
    for other in [&acceptor, &helper] {
        let what = Transfer {
            to: Some(officer_of(other)),
            reason: because(),
        };
        let refused = transfer(&clerk, on(task, "x", what.clone())).await;
        assert_eq!(kind(refused), ErrorKind::Invalid, "another post or organ");
        let refused = transfer(other, on(task, "y", what)).await;
        assert_eq!(kind(refused), ErrorKind::NotAllowed);
    }
    let empty = Transfer {
        to: Some(officer_of(&city.person("wuling").await)),
        reason: " ".to_owned(),
    };
    let long = Transfer {
        reason: "长".repeat(2001),
        ..empty.clone()
    };
    for (key, what) in [("z", empty), ("long", long)] {
        let refused = transfer(&clerk, on(task, key, what)).await;
        let refused = refused.expect_err("a reason is required, no book");
        assert_eq!(refused.code(), "case.text", "{key}");
    }
    // Four eyes: a decision is not handed to whoever reviewed.
    let reviewer = city.person("dhscjg-reviewer").await;
    let both = colleague(
        &city,
        &reviewer,
        "both",
        vec![Post::Reviewer, Post::Decider],
    )
    .await;
    city.passed(number).await;
    city.accepted(number).await;
    // The same post of another organ that takes part.
    let far = city.person("xfjy-reviewer").await;
    let task = city.task(&reviewer, number, "review").await;
    let what = Transfer {
        to: Some(officer_of(&far)),
        reason: because(),
    };
    let refused = transfer(&reviewer, on(task, "far", what)).await;
    assert_eq!(kind(refused), ErrorKind::Invalid, "another organ");
    for login in ["both", "xfjy-reviewer", "sthj-reviewer"] {
        reviewed(&city, number, login).await;
    }
    let decider = city.person("dhscjg-decider").await;
    let task = city.task(&decider, number, "decide").await;
    let desk = transfer_desk(&decider, task).await.expect("a desk");
    assert!(desk.receivers.iter().all(|one| one.id != officer_of(&both)));
    let what = Transfer {
        to: Some(officer_of(&both)),
        reason: because(),
    };
    let refused = transfer(&decider, on(task, "f", what)).await;
    assert_eq!(kind(refused), ErrorKind::Invalid);
}

async fn of_two_who_hand_over_at_once_one_is_told(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let (first, second) = (city.person("zhouchuang").await, city.person("wuling").await);
    let third = officer_of(&city.person("zhengyi").await);
    let task = city.task(&first, number, "pre-review").await;
    let mut running = tokio::task::JoinSet::new();
    for (n, who) in [&first, &second].into_iter().enumerate() {
        let who = who.clone();
        running.spawn(async move {
            let what = Transfer {
                to: Some(third),
                reason: because(),
            };
            transfer(&who, on(task, &format!("{n}"), what)).await
        });
    }
    let mut won = 0;
    while let Some(joined) = running.join_next().await {
        match joined.expect("no panic") {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
        }
    }
    assert_eq!(won, 1);
    let view = case_by_number(&citizen, number).await.expect("seen");
    let moved = view.events.iter();
    let moved = moved.filter(|event| event.event.fact.name() == "transferred");
    assert_eq!(moved.count(), 1);
}

async fn a_decision_sent_back_is_reviewed_again_and_the_acceptance_stands(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    for login in REVIEWERS {
        reviewed(&city, number, login).await;
    }
    let before = case_by_number(&citizen, number).await.expect("seen");
    let decider = city.person("dhscjg-decider").await;
    let task = city.task(&decider, number, "decide").await;
    let desk = send_back_desk(&decider, task).await.expect("a desk");
    let to: Vec<&str> = desk.ways.iter().map(|way| way.element.as_str()).collect();
    assert_eq!(to, ["pre_review", "accept"]);
    assert_eq!(desk.ways[1].again.len(), 4, "{:?}", desk.ways[1]);
    assert!(desk.ways[1].withdrawn.is_empty());
    let what = |to: &str| SendBack {
        to: to.to_owned(),
        reason: "意见不一致".to_owned(),
    };
    let nowhere = send_back(&decider, on(task, "n", what("review_1"))).await;
    assert_eq!(kind(nowhere), ErrorKind::Invalid, "a branch is no way back");
    let other = city.person("xfjy-reviewer").await;
    let refused = send_back(&other, on(task, "o", what("accept"))).await;
    assert_eq!(kind(refused), ErrorKind::NotAllowed);
    send_back(&decider, on(task, "b", what("accept")))
        .await
        .expect("sent back");
    let (open, fact) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["accept"]);
    assert!(
        matches!(&fact, CaseFact::SentBack { to, .. } if to == "受理"),
        "{fact:?}"
    );
    let late = Decide {
        granted: true,
        reason: "依法".to_owned(),
    };
    assert_eq!(
        kind(decide(&decider, on(task, "late", late)).await),
        ErrorKind::Conflict
    );
    city.accepted(number).await;
    let after = case_by_number(&citizen, number).await.expect("seen");
    assert!(matches!(after.case.state, CaseState::Handling { .. }));
    assert_eq!(after.case.clocks, before.case.clocks, "the limits go on");
    assert_eq!(
        after.documents.len(),
        before.documents.len(),
        "no second notice"
    );
    let accepted_once = after.events.iter();
    let accepted_once = accepted_once.filter(|event| event.event.fact.name() == "accepted");
    assert_eq!(accepted_once.count(), 1);
    for login in REVIEWERS {
        reviewed(&city, number, login).await;
    }
    // Sending back is no handling: the same decider decides.
    let task = city.task(&decider, number, "decide").await;
    let what = Decide {
        granted: true,
        reason: "依法".to_owned(),
    };
    decide(&decider, on(task, "d", what))
        .await
        .expect("decided");
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
}

async fn a_review_sent_back_takes_the_other_branches_with_it(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    reviewed(&city, number, "sthj-reviewer").await;
    let reviewer = city.person("xfjy-reviewer").await;
    let task = city.task(&reviewer, number, "review").await;
    let desk = send_back_desk(&reviewer, task).await.expect("a desk");
    let way = desk.ways.iter().find(|way| way.element == "accept");
    let way = way.expect("to acceptance").clone();
    assert_eq!(way.withdrawn.len(), 1, "{way:?}");
    assert!(way.withdrawn[0].contains("东湖区市场监督管理局"), "{way:?}");
    assert!(
        way.again.iter().any(|one| one.contains("生态环境")),
        "{way:?}"
    );
    let what = SendBack {
        to: "accept".to_owned(),
        reason: "材料有误".to_owned(),
    };
    // The other organ at the same time: one of them is told.
    let other = city.person("dhscjg-reviewer").await;
    let theirs = city.task(&other, number, "review").await;
    let opinion = Review {
        passed: true,
        opinion: "看过".to_owned(),
    };
    let (back, forth) = tokio::join!(
        send_back(&reviewer, on(task, "b", what.clone())),
        review(&other, on(theirs, "r", opinion)),
    );
    if let Err(error) = &forth {
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
    if let Err(error) = back {
        assert_eq!(error.kind(), ErrorKind::Conflict);
        send_back(&reviewer, on(task, "b2", what))
            .await
            .expect("sent back");
    }
    let (open, fact) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["accept"], "all branches are gone");
    let CaseFact::SentBack { withdrawn, .. } = &fact else {
        panic!("{fact:?}")
    };
    assert_eq!(withdrawn.is_empty(), forth.is_ok(), "{fact:?}");
}

async fn a_step_is_taken_back_until_the_next_hand_has_acted(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let clerk = city.person("zhouchuang").await;
    let first = city.task(&clerk, number, "pre-review").await;
    city.passed(number).await;
    let reason = || "看漏一页".to_owned();
    let other = city.person("wuling").await;
    assert_eq!(
        kind(take_back(&other, "key-other", first, reason()).await),
        ErrorKind::NotAllowed
    );
    for _ in 0..2 {
        take_back(&clerk, "key-clerk", first, reason())
            .await
            .expect("taken back once, repeated");
    }
    let (open, fact) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["pre_review"]);
    assert!(matches!(&fact, CaseFact::TakenBack { withdrawn, .. } if withdrawn.len() == 1));
    let again = city.task(&clerk, number, "pre-review").await;
    let opinion = "齐全".to_owned();
    let theirs = pass_pre_review(&other, on(again, "o", Pass { opinion })).await;
    assert_eq!(
        kind(theirs),
        ErrorKind::Conflict,
        "it is back in the same hand"
    );
    city.passed(number).await;
    // The case stands where the first completion led, but was led there by another one.
    let stale = take_back(&clerk, "key-stale", first, reason()).await;
    assert_eq!(kind(stale), ErrorKind::Conflict, "taken back already");
    // The next hand and the hand before at once: exactly one is told.
    let acceptor = city.person("dhscjg-acceptor").await;
    let task = city.task(&acceptor, number, "accept").await;
    let (back, forth) = tokio::join!(
        take_back(&clerk, "key-race", again, reason()),
        accept(&acceptor, on(task, "a", Accept {})),
    );
    assert!(back.is_ok() != forth.is_ok(), "{back:?} {forth:?}");
    if back.is_ok() {
        assert_eq!(kind(forth), ErrorKind::Conflict);
        city.passed(number).await;
        city.accepted(number).await;
    } else {
        assert_eq!(kind(back), ErrorKind::Conflict);
    }
    let late = take_back(&acceptor, "key-accept", task, reason()).await;
    assert!(late.is_err(), "an acceptance has left the house");
    // Beside other branches: only one's own opinion comes back.
    let own = reviewed(&city, number, "xfjy-reviewer").await;
    reviewed(&city, number, "sthj-reviewer").await;
    let reviewer = city.person("xfjy-reviewer").await;
    take_back(&reviewer, "key-review", own, reason())
        .await
        .expect("the join still waits");
    let (mut open, _) = seen(&citizen, number, receipt.case).await;
    open.sort();
    assert_eq!(open.len(), 2, "{open:?}");
    let anew = reviewed(&city, number, "xfjy-reviewer").await;
    reviewed(&city, number, "dhscjg-reviewer").await;
    assert_eq!(
        kind(take_back(&reviewer, "key-joined", anew, reason()).await),
        ErrorKind::Conflict,
        "the branches have come together"
    );
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["decide"]);
}
