//! A department's own system does a step of the process, over real HTTP.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tongban::simulator::{Manner, Simulator};
use tongban_cases::model::CaseFact;
use tongban_cases::{audit_case, case_by_number, incidents, looks};
use tongban_outside::deliveries;
use tongban_outside::model::{Secret, sign};
use tongban_storage::{Ctx, params};

use super::{beside_the_city, delivered, organ_of, registered};
use crate::admin::one;
use crate::city::{City, on};
use crate::processes::{flow, open, process, runs, task};

beside_the_city!(
    a_system_reviews_and_serves_over_http,
    what_is_forged_or_beyond_its_rights_is_refused,
    a_silent_system_leaves_the_step_to_the_officer,
    the_name_of_a_system_gives_no_right_to_another_organ,
    a_message_comes_over_http,
);

/// Pre-review and acceptance by officers, then a review and a service by the system.
fn file() -> String {
    let accept =
        "<bpmn:userTask id=\"accept\" name=\"受理\" tb:post=\"acceptor\" tb:act=\"accept\"/>";
    let review = "<bpmn:userTask id=\"review\" name=\"消防审查\" tb:post=\"reviewer\" tb:act=\"review\" tb:limit=\"P2D\" tb:system=\"xf\" tb:sets=\"score\" tb:shows=\"applicant.name\"/>";
    let serve =
        "<bpmn:serviceTask id=\"serve\" name=\"登记备案\" tb:system=\"xf\" tb:sets=\"score\"/>";
    let inner = format!(
        "{}{accept}{review}{serve}{}{}{}{}{}{}",
        task("pre_review"),
        task("after"),
        flow("s", "pre_review"),
        flow("pre_review", "accept"),
        flow("accept", "review"),
        flow("review", "serve"),
        flow("serve", "after"),
    );
    process("built-apart", &inner)
}

async fn accepted(city: &City, number: &str) {
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, number, "pre-review").await;
    let pass = tongban_cases::Pass {
        opinion: "齐全".to_owned(),
    };
    tongban_cases::pass_pre_review(&clerk, on(task, pass))
        .await
        .expect("passed");
    let acceptor = city.person("dhscjg-acceptor").await;
    let task = city.task(&acceptor, number, "accept").await;
    tongban_cases::accept(&acceptor, on(task, tongban_cases::Accept {}))
        .await
        .expect("accepted");
}

/// A simulator of the organ that decides, and the platform, both served.
async fn beside(city: &City, manner: Manner) -> (Simulator, Ctx, tongban_kernel::SystemId, String) {
    let platform = city.served().await;
    let manager = city.person("dhscjg-item-manager").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!(
        "http://{}/webhook",
        listener.local_addr().expect("an address")
    );
    let (id, told, said) = registered(&manager, "xf", &url, &[]).await;
    let key = |text: &str| Secret::parse(text).expect("a key");
    let simulator =
        Simulator::new(&platform, "xf", key(&told), key(&said), manner).expect("a simulator");
    simulator.set_clock(city.app.ctx.now());
    let router = simulator.clone().router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (simulator, manager, id, told)
}

/// Whoever has the key of this system.
fn stranger(city: &City, platform: &str, code: &str, said: &str) -> Simulator {
    let (told, said) = (Secret::of([1; 32]), Secret::parse(said).expect("a key"));
    let one = Simulator::new(platform, code, told, said, Manner::default()).expect("one");
    one.set_clock(city.app.ctx.now());
    one
}

