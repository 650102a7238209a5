//! Evaluation: three-valued, without a clock, borrowing from the variables where it can.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::functions::call;
use super::parser::{Node, Op};
use super::{Decimal, ExpressionError, Names};

/// Most evaluation steps of one expression; quantifiers over quantifiers stop here.
const MAX_STEPS: u32 = 20_000;
/// Largest result, in values and bytes of text, and deepest nesting of lists in it.
const MAX_RESULT: usize = 64 * 1024;
const MAX_NESTING: u32 = 32;

#[derive(Debug, Clone)]
pub(super) enum Val<'a> {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(Cow<'a, str>),
    List(Vec<Val<'a>>),
    Json(&'a Value),
}

impl<'a> Val<'a> {
    fn from_json(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Bool(*b),
            Value::String(s) => Self::Text(Cow::Borrowed(s)),
            Value::Number(n) => match n.as_i64() {
                Some(n) => Self::Number(Decimal::whole(n)),
                None => Decimal::parse(&n.to_string()).map_or(Self::Null, Self::Number),
            },
            Value::Array(_) | Value::Object(_) => Self::Json(value),
        }
    }

    fn from_owned(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Bool(b),
            Value::String(s) => Self::Text(Cow::Owned(s)),
            Value::Number(n) => match n.as_i64() {
                Some(n) => Self::Number(Decimal::whole(n)),
                None => Decimal::parse(&n.to_string()).map_or(Self::Null, Self::Number),
            },
            Value::Array(items) => Self::List(items.into_iter().map(Self::from_owned).collect()),
            // Only counters are made on the fly.
            Value::Object(_) => Self::Null,
        }
    }

    /// The items of a list, or the value itself when it is none.
    pub(super) fn into_items(self) -> Result<Vec<Self>, Self> {
        match self {
            Self::List(items) => Ok(items),
            Self::Json(Value::Array(items)) => Ok(items.iter().map(Val::from_json).collect()),
            other => Err(other),
        }
    }

    /// The result as JSON, unless it is too large: lists of lists can double with every script.
    pub(super) fn into_result(self) -> Result<Value, ExpressionError> {
        let mut left = MAX_RESULT;
        if self.fits(&mut left, MAX_NESTING) {
            Ok(self.to_json())
        } else {
            Err(ExpressionError("表达式的结果过大或嵌套过深".to_owned()))
        }
    }

    fn fits(&self, left: &mut usize, depth: u32) -> bool {
        match self {
            Self::Text(t) => spend(left, t.len() + 1),
            Self::List(items) => {
                depth > 0 && spend(left, 1) && items.iter().all(|i| i.fits(left, depth - 1))
            }
            Self::Json(value) => json_fits(value, left, depth),
            Self::Null | Self::Bool(_) | Self::Number(_) => spend(left, 1),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(b) => Value::Bool(*b),
            Self::Text(t) => Value::String(t.clone().into_owned()),
            Self::List(items) => Value::Array(items.iter().map(Val::to_json).collect()),
            Self::Json(value) => (*value).clone(),
            Self::Number(n) => match n.to_i64() {
                Some(n) => Value::from(n),
                None => serde_json::from_str(&n.to_string()).unwrap_or(Value::Null),
            },
        }
    }
}

fn spend(left: &mut usize, n: usize) -> bool {
    let rest = left.checked_sub(n);
    *left = rest.unwrap_or(0);
    rest.is_some()
}

fn json_fits(value: &Value, left: &mut usize, depth: u32) -> bool {
    match value {
        Value::String(s) => spend(left, s.len() + 1),
        Value::Array(items) => {
            depth > 0 && spend(left, 1) && items.iter().all(|v| json_fits(v, left, depth - 1))
        }
        Value::Object(map) => {
            depth > 0
                && map
                    .iter()
                    .all(|(k, v)| spend(left, k.len() + 1) && json_fits(v, left, depth - 1))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => spend(left, 1),
    }
}

pub(super) struct Scope<'a> {
    vars: &'a dyn Names,
    bound: Vec<(&'a str, Val<'a>)>,
    steps: u32,
}

