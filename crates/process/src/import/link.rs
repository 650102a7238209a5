//! The links between elements: flows, boundary events, link events, starts; and whether they fit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::events::link_name;
use super::process::Found;
use super::{BPMN, Formulas, Reports, id, vendor};
use crate::model::{Do, Flow, Kind, Node, Throw, Trigger};
use crate::xml::Element;

/// Most sequence flows of one file.
const MAX_FLOWS: usize = 5_000;
/// Most flows into or out of one element.
const MAX_DEGREE: usize = 200;

/// Reads the sequence flows of every scope and hangs them on their ends.
pub(super) fn flows(
    found: &mut Found<'_>,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Vec<Flow>> {
    let mut flows = Vec::new();
    for (_, scope) in &found.scopes {
        for e in scope.all(BPMN, "sequenceFlow") {
            vendor::check(e, formulas, reports);
            let end = |name: &str| {
                e.attr(name)
                    .and_then(|r| found.index.get(r.trim()))
                    .copied()
            };
            let (Some(source), Some(target)) = (end("sourceRef"), end("targetRef")) else {
                // An end that was refused has been reported already; a missing one has not.
                reports.error("flow", e, "顺序流的起点或终点不存在（或未能导入）");
                continue;
            };
            if found.nodes[source].0.scope != found.nodes[target].0.scope {
                reports.error("flow", e, "顺序流不能越过子流程或流程的边界");
                continue;
            }
            let condition = condition(e, formulas, reports);
            let key = match e.attr("id") {
                Some(key) => id(key),
                None => id(&format!(
                    "{}→{}#{}",
                    found.nodes[source].0.id,
                    found.nodes[target].0.id,
                    flows.len()
                )),
            };
            flows.push(Flow {
                id: key,
                name: Arc::from(e.attr("name").unwrap_or_default()),
                source,
                target,
                condition,
            });
        }
    }
    if flows.len() > MAX_FLOWS {
        let root = found.scopes.first()?.1;
        reports.error("size", root, format!("顺序流超过 {MAX_FLOWS} 条"));
        return None;
    }
    hang(found, &flows, reports);
    Some(flows)
}

