//! Folding of what people type into what the standards write.

/// Longest input looked at, in characters; the rest is cut, so an absurd input stays cheap.
pub const MAX_INPUT_CHARS: usize = 256;

/// Half-width, upper-case, without spaces, hyphens and invisible characters.
///
/// The ideographic full stop becomes `.`, because Chinese input methods type it for the dots of a
/// licence identifier. An input longer than [`MAX_INPUT_CHARS`] is cut, and so fails its length check.
pub fn normalize(input: &str) -> String {
    input
        .chars()
        .take(MAX_INPUT_CHARS)
        .filter_map(fold)
        .collect()
}

fn fold(c: char) -> Option<char> {
    let half = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '。' | '｡' => '.',
        _ => c,
    };
    let dropped = half.is_whitespace()
        || half.is_control()
        || matches!(
            half,
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}'
        )
        || matches!(half, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{202A}'..='\u{202E}');
    (!dropped).then(|| half.to_ascii_uppercase())
}

/// Position (from 1) and character of the first one that `allowed` refuses.
pub(crate) fn first_bad(text: &str, allowed: impl Fn(char) -> bool) -> Option<(usize, char)> {
    text.chars()
        .enumerate()
        .find(|(_, c)| !allowed(*c))
        .map(|(i, c)| (i + 1, c))
}

/// `text[from..to]` by byte, or the empty text: callers have checked that the text is ASCII.
pub(crate) fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn folds_what_people_type() {
        assert_eq!(
            normalize(" １１０１０５ 19491231-002ｘ\u{200B}"),
            "11010519491231002X"
        );
        assert_eq!(normalize("00877818－3"), "008778183");
        assert_eq!(normalize("1。2．156"), "1.2.156");
        assert_eq!(normalize("\u{3000}e1234—5678"), "E12345678");
    }

    #[test]
    fn cuts_absurd_input() {
        assert_eq!(normalize(&"1".repeat(10_000)).len(), super::MAX_INPUT_CHARS);
    }
}
