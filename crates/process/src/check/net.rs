//! What is known about a definition before its markings are looked at: where tokens rest, who catches, who hears whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Definition, Do, Kind, Node, Target, Text, Throw, Trigger};

/// What is looked for on the way outwards.
#[derive(Clone, Copy)]
pub(super) enum Sought<'a> {
    Error(&'a str),
    Escalation(&'a str),
}

impl Sought<'_> {
    /// Not, as a catch-all, by its code.
    fn fit(self, trigger: &Trigger) -> Option<bool> {
        let (code, wanted) = match (self, trigger) {
            (Self::Error(code), Trigger::Error(wanted, _))
            | (Self::Escalation(code), Trigger::Escalation(wanted, _)) => (code, wanted),
            _ => return None,
        };
        match wanted.as_deref() {
            None => Some(false),
            Some(wanted) => (wanted == code).then_some(true),
        }
    }
}

/// Whether an event comes from inside: somebody must throw it.
pub(super) fn is_thrown(trigger: &Trigger) -> bool {
    matches!(trigger, Trigger::Error(..) | Trigger::Escalation(..))
}

/// An activity in which an error may arise that no drawing shows: a person, a service or a called process reports it.
pub(super) fn may_fail(node: &Node) -> bool {
    match &node.kind {
        Kind::User(_) | Kind::Service(_) | Kind::Call(_) => true,
        Kind::Script(acts) => acts.iter().any(|act| matches!(act, Do::Fail(_))),
        _ => false,
    }
}

pub(super) fn trigger(node: &Node) -> Option<&Trigger> {
    match &node.kind {
        Kind::Start(Some(trigger)) | Kind::Boundary { trigger, .. } | Kind::Catch(trigger) => {
            Some(trigger)
        }
        _ => None,
    }
}

pub(super) struct Net<'d> {
    pub(super) def: &'d Definition,
    /// Where a token that takes a flow comes to rest: elements that it passes in one way only are skipped.
    pub(super) rest: Vec<usize>,
    /// The first activity that it passes on the way there.
    pub(super) passed: Vec<Option<usize>>,
    pub(super) flows_of: Vec<Vec<usize>>,
    /// Who hears the message of an element: elements of other participants of the file.
    pub(super) heard: BTreeMap<usize, Vec<Target>>,
    /// The elements that wait for a message of another participant.
    pub(super) hears: BTreeSet<usize>,
}

impl<'d> Net<'d> {
    /// `joint`: participants hear only one another.
    pub(super) fn new(def: &'d Definition, joint: bool) -> Self {
        let mut net = Self {
            def,
            rest: Vec::new(),
            passed: vec![None; def.flows.len()],
            flows_of: vec![Vec::new(); def.scopes.len()],
            heard: BTreeMap::new(),
            hears: BTreeSet::new(),
        };
        for (f, flow) in def.flows.iter().enumerate() {
            net.flows_of[def.node(flow.source).scope].push(f);
        }
        if joint {
            net.listen();
        }
        let tough: Vec<bool> = (0..def.scopes.len()).map(|s| net.is_tough(s)).collect();
        let mut longest = vec![0; def.flows.len()];
        for f in 0..def.flows.len() {
            let (end, steps) = net.resting(f, &tough);
            net.rest.push(end);
            let first = def.flow(f).target;
            if steps > longest[end] && def.node(first).is_activity() {
                longest[end] = steps;
                net.passed[end] = Some(first);
            }
        }
        net
    }

    /// Where errors or escalations may be caught it matters in which activity a token is.
    fn is_tough(&self, scope: usize) -> bool {
        let mut at = Some(scope);
        while let Some(s) = at {
            let body = &self.def.scopes[s];
            let events = body
                .node
                .into_iter()
                .flat_map(|n| &self.def.node(n).boundary);
            let thrown = |n: usize| trigger(self.def.node(n)).is_some_and(is_thrown);
            if events.copied().chain(self.event_starts(s)).any(thrown) {
                return true;
            }
            at = body.parent;
        }
        false
    }

    /// The start events of the event sub-processes of a scope.
    pub(super) fn event_starts(&self, scope: usize) -> impl Iterator<Item = usize> {
        let subs = self.def.scopes[scope].event_subs.iter();
        subs.flat_map(|sub| match self.def.node(*sub).kind {
            Kind::EventSub(inner) => self.def.scopes[inner].triggered.as_slice(),
            _ => &[],
        })
        .copied()
    }

