//! Code lists as data: labels for any list, with source and how sure we are of it.
//!
//! Lists the code decides on are also enums in [`crate::lists`]; a test holds the two together.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeList {
    /// English identifier, e.g. `task_type`.
    pub id: &'static str,
    /// Chinese name.
    pub name: &'static str,
    /// Where the codes come from.
    pub source: &'static str,
    /// `verified`, or why it is less; lists from memory are not shown as official.
    pub confidence: &'static str,
    /// Remark for integrators, often empty.
    pub note: &'static str,
    /// Code and label, in the order of the source.
    pub items: Vec<(&'static str, &'static str)>,
}

impl CodeList {
    /// Label of a code.
    pub fn label(&self, code: &str) -> Option<&'static str> {
        self.items
            .iter()
            .find(|(c, _)| *c == code)
            .map(|(_, label)| *label)
    }

    /// Whether the list may be shown as an official one.
    pub fn is_verified(&self) -> bool {
        self.confidence.starts_with("verified")
    }
}

static LISTS: LazyLock<BTreeMap<&'static str, CodeList>> =
    LazyLock::new(|| read(include_str!("../data/codelists.txt")));

fn read(text: &'static str) -> BTreeMap<&'static str, CodeList> {
    let mut lists = BTreeMap::new();
    let mut current: Option<CodeList> = None;
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(head) = line.strip_prefix("@list ") {
            let (id, name) = head.split_once('\t').unwrap_or((head, head));
            let (source, confidence, note) = ("", "", "");
            let next = CodeList {
                id,
                name,
                source,
                confidence,
                note,
                items: Vec::new(),
            };
            if let Some(done) = current.replace(next) {
                lists.insert(done.id, done);
            }
        } else if let Some(list) = current.as_mut() {
            if let Some(source) = line.strip_prefix("@source ") {
                list.source = source;
            } else if let Some(confidence) = line.strip_prefix("@confidence ") {
                list.confidence = confidence;
            } else if let Some(note) = line.strip_prefix("@note ") {
                list.note = note;
            } else if let Some(item) = line.split_once('\t') {
                list.items.push(item);
            }
        }
    }
    if let Some(done) = current {
        lists.insert(done.id, done);
    }
    lists
}

/// A list by its identifier.
pub fn list(id: &str) -> Option<&'static CodeList> {
    LISTS.get(id)
}

/// Every list, by identifier.
pub fn all() -> impl Iterator<Item = &'static CodeList> {
    LISTS.values()
}

/// Chinese label of a code: `label("task_type", "01") == Some("行政许可")`.
pub fn label(list_id: &str, code: &str) -> Option<&'static str> {
    list(list_id)?.label(code)
}

/// A code that is not in its list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{code}”不是“{name}”中的代码。")]
pub struct UnknownCode {
    /// Identifier of the list.
    pub list: &'static str,
    /// Chinese name of the list.
    pub name: &'static str,
    /// What was given, cut to 32 characters.
    pub code: String,
}

impl UnknownCode {
    pub(crate) fn new(id: &'static str, code: &str) -> Self {
        let name = list(id).map_or(id, |list| list.name);
        Self {
            list: id,
            name,
            code: code.chars().take(32).collect(),
        }
    }

    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        "unknown_code"
    }
}

/// What every enum over a code list offers, for generic forms and tables.
pub trait CodeEnum: Copy + Sized + 'static {
    /// Identifier of the list.
    const LIST: &'static str;
    /// Every value.
    fn all() -> &'static [Self];
    /// The code.
    fn code(self) -> &'static str;
    /// The label.
    fn label(self) -> &'static str;
}

/// Reads a multi-valued field as the exchange tables write it, `"1,9"`; blanks and doubles are dropped.
pub fn parse_multi<T: CodeEnum + PartialEq>(text: &str) -> Result<Vec<T>, UnknownCode> {
    let mut values = Vec::new();
    for code in text
        .split([',', '，', '、', ';'])
        .map(str::trim)
        .filter(|code| !code.is_empty())
    {
        let value = T::all().iter().copied().find(|value| value.code() == code);
        let value = value.ok_or_else(|| UnknownCode::new(T::LIST, code))?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(values)
}

/// Writes a multi-valued field as the exchange tables do.
pub fn join_multi<T: CodeEnum>(values: &[T]) -> String {
    values
        .iter()
        .map(|value| value.code())
        .collect::<Vec<_>>()
        .join(",")
}
