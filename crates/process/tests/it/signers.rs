//! 会签 by weight and one after the other; 加签 before and after; what is in line and what is held.

use serde_json::json;
use tongban_process::{Command, Definition, On};

use crate::constructs::{END, START, check, file};
use crate::scenario::Instance;

fn countersign(policy: &str, sequential: bool) -> String {
    let weights = match policy.starts_with("weight") {
        true => "tb:weights=\"=[3, 2, 2]\"",
        false => "",
    };
    format!(
        "{START}<bpmn:userTask id=\"a\" tb:post=\"p\" tb:organ=\"=organ\" tb:countersign=\"{policy}\" {weights}>\
         <bpmn:multiInstanceLoopCharacteristics isSequential=\"{sequential}\" tb:collection=\"organs\" tb:item=\"organ\"/></bpmn:userTask>{END}"
    )
}

const THREE: &str = "start organs=[\"甲\",\"乙\",\"丙\"] | open a@甲, open a@乙, open a@丙";
const FIRST: &str = "start organs=[\"甲\",\"乙\",\"丙\"] | open a@甲";

fn passes(inner: &str, script: &str, passed: bool) {
    let instance = check(inner, "s>a a>e", script);
    let said = &instance.state.vars()["countersigned"];
    assert_eq!(*said, json!(passed), "{script}");
    // Nothing that the engine keeps for itself comes out.
    let mut names = instance.state.vars().keys();
    assert!(
        names.all(|name| !name.starts_with('\0')),
        "{:?}",
        instance.state
    );
}

#[test]
fn a_weighted_countersign_is_over_as_soon_as_it_is_certain() {
    let cases = [
        (
            "weight:4",
            "complete a agreed=true | close a
             complete a agreed=true | close a, cancel a, ended e",
            true,
        ),
        // 3 of 7 are gone: 4 can still come. Another 2 gone: not any more.
        (
            "weight:4",
            "complete a agreed=false | close a
             complete a agreed=false | close a, cancel a, ended e",
            false,
        ),
        (
            "weight:3",
            "complete a agreed=true | close a, cancel a, cancel a, ended e",
            true,
        ),
        (
            "weight:5",
            "complete a agreed=false | close a, cancel a, cancel a, ended e",
            false,
        ),
        // What the new one brings counts, and what the one taken away would have brought does not.
        (
            "weight:5",
            "add a organ=丁 signerWeight=3 | open a@丁
             complete a agreed=false | close a
             complete a agreed=true | close a
             complete a agreed=true | close a
             complete a agreed=true | close a, ended e",
            true,
        ),
        (
            "weight:5",
            "remove a | cancel a, cancel a, cancel a, ended e",
            false,
        ),
        // More than all together.
        (
            "weight:8",
            "complete a agreed=true | close a, cancel a, cancel a, ended e",
            false,
        ),
    ];
    for (policy, script, passed) in cases {
        passes(
            &countersign(policy, false),
            &format!("{THREE}\n{script}"),
            passed,
        );
    }
}

#[test]
fn in_a_line_the_weight_goes_with_who_is_taken_away() {
    // 3 of 7 are gone: 5 cannot come any more, 4 can, and only from both.
    let inner = countersign("weight:5", true);
    passes(
        &inner,
        &format!("{FIRST}\nremove a | cancel a, ended e"),
        false,
    );
    let script = "remove a | cancel a, open a@乙
         complete a agreed=true | close a, open a@丙
         complete a agreed=true | close a, ended e";
    let inner = countersign("weight:4", true);
    passes(&inner, &format!("{FIRST}\n{script}"), true);
}

