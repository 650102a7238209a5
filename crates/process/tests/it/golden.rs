//! A stored record must replay byte for byte: instances live for years. Change the files only with a new state version.

use expect_test::expect_file;
use tongban_process::{Event, State, fold};

use crate::reference::{START, definition};
use crate::scenario::Instance;

#[test]
fn the_reference_trace_replays_byte_for_byte() {
    let mut instance = Instance::new(definition());
    let mut out = String::new();
    for command in [
        START,
        "complete pre_review outcome=supplement",
        "complete supplement",
        "complete pre_review outcome=accept",
        "suspend",
        "resume",
        "complete accept",
        "complete review_2",
        "return review_1 accept",
        "complete accept",
        "complete review_3",
        "complete review_1",
        "complete review_2",
        "complete decide decision=grant",
        "fail issue",
        "retry",
        "done issue",
    ] {
        let from = instance.record.len();
        let effects = instance.say(command);
        out += &format!("> {command}\n< {effects}\n");
        for event in &instance.record[from..] {
            out += &(serde_json::to_string(event).expect("JSON") + "\n");
        }
        out += &(serde_json::to_string(&instance.state).expect("JSON") + "\n");
    }
    expect_file!["../../testdata/licence-approval.trace"].assert_eq(&out);
}

#[test]
fn the_stored_trace_still_folds_to_the_stored_states() {
    let trace = include_str!("../../testdata/licence-approval.trace");
    let (mut events, mut states): (Vec<Event>, usize) = (Vec::new(), 0);
    for line in trace.lines().filter(|l| l.starts_with('{')) {
        if line.starts_with("{\"v\"") {
            let state: State = serde_json::from_str(line).expect("a stored state");
            assert_eq!(fold(&events), state);
            assert_eq!(serde_json::to_string(&state).expect("JSON"), line);
            states += 1;
        } else {
            events.push(serde_json::from_str(line).expect("a stored event"));
        }
    }
    assert_eq!(states, 17);
}
