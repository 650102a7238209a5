//! What the formulas of a file say about an instance, and whom a message is for.

use std::sync::Arc;

use serde_json::Value;

use super::refusal::Refusal;
use super::run::Run;
use super::state::{For, Id};
use crate::feel::{Expression, ExpressionError};
use crate::model::{Message, Node};

impl For {
    /// Whether a message of this name and key is the one that is waited for. A key that one side leaves open fits any.
    pub(crate) fn takes(&self, name: &str, key: Option<&Id>) -> bool {
        match self {
            Self::Message(wanted, own) => {
                **wanted == *name && (own.is_none() || key.is_none() || own.as_ref() == key)
            }
            _ => false,
        }
    }
}

impl Run<'_> {
    /// The value of a formula as seen from a scope.
    pub(super) fn value(
        &self,
        element: &Id,
        formula: &Arc<dyn Expression>,
        scope: u64,
    ) -> Result<Value, Refusal> {
        let value = formula.eval(&self.view(scope));
        value.map_err(|e| failed(element, e))
    }

    /// Whether a condition holds as seen from a scope; what has none always holds.
    pub(super) fn holds(
        &self,
        element: &Id,
        condition: Option<&Arc<dyn Expression>>,
        scope: u64,
    ) -> Result<bool, Refusal> {
        let Some(condition) = condition else {
            return Ok(true);
        };
        let holds = condition.holds(&self.view(scope));
        holds.map_err(|e| failed(element, e))
    }

    /// Name and key of a message, the same for who sends it and who waits for it: a number is a key too, null is none.
    pub(super) fn addressed(
        &self,
        node: &Node,
        message: &Message,
        scope: u64,
    ) -> Result<(Id, Option<Id>), Refusal> {
        let name = self.text(node, scope, Some(&message.name))?;
        let key = match &message.key {
            None => None,
            Some(key) => match self.value(&node.id, key, scope)? {
                Value::String(key) => Some(Id::from(key)),
                Value::Null => None,
                other => Some(Id::from(other.to_string())),
            },
        };
        Ok((name.unwrap_or_else(|| Id::from("")), key))
    }
}

fn failed(element: &Id, error: ExpressionError) -> Refusal {
    Refusal::Expression {
        element: Arc::clone(element),
        why: error.0,
    }
}