/// Waits until the simulator has said this many lines.
async fn heard(simulator: &Simulator, lines: usize) -> Vec<String> {
    for _ in 0..400 {
        let log = simulator.log();
        if log.len() >= lines {
            return log;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("only {:?}", simulator.log());
}

/// Outbox and deliveries as the worker would do them; documents stay unmade.
async fn told(city: &City, simulator: &Simulator) {
    city.settle().await;
    simulator.set_clock(city.app.ctx.now());
    delivered(&city.app.ctx).await;
}

async fn a_system_reviews_and_serves_over_http(city: City) {
    runs(&city, "built-apart", file()).await;
    let vars = json!({"score": 91});
    let manner = Manner {
        agreed: true,
        opinion: "符合消防要求".to_owned(),
        vars: vars.as_object().expect("an object").clone(),
        silent: false,
    };
    let (simulator, manager, system, _) = beside(&city, manner).await;
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.clone();
    accepted(&city, &number).await;
    assert_eq!(open(&citizen, &number).await, ["review"]);
    told(&city, &simulator).await;
    let log = heard(&simulator, 4).await;
    assert_eq!(log[0], "told dev.tongban.step.assigned");
    assert_eq!(
        [log[1].as_str(), log[3].as_str()],
        ["accepted 200", "result 200"]
    );
    assert!(
        log[2].starts_with("look 200") && log[2].contains("陈小云"),
        "{log:?}"
    );
    assert!(
        !log[2].contains("339900"),
        "nothing beyond what the step shows: {}",
        log[2]
    );
    assert!(
        open(&citizen, &number).await.is_empty(),
        "the service waits for the system too"
    );
    told(&city, &simulator).await;
    heard(&simulator, 8).await;
    assert_eq!(open(&citizen, &number).await, ["after"]);
    // In the name of the organ and its system, with the basis of the permit.
    let view = case_by_number(&citizen, &number).await.expect("hers");
    let reviewed = view
        .events
        .iter()
        .find(|one| matches!(one.event.fact, CaseFact::Reviewed { .. }));
    let reviewed = &reviewed.expect("recorded").event;
    let CaseFact::Reviewed {
        passed,
        opinion,
        organ_name,
    } = &reviewed.fact
    else {
        panic!("{reviewed:?}");
    };
    assert_eq!(
        (*passed, opinion.as_str(), organ_name.is_empty()),
        (true, "符合消防要求", false)
    );
    assert_eq!(
        (reviewed.by.role.as_str(), reviewed.by.name.as_str()),
        ("outside", "系统xf（模拟经办人）")
    );
    assert!(!reviewed.by.basis.is_empty());
    assert_eq!(view.case.process.vars().get("score"), Some(&json!(91)));
    let seen = looks(&citizen, &number).await.expect("hers");
    let by_system: Vec<&str> = seen
        .iter()
        .filter(|look| look.post == "outside")
        .map(|look| look.purpose.as_str())
        .collect();
    assert_eq!(
        by_system,
        ["消防审查", "登记备案"],
        "each look for its step"
    );
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
    let log = deliveries(&manager, system, None, 10).await.expect("a log");
    assert!(log.iter().all(|one| one.state == "done"), "{log:?}");
    assert!(
        incidents(&manager, None, 10)
            .await
            .expect("a list")
            .is_empty()
    );
}

async fn what_is_forged_or_beyond_its_rights_is_refused(city: City) {
    runs(&city, "built-apart", file()).await;
    let manner = Manner {
        silent: true,
        ..Manner::default()
    };
    let (simulator, manager, _, told_key) = beside(&city, manner).await;
    let (citizen, receipt) = city.submitted().await;
    accepted(&city, &receipt.project_no).await;
    told(&city, &simulator).await;
    heard(&simulator, 3).await;
    let step: String = one(&city, "SELECT id FROM outside_step").await;
    let step = format!("stp_{step}");
    let result = |vars: Value| json!({"step": step, "type": "result", "agreed": true, "opinion": "好", "vars": vars});
    let (status, said) = simulator
        .say("reports", "m-vars", &result(json!({"outcome": "grant"})))
        .await
        .expect("answered");
    assert_eq!(status, 422, "{said}");
    // Another key: also the one with which we sign, so that nothing we said can come back as said by it.
    let platform = city.served().await;
    let foreign = |key: &str| {
        Simulator::new(
            &platform,
            "xf",
            Secret::of([9; 32]),
            Secret::parse(key).expect("a key"),
            Manner::default(),
        )
        .expect("one")
    };
    for key in [told_key.as_str(), &Secret::of([7; 32]).text()] {
        let forger = foreign(key);
        forger.set_clock(city.app.ctx.now());
        let (status, _) = forger
            .say("reports", "m-forged", &result(json!({})))
            .await
            .expect("answered");
        assert_eq!(status, 401);
    }
    // A signature of six minutes ago.
    simulator.set_clock(city.app.ctx.now() - SignedDuration::from_mins(6));
    let (status, _) = simulator
        .say("reports", "m-old", &result(json!({})))
        .await
        .expect("answered");
    assert_eq!(status, 401);
    simulator.set_clock(city.app.ctx.now());
    // A body that was changed under way.
    let body = result(json!({})).to_string();
    let signature = sign(
        &[Secret::of([7; 32])],
        "m-x",
        city.app.ctx.now(),
        body.as_bytes(),
    );
    let client = reqwest::Client::new();
    let answer = client
        .post(format!("{platform}/api/v1/outside/nobody/reports"))
        .header("webhook-id", "m-x")
        .header(
            "webhook-timestamp",
            city.app.ctx.now().as_second().to_string(),
        )
        .header("webhook-signature", signature)
        .body(body);
    assert_eq!(
        answer.send().await.expect("answered").status().as_u16(),
        401,
        "unknown and unproved answer alike"
    );
    // The system of another organ does not learn that the step exists.
    let other = city.person("dhga-item-manager").await;
    let (_, _, said_key) = registered(&other, "ga", "https://ga.example/in", &[]).await;
    let stranger = stranger(&city, &platform, "ga", &said_key);
    for noun in ["looks", "reports"] {
        let body = if noun == "looks" {
            json!({"step": step})
        } else {
            result(json!({}))
        };
        let (status, _) = stranger
            .say(noun, &format!("m-{noun}"), &body)
            .await
            .expect("answered");
        assert_eq!(status, 404, "{noun}");
    }
    // The same id with another content; and a repeat, which changes nothing.
    let good = result(json!({"score": 3}));
    let (status, first) = simulator
        .say("reports", "m-good", &good)
        .await
        .expect("answered");
    assert_eq!(status, 200, "{first}");
    let (status, again) = simulator
        .say("reports", "m-good", &good)
        .await
        .expect("answered");
    assert_eq!((status, again), (200, first));
    let (status, _) = simulator
        .say("reports", "m-good", &result(json!({"score": 4})))
        .await
        .expect("answered");
    assert_eq!(status, 422);
    let (status, _) = simulator
        .say("reports", "m-late", &good)
        .await
        .expect("answered");
    assert_eq!(status, 409, "over");
    let view = case_by_number(&citizen, &receipt.project_no)
        .await
        .expect("hers");
    let reviews = view
        .events
        .iter()
        .filter(|one| matches!(one.event.fact, CaseFact::Reviewed { .. }));
    assert_eq!(reviews.count(), 1);
    assert!(
        incidents(&manager, None, 10)
            .await
            .expect("a list")
            .is_empty()
    );
}

async fn a_silent_system_leaves_the_step_to_the_officer(city: City) {
    runs(&city, "built-apart", file()).await;
    let manner = Manner {
        silent: true,
        ..Manner::default()
    };
    let (simulator, manager, system, _) = beside(&city, manner).await;
    let (citizen, receipt) = city.submitted().await;
    accepted(&city, &receipt.project_no).await;
    told(&city, &simulator).await;
    heard(&simulator, 3).await;
    city.clock.advance(SignedDuration::from_hours(24 * 5));
    tongban::worker::clockwork(&city.app.ctx)
        .await
        .expect("works");
    let late = incidents(&manager, None, 10).await.expect("a list");
    assert_eq!(late.len(), 1, "{late:?}");
    assert_eq!(
        (
            late[0].held.key(),
            late[0].name.as_str(),
            late[0].service.as_str()
        ),
        ("task", "消防审查", "xf")
    );
    tongban::worker::clockwork(&city.app.ctx)
        .await
        .expect("works");
    assert_eq!(
        incidents(&manager, None, 10).await.expect("a list"),
        late,
        "told once"
    );
    // The officer of the post does it by hand; the system is told that it is over, and comes too late.
    let step: String = one(&city, "SELECT id FROM outside_step").await;
    let reviewer = city.person("dhscjg-reviewer").await;
    let task = city.task(&reviewer, &receipt.project_no, "review").await;
    let review = tongban_cases::Review {
        passed: true,
        opinion: "人工审查".to_owned(),
    };
    tongban_cases::review(&reviewer, on(task, review))
        .await
        .expect("reviewed");
    assert!(
        incidents(&manager, None, 10)
            .await
            .expect("a list")
            .is_empty()
    );
    let report = json!({"step": format!("stp_{step}"), "type": "progress", "text": "在办"});
    simulator.set_clock(city.app.ctx.now());
    let (status, _) = simulator
        .say("reports", "m-late", &report)
        .await
        .expect("answered");
    assert_eq!(status, 409);
    tongban::worker::clockwork(&city.app.ctx)
        .await
        .expect("works");
    told(&city, &simulator).await;
    let log = deliveries(&manager, system, None, 10).await.expect("a log");
    assert!(
        log.iter()
            .any(|one| one.kind == "step.withdrawn" && one.state == "done"),
        "{log:?}"
    );
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
    // The service of a system that is switched off is held by an incident and answered by hand.
    let change = tongban_outside::Change {
        name: "x".to_owned(),
        url: "https://x.example/".to_owned(),
        events: vec![],
        active: false,
    };
    tongban_outside::change(&manager, "switch-off-1", system, change)
        .await
        .expect("off");
    simulator.set_clock(city.app.ctx.now());
    let (status, _) = simulator
        .say("reports", "m-off", &report)
        .await
        .expect("answered");
    assert_eq!(status, 401, "switched off, it is nobody");
    let (citizen, receipt) = city.submitted_with("second").await;
    accepted(&city, &receipt.project_no).await;
    city.settle().await;
    let told = incidents(&manager, None, 10).await.expect("a list");
    assert!(
        told.iter().any(|one| one.error.contains("已停用")),
        "{told:?}"
    );
    assert_eq!(
        open(&citizen, &receipt.project_no).await,
        ["review"],
        "an officer can do it"
    );
}

/// The definition names `xf`; the only system of that name is of another organ.
async fn the_name_of_a_system_gives_no_right_to_another_organ(city: City) {
    runs(&city, "built-apart", file()).await;
    let platform = city.served().await;
    let other = city.person("dhga-item-manager").await;
    let (system, _, said) = registered(&other, "xf", "http://127.0.0.1:9/in", &[]).await;
    let (citizen, receipt) = city.submitted().await;
    accepted(&city, &receipt.project_no).await;
    city.settle().await;
    delivered(&city.app.ctx).await;
    let log = deliveries(&other, system, None, 10).await.expect("a log");
    assert!(log.is_empty(), "{log:?}");
    let manager = city.person("dhscjg-item-manager").await;
    let told = incidents(&manager, None, 10).await.expect("a list");
    assert!(
        told.len() == 1 && told[0].error.contains("不属于办理机构"),
        "{told:?}"
    );
    // Even if it learned the number of the step it could neither look nor report.
    let step: String = one(&city, "SELECT id FROM outside_step").await;
    let step = format!("stp_{step}");
    let stranger = stranger(&city, &platform, "xf", &said);
    let report =
        json!({"step": step, "type": "result", "agreed": true, "opinion": "好", "vars": {}});
    let refused = async |with: &str| {
        for (noun, body) in [
            ("looks", json!({"step": step})),
            ("reports", report.clone()),
        ] {
            let answer = stranger.say(noun, &format!("m-{noun}-{with}"), &body).await;
            let (status, said) = answer.expect("answered");
            assert_eq!(status, 404, "{noun}: {said}");
        }
    };
    refused("stranger").await;
    // Nor with a hand in the case: the step is of the organ that has to do it.
    let organs = [organ_of(&manager), organ_of(&other)];
    let organs = serde_json::to_string(&organs).expect("JSON");
    let set = "UPDATE case_file SET organs = $1";
    let write = (city.app.ctx.db).write(move |tx| tx.execute(set, params![&organs]));
    assert_eq!(write.await.expect("written"), 1);
    refused("guest").await;
    assert_eq!(open(&citizen, &receipt.project_no).await, ["review"]);
}

async fn a_message_comes_over_http(city: City) {
    let catch = "<bpmn:receiveTask id=\"wait\" messageRef=\"m\" tb:key=\"=&quot;甲&quot;\"/>";
    let inner = format!(
        "{catch}{}{}{}",
        task("after"),
        flow("s", "wait"),
        flow("wait", "after")
    );
    runs(&city, "waits", process("waits", &inner)).await;
    let (simulator, ..) = beside(&city, Manner::default()).await;
    let event = json!({"specversion": "1.0", "id": "1", "source": "urn:xf", "type": "答复", "subject": "甲", "data": {"n": 1}});
    let (status, state) = simulator
        .say("messages", "w-1", &event)
        .await
        .expect("answered");
    assert_eq!((status, &state["state"]), (200, &json!("kept")));
    let (citizen, receipt) = city.submitted().await;
    city.settle().await;
    assert_eq!(open(&citizen, &receipt.project_no).await, ["after"]);
    simulator.set_clock(city.app.ctx.now());
    let (status, state) = simulator
        .say("messages", "w-2", &event)
        .await
        .expect("answered");
    assert_eq!(
        (status, &state["state"]),
        (200, &json!("kept")),
        "the same answer"
    );
    let old = json!({"specversion": "0.3", "id": "2", "source": "urn:xf", "type": "答复"});
    let (status, _) = simulator
        .say("messages", "w-3", &old)
        .await
        .expect("answered");
    assert_eq!(status, 422);
}
