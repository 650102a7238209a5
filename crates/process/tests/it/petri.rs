//! The Petri net of a process against the engine: what one can do, the other can.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tongban_process::{Command, Definition, NoNet, PetriNet, State, Status, Vars, petri_net, step};

use crate::model;
use crate::scenario::NOW;
use crate::soundness::{Plan, file, plan, shape};

type Marking = Vec<u8>;

fn fire(net: &PetriNet, marking: &Marking, label: Option<&str>) -> Vec<Marking> {
    let fits = net
        .transitions
        .iter()
        .filter(|t| t.label.as_deref() == label && t.takes.iter().all(|p| marking[*p] > 0));
    let next = fits.map(|t| {
        let mut next = marking.clone();
        t.takes.iter().for_each(|p| next[*p] -= 1);
        t.puts.iter().for_each(|p| next[*p] += 1);
        next
    });
    next.collect()
}

/// With everything that can happen silently.
fn silently(net: &PetriNet, from: impl IntoIterator<Item = Marking>) -> BTreeSet<Marking> {
    let mut todo: Vec<Marking> = from.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(marking) = todo.pop() {
        if seen.insert(marking.clone()) {
            todo.extend(fire(net, &marking, None));
        }
    }
    seen
}

fn begin(net: &PetriNet) -> BTreeSet<Marking> {
    let mut first = vec![0; net.places];
    first[0] = 1;
    silently(net, [first])
}

fn accepts(net: &PetriNet, names: &[String]) -> bool {
    let mut at = begin(net);
    for name in names {
        let done = at.iter().flat_map(|m| fire(net, m, Some(name)));
        at = silently(net, done.collect::<Vec<_>>());
    }
    at.iter().any(|marking| marking[1] == 1)
}

/// Everything that can be done next: tasks by their element, timers with an empty name; each with all outcomes of conditions.
fn next(def: &Definition, state: &State, picks: &[Vars]) -> Vec<(String, State)> {
    let mut all = Vec::new();
    let tasks: Vec<(u64, String)> = state
        .open_tasks()
        .map(|(task, element)| (task, element.to_string()))
        .collect();
    let timers: Vec<u64> = state.timers().map(|w| w.id).collect();
    for vars in picks {
        for (task, element) in &tasks {
            let complete = Command::Complete {
                task: *task,
                vars: vars.clone(),
            };
            if let Ok(step) = step(def, state, &complete, NOW) {
                all.push((element.clone(), step.state));
            }
        }
        for &timer in &timers {
            let set = step(def, state, &Command::SetVars { vars: vars.clone() }, NOW);
            let fired = set.and_then(|s| step(def, &s.state, &Command::FireTimer { timer }, NOW));
            if let Ok(step) = fired {
                all.push((String::new(), step.state));
            }
        }
    }
    all
}

fn picks(variables: usize) -> Vec<Vars> {
    let one = |mask: u32, i: usize| (format!("v{i}").into(), (mask >> i & 1).into());
    (0..1u32 << variables)
        .map(|mask| (0..variables).map(|i| one(mask, i)).collect())
        .collect()
}

fn started(def: &Definition, picks: &[Vars]) -> Vec<State> {
    let start = |vars: &Vars| step(def, &State::default(), &Command::start(vars.clone()), NOW);
    picks
        .iter()
        .filter_map(|vars| start(vars).ok())
        .map(|s| s.state)
        .collect()
}

/// Whether the engine can have exactly these tasks done, one after the other, to the end.
fn can(def: &Definition, picks: &[Vars], names: &[String]) -> bool {
    let mut todo: Vec<(usize, State)> = started(def, picks).into_iter().map(|s| (0, s)).collect();
    let mut seen = BTreeSet::new();
    while let Some((at, state)) = todo.pop() {
        if state.status == Status::Ended {
            if at == names.len() {
                return true;
            }
            continue;
        }
        if !seen.insert((at, shape(&state))) {
            continue;
        }
        for (name, state) in next(def, &state, picks) {
            if name.is_empty() {
                todo.push((at, state));
            } else if names.get(at) == Some(&name) {
                todo.push((at + 1, state));
            }
        }
    }
    false
}

/// A run of the engine, `choices` deciding; `None` if it does not end in time.
fn run(def: &Definition, picks: &[Vars], choices: &[usize]) -> Option<Vec<String>> {
    let starts = started(def, picks);
    let mut choices = choices.iter();
    let mut state = starts.get(choices.next()? % starts.len().max(1))?.clone();
    let mut names = Vec::new();
    while state.status != Status::Ended {
        let mut all = next(def, &state, picks);
        if all.is_empty() {
            return None;
        }
        let (name, after) = all.swap_remove(choices.next()? % all.len());
        names.extend(Some(name).filter(|name| !name.is_empty()));
        state = after;
    }
    Some(names)
}

