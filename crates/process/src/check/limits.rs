//! Limits that cannot be kept, and events that nobody causes.

use std::sync::Arc;

use jiff::Timestamp;

use super::net::{Net, Sought, is_thrown, may_fail, trigger};
use super::{Finding, Severity, title};
use crate::engine::Due;
use crate::model::{Clock, Definition, Kind, Node, Text, Throw, TimerSpec, Trigger};

/// Days at the latest after which a timer has happened: working days, or natural days, of which no fewer pass.
fn days(spec: &TimerSpec) -> Option<f64> {
    let Text::Plain(text) = &spec.value else {
        return None;
    };
    if !matches!(
        spec.clock,
        Clock::Duration | Clock::Cycle | Clock::WorkingDays
    ) {
        return None;
    }
    let begin = Timestamp::UNIX_EPOCH;
    match spec.due(text, begin).ok()?.0 {
        Due::At(at) => Some(at.duration_since(begin).as_secs_f64() / 86_400.0),
        Due::WorkingDays(n) => Some(f64::from(n)),
        _ => None,
    }
}

/// The timers that end a scope, or one element: event and days.
fn ending(
    def: &Definition,
    events: impl Iterator<Item = usize>,
) -> impl Iterator<Item = (&Node, f64)> {
    events.filter_map(move |event| {
        let node = def.node(event);
        let ends = match node.kind {
            Kind::Boundary { interrupting, .. } => interrupting,
            _ => def.interrupts(node),
        };
        match trigger(node) {
            Some(Trigger::Timer(spec)) if ends => Some((node, days(spec)?)),
            _ => None,
        }
    })
}

pub(super) fn limits(def: &Definition) -> Vec<Finding> {
    let net = Net::new(def, false);
    let mut findings = Vec::new();
    for (index, node) in def.nodes.iter().enumerate() {
        let (limit, what) = match node.kind {
            Kind::User(_) => (def.limit_of(index), "办理期限"),
            Kind::Sub(inner) => (def.longest_within(inner), "内部环节最长一路的期限合计"),
            _ => continue,
        };
        let mut timers: Vec<(&Node, f64)> = ending(def, node.boundary.iter().copied()).collect();
        // What surrounds a sub-process is compared with its tasks one by one.
        let mut around = matches!(node.kind, Kind::User(_)).then_some(node.scope);
        while let Some(scope) = around {
            let body = &def.scopes[scope];
            timers.extend(ending(def, net.event_starts(scope)));
            let owner = body.node.into_iter().flat_map(|n| &def.node(n).boundary);
            timers.extend(ending(def, owner.copied()));
            around = body.parent;
        }
        let short = timers.iter().find(|(_, days)| f64::from(limit) > *days);
        if let Some((event, _)) = short {
            findings.push(Finding {
                rule: "limit-not-kept",
                severity: Severity::Notice,
                element: Arc::clone(&node.id),
                message: format!(
                    "“{}”的{what}为 {limit} 个工作日，而“{}”的定时更早到期并取消它，期限不能用足",
                    title(node),
                    title(event)
                ),
            });
        }
    }
    findings
}

/// Whether anything inside a scope may throw what this trigger catches.
fn is_caused(net: &Net<'_>, scope: usize, event: usize) -> bool {
    net.def.scopes[scope].nodes.iter().any(|&n| {
        let node = net.def.node(n);
        let thrown = match &node.kind {
            Kind::Sub(inner) | Kind::EventSub(inner) => return is_caused(net, *inner, event),
            Kind::End { throws, .. } | Kind::Throw(throws) => throws,
            _ => return may_fail(node),
        };
        let sought = match thrown {
            Throw::Error(code) => Sought::Error(code),
            Throw::Escalation(code) => Sought::Escalation(code),
            _ => return false,
        };
        net.catcher(node.scope, sought) == Some(event)
    })
}

/// Errors and escalations that nobody throws, and errors that nobody catches.
pub(super) fn thrown(def: &Definition) -> Vec<Finding> {
    let net = Net::new(def, false);
    let mut findings = Vec::new();
    let mut notice = |rule, node: &Node, message| {
        findings.push(Finding {
            rule,
            severity: Severity::Notice,
            element: Arc::clone(&node.id),
            message,
        });
    };
    for (index, node) in def.nodes.iter().enumerate() {
        if trigger(node).is_some_and(is_thrown) {
            let over = match node.kind {
                Kind::Boundary { attached, .. } => match def.node(attached).kind {
                    Kind::Sub(inner) => Some(inner),
                    _ => None,
                },
                _ => def.scopes[node.scope].parent,
            };
            if over.is_some_and(|scope| !is_caused(&net, scope, index)) {
                let message = format!(
                    "“{}”不会发生：其中没有环节抛出它要捕获的错误或升级",
                    title(node)
                );
                notice("never-happens", node, message);
            }
        }
        let Kind::End {
            throws: Throw::Error(code),
            ..
        } = &node.kind
        else {
            continue;
        };
        if net.catcher(node.scope, Sought::Error(code)).is_none() {
            let message = format!(
                "“{}”抛出的错误“{code}”在本流程中没有被捕获：除非本流程被其他流程调用并由其捕获，否则办理会被拒绝",
                title(node)
            );
            notice("uncaught-error", node, message);
        }
    }
    findings
}
