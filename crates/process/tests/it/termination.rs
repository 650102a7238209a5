//! Termination by order: whenever it comes, nothing of the process is left, and every row of the caller goes with it.

use proptest::prelude::*;
use tongban_process::{Command, Definition, Effect, Refusal, Status};

use crate::constructs::{END, START, file};
use crate::model::parse;
use crate::properties::{block, command, model, vars, wishes};
use crate::reference::definition;
use crate::scenario::Instance;

/// What the caller has written down and not yet taken away.
#[derive(Default)]
struct Rows(Vec<(&'static str, u64)>);

impl Rows {
    fn apply(&mut self, effects: &[Effect]) {
        for effect in effects {
            let (open, row) = match effect {
                Effect::OpenTask(task) => (true, ("task", task.task)),
                Effect::CloseTask { task, .. } => (false, ("task", *task)),
                Effect::ArmTimer { timer, .. } => (true, ("timer", *timer)),
                Effect::DisarmTimer { timer, .. } => (false, ("timer", *timer)),
                Effect::CallService { work, .. } => (true, ("work", *work)),
                Effect::CancelService { work, .. } => (false, ("work", *work)),
                Effect::Subscribe { wait, .. } | Effect::Listen { wait, .. } => {
                    (true, ("wait", *wait))
                }
                Effect::Unsubscribe { wait, .. } => (false, ("wait", *wait)),
                _ => continue,
            };
            self.0.retain(|known| *known != row);
            if open {
                self.0.push(row);
            }
        }
    }

    fn sent(&mut self, command: &Command) {
        let gone = match command {
            Command::FireTimer { timer } => ("timer", *timer),
            Command::ServiceDone { work, .. } => ("work", *work),
            _ => return,
        };
        self.0.retain(|known| *known != gone);
    }
}

fn order() -> Command {
    Command::Terminate {
        reason: "许可依据废止".to_owned(),
    }
}

/// Sends what fits, then the order; what is left?
fn terminated(mut instance: Instance, commands: &[Command], rows: &mut Rows) -> Instance {
    let mut send = |instance: &mut Instance, command: &Command| {
        let stepped = instance.send(command);
        if let Ok(step) = &stepped {
            rows.sent(command);
            rows.apply(&step.effects);
        }
        stepped.map(|_| ())
    };
    for command in commands {
        let _ = send(&mut instance, command);
    }
    let over = instance.state.status == Status::Ended;
    let outcome = send(&mut instance, &order());
    assert_eq!(
        outcome,
        if over {
            Err(Refusal::AlreadyEnded)
        } else {
            Ok(())
        }
    );
    instance
}

fn nothing_is_left(instance: &mut Instance, rows: &Rows) {
    let state = &instance.state;
    assert_eq!(state.status, Status::Ended);
    assert!(state.tokens.is_empty(), "{:?}", state.tokens);
    assert!(state.waits.is_empty(), "{:?}", state.waits);
    assert!(state.incidents.is_empty(), "{:?}", state.incidents);
    assert!(
        state.scopes.iter().all(|scope| scope.id == 0),
        "{:?}",
        state.scopes
    );
    assert!(rows.0.is_empty(), "{:?}", rows.0);
    for late in [
        order(),
        Command::Resume,
        Command::SetVars { vars: vars(0, 0) },
    ] {
        assert_eq!(instance.send(&late), Err(Refusal::AlreadyEnded));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left_of_any_model_at_any_time(b in block(), wishes in wishes(), held in any::<bool>()) {
        for def in [parse(&model(&b)), definition()] {
            let mut commands = vec![Command::start(vars(1, 0))];
            let mut ahead = Instance::new(def.clone());
            let _ = ahead.send(&commands[0]);
            for wish in &wishes {
                let command = command(&ahead, *wish);
                let _ = ahead.send(&command);
                commands.push(command);
            }
            if held {
                commands.push(Command::Suspend { reason: "听证".to_owned() });
            }
            let mut rows = Rows::default();
            let mut instance = terminated(Instance::new(def), &commands, &mut rows);
            nothing_is_left(&mut instance, &rows);
        }
    }
}

/// A countersign under way beside a message, a signal and timers, running and suspended.
#[test]
fn an_open_countersign_and_all_that_waits_go() {
    let boundary = |id: &str, what: &str| {
        format!(
            "<bpmn:boundaryEvent id=\"{id}\" attachedToRef=\"a\" cancelActivity=\"false\">{what}</bpmn:boundaryEvent>\
             <bpmn:endEvent id=\"{id}e\"/>"
        )
    };
    let inner = format!(
        "{START}<bpmn:userTask id=\"a\" tb:post=\"p\" tb:organ=\"=organ\" tb:countersign=\"veto\">\
         <bpmn:multiInstanceLoopCharacteristics tb:collection=\"organs\" tb:item=\"organ\"/></bpmn:userTask>{}{}{END}",
        boundary(
            "late",
            "<bpmn:timerEventDefinition><bpmn:timeDuration>P3D</bpmn:timeDuration></bpmn:timerEventDefinition>"
        ),
        boundary("dark", "<bpmn:signalEventDefinition signalRef=\"g\"/>"),
    );
    let signal = "<bpmn:signal id=\"g\" name=\"停电\"/>";
    let xml = file(signal, &inner, "s>a a>e late>latee dark>darke");
    let (def, _) = Definition::parse(xml.as_bytes()).expect("a sound file");
    let start = Command::start(
        [("organs".into(), serde_json::json!(["甲", "乙", "丙"]))]
            .into_iter()
            .collect(),
    );
    let signed = Command::Complete {
        task: 0,
        vars: [("agreed".into(), true.into())].into_iter().collect(),
    };
    let held = Command::Suspend {
        reason: "听证".to_owned(),
    };
    for further in [vec![], vec![signed.clone()], vec![signed, held]] {
        let mut commands = vec![start.clone()];
        let mut ahead = Instance::new(def.clone());
        ahead.send(&start).expect("started");
        for mut command in further {
            if let Command::Complete { task, .. } = &mut command {
                *task = ahead.state.open_tasks().next().expect("open").0;
            }
            ahead.send(&command).expect("fits");
            commands.push(command);
        }
        assert!(
            ahead.state.scopes.iter().any(|scope| scope.id != 0),
            "a countersign runs"
        );
        assert!(ahead.state.waits.len() > 1, "timer and signal wait");
        let mut rows = Rows::default();
        let mut instance = terminated(Instance::new(def.clone()), &commands, &mut rows);
        nothing_is_left(&mut instance, &rows);
    }
}
