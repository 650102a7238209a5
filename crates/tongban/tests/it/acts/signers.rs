//! 前加签、后加签 over the whole product: in a countersign, and at a review or a decision.

use tongban_cases::model::{AdviceFact, CaseFact, Place};
use tongban_cases::{
    AddSigner, AskSigner, Countersign, Decide, RemoveSigner, add_signer, ask_signer,
    case_by_number, countersign, decide, remove_signer, signers_desk,
};
use tongban_kernel::{Actor, ErrorKind, OrganId, Result};
use tongban_storage::Ctx;

use super::{REVIEWERS, kind, on, reviewed, seen};
use crate::city::{City, in_the_city};

in_the_city!(
    a_decision_waits_for_who_signs_before_it,
    a_review_is_signed_again_before_the_branches_join,
    a_member_of_a_weighted_countersign_comes_before_the_present_ones,
);

fn organ_of(ctx: &Ctx) -> OrganId {
    match &ctx.actor {
        Actor::Officer(officer) => officer.organ,
        other => panic!("{other:?}"),
    }
}

fn ask(organ: OrganId, place: Place) -> AskSigner {
    AskSigner {
        organ,
        place,
        days: Some(2),
        reason: "涉及道路".to_owned(),
    }
}

async fn signed(city: &City, number: &str, login: &str, agreed: bool) -> Result<String> {
    let signer = city.person(login).await;
    let task = city.task(&signer, number, "countersign").await;
    let what = Countersign {
        agreed,
        opinion: "看过".to_owned(),
    };
    countersign(&signer, on(task, "sign", what)).await
}

async fn a_decision_waits_for_who_signs_before_it(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    for login in REVIEWERS {
        reviewed(&city, number, login).await;
    }
    let decider = city.person("dhscjg-decider").await;
    let joining = city.person("dhjtys-reviewer").await;
    let organ = organ_of(&joining);
    let task = city.task(&decider, number, "decide").await;
    let grant = || Decide {
        granted: true,
        reason: "依法".to_owned(),
    };
    // Nobody signs behind a decision, and only whoever has the task asks.
    for place in [Place::After, Place::Beside] {
        let refused = ask_signer(&decider, on(task, "after", ask(organ, place))).await;
        assert_eq!(kind(refused), ErrorKind::Invalid);
    }
    for days in [0, 31] {
        let what = AskSigner {
            days: Some(days),
            ..ask(organ, Place::Before)
        };
        let refused = ask_signer(&decider, on(task, &format!("days-{days}"), what)).await;
        let refused = refused.expect_err("too short, too long");
        assert_eq!(refused.code(), "signers.days", "{days}");
    }
    let window = organ_of(&city.person("zhouchuang").await);
    let nobody = ask_signer(&decider, on(task, "nobody", ask(window, Place::Before))).await;
    let nobody = nobody.expect_err("no reviewer there");
    assert_eq!(nobody.code(), "signers.organ");
    let reviewer = city.person("xfjy-reviewer").await;
    let refused = ask_signer(&reviewer, on(task, "other", ask(organ, Place::Before))).await;
    assert_eq!(kind(refused), ErrorKind::NotAllowed);
    for _ in 0..2 {
        ask_signer(&decider, on(task, "before", ask(organ, Place::Before)))
            .await
            .expect("asked once, repeated");
    }
    let (open, fact) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["decide"], "one task: the signer's");
    let view = case_by_number(&citizen, number).await.expect("seen");
    let theirs = view.tasks.iter().find(|one| one.task.open).expect("open");
    // Monday and two working days.
    let due = city.app.ctx.clock.today() + jiff::ToSpan::days(2);
    assert_eq!(theirs.task.due_on, Some(due));
    assert!(matches!(
        fact,
        CaseFact::Advice(AdviceFact::SignerAsked {
            place: Place::Before,
            ..
        })
    ));
    let held = decide(&decider, on(task, "early", grant())).await;
    assert_eq!(kind(held), ErrorKind::Conflict, "the decision is held");
    signed(&city, number, "dhjtys-reviewer", false)
        .await
        .expect("signed");
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["decide"], "a refusal to sign binds nobody");
    let task = city.task(&decider, number, "decide").await;
    decide(&decider, on(task, "decide", grant()))
        .await
        .expect("decided");
    let view = case_by_number(&citizen, number).await.expect("seen");
    assert!(view.tasks.iter().all(|one| !one.task.open));
}

async fn a_review_is_signed_again_before_the_branches_join(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    let reviewer = city.person("xfjy-reviewer").await;
    let joining = city.person("dhjtys-reviewer").await;
    let task = city.task(&reviewer, number, "review").await;
    ask_signer(
        &reviewer,
        on(task, "after", ask(organ_of(&joining), Place::After)),
    )
    .await
    .expect("asked");
    for login in REVIEWERS {
        reviewed(&city, number, login).await;
    }
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["review_2"], "the join waits for the signature");
    // The organ that leads needs it no longer.
    let lead = city.person("dhscjg-reviewer").await;
    let desk = signers_desk(&lead, number).await.expect("a desk");
    let less = RemoveSigner {
        task: desk.open[0].0.id,
        reason: "不涉及".to_owned(),
    };
    remove_signer(&lead, "less-key", receipt.case, less)
        .await
        .expect("removed");
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["decide"]);
}

async fn a_member_of_a_weighted_countersign_comes_before_the_present_ones(city: City) {
    let xml = include_str!("../../../../process/testdata/licence-approval-countersign.bpmn");
    let weighted = "tb:countersign=\"weight:4\" tb:weights=\"=[2, 1, 1]\"";
    let xml = xml.replacen("tb:countersign=\"veto\"", weighted, 1);
    let ctx = city.app.ctx.clone();
    let name = "licence-approval-weighted";
    city.app
        .ctx
        .db
        .write(move |tx| tongban_cases::publish_process(&ctx, tx, name, xml.as_bytes()).map(|_| ()))
        .await
        .expect("published");
    city.runs(name).await;
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    for login in REVIEWERS {
        reviewed(&city, number, login).await;
    }
    let lead = city.person("dhscjg-reviewer").await;
    let joining = city.person("dhjtys-reviewer").await;
    let more = |weight| AddSigner {
        organ: organ_of(&joining),
        reason: "涉及道路".to_owned(),
        place: Place::Before,
        weight,
    };
    for weight in [None, Some(2_000_000)] {
        let refused = add_signer(&lead, "no-weight-key", receipt.case, more(weight)).await;
        assert_eq!(kind(refused), ErrorKind::Invalid, "{weight:?}");
    }
    assert!(signers_desk(&lead, number).await.expect("a desk").weighted);
    add_signer(&lead, "weight-key", receipt.case, more(Some(1)))
        .await
        .expect("added");
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open.len(), 1, "the three wait");
    signed(&city, number, "dhjtys-reviewer", true)
        .await
        .expect("signed");
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open.len(), 3);
    // 1 of the new member and 2 of the first are 3; 1 more makes 4, and the last is not asked any more.
    signed(&city, number, "dhscjg-reviewer", true)
        .await
        .expect("signed");
    signed(&city, number, "xfjy-reviewer", true)
        .await
        .expect("signed");
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["decide"]);
}
