//! A step that cannot go on by itself (流程异常).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tongban_kernel::{CaseId, IncidentId, OrganId};

/// What is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// A token of the process: a service gave up, or the engine stopped a run.
    Token,
    /// A timer that cannot fire; it is tried again by itself.
    Timer,
    /// A task that is open all the same: completing it failed, or its outside system does not answer.
    Task,
}

impl Held {
    pub const fn key(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Timer => "timer",
            Self::Task => "task",
        }
    }
    pub(crate) fn from_key(key: &str) -> Self {
        match key {
            "timer" => Self::Timer,
            "task" => Self::Task,
            _ => Self::Token,
        }
    }
}

/// An incident with what its page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    pub id: IncidentId,
    pub case: CaseId,
    pub project_no: String,
    pub task_name: String,
    /// The organ that decides the case.
    pub lead: OrganId,
    /// The organ whose step it is.
    pub organ: OrganId,
    pub held: Held,
    /// Number of the token, timer or task within the instance.
    pub number: u64,
    pub element: String,
    /// Its name in the picture.
    pub name: String,
    /// The service that was asked; empty where none was.
    pub service: String,
    /// The last error; never personal data.
    pub error: String,
    pub tries: u32,
    pub opened_at: Timestamp,
    pub last_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

/// How an incident is mended by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "kebab-case")]
pub enum Repair {
    /// The service is asked again, the run goes on, the timer fires now, the system is told again.
    Again,
    /// Somebody answers for the service, with the values that it would have set.
    Answer {
        values: serde_json::Map<String, serde_json::Value>,
    },
    /// The step ends with a business error, which the process must catch.
    Error { code: String },
}

impl Repair {
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Answer { .. } => "answer",
            Self::Error { .. } => "error",
        }
    }
}