#[test]
fn the_weight_may_be_a_member_of_the_item() {
    let inner = countersign("weight:4", false)
        .replace("tb:weights=\"=[3, 2, 2]\"", "tb:weight=\"=signer.weight\"")
        .replace("=organ\"", "=signer.organ\"")
        .replace("tb:item=\"organ\"", "tb:item=\"signer\"");
    passes(
        &inner,
        "start organs=[{\"organ\":\"甲\",\"weight\":1},{\"organ\":\"乙\",\"weight\":4}] | open a@甲, open a@乙
         add a signer={\"organ\":\"丙\",\"weight\":2} | open a@丙
         complete a agreed=true | close a
         complete a agreed=true | close a, cancel a, ended e",
        true,
    );
    for weight in ["-1", "1.5", "\"x\"", "null", "1000001"] {
        let start = format!("start organs=[{{\"organ\":\"甲\",\"weight\":{weight}}}]");
        let xml = file("", &inner, "s>a a>e");
        let (definition, _) = Definition::parse(xml.as_bytes()).expect("sound");
        let said = Instance::new(definition).say(&start);
        assert!(
            said.starts_with("error: “a”：会签的权重"),
            "{weight}: {said}"
        );
    }
}

#[test]
fn one_after_the_other_works_with_every_policy() {
    let cases = [
        (
            "all",
            "complete a agreed=false | close a, open a@乙
             complete a agreed=true | close a, open a@丙
             complete a agreed=true | close a, ended e",
            false,
        ),
        (
            "any",
            "complete a agreed=false | close a, open a@乙
             complete a agreed=true | close a, ended e",
            true,
        ),
        (
            "n:2",
            "complete a agreed=false | close a, open a@乙
             complete a agreed=false | close a, ended e",
            false,
        ),
        (
            "veto",
            "complete a agreed=true | close a, open a@乙
             complete a agreed=false | close a, ended e",
            false,
        ),
        (
            "weight:4",
            "complete a agreed=false | close a, open a@乙
             complete a agreed=true | close a, open a@丙
             complete a agreed=true | close a, ended e",
            true,
        ),
        (
            "weight:5",
            "complete a agreed=false | close a, ended e",
            false,
        ),
        // Who is taken out of the line leaves no gap: the others all have their turn.
        (
            "all",
            "remove a | cancel a, open a@乙
             complete a agreed=true | close a, open a@丙
             complete a agreed=true | close a, ended e",
            true,
        ),
        (
            "weight:4",
            "remove a | cancel a, open a@乙
             complete a agreed=true | close a, open a@丙
             complete a agreed=true | close a, ended e",
            true,
        ),
        (
            "veto",
            "before a 丁 organ=丁 | cancel a, open a@丁
             complete a agreed=true | close a, open a@甲
             after a 戊 organ=戊 | -
             complete a agreed=true | close a, open a@戊
             add a organ=己 | -
             complete a agreed=true | close a, open a@乙
             complete a agreed=true | close a, open a@丙
             complete a agreed=true | close a, open a@己
             complete a agreed=true | close a, ended e",
            true,
        ),
        // 3 of the first go; 1 of the new, 2 and 2: 5 are enough.
        (
            "weight:5",
            "before a 丁 organ=丁 signerWeight=1 | cancel a, open a@丁
             complete a agreed=true | close a, open a@甲
             complete a agreed=false | close a, open a@乙
             complete a agreed=true | close a, open a@丙
             complete a agreed=true | close a, ended e",
            true,
        ),
    ];
    for (policy, script, passed) in cases {
        passes(
            &countersign(policy, true),
            &format!("{FIRST}\n{script}"),
            passed,
        );
    }
}

#[test]
fn in_a_countersign_the_new_member_comes_before_or_after_the_present_ones() {
    let cases = [
        (
            "all",
            "before a 丁 organ=丁 | cancel a, cancel a, cancel a, open a@丁
             complete a agreed=true | close a, open a@甲, open a@乙, open a@丙
             complete a agreed=true | close a
             complete a agreed=true | close a
             complete a agreed=true | close a, ended e",
            true,
        ),
        (
            "all",
            "after a 丁 organ=丁 | -
             complete a agreed=true | close a
             complete a agreed=true | close a
             complete a agreed=true | close a, open a@丁
             complete a agreed=false | close a, ended e",
            false,
        ),
        // Two lined up before: the last asked is the first to sign.
        (
            "veto",
            "complete a agreed=true | close a
             before a 丁 organ=丁 | cancel a, cancel a, open a@丁
             before a 戊 organ=戊 | cancel a, open a@戊
             complete a agreed=true | close a, open a@丁
             complete a agreed=true | close a, open a@乙, open a@丙
             complete a agreed=false | close a, cancel a, ended e",
            false,
        ),
        // Who was asked first is asked no longer: the held ones go on.
        (
            "all",
            "before a 丁 organ=丁 | cancel a, cancel a, cancel a, open a@丁
             remove a | cancel a, open a@甲, open a@乙, open a@丙
             complete a agreed=true | close a
             complete a agreed=true | close a
             complete a agreed=true | close a, ended e",
            true,
        ),
        // Who is held still counts for what is certain, with the own weight.
        (
            "weight:7",
            "before a 丁 organ=丁 signerWeight=1 | cancel a, cancel a, cancel a, open a@丁
             complete a agreed=false | close a, open a@甲, open a@乙, open a@丙
             complete a agreed=false | close a, cancel a, cancel a, ended e",
            false,
        ),
        (
            "n:1",
            "after a 丁 organ=丁 | -
             complete a agreed=true | close a, cancel a, cancel a, ended e",
            true,
        ),
    ];
    for (policy, script, passed) in cases {
        passes(
            &countersign(policy, false),
            &format!("{THREE}\n{script}"),
            passed,
        );
    }
}

const PLAIN: &str = "<bpmn:userTask id=\"a\" tb:post=\"p\" tb:organ=\"甲\" tb:act=\"decide\"/>";

#[test]
fn at_a_task_of_one_hand_signers_take_turns_with_it() {
    let inner = format!("{START}{PLAIN}{END}");
    let instance = check(
        &inner,
        "s>a a>e",
        "start | open a@甲
         before a 乙 | cancel a, open a@乙
         before a 丙 | cancel a, open a@丙
         after a 丁 | -
         complete a decision=\"deny\" | close a, open a@乙
         remove a | cancel a, open a@丁
         complete a decision=\"deny\" | close a, open a@甲
         after a 戊 | -
         after a 己 | -
         complete a decision=\"grant\" | close a, open a@戊
         complete a decision=\"deny\" | close a, open a@己
         complete a decision=\"deny\" | close a, ended e",
    );
    assert_eq!(
        instance.state.vars()["decision"],
        json!("grant"),
        "a signer binds nobody"
    );
}

#[test]
fn signers_leave_joins_returns_and_events_at_the_edge_alone() {
    let branches = format!(
        "{START}<bpmn:parallelGateway id=\"f\"/>{PLAIN}<bpmn:userTask id=\"b\" tb:post=\"p\"/><bpmn:parallelGateway id=\"j\"/>\
         <bpmn:userTask id=\"c\" tb:post=\"p\"/>{END}"
    );
    let flows = "s>f f>a f>b a>j b>j j>c c>e";
    check(
        &branches,
        flows,
        "start | open a@甲, open b
         before a 乙 | cancel a, open a@乙
         complete b | close b
         complete a | close a, open a@甲
         after a 丙 | -
         complete a | close a, open a@丙
         complete a | close a, open c
         before c 乙 | cancel c, open c@乙
         suspend | -
         before c 乙 | error: 流程已挂起，恢复后才能办理
         resume | -
         move c f | cancel c, open a@甲, open b
         before a 乙 | cancel a, open a@乙
         terminate | cancel a, cancel b, ended by order",
    );
    check(
        &format!("{START}{PLAIN}<bpmn:userTask id=\"b\" tb:post=\"p\"/>{END}"),
        "s>a a>b b>e",
        "start | open a@甲
         complete a | close a, open b
         before b 乙 | cancel b, open b@乙
         return b a | cancel b, open a@甲",
    );
    let timed = "<bpmn:boundaryEvent id=\"l\" attachedToRef=\"a\"><bpmn:timerEventDefinition>\
                 <bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>";
    check(
        &format!("{START}{PLAIN}{timed}{END}"),
        "s>a a>e l>e",
        "start | open a@甲, arm PT1H
         before a 乙 | cancel a, open a@乙
         complete a | close a, open a@甲
         after a 丙 | -
         complete a | close a, open a@丙
         fire l | cancel a, ended e",
    );
}

#[test]
fn what_leads_nowhere_is_refused_before_the_signers_come() {
    let inner =
        format!("{START}{PLAIN}<bpmn:exclusiveGateway id=\"g\"/><bpmn:endEvent id=\"n\"/>{END}");
    check(
        &inner,
        "s>a a>g g>e?decision=\"grant\" g>n?decision=\"deny\"",
        "start | open a@甲
         after a 乙 | -
         complete a decision=\"perhaps\" | error: “g”没有一个分支的条件成立，也没有缺省分支
         complete a decision=\"deny\" | close a, open a@乙
         complete a decision=\"perhaps\" | close a, ended n",
    );
}

#[test]
fn what_is_no_task_of_one_hand_or_of_many_takes_no_signer() {
    let xml = file("", &format!("{START}{PLAIN}{END}"), "s>a a>e");
    let (definition, _) = Definition::parse(xml.as_bytes()).expect("sound");
    let mut instance = Instance::new(definition);
    instance.say("start");
    let before = instance.state.clone();
    for text in ["before b 乙", "after b 乙", "remove a", "add a organ=乙"] {
        let said = instance.say(text);
        assert!(said.starts_with("error: "), "{text}: {said}");
        assert_eq!(instance.state, before);
    }
    // A line without end is refused, too.
    for n in 0..200 {
        let said = instance.say("after a 乙");
        if said != "-" {
            assert_eq!(n, 100, "{said}");
            break;
        }
    }
    let Some(On::Task(task)) = instance.state.tokens.iter().map(|t| t.on).next_back() else {
        panic!("{:?}", instance.state);
    };
    let done = Command::Complete {
        task,
        vars: tongban_process::Vars::new(),
    };
    assert!(instance.send(&done).is_ok());
}

#[test]
fn a_weighted_countersign_without_weights_is_refused() {
    let refused = |inner: &str| {
        let xml = file("", inner, "s>a a>e");
        let errors = Definition::parse(xml.as_bytes()).expect_err(inner);
        assert!(errors.iter().any(|e| e.rule == "countersign"), "{errors:?}");
    };
    let sound = countersign("weight:4", false);
    refused(&sound.replace("tb:weights=\"=[3, 2, 2]\"", ""));
    refused(&sound.replace("weight:4", "all"));
    refused(&sound.replace("weight:4", "weight:0"));
    refused(&sound.replace("weight:4", "weight:x"));
    refused(&sound.replace("tb:weights", "tb:weight=\"1\" tb:weights"));
}
