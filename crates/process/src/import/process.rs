//! The processes of a file and the scopes nested in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::events::Globals;
use super::nodes::Reading;
use super::vendor::extensions;
use super::{BPMN, Formulas, Reports, binding, id, link, nodes, tb, vendor};
use crate::diagram::Diagram;
use crate::engine::Id;
use crate::model::{Kind, Node, Parts, ScopeDef, Target};
use crate::xml::Element;

/// Most flow nodes of one file.
pub(super) const MAX_NODES: usize = 2_000;

/// Children of a process or sub-process that are no flow nodes: kept for display and export, or read elsewhere.
const DISPLAY: [&str; 24] = [
    "laneSet",
    "documentation",
    "textAnnotation",
    "association",
    "group",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "extensionElements",
    "auditing",
    "monitoring",
    "sequenceFlow",
    "incoming",
    "outgoing",
    "ioSpecification",
    "property",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "dataInputAssociation",
    "dataOutputAssociation",
    "supports",
    "correlationSubscription",
    "supportedInterfaceRef",
    "resourceRole",
];

/// A scope with its element in the file.
pub(super) struct Found<'a> {
    pub scopes: Vec<(ScopeDef, &'a Element)>,
    pub nodes: Vec<(Node, &'a Element)>,
    pub index: BTreeMap<Id, usize>,
}

fn processes<'a>(root: &'a Element, reports: &mut Reports) -> Vec<&'a Element> {
    if root.name != "definitions" || &*root.ns != BPMN {
        let found: String = root.name.chars().take(60).collect();
        reports.error(
            "root",
            root,
            format!("根元素应为 BPMN 2.0 的 definitions，实为 {found}"),
        );
        return Vec::new();
    }
    let all: Vec<&Element> = root.all(BPMN, "process").collect();
    if all.is_empty() {
        reports.error("process", root, "文件中没有流程（process）");
    }
    // A pool that is only drawn holds nothing to execute.
    let is_empty = |p: &&Element| {
        p.children
            .iter()
            .all(|c| &*c.ns != BPMN || DISPLAY.contains(&c.name.as_str()))
    };
    let (drawn, real): (Vec<_>, Vec<_>) = all.iter().copied().partition(is_empty);
    if real.is_empty() { drawn } else { real }
}

/// The process that an instance runs: the only one that is executable, else the first that is.
fn main_of(all: &[&Element], reports: &mut Reports) -> usize {
    let marked = |p: &&Element| p.attr("isExecutable") == Some("true");
    let executable = all.iter().filter(|p| marked(p)).count();
    let main = all.iter().position(marked).unwrap_or(0);
    if all.len() > 1 && executable != 1 {
        let name = all[main].attr("id").unwrap_or_default().to_owned();
        reports.warn(
            "many-processes",
            all[main],
            format!("文件中有多个流程，以 {name:.100} 为主流程"),
        );
    }
    main
}

/// Ids must be present and unique in the whole file.
fn check_id<'a>(
    e: &'a Element,
    seen: &mut BTreeSet<&'a str>,
    lenient: bool,
    reports: &mut Reports,
) {
    match e.attr("id") {
        Some(id) if id.is_empty() || id.len() > 200 => {
            reports.error("id", e, "元素 id 为空或过长");
        }
        Some(id) if !seen.insert(id) => {
            reports.error("id", e, format!("元素 id {id} 重复"));
        }
        // Flows are found by their ends; files in the wild leave their ids out.
        None if lenient || DISPLAY.contains(&e.name.as_str()) => {}
        None => reports.error("id", e, format!("{} 没有 id", e.name)),
        _ => {}
    }
}

