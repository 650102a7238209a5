//! What the administration of processes keeps: publications, and moves of running cases to another version.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::By;

/// One publication, of a process or of decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// From 1, without gaps.
    pub n: u32,
    pub at: Timestamp,
    pub by_whom: String,
    /// The process, what items and calls name; or the decision file.
    pub name: String,
    /// Content hash of the file.
    pub hash: String,
    pub reason: String,
    /// Leaf hash in the SHA-256 log, hexadecimal.
    pub leaf: String,
}

/// Which cases are to go where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Content hash of the version that the cases run on.
    pub from: String,
    /// Content hash of the version that they are to run on.
    pub to: String,
    /// Element or flow of the old version → of the new one; what is not in it keeps its id.
    pub map: BTreeMap<String, String>,
}

/// A move as it was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveOrder {
    pub what: Move,
    pub reason: String,
    /// Who ordered it, on which basis: so it stands in the record of every case.
    pub by: By,
}

/// How one case fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedCase {
    pub project_no: String,
    /// Empty: it was moved, or can be.
    pub reasons: Vec<String>,
}

/// A move with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveReport {
    pub n: u32,
    pub at: Timestamp,
    pub order: MoveOrder,
    /// `None` while it is under way.
    pub finished_at: Option<Timestamp>,
    pub moved: u64,
    pub refused: u64,
}
