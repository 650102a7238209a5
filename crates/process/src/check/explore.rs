//! The markings of a process, breadth first and bounded; conditions may come out any way.
//!
//! Embedded and event sub-processes are looked into; of the repetitions of one, and of the turns of what does not
//! interrupt, one stands for all. A called process counts as one task.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::marking::{At, Marking, OVER};
use super::net::{Net, Sought};
use super::{Finding, Severity, title};
use crate::model::{Definition, Kind, Target, Throw};

/// Most markings that are looked at.
const MAX_MARKINGS: usize = 20_000;
/// Most bytes that all markings may take.
const MAX_BYTES: usize = 32 * 1024 * 1024;
pub(super) struct Explorer<'d> {
    pub(super) def: &'d Definition,
    pub(super) net: Net<'d>,
    /// Participants hear only one another; only what they wait for in vain is told.
    joint: bool,
    seen: BTreeSet<Marking>,
    todo: VecDeque<Marking>,
    findings: Vec<Finding>,
    told: BTreeSet<(&'static str, usize)>,
    pub(super) undecided: bool,
}

/// The markings of every process of the file by itself, then of all participants together.
pub(super) fn explore(def: &Definition) -> Vec<Finding> {
    let processes = (0..def.scopes.len()).filter(|s| def.scopes[*s].parent.is_none());
    let mut findings = Vec::new();
    for process in processes.clone() {
        findings.extend(Explorer::new(def, false).run(process));
    }
    let together = Explorer::new(def, true);
    if processes.count() > 1 && !together.net.hears.is_empty() {
        findings.extend(together.run(def.main));
    }
    findings
}

impl<'d> Explorer<'d> {
    fn new(def: &'d Definition, joint: bool) -> Self {
        Self {
            def,
            net: Net::new(def, joint),
            joint,
            seen: BTreeSet::new(),
            todo: VecDeque::new(),
            findings: Vec::new(),
            told: BTreeSet::new(),
            undecided: false,
        }
    }

    fn run(mut self, process: usize) -> Vec<Finding> {
        let body = &self.def.scopes[process];
        let empty = self.net.empty();
        let plain = body.start.is_some() || !body.first.is_empty();
        // Of several starts with events each begins by itself.
        let starts = plain.then_some(None).into_iter();
        for start in starts.chain(body.triggered.iter().map(|s| Some(*s))) {
            let mut first = empty.clone();
            self.net.begin(&mut first, process, start);
            self.put(first);
        }
        let most = MAX_MARKINGS.min(MAX_BYTES / empty.len().max(1));
        while let Some(marking) = self.todo.pop_front() {
            self.successors(&marking);
            if self.seen.len() > most {
                self.undecided = true;
                break;
            }
        }
        if self.undecided {
            let message = format!(
                "流程过于复杂，查看 {} 种状态后仍不能断定是否会卡住，请人工核对",
                self.seen.len()
            );
            self.findings.push(Finding {
                rule: "not-decided",
                severity: Severity::NotDecided,
                element: Arc::clone(&body.id),
                message,
            });
        }
        self.findings
    }

    pub(super) fn tell(
        &mut self,
        rule: &'static str,
        severity: Severity,
        node: usize,
        message: String,
    ) {
        if self.told.insert((rule, node)) {
            self.findings.push(Finding {
                rule,
                severity,
                element: Arc::clone(&self.def.node(node).id),
                message,
            });
        }
    }

    fn put(&mut self, next: Marking) {
        if !self.seen.contains(&next) {
            self.seen.insert(next.clone());
            self.todo.push_back(next);
        }
    }

    /// A token does what the element does, and leaves it.
    fn fire(&mut self, mut from: Marking, index: usize) {
        let node = self.def.node(index);
        let all = match &node.kind {
            Kind::Sub(inner) => {
                from[self.net.place(index)] = 1;
                self.net.begin(&mut from, *inner, None);
                vec![from]
            }
            Kind::End { throws, .. } | Kind::Throw(throws) => match throws {
                Throw::Terminate => {
                    self.net.clear(&mut from, node.scope);
                    vec![from]
                }
                Throw::Error(code) => {
                    match self.net.catcher(node.scope, Sought::Error(code)) {
                        Some(event) => self.caught(from, event),
                        // Whoever called the process may catch it; here it is over.
                        None => vec![self.net.empty()],
                    }
                }
                Throw::Escalation(code) => self.escalate(from, index, code),
                Throw::Message(_) => self.tell_others(from, index),
                _ => self.leave(&from, index),
            },
            _ => self.leave(&from, index),
        };
        for next in all {
            self.put(next);
        }
    }

    fn escalate(&mut self, from: Marking, index: usize, code: &str) -> Vec<Marking> {
        let scope = self.def.node(index).scope;
        let Some(event) = self.net.catcher(scope, Sought::Escalation(code)) else {
            return self.leave(&from, index);
        };
        let interrupts = self.interrupts(event);
        let caught = self.caught(from, event);
        if interrupts {
            return caught;
        }
        let after = caught.iter().map(|m| self.leave(m, index));
        after.collect::<Vec<_>>().concat()
    }

