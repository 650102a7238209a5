//! A step that cannot go on becomes a row that is seen and mended by hand.

use jiff::SignedDuration;
use tongban_cases::model::{CaseFact, Repair};
use tongban_cases::{audit_case, incidents, repair};
use tongban_kernel::{ErrorKind, IncidentId};
use tongban_storage::Ctx;

use crate::admin::one;
use crate::admin_processes::published;
use crate::browser::Browser;
use crate::city::{City, in_the_city};
use crate::processes::{flow, open, process, runs, task};

in_the_city!(
    a_service_that_gives_up_is_mended_by_hand,
    an_incident_is_seen_by_those_who_may,
    a_timer_that_cannot_fire_is_tried_again_and_mended_by_a_migration,
    a_loop_is_stopped_and_goes_on_in_another_version,
    an_act_that_the_process_cannot_follow_is_told,
);

/// A service that nobody answers; behind it a gateway on what it says, and a way for its business error.
fn served() -> String {
    let service = "<bpmn:serviceTask id=\"ask\" name=\"核验\" tb:service=\"nobody\"/>";
    let error = "<bpmn:boundaryEvent id=\"caught\" attachedToRef=\"ask\"><bpmn:errorEventDefinition errorRef=\"e\"/></bpmn:boundaryEvent>";
    let gate = "<bpmn:exclusiveGateway id=\"gate\" default=\"gate-no\"/>";
    let yes = "<bpmn:sequenceFlow id=\"gate-yes\" sourceRef=\"gate\" targetRef=\"yes\"><bpmn:conditionExpression>score = 3</bpmn:conditionExpression></bpmn:sequenceFlow>";
    let inner = format!(
        "{service}{error}{gate}{yes}{}{}{}{}{}{}{}",
        task("yes"),
        task("no"),
        task("mended"),
        flow("s", "ask"),
        flow("ask", "gate"),
        flow("gate", "no"),
        flow("caught", "mended"),
    );
    process("served", &inner).replace(
        "<bpmn:process",
        "<bpmn:error id=\"e\" name=\"e\" errorCode=\"E1\"/><bpmn:process",
    )
}

/// Hands the outbox over until it is empty, back-offs included.
async fn worn_out(city: &City) {
    for _ in 0..30 {
        tongban::worker::deliver(&city.app.ctx)
            .await
            .expect("works");
        city.clock.advance(SignedDuration::from_hours(1));
    }
}

