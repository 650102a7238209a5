//! A step that a system of the organ owns (分建), and messages from outside.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tongban_kernel::{CaseId, OrganId, StepId};

/// Where in the process the step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// A user task; officers of its post may do it as well.
    Task,
    /// The work item of a service task.
    Work,
}

impl StepKind {
    pub const fn key(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Work => "work",
        }
    }
}

/// A step that an outside system owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideStep {
    pub id: StepId,
    pub case: CaseId,
    pub kind: StepKind,
    /// Number of the task or work item within the instance.
    pub number: u64,
    pub element: String,
    pub name: String,
    /// The legal act, as the definition names it.
    pub act: String,
    pub organ: OrganId,
    /// Code of the system.
    pub system: String,
    pub sets: Vec<String>,
    pub shows: Vec<String>,
    pub opened_at: Timestamp,
    pub due_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    /// How many reports there were.
    pub reports: u32,
    pub closed_at: Option<Timestamp>,
}

/// What a system reports on a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum StepReport {
    /// It has the step in hand.
    Accepted {
        #[serde(default)]
        text: String,
    },
    /// How far it is.
    Progress { text: String },
    /// It is done.
    Result {
        /// 通过 / 同意.
        agreed: bool,
        /// 意见.
        opinion: String,
        /// Who decided there.
        #[serde(default)]
        officer: String,
        /// Variables of the process; only those that the step may set.
        #[serde(default)]
        vars: Map<String, Value>,
    },
    /// It cannot be done there. With a code that the process catches it goes on so; else an officer has to do it.
    Failed {
        #[serde(default)]
        code: Option<String>,
        text: String,
    },
}

/// What a system is told of the case of its step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepCase {
    pub step: StepId,
    /// 环节.
    pub name: String,
    pub act: String,
    pub project_no: String,
    pub task_code: String,
    pub task_name: String,
    /// What of the application the step may see.
    pub submission: Value,
    /// The variables that the report may set.
    pub sets: Vec<String>,
    pub due_at: Timestamp,
}

/// A message from outside.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutsideMessage {
    /// Who sends it, and its id there: together they name it for ever (CloudEvents 1.0, 3.1).
    pub source: String,
    pub id: String,
    /// The name for which processes wait.
    pub name: String,
    /// The correlation key.
    pub key: String,
    pub vars: Map<String, Value>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taken {
    /// A case waited for it and has gone on.
    Taken,
    /// Nobody waits yet; it is kept for a while.
    Kept,
}
