//! A column of a decision table cut into pieces at the values that its cells name.

use std::cmp::Ordering;

use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value;
use dsntk_feel::{FeelScope, IntervalType};
use dsntk_feel_parser::AstNode;

use crate::feel::contained;

/// A constant in order with others of its kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point(pub(super) Value);

impl Point {
    fn of(tree: &AstNode) -> Option<Self> {
        let plain = match tree {
            AstNode::Numeric(..) | AstNode::String(_) | AstNode::Boolean(_) | AstNode::At(_) => {
                true
            }
            AstNode::Neg(inner) => matches!(&**inner, AstNode::Numeric(..)),
            AstNode::FunctionInvocation(name, arguments) => {
                const MADE: [&str; 4] = ["date", "time", "date and time", "duration"];
                let known = matches!(&**name, AstNode::Name(name) if MADE.contains(&name.as_str()));
                let one = matches!(&**arguments, AstNode::PositionalParameters(all) if matches!(&all[..], [AstNode::String(_)]));
                known && one
            }
            _ => false,
        };
        if !plain {
            return None;
        }
        let scope = FeelScope::from(FeelContext::default());
        let value = contained(|| dsntk_feel_evaluator::evaluate(&scope, tree)).ok()?;
        Self::cmp(&value, &value).map(|_| Self(value))
    }

