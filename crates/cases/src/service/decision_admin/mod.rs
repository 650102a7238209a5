//! The administration of decisions (DMN): look, hand in, check, try, publish.

mod look;
mod publish;
mod trial;

pub use look::{
    DecisionFinding, DecisionLine, DecisionSheet, DecisionUse, decision_sheet, decisions,
};
pub use publish::{
    PublishDecision, StagedDecision, publish_decisions, publish_staged_decision, stage_decision,
};
pub use trial::{DecisionTrial, try_decision};

/// Largest file taken, bytes.
pub const DECISION_BYTES_MAX: usize = tongban_decisions::MAX_XML;
/// Decisions were published; its subject is the name of the file. Answer with [`super::retry_held`].
pub const DECISION_PUBLISHED: &str = "cases.decision.published";
