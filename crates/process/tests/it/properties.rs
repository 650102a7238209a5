//! Random commands over random block-structured models, and over the reference process.
//!
//! `Instance::send` checks after every command: the record folds to the state, a refusal changes nothing, repeating
//! gives the same bytes, timers and tasks have live tokens, nothing lives after the end.

use proptest::prelude::*;
use tongban_process::{Command, Effect, On, Severity, Status, Vars, check};

use crate::model::parse;
use crate::reference::definition;
use crate::scenario::Instance;

#[derive(Debug, Clone)]
pub(crate) enum Block {
    Task,
    TaskWithTimer,
    TaskWithReminder,
    Service,
    Manual,
    Wait,
    Sequence(Vec<Block>),
    Parallel(Vec<Block>),
    Exclusive(Vec<Block>),
    Inclusive(Vec<Block>),
    Loop(Box<Block>),
}

pub(crate) fn block() -> impl Strategy<Value = Block> {
    let leaf = prop_oneof![
        4 => Just(Block::Task),
        1 => Just(Block::TaskWithTimer),
        1 => Just(Block::TaskWithReminder),
        1 => Just(Block::Service),
        1 => Just(Block::Manual),
        1 => Just(Block::Wait),
    ];
    leaf.prop_recursive(3, 14, 3, |inner| {
        let some = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            some.clone().prop_map(Block::Sequence),
            some.clone().prop_map(Block::Parallel),
            some.clone().prop_map(Block::Exclusive),
            some.prop_map(Block::Inclusive),
            inner.prop_map(|b| Block::Loop(Box::new(b))),
        ]
    })
}

/// Writes the lines of a block that starts after `from`; gives the last element.
fn write(b: &Block, from: &str, n: &mut usize, out: &mut String) -> String {
    *n += 1;
    let i = *n;
    let simple = |name: String, kind: &str, out: &mut String| {
        out.push_str(&format!("{from} -> {name}{kind}\n"));
        name
    };
    match b {
        Block::Task => simple(format!("t{i}"), "", out),
        Block::Service => simple(format!("w{i}"), ":service", out),
        Block::Manual => simple(format!("m{i}"), ":manual", out),
        Block::Wait => simple(format!("c{i}"), ":PT1H", out),
        Block::TaskWithReminder => {
            let task = simple(format!("t{i}"), "", out);
            out.push_str(&format!("{task} ~~P1D~~> r{i} -> end_r{i}\n"));
            task
        }
        Block::TaskWithTimer => {
            let task = simple(format!("t{i}"), "", out);
            out.push_str(&format!("{task} -> y{i}:xor\n{task} ~P1D~> l{i} -> y{i}\n"));
            format!("y{i}")
        }
        Block::Sequence(all) => all
            .iter()
            .fold(from.to_owned(), |at, b| write(b, &at, n, out)),
        Block::Loop(inner) => {
            out.push_str(&format!("{from} -> a{i}:xor\n"));
            // A task inside, so that no loop is without waiting.
            out.push_str(&format!("a{i} -> u{i}\n"));
            let last = write(inner, &format!("u{i}"), n, out);
            out.push_str(&format!("{last} -> z{i}:xor\nz{i} -[again = {i}]-> a{i}\n"));
            out.push_str(&format!("z{i} -*-> q{i}:manual\n"));
            format!("q{i}")
        }
        Block::Parallel(all) | Block::Exclusive(all) | Block::Inclusive(all) => {
            let kind = match b {
                Block::Parallel(_) => "and",
                Block::Exclusive(_) => "xor",
                _ => "or",
            };
            out.push_str(&format!("{from} -> s{i}:{kind}\n"));
            for (k, inner) in all.iter().enumerate() {
                *n += 1;
                let head = format!("h{n}");
                let arrow = match (kind, k) {
                    ("and", _) => "->".to_owned(),
                    (_, 0) => "-*->".to_owned(),
                    _ => format!("-[pick >= {k}]->"),
                };
                out.push_str(&format!("s{i} {arrow} {head}:manual\n"));
                let last = write(inner, &head, n, out);
                out.push_str(&format!("{last} -> j{i}:{kind}\n"));
            }
            format!("j{i}")
        }
    }
}

