//! The one expression language of the platform, FEEL, and its decisions, DMN (OMG DMN 1.3 to 1.5).
//!
//! FEEL and DMN are executed by the dsntk crates; what stands here makes them fit for law: nothing reads a clock or reaches
//! out, no text can hang or overflow ([`Feel`] and [`Decisions::parse`] measure a text before it is prepared, and what it
//! may cost before it runs), values are JSON, and a decision says **which rules matched**. Pure: no I/O, clock, randomness.

mod cost;
mod dmn;
mod feel;
mod scan;
mod tree;
mod value;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;

pub use dmn::{
    Asked, ConditionView, DecideError, Decision, DecisionView, Decisions, InputView, LogicView,
    MatchedRule, Problem, ResultView, Review, ReviewKind, RuleView, TableView, Warning,
};
pub use feel::{Feel, FeelWith};

/// Longest FEEL text, in bytes.
pub const MAX_TEXT: usize = 8 * 1024;
/// Largest result of an expression, in bytes of its JSON.
pub const MAX_RESULT: usize = 64 * 1024;
/// Largest values handed to one evaluation, in bytes of their JSON.
pub const MAX_INPUT: usize = 1024 * 1024;
/// Largest DMN file, in bytes.
pub const MAX_XML: usize = 10 * 1024 * 1024;

/// Why an expression is refused or has no value; `Display` is the sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ExpressionError(pub String);

/// Where an evaluation takes its values from.
pub trait Names {
    /// The value under this name, or nothing if there is no such name.
    fn get(&self, name: &str) -> Option<Cow<'_, Value>>;
}

impl Names for BTreeMap<Arc<str>, Value> {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        BTreeMap::get(self, name).map(Cow::Borrowed)
    }
}

impl Names for BTreeMap<String, Value> {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        BTreeMap::get(self, name).map(Cow::Borrowed)
    }
}

impl Names for serde_json::Map<String, Value> {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        serde_json::Map::get(self, name).map(Cow::Borrowed)
    }
}

/// A compiled expression: pure, shareable.
pub trait Expression: Debug + Send + Sync {
    /// The value for these names. A name without a value is null, as FEEL has it.
    fn eval(&self, names: &dyn Names) -> Result<Value, ExpressionError>;

    /// The value as a condition; anything but true or false is an error, so a missing value is noticed.
    fn holds(&self, names: &dyn Names) -> Result<bool, ExpressionError>;

    /// The names it may read. What stands inside a filter (`list[…]`) may as well be an entry of the items, and is here too.
    fn names(&self) -> BTreeSet<String>;

    /// The text it was compiled from.
    fn text(&self) -> &str;
}

/// An expression language, asked once per text when a definition is deployed.
pub trait Expressions {
    /// Compiles, or says why not.
    fn compile(&self, text: &str) -> Result<Arc<dyn Expression>, ExpressionError>;
}
