//! Citizens' words and the official names they stand for, expanded when a query is planned.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::fold::{fold, is_han};

/// Longest word of either list (characters).
const LONGEST: usize = 16;

struct Lists {
    synonyms: HashMap<String, Vec<String>>,
    stopwords: HashMap<String, ()>,
}

fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| {
        let mut synonyms: HashMap<String, Vec<String>> = HashMap::new();
        let lines = |text: &'static str| text.lines().filter(|l| !l.starts_with('#'));
        for line in lines(include_str!("../data/synonyms.txt")) {
            let Some((words, names)) = line.split_once("=>") else {
                continue;
            };
            for word in words.split_whitespace() {
                let known = synonyms.entry(fold(word)).or_default();
                for name in names.split_whitespace().map(fold) {
                    if !known.contains(&name) {
                        known.push(name);
                    }
                }
            }
        }
        let stopwords = lines(include_str!("../data/stopwords.txt"))
            .flat_map(str::split_whitespace)
            .map(|w| (fold(w), ()))
            .collect();
        Lists {
            synonyms,
            stopwords,
        }
    })
}

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text to be cut into words.
    Plain(String),
    /// A citizen's word with its official names.
    Known {
        word: String,
        names: &'static [String],
    },
}

/// The longest entry of `map` that begins at `at`.
fn longest_at<'m, V>(
    map: &'m HashMap<String, V>,
    chars: &[char],
    at: usize,
) -> Option<(usize, &'m V)> {
    let most = LONGEST.min(chars.len().saturating_sub(at));
    (1..=most).rev().find_map(|length| {
        let word: String = chars.get(at..at + length)?.iter().collect();
        map.get(&word).map(|value| (length, value))
    })
}

/// Removes stop words from folded text (a blank is left in their place). If nothing would be left
/// the text comes back as it was.
pub(crate) fn without_stopwords(folded: &str) -> String {
    let lists = lists();
    let chars: Vec<char> = folded.chars().collect();
    let mut out = String::with_capacity(folded.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        // A synonym protects its characters: 申领 is a stop word, 失业金申领 is not.
        if let Some((length, _)) = longest_at(&lists.synonyms, &chars, at) {
            let stop = longest_at(&lists.stopwords, &chars, at).map_or(0, |(n, ())| n);
            if length > stop {
                out.extend(chars.iter().skip(at).take(length));
                at += length;
                continue;
            }
        }
        match longest_at(&lists.stopwords, &chars, at) {
            Some((length, ())) => {
                out.push(' ');
                at += length;
            }
            None => {
                out.push(c);
                at += 1;
            }
        }
    }
    if out.chars().any(|c| is_han(c) || c.is_alphanumeric()) {
        out
    } else {
        folded.to_owned()
    }
}

/// Drops measure words after a verb: 开个饭店 → 开饭店, 办一家公司 → 办公司.
pub(crate) fn without_measures(folded: &str) -> String {
    const VERBS: &str = "开办买建搞弄装换补考领改交缴上迁";
    const MEASURES: [&str; 12] = [
        "一个", "一家", "一间", "一张", "一下", "个", "家", "间", "张", "了", "一本", "本",
    ];
    let mut out = String::with_capacity(folded.len());
    let mut rest = folded;
    while let Some(c) = rest.chars().next() {
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        if VERBS.contains(c)
            && let Some(after) = MEASURES.iter().find_map(|m| rest.strip_prefix(m))
            && after.chars().next().is_some_and(is_han)
        {
            rest = after;
        }
    }
    out
}

/// Cuts folded text at the citizens' words it contains.
pub(crate) fn pieces(folded: &str) -> Vec<Piece> {
    let synonyms = &lists().synonyms;
    let chars: Vec<char> = folded.chars().collect();
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        match longest_at(synonyms, &chars, at) {
            Some((length, names)) => {
                if !plain.is_empty() {
                    out.push(Piece::Plain(std::mem::take(&mut plain)));
                }
                let word = chars.iter().skip(at).take(length).collect();
                out.push(Piece::Known { word, names });
                at += length;
            }
            None => {
                plain.push(c);
                at += 1;
            }
        }
    }
    if !plain.is_empty() {
        out.push(Piece::Plain(plain));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_rich_and_well_formed() {
        let text = include_str!("../data/synonyms.txt");
        let groups: Vec<_> = text
            .lines()
            .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
            .collect();
        assert!(groups.len() >= 150, "{}", groups.len());
        for group in groups {
            let (words, names) = group.split_once("=>").expect("one arrow");
            assert!(words.split_whitespace().count() > 0, "{group}");
            assert!(names.split_whitespace().count() > 0, "{group}");
            for word in words.split_whitespace().chain(names.split_whitespace()) {
                assert!(word.chars().count() <= 24, "{word}");
            }
        }
    }

    #[test]
    fn finds_the_longest_citizens_word() {
        let all = pieces("县城开饭店");
        assert!(
            matches!(&all[..], [Piece::Plain(p), Piece::Known { word, names }]
            if p == "县城" && word == "开饭店" && names[0] == "食品经营许可")
        );
    }

    #[test]
    fn stopwords_go_unless_nothing_is_left() {
        assert_eq!(without_stopwords("怎么办理居住证").trim(), "居住证");
        assert_eq!(without_stopwords("怎么办理"), "怎么办理");
    }

    #[test]
    fn measures_go_after_verbs_only() {
        assert_eq!(without_measures("我要开个饭店"), "我要开饭店");
        assert_eq!(without_measures("个体工商户"), "个体工商户");
    }
}
