//! A message from outside is taken once, and waits for whoever will wait for it.

use jiff::SignedDuration;
use tongban_cases::model::{OutsideMessage, Taken};
use tongban_cases::{KEPT_FOR, audit_case, deliver_kept, take_message};
use tongban_kernel::{Actor, OutsideSystem};
use tongban_storage::Ctx;

use crate::admin::one;
use crate::city::{City, in_the_city};
use crate::processes::{flow, open, process, runs, task};

in_the_city!(
    a_message_is_taken_once,
    an_answer_before_its_question_is_kept,
    what_nobody_wants_expires,
);

/// The system of the organ with this officer.
pub(super) async fn system(city: &City, officer: &str, code: &str) -> Ctx {
    let Actor::Officer(officer) = city.person(officer).await.actor else {
        panic!("no officer");
    };
    let ctx = &city.app.ctx;
    ctx.as_actor(Actor::Outside(OutsideSystem {
        system: ctx.ids.id(ctx.now()),
        code: code.to_owned(),
        organ: officer.organ,
        name: "核验平台".to_owned(),
    }))
}

fn message(id: &str, key: &str, n: i64) -> OutsideMessage {
    let vars = serde_json::json!({"n": n});
    OutsideMessage {
        source: "urn:yunzhou:verify".to_owned(),
        id: id.to_owned(),
        name: "答复".to_owned(),
        key: key.to_owned(),
        vars: vars.as_object().expect("an object").clone(),
    }
}

/// Waits for the message with this key, behind a task if it is `late`.
async fn waits(city: &City, name: &'static str, key: &str, late: bool) {
    let catch =
        format!("<bpmn:receiveTask id=\"wait\" messageRef=\"m\" tb:key=\"=&quot;{key}&quot;\"/>");
    let (first, way) = if late {
        (
            task("first"),
            format!("{}{}", flow("s", "first"), flow("first", "wait")),
        )
    } else {
        (String::new(), flow("s", "wait"))
    };
    let inner = format!(
        "{first}{catch}{}{way}{}",
        task("after"),
        flow("wait", "after")
    );
    runs(city, name, process(name, &inner)).await;
}

async fn a_message_is_taken_once(city: City) {
    waits(&city, "waits", "同案", false).await;
    let (citizen, receipt) = city.submitted_with("first").await;
    let sender = system(&city, "dhscjg-reviewer", "verify").await;
    // The system of an organ without a hand in the case reaches nothing.
    let stranger = system(&city, "dhga-item-manager", "other").await;
    let foreign = OutsideMessage {
        source: "urn:other".to_owned(),
        ..message("1", "同案", 9)
    };
    assert_eq!(
        take_message(&stranger, foreign).await.expect("kept"),
        Taken::Kept
    );
    deliver_kept(&city.app.ctx).await.expect("works");
    assert!(
        open(&citizen, &receipt.project_no).await.is_empty(),
        "not theirs"
    );

    assert_eq!(
        take_message(&sender, message("1", "同案", 1))
            .await
            .expect("taken"),
        Taken::Taken
    );
    assert_eq!(open(&citizen, &receipt.project_no).await, ["after"]);
    // A second case that waits for the same gets nothing of the repeat.
    let (citizen, other) = city.submitted_with("second").await;
    assert_eq!(
        take_message(&sender, message("1", "同案", 1))
            .await
            .expect("a repeat"),
        Taken::Taken
    );
    assert!(open(&citizen, &other.project_no).await.is_empty(), "once");
    let reused = take_message(&sender, message("1", "同案", 2)).await;
    assert_eq!(
        reused.expect_err("another content").code(),
        "message.reused"
    );
    // Many at once are one.
    let many = (0..8).map(|_| take_message(&sender, message("2", "同案", 1)));
    let mut at_once = Vec::new();
    for one in many {
        at_once.push(one);
    }
    let answers = futures_join(at_once).await;
    assert!(
        answers.iter().all(|answer| *answer == Taken::Taken),
        "{answers:?}"
    );
    assert_eq!(open(&citizen, &other.project_no).await, ["after"]);
    let rows: i64 = one(&city, "SELECT COUNT(*) FROM message_in WHERE id = '2'").await;
    assert_eq!(rows, 1);
    assert!(audit_case(&citizen, other.case).await.expect("audited"));
    let citizen_sends = take_message(&citizen, message("3", "同案", 1)).await;
    assert_eq!(citizen_sends.expect_err("no system").code(), "session.none");
}

