//! Tests over the public surface of the crate.

mod common;
mod documents;
mod hostile;
mod journeys;
mod properties;
