//! Files that are meant to hurt. Each must be refused, quickly, with a line.

use std::fmt::Write as _;

use tongban_process::{Command, Definition, MAX_DEPTH, Marks, Refusal, State, Vars, step, svg};

use crate::model::{HEAD, parse};
use crate::scenario::NOW;

fn refusal(xml: impl AsRef<[u8]>) -> String {
    let errors = Definition::parse(xml.as_ref()).expect_err("refused");
    errors.iter().map(|e| format!("{} {e}\n", e.rule)).collect()
}

#[test]
fn entity_bombs_and_document_types_are_refused() {
    let bomb = r#"<?xml version="1.0"?>
        <!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>
        <definitions>&lol2;</definitions>"#;
    assert!(refusal(bomb).contains("DOCTYPE"));
    let external = r#"<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>"#;
    assert!(refusal(external).contains("DOCTYPE"));
    assert!(refusal("<a>&xxe;</a>").contains("实体"));
    assert!(refusal("<a b=\"&xxe;\"/>").contains("实体"));
}

#[test]
fn what_is_no_bpmn_is_refused() {
    for (xml, part) in [
        ("", "没有元素"),
        ("not xml", "根元素之外"),
        ("<a><b></a>", "XML"),
        ("<a/><b/>", "两个根元素"),
        ("<a>", "不完整"),
        ("<p:a/>", "前缀 p"),
        ("<a b='1' b='2'/>", "重复"),
        ("<definitions/>", "根元素应为 BPMN 2.0"),
        (
            "<a xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'/>",
            "根元素应为",
        ),
        (
            "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'/>",
            "没有流程",
        ),
    ] {
        let got = refusal(xml);
        assert!(got.contains(part), "{xml}: {got}");
    }
    assert!(refusal([0xff, 0xfe, b'<', 0]).contains("UTF-8"));
}

#[test]
fn sizes_are_bounded() {
    let deep = "<a>".repeat(MAX_DEPTH + 1);
    assert!(refusal(deep).contains("嵌套超过"));
    let wide = format!("<a>{}</a>", "<b/>".repeat(60_000));
    assert!(refusal(wide).contains("元素超过"));
    let long = format!("<a b=\"{}\"/>", "x".repeat(100_000));
    assert!(refusal(long).contains("过长"));
    let text = format!("<a>{}</a>", "x".repeat(100_000));
    assert!(refusal(text).contains("过长"));
    let attributes: String = (0..200).map(|i| format!(" a{i}=\"\"")).collect();
    assert!(refusal(format!("<a{attributes}/>")).contains("过多"));
    let spaces: String = (0..100).map(|i| format!(" xmlns:a{i}=\"u\"")).collect();
    assert!(refusal(format!("<a{spaces}/>")).contains("命名空间声明过多"));
    let huge = vec![b' '; 10 * 1024 * 1024 + 1];
    assert!(refusal(huge).contains("10 MB"));
}

#[test]
fn many_errors_are_cut_off() {
    let mut xml = HEAD.to_owned();
    for i in 0..1000 {
        let _ = write!(xml, "<bpmn:complexGateway id=\"g{i}\"/>");
    }
    xml += "</bpmn:process></bpmn:definitions>";
    assert_eq!(
        Definition::parse(xml.as_bytes())
            .expect_err("refused")
            .len(),
        200
    );
}

#[test]
fn names_cannot_break_out_of_the_picture() {
    let xml = crate::model::xml("start -> a -> end")
        .replace("name=\"a\"", "name=\"&lt;script&gt;&quot;&#x8;&amp;\"");
    let (def, _) = Definition::parse(xml.as_bytes()).expect("parses");
    let picture = svg(&def, &Marks::default());
    assert!(picture.contains("&lt;script&gt;&quot;&amp;") && !picture.contains("<script"));
    assert!(!picture.contains('\u{8}'));
}

#[test]
fn too_many_variables_are_refused() {
    let def = parse("start -> a -> end");
    let vars: Vars = [("x".into(), "x".repeat(70_000).into())]
        .into_iter()
        .collect();
    let got = step(&def, &State::default(), &Command::start(vars), NOW);
    assert!(matches!(got, Err(Refusal::TooManyVars(_))));
}

#[test]
fn scripts_cannot_grow_without_bound() {
    for formula in ["[x,x]", "[x]", "x+x"] {
        let model = format!("start -> a:xor -> s:x={formula} -> b:xor\nb -[true]-> a\nb -*-> end");
        let def = parse(&model);
        let vars: Vars = [("x".into(), "xxxx".into())].into_iter().collect();
        let got = step(&def, &State::default(), &Command::start(vars), NOW);
        assert!(got.is_err(), "{formula}: {got:?}");
    }
    let mut deep = serde_json::Value::Null;
    for _ in 0..100 {
        deep = serde_json::Value::Array(vec![deep]);
    }
    let vars: Vars = [("x".into(), deep)].into_iter().collect();
    let def = parse("start -> a -> end");
    let got = step(&def, &State::default(), &Command::start(vars), NOW);
    assert!(matches!(got, Err(Refusal::TooManyVars(_))));
}

