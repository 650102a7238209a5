//! Soundness: the checker's words for models that hang, and silence for those that do not.

use tongban_process::check;

use crate::constructs::{END, START, file, links};
use crate::model::parse;

fn rules(model: &str) -> String {
    let findings = check(&parse(model));
    assert!(findings.iter().all(|f| !f.message.is_empty()));
    findings
        .iter()
        .map(|f| format!("{} {}", f.rule, f.element))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn sound_models_have_no_findings() {
    for model in [
        "start -> a -> end",
        "start -> s:and -> a -> j:and -> end\n s -> b -> j",
        "start -> x:xor\n x -[p]-> a -> y:xor -> end\n x -*-> b -> y",
        "start -> a -> x:xor\n x -[again]-> a\n x -*-> end",
        "start -> o:or\n o -[p]-> a -> j:or -> end\n o -*-> b -> j",
        "start -> a -> end\n a ~P1D~> b -> end\n a ~~P1D~~> c -> end_c",
        "start -> s:and -> a -> x:terminate\n s -> b -> end",
    ] {
        assert_eq!(rules(model), "", "{model}");
    }
}

#[test]
fn faults_are_found_where_they_are() {
    for (model, wanted) in [
        (
            "start -> x:xor\n x -[p]-> a -> j:and -> end\n x -*-> b -> j",
            "deadlock j",
        ),
        ("start -> s:and -> a -> z -> end\n s -> b -> z", "twice z"),
        ("start -> a -> end\n b -> end", "unreachable b"),
        (
            "start -> a -> x:xor\n x -[p]-> a\n x -[q]-> end\n x -*-> b -> b2 -> b",
            "dead-end b, dead-end b2",
        ),
        (
            "start -> x:xor\n x -[p]-> a -> end\n x -[q]-> b -> end",
            "no-default x",
        ),
        (
            "start -> x:xor\n x -> a -> end\n x -[q]-> b -> end",
            "no-condition x",
        ),
        ("start -> a -> b", "implicit-end b"),
        ("start -> a -> j:and -> end\n a ~P1D~> b -> j", "deadlock j"),
    ] {
        assert_eq!(rules(model), wanted, "{model}");
    }
}

#[test]
fn a_task_without_post_is_a_fault() {
    let xml = crate::model::xml("start -> a -> end").replace("tb:post=\"p\"", "");
    let (def, _) = tongban_process::Definition::parse(xml.as_bytes()).expect("parses");
    let findings = check(&def);
    assert_eq!(findings[0].rule, "no-post");
    assert!(findings[0].message.contains("没有指定岗位"));
}

#[test]
fn a_huge_state_space_is_not_decided() {
    let mut model = "start -> s:and -> z1 -> j:and -> end\n".to_owned();
    for i in 2..=12 {
        model += &format!(
            "s -> a{i}:xor\n a{i} -[p]-> b{i} -> c{i}:xor -> d{i} -> j\n a{i} -*-> e{i} -> c{i}\n"
        );
        model += &format!("b{i} ~~P1D~~> r{i} -> end_r{i}\n");
    }
    assert_eq!(rules(&model), "not-decided p");
}

#[test]
fn many_parallel_branches_in_a_row_are_decided() {
    let mut model = "start -> s:and -> z1 -> j:and -> end\n".to_owned();
    for i in 2..=12 {
        model += &format!("s -> a{i} -> b{i} -> c{i} -> j\n");
    }
    assert_eq!(rules(&model), "");
}

/// A process with these elements; `flows` are written `a>b`, a condition behind `?`.
fn told(inner: &str, flows: &str) -> String {
    let globals = "<bpmn:error id=\"x\" errorCode=\"E\"/><bpmn:escalation id=\"u\" escalationCode=\"U\"/><bpmn:message id=\"m\" name=\"甲\"/><bpmn:message id=\"n\" name=\"乙\"/>";
    let xml = file(globals, inner, flows);
    let (definition, _) = match tongban_process::Definition::parse(xml.as_bytes()) {
        Ok(read) => read,
        Err(errors) => panic!("{errors:?}\n{xml}"),
    };
    let findings = check(&definition);
    let mut all: Vec<String> = findings
        .iter()
        .filter(|f| f.rule != "no-name" && f.rule != "implicit-end")
        .map(|f| format!("{} {}", f.rule, f.element))
        .collect();
    all.sort_unstable();
    all.join(", ")
}

fn task(id: &str) -> String {
    format!("<bpmn:userTask id=\"{id}\" tb:post=\"p\"/>")
}

fn timer(interrupting: bool) -> String {
    format!(
        "<bpmn:boundaryEvent id=\"t\" attachedToRef=\"sub\" cancelActivity=\"{interrupting}\"><bpmn:timerEventDefinition><bpmn:timeDuration>P3D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
}

/// A choice of two ways that a parallel gateway waits to come together.
fn waits() -> String {
    format!(
        "<bpmn:startEvent id=\"is\"/><bpmn:exclusiveGateway id=\"ix\" default=\"ix-ib\"/>{}{}<bpmn:parallelGateway id=\"ij\"/><bpmn:endEvent id=\"ie\"/>{}",
        task("ia"),
        task("ib"),
        links("is>ix ix>ia?p=1 ix>ib ia>ij ib>ij ij>ie")
    )
}

#[test]
fn what_waits_for_ever_is_found_inside_sub_processes() {
    let sub = |attributes: &str, more: &str| {
        format!(
            "{START}{END}<bpmn:subProcess id=\"sub\" {attributes}>{more}{}</bpmn:subProcess>",
            waits()
        )
    };
    let multi = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>";
    assert_eq!(told(&sub("", ""), "s>sub sub>e"), "deadlock ij");
    assert_eq!(told(&sub("", multi), "s>sub sub>e"), "deadlock ij");
    // A timer that ends the sub-process ends the waiting; a reminder does not.
    let ended = format!("{}{}", sub("", ""), timer(true));
    assert_eq!(told(&ended, "s>sub sub>e t>e"), "held ij");
    let reminded = format!("{}{}", sub("", ""), timer(false));
    assert_eq!(told(&reminded, "s>sub sub>e t>e"), "deadlock ij");
    // In an event sub-process, however it begins.
    let begin = "<bpmn:startEvent id=\"is\" isInterrupting=\"false\"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:startEvent>";
    let event = sub("triggeredByEvent=\"true\"", "").replace("<bpmn:startEvent id=\"is\"/>", begin);
    let event = format!("{event}{}", task("a"));
    assert_eq!(told(&event, "s>a a>e"), "deadlock ij");
}

#[test]
fn termination_errors_and_escalations_are_followed() {
    let sub = |end: &str| {
        format!(
            "{START}{END}<bpmn:subProcess id=\"sub\"><bpmn:startEvent id=\"is\"/><bpmn:parallelGateway id=\"ig\"/>{}<bpmn:manualTask id=\"ib\"/><bpmn:endEvent id=\"ie\">{end}</bpmn:endEvent><bpmn:endEvent id=\"if\"/>{}</bpmn:subProcess>",
            "<bpmn:manualTask id=\"ia\"/>",
            links("is>ig ig>ia ig>ib ia>ie ib>if")
        )
    };
    let edge = |kind: &str, attributes: &str| {
        format!(
            "<bpmn:boundaryEvent id=\"b\" attachedToRef=\"sub\" {attributes}><bpmn:{kind}/></bpmn:boundaryEvent>"
        )
    };
    let join = format!("<bpmn:parallelGateway id=\"j\"/>{}", task("a"));
    let flows = "s>sub sub>j b>j j>a a>e";
    // Termination ends the sub-process, not the process.
    let terminated = sub("<bpmn:terminateEventDefinition/>");
    assert_eq!(told(&terminated, "s>sub sub>e"), "");
    // An error takes the other way out: both never come.
    let error = "errorEventDefinition errorRef=\"x\"";
    let thrown = sub(&format!("<bpmn:{error}/>"));
    let caught = format!("{thrown}{}{join}", edge(error, ""));
    assert_eq!(told(&caught, flows), "deadlock j");
    assert_eq!(told(&thrown, "s>sub sub>e"), "uncaught-error ie");
    let other = format!("{}{}", sub(""), edge(error, ""));
    assert_eq!(told(&other, "s>sub sub>e b>e"), "never-happens b");
    // An escalation that does not interrupt comes besides: both come, and without a join the task is opened twice.
    let escalation = "escalationEventDefinition escalationRef=\"u\"";
    let risen = sub(&format!("<bpmn:{escalation}/>"));
    let calm = edge(escalation, "cancelActivity=\"false\"");
    assert_eq!(told(&format!("{risen}{calm}{join}"), flows), "");
    let twice = format!("{risen}{calm}{}", task("a"));
    assert_eq!(told(&twice, "s>sub sub>a b>a a>e"), "twice a");
}

#[test]
fn limits_that_a_timer_cuts_short_are_told() {
    let sub = |limit: &str| {
        format!(
            "{START}{END}<bpmn:subProcess id=\"sub\"><bpmn:startEvent id=\"is\"/>{}{}<bpmn:endEvent id=\"ie\"/>{}</bpmn:subProcess>{}",
            task("ia").replace("/>", &format!(" tb:limit=\"{limit}\"/>")),
            task("ib").replace("/>", " tb:limit=\"P2D\"/>"),
            links("is>ia ia>ib ib>ie"),
            timer(true)
        )
    };
    assert_eq!(told(&sub("P1D"), "s>sub sub>e t>e"), "");
    assert_eq!(told(&sub("P2D"), "s>sub sub>e t>e"), "limit-not-kept sub");
    assert_eq!(
        told(&sub("P5D"), "s>sub sub>e t>e"),
        "limit-not-kept ia, limit-not-kept sub"
    );
    let reminder = sub("P5D").replace("cancelActivity=\"true\"", "cancelActivity=\"false\"");
    assert_eq!(told(&reminder, "s>sub sub>e t>e"), "");
}

#[test]
fn messages_between_participants_that_come_too_early_or_never_are_told() {
    let send =
        |id: &str, message: &str| format!("<bpmn:sendTask id=\"{id}\" messageRef=\"{message}\"/>");
    let hear = |id: &str, message: &str| {
        format!("<bpmn:receiveTask id=\"{id}\" messageRef=\"{message}\"/>")
    };
    let other = |inner: &str, flows: &str| {
        format!(
            "</bpmn:process><bpmn:process id=\"q\"><bpmn:startEvent id=\"qs\"><bpmn:messageEventDefinition messageRef=\"m\"/></bpmn:startEvent>{inner}<bpmn:endEvent id=\"qe\"/>{}",
            links(flows)
        )
    };
    let two = |own: &str, inner: &str, flows: &str| {
        format!(
            "{START}{END}{own}{}{}",
            links("s>ask ask>hear hear>e"),
            other(inner, flows)
        )
    };
    let own = format!("{}{}", send("ask", "m"), hear("hear", "n"));
    // The answer comes after a task: `p` waits by then. Without the task it is as fast as the question.
    let slow = two(
        &own,
        &format!("{}{}", task("qa"), send("answer", "n")),
        "qs>qa qa>answer answer>qe",
    );
    assert_eq!(told(&slow, ""), "");
    let never = two(&own, &task("qa"), "qs>qa qa>qe");
    assert_eq!(told(&never, ""), "");
    let choice = "<bpmn:exclusiveGateway id=\"qx\" default=\"qx-qe\"/>";
    let inner = format!("{}{}{choice}", task("qa"), send("answer", "n"));
    let seldom = two(&own, &inner, "qs>qa qa>qx qx>answer?p=1 qx>qe answer>qe");
    assert_eq!(told(&seldom, ""), "message-wait hear");
}
