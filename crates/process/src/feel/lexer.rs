//! Words, numbers, strings and signs.

use super::{Decimal, ExpressionError};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(Decimal),
    Text(String),
    Word(String),
    Sign(&'static str),
}

const SIGNS: [&str; 21] = [
    "!=", "<=", ">=", "..", "**", "=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", ".",
    "{", "}", ":",
];

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn string(rest: &str) -> Result<(String, usize), ExpressionError> {
    let mut out = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((out, at + 1)),
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(c @ ('"' | '\\')) => out.push(c),
                _ => return Err(ExpressionError("字符串中有不认识的转义".to_owned())),
            },
            c => out.push(c),
        }
    }
    Err(ExpressionError("字符串没有结束引号".to_owned()))
}

fn number(rest: &str) -> Result<(Decimal, usize), ExpressionError> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| {
        bytes
            .iter()
            .skip(from)
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut end = digits(0);
    // `1..5` is an interval, not the number `1.`
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 1 + digits(end + 1);
    }
    let text = rest.get(..end).unwrap_or_default();
    match Decimal::parse(text) {
        Some(n) => Ok((n, end)),
        None => Err(ExpressionError(format!("数字 {text:.50} 超出范围"))),
    }
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ExpressionError> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if c.is_whitespace() {
            c.len_utf8()
        } else if c == '"' {
            let (text, length) = string(rest)?;
            out.push(Token::Text(text));
            length
        } else if c.is_ascii_digit() {
            let (n, length) = number(rest)?;
            out.push(Token::Number(n));
            length
        } else if is_word_start(c) {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            out.push(Token::Word(
                rest.get(..length).unwrap_or_default().to_owned(),
            ));
            length
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            out.push(Token::Sign(sign));
            sign.len()
        } else {
            return Err(ExpressionError(format!("不认识的符号 {c}")));
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(out)
}