fn condition(
    e: &Element,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Arc<dyn crate::feel::Expression>> {
    let c = e.child(BPMN, "conditionExpression")?;
    let text = c.text.trim();
    let known = formulas.options.expressions.contains_key(text);
    match c.attr("language") {
        Some(l) if !known && !l.to_lowercase().contains("feel") => {
            reports.error("language", e, format!("条件只支持 FEEL，实为 {l:.80}"));
            None
        }
        _ if text.is_empty() => None,
        _ => formulas.compile(&c.text, c, e, reports),
    }
}

fn hang(found: &mut Found<'_>, flows: &[Flow], reports: &mut Reports) {
    for (f, flow) in flows.iter().enumerate() {
        found.nodes[flow.source].0.outgoing.push(f);
        found.nodes[flow.target].0.incoming.push(f);
    }
    for (node, e) in &mut found.nodes {
        if let Some(default) = e.attr("default") {
            let mut out = node.outgoing.iter().copied();
            node.default = out.find(|f| *flows[*f].id == *default);
            if node.default.is_none() {
                reports.error(
                    "default",
                    e,
                    format!("缺省分支 {default:.80} 不是从这里出发的顺序流"),
                );
            }
        }
        fits(node, e, flows, reports);
    }
}

/// What may come in and go out.
fn fits(node: &Node, e: &Element, flows: &[Flow], reports: &mut Reports) {
    let (incoming, outgoing) = (node.incoming.len(), node.outgoing.len());
    if outgoing > MAX_DEGREE || incoming > MAX_DEGREE {
        reports.error("size", e, format!("连接的顺序流超过 {MAX_DEGREE} 条"));
    }
    match node.kind {
        Kind::Start(_) | Kind::Boundary { .. } if incoming > 0 => {
            reports.error("flow", e, "这种事件不能有进入的顺序流");
        }
        Kind::EventSub(_) if incoming > 0 || outgoing > 0 => {
            reports.error("flow", e, "事件子流程不能有进出的顺序流");
        }
        Kind::End { .. } if outgoing > 0 => {
            reports.error("flow", e, "结束事件不能有离开的顺序流");
        }
        Kind::Throw(Throw::Link(_)) if outgoing > 0 => {
            reports.error("flow", e, "抛出链接之后不能再有顺序流");
        }
        Kind::Start(_) | Kind::Boundary { .. } if outgoing == 0 => {
            reports.warn("flow", e, "缺少离开的顺序流：发生之后这一路就结束");
        }
        Kind::EventGate if outgoing < 2 => {
            reports.error("flow", e, "事件网关之后至少要有两个事件");
        }
        Kind::Parallel => {
            let with_condition = node.outgoing.iter().map(|f| &flows[*f]);
            for flow in with_condition.filter(|f| f.condition.is_some()) {
                let id = &flow.id;
                reports.error("flow", e, format!("并行网关的分支 {id} 不能带条件"));
            }
        }
        _ => {}
    }
}

/// Hangs boundary events on their activities.
pub(super) fn attach(found: &mut Found<'_>, reports: &mut Reports) {
    for i in 0..found.nodes.len() {
        let (node, e) = (&found.nodes[i].0, found.nodes[i].1);
        if !matches!(node.kind, Kind::Boundary { .. }) {
            continue;
        }
        let host = e
            .attr("attachedToRef")
            .and_then(|h| found.index.get(h.rsplit(':').next().unwrap_or(h).trim()))
            .copied();
        let fits =
            |h: &usize| found.nodes[*h].0.is_activity() && found.nodes[*h].0.scope == node.scope;
        match host.filter(fits) {
            None => reports.error("boundary", e, "边界事件只能附在同一层的任务或子流程上"),
            Some(host) => {
                found.nodes[host].0.boundary.push(i);
                if let Kind::Boundary { attached, .. } = &mut found.nodes[i].0.kind {
                    *attached = host;
                }
            }
        }
    }
}

/// Joins throwing links with the catching link of their name in the same scope.
pub(super) fn links(found: &mut Found<'_>, reports: &mut Reports) {
    let mut catching: BTreeMap<(usize, String), usize> = BTreeMap::new();
    for (i, (node, e)) in found.nodes.iter().enumerate() {
        if node.element == "intermediateCatchEvent"
            && matches!(node.kind, Kind::Pass)
            && let Some(name) = link_name(e)
            && catching.insert((node.scope, name.to_owned()), i).is_some()
        {
            reports.error("link", e, format!("链接 {name:.80} 有两个捕获事件"));
        }
    }
    for (node, e) in &mut found.nodes {
        let Kind::Throw(Throw::Link(to)) = &mut node.kind else {
            continue;
        };
        let key = link_name(e).map(|name| (node.scope, name.to_owned()));
        match key.and_then(|key| catching.get(&key)) {
            Some(target) => *to = *target,
            None => reports.error("link", e, "链接没有同名的捕获事件"),
        }
    }
}

/// Where every scope begins.
pub(super) fn starts(found: &mut Found<'_>, reports: &mut Reports) {
    for at in 0..found.scopes.len() {
        let e = found.scopes[at].1;
        let own: Vec<usize> = found.scopes[at].0.nodes.clone();
        let plain = own.iter().copied();
        let plain: Vec<usize> = plain
            .filter(|n| matches!(found.nodes[*n].0.kind, Kind::Start(None)))
            .collect();
        let triggered = own.iter().copied();
        let triggered: Vec<usize> = triggered
            .filter(|n| matches!(found.nodes[*n].0.kind, Kind::Start(Some(_))))
            .collect();
        let is_first = |n: &usize| {
            let node = &found.nodes[*n].0;
            let begins = !matches!(
                node.kind,
                Kind::Boundary { .. } | Kind::EventSub(_) | Kind::Start(_)
            );
            let is_link =
                node.element == "intermediateCatchEvent" && matches!(node.kind, Kind::Pass);
            begins && !is_link && node.incoming.is_empty()
        };
        let first: Vec<usize> = own.iter().copied().filter(is_first).collect();
        let event_sub = found.scopes[at]
            .0
            .node
            .is_some_and(|n| matches!(found.nodes[n].0.kind, Kind::EventSub(_)));
        let process = found.scopes[at].0.parent.is_none();
        if event_sub {
            if !plain.is_empty() || triggered.is_empty() {
                reports.error("start", e, "事件子流程的开始事件须带事件");
            }
            let calm = triggered.iter().copied().filter(|start| {
                let (node, e) = &found.nodes[*start];
                let error = matches!(node.kind, Kind::Start(Some(Trigger::Error(..))));
                !error && e.attr("isInterrupting") == Some("false")
            });
            found.scopes[at].0.calm = calm.collect();
        } else {
            if plain.len() > 1 {
                reports.error("start", e, "只能有一个不带事件的开始事件");
            }
            if plain.is_empty() && triggered.is_empty() && first.is_empty() {
                reports.error("start", e, "流程没有开始事件");
            }
            for n in &triggered {
                check_start(process, &found.nodes[*n], reports);
            }
        }
        let scope = &mut found.scopes[at].0;
        scope.start = plain.first().copied();
        scope.first = if plain.is_empty() && triggered.is_empty() {
            first
        } else {
            Vec::new()
        };
        scope.triggered = triggered;
    }
}

fn check_start(process: bool, start: &(Node, &Element), reports: &mut Reports) {
    let (node, e) = start;
    if !process {
        reports.error("start", e, "子流程的开始事件不能带事件");
    }
    if matches!(
        node.kind,
        Kind::Start(Some(Trigger::Error(..) | Trigger::Escalation(..)))
    ) {
        reports.error("start", e, "错误和升级只能开始事件子流程");
    }
}

/// Behind an event-based gateway only events and receive tasks may come.
pub(super) fn gates(found: &Found<'_>, flows: &[Flow], reports: &mut Reports) {
    for (node, e) in &found.nodes {
        if !matches!(node.kind, Kind::EventGate) {
            continue;
        }
        for flow in &node.outgoing {
            let target = &found.nodes[flows[*flow].target].0;
            if !matches!(target.kind, Kind::Catch(_) | Kind::Receive(_)) {
                let name = &target.id;
                reports.error(
                    "gate",
                    e,
                    format!("事件网关之后的 {name} 不是捕获事件或接收任务"),
                );
            }
        }
    }
}

/// A wrong name would give null, not an error, so names are compared with what the process declares.
pub(super) fn names(found: &Found<'_>, formulas: &Formulas<'_>, reports: &mut Reports) {
    let mut known = formulas.declared.clone().unwrap_or_default();
    known.extend(formulas.known.iter().cloned());
    for (node, _) in &found.nodes {
        if let Kind::Script(acts) = &node.kind {
            for act in acts {
                if let Do::Set(mapping) = act {
                    known.insert(mapping.target.as_ref().to_owned());
                }
            }
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
