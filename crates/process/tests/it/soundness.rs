//! The soundness check against the engine itself: small random models are walked in every way that there is.
//!
//! A model that the check finds sound never gets stuck; a join of which the check says that it waits for ever is
//! found waiting.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};
use tongban_process::{
    Command, Definition, On, Refusal, Severity, State, Status, Vars, check, step,
};

use crate::scenario::NOW;

const HEAD: &str = "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:tb=\"http://tongban.dev/bpmn\"><bpmn:error id=\"x\" errorCode=\"E\"/><bpmn:escalation id=\"u\" escalationCode=\"U\"/><bpmn:process id=\"p\">";

#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Task,
    /// With a timer at its edge that interrupts, or not.
    Timed(bool),
    Exclusive,
    Parallel,
    Inclusive,
    Sub(usize),
    End,
    Terminate,
    Error,
    Escalation,
}

/// Elements of one scope; every element but an end leads to one or two of the others.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    elements: Vec<(What, usize, usize, usize)>,
    /// An event sub-process by a timer: interrupting or not.
    event_sub: Option<bool>,
    /// What is at the edge of the sub-process: nothing, a timer, an error, an escalation that interrupts or not.
    edge: usize,
}

pub(crate) fn plan(inner: bool) -> impl Strategy<Value = Plan> {
    let what = prop_oneof![
        3 => Just(What::Task),
        1 => any::<bool>().prop_map(What::Timed),
        3 => Just(What::Exclusive),
        4 => Just(What::Parallel),
        2 => Just(What::Inclusive),
        1 => Just(if inner { What::Error } else { What::Sub(0) }),
        1 => Just(if inner { What::Escalation } else { What::Sub(1) }),
        1 => Just(What::Terminate),
        2 => Just(What::End),
    ];
    let size = if inner { 2..5 } else { 2..7usize };
    let elements = prop::collection::vec((what, 0..8usize, 0..8usize, 0..8usize), size);
    let event_sub = prop_oneof![4 => Just(None), 1 => any::<bool>().prop_map(Some)];
    (elements, event_sub, 0..6usize).prop_map(|(elements, event_sub, edge)| Plan {
        elements,
        event_sub,
        edge,
    })
}

struct Writer<'p> {
    subs: &'p [Plan],
    out: String,
    variables: usize,
}

