//! Scenarios as text: `command | effects`, one per line; the only place that knows the API of the engine.

use jiff::Timestamp;
use serde_json::Value;
use tongban_process::{
    Command, Definition, Due, Effect, Event, MAX_MOVES, On, Refusal, Signer, State, Status, Step,
    Vars, fold, step,
};

pub(crate) const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// An instance with its record; every step is checked for what must always hold.
pub(crate) struct Instance {
    pub(crate) def: Definition,
    pub(crate) state: State,
    pub(crate) record: Vec<Event>,
    /// Commands that were answered, refusals included.
    pub(crate) steps: usize,
    /// Where the record begins.
    origin: State,
}

/// Most events of one command: a few for each of its moves.
const MOST_EVENTS: usize = 10 * MAX_MOVES as usize;

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("JSON")
}

pub(crate) fn vars<'a>(words: impl Iterator<Item = &'a str>) -> Vars {
    let pair = |w: &'a str| {
        let (name, value) = w.split_once('=').expect("name=value");
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        (name.into(), value)
    };
    words.map(pair).collect()
}

impl Instance {
    pub(crate) fn new(def: Definition) -> Self {
        Self {
            def,
            state: State::default(),
            record: Vec::new(),
            steps: 0,
            origin: State::default(),
        }
    }

    /// One whose record begins with a state that was stored.
    pub(crate) fn from_stored(def: Definition, state: State) -> Self {
        Self {
            origin: state.clone(),
            state,
            ..Self::new(def)
        }
    }

    pub(crate) fn send(&mut self, command: &Command) -> Result<Step, Refusal> {
        self.steps += 1;
        let before = json(&self.state);
        let result = step(&self.def, &self.state, command, NOW);
        assert_eq!(before, json(&self.state), "the state was touched");
        self.check_replay(&before, command, &result);
        if let Ok(step) = &result {
            assert!(step.events.len() <= MOST_EVENTS, "a command without end");
            let events = json(&step.events);
            let stored: Vec<Event> = serde_json::from_str(&events).expect("JSON");
            assert_eq!(stored, step.events, "the stored record is another");
            self.record.extend(stored);
            self.state = step.state.clone();
            self.check_invariants();
        }
        result
    }

    /// Whoever stops before this command and begins anew with the stored state comes to the same bytes.
    fn check_replay(&self, before: &str, command: &Command, result: &Result<Step, Refusal>) {
        let stored: State = serde_json::from_str(before).expect("JSON");
        assert_eq!(stored, self.state, "the stored state is another");
        let again = step(&self.def, &stored, command, NOW);
        match (result, &again) {
            (Ok(one), Ok(other)) => {
                assert_eq!(json(&one.state), json(&other.state), "not deterministic");
                assert_eq!(json(&one.events), json(&other.events), "not deterministic");
                assert_eq!(
                    json(&one.effects),
                    json(&other.effects),
                    "not deterministic"
                );
            }
            _ => assert_eq!(*result, again, "not deterministic"),
        }
    }

    fn check_invariants(&self) {
        let state = &self.state;
        if self.origin == State::default() {
            let folded = fold(&self.record);
            assert_eq!(json(&folded), json(state), "the record gives another state");
        }
        for wait in &state.waits {
            assert!(state.scope(wait.scope).is_some(), "event without scope");
            let live = |token: u64| state.tokens.iter().any(|t| t.id == token);
            assert!(wait.token.is_none_or(live), "event without token");
        }
        for scope in &state.scopes {
            assert!(state.scope(scope.parent).is_some(), "scope without scope");
            let opener = |token: u64| {
                let mut tokens = state.tokens.iter();
                tokens.any(|t| t.id == token && t.on == On::Scope(scope.id))
            };
            assert!(scope.token.is_none_or(opener), "scope without its token");
        }
        for token in &state.tokens {
            assert_ne!(token.on, On::Element, "token between two events");
            assert!(token.id < state.next);
            assert!(state.scope(token.scope).is_some(), "token without scope");
            if let On::Scope(inner) = token.on {
                let scope = state.scope(inner).expect("token in no scope");
                assert_eq!(scope.token, Some(token.id), "two tokens in one scope");
            }
            if token.on == On::Event {
                let mut waits = state.waits.iter();
                assert!(
                    waits.any(|w| w.token == Some(token.id)),
                    "token waits for nothing"
                );
            }
            assert_eq!(state.tokens.iter().filter(|t| t.id == token.id).count(), 1);
        }
        if state.status == Status::Ended {
            assert!(
                state.tokens.is_empty() && state.waits.is_empty() && state.scopes.len() == 1,
                "alive after the end"
            );
        } else {
            assert!(!state.tokens.is_empty(), "running without tokens");
        }
    }

    fn task(&self, element: &str) -> u64 {
        let open = self.state.open_tasks().find(|(_, e)| &***e == element);
        open.map_or(999, |(task, _)| task)
    }

    fn work(&self, element: &str) -> u64 {
        let open = self.state.open_work().find(|(_, e)| &***e == element);
        open.map_or(999, |(work, _)| work)
    }

