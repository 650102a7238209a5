//! The key of an order stands for one act on one task with one content.

use tongban_cases::{Delegate, OnTask, Transfer, delegate, transfer};

use super::{because, officer_of};
use crate::city::{City, in_the_city};

in_the_city!(a_key_stands_for_one_order);

async fn a_key_stands_for_one_order(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let (first, second) = (city.person("zhouchuang").await, city.person("wuling").await);
    let task = city.task(&first, number, "pre-review").await;
    let to_second = |reason: String| Transfer {
        to: Some(officer_of(&second)),
        reason,
    };
    let task_2 = city.submitted_with("k2").await.1;
    let task_2 = city.task(&first, task_2.project_no.as_str(), "pre-review");
    let task_2 = task_2.await;
    let used = "the-same-key".to_owned();
    let wish = OnTask {
        task,
        key: used.clone(),
        what: to_second(because()),
    };
    transfer(&first, wish).await.expect("handed over");
    let one_more = |task, reason: &str| OnTask {
        task,
        key: used.clone(),
        what: to_second(reason.to_owned()),
    };
    for (wish, why) in [
        (one_more(task_2, &because()), "another task"),
        (one_more(task, "别的理由"), "other words"),
    ] {
        let refused = transfer(&first, wish).await.expect_err(why);
        assert_eq!(refused.code(), "idempotency.reused", "{why}");
    }
    let same_words = OnTask {
        task,
        key: used.clone(),
        what: Delegate {
            to: officer_of(&second),
            reason: because(),
        },
    };
    let refused = delegate(&first, same_words).await;
    let refused = refused.expect_err("another act");
    assert_eq!(refused.code(), "idempotency.reused");
}
