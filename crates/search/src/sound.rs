//! Sound: the Mandarin reading of titles and of what people type.
//!
//! A title is indexed by pairs of syllables (`shi'pin`) and by the initials from every character
//! on (`spjyxk`). Letters typed by a person are cut into syllables again.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use pinyin::ToPinyin;

use crate::fold::{fold_char, is_han};

/// Only so many characters of a title are indexed by sound.
pub(crate) const LONGEST_TITLE: usize = 48;
/// Initials are indexed up to this length from each character on.
pub(crate) const INITIALS: usize = 8;

/// Words with a reading of their own: first character → (word, syllables), longest first.
type Readings = HashMap<char, Vec<(Vec<char>, Vec<&'static str>)>>;

fn readings() -> &'static Readings {
    static READINGS: OnceLock<Readings> = OnceLock::new();
    READINGS.get_or_init(|| {
        let mut map = Readings::new();
        for line in include_str!("../data/readings.txt").lines() {
            let Some((word, reading)) = line.split_once(' ').filter(|_| !line.starts_with('#'))
            else {
                continue;
            };
            let word: Vec<char> = word.chars().collect();
            let syllables: Vec<&str> = reading.split('\'').collect();
            if let (Some(first), true) = (word.first(), word.len() == syllables.len()) {
                map.entry(*first).or_default().push((word, syllables));
            }
        }
        for words in map.values_mut() {
            words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        }
        map
    })
}

/// One spoken unit of a text: a syllable of an ideograph, or a letter or digit as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Position of the character in the text (characters).
    pub(crate) at: usize,
    pub(crate) sound: String,
}

fn plain(c: char) -> Option<String> {
    c.to_pinyin().map(|p| p.plain().replace('ü', "v"))
}

/// Reads a text aloud. Punctuation and what has no reading is left out.
pub(crate) fn read(text: &str, most: usize) -> Vec<Unit> {
    let chars: Vec<char> = text.chars().take(most).map(fold_char).collect();
    let mut out = Vec::with_capacity(chars.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let rest = chars.get(at..).unwrap_or_default();
        let known = readings()
            .get(&c)
            .and_then(|words| words.iter().find(|(w, _)| rest.starts_with(w)));
        if let Some((word, syllables)) = known {
            let units = syllables.iter().enumerate();
            out.extend(units.map(|(i, s)| Unit {
                at: at + i,
                sound: (*s).to_owned(),
            }));
            at += word.len();
            continue;
        }
        if is_han(c) {
            out.extend(plain(c).map(|sound| Unit { at, sound }));
        } else if c.is_ascii_alphanumeric() {
            out.push(Unit {
                at,
                sound: c.to_string(),
            });
        }
        at += 1;
    }
    out
}

/// The index terms of syllable pairs.
pub(crate) fn pairs(units: &[Unit]) -> Vec<String> {
    units
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some(format!("{}'{}", a.sound, b.sound)),
            _ => None,
        })
        .collect()
}

/// The initials of a text, one letter per unit.
pub(crate) fn initials(units: &[Unit]) -> String {
    units
        .iter()
        .filter_map(|u| u.sound.chars().next())
        .collect()
}

/// The index terms of initials: from every character on; `^` marks the beginning and `^…$` the
/// whole name.
pub(crate) fn initial_terms(units: &[Unit]) -> Vec<String> {
    let letters: Vec<char> = initials(units).chars().collect();
    let mut out = Vec::with_capacity(letters.len() + 2);
    for start in 0..letters.len().saturating_sub(1) {
        out.push(letters.iter().skip(start).take(INITIALS).collect());
    }
    let beginning: String = letters.iter().take(24).collect();
    out.push(format!("^{beginning}"));
    if letters.len() <= 24 {
        out.push(format!("^{beginning}$"));
    }
    out
}