/// A run of the net.
fn net_run(net: &PetriNet, choices: &[usize]) -> Option<Vec<String>> {
    let mut at = vec![0; net.places];
    at[0] = 1;
    let mut names = Vec::new();
    for choice in choices {
        let can = net
            .transitions
            .iter()
            .filter(|t| t.takes.iter().all(|p| at[*p] > 0));
        let can: Vec<_> = can.collect();
        if can.is_empty() {
            return Some(names);
        }
        let t = can[choice % can.len()];
        t.takes.iter().for_each(|p| at[*p] -= 1);
        t.puts.iter().for_each(|p| at[*p] += 1);
        names.extend(t.label.clone());
    }
    None
}

/// How many runs of the engine and of the net were compared.
#[derive(Default)]
struct Compared(Cell<u32>, Cell<u32>);

fn compare(
    main: &Plan,
    subs: &[Plan],
    choices: &[usize],
    compared: &Compared,
) -> Result<(), TestCaseError> {
    let (xml, variables) = file(main, subs);
    prop_assume!(variables <= 4);
    let (def, _) =
        Definition::parse(xml.as_bytes()).map_err(|_| TestCaseError::reject("not read"))?;
    let Ok(net) = petri_net(&def) else {
        return Ok(());
    };
    let picks = picks(variables);
    if let Some(names) = run(&def, &picks, choices) {
        compared.0.set(compared.0.get() + 1);
        prop_assert!(
            accepts(&net, &names),
            "the net refuses {names:?}\n{xml}\n{net:?}"
        );
    }
    if let Some(names) = net_run(&net, choices) {
        compared.1.set(compared.1.get() + 1);
        prop_assert!(
            can(&def, &picks, &names),
            "the engine cannot {names:?}\n{xml}\n{net:?}"
        );
    }
    Ok(())
}

#[test]
fn net_and_engine_can_do_the_same() {
    let compared = Compared::default();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 3_000,
        max_global_rejects: 100_000,
        ..ProptestConfig::default()
    });
    let choices = prop::collection::vec(any::<usize>(), 40);
    let plans = (plan(false), plan(true), plan(true), choices);
    runner
        .run(&plans, |(main, one, two, choices)| {
            compare(&main, &[one, two], &choices, &compared)
        })
        .expect("the same");
    // Else nothing was compared.
    assert!(compared.0.get() > 200, "{}", compared.0.get());
    assert!(compared.1.get() > 200, "{}", compared.1.get());
}

fn names(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a_net_knows_order_choice_and_concurrency() {
    let net = petri_net(&model::parse(
        "start -> a -> x:xor\nx -[outcome = \"ok\"]-> f:and\nx -*-> end\nf -> b -> j:and -> d -> end2\nf -> c -> j",
    ))
    .expect("a net");
    for good in ["a", "a b c d", "a c b d"] {
        assert!(accepts(&net, &names(good)), "{good}");
    }
    for bad in [
        "",
        "a b d",
        "a d",
        "b c d",
        "a b c",
        "a b b c d",
        "a b c d d",
    ] {
        assert!(!accepts(&net, &names(bad)), "{bad}");
    }
}

#[test]
fn what_a_net_cannot_say_is_refused_by_name() {
    let why = |text: &str| petri_net(&model::parse(text)).expect_err("refused");
    for (text, element) in [
        (
            "start -> i:or\ni -[v = 1]-> a -> j:or -> end\ni -*-> b -> j",
            "i",
        ),
        ("start -> a ~~P1D~~> late -> end2\na -> end", "a_timer_2"),
        (
            "start -> f:and\nf -> a -> stop:terminate\nf -> b -> end",
            "stop",
        ),
    ] {
        match why(text) {
            NoNet::Element { element: found, .. } => assert_eq!(&*found, element, "{text}"),
            other => panic!("{other}"),
        }
    }
    // Branches that end by themselves, and a join that waits for ever.
    assert_eq!(
        why("start -> f:and\nf -> a -> end\nf -> b -> end2"),
        NoNet::Ends
    );
    assert_eq!(
        why("start -> x:xor\nx -[v = 1]-> a -> j:and -> end\nx -*-> b -> j"),
        NoNet::Ends
    );
}

#[test]
fn a_countersign_is_given_once_or_more_often() {
    let file = include_bytes!("../../testdata/licence-approval-countersign.bpmn");
    let (def, _) = Definition::parse(file).expect("read");
    let net = petri_net(&def).expect("a net");
    let with = |signs: usize| {
        let before = "补正材料 预审 受理 审查（三） 审查（一） 审查（二）";
        let names = format!("预审 {before}{} 决定", " 会签".repeat(signs));
        accepts(
            &net,
            &names
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
    };
    assert!(!with(0));
    assert!(with(1) && with(3));
}
