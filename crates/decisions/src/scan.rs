//! A look at a FEEL text before it is parsed: is it small and flat enough, and which names does it use?
//!
//! FEEL names may hold blanks and operators, so a parser must know them before it can read `a - b`. Ours come from the text
//! itself: every word is a name, words side by side (`Full Name`) are one name, and the caller adds those with operators.

use std::collections::BTreeSet;

use crate::{ExpressionError, MAX_TEXT};

/// Deepest nesting of brackets.
const MAX_BRACKETS: usize = 40;
/// Most words and operators without a bracket, comma or comparison between them. The parser tries every length of a name
/// from each word on, so its time grows with the cube of this.
const MAX_RUN: usize = 100;

const KEYWORDS: &[&str] = &[
    "and",
    "between",
    "else",
    "every",
    "external",
    "false",
    "for",
    "function",
    "if",
    "in",
    "instance",
    "not",
    "null",
    "of",
    "or",
    "return",
    "satisfies",
    "some",
    "then",
    "true",
];

/// Built-in functions of several words; their words are no names.
const PHRASES: &[&str] = &[
    "context merge",
    "context put",
    "date and time",
    "day of week",
    "day of year",
    "days and time duration",
    "distinct values",
    "ends with",
    "finished by",
    "get entries",
    "get value",
    "index of",
    "insert before",
    "list contains",
    "list replace",
    "lower case",
    "met by",
    "month of year",
    "overlaps after",
    "overlaps before",
    "round down",
    "round half down",
    "round half up",
    "round up",
    "started by",
    "starts with",
    "string join",
    "string length",
    "substring after",
    "substring before",
    "upper case",
    "week of year",
    "years and months duration",
];

/// One piece of a text, as far as names need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Word(&'a str),
    /// An operator that may stand in a name: `. / - ' + *`.
    Joint,
    /// A digit run, or anything that ends a name; the character.
    Other(char),
}

/// Refuses what the parser cannot take in bounded time and stack.
pub(crate) fn guard(text: &str) -> Result<(), ExpressionError> {
    if text.len() > MAX_TEXT {
        return Err(ExpressionError(format!(
            "表达式过长：{} 字节，至多 {MAX_TEXT} 字节",
            text.len()
        )));
    }
    let (mut depth, mut run) = (0usize, 0usize);
    for piece in pieces(text)? {
        match piece {
            Piece::Word(_) | Piece::Joint | Piece::Other('0') => run += 1,
            Piece::Other(other) => {
                run = 0;
                match other {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
        }
        if depth > MAX_BRACKETS {
            return Err(ExpressionError(format!(
                "表达式的括号嵌套过深：至多 {MAX_BRACKETS} 层"
            )));
        }
        if run > MAX_RUN {
            return Err(ExpressionError(format!(
                "表达式中连续的词和运算符过多：至多 {MAX_RUN} 个，请用括号分组"
            )));
        }
    }
    Ok(())
}

/// The names that a text uses, to be known when it is parsed.
pub(crate) fn words(text: &str) -> BTreeSet<String> {
    let Ok(pieces) = pieces(text) else {
        return BTreeSet::new();
    };
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < pieces.len() {
        let Piece::Word(word) = pieces[at] else {
            at += 1;
            continue;
        };
        if let Some((name, length)) = phrase(&pieces[at..]) {
            // Those of dates are known to the parser as such; the others could be cut short by a name.
            if !name.contains("and") {
                found.insert(name.to_owned());
            }
            at += length;
            continue;
        }
        if KEYWORDS.contains(&word) {
            at += 1;
            continue;
        }
        let mut name = word.to_owned();
        let mut next = at + 1;
        while let Some(Piece::Word(word)) = pieces.get(next) {
            if KEYWORDS.contains(word) || phrase(&pieces[next..]).is_some() {
                break;
            }
            found.insert((*word).to_owned());
            name.push(' ');
            name.push_str(word);
            next += 1;
        }
        // What a bracket follows is called, and what a colon follows is a key; the parser takes both as they stand.
        if matches!(pieces.get(next), Some(Piece::Other('('))) && next == at + 1
            || matches!(pieces.get(next), Some(Piece::Other(':')))
        {
            at = next;
            continue;
        }
        if next > at + 1 {
            found.insert(word.to_owned());
        }
        found.insert(name);
        at = next;
    }
    found
}

/// The built-in phrase at the beginning, and how many pieces it has.
fn phrase(pieces: &[Piece<'_>]) -> Option<(&'static str, usize)> {
    let starts = |phrase: &&&str| {
        let mut words = phrase.split(' ').enumerate();
        words.all(|(at, word)| pieces.get(at) == Some(&Piece::Word(word)))
    };
    let found = PHRASES.iter().filter(starts);
    found
        .map(|phrase| (*phrase, phrase.split(' ').count()))
        .max_by_key(|(_, length)| *length)
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, ExpressionError> {
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, ch)) = chars.next() {
        let next = chars.peek().map(|(_, ch)| *ch);
        if ch.is_whitespace() || ch == '\u{200B}' || ch == '\u{FEFF}' {
            continue;
        } else if ch == '"' {
            string(&mut chars)?;
            found.push(Piece::Other('"'));
        } else if ch == '/' && (next == Some('/') || next == Some('*')) {
            comment(&mut chars, next == Some('*'));
        } else if starts_name(ch) {
            let mut end = start + ch.len_utf8();
            while let Some((at, ch)) = chars.next_if(|(_, ch)| continues_name(*ch)) {
                end = at + ch.len_utf8();
            }
            found.push(Piece::Word(&text[start..end]));
        } else if matches!(ch, '.' | '/' | '-' | '\'' | '+' | '*') {
            found.push(Piece::Joint);
        } else if continues_name(ch) {
            while chars.next_if(|(_, ch)| continues_name(*ch)).is_some() {}
            found.push(Piece::Other('0'));
        } else {
            found.push(Piece::Other(ch));
        }
    }
    Ok(found)
}

type Chars<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

fn string(chars: &mut Chars<'_>) -> Result<(), ExpressionError> {
    while let Some((_, ch)) = chars.next() {
        match ch {
            '"' => return Ok(()),
            '\\' => drop(chars.next()),
            _ => {}
        }
    }
    Err(ExpressionError("表达式中的字符串没有结束的引号".to_owned()))
}

fn comment(chars: &mut Chars<'_>, block: bool) {
    chars.next();
    while let Some((_, ch)) = chars.next() {
        if !block && ch == '\n' {
            return;
        }
        if block && ch == '*' && chars.next_if(|(_, ch)| *ch == '/').is_some() {
            return;
        }
    }
}

/// DMN 1.5, 10.3.1.2, rule 28.
fn starts_name(ch: char) -> bool {
    matches!(ch, '?' | '_' | 'A'..='Z' | 'a'..='z'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// DMN 1.5, 10.3.1.2, rule 29.
fn continues_name(ch: char) -> bool {
    starts_name(ch)
        || ch.is_ascii_digit()
        || matches!(ch, '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}
