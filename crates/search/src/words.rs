//! Word segmentation over one shared jieba dictionary.
//!
//! The dictionary is loaded at the first use and shared by every index of the process. Names of
//! service items are added to it. The hidden-Markov guesser stays off for indexing and for
//! querying: it would cut the same word differently in different company.

use std::collections::HashSet;
use std::sync::{OnceLock, PoisonError, RwLock};

use jieba_rs::Jieba;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::fold::{Run, fold, runs};

/// Names longer than this (characters) are found by their parts and are not added as one word.
const LONGEST_NAME: usize = 16;
/// At most so many names are added: each costs about 200 bytes of memory for good.
const MOST_NAMES: usize = 20_000;
/// Longer runs of letters or digits are cut (bytes).
const LONGEST_WORD: usize = 40;

struct Dictionary {
    jieba: Jieba,
    /// Words added by us: an older document may have been indexed without them.
    added: HashSet<Box<str>>,
}

fn shared() -> &'static RwLock<Dictionary> {
    static SHARED: OnceLock<RwLock<Dictionary>> = OnceLock::new();
    SHARED.get_or_init(|| {
        RwLock::new(Dictionary {
            jieba: Jieba::new(),
            added: HashSet::new(),
        })
    })
}

/// Adds names (in name form, Chinese only) to the dictionary; returns how many were new.
pub(crate) fn add_names<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    let mut dictionary = shared().write().unwrap_or_else(PoisonError::into_inner);
    let mut new = 0;
    for name in names {
        let length = name.chars().count();
        let fits = (2..=LONGEST_NAME).contains(&length) && name.chars().all(crate::fold::is_han);
        if !fits || dictionary.added.len() >= MOST_NAMES || dictionary.jieba.has_word(name) {
            continue;
        }
        dictionary.jieba.add_word(name, None, None);
        dictionary.added.insert(name.into());
        new += 1;
    }
    new
}

/// Cuts a Chinese run into words, no overlaps (for queries).
pub(crate) fn cut(run: &str) -> Vec<String> {
    let dictionary = shared().read().unwrap_or_else(PoisonError::into_inner);
    dictionary
        .jieba
        .cut(run, false)
        .into_iter()
        .map(|t| t.word.to_owned())
        .collect()
}

/// The shorter words that cover a long one, taken from the fixed dictionary only, so that a
/// document indexed before the long word was known is found too. Empty if there are none.
pub(crate) fn parts(word: &str) -> Vec<String> {
    let dictionary = shared().read().unwrap_or_else(PoisonError::into_inner);
    let mut out: Vec<String> = Vec::new();
    let mut reached = 0;
    let mut candidates: Vec<_> = dictionary
        .jieba
        .cut_all(word)
        .into_iter()
        .filter(|t| {
            t.end - t.start >= 2 && t.word.len() < word.len() && !dictionary.added.contains(t.word)
        })
        .collect();
    candidates.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    for token in candidates {
        if token.start >= reached {
            reached = token.end;
            out.push(token.word.to_owned());
        }
    }
    out
}

/// How a field is cut for indexing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Every dictionary word, every pair of characters, every single character.
    Title,
    /// Every dictionary word; pairs where the dictionary knows nothing.
    Body,
}

/// The tokenizer of an index field.
#[derive(Clone)]
pub(crate) struct WordTokenizer {
    pub(crate) cut: Cut,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        let text = fold(text);
        let mut ranges = Vec::with_capacity(text.len() / 4);
        {
            let dictionary = shared().read().unwrap_or_else(PoisonError::into_inner);
            let base = text.as_ptr() as usize;
            for run in runs(&text) {
                match run {
                    Run::Han(run) => {
                        let offset = run.as_ptr() as usize - base;
                        cut_run(&dictionary.jieba, run, offset, self.cut, &mut ranges);
                    }
                    Run::Word(run) => {
                        let offset = run.as_ptr() as usize - base;
                        let length = run.floor_char_boundary(LONGEST_WORD);
                        ranges.push((offset, offset + length));
                    }
                }
            }
        }
        WordStream {
            text,
            ranges,
            next: 0,
            token: Token::default(),
        }
    }
}

