//! Reads an event log that `tongban record export` wrote, and tells as JSON what is in it: for XES the directly-follows graph that is
//! discovered from it, for OCEL 2.0 the counts of objects, events and their types. With a Petri net that `tongban process net` wrote it
//! tells how far the tasks that were done (`--format xes-tasks`) are what the process allows, and where they are not.
//!
//! `tongban-mining FILE.xes`, `tongban-mining FILE.ocel.json`, `tongban-mining NET.pnml FILE.xes`

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::process::ExitCode;

use process_mining::conformance::alignments::{AlignmentOptions, align_log, compute_fitness};
use process_mining::core::event_data::case_centric::utils::activity_projection::EventLogActivityProjection;
use process_mining::core::event_data::case_centric::{AttributeValue, Event, XESEditableAttribute};
use process_mining::discovery::case_centric::dfg::discover_dfg;
use process_mining::{EventLog, Importable, OCEL, PetriNet};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let told = match files.as_slice() {
        [net, log] if net.ends_with(".pnml") => conformance(net, log),
        [log] if log.ends_with(".xes") => traces(log),
        [log] => objects(log),
        _ => {
            eprintln!("tongban-mining FILE.xes | FILE.ocel.json | NET.pnml FILE.xes");
            return ExitCode::from(2);
        }
    };
    match told {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", files.join(" "));
            ExitCode::FAILURE
        }
    }
}

/// Optimal alignments of each variant with the net: the least number of steps that only the log has, or only the process.
fn conformance(net: &str, log: &str) -> Result<Value, Box<dyn Error>> {
    let net = PetriNet::import_pnml(net)?;
    let mut log = EventLog::import_from_path(log)?;
    for trace in &mut log.traces {
        trace.events.retain(is_complete);
    }
    let options = AlignmentOptions::default();
    let variants = align_log(&net, &EventLogActivityProjection::from(&log), &options);
    let fitness = compute_fitness(&variants, &net, &options)?;
    let mut told = Vec::new();
    for variant in &variants {
        let aligned = variant.result.as_ref().map_err(Clone::clone)?;
        told.push(json!({
            "activities": variant.activities,
            "cases": variant.frequency,
            "deviations": aligned.cost,
        }));
    }
    Ok(json!({
        "cases": log.traces.len(),
        "fitness": fitness.log_fitness,
        "perfect": fitness.perfectly_fitting_frac,
        "variants": told,
    }))
}

fn is_complete(event: &Event) -> bool {
    let transition = event.attributes.get_by_key("lifecycle:transition");
    transition.is_none_or(|attribute| {
        matches!(&attribute.value, AttributeValue::String(value) if value == "complete")
    })
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
