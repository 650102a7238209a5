//! Outlines of values, for the walk.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use dsntk_feel::values::Value as FeelValue;
use dsntk_feel_parser::AstNode;

use crate::tree::{children, named};

/// The outline of a value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    /// At most so many bytes.
    pub(super) size: u64,
    /// At most so many items, if it is a list.
    pub(super) items: u64,
    /// A number (or the day number of a date) lies in between.
    pub(super) range: Option<(f64, f64)>,
    pub(super) entries: Option<Rc<BTreeMap<String, Shape>>>,
    pub(super) function: Option<Rc<Function>>,
}

/// What a name means to the walk.
pub(crate) type Shapes = BTreeMap<String, Shape>;

/// A function that the text or the model defines.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) parameters: Vec<String>,
    pub(crate) body: Arc<AstNode>,
    /// What its body sees besides the parameters.
    pub(crate) around: Shapes,
}

pub(super) const CELL: u64 = 16;

impl Shape {
    /// The shape of a value at hand.
    pub(crate) fn of(value: &FeelValue) -> Self {
        match value {
            FeelValue::String(text) => Self::sized(text.len() as u64 + CELL),
            FeelValue::Number(number) => Self {
                range: number.to_string().parse().ok().map(|at: f64| (at, at)),
                ..Self::sized(CELL)
            },
            FeelValue::List(items) => Self {
                items: items.len() as u64,
                ..Self::sized(items.iter().map(|item| Self::of(item).size).sum::<u64>() + CELL)
            },
            FeelValue::Context(entries) => {
                let entries: BTreeMap<_, _> = entries
                    .iter()
                    .map(|(name, value)| (name.to_string(), Self::of(value)))
                    .collect();
                Self {
                    items: 1,
                    ..Self::sized(
                        entries.values().map(|entry| entry.size + CELL).sum::<u64>() + CELL,
                    )
                }
                .with(entries)
            }
            _ => Self::sized(CELL),
        }
    }

    pub(super) fn sized(size: u64) -> Self {
        Self {
            size,
            items: 1,
            ..Self::default()
        }
    }

    pub(super) fn with(mut self, entries: BTreeMap<String, Shape>) -> Self {
        self.entries = Some(Rc::new(entries));
        self
    }

    pub(super) fn between(low: f64, high: f64) -> Self {
        Self {
            range: Some((low, high)),
            ..Self::sized(CELL)
        }
    }

    /// A function, for the names of a model.
    pub(crate) fn function(function: Function) -> Self {
        Self {
            function: Some(Rc::new(function)),
            ..Self::sized(CELL)
        }
    }

    /// Either this or that.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            size: self.size.max(other.size),
            items: self.items.max(other.items),
            range: match (self.range, other.range) {
                (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
                _ => None,
            },
            entries: None,
            function: self.function.or(other.function),
        }
    }

    /// One of the items of a list.
    pub(super) fn item(&self) -> Self {
        Self {
            items: self.items,
            size: self.size,
            ..Self::default()
        }
    }
}

pub(super) struct Scope {
    pub(super) frames: Vec<Shapes>,
    /// Size of the list around, for the entries of its items.
    pub(super) within: u64,
}

impl Scope {
    pub(super) fn get(&self, name: &str) -> Shape {
        let found = self.frames.iter().rev().find_map(|frame| frame.get(name));
        found.cloned().unwrap_or_else(|| Shape {
            size: self.within + CELL,
            items: self.within / CELL + 1,
            ..Shape::default()
        })
    }

    pub(super) fn flat(&self) -> Shapes {
        let mut all = Shapes::new();
        for frame in &self.frames {
            all.extend(
                frame
                    .iter()
                    .map(|(name, shape)| (name.clone(), shape.clone())),
            );
        }
        all
    }
}

pub(super) fn formal(node: &AstNode) -> Vec<String> {
    let mut names = Vec::new();
    children(node, &mut |parameter| {
        if let AstNode::FormalParameter(name, _) = parameter {
            names.extend(named(name));
        }
    });
    names
}

/// A date as the number of a day, roughly and never too small a difference.
pub(super) fn day(text: &str) -> Option<f64> {
    let mut parts = text.get(..10)?.split('-').map(str::parse::<f64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    Some(year * 372.0 + month * 31.0 + day)
}
