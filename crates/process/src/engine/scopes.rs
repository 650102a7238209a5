//! Scopes: how they open, what is left when they close, how they are taken away.

use std::sync::Arc;

use serde_json::Value;

use super::command::{Effect, Event};
use super::refusal::Refusal;
use super::run::{Outcome, Run, Todo};
use super::state::{Id, On, Vars, What};
use super::vars::weighed;
use crate::model::{Call, Definition, Kind, Mapping, Node, Source};

impl<'l> Run<'l> {
    /// The scope of the definition that an open scope is an instance of; `None` for repetitions.
    pub(super) fn scope_def(&self, def: &Definition, scope: u64) -> Option<usize> {
        let open = self.state.scope(scope)?;
        match open.what {
            What::Process(_) => def.process(&open.element),
            What::Sub | What::EventSub => match def.node(def.index_of(&open.element)?).kind {
                Kind::Sub(inner) | Kind::EventSub(inner) => Some(inner),
                _ => None,
            },
            What::Many(_) | What::One | What::Turns(_) => None,
        }
    }

    /// Opens a scope and gives its number.
    pub(super) fn open(
        &mut self,
        parent: Option<u64>,
        element: &Id,
        what: What,
        token: Option<u64>,
    ) -> Result<u64, Refusal> {
        let scope = if self.state.scopes.is_empty() {
            0
        } else {
            self.number()
        };
        if let Some(parent) = parent {
            self.nests(parent, element)?;
        }
        self.emit(Event::Opened {
            scope,
            parent: parent.unwrap_or(scope),
            element: Arc::clone(element),
            what,
            token,
        });
        self.within(element)?;
        Ok(scope)
    }

    /// Begins a process of the file as a participant of its own, or the instance itself.
    pub(super) fn begin_process(
        &mut self,
        process: usize,
        start: Option<usize>,
        vars: &Vars,
    ) -> Outcome {
        let def = self.lib.main();
        let id = Arc::clone(&def.scopes[process].id);
        let scope = self.open(None, &id, What::Process(None), None)?;
        self.set_local(scope, vars.clone())?;
        self.begin_body(def, process, scope, start)
    }

    /// Data, event sub-processes, and the first tokens of a scope that was just opened.
    pub(super) fn begin_body(
        &mut self,
        def: &'l Definition,
        known: usize,
        scope: u64,
        start: Option<usize>,
    ) -> Outcome {
        let body = &def.scopes[known];
        let missing = |(name, value): &(Arc<str>, Value)| {
            let set = self
                .state
                .scope(scope)
                .is_some_and(|s| s.vars.contains_key(name));
            (!set).then(|| (Arc::clone(name), value.clone()))
        };
        let data: Vars = body.data.iter().filter_map(missing).collect();
        self.set_local(scope, data)?;
        for &sub in &body.event_subs {
            self.arm_event_sub(def, sub, scope)?;
        }
        let starts: Vec<usize> = match start.or(body.start) {
            Some(start) => vec![start],
            None => body.first.clone(),
        };
        for at in starts {
            if self.state.scope(scope).is_none() {
                return Ok(());
            }
            let node = def.node(at);
            let token = self.number();
            self.emit(Event::Born {
                token,
                scope,
                element: Arc::clone(&node.id),
            });
            match node.kind {
                Kind::Start(_) => self.leave(node, token)?,
                _ => self.enter(node, token)?,
            }
        }
        Ok(())
    }

    /// Where only event sub-processes are still at work, no other may begin.
    fn close_doors(&mut self) {
        let mut waits = self.state.waits.iter();
        if !waits.any(|w| w.token.is_none()) {
            return;
        }
        let over = |scope: &u64| {
            self.state.tokens.iter().all(|t| t.scope != *scope)
                && self
                    .state
                    .scopes
                    .iter()
                    .all(|s| s.parent != *scope || s.id == *scope || s.what == What::EventSub)
        };
        let doors = self.state.waits.iter().filter(|w| w.token.is_none());
        let shut: Vec<u64> = doors.filter(|w| over(&w.scope)).map(|w| w.id).collect();
        for wait in shut {
            self.disarm(wait);
        }
    }

