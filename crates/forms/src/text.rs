//! Tidying of typed text: width, spaces, invisible characters. What a person sees is kept.

use std::borrow::Cow;

/// Which full-width characters become half-width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    /// Letters, digits and punctuation: numbers, identifiers, telephone numbers.
    Ascii,
    /// Letters and digits only: Chinese text keeps its punctuation.
    Alnum,
}

/// The half-width form of a full-width character.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        '\u{FFE5}' => '¥',
        '。' => '.',
        '、' => ',',
        '—' | '–' | '−' | '‐' | '‑' => '-',
        _ => c,
    }
}

fn fold_char(c: char, fold: Fold) -> char {
    match fold {
        Fold::Ascii => half_width(c),
        Fold::Alnum => match c {
            '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
                half_width(c)
            }
            _ => c,
        },
    }
}

/// Characters that show nothing and mean nothing: zero-width spaces, byte order mark, soft hyphen.
fn is_debris(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}')
}

/// Folds width, removes debris, turns every run of white space into one space, trims.
pub(crate) fn tidy_line(text: &str, fold: Fold) -> Cow<'_, str> {
    let mut previous_space = true;
    let mut clean = true;
    for c in text.chars() {
        if c == ' ' {
            clean &= !previous_space;
            previous_space = true;
        } else {
            clean &= !is_debris(c) && !c.is_whitespace() && fold_char(c, fold) == c;
            previous_space = false;
        }
        if !clean {
            break;
        }
    }
    if clean && (text.is_empty() || !previous_space) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_debris(*c)) {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(fold_char(c, fold));
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    Cow::Owned(out)
}

/// Line ends become `\n`, debris goes, both ends are trimmed; everything else stays as typed.
pub(crate) fn tidy_paragraph(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || is_debris(c));
    if !trimmed.chars().any(|c| c == '\r' || is_debris(c)) {
        return Cow::Borrowed(trimmed);
    }
    let mut out = String::with_capacity(trimmed.len());
    let mut after_return = false;
    for c in trimmed.chars().filter(|c| !is_debris(*c)) {
        match c {
            '\r' => out.push('\n'),
            '\n' if after_return => {}
            _ => out.push(c),
        }
        after_return = c == '\r';
    }
    Cow::Owned(out)
}

/// Position (from 1) of the first control or text-direction character that may not be stored.
/// They can hide or reverse what an officer reads, so they are refused with a sentence.
pub(crate) fn forbidden_char(text: &str, paragraph: bool) -> Option<usize> {
    text.chars()
        .position(|c| match c {
            '\n' | '\t' if paragraph => false,
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
            '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{FFF9}'..='\u{FFFB}' => true,
            _ => c.is_control(),
        })
        .map(|at| at + 1)
}

/// A pictograph or one of the invisible parts that pictographs are made of.
pub(crate) fn is_pictograph(c: char) -> bool {
    matches!(
        c as u32,
        0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x2300..=0x23FF
            | 0x20E3 | 0xFE0F | 0x200D | 0xE0020..=0xE007F
    )
}

/// The middle dot of the resident identity card (U+00B7) for all its look-alikes.
pub(crate) fn middle_dot(c: char) -> char {
    match c {
        '•' | '‧' | '∙' | '⋅' | '・' | '･' | '\u{FF0E}' | '●' => '·',
        _ => c,
    }
}

fn is_han(c: char) -> bool {
    matches!(c as u32, 0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3400..=0x9FFF | 0xF900..=0xFAFF
        | 0xE000..=0xF8FF | 0x20000..=0x3FFFF)
}

/// A name as it is kept: look-alike middle dots unified, no spaces around them, no spaces between
/// Han characters; no code point is replaced or lost otherwise.
pub(crate) fn tidy_name(text: &str) -> Cow<'_, str> {
    let line = tidy_line(text, Fold::Alnum);
    if line.bytes().all(|b| b.is_ascii()) || !line.chars().any(|c| c == ' ' || middle_dot(c) != c) {
        return line;
    }
    let dotted: Vec<char> = line.chars().map(middle_dot).collect();
    let mut out = String::with_capacity(line.len());
    for (at, c) in dotted.iter().enumerate() {
        let before = at
            .checked_sub(1)
            .and_then(|i| dotted.get(i))
            .copied()
            .unwrap_or(' ');
        let after = dotted.get(at + 1).copied().unwrap_or(' ');
        let needless = before == '·' || after == '·' || (is_han(before) && is_han(after));
        if *c != ' ' || !needless {
            out.push(*c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_tidied() {
        for (typed, kept) in [
            ("  ＡＢＣ　１２３ ", "ABC 123"),
            ("幸福路\t1号\r\n2室", "幸福路 1号 2室"),
            ("幸福路（东）", "幸福路（东）"),
            ("a\u{200B}b\u{FEFF}", "ab"),
            ("\u{3000}\u{A0}", ""),
            ("", ""),
        ] {
            assert_eq!(tidy_line(typed, Fold::Alnum), kept, "{typed:?}");
        }
        assert_eq!(tidy_line("（０２１）", Fold::Ascii), "(021)");
        assert!(matches!(
            tidy_line("already tidy", Fold::Alnum),
            Cow::Borrowed(_)
        ));
        assert_eq!(tidy_paragraph("一\r\n二\r三 \n"), "一\n二\n三");
    }

    #[test]
    fn names_keep_rare_characters_and_one_kind_of_dot() {
        for (typed, kept) in [
            ("䶮𫘧𬭚𠅤𬀩𡒄", "䶮𫘧𬭚𠅤𬀩𡒄"),
            ("张 三", "张三"),
            ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
            ("迪丽 · 热巴", "迪丽·热巴"),
            ("John  Smith", "John Smith"),
            ("José  Ángel", "José Ángel"),
            ("葛\u{E0100}城", "葛\u{E0100}城"),
        ] {
            assert_eq!(tidy_name(typed), kept, "{typed}");
        }
    }

    #[test]
    fn dangerous_characters_are_found() {
        assert_eq!(forbidden_char("正常 text 𠅤", false), None);
        assert_eq!(forbidden_char("a\0b", false), Some(2));
        assert_eq!(forbidden_char("abc\u{202E}d", false), Some(4));
        assert_eq!(forbidden_char("a\nb", true), None);
        assert_eq!(forbidden_char("a\nb", false), Some(2));
    }
}
