//! Processes beyond the reference one: messages between cases, signals, repeating timers, calls.

use jiff::SignedDuration;
use tongban_cases::{case_by_number, publish_process};
use tongban_storage::Ctx;

use crate::city::{City, in_the_city};

in_the_city!(
    a_message_of_one_case_reaches_the_other_that_waits,
    a_repeating_timer_fires_as_often_as_it_says,
    a_timer_that_cannot_fire_holds_no_other_up,
    a_called_process_is_part_of_its_case,
);

const HEAD: &str = "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:tb=\"http://tongban.dev/bpmn\">";

pub(crate) fn flow(from: &str, to: &str) -> String {
    format!("<bpmn:sequenceFlow id=\"{from}-{to}\" sourceRef=\"{from}\" targetRef=\"{to}\"/>")
}

pub(crate) fn task(id: &str) -> String {
    format!("<bpmn:userTask id=\"{id}\" name=\"{id}\" tb:post=\"counter\" tb:act=\"pre-review\"/>")
}

pub(crate) fn process(id: &str, inner: &str) -> String {
    format!(
        "{HEAD}<bpmn:message id=\"m\" name=\"答复\"/><bpmn:process id=\"{id}\" isExecutable=\"true\"><bpmn:startEvent id=\"s\"/>{inner}</bpmn:process></bpmn:definitions>"
    )
}

/// Publishes a process and makes the sample item run it from now on.
pub(crate) async fn runs(city: &City, name: &'static str, xml: String) {
    let ctx = city.app.ctx.clone();
    city.clock.advance(SignedDuration::from_secs(3));
    let published = city
        .app
        .ctx
        .db
        .write(move |tx| publish_process(&ctx, tx, name, xml.as_bytes()).map(|_| ()));
    published.await.expect("published");
    city.runs(name).await;
}

/// The open tasks of a case, by element.
pub(crate) async fn open(who: &Ctx, number: &str) -> Vec<String> {
    let view = case_by_number(who, number).await.expect("seen");
    let mut open: Vec<String> = view
        .case
        .process
        .open_tasks()
        .map(|(_, element)| element.to_string())
        .collect();
    open.sort();
    open
}

async fn a_message_of_one_case_reaches_the_other_that_waits(city: City) {
    let catch = "<bpmn:receiveTask id=\"wait\" messageRef=\"m\" tb:key=\"=&quot;同案&quot;\"/>";
    let waiter = process(
        "waiter",
        &format!(
            "{catch}{}{}{}",
            task("after"),
            flow("s", "wait"),
            flow("wait", "after")
        ),
    );
    runs(&city, "waiter", waiter).await;
    let (first, waiting) = city.submitted_with("first").await;
    assert!(open(&first, &waiting.project_no).await.is_empty());
    let throw = |key: &str| {
        let throw =
            format!("<bpmn:sendTask id=\"tell\" messageRef=\"m\" tb:key=\"=&quot;{key}&quot;\"/>");
        process(
            "sender",
            &format!(
                "{throw}{}{}{}",
                task("done"),
                flow("s", "tell"),
                flow("tell", "done")
            ),
        )
    };
    runs(&city, "sender-of-others", throw("别案")).await;
    city.submitted_with("other").await;
    city.settle().await;
    assert!(
        open(&first, &waiting.project_no).await.is_empty(),
        "the key of another"
    );
    runs(&city, "sender", throw("同案")).await;
    city.submitted_with("second").await;
    city.settle().await;
    assert_eq!(open(&first, &waiting.project_no).await, ["after"]);
}

async fn remind(city: &City, wrong: bool) -> (Ctx, String) {
    let cycle = "<bpmn:timerEventDefinition><bpmn:timeCycle>R2/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>";
    let boundary = format!(
        "<bpmn:boundaryEvent id=\"hour\" attachedToRef=\"work\" cancelActivity=\"false\">{cycle}</bpmn:boundaryEvent>"
    );
    // A formula without a value refuses the step.
    let script = if wrong {
        "missing + 1 &gt; 0 and missing.part"
    } else {
        "1"
    };
    let set = format!(
        "<bpmn:scriptTask id=\"set\" tb:variable=\"n\"><bpmn:script>{script}</bpmn:script></bpmn:scriptTask>"
    );
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
    let name = if wrong { "wrong" } else { "remind" };
    runs(city, name, process(name, &inner)).await;
    let (citizen, receipt) = city.submitted_with(name).await;
    (citizen, receipt.project_no)
}

async fn hours(city: &City, n: i64) {
    for _ in 0..n {
        city.clock.advance(SignedDuration::from_hours(1));
        tongban::worker::clockwork(&city.app.ctx)
            .await
            .expect("works");
    }
}

async fn a_repeating_timer_fires_as_often_as_it_says(city: City) {
    let (citizen, number) = remind(&city, false).await;
    assert_eq!(open(&citizen, &number).await, ["work"]);
    hours(&city, 1).await;
    assert_eq!(open(&citizen, &number).await, ["told", "work"]);
    hours(&city, 4).await;
    assert_eq!(open(&citizen, &number).await, ["told", "told", "work"]);
}

async fn a_timer_that_cannot_fire_holds_no_other_up(city: City) {
    let (first, broken) = remind(&city, true).await;
    let (citizen, number) = remind(&city, false).await;
    hours(&city, 2).await;
    assert_eq!(open(&first, &broken).await, ["work"], "as it was");
    assert_eq!(open(&citizen, &number).await, ["told", "told", "work"]);
}

async fn a_called_process_is_part_of_its_case(city: City) {
    let called = process(
        "part",
        &format!("{}{}", task("inside"), flow("s", "inside")),
    );
    let (ctx, name) = (city.app.ctx.clone(), "part");
    city.app
        .ctx
        .db
        .write(move |tx| publish_process(&ctx, tx, name, called.as_bytes()).map(|_| ()))
        .await
        .expect("published");
    let call = "<bpmn:callActivity id=\"call\" calledElement=\"part\"/>";
    let whole = process(
        "whole",
        &format!(
            "{call}{}{}{}",
            task("after"),
            flow("s", "call"),
            flow("call", "after")
        ),
    );
    runs(&city, "whole", whole).await;
    let (citizen, receipt) = city.submitted_with("whole").await;
    assert_eq!(open(&citizen, &receipt.project_no).await, ["inside"]);
    assert!(
        tongban_cases::audit_case(&citizen, receipt.case)
            .await
            .expect("audited")
    );
}
