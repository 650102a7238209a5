//! Answers as they were typed. What they mean is worked out when they are read, so nothing typed
//! is ever lost and a page can be shown again exactly as it was.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::value::Grade;

/// What was typed, chosen or ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Typed {
    /// One text.
    One(String),
    /// Several ticks, or several files.
    Many(Vec<String>),
    /// Named boxes: `y` `m` `d` of a day, `division` `detail` of an address.
    Parts(BTreeMap<String, String>),
}

impl Default for Typed {
    fn default() -> Self {
        Self::One(String::new())
    }
}

impl From<&str> for Typed {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

impl Typed {
    /// True when every box is blank.
    pub fn is_blank(&self) -> bool {
        let blank = |text: &String| text.trim().is_empty();
        match self {
            Self::One(text) => blank(text),
            Self::Many(list) => list.iter().all(blank),
            Self::Parts(parts) => parts.values().all(blank),
        }
    }

    /// The text of one box.
    pub fn part(&self, name: &str) -> &str {
        match self {
            Self::Parts(parts) => parts.get(name).map_or("", String::as_str),
            _ => "",
        }
    }

    /// The single text, or nothing.
    pub fn one(&self) -> &str {
        match self {
            Self::One(text) => text,
            _ => "",
        }
    }

    /// The ticked codes or the files.
    pub fn many(&self) -> Vec<&str> {
        match self {
            Self::One(text) if text.is_empty() => Vec::new(),
            Self::One(text) => vec![text],
            Self::Many(list) => list
                .iter()
                .map(String::as_str)
                .filter(|t| !t.is_empty())
                .collect(),
            Self::Parts(_) => Vec::new(),
        }
    }
}

/// Who or what gave an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Share platform, licence or certificate. Only evidence has this source, never an answer.
    Verified,
    /// The account of the applicant.
    Account,
    /// An earlier answer of the applicant; may be changed.
    Previous,
    /// Typed by the applicant.
    #[default]
    Typed,
    /// Typed by a window clerk.
    Clerk,
    /// Read from a scan; must be confirmed.
    ScanOcr,
}

impl Source {
    /// Message id of its name.
    pub const fn message_id(self) -> &'static str {
        match self {
            Self::Verified => "source.verified",
            Self::Account => "source.account",
            Self::Previous => "source.previous",
            Self::Typed => "source.typed",
            Self::Clerk => "source.clerk",
            Self::ScanOcr => "source.scan-ocr",
        }
    }
}

/// Who gives answers now, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Source of the answers.
    pub source: Source,
    /// When they were given.
    pub at: Option<Timestamp>,
    /// Resource they were taken from (account record, earlier case).
    pub resource: Option<String>,
    /// Receipt of that resource.
    pub receipt: Option<String>,
    /// Trust grade.
    pub grade: Option<Grade>,
}

impl Stamp {
    /// Typed by the applicant at a moment.
    pub fn typed(at: Timestamp) -> Self {
        Self {
            source: Source::Typed,
            at: Some(at),
            ..Self::default()
        }
    }
}

/// One answer with where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Entry {
    /// What was typed.
    pub typed: Typed,
    /// Who gave it.
    #[serde(default)]
    pub source: Source,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Resource it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Receipt of that resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Trust grade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// A recognised text that a person has confirmed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub confirmed: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_false(value: &bool) -> bool {
    !value
}

impl Entry {
    /// An answer with a stamp.
    pub fn new(typed: Typed, stamp: &Stamp) -> Self {
        Self {
            typed,
            source: stamp.source,
            at: stamp.at,
            resource: stamp.resource.clone(),
            receipt: stamp.receipt.clone(),
            grade: stamp.grade,
            confirmed: false,
        }
    }
}

/// The answers of one row of a repeating group, by field id.
pub type Row = BTreeMap<String, Entry>;

/// The draft: everything answered so far, including answers of hidden fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// Answers by field id.
    #[serde(default)]
    pub(crate) entries: BTreeMap<String, Entry>,
    /// Rows of repeating groups by group id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) groups: BTreeMap<String, Vec<Row>>,
    /// Pages that have been saved at least once.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) saved: BTreeSet<String>,
    /// Fields whose verified value the applicant says is wrong.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) disputed: BTreeSet<String>,
}

impl Answers {
    /// True when nothing has been answered: a draft is created at the first answer only.
    pub fn is_blank(&self) -> bool {
        let blank = |entry: &Entry| entry.typed.is_blank();
        self.entries.values().all(blank)
            && self
                .groups
                .values()
                .flatten()
                .all(|row| row.values().all(blank))
    }

    /// The answer of a field outside groups.
    pub fn get(&self, field: &str) -> Option<&Entry> {
        self.entries.get(field)
    }

    /// Rows of a repeating group.
    pub fn rows(&self, group: &str) -> &[Row] {
        self.groups.get(group).map_or(&[], Vec::as_slice)
    }

    /// Sets an answer outside groups.
    pub fn set(&mut self, field: &str, typed: impl Into<Typed>, stamp: &Stamp) {
        self.entries
            .insert(field.to_owned(), Entry::new(typed.into(), stamp));
    }

    /// Offers an answer from the account or an earlier case; what is there already is kept.
    pub fn offer(&mut self, field: &str, typed: impl Into<Typed>, stamp: &Stamp) -> bool {
        if self.get(field).is_some_and(|e| !e.typed.is_blank()) {
            return false;
        }
        self.set(field, typed, stamp);
        true
    }

    /// Adds a row to a repeating group.
    pub fn push_row(&mut self, group: &str, row: Row) {
        self.groups.entry(group.to_owned()).or_default().push(row);
    }

    /// The applicant says that the verified value of a field is wrong: their own answer counts
    /// from now on, marked as disputed, and both are shown to the reviewer.
    pub fn dispute(&mut self, field: &str) {
        self.disputed.insert(field.to_owned());
    }

    /// Takes the dispute back: the verified value counts again.
    pub fn withdraw_dispute(&mut self, field: &str) {
        self.disputed.remove(field);
    }

    /// True when the verified value of a field is disputed.
    pub fn is_disputed(&self, field: &str) -> bool {
        self.disputed.contains(field)
    }

    /// A person confirms what was read from a scan.
    pub fn confirm(&mut self, field: &str) {
        if let Some(entry) = self.entries.get_mut(field) {
            entry.confirmed = true;
        }
    }

    /// True when the page has been saved at least once.
    pub fn is_saved(&self, page: &str) -> bool {
        self.saved.contains(page)
    }
}
