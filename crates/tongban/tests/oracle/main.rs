//! The record as an event log, read by a process-mining library that nobody here wrote (PyPI `pm4py`).
//!
//! The Python that has the package is named by `TONGBAN_PYTHON` (default `python3`).

#[path = "../it/city.rs"]
#[expect(
    dead_code,
    unused_macros,
    unused_imports,
    reason = "shared with the other tests"
)]
mod city;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use city::City;
use serde_json::{Value, json};
use tongban_cases::model::{LogFormat, RecordExport, RecordSelection, RecordWish};
use tongban_cases::{ExportRecord, export_record};
use tongban_storage::{Engine, params};

const INSTALL: &str = "install it with: python3 -m venv .venv && .venv/bin/pip install pm4py==2.7.23.11 jsonschema==4.25.1 && export TONGBAN_PYTHON=$PWD/.venv/bin/python";

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its tools by environment variables"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What pm4py finds in the file.
fn ask(kind: &str, file: &Path) -> Value {
    let python = variable("TONGBAN_PYTHON").unwrap_or_else(|| "python3".to_owned());
    let probe = Command::new(&python)
        .args(["-c", "import pm4py, jsonschema"])
        .output();
    assert!(
        probe.is_ok_and(|output| output.status.success()),
        "pm4py is missing; {INSTALL}"
    );
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/read.py");
    let output = Command::new(&python)
        .args([script, kind])
        .arg(file)
        .output()
        .expect("python starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {text} {errors}"))
}

/// Exports all cases; what was written down, and what pm4py finds.
async fn exported(city: &City, format: LogFormat) -> (RecordExport, Value) {
    let wish = RecordWish {
        format,
        names: false,
        selection: RecordSelection::default(),
    };
    let purpose = "测试".to_owned();
    let made = export_record(&city.app.ctx, ExportRecord { wish, purpose }).await;
    let made = made.expect("exported");
    let kind = if format == LogFormat::Ocel {
        "ocel"
    } else {
        "xes"
    };
    let found = ask(kind, made.scratch.path());
    if let Some(xsd) = variable("TONGBAN_XES_XSD").filter(|_| kind == "xes") {
        let lint = Command::new("xmllint")
            .args(["--noout", "--schema", &xsd])
            .arg(made.scratch.path())
            .output()
            .expect("xmllint is missing; install it with: apt-get install -y libxml2-utils");
        let errors = String::from_utf8_lossy(&lint.stderr);
        assert!(lint.status.success(), "{errors}");
    } else if kind == "xes" {
        println!(
            "skipped: TONGBAN_XES_XSD (the schema of IEEE 1849-2016, not ours to pass on) is not set"
        );
    }
    (made.export, found)
}

/// Event names per case in the order of the record, straight from the rows.
async fn traces(city: &City) -> BTreeMap<String, Vec<String>> {
    let read = city.app.ctx.db.read(|tx| {
        tx.all(
            "SELECT c.project_no, e.name FROM case_event e JOIN case_file c ON c.id = e.case_id ORDER BY c.project_no, e.seq",
            params![],
            |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)),
        )
    });
    let mut traces: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (number, name) in read.await.expect("read") {
        traces.entry(number).or_default().push(name);
    }
    traces
}

async fn four_cases() -> City {
    let city = City::new(Engine::Sqlite).await;
    for (key, granted) in [
        ("a", Some(true)),
        ("b", Some(true)),
        ("c", Some(false)),
        ("d", None),
    ] {
        let (_, receipt) = city.submitted_with(key).await;
        city.clock.advance(jiff::SignedDuration::from_mins(7));
        if let Some(granted) = granted {
            let decided = city.decided(&receipt.project_no, granted).await;
            decided.expect("decided");
        }
        city.settle().await;
    }
    city
}

#[test]
#[ignore = "needs PyPI pm4py"]
fn pm4py_reads_the_same_objects_events_and_traces() {
    tongban_testkit::block_on(async {
        let city = four_cases().await;
        let traces = traces(&city).await;
        let record: usize = traces.values().map(Vec::len).sum();
        let names: BTreeSet<&String> = traces.values().flatten().collect();

        let (export, found) = exported(&city, LogFormat::Ocel).await;
        assert_eq!(found["valid"], true, "the schema of OCEL 2.0");
        for (name, count) in [
            ("cases", export.counts.cases),
            ("events", export.counts.events),
            ("objects", export.counts.objects),
            ("relations", export.counts.relations),
        ] {
            assert_eq!(found[name], count, "{name} in {found}");
        }
        assert_eq!(export.counts.cases, 4);
        let kinds = [
            "case", "document", "item", "licence", "officer", "organ", "task",
        ];
        assert_eq!(found["object_types"], json!(kinds));
        let turns = ["task-done", "task-opened"].map(str::to_owned);
        let activities: BTreeSet<&String> = names.iter().copied().chain(&turns).collect();
        assert_eq!(found["activities"], json!(activities));
        assert!(found["changes"].as_u64() > Some(0), "states over time");

        let (export, found) = exported(&city, LogFormat::Xes).await;
        assert_eq!(found["cases"], 4);
        assert_eq!(export.counts.events, record as u64);
        assert_eq!(found["events"], record);
        assert_eq!(found["activities"], json!(names));
        let mut variants: BTreeMap<&Vec<String>, u32> = BTreeMap::new();
        for trace in traces.values() {
            *variants.entry(trace).or_default() += 1;
        }
        assert_eq!(variants.len(), 3);
        let variants: Vec<Value> = variants
            .iter()
            .map(|(trace, n)| json!([trace, n]))
            .collect();
        assert_eq!(found["variants"], json!(variants));

        let (export, found) = exported(&city, LogFormat::XesTasks).await;
        assert_eq!(found["cases"], 4);
        assert_eq!(found["events"], export.counts.events);
        assert_eq!(found["transitions"], json!(["complete", "schedule"]));
    });
}
