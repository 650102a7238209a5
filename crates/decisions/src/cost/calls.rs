//! What calls may cost: functions of the text or model, and the built-in ones.

use dsntk_feel_parser::AstNode;

use super::shape::{CELL, Function, Scope, Shape, Shapes, day};
use super::{Budget, Walked, refused};
use crate::tree::{self, named};

const UNKNOWN: &str = "不能事先确定调用的是哪个函数，因而不能确定计算量；请直接按名称调用";
/// Calls inside calls.
const CALLS: usize = 16;
/// Steps of compiling a regular expression with counted repetitions, or one not known before.
const PATTERN: u64 = 20_000;

/// Functions whose result can be larger than what they are given together.
pub(super) const GROWING: &[&str] = &[
    "replace",
    "split",
    "string join",
    "string",
    "flatten",
    "sort",
    "list replace",
];

impl Budget {
    pub(super) fn call(
        &mut self,
        callee: &AstNode,
        arguments: &AstNode,
        scope: &mut Scope,
    ) -> Walked {
        let mut given = Vec::new();
        let parts = match arguments {
            AstNode::PositionalParameters(all) | AstNode::NamedParameters(all) => &all[..],
            _ => &[],
        };
        for part in parts {
            let (name, value) = match part {
                AstNode::NamedParameter(name, value) => (named(name), &**value),
                value => (None, value),
            };
            given.push((name, self.walk(value, scope)?, value));
        }
        let name = named(callee).unwrap_or_default();
        let target = match callee {
            AstNode::Name(_) => scope.get(&name),
            other => self.walk(other, scope)?,
        };
        if let Some(function) = target.function {
            let arguments = given
                .into_iter()
                .map(|(name, shape, _)| (name, shape))
                .collect();
            return self.invoke(&function, arguments, scope);
        }
        if tree::is_function(&name) {
            // A function given to `sort` or `list replace` must be known too.
            let given_function = given.iter().any(|g| g.1.function.is_some());
            let data = given.iter().skip(1).all(|g| g.1.range.is_some());
            if self.functions
                && matches!(name.as_str(), "sort" | "list replace")
                && !given_function
                && !data
            {
                return Err(refused(UNKNOWN));
            }
            return self.builtin(&name, &given, scope);
        }
        if self.functions {
            return Err(refused(UNKNOWN));
        }
        // A function that came with a value: JSON has none, so this is null.
        Ok(Shape::sized(
            given.iter().map(|(_, shape, _)| shape.size).sum::<u64>() + CELL,
        ))
    }

    fn invoke(
        &mut self,
        function: &Function,
        arguments: Vec<(Option<String>, Shape)>,
        scope: &mut Scope,
    ) -> Walked {
        if self.calls >= CALLS {
            return Err(refused("函数递归调用自己，或嵌套过深：不能确定计算量"));
        }
        let mut frame = Shapes::new();
        for (at, (name, shape)) in arguments.into_iter().enumerate() {
            if let Some(name) = name.or_else(|| function.parameters.get(at).cloned()) {
                frame.insert(name, shape);
            }
        }
        self.calls += 1;
        // The library looks names up through the callers as well, so a function can find itself there.
        scope.frames.push(function.around.clone());
        scope.frames.push(frame);
        let shape = self.walk(&function.body, scope);
        scope.frames.truncate(scope.frames.len() - 2);
        self.calls -= 1;
        shape
    }

    fn builtin(
        &mut self,
        name: &str,
        given: &[(Option<String>, Shape, &AstNode)],
        scope: &mut Scope,
    ) -> Walked {
        let total = given
            .iter()
            .fold(CELL, |sum, (_, shape, _)| sum.saturating_add(shape.size));
        let items = given
            .iter()
            .fold(0u64, |sum, (_, shape, _)| sum.saturating_add(shape.items));
        let mut result = Shape {
            items: items.max(1),
            ..Shape::sized(total)
        };
        match name {
            "count" => {
                result = Shape::between(0.0, given.first().map_or(0, |g| g.1.items.max(1)) as f64)
            }
            "string length" => result = Shape::between(0.0, total as f64),
            "date" => {
                result.range = match given {
                    [(_, _, AstNode::String(text))] => day(text).map(|at| (at, at)),
                    _ => None,
                }
            }
            "number" | "sum" | "mean" | "product" | "stddev" | "mode" => {}
            "flatten" | "split" => result.items = total,
            // A decimal may have six thousand digits.
            "string" => {
                result.size = given.iter().fold(CELL, |sum, (_, shape, _)| {
                    let long = if shape.range.is_some() { 64 } else { 6_200 };
                    sum.saturating_add(shape.size)
                        .saturating_add((shape.size / CELL).saturating_mul(long))
                })
            }
            "replace" | "string join" => {
                let most = given.iter().map(|g| g.1.size).max().unwrap_or(0);
                result.size = total.saturating_add(most.saturating_mul(total));
                result.items = 1;
            }
            _ => {}
        }
        if matches!(
            name,
            "distinct values"
                | "union"
                | "mode"
                | "remove"
                | "list replace"
                | "index of"
                | "list contains"
        ) {
            self.pay(items.saturating_mul(items))?;
        }
        if matches!(name, "matches" | "replace" | "split") {
            let plain =
                matches!(given.get(1), Some((_, _, AstNode::String(text))) if !text.contains('{'));
            self.pay(if plain { 300 } else { PATTERN })?;
        }
        let callbacks = given
            .iter()
            .filter_map(|g| g.1.function.clone())
            .collect::<Vec<_>>();
        for function in callbacks {
            let before = self.steps;
            let one = Shape {
                size: total,
                items,
                ..Shape::default()
            };
            let arguments = function
                .parameters
                .iter()
                .map(|_| (None, one.clone()))
                .collect();
            self.invoke(&function, arguments, scope)?;
            let once = before - self.steps;
            self.pay(once.saturating_mul(items.saturating_mul(items.min(64))))?;
        }
        self.pay(total / 64)?;
        Ok(result)
    }
}
