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
    /// What any of the items looks like.
    pub(super) element: Option<Rc<Shape>>,
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
            FeelValue::List(items) => Self::list(items.iter().map(Self::of)),
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

    /// A list of these.
    pub(super) fn list(shapes: impl Iterator<Item = Self>) -> Self {
        let (mut size, mut items, mut element) = (CELL, 0, None::<Self>);
        for shape in shapes {
            size = shape.size.saturating_add(size);
            items += 1;
            element = Some(match element {
                None => shape,
                Some(element) => element.or(shape),
            });
        }
        Self {
            items,
            element: element.map(Rc::new),
            ..Self::sized(size)
        }
    }

    /// A list of so many like this.
    pub(super) fn times(self, items: u64) -> Self {
        Self {
            items,
            ..Self::sized(self.size.saturating_mul(items).saturating_add(CELL))
        }
        .made_of(self)
    }

    fn made_of(mut self, element: Self) -> Self {
        self.element = Some(Rc::new(element));
        self
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
            entries: match (self.entries, other.entries) {
                (Some(a), Some(b)) => {
                    let mut both = (*a).clone();
                    for (name, shape) in b.iter() {
                        let one = both.remove(name);
                        both.insert(
                            name.clone(),
                            one.map_or_else(|| shape.clone(), |one| one.or(shape.clone())),
                        );
                    }
                    Some(Rc::new(both))
                }
                _ => None,
            },
            element: match (self.element, other.element) {
                (Some(a), Some(b)) => Some(Rc::new((*a).clone().or((*b).clone()))),
                _ => None,
            },
            // Which of two is called cannot be known; a call of neither is refused.
            function: None,
        }
    }

    /// One of the items of a list; a single value is a list of itself.
    pub(super) fn item(&self) -> Self {
        if let Some(element) = &self.element {
            return (**element).clone();
        }
        if self.entries.is_some() {
            return self.clone();
        }
        Self {
            items: self.items,
            size: self.size,
            range: self.range,
            ..Self::default()
        }
    }

    /// An entry of a context, or that entry of each item.
    pub(super) fn entry(&self, name: &str) -> Self {
        if let Some(entry) = self.entries.as_ref().and_then(|entries| entries.get(name)) {
            return entry.clone();
        }
        if let Some(entry) = self.element.as_ref().map(|element| element.entry(name)) {
            return entry.times(self.items);
        }
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
