//! Where everything stands after a step.

use jiff::Timestamp;
use serde_json::Value;

use super::{View, Walk};
use crate::engine::{For, Id, On, Vars};
use crate::model::Definition;
use crate::svg::Marks;

/// What can be done next with something that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Todo {
    /// A user task: `complete`.
    Task,
    /// A service that somebody else carries out: `complete`, or `fail`.
    Service,
    /// An armed event or a receive task: `trigger`.
    Event,
}

/// One thing that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The element.
    pub element: Id,
    /// Its name in the picture; its id where it has none.
    pub name: String,
    /// What can be done with it.
    pub todo: Todo,
    /// When it falls due, where a timer says so.
    pub due: Option<Timestamp>,
}

impl Walk {
    /// The clock of the walk.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether an instance has begun.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        !self.instances.is_empty()
    }

    /// The picture of the first file with where everything stands and has been.
    #[must_use]
    pub fn marks(&self) -> Marks {
        let mut marks = self.past.clone();
        for instance in self.instances.iter().filter(|i| i.file == 0) {
            let now = Marks::of(&self.shelf.files[0], &instance.state, []);
            marks.current.extend(now.current);
            marks.stopped.extend(now.stopped);
        }
        marks
    }

    fn name_of(&self, file: usize, element: &str) -> String {
        let first = std::iter::once(&self.shelf.files[file]);
        let mut files = first.chain(&self.shelf.files);
        let found = files.find_map(|file: &std::sync::Arc<Definition>| file.element(element));
        found
            .map(|view| view.name)
            .filter(|name| !name.is_empty())
            .unwrap_or(element)
            .to_owned()
    }

    /// Everything that can be done next: tasks, services, and all armed events, those at the edge of an activity included.
    #[must_use]
    pub fn open(&self) -> Vec<Open> {
        let mut found = Vec::new();
        for instance in &self.instances {
            let mut add = |element: &Id, todo, due| {
                found.push(Open {
                    element: Id::clone(element),
                    name: self.name_of(instance.file, element),
                    todo,
                    due,
                });
            };
            for token in &instance.state.tokens {
                match token.on {
                    On::Task(_) => add(&token.at, Todo::Task, None),
                    On::Work(_) => add(&token.at, Todo::Service, None),
                    _ => {}
                }
            }
            // Conditions happen by themselves, with a change of variables.
            let waits = instance.state.waits.iter();
            for wait in waits.filter(|w| w.for_ != For::Condition) {
                add(
                    &wait.element,
                    Todo::Event,
                    instance.due.get(&wait.id).copied(),
                );
            }
        }
        found
    }

    /// Where everything stands.
    #[must_use]
    pub fn view(&self) -> View {
        let mut view = View {
            ended: !self.instances.is_empty() && self.live().is_empty(),
            end_events: self.ends.clone(),
            trace: self.trace.clone(),
            ..View::default()
        };
        let json = |vars: &Vars| -> Vec<(String, Value)> {
            vars.iter()
                .map(|(name, value)| (name.to_string(), value.clone()))
                .collect()
        };
        for instance in &self.instances {
            view.vars.extend(json(instance.state.vars()));
            for vars in instance.called.values() {
                view.called_vars.extend(json(vars));
            }
            for token in &instance.state.tokens {
                match token.on {
                    On::Task(_) => view.tasks.push(token.at.to_string()),
                    On::Work(_) => view.waiting.push(token.at.to_string()),
                    On::Event => {
                        let waits = instance.state.waits.iter();
                        let own: Vec<String> = waits
                            .filter(|w| w.token == Some(token.id))
                            .map(|w| w.element.to_string())
                            .collect();
                        // In the event itself; behind a gateway, in each of its events.
                        if own.iter().any(|e| **e == *token.at) {
                            view.waiting.push(token.at.to_string());
                        } else {
                            view.waiting.extend(own);
                        }
                    }
                    On::Flow | On::Element | On::Scope(_) => {}
                }
            }
            for open in instance.tasks.values() {
                let element = open.element.to_string();
                let assignee = open.assignee.as_ref().map(ToString::to_string);
                view.assignees
                    .entry(element.clone())
                    .or_default()
                    .push(assignee);
                let groups = if open.candidate_groups.is_empty() {
                    open.post.iter().map(ToString::to_string).collect()
                } else {
                    open.candidate_groups
                        .iter()
                        .map(ToString::to_string)
                        .collect()
                };
                view.candidate_groups.insert(element, groups);
            }
        }
        view.tasks.sort();
        view.waiting.sort();
        view
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::walk::Op;

    const FILE: &str = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tb="http://tongban.dev/bpmn">
        <process id="p" tb:variables="fine"><startEvent id="s"/><userTask id="t" name="看" tb:post="counter"/>
        <boundaryEvent id="late" attachedToRef="t" cancelActivity="false"><timerEventDefinition><timeDuration>PT2H</timeDuration></timerEventDefinition></boundaryEvent>
        <serviceTask id="w" tb:service="ask"/><endEvent id="e"/><endEvent id="told"/>
        <sequenceFlow id="f1" sourceRef="s" targetRef="t"/><sequenceFlow id="f2" sourceRef="t" targetRef="w"/>
        <sequenceFlow id="f3" sourceRef="w" targetRef="e"/><sequenceFlow id="f4" sourceRef="late" targetRef="told"/></process></definitions>"#;

    fn walk() -> Walk {
        let (file, _) = Definition::parse(FILE.as_bytes()).expect("sound");
        Walk::new(
            vec![("p".to_owned(), file)],
            Vec::new(),
            Arc::new(|due: &crate::Due, now| match due {
                crate::Due::At(at) => *at,
                _ => now,
            }),
        )
    }

    fn step(walk: &mut Walk, json: &str) {
        let op: Op = serde_json::from_str(json).expect("a step");
        walk.walk(&op).expect("done");
    }

    fn told(walk: &Walk) -> Vec<(String, Todo)> {
        let open = walk.open().into_iter();
        open.map(|one| (one.element.to_string(), one.todo))
            .collect()
    }

    #[test]
    fn what_is_open_can_be_done_and_what_was_left_is_marked() {
        let mut walk = walk();
        assert!(!walk.is_begun() && walk.open().is_empty());
        step(&mut walk, r#"{"op": "start"}"#);
        let wanted = [
            ("t".to_owned(), Todo::Task),
            ("late".to_owned(), Todo::Event),
        ];
        assert_eq!(told(&walk), wanted);
        let [task, timer] = &walk.open()[..] else {
            panic!("two things are open");
        };
        assert_eq!((task.name.as_str(), task.due), ("看", None));
        assert_eq!(
            timer.due,
            Some(walk.now() + jiff::SignedDuration::from_hours(2))
        );
        assert!(walk.marks().current.contains("t") && !walk.marks().done.contains("t"));
        step(&mut walk, r#"{"op": "complete", "task": "t"}"#);
        assert_eq!(told(&walk), [("w".to_owned(), Todo::Service)]);
        step(&mut walk, r#"{"op": "complete", "task": "w"}"#);
        let marks = walk.marks();
        assert!(walk.open().is_empty() && marks.current.is_empty());
        for past in ["s", "t", "w", "e", "f2"] {
            assert!(marks.done.contains(past), "{past}");
        }
        assert!(!marks.done.contains("told"));
    }
}
