//! SQL of this context. Takes `&mut Tx`, returns model types.

pub(crate) mod access;
pub(crate) mod advice;
pub(crate) mod attachments;
pub(crate) mod calendar;
pub(crate) mod cases;
pub(crate) mod chain;
pub(crate) mod documents;
pub(crate) mod drafts;
pub(crate) mod events;
pub(crate) mod lists;
pub(crate) mod process_admin;
pub(crate) mod process_moves;
pub(crate) mod processes;
pub(crate) mod tasks;
pub(crate) mod timers;
pub(crate) mod waits;
