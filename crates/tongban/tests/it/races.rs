//! Fifty at once: one wins, the others are told.

use std::sync::Arc;

use tongban_cases::{
    Accept, Decide, OnTask, Pass, Review, SubmitCase, accept, case_by_number, decide,
    pass_pre_review, review, submit,
};
use tongban_kernel::ErrorKind;

use crate::city::{City, in_the_city, on};

in_the_city!(
    fifty_submissions_of_one_draft_make_one_case,
    fifty_repeats_of_one_submission_get_the_same_receipt,
    fifty_decisions_of_one_case_make_one_decision,
);

const N: usize = 50;

async fn fifty_submissions_of_one_draft_make_one_case(city: City) {
    let citizen = city.person("chenxiaoyun").await;
    let draft = city.draft(&citizen).await;
    let mut running = tokio::task::JoinSet::new();
    for n in 0..N {
        let citizen = citizen.clone();
        running.spawn(async move {
            submit(
                &citizen,
                SubmitCase {
                    draft,
                    key: format!("key-{n}"),
                    channel: 1,
                },
            )
            .await
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
    assert_eq!(
        tongban_cases::my_cases(&citizen, None, 100)
            .await
            .expect("listed")
            .len(),
        1
    );
}

async fn fifty_repeats_of_one_submission_get_the_same_receipt(city: City) {
    let citizen = city.person("chenxiaoyun").await;
    let draft = city.draft(&citizen).await;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..N {
        let citizen = citizen.clone();
        running.spawn(async move {
            submit(
                &citizen,
                SubmitCase {
                    draft,
                    key: "same".to_owned(),
                    channel: 1,
                },
            )
            .await
        });
    }
    let mut receipts = Vec::new();
    while let Some(joined) = running.join_next().await {
        match joined.expect("no panic") {
            Ok(receipt) => receipts.push(receipt),
            // The first is still under way: asked again, the same key gets the receipt.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
        }
    }
    let wish = SubmitCase {
        draft,
        key: "same".to_owned(),
        channel: 1,
    };
    receipts.push(submit(&citizen, wish).await.expect("repeated"));
    assert!(receipts.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(
        tongban_cases::my_cases(&citizen, None, 100)
            .await
            .expect("listed")
            .len(),
        1
    );
}

async fn fifty_decisions_of_one_case_make_one_decision(city: City) {
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
    accept(&acceptor, on(task, Accept {}))
        .await
        .expect("accepted");
    // The three organs at once: each opinion counts, none overwrites another.
    let mut reviews = tokio::task::JoinSet::new();
    for login in ["dhscjg-reviewer", "xfjy-reviewer", "sthj-reviewer"] {
        let reviewer = city.person(login).await;
        let task = city.task(&reviewer, number, "review").await;
        reviews.spawn(async move {
            loop {
                let wish = on(
                    task,
                    Review {
                        passed: true,
                        opinion: "看过".to_owned(),
                    },
                );
                match review(&reviewer, wish).await {
                    Err(error) if error.code() == "case.stale" => {}
                    other => return other,
                }
            }
        });
    }
    while let Some(joined) = reviews.join_next().await {
        joined.expect("no panic").expect("reviewed");
    }
    let decider = Arc::new(city.person("dhscjg-decider").await);
    let task = city.task(&decider, number, "decide").await;
    let mut running = tokio::task::JoinSet::new();
    for n in 0..N {
        let decider = Arc::clone(&decider);
        running.spawn(async move {
            let what = Decide {
                granted: n % 2 == 0,
                reason: format!("第 {n} 次"),
            };
            decide(
                &decider,
                OnTask {
                    task,
                    key: format!("key-{n}"),
                    what,
                },
            )
            .await
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
    let decisions = view
        .events
        .iter()
        .filter(|view| matches!(view.event.fact.name(), "granted" | "denied"))
        .count();
    assert_eq!(decisions, 1);
}
