//! 高效办成一件事: the published list of bundles (names and what is known of them).

use serde::{Deserialize, Serialize};

/// The list file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneThings {
    pub version: u32,
    pub source: String,
    pub batches: Vec<OneThingBatch>,
    pub stages: Stages,
}

/// One published batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneThingBatch {
    pub key: String,
    /// The document that published it, with the number of its items.
    pub doc: String,
    /// How sure the names are.
    pub confidence: String,
    pub items: Vec<OneThing>,
}

/// One bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneThing {
    pub name: String,
    /// `legal` or `person`, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Lead department, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// Names of the items inside, when known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_source: Option<String>,
}

/// Life-cycle stages (国办发〔2025〕24号).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stages {
    pub source: String,
    pub legal: Vec<String>,
    pub person: Vec<String>,
}