impl<'a> Scope<'a> {
    pub(super) fn new(vars: &'a dyn Names) -> Self {
        Self {
            vars,
            bound: Vec::new(),
            steps: 0,
        }
    }

    fn get(&self, name: &str) -> Val<'a> {
        if let Some((_, value)) = self.bound.iter().rev().find(|(n, _)| *n == name) {
            return value.clone();
        }
        match self.vars.get(name) {
            None => Val::Null,
            Some(Cow::Borrowed(value)) => Val::from_json(value),
            Some(Cow::Owned(value)) => Val::from_owned(value),
        }
    }
}

type Evaluated<'a> = Result<Val<'a>, ExpressionError>;

pub(super) fn eval<'a>(node: &'a Node, scope: &mut Scope<'a>) -> Evaluated<'a> {
    scope.steps += 1;
    if scope.steps > MAX_STEPS {
        return Err(ExpressionError("表达式计算步数过多".to_owned()));
    }
    Ok(match node {
        Node::Null => Val::Null,
        Node::Bool(b) => Val::Bool(*b),
        Node::Number(n) => Val::Number(*n),
        Node::Text(t) => Val::Text(Cow::Borrowed(t)),
        Node::Name(name) => scope.get(name),
        Node::Path(base, key) => match eval(base, scope)? {
            Val::Json(Value::Object(map)) => {
                map.get(key.as_str()).map_or(Val::Null, Val::from_json)
            }
            _ => Val::Null,
        },
        Node::Index(base, index) => {
            let (base, index) = (eval(base, scope)?, eval(index, scope)?);
            at(base, &index)
        }
        Node::List(items) => {
            let values: Result<Vec<_>, _> = items.iter().map(|n| eval(n, scope)).collect();
            Val::List(values?)
        }
        Node::Interval { .. } | Node::Test(..) => {
            return Err(ExpressionError("区间和比较只能写在 in 之后".to_owned()));
        }
        Node::Binary(op, a, b) => return binary(*op, a, b, scope),
        Node::Neg(a) => match eval(a, scope)? {
            Val::Number(n) => Val::Number(n.neg()),
            _ => Val::Null,
        },
        Node::In(a, tests) => {
            let value = eval(a, scope)?;
            let mut result = Some(false);
            for test in tests {
                result = or(result, matches_test(&value, test, scope)?);
            }
            result.map_or(Val::Null, Val::Bool)
        }
        Node::If(condition, yes, no) => match eval(condition, scope)? {
            Val::Bool(true) => return eval(yes, scope),
            _ => return eval(no, scope),
        },
        Node::Quantified {
            every,
            name,
            list,
            body,
        } => {
            return quantified(*every, name, list, body, scope);
        }
        Node::Call(f, arguments) => {
            let values: Result<Vec<_>, _> = arguments.iter().map(|n| eval(n, scope)).collect();
            return call(*f, values?);
        }
    })
}

/// FEEL counts from 1, and from -1 backwards.
fn at<'a>(base: Val<'a>, index: &Val<'_>) -> Val<'a> {
    let Val::Number(n) = index else {
        return Val::Null;
    };
    let (Some(n), Ok(items)) = (n.to_i64(), base.into_items()) else {
        return Val::Null;
    };
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let from_zero = if n > 0 {
        n - 1
    } else {
        length.saturating_add(n)
    };
    if n == 0 {
        return Val::Null;
    }
    usize::try_from(from_zero)
        .ok()
        .and_then(|i| items.into_iter().nth(i))
        .unwrap_or(Val::Null)
}

fn quantified<'a>(
    every: bool,
    name: &'a str,
    list: &'a Node,
    body: &'a Node,
    scope: &mut Scope<'a>,
) -> Evaluated<'a> {
    let Ok(items) = eval(list, scope)?.into_items() else {
        return Ok(Val::Null);
    };
    let mut result = Some(every);
    for item in items {
        scope.bound.push((name, item));
        let value = eval(body, scope);
        scope.bound.pop();
        let value = truth(&value?);
        result = if every {
            and(result, value)
        } else {
            or(result, value)
        };
    }
    Ok(result.map_or(Val::Null, Val::Bool))
}

