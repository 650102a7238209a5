//! Models as text. One chain per line:
//!
//! `start -> a -> x:xor`, `x -[outcome = "ok"]-> b`, `x -*-> c` (default), `a ~P3D~> late` (interrupting timer),
//! `a ~~P3D~~> reminder` (non-interrupting), `b -> end`. The kind follows a colon at the first mention; without
//! one, `start…` and `end…` are events and all else is a user task.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tongban_process::Definition;

#[derive(Default)]
pub(crate) struct Model {
    order: Vec<String>,
    elements: BTreeMap<String, String>,
    flows: String,
    defaults: BTreeMap<String, String>,
    count: usize,
}

fn take_word(rest: &mut &str) -> String {
    let trimmed = rest.trim_start();
    let end = trimmed.find(char::is_whitespace).unwrap_or(trimmed.len());
    let (word, tail) = trimmed.split_at(end);
    *rest = tail;
    word.to_owned()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

impl Model {
    fn node(&mut self, word: &str) -> String {
        let (id, kind) = word.split_once(':').unwrap_or((word, ""));
        if self.elements.contains_key(id) {
            return id.to_owned();
        }
        let kind = match kind {
            "" if id.starts_with("start") => "startEvent",
            "" if id.starts_with("end") => "endEvent",
            "" | "user" => "userTask tb:post=\"p\"",
            "xor" => "exclusiveGateway",
            "and" => "parallelGateway",
            "or" => "inclusiveGateway",
            "service" => "serviceTask tb:service=\"s\"",
            "manual" => "manualTask",
            "terminate" => "endEvent!<bpmn:terminateEventDefinition/>",
            timer if timer.starts_with('P') => {
                let text = format!(
                    "intermediateCatchEvent!<bpmn:timerEventDefinition><bpmn:timeDuration>{timer}</bpmn:timeDuration></bpmn:timerEventDefinition>"
                );
                self.elements.insert(id.to_owned(), text);
                self.order.push(id.to_owned());
                return id.to_owned();
            }
            // `n:count=count+1` assigns.
            script => {
                let (variable, formula) = script.split_once('=').expect("a known kind");
                let text = format!(
                    "scriptTask tb:variable=\"{variable}\"!<bpmn:script>{}</bpmn:script>",
                    escape(formula)
                );
                self.elements.insert(id.to_owned(), text);
                self.order.push(id.to_owned());
                return id.to_owned();
            }
        };
        self.elements.insert(id.to_owned(), kind.to_owned());
        self.order.push(id.to_owned());
        id.to_owned()
    }

    fn boundary(&mut self, host: &str, duration: &str, interrupting: bool) -> String {
        let id = format!("{host}_timer_{}", self.order.len());
        let text = format!(
            "boundaryEvent attachedToRef=\"{host}\" cancelActivity=\"{interrupting}\"!<bpmn:timerEventDefinition><bpmn:timeDuration>{duration}</bpmn:timeDuration></bpmn:timerEventDefinition>"
        );
        self.elements.insert(id.clone(), text);
        self.order.push(id.clone());
        id
    }

    fn flow(&mut self, from: &str, to: &str, condition: &str) {
        self.count += 1;
        let id = format!("f{}", self.count);
        if condition == "*" {
            self.defaults.insert(from.to_owned(), id.clone());
        }
        let inner = match condition {
            "" | "*" => String::new(),
            c => format!(
                "<bpmn:conditionExpression>{}</bpmn:conditionExpression>",
                escape(c)
            ),
        };
        let _ = writeln!(
            self.flows,
            "<bpmn:sequenceFlow id=\"{id}\" sourceRef=\"{from}\" targetRef=\"{to}\">{inner}</bpmn:sequenceFlow>"
        );
    }

    fn line(&mut self, line: &str) {
        let mut rest = line;
        let word = take_word(&mut rest);
        let mut at = self.node(&word);
        while !rest.trim().is_empty() {
            rest = rest.trim_start();
            let mut condition = String::new();
            if let Some(tail) = rest.strip_prefix("-[") {
                let (inside, tail) = tail.split_once("]->").expect("]->");
                inside.clone_into(&mut condition);
                rest = tail;
            } else {
                let arrow = take_word(&mut rest);
                match arrow.as_str() {
                    "->" => {}
                    "-*->" => "*".clone_into(&mut condition),
                    timer => {
                        let duration = timer.trim_matches(['~', '>']);
                        at = self.boundary(&at, duration, !timer.starts_with("~~"));
                    }
                }
            }
            let word = take_word(&mut rest);
            let to = self.node(&word);
            self.flow(&at, &to, &condition);
            at = to;
        }
    }

    fn xml(&self) -> String {
        let mut out = String::from(HEAD);
        for id in &self.order {
            let (head, inner) = self.elements[id]
                .split_once('!')
                .unwrap_or((&self.elements[id], ""));
            let (name, attributes) = head.split_once(' ').unwrap_or((head, ""));
            let default = self.defaults.get(id).map(|d| format!(" default=\"{d}\""));
            let default = default.unwrap_or_default();
            let _ = writeln!(
                out,
                "<bpmn:{name} id=\"{id}\" name=\"{id}\" {attributes}{default}>{inner}</bpmn:{name}>"
            );
        }
        format!("{out}{}</bpmn:process></bpmn:definitions>\n", self.flows)
    }
}

pub(crate) const HEAD: &str = "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" \
     xmlns:tb=\"http://tongban.dev/bpmn\" xmlns:camunda=\"http://camunda.org/schema/1.0/bpmn\">\n\
     <bpmn:process id=\"p\" name=\"过程\" isExecutable=\"true\">\n";

/// The BPMN file of a model in text.
pub(crate) fn xml(text: &str) -> String {
    let mut model = Model::default();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        model.line(line);
    }
    model.xml()
}

pub(crate) fn parse(text: &str) -> Definition {
    let xml = xml(text);
    match Definition::parse(xml.as_bytes()) {
        Ok((def, _)) => def,
        Err(errors) => panic!(
            "{}\n{xml}",
            errors.iter().map(|e| format!("{e}\n")).collect::<String>()
        ),
    }
}
