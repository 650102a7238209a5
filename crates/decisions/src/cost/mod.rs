//! What an evaluation may cost at most, found before it runs.
//!
//! The FEEL library has no limit of its own: `for i in 1..10**12 return i` would fill the memory, and twelve context entries
//! that double each other a gigabyte. So a tree with loops or growth is first walked with **shapes** in place of values: how
//! large a value can be, and between which bounds a number lies. A loop costs its length times its body. What has no
//! bound, recursion among it, is refused; what costs more than the budget is refused with the sentence that says so.

mod calls;
mod shape;

use std::collections::BTreeMap;
use std::sync::Arc;

use dsntk_feel_parser::AstNode;

use crate::ExpressionError;
use crate::tree::{self, children, named};
use calls::GROWING;
use shape::{CELL, Scope, day, formal};
pub(crate) use shape::{Function, Shape, Shapes};

/// Steps that one evaluation may take; a step is about a tenth of a microsecond to a microsecond.
const STEPS: u64 = 10_000_000;
/// Largest value on the way, in bytes.
const BYTES: u64 = 16 * 1024 * 1024;
/// Nodes that the walk itself may visit, so that it is bounded too.
const VISITS: u32 = 300_000;
/// Loops whose body grows by what it made before (`partial`) are walked turn by turn, up to this many.
const TURNS: u64 = 10_000;

fn refused(text: &str) -> ExpressionError {
    ExpressionError(text.to_owned())
}

/// What is left to spend.
#[derive(Debug)]
pub(crate) struct Budget {
    steps: u64,
    visits: u32,
    calls: usize,
    /// The text or the model defines functions, so a value may be one.
    functions: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            steps: STEPS,
            visits: VISITS,
            calls: 0,
            functions: false,
        }
    }
}

type Walked = Result<Shape, ExpressionError>;

