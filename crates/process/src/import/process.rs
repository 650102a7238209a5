//! The process element: nodes, flows, lanes, and the links between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{BPMN, Formulas, Reports, binding, id, nodes, tb};
use crate::diagram::Diagram;
use crate::model::{Flow, Kind, Node, Parts};
use crate::xml::Element;

/// Most flow nodes of one process.
const MAX_NODES: usize = 2_000;
/// Most sequence flows of one process.
const MAX_FLOWS: usize = 5_000;
/// Most flows into or out of one element.
const MAX_DEGREE: usize = 200;

/// Kept for display and export, without effect on execution.
const DISPLAY: [&str; 11] = [
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
];

fn executable<'a>(root: &'a Element, reports: &mut Reports) -> Option<&'a Element> {
    if root.name != "definitions" || &*root.ns != BPMN {
        let found: String = root.name.chars().take(60).collect();
        reports.error(
            "root",
            root,
            format!("根元素应为 BPMN 2.0 的 definitions，实为 {found}"),
        );
        return None;
    }
    let all: Vec<&Element> = root.all(BPMN, "process").collect();
    let marked: Vec<&Element> = all
        .iter()
        .copied()
        .filter(|p| p.attr("isExecutable") == Some("true"))
        .collect();
    let chosen = match (all.as_slice(), marked.as_slice()) {
        ([], _) => {
            reports.error("process", root, "文件中没有流程（process）");
            return None;
        }
        ([only], _) | (_, [only]) => *only,
        _ => {
            reports.error(
                "process",
                root,
                "文件中有多个流程，须恰有一个标为 isExecutable=\"true\"",
            );
            return None;
        }
    };
    for other in all.iter().filter(|p| !std::ptr::eq(**p, chosen)) {
        reports.warn("other-process", other, "另一个流程只保留显示，不执行");
    }
    Some(chosen)
}

/// Ids must be present and unique in the whole process.
fn check_ids(process: &Element, reports: &mut Reports) {
    let mut seen = BTreeSet::new();
    for child in process.children.iter().filter(|c| &*c.ns == BPMN) {
        match child.attr("id") {
            Some(id) if id.is_empty() || id.len() > 200 => {
                reports.error("id", child, "元素 id 为空或过长");
            }
            Some(id) if !seen.insert(id) => {
                reports.error("id", child, format!("元素 id {id} 重复"));
            }
            None if !DISPLAY.contains(&child.name.as_str()) => {
                reports.error("id", child, format!("{} 没有 id", child.name));
            }
            _ => {}
        }
    }
}

