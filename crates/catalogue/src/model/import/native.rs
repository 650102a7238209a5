//! Our own document format, one document or a list; unknown fields go to the extension field.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{ImportError, ImportedItem, Note, bounded};
use crate::model::elements::ELEMENTS;
use crate::model::item::ServiceItem;
use crate::model::stored::untag;

/// Imports one stored document, or `{"items": [document, …]}`, or `[document, …]`.
pub fn import_native(json: &str) -> Result<Vec<ImportedItem>, ImportError> {
    let root: Value = serde_json::from_str(bounded(json)?)?;
    let documents = match root {
        Value::Array(documents) => documents,
        Value::Object(mut fields) => match fields.shift_remove("items") {
            Some(Value::Array(documents)) => documents,
            Some(_) => return Err(ImportError::Missing("items")),
            None => vec![Value::Object(fields)],
        },
        _ => return Err(ImportError::Missing("items")),
    };
    documents
        .into_iter()
        .enumerate()
        .map(|(index, document)| one(index, document))
        .collect()
}

fn one(index: usize, document: Value) -> Result<ImportedItem, ImportError> {
    let refuse = |reason: String| ImportError::Item { index, reason };
    let fields = untag(document).map_err(|error| refuse(error.to_string()))?;
    let known: BTreeSet<&str> = ELEMENTS
        .iter()
        .map(|element| element.name)
        .chain(["task_name", "task_type", "extend_field"])
        .collect();
    let (known_fields, unknown): (Map<_, _>, Map<_, _>) = fields
        .into_iter()
        .partition(|(name, _)| known.contains(name.as_str()));
    let mut item: ServiceItem = serde_json::from_value(Value::Object(known_fields))
        .map_err(|error| refuse(error.to_string()))?;
    let mut notes = Vec::new();
    for (name, value) in unknown {
        notes.push(Note {
            field: name.clone(),
            message: "不是事项要素，存入扩展字段".to_owned(),
        });
        item.extend_field.entry(name).or_insert(value);
    }
    Ok(ImportedItem::new(item, notes))
}
