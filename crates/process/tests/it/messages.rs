//! Whom a message between participants of one file reaches: name and key are read alike on both sides.

use tongban_process::{Command, Definition, Refusal, Vars};

use crate::scenario::Instance;

/// `p` wakes `q`, then sends it a message with this key; `q` waits for it with that key.
fn talking(sent: &str, wanted: &str) -> Instance {
    let xml = format!(
        r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tb="{}">
        <message id="wake" name="唤醒"/><message id="m" name="回执"/>
        <process id="p" isExecutable="true">
          <startEvent id="s"/><sendTask id="ask" messageRef="wake"/><userTask id="a" tb:post="p"/>
          <intermediateThrowEvent id="tell" tb:key="{sent}"><messageEventDefinition messageRef="m"/></intermediateThrowEvent>
          <userTask id="b" tb:post="p"/>
          <sequenceFlow id="f1" sourceRef="s" targetRef="ask"/><sequenceFlow id="f2" sourceRef="ask" targetRef="a"/>
          <sequenceFlow id="f3" sourceRef="a" targetRef="tell"/><sequenceFlow id="f4" sourceRef="tell" targetRef="b"/>
        </process>
        <process id="q">
          <startEvent id="qs"><messageEventDefinition messageRef="wake"/></startEvent>
          <intermediateCatchEvent id="hear" tb:key="{wanted}"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
          <userTask id="c" tb:post="p"/>
          <sequenceFlow id="g1" sourceRef="qs" targetRef="hear"/><sequenceFlow id="g2" sourceRef="hear" targetRef="c"/>
        </process></definitions>"#,
        tongban_process::TB_NAMESPACE
    );
    let sent = xml.replace("tb:key=\"\"", "");
    let (definition, _) = Definition::parse(sent.as_bytes()).expect("parses");
    let mut instance = Instance::new(definition);
    assert!(instance.say("start").starts_with("open a, wait 回执"));
    instance
}

#[test]
fn a_number_is_a_key_on_both_sides() {
    assert_eq!(
        talking("=7", "=7").say("complete a"),
        "close a, unwait hear, open b, open c"
    );
    assert_eq!(
        talking("=7", "=&quot;7&quot;").say("complete a"),
        "close a, unwait hear, open b, open c"
    );
    // Nobody waits for this one: it goes outside, to whom it may concern.
    assert_eq!(
        talking("=7", "=8").say("complete a"),
        "close a, send 回执, open b"
    );
}

#[test]
fn a_side_without_key_fits_any() {
    for (sent, wanted) in [("", "=8"), ("=7", ""), ("=null", "=8")] {
        let got = talking(sent, wanted).say("complete a");
        assert_eq!(
            got, "close a, unwait hear, open b, open c",
            "{sent} {wanted}"
        );
    }
}

#[test]
fn a_key_that_cannot_be_told_refuses_the_sender() {
    let mut instance = talking("=function(x) x", "=8");
    let task = instance
        .state
        .open_tasks()
        .next()
        .map_or(0, |(task, _)| task);
    let got = instance.send(&Command::Complete {
        task,
        vars: Vars::new(),
    });
    assert!(
        matches!(&got, Err(Refusal::Expression { element, .. }) if &**element == "tell"),
        "{got:?}"
    );
}
