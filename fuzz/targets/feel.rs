//! An expression: compiled, and evaluated twice alike.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use tongban_decisions::{Expressions, Feel, FeelWith};

fuzz_target!(init: tongban_fuzz::quiet(), |data: &[u8]| {
    tongban_fuzz::run(|| {
        let Ok(text) = std::str::from_utf8(data) else {
            return;
        };
        let names: BTreeMap<String, Value> = BTreeMap::from([
            ("a".to_owned(), json!(3)),
            ("b".to_owned(), json!("文")),
            ("list".to_owned(), json!([1, 2, {"x": 3}])),
            ("申请日".to_owned(), json!("2026-03-02")),
        ]);
        let declared = FeelWith::new(["a", "b", "list", "申请日"]);
        for compiled in [Feel.compile(text), declared.compile(text)].into_iter().flatten() {
            let first = compiled.eval(&names);
            assert_eq!(first, compiled.eval(&names), "the same twice");
            let _ = compiled.holds(&names);
            let _ = compiled.names();
        }
    });
});
