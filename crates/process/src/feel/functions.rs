//! The built-in functions that are executed; every other name is refused at deployment.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::eval::{Val, compare, equal};
use super::{Decimal, ExpressionError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Not,
    Contains,
    StartsWith,
    EndsWith,
    StringLength,
    UpperCase,
    LowerCase,
    Count,
    Sum,
    Min,
    Max,
    ListContains,
    IsDefined,
    Abs,
    Floor,
    Number,
    String,
}

pub(super) const MULTI_WORD: [&str; 8] = [
    "starts with",
    "ends with",
    "string length",
    "upper case",
    "lower case",
    "list contains",
    "is defined",
    "date and time",
];

impl Function {
    pub(super) fn by_name(name: &str) -> Result<Self, ExpressionError> {
        Ok(match name {
            "not" => Self::Not,
            "contains" => Self::Contains,
            "starts with" => Self::StartsWith,
            "ends with" => Self::EndsWith,
            "string length" => Self::StringLength,
            "upper case" => Self::UpperCase,
            "lower case" => Self::LowerCase,
            "count" => Self::Count,
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "list contains" => Self::ListContains,
            "is defined" => Self::IsDefined,
            "abs" => Self::Abs,
            "floor" => Self::Floor,
            "number" => Self::Number,
            "string" => Self::String,
            "now" | "today" => {
                return Err(ExpressionError(format!(
                    "不允许 {name}()：请把申请日、当前日期等作为变量传入，否则无法重放"
                )));
            }
            other => return Err(ExpressionError(format!("不支持函数 {other:.60}()"))),
        })
    }

    pub(super) fn check_arity(self, n: usize) -> Result<(), ExpressionError> {
        let ok = match self {
            Self::Sum | Self::Min | Self::Max => n >= 1,
            Self::Contains | Self::StartsWith | Self::EndsWith | Self::ListContains => n == 2,
            _ => n == 1,
        };
        if ok {
            Ok(())
        } else {
            Err(ExpressionError(format!(
                "函数 {self:?} 的参数个数不对（{n} 个）"
            )))
        }
    }
}

fn items<'a>(args: Vec<Val<'a>>) -> Vec<Val<'a>> {
    match <[Val<'a>; 1]>::try_from(args) {
        Ok([one]) => one.into_items().unwrap_or_else(|one| vec![one]),
        Err(many) => many,
    }
}

fn extreme<'a>(args: Vec<Val<'a>>, wanted: Ordering) -> Val<'a> {
    let mut best: Option<Val<'a>> = None;
    for item in items(args) {
        best = match best {
            None => Some(item),
            Some(b) => match compare(&item, &b) {
                None => return Val::Null,
                Some(o) => Some(if o == wanted { item } else { b }),
            },
        };
    }
    best.unwrap_or(Val::Null)
}

fn texts(args: &[Val<'_>], test: fn(&str, &str) -> bool) -> Val<'static> {
    match args {
        [Val::Text(a), Val::Text(b)] => Val::Bool(test(a, b)),
        _ => Val::Null,
    }
}

fn sum(args: Vec<Val<'_>>) -> Result<Val<'static>, ExpressionError> {
    let mut total = Decimal::whole(0);
    for item in items(args) {
        let Val::Number(n) = item else {
            return Ok(Val::Null);
        };
        total = total
            .add(n)
            .ok_or_else(|| ExpressionError("数字过大".to_owned()))?;
    }
    Ok(Val::Number(total))
}

fn length(n: usize) -> Val<'static> {
    Val::Number(Decimal::whole(i64::try_from(n).unwrap_or(i64::MAX)))
}

pub(super) fn call<'a>(f: Function, args: Vec<Val<'a>>) -> Result<Val<'a>, ExpressionError> {
    match f {
        Function::Contains => return Ok(texts(&args, |a, b| a.contains(b))),
        Function::StartsWith => return Ok(texts(&args, |a, b| a.starts_with(b))),
        Function::EndsWith => return Ok(texts(&args, |a, b| a.ends_with(b))),
        Function::Sum => return sum(args),
        Function::Min => return Ok(extreme(args, Ordering::Less)),
        Function::Max => return Ok(extreme(args, Ordering::Greater)),
        Function::ListContains => {
            let mut args = args.into_iter();
            let (Some(list), Some(wanted)) = (args.next(), args.next()) else {
                return Ok(Val::Null);
            };
            let Ok(list) = list.into_items() else {
                return Ok(Val::Null);
            };
            return Ok(Val::Bool(
                list.iter().any(|i| equal(i, &wanted) == Some(true)),
            ));
        }
        _ => {}
    }
    let Some(one) = args.into_iter().next() else {
        return Ok(Val::Null);
    };
    Ok(match (f, one) {
        (Function::Not, Val::Bool(b)) => Val::Bool(!b),
        (Function::IsDefined, v) => Val::Bool(!matches!(v, Val::Null)),
        (Function::StringLength, Val::Text(t)) => length(t.chars().count()),
        (Function::UpperCase, Val::Text(t)) => Val::Text(Cow::Owned(t.to_uppercase())),
        (Function::LowerCase, Val::Text(t)) => Val::Text(Cow::Owned(t.to_lowercase())),
        (Function::Count, v) => v
            .into_items()
            .map_or(Val::Null, |items| length(items.len())),
        (Function::Abs, Val::Number(n)) => Val::Number(n.abs()),
        (Function::Floor, Val::Number(n)) => n.floor().map_or(Val::Null, Val::Number),
        (Function::Number, Val::Text(t)) => Decimal::parse(&t).map_or(Val::Null, Val::Number),
        (Function::String, Val::Number(n)) => Val::Text(Cow::Owned(n.to_string())),
        (Function::String, Val::Bool(b)) => {
            Val::Text(Cow::Borrowed(if b { "true" } else { "false" }))
        }
        (Function::String, v @ Val::Text(_)) => v,
        _ => Val::Null,
    })
}
