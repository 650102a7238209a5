//! OCEL 2.0 in JSON (ocel-standard.org, specification 1.0 of 2023, section 8): objects and events of cases, written one case at a time.
//!
//! Values are written as text, as the published schema demands; the declared types say what they are.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tongban_kernel::{OrganId, Post};

use super::event_log::{
    LogCounts, Pseudonyms, Told, Traced, TracedDocument, Turn, Value, facts_of, instant, turns,
};
use super::{CaseEvent, CaseFact, Task, apply};

/// The moment of attributes that hold from the beginning.
const ALWAYS: &str = "1970-01-01T00:00:00.000Z";

type Declared = (&'static str, &'static [(&'static str, &'static str)]);

/// Object types with their attributes.
const OBJECT_TYPES: &[Declared] = &[
    (
        "case",
        &[
            ("state", "string"),
            ("process", "string"),
            ("channel", "integer"),
            ("promise_due", "time"),
        ],
    ),
    ("item", &[("name", "string")]),
    ("organ", &[("name", "string")]),
    ("officer", &[("name", "string")]),
    (
        "task",
        &[
            ("element", "string"),
            ("name", "string"),
            ("act", "string"),
            ("post", "string"),
            ("due", "time"),
            ("urged", "integer"),
            ("state", "string"),
            ("outcome", "string"),
        ],
    ),
    ("document", &[("template", "string"), ("number", "string")]),
    ("licence", &[("name", "string")]),
];

fn declared<'n>(name: &str, attributes: impl Iterator<Item = (&'n str, &'n str)>) -> Json {
    let attributes: Vec<Json> = attributes
        .map(|(name, kind)| json!({"name": name, "type": kind}))
        .collect();
    json!({"name": name, "attributes": attributes})
}

/// Before the first object, and between objects and events. The types come last: what was told is declared, and nothing else.
pub(crate) const HEAD: &str = "{\"objects\":[";
pub(crate) const BETWEEN: &str = "],\n\"events\":[";

const fn event_of(turn: Turn) -> &'static str {
    match turn {
        Turn::Opened => "task-opened",
        Turn::Done => "task-done",
        Turn::Cancelled => "task-cancelled",
    }
}

/// Writes cases one by one: objects into one stream, events into another.
pub(crate) struct Ocel<'a, O, E> {
    pub(crate) objects: O,
    pub(crate) events: E,
    pub(crate) names: &'a Pseudonyms<'a>,
    pub(crate) told: Told,
    pub(crate) types: Types,
    pub(crate) counts: LogCounts,
}

/// The types that were told of.
#[derive(Default)]
pub(crate) struct Types {
    objects: BTreeSet<&'static str>,
    /// With their attributes.
    events: BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>,
}

impl Types {
    /// What stands behind the last event.
    pub(crate) fn foot(&self) -> String {
        let told = OBJECT_TYPES
            .iter()
            .filter(|(name, _)| self.objects.contains(name));
        let objects: Vec<Json> = told
            .map(|(name, own)| declared(name, own.iter().copied()))
            .collect();
        let events: Vec<Json> = self
            .events
            .iter()
            .map(|(name, own)| declared(name, own.iter().map(|(name, kind)| (*name, *kind))))
            .collect();
        format!(
            "],\n\"objectTypes\":{},\n\"eventTypes\":{}}}\n",
            Json::from(objects),
            Json::from(events)
        )
    }
}

fn link(object: String, qualifier: &str) -> Json {
    json!({"objectId": object, "qualifier": qualifier})
}

fn attribute(name: &str, value: impl Into<String>, time: &str) -> Json {
    json!({"name": name, "value": value.into(), "time": time})
}

fn organ_id(id: OrganId) -> String {
    format!("organ:{id}")
}

