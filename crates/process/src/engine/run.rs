//! One command on its way to quiescence: tokens move first in, first out, in document order of the flows.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::apply::apply;
use super::command::{Effect, Event, Refusal, Step};
use super::state::{Id, On, State};
use super::step::MAX_MOVES;
use crate::model::{Definition, Flow, Kind, Node};

pub(super) type Outcome = Result<(), Refusal>;

pub(super) struct Run<'d> {
    pub(super) def: &'d Definition,
    pub(super) state: State,
    pub(super) events: Vec<Event>,
    pub(super) effects: Vec<Effect>,
    pub(super) queue: VecDeque<u64>,
    pub(super) now: Timestamp,
    moves: u32,
    last_end: Option<(Id, Option<Id>)>,
}

impl<'d> Run<'d> {
    pub(super) fn new(def: &'d Definition, state: &State, now: Timestamp) -> Self {
        Self {
            def,
            state: state.clone(),
            events: Vec::with_capacity(8),
            effects: Vec::with_capacity(4),
            queue: VecDeque::new(),
            now,
            moves: 0,
            last_end: None,
        }
    }

    pub(super) fn into_step(self) -> Step {
        Step {
            state: self.state,
            events: self.events,
            effects: self.effects,
        }
    }

    pub(super) fn emit(&mut self, event: Event) {
        apply(&mut self.state, &event);
        self.events.push(event);
    }

    /// The next free number; taken by the event that uses it.
    pub(super) fn number(&self) -> u64 {
        self.state.next
    }

    pub(super) fn find(&self, on: On) -> Option<(u64, Id)> {
        self.state
            .tokens
            .iter()
            .find(|t| t.on == on)
            .map(|t| (t.id, Arc::clone(&t.at)))
    }