async fn only(who: &Ctx) -> tongban_cases::model::Incident {
    let mut found = incidents(who, None, 10).await.expect("a list");
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

async fn a_service_that_gives_up_is_mended_by_hand(city: City) {
    city.settle().await;
    runs(&city, "served", served()).await;
    let (citizen, receipt) = city.submitted_with("first").await;
    let number = receipt.project_no.clone();
    let manager = city.person("dhscjg-item-manager").await;
    assert!(
        incidents(&manager, None, 10)
            .await
            .expect("a list")
            .is_empty()
    );
    worn_out(&city).await;
    let incident = only(&manager).await;
    assert_eq!(
        (
            incident.name.as_str(),
            incident.service.as_str(),
            incident.tries
        ),
        ("核验", "nobody", 10)
    );
    assert!(incident.error.contains("nobody"), "{}", incident.error);
    let dead: i64 = one(
        &city,
        "SELECT COUNT(*) FROM dead_letter WHERE kind = 'cases.service.called'",
    )
    .await;
    assert_eq!(dead, 0, "an incident is no dead letter");

    // Tried again, it gives up again: another incident of the same step.
    let again = || {
        repair(
            &manager,
            "repair-again",
            incident.id,
            Repair::Again,
            "网络已恢复".to_owned(),
        )
    };
    assert_eq!(again().await.expect("mended"), number);
    assert_eq!(again().await.expect("a repeat"), number);
    assert!(
        incidents(&manager, None, 10)
            .await
            .expect("a list")
            .is_empty()
    );
    worn_out(&city).await;
    let second = only(&manager).await;
    assert_ne!(second.id, incident.id);
    let late = repair(
        &manager,
        "repair-late",
        incident.id,
        Repair::Again,
        "再试".to_owned(),
    )
    .await;
    assert_eq!(late.expect_err("over").code(), "incident.over");

    // An error that nobody catches changes nothing; answered by hand the process goes on with the values.
    let wrong = Repair::Error {
        code: "E9".to_owned(),
    };
    let refused = repair(&manager, "repair-e9", second.id, wrong, "试".to_owned()).await;
    assert_eq!(
        refused.expect_err("nobody catches it").code(),
        "process.uncaught"
    );
    only(&manager).await;
    let browser = Browser::of(&city, "dhscjg-item-manager").await;
    let path = format!("/work/incidents/{}", second.id);
    let form = browser.get(&path).await.is(200).has("核验").has("nobody");
    let idem = form.hidden("idem");
    let mut fields = vec![
        ("idem", idem.as_str()),
        ("way", "answer"),
        ("values", "score = 3"),
    ];
    browser
        .post(&form, &path, &fields)
        .await
        .is(422)
        .has("请填写处置的理由");
    fields.push(("reason", "已电话核实"));
    let done = browser.post(&form, &path, &fields).await.is(303);
    browser.post(&form, &path, &fields).await.is(303);
    browser.get(&done.location).await.is(200).has("已处置");
    assert_eq!(open(&citizen, &number).await, ["yes"]);
    let seen = Browser::of(&city, "chenxiaoyun").await;
    seen.get(&format!("/cases/{number}"))
        .await
        .is(200)
        .has("人工代为答复环节“核验”");
    let view = tongban_cases::case_by_number(&citizen, &number)
        .await
        .expect("hers");
    let repaired = view
        .events
        .iter()
        .filter(|event| matches!(event.event.fact, CaseFact::Repaired { .. }));
    assert_eq!(repaired.count(), 2, "one retry and one answer");
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));

    // A business error that the process catches.
    let (citizen, receipt) = city.submitted_with("second").await;
    worn_out(&city).await;
    let third = only(&manager).await;
    let caught = Repair::Error {
        code: "E1".to_owned(),
    };
    repair(
        &manager,
        "repair-e1",
        third.id,
        caught,
        "核验不成".to_owned(),
    )
    .await
    .expect("mended");
    assert_eq!(open(&citizen, &receipt.project_no).await, ["mended"]);
    assert!(
        incidents(&manager, None, 10)
            .await
            .expect("a list")
            .is_empty()
    );
}

async fn an_incident_is_seen_by_those_who_may(city: City) {
    city.settle().await;
    runs(&city, "served", served()).await;
    city.submitted_with("first").await;
    worn_out(&city).await;
    let id: IncidentId = only(&city.person("dhscjg-item-manager").await).await.id;
    let admin = city.person("xitong").await;
    assert_eq!(only(&admin).await.id, id);
    // Whoever runs the machine has it tried again, and does not answer for an organ.
    let answer = Repair::Answer {
        values: serde_json::Map::new(),
    };
    let refused = repair(&admin, "admin-answer", id, answer, "x".to_owned()).await;
    assert_ne!(refused.expect_err("not theirs").kind(), ErrorKind::Invalid);
    let other = city.person("dhga-item-manager").await;
    assert!(
        incidents(&other, None, 10)
            .await
            .expect("a list")
            .is_empty()
    );
    let hidden = repair(&other, "other-again", id, Repair::Again, "x".to_owned()).await;
    assert_eq!(hidden.expect_err("not theirs").kind(), ErrorKind::NotFound);
    for (login, status) in [("dhscjg-reviewer", 403), ("chenxiaoyun", 403), ("", 303)] {
        let browser = Browser::of(&city, login).await;
        browser.get("/work/incidents").await.is(status);
    }
    let nobody = Browser::of(&city, "").await;
    nobody
        .api(
            &format!("/api/v1/incidents/{id}/repair"),
            "api-nobody",
            "{\"way\":\"again\",\"reason\":\"x\"}",
        )
        .await
        .is(401);
    let by_admin = Browser::of(&city, "xitong").await;
    by_admin
        .get("/api/v1/incidents")
        .await
        .is(200)
        .has("\"service\":\"nobody\"")
        .has("\"tries\":10");
    let path = format!("/api/v1/incidents/{id}/repair");
    by_admin
        .api(
            &path,
            "api-again",
            "{\"way\":\"again\",\"reason\":\"网络已恢复\"}",
        )
        .await
        .is(200);
    by_admin
        .api(
            &path,
            "api-again",
            "{\"way\":\"again\",\"reason\":\"网络已恢复\"}",
        )
        .await
        .is(200);
    by_admin
        .api(
            &path,
            "api-once-more",
            "{\"way\":\"again\",\"reason\":\"网络已恢复\"}",
        )
        .await
        .is(409);
}

