//! Looking at a parsed FEEL text: how deep it is, which names it reads, what it must not call.

use std::collections::BTreeSet;

use dsntk_feel::Name;
use dsntk_feel::bif::Bif;
use dsntk_feel_parser::AstNode;

use crate::ExpressionError;

/// Deepest tree. Preparing and evaluating recurse by its depth; in a build without optimisation a level costs 10 KB of stack.
const MAX_DEPTH: usize = 100;

/// Functions that read the clock: an answer must be the same whenever it is asked again.
const CLOCK: &[&str] = &["now", "today"];

/// Refuses a tree that is too deep, reads the clock or calls outside.
pub(crate) fn check(root: &AstNode) -> Result<(), ExpressionError> {
    let mut open = vec![(root, 1)];
    while let Some((node, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            return Err(ExpressionError(format!(
                "表达式嵌套过深：至多 {MAX_DEPTH} 层；一长串 and、or 或加法请用括号分组，或改用列表"
            )));
        }
        match node {
            AstNode::Name(name) if CLOCK.contains(&name.as_str()) => {
                return Err(ExpressionError(format!(
                    "不能使用 {name}()：结果会随时间改变，请把日期作为变量传入"
                )));
            }
            AstNode::FunctionBody(_, true) => {
                return Err(ExpressionError(
                    "不能使用 external 函数：决策不调用外部程序".to_owned(),
                ));
            }
            _ => {}
        }
        children(node, &mut |child| open.push((child, depth + 1)));
    }
    Ok(())
}

/// Drops a tree without recursion; a deep one would overflow the stack.
pub(crate) fn dismantle(root: AstNode) {
    let mut open = vec![root];
    while let Some(mut node) = open.pop() {
        children_mut(&mut node, &mut |child| {
            open.push(std::mem::replace(child, AstNode::Null));
        });
    }
}

/// Free names of a tree: `sure` are read from outside, `perhaps` stand in a filter and may be entries of its items.
#[derive(Debug, Default)]
pub(crate) struct Free {
    pub(crate) sure: BTreeSet<String>,
    pub(crate) perhaps: BTreeSet<String>,
}

impl Free {
    pub(crate) fn of(root: &AstNode) -> Self {
        let mut free = Self::default();
        free.visit(root, &mut vec!["?".to_owned()], false);
        free
    }

    pub(crate) fn all(&self) -> BTreeSet<String> {
        self.sure.union(&self.perhaps).cloned().collect()
    }

    fn visit(&mut self, node: &AstNode, bound: &mut Vec<String>, filter: bool) {
        let mark = bound.len();
        match node {
            AstNode::Name(name) => {
                if !bound.iter().any(|bound| bound == name.as_str()) {
                    let set = if filter {
                        &mut self.perhaps
                    } else {
                        &mut self.sure
                    };
                    set.insert(name.to_string());
                }
            }
            AstNode::Path(base, _) => self.visit(base, bound, filter),
            AstNode::Filter(list, condition) => {
                self.visit(list, bound, filter);
                bound.push("item".to_owned());
                self.visit(condition, bound, true);
            }
            AstNode::FunctionInvocation(callee, arguments) => {
                let builtin =
                    matches!(&**callee, AstNode::Name(name) if is_function(name.as_str()));
                if !builtin {
                    self.visit(callee, bound, filter);
                }
                self.visit(arguments, bound, filter);
            }
            AstNode::Context(entries) => {
                for entry in entries {
                    let AstNode::ContextEntry(key, value) = entry else {
                        continue;
                    };
                    let own = matches!(&**key, AstNode::ContextEntryKey(_)).then(|| named(key));
                    // A function may mean itself; that it recurses is found when its cost is.
                    if matches!(&**value, AstNode::FunctionDefinition(..)) {
                        bound.extend(own.clone().flatten());
                    }
                    self.visit(value, bound, filter);
                    bound.extend(own.flatten());
                }
            }
            AstNode::FunctionDefinition(parameters, body) => {
                if let AstNode::FormalParameters(parameters) = &**parameters {
                    bound.extend(parameters.iter().filter_map(|parameter| match parameter {
                        AstNode::FormalParameter(name, _) => named(name),
                        _ => None,
                    }));
                }
                self.visit(body, bound, filter);
            }
            AstNode::For(sources, body)
            | AstNode::Some(sources, body)
            | AstNode::Every(sources, body) => {
                children(sources, &mut |source| {
                    // The first child of a source is its variable.
                    let mut variable = None;
                    children(source, &mut |part| {
                        if variable.is_none() {
                            variable = Some(named(part).unwrap_or_default());
                        } else {
                            self.visit(part, bound, filter);
                        }
                    });
                    bound.extend(variable);
                });
                bound.push("partial".to_owned());
                self.visit(body, bound, filter);
            }
            AstNode::In(value, tests) => {
                self.visit(value, bound, filter);
                self.visit(tests, bound, filter);
            }
            AstNode::InstanceOf(value, _) => self.visit(value, bound, filter),
            other => children(other, &mut |child| self.visit(child, bound, filter)),
        }
        bound.truncate(mark);
    }
}