impl Writer<'_> {
    fn flow(&mut self, from: &str, to: &str, condition: &str) -> String {
        let id = format!("{from}-{to}-{}", self.out.len());
        let inner = match condition {
            "" => String::new(),
            c => format!("<bpmn:conditionExpression>{c}</bpmn:conditionExpression>"),
        };
        self.out.push_str(&format!(
            "<bpmn:sequenceFlow id=\"{id}\" sourceRef=\"{from}\" targetRef=\"{to}\">{inner}</bpmn:sequenceFlow>"
        ));
        id
    }

    fn timer(&mut self, kind: &str, id: &str, attributes: &str) {
        self.out.push_str(&format!(
            "<bpmn:{kind} id=\"{id}\" {attributes}><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:{kind}>"
        ));
    }

    /// The elements of a scope; `p` stands before every id. An element leads to later ones, seldom back.
    fn scope(&mut self, p: &str, plan: &Plan) {
        let last = plan.elements.len();
        self.out.push_str(&format!(
            "<bpmn:startEvent id=\"{p}s\"/><bpmn:endEvent id=\"{p}{last}\"/>"
        ));
        self.flow(&format!("{p}s"), &format!("{p}0"), "");
        for (i, (what, a, b, back)) in plan.elements.iter().enumerate() {
            let id = format!("{p}{i}");
            let ahead = |n: usize| format!("{p}{}", i + 1 + n % (last - i));
            let other = if *back == 0 {
                format!("{p}{}", b % (i + 1))
            } else {
                ahead(*b)
            };
            self.element(&id, *what, &ahead(*a), &other);
        }
        if let Some(interrupting) = plan.event_sub {
            let begin = format!("isInterrupting=\"{interrupting}\"");
            self.out.push_str(&format!(
                "<bpmn:subProcess id=\"{p}v\" triggeredByEvent=\"true\">"
            ));
            self.timer("startEvent", &format!("{p}vs"), &begin);
            self.out.push_str(&format!(
                "<bpmn:userTask id=\"{p}vt\" tb:post=\"p\"/><bpmn:endEvent id=\"{p}ve\"/>"
            ));
            self.flow(&format!("{p}vs"), &format!("{p}vt"), "");
            self.flow(&format!("{p}vt"), &format!("{p}ve"), "");
            self.out.push_str("</bpmn:subProcess>");
        }
    }

    fn element(&mut self, id: &str, what: What, to: &str, other: &str) {
        let gateway = |kind: &str, default: &str| format!("<bpmn:{kind} id=\"{id}\" {default}/>");
        match what {
            What::Task | What::Timed(_) => {
                self.out
                    .push_str(&format!("<bpmn:userTask id=\"{id}\" tb:post=\"p\"/>"));
                self.flow(id, to, "");
                if let What::Timed(interrupting) = what {
                    let at = format!("attachedToRef=\"{id}\" cancelActivity=\"{interrupting}\"");
                    let late = format!("{id}late");
                    self.timer("boundaryEvent", &late, &at);
                    self.flow(&late, other, "");
                }
            }
            What::Exclusive | What::Inclusive => {
                let v = self.variables;
                self.variables += 1;
                let default = self.flow(id, to, "");
                self.flow(id, other, &format!("v{v} = 1"));
                let kind = match what {
                    What::Exclusive => "exclusiveGateway",
                    _ => "inclusiveGateway",
                };
                let gateway = gateway(kind, &format!("default=\"{default}\""));
                self.out.push_str(&gateway);
            }
            What::Parallel => {
                self.flow(id, to, "");
                if to != other {
                    self.flow(id, other, "");
                }
                self.out.push_str(&gateway("parallelGateway", ""));
            }
            What::Sub(n) => self.sub(id, n, to, other),
            What::End => self.out.push_str(&gateway("endEvent", "")),
            What::Terminate => self.end(id, "terminateEventDefinition", ""),
            What::Error => self.end(id, "errorEventDefinition", "errorRef=\"x\""),
            What::Escalation => self.end(id, "escalationEventDefinition", "escalationRef=\"u\""),
        }
    }

    fn end(&mut self, id: &str, definition: &str, attribute: &str) {
        self.out.push_str(&format!(
            "<bpmn:endEvent id=\"{id}\"><bpmn:{definition} {attribute}/></bpmn:endEvent>"
        ));
    }

    fn sub(&mut self, id: &str, n: usize, to: &str, other: &str) {
        let plan = &self.subs[n];
        self.out.push_str(&format!("<bpmn:subProcess id=\"{id}\">"));
        self.scope(&format!("{id}_"), plan);
        self.out.push_str("</bpmn:subProcess>");
        self.flow(id, to, "");
        let edge = format!("{id}edge");
        let event = |interrupting: bool, definition: &str| {
            format!(
                "<bpmn:boundaryEvent id=\"{edge}\" attachedToRef=\"{id}\" cancelActivity=\"{interrupting}\"><bpmn:{definition}/></bpmn:boundaryEvent>"
            )
        };
        match plan.edge {
            1 => self.timer(
                "boundaryEvent",
                &edge,
                &format!("attachedToRef=\"{id}\" cancelActivity=\"true\""),
            ),
            2 => {
                let event = event(true, "errorEventDefinition errorRef=\"x\"");
                self.out.push_str(&event);
            }
            3 | 4 => {
                let event = event(
                    plan.edge == 3,
                    "escalationEventDefinition escalationRef=\"u\"",
                );
                self.out.push_str(&event);
            }
            _ => return,
        }
        self.flow(&edge, other, "");
    }
}

/// The file and the number of its variables.
pub(crate) fn file(main: &Plan, subs: &[Plan]) -> (String, usize) {
    let mut writer = Writer {
        subs,
        out: HEAD.to_owned(),
        variables: 0,
    };
    writer.scope("n", main);
    writer.out.push_str("</bpmn:process></bpmn:definitions>");
    (writer.out, writer.variables)
}

/// What a state is apart from numbers and variables.
pub(crate) fn shape(state: &State) -> String {
    let scope = |id: u64| {
        let mut path = String::new();
        let mut at = state.scope(id);
        while let Some(open) = at {
            path += &format!("/{}", open.element);
            at = state.scope(open.parent).filter(|_| open.parent != open.id);
        }
        path
    };
    let tokens = state.tokens.iter().map(|t| {
        let on = match t.on {
            On::Flow => "flow",
            _ => "in",
        };
        format!("{} {on} {}", t.at, scope(t.scope))
    });
    let waits = state
        .waits
        .iter()
        .map(|w| format!("{} {}", w.element, scope(w.scope)));
    let mut all: Vec<String> = tokens.chain(waits).collect();
    all.sort_unstable();
    format!("{:?} {}", state.status, all.join(";"))
}

