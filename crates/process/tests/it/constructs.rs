//! One small model for each construct, with what must come out of it.

use std::collections::BTreeMap;

use tongban_process::{Command, Definition, Refusal, Vars, migrate};

use crate::scenario::{Instance, NOW, run, vars};

/// A file whose main process has these elements; flows are written `a>b`, or `a>b?condition`.
pub(crate) fn file(globals: &str, inner: &str, flows: &str) -> String {
    format!(
        "{}{globals}<bpmn:process id=\"p\" isExecutable=\"true\">{inner}{}</bpmn:process></bpmn:definitions>",
        HEAD,
        links(flows)
    )
}

const HEAD: &str = "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:tb=\"http://tongban.dev/bpmn\">";

pub(crate) fn links(flows: &str) -> String {
    let one = |flow: &str| {
        let (ends, condition) = flow.split_once('?').unwrap_or((flow, ""));
        let (from, to) = ends.split_once('>').expect("a>b");
        let condition = match condition {
            "" => String::new(),
            c => format!("<bpmn:conditionExpression>{c}</bpmn:conditionExpression>"),
        };
        format!(
            "<bpmn:sequenceFlow id=\"{from}-{to}\" sourceRef=\"{from}\" targetRef=\"{to}\">{condition}</bpmn:sequenceFlow>"
        )
    };
    flows.split_whitespace().map(one).collect()
}

fn user(id: &str, inner: &str) -> String {
    format!("<bpmn:userTask id=\"{id}\" tb:post=\"p\">{inner}</bpmn:userTask>")
}

fn event(kind: &str, id: &str, attributes: &str, definition: &str) -> String {
    let (name, rest) = definition.split_once(' ').unwrap_or((definition, ""));
    let (attribute, inner) = rest.split_once('|').unwrap_or((rest, ""));
    format!(
        "<bpmn:{kind} id=\"{id}\" {attributes}><bpmn:{name}EventDefinition {attribute}>{inner}</bpmn:{name}EventDefinition></bpmn:{kind}>"
    )
}

pub(crate) const START: &str = "<bpmn:startEvent id=\"s\"/>";
pub(crate) const END: &str = "<bpmn:endEvent id=\"e\"/>";
const GLOBALS: &str = concat!(
    "<bpmn:message id=\"m\" name=\"回执\"/><bpmn:signal id=\"g\" name=\"停电\"/>",
    "<bpmn:error id=\"x\" errorCode=\"E1\"/><bpmn:escalation id=\"u\" escalationCode=\"U1\"/>"
);

fn parsed(xml: &str) -> Definition {
    match Definition::parse(xml.as_bytes()) {
        Ok((definition, _)) => definition,
        Err(errors) => panic!("{errors:?}\n{xml}"),
    }
}

pub(crate) fn check(inner: &str, flows: &str, scenario: &str) -> Instance {
    run(parsed(&file(GLOBALS, inner, flows)), scenario)
}

#[test]
fn behind_an_event_gateway_the_first_event_wins() {
    let catch = |id, d| event("intermediateCatchEvent", id, "", d);
    let inner = format!(
        "{START}<bpmn:eventBasedGateway id=\"gate\"/>{}{}{}{}{END}",
        catch("got", "message messageRef=\"m\""),
        catch("late", "timer |<bpmn:timeDuration>P5D</bpmn:timeDuration>"),
        user("a", ""),
        user("b", "")
    );
    let flows = "s>gate gate>got gate>late got>a late>b a>e b>e";
    check(
        &inner,
        flows,
        "start | wait 回执, arm PT120H
         message 别的 | error: 没有环节在等待“别的”
         message 回执 n=1 | unwait got, disarm, open a
         complete a | close a, ended e",
    );
    check(
        &inner,
        flows,
        "start | wait 回执, arm PT120H
         fire late | unwait got, open b
         message 回执 | error: 没有环节在等待“回执”",
    );
}

#[test]
fn a_message_finds_its_instance_by_the_key() {
    let task = "<bpmn:receiveTask id=\"r\" messageRef=\"m\" tb:key=\"=case_no\"/>";
    let definition = parsed(&file(GLOBALS, &format!("{START}{task}{END}"), "s>r r>e"));
    let mut instance = Instance::new(definition);
    assert_eq!(instance.say("start case_no=甲1"), "wait 回执/甲1");
    let mut send = |key: &str| {
        instance.send(&Command::Message {
            name: "回执".into(),
            key: Some(key.into()),
            at: None,
            vars: Vars::new(),
        })
    };
    assert_eq!(
        send("乙2").expect_err("not ours"),
        Refusal::NoSubscription("回执".into())
    );
    assert!(send("甲1").is_ok());
}