    fn command(&self, text: &str) -> Command {
        let mut words = text.split_whitespace();
        let verb = words.next().expect("a verb");
        match verb {
            "start" => Command::start(vars(words)),
            "set" => Command::SetVars { vars: vars(words) },
            "complete" => {
                let task = self.task(words.next().expect("an element"));
                Command::Complete {
                    task,
                    vars: vars(words),
                }
            }
            "done" => {
                let work = self.work(words.next().expect("an element"));
                Command::ServiceDone {
                    work,
                    vars: vars(words),
                }
            }
            "fail" => {
                let work = self.work(words.next().expect("an element"));
                Command::ServiceFailed {
                    work,
                    reason: "系统无响应".to_owned(),
                }
            }
            "retry" => Command::Retry {
                token: self.state.incidents.first().copied().unwrap_or(999),
            },
            "fire" => {
                let element = words.next().expect("an element");
                let mut timers = self.state.timers();
                let armed = timers.find(|t| t.element.starts_with(element));
                Command::FireTimer {
                    timer: armed.map_or(999, |t| t.id),
                }
            }
            "suspend" => Command::Suspend {
                reason: "特别程序".to_owned(),
            },
            "resume" => Command::Resume,
            "terminate" => Command::Terminate {
                reason: "申请人撤回".to_owned(),
            },
            "return" => {
                let task = self.task(words.next().expect("from"));
                let to = words.next().expect("to").into();
                Command::Return {
                    task,
                    to,
                    reason: "材料有误".to_owned(),
                }
            }
            "message" => {
                let name = words.next().expect("a name").into();
                let (key, at) = (None, None);
                Command::Message {
                    name,
                    key,
                    at,
                    vars: vars(words),
                }
            }
            "signal" => Command::Signal {
                name: words.next().expect("a name").into(),
                vars: vars(words),
            },
            "trigger" => Command::Trigger {
                element: words.next().expect("an element").into(),
                vars: vars(words),
            },
            "throw" => {
                let task = self.task(words.next().expect("an element"));
                let token = self.state.task(task).map_or(999, |t| t.id);
                let error = words.next().expect("a code").into();
                Command::Fail { token, error }
            }
            "move" => {
                let mut list = || {
                    let text = words.next().expect("elements");
                    text.split('+')
                        .filter(|t| *t != "-")
                        .map(Into::into)
                        .collect()
                };
                Command::Move {
                    from: list(),
                    to: list(),
                    reason: "跳转".to_owned(),
                }
            }
            "add" => Command::AddOne {
                element: words.next().expect("an element").into(),
                vars: vars(words),
            },
            verb @ ("before" | "after") => {
                let task = self.task(words.next().expect("an element"));
                let organ = words.next().expect("an organ").into();
                let signer = Box::new(Signer {
                    organ: Some(organ),
                    post: Some("signer".into()),
                    act: Some("countersign".into()),
                    limit: None,
                    vars: vars(words),
                });
                match verb {
                    "before" => Command::SignBefore { task, signer },
                    _ => Command::SignAfter { task, signer },
                }
            }
            "remove" => Command::RemoveOne {
                task: self.task(words.next().expect("an element")),
                reason: "减签".to_owned(),
            },
            other => panic!("unknown verb {other}"),
        }
    }

    /// Sends one command in text, answers the effects in text.
    pub(crate) fn say(&mut self, text: &str) -> String {
        let command = self.command(text);
        match self.send(&command) {
            Err(refusal) => format!("error: {refusal}"),
            Ok(step) if step.effects.is_empty() => "-".to_owned(),
            Ok(step) => step
                .effects
                .iter()
                .map(shown)
                .collect::<Vec<_>>()
                .join(", "),
        }
    }
}

fn shown(effect: &Effect) -> String {
    match effect {
        Effect::OpenTask(t) => {
            let organ = t
                .organ
                .as_ref()
                .map(|o| format!("@{o}"))
                .unwrap_or_default();
            format!("open {}{organ}", t.element)
        }
        Effect::CloseTask {
            element,
            done: true,
            ..
        } => format!("close {element}"),
        Effect::CloseTask { element, .. } => format!("cancel {element}"),
        Effect::ArmTimer {
            due: Due::At(at), ..
        } => {
            format!("arm {}", at.duration_since(NOW))
        }
        Effect::ArmTimer {
            due: Due::WorkingDays(n),
            ..
        } => format!("arm {n}wd"),
        Effect::ArmTimer { due, .. } => format!("arm {due:?}"),
        Effect::DisarmTimer { .. } => "disarm".to_owned(),
        Effect::Subscribe { name, key, .. } => {
            let key = key.as_ref().map(|k| format!("/{k}")).unwrap_or_default();
            format!("wait {name}{key}")
        }
        Effect::Listen { name, .. } => format!("listen {name}"),
        Effect::Unsubscribe { element, .. } => format!("unwait {element}"),
        Effect::SendMessage { name, .. } => format!("send {name}"),
        Effect::Broadcast { name, .. } => format!("broadcast {name}"),
        Effect::CallService { element, .. } => format!("call {element}"),
        Effect::CancelService { element, .. } => format!("uncall {element}"),
        Effect::Incident { element, .. } => format!("incident {element}"),
        Effect::Ended { end_event, outcome } => {
            let name = outcome
                .as_deref()
                .or(end_event.as_deref())
                .unwrap_or("by order");
            format!("ended {name}")
        }
    }
}

/// Runs a scenario and compares line by line.
pub(crate) fn run(def: Definition, scenario: &str) -> Instance {
    let mut instance = Instance::new(def);
    for line in scenario.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (command, wanted) = line.split_once('|').expect("command | effects");
        let got = instance.say(command.trim());
        assert_eq!(got, wanted.trim(), "after: {}", command.trim());
    }
    instance
}

pub(crate) fn check(model: &str, scenario: &str) {
    run(crate::model::parse(model), scenario);
}
