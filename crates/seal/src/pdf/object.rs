//! PDF objects: enough syntax to read dictionaries and write them back without loss.

use crate::error::{Result, SealError, format};

const DEPTH_MAX: usize = 64;

/// A PDF object; numbers and strings keep their spelling.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Bool(bool),
    Number(Vec<u8>),
    /// With its delimiters, `(…)` or `<…>`.
    Text(Vec<u8>),
    /// Without the slash, escapes kept.
    Name(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    Ref(u32, u16),
}

/// A dictionary in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Dict(pub(super) Vec<(Vec<u8>, Object)>);

impl Dict {
    pub(super) fn get(&self, key: &str) -> Option<&Object> {
        self.0
            .iter()
            .find(|(k, _)| k == key.as_bytes())
            .map(|(_, v)| v)
    }

    pub(super) fn set(&mut self, key: &str, value: Object) {
        match self.0.iter_mut().find(|(k, _)| k == key.as_bytes()) {
            Some(slot) => slot.1 = value,
            None => self.0.push((key.as_bytes().to_vec(), value)),
        }
    }

    pub(super) fn integer(&self, key: &str) -> Option<u64> {
        self.get(key)?.as_integer()
    }

    pub(super) fn is_name(&self, key: &str, name: &str) -> bool {
        matches!(self.get(key), Some(Object::Name(n)) if n == name.as_bytes())
    }
}

impl Object {
    pub(super) fn name(text: &str) -> Self {
        Object::Name(text.as_bytes().to_vec())
    }

    pub(super) fn integer(n: u64) -> Self {
        Object::Number(n.to_string().into_bytes())
    }

    /// A text string, UTF-16 with byte order mark in hexadecimal.
    pub(super) fn text(text: &str) -> Self {
        let units: String = text.encode_utf16().map(|u| format!("{u:04X}")).collect();
        Object::Text(format!("<FEFF{units}>").into_bytes())
    }

    pub(super) fn as_integer(&self) -> Option<u64> {
        match self {
            Object::Number(n) => std::str::from_utf8(n).ok()?.parse().ok(),
            _ => None,
        }
    }

    pub(super) fn as_dict(&self) -> Option<&Dict> {
        match self {
            Object::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    pub(super) fn as_array(&self) -> Option<&[Object]> {
        match self {
            Object::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn as_ref(&self) -> Option<(u32, u16)> {
        match self {
            Object::Ref(number, generation) => Some((*number, *generation)),
            _ => None,
        }
    }

    /// Bytes of a string object.
    pub(super) fn string_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Object::Text(raw) => Some(decode_string(raw)),
            _ => None,
        }
    }

    /// Text of a string object.
    pub(super) fn to_text(&self) -> Option<String> {
        let bytes = self.string_bytes()?;
        Some(match bytes.strip_prefix(b"\xfe\xff") {
            Some(rest) => {
                let units = rest
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|c| u16::from_be_bytes(*c));
                char::decode_utf16(units)
                    .map(|c| c.unwrap_or('\u{fffd}'))
                    .collect()
            }
            None => String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Object::Null => out.extend(b"null"),
            Object::Bool(true) => out.extend(b"true"),
            Object::Bool(false) => out.extend(b"false"),
            Object::Number(raw) | Object::Text(raw) => out.extend(raw),
            Object::Name(name) => {
                out.push(b'/');
                out.extend(name);
            }
            Object::Ref(number, generation) => {
                out.extend(format!("{number} {generation} R").bytes())
            }
            Object::Array(items) => {
                out.push(b'[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(b' ');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Object::Dict(dict) => {
                out.extend(b"<<");
                for (key, value) in &dict.0 {
                    out.extend(b" /");
                    out.extend(key);
                    out.push(b' ');
                    value.write(out);
                }
                out.extend(b" >>");
            }
        }
    }
}

fn decode_string(raw: &[u8]) -> Vec<u8> {
    if raw.first() == Some(&b'<') {
        let mut digits: Vec<u8> = raw
            .iter()
            .filter_map(|c| (*c as char).to_digit(16))
            .map(|d| d as u8)
            .collect();
        if digits.len() % 2 == 1 {
            digits.push(0);
        }
        return digits
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[a, b]| a << 4 | b)
            .collect();
    }
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b't') => out.push(b'\t'),
            Some(b'\n') | None => {}
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(next) = bytes.next_if(|b| (b'0'..=b'7').contains(b)) else {
                        break;
                    };
                    value = value * 8 + u32::from(next - b'0');
                }
                out.push(value as u8);
            }
            Some(other) => out.push(other),
        }
    }
    out
}