#[test]
fn boundary_events_interrupt_or_accompany() {
    let boundary = |id, calm: bool, d| {
        let attributes = format!("attachedToRef=\"a\" cancelActivity=\"{}\"", !calm);
        event("boundaryEvent", id, &attributes, d)
    };
    let inner = format!(
        "{START}{}{}{}{}{}{}{END}",
        user("a", ""),
        boundary("told", true, "message messageRef=\"m\""),
        boundary("power", false, "signal signalRef=\"g\""),
        boundary("failed", false, "error errorRef=\"x\""),
        user("b", ""),
        user("c", "")
    );
    let flows = "s>a a>e told>b power>c failed>c b>e c>e";
    check(
        &inner,
        flows,
        "start | open a, wait 回执, listen 停电
         message 回执 | open b
         message 回执 | open b
         signal 停电 | unwait power, cancel a, unwait told, open c",
    );
    check(
        &inner,
        flows,
        "start | open a, wait 回执, listen 停电
         throw a E1 | cancel a, unwait told, unwait power, open c
         complete c | close c, ended e",
    );
    check(
        &inner,
        flows,
        "start | open a, wait 回执, listen 停电
         throw a E9 | error: “a”抛出的错误“E9”没有被捕获
         complete a | close a, unwait told, unwait power, ended e",
    );
}

#[test]
fn sub_processes_are_left_when_all_in_them_is_done() {
    let sub = format!(
        "<bpmn:subProcess id=\"sub\"><bpmn:startEvent id=\"is\"/>{}{}{}{}<bpmn:endEvent id=\"ie\"/>{}</bpmn:subProcess>",
        "<bpmn:parallelGateway id=\"f\"/>",
        user("a", ""),
        user("b", ""),
        event("endEvent", "bad", "", "error errorRef=\"x\""),
        links("is>f f>a f>b a>ie b>bad?wrong b>ie?wrong=false")
    );
    let caught = event("boundaryEvent", "caught", "attachedToRef=\"sub\"", "error");
    let inner = format!("{START}{sub}{caught}{}{END}", user("c", ""));
    let flows = "s>sub sub>e caught>c c>e";
    check(
        &inner,
        flows,
        "start wrong=false | open a, open b
         complete b | close b
         complete a | close a, ended e",
    );
    check(
        &inner,
        flows,
        "start wrong=true | open a, open b
         complete b | close b, cancel a, open c
         complete c | close c, ended e",
    );
}

#[test]
fn event_sub_processes_begin_while_their_scope_is_open() {
    let handler = |calm: bool| {
        format!(
            "<bpmn:subProcess id=\"h\" triggeredByEvent=\"true\">{}{}<bpmn:endEvent id=\"he\"/>{}</bpmn:subProcess>",
            event(
                "startEvent",
                "hs",
                &format!("isInterrupting=\"{}\"", !calm),
                "message messageRef=\"m\""
            ),
            user("b", ""),
            links("hs>b b>he")
        )
    };
    let inner = |calm| format!("{START}{}{}{END}", user("a", ""), handler(calm));
    check(
        &inner(true),
        "s>a a>e",
        "start | wait 回执, open a
         message 回执 | open b
         message 回执 | open b
         complete a | close a, unwait hs
         complete b | close b
         complete b | close b, ended he",
    );
    check(
        &inner(false),
        "s>a a>e",
        "start | wait 回执, open a
         message 回执 | unwait hs, cancel a, open b
         complete b | close b, ended he",
    );
}

#[test]
fn escalations_and_conditions_and_links() {
    let thrown = event(
        "intermediateThrowEvent",
        "up",
        "",
        "escalation escalationRef=\"u\"",
    );
    let sub = format!(
        "<bpmn:subProcess id=\"sub\"><bpmn:startEvent id=\"is\"/>{thrown}{}{}</bpmn:subProcess>",
        user("a", ""),
        links("is>up up>a")
    );
    let heard = event(
        "boundaryEvent",
        "heard",
        "attachedToRef=\"sub\" cancelActivity=\"false\"",
        "escalation escalationRef=\"u\"",
    );
    check(
        &format!("{START}{sub}{heard}{}{END}", user("b", "")),
        "s>sub sub>e heard>b b>e",
        "start | open b, open a
         complete b | close b
         complete a | close a, ended e",
    );
    let wait = event(
        "intermediateCatchEvent",
        "paid",
        "",
        "conditional |<bpmn:condition>fee = 0</bpmn:condition>",
    );
    check(
        &format!("{START}{wait}{END}"),
        "s>paid paid>e",
        "start fee=10 | -
         set fee=5 | -
         set fee=0 | ended e",
    );
    let out = event("intermediateThrowEvent", "out", "", "link name=\"接\"");
    let back = event("intermediateCatchEvent", "back", "", "link name=\"接\"");
    check(
        &format!("{START}{out}{back}{}{END}", user("a", "")),
        "s>out back>a a>e",
        "start | open a
         complete a | close a, ended e",
    );
}