fn timed(wrong: bool) -> String {
    let script = if wrong {
        "missing + 1 &gt; 0 and missing.part"
    } else {
        "1"
    };
    let set = format!(
        "<bpmn:scriptTask id=\"set\" tb:variable=\"n\"><bpmn:script>{script}</bpmn:script></bpmn:scriptTask>"
    );
    let boundary = "<bpmn:boundaryEvent id=\"hour\" name=\"提醒\" attachedToRef=\"work\" cancelActivity=\"false\"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>";
    let gate = "<bpmn:exclusiveGateway id=\"gate\"/>";
    let guarded = "<bpmn:sequenceFlow id=\"gate-told\" sourceRef=\"gate\" targetRef=\"told\"><bpmn:conditionExpression>n = 1</bpmn:conditionExpression></bpmn:sequenceFlow>";
    let inner = format!(
        "{}{boundary}{set}{gate}{guarded}{}{}{}{}",
        task("work"),
        task("told"),
        flow("s", "work"),
        flow("hour", "set"),
        flow("set", "gate")
    );
    process("timed", &inner)
}

async fn hours(city: &City, n: i64) {
    for _ in 0..n {
        city.clock.advance(SignedDuration::from_hours(1));
        tongban::worker::clockwork(&city.app.ctx)
            .await
            .expect("works");
    }
}

/// Moves every running case to this next version of its process.
async fn moved(city: &City, next: &str) {
    let admin = Browser::of(city, "xitong").await;
    let old: String = one(city, "SELECT process_hash FROM case_file").await;
    let to = published(&admin, next).await;
    let path = format!("/admin/processes/{old}/moves");
    let form = admin.get(&format!("{path}?to={to}")).await.is(200);
    let idem = form.hidden("idem");
    let order = [
        ("to", to.as_str()),
        ("step", "order"),
        ("reason", "改正"),
        ("idem", idem.as_str()),
    ];
    let ordered = admin.post(&form, &path, &order).await.is(303).location;
    city.settle().await;
    admin
        .get(&ordered)
        .await
        .is(200)
        .has("已迁移 1 件，未迁移 0 件");
}

async fn a_timer_that_cannot_fire_is_tried_again_and_mended_by_a_migration(city: City) {
    runs(&city, "timed", timed(true)).await;
    let (citizen, receipt) = city.submitted_with("first").await;
    hours(&city, 1).await;
    let manager = city.person("dhscjg-item-manager").await;
    let incident = only(&manager).await;
    assert_eq!((incident.name.as_str(), incident.tries), ("提醒", 1));
    hours(&city, 3).await;
    let tries = only(&manager).await.tries;
    assert!(
        (2..=4).contains(&tries),
        "counted, with growing pauses: {tries}"
    );
    moved(&city, &timed(false)).await;
    repair(
        &manager,
        "repair-timer",
        incident.id,
        Repair::Again,
        "流程已改正".to_owned(),
    )
    .await
    .expect("mended");
    tongban::worker::clockwork(&city.app.ctx)
        .await
        .expect("works");
    assert_eq!(open(&citizen, &receipt.project_no).await, ["told", "work"]);
    assert!(
        incidents(&manager, None, 10)
            .await
            .expect("a list")
            .is_empty()
    );
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
}

