//! What histories of public rules (the calendar, processes, decisions) and of exports keep of their leaves.

use tongban_kernel::{Error, OfficerId, Result};

/// What a change stores beside itself.
pub(crate) struct Kept {
    pub(crate) officer: Option<OfficerId>,
    pub(crate) leaf: [u8; 32],
    pub(crate) leaf_sm3: [u8; 32],
    /// The opened leaf: what the log commits to, with its salts.
    pub(crate) proof: String,
}

/// A column of JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|source| Error::internal("row cannot be written").source(source))
}
