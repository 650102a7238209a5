//! Random orders of all acts on the reference process and on the one with a countersign. `Instance::send` holds after every command
//! what must always hold; here the rows of the caller are compared as well, and what can be undone is undone.

use proptest::prelude::*;
use tongban_process::{Command, Definition, Signer, Status, Vars};

use crate::properties::{Rows, onwards, vars};
use crate::reference::definition;
use crate::scenario::Instance;

const COUNTERSIGN: &[u8] = include_bytes!("../../testdata/licence-approval-countersign.bpmn");

type Wish = (u8, usize, u8, bool);

fn signer(organ: u8) -> Box<Signer> {
    let organ = format!("机构{organ}");
    Box::new(Signer {
        post: Some("reviewer".into()),
        organ: Some(organ.as_str().into()),
        act: Some("countersign".into()),
        limit: None,
        vars: Vars::from([("sign_organ".into(), organ.into())]),
    })
}

fn command(instance: &Instance, (verb, which, pick, agreed): Wish) -> Command {
    let state = &instance.state;
    let tasks: Vec<u64> = state.open_tasks().map(|(task, _)| task).collect();
    let task = *tasks.get(which % tasks.len().max(1)).unwrap_or(&999);
    let reason = || "理由".to_owned();
    match verb {
        0..=9 => {
            let mut vars = vars(pick, pick);
            vars.insert("agreed".into(), agreed.into());
            Command::Complete { task, vars }
        }
        10 | 11 => Command::ServiceDone {
            work: state.open_work().next().map_or(999, |(work, _)| work),
            vars: Vars::new(),
        },
        12 | 13 => {
            let all: Vec<_> = instance.def.elements().map(|e| e.id.clone()).collect();
            let to = all[usize::from(pick) % all.len()].clone();
            Command::Return {
                task,
                to,
                reason: reason(),
            }
        }
        14 | 15 => Command::AddOne {
            element: "countersign".into(),
            vars: signer(pick).vars,
        },
        16..=18 => Command::SignBefore {
            task,
            signer: signer(pick),
        },
        19..=21 => Command::SignAfter {
            task,
            signer: signer(pick),
        },
        22..=24 => Command::RemoveOne {
            task,
            reason: reason(),
        },
        25 => {
            let mut from: Vec<_> = state.tokens.iter().map(|t| t.at.clone()).collect();
            from.sort();
            from.dedup();
            let all: Vec<_> = instance.def.move_targets().map(|e| e.id.clone()).collect();
            let to = vec![all[usize::from(pick) % all.len()].clone()];
            Command::Move {
                from,
                to,
                reason: reason(),
            }
        }
        26 => Command::Suspend { reason: reason() },
        27..=29 => Command::Resume,
        _ => Command::Complete {
            task: u64::from(pick),
            vars: Vars::new(),
        },
    }
}

fn open(instance: &Instance) -> Vec<String> {
    let mut open: Vec<String> = instance
        .state
        .open_tasks()
        .map(|(_, e)| e.to_string())
        .collect();
    open.sort();
    open
}

/// Takes back on a copy what can be taken back: everything is as it was, but for the numbers.
fn undone(instance: &Instance, before: &(Vec<String>, usize), command: &Command, opened: &[u64]) {
    let undo = match (command, opened) {
        (Command::AddOne { .. } | Command::SignBefore { .. }, [task]) => Command::RemoveOne {
            task: *task,
            reason: "撤销加签".to_owned(),
        },
        (Command::Suspend { .. }, _) => Command::Resume,
        _ => return,
    };
    let mut copy = Instance::new(instance.def.clone());
    copy.state = instance.state.clone();
    copy.record = instance.record.clone();
    copy.send(&undo).expect("can be undone");
    assert_eq!(
        (&open(&copy), copy.state.tokens.len()),
        (&before.0, before.1),
        "{command:?}"
    );
}

fn drive(def: Definition, wishes: &[Wish]) -> Instance {
    let mut instance = Instance::new(def);
    let mut rows = Rows::default();
    let mut send = |instance: &mut Instance, command: &Command| {
        // Where others already signed first, or stand in line, the tokens inside differ by one: only what is plain is compared.
        let before = (open(instance), instance.state.tokens.len());
        let plain = !serde_json::to_string(&instance.state)
            .unwrap_or_default()
            .contains("turns");
        let Ok(step) = instance.send(command) else {
            return;
        };
        rows.sent(command);
        rows.apply(&step.effects);
        rows.check(instance);
        let opened: Vec<u64> = step
            .effects
            .iter()
            .filter_map(|effect| match effect {
                tongban_process::Effect::OpenTask(task) => Some(task.task),
                _ => None,
            })
            .collect();
        let added_turn = matches!(command, Command::SignBefore { .. })
            && serde_json::to_string(&instance.state)
                .unwrap_or_default()
                .contains("turns");
        if plain && !added_turn {
            undone(instance, &before, command, &opened);
        } else if added_turn {
            let mut copy = Instance::new(instance.def.clone());
            (copy.state, copy.record) = (instance.state.clone(), instance.record.clone());
            let task = *opened.first().expect("the task of the signer");
            let reason = "撤销加签".to_owned();
            copy.send(&Command::RemoveOne { task, reason })
                .expect("can be undone");
            assert_eq!(open(&copy), before.0, "{command:?}");
        }
        let size = serde_json::to_string(&instance.state).map_or(usize::MAX, |text| text.len());
        assert!(size <= 16 * 1024, "{size}");
    };
    send(&mut instance, &Command::start(vars(1, 0)));
    for wish in wishes {
        let command = command(&instance, *wish);
        send(&mut instance, &command);
    }
    send(&mut instance, &Command::Resume);
    for _ in 0..400 {
        let mut tokens = instance.state.tokens.iter();
        let Some(command) = tokens.find_map(|t| onwards(&instance, t)) else {
            break;
        };
        send(&mut instance, &command);
    }
    instance
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    prop::collection::vec((0u8..31, any::<usize>(), any::<u8>(), any::<bool>()), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_reference_process_ends_whatever_was_ordered(wishes in wishes()) {
        let instance = drive(definition(), &wishes);
        prop_assert_eq!(instance.state.status, Status::Ended, "{:?}", instance.state);
    }

    #[test]
    fn the_process_with_a_countersign_ends_whatever_was_ordered(wishes in wishes()) {
        let (definition, _) = Definition::parse(COUNTERSIGN).expect("sound");
        let instance = drive(definition, &wishes);
        prop_assert_eq!(instance.state.status, Status::Ended, "{:?}", instance.state);
    }
}
