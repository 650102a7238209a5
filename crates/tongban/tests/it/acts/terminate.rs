//! 终止办理: who may, what goes, what the applicant is told, and that it is no denial.

use tongban_cases::model::{CaseFact, CaseState, Ending, Ground};
use tongban_cases::{
    Decide, Review, StartSpecial, Terminate, audit_case, case_by_number, decide, document_order,
    review, start_special, terminate, terminate_desk, withdraw,
};
use tongban_codes::lists::FinishResult;
use tongban_kernel::{CaseId, ErrorKind};
use tongban_limits::{ClockStatus, SuspensionReason};
use tongban_storage::{Ctx, params};

use super::{REVIEWERS, because, kind, on, reviewed, seen};
use crate::city::{City, in_the_city};

in_the_city!(
    a_case_is_terminated_by_the_decider_and_nothing_is_left,
    before_acceptance_it_counts_as_withdrawn,
    a_case_is_terminated_in_a_special_procedure,
    of_a_decision_and_a_termination_at_once_one_is_told,
    what_is_decided_is_not_terminated,
);

fn changed() -> Terminate {
    Terminate {
        ground: Ground::BasisChanged,
        words: None,
        reason: "自本月起改为备案管理".to_owned(),
    }
}

/// Open rows of the process of a case: tasks, timers, messages and signals waited for.
async fn rows(city: &City, id: CaseId) -> i64 {
    city.app
        .ctx
        .db
        .read(move |tx| {
            let found = tx.opt(
                "SELECT (SELECT COUNT(*) FROM task WHERE case_id = $1 AND state = 'open')
                      + (SELECT COUNT(*) FROM process_timer WHERE case_id = $1)
                      + (SELECT COUNT(*) FROM process_wait WHERE case_id = $1)",
                params![id],
                |row| row.get(0),
            )?;
            Ok(found.unwrap_or_default())
        })
        .await
        .expect("counted")
}

/// Refused: other posts and organs, the applicant, strangers, and what says no reason.
async fn nobody_else_may(city: &City, citizen: &Ctx, id: CaseId) {
    for login in [
        "dhscjg-reviewer",
        "dhscjg-acceptor",
        "xfjy-reviewer",
        "zhouchuang",
    ] {
        let other = city.person(login).await;
        let refused = terminate(&other, &format!("key-{login}"), id, changed()).await;
        assert_eq!(kind(refused), ErrorKind::NotAllowed, "{login}");
    }
    assert_eq!(
        kind(terminate(citizen, "key-own", id, changed()).await),
        ErrorKind::NotAllowed
    );
    let stranger = city.person("liuyan").await;
    assert_eq!(
        kind(terminate(&stranger, "key-strange", id, changed()).await),
        ErrorKind::NotFound
    );
    let decider = city.person("dhscjg-decider").await;
    let silent = Terminate {
        reason: " ".to_owned(),
        ..changed()
    };
    let other = |words: Option<&str>| Terminate {
        ground: Ground::Other,
        words: words.map(str::to_owned),
        ..changed()
    };
    let long = "长".repeat(201);
    for (n, wrong) in [silent, other(None), other(Some(" ")), other(Some(&long))]
        .into_iter()
        .enumerate()
    {
        let refused = terminate(&decider, &format!("key-wrong-{n}"), id, wrong).await;
        assert_eq!(kind(refused), ErrorKind::Invalid, "{n}");
    }
}

/// The letter is made, and says why and what can be done about it.
async fn the_letter_says_why(city: &City, citizen: &Ctx, number: &str, document_no: &str) {
    let view = case_by_number(citizen, number).await.expect("seen");
    let letters = view.documents.iter();
    let letters: Vec<_> = letters.filter(|one| one.number == document_no).collect();
    let [letter] = letters.as_slice() else {
        panic!("{:?}", view.documents)
    };
    let order = document_order(&city.app.ctx, letter.id)
        .await
        .expect("read")
        .expect("wanted");
    assert_eq!(order.data["reason"], "自本月起改为备案管理");
    assert!(
        order.data["legal"]
            .as_str()
            .is_some_and(|law| law.contains("第八条"))
    );
    let letter = letter.id;
    city.settle().await;
    let view = case_by_number(citizen, number).await.expect("seen");
    let made = view.documents.iter().find(|one| one.id == letter);
    assert!(made.expect("there").sha256.is_some(), "printed and sealed");
}

