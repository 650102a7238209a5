//! Events that are armed and happen: timers, messages, signals, conditions.

use std::sync::Arc;

use super::command::{Due, Effect, Event};
use super::refusal::Refusal;
use super::run::{Outcome, Run};
use super::state::{For, Id, Vars, Wait, What};
use crate::model::{Definition, Kind, Message, Node, TimerSpec, Trigger};

impl<'l> Run<'l> {
    /// An intermediate event: the token rests in it.
    pub(super) fn arm_here(&mut self, node: &'l Node, trigger: &'l Trigger, token: u64) -> Outcome {
        let scope = self.scope_of(token);
        self.arm(node, trigger, Some(token), scope, true)
    }

    /// A receive task: for its message, or for the caller's word.
    pub(super) fn arm_receive(
        &mut self,
        node: &'l Node,
        message: Option<&'l Message>,
        token: u64,
        rests: bool,
    ) -> Outcome {
        let scope = self.scope_of(token);
        let what = match message {
            Some(message) => self.expected(node, message, scope)?,
            None => For::Word,
        };
        self.wait(node, (what, None), Some(token), scope, rests, Some(1));
        Ok(())
    }

    /// An event-based gateway: whichever of the events behind it comes first.
    pub(super) fn arm_gate(&mut self, node: &'l Node, token: u64) -> Outcome {
        let scope = self.scope_of(token);
        let def = self.def_of(scope)?;
        for flow in &node.outgoing {
            let event = def.node(def.flow(*flow).target);
            match &event.kind {
                Kind::Catch(trigger) => self.arm(event, trigger, Some(token), scope, false)?,
                Kind::Receive(message) => {
                    self.arm_receive(event, message.as_ref(), token, false)?;
                }
                _ => {}
            }
        }
        self.emit(Event::Rests {
            token,
            element: Arc::clone(&node.id),
        });
        Ok(())
    }

    /// The boundary events of an activity.
    pub(super) fn arm_boundary(&mut self, node: &'l Node, token: u64) -> Outcome {
        let scope = self.scope_of(token);
        let def = self.def_of(scope)?;
        for &b in &node.boundary {
            let event = def.node(b);
            if let Kind::Boundary { trigger, .. } = &event.kind {
                self.arm(event, trigger, Some(token), scope, false)?;
            }
        }
        Ok(())
    }

    /// The start event of an event sub-process, while its scope is open.
    pub(super) fn arm_event_sub(&mut self, def: &'l Definition, sub: usize, scope: u64) -> Outcome {
        let Kind::EventSub(inner) = def.node(sub).kind else {
            return Ok(());
        };
        for &start in &def.scopes[inner].triggered {
            let event = def.node(start);
            if let Kind::Start(Some(trigger)) = &event.kind {
                self.arm(event, trigger, None, scope, false)?;
            }
        }
        Ok(())
    }

    /// Arms an event at the edge of an activity or scope unless it is armed already.
    pub(super) fn arm_missing(
        &mut self,
        node: &'l Node,
        token: Option<u64>,
        scope: u64,
    ) -> Outcome {
        let mut waits = self.state.waits.iter();
        if waits.any(|w| w.element == node.id && w.token == token && w.scope == scope) {
            return Ok(());
        }
        match &node.kind {
            Kind::Boundary { trigger, .. } | Kind::Start(Some(trigger)) => {
                self.arm(node, trigger, token, scope, false)
            }
            _ => Ok(()),
        }
    }

    /// How often an armed event may happen: what does not interrupt stays armed.
    fn often(&self, node: &Node, scope: u64) -> Option<u32> {
        let once = match &node.kind {
            Kind::Boundary { interrupting, .. } => *interrupting,
            Kind::Start(_) => self.def_of(scope).is_ok_and(|def| def.interrupts(node)),
            _ => true,
        };
        once.then_some(1)
    }

    fn arm(
        &mut self,
        node: &'l Node,
        trigger: &'l Trigger,
        token: Option<u64>,
        scope: u64,
        rests: bool,
    ) -> Outcome {
        let what = match trigger {
            Trigger::Timer(spec) => return self.arm_timer(node, spec, token, scope, rests),
            Trigger::Message(message) => self.expected(node, message, scope)?,
            Trigger::Signal(name) => {
                let name = self.text(node, scope, Some(name))?;
                For::Signal(name.unwrap_or_else(|| Id::from("")))
            }
            Trigger::Condition(_) => {
                // It may hold already.
                self.changed = true;
                For::Condition
            }
            // Looked for when one is thrown.
            Trigger::Error(..) | Trigger::Escalation(..) => return Ok(()),
        };
        let left = self.often(node, scope);
        self.wait(node, (what, None), token, scope, rests, left);
        Ok(())
    }

