//! The markings of a definition, breadth first and bounded; conditions may come out any way.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::{Finding, Severity, title};
use crate::model::{Definition, Kind, Node, Throw};

/// Most markings that are looked at.
const MAX_MARKINGS: usize = 20_000;
/// Most bytes that all markings may take.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Most branches of an inclusive split of which all subsets are tried.
const MAX_SUBSETS: usize = 8;

/// Tokens per flow (a token in a task counts as on the flow that led to it), then one place per element that says
/// whether its non-interrupting timer has fired: once is enough to find a fault, more would not end.
type Marking = Vec<u8>;

struct Explorer<'d> {
    def: &'d Definition,
    scope: usize,
    seen: BTreeSet<Marking>,
    todo: VecDeque<Marking>,
    findings: Vec<Finding>,
    told: BTreeSet<(&'static str, usize)>,
    undecided: bool,
}

/// The markings of one scope; a sub-process in it counts as one task.
pub(super) fn explore(def: &Definition, scope: usize) -> Vec<Finding> {
    let mut x = Explorer {
        def,
        scope,
        seen: BTreeSet::new(),
        todo: VecDeque::new(),
        findings: Vec::new(),
        told: BTreeSet::new(),
        undecided: false,
    };
    let empty = vec![0; def.flows.len() + def.nodes.len()];
    let body = &def.scopes[scope];
    let plain: Vec<usize> = body.begins().into_iter().collect();
    // Several starts with events begin one at a time; elements without a start event all at once.
    let starts = if body.start.is_none() && !body.triggered.is_empty() {
        &body.triggered
    } else {
        &plain
    };
    for start in starts {
        for choice in x.choices(def.node(*start)) {
            x.put(&empty, &[], &choice);
        }
    }
    let most = MAX_MARKINGS.min(MAX_BYTES / empty.len().max(1));
    while let Some(marking) = x.todo.pop_front() {
        x.successors(&marking);
        if x.seen.len() > most {
            x.undecided = true;
            break;
        }
    }
    if x.undecided {
        x.findings.push(Finding {
            rule: "not-decided",
            severity: Severity::NotDecided,
            element: Arc::clone(&body.id),
            message: format!(
                "流程过于复杂，查看 {} 种状态后仍不能断定是否会卡住，请人工核对",
                x.seen.len()
            ),
        });
    }
    x.findings
}

