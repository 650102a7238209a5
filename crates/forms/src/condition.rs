//! The condition tree: `and or not eq ne lt le gt ge in contains empty` over answers (`q`),
//! verified values (`ev`), situation outcomes (`sit`), `today`, `actor` and `age`.
//!
//! Conditions are typed and compiled when the form is read. Two-valued logic: a comparison with
//! something that is not there is false, so `ne` (which is "not eq") is true.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::checks::{birth_date, full_years};
use crate::context::Ctx;
use crate::evidence::Evidence;
use crate::numerals::read_date;
use crate::read::Cell;
use crate::value::{Decimal, Value};

/// Index of a field in its document.
pub(crate) type FieldIx = usize;

/// A compiled condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(pub(crate) Test);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    Compare(Comparison, Operand, Operand),
    In(Operand, Vec<Literal>),
    Contains(Operand, Literal),
    Empty(Operand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// What kind of thing an operand is; `Words` takes the kind of the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Code,
    Codes,
    Number,
    Date,
    Bool,
    /// Text from outside: evidence, situation, actor.
    Words,
    /// Cannot be compared (addresses, files): only `empty` works.
    Opaque,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand {
    /// A field of the form.
    Field(FieldIx),
    /// A field of the same row of a repeating group: its place among the children.
    Sibling(FieldIx, usize),
    /// Full years of the holder of a citizen identity number.
    Age(Box<Operand>),
    /// A verified value, by resource and path; the kind it is compared as.
    Evidence(String, Kind),
    Situation(String),
    Actor(String),
    /// So many days after today.
    Today(i32),
    Literal(Literal),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Number(Decimal),
    Date(Date),
    Bool(bool),
}

/// A value while it is compared. Numbers are in millionths.
enum Scalar<'a> {
    Nothing,
    Text(Cow<'a, str>),
    Codes(&'a [String]),
    Number(i128),
    Date(Date),
    Bool(bool),
    /// There is an answer, but it has no order.
    Opaque,
}

/// Everything a condition may look at.
pub(crate) struct Env<'e> {
    pub(crate) cells: &'e [Cell<'e>],
    pub(crate) row: &'e [Cell<'e>],
    pub(crate) evidence: &'e Evidence,
    pub(crate) ctx: &'e Ctx<'e>,
}

impl Literal {
    fn scalar(&self) -> Scalar<'_> {
        match self {
            Self::Text(text) => Scalar::Text(Cow::Borrowed(text)),
            Self::Number(n) => Scalar::Number(i128::from(n.millionths())),
            Self::Date(day) => Scalar::Date(*day),
            Self::Bool(b) => Scalar::Bool(*b),
        }
    }
}

fn of_value(value: &Value) -> Scalar<'_> {
    match value {
        Value::Nothing => Scalar::Nothing,
        Value::Text(text) | Value::Code(text) => Scalar::Text(Cow::Borrowed(text)),
        Value::Integer(n) => Scalar::Number(i128::from(*n) * 1_000_000),
        Value::Money(fen) => Scalar::Number(i128::from(*fen) * 10_000),
        Value::Decimal(n) => Scalar::Number(i128::from(n.millionths())),
        Value::Date(day) => Scalar::Date(*day),
        Value::Bool(b) => Scalar::Bool(*b),
        Value::Codes(list) => Scalar::Codes(list),
        Value::Address { .. } | Value::Files(_) => Scalar::Opaque,
    }
}

fn from_words(text: &str, kind: Kind) -> Scalar<'_> {
    match kind {
        Kind::Number => match Decimal::parse(text.trim()) {
            Some(n) => Scalar::Number(i128::from(n.millionths())),
            None => Scalar::Nothing,
        },
        Kind::Date => read_date(text).map_or(Scalar::Nothing, Scalar::Date),
        Kind::Bool => match text {
            "true" | "1" | "是" => Scalar::Bool(true),
            "false" | "0" | "否" => Scalar::Bool(false),
            _ => Scalar::Nothing,
        },
        _ => Scalar::Text(Cow::Borrowed(text)),
    }
}

fn seen<'e>(cell: Option<&'e Cell<'e>>) -> Scalar<'e> {
    match cell {
        Some(cell) if cell.shown => of_value(&cell.value),
        _ => Scalar::Nothing,
    }
}