    /// The message that an event waits for: its name, and the key of this instance.
    fn expected(&self, node: &Node, message: &Message, scope: u64) -> Result<For, Refusal> {
        let (name, key) = self.addressed(node, message, scope)?;
        Ok(For::Message(name, key))
    }

    fn wait(
        &mut self,
        node: &Node,
        (what, due): (For, Option<Due>),
        token: Option<u64>,
        scope: u64,
        rests: bool,
        left: Option<u32>,
    ) {
        let (wait, element) = (self.number(), Arc::clone(&node.id));
        match &what {
            For::Message(name, key) => self.effects.push(Effect::Subscribe {
                wait,
                element: Arc::clone(&element),
                name: Arc::clone(name),
                key: key.clone(),
            }),
            For::Signal(name) => self.effects.push(Effect::Listen {
                wait,
                element: Arc::clone(&element),
                name: Arc::clone(name),
            }),
            For::Timer => self.effects.extend(due.clone().map(|due| Effect::ArmTimer {
                timer: wait,
                element: Arc::clone(&element),
                due,
            })),
            For::Condition | For::Word => {}
        }
        let wait = Wait {
            id: wait,
            element,
            for_: what,
            token,
            scope,
            left,
        };
        self.emit(Event::Armed { wait, rests, due });
    }

    fn arm_timer(
        &mut self,
        node: &'l Node,
        spec: &TimerSpec,
        token: Option<u64>,
        scope: u64,
        rests: bool,
    ) -> Outcome {
        let (due, left) = self.due(node, spec, scope)?;
        // What interrupts, or is passed, happens once, however often its cycle says.
        let left = if self.often(node, scope) == Some(1) {
            Some(1)
        } else {
            left
        };
        self.wait(node, (For::Timer, Some(due)), token, scope, rests, left);
        Ok(())
    }

    /// When a timer is due, counted from now, and how often.
    fn due(
        &self,
        node: &Node,
        spec: &TimerSpec,
        scope: u64,
    ) -> Result<(Due, Option<u32>), Refusal> {
        let text = self.text(node, scope, Some(&spec.value))?;
        let due = spec.due(&text.unwrap_or_default(), self.now);
        due.map_err(|why| Refusal::BadTimer {
            element: Arc::clone(&node.id),
            why,
        })
    }

    /// Takes an armed event away.
    pub(super) fn disarm(&mut self, wait: u64) {
        let Some(armed) = self.state.waits.iter().find(|w| w.id == wait).cloned() else {
            return;
        };
        let element = Arc::clone(&armed.element);
        self.emit(Event::Disarmed { wait, element });
        self.unlisten(&armed);
    }

    fn unlisten(&mut self, armed: &Wait) {
        let (wait, element) = (armed.id, Arc::clone(&armed.element));
        match armed.for_ {
            For::Timer => self.effects.push(Effect::DisarmTimer {
                timer: wait,
                element,
            }),
            For::Message(..) | For::Signal(_) => {
                self.effects.push(Effect::Unsubscribe { wait, element });
            }
            For::Condition | For::Word => {}
        }
    }

    /// Takes away the armed events of a token.
    pub(super) fn disarm_of(&mut self, token: u64) {
        while let Some(wait) = self.state.waits.iter().find(|w| w.token == Some(token)) {
            let wait = wait.id;
            self.disarm(wait);
        }
    }

    /// Takes away the armed events of a scope.
    pub(super) fn disarm_in(&mut self, scope: u64) {
        while let Some(wait) = self.state.waits.iter().find(|w| w.scope == scope) {
            let wait = wait.id;
            self.disarm(wait);
        }
    }

    /// An armed event happens.
    pub(super) fn fire(&mut self, wait: u64, vars: &Vars) -> Outcome {
        let Some(armed) = self.state.waits.iter().find(|w| w.id == wait).cloned() else {
            return Ok(());
        };
        let node = self.node(armed.scope, &armed.element)?;
        self.emit(Event::Fired {
            wait,
            element: Arc::clone(&node.id),
        });
        let stays = self.state.waits.iter().any(|w| w.id == wait);
        match (&armed.for_, stays) {
            // A timer that fires is not armed any more; the caller has taken its row.
            (For::Timer, true) => self.rearm(node, &armed)?,
            (For::Message(..) | For::Signal(_), false) => self.unlisten(&armed),
            _ => {}
        }
        self.set(armed.scope, vars.clone())?;
        let Some(token) = armed.token else {
            return self.begin_event_sub(node, armed.scope);
        };
        self.happen(node, token)
    }

