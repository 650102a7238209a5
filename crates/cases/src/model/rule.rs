//! What the record of a case tells of a decision that was made by published rules.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A rule that made a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedRule {
    /// Its id in the file; may be empty.
    pub id: String,
    /// Its place in the table, from 1.
    pub index: usize,
    /// What the file says about it, e.g. the article that it follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<String>,
}

impl AppliedRule {
    /// The id, else the place as `#2`.
    pub fn key(&self) -> String {
        match self.id.as_str() {
            "" => format!("#{}", self.index),
            id => id.to_owned(),
        }
    }
}

/// A decision by published rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleDecision {
    /// The business rule task.
    pub task: String,
    /// The file: under what it is published, its title, its version.
    pub model: String,
    pub title: String,
    pub hash: String,
    /// The name of the decision.
    pub decision: String,
    /// The rules that made the result, in its order; none if the decision is no table.
    pub rules: Vec<AppliedRule>,
    /// The result.
    pub output: Value,
    /// What was given. Only the leaf takes it from here; it is stored sealed, apart from the record.
    #[serde(skip)]
    pub inputs: Map<String, Value>,
}

impl RuleDecision {
    /// What the leaf of the log commits to.
    pub fn committed(&self) -> Value {
        serde_json::json!({
            "model": self.model,
            "hash": self.hash,
            "decision": self.decision,
            "rules": self.rules,
            "output": self.output,
            "inputs": self.inputs,
        })
    }
}