/// Reads tokens from a position.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
}

pub(super) fn bad(why: &str) -> SealError {
    format("PDF", why)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// Takes `word` if it is next.
    pub(super) fn take(&mut self, word: &[u8]) -> bool {
        self.skip_space();
        let next = self
            .bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word));
        if next {
            self.at += word.len();
        }
        next
    }

    fn regular(&mut self) -> &'a [u8] {
        let start = self.at;
        while self.peek().is_some_and(is_regular) {
            self.at += 1;
        }
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// An unsigned decimal number.
    pub(super) fn number(&mut self) -> Result<u64> {
        self.skip_space();
        let word = std::str::from_utf8(self.regular()).map_err(|_| bad("数字"))?;
        word.parse().map_err(|_| bad("数字"))
    }

    pub(super) fn object(&mut self) -> Result<Object> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Result<Object> {
        if depth > DEPTH_MAX {
            return Err(bad("嵌套过深"));
        }
        self.skip_space();
        let start = self.at;
        match self.peek().ok_or_else(|| bad("被截断"))? {
            b'/' => {
                self.at += 1;
                Ok(Object::Name(self.regular().to_vec()))
            }
            b'(' => self.literal(),
            b'<' if self.bytes.get(start + 1) == Some(&b'<') => self.dict(depth),
            b'<' => {
                let rest = self.bytes.get(start..).unwrap_or_default();
                let end = rest
                    .iter()
                    .position(|b| *b == b'>')
                    .ok_or_else(|| bad("字符串"))?;
                self.at += end + 1;
                Ok(Object::Text(rest.get(..=end).unwrap_or_default().to_vec()))
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.take(b"]") {
                    items.push(self.nested(depth + 1)?);
                }
                Ok(Object::Array(items))
            }
            _ => self.word(),
        }
    }

    fn dict(&mut self, depth: usize) -> Result<Object> {
        self.at += 2;
        let mut dict = Dict::default();
        while !self.take(b">>") {
            let Object::Name(key) = self.nested(depth + 1)? else {
                return Err(bad("字典键"));
            };
            let value = self.nested(depth + 1)?;
            dict.0.push((key, value));
        }
        Ok(Object::Dict(dict))
    }

    fn literal(&mut self) -> Result<Object> {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                let raw = self
                    .bytes
                    .get(start..self.at)
                    .ok_or_else(|| bad("字符串"))?;
                return Ok(Object::Text(raw.to_vec()));
            }
        }
        Err(bad("字符串"))
    }

    fn word(&mut self) -> Result<Object> {
        let word = self.regular();
        match word {
            b"true" => return Ok(Object::Bool(true)),
            b"false" => return Ok(Object::Bool(false)),
            b"null" => return Ok(Object::Null),
            _ => {}
        }
        let numeric = word
            .iter()
            .all(|b| b.is_ascii_digit() || b"+-.".contains(b));
        if word.is_empty() || !numeric {
            return Err(bad("无法识别的词"));
        }
        if word.iter().all(u8::is_ascii_digit)
            && let Some(reference) = self.reference(word)
        {
            return Ok(reference);
        }
        Ok(Object::Number(word.to_vec()))
    }

    /// `n g R` after its first number.
    fn reference(&mut self, first: &[u8]) -> Option<Object> {
        let back = self.at;
        let number = std::str::from_utf8(first).ok()?.parse().ok()?;
        self.skip_space();
        let second = self.regular();
        let generation = std::str::from_utf8(second)
            .ok()
            .and_then(|s| s.parse().ok());
        self.skip_space();
        if let Some(generation) = generation
            && self.regular() == b"R"
        {
            return Some(Object::Ref(number, generation));
        }
        self.at = back;
        None
    }
}
