//! Importers: text of another format → documents and what is doubtful about them. Pure; nothing is invented: an element
//! that the source lacks stays `None`, a value that no code list knows is kept in the extension field and reported.

mod fields;
mod lingshan;
mod list;
mod native;

use serde::Serialize;

use super::item::ServiceItem;
use super::rules::{Finding, check};

pub use lingshan::import_lingshan;
pub use list::import_item_list;
pub use native::import_native;

/// Input longer than this is refused (bytes).
pub const MAX_INPUT: usize = 64 << 20;

/// Something that the importer could not place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Name of the field in the source.
    pub field: String,
    /// What was done with it, for the person who imports.
    pub message: String,
}

/// One imported document.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedItem {
    pub item: ServiceItem,
    /// Rule hits; contradictions in the source are kept and flagged, not repaired.
    pub findings: Vec<Finding>,
    /// Fields of the source that have no place or an unknown code.
    pub notes: Vec<Note>,
}

impl ImportedItem {
    fn new(item: ServiceItem, notes: Vec<Note>) -> Self {
        Self {
            findings: check(&item),
            item,
            notes,
        }
    }
}

/// Why nothing could be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("文件过大：{0} 字节，上限 {MAX_INPUT} 字节")]
    TooLarge(usize),
    #[error("不是合法的 JSON：{0}")]
    Json(#[from] serde_json::Error),
    #[error("缺少“{0}”")]
    Missing(&'static str),
    #[error("第 {line} 行：{reason}")]
    Line { line: usize, reason: String },
    #[error("第 {index} 个事项：{reason}")]
    Item { index: usize, reason: String },
}

fn bounded(text: &str) -> Result<&str, ImportError> {
    if text.len() > MAX_INPUT {
        return Err(ImportError::TooLarge(text.len()));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
