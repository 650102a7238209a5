//! 会签: when it is over, and whether it has passed.

use tongban_process::Definition;

use crate::constructs::{END, START, check, file};

fn countersign(policy: &str) -> String {
    format!(
        "{START}<bpmn:userTask id=\"a\" tb:post=\"p\" tb:organ=\"=organ\" tb:countersign=\"{policy}\">\
         <bpmn:multiInstanceLoopCharacteristics tb:collection=\"organs\" tb:item=\"organ\"/></bpmn:userTask>{END}"
    )
}

#[test]
fn a_countersign_ends_as_its_policy_says() {
    let three = "start organs=[\"甲\",\"乙\",\"丙\"] | open a@甲, open a@乙, open a@丙";
    let cases = [
        (
            "all",
            "complete a agreed=false | close a
             complete a agreed=true | close a
             complete a agreed=true | close a, ended e",
            false,
        ),
        (
            "all",
            "complete a agreed=true | close a
             remove a | cancel a
             complete a agreed=true | close a, ended e",
            true,
        ),
        // Others have signed: the last may be taken away.
        (
            "all",
            "complete a agreed=true | close a
             complete a agreed=true | close a
             remove a | cancel a, ended e",
            true,
        ),
        (
            "any",
            "complete a agreed=false | close a
             complete a agreed=true | close a, cancel a, ended e",
            true,
        ),
        (
            "any",
            "complete a agreed=false | close a
             complete a agreed=false | close a
             complete a agreed=false | close a, ended e",
            false,
        ),
        (
            "n:2",
            "complete a agreed=true | close a
             complete a agreed=true | close a, cancel a, ended e",
            true,
        ),
        (
            "n:2",
            "complete a agreed=false | close a
             complete a agreed=false | close a, cancel a, ended e",
            false,
        ),
        (
            "n:2",
            "complete a agreed=false | close a
             add a organ=丁 | open a@丁
             complete a agreed=false | close a
             complete a agreed=true | close a
             complete a agreed=true | close a, ended e",
            true,
        ),
        (
            "n:3",
            "remove a | cancel a, cancel a, cancel a, ended e",
            false,
        ),
        (
            "veto",
            "complete a agreed=true | close a
             complete a agreed=false | close a, cancel a, ended e",
            false,
        ),
        (
            "veto",
            "complete a agreed=true | close a
             complete a agreed=true | close a
             complete a agreed=true | close a, ended e",
            true,
        ),
        // Who says nothing does not agree.
        (
            "veto",
            "complete a | close a, cancel a, cancel a, ended e",
            false,
        ),
    ];
    for (policy, script, passed) in cases {
        let instance = check(
            &countersign(policy),
            "s>a a>e",
            &format!("{three}\n{script}"),
        );
        assert_eq!(
            instance.state.vars()["countersigned"],
            serde_json::json!(passed),
            "{policy}: {script}"
        );
    }
    let nobody = check(&countersign("all"), "s>a a>e", "start organs=[] | ended e");
    assert_eq!(
        nobody.state.vars()["countersigned"],
        serde_json::json!(false)
    );
}

#[test]
fn a_countersign_that_says_nothing_sound_is_refused() {
    let refused = |inner: &str| {
        let xml = file("", inner, "s>a a>e");
        let errors = Definition::parse(xml.as_bytes()).expect_err(inner);
        assert!(errors.iter().any(|e| e.rule == "countersign"), "{errors:?}");
    };
    for policy in ["most", "n:0", "n:x", "n:-1", "ALL"] {
        refused(&countersign(policy));
    }
    refused(&format!(
        "{START}<bpmn:userTask id=\"a\" tb:post=\"p\" tb:countersign=\"all\"/>{END}"
    ));
    refused(&countersign("all").replace(
        "tb:item=\"organ\"/>",
        "tb:item=\"organ\"><bpmn:completionCondition>true</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>",
    ));
    refused(&countersign("all").replace("bpmn:userTask", "bpmn:manualTask"));
}
