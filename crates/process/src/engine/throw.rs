//! What is thrown, and who catches it: messages, signals, errors, escalations.

use std::sync::Arc;

use super::command::{Effect, Matter};
use super::refusal::Refusal;
use super::run::{Outcome, Run, Todo};
use super::state::{For, Id, On, Vars, What};
use crate::model::{Definition, Kind, Message, Node, Target, Text, Throw, Trigger};

/// What is looked for on the way outwards.
#[derive(Clone, Copy)]
enum Sought<'a> {
    Error(&'a str),
    Escalation(&'a str),
}

impl Sought<'_> {
    /// How well a trigger fits: not, as a catch-all, by its code.
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

    /// The best of several: one with the code before one that takes all.
    fn best<'l>(self, events: impl Iterator<Item = (&'l Node, &'l Trigger)>) -> Option<&'l Node> {
        let mut best = None;
        for (node, trigger) in events {
            match self.fit(trigger) {
                Some(true) => return Some(node),
                Some(false) if best.is_none() => best = Some(node),
                _ => {}
            }
        }
        best
    }
}

/// Who catches.
enum Caught<'l> {
    /// A boundary event of the activity that this token is in.
    Boundary(&'l Node, u64),
    /// The start event of an event sub-process of this scope.
    EventSub(&'l Node, u64),
}

fn code_variable(event: &Node) -> Option<&Arc<str>> {
    let trigger = match &event.kind {
        Kind::Boundary { trigger, .. } | Kind::Start(Some(trigger)) => trigger,
        _ => return None,
    };
    match trigger {
        Trigger::Error(_, name) | Trigger::Escalation(_, name) => name.as_ref(),
        _ => None,
    }
}

fn boundaries<'l>(
    def: &'l Definition,
    node: &'l Node,
) -> impl Iterator<Item = (&'l Node, &'l Trigger)> {
    node.boundary.iter().filter_map(|b| {
        let event = def.node(*b);
        match &event.kind {
            Kind::Boundary { trigger, .. } => Some((event, trigger)),
            _ => None,
        }
    })
}

fn starts(def: &Definition, known: usize) -> impl Iterator<Item = (&Node, &Trigger)> {
    let subs = def.scopes[known].event_subs.iter();
    let inner = subs.filter_map(|sub| match def.node(*sub).kind {
        Kind::EventSub(inner) => Some(inner),
        _ => None,
    });
    let events = inner.flat_map(|inner| def.scopes[inner].triggered.iter());
    events.filter_map(|start| {
        let event = def.node(*start);
        match &event.kind {
            Kind::Start(Some(trigger)) => Some((event, trigger)),
            _ => None,
        }
    })
}

impl<'l> Run<'l> {
    /// What a throwing event does; errors, links and termination are not among it.
    pub(super) fn throw(&mut self, node: &'l Node, throws: &'l Throw, token: u64) -> Outcome {
        let scope = self.scope_of(token);
        match throws {
            Throw::Message(message) => self.throw_message(node, message, scope),
            Throw::Signal(name) => self.throw_signal(node, name, scope),
            Throw::Escalation(code) => self.throw_escalation(node, token, code),
            Throw::Nothing | Throw::Error(_) | Throw::Link(_) | Throw::Terminate => Ok(()),
        }
    }

