//! Steps of a walk as JSON, over a process with scopes, events, repetitions and a call.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use tongban_process::walk::{Op, Walk};
use tongban_process::{Definition, Due, Options};

static FILES: LazyLock<Vec<(String, Definition)>> = LazyLock::new(|| {
    let lenient = Options {
        lenient: true,
        ..Options::default()
    };
    let read = |name: &str, xml: &str| {
        let (def, _) = Definition::parse_with(xml.as_bytes(), &lenient).expect("our own file");
        (name.to_owned(), def)
    };
    vec![
        read(
            "all",
            include_str!("../../crates/process/testdata/constructs.bpmn"),
        ),
        read(
            "licence",
            include_str!("../../crates/process/testdata/licence-approval.bpmn"),
        ),
    ]
});

fuzz_target!(init: tongban_fuzz::quiet(), |data: &[u8]| {
    tongban_fuzz::run(|| {
        let Ok(ops) = serde_json::from_slice::<Vec<Op>>(data) else {
            return;
        };
        let due = |due: &Due, now: jiff::Timestamp| match due {
            Due::At(at) => *at,
            _ => now + jiff::SignedDuration::from_hours(8),
        };
        let mut walk = Walk::new(FILES.clone(), Vec::new(), Arc::new(due));
        for op in ops.iter().take(50) {
            let _ = walk.walk(op);
            let _ = walk.view();
        }
    });
});
