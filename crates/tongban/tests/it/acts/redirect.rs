//! 跳转: who may move a case, whereto, and what stays as it is.

use tongban_cases::model::CaseFact;
use tongban_cases::{Redirect, case_by_number, redirect, redirect_desk};
use tongban_kernel::ErrorKind;

use super::{REVIEWERS, kind, reviewed, seen};
use crate::city::{City, in_the_city};

in_the_city!(a_case_is_moved_by_the_keeper_of_processes_only);

async fn a_case_is_moved_by_the_keeper_of_processes_only(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let keeper = city.person("dhscjg-item-manager").await;
    let to = |element: &str| Redirect {
        to: element.to_owned(),
        reason: "流程有误".to_owned(),
    };
    let ways = async || {
        let desk = redirect_desk(&keeper, number).await.expect("a desk");
        let ways = desk.ways.into_iter().map(|way| way.element);
        ways.collect::<Vec<_>>()
    };
    assert_eq!(
        ways().await,
        ["accept"],
        "nobody decides what was not accepted"
    );
    let jump = redirect(&keeper, "jump-key-1", receipt.case, to("decide")).await;
    assert_eq!(kind(jump), ErrorKind::Invalid);
    city.passed(number).await;
    city.accepted(number).await;
    assert_eq!(
        ways().await,
        ["pre_review", "accept", "review_split", "decide"]
    );
    for login in ["dhscjg-decider", "zhouchuang"] {
        let other = city.person(login).await;
        let refused = redirect(&other, "jump-key-2", receipt.case, to("decide")).await;
        assert_eq!(kind(refused), ErrorKind::NotAllowed, "{login}");
    }
    let before = case_by_number(&citizen, number)
        .await
        .expect("seen")
        .case
        .clocks;
    for _ in 0..2 {
        redirect(&keeper, "jump-key-3", receipt.case, to("decide"))
            .await
            .expect("moved once, repeated");
    }
    let (open, fact) = seen(&citizen, number, receipt.case).await;
    assert_eq!(open, ["decide"]);
    assert!(matches!(&fact, CaseFact::Redirected { withdrawn, .. } if withdrawn.len() == 3));
    let reused = redirect(&keeper, "jump-key-3", receipt.case, to("accept")).await;
    let reused = reused.expect_err("a key stands for one order");
    assert_eq!(reused.code(), "idempotency.reused");
    redirect(&keeper, "jump-key-4", receipt.case, to("review_split"))
        .await
        .expect("all branches begin");
    let view = case_by_number(&citizen, number).await.expect("seen");
    assert_eq!(view.case.clocks, before, "the limits go on");
    for login in REVIEWERS {
        reviewed(&city, number, login).await;
    }
    let (open, _) = seen(&citizen, number, receipt.case).await;
    assert_eq!(
        open,
        ["decide"],
        "the join waits for nothing that is not there"
    );
}
