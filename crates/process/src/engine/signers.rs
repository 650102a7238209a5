//! 加签 and 减签 in a countersign: members beside, before and after the present ones; and what their votes weigh.
//!
//! Who was held for a member that comes first, and who comes after all, stands in rounds: lists of members with their values, which
//! begin together when nobody of the round before is left. A held member keeps its number, and so its weight.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::command::Event;
use super::library::View;
use super::many::{ITEMS, MAX_ONES};
use super::refusal::Refusal;
use super::run::{Outcome, Run};
use super::state::{Id, Many, On, Scope, Signer, Token, Vars, What};
use crate::feel::Names;
use crate::model::{Multi, Node, Repeat};

/// What the vote of a member counts, as its expressions see it; whoever adds a member may give it.
pub(crate) const WEIGHT: &str = "signerWeight";
/// The weights by number of the member; no variable of a file can have this name.
pub(super) const WEIGHTS: &str = "\u{0}weights";
/// The rounds that are still to come.
const ROUNDS: &str = "\u{0}rounds";
/// Heaviest vote.
const MAX_WEIGHT: u64 = 1_000_000;

/// The weight of all members together, whether they have signed or not.
pub(super) fn total_weight(scope: &Scope) -> Option<u64> {
    let weights = scope.vars.get(WEIGHTS)?.as_array()?;
    Some(weights.iter().filter_map(Value::as_u64).sum())
}

/// An item that has no scope of its own yet.
struct Ahead<'a> {
    view: View<'a>,
    name: Option<&'a str>,
    item: Option<&'a Value>,
    n: usize,
}

impl Names for Ahead<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        match self.item {
            Some(item) if self.name == Some(name) => Some(Cow::Borrowed(item)),
            _ if name == "loopCounter" => Some(Cow::Owned(self.n.into())),
            _ => self.view.get(name),
        }
    }
}

/// A running countersign.
struct Running<'l> {
    scope: u64,
    many: Many,
    node: &'l Node,
    multi: &'l Multi,
}

impl<'l> Run<'l> {
    /// A list that the engine keeps for a repetition.
    pub(super) fn kept(&self, many: u64, name: &str) -> &[Value] {
        let list = self.state.scope(many).and_then(|s| s.vars.get(name));
        list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn keep(&mut self, many: u64, name: &str, list: Vec<Value>) -> Outcome {
        self.set_local(many, Vars::from([(Arc::from(name), Value::Array(list))]))
    }

    /// The weights of all items, where the countersign is weighted.
    pub(super) fn weights(
        &self,
        node: &Node,
        multi: &Multi,
        items: &[Value],
        outside: u64,
    ) -> Result<Option<Value>, Refusal> {
        if multi.weight.is_none() {
            return Ok(None);
        }
        let all = items.iter().enumerate();
        let all = all.map(|(n, item)| self.weight(node, multi, (n, Some(item)), outside));
        all.collect::<Result<Vec<_>, _>>()
            .map(|weights| Some(Value::Array(weights)))
    }

    fn weight(
        &self,
        node: &Node,
        multi: &Multi,
        (n, item): (usize, Option<&Value>),
        scope: u64,
    ) -> Result<Value, Refusal> {
        let wrong = |why: String| Refusal::Expression {
            element: Arc::clone(&node.id),
            why,
        };
        let Some(formula) = &multi.weight else {
            return Ok(Value::Null);
        };
        let view = self.view(scope);
        let name = multi.item.as_deref();
        let ahead = Ahead {
            view,
            name,
            item,
            n,
        };
        let value = formula.eval(&ahead).map_err(|e| wrong(e.0))?;
        measured(&value).ok_or_else(|| {
            wrong(format!(
                "会签的权重应为 0 至 {MAX_WEIGHT} 的整数，实为 {value:.100}"
            ))
        })
    }

    /// The parallel or sequential countersign that runs at an element.
    fn running(&self, element: &Id, scope: Option<u64>) -> Result<Option<Running<'l>>, Refusal> {
        let found = self.state.scopes.iter().find_map(|s| match &s.what {
            What::Many(many) if s.element == *element && scope.is_none_or(|id| id == s.id) => {
                Some((s.id, Many::clone(many)))
            }
            _ => None,
        });
        let Some((scope, many)) = found else {
            return Ok(None);
        };
        let node = self.node(scope, element)?;
        let Some(Repeat::Multi(multi)) = &node.repeat else {
            return Ok(None);
        };
        Ok(Some(Running {
            scope,
            many,
            node,
            multi,
        }))
    }

