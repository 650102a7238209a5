//! Markings: where the tokens of a process and of everything open in it are.

use super::net::{Net, is_thrown, may_fail, trigger};
use crate::model::Kind;

/// Tokens per flow (a token in a task counts as on the flow that led to it), then one place per element: whether a
/// sub-process is open, an event sub-process at work (1) or over (2), a reminder sent, a start event at its turn.
pub(super) type Marking = Vec<u8>;

/// An event sub-process that will not begin any more.
pub(super) const OVER: u8 = 2;

/// Where a token is.
#[derive(Clone, Copy)]
pub(super) enum At {
    Flow(usize),
    Place(usize),
}

impl Net<'_> {
    pub(super) fn empty(&self) -> Marking {
        vec![0; self.def.flows.len() + self.def.nodes.len()]
    }

    pub(super) fn place(&self, node: usize) -> usize {
        self.def.flows.len() + node
    }

    pub(super) fn without(&self, from: &Marking, at: At) -> Marking {
        let mut next = from.clone();
        match at {
            At::Flow(f) => next[f] = next[f].saturating_sub(1),
            At::Place(n) => next[self.place(n)] = 0,
        }
        next
    }

    /// The places of a scope that hold a token.
    fn holds_token(&self, m: &Marking, node: usize) -> bool {
        let n = m[self.place(node)];
        match self.def.node(node).kind {
            Kind::Boundary { .. } => false,
            _ => n == 1,
        }
    }

    /// Whether anything is at work in a scope; what is open in it counts.
    pub(super) fn is_alive(&self, m: &Marking, scope: usize) -> bool {
        self.flows_of[scope].iter().any(|f| m[*f] > 0)
            || self.def.scopes[scope]
                .nodes
                .iter()
                .any(|n| self.holds_token(m, *n))
    }

    /// Whether the normal flow of a scope is still at work; else no event sub-process begins in it.
    fn goes_on(&self, m: &Marking, scope: usize) -> bool {
        let normal = |n: &&usize| !matches!(self.def.node(**n).kind, Kind::EventSub(_));
        self.flows_of[scope].iter().any(|f| m[*f] > 0)
            || self.def.scopes[scope]
                .nodes
                .iter()
                .filter(normal)
                .any(|n| self.holds_token(m, *n))
    }

    /// Takes everything away that is in a scope.
    pub(super) fn clear(&self, m: &mut Marking, scope: usize) {
        for f in &self.flows_of[scope] {
            m[*f] = 0;
        }
        for &n in &self.def.scopes[scope].nodes {
            m[self.place(n)] = 0;
            if let Kind::Sub(inner) | Kind::EventSub(inner) = self.def.node(n).kind {
                self.clear(m, inner);
            }
        }
    }

    /// Begins a scope: at this event, at its plain start, or at every element to which nothing leads.
    pub(super) fn begin(&self, m: &mut Marking, scope: usize, at: Option<usize>) {
        let body = &self.def.scopes[scope];
        match at.or(body.start) {
            Some(start) => m[self.place(start)] = 1,
            None => {
                for &first in &body.first {
                    m[self.place(first)] = 1;
                    if let Kind::Sub(inner) = self.def.node(first).kind {
                        self.begin(m, inner, None);
                    }
                }
            }
        }
    }

    /// Begins an event sub-process; one that interrupts takes everything else in the scope around it away.
    pub(super) fn begin_event_sub(&self, m: &mut Marking, start: usize) {
        let event = self.def.node(start);
        let body = &self.def.scopes[event.scope];
        let (Some(sub), Some(around)) = (body.node, body.parent) else {
            return;
        };
        if m[self.place(sub)] == 1 {
            return;
        }
        if self.def.interrupts(event) {
            self.clear(m, around);
            for &other in &self.def.scopes[around].event_subs {
                m[self.place(other)] = OVER;
            }
        }
        m[self.place(sub)] = 1;
        self.begin(m, event.scope, Some(start));
    }

    /// The start events that may happen now in a scope.
    pub(super) fn may_begin(&self, m: &Marking, scope: usize) -> Vec<usize> {
        if self.def.scopes[scope].event_subs.is_empty() || !self.goes_on(m, scope) {
            return Vec::new();
        }
        let fresh = |start: &usize| {
            let event = self.def.node(*start);
            let sub = self.def.scopes[event.scope].node;
            sub.is_some_and(|sub| m[self.place(sub)] == 0) && self.may_happen(m, *start, scope)
        };
        self.event_starts(scope).filter(fresh).collect()
    }

    /// Whether an event over a scope may happen: from outside, or because an activity in the scope may report it.
    pub(super) fn may_happen(&self, m: &Marking, event: usize, scope: usize) -> bool {
        let thrown = trigger(self.def.node(event)).is_some_and(is_thrown);
        !thrown || self.may_report(m, scope)
    }

    /// Whether a token in a scope is in an activity that may report an error.
    fn may_report(&self, m: &Marking, scope: usize) -> bool {
        let on_flow = self.flows_of[scope].iter().filter(|f| m[**f] > 0);
        let mut nodes = on_flow.map(|f| self.def.flow(*f).target);
        if nodes.any(|n| may_fail(self.def.node(n))) {
            return true;
        }
        let mut born = self.def.scopes[scope].nodes.iter().copied();
        born.any(|n| {
            self.holds_token(m, n)
                && match self.def.node(n).kind {
                    Kind::Sub(inner) | Kind::EventSub(inner) => self.may_report(m, inner),
                    _ => may_fail(self.def.node(n)),
                }
        })
    }
}
