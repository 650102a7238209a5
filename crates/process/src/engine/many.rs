//! Repetitions: multi-instance activities and loops; activities with values of their own are the case of one.

use std::sync::Arc;

use serde_json::Value;

use super::command::Event;
use super::library::View;
use super::refusal::Refusal;
use super::run::{Outcome, Run, Todo};
use super::signers::{WEIGHT, WEIGHTS};
use super::state::{Many, Vars, What};
use crate::feel::Names;
use crate::model::{Multi, Node, Repeat};

/// Most repetitions of one activity.
pub const MAX_ONES: usize = 1_000;

/// Where a running repetition keeps the items that are still to come; no variable of a file can have this name.
pub(super) const ITEMS: &str = "\u{0}items";

impl<'l> Run<'l> {
    /// Begins the repetitions of an activity.
    pub(super) fn begin_many(&mut self, node: &'l Node, repeat: &'l Repeat, token: u64) -> Outcome {
        let outside = self.scope_of(token);
        match repeat {
            Repeat::Loop {
                test_before,
                condition,
                most,
            } => {
                let many = Box::new(Many::default());
                let scope = self.open(Some(outside), &node.id, What::Many(many), Some(token))?;
                let goes = !test_before || self.holds(&node.id, condition.as_ref(), scope)?;
                if goes && *most != Some(0) {
                    return self.begin_one(node, scope, 0, None);
                }
                self.end_many(node, scope)
            }
            Repeat::Multi(multi) => {
                let items = self.items(node, multi, outside)?;
                let weights = self.weights(node, multi, &items, outside)?;
                let many = Box::new(Many {
                    total: u32::try_from(items.len()).ok(),
                    ..Many::default()
                });
                let scope = self.open(Some(outside), &node.id, What::Many(many), Some(token))?;
                let mut first = Vars::new();
                if let Some(output) = &multi.output {
                    first.insert(Arc::clone(output), Value::Array(Vec::new()));
                }
                if multi.sequential && multi.collection.is_some() {
                    first.insert(ITEMS.into(), Value::Array(items.clone()));
                }
                if let Some(weights) = weights {
                    first.insert(WEIGHTS.into(), weights);
                }
                self.set_local(scope, first)?;
                let begin = if multi.sequential { 1 } else { items.len() };
                for (n, item) in items.iter().take(begin).enumerate() {
                    let item = multi.collection.as_ref().map(|_| item.clone());
                    self.begin_one(node, scope, n, item)?;
                }
                if items.is_empty() {
                    return self.end_many(node, scope);
                }
                Ok(())
            }
        }
    }

    /// What is repeated for: the items of the collection, or as many nothings as the cardinality says.
    fn items(&self, node: &Node, multi: &Multi, outside: u64) -> Result<Vec<Value>, Refusal> {
        let wrong = |why: String| Refusal::Expression {
            element: Arc::clone(&node.id),
            why,
        };
        let value = |formula| self.value(&node.id, formula, outside);
        let items = match (&multi.collection, &multi.cardinality) {
            (Some(collection), _) => match value(collection)? {
                Value::Array(items) => items,
                other => return Err(wrong(format!("多实例的集合应为列表，实为 {other:.100}"))),
            },
            (None, Some(cardinality)) => {
                let n = value(cardinality)?;
                let n = n.as_u64().or_else(|| n.as_str()?.trim().parse().ok());
                let n = n.ok_or_else(|| wrong("多实例的个数应为非负整数".to_owned()))?;
                vec![Value::Null; usize::try_from(n).unwrap_or(usize::MAX).min(MAX_ONES + 1)]
            }
            (None, None) => return Err(wrong("多实例没有个数，也没有集合".to_owned())),
        };
        if items.len() > MAX_ONES {
            return Err(Refusal::TooMany {
                element: Arc::clone(&node.id),
                most: MAX_ONES,
            });
        }
        Ok(items)
    }

    /// Begins one repetition in the scope of all of them.
    pub(super) fn begin_one(
        &mut self,
        node: &'l Node,
        many: u64,
        n: usize,
        item: Option<Value>,
    ) -> Outcome {
        let scope = self.open(Some(many), &node.id, What::One, None)?;
        let mut vars = Vars::from([("loopCounter".into(), Value::from(n))]);
        if let (Some(Repeat::Multi(multi)), Some(item)) = (&node.repeat, item)
            && let Some(name) = &multi.item
        {
            vars.insert(Arc::clone(name), item);
        }
        if let Some(weight) = self.kept(many, WEIGHTS).get(n) {
            vars.insert(WEIGHT.into(), weight.clone());
        }
        self.set_local(scope, vars)?;
        self.begin_in(node, scope)
    }

    /// Begins one more repetition with values of its own.
    pub(super) fn begin_one_with(
        &mut self,
        node: &'l Node,
        many: u64,
        n: usize,
        vars: &Vars,
    ) -> Outcome {
        let scope = self.open(Some(many), &node.id, What::One, None)?;
        let mut own = vars.clone();
        own.insert("loopCounter".into(), Value::from(n));
        self.set_local(scope, own)?;
        self.begin_in(node, scope)
    }

    /// Begins an activity with values of its own.
    pub(super) fn begin_mapped(&mut self, node: &'l Node, token: u64) -> Outcome {
        let outside = self.scope_of(token);
        let scope = self.open(Some(outside), &node.id, What::One, Some(token))?;
        self.begin_in(node, scope)
    }

