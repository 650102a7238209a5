//! What the caller of an instance does after a step: rows, messages, signals.

use std::sync::Arc;

use super::shelf::Shelved;
use super::{Walk, WalkError, Walked, wrong};
use crate::engine::{Command, Effect, Event, For, Id, OpenTask, State, Status, Vars, What, step};
use crate::model::{Definition, Kind};
use crate::svg::Marks;

impl Walk {
    /// Gives a signal to every instance but `from`, and begins processes; false if nobody takes it.
    pub(super) fn signal(
        &mut self,
        name: &str,
        own: &Vars,
        from: Option<usize>,
    ) -> Result<bool, WalkError> {
        let mut taken = false;
        for n in self.live() {
            let listens = |w: &crate::Wait| matches!(&w.for_, For::Signal(s) if **s == *name);
            let state = &self.instances[n].state;
            if Some(n) == from
                || state.status == Status::Suspended
                || !state.waits.iter().any(listens)
            {
                continue;
            }
            let command = Command::Signal {
                name: name.into(),
                vars: own.clone(),
            };
            self.send(n, &command)?;
            taken = true;
        }
        let mut begun = Vec::new();
        for (file, definition) in self.shelf.files.iter().enumerate() {
            // The other processes of the thrower's own file have begun with it.
            if from.is_some_and(|n| self.instances[n].file == file) {
                continue;
            }
            for (process, start) in definition.signal_starts(name) {
                let process = Arc::clone(&definition.scopes[process].id);
                begun.push((file, process, Arc::clone(&definition.node(start).id)));
            }
        }
        for (file, process, start) in begun {
            let command = Command::Start {
                process: Some(process),
                at: Some(start),
                vars: own.clone(),
            };
            self.begin(file, &command)?;
            taken = true;
        }
        Ok(taken)
    }

    /// One command to one instance, and what its caller does after it.
    pub(super) fn send(&mut self, n: usize, command: &Command) -> Walked {
        let instance = &mut self.instances[n];
        let main = Arc::clone(&self.shelf.files[instance.file]);
        let library = Shelved {
            shelf: &self.shelf,
            main: &main,
        };
        if let Command::FireTimer { timer } = command {
            instance.due.remove(timer);
        }
        let stepped = step(&library, &instance.state, command, self.now)?;
        instance.state = stepped.state;
        for event in &stepped.events {
            self.note(n, &main, event);
        }
        for effect in &stepped.effects {
            self.follow(n, effect)?;
        }
        Ok(())
    }

    pub(super) fn note(&mut self, n: usize, main: &Definition, event: &Event) {
        if matches!(event, Event::Taken { .. } | Event::TokenEnded { .. }) {
            let left = Marks::of(main, &State::default(), [event]);
            self.past.done.extend(left.done);
        }
        let instance = &mut self.instances[n];
        match event {
            Event::TokenEnded { element, .. } => {
                let mut files = std::iter::once(main).chain(self.shelf.files.iter().map(|d| &**d));
                let node = files.find_map(|d| Some(d.node(d.index_of(element)?)));
                if node.is_some_and(|node| matches!(node.kind, Kind::End { .. })) {
                    self.ends.push(element.to_string());
                }
            }
            Event::Traced { name, .. } => self.trace.push(name.to_string()),
            Event::Opened {
                scope,
                what: What::Process(_),
                token: Some(_),
                ..
            } => {
                instance.called.insert(*scope, Vars::new());
            }
            Event::VarsSet { scope, vars } => {
                if let Some(called) = instance.called.get_mut(scope) {
                    called.extend(vars.iter().map(|(k, v)| (Arc::clone(k), v.clone())));
                }
            }
            _ => {}
        }
    }

    pub(super) fn follow(&mut self, n: usize, effect: &Effect) -> Walked {
        let instance = &mut self.instances[n];
        match effect {
            Effect::OpenTask(open) => {
                instance.tasks.insert(open.task, OpenTask::clone(open));
            }
            Effect::CloseTask { task, .. } => {
                instance.tasks.remove(task);
            }
            Effect::ArmTimer { timer, due, .. } => {
                let due = (self.shelf.calendar)(due, self.now);
                instance.due.insert(*timer, due);
            }
            Effect::DisarmTimer { timer, .. } => {
                instance.due.remove(timer);
            }
            Effect::Broadcast { name, .. } => {
                self.signal(name, &Vars::new(), Some(n))?;
            }
            Effect::SendMessage {
                name, key, vars, ..
            } => self.carry(n, name, key.as_ref(), vars)?,
            Effect::Incident {
                element, reason, ..
            } => return Err(wrong("runtime", Some(element), reason.clone())),
            _ => {}
        }
        Ok(())
    }

    /// Carries a message to another instance that waits, or begins one.
    pub(super) fn carry(&mut self, from: usize, name: &Id, key: Option<&Id>, own: &Vars) -> Walked {
        for n in self.live() {
            let waits = |w: &crate::Wait| w.for_.takes(name, key);
            if n == from || !self.instances[n].state.waits.iter().any(waits) {
                continue;
            }
            let command = Command::Message {
                name: Arc::clone(name),
                key: key.cloned(),
                at: None,
                vars: own.clone(),
            };
            return self.send(n, &command);
        }
        let home = self.instances[from].file;
        let begins = |(file, d): &(usize, &Arc<Definition>)| {
            *file != home && d.message_start(name).is_some()
        };
        let found = self.shelf.files.iter().enumerate().find(begins);
        match found.map(|(file, _)| file) {
            Some(file) => {
                let command = Command::StartMessage {
                    name: Arc::clone(name),
                    vars: own.clone(),
                };
                self.begin(file, &command)
            }
            None => Ok(()),
        }
    }
}