fn syllables() -> &'static HashSet<String> {
    static SYLLABLES: OnceLock<HashSet<String>> = OnceLock::new();
    SYLLABLES.get_or_init(|| {
        let mut all: HashSet<String> = ('\u{4e00}'..='\u{9fa5}')
            .filter_map(plain)
            .filter(|s| s.is_ascii())
            .collect();
        // Interjections that are no syllable of a word, and would break `ng`, `m`, `n` endings.
        all.retain(|s| s.contains(['a', 'e', 'i', 'o', 'u', 'v']));
        all
    })
}

/// Letters cut into syllables; the last one may be unfinished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spelled {
    pub(crate) whole: Vec<String>,
    pub(crate) unfinished: Option<String>,
}

/// Cuts letters into syllables so that as few as possible are used; `None` if they are not pinyin.
pub(crate) fn spell(letters: &str) -> Option<Spelled> {
    let letters = letters.replace('ü', "v");
    if letters.is_empty() || letters.len() > 64 || !letters.bytes().all(|b| b.is_ascii_lowercase())
    {
        return None;
    }
    let known = syllables();
    // best[i]: fewest syllables that spell the first i letters, and the length of the last one.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; letters.len() + 1];
    best[0] = Some((0, 0));
    for end in 1..=letters.len() {
        for length in 1..=6.min(end) {
            let Some((count, _)) = best[end - length] else {
                continue;
            };
            let better = best[end].is_none_or(|(n, _)| count + 1 < n);
            if better && known.contains(&letters[end - length..end]) {
                best[end] = Some((count + 1, length));
            }
        }
    }
    let walk = |mut end: usize| {
        let mut out = Vec::new();
        while let Some((_, length)) = best[end].filter(|_| end > 0) {
            out.push(letters[end - length..end].to_owned());
            end -= length;
        }
        out.reverse();
        out
    };
    if best[letters.len()].is_some() {
        return Some(Spelled {
            whole: walk(letters.len()),
            unfinished: None,
        });
    }
    let tail_from = (letters.len().saturating_sub(5)..letters.len())
        .rev()
        .filter(|&at| at > 0 && best[at].is_some())
        .find(|&at| known.iter().any(|s| s.starts_with(&letters[at..])))?;
    Some(Spelled {
        whole: walk(tail_from),
        unfinished: Some(letters[tail_from..].to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_titles() {
        assert_eq!(initials(&read("食品经营许可（新办）", 48)), "spjyxkxb");
        assert_eq!(pairs(&read("银行", 48)), ["yin'hang"]);
        assert_eq!(pairs(&read("变更", 48)), ["bian'geng"]);
    }

    #[test]
    fn initials_start_anywhere() {
        let terms = initial_terms(&read("食品经营许可", 48));
        assert_eq!(
            terms,
            [
                "spjyxk", "pjyxk", "jyxk", "yxk", "xk", "^spjyxk", "^spjyxk$"
            ]
        );
    }

    #[test]
    fn spells_letters() {
        let spelled = spell("shipinjingyingx").expect("pinyin");
        assert_eq!(spelled.whole, ["shi", "pin", "jing", "ying"]);
        assert_eq!(spelled.unfinished.as_deref(), Some("x"));
        assert_eq!(spell("spjyxk"), None);
        assert_eq!(spell("lvyou").expect("pinyin").whole, ["lv", "you"]);
        assert_eq!(spell(""), None);
    }

    #[test]
    fn every_reading_has_one_syllable_per_character() {
        for line in include_str!("../data/readings.txt")
            .lines()
            .filter(|l| !l.starts_with('#'))
        {
            let (word, reading) = line.split_once(' ').expect("word and reading");
            assert_eq!(word.chars().count(), reading.split('\'').count(), "{line}");
            assert!(
                reading.split('\'').all(|s| syllables().contains(s)),
                "{line}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(s in ".*", l in "[a-zü]{0,80}") {
            let _ = initial_terms(&read(&s, 48));
            let _ = spell(&l);
        }
    }
}