/// Reads the executable process of a file; `None` only when errors were reported.
pub(super) fn read(
    root: &Element,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Parts> {
    let process = executable(root, reports)?;
    if let Some(names) = tb(process, "variables") {
        let names = names
            .split([',', '，', ' '])
            .map(str::trim)
            .filter(|n| !n.is_empty());
        formulas.declared = Some(names.map(str::to_owned).collect());
    }
    check_ids(process, reports);
    nodes::check_extensions(process, reports);
    let lanes = binding::Lanes::read(process, reports);
    let mut found = Vec::new();
    let mut index = BTreeMap::new();
    for child in process.children.iter().filter(|c| &*c.ns == BPMN) {
        if child.name == "sequenceFlow" || DISPLAY.contains(&child.name.as_str()) {
            continue;
        }
        if let Some(node) = nodes::read(child, &lanes, formulas, reports) {
            index.insert(Arc::clone(&node.id), found.len());
            found.push((node, child));
        }
    }
    if found.len() > MAX_NODES {
        reports.error("size", process, format!("环节超过 {MAX_NODES} 个"));
        return None;
    }
    let flows = read_flows(process, &index, formulas, reports)?;
    link(&mut found, &flows, reports);
    attach(&mut found, &index, reports);
    let start = only_start(process, &found, reports);
    check_names(&found, formulas, reports);
    let name = process.attr("name").filter(|n| !n.trim().is_empty());
    let key = process.attr("id").unwrap_or_default();
    if key.is_empty() {
        reports.error("id", process, "流程没有 id");
    }
    Some(Parts {
        id: id(key),
        name: Arc::from(name.unwrap_or(key)),
        nodes: found.into_iter().map(|(node, _)| node).collect(),
        flows,
        lanes: lanes.drawn,
        diagram: Diagram::default(),
        xml: Arc::from([]),
        hash: String::new(),
        start: start?,
    })
}

fn read_flows(
    process: &Element,
    index: &BTreeMap<Arc<str>, usize>,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Vec<Flow>> {
    let mut flows = Vec::new();
    for e in process.all(BPMN, "sequenceFlow") {
        nodes::check_extensions(e, reports);
        let end = |name: &str| e.attr(name).and_then(|r| index.get(r)).copied();
        let (Some(source), Some(target)) = (end("sourceRef"), end("targetRef")) else {
            // An end that was refused has been reported already; a missing one has not.
            reports.error("flow", e, "顺序流的起点或终点不存在（或未能导入）");
            continue;
        };
        let condition =
            e.child(BPMN, "conditionExpression")
                .and_then(|c| match c.attr("language") {
                    Some(l) if !l.to_lowercase().contains("feel") => {
                        reports.error("language", e, format!("条件只支持 FEEL，实为 {l:.80}"));
                        None
                    }
                    _ if c.text.trim().is_empty() => None,
                    _ => formulas.compile(&c.text, c, e, reports),
                });
        let name = Arc::from(e.attr("name").unwrap_or_default());
        flows.push(Flow {
            id: id(e.attr("id").unwrap_or_default()),
            name,
            source,
            target,
            condition,
        });
    }
    if flows.len() > MAX_FLOWS {
        reports.error("size", process, format!("顺序流超过 {MAX_FLOWS} 条"));
        return None;
    }
    Some(flows)
}

fn link(found: &mut [(Node, &Element)], flows: &[Flow], reports: &mut Reports) {
    for (f, flow) in flows.iter().enumerate() {
        found[flow.source].0.outgoing.push(f);
        found[flow.target].0.incoming.push(f);
    }
    for (node, e) in found.iter_mut() {
        if let Some(default) = e.attr("default") {
            node.default = node
                .outgoing
                .iter()
                .copied()
                .find(|f| *flows[*f].id == *default);
            if node.default.is_none() {
                reports.error(
                    "default",
                    e,
                    format!("缺省分支 {default:.80} 不是从这里出发的顺序流"),
                );
            }
        }
        if node.outgoing.len() > MAX_DEGREE || node.incoming.len() > MAX_DEGREE {
            reports.error("size", e, format!("连接的顺序流超过 {MAX_DEGREE} 条"));
        }
        let (incoming, outgoing) = (node.incoming.len(), node.outgoing.len());
        match node.kind {
            Kind::Start | Kind::Boundary { .. } if incoming > 0 => {
                reports.error("flow", e, "这种事件不能有进入的顺序流");
            }
            Kind::End { .. } if outgoing > 0 => {
                reports.error("flow", e, "结束事件不能有离开的顺序流");
            }
            Kind::Start | Kind::Boundary { .. } if outgoing == 0 => {
                reports.error("flow", e, "缺少离开的顺序流");
            }
            Kind::Parallel => {
                for f in node
                    .outgoing
                    .iter()
                    .filter(|f| flows[**f].condition.is_some())
                {
                    let id = &flows[*f].id;
                    reports.error("flow", e, format!("并行网关的分支 {id} 不能带条件"));
                }
            }
            _ => {}
        }
    }
}

fn attach(
    found: &mut [(Node, &Element)],
    index: &BTreeMap<Arc<str>, usize>,
    reports: &mut Reports,
) {
    for i in 0..found.len() {
        let e = found[i].1;
        if !matches!(found[i].0.kind, Kind::Boundary { .. }) {
            continue;
        }
        let host = e.attr("attachedToRef").and_then(|h| index.get(h)).copied();
        match host.filter(|h| matches!(found[*h].0.kind, Kind::User(_) | Kind::Service(_))) {
            None => reports.error("boundary", e, "边界事件只能附在用户任务或服务任务上"),
            Some(host) => {
                found[host].0.boundary.push(i);
                if let Kind::Boundary { attached, .. } = &mut found[i].0.kind {
                    *attached = host;
                }
            }
        }
    }
}

fn only_start(
    process: &Element,
    found: &[(Node, &Element)],
    reports: &mut Reports,
) -> Option<usize> {
    let starts: Vec<usize> = (0..found.len())
        .filter(|i| matches!(found[*i].0.kind, Kind::Start))
        .collect();
    match starts.as_slice() {
        [one] => Some(*one),
        [] => {
            reports.error("start", process, "流程没有开始事件");
            None
        }
        _ => {
            reports.error("start", process, "流程只能有一个开始事件");
            None
        }
    }
}

/// A wrong name would give null, not an error, so names are compared with what the process declares.
fn check_names(found: &[(Node, &Element)], formulas: &Formulas<'_>, reports: &mut Reports) {
    let mut known = formulas.declared.clone().unwrap_or_default();
    for (node, _) in found {
        if let Kind::Script { variable, .. } = &node.kind {
            known.insert(variable.as_ref().to_owned());
        }
    }
    let mut told = BTreeSet::new();
    for (name, element, line) in &formulas.used {
        if known.contains(name) || !told.insert((name, element)) {
            continue;
        }
        if formulas.declared.is_some() {
            let message = format!("变量 {name:.100} 没有在 tb:variables 中声明");
            reports.error_at("unknown-name", element, *line, message);
        } else {
            let message = format!("变量 {name:.100} 没有声明，请核对名称");
            reports.warn_at("undeclared-name", element, *line, message);
        }
    }
}
