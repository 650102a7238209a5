//! Where an instance has been, told from what its caller keeps: which tasks were open and how they ended. The record of the engine
//! says it flow by flow, but a caller may keep tasks only; then the flows are derived, and only those that must have been taken.
//!
//! What is certain: a task that was done was left by its flow; between a done task and the tokens that its completion made lie the
//! flows that no way between them avoids; an element that was reached, and to which only one flow can have led, was reached by it.
//! A choice that neither rule decides stays open: its flows are not marked.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::{Id, On, State, Status, Token};
use crate::model::{Definition, Kind, Node, Throw, Trigger};
use crate::svg::Marks;

/// Most flows between a task and where its completion led that are looked at.
const BETWEEN_MAX: usize = 64;

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StayEnd {
    /// It is open.
    Open,
    /// Somebody did it.
    Done,
    /// It was taken away.
    Cancelled,
}

/// One task of an instance, as the caller keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The element.
    pub element: Id,
    /// How it ended.
    pub end: StayEnd,
    /// The tokens that are new or elsewhere after it was done; `None` if that was not kept.
    pub led_to: Option<Vec<Token>>,
}

/// What happened to an instance besides work being done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orders {
    /// Elements to which somebody led it by order (退回、跳转): no flow leads there.
    pub moved_to: BTreeSet<Id>,
    /// It was ended by order (撤回、终止): what was open was not done.
    pub ended: bool,
    /// It has run on another version: names of elements may mean others, so no flow is derived.
    pub migrated: bool,
}

/// Marks for an instance by its tasks, oldest first.
#[must_use]
pub fn trail(def: &Definition, state: &State, stays: &[Stay], orders: &Orders) -> Marks {
    let mut marks = Marks::of(def, state, []);
    for stay in stays {
        if def.index_of(&stay.element).is_none() {
            continue;
        }
        let set = match stay.end {
            StayEnd::Done => &mut marks.done,
            StayEnd::Cancelled => &mut marks.cancelled,
            StayEnd::Open => continue,
        };
        set.insert(Arc::clone(&stay.element));
    }
    marks.cancelled = &marks.cancelled - &marks.done;
    marks.cancelled = &marks.cancelled - &marks.current;
    if orders.migrated {
        return marks;
    }
    let mut known = Known::new(def, state, stays, orders, &marks);
    known.exact(stays);
    known.derive();
    for (n, node) in def.nodes.iter().enumerate() {
        let ended = matches!(node.kind, Kind::End { .. }) && known.reached[n];
        if (known.left[n] || ended) && !matches!(node.kind, Kind::User(_)) {
            marks.done.insert(Arc::clone(&node.id));
        }
    }
    let taken = def
        .flows
        .iter()
        .zip(&known.taken)
        .filter(|(_, taken)| **taken);
    marks
        .done
        .extend(taken.map(|(flow, _)| Arc::clone(&flow.id)));
    marks
}

/// What can be said of elements and flows: certain or possible.
struct Known<'a> {
    def: &'a Definition,
    /// A token stands here, or on a flow to here.
    held: Vec<bool>,
    /// Done at least once; of repeated ones, all of it.
    done: Vec<bool>,
    /// Open at least once.
    opened: Vec<bool>,
    moved_to: BTreeSet<usize>,
    /// No order has moved or ended it: what was begun and is not open was done.
    calm: bool,
    reached: Vec<bool>,
    left: Vec<bool>,
    taken: Vec<bool>,
    /// Can have been taken.
    possible: Vec<bool>,
}

impl<'a> Known<'a> {
    fn new(
        def: &'a Definition,
        state: &State,
        stays: &[Stay],
        orders: &Orders,
        marks: &Marks,
    ) -> Self {
        let n = def.nodes.len();
        let mut known = Self {
            def,
            held: vec![false; n],
            done: vec![false; n],
            opened: vec![false; n],
            moved_to: BTreeSet::new(),
            calm: orders.moved_to.is_empty() && !orders.ended && state.incidents.is_empty(),
            reached: vec![false; n],
            left: vec![false; n],
            taken: vec![false; def.flows.len()],
            possible: vec![true; def.flows.len()],
        };
        known.moved_to = orders
            .moved_to
            .iter()
            .filter_map(|id| def.index_of(id))
            .collect();
        for id in &marks.current {
            if let Some(at) = def.index_of(id) {
                (known.held[at], known.reached[at]) = (true, true);
            } else if let Some(f) = def.flow_index_of(id) {
                known.taken[f] = true;
                known.held[def.flow(f).target] = true;
            }
        }
        for stay in stays {
            let Some(at) = def.index_of(&stay.element) else {
                continue;
            };
            (known.opened[at], known.reached[at]) = (true, true);
            let repeated = def.node(at).repeat.is_some();
            known.done[at] |=
                stay.end == StayEnd::Done && (!repeated || !known.held[at] && known.calm);
        }
        if state.status != Status::New
            && let Some(start) = def.body().start
        {
            (known.reached[start], known.left[start]) = (true, true);
        }
        for at in 0..n {
            known.left[at] |= known.done[at];
        }
        known
    }

