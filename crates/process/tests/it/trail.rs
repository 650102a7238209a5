//! Marks derived from tasks alone, held against the record of the engine, which knows every flow.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tongban_process::{
    Command, Effect, Id, Marks, Orders, State, Status, Stay, StayEnd, Token, trail,
};

use crate::model::parse;
use crate::properties::{Block, Wish, block, command, model, vars, wishes};
use crate::reference::definition;
use crate::scenario::Instance;

/// What a caller keeps of an instance: its tasks and what was ordered.
#[derive(Default)]
struct Kept {
    stays: Vec<(u64, Stay)>,
    orders: Orders,
}

impl Kept {
    /// One step, written down as rows; `forgets`: where the completion led is not kept.
    fn send(&mut self, instance: &mut Instance, command: &Command, forgets: bool) {
        let before = instance.state.clone();
        let Ok(step) = instance.send(command) else {
            return;
        };
        if let Command::Return { to, .. } = command {
            self.orders.moved_to.insert(to.clone());
        }
        self.orders.ended |= matches!(command, Command::Terminate { .. });
        for effect in &step.effects {
            match effect {
                Effect::OpenTask(open) => self.stays.push((
                    open.task,
                    Stay {
                        element: open.element.clone(),
                        end: StayEnd::Open,
                        led_to: None,
                    },
                )),
                Effect::CloseTask { task, done, .. } => {
                    let stay = self.stays.iter_mut().find(|(n, _)| n == task);
                    let (_, stay) = stay.expect("an open task");
                    stay.end = if *done {
                        StayEnd::Done
                    } else {
                        StayEnd::Cancelled
                    };
                    stay.led_to = (*done && !forgets).then(|| led_to(&before, &step.state));
                }
                _ => {}
            }
        }
    }

    fn marks(&self, instance: &Instance) -> Marks {
        let stays: Vec<Stay> = self.stays.iter().map(|(_, stay)| stay.clone()).collect();
        trail(&instance.def, &instance.state, &stays, &self.orders)
    }
}

fn led_to(before: &State, after: &State) -> Vec<Token> {
    let new = after.tokens.iter().filter(|t| !before.tokens.contains(t));
    new.cloned().collect()
}

/// What the record says was left and taken.
fn truth(instance: &Instance) -> BTreeSet<Id> {
    Marks::of(&instance.def, &instance.state, &instance.record).done
}