pub(crate) fn model(b: &Block) -> String {
    let (mut n, mut out) = (0, String::new());
    let last = write(b, "start", &mut n, &mut out);
    format!("{out}{last} -> end\n")
}

pub(crate) type Wish = (u8, usize, u8, u8);

pub(crate) fn vars(pick: u8, again: u8) -> Vars {
    let outcome = ["accept", "supplement", "refuse", "unknown"][usize::from(pick % 4)];
    let decision = ["grant", "refuse", "unknown"][usize::from(again % 3)];
    Vars::from([
        ("pick".into(), (pick % 4).into()),
        ("again".into(), again.into()),
        ("outcome".into(), outcome.into()),
        ("decision".into(), decision.into()),
        ("review_organ_1".into(), "甲".into()),
        ("review_organ_2".into(), "乙".into()),
        ("review_organ_3".into(), "丙".into()),
    ])
}

/// A command that often fits the state, and sometimes does not.
pub(crate) fn command(instance: &Instance, (verb, which, pick, again): Wish) -> Command {
    let state = &instance.state;
    let nth = |all: Vec<u64>| {
        if all.is_empty() {
            999
        } else {
            all[which % all.len()]
        }
    };
    let tasks = nth(state.open_tasks().map(|(t, _)| t).collect());
    let work = nth(state.open_work().map(|(t, _)| t).collect());
    let vars = vars(pick, again);
    match verb {
        0..=9 => Command::Complete { task: tasks, vars },
        10..=13 => Command::ServiceDone { work, vars },
        14 => Command::ServiceFailed {
            work,
            reason: "无响应".to_owned(),
        },
        15 => Command::Retry {
            token: nth(state.incidents.clone()),
        },
        16..=19 => Command::FireTimer {
            timer: nth(state.timers().map(|t| t.id).collect()),
        },
        20 => Command::SetVars { vars },
        21 => Command::Suspend {
            reason: "听证".to_owned(),
        },
        22..=24 => Command::Resume,
        25..=28 => {
            let all: Vec<_> = instance.def.elements().map(|e| e.id.clone()).collect();
            let to = all[usize::from(pick) % all.len()].clone();
            Command::Return {
                task: tasks,
                to,
                reason: "退回".to_owned(),
            }
        }
        29 => Command::start(vars),
        _ => Command::Complete {
            task: u64::from(pick),
            vars,
        },
    }
}

/// Opened and armed things, as the rows of the caller would have them.
#[derive(Default)]
pub(crate) struct Rows {
    tasks: Vec<u64>,
    work: Vec<u64>,
    timers: Vec<u64>,
}

impl Rows {
    pub(crate) fn apply(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::OpenTask(t) => self.tasks.push(t.task),
                Effect::CloseTask { task, .. } => self.tasks.retain(|t| t != task),
                Effect::ArmTimer { timer, .. } => self.timers.push(*timer),
                Effect::DisarmTimer { timer, .. } => self.timers.retain(|t| t != timer),
                Effect::CallService { work, .. } if !self.work.contains(work) => {
                    self.work.push(*work)
                }
                Effect::CancelService { work, .. } => self.work.retain(|w| w != work),
                _ => {}
            }
        }
    }

    pub(crate) fn sent(&mut self, command: &Command) {
        match command {
            Command::FireTimer { timer } => self.timers.retain(|t| t != timer),
            Command::ServiceDone { work, .. } => self.work.retain(|w| w != work),
            _ => {}
        }
    }

    /// What the caller has written down is what the state says.
    pub(crate) fn check(&self, instance: &Instance) {
        let sorted = |mut v: Vec<u64>| {
            v.sort_unstable();
            v
        };
        let state = &instance.state;
        let of = |f: fn(&On) -> Option<u64>| state.tokens.iter().filter_map(|t| f(&t.on)).collect();
        let tasks: Vec<u64> = of(|on| if let On::Task(t) = on { Some(*t) } else { None });
        let work: Vec<u64> = of(|on| if let On::Work(w) = on { Some(*w) } else { None });
        assert_eq!(sorted(self.tasks.clone()), sorted(tasks));
        assert_eq!(sorted(self.work.clone()), sorted(work));
        let timers = state.timers().map(|t| t.id).collect();
        assert_eq!(sorted(self.timers.clone()), sorted(timers));
    }
}

