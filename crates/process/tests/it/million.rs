//! A million random steps. Too long for the loop while typing: `.ci/run steps` runs it.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use tongban_process::Definition;

use crate::{model, nested, properties};

/// Steps of each of the two tests.
const STEPS: usize = 500_000;

/// One value of a strategy; always the same row of them, so that a finding is found again.
fn draw<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).expect("a value").current()
}

fn count(mut one: impl FnMut(&mut TestRunner) -> usize) {
    let mut runner = TestRunner::deterministic();
    let (mut steps, mut models) = (0, 0);
    while steps < STEPS {
        steps += one(&mut runner);
        models += 1;
    }
    println!("{steps} steps in {models} models");
}

#[test]
#[ignore = "minutes; .ci/run runs it"]
fn a_million_steps_in_block_structured_models() {
    let (blocks, wishes) = (properties::block(), properties::wishes());
    count(|runner| {
        let text = properties::model(&draw(&blocks, runner));
        let wishes = draw(&wishes, runner);
        let instance =
            properties::drive(crate::scenario::Instance::new(model::parse(&text)), &wishes);
        assert_eq!(
            instance.state.status,
            tongban_process::Status::Ended,
            "{text}\n{wishes:?}"
        );
        instance.steps
    });
}

#[test]
#[ignore = "minutes; .ci/run runs it"]
fn a_million_steps_in_scopes_events_and_repetitions() {
    let (blocks, wishes) = (nested::block(), nested::wishes());
    count(|runner| {
        let xml = nested::model(&draw(&blocks, runner));
        let (definition, _) = Definition::parse(xml.as_bytes()).expect("parses");
        nested::drive(definition, &draw(&wishes, runner)).steps
    });
}
