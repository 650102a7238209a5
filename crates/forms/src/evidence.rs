//! Verified values: kept by the server, referred to by id, never taken from a browser.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::answers::Typed;
use crate::value::Grade;

/// One verified value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceItem {
    /// Identifier of the stored evidence; this is what an application refers to.
    pub id: String,
    /// Data resource or licence type it came from.
    pub resource: String,
    /// Name of the source for people, such as 市场监管总局 企业登记信息.
    pub source_name: String,
    /// The value as the source wrote it; understood like an answer.
    pub value: Typed,
    /// Receipt number of the query.
    #[serde(default)]
    pub receipt: Option<String>,
    /// When the source answered.
    pub at: Timestamp,
    /// Trust grade.
    pub grade: Grade,
}

/// All verified values of one application, by `resource.path`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Evidence {
    items: BTreeMap<String, EvidenceItem>,
}

impl Evidence {
    /// No evidence.
    pub const fn none() -> Self {
        Self {
            items: BTreeMap::new(),
        }
    }

    /// Adds a value under `path` of its resource.
    pub fn insert(&mut self, path: &str, item: EvidenceItem) {
        self.items.insert(format!("{}.{path}", item.resource), item);
    }

    /// The value under `resource.path`.
    pub fn get(&self, key: &str) -> Option<&EvidenceItem> {
        self.items.get(key)
    }

    /// The value under `resource.path`, if it is one text.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match &self.items.get(key)?.value {
            Typed::One(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }
}