    /// From the activity of a token outwards to the first that catches.
    fn catcher(&self, token: u64, sought: Sought<'_>) -> Result<Option<Caught<'l>>, Refusal> {
        let mut at = Some(token);
        while let Some(token) = at {
            let Some(t) = self.state.token(token) else {
                break;
            };
            let def = self.def_of(t.scope)?;
            // A token on its way is in no activity.
            if let Some(node) = def.index_of(&t.at).map(|n| def.node(n)) {
                let found = sought.best(boundaries(def, node));
                if let (Some(event), false) = (found, self.is_one(token, node)) {
                    return Ok(Some(Caught::Boundary(event, token)));
                }
            }
            at = None;
            let mut scope = self.state.scope(t.scope);
            while let Some(open) = scope {
                if let Some(known) = self.scope_def(def, open.id)
                    && let Some(event) = sought.best(starts(def, known))
                {
                    return Ok(Some(Caught::EventSub(event, open.id)));
                }
                if open.token.is_some() || open.parent == open.id {
                    at = open.token;
                    break;
                }
                scope = self.state.scope(open.parent);
                // What an event sub-process throws is for the activity around, not for its neighbours.
                if open.what == What::EventSub {
                    at = scope.and_then(|around| around.token);
                    break;
                }
            }
        }
        Ok(None)
    }

    /// An error ends what it leaves on its way outwards.
    pub(super) fn throw_error(&mut self, node: &'l Node, token: u64, code: &Id) -> Outcome {
        let caught = self.catcher(token, Sought::Error(code))?;
        self.thrown(node, Matter::Error, code);
        match caught {
            Some(caught) => self.caught(caught, code, false),
            None => Err(Refusal::UncaughtError {
                element: Arc::clone(&node.id),
                code: Arc::clone(code),
            }),
        }
    }

    /// An escalation that nobody catches is only recorded.
    pub(super) fn throw_escalation(&mut self, node: &'l Node, token: u64, code: &Id) -> Outcome {
        let caught = self.catcher(token, Sought::Escalation(code))?;
        self.thrown(node, Matter::Escalation, code);
        match caught {
            Some(caught) => self.caught(caught, code, true),
            None => Ok(()),
        }
    }

    /// What follows for whoever catches. A called process that escalates hands out its results so far.
    fn caught(&mut self, caught: Caught<'l>, code: &Id, hands_out: bool) -> Outcome {
        let (event, scope) = match &caught {
            Caught::Boundary(event, token) => (*event, self.scope_of(*token)),
            Caught::EventSub(event, scope) => (*event, *scope),
        };
        if let (Caught::Boundary(_, token), true) = (&caught, hands_out)
            && let Some(On::Scope(inner)) = self.state.token(*token).map(|t| t.on)
        {
            let node = self.node_of(*token)?;
            if let Kind::Call(call) = &node.kind {
                self.bring_back(node, call, inner, scope)?;
            }
        }
        if let Some(name) = code_variable(event) {
            self.set(
                scope,
                Vars::from([(Arc::clone(name), code.to_string().into())]),
            )?;
        }
        match caught {
            Caught::Boundary(event, token) => self.happen(event, token),
            Caught::EventSub(event, scope) => self.begin_event_sub(event, scope),
        }
    }

    /// To another participant of the same file if one waits or begins with it, else outside.
    fn throw_message(&mut self, node: &'l Node, message: &'l Message, scope: u64) -> Outcome {
        let (name, key) = self.addressed(node, message, scope)?;
        self.thrown(node, Matter::Message, &name);
        let own = self.process_of(scope);
        let def = self.def_of(scope)?;
        let flows: Vec<Target> = def.message_flows(node).collect();
        let meant = |element: &Id| {
            let named = |t: &Target| matches!(t, Target::Node(n) if def.node(*n).id == *element);
            flows.iter().any(named)
        };
        let waiting = self.state.waits.iter().find(|w| {
            let fits = match &w.for_ {
                For::Word => meant(&w.element),
                what => what.takes(&name, key.as_ref()) && (flows.is_empty() || meant(&w.element)),
            };
            fits && self.process_of(w.scope) != own
        });
        if let Some(wait) = waiting.map(|w| w.id) {
            self.queue.push_back(Todo::Fire(wait, Arc::default()));
            return Ok(());
        }
        if std::ptr::eq(def, self.lib.main())
            && let Some((process, start)) = self.begun_by(def, node, &name, &flows)
        {
            self.queue
                .push_back(Todo::Begin(process, start, Arc::default()));
            return Ok(());
        }
        self.effects.push(Effect::SendMessage {
            element: Arc::clone(&node.id),
            name,
            key,
            vars: self.seen_from(scope),
        });
        Ok(())
    }

    /// Another process of the file that begins with a message of this node.
    fn begun_by(
        &self,
        def: &Definition,
        node: &Node,
        name: &Id,
        flows: &[Target],
    ) -> Option<(usize, Option<usize>)> {
        let home = def.process_around(node.scope);
        for flow in flows {
            match *flow {
                Target::Node(n) if matches!(def.node(n).kind, Kind::Start(_)) => {
                    return Some((def.process_around(def.node(n).scope), Some(n)));
                }
                Target::Process(process) if self.idle(def, process) => {
                    return Some((process, def.scopes[process].start));
                }
                _ => {}
            }
        }
        let (process, start) = def.message_start(name)?;
        (process != home && flows.is_empty()).then_some((process, Some(start)))
    }

    /// Whether no instance of a process of the file is open.
    fn idle(&self, def: &Definition, process: usize) -> bool {
        let id = &def.scopes[process].id;
        let open =
            |s: &super::state::Scope| matches!(s.what, What::Process(None)) && s.element == *id;
        !self.state.scopes.iter().any(open)
    }

    /// The process scope around a scope.
    fn process_of(&self, scope: u64) -> u64 {
        self.state.chain(scope).last().map_or(scope, |s| s.id)
    }

    /// All variables as seen from a scope.
    pub(super) fn seen_from(&self, scope: u64) -> Vars {
        let chain: Vec<_> = self.state.chain(scope).collect();
        let mut vars = Vars::new();
        for open in chain.iter().rev() {
            vars.extend(open.vars.iter().map(|(k, v)| (Arc::clone(k), v.clone())));
        }
        vars
    }

    /// To all who wait for it here, to other processes of the file that begin with it, and to all other instances.
    fn throw_signal(&mut self, node: &'l Node, name: &'l Text, scope: u64) -> Outcome {
        let name = self.text(node, scope, Some(name))?;
        let name = name.unwrap_or_else(|| Id::from(""));
        self.thrown(node, Matter::Signal, &name);
        self.signal(&name, &Arc::default());
        let def = self.def_of(scope)?;
        if std::ptr::eq(def, self.lib.main()) {
            let home = def.process_around(node.scope);
            for (process, start) in def.signal_starts(&name) {
                if process != home {
                    self.queue
                        .push_back(Todo::Begin(process, Some(start), Arc::default()));
                }
            }
        }
        self.effects.push(Effect::Broadcast {
            element: Arc::clone(&node.id),
            name,
        });
        Ok(())
    }

    /// Gives a signal to all who wait for it now; false if nobody does.
    pub(super) fn signal(&mut self, name: &Id, vars: &Arc<Vars>) -> bool {
        let waits = self.state.waits.iter();
        let waits: Vec<u64> = waits
            .filter(|w| matches!(&w.for_, For::Signal(wanted) if wanted == name))
            .map(|w| w.id)
            .collect();
        for wait in &waits {
            self.queue.push_back(Todo::Fire(*wait, Arc::clone(vars)));
        }
        !waits.is_empty()
    }
}