    fn interrupts(&self, event: usize) -> bool {
        let node = self.def.node(event);
        match node.kind {
            Kind::Boundary { interrupting, .. } => interrupting,
            _ => self.def.interrupts(node),
        }
    }

    /// What follows when an event over a scope happens.
    fn caught(&mut self, mut from: Marking, event: usize) -> Vec<Marking> {
        let Kind::Boundary {
            attached,
            interrupting,
            ..
        } = self.def.node(event).kind
        else {
            self.net.begin_event_sub(&mut from, event);
            return vec![from];
        };
        if let (true, Kind::Sub(inner)) = (interrupting, &self.def.node(attached).kind) {
            self.net.clear(&mut from, *inner);
            from[self.net.place(attached)] = 0;
        }
        self.leave(&from, event)
    }

    /// A message goes to a participant that waits for it, or begins with it; else it is lost here.
    fn tell_others(&mut self, from: Marking, index: usize) -> Vec<Marking> {
        let targets = self.net.heard.get(&index).cloned().unwrap_or_default();
        let mut told = Vec::new();
        for target in &targets {
            let Target::Node(n) = *target else {
                continue;
            };
            for at in self.waiting(&from, n) {
                let next = self.net.without(&from, at);
                told.extend(self.leave(&next, n));
            }
        }
        if told.is_empty() {
            let mut next = from;
            let begun = targets.iter().find_map(|target| match *target {
                Target::Node(n) if matches!(self.def.node(n).kind, Kind::Start(_)) => {
                    Some((self.def.node(n).scope, Some(n)))
                }
                Target::Process(process) => {
                    (!self.net.is_alive(&next, process)).then_some((process, None))
                }
                Target::Node(_) => None,
            });
            if let Some((process, start)) = begun {
                self.net.begin(&mut next, process, start);
            }
            told.push(next);
        }
        let after = told.iter().map(|m| self.leave(m, index));
        after.collect::<Vec<_>>().concat()
    }

    /// The tokens that wait in an element, or in an event-based gateway before it.
    fn waiting(&self, marking: &Marking, index: usize) -> Vec<At> {
        let mut all = Vec::new();
        let mut at = |node: usize| {
            let born = marking[self.net.place(node)] == 1;
            let flows = self.def.node(node).incoming.iter();
            all.extend(born.then_some(At::Place(node)));
            all.extend(flows.filter(|f| marking[**f] > 0).map(|f| At::Flow(*f)));
        };
        at(index);
        for f in &self.def.node(index).incoming {
            let before = self.def.flow(*f).source;
            if matches!(self.def.node(before).kind, Kind::EventGate) {
                at(before);
            }
        }
        all
    }

    fn successors(&mut self, marking: &Marking) {
        let def = self.def;
        let mut moved = false;
        let mut joins = BTreeSet::new();
        for f in (0..def.flows.len()).filter(|f| marking[*f] > 0) {
            let index = def.flow(f).target;
            let node = def.node(index);
            if matches!(node.kind, Kind::Parallel | Kind::Inclusive) && node.incoming.len() > 1 {
                if joins.insert(index) {
                    moved |= self.join(marking, index);
                }
            } else {
                moved |= self.step(marking, index, At::Flow(f));
            }
        }
        let mut outside = false;
        for index in 0..def.nodes.len() {
            if marking[self.net.place(index)] == 1 {
                match def.node(index).kind {
                    Kind::Boundary { .. } => {}
                    Kind::Sub(inner) if self.net.is_alive(marking, inner) => {
                        let (ends, adds) = self.edge(marking, index, inner);
                        outside |= ends;
                        moved |= adds;
                    }
                    Kind::Sub(inner) => {
                        moved = true;
                        let mut next = marking.clone();
                        self.net.clear(&mut next, inner);
                        next[self.net.place(index)] = 0;
                        for next in self.leave(&next, index) {
                            self.put(next);
                        }
                    }
                    Kind::EventSub(inner) if self.net.is_alive(marking, inner) => {}
                    Kind::EventSub(inner) => {
                        moved = true;
                        let mut next = marking.clone();
                        self.net.clear(&mut next, inner);
                        next[self.net.place(index)] = OVER;
                        self.put(next);
                    }
                    _ => moved |= self.step(marking, index, At::Place(index)),
                }
            }
        }
        for scope in 0..def.scopes.len() {
            for start in self.net.may_begin(marking, scope) {
                outside |= self.interrupts(start);
                let mut next = marking.clone();
                self.net.begin_event_sub(&mut next, start);
                self.put(next);
            }
        }
        if !moved && (0..def.flows.len()).any(|f| marking[f] > 0) {
            self.stuck(marking, outside);
        }
    }

