//! From the draft to the rated licence, and the ways that end earlier.

use jiff::SignedDuration;
use jiff::civil::date;
use tongban_cases::model::{CaseState, SupplementItem, Verdict};
use tongban_cases::{
    Decide, Pass, RefuseAcceptance, RequestSupplement, Review, StartSpecial, SubmitCase,
    Supplement, audit_case, case_by_number, decide, end_special, inbox, pass_pre_review,
    refuse_acceptance, request_supplement, review, start_draft, start_special, submit, supplement,
    withdraw,
};
use tongban_kernel::ErrorKind;
use tongban_limits::SuspensionReason;

use crate::city::{City, in_the_city, on};

in_the_city!(
    a_granted_case_ends_with_a_licence_and_its_record_rebuilds_it,
    a_denied_case_names_reasons_and_remedies,
    an_incomplete_draft_is_refused_with_everything_that_is_missing,
    a_supplement_is_asked_for_once_and_the_case_goes_on,
    nobody_else_sees_the_case,
    silence_of_five_working_days_is_acceptance,
    the_clock_stands_still_in_a_special_procedure,
    a_withdrawn_case_has_no_open_task,
    an_organ_that_decides_alone_reviews_once,
);

async fn a_granted_case_ends_with_a_licence_and_its_record_rebuilds_it(city: City) {
    let (citizen, receipt) = city.submitted().await;
    assert_eq!(receipt.project_no.len(), 25);
    city.decided(&receipt.project_no, true)
        .await
        .expect("decided");
    city.settle().await;
    let view = case_by_number(&citizen, &receipt.project_no)
        .await
        .expect("seen");
    assert!(matches!(
        view.case.state,
        CaseState::Concluded {
            verdict: Verdict::Granted,
            ..
        }
    ));
    assert!(
        view.stages.iter().all(|stage| stage.done_at.is_some()),
        "{:?}",
        view.stages
    );
    assert!(view.tasks.iter().all(|task| !task.task.open));
    assert!(view.events.iter().all(|event| event.log_index.is_some()));
    assert!(
        view.documents
            .iter()
            .all(|document| document.sha256.is_some()),
        "{:?}",
        view.documents
    );
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
    // Accepted on Monday 2 March 2026: five working days end on Monday the 9th.
    assert_eq!(view.clock.expect("a clock").due, date(2026, 3, 9));
    // The licence names the place of business in words, not by the code of its division.
    let licences = tongban_licences::my_licences(&citizen)
        .await
        .expect("listed");
    let (_, signed) = tongban_licences::signed_file(&citizen, licences[0].licence.id)
        .await
        .expect("signed");
    let signed = String::from_utf8_lossy(&signed);
    assert!(
        signed.contains("云州市东湖区") && !signed.contains("\"339902001001"),
        "{signed}"
    );
}

async fn a_denied_case_names_reasons_and_remedies(city: City) {
    let (citizen, receipt) = city.submitted().await;
    city.decided(&receipt.project_no, false)
        .await
        .expect("decided");
    city.settle().await;
    let view = case_by_number(&citizen, &receipt.project_no)
        .await
        .expect("seen");
    let told = view.events.iter().any(|view| {
        matches!(&view.event.fact, tongban_cases::model::CaseFact::Denied { reason, remedies }
            if reason == "依法" && remedies.contains("复议") && remedies.contains("诉讼"))
    });
    assert!(told, "行政许可法 第三十八条");
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
}

async fn an_incomplete_draft_is_refused_with_everything_that_is_missing(city: City) {
    let citizen = city.person("chenxiaoyun").await;
    let item = tongban_catalogue::offer_by_code(&citizen, "1133990200990011XN4330190001000")
        .await
        .expect("there")
        .id;
    let draft = start_draft(&citizen, item, Vec::new())
        .await
        .expect("started");
    let wish = SubmitCase {
        draft,
        key: "k".to_owned(),
        channel: 1,
    };
    let refused = submit(&citizen, wish).await.expect_err("incomplete");
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    let fields: Vec<&str> = refused
        .field_problems()
        .iter()
        .map(|problem| problem.field.as_str())
        .collect();
    assert!(
        fields.iter().any(|field| field.starts_with("business#")),
        "{fields:?}"
    );
    assert!(
        fields.iter().any(|field| field.starts_with("materials#")),
        "{fields:?}"
    );
    assert!(refused.saved_text().is_some(), "says what was saved");
}

