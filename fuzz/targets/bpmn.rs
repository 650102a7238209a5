//! A file of processes: read, checked, drawn, written back, begun, and driven a few steps with the state stored in between.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use tongban_process::{
    Command, Definition, For, Marks, On, Options, State, Vars, check, export, step, svg,
};

fn onwards(state: &State) -> Option<Command> {
    let vars = Vars::new();
    state.tokens.iter().find_map(|token| match token.on {
        On::Task(task) => Some(Command::Complete {
            task,
            vars: vars.clone(),
        }),
        On::Work(work) => Some(Command::ServiceDone {
            work,
            vars: vars.clone(),
        }),
        On::Event => {
            let wait = state.waits.iter().find(|w| w.token == Some(token.id))?;
            Some(match wait.for_ {
                For::Timer => Command::FireTimer { timer: wait.id },
                _ => Command::Trigger {
                    element: wait.element.clone(),
                    vars: vars.clone(),
                },
            })
        }
        _ => None,
    })
}

fn drive(def: &Definition) {
    let now = Timestamp::UNIX_EPOCH;
    let Ok(begun) = step(def, &State::default(), &Command::start(Vars::new()), now) else {
        return;
    };
    let mut state = begun.state;
    for _ in 0..20 {
        let text = serde_json::to_string(&state).expect("a state is JSON");
        let stored: State = serde_json::from_str(&text).expect("a stored state is read");
        assert_eq!(stored, state, "a stored state is the state");
        let Some(command) = onwards(&state) else {
            return;
        };
        match step(def, &stored, &command, now) {
            Ok(next) => state = next.state,
            Err(_) => return,
        }
    }
}

fuzz_target!(init: tongban_fuzz::quiet(), |data: &[u8]| {
    tongban_fuzz::run(|| {
        let _ = export(data).map(|same| assert_eq!(same, data));
        let lenient = Options { lenient: true, ..Options::default() };
        let _ = Definition::parse(data);
        if let Ok((def, _)) = Definition::parse_with(data, &lenient) {
            let _ = check(&def);
            let _ = svg(&def, &Marks::default());
            let _ = def.longest_limit();
            drive(&def);
        }
    });
});
