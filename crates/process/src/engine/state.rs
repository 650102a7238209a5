//! The state of one instance: a small, versioned document that names elements by their ids, never by position.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The id of an element in the BPMN file.
pub type Id = Arc<str>;

/// Process variables: references and short facts; forms and materials stay with the case.
pub type Vars = BTreeMap<Arc<str>, serde_json::Value>;

/// Version of the stored form of [`State`].
pub const STATE_VERSION: u8 = 1;

/// Where an instance stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Not started.
    #[default]
    New,
    /// Has tokens.
    Running,
    /// Stopped by an officer (特别程序、中止): tasks and timers are held.
    Suspended,
    /// All tokens are gone.
    Ended,
}

/// What a token is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// On a sequence flow: waiting at a join, or held by an incident.
    Flow,
    /// Inside an element, between two events of one step; never in a stored state.
    Element,
    /// An open user task, by its number.
    Task(u64),
    /// An open work item of a service, by its number.
    Work(u64),
    /// An intermediate timer, by its number.
    Timer(u64),
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Number within the instance.
    #[serde(rename = "i")]
    pub id: u64,
    /// The flow (for [`On::Flow`]) or the element it is at.
    #[serde(rename = "e")]
    pub at: Id,
    /// What it is doing there.
    #[serde(rename = "o")]
    pub on: On,
}

/// One armed timer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Number within the instance.
    #[serde(rename = "i")]
    pub id: u64,
    /// The timer event.
    #[serde(rename = "e")]
    pub element: Id,
    /// The token that waits here, or in the task to which the event is attached.
    #[serde(rename = "k")]
    pub token: u64,
}

/// The whole state. `serde_json` text of it is what is stored; equal states are equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// [`STATE_VERSION`].
    pub v: u8,
    /// Where the instance stands.
    pub status: Status,
    /// The next free number, for tokens, tasks, work items and timers alike.
    pub next: u64,
    /// Live tokens, oldest first.
    pub tokens: Vec<Token>,
    /// Armed timers, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timers: Vec<Timer>,
    /// Tokens held by an incident.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<u64>,
    /// The variables, shared until one is changed.
    #[serde(default, skip_serializing_if = "vars_are_empty")]
    pub vars: Arc<Vars>,
}

fn vars_are_empty(vars: &Arc<Vars>) -> bool {
    vars.is_empty()
}

impl Default for State {
    fn default() -> Self {
        Self {
            v: STATE_VERSION,
            status: Status::New,
            next: 1,
            tokens: Vec::new(),
            timers: Vec::new(),
            incidents: Vec::new(),
            vars: Arc::default(),
        }
    }
}

impl State {
    /// The token with an open task of this number.
    #[must_use]
    pub fn task(&self, task: u64) -> Option<&Token> {
        self.tokens.iter().find(|t| t.on == On::Task(task))
    }

    /// Open user tasks as (number, element), oldest token first.
    pub fn open_tasks(&self) -> impl Iterator<Item = (u64, &Id)> {
        self.tokens.iter().filter_map(|t| match t.on {
            On::Task(task) => Some((task, &t.at)),
            _ => None,
        })
    }

    /// Open work items as (number, element).
    pub fn open_work(&self) -> impl Iterator<Item = (u64, &Id)> {
        self.tokens.iter().filter_map(|t| match t.on {
            On::Work(work) => Some((work, &t.at)),
            _ => None,
        })
    }
}
