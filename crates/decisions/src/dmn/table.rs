//! Running a decision table rule by rule, so that the rules that matched are known. The library returns values only.

use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value;
use dsntk_feel::{Evaluator, FeelScope, Name};
use dsntk_feel_parser::AstNode;
use roxmltree::Node;

use super::boxed::Cells;
use super::{DecideError, MatchedRule};
use crate::ExpressionError;
use crate::feel::prepare;
use crate::tree;

/// How matching rules become a result (DMN 1.5, 8.2.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    Unique,
    Any,
    First,
    Priority,
    RuleOrder,
    OutputOrder,
    Collect,
    Count,
    Sum,
    Min,
    Max,
}

/// A table ready to run. Its input values and the other names its cells read come as one list, inputs first.
pub(super) struct Table {
    policy: Policy,
    inputs: Vec<Option<Evaluator>>,
    columns: Vec<Name>,
    names: Vec<Name>,
    rules: Vec<Rule>,
    outputs: Vec<Output>,
}

struct Rule {
    id: String,
    cells: Vec<(usize, Evaluator)>,
    outputs: Vec<Evaluator>,
}

struct Output {
    name: Name,
    allowed: Option<Evaluator>,
    default: Option<Evaluator>,
}

fn column(at: usize) -> Name {
    Name::from(format!("\u{1}{at}"))
}

/// A cell as a test of its column. The library does not know `?` here: such a test is an expression of its own.
fn test(at: usize, tests: AstNode) -> Result<Evaluator, ExpressionError> {
    let name = column(at);
    let is_in = |test: AstNode| AstNode::In(Box::new(AstNode::Name(name.clone())), Box::new(test));
    let AstNode::ExpressionList(items) = tests else {
        return prepare(&is_in(tests));
    };
    let mut marked = false;
    let each: Vec<_> = items
        .iter()
        .map(|item| {
            let mut test = item.clone();
            let own = tree::rename(&mut test, "?", &name);
            marked |= own;
            if own {
                test
            } else {
                is_in(AstNode::ExpressionList(vec![test]))
            }
        })
        .collect();
    if !marked {
        return prepare(&is_in(AstNode::ExpressionList(items)));
    }
    let any = each
        .into_iter()
        .reduce(|a, b| AstNode::Or(Box::new(a), Box::new(b)));
    prepare(&any.unwrap_or(AstNode::Null))
}

impl Table {
    /// Prepares a table; `names` are those that its cells read besides the inputs.
    pub(super) fn new(
        node: Node<'_, '_>,
        cells: Cells,
        names: Vec<Name>,
    ) -> Result<Self, ExpressionError> {
        let policy = match (node.attribute("hitPolicy"), node.attribute("aggregation")) {
            (Some("ANY"), _) => Policy::Any,
            (Some("FIRST"), _) => Policy::First,
            (Some("PRIORITY"), _) => Policy::Priority,
            (Some("RULE ORDER"), _) => Policy::RuleOrder,
            (Some("OUTPUT ORDER"), _) => Policy::OutputOrder,
            (Some("COLLECT"), Some("COUNT")) => Policy::Count,
            (Some("COLLECT"), Some("SUM")) => Policy::Sum,
            (Some("COLLECT"), Some("MIN")) => Policy::Min,
            (Some("COLLECT"), Some("MAX")) => Policy::Max,
            (Some("COLLECT"), _) => Policy::Collect,
            _ => Policy::Unique,
        };
        let mut inputs = Vec::new();
        for (at, input) in cells.inputs.into_iter().enumerate() {
            inputs.push(input.allowed.map(|allowed| test(at, allowed)).transpose()?);
        }
        let mut rules = Vec::new();
        for row in cells.rules {
            let mut rule = Rule {
                id: row.id,
                cells: Vec::new(),
                outputs: Vec::new(),
            };
            for (at, cell) in row.inputs.into_iter().enumerate() {
                if let Some(cell) = cell {
                    rule.cells.push((at, test(at, cell)?));
                }
            }
            for (output, column) in row.outputs.into_iter().zip(&cells.outputs) {
                rule.outputs.push(match &column.allowed {
                    Some(allowed) => {
                        prepare(&AstNode::Out(Box::new(output), Box::new(allowed.clone())))?
                    }
                    None => prepare(&output)?,
                });
            }
            rules.push(rule);
        }
        let mut outputs = Vec::new();
        for output in cells.outputs {
            outputs.push(Output {
                name: Name::from(output.name.unwrap_or_default()),
                allowed: output.allowed.as_ref().map(prepare).transpose()?,
                default: output.default.as_ref().map(prepare).transpose()?,
            });
        }
        let columns = (0..inputs.len()).map(column).collect();
        Ok(Self {
            policy,
            inputs,
            columns,
            names,
            rules,
            outputs,
        })
    }