fn truth(value: &Val<'_>) -> Option<bool> {
    match value {
        Val::Bool(b) => Some(*b),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn matches_test<'a>(
    value: &Val<'a>,
    test: &'a Node,
    scope: &mut Scope<'a>,
) -> Result<Option<bool>, ExpressionError> {
    match test {
        Node::Test(op, right) => Ok(ordered(*op, value, &eval(right, scope)?)),
        Node::Interval {
            low,
            low_open,
            high,
            high_open,
        } => {
            let (low, high) = (eval(low, scope)?, eval(high, scope)?);
            let above = ordered(if *low_open { Op::Gt } else { Op::Ge }, value, &low);
            let below = ordered(if *high_open { Op::Lt } else { Op::Le }, value, &high);
            Ok(and(above, below))
        }
        other => {
            let other = eval(other, scope)?;
            match other.into_items() {
                Ok(items) => Ok(Some(items.iter().any(|i| equal(value, i) == Some(true)))),
                Err(one) => Ok(equal(value, &one)),
            }
        }
    }
}

/// Equality; values of different types are not comparable, except with null.
pub(super) fn equal(a: &Val<'_>, b: &Val<'_>) -> Option<bool> {
    match (a, b) {
        (Val::Null, Val::Null) => Some(true),
        (Val::Null, _) | (_, Val::Null) => Some(false),
        (Val::Bool(a), Val::Bool(b)) => Some(a == b),
        (Val::Number(a), Val::Number(b)) => Some(a == b),
        (Val::Text(a), Val::Text(b)) => Some(a == b),
        (Val::List(_) | Val::Json(_), Val::List(_) | Val::Json(_)) => {
            Some(a.to_json() == b.to_json())
        }
        _ => None,
    }
}

pub(super) fn compare(a: &Val<'_>, b: &Val<'_>) -> Option<Ordering> {
    match (a, b) {
        (Val::Number(a), Val::Number(b)) => a.compare(*b),
        (Val::Text(a), Val::Text(b)) => Some(a.as_ref().cmp(b.as_ref())),
        _ => None,
    }
}

fn ordered(op: Op, a: &Val<'_>, b: &Val<'_>) -> Option<bool> {
    match op {
        Op::Eq => equal(a, b),
        Op::Ne => equal(a, b).map(|e| !e),
        Op::Lt => compare(a, b).map(Ordering::is_lt),
        Op::Le => compare(a, b).map(Ordering::is_le),
        Op::Gt => compare(a, b).map(Ordering::is_gt),
        Op::Ge => compare(a, b).map(Ordering::is_ge),
        _ => None,
    }
}

fn binary<'a>(op: Op, a: &'a Node, b: &'a Node, scope: &mut Scope<'a>) -> Evaluated<'a> {
    let left = eval(a, scope)?;
    match (op, &left) {
        (Op::And, Val::Bool(false)) => return Ok(Val::Bool(false)),
        (Op::Or, Val::Bool(true)) => return Ok(Val::Bool(true)),
        _ => {}
    }
    let right = eval(b, scope)?;
    let result = match op {
        Op::And => and(truth(&left), truth(&right)),
        Op::Or => or(truth(&left), truth(&right)),
        Op::Add | Op::Sub | Op::Mul | Op::Div => return arithmetic(op, left, &right),
        _ => ordered(op, &left, &right),
    };
    Ok(result.map_or(Val::Null, Val::Bool))
}

fn arithmetic<'a>(op: Op, left: Val<'a>, right: &Val<'a>) -> Evaluated<'a> {
    match (left, right) {
        (Val::Number(a), Val::Number(b)) => {
            let result = match op {
                Op::Add => a.add(*b),
                Op::Sub => a.add(b.neg()),
                Op::Mul => a.mul(*b),
                _ => a.div(*b),
            };
            result
                .map(Val::Number)
                .ok_or_else(|| ExpressionError("数字过大，或除以零".to_owned()))
        }
        (Val::Text(a), Val::Text(b)) if op == Op::Add => {
            if a.len() + b.len() > super::MAX_TEXT {
                return Err(ExpressionError("文字过长".to_owned()));
            }
            Ok(Val::Text(Cow::Owned(format!("{a}{b}"))))
        }
        _ => Ok(Val::Null),
    }
}