    /// The countersign of which the task of this token is one member's.
    fn member_of(&self, t: &Token) -> Result<Option<Running<'l>>, Refusal> {
        let one = self.state.scope(t.scope).filter(|s| s.what == What::One);
        match one.map(|one| one.parent) {
            Some(parent) => self.running(&t.at, Some(parent)),
            None => Ok(None),
        }
    }

    /// 加签 before or after the holder of a task.
    pub(super) fn sign(&mut self, task: u64, signer: &Signer, before: bool) -> Outcome {
        let t = self.find(On::Task(task)).ok_or(Refusal::NoSuchTask(task))?;
        let Some(running) = self.member_of(&t)? else {
            return self.take_turn(&t, task, signer, before);
        };
        let vars = &signer.vars;
        match (running.multi.sequential, before) {
            (true, true) => self.in_line(&running, vars, Some(t.scope)),
            (true, false) => self.in_line(&running, vars, None),
            (false, true) => self.first(&running, vars),
            (false, false) => {
                let (n, vars) = self.new_member(&running, vars, None, 0)?;
                let mut rounds = self.kept(running.scope, ROUNDS).to_vec();
                rounds.push(Value::Array(vec![member(n, &vars)]));
                self.keep(running.scope, ROUNDS, rounds)
            }
        }
    }

    /// 加签: one more beside the present ones; in a sequence the last.
    pub(super) fn add_one(&mut self, element: &Id, vars: &Vars) -> Outcome {
        let Some(running) = self.running(element, None)? else {
            return Err(refused(element, "没有正在会签，不能加签"));
        };
        if running.multi.sequential {
            let end = usize::try_from(running.many.total.unwrap_or(running.many.begun));
            return self.put_in_line(&running, vars, end.unwrap_or(usize::MAX), 0);
        }
        let (n, vars) = self.new_member(&running, vars, None, 0)?;
        self.begin_one_with(running.node, running.scope, n, &vars)
    }

    /// All who have not signed wait for the new member.
    fn first(&mut self, running: &Running<'l>, vars: &Vars) -> Outcome {
        let scopes = self.state.scopes.iter();
        let open = scopes.filter(|s| s.parent == running.scope);
        let (ids, held): (Vec<u64>, Vec<Value>) = open
            .map(|s| {
                let vars = s.vars.iter().map(|(k, v)| (k.to_string(), v.clone()));
                (s.id, Value::Object(vars.collect()))
            })
            .unzip();
        let back = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let (n, vars) = self.new_member(running, vars, None, back)?;
        for id in ids {
            self.cancel_scope(id);
        }
        let mut rounds = self.kept(running.scope, ROUNDS).to_vec();
        rounds.insert(0, Value::Array(held));
        self.keep(running.scope, ROUNDS, rounds)?;
        self.begin_one_with(running.node, running.scope, n, &vars)
    }

    /// One after the other: `before` is the repetition that waits for the new member.
    fn in_line(&mut self, running: &Running<'l>, vars: &Vars, before: Option<u64>) -> Outcome {
        let begun = usize::try_from(running.many.begun).unwrap_or(usize::MAX);
        let Some(one) = before else {
            return self.put_in_line(running, vars, begun, 0);
        };
        let at = begun.saturating_sub(1);
        self.put_in_line(running, vars, at, 1)?;
        self.cancel_scope(one);
        let item = self.kept(running.scope, ITEMS).get(at).cloned();
        self.begin_one(running.node, running.scope, at, item)
    }

    fn put_in_line(&mut self, running: &Running<'l>, vars: &Vars, at: usize, back: u32) -> Outcome {
        self.new_member(running, vars, Some(at), back)?;
        let Some(name) = &running.multi.item else {
            return Ok(());
        };
        let mut items = self.kept(running.scope, ITEMS).to_vec();
        items.insert(
            at.min(items.len()),
            vars.get(name).cloned().unwrap_or(Value::Null),
        );
        self.keep(running.scope, ITEMS, items)
    }

    /// Counts one more member: its number and its values.
    fn new_member(
        &mut self,
        running: &Running<'l>,
        vars: &Vars,
        at: Option<usize>,
        back: u32,
    ) -> Result<(usize, Vars), Refusal> {
        let many = &running.many;
        let rounds = self.kept(running.scope, ROUNDS).iter();
        let later: usize = rounds.filter_map(Value::as_array).map(Vec::len).sum();
        let ever = usize::try_from(many.begun).unwrap_or(usize::MAX) + later;
        let total = many.total.unwrap_or(many.begun).saturating_add(1);
        if usize::try_from(total).unwrap_or(usize::MAX) > MAX_ONES || ever >= MAX_ONES {
            return Err(Refusal::TooMany {
                element: Arc::clone(&running.node.id),
                most: MAX_ONES,
            });
        }
        let n = at.unwrap_or(ever);
        let mut vars = vars.clone();
        if running.multi.weight.is_some() {
            let given = vars.get(WEIGHT);
            let weight = match given.filter(|given| !given.is_null()) {
                Some(given) => measured(given)
                    .ok_or_else(|| refused(&running.node.id, "加签机构的权重不是整数"))?,
                None => {
                    let item = running.multi.item.as_ref().and_then(|name| vars.get(name));
                    self.weight(running.node, running.multi, (n, item), running.scope)?
                }
            };
            vars.insert(WEIGHT.into(), weight.clone());
            let mut weights = self.kept(running.scope, WEIGHTS).to_vec();
            weights.insert(n.min(weights.len()), weight);
            self.keep(running.scope, WEIGHTS, weights)?;
        }
        self.emit(Event::Counted {
            scope: running.scope,
            total: Some(total),
            back,
        });
        Ok((n, vars))
    }

    /// Begins the next round; false if there is none.
    pub(super) fn next_round(&mut self, node: &'l Node, many: u64) -> Result<bool, Refusal> {
        let mut rounds = self.kept(many, ROUNDS).to_vec();
        if rounds.is_empty() {
            return Ok(false);
        }
        let Value::Array(round) = rounds.remove(0) else {
            return Ok(false);
        };
        self.keep(many, ROUNDS, rounds)?;
        for member in round {
            let Value::Object(values) = member else {
                continue;
            };
            let n = values.get("loopCounter").and_then(Value::as_u64);
            let n = n.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            let vars = values.into_iter().map(|(k, v)| (Arc::from(k), v));
            self.begin_one_with(node, many, n, &vars.collect())?;
        }
        Ok(true)
    }

    /// 减签: one of several open repetitions is taken away, or the turn of an added signer.
    pub(super) fn remove_one(&mut self, task: u64, reason: &str) -> Outcome {
        let t = self.find(On::Task(task)).ok_or(Refusal::NoSuchTask(task))?;
        if self.signer_in(t.scope).is_some() {
            return self.drop_turn(&t, reason);
        }
        let Some(running) = self.member_of(&t)? else {
            return Err(refused(&t.at, "不是会签环节，不能减签"));
        };
        let Running {
            scope, many, multi, ..
        } = &running;
        let open = self.state.scopes.iter().filter(|s| s.parent == *scope);
        let still = many.total.unwrap_or(many.begun).saturating_sub(many.begun);
        if open.count() < 2
            && many.done == 0
            && !(multi.sequential && still > 0)
            && self.kept(*scope, ROUNDS).is_empty()
        {
            return Err(refused(&t.at, "只剩一个人办理，不能减签"));
        }
        self.emit(Event::Moved {
            from: vec![Arc::clone(&t.at)],
            to: Vec::new(),
            reason: reason.to_owned(),
        });
        let n = self
            .state
            .var(t.scope, "loopCounter")
            .and_then(Value::as_u64);
        let n = n.and_then(|n| usize::try_from(n).ok());
        self.cancel_scope(t.scope);
        let mut weights = self.kept(*scope, WEIGHTS).to_vec();
        if let Some(n) = n.filter(|n| *n < weights.len()) {
            // In a sequence those behind move up.
            match multi.sequential {
                true => drop(weights.remove(n)),
                false => weights[n] = 0.into(),
            }
            self.keep(*scope, WEIGHTS, weights)?;
        }
        let mut items = self.kept(*scope, ITEMS).to_vec();
        if let Some(n) = n.filter(|n| *n < items.len()) {
            items.remove(n);
            self.keep(*scope, ITEMS, items)?;
        }
        self.emit(Event::Counted {
            scope: *scope,
            total: many.total.map(|n| n.saturating_sub(1)),
            back: u32::from(multi.sequential),
        });
        self.many_progress(running.node, *scope)
    }
}

pub(super) fn refused(element: &Id, why: &'static str) -> Refusal {
    Refusal::CannotChange {
        element: Arc::clone(element),
        why,
    }
}

fn measured(value: &Value) -> Option<Value> {
    let whole = value.as_u64().or_else(|| {
        let exact = value.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0)?;
        // Exact: no fraction, and far below 2^53.
        format!("{exact:.0}").parse().ok()
    })?;
    (whole <= MAX_WEIGHT).then(|| whole.into())
}

fn member(n: usize, vars: &Vars) -> Value {
    let vars = vars.iter().map(|(k, v)| (k.to_string(), v.clone()));
    let mut values: serde_json::Map<String, Value> = vars.collect();
    values.insert("loopCounter".to_owned(), n.into());
    Value::Object(values)
}