async fn a_case_is_terminated_by_the_decider_and_nothing_is_left(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let (number, id) = (receipt.project_no.as_str(), receipt.case);
    city.passed(number).await;
    city.accepted(number).await;
    reviewed(&city, number, "sthj-reviewer").await;
    assert!(rows(&city, id).await > 0);
    nobody_else_may(&city, &citizen, id).await;
    let decider = city.person("dhscjg-decider").await;
    let theirs = city
        .task(&city.person("xfjy-reviewer").await, number, "review")
        .await;
    assert_eq!(
        terminate_desk(&decider, number)
            .await
            .expect("a desk")
            .open
            .len(),
        2
    );
    for _ in 0..2 {
        let done = terminate(&decider, "key-end", id, changed()).await;
        assert_eq!(done.expect("terminated once, repeated"), number);
    }
    assert_eq!(rows(&city, id).await, 0, "nothing is left");
    let (open, fact) = seen(&citizen, number, id).await;
    assert!(open.is_empty());
    let CaseFact::Terminated {
        remedies,
        document_no,
        accepted: true,
        ..
    } = &fact
    else {
        panic!("{fact:?}")
    };
    assert!(remedies.contains("行政复议"), "{remedies}");
    let view = case_by_number(&citizen, number).await.expect("seen");
    assert!(matches!(
        view.case.state,
        CaseState::Ended {
            ending: Ending::Terminated,
            ..
        }
    ));
    assert_eq!(
        (view.case.state.code(), view.case.state.label()),
        (13, "已终止办理")
    );
    assert_eq!(view.case.state.finish_result(), Some(FinishResult::Voided));
    assert!(view.case.process.tokens.is_empty() && view.case.process.waits.is_empty());
    assert!(view.clock.as_ref().is_some_and(|clock| clock.stopped));
    assert!(view.stages.iter().all(|stage| !stage.current));
    the_letter_says_why(&city, &citizen, number, document_no).await;
    // Nobody acts on it any more.
    let opinion = Review {
        passed: true,
        opinion: "看过".to_owned(),
    };
    let late = review(
        &city.person("xfjy-reviewer").await,
        on(theirs, "late", opinion),
    )
    .await;
    assert_eq!(kind(late), ErrorKind::Conflict);
    assert_eq!(
        kind(withdraw(&citizen, id, because()).await),
        ErrorKind::Conflict
    );
    assert!(audit_case(&citizen, id).await.expect("audited"));
}

async fn before_acceptance_it_counts_as_withdrawn(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let decider = city.person("dhscjg-decider").await;
    let what = Terminate {
        ground: Ground::Other,
        words: Some("申请人提供的联系地址不存在".to_owned()),
        reason: "多次联系未果".to_owned(),
    };
    terminate(&decider, "key-early", receipt.case, what)
        .await
        .expect("terminated");
    let view = case_by_number(&citizen, number).await.expect("seen");
    assert_eq!(
        (view.case.state.code(), view.case.state.label()),
        (2, "已终止办理")
    );
    assert_eq!(view.case.state.finish_result(), Some(FinishResult::Voided));
    assert_eq!(rows(&city, receipt.case).await, 0);
    // The country is told of a withdrawal, not of a denial.
    let ended = view.events.last().expect("a record").event.clone();
    assert!(
        matches!(
            &ended.fact,
            CaseFact::Terminated {
                accepted: false,
                ..
            }
        ),
        "{ended:?}"
    );
    let letter = view.documents.last().expect("a letter");
    assert_eq!(letter.template, "termination-notice");
    let order = document_order(&city.app.ctx, letter.id)
        .await
        .expect("read")
        .expect("wanted");
    assert_eq!(order.data["ground"], "申请人提供的联系地址不存在");
    assert!(order.data.get("accepted").is_none() && order.data.get("legal").is_none());
}

async fn a_case_is_terminated_in_a_special_procedure(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    let reviewer = city.person("dhscjg-reviewer").await;
    let what = StartSpecial {
        kind: SuspensionReason::Hearing,
        days: 5,
        reason: because(),
    };
    start_special(&reviewer, receipt.case, what)
        .await
        .expect("started");
    let decider = city.person("dhscjg-decider").await;
    let gone = Terminate {
        ground: Ground::ApplicantGone,
        ..changed()
    };
    terminate(&decider, "key-special", receipt.case, gone)
        .await
        .expect("terminated");
    let view = case_by_number(&citizen, number).await.expect("seen");
    assert_eq!(
        (view.case.state.code(), view.case.state.label()),
        (13, "已终止办理")
    );
    assert_eq!(rows(&city, receipt.case).await, 0);
    let clocks = view.case.clocks.expect("clocks");
    for clock in [&clocks.promised, &clocks.statutory] {
        let today = city.app.ctx.clock.today();
        assert!(matches!(clock.status(today), ClockStatus::Stopped { .. }));
        assert!(
            clock.suspensions.iter().all(|one| one.to.is_some()),
            "nothing stands still"
        );
    }
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
}

async fn of_a_decision_and_a_termination_at_once_one_is_told(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    for login in REVIEWERS {
        reviewed(&city, number, login).await;
    }
    let decider = city.person("dhscjg-decider").await;
    let task = city.task(&decider, number, "decide").await;
    let granted = Decide {
        granted: true,
        reason: "依法".to_owned(),
    };
    let (decided, ended) = tokio::join!(
        decide(&decider, on(task, "d", granted)),
        terminate(&decider, "key-race", receipt.case, changed()),
    );
    assert_ne!(decided.is_ok(), ended.is_ok(), "{decided:?} {ended:?}");
    let lost = decided.err().or(ended.err()).expect("one is told");
    assert_eq!(lost.kind(), ErrorKind::Conflict, "{lost}");
    let view = case_by_number(&citizen, number).await.expect("seen");
    let last = view.events.iter().map(|event| event.event.fact.name());
    let ends = last.filter(|name| ["granted", "terminated"].contains(name));
    assert_eq!(ends.count(), 1);
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
}

async fn what_is_decided_is_not_terminated(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.decided(number, false).await.expect("decided");
    let decider = city.person("dhscjg-decider").await;
    let late = terminate(&decider, "key-late", receipt.case, changed()).await;
    assert_eq!(kind(late), ErrorKind::Conflict);
    let desk = terminate_desk(&decider, number).await.expect("a desk");
    assert!(desk.refused.is_some());
    let view = case_by_number(&citizen, number).await.expect("seen");
    assert_eq!(view.case.state.label(), "已办结（不通过）");
    assert!(
        view.documents
            .iter()
            .all(|one| one.template != "termination-notice")
    );
}