    fn begin_in(&mut self, node: &'l Node, scope: u64) -> Outcome {
        for mapping in &node.inputs {
            let value = self.mapped(node, mapping, scope)?;
            self.set_local(scope, Vars::from([(Arc::clone(&mapping.target), value)]))?;
        }
        let token = self.number();
        self.emit(Event::Born {
            token,
            scope,
            element: Arc::clone(&node.id),
        });
        self.queue.push_back(Todo::Enter(token));
        Ok(())
    }

    /// One repetition, or the own scope of an activity, is done.
    pub(super) fn one_done(&mut self, token: u64) -> Outcome {
        if self.state.token(token).is_none() {
            return Ok(());
        }
        let node = self.node_of(token)?;
        let scope = self.scope_of(token);
        let Some(open) = self.state.scope(scope).filter(|s| s.what == What::One) else {
            return Ok(());
        };
        let (parent, owner) = (open.parent, open.token);
        let mut out = Vars::new();
        for mapping in &node.outputs {
            out.insert(
                Arc::clone(&mapping.target),
                self.mapped(node, mapping, scope)?,
            );
        }
        let collected = self.collected(node, scope)?;
        self.emit(Event::TokenEnded {
            token,
            element: Arc::clone(&node.id),
        });
        self.disarm_in(scope);
        self.emit(Event::Closed { scope, done: true });
        if let Some(owner) = owner {
            self.set(parent, out)?;
            return self.done(node, owner);
        }
        let around = self.state.scope(parent).map_or(parent, |s| s.parent);
        self.set(around, out)?;
        if let Some((name, value)) = collected {
            self.collect(parent, &name, value)?;
        }
        self.many_progress(node, parent)
    }

    /// What one repetition adds to the list of results.
    fn collected(&self, node: &Node, scope: u64) -> Result<Option<(Arc<str>, Value)>, Refusal> {
        let Some(Repeat::Multi(multi)) = &node.repeat else {
            return Ok(None);
        };
        let (Some(name), Some(item)) = (&multi.output, &multi.output_item) else {
            return Ok(None);
        };
        Ok(Some((Arc::clone(name), self.value(&node.id, item, scope)?)))
    }

    fn collect(&mut self, many: u64, name: &Arc<str>, value: Value) -> Outcome {
        let mut list = match self.state.scope(many).and_then(|s| s.vars.get(name)) {
            Some(Value::Array(list)) => list.clone(),
            _ => Vec::new(),
        };
        list.push(value);
        self.set_local(many, Vars::from([(Arc::clone(name), Value::Array(list))]))
    }

    /// After one is done, or the number has changed: the next, the end, or still waiting.
    pub(super) fn many_progress(&mut self, node: &'l Node, scope: u64) -> Outcome {
        let Some(open) = self.state.scope(scope) else {
            return Ok(());
        };
        let What::Many(many) = &open.what else {
            return Ok(());
        };
        let many = Many::clone(many);
        let next = usize::try_from(many.begun).unwrap_or(usize::MAX);
        match &node.repeat {
            Some(Repeat::Loop {
                condition, most, ..
            }) => {
                let enough = most.is_some_and(|most| many.done >= most);
                if enough || !self.holds(&node.id, condition.as_ref(), scope)? {
                    return self.end_many(node, scope);
                }
                if next >= MAX_ONES {
                    return Err(Refusal::TooMany {
                        element: Arc::clone(&node.id),
                        most: MAX_ONES,
                    });
                }
                self.begin_one(node, scope, next, None)
            }
            Some(Repeat::Multi(multi)) => {
                let enough = match &multi.until {
                    Some(until) => self.holds(&node.id, Some(until), scope)?,
                    None => false,
                };
                let active = self.state.scopes.iter().any(|s| s.parent == scope);
                let total = many.total.unwrap_or(many.begun);
                if !enough && !active && self.next_round(node, scope)? {
                    return Ok(());
                }
                if enough || (!active && many.begun >= total) {
                    return self.end_many(node, scope);
                }
                if multi.sequential && !active {
                    let item = self.item(scope, next);
                    return self.begin_one(node, scope, next, item);
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn item(&self, many: u64, n: usize) -> Option<Value> {
        let view = View {
            state: &self.state,
            scope: many,
        };
        match view.get(ITEMS)?.as_ref() {
            Value::Array(items) => items.get(n).cloned(),
            _ => None,
        }
    }

    /// Ends the repetitions: what is still open is taken away, the list of results goes outside.
    fn end_many(&mut self, node: &'l Node, scope: u64) -> Outcome {
        let Some(open) = self.state.scope(scope).cloned() else {
            return Ok(());
        };
        self.cancel_inside(scope);
        if let Some(Repeat::Multi(multi)) = &node.repeat {
            let mut vars = Vars::new();
            if let Some(name) = &multi.output
                && let Some(list) = open.vars.get(name)
            {
                vars.insert(Arc::clone(name), list.clone());
            }
            if let Some((name, formula)) = &multi.result {
                // As the common scope of all repetitions sees it.
                vars.insert(Arc::clone(name), self.value(&node.id, formula, scope)?);
            }
            self.set(open.parent, vars)?;
        }
        self.emit(Event::Closed { scope, done: true });
        let Some(owner) = open.token else {
            return Ok(());
        };
        self.done(node, owner)
    }
}
