//! How many whole reference processes the engine carries through in one CPU second, in memory.
//!
//! `cargo run --release -p tongban-process --example throughput`

#![expect(
    clippy::unwrap_used,
    reason = "a measuring program stops at the first surprise"
)]

use std::fs;

use jiff::Timestamp;
use serde_json::json;
use tongban_process::{Command, Definition, Effect, State, Status, Step, Vars, step};

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/testdata/licence-approval.bpmn"
);

/// CPU time of this process in seconds, from the kernel (100 ticks a second).
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

fn vars(pairs: &[(&str, &str)]) -> Vars {
    pairs.iter().map(|(k, v)| ((*k).into(), json!(v))).collect()
}

struct Driver {
    def: Definition,
    start: Command,
    answers: [Vars; 3],
    bytes: usize,
    largest: usize,
    events: usize,
    commands: usize,
}

impl Driver {
    fn step(&mut self, state: &State, command: &Command) -> Step {
        let step = step(&self.def, state, command, Timestamp::UNIX_EPOCH).unwrap();
        self.events += step.events.len();
        self.commands += 1;
        step
    }

    /// One instance: submit, pre-review, acceptance, three reviews, decision, licence.
    fn instance(&mut self, stored: bool) {
        let mut todo = Vec::new();
        let mut state = State::default();
        let mut command = self.start.clone();
        loop {
            let next = self.step(&state, &command);
            state = next.state;
            if stored {
                let text = serde_json::to_vec(&state).unwrap();
                self.bytes += text.len();
                self.largest = self.largest.max(text.len());
                state = serde_json::from_slice(&text).unwrap();
            }
            for effect in next.effects {
                match effect {
                    Effect::OpenTask(open) => {
                        let answer = match &*open.element {
                            "pre_review" => 0,
                            "decide" => 1,
                            _ => 2,
                        };
                        let vars = self.answers[answer].clone();
                        todo.push(Command::Complete {
                            task: open.task,
                            vars,
                        });
                    }
                    Effect::CallService { work, .. } => {
                        todo.push(Command::ServiceDone {
                            work,
                            vars: Vars::new(),
                        });
                    }
                    _ => {}
                }
            }
            match todo.pop() {
                Some(c) => command = c,
                None => break,
            }
        }
        assert_eq!(state.status, Status::Ended);
    }
}

fn main() {
    let (def, _) = Definition::parse(&fs::read(FILE).unwrap()).unwrap();
    let organs = [
        ("review_organ_1", "11110000000000001A"),
        ("review_organ_2", "11110000000000002B"),
        ("review_organ_3", "11110000000000003C"),
        ("item", "11440300MB2D1234XX4000120001000"),
        ("case", "018f6b1e-7a00-7000-8000-000000000001"),
    ];
    let mut d = Driver {
        def,
        start: Command::start(vars(&organs)),
        answers: [
            vars(&[("outcome", "accept")]),
            vars(&[("decision", "grant")]),
            Vars::new(),
        ],
        bytes: 0,
        largest: 0,
        events: 0,
        commands: 0,
    };
    for (title, stored, n) in [
        ("in memory", false, 300_000),
        ("stored and loaded as JSON", true, 60_000),
    ] {
        d.instance(stored);
        (d.events, d.commands) = (0, 0);
        let before = cpu_seconds();
        for _ in 0..n {
            d.instance(stored);
        }
        let cpu = cpu_seconds() - before;
        println!(
            "{title}: {:.0} instances per CPU second ({n} in {cpu:.2} s; {} commands and {} events each)",
            f64::from(n) / cpu,
            d.commands / n as usize,
            d.events / n as usize,
        );
    }
    println!("largest state: {} bytes", d.largest);
}