impl<O: Write, E: Write> Ocel<'_, O, E> {
    fn object(
        &mut self,
        id: &str,
        kind: &'static str,
        attributes: &[Json],
        links: &[Json],
    ) -> io::Result<()> {
        self.objects.write_all(if self.counts.objects == 0 {
            b"\n"
        } else {
            b",\n"
        })?;
        self.counts.objects += 1;
        self.types.objects.insert(kind);
        self.counts.relations += links.len() as u64;
        let object =
            json!({"id": id, "type": kind, "attributes": attributes, "relationships": links});
        serde_json::to_writer(&mut self.objects, &object).map_err(io::Error::from)
    }

    fn event(
        &mut self,
        id: &str,
        kind: &'static str,
        at: Timestamp,
        facts: &[(&'static str, Value)],
        links: &[Json],
    ) -> io::Result<()> {
        self.events.write_all(if self.counts.events == 0 {
            b"\n"
        } else {
            b",\n"
        })?;
        self.counts.events += 1;
        let known = self.types.events.entry(kind).or_default();
        known.extend(facts.iter().map(|(name, value)| (*name, value.kind())));
        self.counts.relations += links.len() as u64;
        let facts: Vec<Json> = facts
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value.text()}))
            .collect();
        let event = json!({"id": id, "type": kind, "time": instant(at), "attributes": facts, "relationships": links});
        serde_json::to_writer(&mut self.events, &event).map_err(io::Error::from)
    }

    /// One case: its objects and its events.
    pub(crate) fn case(&mut self, case: &Traced) -> io::Result<()> {
        self.counts.cases += 1;
        self.told.organs.insert(case.organ);
        self.told
            .items
            .insert(case.task_code.clone(), case.task_name.clone());
        let states = self.record(case)?;
        self.case_object(case, states)?;
        for task in &case.tasks {
            self.task_object(case, task)?;
        }
        for document in &case.documents {
            let made = instant(document.created_at);
            let attributes = [
                attribute("template", document.template.as_str(), &made),
                attribute("number", document.number.as_str(), &made),
            ];
            let id = document_id(case, &document.number);
            self.object(&id, "document", &attributes, &[link(case_id(case), "of")])?;
        }
        for (at, turn, task) in turns(&case.tasks) {
            self.turn(case, at, turn, task)?;
        }
        Ok(())
    }

    fn case_object(&mut self, case: &Traced, states: Vec<Json>) -> io::Result<()> {
        let mut attributes = states;
        attributes.push(attribute("process", case.process.as_str(), ALWAYS));
        attributes.push(attribute("channel", case.channel.to_string(), ALWAYS));
        if let Some(due) = case.promise_due {
            let end = format!("{due}T23:59:59.000+08:00");
            attributes.push(attribute("promise_due", end, ALWAYS));
        }
        let links = [
            link(format!("item:{}", case.task_code), "about"),
            link(organ_id(case.organ), "decided-by"),
        ];
        self.object(&case_id(case), "case", &attributes, &links)
    }

    /// The events of the record; the states of the case over time.
    fn record(&mut self, case: &Traced) -> io::Result<Vec<Json>> {
        let (mut state, mut states, mut last) = (None, Vec::new(), "");
        for event in &case.events {
            // A record that cannot be replayed is told as it is; finding it is what doctor and audit are for.
            let next = apply(state.clone(), &event.fact, event.at).ok();
            if let Some(next) = &next
                && next.label() != last
            {
                last = next.label();
                states.push(attribute("state", last, &instant(event.at)));
            }
            state = next.or(state);
            let label = state.as_ref().map_or("", |state| state.label());
            self.record_event(case, event, label)?;
        }
        Ok(states)
    }

    fn record_event(&mut self, case: &Traced, event: &CaseEvent, state: &str) -> io::Result<()> {
        let mut links = vec![link(case_id(case), "of")];
        if let Some(organ) = event.by.organ {
            self.told.organs.insert(organ);
            links.push(link(organ_id(organ), "by-organ"));
        }
        if let Some(officer) = event.by.officer {
            let known = (event.by.name.clone(), event.by.organ);
            self.told.officers.insert(officer, known);
            links.push(link(self.names.officer(officer), "by"));
        }
        // Readers drop objects that take part in no event.
        if event.seq == 0 {
            links.push(link(format!("item:{}", case.task_code), "about"));
            if event.by.organ != Some(case.organ) {
                links.push(link(organ_id(case.organ), "decided-by"));
            }
        }
        for document in &case.documents {
            if issued_by(case, document) == Some(event.seq) {
                links.push(link(document_id(case, &document.number), "issues"));
            }
        }
        if let CaseFact::LicenceIssued { identifier, name } = &event.fact {
            let id = self.names.licence(identifier);
            let attributes = [attribute("name", name.as_str(), ALWAYS)];
            let of = [link(case_id(case), "granted-in")];
            self.object(&id, "licence", &attributes, &of)?;
            links.push(link(id, "issues"));
        }
        let mut facts = vec![
            ("role", Value::Text(event.by.role.clone())),
            ("basis", Value::Text(event.by.basis.clone())),
            ("state", Value::Text(state.to_owned())),
        ];
        facts.extend(facts_of(&event.fact));
        let id = format!("{}/{}", case.project_no, event.seq);
        self.event(&id, event.fact.name(), event.at, &facts, &links)
    }

    fn task_object(&mut self, case: &Traced, task: &Task) -> io::Result<()> {
        let opened = instant(task.opened_at);
        let mut attributes = vec![
            attribute("element", task.element.as_str(), ALWAYS),
            attribute("name", task.name.as_str(), ALWAYS),
            attribute("act", task.act.as_str(), ALWAYS),
            attribute("post", task.post.map_or("applicant", Post::key), ALWAYS),
            attribute("urged", task.urged.to_string(), ALWAYS),
            attribute("state", "open", &opened),
        ];
        if let Some(due) = task.due_on {
            attributes.push(attribute(
                "due",
                format!("{due}T23:59:59.000+08:00"),
                ALWAYS,
            ));
        }
        if let (false, Some(at)) = (task.open, task.closed_at) {
            let state = if task.outcome.is_some() {
                "done"
            } else {
                "cancelled"
            };
            attributes.push(attribute("state", state, &instant(at)));
        }
        if let (Some(outcome), Some(at)) = (&task.outcome, task.closed_at) {
            attributes.push(attribute("outcome", outcome.as_str(), &instant(at)));
        }
        let mut links = vec![link(case_id(case), "part-of")];
        if let Some(organ) = task.organ {
            self.told.organs.insert(organ);
            links.push(link(organ_id(organ), "for-organ"));
        }
        self.object(&task_id(task), "task", &attributes, &links)
    }

    fn turn(&mut self, case: &Traced, at: Timestamp, turn: Turn, task: &Task) -> io::Result<()> {
        let mut links = vec![link(case_id(case), "of"), link(task_id(task), "task")];
        if let Some(organ) = task.organ {
            links.push(link(organ_id(organ), "for-organ"));
        }
        if let (Turn::Done, Some(officer)) = (turn, task.officer) {
            self.told
                .officers
                .entry(officer)
                .or_insert_with(|| (String::new(), task.organ));
            links.push(link(self.names.officer(officer), "by"));
        }
        let id = format!("{}/{}", task_id(task), event_of(turn));
        self.event(&id, event_of(turn), at, &[], &links)
    }

    /// The organs of whom was told.
    pub(crate) fn organs(&self) -> BTreeSet<OrganId> {
        let officers = self.told.officers.values();
        let of_officers = officers.filter_map(|(_, organ)| *organ);
        self.told
            .organs
            .iter()
            .copied()
            .chain(of_officers)
            .collect()
    }

    /// The objects that cases share. `organ` tells the name of an organ.
    pub(crate) fn shared(&mut self, organ: &mut dyn FnMut(OrganId) -> String) -> io::Result<()> {
        let organs = self.organs();
        let told = std::mem::take(&mut self.told);
        for id in organs {
            let attributes = [attribute("name", organ(id), ALWAYS)];
            self.object(&organ_id(id), "organ", &attributes, &[])?;
        }
        for (code, name) in &told.items {
            let attributes = [attribute("name", name.as_str(), ALWAYS)];
            self.object(&format!("item:{code}"), "item", &attributes, &[])?;
        }
        for (id, (name, organ)) in &told.officers {
            let mut attributes = Vec::new();
            if self.names.names && !name.is_empty() {
                attributes.push(attribute("name", name.as_str(), ALWAYS));
            }
            let links: Vec<Json> = organ
                .map(|organ| link(organ_id(organ), "serves"))
                .into_iter()
                .collect();
            self.object(&self.names.officer(*id), "officer", &attributes, &links)?;
        }
        Ok(())
    }
}

/// The event with which a document was made: the one that names it, else the last of its transaction, which has its instant.
fn issued_by(case: &Traced, document: &TracedDocument) -> Option<u32> {
    let names_it = |event: &&CaseEvent| match &event.fact {
        CaseFact::Accepted { document_no, .. } => *document_no == document.number,
        CaseFact::SupplementRequested { notice_no, .. } => *notice_no == document.number,
        _ => false,
    };
    let with_it = |event: &&CaseEvent| event.at == document.created_at;
    let mut events = case.events.iter();
    let found = events.clone().find(names_it);
    found
        .or_else(|| events.rfind(with_it))
        .map(|event| event.seq)
}

fn case_id(case: &Traced) -> String {
    format!("case:{}", case.project_no)
}

fn task_id(task: &Task) -> String {
    format!("task:{}", task.id)
}

/// Numbers of documents are unique within a case and template; the number of the case makes them unique everywhere.
fn document_id(case: &Traced, number: &str) -> String {
    format!("document:{}/{number}", case.project_no)
}
