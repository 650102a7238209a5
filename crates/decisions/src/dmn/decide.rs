//! Asking.

use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value as Feel;

use super::model::Kind;
use super::{DecideError, Decision, Decisions, Entry};
use crate::cost::{Budget, Function, Shape, Shapes};
use crate::feel::contained;
use crate::{Names, value};

impl Decisions {
    /// Decides by id or name. Every declared input must have a value; null is one.
    pub fn decide(&self, decision: &str, names: &dyn Names) -> Result<Decision, DecideError> {
        let entry = self.entry(decision).ok_or_else(|| DecideError::Unknown {
            asked: decision.to_owned(),
            known: self.names().take(50).map(str::to_owned).collect(),
        })?;
        let inputs = inputs(entry, names)?;
        self.afford(entry, &inputs)?;
        let (value, rules) = match &entry.table {
            Some((table, values)) => {
                let asked = |name: &str| self.ask(name, &inputs);
                let Feel::List(values) = asked(values)? else {
                    return Err(crate::ExpressionError("决策表的输入不能计算".to_owned()).into());
                };
                let (value, rules) = contained(|| table.run(values))??;
                let value = entry
                    .result
                    .as_ref()
                    .map_or_else(|| value.clone(), |kind| value.coerced(kind));
                (value, rules)
            }
            None => (self.ask(&entry.name, &inputs)?, Vec::new()),
        };
        Ok(Decision {
            id: entry.id.clone(),
            name: entry.name.clone(),
            value: value::into_json(&value)?,
            rules,
            table: entry.table.is_some(),
        })
    }

    fn ask(&self, name: &str, inputs: &FeelContext) -> Result<Feel, DecideError> {
        Ok(contained(|| {
            self.evaluator
                .evaluate_invocable(&self.namespace, &self.model, name, inputs)
        })?)
    }

    /// Refuses what could cost too much with these values.
    fn afford(&self, entry: &Entry, inputs: &FeelContext) -> Result<(), DecideError> {
        let Some(walk) = &entry.walk else {
            return Ok(());
        };
        let mut shapes = Shapes::new();
        for known in &self.functions {
            let function = Function {
                parameters: known.parameters.clone(),
                body: known.body.clone(),
                around: Shapes::new(),
            };
            shapes.insert(known.name.clone(), Shape::function(function));
        }
        let values = inputs
            .iter()
            .map(|(name, value)| (name.to_string(), Shape::of(value)));
        shapes.extend(values);
        Budget::default().spend(walk, shapes)?;
        Ok(())
    }
}

fn inputs(entry: &Entry, names: &dyn Names) -> Result<FeelContext, DecideError> {
    let mut context = FeelContext::default();
    let mut missing = Vec::new();
    let mut left = value::allowance();
    for input in &entry.inputs {
        match names.get(&input.name) {
            Some(value) => {
                let value = input.form.take(&input.name, &value, &mut left)?;
                context.set_entry(&input.feel, value);
            }
            // A business knowledge model may be called with fewer parameters.
            None if entry.kind == Kind::Knowledge => {}
            None => missing.push(input.name.clone()),
        }
    }
    if missing.is_empty() {
        Ok(context)
    } else {
        Err(DecideError::Missing { names: missing })
    }
}
