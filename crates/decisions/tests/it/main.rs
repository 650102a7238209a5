//! Expressions and decisions, from outside.

mod feel;
