//! Instances live for years: a state document that was stored is read by every later program, and goes on.

use expect_test::expect_file;
use tongban_process::{Command, Definition, On, STATE_VERSION, State, Status, Vars};

use crate::nested::onwards;
use crate::scenario::Instance;

const FILE: &[u8] = include_bytes!("../../testdata/constructs.bpmn");
/// One document a line; never written anew, only added to: `state-v<STATE_VERSION>.jsonl`.
const STORED: &str = include_str!("../../testdata/state-v2.jsonl");

fn constructs() -> Definition {
    Definition::parse(FILE).expect("parses").0
}

/// Every kind of scope, wait, token and incident.
fn documents() -> String {
    let mut instance = Instance::new(constructs());
    let mut out = String::new();
    for command in [
        "start case_no=\"甲1\" organs=[\"乙\",\"丙\"]",
        "complete opinions",
        "fire urge_start",
        "fail notify",
        "complete again",
        "complete inspect",
        "signal 停电",
        "suspend",
    ] {
        let said = instance.say(command);
        assert!(!said.starts_with("error"), "{command}: {said}");
        out += &(serde_json::to_string(&instance.state).expect("JSON") + "\n");
    }
    out
}

#[test]
fn what_is_stored_today_is_what_was_stored_before() {
    assert_eq!(STATE_VERSION, 2);
    expect_file!["../../testdata/state-v2.jsonl"].assert_eq(&documents());
}

#[test]
fn every_stored_state_is_read_and_goes_on_to_its_end() {
    let mut count = 0;
    for line in STORED.lines() {
        let state: State = serde_json::from_str(line).expect("a stored state");
        assert_eq!(serde_json::to_string(&state).expect("JSON"), line);
        let suspended = state.status == Status::Suspended;
        let mut instance = Instance::from_stored(constructs(), state);
        if suspended {
            instance.send(&Command::Resume).expect("resumes");
        }
        let ready = Vars::from([("ready".into(), true.into())]);
        instance
            .send(&Command::SetVars { vars: ready })
            .expect("set");
        for _ in 0..100 {
            let mut tokens = instance.state.tokens.iter();
            let next = tokens.find_map(|token| match token.on {
                On::Work(work) => Some(Command::ServiceDone {
                    work,
                    vars: Vars::new(),
                }),
                _ => onwards(&instance, token),
            });
            let Some(command) = next else {
                break;
            };
            instance.send(&command).expect("goes on");
        }
        assert_eq!(instance.state.status, Status::Ended, "{line}");
        count += 1;
    }
    assert_eq!(count, 8);
}

#[test]
fn a_document_of_an_unknown_version_is_refused_and_kept() {
    let line = STORED.lines().next().expect("a line");
    let state: State = serde_json::from_str(&line.replacen("\"v\":2", "\"v\":3", 1)).expect("JSON");
    let mut instance = Instance::from_stored(constructs(), state.clone());
    assert!(
        instance
            .send(&Command::SetVars { vars: Vars::new() })
            .is_err()
    );
    assert_eq!(instance.state, state);
}