    pub(super) fn node(&self, id: &Id) -> Result<&'d Node, Refusal> {
        let index = self
            .def
            .index_of(id)
            .ok_or_else(|| Refusal::ForeignState(Arc::clone(id)))?;
        Ok(self.def.node(index))
    }

    /// Moves tokens until all of them wait.
    pub(super) fn settle(&mut self) -> Outcome {
        loop {
            while let Some(token) = self.queue.pop_front() {
                if self.moves >= MAX_MOVES {
                    self.queue.push_front(token);
                    return self.stop_loop();
                }
                self.moves += 1;
                self.arrive(token)?;
            }
            if !self.fire_inclusive_join()? {
                break;
            }
        }
        if self.state.tokens.is_empty() && self.last_end.is_some() {
            let (element, outcome) = self.last_end.take().unzip();
            self.end(element, outcome.flatten());
        }
        Ok(())
    }

    fn stop_loop(&mut self) -> Outcome {
        let mut held: Vec<u64> = self.queue.drain(..).collect();
        held.sort_unstable();
        held.dedup();
        for token in held {
            let at = self
                .state
                .tokens
                .iter()
                .find(|t| t.id == token)
                .map(|t| Arc::clone(&t.at));
            if let Some(at) = at {
                self.incident(token, at, "流程在没有等待的情况下循环，已停止");
            }
        }
        Ok(())
    }

    pub(super) fn incident(&mut self, token: u64, element: Id, reason: &str) {
        let reason = reason.to_owned();
        self.emit(Event::Incident {
            token,
            element: Arc::clone(&element),
            reason: reason.clone(),
        });
        self.effects.push(Effect::Incident {
            token,
            element,
            reason,
        });
    }

    /// A token on a flow comes to the element at its end.
    fn arrive(&mut self, token: u64) -> Outcome {
        let Some(t) = self.state.tokens.iter().find(|t| t.id == token) else {
            return Ok(());
        };
        if t.on != On::Flow {
            return Ok(());
        }
        let Some(flow) = self.def.flow_index_of(&t.at) else {
            return Err(Refusal::ForeignState(Arc::clone(&t.at)));
        };
        let node = self.def.node(self.def.flow(flow).target);
        match node.kind {
            Kind::Parallel if node.incoming.len() > 1 => self.join(node, token, flow),
            // Waits until nothing else can arrive: see `fire_inclusive_join`.
            Kind::Inclusive if node.incoming.len() > 1 => Ok(()),
            _ => self.enter(node, token),
        }
    }

    fn oldest_on(&self, flow: usize) -> Option<u64> {
        let id = &self.def.flow(flow).id;
        self.state
            .tokens
            .iter()
            .find(|t| t.on == On::Flow && t.at == *id)
            .map(|t| t.id)
    }

    /// A parallel join takes one token from every incoming flow, or waits.
    fn join(&mut self, node: &'d Node, token: u64, arrived_by: usize) -> Outcome {
        let mut merged = Vec::with_capacity(node.incoming.len());
        for flow in node.incoming.iter().copied().filter(|f| *f != arrived_by) {
            match self.oldest_on(flow) {
                Some(other) => merged.push(other),
                None => return Ok(()),
            }
        }
        self.emit(Event::Joined {
            element: Arc::clone(&node.id),
            token,
            merged,
        });
        self.leave(node, token)
    }

    /// Fires the first inclusive join that has a token and that no other token holds back.
    fn fire_inclusive_join(&mut self) -> Result<bool, Refusal> {
        let def = self.def;
        for &index in def.inclusive_joins() {
            let node = def.node(index);
            let waiting: Vec<Option<u64>> =
                node.incoming.iter().map(|f| self.oldest_on(*f)).collect();
            let mut present = waiting.iter().flatten().copied();
            let Some(token) = present.next() else {
                continue;
            };
            let merged: Vec<u64> = present.collect();
            let (empty, full): (Vec<usize>, Vec<usize>) = node
                .incoming
                .iter()
                .partition(|f| self.oldest_on(**f).is_none());
            let blocked = self.state.tokens.iter().any(|t| {
                let here = t.on == On::Flow
                    && def
                        .flow_index_of(&t.at)
                        .is_some_and(|f| def.flow(f).target == index);
                !here && def.still_comes(def.ahead_of(t), &empty, &full, index)
            });
            if blocked {
                continue;
            }
            self.emit(Event::Joined {
                element: Arc::clone(&node.id),
                token,
                merged,
            });
            self.leave(node, token)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Puts a token on a flow and in the queue.
    fn take(&mut self, token: u64, flow: &Flow) {
        self.emit(Event::Taken {
            token,
            flow: Arc::clone(&flow.id),
        });
        self.queue.push_back(token);
    }

    fn condition_holds(&self, flow: &Flow) -> Result<bool, Refusal> {
        match &flow.condition {
            None => Ok(true),
            Some(condition) => condition
                .holds(&self.state.vars)
                .map_err(|e| Refusal::Expression {
                    element: Arc::clone(&flow.id),
                    why: e.0,
                }),
        }
    }

    /// Sends the token on from a finished element by the flows that apply.
    pub(super) fn leave(&mut self, node: &'d Node, token: u64) -> Outcome {
        let def = self.def;
        let no_flow = || Refusal::NoMatchingFlow {
            element: Arc::clone(&node.id),
        };
        match (&node.kind, node.outgoing.as_slice()) {
            (_, []) => {
                self.finish(node, token);
                return Ok(());
            }
            (Kind::Exclusive, [_, _, ..]) => {
                for &f in &node.outgoing {
                    if node.default != Some(f) && self.condition_holds(def.flow(f))? {
                        self.take(token, def.flow(f));
                        return Ok(());
                    }
                }
                let default = node.default.ok_or_else(no_flow)?;
                self.take(token, def.flow(default));
                return Ok(());
            }
            (Kind::Parallel, flows) => {
                self.split(token, flows);
                return Ok(());
            }
            (_, [only]) if def.flow(*only).condition.is_none() => {
                self.take(token, def.flow(*only));
                return Ok(());
            }
            _ => {}
        }
        let mut taken = Vec::with_capacity(node.outgoing.len());
        for &f in &node.outgoing {
            if node.default != Some(f) && self.condition_holds(def.flow(f))? {
                taken.push(f);
            }
        }
        if taken.is_empty() {
            taken.push(node.default.ok_or_else(no_flow)?);
        }
        self.split(token, &taken);
        Ok(())
    }

    fn split(&mut self, token: u64, flows: &[usize]) {
        let mut id = token;
        for &f in flows {
            self.take(id, self.def.flow(f));
            id = self.number();
        }
    }

    /// A token is consumed at an end.
    pub(super) fn finish(&mut self, node: &'d Node, token: u64) {
        let outcome = match &node.kind {
            Kind::End { outcome, .. } => outcome.clone(),
            _ => None,
        };
        self.emit(Event::TokenEnded {
            token,
            element: Arc::clone(&node.id),
        });
        self.last_end = Some((Arc::clone(&node.id), outcome));
        if matches!(
            node.kind,
            Kind::End {
                terminate: true,
                ..
            }
        ) {
            self.cancel_all();
            self.queue.clear();
        }
    }

    fn end(&mut self, element: Option<Id>, outcome: Option<Id>) {
        let (end_event, code) = (element.clone(), outcome.clone());
        self.emit(Event::Ended {
            element,
            outcome,
            reason: None,
        });
        self.effects.push(Effect::Ended {
            end_event,
            outcome: code,
        });
    }
}
