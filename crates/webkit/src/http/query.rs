//! `application/x-www-form-urlencoded`, with bounds.

/// More than a form of this platform ever has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PairsError {
    #[error("more than {0} fields")]
    TooMany(usize),
    #[error("the text is not UTF-8, or holds U+0000")]
    NotUtf8,
}

/// The pairs of a query string or form body, in order, at most `max_fields`.
pub fn pairs(text: &[u8], max_fields: usize) -> Result<Vec<(String, String)>, PairsError> {
    let mut found = Vec::new();
    for piece in text
        .split(|byte| *byte == b'&')
        .filter(|piece| !piece.is_empty())
    {
        if found.len() >= max_fields {
            return Err(PairsError::TooMany(max_fields));
        }
        let split = piece.iter().position(|byte| *byte == b'=');
        let (key, value) = match split {
            Some(at) => (
                piece.get(..at).unwrap_or_default(),
                piece.get(at + 1..).unwrap_or_default(),
            ),
            None => (piece, &[][..]),
        };
        found.push((decode(key)?, decode(value)?));
    }
    Ok(found)
}

/// Whether every store can hold the text: PostgreSQL knows no U+0000, and nobody types one.
pub fn storable(text: &str) -> bool {
    !text.contains('\0')
}

fn decode(text: &[u8]) -> Result<String, PairsError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => match tail {
                [high, low, more @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    bytes.push(nibble(*high) << 4 | nibble(*low));
                    rest = more;
                }
                _ => bytes.push(b'%'),
            },
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| storable(text))
        .ok_or(PairsError::NotUtf8)
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

/// The opposite of [`pairs`]: everything outside `A–Z a–z 0–9 - . _ ~` is percent-encoded.
pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (key, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        escape(&mut text, key);
        text.push('=');
        escape(&mut text, value);
    }
    text
}

fn escape(out: &mut String, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// The query string without the parameter `name`.
pub(crate) fn strip_param(query: &str, name: &str) -> String {
    let keep: Vec<&str> = query
        .split('&')
        .filter(|piece| !piece.is_empty() && piece.split('=').next() != Some(name))
        .collect();
    keep.join("&")
}