    /// Nothing but a flow leads a token onwards, so that the way to where it rests can be told.
    fn is_plain(&self) -> bool {
        let processes = self
            .def
            .scopes
            .iter()
            .filter(|s| s.parent.is_none())
            .count();
        let by_flow = |node: &Node| match &node.kind {
            Kind::Throw(throw) | Kind::End { throws: throw, .. } => {
                matches!(throw, Throw::Nothing | Throw::Message(_) | Throw::Terminate)
            }
            Kind::Start(Some(trigger)) | Kind::Catch(trigger) | Kind::Boundary { trigger, .. } => {
                matches!(trigger, Trigger::Timer(_) | Trigger::Message(_))
            }
            _ => true,
        };
        processes == 1 && self.def.nodes.iter().all(by_flow)
    }

    /// The flows that lie on every way from a done task to where its completion led.
    fn exact(&mut self, stays: &[Stay]) {
        if !self.is_plain() {
            return;
        }
        for stay in stays.iter().filter(|stay| stay.end == StayEnd::Done) {
            let (Some(at), Some(tokens)) = (self.def.index_of(&stay.element), &stay.led_to) else {
                continue;
            };
            if self.def.node(at).repeat.is_some() {
                continue;
            }
            let between = self.between(at);
            if between.len() > BETWEEN_MAX {
                continue;
            }
            if tokens.is_empty() {
                self.certain(at, &between, |def, flow| {
                    let end = def.node(def.flow(flow).target);
                    matches!(end.kind, Kind::End { .. }) && def.scopes[end.scope].parent.is_none()
                });
            }
            for token in tokens {
                self.certain(at, &between, |def, flow| match token.on {
                    On::Flow => def.flow(flow).id == token.at,
                    _ => def.node(def.flow(flow).target).id == token.at,
                });
            }
        }
    }

