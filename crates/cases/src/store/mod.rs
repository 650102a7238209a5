//! SQL of this context. Takes `&mut Tx`, returns model types.

pub(crate) mod access;
pub(crate) mod advice;
pub(crate) mod attachments;
pub(crate) mod calendar;
pub(crate) mod cases;
pub(crate) mod chain;
pub(crate) mod decisions;
pub(crate) mod documents;
pub(crate) mod drafts;
pub(crate) mod event_log;
pub(crate) mod events;
pub(crate) mod incidents;
pub(crate) mod lists;
pub(crate) mod outside;
pub(crate) mod process_admin;
pub(crate) mod process_heat;
pub(crate) mod process_moves;
pub(crate) mod process_outlines;
pub(crate) mod published;
pub(crate) mod tasks;
pub(crate) mod timers;
pub(crate) mod waits;