fn cut_run(jieba: &Jieba, run: &str, offset: usize, cut: Cut, out: &mut Vec<(usize, usize)>) {
    let tokens = jieba.cut_all(run);
    if cut == Cut::Title {
        let longer = tokens.iter().filter(|t| t.end - t.start > 2);
        out.extend(longer.map(|t| (offset + t.byte_start, offset + t.byte_end)));
        let ends: Vec<usize> = run
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .collect();
        let mut start = 0;
        for (index, end) in ends.iter().enumerate() {
            out.push((offset + start, offset + end));
            if let Some(second) = ends.get(index + 1) {
                out.push((offset + start, offset + second));
            }
            start = *end;
        }
        return;
    }
    // Characters that no dictionary word covers are paired: perhaps a word it does not know.
    let mut covered = 0;
    let mut words = tokens.iter().filter(|t| t.end - t.start >= 2).peekable();
    let mut single: Option<usize> = None;
    for (at, c) in run.char_indices() {
        while let Some(token) = words.next_if(|t| t.byte_start <= at) {
            covered = covered.max(token.byte_end);
            out.push((offset + token.byte_start, offset + token.byte_end));
        }
        if at < covered {
            single = None;
            continue;
        }
        if let Some(start) = single {
            out.push((offset + start, offset + at + c.len_utf8()));
        }
        single = Some(at);
    }
}

/// The words of one text.
pub(crate) struct WordStream {
    text: String,
    ranges: Vec<(usize, usize)>,
    next: usize,
    token: Token,
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        let Some(&(start, end)) = self.ranges.get(self.next) else {
            return false;
        };
        self.token.text.clear();
        self.token
            .text
            .push_str(self.text.get(start..end).unwrap_or_default());
        // Positions are not indexed; one position per token keeps the field length right.
        self.token.position = self.next;
        self.token.offset_from = start;
        self.token.offset_to = end;
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(cut: Cut, text: &str) -> Vec<String> {
        let mut tokenizer = WordTokenizer { cut };
        let mut stream = tokenizer.token_stream(text);
        let mut out = Vec::new();
        while stream.advance() {
            out.push(stream.token().text.clone());
        }
        out
    }

    #[test]
    fn a_title_gives_words_pairs_and_characters() {
        let all = tokens(Cut::Title, "个体工商户");
        for expected in ["个体", "工商户", "工商", "体工", "户"] {
            assert!(all.iter().any(|t| t == expected), "{expected} in {all:?}");
        }
    }

    #[test]
    fn an_unknown_word_in_a_body_gives_its_pairs() {
        for unknown in ["鬯鬰魃", "䓖䓟䓠"] {
            let pair: String = unknown.chars().take(2).collect();
            let all = tokens(Cut::Body, unknown);
            assert!(all.contains(&pair), "{pair} in {all:?}");
        }
    }

    #[test]
    fn every_cut_word_of_a_query_is_a_token_of_the_text() {
        let text = "食品经营许可证核发及个体工商户设立登记";
        let indexed = tokens(Cut::Body, text);
        for word in cut(text).into_iter().filter(|w| w.chars().count() > 1) {
            assert!(indexed.contains(&word), "{word} in {indexed:?}");
        }
    }

    #[test]
    fn parts_of_an_added_name_are_words_of_the_fixed_dictionary() {
        assert_eq!(add_names(["户外招牌设置审批事项"].into_iter()), 1);
        assert_eq!(add_names(["户外招牌设置审批事项"].into_iter()), 0);
        let parts = parts("户外招牌设置审批事项");
        assert!(parts.contains(&"招牌".to_owned()), "{parts:?}");
        assert!(!parts.contains(&"户外招牌设置审批事项".to_owned()));
    }
}