fn circling(ends: bool) -> String {
    let until = if ends { "n &gt; 3" } else { "n &lt; 0" };
    let script = "<bpmn:scriptTask id=\"more\" name=\"循环\" tb:variable=\"n\"><bpmn:script>if n = null then 1 else n + 1</bpmn:script></bpmn:scriptTask>";
    let gate = "<bpmn:exclusiveGateway id=\"gate\" default=\"gate-more\"/>";
    let out = format!(
        "<bpmn:sequenceFlow id=\"gate-out\" sourceRef=\"gate\" targetRef=\"out\"><bpmn:conditionExpression>{until}</bpmn:conditionExpression></bpmn:sequenceFlow>"
    );
    let inner = format!(
        "{}{script}{gate}{out}{}{}{}{}{}",
        task("begin"),
        task("out"),
        flow("s", "begin"),
        flow("begin", "more"),
        flow("more", "gate"),
        flow("gate", "more"),
    );
    process("circling", &inner)
}

async fn passed(city: &City, number: &str) -> tongban_kernel::Result<String> {
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, number, "pre-review").await;
    let pass = tongban_cases::Pass {
        opinion: "齐全".to_owned(),
    };
    tongban_cases::pass_pre_review(&clerk, crate::city::on(task, pass)).await
}

async fn a_loop_is_stopped_and_goes_on_in_another_version(city: City) {
    runs(&city, "circling", circling(false)).await;
    let (citizen, receipt) = city.submitted_with("first").await;
    passed(&city, &receipt.project_no)
        .await
        .expect("the act stands");
    assert!(open(&citizen, &receipt.project_no).await.is_empty());
    let manager = city.person("dhscjg-item-manager").await;
    let incident = only(&manager).await;
    assert!(incident.error.contains("循环"), "{}", incident.error);
    let answer = Repair::Answer {
        values: serde_json::Map::new(),
    };
    let refused = repair(&manager, "loop-answer", incident.id, answer, "x".to_owned()).await;
    assert_eq!(refused.expect_err("no service").code(), "incident.way");
    moved(&city, &circling(true)).await;
    let incident = only(&manager).await;
    repair(
        &manager,
        "loop-again",
        incident.id,
        Repair::Again,
        "流程已改正".to_owned(),
    )
    .await
    .expect("mended");
    assert_eq!(open(&citizen, &receipt.project_no).await, ["out"]);
    assert!(
        incidents(&manager, None, 10)
            .await
            .expect("a list")
            .is_empty()
    );
    assert!(audit_case(&citizen, receipt.case).await.expect("audited"));
}

async fn an_act_that_the_process_cannot_follow_is_told(city: City) {
    let file = circling(true).replace("n &gt; 3", "missing + 1 &gt; 0 and missing.part");
    runs(&city, "circling", file).await;
    let (citizen, receipt) = city.submitted_with("first").await;
    let refused = passed(&city, &receipt.project_no)
        .await
        .expect_err("no way on");
    assert_eq!(refused.code(), "process.stuck");
    assert_eq!(
        open(&citizen, &receipt.project_no).await,
        ["begin"],
        "nothing was saved"
    );
    let manager = city.person("dhscjg-item-manager").await;
    let incident = only(&manager).await;
    assert_eq!(
        (incident.held.key(), incident.name.as_str()),
        ("task", "begin")
    );
    moved(&city, &circling(true)).await;
    passed(&city, &receipt.project_no).await.expect("goes on");
    assert_eq!(open(&citizen, &receipt.project_no).await, ["out"]);
    assert!(
        incidents(&manager, None, 10)
            .await
            .expect("a list")
            .is_empty(),
        "a task that is done leaves nothing"
    );
}