impl Operand {
    fn scalar<'e>(&'e self, env: &Env<'e>) -> Scalar<'e> {
        match self {
            Self::Field(ix) => seen(env.cells.get(*ix)),
            Self::Sibling(_, place) => seen(env.row.get(*place)),
            Self::Age(of) => match of.scalar(env) {
                Scalar::Text(id) => birth_date(&id)
                    .and_then(|born| full_years(born, env.ctx.today))
                    .map_or(Scalar::Nothing, |years| {
                        Scalar::Number(i128::from(years) * 1_000_000)
                    }),
                _ => Scalar::Nothing,
            },
            Self::Evidence(key, kind) => match env.evidence.text(key) {
                Some(text) => from_words(text, *kind),
                None => Scalar::Nothing,
            },
            Self::Situation(key) => words_of(env.ctx.situation.get(key)),
            Self::Actor(key) => words_of(env.ctx.actor.get(key)),
            Self::Today(days) => {
                let day = env.ctx.today.checked_add(i64::from(*days).days());
                day.map_or(Scalar::Nothing, Scalar::Date)
            }
            Self::Literal(literal) => literal.scalar(),
        }
    }

    /// Fields this operand looks at.
    fn fields(&self, out: &mut Vec<FieldIx>) {
        match self {
            Self::Field(ix) | Self::Sibling(ix, _) => out.push(*ix),
            Self::Age(of) => of.fields(out),
            _ => {}
        }
    }
}

fn words_of(text: Option<&str>) -> Scalar<'_> {
    text.map_or(Scalar::Nothing, |t| Scalar::Text(Cow::Borrowed(t)))
}

fn order(left: &Scalar<'_>, right: &Scalar<'_>) -> Option<Ordering> {
    match (left, right) {
        (Scalar::Text(a), Scalar::Text(b)) => Some(a.cmp(b)),
        (Scalar::Number(a), Scalar::Number(b)) => Some(a.cmp(b)),
        (Scalar::Date(a), Scalar::Date(b)) => Some(a.cmp(b)),
        (Scalar::Bool(a), Scalar::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

impl Test {
    pub(crate) fn holds(&self, env: &Env<'_>) -> bool {
        match self {
            Self::And(tests) => tests.iter().all(|t| t.holds(env)),
            Self::Or(tests) => tests.iter().any(|t| t.holds(env)),
            Self::Not(test) => !test.holds(env),
            Self::Compare(how, left, right) => {
                let found = order(&left.scalar(env), &right.scalar(env));
                match how {
                    Comparison::Eq => found == Some(Ordering::Equal),
                    Comparison::Ne => found != Some(Ordering::Equal),
                    Comparison::Lt => found == Some(Ordering::Less),
                    Comparison::Le => found.is_some_and(Ordering::is_le),
                    Comparison::Gt => found == Some(Ordering::Greater),
                    Comparison::Ge => found.is_some_and(Ordering::is_ge),
                }
            }
            Self::In(left, list) => {
                let left = left.scalar(env);
                list.iter()
                    .any(|l| order(&left, &l.scalar()) == Some(Ordering::Equal))
            }
            Self::Contains(left, part) => match (left.scalar(env), part) {
                (Scalar::Codes(codes), Literal::Text(code)) => codes.iter().any(|c| c == code),
                (Scalar::Text(text), Literal::Text(part)) => text.contains(part.as_str()),
                _ => false,
            },
            Self::Empty(operand) => matches!(operand.scalar(env), Scalar::Nothing),
        }
    }

    fn walk(&self, out: &mut Vec<FieldIx>) {
        match self {
            Self::And(tests) | Self::Or(tests) => tests.iter().for_each(|t| t.walk(out)),
            Self::Not(test) => test.walk(out),
            Self::Compare(_, left, right) => {
                left.fields(out);
                right.fields(out);
            }
            Self::In(operand, _) | Self::Contains(operand, _) | Self::Empty(operand) => {
                operand.fields(out);
            }
        }
    }
}

impl Condition {
    pub(crate) fn holds(&self, env: &Env<'_>) -> bool {
        self.0.holds(env)
    }

    /// Fields the condition looks at.
    pub(crate) fn fields(&self) -> Vec<FieldIx> {
        let mut out = Vec::new();
        self.0.walk(&mut out);
        out
    }
}