/// Reads a file; `None` only when errors were reported.
pub(super) fn read(
    root: &Element,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Parts> {
    let all = processes(root, reports);
    if all.is_empty() {
        return None;
    }
    let main = main_of(&all, reports);
    for process in &all {
        declared(process, formulas);
    }
    let globals = Globals::read(root);
    let mut found = Found {
        scopes: Vec::new(),
        nodes: Vec::new(),
        index: BTreeMap::new(),
    };
    let mut lanes = binding::Lanes::default();
    for process in &all {
        if process.attr("id").unwrap_or_default().is_empty() {
            reports.error("id", process, "流程没有 id");
        }
        lanes.read(process, reports);
        vendor::check(process, formulas, reports);
        found
            .scopes
            .push((scope(process, None, None, formulas), *process));
    }
    let mut seen = BTreeSet::new();
    let mut reading = Reading {
        lanes: &lanes,
        globals: &globals,
        formulas,
        reports,
    };
    // Nested scopes are appended while the list is walked.
    let mut at = 0;
    while at < found.scopes.len() {
        read_scope(at, &mut found, &mut seen, &mut reading);
        at += 1;
        if found.nodes.len() > MAX_NODES {
            reports.error("size", root, format!("环节超过 {MAX_NODES} 个"));
            return None;
        }
    }
    let flows = link::flows(&mut found, formulas, reports)?;
    link::attach(&mut found, reports);
    link::links(&mut found, reports);
    link::starts(&mut found, reports);
    link::gates(&found, &flows, reports);
    link::names(&found, formulas, reports);
    let message_flows = message_flows(root, &found);
    Some(Parts {
        nodes: found.nodes.into_iter().map(|(node, _)| node).collect(),
        flows,
        scopes: found.scopes.into_iter().map(|(scope, _)| scope).collect(),
        main,
        lanes: lanes.drawn,
        message_flows,
        diagram: Diagram::default(),
        xml: Arc::from([]),
        hash: String::new(),
    })
}

fn declared(process: &Element, formulas: &mut Formulas<'_>) {
    let Some(names) = tb(process, "variables") else {
        return;
    };
    let names = names
        .split([',', '，', ' '])
        .map(str::trim)
        .filter(|n| !n.is_empty());
    let all = formulas.declared.get_or_insert_default();
    all.extend(names.map(str::to_owned));
}

fn scope(
    e: &Element,
    node: Option<usize>,
    parent: Option<usize>,
    formulas: &mut Formulas<'_>,
) -> ScopeDef {
    let key = nodes::key_of(e);
    let name = e.attr("name").filter(|n| !n.trim().is_empty());
    ScopeDef {
        id: id(&key),
        name: Arc::from(name.unwrap_or(&key)),
        node,
        parent,
        nodes: Vec::new(),
        start: None,
        first: Vec::new(),
        triggered: Vec::new(),
        event_subs: Vec::new(),
        inclusive_joins: Vec::new(),
        data: data(e, formulas),
        calm: Vec::new(),
    }
}

/// Data objects with a first value, as the Java engines write them.
fn data(e: &Element, formulas: &mut Formulas<'_>) -> Vec<(Arc<str>, Value)> {
    let mut found = Vec::new();
    for object in e.all(BPMN, "dataObject") {
        let Some(name) = object.attr("name").or_else(|| object.attr("id")) else {
            continue;
        };
        formulas.known.insert(name.to_owned());
        let Some(text) = extensions(object, "value").next().map(|v| v.text.trim()) else {
            continue;
        };
        let kind = object.attr("itemSubjectRef").unwrap_or_default();
        let value = match kind.rsplit(':').next().unwrap_or_default() {
            "int" | "integer" | "long" | "short" => text.parse::<i64>().ok().map(Value::from),
            "double" | "float" | "decimal" => text.parse::<f64>().ok().map(Value::from),
            "boolean" => text.parse::<bool>().ok().map(Value::from),
            _ => Some(Value::from(text)),
        };
        found.push((Arc::from(name), value.unwrap_or(Value::Null)));
    }
    found
}

fn read_scope<'a>(
    at: usize,
    found: &mut Found<'a>,
    seen: &mut BTreeSet<&'a str>,
    r: &mut Reading<'_, 'a, '_>,
) {
    let e = found.scopes[at].1;
    for child in e.children.iter().filter(|c| &*c.ns == BPMN) {
        check_id(child, seen, r.formulas.options.lenient, r.reports);
        if DISPLAY.contains(&child.name.as_str()) {
            continue;
        }
        let Some(mut node) = nodes::read(child, at, r) else {
            continue;
        };
        let index = found.nodes.len();
        let next = found.scopes.len();
        match &mut node.kind {
            Kind::Sub(inner) | Kind::EventSub(inner) => {
                *inner = next;
                found
                    .scopes
                    .push((scope(child, Some(index), Some(at), r.formulas), child));
            }
            _ => {}
        }
        if matches!(node.kind, Kind::EventSub(_)) {
            found.scopes[at].0.event_subs.push(index);
        }
        found.scopes[at].0.nodes.push(index);
        found.index.insert(Arc::clone(&node.id), index);
        found.nodes.push((node, child));
    }
}

/// Message flows between elements and pools.
fn message_flows(root: &Element, found: &Found<'_>) -> Vec<(usize, Target)> {
    let mut flows = Vec::new();
    for collaboration in root.all(BPMN, "collaboration") {
        let process_of = |reference: &str| {
            let pool = collaboration
                .all(BPMN, "participant")
                .find(|p| p.attr("id") == Some(reference))?;
            let process = pool.attr("processRef")?;
            let process = process.rsplit(':').next().unwrap_or(process);
            found.scopes.iter().position(|(s, _)| *s.id == *process)
        };
        for flow in collaboration.all(BPMN, "messageFlow") {
            let end = |name| {
                flow.attr(name)
                    .map(|r| r.rsplit(':').next().unwrap_or(r).trim())
            };
            let from = end("sourceRef").and_then(|r| found.index.get(r)).copied();
            let to = end("targetRef").and_then(|r| {
                let node = found.index.get(r).copied().map(Target::Node);
                node.or_else(|| process_of(r).map(Target::Process))
            });
            if let (Some(from), Some(to)) = (from, to) {
                flows.push((from, to));
            }
        }
    }
    flows
}
