//! Data elements: the only source of what a field means, how it is written and how it is shown.

mod domains;
mod table;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::checks::Check;
use crate::value::Decimal;
use crate::words::Words;

/// The shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataType {
    /// One line of text.
    Text,
    /// A name of a person: every code point is kept.
    Name,
    /// An identifier: no spaces, upper case.
    Identifier,
    /// Several lines of text.
    LongText,
    /// A whole number.
    Integer,
    /// A number with at most [`Element::places`] digits after the point.
    Decimal,
    /// Money, typed in yuan, kept in fen.
    Money,
    /// A day.
    Date,
    /// Yes or no.
    Bool,
    /// One code of a value domain.
    Code,
    /// Several codes of a value domain.
    Codes,
    /// Division code and detail.
    Address,
    /// Files kept elsewhere, named by their identifiers.
    Files,
}

/// How a field is asked for. A renderer must know these and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Widget {
    /// One-line text box.
    Text,
    /// Several lines.
    Textarea,
    /// Text box with a numeric keyboard and a unit.
    Number,
    /// Amount of money in yuan.
    Money,
    /// Three boxes, or one text: a day.
    Date,
    /// Few options, all visible.
    Radios,
    /// Many options in a list.
    Select,
    /// Several may be ticked.
    Checkboxes,
    /// Division chooser and a text box.
    Address,
    /// Division chooser.
    Division,
    /// Upload.
    Files,
}

/// How much care a value needs (个人信息保护法 第二十八条 for `Sensitive`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// May be published.
    Public,
    /// For the work of organs.
    Internal,
    /// Personal information.
    Personal,
    /// Sensitive personal information.
    Sensitive,
}

/// How a value is shortened where the whole need not be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mask {
    /// Shown whole.
    None,
    /// The first character, then stars.
    Name,
    /// So many characters at the start and at the end.
    Ends(u8, u8),
}

impl Mask {
    /// The masked form of a text.
    pub fn apply(self, text: &str) -> String {
        let count = text.chars().count();
        let (head, tail) = match self {
            Self::None => return text.to_owned(),
            Self::Name => (1, 0),
            Self::Ends(head, tail) => (usize::from(head), usize::from(tail)),
        };
        if count <= head + tail {
            return "*".repeat(count);
        }
        let shown = |(at, c): (usize, char)| {
            if at < head || at >= count - tail {
                c
            } else {
                '*'
            }
        };
        text.chars().enumerate().map(shown).collect()
    }
}

/// One code of a value domain and its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The code that is stored.
    pub code: Cow<'static, str>,
    /// What people read.
    pub label: Words,
}

/// A data element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Code, such as `person.name`.
    pub code: Cow<'static, str>,
    /// Name in Chinese and English.
    pub name: Words,
    /// Shape of the value.
    pub data_type: DataType,
    /// Fewest characters of a text.
    pub min_chars: u32,
    /// Most characters of a text.
    pub max_chars: u32,
    /// Digits after the point.
    pub places: u32,
    /// Least number (yuan for money).
    pub min: Option<Decimal>,
    /// Greatest number (yuan for money).
    pub max: Option<Decimal>,
    /// Unit shown after a number.
    pub unit: Option<Words>,
    /// Value domain; empty when the field has to bring its own choices.
    pub domain: Arc<[Choice]>,
    /// Check of an identifier.
    pub check: Option<Check>,
    /// Standard or rule it comes from.
    pub source: Cow<'static, str>,
    /// Care it needs.
    pub sensitivity: Sensitivity,
    /// How it is asked for.
    pub widget: Widget,
    /// Token of WCAG 1.3.5 for data about the user.
    pub autocomplete: Option<Cow<'static, str>>,
    /// Keyboard hint (`numeric`, `tel`, `email`, `decimal`).
    pub inputmode: Option<Cow<'static, str>>,
    /// How it is masked.
    pub mask: Mask,
}

impl Element {
    /// True when the field has to bring its own choices.
    pub fn needs_choices(&self) -> bool {
        matches!(self.data_type, DataType::Code | DataType::Codes) && self.domain.is_empty()
    }

    /// True for numbers of any kind.
    pub fn is_number(&self) -> bool {
        matches!(
            self.data_type,
            DataType::Integer | DataType::Decimal | DataType::Money
        )
    }

    /// True for text whose length is counted.
    pub fn is_text(&self) -> bool {
        matches!(
            self.data_type,
            DataType::Text | DataType::Name | DataType::Identifier | DataType::LongText
        )
    }
}

/// All data elements that forms may use: the built-in ones and those of the place.
#[derive(Debug, Clone)]
pub struct ElementRegistry {
    elements: HashMap<Cow<'static, str>, Arc<Element>>,
}

impl ElementRegistry {
    /// The built-in elements.
    pub fn standard() -> Self {
        let elements = table::built_in().into_iter();
        Self {
            elements: elements.map(|e| (e.code.clone(), Arc::new(e))).collect(),
        }
    }

    /// Adds or replaces an element of the place.
    pub fn with(mut self, element: Element) -> Self {
        self.elements
            .insert(element.code.clone(), Arc::new(element));
        self
    }

    /// The element with a code.
    pub fn get(&self, code: &str) -> Option<&Arc<Element>> {
        self.elements.get(code)
    }

    /// All elements, sorted by code.
    pub fn all(&self) -> Vec<&Arc<Element>> {
        let mut all: Vec<_> = self.elements.values().collect();
        all.sort_by(|a, b| a.code.cmp(&b.code));
        all
    }
}
