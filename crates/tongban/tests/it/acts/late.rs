//! 并联审批 whose opinions are late: urged once in the name of the system, shown to the organ that leads, never taken for agreement
//! unless the process names the rule.

use tongban_cases::model::{AdviceFact, CaseFact};
use tongban_cases::{
    GridState, StartSpecial, case_by_number, case_grid, start_special, urge_overdue,
};
use tongban_kernel::ErrorKind;

use super::{kind, reviewed, seen};
use crate::city::{City, in_the_city};

in_the_city!(
    a_late_opinion_is_urged_once_and_nothing_is_taken_for_agreement,
    silence_is_agreement_only_where_the_process_names_the_rule,
    what_stands_still_is_not_late,
);

async fn days(city: &City, days: i64) {
    city.clock
        .advance(jiff::SignedDuration::from_hours(24 * days));
}

/// Publishes a variant of the usual process and lets the sample item run it.
async fn runs(city: &City, name: &'static str, change: impl FnOnce(String) -> String) {
    let xml = include_str!("../../../../process/testdata/licence-approval.bpmn").to_owned();
    let xml = change(xml);
    let ctx = city.app.ctx.clone();
    city.app
        .ctx
        .db
        .write(move |tx| tongban_cases::publish_process(&ctx, tx, name, xml.as_bytes()).map(|_| ()))
        .await
        .expect("published");
    city.runs(name).await;
}

async fn a_late_opinion_is_urged_once_and_nothing_is_taken_for_agreement(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    reviewed(&city, number, "xfjy-reviewer").await;
    days(&city, 7).await;
    assert_eq!(
        urge_overdue(&city.app.ctx, 100).await.expect("looked"),
        0,
        "the last day is not over"
    );
    let lead = city.person("dhscjg-reviewer").await;
    let fresh = case_grid(&lead, number).await.expect("a grid");
    assert!(fresh.iter().all(|row| row.late == 0), "{fresh:?}");
    days(&city, 3).await;
    assert_eq!(urge_overdue(&city.app.ctx, 100).await.expect("urged"), 2);
    assert_eq!(
        urge_overdue(&city.app.ctx, 100).await.expect("looked"),
        0,
        "once"
    );
    let lead = city.person("dhscjg-reviewer").await;
    let rows = case_grid(&lead, number).await.expect("a grid");
    assert_eq!(rows.len(), 3);
    for row in &rows {
        match row.organ.contains("消防") {
            true => assert_eq!((row.state, row.late, row.urged), (GridState::Agreed, 0, 0)),
            false => {
                assert_eq!((row.state, row.urged), (GridState::Open, 1));
                assert!(row.late > 0, "{row:?}");
            }
        }
    }
    let view = case_by_number(&lead, number).await.expect("seen");
    let urged = view.events.iter().filter(|one| {
        matches!(one.event.fact, CaseFact::Urged { .. }) && one.event.by.role == "system"
    });
    assert_eq!(urged.count(), 2);
    let (open, _) = seen(&lead, number, receipt.case).await;
    assert_eq!(open.len(), 2, "silence agrees to nothing");
    let stranger = city.person("dhjtys-reviewer").await;
    assert_eq!(
        kind(case_grid(&stranger, number).await),
        ErrorKind::NotFound
    );
    // The join still waits for what is late; given late, it says so for ever.
    reviewed(&city, number, "sthj-reviewer").await;
    reviewed(&city, number, "dhscjg-reviewer").await;
    let (open, _) = seen(&lead, number, receipt.case).await;
    assert_eq!(open, ["decide"]);
    let rows = case_grid(&lead, number).await.expect("a grid");
    assert_eq!(rows.iter().filter(|row| row.late > 0).count(), 2);
    days(&city, 30).await;
    let decision = urge_overdue(&city.app.ctx, 100).await.expect("looked");
    assert_eq!(decision, 0, "a decision is no opinion");
}

async fn silence_is_agreement_only_where_the_process_names_the_rule(city: City) {
    const RULE: &str = "工程建设项目审批规则第九条";
    runs(&city, "licence-approval-silent", |xml| {
        let silent = format!("id=\"review_2\" tb:late=\"agree\" tb:late-basis=\"{RULE}\"");
        xml.replacen("id=\"review_2\"", &silent, 1)
    })
    .await;
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    days(&city, 12).await;
    assert_eq!(urge_overdue(&city.app.ctx, 100).await.expect("looked"), 3);
    let lead = city.person("dhscjg-reviewer").await;
    let view = case_by_number(&lead, number).await.expect("seen");
    let deemed = view.events.iter().filter_map(|one| match &one.event.fact {
        CaseFact::Advice(AdviceFact::DeemedAgreed { rule, .. }) => Some((rule, &one.event.by)),
        _ => None,
    });
    let deemed: Vec<_> = deemed.collect();
    assert_eq!(deemed.len(), 1);
    assert_eq!(
        (deemed[0].0.as_str(), deemed[0].1.basis.as_str()),
        (RULE, RULE)
    );
    assert_eq!(deemed[0].1.role, "system");
    let (open, _) = seen(&lead, number, receipt.case).await;
    assert_eq!(open, ["review_1", "review_3"], "the others are only urged");
    let rows = case_grid(&lead, number).await.expect("a grid");
    let states: Vec<_> = rows.iter().map(|row| row.state).collect();
    assert_eq!(
        states
            .iter()
            .filter(|one| **one == GridState::Deemed)
            .count(),
        1,
        "{rows:?}"
    );
    reviewed(&city, number, "dhscjg-reviewer").await;
    reviewed(&city, number, "sthj-reviewer").await;
    let (open, _) = seen(&lead, number, receipt.case).await;
    assert_eq!(open, ["decide"], "the join has all three");
}

async fn what_stands_still_is_not_late(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    let lead = city.person("dhscjg-reviewer").await;
    let what = StartSpecial {
        kind: tongban_limits::SuspensionReason::Hearing,
        days: 20,
        reason: "申请人要求".to_owned(),
    };
    start_special(&lead, receipt.case, what)
        .await
        .expect("stands still");
    days(&city, 15).await;
    assert_eq!(urge_overdue(&city.app.ctx, 100).await.expect("looked"), 0);
}