impl Explorer<'_> {
    /// Sets of flows that leaving this element may take.
    fn choices(&mut self, node: &Node) -> Vec<Vec<usize>> {
        let out = &node.outgoing;
        let conditional =
            |f: &usize| self.def.flow(*f).condition.is_some() || node.default == Some(*f);
        let some_conditional = out.iter().any(conditional);
        match node.kind {
            Kind::Throw(Throw::Link(to)) => self.choices(self.def.node(to)),
            _ if out.is_empty() => vec![Vec::new()],
            Kind::Exclusive | Kind::EventGate => out.iter().map(|f| vec![*f]).collect(),
            Kind::Parallel => vec![out.clone()],
            _ if !some_conditional => vec![out.clone()],
            _ if out.len() > MAX_SUBSETS => {
                self.undecided = true;
                vec![out.clone()]
            }
            _ => (1u32..1 << out.len())
                .map(|mask| {
                    (0..out.len())
                        .filter(|i| mask >> i & 1 == 1)
                        .map(|i| out[i])
                        .collect()
                })
                .collect(),
        }
    }

    fn put(&mut self, from: &Marking, take: &[usize], give: &[usize]) {
        let mut next = from.clone();
        for f in take {
            next[*f] = next[*f].saturating_sub(1);
        }
        for f in give {
            let target = self.def.flow(*f).target;
            // A token at a plain end is gone; it does not matter how many there are.
            let plain_end = match &self.def.node(target).kind {
                Kind::End { throws, .. } => !matches!(throws, Throw::Terminate | Throw::Error(_)),
                _ => false,
            };
            if !plain_end {
                next[*f] = next[*f].saturating_add(1);
            }
            if self.is_doubled(&next, *f, target) {
                // Not followed further: the fault is found, and the markings would not end.
                self.doubled(target);
                return;
            }
        }
        if !self.seen.contains(&next) {
            self.seen.insert(next.clone());
            self.todo.push_back(next);
        }
    }

    /// Two tokens at one task, or on one flow, at the same time.
    fn is_doubled(&self, marking: &Marking, flow: usize, target: usize) -> bool {
        let node = self.def.node(target);
        match node.kind {
            _ if node.is_activity() && !matches!(node.kind, Kind::Pass) => {
                node.incoming
                    .iter()
                    .map(|f| u32::from(marking[*f]))
                    .sum::<u32>()
                    > 1
            }
            _ => marking[flow] > 1,
        }
    }

    fn doubled(&mut self, target: usize) {
        if self.told.insert(("twice", target)) {
            let node = self.def.node(target);
            let message = format!(
                "环节“{}”可能同时收到两次：并行的分支没有先汇合（应使用并行网关汇合），后续会重复办理",
                title(node)
            );
            let element = Arc::clone(&node.id);
            self.findings.push(Finding {
                rule: "twice",
                severity: Severity::Fault,
                element,
                message,
            });
        }
    }

    fn fire(&mut self, marking: &Marking, node: &Node, take: &[usize]) {
        let ends_all = match &node.kind {
            Kind::End { throws, .. } => matches!(throws, Throw::Terminate | Throw::Error(_)),
            _ => false,
        };
        if ends_all {
            let empty = vec![0; marking.len()];
            self.put(&empty, &[], &[]);
            return;
        }
        for give in self.choices(node) {
            self.put(marking, take, &give);
        }
    }

    fn successors(&mut self, marking: &Marking) {
        let def = self.def;
        let mut moved = false;
        for index in def.scopes[self.scope].nodes.iter().copied() {
            let node = def.node(index);
            let (full, empty): (Vec<usize>, Vec<usize>) =
                node.incoming.iter().partition(|f| marking[**f] > 0);
            if full.is_empty() {
                continue;
            }
            match node.kind {
                Kind::Parallel if node.incoming.len() > 1 => {
                    if empty.is_empty() {
                        moved = true;
                        self.fire(marking, node, &full);
                    }
                }
                Kind::Inclusive if node.incoming.len() > 1 => {
                    let held = (0..def.flows.len())
                        .filter(|f| marking[*f] > 0 && def.flow(*f).target != index)
                        .any(|f| def.still_comes(vec![def.flow(f).target], &empty, &full, index));
                    if !held {
                        moved = true;
                        self.fire(marking, node, &full);
                    }
                }
                _ => {
                    moved = true;
                    for f in full {
                        self.fire(marking, node, &[f]);
                        self.timers(marking, node, f);
                    }
                }
            }
        }
        if !moved && marking.iter().take(def.flows.len()).any(|n| *n > 0) {
            self.stuck(marking);
        }
    }

    fn timers(&mut self, marking: &Marking, node: &Node, arrived_by: usize) {
        let def = self.def;
        for &b in &node.boundary {
            let event = def.node(b);
            let Kind::Boundary { interrupting, .. } = &event.kind else {
                continue;
            };
            if *interrupting {
                self.fire(marking, event, &[arrived_by]);
            } else if marking[def.flows.len() + b] == 0 {
                let mut fired = marking.clone();
                fired[def.flows.len() + b] = 1;
                self.fire(&fired, event, &[]);
            }
        }
    }

    fn stuck(&mut self, marking: &Marking) {
        for (index, node) in self.def.nodes.iter().enumerate() {
            let waits = node.incoming.iter().any(|f| marking[*f] > 0);
            if !waits || !self.told.insert(("deadlock", index)) {
                continue;
            }
            let missing = node.incoming.iter().find(|f| marking[**f] == 0);
            let from = missing.map(|f| title(self.def.node(self.def.flow(*f).source)));
            let message = format!(
                "流程会卡在“{}”：它等待来自“{}”的分支，而该分支可能不会走到（排他分支之后不应使用并行汇合）",
                title(node),
                from.unwrap_or("另一分支")
            );
            let element = Arc::clone(&node.id);
            let severity = Severity::Fault;
            self.findings.push(Finding {
                rule: "deadlock",
                severity,
                element,
                message,
            });
        }
    }
}