async fn a_supplement_is_asked_for_once_and_the_case_goes_on(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, number, "pre-review").await;
    let item = SupplementItem {
        target: "layout".to_owned(),
        name: "布局图".to_owned(),
        requirement: "标注洗消区".to_owned(),
    };
    request_supplement(
        &clerk,
        on(
            task,
            RequestSupplement {
                items: vec![item],
                days: 5,
            },
        ),
    )
    .await
    .expect("asked");
    supplement(
        &citizen,
        receipt.case,
        Supplement {
            note: "已补".to_owned(),
        },
    )
    .await
    .expect("supplemented");
    let again = supplement(&citizen, receipt.case, Supplement::default())
        .await
        .expect_err("nothing is asked for");
    assert_eq!(again.kind(), ErrorKind::Conflict);
    let task = city.task(&clerk, number, "pre-review").await;
    pass_pre_review(
        &clerk,
        on(
            task,
            Pass {
                opinion: "齐全".to_owned(),
            },
        ),
    )
    .await
    .expect("passed");
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
}

async fn nobody_else_sees_the_case(city: City) {
    let (_, receipt) = city.submitted().await;
    for login in ["liuyan", "fgw-decider", "anquan", "dhga-acceptor"] {
        let other = city.person(login).await;
        let refused = case_by_number(&other, &receipt.project_no)
            .await
            .err()
            .expect("hidden");
        let absent = case_by_number(&other, "339900202603020001")
            .await
            .err()
            .expect("absent");
        assert_eq!(
            (refused.kind(), refused.message()),
            (absent.kind(), absent.message()),
            "{login}"
        );
    }
    for login in ["zhouchuang", "xfjy-reviewer", "jiancha"] {
        let officer = city.person(login).await;
        case_by_number(&officer, &receipt.project_no)
            .await
            .unwrap_or_else(|error| panic!("{login}: {error}"));
    }
    let decider = city.person("dhscjg-decider").await;
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, &receipt.project_no, "pre-review").await;
    let refused = pass_pre_review(
        &decider,
        on(
            task,
            Pass {
                opinion: "x".to_owned(),
            },
        ),
    )
    .await
    .expect_err("not his post");
    assert_eq!(refused.kind(), ErrorKind::NotAllowed);
}

async fn silence_of_five_working_days_is_acceptance(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let early = tongban_cases::deem_accepted(&city.app.ctx, receipt.case)
        .await
        .expect_err("still in time");
    assert_eq!(early.kind(), ErrorKind::Conflict);
    // Received on Monday 2 March: the fifth working day is Monday the 9th; on Tuesday the 10th it counts as accepted.
    city.clock.advance(SignedDuration::from_hours(24 * 8));
    tongban::worker::clockwork(&city.app.ctx)
        .await
        .expect("ran");
    let view = case_by_number(&citizen, &receipt.project_no)
        .await
        .expect("seen");
    let CaseState::Handling { acceptance } = &view.case.state else {
        panic!("{:?}", view.case.state)
    };
    assert_eq!((acceptance.on, acceptance.deemed), (date(2026, 3, 2), true));
    let reviews = view
        .tasks
        .iter()
        .filter(|task| task.task.open && task.task.act == "review")
        .count();
    assert_eq!(reviews, 3, "the organs have begun");
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
}