    /// The flows by which a token leaves an element; from the end of a sub-process, those of the sub-process.
    fn outs(&self, at: usize) -> &'a [usize] {
        let def = self.def;
        let node = def.node(at);
        match (&node.kind, def.scopes[node.scope].node) {
            (Kind::End { .. }, Some(sub)) if def.node(sub).repeat.is_none() => {
                &def.node(sub).outgoing
            }
            _ => &node.outgoing,
        }
    }

    /// All flows that can be taken from an element without a rest.
    fn between(&self, at: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut queue: Vec<usize> = self.outs(at).to_vec();
        while let Some(flow) = queue.pop() {
            if found.len() > BETWEEN_MAX || !found.insert(flow) {
                continue;
            }
            let target = self.def.flow(flow).target;
            if passes(self.def.node(target)) {
                queue.extend(self.outs(target));
            }
        }
        found
    }

    /// Marks those flows without which `goal` cannot be reached from `at`.
    fn certain(
        &mut self,
        at: usize,
        between: &BTreeSet<usize>,
        goal: impl Fn(&Definition, usize) -> bool,
    ) {
        let reaches = |without: Option<usize>| {
            let mut seen = BTreeSet::new();
            let mut queue: Vec<usize> = self.outs(at).to_vec();
            while let Some(flow) = queue.pop() {
                if Some(flow) == without || !between.contains(&flow) || !seen.insert(flow) {
                    continue;
                }
                if goal(self.def, flow) {
                    return true;
                }
                let target = self.def.flow(flow).target;
                if passes(self.def.node(target)) {
                    queue.extend(self.outs(target));
                }
            }
            false
        };
        if !reaches(None) {
            return;
        }
        let needed: Vec<usize> = between
            .iter()
            .copied()
            .filter(|f| !reaches(Some(*f)))
            .collect();
        for flow in needed {
            self.take(flow);
        }
    }

    /// A flow was taken: its source was left, its target reached.
    fn take(&mut self, flow: usize) -> bool {
        let (source, target) = (self.def.flow(flow).source, self.def.flow(flow).target);
        let new = !self.taken[flow] || !self.left[source] || !self.reached[target];
        self.taken[flow] = true;
        self.reached[source] = true;
        self.left[source] = true;
        self.reached[target] = true;
        new
    }

    fn derive(&mut self) {
        self.rule_out();
        // Every round makes something certain, or it was the last.
        for _ in 0..=self.def.flows.len() + self.def.nodes.len() {
            let mut new = false;
            for at in 0..self.def.nodes.len() {
                new |= self.pass(at);
                new |= self.came(at);
                new |= self.went(at);
            }
            for flow in 0..self.taken.len() {
                if self.taken[flow] {
                    new |= self.take(flow);
                }
            }
            if !new {
                return;
            }
        }
    }

    /// A token that came to an element that does not hold it has left it.
    fn pass(&mut self, at: usize) -> bool {
        let node = self.def.node(at);
        if !self.reached[at] || self.left[at] {
            return false;
        }
        let waits =
            matches!(node.kind, Kind::Parallel | Kind::Inclusive) && node.incoming.len() > 1;
        let left = match &node.kind {
            Kind::User(_) | Kind::End { .. } | Kind::Boundary { .. } => false,
            Kind::Sub(own) => {
                let start = self.def.scopes[*own].start;
                let new = start.is_some_and(|s| !std::mem::replace(&mut self.left[s], true));
                if new {
                    return true;
                }
                self.calm && !self.held[at] && node.boundary.is_empty()
            }
            _ if passes(node) && !waits => true,
            _ => self.calm && !self.held[at] && node.boundary.is_empty() && !waits,
        };
        self.left[at] |= left;
        left
    }

    /// What was reached, and to which one flow only can have led, was reached by it.
    fn came(&mut self, at: usize) -> bool {
        if !self.reached[at] || self.moved_to.contains(&at) {
            return false;
        }
        let incoming = &self.def.node(at).incoming;
        let mut ways = incoming.iter().copied().filter(|f| self.possible[*f]);
        match (ways.next(), ways.next()) {
            (Some(only), None) if !self.taken[only] => self.take(only),
            _ => false,
        }
    }

    /// What was left, was left by its flow, by all of a fork, or by the only one that a choice can have taken.
    fn went(&mut self, at: usize) -> bool {
        let node = self.def.node(at);
        if !self.left[at] || node.outgoing.iter().any(|f| self.taken[*f]) && !is_fork(node) {
            return false;
        }
        let choice = matches!(
            node.kind,
            Kind::Exclusive | Kind::Inclusive | Kind::EventGate
        ) || node
            .outgoing
            .iter()
            .any(|f| self.def.flow(*f).condition.is_some());
        let mut new = false;
        if node.outgoing.len() == 1 || !choice {
            for flow in &node.outgoing {
                new |= !self.taken[*flow] && self.take(*flow);
            }
            return new;
        }
        let mut ways = node.outgoing.iter().copied().filter(|f| self.possible[*f]);
        match (ways.next(), ways.next()) {
            (Some(only), None) => self.take(only),
            _ => false,
        }
    }

    /// Flows that cannot have been taken: from what was never left, to what was never reached.
    fn rule_out(&mut self) {
        let (mut before, mut behind) = (self.sums(|f| f.target), self.sums(|f| f.source));
        let mut queue: Vec<usize> = (0..self.def.flows.len())
            .filter(|f| self.is_ruled_out(*f, &before, &behind))
            .collect();
        while let Some(flow) = queue.pop() {
            if !std::mem::replace(&mut self.possible[flow], false) {
                continue;
            }
            let (source, target) = (self.def.flow(flow).source, self.def.flow(flow).target);
            before[target] -= 1;
            behind[source] -= 1;
            let near = self
                .def
                .node(target)
                .outgoing
                .iter()
                .chain(&self.def.node(source).incoming);
            let near: Vec<usize> = near.copied().filter(|f| self.possible[*f]).collect();
            queue.extend(
                near.into_iter()
                    .filter(|f| self.is_ruled_out(*f, &before, &behind)),
            );
        }
    }

    /// How many flows begin, or end, at each element.
    fn sums(&self, end: impl Fn(&crate::model::Flow) -> usize) -> Vec<usize> {
        let mut sums = vec![0; self.def.nodes.len()];
        for flow in &self.def.flows {
            sums[end(flow)] += 1;
        }
        sums
    }

    fn is_ruled_out(&self, flow: usize, before: &[usize], behind: &[usize]) -> bool {
        let f = self.def.flow(flow);
        let (source, target) = (self.def.node(f.source), self.def.node(f.target));
        let never = |n: usize, node: &Node| matches!(node.kind, Kind::User(_)) && !self.opened[n];
        if never(f.target, target) || never(f.source, source) {
            return true;
        }
        // A task that was opened and never done was not left, but for its boundary events, which are elements of their own.
        if matches!(source.kind, Kind::User(_)) && !self.done[f.source] && source.repeat.is_none() {
            return true;
        }
        if let Kind::Boundary { attached, .. } = source.kind
            && never(attached, self.def.node(attached))
        {
            return true;
        }
        let unreached = !source.incoming.is_empty()
            && before[f.source] == 0
            && !self.reached[f.source]
            && !self.moved_to.contains(&f.source);
        // What cannot have been left, and holds nothing, was never reached.
        let held = self.held[f.target] || self.reached[f.target];
        let unleft = passes(target)
            && !matches!(target.kind, Kind::Parallel | Kind::Inclusive)
            && !target.outgoing.is_empty()
            && behind[f.target] == 0
            && !held;
        unreached || unleft
    }
}

fn is_fork(node: &Node) -> bool {
    matches!(node.kind, Kind::Parallel) && node.outgoing.len() > 1
}

/// Whether a token goes through an element without rest, once it may go at all.
fn passes(node: &Node) -> bool {
    let through = match &node.kind {
        Kind::Pass
        | Kind::Throw(_)
        | Kind::Script(_)
        | Kind::Rule(_)
        | Kind::Exclusive
        | Kind::Parallel
        | Kind::Inclusive => true,
        Kind::End { throws, .. } => matches!(throws, Throw::Nothing | Throw::Message(_)),
        _ => false,
    };
    through && node.repeat.is_none()
}
