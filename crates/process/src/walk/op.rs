//! The steps of a walk, as they are written in JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One element or several.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Ids {
    One(String),
    Many(Vec<String>),
}

impl Ids {
    pub(super) fn list(&self) -> Vec<crate::Id> {
        match self {
            Self::One(one) => vec![one.as_str().into()],
            Self::Many(many) => many.iter().map(|id| id.as_str().into()).collect(),
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// Starts an instance of the main process, or of the named one.
    Start {
        #[serde(default)]
        process: Option<String>,
        #[serde(default)]
        vars: Map<String, Value>,
    },
    /// Starts the process that begins with this message.
    StartMessage {
        message: String,
        #[serde(default)]
        vars: Map<String, Value>,
    },
    /// Completes an open task by its element, the `n`-th (from 1) if there are several.
    Complete {
        task: String,
        #[serde(default)]
        vars: Map<String, Value>,
        #[serde(default)]
        n: Option<usize>,
    },
    /// Gives a message to whoever waits for it; `at` when one element is meant.
    Message {
        name: String,
        #[serde(default)]
        at: Option<String>,
        #[serde(default)]
        key: Option<String>,
        #[serde(default)]
        vars: Map<String, Value>,
    },
    /// Gives a signal to all who wait for it, and to processes that begin with it.
    Signal {
        name: String,
        #[serde(default)]
        vars: Map<String, Value>,
    },
    /// Wakes a receive task, or any armed event, by its element.
    Trigger {
        element: String,
        #[serde(default)]
        vars: Map<String, Value>,
    },
    /// Lets time pass; fires everything that falls due, in order.
    Advance { by: String },
    /// Sets variables.
    SetVars { vars: Map<String, Value> },
    /// Holds everything; timers that fall due fire after `activate`.
    Suspend,
    /// Ends the hold.
    Activate,
    /// Takes the tokens in `from` away and puts one into each of `to`.
    Move { from: Ids, to: Ids },
    /// Moves the instance to another file that has the process `to`; `map` from old elements to new ones.
    Migrate {
        to: String,
        #[serde(default)]
        map: BTreeMap<String, String>,
    },
    /// An open task or service fails with a business error.
    Fail { element: String, error: String },
}

impl Op {
    /// The name of the step.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::StartMessage { .. } => "start_message",
            Self::Complete { .. } => "complete",
            Self::Message { .. } => "message",
            Self::Signal { .. } => "signal",
            Self::Trigger { .. } => "trigger",
            Self::Advance { .. } => "advance",
            Self::SetVars { .. } => "set_vars",
            Self::Suspend => "suspend",
            Self::Activate => "activate",
            Self::Move { .. } => "move",
            Self::Migrate { .. } => "migrate",
            Self::Fail { .. } => "fail",
        }
    }
}

/// Why a step was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WalkError {
    /// `no_flow_selected`, `no_subscription`, `suspended`, `uncaught_error_end_event`, `deployment`, else `runtime`.
    pub kind: &'static str,
    /// The element it is about, if one is known.
    pub element: Option<String>,
    /// For people.
    pub message: String,
}

/// Where everything stands after a step.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct View {
    /// Elements of open user tasks, called processes included.
    pub tasks: Vec<String>,
    /// Elements in which something else is waited for: events, receive tasks, services.
    pub waiting: Vec<String>,
    /// Whether every instance is over.
    pub ended: bool,
    /// End events that were reached, in order.
    pub end_events: Vec<String>,
    /// Variables of the instance.
    pub vars: Map<String, Value>,
    /// Variables of called processes, also of those that are over.
    pub called_vars: Map<String, Value>,
    /// Task element → person named in the file; a list where the task is open more than once.
    #[serde(serialize_with = "one_or_list")]
    pub assignees: BTreeMap<String, Vec<Option<String>>>,
    /// Task element → groups named in the file, or its post.
    pub candidate_groups: BTreeMap<String, Vec<String>>,
    /// Traces that scripts left, in order.
    pub trace: Vec<String>,
}

fn one_or_list<S: serde::Serializer>(
    map: &BTreeMap<String, Vec<Option<String>>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_map(map.iter().map(|(element, names)| {
        let value = match names.as_slice() {
            [one] => serde_json::json!(one),
            all => serde_json::json!(all),
        };
        (element, value)
    }))
}
