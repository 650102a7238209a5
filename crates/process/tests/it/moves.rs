//! A running instance moves to another version of its process: what comes along, what is taken away, what is refused.

use std::collections::BTreeMap;

use tongban_process::{Definition, Effect, Step, migrate};

use crate::constructs::{END, START, file};
use crate::scenario::{Instance, NOW};

const TASK: &str = "<bpmn:userTask id=\"a\" tb:post=\"p\"/>";
const TIMER: &str = "<bpmn:boundaryEvent id=\"late\" attachedToRef=\"a\" cancelActivity=\"false\"><bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>";

fn read(inner: &str, flows: &str) -> Definition {
    let xml = file("", &format!("{START}{inner}{END}"), flows);
    let read = Definition::parse(xml.as_bytes());
    read.unwrap_or_else(|errors| panic!("{errors:?}\n{xml}")).0
}

fn moved(from: &Instance, to: &Definition, map: &[(&str, &str)]) -> Result<Step, Vec<String>> {
    let map = map.iter().map(|(a, b)| ((*a).into(), (*b).into()));
    let map: BTreeMap<_, _> = map.collect();
    migrate(&from.def, to, "p", &from.state, &map, NOW)
}

fn begun(inner: &str, flows: &str) -> Instance {
    let mut instance = Instance::new(read(inner, flows));
    instance.say("start n=1 who=\"甲\"");
    instance
}

#[test]
fn variables_and_open_work_come_along() {
    let old = begun(TASK, "s>a a>e");
    let new = read(
        &format!("{TASK}<bpmn:userTask id=\"b\" tb:post=\"p\"/>"),
        "s>a a>b b>e",
    );
    let step = moved(&old, &new, &[]).expect("moved");
    assert_eq!(step.state.var(0, "n"), Some(&1.into()));
    assert_eq!(step.state.var(0, "who"), Some(&"甲".into()));
    let open = |state: &tongban_process::State| {
        let open = state.open_tasks().map(|(task, at)| (task, at.to_string()));
        open.collect::<Vec<_>>()
    };
    assert_eq!(open(&step.state), open(&old.state), "the same task");
    assert!(step.effects.is_empty(), "{:?}", step.effects);
}

#[test]
fn a_map_of_what_is_not_there_is_refused() {
    let old = begun(TASK, "s>a a>e");
    let same = read(TASK, "s>a a>e");
    let told = moved(&old, &same, &[("z", "a")]).expect_err("refused");
    assert_eq!(told, ["原版本中没有“z”"]);
    let told = moved(&old, &same, &[("e", "z")]).expect_err("refused");
    assert_eq!(told, ["新版本中没有“z”"]);
}

#[test]
fn a_task_does_not_become_a_service_by_its_name() {
    let old = begun(TASK, "s>a a>e");
    let new = read("<bpmn:serviceTask id=\"a\" tb:service=\"x\"/>", "s>a a>e");
    let told = moved(&old, &new, &[]).expect_err("refused");
    assert_eq!(told, ["“a”不能移到“a”：类型不同"]);
}

#[test]
fn timers_that_stay_keep_their_time_and_those_that_are_gone_are_taken_away() {
    let timed = format!("{TASK}{TIMER}<bpmn:userTask id=\"told\" tb:post=\"p\"/>");
    let old = begun(&timed, "s>a a>e late>told");
    let armed: Vec<u64> = old.state.timers().map(|wait| wait.id).collect();
    assert_eq!(armed.len(), 1);
    let step = moved(&old, &old.def.clone(), &[]).expect("moved");
    let kept: Vec<u64> = step.state.timers().map(|wait| wait.id).collect();
    assert_eq!((kept, step.effects.len()), (armed.clone(), 0));
    let step = moved(&old, &read(TASK, "s>a a>e"), &[]).expect("moved");
    assert_eq!(step.state.timers().count(), 0);
    let gone = step.effects.iter().filter_map(|effect| match effect {
        Effect::DisarmTimer { timer, .. } => Some(*timer),
        _ => None,
    });
    assert_eq!(gone.collect::<Vec<_>>(), armed);
}
