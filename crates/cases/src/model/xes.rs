//! XES (IEEE 1849-2016): one trace per case, with the extensions concept, lifecycle, organizational and time.

use std::borrow::Cow;
use std::io::{self, Write};

use jiff::Timestamp;
use tongban_kernel::{OfficerId, OrganId, Post};

use super::event_log::{
    LogCounts, LogFormat, Pseudonyms, Traced, Turn, Value, facts_of, instant, turns,
};
use super::{CaseEvent, Task};

/// What stands before the first trace.
pub(crate) const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/><string key="lifecycle:transition" value="complete"/><date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/></global>
<classifier name="Activity" scope="event" keys="concept:name"/>
<classifier name="ActivityAndTransition" scope="event" keys="concept:name lifecycle:transition"/>
<string key="lifecycle:model" value="standard"/>
"#;
pub(crate) const FOOT: &str = "</log>\n";

/// Text for an attribute. What XML cannot hold at all becomes a question mark.
fn escaped(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !matches!(c, '&' | '<' | '>' | '"') && (' '..'\u{FFFE}').contains(&c);
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            c if c < ' ' || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push('?'),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Writes cases one by one.
pub(crate) struct Xes<'a, W> {
    pub(crate) out: W,
    pub(crate) names: &'a Pseudonyms<'a>,
    pub(crate) format: LogFormat,
    pub(crate) counts: LogCounts,
}

impl<W: Write> Xes<'_, W> {
    fn put(&mut self, key: &str, value: &Value) -> io::Result<()> {
        let kind = match value {
            Value::Text(_) => "string",
            Value::Number(_) => "int",
            Value::Truth(_) => "boolean",
            Value::Time(_) => "date",
        };
        let text = value.text();
        let text = escaped(&text);
        write!(self.out, "<{kind} key=\"{key}\" value=\"{text}\"/>")
    }

    fn text(&mut self, key: &str, value: &str) -> io::Result<()> {
        write!(
            self.out,
            "<string key=\"{key}\" value=\"{}\"/>",
            escaped(value)
        )
    }

    /// One case.
    pub(crate) fn case(&mut self, case: &Traced) -> io::Result<()> {
        self.counts.cases += 1;
        self.out.write_all(b"<trace>")?;
        self.text("concept:name", &case.project_no)?;
        self.text("item", &case.task_code)?;
        self.text("item_name", &case.task_name)?;
        self.text("organ", &case.organ.to_string())?;
        self.text("process", &case.process)?;
        self.put("channel", &Value::Number(case.channel.into()))?;
        self.put("submitted_at", &Value::Time(case.submitted_at))?;
        if let Some(due) = case.promise_due {
            self.text("promise_due", &due.to_string())?;
        }
        if self.format == LogFormat::XesTasks {
            for (at, turn, task) in turns(&case.tasks) {
                self.turn(at, turn, task)?;
            }
        } else {
            for event in &case.events {
                self.record_event(event)?;
            }
        }
        self.out.write_all(b"</trace>\n")
    }

    /// Opens an event with what every event has.
    fn begin(&mut self, name: &str, transition: &str, at: Timestamp) -> io::Result<()> {
        self.counts.events += 1;
        self.out.write_all(b"\n<event>")?;
        self.text("concept:name", name)?;
        self.text("lifecycle:transition", transition)?;
        write!(
            self.out,
            "<date key=\"time:timestamp\" value=\"{}\"/>",
            instant(at)
        )
    }

    /// `org:resource` is the officer, `org:role` the post, `org:group` the organ.
    fn by_whom(
        &mut self,
        officer: Option<(OfficerId, Option<&str>)>,
        role: &str,
        organ: Option<OrganId>,
    ) -> io::Result<()> {
        let resource = match officer {
            Some((_, Some(name))) if self.names.names => name.to_owned(),
            Some((id, _)) => self.names.officer(id),
            None => role.to_owned(),
        };
        self.text("org:resource", &resource)?;
        self.text("org:role", role)?;
        match organ {
            Some(organ) => self.text("org:group", &organ.to_string()),
            None => Ok(()),
        }
    }

    fn record_event(&mut self, event: &CaseEvent) -> io::Result<()> {
        self.begin(event.fact.name(), "complete", event.at)?;
        let by = &event.by;
        let officer = by.officer.map(|id| (id, Some(by.name.as_str())));
        self.by_whom(officer, &by.role, by.organ)?;
        self.text("basis", &by.basis)?;
        for (name, value) in facts_of(&event.fact) {
            self.put(name, &value)?;
        }
        self.out.write_all(b"</event>")
    }

    fn turn(&mut self, at: Timestamp, turn: Turn, task: &Task) -> io::Result<()> {
        let transition = match turn {
            Turn::Opened => "schedule",
            Turn::Done => "complete",
            Turn::Cancelled => "withdraw",
        };
        self.begin(&task.name, transition, at)?;
        let officer = task.officer.filter(|_| turn == Turn::Done);
        let role = task.post.map_or("applicant", Post::key);
        self.by_whom(officer.map(|id| (id, None)), role, task.organ)?;
        self.text("element", &task.element)?;
        if let (Turn::Done, Some(outcome)) = (turn, &task.outcome) {
            self.text("outcome", outcome)?;
        }
        self.out.write_all(b"</event>")
    }
}
