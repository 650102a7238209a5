//! One command on its way to quiescence: first in, first out, in document order of the flows.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::apply::apply;
use super::command::{Effect, Event, Step};
use super::library::{Library, View};
use super::refusal::Refusal;
use super::state::{Id, On, State, Token, Vars, What};
use crate::model::{Definition, Flow, Kind, Node, Throw};

pub(super) type Outcome = Result<(), Refusal>;

/// Most moves of tokens in one command; a model that loops without waiting stops here with an incident.
pub const MAX_MOVES: u32 = 10_000;
/// Most scopes, tokens or armed events of one instance.
pub const MAX_PARTS: usize = 10_000;
/// Deepest nesting of scopes, calls included.
const MAX_NESTING: usize = 100;

/// What is still to be done before the instance waits again.
#[derive(Debug)]
pub(super) enum Todo {
    /// A token on a flow comes to the element at its end.
    Arrive(u64),
    /// A token begins the activity that it was born in: one of many.
    Enter(u64),
    /// A token has finished the activity that it is in.
    Done(u64),
    /// An armed event happens.
    Fire(u64, Arc<Vars>),
    /// Another process of the file begins, at this start event or the plain one.
    Begin(usize, Option<usize>, Arc<Vars>),
}

pub(super) struct Run<'l> {
    pub(super) lib: &'l dyn Library,
    pub(super) state: State,
    pub(super) events: Vec<Event>,
    pub(super) effects: Vec<Effect>,
    pub(super) queue: VecDeque<Todo>,
    pub(super) now: Timestamp,
    /// Variables were written, or a condition was armed: conditions are looked at.
    pub(super) changed: bool,
    main: &'l Definition,
    moves: u32,
    last_end: Option<(Id, Option<Id>)>,
}

impl<'l> Run<'l> {
    pub(super) fn new(lib: &'l dyn Library, state: &State, now: Timestamp) -> Self {
        Self {
            lib,
            main: lib.main(),
            state: state.clone(),
            events: Vec::with_capacity(8),
            effects: Vec::with_capacity(4),
            queue: VecDeque::new(),
            now,
            changed: false,
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

    pub(super) fn find(&self, on: On) -> Option<Token> {
        self.state.tokens.iter().find(|t| t.on == on).cloned()
    }

    /// The definition that a scope belongs to.
    pub(super) fn def_of(&self, scope: u64) -> Result<&'l Definition, Refusal> {
        let mut process = None;
        for open in self.state.chain(scope) {
            if let What::Process(hash) = &open.what {
                process = Some((hash.clone(), Arc::clone(&open.element)));
            }
        }
        match process {
            Some((None, _)) => Ok(self.main),
            Some((Some(hash), element)) => {
                self.lib.called(&hash).ok_or_else(|| Refusal::NotDeployed {
                    element: Arc::clone(&element),
                    called: element,
                })
            }
            None => Err(Refusal::ForeignState("scope".into())),
        }
    }

    pub(super) fn node(&self, scope: u64, id: &Id) -> Result<&'l Node, Refusal> {
        let def = self.def_of(scope)?;
        let index = def
            .index_of(id)
            .ok_or_else(|| Refusal::ForeignState(Arc::clone(id)))?;
        Ok(def.node(index))
    }

