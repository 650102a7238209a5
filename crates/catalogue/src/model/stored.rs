//! The stored form of a document: the item's own fields under a version tag.

use serde_json::{Map, Value};

use super::item::ServiceItem;

/// Version of the stored form that is written.
pub const STORED_VERSION: u64 = 1;

/// Name of the tag.
const TAG: &str = "version";

/// Why a stored document cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    #[error("事项文档不是 JSON 对象")]
    NotAnObject,
    #[error("事项文档的格式版本为 {0}，本程序能读 {STORED_VERSION}")]
    Version(String),
    #[error("事项文档不合格式：{0}")]
    Shape(#[from] serde_json::Error),
}

/// Writes the document with its version tag first.
pub fn to_stored(item: &ServiceItem) -> Result<Value, StoredError> {
    let mut tagged = Map::new();
    tagged.insert(TAG.to_owned(), STORED_VERSION.into());
    match serde_json::to_value(item)? {
        Value::Object(fields) => tagged.extend(fields),
        _ => return Err(StoredError::NotAnObject),
    }
    Ok(Value::Object(tagged))
}

/// Reads a document of the current version. Unknown fields are refused: a typing error must not pass for 未公布.
pub fn from_stored(stored: Value) -> Result<ServiceItem, StoredError> {
    Ok(serde_json::from_value(Value::Object(untag(stored)?))?)
}

/// Checks and removes the tag.
pub(super) fn untag(stored: Value) -> Result<Map<String, Value>, StoredError> {
    let Value::Object(mut fields) = stored else {
        return Err(StoredError::NotAnObject);
    };
    match fields.shift_remove(TAG) {
        Some(Value::Number(n)) if n.as_u64() == Some(STORED_VERSION) => Ok(fields),
        Some(other) => Err(StoredError::Version(
            other.to_string().chars().take(32).collect(),
        )),
        None => Err(StoredError::Version("空".to_owned())),
    }
}
