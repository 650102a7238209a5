//! FEEL, the expression language of DMN 1.3+ (OMG), in the part that conditions of a process need.
//!
//! Literals, names (Chinese too) and paths, lists, arithmetic on exact decimals, comparisons, `between`, `in` with
//! lists and intervals, three-valued `and`/`or`, `if`, `some`/`every … satisfies`, and a closed list of functions.
//! `now()` and `today()` are refused: the dates of a case are variables, or a replay would give another answer.
//! Contexts, `for`, filters, date literals and user functions are refused by name when a definition is deployed.

mod decimal;
mod eval;
mod functions;
mod lexer;
mod parser;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;

pub use decimal::Decimal;

use crate::engine::Vars;

/// Longest expression, in bytes.
pub const MAX_TEXT: usize = 8 * 1024;

/// Why an expression is refused or has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ExpressionError(pub String);

/// Where an expression finds the values of its names.
pub trait Names {
    /// The value of a variable, or nothing.
    fn get(&self, name: &str) -> Option<Cow<'_, Value>>;
}

impl Names for Vars {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        Self::get(self, name).map(Cow::Borrowed)
    }
}

/// A compiled expression: pure, shareable, evaluated without allocation where it can be.
pub trait Expression: Debug + Send + Sync {
    /// The value for these variables.
    fn eval(&self, vars: &dyn Names) -> Result<Value, ExpressionError>;

    /// The value as a condition; anything but true or false is an error, so a missing variable is noticed.
    fn holds(&self, vars: &dyn Names) -> Result<bool, ExpressionError> {
        match self.eval(vars)? {
            Value::Bool(b) => Ok(b),
            other => Err(ExpressionError(format!(
                "条件的结果不是真或假，而是 {other}"
            ))),
        }
    }

    /// The variables it reads.
    fn names(&self) -> BTreeSet<String>;

    /// The text it was compiled from.
    fn text(&self) -> &str;
}

/// An expression language, asked once per text when a definition is deployed.
pub trait Expressions {
    /// Compiles, or says why not.
    fn compile(&self, text: &str) -> Result<Arc<dyn Expression>, ExpressionError>;
}

/// The language of this crate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Feel;

#[derive(Debug)]
struct Compiled {
    text: String,
    root: parser::Node,
}

impl Expressions for Feel {
    fn compile(&self, text: &str) -> Result<Arc<dyn Expression>, ExpressionError> {
        if text.len() > MAX_TEXT {
            return Err(ExpressionError("表达式过长".to_owned()));
        }
        let root = parser::parse(text)?;
        Ok(Arc::new(Compiled {
            text: text.trim().to_owned(),
            root,
        }))
    }
}

impl Expression for Compiled {
    fn eval(&self, vars: &dyn Names) -> Result<Value, ExpressionError> {
        let mut scope = eval::Scope::new(vars);
        eval::eval(&self.root, &mut scope)?.into_result()
    }

    fn holds(&self, vars: &dyn Names) -> Result<bool, ExpressionError> {
        let mut scope = eval::Scope::new(vars);
        match eval::eval(&self.root, &mut scope)? {
            eval::Val::Bool(b) => Ok(b),
            other => Err(ExpressionError(format!(
                "条件“{}”的结果不是真或假，而是 {:.100}（是否缺少变量？）",
                self.text,
                other.into_result()?.to_string()
            ))),
        }
    }

    fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.root.collect_names(&mut Vec::new(), &mut names);
        names
    }

    fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests;
