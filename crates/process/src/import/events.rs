//! Events: what they wait for, what they throw.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::vendor::{extensions, vendor, zeebe};
use super::{BPMN, Formulas, Reports, id, tb};
use crate::model::{Clock, Kind, Message, Text, Throw, TimerSpec, Trigger};
use crate::xml::Element;

/// What the file declares outside of its processes.
#[derive(Default)]
pub(super) struct Globals<'a> {
    messages: BTreeMap<&'a str, &'a Element>,
    signals: BTreeMap<&'a str, &'a Element>,
    errors: BTreeMap<&'a str, &'a Element>,
    escalations: BTreeMap<&'a str, &'a Element>,
}

impl<'a> Globals<'a> {
    pub(super) fn read(root: &'a Element) -> Self {
        let mut found = Self::default();
        for e in root.children.iter().filter(|c| &*c.ns == BPMN) {
            let map = match e.name.as_str() {
                "message" => &mut found.messages,
                "signal" => &mut found.signals,
                "error" => &mut found.errors,
                "escalation" => &mut found.escalations,
                _ => continue,
            };
            if let Some(id) = e.attr("id") {
                map.insert(id, e);
            }
        }
        found
    }

    /// A message by reference; without one, the element itself names it, for message flows.
    pub(super) fn message(
        &self,
        reference: Option<&str>,
        e: &Element,
        formulas: &mut Formulas<'_>,
        reports: &mut Reports,
    ) -> Option<Message> {
        let named = reference.map(local);
        let known = named.and_then(|r| self.messages.get(r).copied());
        let text = known
            .and_then(|m| m.attr("name"))
            .filter(|n| !n.trim().is_empty())
            .or(named)
            .unwrap_or_default();
        let name = formulas
            .text(text, e, reports)
            .unwrap_or(Text::Plain(Arc::from("")));
        let key = known
            .and_then(|m| zeebe(m, "subscription"))
            .and_then(|s| s.attr("correlationKey"))
            .or_else(|| tb(e, "key"));
        let key = match key {
            Some(key) => Some(formulas.compile(key, e, e, reports)?),
            None => None,
        };
        Some(Message { name, key })
    }

    fn signal(
        &self,
        d: &Element,
        e: &Element,
        formulas: &mut Formulas<'_>,
        reports: &mut Reports,
    ) -> Option<Text> {
        let reference = reference(d, "signal").map(local);
        let known = reference.and_then(|r| self.signals.get(r)).copied();
        let text = known
            .and_then(|s| s.attr("name"))
            .filter(|n| !n.trim().is_empty())
            .or(reference);
        match text.and_then(|text| formulas.text(text, e, reports)) {
            Some(text) => Some(text),
            None => {
                reports.error("signal", e, "信号事件没有指明信号");
                None
            }
        }
    }

    /// The code of an error: files often write it where a reference belongs.
    fn error(&self, d: &Element) -> Option<Arc<str>> {
        let reference = d.attr("errorRef").map(local).filter(|r| !r.is_empty())?;
        let known = self.errors.get(reference).copied();
        let code = match known {
            Some(e) => e.attr("errorCode").filter(|c| !c.is_empty())?,
            None => reference,
        };
        Some(code.into())
    }

    fn escalation(&self, d: &Element) -> Option<Arc<str>> {
        let reference = d.attr("escalationRef").map(local);
        let reference = reference.filter(|r| !r.is_empty())?;
        let known = self.escalations.get(reference).copied();
        let code = match known {
            Some(e) => e.attr("escalationCode").filter(|c| !c.is_empty())?,
            None => reference,
        };
        Some(code.into())
    }
}

/// The variable that takes the code of what was caught.
fn code_variable(d: &Element, name: &str) -> Option<Arc<str>> {
    let named = vendor(d, name).or_else(|| tb(d, "code-variable"));
    named.map(Arc::from)
}

/// What an event refers to: by reference, or by an expression of the Java engines.
fn reference<'a>(d: &'a Element, what: &str) -> Option<&'a str> {
    let by_ref = d.attr(&format!("{what}Ref"));
    by_ref.or_else(|| vendor(d, &format!("{what}Expression")))
}

/// References may be qualified: `tns:order`.
fn local(reference: &str) -> &str {
    let reference = reference.trim();
    if reference.contains('{') {
        return reference;
    }
    reference.rsplit(':').next().unwrap_or(reference)
}

/// The event definitions of an element.
pub(super) fn definitions(e: &Element) -> Vec<&Element> {
    let is = |c: &&Element| &*c.ns == BPMN && c.name.ends_with("EventDefinition");
    e.children.iter().filter(is).collect()
}

/// The only event definition; several are refused.
pub(super) fn only<'a>(e: &'a Element, reports: &mut Reports) -> Result<Option<&'a Element>, ()> {
    match definitions(e).as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => {
            reports.error("not-executed", e, "不支持多个事件定义");
            Err(())
        }
    }
}

