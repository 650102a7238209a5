//! Walking a process by hand before it is published: instances in memory, a clock that only moves when told, and a view after each
//! step. Pure like the engine; the command line and the administration show it.

mod caller;
mod op;
mod shelf;
mod time;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tongban_decisions::Decisions;

pub use op::{Ids, Op, View, WalkError};
pub use shelf::{Calendar, Decider};
use shelf::{Shelf, Shelved};
pub use view::{Open, Todo};

use crate::engine::{Command, Id, On, OpenTask, Refusal, State, Status, Vars};
use crate::model::Definition;
use crate::svg::Marks;

/// The first moment of a walk: a Monday, nine in the morning in China.
const BEGIN: Timestamp = Timestamp::constant(1_767_574_800, 0);
/// One instance with what its caller would keep beside it.
#[derive(Clone)]
struct Instance {
    file: usize,
    state: State,
    tasks: BTreeMap<u64, OpenTask>,
    due: BTreeMap<u64, Timestamp>,
    called: BTreeMap<u64, Vars>,
}

/// A start event with a timer.
#[derive(Clone)]
struct StartTimer {
    file: usize,
    process: Id,
    start: Id,
    due: Timestamp,
    left: Option<u32>,
}

/// A walk through one or more files.
#[derive(Clone)]
pub struct Walk {
    shelf: Shelf,
    instances: Vec<Instance>,
    starts: Vec<StartTimer>,
    now: Timestamp,
    ends: Vec<String>,
    trace: Vec<String>,
    /// Elements that were left and flows that were taken, in any instance.
    past: Marks,
}

fn wrong(kind: &'static str, element: Option<&str>, message: impl Into<String>) -> WalkError {
    WalkError {
        kind,
        element: element.map(str::to_owned),
        message: message.into(),
    }
}

impl From<Refusal> for WalkError {
    fn from(refusal: Refusal) -> Self {
        let kind = match &refusal {
            Refusal::NoMatchingFlow { .. } => "no_flow_selected",
            Refusal::NoSubscription(_) | Refusal::NoSuchStart(_) => "no_subscription",
            Refusal::Suspended => "suspended",
            Refusal::UncaughtError { .. } => "uncaught_error_end_event",
            Refusal::NotDeployed { .. } => "deployment",
            _ => "runtime",
        };
        let element = refusal.element().map(|id| id.to_string());
        Self {
            kind,
            element,
            message: refusal.to_string(),
        }
    }
}

type Walked = Result<(), WalkError>;

fn vars(map: &Map<String, Value>) -> Vars {
    map.iter()
        .map(|(name, value)| (Arc::from(name.as_str()), value.clone()))
        .collect()
}

impl Walk {
    /// A walk through the first file; the others, each with its name, are there to be called or migrated to.
    #[must_use]
    pub fn new(
        files: Vec<(String, Definition)>,
        decisions: Vec<Decisions>,
        calendar: Arc<Calendar>,
    ) -> Self {
        let names = files.iter().map(|(name, _)| name.clone()).collect();
        let shelf = Shelf {
            names,
            files: files.into_iter().map(|(_, d)| Arc::new(d)).collect(),
            decisions: decisions.into(),
            decider: None,
            calendar,
        };
        let mut walk = Self {
            shelf,
            instances: Vec::new(),
            starts: Vec::new(),
            now: BEGIN,
            ends: Vec::new(),
            trace: Vec::new(),
            past: Marks::default(),
        };
        for (file, definition) in walk.shelf.files.iter().enumerate() {
            for (process, start, spec) in definition.start_timers() {
                if let Some((due, left)) = walk.first_due(spec) {
                    walk.starts.push(StartTimer {
                        file,
                        process: Arc::clone(process),
                        start: Arc::clone(start),
                        due,
                        left,
                    });
                }
            }
        }
        walk
    }

    /// The same walk with somebody who makes the decisions that no file of it has.
    #[must_use]
    pub fn deciding(mut self, decider: Arc<Decider>) -> Self {
        self.shelf.decider = Some(decider);
        self
    }

