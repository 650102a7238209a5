//! 会签, 加签, 减签 over the whole product.

use tongban_cases::model::{CaseFact, Place};
use tongban_cases::{
    AddSigner, Countersign, RemoveSigner, Review, add_signer, case_by_number, countersign,
    remove_signer, review, signers_desk,
};
use tongban_kernel::{Actor, ErrorKind, Result};

use super::{REVIEWERS, kind, on, reviewed, seen};
use crate::city::{City, in_the_city};

in_the_city!(
    a_countersign_with_a_veto_ends_at_once,
    signers_are_added_and_removed_by_the_organ_that_decides,
);

async fn to_the_countersign(city: &City, number: &str) {
    city.passed(number).await;
    city.accepted(number).await;
    for login in REVIEWERS {
        reviewed(city, number, login).await;
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

async fn a_countersign_with_a_veto_ends_at_once(city: City) {
    city.runs("licence-approval-countersign").await;
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    to_the_countersign(&city, number).await;
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["countersign"; 3]);
    let other = city.person("fgw-reviewer").await;
    let reviewer = city.person("sthj-reviewer").await;
    let task = city.task(&reviewer, number, "countersign").await;
    let what = Countersign {
        agreed: true,
        opinion: "看过".to_owned(),
    };
    assert_eq!(
        kind(countersign(&other, on(task, "o", what)).await),
        ErrorKind::NotFound
    );
    let wrong = Review {
        passed: true,
        opinion: "看过".to_owned(),
    };
    let wrong = review(&reviewer, on(task, "wrong", wrong)).await;
    assert_eq!(wrong.expect_err("no review").code(), "task.other-act");
    signed(&city, number, "sthj-reviewer", true)
        .await
        .expect("signed");
    signed(&city, number, "xfjy-reviewer", false)
        .await
        .expect("refused to sign");
    let (open, fact) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["reconsider"], "the third is not asked any more");
    assert!(matches!(
        fact,
        CaseFact::Countersigned { agreed: false, .. }
    ));
    reviewed(&city, number, "dhscjg-reviewer").await;
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["decide"]);
}

async fn signers_are_added_and_removed_by_the_organ_that_decides(city: City) {
    city.runs("licence-approval-countersign").await;
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let lead = city.person("dhscjg-reviewer").await;
    let joining = city.person("dhjtys-reviewer").await;
    let Actor::Officer(officer) = &joining.actor else {
        panic!("an officer")
    };
    let more = AddSigner {
        organ: officer.organ,
        reason: "涉及道路".to_owned(),
        place: Place::Beside,
        weight: None,
    };
    let early = add_signer(&lead, "early-key", receipt.case, more.clone()).await;
    assert_eq!(kind(early), ErrorKind::Conflict, "no countersign runs");
    to_the_countersign(&city, number).await;
    let other = city.person("xfjy-reviewer").await;
    let refused = add_signer(&other, "other-key", receipt.case, more.clone()).await;
    assert_eq!(
        kind(refused),
        ErrorKind::NotAllowed,
        "not the deciding organ"
    );
    assert_eq!(
        kind(case_by_number(&joining, number).await),
        ErrorKind::NotFound
    );
    let window = city.person("zhouchuang").await;
    let Actor::Officer(window) = &window.actor else {
        panic!("an officer")
    };
    let nobody = AddSigner {
        organ: window.organ,
        ..more.clone()
    };
    let nobody = add_signer(&lead, "nobody-key", receipt.case, nobody).await;
    assert_eq!(kind(nobody), ErrorKind::Invalid, "no reviewer there");
    for _ in 0..2 {
        add_signer(&lead, "more-key", receipt.case, more.clone())
            .await
            .expect("added once, repeated");
    }
    case_by_number(&joining, number).await.expect("sees it now");
    let (open, fact) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open.len(), 4);
    assert!(matches!(fact, CaseFact::SignerAdded { .. }));
    let again = add_signer(&lead, "again-key", receipt.case, more).await;
    assert_eq!(kind(again), ErrorKind::Invalid, "signs already");
    let desk = signers_desk(&lead, number).await.expect("a desk");
    let gone = desk.open.iter().find(|(_, organ)| organ.contains("消防"));
    let less = RemoveSigner {
        task: gone.expect("open").0.id,
        reason: "不涉及".to_owned(),
    };
    remove_signer(&lead, "less-key", receipt.case, less.clone())
        .await
        .expect("removed");
    let twice = remove_signer(&lead, "twice-key", receipt.case, less).await;
    assert_eq!(kind(twice), ErrorKind::Conflict);
    for login in ["dhjtys-reviewer", "dhscjg-reviewer", "sthj-reviewer"] {
        signed(&city, number, login, true).await.expect("signed");
    }
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["decide"], "all who were asked agree");
}
