//! Expressions and decisions, from outside.

mod dmn;
mod feel;
mod hostile;
mod views;