fn refuse(e: &Element, d: &Element, reports: &mut Reports) {
    let name: String = d.name.chars().take(60).collect();
    reports.error(
        "not-executed",
        e,
        format!("不支持 {name}（{}）", super::nodes::chinese(&name)),
    );
}

/// What a catching, boundary or start event waits for.
pub(super) fn trigger(
    e: &Element,
    d: &Element,
    globals: &Globals<'_>,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Trigger> {
    Some(match d.name.as_str() {
        "timerEventDefinition" => Trigger::Timer(timer(e, d, formulas, reports)?),
        "messageEventDefinition" => {
            Trigger::Message(globals.message(reference(d, "message"), e, formulas, reports)?)
        }
        "signalEventDefinition" => Trigger::Signal(globals.signal(d, e, formulas, reports)?),
        "errorEventDefinition" => {
            Trigger::Error(globals.error(d), code_variable(d, "errorCodeVariable"))
        }
        "escalationEventDefinition" => Trigger::Escalation(
            globals.escalation(d),
            code_variable(d, "escalationCodeVariable"),
        ),
        "conditionalEventDefinition" => {
            let text = d
                .child(BPMN, "condition")
                .map(|c| c.text.trim())
                .unwrap_or_default();
            Trigger::Condition(formulas.compile(text, d, e, reports)?)
        }
        _ => {
            refuse(e, d, reports);
            return None;
        }
    })
}

/// What a throwing or end event does. Links are found later, by their name.
pub(super) fn throws(
    e: &Element,
    d: Option<&Element>,
    globals: &Globals<'_>,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Throw> {
    let Some(d) = d else {
        return Some(Throw::Nothing);
    };
    let ends = e.name == "endEvent";
    Some(match d.name.as_str() {
        "messageEventDefinition" => {
            Throw::Message(globals.message(reference(d, "message"), e, formulas, reports)?)
        }
        "signalEventDefinition" => Throw::Signal(globals.signal(d, e, formulas, reports)?),
        "escalationEventDefinition" => {
            Throw::Escalation(globals.escalation(d).unwrap_or_else(|| id("")))
        }
        "errorEventDefinition" if ends => Throw::Error(globals.error(d).unwrap_or_else(|| id(""))),
        "terminateEventDefinition" if ends => Throw::Terminate,
        "linkEventDefinition" if !ends => Throw::Link(usize::MAX),
        _ => {
            refuse(e, d, reports);
            return None;
        }
    })
}

/// The name of a link.
pub(super) fn link_name(e: &Element) -> Option<&str> {
    let d = definitions(e);
    let link = d.iter().find(|d| d.name == "linkEventDefinition")?;
    link.attr("name").map(str::trim).filter(|n| !n.is_empty())
}

fn timer(
    e: &Element,
    d: &Element,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<TimerSpec> {
    let part = |name| d.child(BPMN, name).filter(|t| !t.text.trim().is_empty());
    let (text, clock) = match (part("timeDuration"), part("timeDate"), part("timeCycle")) {
        (Some(text), _, _) => (text, Clock::Duration),
        (None, Some(text), _) => (text, Clock::Date),
        (None, None, Some(text)) => (text, Clock::Cycle),
        (None, None, None) => {
            reports.error(
                "timer",
                e,
                "定时事件没有 timeDuration、timeDate 或 timeCycle",
            );
            return None;
        }
    };
    let value = formulas.text(&text.text, e, reports)?;
    let clock = match tb(d, "calendar").or_else(|| tb(e, "calendar")) {
        None => clock,
        Some("working") => Clock::WorkingDays,
        Some("office") => Clock::OfficeHours,
        Some("limit") => Clock::Limit,
        Some(_) => {
            reports.error(
                "timer",
                e,
                "tb:calendar 只能是 working（工作日）、office（工作时间）或 limit（相对办理期限）",
            );
            return None;
        }
    };
    let spec = TimerSpec { clock, value };
    if let Text::Plain(text) = &spec.value
        && let Err(why) = spec.due(text, jiff::Timestamp::UNIX_EPOCH)
    {
        reports.error("timer", e, why);
    }
    Some(spec)
}

/// A start event: plain, or with what begins it.
pub(super) fn start(
    e: &Element,
    globals: &Globals<'_>,
    formulas: &mut Formulas<'_>,
    reports: &mut Reports,
) -> Option<Kind> {
    let d = only(e, reports).ok()?;
    let trigger = match d {
        None => None,
        Some(d) => Some(trigger(e, d, globals, formulas, reports)?),
    };
    for field in extensions(e, "formProperty") {
        if let Some(id) = field.attr("id") {
            formulas.known.insert(id.to_owned());
        }
    }
    Some(Kind::Start(trigger))
}