    fn cmp(a: &Value, b: &Value) -> Option<Ordering> {
        match (a, b) {
            (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
            (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
            (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
            (Value::Date(a), Value::Date(b)) => a.partial_cmp(b),
            (Value::DateTime(a), Value::DateTime(b)) => a.partial_cmp(b),
            (Value::Time(a), Value::Time(b)) => a.partial_cmp(b),
            (Value::DaysAndTimeDuration(a), Value::DaysAndTimeDuration(b)) => a.partial_cmp(b),
            (Value::YearsAndMonthsDuration(a), Value::YearsAndMonthsDuration(b)) => {
                a.partial_cmp(b)
            }
            _ => None,
        }
    }

    fn words(&self) -> String {
        match &self.0 {
            Value::String(text) => format!("“{text}”"),
            other => other.to_string(),
        }
    }
}

/// One test of a cell.
pub(super) enum Test {
    Equal(Point),
    /// From, to; each with whether the end itself belongs to it.
    Within(Option<(Point, bool)>, Option<(Point, bool)>),
    /// No value meets it.
    Nothing,
}

impl Test {
    fn points(&self) -> impl Iterator<Item = &Point> {
        let (a, b) = match self {
            Self::Equal(point) => (Some(point), None),
            Self::Within(from, to) => (
                from.as_ref().map(|(point, _)| point),
                to.as_ref().map(|(point, _)| point),
            ),
            Self::Nothing => (None, None),
        };
        a.into_iter().chain(b)
    }
}

pub(super) enum Cell {
    /// It does not matter.
    Any,
    /// Tests of which one must hold; `true`: none may.
    Tests(Vec<Test>, bool),
    /// No comparison with constants.
    Unknown,
}

impl Cell {
    pub(super) fn tests(&self) -> usize {
        match self {
            Self::Tests(tests, _) => tests.len(),
            Self::Any | Self::Unknown => 0,
        }
    }
}

fn test_of(tree: &AstNode) -> Option<Test> {
    let closed = |kind: &IntervalType| match kind {
        IntervalType::Closed => Some(Some(true)),
        IntervalType::Opened => Some(Some(false)),
        IntervalType::OpenedUndef | IntervalType::ClosedUndef => Some(None),
    };
    Some(match tree {
        AstNode::Null => Test::Nothing,
        AstNode::UnaryEq(value) => Test::Equal(Point::of(value)?),
        AstNode::UnaryLt(value) => Test::Within(None, Some((Point::of(value)?, false))),
        AstNode::UnaryLe(value) => Test::Within(None, Some((Point::of(value)?, true))),
        AstNode::UnaryGt(value) => Test::Within(Some((Point::of(value)?, false)), None),
        AstNode::UnaryGe(value) => Test::Within(Some((Point::of(value)?, true)), None),
        AstNode::Range(from, to) => {
            let (AstNode::IntervalStart(from, starts), AstNode::IntervalEnd(to, ends)) =
                (&**from, &**to)
            else {
                return None;
            };
            let end = |value: &AstNode, kind: &IntervalType| match closed(kind)? {
                Some(closed) => Some(Some((Point::of(value)?, closed))),
                None => Some(None),
            };
            Test::Within(end(from, starts)?, end(to, ends)?)
        }
        value => Test::Equal(Point::of(value)?),
    })
}

pub(super) fn cell_of(tree: Option<&AstNode>) -> Cell {
    let (items, negated) = match tree {
        None | Some(AstNode::Irrelevant) => return Cell::Any,
        Some(AstNode::ExpressionList(items)) => (items, false),
        Some(AstNode::NegatedList(items)) => (items, true),
        Some(_) => return Cell::Unknown,
    };
    match items.iter().map(test_of).collect::<Option<Vec<_>>>() {
        Some(tests) => Cell::Tests(tests, negated),
        None => Cell::Unknown,
    }
}

/// A column cut into pieces. Of what has an order: the values named and what lies between; of texts: the values named, and every other.
pub(super) struct Column {
    pub(super) label: String,
    points: Vec<Point>,
    /// Texts and truth values have no in-between.
    ordered: bool,
    /// Whether other values than those named are possible.
    open: bool,
    /// Pieces that the allowed values leave.
    pub(super) possible: Vec<usize>,
}

impl Column {
    pub(super) fn of(label: String, cells: &[&Cell], allowed: &Cell) -> Option<Self> {
        let mut points: Vec<Point> = Vec::new();
        for cell in cells.iter().copied().chain([allowed]) {
            let Cell::Tests(tests, _) = cell else {
                continue;
            };
            for point in tests.iter().flat_map(Test::points) {
                match points.first() {
                    Some(first) if Point::cmp(&first.0, &point.0).is_none() => return None,
                    _ if points.contains(point) => {}
                    _ => points.push(point.clone()),
                }
            }
        }
        let truth = matches!(points.first(), Some(Point(Value::Boolean(_))));
        if truth {
            points = vec![Point(Value::Boolean(false)), Point(Value::Boolean(true))];
        }
        points.sort_by(|a, b| Point::cmp(&a.0, &b.0).unwrap_or(Ordering::Equal));
        let ordered = !truth && !matches!(points.first(), Some(Point(Value::String(_))));
        let mut column = Self {
            label,
            ordered,
            open: !truth,
            points,
            possible: Vec::new(),
        };
        let all = column.holds(allowed)?;
        column.possible = (0..column.pieces()).filter(|at| all[*at]).collect();
        Some(column)
    }

    /// A column whose tests cannot be compared: one piece.
    pub(super) fn unknown(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            points: Vec::new(),
            ordered: false,
            open: true,
            possible: vec![0],
        }
    }

    pub(super) fn pieces(&self) -> usize {
        match (self.ordered, self.open) {
            (true, _) => self.points.len() * 2 + 1,
            (false, true) => self.points.len() + 1,
            (false, false) => self.points.len(),
        }
    }

    /// Which pieces a cell accepts; `None`: it is not understood.
    pub(super) fn holds(&self, cell: &Cell) -> Option<Vec<bool>> {
        let (tests, negated) = match cell {
            Cell::Any => return Some(vec![true; self.pieces()]),
            Cell::Unknown => return None,
            Cell::Tests(tests, negated) => (tests, *negated),
        };
        let mut held = vec![false; self.pieces()];
        for test in tests {
            for (at, held) in held.iter_mut().enumerate() {
                *held |= self.meets(test, at)?;
            }
        }
        if negated {
            held.iter_mut().for_each(|held| *held = !*held);
        }
        Some(held)
    }

    fn meets(&self, test: &Test, piece: usize) -> Option<bool> {
        let place = |point: &Point| self.points.iter().position(|one| one == point);
        Some(match test {
            Test::Nothing => false,
            Test::Equal(point) if self.ordered => place(point)? * 2 + 1 == piece,
            Test::Equal(point) => place(point)? == piece,
            Test::Within(..) if !self.ordered => return None,
            Test::Within(from, to) => {
                // Piece 2i+1 is the i-th value itself, the others lie between.
                let from = match from {
                    Some((point, closed)) => place(point)? * 2 + if *closed { 1 } else { 2 },
                    None => 0,
                };
                let to = match to {
                    Some((point, closed)) => place(point)? * 2 + usize::from(*closed),
                    None => self.pieces(),
                };
                (from..=to).contains(&piece)
            }
        })
    }

    /// Some pieces in words.
    pub(super) fn words(&self, pieces: &[usize]) -> String {
        if !self.ordered {
            let named = pieces.iter().filter_map(|at| self.points.get(*at));
            let named: Vec<String> = named.map(Point::words).collect();
            let other = pieces.iter().any(|at| *at >= self.points.len());
            return match (named.is_empty(), other) {
                (true, _) => "为其他值".to_owned(),
                (false, true) => format!("为{}或其他值", named.join("、")),
                (false, false) => format!("为{}", named.join("、")),
            };
        }
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for at in pieces {
            match runs.last_mut() {
                Some((_, to)) if *to + 1 == *at => *to = *at,
                _ => runs.push((*at, *at)),
            }
        }
        let runs = runs.into_iter().map(|(from, to)| self.run(from, to));
        runs.collect::<Vec<_>>().join("，或")
    }

    fn run(&self, from: usize, to: usize) -> String {
        let point = |at: usize| self.points.get(at).map(Point::words);
        if from == to && from % 2 == 1 {
            return format!("等于 {}", point(from / 2).unwrap_or_default());
        }
        let lower = match (from % 2, from) {
            (_, 0) => None,
            (1, _) => point(from / 2).map(|p| format!("大于等于 {p}")),
            _ => point(from / 2 - 1).map(|p| format!("大于 {p}")),
        };
        let upper = match to % 2 {
            1 => point(to / 2).map(|p| format!("小于等于 {p}")),
            _ => point(to / 2).map(|p| format!("小于 {p}")),
        };
        let both: Vec<String> = lower.into_iter().chain(upper).collect();
        if both.is_empty() {
            "为任何值".to_owned()
        } else {
            both.join("、")
        }
    }
}
