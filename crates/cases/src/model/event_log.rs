//! The record of cases as an event log (事件日志): what process mining reads. Typed facts only: no word that anybody typed, nothing of the
//! applicant, no material. Officers and licences are pseudonyms that hold within one export.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_kernel::{OfficerId, OrganId};

use super::{CaseEvent, CaseFact, Task};

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// OCEL 2.0, JSON.
    Ocel,
    /// XES (IEEE 1849-2016); the events are those of the record.
    Xes,
    /// XES; the events are the opening and the end of tasks.
    XesTasks,
}

impl LogFormat {
    pub const ALL: [Self; 3] = [Self::Ocel, Self::Xes, Self::XesTasks];
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ocel => "ocel",
            Self::Xes => "xes",
            Self::XesTasks => "xes-tasks",
        }
    }
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }
    /// File name of an export.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Ocel => "record.ocel.json",
            Self::Xes => "record.xes",
            Self::XesTasks => "record-tasks.xes",
        }
    }
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Ocel => "application/json",
            Self::Xes | Self::XesTasks => "application/xml",
        }
    }
}

/// What an export holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCounts {
    pub cases: u64,
    pub events: u64,
    /// Objects of OCEL; 0 in XES.
    pub objects: u64,
    /// Relations of events and objects to objects in OCEL; 0 in XES.
    pub relations: u64,
}

/// A document, as far as an event log tells of it.
#[derive(Debug, Clone)]
pub(crate) struct TracedDocument {
    pub(crate) template: String,
    pub(crate) number: String,
    pub(crate) created_at: Timestamp,
}

/// One case with its record.
#[derive(Debug, Clone)]
pub(crate) struct Traced {
    pub(crate) project_no: String,
    pub(crate) task_code: String,
    pub(crate) task_name: String,
    pub(crate) organ: OrganId,
    /// Content hash of the process version on which it runs.
    pub(crate) process: String,
    pub(crate) channel: u8,
    pub(crate) submitted_at: Timestamp,
    pub(crate) promise_due: Option<Date>,
    pub(crate) events: Vec<CaseEvent>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) documents: Vec<TracedDocument>,
}

/// A keyed digest of (kind, value), the same within one export.
pub(crate) type Keyed<'a> = &'a dyn Fn(&str, &str) -> String;

/// How those are called whose names are not told.
pub(crate) struct Pseudonyms<'a> {
    pub(crate) keyed: Keyed<'a>,
    /// Officers by name: only where the purpose needs it.
    pub(crate) names: bool,
}

impl Pseudonyms<'_> {
    fn short(&self, kind: &str, value: &str) -> String {
        (self.keyed)(kind, value).chars().take(20).collect()
    }
    /// The object id of an officer.
    pub(crate) fn officer(&self, id: OfficerId) -> String {
        format!("officer:{}", self.short("officer", &id.to_string()))
    }
    /// The object id of a licence.
    pub(crate) fn licence(&self, identifier: &str) -> String {
        format!("licence:{}", self.short("licence", identifier))
    }
}

/// Those of whom the cases told so far: written once, behind the cases.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) organs: BTreeSet<OrganId>,
    /// Name and organ.
    pub(crate) officers: BTreeMap<OfficerId, (String, Option<OrganId>)>,
    /// Name by code.
    pub(crate) items: BTreeMap<String, String>,
}

/// Instants of both formats: UTC, milliseconds.
pub(crate) fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The typed facts of an event: name, kind, value.
pub(crate) fn facts_of(fact: &CaseFact) -> Vec<(&'static str, Value)> {
    match fact {
        CaseFact::Accepted { deemed, .. } => vec![("deemed", Value::Truth(*deemed))],
        CaseFact::SupplementRequested { items, .. } => {
            let n = i64::try_from(items.len()).unwrap_or(i64::MAX);
            vec![("items", Value::Number(n))]
        }
        CaseFact::SpecialStarted { days, .. } => vec![("days", Value::Number(i64::from(*days)))],
        CaseFact::Granted { tolerance, .. } => vec![("tolerance", Value::Truth(*tolerance))],
        CaseFact::Reviewed { passed, .. } => vec![("passed", Value::Truth(*passed))],
        CaseFact::Countersigned { agreed, .. } => vec![("agreed", Value::Truth(*agreed))],
        CaseFact::Rated { level } => vec![("level", Value::Number(i64::from(*level)))],
        CaseFact::SentBack { withdrawn, .. }
        | CaseFact::TakenBack { withdrawn, .. }
        | CaseFact::Redirected { withdrawn, .. } => {
            let n = i64::try_from(withdrawn.len()).unwrap_or(i64::MAX);
            vec![("withdrawn", Value::Number(n))]
        }
        _ => Vec::new(),
    }
}

/// A typed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Truth(bool),
    Time(Timestamp),
}

impl Value {
    /// The type, as OCEL names it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "string",
            Self::Number(_) => "integer",
            Self::Truth(_) => "boolean",
            Self::Time(_) => "time",
        }
    }
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(n) => n.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Time(at) => instant(*at),
        }
    }
}

/// How a task ended, or that it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Turn {
    Opened,
    Done,
    /// Taken away: by an order, an event, or the end of the case.
    Cancelled,
}

/// Opening and end of the tasks in the order in which they happened. What happened in the same millisecond stands in the order of the numbers:
/// the engine numbers a task when it opens it, so the end of one comes before the opening of the next.
pub(crate) fn turns(tasks: &[Task]) -> Vec<(Timestamp, Turn, &Task)> {
    let mut turns = Vec::with_capacity(tasks.len() * 2);
    for task in tasks {
        turns.push((task.opened_at, Turn::Opened, task));
        if let (false, Some(at)) = (task.open, task.closed_at) {
            // Whoever completes a task leaves an outcome; a task that was taken away has none.
            let turn = if task.outcome.is_some() {
                Turn::Done
            } else {
                Turn::Cancelled
            };
            turns.push((at, turn, task));
        }
    }
    turns.sort_by_key(|(at, turn, task)| (*at, task.number, *turn));
    turns
}
