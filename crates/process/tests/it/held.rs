//! A decision that cannot be made now holds the token where it is, until somebody retries.

use std::cell::Cell;

use jiff::Timestamp;
use serde_json::json;
use tongban_process::feel::Names;
use tongban_process::{
    Binding, Command, Decided, Definition, Effect, Event, Library, Missing, Refusal, State, Status,
    Vars, fold, step,
};

const FILE: &str = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tb="http://tongban.dev/bpmn" targetNamespace="x">
<process id="p"><startEvent id="s"/>
<businessRuleTask id="rule" name="核定" tb:decision="grade" tb:variable="g" tb:binding="deployment"/>
<boundaryEvent id="late" attachedToRef="rule"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>
<userTask id="t" tb:post="counter"/><endEvent id="e"/><endEvent id="e2"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="rule"/><sequenceFlow id="f2" sourceRef="rule" targetRef="t"/>
<sequenceFlow id="f3" sourceRef="t" targetRef="e"/><sequenceFlow id="f4" sourceRef="late" targetRef="e2"/>
</process></definitions>"#;

/// Answers once it is told to.
struct Later<'d> {
    definition: &'d Definition,
    ready: Cell<bool>,
}

impl Library for Later<'_> {
    fn main(&self) -> &Definition {
        self.definition
    }
    fn called(&self, _: &str) -> Option<&Definition> {
        None
    }
    fn resolve<'a>(&'a self, _: &'a Definition, _: &str, _: &Binding) -> Option<&'a Definition> {
        None
    }
    fn decide(
        &self,
        _: &Definition,
        decision: &str,
        binding: &Binding,
        _: &dyn Names,
    ) -> Result<Decided, Missing> {
        assert_eq!((decision, binding), ("grade", &Binding::Deployment));
        if self.ready.get() {
            return Ok(Decided {
                value: json!("小"),
                rules: vec!["r1".into()],
            });
        }
        Err(Missing::Held("还不能判断".to_owned()))
    }
}

fn timers(state: &State) -> usize {
    state.waits.len()
}

#[test]
fn a_held_decision_is_asked_again_and_its_events_are_armed_once() {
    let (definition, _) = Definition::parse(FILE.as_bytes()).expect("sound");
    let told: Vec<_> = definition.rules().collect();
    assert_eq!(
        (told[0].decision, told[0].name, told.len()),
        (Some("grade"), "核定", 1)
    );
    let library = Later {
        definition: &definition,
        ready: Cell::new(false),
    };
    let now = Timestamp::UNIX_EPOCH;
    let begun = step(
        &library,
        &State::default(),
        &Command::start(Vars::new()),
        now,
    )
    .expect("begun");
    let token = begun.effects.iter().find_map(|effect| match effect {
        Effect::Incident {
            token,
            element,
            reason,
        } => {
            assert_eq!((&**element, reason.as_str()), ("rule", "还不能判断"));
            Some(*token)
        }
        _ => None,
    });
    let token = token.expect("an incident");
    assert_eq!(begun.state.status, Status::Running);
    assert_eq!(timers(&begun.state), 1);
    let mut record = begun.events.clone();
    // Still not: it stays where it is.
    let retry = Command::Retry { token };
    let again = step(&library, &begun.state, &retry, now).expect("retried");
    assert_eq!(
        (again.state.incidents.as_slice(), timers(&again.state)),
        (&[token][..], 1)
    );
    record.extend(again.events.clone());
    library.ready.set(true);
    let done = step(&library, &again.state, &retry, now).expect("retried");
    record.extend(done.events.clone());
    assert_eq!(done.state.open_tasks().count(), 1);
    assert_eq!(
        (done.state.incidents.len(), timers(&done.state)),
        (0, 0),
        "its timer is gone"
    );
    assert!(
        done.events
            .iter()
            .any(|event| matches!(event, Event::Decided { .. }))
    );
    // The record alone gives the state again: nobody has to decide anew.
    assert_eq!(fold(&record), done.state);
    let late = step(&library, &done.state, &retry, now);
    assert_eq!(late, Err(Refusal::NoIncident(token)));
}