#[derive(Debug, PartialEq)]
enum Walked {
    /// The elements before which tokens wait for ever, in some state.
    Stuck(BTreeSet<String>),
    Never,
    /// Too many states, an incident, an error that nobody catches.
    Unknown,
}

/// All ways through a model: every task, every timer, all outcomes of its conditions.
fn walk(def: &Definition, variables: usize) -> Walked {
    let picks: Vec<Vars> = (0..1u32 << variables)
        .map(|mask| {
            let one = |i: usize| (format!("v{i}").into(), (mask >> i & 1).into());
            (0..variables).map(one).collect()
        })
        .collect();
    let mut seen = BTreeSet::new();
    let mut todo = Vec::new();
    let mut stuck = BTreeSet::new();
    for vars in &picks {
        match step(def, &State::default(), &Command::start(vars.clone()), NOW) {
            Ok(step) => todo.push(step.state),
            Err(Refusal::UncaughtError { .. }) => {}
            Err(_) => return Walked::Unknown,
        }
    }
    while let Some(state) = todo.pop() {
        if !seen.insert(shape(&state)) {
            continue;
        }
        if seen.len() > 300 || !state.incidents.is_empty() || state.tokens.len() > 8 {
            return Walked::Unknown;
        }
        if state.status == Status::Ended {
            continue;
        }
        let tasks = state.open_tasks().map(|(task, _)| task);
        let tasks: Vec<u64> = tasks.collect();
        let timers: Vec<u64> = state.timers().map(|w| w.id).collect();
        if tasks.is_empty() && timers.is_empty() {
            let waiting = state.tokens.iter().filter(|t| t.on == On::Flow);
            stuck.extend(waiting.map(|t| t.at.to_string()));
        }
        for vars in &picks {
            let complete = tasks.iter().map(|task| Command::Complete {
                task: *task,
                vars: vars.clone(),
            });
            for command in complete {
                match step(def, &state, &command, NOW) {
                    Ok(step) => todo.push(step.state),
                    Err(Refusal::UncaughtError { .. }) => {}
                    Err(_) => return Walked::Unknown,
                }
            }
            for &timer in &timers {
                let set = Command::SetVars { vars: vars.clone() };
                let set = step(def, &state, &set, NOW).map(|step| step.state);
                let fired = set.and_then(|s| step(def, &s, &Command::FireTimer { timer }, NOW));
                match fired {
                    Ok(step) => todo.push(step.state),
                    Err(Refusal::UncaughtError { .. }) => {}
                    Err(_) => return Walked::Unknown,
                }
            }
        }
    }
    match stuck.is_empty() {
        true => Walked::Never,
        false => Walked::Stuck(stuck),
    }
}

/// How many models were stuck, were sound and never stuck, were not decided by one of the two.
type Counts = [Cell<u32>; 3];

fn compare(main: &Plan, subs: &[Plan], counts: &Counts) -> TestCaseResult {
    let (xml, variables) = file(main, subs);
    prop_assume!(variables <= 4);
    let Ok((def, _)) = Definition::parse(xml.as_bytes()) else {
        return Err(TestCaseError::reject("not read"));
    };
    let findings = check(&def);
    let of = |severity| findings.iter().filter(move |f| f.severity == severity);
    let sound = of(Severity::Fault)
        .chain(of(Severity::NotDecided))
        .next()
        .is_none();
    let told = |rule| findings.iter().any(|f| f.rule == rule);
    let walked = walk(&def, variables);
    let count = match &walked {
        Walked::Stuck(at) => {
            prop_assert!(!sound, "stuck at {:?}, but sound\n{}", at, xml);
            0
        }
        Walked::Never => {
            let waits = told("deadlock") && !told("twice");
            prop_assert!(!waits, "never stuck, but {:#?}\n{}", findings, xml);
            if sound { 1 } else { 2 }
        }
        Walked::Unknown => 2,
    };
    counts[count].set(counts[count].get() + 1);
    Ok(())
}

#[test]
fn the_check_and_the_engine_agree() {
    let counts = Counts::default();
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        cases: 400,
        max_global_rejects: 100_000,
        ..ProptestConfig::default()
    });
    let models = (plan(false), prop::collection::vec(plan(true), 2));
    let run = runner.run(&models, |(main, subs)| compare(&main, &subs, &counts));
    if let Err(found) = run {
        panic!("{found}");
    }
    let [stuck, sound, open] = counts.map(Cell::into_inner);
    println!("{stuck} stuck, {sound} sound, {open} not compared");
    assert!(
        stuck > 25 && sound > 25,
        "{stuck} stuck, {sound} sound, {open} not compared"
    );
}