    /// Does one step; a refused one leaves everything as it was.
    pub fn walk(&mut self, op: &Op) -> Walked {
        let before = self.clone();
        let done = self.obey(op);
        if done.is_err() {
            *self = before;
        }
        done
    }

    fn obey(&mut self, op: &Op) -> Walked {
        match op {
            Op::Start { process, vars: own } => self.start(process.as_deref(), &vars(own)),
            Op::StartMessage { message, vars: own } => self.start_message(message, &vars(own)),
            Op::Complete { task, vars: own, n } => self.complete(task, &vars(own), *n),
            Op::Message {
                name,
                at,
                key,
                vars: own,
            } => {
                let command = Command::Message {
                    name: name.as_str().into(),
                    key: key.as_deref().map(Into::into),
                    at: at.as_deref().map(Into::into),
                    vars: vars(own),
                };
                self.first_that_takes(&command)
            }
            Op::Signal { name, vars: own } => {
                // A signal that nobody hears is none the worse for it.
                match self.signal(name, &vars(own), None)? {
                    true => Ok(()),
                    false => self.held(),
                }
            }
            Op::Trigger { element, vars: own } => {
                let command = Command::Trigger {
                    element: element.as_str().into(),
                    vars: vars(own),
                };
                self.first_that_takes(&command)
            }
            Op::Advance { by } => self.advance(by),
            Op::SetVars { vars: own } => {
                let command = Command::SetVars { vars: vars(own) };
                self.send(self.newest()?, &command)
            }
            Op::Suspend => {
                let reason = String::new();
                for n in self.live() {
                    self.send(
                        n,
                        &Command::Suspend {
                            reason: reason.clone(),
                        },
                    )?;
                }
                Ok(())
            }
            Op::Activate => {
                for n in self.live() {
                    self.send(n, &Command::Resume)?;
                }
                // What fell due in the meantime fires now.
                self.fire_until(self.now)
            }
            Op::Move { from, to } => {
                let command = Command::Move {
                    from: from.list(),
                    to: to.list(),
                    reason: String::new(),
                };
                self.first_that_takes(&command)
            }
            Op::Migrate { to, map } => self.migrate(to, map),
            Op::Fail { element, error } => self.fail(element, error),
        }
    }

    fn live(&self) -> Vec<usize> {
        let all = self.instances.iter().enumerate();
        all.filter(|(_, i)| i.state.status != Status::Ended)
            .map(|(n, _)| n)
            .collect()
    }

    fn newest(&self) -> Result<usize, WalkError> {
        let live = self.live();
        live.last()
            .copied()
            .or(self.instances.len().checked_sub(1))
            .ok_or_else(|| Refusal::NotStarted.into())
    }

    /// An error if everything that lives is suspended.
    fn held(&self) -> Walked {
        let live = self.live();
        let all = live
            .iter()
            .all(|n| self.instances[*n].state.status == Status::Suspended);
        if !live.is_empty() && all {
            return Err(Refusal::Suspended.into());
        }
        Ok(())
    }

    fn start(&mut self, process: Option<&str>, own: &Vars) -> Walked {
        let file = match process {
            None => 0,
            Some(id) => self
                .shelf
                .files
                .iter()
                .position(|d| d.process(id).is_some())
                .ok_or_else(|| WalkError::from(Refusal::NoSuchStart(id.into())))?,
        };
        let command = Command::Start {
            process: process.map(Into::into),
            at: None,
            vars: own.clone(),
        };
        self.begin(file, &command)
    }

    fn begin(&mut self, file: usize, command: &Command) -> Walked {
        self.instances.push(Instance {
            file,
            state: State::default(),
            tasks: BTreeMap::new(),
            due: BTreeMap::new(),
            called: BTreeMap::new(),
        });
        self.send(self.instances.len() - 1, command)
    }

    fn start_message(&mut self, name: &str, own: &Vars) -> Walked {
        let file = self
            .shelf
            .files
            .iter()
            .position(|d| d.message_start(name).is_some())
            .ok_or_else(|| WalkError::from(Refusal::NoSubscription(name.into())))?;
        let command = Command::StartMessage {
            name: name.into(),
            vars: own.clone(),
        };
        self.begin(file, &command)
    }

