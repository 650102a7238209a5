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
use tongban_process::{Definition, petri_net};
use tongban_storage::{Engine, params};

const INSTALL: &str = "install it with: python3 -m venv .venv && .venv/bin/pip install pm4py==2.7.23.11 jsonschema==4.25.1 && export TONGBAN_PYTHON=$PWD/.venv/bin/python";

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its tools by environment variables"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What pm4py finds in the files.
fn ask(kind: &str, files: &[&Path]) -> Value {
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
        .args(files)
        .output()
        .expect("python starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {text} {errors}"))
}

/// What the library `process_mining` finds in the files (tools/mining); `None` where the program is not there.
fn mine(files: &[&Path]) -> Option<Value> {
    let Some(program) = variable("TONGBAN_MINING") else {
        println!(
            "skipped: TONGBAN_MINING is not set; cargo build --manifest-path tools/mining/Cargo.toml makes the program"
        );
        return None;
    };
    let output = Command::new(program).args(files).output();
    let output = output.expect("the program that TONGBAN_MINING names starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// Against the XSD of the standard, which is not ours to pass on.
fn lint(file: &Path) {
    let Some(xsd) = variable("TONGBAN_XES_XSD") else {
        println!("skipped: TONGBAN_XES_XSD (the schema of IEEE 1849-2016) is not set");
        return;
    };
    let lint = Command::new("xmllint")
        .args(["--noout", "--schema", &xsd])
        .arg(file)
        .output()
        .expect("xmllint is missing; install it with: apt-get install -y libxml2-utils");
    let errors = String::from_utf8_lossy(&lint.stderr);
    assert!(lint.status.success(), "{errors}");
}

/// What was written down of an export of all cases, and what others find in the file.
struct Read {
    export: RecordExport,
    pm4py: Value,
    mined: Option<Value>,
}

async fn exported(city: &City, format: LogFormat) -> Read {
    let wish = RecordWish {
        format,
        names: false,
        selection: RecordSelection::default(),
    };
    let purpose = "测试".to_owned();
    let made = export_record(&city.app.ctx, ExportRecord { wish, purpose }).await;
    let made = made.expect("exported");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(format.file_name());
    std::fs::copy(made.scratch.path(), &file).expect("copied");
    let kind = if format == LogFormat::Ocel {
        "ocel"
    } else {
        "xes"
    };
    if kind == "xes" {
        lint(&file);
    }
    Read {
        export: made.export,
        pm4py: ask(kind, &[&file]),
        mined: mine(&[&file]),
    }
}

/// How often one activity directly follows another.
fn follows(traces: &BTreeMap<String, Vec<String>>) -> Vec<Value> {
    let mut found: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for trace in traces.values() {
        for (from, to) in trace.iter().zip(trace.iter().skip(1)) {
            *found.entry((from, to)).or_default() += 1;
        }
    }
    let edges = found.iter().map(|((from, to), n)| json!([from, to, n]));
    edges.collect()
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

        objects_agree(&exported(&city, LogFormat::Ocel).await, &names);

        let read = exported(&city, LogFormat::Xes).await;
        let found = &read.pm4py;
        assert_eq!(found["cases"], 4);
        assert_eq!(read.export.counts.events, record as u64);
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
        if let Some(mined) = &read.mined {
            assert_eq!(mined["cases"], 4);
            assert_eq!(mined["events"], record);
            assert_eq!(mined["begin"], json!(["received"]));
            assert_eq!(
                mined["follows"],
                json!(follows(&traces)),
                "the graph that is discovered"
            );
        }

        let read = exported(&city, LogFormat::XesTasks).await;
        assert_eq!(read.pm4py["cases"], 4);
        assert_eq!(read.pm4py["events"], read.export.counts.events);
        assert_eq!(read.pm4py["transitions"], json!(["complete", "schedule"]));
    });
}

fn objects_agree(read: &Read, names: &BTreeSet<&String>) {
    let (counts, found) = (&read.export.counts, &read.pm4py);
    assert_eq!(found["valid"], true, "the schema of OCEL 2.0");
    assert_eq!(counts.cases, 4);
    assert_eq!(found["cases"], 4);
    let kinds = [
        "case", "document", "item", "licence", "officer", "organ", "task",
    ];
    let turns = ["task-done", "task-opened"].map(str::to_owned);
    let activities: BTreeSet<&String> = names.iter().copied().chain(&turns).collect();
    for found in [Some(found), read.mined.as_ref()].into_iter().flatten() {
        for (name, count) in [
            ("events", counts.events),
            ("objects", counts.objects),
            ("relations", counts.relations),
        ] {
            assert_eq!(found[name], count, "{name} in {found}");
        }
        assert_eq!(found["object_types"], json!(kinds));
        assert_eq!(found["activities"], json!(activities));
    }
    assert!(found["changes"].as_u64() > Some(0), "states over time");
}

/// The published processes by which the cases run.
async fn processes(city: &City) -> Vec<Definition> {
    let read = city.app.ctx.db.read(|tx| {
        tx.all(
            "SELECT xml FROM process_definition WHERE hash IN (SELECT process_hash FROM case_file) ORDER BY hash",
            params![],
            |row| row.get::<Vec<u8>>(0),
        )
    });
    let parse = |xml: Vec<u8>| Definition::parse(&xml).expect("published").0;
    read.await.expect("read").into_iter().map(parse).collect()
}

#[test]
#[ignore = "needs PyPI pm4py"]
fn what_was_done_is_what_the_process_allows() {
    tongban_testkit::block_on(async {
        let city = four_cases().await;
        let processes = processes(&city).await;
        let [definition] = processes.as_slice() else {
            panic!("one process")
        };
        let folder = tempfile::tempdir().expect("a folder");
        let (net, log) = (
            folder.path().join("net.pnml"),
            folder.path().join("log.xes"),
        );
        let pnml = petri_net(definition)
            .expect("a net")
            .to_pnml(definition.id());
        std::fs::write(&net, pnml).expect("written");
        let wish = RecordWish {
            format: LogFormat::XesTasks,
            names: false,
            selection: RecordSelection::default(),
        };
        let purpose = "测试".to_owned();
        let made = export_record(&city.app.ctx, ExportRecord { wish, purpose }).await;
        std::fs::copy(made.expect("exported").scratch.path(), &log).expect("copied");

        let found = ask("conformance", &[&net, &log]);
        assert_eq!(found["cases"], 3, "of the fourth nothing was done yet");
        assert_eq!(found["sound"], true);
        assert_eq!(found["deviations"], json!([0, 0, 0]));
        if let Some(mined) = mine(&[&net, &log]) {
            assert_eq!(mined["cases"], 4);
            let of = |variant: &Value| {
                (variant["activities"] != json!([])).then(|| variant["deviations"].clone())
            };
            let variants = mined["variants"].as_array().expect("variants");
            let done: Vec<Value> = variants.iter().filter_map(of).collect();
            assert!(
                !done.is_empty() && done.iter().all(|cost| *cost == 0),
                "{mined}"
            );
        }

        // A step that the process does not know, and one left out, are found by both.
        let text = std::fs::read_to_string(&log).expect("read");
        let (from, to) = ("value=\"决定\"", "value=\"擅自决定\"");
        assert!(text.contains(from), "{text}");
        std::fs::write(&log, text.replace(from, to)).expect("written");
        let found = ask("conformance", &[&net, &log]);
        assert_eq!(found["deviations"], json!([2, 2, 2]));
        if let Some(mined) = mine(&[&net, &log]) {
            let fitness = mined["fitness"].as_f64().expect("a number");
            assert!(fitness < 1.0, "{mined}");
        }
    });
}
