//! Reads an event log that `tongban record export` wrote, and tells as JSON what is in it: for XES the directly-follows graph that is
//! discovered from it, for OCEL 2.0 the counts of objects, events and their types.
//!
//! `tongban-mining FILE.xes`, `tongban-mining FILE.ocel.json`

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::process::ExitCode;

use process_mining::discovery::case_centric::dfg::discover_dfg;
use process_mining::{EventLog, Importable, OCEL};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        eprintln!("tongban-mining FILE.xes | FILE.ocel.json");
        return ExitCode::from(2);
    };
    let told = if file.ends_with(".xes") {
        traces(&file)
    } else {
        objects(&file)
    };
    match told {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{file}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn traces(file: &str) -> Result<Value, Box<dyn Error>> {
    let log = EventLog::import_from_path(file)?;
    let graph = discover_dfg(&log);
    let activities: BTreeMap<&String, &u32> = graph.activities.iter().collect();
    let follows: BTreeMap<(&str, &str), u32> = graph
        .directly_follows_relations
        .iter()
        .map(|((from, to), n)| ((from.as_ref(), to.as_ref()), *n))
        .collect();
    let follows: Vec<Value> = follows
        .iter()
        .map(|((from, to), n)| json!([from, to, n]))
        .collect();
    Ok(json!({
        "cases": log.traces.len(),
        "events": log.traces.iter().map(|trace| trace.events.len()).sum::<usize>(),
        "activities": activities,
        "begin": graph.start_activities.iter().collect::<BTreeSet<_>>(),
        "end": graph.end_activities.iter().collect::<BTreeSet<_>>(),
        "follows": follows,
    }))
}

fn objects(file: &str) -> Result<Value, Box<dyn Error>> {
    let log: OCEL = serde_json::from_reader(std::io::BufReader::new(std::fs::File::open(file)?))?;
    let links: usize = log.events.iter().map(|event| event.relationships.len()).sum();
    let between: usize = log.objects.iter().map(|object| object.relationships.len()).sum();
    Ok(json!({
        "events": log.events.len(),
        "objects": log.objects.len(),
        "relations": links + between,
        "object_types": log.object_types.iter().map(|kind| &kind.name).collect::<BTreeSet<_>>(),
        "activities": log.event_types.iter().map(|kind| &kind.name).collect::<BTreeSet<_>>(),
    }))
}
