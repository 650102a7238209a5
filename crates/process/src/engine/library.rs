//! What a step may look things up in: definitions that are called, and decisions. Read only, so a step stays pure.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use tongban_decisions::{DecideError, Decisions};

use crate::feel::Names;
use crate::model::{Binding, Definition};

/// What a decision said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Its value.
    pub value: Value,
    /// The ids of the rules that matched, where it is a table.
    pub rules: Vec<Arc<str>>,
}

/// Why a decision or a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Nobody provides it.
    NotDeployed,
    /// It failed.
    Failed(String),
}

/// Makes a decision by the first file that has it, by its id or its name.
pub fn decide_by<'d>(
    files: impl IntoIterator<Item = &'d Decisions>,
    decision: &str,
    names: &dyn Names,
) -> Result<Decided, Missing> {
    for file in files {
        match file.decide(decision, names) {
            Ok(made) => {
                let rules = made.rules.iter();
                // A rule without id is known by its place.
                let rules = rules.map(|rule| match rule.id.as_str() {
                    "" => Arc::from(format!("#{}", rule.index)),
                    id => Arc::from(id),
                });
                return Ok(Decided {
                    rules: rules.collect(),
                    value: made.value,
                });
            }
            Err(DecideError::Unknown { .. }) => {}
            Err(error) => return Err(Missing::Failed(error.to_string())),
        }
    }
    Err(Missing::NotDeployed)
}

/// Everything outside the instance that a step may look at. A [`Definition`] alone is the library of an instance that calls nothing.
pub trait Library {
    /// The definition of the instance.
    fn main(&self) -> &Definition;

    /// A definition that an open call is pinned to, by its content hash.
    fn called(&self, hash: &str) -> Option<&Definition>;

    /// The definition with the process `process` for a new call; `from` calls it.
    fn resolve<'a>(
        &'a self,
        from: &'a Definition,
        process: &str,
        binding: &Binding,
    ) -> Option<&'a Definition>;

    /// Makes a decision.
    fn decide(
        &self,
        from: &Definition,
        decision: &str,
        binding: &Binding,
        names: &dyn Names,
    ) -> Result<Decided, Missing>;
}

impl Library for Definition {
    fn main(&self) -> &Definition {
        self
    }

    fn called(&self, hash: &str) -> Option<&Definition> {
        (self.hash() == hash).then_some(self)
    }

    fn resolve<'a>(
        &'a self,
        _: &'a Definition,
        process: &str,
        _: &Binding,
    ) -> Option<&'a Definition> {
        self.process(process).map(|_| self)
    }

    fn decide(
        &self,
        _: &Definition,
        _: &str,
        _: &Binding,
        _: &dyn Names,
    ) -> Result<Decided, Missing> {
        Err(Missing::NotDeployed)
    }
}

/// The variables as seen from one scope.
pub(crate) struct View<'a> {
    pub state: &'a super::State,
    pub scope: u64,
}

impl Names for View<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        for scope in self.state.chain(self.scope) {
            if let Some(value) = scope.vars.get(name) {
                return Some(Cow::Borrowed(value));
            }
            if let super::state::What::Many(many) = &scope.what
                && let Some(n) = counted(self.state, scope, many, name)
            {
                return Some(Cow::Owned(n.into()));
            }
        }
        None
    }
}

/// The counters that every engine gives to the conditions of a repetition.
fn counted(
    state: &super::State,
    scope: &super::Scope,
    many: &super::state::Many,
    name: &str,
) -> Option<u64> {
    let id = scope.id;
    let active = || {
        state
            .scopes
            .iter()
            .filter(|s| s.parent == id && s.id != id)
            .count() as u64
    };
    match name {
        "nrOfInstances" | "numberOfInstances" => Some(u64::from(many.total.unwrap_or(many.begun))),
        "nrOfCompletedInstances" | "numberOfCompletedInstances" => Some(u64::from(many.done)),
        "totalWeight" => super::signers::total_weight(scope),
        "nrOfActiveInstances" | "numberOfActiveInstances" => Some(active()),
        _ => None,
    }
}