/// The name in a node that carries one.
pub(crate) fn named(node: &AstNode) -> Option<String> {
    match node {
        AstNode::Name(name) | AstNode::ParameterName(name) | AstNode::ContextEntryKey(name) => {
            Some(name.to_string())
        }
        _ => None,
    }
}

/// Whether FEEL has a function of this name.
pub(crate) fn is_function(name: &str) -> bool {
    name.parse::<Bif>().is_ok()
}

macro_rules! for_each_child {
    ($node:expr, $with:expr) => {{
        use AstNode as N;
        match $node {
            N::Add(a, b)
            | N::And(a, b)
            | N::ContextEntry(a, b)
            | N::ContextTypeEntry(a, b)
            | N::Div(a, b)
            | N::Eq(a, b)
            | N::Every(a, b)
            | N::Exp(a, b)
            | N::Filter(a, b)
            | N::For(a, b)
            | N::FormalParameter(a, b)
            | N::FunctionDefinition(a, b)
            | N::FunctionInvocation(a, b)
            | N::FunctionType(a, b)
            | N::Ge(a, b)
            | N::Gt(a, b)
            | N::In(a, b)
            | N::InstanceOf(a, b)
            | N::IterationContextSingle(a, b)
            | N::Le(a, b)
            | N::Lt(a, b)
            | N::Mul(a, b)
            | N::NamedParameter(a, b)
            | N::Nq(a, b)
            | N::Or(a, b)
            | N::Out(a, b)
            | N::Path(a, b)
            | N::QuantifiedContext(a, b)
            | N::Range(a, b)
            | N::Some(a, b)
            | N::Sub(a, b) => {
                $with(a);
                $with(b);
            }
            N::Between(a, b, c) | N::If(a, b, c) | N::IterationContextInterval(a, b, c) => {
                $with(a);
                $with(b);
                $with(c);
            }
            N::EvaluatedExpression(a)
            | N::FunctionBody(a, _)
            | N::IntervalEnd(a, _)
            | N::IntervalStart(a, _)
            | N::ListType(a)
            | N::Neg(a)
            | N::RangeType(a)
            | N::Satisfies(a)
            | N::UnaryGe(a)
            | N::UnaryGt(a)
            | N::UnaryLe(a)
            | N::UnaryLt(a)
            | N::UnaryEq(a)
            | N::UnaryNe(a) => $with(a),
            N::CommaList(all)
            | N::Context(all)
            | N::ContextType(all)
            | N::ExpressionList(all)
            | N::FormalParameters(all)
            | N::IterationContexts(all)
            | N::List(all)
            | N::NamedParameters(all)
            | N::NegatedList(all)
            | N::ParameterTypes(all)
            | N::PositionalParameters(all)
            | N::QualifiedName(all)
            | N::QuantifiedContexts(all) => {
                for child in all {
                    $with(child);
                }
            }
            N::At(_)
            | N::Boolean(_)
            | N::ContextEntryKey(_)
            | N::ContextTypeEntryKey(_)
            | N::FeelType(_)
            | N::Irrelevant
            | N::Name(_)
            | N::Null
            | N::Numeric(..)
            | N::ParameterName(_)
            | N::QualifiedNameSegment(_)
            | N::String(_) => {}
        }
    }};
}

/// Calls with each child of a node, in order.
pub(crate) fn children<'a>(node: &'a AstNode, with: &mut dyn FnMut(&'a AstNode)) {
    for_each_child!(node, with);
}

/// Gives a name another one wherever it stands; whether it stood anywhere. Recurses by the depth, which is bounded.
pub(crate) fn rename(node: &mut AstNode, from: &str, to: &Name) -> bool {
    if let AstNode::Name(name) = node
        && name.as_str() == from
    {
        *name = to.clone();
        return true;
    }
    let mut found = false;
    children_mut(node, &mut |child| found |= rename(child, from, to));
    found
}

fn children_mut(node: &mut AstNode, with: &mut dyn FnMut(&mut AstNode)) {
    for_each_child!(node, with);
}
