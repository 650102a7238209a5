//! Folding of text before indexing and before querying.
//!
//! Invariant: one character in, one character out, so that a position in folded text is the same
//! position in the original and highlighting needs no map.

use std::collections::HashMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("../data/t2s.txt");

fn simplified() -> &'static HashMap<char, char> {
    static MAP: OnceLock<HashMap<char, char>> = OnceLock::new();
    MAP.get_or_init(|| {
        let pairs = TABLE
            .lines()
            .filter(|l| !l.starts_with('#'))
            .flat_map(str::split_whitespace);
        pairs
            .filter_map(|pair| {
                let mut chars = pair.chars();
                Some((chars.next()?, chars.next()?))
            })
            .collect()
    })
}

/// Folds one character: full width to half width, traditional to simplified, upper to lower case;
/// control and format characters become a space.
pub(crate) fn fold_char(c: char) -> char {
    match c {
        'a'..='z' | '0'..='9' => c,
        'A'..='Z' => c.to_ascii_lowercase(),
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            let half = char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
            half.to_ascii_lowercase()
        }
        '\u{3400}'..='\u{9fff}' => simplified().get(&c).copied().unwrap_or(c),
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' => ' ',
        '\u{feff}' => ' ',
        _ if c.is_control() => ' ',
        _ => {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(one), None) => one,
                _ => c,
            }
        }
    }
}

/// Folds a text, character by character.
pub(crate) fn fold(text: &str) -> String {
    text.chars().map(fold_char).collect()
}

/// A Chinese ideograph (Unified, Extension A, Compatibility, and the supplementary planes).
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3134f}' | '〇')
}

/// A stretch of text of one sort; everything else separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run<'a> {
    /// Chinese ideographs only.
    Han(&'a str),
    /// Letters and digits of any other script.
    Word(&'a str),
}

/// Splits folded text into runs.
pub(crate) fn runs(folded: &str) -> impl Iterator<Item = Run<'_>> {
    let mut rest = folded;
    std::iter::from_fn(move || {
        let start = rest.find(|c: char| is_han(c) || c.is_alphanumeric())?;
        let from_start = &rest[start..];
        let han = from_start.starts_with(is_han);
        let end = from_start
            .find(|c: char| {
                if han {
                    !is_han(c)
                } else {
                    is_han(c) || !c.is_alphanumeric()
                }
            })
            .unwrap_or(from_start.len());
        let (run, after) = from_start.split_at(end);
        rest = after;
        Some(if han { Run::Han(run) } else { Run::Word(run) })
    })
}

/// The name form of a text: folded, with only ideographs, letters and digits left.
pub(crate) fn name_form(text: &str) -> String {
    text.chars()
        .map(fold_char)
        .filter(|c| is_han(*c) || c.is_alphanumeric())
        .collect()
}

/// The name form without what stands in brackets: `备案（县级）` → `备案`.
pub(crate) fn base_name(text: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::new();
    for c in text.chars().map(fold_char) {
        match c {
            '(' | '[' | '〔' | '【' => depth += 1,
            ')' | ']' | '〕' | '】' => depth = depth.saturating_sub(1),
            _ if depth == 0 && (is_han(c) || c.is_alphanumeric()) => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_width_case_and_tradition() {
        assert_eq!(fold("餐飲許可證　ＡＢc１"), "餐饮许可证 abc1");
        assert_eq!(fold("食\u{200b}品\u{7}"), "食 品 ");
    }

    #[test]
    fn splits_runs() {
        let all: Vec<_> = runs("办etc 证,a1类").collect();
        assert_eq!(
            all,
            [
                Run::Han("办"),
                Run::Word("etc"),
                Run::Han("证"),
                Run::Word("a1"),
                Run::Han("类")
            ]
        );
    }

    #[test]
    fn names_lose_brackets() {
        assert_eq!(
            base_name("企业投资项目备案（技术改造）（市级/县级）"),
            "企业投资项目备案"
        );
        assert_eq!(name_form("备案（县级）"), "备案县级");
    }

    proptest::proptest! {
        #[test]
        fn folding_keeps_the_number_of_characters(s in ".*") {
            proptest::prop_assert_eq!(fold(&s).chars().count(), s.chars().count());
        }
    }
}
