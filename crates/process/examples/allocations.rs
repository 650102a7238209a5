//! How often, and how much, the engine allocates for each command of the reference process.
//!
//! `cargo run --release -p tongban-process --example allocations`

#![expect(
    clippy::unwrap_used,
    reason = "a measuring program stops at the first surprise"
)]

use std::alloc::System;
use std::fs;

use jiff::Timestamp;
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tongban_process::{Command, Definition, Effect, State, Status, Vars, step};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/testdata/licence-approval.bpmn"
);

fn vars(pairs: &[(&str, &str)]) -> Vars {
    pairs.iter().map(|(k, v)| ((*k).into(), json!(v))).collect()
}

fn answers(effects: &[Effect], todo: &mut Vec<(String, Command)>) {
    for effect in effects {
        match effect {
            Effect::OpenTask(open) => {
                let vars = match &*open.element {
                    "pre_review" => vars(&[("outcome", "accept")]),
                    "decide" => vars(&[("decision", "grant")]),
                    _ => Vars::new(),
                };
                let task = open.task;
                todo.push((open.element.to_string(), Command::Complete { task, vars }));
            }
            Effect::CallService { work, .. } => {
                let vars = Vars::new();
                todo.push((
                    "issue".to_owned(),
                    Command::ServiceDone { work: *work, vars },
                ));
            }
            _ => {}
        }
    }
}

/// One line: what a command allocates.
struct Line {
    name: String,
    times: usize,
    bytes: usize,
    /// The same with the state read from its text and written again.
    stored_times: usize,
    stored_bytes: usize,
}

fn instance(definition: &Definition) -> Vec<Line> {
    let begin = Command::start(vars(&[
        ("review_organ_1", "11110000000000001A"),
        ("review_organ_2", "11110000000000002B"),
        ("review_organ_3", "11110000000000003C"),
    ]));
    let (mut state, mut todo, mut lines) = (
        State::default(),
        vec![("submit".to_owned(), begin)],
        Vec::new(),
    );
    while let Some((name, command)) = todo.pop() {
        let text = serde_json::to_vec(&state).unwrap();
        let region = Region::new(COUNTED);
        let next = step(definition, &state, &command, Timestamp::UNIX_EPOCH).unwrap();
        let stepped = region.change();
        let region = Region::new(COUNTED);
        let read: State = serde_json::from_slice(&text).unwrap();
        let again = step(definition, &read, &command, Timestamp::UNIX_EPOCH).unwrap();
        let written = serde_json::to_vec(&again.state).unwrap();
        let stored = region.change();
        assert_eq!(again.state, next.state, "{}", written.len());
        lines.push(Line {
            name,
            times: stepped.allocations + stepped.reallocations,
            bytes: stepped.bytes_allocated,
            stored_times: stored.allocations + stored.reallocations,
            stored_bytes: stored.bytes_allocated,
        });
        answers(&next.effects, &mut todo);
        state = next.state;
    }
    assert_eq!(state.status, Status::Ended);
    lines
}

fn main() {
    let (definition, _) = Definition::parse(&fs::read(FILE).unwrap()).unwrap();
    // The second instance: whatever is made once and kept is there by then.
    instance(&definition);
    let lines = instance(&definition);
    println!("command      in memory                 with the state read and written");
    for line in &lines {
        println!(
            "{:<12} {:>4} times {:>7} bytes   {:>4} times {:>7} bytes",
            line.name, line.times, line.bytes, line.stored_times, line.stored_bytes
        );
    }
    let sum = |of: fn(&Line) -> usize| lines.iter().map(of).sum::<usize>();
    let n = lines.len();
    println!(
        "all {n:<8} {:>4} times {:>7} bytes   {:>4} times {:>7} bytes; per step {} and {}",
        sum(|l| l.times),
        sum(|l| l.bytes),
        sum(|l| l.stored_times),
        sum(|l| l.stored_bytes),
        sum(|l| l.times) / n,
        sum(|l| l.stored_times) / n
    );
}