    /// Where a token on a flow comes to rest, and after how many elements.
    fn resting(&self, flow: usize, tough: &[bool]) -> (usize, usize) {
        let (mut at, mut steps) = (flow, 0);
        // A circle without a way out is told as a dead end.
        while steps < self.def.flows.len() {
            let target = self.def.flow(at).target;
            let node = self.def.node(target);
            let [next] = node.outgoing.as_slice() else {
                break;
            };
            let ends = matches!(
                self.def.node(self.def.flow(*next).target).kind,
                Kind::End { .. }
            );
            // The last element before an end is where the scope still is at work.
            if ends || tough[node.scope] || !self.is_passed(target) {
                break;
            }
            at = *next;
            steps += 1;
        }
        (at, steps)
    }

    /// Whether a token can do nothing here but go on by the one flow.
    fn is_passed(&self, index: usize) -> bool {
        let node = self.def.node(index);
        let conditional = |f: &usize| self.def.flow(*f).condition.is_some();
        if node.incoming.len() != 1 || !node.boundary.is_empty() {
            return false;
        }
        if node.outgoing.iter().any(conditional) || self.hears.contains(&index) {
            return false;
        }
        match &node.kind {
            Kind::User(_)
            | Kind::Service(_)
            | Kind::Rule(_)
            | Kind::Call(_)
            | Kind::Receive(_)
            | Kind::Pass
            | Kind::Catch(_)
            | Kind::Exclusive
            | Kind::Parallel
            | Kind::Inclusive
            | Kind::Throw(Throw::Nothing | Throw::Signal(_)) => true,
            Kind::Throw(Throw::Message(_)) => !self.heard.contains_key(&index),
            Kind::Script(_) => !may_fail(node),
            _ => false,
        }
    }

    /// Who hears whom: along message flows, else by the name of the message.
    fn listen(&mut self) {
        for (i, node) in self.def.nodes.iter().enumerate() {
            let (Kind::Throw(Throw::Message(message))
            | Kind::End {
                throws: Throw::Message(message),
                ..
            }) = &node.kind
            else {
                continue;
            };
            let home = self.def.process_around(node.scope);
            let mut targets: Vec<Target> = self.def.message_flows(node).collect();
            if let (true, Text::Plain(name)) = (targets.is_empty(), &message.name) {
                targets = self.named(name, home);
            }
            for target in &targets {
                if let Target::Node(n) = target
                    && matches!(self.def.node(*n).kind, Kind::Catch(_) | Kind::Receive(_))
                {
                    self.hears.insert(*n);
                }
            }
            if !targets.is_empty() {
                self.heard.insert(i, targets);
            }
        }
    }

    /// The elements of other participants that wait for a message of this name, or begin with it.
    fn named(&self, name: &str, home: usize) -> Vec<Target> {
        let nodes = self.def.nodes.iter().enumerate();
        nodes
            .filter(|(_, node)| self.def.process_around(node.scope) != home)
            .filter(|(_, node)| {
                let process = self.def.scopes[node.scope].parent.is_none();
                let message = match &node.kind {
                    Kind::Start(Some(Trigger::Message(message))) if process => message,
                    Kind::Catch(Trigger::Message(message)) | Kind::Receive(Some(message)) => {
                        message
                    }
                    _ => return false,
                };
                matches!(&message.name, Text::Plain(own) if **own == *name)
            })
            .map(|(n, _)| Target::Node(n))
            .collect()
    }

    /// The event that catches what is thrown in a scope, from the inside outwards, as the engine looks for it.
    pub(super) fn catcher(&self, scope: usize, sought: Sought<'_>) -> Option<usize> {
        let best = |events: &mut dyn Iterator<Item = usize>| {
            let mut all = None;
            for event in events {
                match trigger(self.def.node(event)).and_then(|t| sought.fit(t)) {
                    Some(true) => return Some(event),
                    Some(false) if all.is_none() => all = Some(event),
                    _ => {}
                }
            }
            all
        };
        let (mut at, mut neighbours) = (scope, true);
        loop {
            let body = &self.def.scopes[at];
            if neighbours && let Some(found) = best(&mut self.event_starts(at)) {
                return Some(found);
            }
            let node = self.def.node(body.node?);
            // What an event sub-process throws is for the activity around, not for its neighbours.
            neighbours = !matches!(node.kind, Kind::EventSub(_));
            if let Some(found) = best(&mut node.boundary.iter().copied()) {
                return Some(found);
            }
            at = body.parent?;
        }
    }
}
