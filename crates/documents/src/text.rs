//! Data on its way into a document: what cannot or must not be printed is replaced here, so that
//! nothing disappears unseen.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{DocumentError, FontSet};

const MAX_DEPTH: usize = 32;
const MAX_BYTES: usize = 2 << 20;

/// Copies `data`, with every string made printable; collects the characters that no font has.
pub(crate) fn printable(
    data: &Value,
    fonts: &FontSet,
) -> Result<(Value, BTreeSet<char>), DocumentError> {
    let mut pass = Pass {
        fonts,
        missing: BTreeSet::new(),
        bytes: 0,
    };
    let copy = pass.value(data, 0)?;
    Ok((copy, pass.missing))
}

struct Pass<'a> {
    fonts: &'a FontSet,
    missing: BTreeSet<char>,
    bytes: usize,
}

impl Pass<'_> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<Value, DocumentError> {
        if depth > MAX_DEPTH {
            return Err(DocumentError::TooLarge { limit: "32 层" });
        }
        Ok(match value {
            Value::String(text) => Value::String(self.string(text)?),
            Value::Array(list) => {
                self.count(list.len())?;
                Value::Array(
                    list.iter()
                        .map(|v| self.value(v, depth + 1))
                        .collect::<Result<_, _>>()?,
                )
            }
            Value::Object(map) => {
                self.count(map.keys().map(String::len).sum())?;
                let entries = map
                    .iter()
                    .map(|(k, v)| Ok((k.clone(), self.value(v, depth + 1)?)));
                Value::Object(entries.collect::<Result<_, DocumentError>>()?)
            }
            other => other.clone(),
        })
    }

    fn count(&mut self, bytes: usize) -> Result<(), DocumentError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MAX_BYTES {
            return Err(DocumentError::TooLarge { limit: "2 MiB" });
        }
        Ok(())
    }

    fn string(&mut self, text: &str) -> Result<String, DocumentError> {
        self.count(text.len())?;
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\n' => out.push(c),
                '\t' => out.push(' '),
                _ if invisible(c) => {}
                _ if c == ' ' || self.fonts.covers(c) => out.push(c),
                _ => {
                    self.missing.insert(c);
                    out.push_str(&format!("〔U+{:04X}〕", u32::from(c)));
                }
            }
        }
        Ok(out)
    }
}

/// Characters without ink. Controls that reorder text (U+202A–202E, U+2066–2069) could make a
/// document read otherwise than it was signed. Ideographic variation selectors (U+E0100–E01EF) are
/// not in this list: they ask for a glyph shape, so losing one is reported.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_missing_character_is_printed_as_its_code_point_and_named() {
        let fonts = FontSet::embedded();
        let (data, missing) =
            printable(&json!({"a": ["张𪚥", "李\u{202E}四"]}), &fonts).expect("small");
        assert_eq!(data, json!({"a": ["张〔U+2A6A5〕", "李四"]}));
        assert_eq!(missing.into_iter().collect::<Vec<_>>(), ['𪚥']);
    }

    #[test]
    fn the_embedded_fonts_have_the_table_of_general_characters() {
        let fonts = FontSet::embedded();
        for c in "䶮𫘧㛃㑇喆犇骉一〇—“”《》〔〕①⑳①☆★□√×÷％‰℃㎡aZ09ü".chars()
        {
            assert!(fonts.covers(c), "{c} U+{:X}", u32::from(c));
        }
        assert!(!fonts.covers('😀'));
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let fonts = FontSet::embedded();
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
        assert!(matches!(
            printable(&deep, &fonts),
            Err(DocumentError::TooLarge { .. })
        ));
        let large = Value::String("字".repeat(1 << 20));
        assert!(matches!(
            printable(&large, &fonts),
            Err(DocumentError::TooLarge { .. })
        ));
    }

    proptest! {
        #[test]
        fn every_output_character_can_be_printed(text in "\\PC{0,40}|[\\x00-\\x{FF}]{0,20}") {
            let fonts = FontSet::embedded();
            let (out, _) = printable(&Value::String(text), &fonts).expect("small");
            for c in out.as_str().expect("a string").chars() {
                prop_assert!(c == '\n' || c == ' ' || fonts.covers(c), "{:?}", c);
            }
        }
    }
}