    fn complete(&mut self, element: &str, own: &Vars, n: Option<usize>) -> Walked {
        let mut open = Vec::new();
        for (at, instance) in self.instances.iter().enumerate() {
            for token in instance.state.tokens.iter().filter(|t| *t.at == *element) {
                match token.on {
                    On::Task(task) => open.push((
                        at,
                        Command::Complete {
                            task,
                            vars: own.clone(),
                        },
                    )),
                    On::Work(work) => {
                        open.push((
                            at,
                            Command::ServiceDone {
                                work,
                                vars: own.clone(),
                            },
                        ));
                    }
                    _ => {}
                }
            }
        }
        let which = n.unwrap_or(1).saturating_sub(1);
        match open.get(which).cloned() {
            Some((at, command)) => self.send(at, &command),
            None => {
                self.held()?;
                Err(wrong(
                    "runtime",
                    Some(element),
                    format!("没有待办任务“{element}”"),
                ))
            }
        }
    }

    /// The first instance that takes the command; else the refusal of the last.
    fn first_that_takes(&mut self, command: &Command) -> Walked {
        let mut refused = WalkError::from(Refusal::NotStarted);
        for n in self.live() {
            let before = self.clone();
            match self.send(n, command) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    *self = before;
                    refused = error;
                    if !matches!(refused.kind, "no_subscription" | "runtime") {
                        break;
                    }
                }
            }
        }
        Err(refused)
    }

    fn fail(&mut self, element: &str, error: &str) -> Walked {
        let busy =
            |t: &&crate::Token| *t.at == *element && matches!(t.on, On::Task(_) | On::Work(_));
        let all = self.instances.iter().enumerate();
        let found = all
            .filter_map(|(n, i)| Some((n, i.state.tokens.iter().find(busy)?.id)))
            .next();
        let Some((n, token)) = found else {
            return Err(wrong(
                "runtime",
                Some(element),
                format!("“{element}”没有正在办理"),
            ));
        };
        let error = error.into();
        self.send(n, &Command::Fail { token, error })
    }

    fn migrate(&mut self, to: &str, map: &BTreeMap<String, String>) -> Walked {
        let n = self.newest()?;
        let from = self.instances[n].file;
        let stem = |name: &str| name.split('.').next().unwrap_or_default() == to;
        let named = self
            .shelf
            .names
            .iter()
            .position(|name| name == to || stem(name));
        let files = self.shelf.files.iter().enumerate();
        let mut others = files.filter(|(file, d)| *file != from && d.process(to).is_some());
        let other = others.next_back().map(|(file, _)| file);
        let target = named
            .filter(|file| *file != from)
            .or(other)
            .ok_or_else(|| {
                wrong(
                    "deployment",
                    None,
                    format!("没有部署流程“{to}”的另一个版本"),
                )
            })?;
        let process = match self.shelf.files[target].process(to) {
            Some(_) => to.to_owned(),
            None => self.shelf.files[target].id().to_string(),
        };
        let map = map
            .iter()
            .map(|(old, new)| (Id::from(old.as_str()), Id::from(new.as_str())))
            .collect();
        let (old, new) = (
            Arc::clone(&self.shelf.files[from]),
            Arc::clone(&self.shelf.files[target]),
        );
        let library = Shelved {
            shelf: &self.shelf,
            main: &new,
        };
        let moved = crate::engine::migrate(
            &old,
            &library,
            &process,
            &self.instances[n].state,
            &map,
            self.now,
        )
        .map_err(|problems| wrong("runtime", None, problems.join("；")))?;
        let instance = &mut self.instances[n];
        instance.file = target;
        instance.state = moved.state;
        for open in instance.tasks.values_mut() {
            if let Some(new) = map.get(&open.element) {
                open.element = Arc::clone(new);
            }
        }
        for effect in &moved.effects {
            self.follow(n, effect)?;
        }
        Ok(())
    }
}