#[test]
fn repetitions_in_parallel_one_after_the_other_and_in_a_loop() {
    let multi = |sequential: bool, more: &str| {
        let inner = format!(
            "<bpmn:multiInstanceLoopCharacteristics isSequential=\"{sequential}\" tb:collection=\"organs\" tb:item=\"organ\" {more}"
        );
        let task = format!(
            "<bpmn:userTask id=\"a\" tb:post=\"p\" tb:organ=\"=organ\">{inner}</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
        );
        format!("{START}{task}{END}")
    };
    let enough =
        "><bpmn:completionCondition>nrOfCompletedInstances &gt;= 2</bpmn:completionCondition>";
    check(
        &multi(false, enough),
        "s>a a>e",
        "start organs=[\"甲\",\"乙\",\"丙\"] | open a@甲, open a@乙, open a@丙
         complete a | close a
         complete a | close a, cancel a, ended e",
    );
    let instance = check(
        &multi(true, "tb:output=\"votes\" tb:output-item=\"vote\">"),
        "s>a a>e",
        "start organs=[\"甲\",\"乙\"] vote=null | open a@甲
         complete a vote=yes | close a, open a@乙
         complete a vote=no | close a, ended e",
    );
    assert_eq!(
        instance.state.vars()["votes"],
        serde_json::json!(["yes", "no"])
    );
    let again = "<bpmn:standardLoopCharacteristics loopMaximum=\"5\"><bpmn:loopCondition>more</bpmn:loopCondition></bpmn:standardLoopCharacteristics>";
    check(
        &format!("{START}{}{END}", user("a", again)),
        "s>a a>e",
        "start | open a
         complete a more=true | close a, open a
         complete a more=false | close a, ended e",
    );
}

#[test]
fn countersigners_are_added_and_removed() {
    let multi =
        "<bpmn:multiInstanceLoopCharacteristics tb:collection=\"organs\" tb:item=\"organ\"/>";
    let task = format!(
        "<bpmn:userTask id=\"a\" tb:post=\"p\" tb:organ=\"=organ\">{multi}</bpmn:userTask>"
    );
    check(
        &format!("{START}{task}{END}"),
        "s>a a>e",
        "start organs=[\"甲\"] | open a@甲
         remove a | error: “a”只剩一个人办理，不能减签
         add a organ=乙 | open a@乙
         complete a | close a
         add b | error: “b”没有正在会签，不能加签
         complete a | close a, ended e",
    );
    check(
        &format!("{START}{task}{END}"),
        "s>a a>e",
        "start organs=[\"甲\",\"乙\"] | open a@甲, open a@乙
         remove a | cancel a
         complete a | close a, ended e",
    );
}

#[test]
fn a_called_process_has_variables_of_its_own() {
    let call = "<bpmn:callActivity id=\"call\" calledElement=\"q\"/>";
    let called = format!(
        "<bpmn:process id=\"q\"><bpmn:startEvent id=\"qs\"/>{}<bpmn:endEvent id=\"qe\"/>{}</bpmn:process></bpmn:definitions>",
        user("b", ""),
        links("qs>b b>qe")
    );
    let xml = file(
        GLOBALS,
        &format!("{START}{call}{}{END}", user("c", "")),
        "s>call call>c c>e",
    );
    let xml = xml.replace("</bpmn:definitions>", &called);
    let mut instance = Instance::new(parsed(&xml));
    assert_eq!(instance.say("start n=1"), "open b");
    assert_eq!(instance.say("set n=2"), "-");
    assert_eq!(instance.state.var(0, "n"), Some(&2.into()), "the caller's");
    assert_eq!(instance.say("complete b n=7"), "close b, open c");
    assert_eq!(instance.state.var(0, "n"), Some(&7.into()), "brought back");
    let nowhere = xml.replace("calledElement=\"q\"", "calledElement=\"z\"");
    let mut instance = Instance::new(parsed(&nowhere));
    assert_eq!(instance.say("start"), "error: “call”调用的“z”没有部署");
}

