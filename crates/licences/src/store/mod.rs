//! The rows of this context.

pub(crate) mod licences;
pub(crate) mod versions;
