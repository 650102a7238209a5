//! How large variables may be.

use serde_json::Value;

use super::refusal::Refusal;
use super::run::Outcome;
use super::state::State;

/// Most bytes of all variables, roughly as JSON.
pub const MAX_VARS_BYTES: usize = 64 * 1024;

/// Deepest nesting of one variable.
const MAX_VARS_DEPTH: u32 = 32;

/// Size as JSON, roughly; `None` when nested deeper than a stored state could be read again.
fn weight(value: &Value, depth: u32) -> Option<usize> {
    let inner = depth.checked_sub(1);
    Some(match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 12,
        Value::String(s) => s.len() + 2,
        Value::Array(items) => items
            .iter()
            .try_fold(2, |n, v| Some(n + 1 + weight(v, inner?)?))?,
        Value::Object(map) => map
            .iter()
            .try_fold(2, |n, (k, v)| Some(n + 4 + k.len() + weight(v, inner?)?))?,
    })
}

/// Refuses a state whose variables are larger or nested deeper than it may store.
pub(super) fn weighed(state: &State) -> Outcome {
    let mut all = state.scopes.iter().flat_map(|s| s.vars.iter());
    let bytes = all.try_fold(0usize, |n, (k, v)| {
        Some(n + k.len() + 4 + weight(v, MAX_VARS_DEPTH)?)
    });
    match bytes {
        Some(bytes) if bytes <= MAX_VARS_BYTES => Ok(()),
        _ => Err(Refusal::TooManyVars(MAX_VARS_BYTES)),
    }
}
