//! The index by its front door.

mod behaviour;
mod hostile;
mod relevance;
mod titles;
