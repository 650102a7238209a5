//! A file of decisions: read, and every decision made with a number, a text and nothing for its inputs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use tongban_decisions::Decisions;

fuzz_target!(init: tongban_fuzz::quiet(), |data: &[u8]| {
    tongban_fuzz::run(|| {
        let Ok((decisions, _)) = Decisions::parse(data) else {
            return;
        };
        let names: Vec<String> = decisions.names().take(4).map(str::to_owned).collect();
        for name in names {
            let inputs: Vec<String> = decisions.inputs(&name).unwrap_or_default().into_iter().map(str::to_owned).collect();
            for value in [json!(7), json!("甲"), Value::Null] {
                let values: Map<String, Value> = inputs.iter().map(|i| (i.clone(), value.clone())).collect();
                let first = decisions.decide(&name, &values);
                assert_eq!(first.is_ok(), decisions.decide(&name, &values).is_ok(), "the same twice");
            }
        }
    });
});
