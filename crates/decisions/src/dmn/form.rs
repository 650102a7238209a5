//! The declared form of an input: JSON has no dates, so a text becomes one where the file says so.

use std::str::FromStr;

use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value as Feel;
use dsntk_feel::{FeelScope, Name};
use serde_json::Value;

use super::DecideError;
use super::model::{Model, Type};
use crate::ExpressionError;
use crate::feel::contained;
use crate::value;

/// What a value should be made into.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    /// As it comes.
    Plain,
    /// A text in the form of a FEEL function: its name, and what it is called.
    Moment(&'static str, &'static str),
    Record(Vec<(String, Form)>),
    List(Box<Form>),
}

impl Form {
    /// The form of a type; types were checked to unfold to little.
    pub(super) fn of(model: &Model<'_>, name: &str) -> Self {
        match name {
            "date" => Self::Moment("date", "日期（如 2026-03-01）"),
            "time" => Self::Moment("time", "时间（如 09:00:00）"),
            "date and time" | "dateTime" => {
                Self::Moment("date and time", "日期时间（如 2026-03-01T09:00:00）")
            }
            "days and time duration" | "dayTimeDuration" => {
                Self::Moment("duration", "时长（如 P5D）")
            }
            "years and months duration" | "yearMonthDuration" => {
                Self::Moment("duration", "时长（如 P1Y）")
            }
            _ => model
                .types
                .get(name)
                .map_or(Self::Plain, |kind| Self::unfold(model, kind)),
        }
    }

    fn unfold(model: &Model<'_>, kind: &Type) -> Self {
        let one = match &kind.base {
            Some(base) => Self::of(model, base),
            None => {
                let parts: Vec<_> = kind
                    .parts
                    .iter()
                    .map(|(name, part)| (name.clone(), Self::unfold(model, part)))
                    .filter(|(_, form)| *form != Self::Plain)
                    .collect();
                if parts.is_empty() {
                    Self::Plain
                } else {
                    Self::Record(parts)
                }
            }
        };
        if kind.list && one != Self::Plain {
            Self::List(Box::new(one))
        } else {
            one
        }
    }

    /// The FEEL value of an input.
    pub(super) fn take(
        &self,
        name: &str,
        value: &Value,
        left: &mut usize,
    ) -> Result<Feel, DecideError> {
        let taken = value::into_feel(value, left)?;
        self.shaped(name, taken)
    }

    fn shaped(&self, name: &str, value: Feel) -> Result<Feel, DecideError> {
        match (self, value) {
            (Self::Moment(function, kind), Feel::String(text)) => {
                moment(function, &text)?.ok_or(DecideError::Input {
                    name: name.to_owned(),
                    value: format!("{text:.100}"),
                    kind,
                })
            }
            (Self::Record(parts), Feel::Context(mut context)) => {
                for (part, form) in parts {
                    let part = Name::from(part.as_str());
                    if let Some(value) = context.get_entry(&part) {
                        let value = form.shaped(part.as_str(), value.clone())?;
                        context.set_entry(&part, value);
                    }
                }
                Ok(Feel::Context(context))
            }
            (Self::List(form), Feel::List(items)) => Ok(Feel::List(
                items
                    .into_iter()
                    .map(|item| form.shaped(name, item))
                    .collect::<Result<_, _>>()?,
            )),
            (Self::List(form), single) => form.shaped(name, single),
            (_, value) => Ok(value),
        }
    }
}

/// The value of a FEEL date function for a text; nothing if it is none.
fn moment(function: &str, text: &str) -> Result<Option<Feel>, ExpressionError> {
    use dsntk_feel_parser::AstNode as N;
    if text.len() > 100 {
        return Ok(None);
    }
    let call = N::FunctionInvocation(
        Box::new(N::Name(Name::from(function))),
        Box::new(N::PositionalParameters(vec![N::String(text.to_owned())])),
    );
    let value = contained(|| {
        dsntk_feel_evaluator::evaluate(&FeelScope::from(FeelContext::default()), &call)
    })?;
    Ok((!value.is_null()).then_some(value))
}

/// Whether a type is one of FEEL's own.
pub(super) fn basic(name: &str) -> bool {
    dsntk_feel::FeelType::from_str(name).is_ok()
}