#[test]
fn two_pools_talk_by_messages() {
    let send = "<bpmn:sendTask id=\"ask\" messageRef=\"m\"/>";
    let answer = event(
        "intermediateCatchEvent",
        "answer",
        "",
        "message messageRef=\"n\"",
    );
    let globals = format!("{GLOBALS}<bpmn:message id=\"n\" name=\"答复\"/>");
    let other = format!(
        "<bpmn:process id=\"q\">{}{}{}{}</bpmn:process></bpmn:definitions>",
        event("startEvent", "qs", "", "message messageRef=\"m\""),
        user("b", ""),
        event("endEvent", "qe", "", "message messageRef=\"n\""),
        links("qs>b b>qe")
    );
    let xml = file(
        &globals,
        &format!("{START}{send}{answer}{END}"),
        "s>ask ask>answer answer>e",
    );
    let xml = xml.replace("</bpmn:definitions>", &other);
    run(
        parsed(&xml),
        "start | wait 答复, open b
         complete b | close b, unwait answer, ended e",
    );
}

#[test]
fn an_order_moves_tokens_into_and_out_of_scopes() {
    let sub = format!(
        "<bpmn:subProcess id=\"sub\"><bpmn:startEvent id=\"is\"/>{}{}{}</bpmn:subProcess>",
        user("b", ""),
        user("c", ""),
        links("is>b b>c")
    );
    let late = event(
        "boundaryEvent",
        "late",
        "attachedToRef=\"sub\"",
        "timer |<bpmn:timeDuration>P1D</bpmn:timeDuration>",
    );
    let inner = format!("{START}{}{sub}{late}{}{END}", user("a", ""), user("d", ""));
    check(
        &inner,
        "s>a a>sub sub>d d>e late>d",
        "start | open a
         move z d | error: 不能移动到“z”：该环节没有正在办理
         move a late | error: 不能移动到“late”：流程中没有这个环节，或它不能直接到达
         move a c | cancel a, arm PT24H, open c
         move c b | cancel c, open b
         move b d | cancel b, open d, disarm
         complete d | close d, ended e",
    );
}

#[test]
fn a_running_instance_moves_to_a_new_version_or_is_refused_with_reasons() {
    let old = parsed(&file(
        GLOBALS,
        &format!("{START}{}{END}", user("a", "")),
        "s>a a>e",
    ));
    let late = event(
        "boundaryEvent",
        "late",
        "attachedToRef=\"review\"",
        "timer |<bpmn:timeDuration>P1D</bpmn:timeDuration>",
    );
    let inner = format!("{START}{}{}{late}{END}", user("review", ""), user("b", ""));
    let new = parsed(&file(GLOBALS, &inner, "s>review review>b b>e late>b"));
    let mut instance = Instance::new(old.clone());
    instance.say("start");
    let none = BTreeMap::new();
    let refused = migrate(&old, &new, "p", &instance.state, &none, NOW).expect_err("no place");
    assert_eq!(refused, ["“a”不能移到“a”：新版本中没有这个环节"]);
    let map = BTreeMap::from([("a".into(), "review".into())]);
    let moved = migrate(&old, &new, "p", &instance.state, &map, NOW).expect("moved");
    assert_eq!(moved.state.open_tasks().count(), 1);
    assert_eq!(moved.state.timers().count(), 1, "the new timer is armed");
    let mut record = instance.record.clone();
    record.extend(moved.events);
    assert_eq!(tongban_process::fold(&record), moved.state);
    let mut after = Instance::new(new);
    after.state = moved.state;
    after.record = record;
    assert_eq!(after.say("complete review"), "close review, disarm, open b");
    assert_eq!(vars(["n=1"].into_iter()).len(), 1);
}

#[test]
fn timers_of_working_time_and_cycles() {
    let catch = |calendar: &str, kind: &str, text: &str| {
        let d = format!("timer tb:calendar=\"{calendar}\"|<bpmn:{kind}>{text}</bpmn:{kind}>");
        let d = d.replace("tb:calendar=\"\"", "");
        format!(
            "{START}{}{END}",
            event("intermediateCatchEvent", "t", "", &d)
        )
    };
    for (calendar, text, armed) in [
        ("working", "P5D", "arm 5wd"),
        ("office", "PT4H", "arm WorkingMinutes(240)"),
        ("limit", "-P2D", "arm Limit(-2)"),
    ] {
        check(
            &catch(calendar, "timeDuration", text),
            "s>t t>e",
            &format!("start | {armed}\nfire t | ended e"),
        );
    }
    let remind = event(
        "boundaryEvent",
        "remind",
        "attachedToRef=\"a\" cancelActivity=\"false\"",
        "timer |<bpmn:timeCycle>R2/PT1H</bpmn:timeCycle>",
    );
    check(
        &format!("{START}{}{remind}{}{END}", user("a", ""), user("b", "")),
        "s>a a>e remind>b",
        "start | open a, arm PT1H
         fire remind | arm PT1H, open b
         fire remind | open b
         fire remind | error: 计时器 999 已撤销",
    );
}