    pub(super) fn view(&self, scope: u64) -> View<'_> {
        View {
            state: &self.state,
            scope,
        }
    }

    /// The scope in which a token is.
    pub(super) fn scope_of(&self, token: u64) -> u64 {
        self.state.token(token).map_or(0, |t| t.scope)
    }

    /// Moves tokens until all of them wait.
    pub(super) fn settle(&mut self) -> Outcome {
        loop {
            while let Some(todo) = self.queue.pop_front() {
                if self.moves >= MAX_MOVES {
                    self.queue.push_front(todo);
                    return self.stop_loop();
                }
                self.moves += 1;
                match todo {
                    Todo::Arrive(token) => self.arrive(token)?,
                    Todo::Enter(token) => {
                        if self.state.token(token).is_some() {
                            self.begin(self.node_of(token)?, token)?;
                        }
                    }
                    Todo::Done(token) => self.one_done(token)?,
                    Todo::Fire(wait, vars) => self.fire(wait, &vars)?,
                    Todo::Begin(process, start, vars) => {
                        self.begin_process(process, start, &vars)?;
                    }
                }
            }
            let moved = self.fire_inclusive_join()?
                || self.close_finished()?
                || (std::mem::take(&mut self.changed) && self.fire_conditions()?);
            if !moved {
                break;
            }
            self.moves += 1;
        }
        let over =
            self.state.tokens.is_empty() && self.state.scopes.iter().all(|s| s.parent == s.id);
        if let (true, Some((element, outcome))) = (over, self.last_end.take()) {
            self.end(Some(element), outcome);
        }
        Ok(())
    }

    fn stop_loop(&mut self) -> Outcome {
        let mut held: Vec<u64> = self
            .queue
            .drain(..)
            .filter_map(|todo| match todo {
                Todo::Arrive(token) | Todo::Enter(token) | Todo::Done(token) => Some(token),
                Todo::Fire(..) | Todo::Begin(..) => None,
            })
            .collect();
        held.sort_unstable();
        held.dedup();
        for token in held {
            if let Some(at) = self.state.token(token).map(|t| Arc::clone(&t.at)) {
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
        // What was cancelled in the meantime is gone.
        let Some(t) = self.state.token(token).filter(|t| t.on == On::Flow) else {
            return Ok(());
        };
        let (scope, at) = (t.scope, Arc::clone(&t.at));
        let def = self.def_of(scope)?;
        let Some(flow) = def.flow_index_of(&at) else {
            return Err(Refusal::ForeignState(at));
        };
        let node = def.node(def.flow(flow).target);
        match node.kind {
            Kind::Parallel if node.incoming.len() > 1 => self.join(def, node, token, flow),
            // Waits until nothing else can arrive: see `fire_inclusive_join`.
            Kind::Inclusive if node.incoming.len() > 1 => Ok(()),
            _ => self.enter(node, token),
        }
    }

    pub(super) fn oldest_on(&self, scope: u64, flow: &Flow) -> Option<u64> {
        self.state
            .tokens
            .iter()
            .find(|t| t.on == On::Flow && t.scope == scope && t.at == flow.id)
            .map(|t| t.id)
    }

    /// A parallel join takes one token from every incoming flow, or waits.
    fn join(
        &mut self,
        def: &'l Definition,
        node: &'l Node,
        token: u64,
        arrived_by: usize,
    ) -> Outcome {
        let scope = self.scope_of(token);
        let mut merged = Vec::with_capacity(node.incoming.len());
        for flow in node.incoming.iter().copied().filter(|f| *f != arrived_by) {
            match self.oldest_on(scope, def.flow(flow)) {
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
        let on_flows = self.state.tokens.iter().filter(|t| t.on == On::Flow);
        let mut scopes: Vec<u64> = on_flows.map(|t| t.scope).collect();
        scopes.dedup();
        for scope in scopes {
            let def = self.def_of(scope)?;
            let Some(known) = self.scope_def(def, scope) else {
                continue;
            };
            for &index in &def.scopes[known].inclusive_joins {
                if let Some((token, merged)) = self.ready(def, scope, index) {
                    let node = def.node(index);
                    self.emit(Event::Joined {
                        element: Arc::clone(&node.id),
                        token,
                        merged,
                    });
                    self.leave(node, token)?;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The tokens that an inclusive join takes, if it may fire: the one that goes on, and those that end in it.
    fn ready(&self, def: &Definition, scope: u64, index: usize) -> Option<(u64, Vec<u64>)> {
        let node = def.node(index);
        let waiting = node.incoming.iter();
        let waiting: Vec<u64> = waiting
            .filter_map(|f| self.oldest_on(scope, def.flow(*f)))
            .collect();
        let (token, merged) = waiting.split_first()?;
        let (full, empty): (Vec<usize>, Vec<usize>) = node
            .incoming
            .iter()
            .partition(|f| self.oldest_on(scope, def.flow(**f)).is_some());
        let mut others = self.state.tokens.iter().filter(|t| t.scope == scope);
        let blocked = others.any(|t| {
            let here = t.on == On::Flow
                && def
                    .flow_index_of(&t.at)
                    .is_some_and(|f| def.flow(f).target == index);
            !here && def.still_comes(def.ahead_of(t), &empty, &full, index)
        });
        (!blocked).then(|| (*token, merged.to_vec()))
    }

    /// Puts a token on a flow and in the queue.
    fn take(&mut self, token: u64, scope: u64, flow: &Flow) {
        self.emit(Event::Taken {
            token,
            scope,
            flow: Arc::clone(&flow.id),
        });
        self.queue.push_back(Todo::Arrive(token));
    }

    fn condition_holds(&self, scope: u64, flow: &Flow) -> Result<bool, Refusal> {
        self.holds(&flow.id, flow.condition.as_ref(), scope)
    }

    /// Sends the token on from a finished element by the flows that apply.
    pub(super) fn leave(&mut self, node: &'l Node, token: u64) -> Outcome {
        let scope = self.scope_of(token);
        let def = self.def_of(scope)?;
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
                    if node.default != Some(f) && self.condition_holds(scope, def.flow(f))? {
                        self.take(token, scope, def.flow(f));
                        return Ok(());
                    }
                }
                let default = node.default.ok_or_else(no_flow)?;
                self.take(token, scope, def.flow(default));
                return Ok(());
            }
            (Kind::Parallel, flows) => return self.split(def, token, scope, flows),
            (_, [only]) if def.flow(*only).condition.is_none() => {
                self.take(token, scope, def.flow(*only));
                return Ok(());
            }
            _ => {}
        }
        let mut taken = Vec::with_capacity(node.outgoing.len());
        for &f in &node.outgoing {
            if node.default != Some(f) && self.condition_holds(scope, def.flow(f))? {
                taken.push(f);
            }
        }
        if taken.is_empty() {
            taken.push(node.default.ok_or_else(no_flow)?);
        }
        self.split(def, token, scope, &taken)
    }

    fn split(&mut self, def: &Definition, token: u64, scope: u64, flows: &[usize]) -> Outcome {
        let mut id = token;
        for &f in flows {
            self.take(id, scope, def.flow(f));
            id = self.number();
        }
        self.within(
            &flows
                .first()
                .map_or_else(|| Id::from(""), |f| Arc::clone(&def.flow(*f).id)),
        )
    }

    /// Refuses what would let one instance grow without bound.
    pub(super) fn within(&self, element: &Id) -> Outcome {
        let parts = [
            self.state.tokens.len(),
            self.state.scopes.len(),
            self.state.waits.len(),
        ];
        if parts.iter().any(|n| *n > MAX_PARTS) {
            return Err(Refusal::TooMany {
                element: Arc::clone(element),
                most: MAX_PARTS,
            });
        }
        Ok(())
    }

    /// Refuses calls of calls without end.
    pub(super) fn nests(&self, scope: u64, element: &Id) -> Outcome {
        let mut depth = 0;
        let mut at = self.state.scope(scope);
        while let Some(open) = at {
            depth += 1;
            at = (open.parent != open.id)
                .then(|| self.state.scope(open.parent))
                .flatten();
        }
        if depth > MAX_NESTING {
            return Err(Refusal::TooMany {
                element: Arc::clone(element),
                most: MAX_NESTING,
            });
        }
        Ok(())
    }

    /// A token is consumed at an end.
    pub(super) fn finish(&mut self, node: &'l Node, token: u64) {
        let scope = self.scope_of(token);
        let (outcome, terminates) = match &node.kind {
            Kind::End { outcome, throws } => (outcome.clone(), matches!(throws, Throw::Terminate)),
            _ => (None, false),
        };
        self.emit(Event::TokenEnded {
            token,
            element: Arc::clone(&node.id),
        });
        if terminates {
            self.cancel_inside(scope);
        }
        // The end of the instance is told by the last end of its own process.
        let own = self.state.scope(scope).is_some_and(|s| s.id == 0);
        if own || self.last_end.is_none() {
            self.last_end = Some((Arc::clone(&node.id), outcome));
        }
    }

    pub(super) fn end(&mut self, element: Option<Id>, outcome: Option<Id>) {
        let waits: Vec<u64> = self.state.waits.iter().map(|w| w.id).collect();
        for wait in waits {
            self.disarm(wait);
        }
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
