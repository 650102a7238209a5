//! What an export of the record was asked for, and that it was made.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{CaseEventKind, LogCounts, LogFormat};

/// Most case numbers that one export may name.
pub const NUMBERS_MAX: usize = 1_000;

/// Which cases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordSelection {
    /// 实施编码 of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// 统一社会信用代码 of the organ that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organ: Option<String>,
    /// Content hash of the process version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// `open`, `ended`, or the national code of a state (1–15).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// First day of submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day of submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// 办件编号; if any is given, only these, and the rest of the selection is not asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
}

/// State code and openness that a `state` of a selection asks for, -1 where it asks for none; `None`: no such state.
pub(crate) fn asked_state(state: Option<&str>) -> Option<(i64, i64)> {
    match state.unwrap_or_default() {
        "" => Some((-1, -1)),
        "open" => Some((-1, 1)),
        "ended" => Some((-1, 0)),
        code => {
            let kind = CaseEventKind::from_code(code.parse().ok()?)?;
            Some((i64::from(kind.code()), -1))
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordWish {
    pub format: LogFormat,
    /// Officers by name, not by pseudonym.
    pub names: bool,
    pub selection: RecordSelection,
}

/// An export that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordExport {
    /// From 1, without gaps.
    pub n: u32,
    pub at: Timestamp,
    pub by_whom: String,
    pub wish: RecordWish,
    pub purpose: String,
    pub counts: LogCounts,
    /// Of the file, 64 hex digits.
    pub sha256: String,
    /// Leaf hash in the transparency log, hex.
    pub leaf: String,
}