#[test]
fn a_state_of_another_definition_or_version_is_refused() {
    let (ours, theirs) = (parse("start -> a -> end"), parse("start -> b -> end"));
    let start = Command::start(Vars::new());
    let started = step(&ours, &State::default(), &start, NOW)
        .expect("starts")
        .state;
    let complete = Command::Complete {
        task: 2,
        vars: Vars::new(),
    };
    let got = step(&theirs, &started, &complete, NOW);
    assert_eq!(got, Err(Refusal::ForeignState("a".into())));
    let newer = State { v: 9, ..started };
    assert_eq!(
        step(&ours, &newer, &complete, NOW),
        Err(Refusal::UnknownVersion(9))
    );
}

fn running(inner: &str) -> Result<tongban_process::Step, Refusal> {
    let xml = format!(
        "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:tb=\"http://tongban.dev/bpmn\"><bpmn:signal id=\"g\" name=\"g\"/>{inner}</bpmn:definitions>"
    );
    let (def, _) = tongban_process::Definition::parse(xml.as_bytes()).expect("parses");
    step(&def, &State::default(), &Command::start(Vars::new()), NOW)
}

fn flow(from: &str, to: &str) -> String {
    format!("<bpmn:sequenceFlow id=\"{from}-{to}\" sourceRef=\"{from}\" targetRef=\"{to}\"/>")
}

#[test]
fn a_process_that_calls_itself_is_refused_before_it_fills_the_memory() {
    let got = running(&format!(
        "<bpmn:process id=\"p\"><bpmn:startEvent id=\"s\"/><bpmn:callActivity id=\"c\" calledElement=\"p\"/>{}</bpmn:process>",
        flow("s", "c")
    ));
    assert!(matches!(got, Err(Refusal::TooMany { .. })), "{got:?}");
}

#[test]
fn many_times_many_repetitions_are_refused() {
    let multi = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>900</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>";
    let task = format!("<bpmn:userTask id=\"t\" tb:post=\"p\">{multi}</bpmn:userTask>");
    let sub = format!("<bpmn:subProcess id=\"u\">{multi}{task}</bpmn:subProcess>");
    let got = running(&format!(
        "<bpmn:process id=\"p\"><bpmn:startEvent id=\"s\"/>{sub}{}</bpmn:process>",
        flow("s", "u")
    ));
    // Whichever bound is met first: parts, variables, or moves of one step.
    let bounded = match &got {
        Err(Refusal::TooMany { .. } | Refusal::TooManyVars(_)) => true,
        Ok(step) => !step.state.incidents.is_empty(),
        Err(_) => false,
    };
    assert!(bounded, "{:?}", got.map(|step| step.state.tokens.len()));
    let more = multi.replace("900", "1001");
    let task = format!("<bpmn:userTask id=\"t\" tb:post=\"p\">{more}</bpmn:userTask>");
    let got = running(&format!(
        "<bpmn:process id=\"p\"><bpmn:startEvent id=\"s\"/>{task}{}</bpmn:process>",
        flow("s", "t")
    ));
    assert!(matches!(got, Err(Refusal::TooMany { .. })), "{got:?}");
}

#[test]
fn conditions_and_signals_that_feed_themselves_stop_with_an_incident() {
    let condition = "<bpmn:boundaryEvent id=\"b\" attachedToRef=\"t\" cancelActivity=\"false\"><bpmn:conditionalEventDefinition><bpmn:condition>true</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:boundaryEvent>";
    let script = "<bpmn:scriptTask id=\"w\" tb:variable=\"n\"><bpmn:script>1</bpmn:script></bpmn:scriptTask>";
    let got = running(&format!(
        "<bpmn:process id=\"p\"><bpmn:startEvent id=\"s\"/><bpmn:userTask id=\"t\" tb:post=\"p\"/>{condition}{script}{}{}</bpmn:process>",
        flow("s", "t"),
        flow("b", "w")
    ));
    let step = got.expect("stopped, not refused");
    assert!(!step.state.incidents.is_empty());
    let answer = |id: &str| {
        format!(
            "<bpmn:process id=\"{id}\"><bpmn:startEvent id=\"{id}s\"><bpmn:signalEventDefinition signalRef=\"g\"/></bpmn:startEvent><bpmn:endEvent id=\"{id}e\"><bpmn:signalEventDefinition signalRef=\"g\"/></bpmn:endEvent>{}</bpmn:process>",
            flow(&format!("{id}s"), &format!("{id}e"))
        )
    };
    let got = running(&[answer("p"), answer("q")].concat());
    assert!(got.is_ok(), "ping-pong ends at the bound: {got:?}");
}