/// Sends the wishes, then drives to the end; block-structured models always get there.
fn drive(mut instance: Instance, wishes: &[Wish]) -> Instance {
    let mut rows = Rows::default();
    let mut send = |instance: &mut Instance, command: &Command| {
        if let Ok(step) = instance.send(command) {
            rows.sent(command);
            rows.apply(&step.effects);
            rows.check(instance);
        }
    };
    send(&mut instance, &Command::start(vars(1, 0)));
    for wish in wishes {
        let command = command(&instance, *wish);
        send(&mut instance, &command);
    }
    send(&mut instance, &Command::Resume);
    for _ in 0..400 {
        // Tokens that wait at a join or for what is inside a scope come on with the others.
        let mut tokens = instance.state.tokens.iter();
        let Some(command) = tokens.find_map(|t| onwards(&instance, t)) else {
            break;
        };
        send(&mut instance, &command);
    }
    instance
}

/// The command that brings a waiting token on.
pub(crate) fn onwards(instance: &Instance, token: &tongban_process::Token) -> Option<Command> {
    let vars = vars(0, 0);
    match token.on {
        On::Task(task) => Some(Command::Complete { task, vars }),
        On::Work(work) => Some(Command::ServiceDone { work, vars }),
        On::Event => {
            let mut timers = instance.state.timers();
            let timer = timers.find(|w| w.token == Some(token.id))?.id;
            Some(Command::FireTimer { timer })
        }
        On::Flow | On::Element | On::Scope(_) => None,
    }
}

pub(crate) fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    prop::collection::vec((0u8..32, any::<usize>(), any::<u8>(), 0u8..12), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn block_structured_models_are_sound_and_always_end(b in block(), wishes in wishes()) {
        let text = model(&b);
        let def = parse(&text);
        let faults: Vec<_> = check(&def).into_iter().filter(|f| f.severity == Severity::Fault).collect();
        prop_assert!(faults.is_empty(), "{text}\n{faults:#?}");
        let instance = drive(Instance::new(def), &wishes);
        prop_assert_eq!(instance.state.status, Status::Ended, "{}\n{:?}", text, instance.state);
    }

    #[test]
    fn the_reference_process_always_ends(wishes in wishes()) {
        let mut instance = drive(Instance::new(definition()), &wishes);
        // vars(0, 0) accepts and grants.
        prop_assert_eq!(instance.state.status, Status::Ended);
        let again = Command::Complete { task: 1, vars: Vars::new() };
        prop_assert!(instance.send(&again).is_err());
        let size = serde_json::to_string(&instance.state).map(|t| t.len()).unwrap_or(usize::MAX);
        prop_assert!(size <= 1024, "{}", size);
    }

    #[test]
    fn damaged_files_never_panic(at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = crate::reference::FILE.to_vec();
        let i = at.index(bytes.len());
        if cut {
            bytes.truncate(i);
        } else {
            bytes[i] = with;
        }
        if let Ok((def, _)) = tongban_process::Definition::parse(&bytes) {
            let _ = check(&def);
            let _ = tongban_process::svg(&def, &tongban_process::Marks::default());
            let _ = drive_briefly(def);
        }
    }
}

fn drive_briefly(def: tongban_process::Definition) -> Instance {
    let mut instance = Instance::new(def);
    let _ = instance.send(&Command::start(vars(0, 0)));
    instance
}
