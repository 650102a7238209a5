//! Shapes of the codes that an item carries, as written: no folding of case or width, unlike input of people.

use tongban_codes::{CatalogCode, PublishedUscc, Uscc};

/// Whether the text is 18 characters of the alphabet of GB 32100.
pub(crate) fn uscc_shaped(code: &str) -> bool {
    PublishedUscc::parse(code).is_ok_and(|parsed| parsed.as_str() == code)
}

/// Whether the text is a unified social credit code with a right check character (GB 32100-2015).
pub(crate) fn uscc_valid(code: &str) -> bool {
    Uscc::parse(code).is_ok_and(|parsed| parsed.as_str() == code)
}

/// The parts of an 实施编码 (31 characters) or 业务办理项编码 (33), without a check of their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskCodeParts<'a> {
    /// 实施主体 (18).
    pub(crate) dept_code: &'a str,
    /// 行使层级 (1).
    pub(crate) use_level: &'a str,
    /// 基本编码 (12).
    pub(crate) catalog_code: &'a str,
    /// 业务办理项 sequence (2), for 33-character codes.
    pub(crate) sequence: Option<&'a str>,
}

/// Splits an 实施编码 or 业务办理项编码; `None` when the length is wrong.
pub(crate) fn split_task_code(code: &str) -> Option<TaskCodeParts<'_>> {
    let sequence = match code.len() {
        31 => None,
        33 => Some(code.get(31..)?),
        _ => return None,
    };
    Some(TaskCodeParts {
        dept_code: code.get(..18)?,
        use_level: code.get(18..19)?,
        catalog_code: code.get(19..31)?,
        sequence,
    })
}

/// Whether the text has the shape of a 基本编码: 12 digits.
pub(crate) fn catalog_shaped(code: &str) -> bool {
    CatalogCode::parse(code).is_ok_and(|parsed| parsed.as_str() == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_as_written() {
        assert!(uscc_valid("11330105002500287C"));
        assert!(
            !uscc_valid("11330105002500287c"),
            "people may type it so, documents may not"
        );
        assert!(uscc_shaped("9033090376131409XE") && !uscc_valid("9033090376131409XE"));
        assert!(!uscc_shaped("1133010500250028") && !uscc_shaped(""));
    }

    #[test]
    fn an_item_code_splits_into_organ_level_and_base_code() {
        let parts = split_task_code("11450721MB155808114000141005000").expect("31 characters");
        assert_eq!(parts.dept_code, "11450721MB15580811");
        assert_eq!((parts.use_level, parts.catalog_code), ("4", "000141005000"));
        let item = split_task_code("11450721MB15580811400014100500001").expect("33 characters");
        assert_eq!(item.sequence, Some("01"));
        assert_eq!(
            split_task_code("一二三四五六七八九十一"),
            None,
            "33 bytes, not 33 characters"
        );
    }
}
