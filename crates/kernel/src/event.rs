//! What flows upwards: facts of the past, written to the outbox in the transaction that made them true.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The envelope of an event. The payload is plain versioned data; readers ignore members that they do not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// `context.noun.past-tense`, e.g. `cases.case.submitted`.
    pub kind: String,
    /// Version of the payload's shape, from 1.
    pub version: u32,
    /// Typed id of what the event is about.
    pub subject: String,
    pub at: Timestamp,
    pub data: serde_json::Value,
}

impl Event {
    pub fn new(kind: &str, subject: impl ToString, at: Timestamp, data: serde_json::Value) -> Self {
        Self {
            kind: kind.to_owned(),
            version: 1,
            subject: subject.to_string(),
            at,
            data,
        }
    }
}
