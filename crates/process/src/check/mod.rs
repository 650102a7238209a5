//! Soundness before publication: can this process hang, run twice, or lead nowhere?
//!
//! First the graph (unreachable, no way to an end, missing defaults and posts; limits, errors), then the markings:
//! all distributions of tokens over the flows of a process and its sub-processes that any choice of conditions and
//! events can lead to, within a bound. When the bound is reached the answer is an honest "not decided".

mod explore;
mod leave;
mod limits;
mod marking;
mod net;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::Id;
use crate::model::{Definition, Kind, Node, Throw};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Can be published; look at it.
    Notice,
    /// The check gave up; a person must decide.
    NotDecided,
    /// Must not be published.
    Fault,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable code, e.g. `deadlock`.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// Element or flow id; the process id when it concerns the whole.
    pub element: Id,
    /// For the administrator.
    pub message: String,
}

pub(crate) fn title(node: &Node) -> &str {
    if node.name.is_empty() {
        &node.id
    } else {
        &node.name
    }
}

/// Checks a definition; an empty list means sound within the elements that are executed.
#[must_use]
pub fn check(def: &Definition) -> Vec<Finding> {
    let mut findings = Vec::new();
    let reachable = reachable(def);
    let ending = can_end(def);
    for (i, node) in def.nodes.iter().enumerate() {
        let mut say = |rule, severity, message: String| {
            findings.push(Finding {
                rule,
                severity,
                element: Arc::clone(&node.id),
                message,
            });
        };
        let name = title(node);
        if !reachable.contains(&i) {
            say(
                "unreachable",
                Severity::Fault,
                format!("环节“{name}”从开始事件无法到达"),
            );
            continue;
        }
        if !ending.contains(&i) {
            say(
                "dead-end",
                Severity::Fault,
                format!("从环节“{name}”出发到不了任何结束事件"),
            );
        }
        let is_end = matches!(
            node.kind,
            Kind::End { .. } | Kind::EventSub(_) | Kind::Throw(Throw::Link(_))
        );
        if node.outgoing.is_empty() && !is_end {
            say(
                "implicit-end",
                Severity::Notice,
                format!("环节“{name}”之后没有连线，流程在此隐式结束"),
            );
        }
        if node.outgoing.len() > 1 && node.default.is_none() && lacks_default(def, node) {
            say(
                "no-default",
                Severity::Notice,
                format!("“{name}”的分支都有条件而没有缺省分支：条件都不成立时无法继续办理"),
            );
        }
        for f in twice_unconditional(def, node) {
            let flow = &def.flow(f).id;
            say(
                "no-condition",
                Severity::Fault,
                format!("排他网关“{name}”的分支 {flow} 没有条件，其后的分支永远不会被选中"),
            );
        }
        if let Kind::User(user) = &node.kind {
            if user.post.is_none() {
                say(
                    "no-post",
                    Severity::Fault,
                    format!("任务“{name}”没有指定岗位，无人能够办理"),
                );
            }
            if node.name.is_empty() {
                say("no-name", Severity::Notice, format!("任务“{name}”没有名称"));
            }
        }
    }
    if findings.iter().all(|f| f.rule != "unreachable") {
        findings.extend(limits::thrown(def));
        findings.extend(limits::limits(def));
        findings.extend(explore::explore(def));
    }
    findings
}

fn lacks_default(def: &Definition, node: &Node) -> bool {
    !matches!(node.kind, Kind::Parallel)
        && node
            .outgoing
            .iter()
            .all(|f| def.flow(*f).condition.is_some())
}

/// In an exclusive gateway only the default may be without condition.
fn twice_unconditional(def: &Definition, node: &Node) -> Vec<usize> {
    if !matches!(node.kind, Kind::Exclusive) || node.outgoing.len() < 2 {
        return Vec::new();
    }
    let bare = |f: &usize| def.flow(*f).condition.is_none() && node.default != Some(*f);
    node.outgoing.iter().copied().filter(bare).collect()
}

/// From the start of every scope; what begins by an event counts as reached.
fn reachable(def: &Definition) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut stack: Vec<usize> = Vec::new();
    for scope in &def.scopes {
        stack.extend(scope.begins());
        stack.extend(scope.first.iter().chain(&scope.triggered));
        stack.extend(&scope.event_subs);
    }
    while let Some(n) = stack.pop() {
        if seen.insert(n) {
            stack.extend(def.after(n));
        }
    }
    seen
}

/// Elements from which an end event, or an element without outgoing flow, can be reached.
fn can_end(def: &Definition) -> BTreeSet<usize> {
    let mut before = vec![Vec::new(); def.nodes.len()];
    for n in 0..def.nodes.len() {
        for next in def.after(n) {
            before[next].push(n);
        }
    }
    let ends = (0..def.nodes.len()).filter(|n| {
        def.after(*n)
            .all(|next| matches!(def.node(next).kind, Kind::Boundary { .. }))
    });
    let mut seen = BTreeSet::new();
    let mut stack: Vec<usize> = ends.collect();
    while let Some(n) = stack.pop() {
        if seen.insert(n) {
            stack.extend(&before[n]);
        }
    }
    seen
}
