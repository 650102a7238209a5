//! Decisions in DMN files.

mod boxed;
mod build;
mod cover;
mod decide;
mod form;
mod model;
mod table;
mod view;
mod xml;

use std::fmt;
use std::sync::Arc;

use dsntk_feel::FeelType;
use dsntk_feel::Name;
use dsntk_feel_parser::AstNode;
use dsntk_model_evaluator::ModelEvaluator;
use serde_json::Value;

use crate::ExpressionError;
pub use cover::{Review, ReviewKind};
use form::Form;
use model::Kind;
use table::Table;
pub use view::{
    Asked, ConditionView, DecisionView, InputView, LogicView, ResultView, RuleView, TableView,
};

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Name or id of the element, or nothing if it is the whole file.
    pub element: String,
    /// Line in the file, from 1; 0 if it is the whole file.
    pub line: u32,
    /// A sentence for the administrator.
    pub message: String,
}

impl Problem {
    fn whole(message: String) -> Self {
        Self::at("", 0, message)
    }

    fn at(element: &str, line: u32, message: String) -> Self {
        Self {
            element: element.to_owned(),
            line,
            message,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "第 {} 行", self.line)?;
        }
        if !self.element.is_empty() {
            write!(f, "“{}”", self.element)?;
        }
        if self.line > 0 || !self.element.is_empty() {
            write!(f, "：")?;
        }
        write!(f, "{}", self.message)
    }
}

/// What an administrator should look at, though the file runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning(pub Problem);

/// A rule that made the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedRule {
    /// The id in the file, empty if it has none.
    pub id: String,
    /// Its place in the table, from 1.
    pub index: usize,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The id of the decision in the file.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The result.
    pub value: Value,
    /// The rules that made it, in the order of the result; none if the decision is no table or no rule matched.
    pub rules: Vec<MatchedRule>,
    /// Whether the decision is a table, so that "no rules" says something.
    pub table: bool,
}

/// Why nothing was decided; each is a sentence for the administrator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// No such decision.
    #[error("文件中没有决策“{asked}”；有：{}", known.join("、"))]
    Unknown {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Inputs without value.
    #[error("缺少输入：{}", names.join("、"))]
    Missing {
        /// Their names.
        names: Vec<String>,
    },
    /// An input of another kind than the file says.
    #[error("输入“{name}”的值 {value} 不是{kind}")]
    Input {
        /// Its name.
        name: String,
        /// The value given.
        value: String,
        /// What it should be.
        kind: &'static str,
    },
    /// Hit policy U, and more than one rule.
    #[error(
        "决策表规定只能有一条规则符合（UNIQUE），但同时符合的有：{}",
        places(rules)
    )]
    TwoRules {
        /// The rules.
        rules: Vec<MatchedRule>,
    },
    /// Hit policy A, and the rules disagree.
    #[error(
        "决策表规定符合的规则结果必须相同（ANY），但这些规则的结果不同：{}",
        places(rules)
    )]
    DifferentResults {
        /// The rules.
        rules: Vec<MatchedRule>,
    },
    /// A sum of several columns.
    #[error("决策表有多列输出，不能求和或取最大、最小值")]
    Aggregation,
    /// An expression has no value, or costs too much.
    #[error("{0}")]
    Expression(#[from] ExpressionError),
}

impl DecideError {
    /// The same without any value that was handed in: for records and logs, which hold no personal data.
    pub fn without_values(&self) -> String {
        match self {
            Self::Input { name, kind, .. } => format!("输入“{name}”的值不是{kind}"),
            // Its other sentences tell texts of the file, bounds and kinds.
            Self::Expression(error) if error.0.starts_with("数 ") => "传入的数超出范围".to_owned(),
            other => other.to_string(),
        }
    }
}

fn places(rules: &[MatchedRule]) -> String {
    let each = rules.iter().map(|rule| match rule.id.as_str() {
        "" => format!("第 {} 条", rule.index),
        id => format!("第 {} 条（{id}）", rule.index),
    });
    each.collect::<Vec<_>>().join("、")
}

/// A DMN file, checked and ready.
pub struct Decisions {
    id: String,
    namespace: String,
    model: String,
    evaluator: Arc<ModelEvaluator>,
    entries: Vec<Entry>,
    functions: Vec<Known>,
    views: Vec<DecisionView>,
    imports: Vec<String>,
}

/// Something that can be asked.
struct Entry {
    kind: Kind,
    id: String,
    name: String,
    inputs: Vec<Input>,
    table: Option<(Table, String)>,
    result: Option<FeelType>,
    /// What to walk before it runs, if its cost depends on the values.
    walk: Option<AstNode>,
}

#[derive(Debug, Clone)]
struct Input {
    name: String,
    feel: Name,
    form: Form,
}

/// A function of the file, for the walk.
struct Known {
    name: String,
    parameters: Vec<String>,
    body: Arc<AstNode>,
}

impl fmt::Debug for Decisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.entries.iter().map(|entry| &entry.name).collect();
        f.debug_struct("Decisions")
            .field("model", &self.model)
            .field("entries", &names)
            .finish()
    }
}

impl Decisions {
    /// Reads and checks a file: XML, graph, types, every FEEL text. Names that no input declares become inputs of their
    /// decision, and are warnings.
    pub fn parse(xml: &[u8]) -> Result<(Self, Vec<Warning>), Vec<Problem>> {
        build::build(xml, &[])
    }

    /// The same with the files that it imports.
    pub fn parse_with(
        xml: &[u8],
        imported: &[&[u8]],
    ) -> Result<(Self, Vec<Warning>), Vec<Problem>> {
        build::build(xml, imported)
    }

    /// Names of what can be asked, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// The inputs that a decision needs, by id or name; nothing if there is no such decision.
    pub fn inputs(&self, decision: &str) -> Option<Vec<&str>> {
        let entry = self.entry(decision)?;
        Some(
            entry
                .inputs
                .iter()
                .map(|input| input.name.as_str())
                .collect(),
        )
    }

    fn entry(&self, asked: &str) -> Option<&Entry> {
        let by = |key: fn(&Entry) -> &str| self.entries.iter().find(|entry| key(entry) == asked);
        by(|entry| &entry.id).or_else(|| by(|entry| &entry.name))
    }
}