fn never_more_than_the_truth(
    mut instance: Instance,
    wishes: &[Wish],
    end: bool,
) -> Result<(), TestCaseError> {
    let mut kept = Kept::default();
    kept.send(&mut instance, &Command::start(vars(1, 0)), false);
    for wish in wishes {
        let command = command(&instance, *wish);
        kept.send(&mut instance, &command, wish.1 % 3 == 0);
        let (marks, truth) = (kept.marks(&instance), truth(&instance));
        let invented: Vec<_> = marks.done.difference(&truth).collect();
        prop_assert!(
            invented.is_empty(),
            "{invented:?}\n{:#?}\n{:?}",
            kept.stays,
            instance.state
        );
    }
    if end && instance.state.status == Status::Running {
        let reason = "撤回".to_owned();
        kept.send(&mut instance, &Command::Terminate { reason }, false);
        let marks = kept.marks(&instance);
        let truth = truth(&instance);
        let invented: Vec<_> = marks.done.difference(&truth).collect();
        prop_assert!(invented.is_empty(), "{invented:?} after the end by order");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_marked_that_was_not_taken(b in block(), wishes in wishes(), end in any::<bool>()) {
        let b = Block::Sequence(vec![b, Block::Task]);
        never_more_than_the_truth(Instance::new(parse(&model(&b))), &wishes, end)?;
    }

    #[test]
    fn nothing_is_invented_in_the_reference_process(wishes in wishes(), end in any::<bool>()) {
        never_more_than_the_truth(Instance::new(definition()), &wishes, end)?;
    }
}

fn run(text: &str, lines: &[(&str, &[&str])]) -> (Instance, Kept) {
    let def = if text.is_empty() {
        definition()
    } else {
        parse(text)
    };
    let (mut instance, mut kept) = (Instance::new(def), Kept::default());
    let start = "outcome= decision= review_organ_1=甲 review_organ_2=乙 review_organ_3=丙";
    let start = Command::start(crate::scenario::vars(start.split(' ')));
    kept.send(&mut instance, &start, false);
    for (element, set) in lines {
        let task = instance
            .state
            .open_tasks()
            .find(|(_, at)| ***at == **element);
        let vars = crate::scenario::vars(set.iter().copied());
        let command = match task {
            Some((task, _)) => Command::Complete { task, vars },
            None => {
                let (work, _) = instance.state.open_work().next().expect("open work");
                Command::ServiceDone { work, vars }
            }
        };
        // The applicant's own steps are kept without where they led.
        kept.send(&mut instance, &command, *element == "supplement");
    }
    (instance, kept)
}

#[test]
fn the_whole_way_of_the_reference_process_is_told() {
    let (instance, kept) = run(
        "",
        &[
            ("pre_review", &["outcome=supplement"]),
            ("supplement", &[]),
            ("pre_review", &["outcome=accept"]),
            ("accept", &[]),
            ("review_1", &[]),
            ("review_3", &[]),
        ],
    );
    let marks = kept.marks(&instance);
    assert_eq!(marks.done, truth(&instance));
    assert!(marks.current.contains("review_2") && marks.current.contains("f_reviewed_1"));
    let (instance, kept) = run(
        "",
        &[
            ("pre_review", &["outcome=accept"]),
            ("accept", &[]),
            ("review_2", &[]),
            ("review_1", &[]),
            ("review_3", &[]),
            ("decide", &["decision=grant"]),
            ("issue", &[]),
        ],
    );
    assert_eq!(instance.state.status, Status::Ended);
    let marks = kept.marks(&instance);
    assert_eq!(marks.done, truth(&instance));
    assert!(marks.done.contains("granted") && !marks.done.contains("f_supplement"));
}

#[test]
fn a_choice_that_nothing_decides_stays_open() {
    // Both ways lead to the same task without a rest: which was taken nobody wrote down.
    let text = "start -> a -> x:xor\n x -[p = 1]-> m:manual -> y:xor\n x -*-> n:manual -> y\n y -> b -> end";
    let (instance, kept) = run(text, &[("a", &["p=1"])]);
    let marks = kept.marks(&instance);
    let flow = |from: &str, to: &str| {
        let mut flows = instance.def.sequence_flows();
        let found = flows.find(|(_, _, source, target)| ***source == *from && ***target == *to);
        found.expect("a flow").0.clone()
    };
    assert!(marks.done.contains(&flow("a", "x")) && marks.done.contains(&flow("y", "b")));
    assert!(!marks.done.contains(&flow("x", "m")) && !marks.done.contains(&flow("x", "n")));
    assert!(truth(&instance).contains(&flow("x", "m")));
}

#[test]
fn what_was_returned_is_marked_as_taken_away() {
    let (mut instance, mut kept) = run("", &[("pre_review", &["outcome=accept"])]);
    let (task, _) = instance.state.open_tasks().next().expect("an open task");
    let (to, reason) = ("pre_review".into(), "材料有误".to_owned());
    kept.send(&mut instance, &Command::Return { task, to, reason }, false);
    let marks = kept.marks(&instance);
    assert!(marks.cancelled.contains("accept") && !marks.done.contains("accept"));
    assert!(marks.current.contains("pre_review") && marks.done.contains("f_passed"));
    kept.orders.migrated = true;
    let marks = kept.marks(&instance);
    assert!(marks.done.contains("pre_review") && !marks.done.contains("f_passed"));
}