    /// What follows for the token that waited, or in whose activity the event is.
    pub(super) fn happen(&mut self, node: &'l Node, token: u64) -> Outcome {
        match &node.kind {
            Kind::Boundary {
                interrupting: true, ..
            } => {
                self.cancel_wait(token);
                self.came(node, token);
                self.leave(node, token)
            }
            Kind::Boundary { .. } => {
                let (token, scope) = (self.number(), self.scope_of(token));
                self.emit(Event::Born {
                    token,
                    scope,
                    element: Arc::clone(&node.id),
                });
                self.leave(node, token)
            }
            _ => {
                self.pass_gate(node, token)?;
                self.done(node, token)
            }
        }
    }

    /// Behind an event-based gateway the token takes the way to the event that happened; the others are off.
    fn pass_gate(&mut self, node: &'l Node, token: u64) -> Outcome {
        let Some(at) = self.state.token(token).map(|t| Arc::clone(&t.at)) else {
            return Ok(());
        };
        if at == node.id {
            return Ok(());
        }
        let scope = self.scope_of(token);
        let def = self.def_of(scope)?;
        self.disarm_of(token);
        let gate = self.node(scope, &at)?;
        let way = gate
            .outgoing
            .iter()
            .map(|f| def.flow(*f))
            .find(|f| def.node(f.target).id == node.id);
        if let Some(flow) = way {
            self.emit(Event::Taken {
                token,
                scope,
                flow: Arc::clone(&flow.id),
            });
        }
        self.came(node, token);
        // A receive task has its own boundary events, armed now and taken away at once; nothing can happen in between.
        Ok(())
    }

    pub(super) fn came(&mut self, node: &Node, token: u64) {
        self.emit(Event::Came {
            token,
            element: Arc::clone(&node.id),
        });
    }

    /// The next turn of a repeating timer, counted from now: turns that were missed are not made up for.
    fn rearm(&mut self, node: &'l Node, armed: &Wait) -> Outcome {
        let trigger = match &node.kind {
            Kind::Boundary { trigger, .. } | Kind::Start(Some(trigger)) => trigger,
            _ => return Ok(()),
        };
        let Trigger::Timer(spec) = trigger else {
            return Ok(());
        };
        let (due, _) = self.due(node, spec, armed.scope)?;
        self.effects.push(Effect::ArmTimer {
            timer: armed.id,
            element: Arc::clone(&node.id),
            due,
        });
        Ok(())
    }

    /// An event sub-process begins in its scope; one that interrupts takes everything else in the scope away.
    pub(super) fn begin_event_sub(&mut self, start: &'l Node, scope: u64) -> Outcome {
        let def = self.def_of(scope)?;
        let inner = start.scope;
        let Some(sub) = def.scopes[inner].node else {
            return Err(Refusal::ForeignState(Arc::clone(&start.id)));
        };
        if def.interrupts(start) {
            self.cancel_inside(scope);
            self.disarm_in(scope);
        }
        let id = Arc::clone(&def.node(sub).id);
        let opened = self.open(Some(scope), &id, What::EventSub, None)?;
        let at = def.index_of(&start.id);
        self.begin_body(def, inner, opened, at)
    }

    /// Conditions that hold have their effect; false if none does.
    pub(super) fn fire_conditions(&mut self) -> Result<bool, Refusal> {
        let waits: Vec<Wait> = self
            .state
            .waits
            .iter()
            .filter(|w| w.for_ == For::Condition)
            .cloned()
            .collect();
        let mut fired = false;
        for armed in waits {
            let node = self.node(armed.scope, &armed.element)?;
            let condition = match &node.kind {
                Kind::Catch(Trigger::Condition(c)) | Kind::Start(Some(Trigger::Condition(c))) => c,
                Kind::Boundary {
                    trigger: Trigger::Condition(c),
                    ..
                } => c,
                _ => continue,
            };
            // A variable that is not there yet is no error: the condition does not hold yet.
            let holds = condition.eval(&self.view(armed.scope));
            if holds == Ok(serde_json::Value::Bool(true)) {
                self.fire(armed.id, &Vars::new())?;
                fired = true;
            }
        }
        Ok(fired)
    }
}