    /// A join fires when it can.
    fn join(&mut self, marking: &Marking, index: usize) -> bool {
        let (def, node) = (self.def, self.def.node(index));
        let (full, empty): (Vec<usize>, Vec<usize>) =
            node.incoming.iter().partition(|f| marking[**f] > 0);
        let fires = match node.kind {
            Kind::Parallel => empty.is_empty(),
            _ => !self
                .coming(marking, node.scope)
                .any(|ahead| ahead != index && def.still_comes(vec![ahead], &empty, &full, index)),
        };
        if fires {
            let mut next = marking.clone();
            for f in full {
                next[f] = next[f].saturating_sub(1);
            }
            self.fire(next, index);
        }
        fires
    }

    /// The elements that the tokens of a scope are in, or come to next.
    fn coming(&self, marking: &Marking, scope: usize) -> impl Iterator<Item = usize> {
        let flows = self.net.flows_of[scope].iter();
        let flows = flows.filter(|f| marking[**f] > 0);
        let born = self.def.scopes[scope].nodes.iter().copied();
        let born = born.filter(|n| {
            let node = self.def.node(*n);
            marking[self.net.place(*n)] == 1
                && !matches!(node.kind, Kind::Boundary { .. } | Kind::EventSub(_))
        });
        let ahead = flows.map(|f| self.def.flow(*f).target).chain(born);
        ahead.collect::<Vec<_>>().into_iter()
    }

    /// A token in an element goes on, or an event at its edge happens; false if it must wait for a message.
    fn step(&mut self, marking: &Marking, index: usize, at: At) -> bool {
        let node = self.def.node(index);
        let heard = |n: usize| self.net.hears.contains(&n);
        let waits = match node.kind {
            Kind::EventGate => node
                .outgoing
                .iter()
                .all(|f| heard(self.def.flow(*f).target)),
            _ => heard(index),
        };
        if !waits {
            self.fire(self.net.without(marking, at), index);
        }
        if matches!(node.kind, Kind::Sub(_)) {
            return true;
        }
        let mut moved = !waits;
        for &b in &node.boundary {
            let fired = self.net.place(b);
            let next = match self.def.node(b).kind {
                Kind::Boundary {
                    interrupting: true, ..
                } => self.net.without(marking, at),
                // Once is enough to find a fault; more would not end.
                _ if marking[fired] > 0 => continue,
                _ => {
                    let mut next = marking.clone();
                    next[fired] = 1;
                    next
                }
            };
            moved = true;
            for next in self.leave(&next, b) {
                self.put(next);
            }
        }
        moved
    }

    /// The events at the edge of an open sub-process: whether one may end it, and whether one may add a token.
    fn edge(&mut self, marking: &Marking, index: usize, inner: usize) -> (bool, bool) {
        let (mut ends, mut adds) = (false, false);
        for &b in &self.def.node(index).boundary {
            let fired = self.net.place(b);
            let interrupts = self.interrupts(b);
            if !self.net.may_happen(marking, b, inner) || !interrupts && marking[fired] > 0 {
                continue;
            }
            ends |= interrupts;
            adds |= !interrupts;
            let mut next = marking.clone();
            if !interrupts {
                next[fired] = 1;
            }
            for next in self.caught(next, b) {
                self.put(next);
            }
        }
        (ends, adds)
    }

    /// Nothing goes on by itself; `outside`: an event over a scope could still end the waiting.
    fn stuck(&mut self, marking: &Marking, outside: bool) {
        for index in 0..self.def.nodes.len() {
            let node = self.def.node(index);
            if !node.incoming.iter().any(|f| marking[*f] > 0) {
                continue;
            }
            if self.joint {
                self.unheard(index, outside);
                continue;
            }
            let missing = node.incoming.iter().find(|f| marking[**f] == 0);
            let from = missing.map(|f| title(self.def.node(self.def.flow(*f).source)));
            let (name, from) = (title(node), from.unwrap_or("另一分支"));
            let (rule, severity, message) = if outside {
                let message = format!(
                    "流程可能一直停在“{name}”：来自“{from}”的分支不会再来，只有外面的事件（定时、消息等）发生才能离开"
                );
                ("held", Severity::Notice, message)
            } else {
                let message = format!(
                    "流程会卡在“{name}”：它等待来自“{from}”的分支，而该分支可能不会走到（排他分支之后不应使用并行汇合）"
                );
                ("deadlock", Severity::Fault, message)
            };
            self.tell(rule, severity, index, message);
        }
    }

    /// A participant waits for a message that the others of the file have sent too early, or do not send.
    fn unheard(&mut self, index: usize, outside: bool) {
        let node = self.def.node(index);
        let next = node.outgoing.iter().map(|f| self.def.flow(*f).target);
        let gate = matches!(node.kind, Kind::EventGate);
        let waits = self.net.hears.contains(&index)
            || gate && next.into_iter().any(|n| self.net.hears.contains(&n));
        if waits && !outside {
            let message = format!(
                "“{}”等待的消息可能已经发出而无人接收，或者不会由本文件中的其他参与方发出；需要外部再发一次才能继续",
                title(node)
            );
            self.tell("message-wait", Severity::Notice, index, message);
        }
    }
}