    /// Closes sub-processes, event sub-processes and processes in which nothing is left to do; false if there were none.
    pub(super) fn close_finished(&mut self) -> Result<bool, Refusal> {
        if self.state.scopes.len() < 2 {
            return Ok(false);
        }
        self.close_doors();
        let idle = |s: &&super::state::Scope| {
            let ends = matches!(s.what, What::Process(_) | What::Sub | What::EventSub);
            ends && s.id != 0
                && self.state.tokens.iter().all(|t| t.scope != s.id)
                && self
                    .state
                    .scopes
                    .iter()
                    .all(|inner| inner.parent != s.id || inner.id == s.id)
        };
        let Some(scope) = self.state.scopes.iter().rev().find(idle).map(|s| s.id) else {
            return Ok(false);
        };
        self.close(scope)?;
        Ok(true)
    }

    fn close(&mut self, scope: u64) -> Outcome {
        let Some(open) = self.state.scope(scope).cloned() else {
            return Ok(());
        };
        let Some(token) = open.token else {
            self.disarm_in(scope);
            self.emit(Event::Closed { scope, done: true });
            return Ok(());
        };
        let outside = self.scope_of(token);
        let node = self.node_of(token)?;
        if let Kind::Call(call) = &node.kind {
            self.bring_back(node, call, scope, outside)?;
        }
        self.disarm_in(scope);
        self.emit(Event::Closed { scope, done: true });
        self.done(node, token)
    }