impl Budget {
    /// Whether a tree must be walked: it loops, binds names that can double each other, or builds texts by products.
    pub(crate) fn needed(root: &AstNode) -> bool {
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            match node {
                AstNode::For(..)
                | AstNode::Some(..)
                | AstNode::Every(..)
                | AstNode::Filter(..)
                | AstNode::Context(_)
                | AstNode::FunctionDefinition(..) => return true,
                AstNode::FunctionInvocation(callee, _) => {
                    let plain = matches!(&**callee, AstNode::Name(name)
                        if tree::is_function(name.as_str()) && !GROWING.contains(&name.as_str()));
                    if !plain {
                        return true;
                    }
                }
                _ => {}
            }
            children(node, &mut |child| open.push(child));
        }
        false
    }

    /// Walks a tree; `shapes` are those of the names it reads. A name without shape is null, or an entry of a filtered item.
    pub(crate) fn spend(&mut self, root: &AstNode, shapes: Shapes) -> Walked {
        self.functions = shapes.values().any(|shape| shape.function.is_some());
        self.walk(
            root,
            &mut Scope {
                frames: vec![shapes],
                within: 0,
            },
        )
    }

    fn pay(&mut self, steps: u64) -> Result<(), ExpressionError> {
        self.steps = self
            .steps
            .checked_sub(steps)
            .ok_or_else(|| refused("计算量过大：循环次数太多，请缩小范围或先筛选"))?;
        Ok(())
    }

    fn checked(&mut self, shape: Shape) -> Walked {
        if shape.size > BYTES {
            return Err(refused("计算量过大：中间结果太大"));
        }
        Ok(shape)
    }

    fn walk(&mut self, node: &AstNode, scope: &mut Scope) -> Walked {
        self.visits = self
            .visits
            .checked_sub(1)
            .ok_or_else(|| refused("表达式过于复杂，或函数递归调用自己，不能确定计算量"))?;
        let shape = self.shape(node, scope)?;
        // A name is copied when it is read; everything else is at least touched.
        self.pay(1 + shape.size / 64)?;
        self.checked(shape)
    }

    fn shape(&mut self, node: &AstNode, scope: &mut Scope) -> Walked {
        use AstNode as N;
        Ok(match node {
            N::Name(name) => scope.get(name.as_str()),
            N::Numeric(before, after, sign, exponent) => {
                let text = format!(
                    "{before}.{after}e{sign}{}",
                    if exponent.is_empty() { "0" } else { exponent }
                );
                let at: f64 = text.parse().unwrap_or(f64::INFINITY);
                Shape::between(at, at)
            }
            N::String(text) => Shape::sized(text.len() as u64 + CELL),
            N::At(text) => Shape {
                range: day(text).map(|at| (at, at)),
                ..Shape::sized(text.len() as u64 + CELL)
            },
            N::Add(a, b) | N::Sub(a, b) | N::Mul(a, b) => self.arithmetic(node, a, b, scope)?,
            N::Neg(a) => {
                let a = self.walk(a, scope)?;
                Shape {
                    range: a.range.map(|(low, high)| (-high, -low)),
                    ..Shape::sized(a.size)
                }
            }
            N::If(condition, then, other) => {
                self.walk(condition, scope)?;
                let then = self.walk(then, scope)?;
                then.or(self.walk(other, scope)?)
            }
            N::List(items) | N::ExpressionList(items) => self.list(items, scope)?,
            N::Context(entries) => self.context(entries, scope)?,
            N::Path(base, entry) => self.path(base, entry, scope)?,
            N::Filter(list, condition) => {
                let list = self.walk(list, scope)?;
                let mut frame = Shapes::new();
                let item = list.item();
                if let Some(entries) = &item.entries {
                    frame.extend(
                        entries
                            .iter()
                            .map(|(name, shape)| (name.clone(), shape.clone())),
                    );
                }
                frame.insert("item".to_owned(), item);
                self.repeated(list.items, condition, frame, list.size, scope)?;
                list
            }
            N::For(sources, body) => {
                let list = self.looped(sources, body, scope)?;
                // The library copies what was made so far at every turn, for `partial`.
                self.pay(list.items.saturating_mul(list.size) / 64)?;
                list
            }
            N::Some(sources, body) | N::Every(sources, body) => {
                self.looped(sources, body, scope)?;
                Shape::sized(CELL)
            }
            N::FunctionDefinition(parameters, body) => {
                self.functions = true;
                Shape::function(Function {
                    parameters: formal(parameters),
                    body: Arc::new((**body).clone()),
                    around: scope.flat(),
                })
            }
            N::FunctionInvocation(callee, arguments) => self.call(callee, arguments, scope)?,
            N::InstanceOf(value, _) => {
                self.walk(value, scope)?;
                Shape::sized(CELL)
            }
            N::FormalParameters(_) | N::FunctionType(..) | N::ContextType(_) => Shape::sized(CELL),
            other => self.all(other, scope)?,
        })
    }

    /// Anything else is at most as large as its parts together, and no number with known bounds.
    fn all(&mut self, node: &AstNode, scope: &mut Scope) -> Walked {
        let mut parts = Vec::new();
        children(node, &mut |child| parts.push(child));
        let mut size = CELL;
        for part in &parts {
            size = size.saturating_add(self.walk(part, scope)?.size);
        }
        if let (
            AstNode::EvaluatedExpression(_) | AstNode::Satisfies(_) | AstNode::FunctionBody(..),
            [only],
        ) = (node, &parts[..])
        {
            return self.walk(only, scope);
        }
        Ok(Shape {
            items: 1,
            ..Shape::sized(size)
        })
    }

    fn list(&mut self, items: &[AstNode], scope: &mut Scope) -> Walked {
        let mut shapes = Vec::new();
        for item in items {
            shapes.push(self.walk(item, scope)?);
        }
        Ok(Shape::list(shapes.into_iter()))
    }

    fn arithmetic(
        &mut self,
        node: &AstNode,
        a: &AstNode,
        b: &AstNode,
        scope: &mut Scope,
    ) -> Walked {
        let (a, b) = (self.walk(a, scope)?, self.walk(b, scope)?);
        let range = match (a.range, b.range) {
            (Some((a, b)), Some((c, d))) => {
                let ends = match node {
                    AstNode::Add(..) => [a + c, b + d, a + c, b + d],
                    AstNode::Sub(..) => [a - d, b - c, a - d, b - c],
                    _ => [a * c, a * d, b * c, b * d],
                };
                let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
                let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                (!ends.iter().any(|end| end.is_nan())).then_some((low, high))
            }
            _ => None,
        };
        Ok(Shape {
            range,
            ..Shape::sized(a.size.saturating_add(b.size))
        })
    }

    fn context(&mut self, entries: &[AstNode], scope: &mut Scope) -> Walked {
        scope.frames.push(Shapes::new());
        let mut known = BTreeMap::new();
        let mut size = CELL;
        for entry in entries {
            let AstNode::ContextEntry(key, value) = entry else {
                continue;
            };
            let shape = self.walk(value, scope)?;
            size = size.saturating_add(shape.size).saturating_add(CELL);
            let name = named(key).unwrap_or_default();
            if let Some(frame) = scope.frames.last_mut() {
                frame.insert(name.clone(), shape.clone());
            }
            known.insert(name, shape);
        }
        scope.frames.pop();
        Ok(Shape::sized(size).with(known))
    }

    fn path(&mut self, base: &AstNode, entry: &AstNode, scope: &mut Scope) -> Walked {
        let base = self.walk(base, scope)?;
        Ok(base.entry(&named(entry).unwrap_or_default()))
    }

    /// A body that runs `times` times; the shape of its result once.
    fn repeated(
        &mut self,
        times: u64,
        body: &AstNode,
        frame: Shapes,
        unknown: u64,
        scope: &mut Scope,
    ) -> Walked {
        let before = self.steps;
        scope.frames.push(frame);
        let outside = scope.within;
        scope.within = outside.max(unknown);
        let shape = self.walk(body, scope);
        scope.within = outside;
        scope.frames.pop();
        let once = before - self.steps;
        self.pay(once.saturating_mul(times.saturating_sub(1)))?;
        shape
    }

    fn looped(&mut self, sources: &AstNode, body: &AstNode, scope: &mut Scope) -> Walked {
        let mut contexts = Vec::new();
        children(sources, &mut |source| contexts.push(source));
        let (mut times, mut within) = (1u64, 0u64);
        scope.frames.push(Shapes::new());
        for source in contexts {
            let (variable, count, shape) = self.source(source, scope)?;
            times = times.saturating_mul(count);
            within = within.max(shape.size);
            if let Some(frame) = scope.frames.last_mut() {
                frame.insert(variable, shape);
            }
        }
        self.pay(times)?;
        let frame = scope.frames.pop().unwrap_or_default();
        if tree::Free::of(body).all().contains("partial") {
            return self.growing(times, body, frame, within, scope);
        }
        let once = self.repeated(times, body, frame, within, scope)?;
        Ok(once.times(times))
    }

    fn growing(
        &mut self,
        times: u64,
        body: &AstNode,
        frame: Shapes,
        within: u64,
        scope: &mut Scope,
    ) -> Walked {
        if times > TURNS {
            return Err(refused("计算量过大：使用 partial 的循环次数太多"));
        }
        let mut made = Shape {
            items: 0,
            ..Shape::sized(CELL)
        };
        for _ in 0..times {
            let mut frame = frame.clone();
            frame.insert("partial".to_owned(), made.clone());
            let once = self.repeated(1, body, frame, within, scope)?;
            made.size = made.size.saturating_add(once.size);
            made.items += 1;
            self.checked(made.clone())?;
        }
        Ok(made)
    }

    /// A source of a loop: its variable, how many turns, the shape of the variable.
    fn source(
        &mut self,
        node: &AstNode,
        scope: &mut Scope,
    ) -> Result<(String, u64, Shape), ExpressionError> {
        let mut parts = Vec::new();
        children(node, &mut |part| parts.push(part));
        let variable = parts
            .first()
            .and_then(|part| named(part))
            .unwrap_or_default();
        let ends = match &parts[1..] {
            [AstNode::Range(start, end)] => Some((&**start, &**end)),
            [start, end] => Some((*start, *end)),
            _ => None,
        };
        if let Some((start, end)) = ends {
            let (start, end) = (self.end(start, scope)?, self.end(end, scope)?);
            let (Some((a, b)), Some((c, d))) = (start.range, end.range) else {
                return Err(refused(
                    "循环范围（a..b）的两端不能事先确定大小，请改用列表",
                ));
            };
            let count = (d - a).abs().max((b - c).abs()) + 1.0;
            // A cast from a float saturates.
            return Ok((variable, count as u64, Shape::between(a.min(c), b.max(d))));
        }
        let mut list = Shape::default();
        for part in parts.iter().skip(1) {
            list = self.walk(part, scope)?;
        }
        Ok((variable, list.items.max(1), list.item()))
    }

    fn end(&mut self, node: &AstNode, scope: &mut Scope) -> Walked {
        match node {
            AstNode::IntervalStart(end, _) | AstNode::IntervalEnd(end, _) => self.walk(end, scope),
            other => self.walk(other, scope),
        }
    }
}
