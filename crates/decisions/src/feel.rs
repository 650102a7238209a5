//! FEEL texts compiled and evaluated.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value as FeelValue;
use dsntk_feel::{Evaluator, FeelScope, Name};
use dsntk_feel_parser::AstNode;
use serde_json::Value;

use crate::cost::{Budget, Shape, Shapes};
use crate::tree::{self, Free};
use crate::{Expression, ExpressionError, Expressions, Names, scan, value};

/// FEEL, its names taken from the text: words, and words side by side.
#[derive(Debug, Clone, Copy, Default)]
pub struct Feel;

/// FEEL with names that the caller declares; they may hold operators, as `证照-编号`.
#[derive(Debug, Clone, Default)]
pub struct FeelWith {
    names: BTreeSet<String>,
}

impl FeelWith {
    /// Declares names.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self {
            names: names.into_iter().map(Into::into).collect(),
        }
    }
}

impl Expressions for Feel {
    fn compile(&self, text: &str) -> Result<Arc<dyn Expression>, ExpressionError> {
        compile(text, &BTreeSet::new())
    }
}

impl Expressions for FeelWith {
    fn compile(&self, text: &str) -> Result<Arc<dyn Expression>, ExpressionError> {
        compile(text, &self.names)
    }
}

/// Which rule of the grammar a text follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Expression,
    UnaryTests,
}

/// Runs what may panic inside the library; a panic there is an error here.
pub(crate) fn contained<T>(run: impl FnOnce() -> T) -> Result<T, ExpressionError> {
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|_| ExpressionError("表达式不能处理（内部错误）".to_owned()))
}

/// Parses a text after measuring it, and measures the tree.
pub(crate) fn parse(
    text: &str,
    kind: Kind,
    declared: &Declared,
) -> Result<AstNode, ExpressionError> {
    scan::guard(text)?;
    if text.trim().is_empty() {
        return Err(ExpressionError("表达式是空的".to_owned()));
    }
    let mut context = FeelContext::default();
    for word in scan::words(text) {
        for name in declared.0.get(&word).into_iter().flatten() {
            context.set_null(name.clone());
        }
        context.set_null(Name::from(word));
    }
    let scope = FeelScope::from(context);
    let parsed = contained(|| match kind {
        Kind::Expression => dsntk_feel_parser::parse_expression(&scope, text, false),
        Kind::UnaryTests => dsntk_feel_parser::parse_unary_tests(&scope, text, false),
    })?;
    let tree =
        parsed.map_err(|_| ExpressionError(format!("“{text:.200}”不是有效的 FEEL 表达式")))?;
    match tree::check(&tree) {
        Ok(()) => Ok(tree),
        Err(refused) => {
            tree::dismantle(tree);
            Err(refused)
        }
    }
}

/// Declared names of several words or with operators, by their first word.
#[derive(Debug, Default)]
pub(crate) struct Declared(BTreeMap<String, Vec<Name>>);

impl Declared {
    pub(crate) fn add(&mut self, name: &str) {
        let first = name
            .split(|ch: char| ch.is_whitespace() || "./-'+*".contains(ch))
            .find(|word| !word.is_empty());
        let name = normal(name);
        if let Some(first) = first.filter(|first| *first != name.as_str()) {
            let names = self.0.entry(first.to_owned()).or_default();
            // More names with the same first word than a text could use would only cost time.
            if names.len() < 50 && !names.contains(&name) {
                names.push(name);
            }
        }
    }
}

/// A name as the parser writes it: one blank between words, none around operators.
pub(crate) fn normal(name: &str) -> Name {
    let mut parts: Vec<String> = vec![String::new()];
    for ch in name.chars() {
        if ch.is_whitespace() {
            parts.push(String::new());
        } else if "./-'+*".contains(ch) {
            parts.push(ch.to_string());
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(ch);
        }
    }
    parts.retain(|part| !part.is_empty());
    Name::from(parts)
}

/// A prepared tree.
pub(crate) fn prepare(tree: &AstNode) -> Result<Evaluator, ExpressionError> {
    contained(|| dsntk_feel_evaluator::prepare(tree))
}

struct Compiled {
    text: String,
    tree: AstNode,
    evaluator: Evaluator,
    /// Name as the caller has it, as the parser has it.
    reads: Vec<(String, Name)>,
    /// Its cost depends on the values: loops, growth.
    costly: bool,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Feel").field(&self.text).finish()
    }
}

fn compile(
    text: &str,
    declared: &BTreeSet<String>,
) -> Result<Arc<dyn Expression>, ExpressionError> {
    let text = text.trim();
    let mut known = Declared::default();
    declared.iter().for_each(|name| known.add(name));
    let tree = parse(text, Kind::Expression, &known)?;
    let evaluator = prepare(&tree)?;
    let reads = Free::of(&tree)
        .all()
        .into_iter()
        .map(|read| {
            let own = declared.iter().find(|name| normal(name).as_str() == read);
            (
                own.cloned().unwrap_or_else(|| read.clone()),
                Name::from(read),
            )
        })
        .collect();
    let costly = Budget::needed(&tree);
    Ok(Arc::new(Compiled {
        text: text.to_owned(),
        tree,
        evaluator,
        reads,
        costly,
    }))
}

impl Compiled {
    fn value(&self, names: &dyn Names) -> Result<FeelValue, ExpressionError> {
        let mut context = FeelContext::default();
        let mut left = value::allowance();
        for (own, name) in &self.reads {
            match names.get(own) {
                Some(value) => context.set_entry(name, value::into_feel(&value, &mut left)?),
                // A variable may be called like a function (sum, count); without a value it is null, not the function.
                None if tree::is_function(own) && !self.text.contains(&format!("{own}(")) => {
                    context.set_null(name.clone());
                }
                None => {}
            }
        }
        if self.costly {
            let shapes: Shapes = context
                .iter()
                .map(|(name, value)| (name.to_string(), Shape::of(value)))
                .collect();
            Budget::default().spend(&self.tree, shapes)?;
        }
        let scope = FeelScope::from(context);
        contained(|| (self.evaluator)(&scope))
    }
}

impl Expression for Compiled {
    fn eval(&self, names: &dyn Names) -> Result<Value, ExpressionError> {
        value::into_json(&self.value(names)?)
    }

    fn holds(&self, names: &dyn Names) -> Result<bool, ExpressionError> {
        match self.value(names)? {
            FeelValue::Boolean(holds) => Ok(holds),
            other => {
                let other = value::into_json(&other).map_or_else(|e| e.0, |v| v.to_string());
                Err(ExpressionError(format!(
                    "条件“{}”的结果不是真或假，而是 {other:.100}（是否缺少变量？）",
                    self.text
                )))
            }
        }
    }

    fn names(&self) -> BTreeSet<String> {
        self.reads.iter().map(|(own, _)| own.clone()).collect()
    }

    fn text(&self) -> &str {
        &self.text
    }
}