async fn the_clock_stands_still_in_a_special_procedure(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, number, "pre-review").await;
    pass_pre_review(
        &clerk,
        on(
            task,
            Pass {
                opinion: "齐全".to_owned(),
            },
        ),
    )
    .await
    .expect("passed");
    let acceptor = city.person("dhscjg-acceptor").await;
    let task = city.task(&acceptor, number, "accept").await;
    tongban_cases::accept(&acceptor, on(task, tongban_cases::Accept {}))
        .await
        .expect("accepted");
    let start = StartSpecial {
        kind: SuspensionReason::ExpertReview,
        days: 3,
        reason: "专家看现场".to_owned(),
    };
    start_special(&acceptor, receipt.case, start)
        .await
        .expect("started");
    let reviewer = city.person("xfjy-reviewer").await;
    let review = city.task(&reviewer, number, "review").await;
    let what = tongban_cases::Review {
        passed: true,
        opinion: "x".to_owned(),
    };
    let refused = tongban_cases::review(&reviewer, on(review, what))
        .await
        .expect_err("stands still");
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    city.clock.advance(SignedDuration::from_hours(24 * 3));
    let acceptor = city.person("dhscjg-acceptor").await;
    end_special(&acceptor, receipt.case, "可以".to_owned())
        .await
        .expect("ended");
    let citizen = city.app.ctx.as_actor(citizen.actor);
    let clock = case_by_number(&citizen, number)
        .await
        .expect("seen")
        .clock
        .expect("a clock");
    // Suspended from Monday the 2nd to Thursday the 5th: the 3rd and 4th lie wholly inside and are not counted.
    assert_eq!(clock.due, date(2026, 3, 11));
    assert!(clock.explained.iter().any(|line| !line.counted));
}

async fn a_withdrawn_case_has_no_open_task(city: City) {
    let (citizen, receipt) = city.submitted().await;
    withdraw(&citizen, receipt.case, "不开了".to_owned())
        .await
        .expect("withdrawn");
    let view = case_by_number(&citizen, &receipt.project_no)
        .await
        .expect("seen");
    assert!(!view.case.state.is_open() && view.tasks.iter().all(|task| !task.task.open));
    let again = withdraw(&citizen, receipt.case, "再来".to_owned())
        .await
        .expect_err("over");
    assert_eq!(again.kind(), ErrorKind::Conflict);
    let (_, receipt) = {
        let draft = city.draft(&citizen).await;
        let wish = SubmitCase {
            draft,
            key: "k2".to_owned(),
            channel: 1,
        };
        (0, submit(&citizen, wish).await.expect("submitted"))
    };
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, &receipt.project_no, "pre-review").await;
    let what = RefuseAcceptance {
        reason: "不属于本机关".to_owned(),
        competent_organ: None,
        not_required: false,
    };
    let incomplete = refuse_acceptance(&clerk, on(task, what))
        .await
        .expect_err("where to go must be told");
    assert_eq!(
        incomplete.kind(),
        ErrorKind::Invalid,
        "行政许可法 第三十二条第一款第二项"
    );
}

async fn an_organ_that_decides_alone_reviews_once(city: City) {
    // The same item as if no other organ had a hand in it.
    city.republished(|item| {
        item.match_depts = None;
        item.process_id = Some("licence-approval-single".to_owned());
    })
    .await;
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.passed(number).await;
    city.accepted(number).await;
    let reviews = async |login: &str| {
        let lines = inbox(&city.person(login).await, 100).await.expect("listed");
        let of_case = lines
            .iter()
            .filter(|line| line.case.project_no == number && line.act == "review");
        of_case.count()
    };
    assert_eq!(reviews("dhscjg-reviewer").await, 1);
    for other in ["xfjy-reviewer", "sthj-reviewer"] {
        assert_eq!(reviews(other).await, 0, "{other}");
    }
    let reviewer = city.person("dhscjg-reviewer").await;
    let task = city.task(&reviewer, number, "review").await;
    let what = Review {
        passed: true,
        opinion: "看过".to_owned(),
    };
    review(&reviewer, on(task, what)).await.expect("reviewed");
    let decider = city.person("dhscjg-decider").await;
    let task = city.task(&decider, number, "decide").await;
    let what = Decide {
        granted: true,
        reason: "依法".to_owned(),
    };
    decide(&decider, on(task, what)).await.expect("decided");
    let view = case_by_number(&citizen, number).await.expect("seen");
    let reviewed = view
        .events
        .iter()
        .filter(|view| view.event.fact.name() == "reviewed");
    assert_eq!(reviewed.count(), 1);
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
}
