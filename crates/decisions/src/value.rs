//! JSON ↔ FEEL values. Numbers are exact decimals of 34 digits on the way in and out.

use std::str::FromStr;

use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value as Feel;
use dsntk_feel::{FeelNumber, Name};
use serde_json::{Map, Number, Value};

use crate::{ExpressionError, MAX_INPUT, MAX_RESULT};

/// Deepest nesting of a value, either way.
const MAX_DEPTH: usize = 32;

/// A JSON value as FEEL sees it; `left` is what may still be taken in, in bytes.
pub(crate) fn into_feel(value: &Value, left: &mut usize) -> Result<Feel, ExpressionError> {
    take(value, left, 0)
}

/// What one evaluation may take in.
pub(crate) fn allowance() -> usize {
    MAX_INPUT
}

fn take(value: &Value, left: &mut usize, depth: usize) -> Result<Feel, ExpressionError> {
    let size = match value {
        Value::String(text) => text.len() + 8,
        _ => 8,
    };
    *left = left
        .checked_sub(size)
        .ok_or_else(|| ExpressionError(format!("传入的数据过大：至多 {MAX_INPUT} 字节")))?;
    if depth > MAX_DEPTH {
        return Err(ExpressionError(format!(
            "传入的数据嵌套过深：至多 {MAX_DEPTH} 层"
        )));
    }
    Ok(match value {
        Value::Null => Feel::Null(None),
        Value::Bool(value) => Feel::Boolean(*value),
        Value::Number(number) => Feel::Number(decimal(number)?),
        Value::String(text) => Feel::String(text.clone()),
        Value::Array(items) => Feel::List(
            items
                .iter()
                .map(|item| take(item, left, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(entries) => {
            let mut context = FeelContext::default();
            for (key, value) in entries {
                *left = left.saturating_sub(key.len());
                context.set_entry(&Name::from(key.as_str()), take(value, left, depth + 1)?);
            }
            Feel::Context(context)
        }
    })
}

fn decimal(number: &Number) -> Result<FeelNumber, ExpressionError> {
    if let Some(whole) = number.as_i64() {
        return Ok(FeelNumber::from(whole));
    }
    let text = number.to_string();
    FeelNumber::from_str(&text).map_err(|_| ExpressionError(format!("数 {text} 超出范围")))
}

/// A FEEL value as JSON: dates, times, durations and ranges are ISO texts, a function is an error.
pub(crate) fn into_json(value: &Feel) -> Result<Value, ExpressionError> {
    let mut left = MAX_RESULT;
    give(value, &mut left, 0)
}

fn spend(left: &mut usize, bytes: usize) -> Result<(), ExpressionError> {
    *left = left
        .checked_sub(bytes)
        .ok_or_else(|| ExpressionError(format!("结果过大：至多 {MAX_RESULT} 字节")))?;
    Ok(())
}

fn give(value: &Feel, left: &mut usize, depth: usize) -> Result<Value, ExpressionError> {
    if depth > MAX_DEPTH {
        return Err(ExpressionError(format!(
            "结果嵌套过深：至多 {MAX_DEPTH} 层"
        )));
    }
    let text = |text: String, left: &mut usize| {
        spend(left, text.len() + 2)?;
        Ok(Value::String(text))
    };
    match value {
        Feel::Null(_) => spend(left, 4).map(|()| Value::Null),
        Feel::Boolean(value) => spend(left, 5).map(|()| Value::Bool(*value)),
        Feel::Number(number) => {
            let value = number_out(number);
            spend(left, value.as_str().map_or(8, str::len))?;
            Ok(value)
        }
        Feel::String(value) => {
            spend(left, value.len() + 2)?;
            Ok(Value::String(value.clone()))
        }
        Feel::Date(value) => text(value.to_string(), left),
        Feel::Time(value) => text(value.to_string(), left),
        Feel::DateTime(value) => text(value.to_string(), left),
        Feel::DaysAndTimeDuration(value) => text(value.to_string(), left),
        Feel::YearsAndMonthsDuration(value) => text(value.to_string(), left),
        Feel::List(items) | Feel::ExpressionList(items) => {
            let mut list = Vec::new();
            for item in items.iter() {
                spend(left, 1)?;
                list.push(give(item, left, depth + 1)?);
            }
            Ok(Value::Array(list))
        }
        Feel::Context(entries) => {
            let mut map = Map::new();
            for (name, value) in entries.iter() {
                spend(left, name.as_str().len() + 4)?;
                map.insert(name.to_string(), give(value, left, depth + 1)?);
            }
            Ok(Value::Object(map))
        }
        Feel::Range(..) => text(value.to_string(), left),
        _ => Err(ExpressionError(
            "结果是函数或类型，不能作为数据使用".to_owned(),
        )),
    }
}

/// Whole numbers exactly, as digits in a text if they are too long; others as the nearest number that JSON's readers hold
/// (exact up to 15 digits).
fn number_out(number: &FeelNumber) -> Value {
    let text = number.to_string();
    let whole = match text.split_once('.') {
        Some((whole, rest)) if rest.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => {
            let nearest = text.parse::<f64>().ok().and_then(Number::from_f64);
            return nearest.map_or(Value::String(text), Value::Number);
        }
        None => &text,
    };
    match whole.parse::<i64>() {
        Ok(whole) => Value::Number(whole.into()),
        Err(_) => Value::String(whole.to_owned()),
    }
}