    /// The result and the rules that made it.
    pub(super) fn run(&self, values: Vec<Value>) -> Result<(Value, Vec<MatchedRule>), DecideError> {
        let mut context = FeelContext::default();
        for (name, value) in self.columns.iter().chain(&self.names).zip(values) {
            context.set_entry(name, value);
        }
        let scope = FeelScope::from(context);
        let matched = self.matched(&scope);
        let told = |rules: &[usize]| {
            rules
                .iter()
                .map(|at| MatchedRule {
                    id: self.rules[*at].id.clone(),
                    index: at + 1,
                })
                .collect::<Vec<_>>()
        };
        if matched.is_empty() {
            return Ok((self.default(&scope), Vec::new()));
        }
        match self.policy {
            Policy::Unique if matched.len() > 1 => Err(DecideError::TwoRules {
                rules: told(&matched),
            }),
            Policy::Unique | Policy::First => {
                Ok((self.result(matched[0], &scope), told(&matched[..1])))
            }
            Policy::Any => {
                let first = self.result(matched[0], &scope);
                if matched.iter().any(|at| self.result(*at, &scope) != first) {
                    return Err(DecideError::DifferentResults {
                        rules: told(&matched),
                    });
                }
                Ok((first, told(&matched)))
            }
            Policy::Priority => {
                let ordered = self.by_priority(matched, &scope);
                Ok((self.result(ordered[0], &scope), told(&ordered[..1])))
            }
            Policy::OutputOrder => {
                let ordered = self.by_priority(matched, &scope);
                Ok((self.results(&ordered, &scope), told(&ordered)))
            }
            Policy::RuleOrder | Policy::Collect => {
                Ok((self.results(&matched, &scope), told(&matched)))
            }
            Policy::Count => Ok((Value::Number(matched.len().into()), told(&matched))),
            Policy::Sum | Policy::Min | Policy::Max => {
                if self.outputs.len() > 1 {
                    return Err(DecideError::Aggregation);
                }
                let values = matched.iter().map(|at| self.result(*at, &scope)).collect();
                let value = match self.policy {
                    Policy::Sum => dsntk_feel_evaluator::evaluate_sum(values),
                    Policy::Min => dsntk_feel_evaluator::evaluate_min(values),
                    _ => dsntk_feel_evaluator::evaluate_max(values),
                };
                Ok((value, told(&matched)))
            }
        }
    }

    fn matched(&self, scope: &FeelScope) -> Vec<usize> {
        let allowed: Vec<bool> = self
            .inputs
            .iter()
            .map(|allowed| {
                allowed
                    .as_ref()
                    .is_none_or(|allowed| allowed(scope).is_true())
            })
            .collect();
        let mut matched = Vec::new();
        if allowed.contains(&false) {
            return matched;
        }
        for (at, rule) in self.rules.iter().enumerate() {
            if rule.cells.iter().all(|(_, cell)| cell(scope).is_true()) {
                matched.push(at);
                if self.policy == Policy::First {
                    break;
                }
            }
        }
        matched
    }

    fn result(&self, rule: usize, scope: &FeelScope) -> Value {
        let values = self.rules[rule].outputs.iter().map(|output| output(scope));
        self.composed(values)
    }

    fn composed(&self, mut values: impl Iterator<Item = Value>) -> Value {
        if self.outputs.len() == 1 {
            return values.next().unwrap_or(Value::Null(None));
        }
        let mut context = FeelContext::default();
        for (output, value) in self.outputs.iter().zip(values) {
            context.set_entry(&output.name, value);
        }
        Value::Context(context)
    }

    fn results(&self, rules: &[usize], scope: &FeelScope) -> Value {
        Value::List(rules.iter().map(|at| self.result(*at, scope)).collect())
    }

    fn default(&self, scope: &FeelScope) -> Value {
        if self.outputs.iter().all(|output| output.default.is_none()) {
            return Value::Null(None);
        }
        self.composed(self.outputs.iter().map(|output| {
            match output.default.as_ref().map(|default| default(scope)) {
                Some(Value::ExpressionList(values)) => {
                    values.first().cloned().unwrap_or(Value::Null(None))
                }
                Some(value) => value,
                None => Value::Null(None),
            }
        }))
    }

    /// By the place of each output among the allowed values of its column, first column first; equal ones stay in order.
    fn by_priority(&self, rules: Vec<usize>, scope: &FeelScope) -> Vec<usize> {
        let order: Vec<Vec<Value>> = self
            .outputs
            .iter()
            .map(
                |output| match output.allowed.as_ref().map(|allowed| allowed(scope)) {
                    Some(Value::ExpressionList(values)) => values.clone(),
                    Some(value) => vec![value],
                    None => Vec::new(),
                },
            )
            .collect();
        let mut ranked: Vec<(Vec<usize>, usize)> = rules
            .into_iter()
            .map(|rule| {
                let values = self.rules[rule].outputs.iter().map(|output| output(scope));
                let ranks = values
                    .zip(&order)
                    .map(|(value, order)| {
                        order
                            .iter()
                            .position(|one| *one == value)
                            .unwrap_or(usize::MAX)
                    })
                    .collect();
                (ranks, rule)
            })
            .collect();
        ranked.sort_by(|a, b| a.0.cmp(&b.0));
        ranked.into_iter().map(|(_, rule)| rule).collect()
    }
}