    /// The element that a token is in.
    pub(super) fn node_of(&self, token: u64) -> Result<&'l Node, Refusal> {
        let t = self
            .state
            .token(token)
            .ok_or_else(|| Refusal::ForeignState("token".into()))?;
        self.node(t.scope, &t.at)
    }

    /// An activity is done: one of many, or the whole of it.
    pub(super) fn done(&mut self, node: &'l Node, token: u64) -> Outcome {
        if self.turns_at(token, node).is_some() {
            return self.turn_done(node, token);
        }
        if self.is_one(token, node) {
            // At once: whether the next still begins may depend on it.
            self.queue.push_front(Todo::Done(token));
            return Ok(());
        }
        self.disarm_of(token);
        self.leave(node, token)
    }

    /// Whether a token is inside a repetition, or the own scope, of the activity that it is in.
    pub(super) fn is_one(&self, token: u64, node: &Node) -> bool {
        let scope = self.state.scope(self.scope_of(token));
        scope.is_some_and(|s| matches!(s.what, What::One | What::Turns(_)) && s.element == node.id)
    }

    /// Opens a called process.
    pub(super) fn call(&mut self, node: &'l Node, call: &'l Call, token: u64) -> Outcome {
        let outside = self.scope_of(token);
        let from = self.def_of(outside)?;
        let process = self.text(node, outside, Some(&call.process))?;
        let process = process.unwrap_or_else(|| Id::from(""));
        let not_deployed = || Refusal::NotDeployed {
            element: Arc::clone(&node.id),
            called: Arc::clone(&process),
        };
        let def = self
            .lib
            .resolve(from, &process, &call.binding)
            .ok_or_else(not_deployed)?;
        let known = def.process(&process).ok_or_else(not_deployed)?;
        let mut vars = if call.all_in {
            self.seen_from(outside)
        } else {
            Vars::new()
        };
        for mapping in &call.inputs {
            vars.insert(
                Arc::clone(&mapping.target),
                self.mapped(node, mapping, outside)?,
            );
        }
        let own = std::ptr::eq(def, self.lib.main());
        let hash = (!own).then(|| Arc::from(def.hash()));
        let element = Arc::clone(&def.scopes[known].id);
        // The token stays in the call, whatever the called process is named.
        self.emit(Event::Came {
            token,
            element: Arc::clone(&node.id),
        });
        let scope = self.open(Some(outside), &element, What::Process(hash), Some(token))?;
        self.set_local(scope, vars)?;
        self.begin_body(def, known, scope, None)
    }

    /// What a called process leaves to its caller.
    pub(super) fn bring_back(
        &mut self,
        node: &Node,
        call: &Call,
        scope: u64,
        outside: u64,
    ) -> Outcome {
        let mut vars = Vars::new();
        if call.all_out
            && let Some(open) = self.state.scope(scope)
        {
            vars = Vars::clone(&open.vars);
        }
        for mapping in &call.outputs {
            vars.insert(
                Arc::clone(&mapping.target),
                self.mapped(node, mapping, scope)?,
            );
        }
        self.set(outside, vars)
    }

    /// The value of a mapping as seen from a scope.
    pub(super) fn mapped(
        &self,
        node: &Node,
        mapping: &Mapping,
        scope: u64,
    ) -> Result<Value, Refusal> {
        let view = self.view(scope);
        Ok(match &mapping.source {
            Source::Text(text) => Value::String(text.to_string()),
            Source::Variable(name) => crate::feel::Names::get(&view, name)
                .map_or(Value::Null, std::borrow::Cow::into_owned),
            Source::Formula(formula) => self.value(&node.id, formula, scope)?,
        })
    }

    /// Writes variables into this scope.
    pub(super) fn set_local(&mut self, scope: u64, vars: Vars) -> Outcome {
        if vars.is_empty() {
            return Ok(());
        }
        self.emit(Event::VarsSet { scope, vars });
        self.changed = true;
        weighed(&self.state)
    }

    /// Writes each variable where it is known, seen from this scope; a new one belongs to the process.
    pub(super) fn set(&mut self, scope: u64, vars: Vars) -> Outcome {
        if vars.is_empty() {
            return Ok(());
        }
        let chain: Vec<u64> = self.state.chain(scope).map(|s| s.id).collect();
        let [only] = chain.as_slice() else {
            let mut by_scope: Vec<(u64, Vars)> = Vec::new();
            for (name, value) in vars {
                let mut around = self.state.chain(scope);
                let known = around.find(|s| s.vars.contains_key(&name)).map(|s| s.id);
                let owner = known.or(chain.last().copied()).unwrap_or(0);
                match by_scope.iter_mut().find(|(s, _)| *s == owner) {
                    Some((_, vars)) => {
                        vars.insert(name, value);
                    }
                    None => by_scope.push((owner, Vars::from([(name, value)]))),
                }
            }
            for (owner, vars) in by_scope {
                self.set_local(owner, vars)?;
            }
            return Ok(());
        };
        self.set_local(*only, vars)
    }

    /// Takes away what a token waits for; the token itself stays.
    pub(super) fn cancel_wait(&mut self, token: u64) {
        let Some(t) = self.state.token(token).cloned() else {
            return;
        };
        if self.state.incidents.contains(&token) {
            self.emit(Event::Retried { token });
        }
        match t.on {
            On::Task(task) => {
                self.emit(Event::TaskCancelled {
                    task,
                    element: Arc::clone(&t.at),
                });
                self.effects.push(Effect::CloseTask {
                    task,
                    element: t.at,
                    done: false,
                });
            }
            On::Work(work) => {
                self.emit(Event::WorkCancelled {
                    work,
                    element: Arc::clone(&t.at),
                });
                self.effects.push(Effect::CancelService {
                    work,
                    element: t.at,
                });
            }
            On::Scope(scope) => self.cancel_scope(scope),
            On::Flow | On::Element | On::Event => {}
        }
        self.disarm_of(token);
    }

    /// Takes a token away with all that it waits for.
    pub(super) fn cancel_token(&mut self, token: u64) {
        self.cancel_wait(token);
        self.emit(Event::TokenCancelled { token });
    }

    /// Takes a scope away with all that is in it. Nesting is bounded, so is the recursion.
    pub(super) fn cancel_scope(&mut self, scope: u64) {
        self.cancel_inside(scope);
        self.disarm_in(scope);
        self.emit(Event::Closed { scope, done: false });
    }

    /// Takes everything away that is in a scope; the scope itself stays, and so do its armed event sub-processes.
    pub(super) fn cancel_inside(&mut self, scope: u64) {
        loop {
            let oldest = self.state.tokens.iter().find(|t| t.scope == scope);
            let Some(token) = oldest.map(|t| t.id) else {
                break;
            };
            self.cancel_token(token);
        }
        loop {
            let mut inner = self.state.scopes.iter();
            let inner = inner.find(|s| s.parent == scope && s.id != scope);
            let Some(open) = inner.map(|s| s.id) else {
                break;
            };
            self.cancel_scope(open);
        }
    }

    /// Takes everything away.
    pub(super) fn cancel_all(&mut self) {
        while let Some(token) = self.state.tokens.first().map(|t| t.id) {
            self.cancel_token(token);
        }
        while let Some(scope) = self.state.scopes.iter().find(|s| s.id != 0) {
            let scope = scope.id;
            self.cancel_scope(scope);
        }
        self.disarm_in(0);
    }
}
