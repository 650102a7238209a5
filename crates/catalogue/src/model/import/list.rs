//! The compact list format: one item per line, tab-separated, `#` lines for the source, a header line with column names.
//!
//! Columns: `task_name`, `main_item`, `dept_name`, `dept_code`, `task_type`, `local_task_code`, `area_code`.

use serde_json::Value;

use super::{ImportError, ImportedItem, Note, bounded};
use crate::model::item::ServiceItem;
use crate::model::lists::{TaskState, TaskType};
use crate::model::shape::{uscc_shaped, uscc_valid};

/// The columns in the order in which they must stand.
pub(super) const COLUMNS: [&str; 7] = [
    "task_name",
    "main_item",
    "dept_name",
    "dept_code",
    "task_type",
    "local_task_code",
    "area_code",
];

/// Imports a list. Every item is in use (the list is of published items) and names the source of the file.
pub fn import_item_list(text: &str) -> Result<Vec<ImportedItem>, ImportError> {
    let mut source: Option<String> = None;
    let mut items = Vec::new();
    let mut header_seen = false;
    for (at, line) in bounded(text)?.lines().enumerate() {
        let line_no = at + 1;
        if let Some(comment) = line.strip_prefix('#') {
            if let Some(named) = comment.trim().strip_prefix("source:") {
                source = Some(named.trim().to_owned());
            }
        } else if line.trim().is_empty() {
        } else if header_seen {
            items.push(row(line_no, line, source.as_deref())?);
        } else {
            if line.split('\t').ne(COLUMNS) {
                let reason = format!("列名应为 {}", COLUMNS.join("、"));
                return Err(ImportError::Line {
                    line: line_no,
                    reason,
                });
            }
            header_seen = true;
        }
    }
    if !header_seen {
        return Err(ImportError::Missing("列名行"));
    }
    if source.is_none() {
        return Err(ImportError::Missing("# source:"));
    }
    Ok(items)
}

fn row(line: usize, text: &str, source: Option<&str>) -> Result<ImportedItem, ImportError> {
    let refuse = |reason: String| ImportError::Line { line, reason };
    let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
    let Ok([name, main, dept, dept_code, kind, local, area]) = <[&str; 7]>::try_from(cells) else {
        return Err(refuse(format!("应有 {} 列", COLUMNS.len())));
    };
    if name.is_empty() {
        return Err(refuse("没有事项名称".to_owned()));
    }
    let task_type = TaskType::from_code(&format!("{kind:0>2}"))
        .ok_or_else(|| refuse(format!("事项类型“{kind}”不在代码表中")))?;
    let filled = |cell: &str| (!cell.is_empty()).then(|| cell.to_owned());
    let mut item = ServiceItem::new(name, task_type);
    let mut notes = Vec::new();
    item.dept_name = filled(dept);
    item.local_task_code = filled(local);
    item.area_code = filled(area);
    item.task_state = Some(TaskState::InUse);
    item.source = source.map(str::to_owned);
    if uscc_shaped(dept_code) {
        item.dept_code = Some(dept_code.to_owned());
    } else if !dept_code.is_empty() {
        item.extend_field
            .insert("dept_code".to_owned(), Value::String(dept_code.to_owned()));
        item.dept_code = credit_code_in(local, dept_code);
        notes.push(Note {
            field: "dept_code".to_owned(),
            message: match &item.dept_code {
                Some(_) => {
                    "不是统一社会信用代码，改用地方编码中含同一组织机构代码的统一社会信用代码"
                        .to_owned()
                }
                None => "不是统一社会信用代码，原样保留".to_owned(),
            },
        });
    }
    if let Some(main) = filled(main) {
        item.extend_field
            .insert("main_item".to_owned(), Value::String(main));
    }
    Ok(ImportedItem::new(item, notes))
}

/// The credit code inside a local item code, when it contains the given 9-character organisation code (GB 32100: characters
/// 9 to 17 of a credit code are the organisation code).
fn credit_code_in(local: &str, org_code: &str) -> Option<String> {
    let plain = org_code.replace('-', "");
    local
        .split('-')
        .find(|part| uscc_valid(part) && part.get(8..17) == Some(plain.as_str()))
        .map(str::to_owned)
}