async fn futures_join<F>(all: Vec<F>) -> Vec<Taken>
where
    F: Future<Output = tongban_kernel::Result<Taken>>,
{
    let mut pinned: Vec<_> = all.into_iter().map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|cx| {
        for (future, answer) in &mut pinned {
            if answer.is_none()
                && let std::task::Poll::Ready(done) = future.as_mut().poll(cx)
            {
                *answer = Some(done.expect("an answer"));
            }
        }
        if pinned.iter().all(|(_, answer)| answer.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    pinned
        .into_iter()
        .filter_map(|(_, answer)| answer)
        .collect()
}

async fn an_answer_before_its_question_is_kept(city: City) {
    waits(&city, "later", "早到", true).await;
    let (citizen, receipt) = city.submitted_with("first").await;
    let sender = system(&city, "dhscjg-reviewer", "verify").await;
    let early = || take_message(&sender, message("7", "早到", 5));
    assert_eq!(early().await.expect("kept"), Taken::Kept);
    let kept: Vec<u8> = one(&city, "SELECT sealed FROM message_in WHERE id = '7'").await;
    let lies_open = kept.windows(3).any(|part| part == b"\"n\"");
    assert!(!lies_open, "{}", String::from_utf8_lossy(&kept));
    assert_eq!(open(&citizen, &receipt.project_no).await, ["first"]);
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, &receipt.project_no, "pre-review").await;
    let pass = tongban_cases::Pass {
        opinion: "齐全".to_owned(),
    };
    tongban_cases::pass_pre_review(&clerk, crate::city::on(task, pass))
        .await
        .expect("passed");
    city.settle().await;
    assert_eq!(
        open(&citizen, &receipt.project_no).await,
        ["after"],
        "handed over right after the commit"
    );
    assert_eq!(
        early().await.expect("a repeat"),
        Taken::Kept,
        "the same answer"
    );
    let view = tongban_cases::case_by_number(&citizen, &receipt.project_no)
        .await
        .expect("hers");
    assert_eq!(
        view.case.process.vars().get("n"),
        Some(&serde_json::json!(5))
    );
    // What was in it is not kept longer than needed.
    let left: i64 = one(
        &city,
        "SELECT COUNT(*) FROM message_in WHERE sealed IS NOT NULL",
    )
    .await;
    assert_eq!(left, 0);
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
}

async fn what_nobody_wants_expires(city: City) {
    waits(&city, "later", "晚了", true).await;
    let (citizen, receipt) = city.submitted_with("first").await;
    let sender = system(&city, "dhscjg-reviewer", "verify").await;
    take_message(&sender, message("8", "晚了", 5))
        .await
        .expect("kept");
    city.clock.advance(KEPT_FOR + SignedDuration::from_secs(1));
    deliver_kept(&city.app.ctx).await.expect("works");
    let state: String = one(&city, "SELECT state FROM message_in WHERE id = '8'").await;
    assert_eq!(state, "expired");
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, &receipt.project_no, "pre-review").await;
    let pass = tongban_cases::Pass {
        opinion: "齐全".to_owned(),
    };
    tongban_cases::pass_pre_review(&clerk, crate::city::on(task, pass))
        .await
        .expect("passed");
    deliver_kept(&city.app.ctx).await.expect("works");
    assert!(
        open(&citizen, &receipt.project_no).await.is_empty(),
        "too old"
    );
    let again = take_message(&sender, message("8", "晚了", 5)).await;
    assert_eq!(
        again.expect("a repeat"),
        Taken::Kept,
        "the same answer as the first time"
    );
}
