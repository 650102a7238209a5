//! Marking what matched, as segments; the caller escapes and draws them.

use crate::fold::fold_char;
use crate::sound;
use crate::types::Segment;

/// Characters of a snippet.
const SNIPPET: usize = 120;
/// Only so much of a body is looked at for a snippet (characters).
const LOOKED_AT: usize = 20_000;

/// Marks every occurrence of the (folded) terms in the text.
pub(crate) fn mark(text: &str, terms: &[String]) -> Vec<Segment> {
    let chars: Vec<char> = text.chars().collect();
    let flags = flags(&chars, terms);
    segments(&chars, &flags)
}

/// Marks the characters whose initials or syllables are these letters.
pub(crate) fn mark_sound(text: &str, letters: &[String]) -> Option<Vec<Segment>> {
    let chars: Vec<char> = text.chars().collect();
    let units = sound::read(text, sound::LONGEST_TITLE);
    let mut flags = vec![false; chars.len()];
    let mut found = false;
    for typed in letters {
        if let Some((from, to)) = spoken_range(&units, typed) {
            found = true;
            for unit in units.get(from..to).unwrap_or_default() {
                if let Some(flag) = flags.get_mut(unit.at) {
                    *flag = true;
                }
            }
        }
    }
    found.then(|| segments(&chars, &flags))
}

/// The units that letters stand for: as initials, or as (possibly unfinished) syllables.
fn spoken_range(units: &[sound::Unit], typed: &str) -> Option<(usize, usize)> {
    let length = typed.chars().count();
    let initials: Vec<char> = units
        .iter()
        .filter_map(|u| u.sound.chars().next())
        .collect();
    let wanted: Vec<char> = typed.chars().collect();
    if length >= 2
        && let Some(at) = initials.windows(length).position(|w| w == wanted)
    {
        return Some((at, at + length));
    }
    (0..units.len()).find_map(|from| {
        let mut rest = typed;
        let mut to = from;
        while !rest.is_empty() {
            let unit = units.get(to)?;
            match rest.strip_prefix(unit.sound.as_str()) {
                Some(after) => rest = after,
                None if unit.sound.starts_with(rest) && to > from => rest = "",
                None => return None,
            }
            to += 1;
        }
        Some((from, to))
    })
}

fn flags(chars: &[char], terms: &[String]) -> Vec<bool> {
    let folded: Vec<char> = chars.iter().map(|c| fold_char(*c)).collect();
    let mut flags = vec![false; chars.len()];
    for term in terms {
        let term: Vec<char> = term.chars().collect();
        let Some(first) = term.first() else { continue };
        for at in (0..folded.len()).filter(|i| folded.get(*i) == Some(first)) {
            let end = at + term.len();
            if folded.get(at..end).is_some_and(|w| w == term) {
                flags.iter_mut().take(end).skip(at).for_each(|f| *f = true);
            }
        }
    }
    flags
}

fn segments(chars: &[char], flags: &[bool]) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::new();
    for (c, hit) in chars.iter().zip(flags) {
        match out.last_mut() {
            Some(last) if last.hit == *hit => last.text.push(*c),
            _ => out.push(Segment {
                text: c.to_string(),
                hit: *hit,
            }),
        }
    }
    out
}

/// The stretch of the body with the most matches, marked.
pub(crate) fn snippet(body: &str, terms: &[String]) -> Vec<Segment> {
    let chars: Vec<char> = body
        .chars()
        .take(LOOKED_AT)
        .map(|c| {
            if c.is_control() || c.is_whitespace() {
                ' '
            } else {
                c
            }
        })
        .collect();
    let flags = flags(&chars, terms);
    let window = SNIPPET.min(chars.len());
    let mut marked = flags.iter().take(window).filter(|f| **f).count();
    let (mut best, mut best_at) = (marked, 0);
    for at in 1..=chars.len().saturating_sub(window) {
        marked -= usize::from(flags.get(at - 1) == Some(&true));
        marked += usize::from(flags.get(at + window - 1) == Some(&true));
        if marked > best {
            (best, best_at) = (marked, at);
        }
    }
    // A little of what stands before the first match reads better than a cut word.
    let first = flags
        .iter()
        .skip(best_at)
        .take(window)
        .position(|f| *f)
        .unwrap_or(0);
    let lead = first.min(window);
    let from = if lead == 0 {
        best_at.saturating_sub(12)
    } else {
        best_at
    };
    let to = (from + window).min(chars.len());
    let (from, to) = without_dangling(&chars, from, to);
    segments(
        chars.get(from..to).unwrap_or_default(),
        flags.get(from..to).unwrap_or_default(),
    )
}

/// The stretch without what stands alone at its ends: an opening bracket at the end, a closing one or a mark at the start.
fn without_dangling(chars: &[char], mut from: usize, mut to: usize) -> (usize, usize) {
    let opens = |c: &char| matches!(c, '（' | '(' | '《' | '“' | '【' | '〔' | '「' | ' ');
    let closes = |c: &char| {
        matches!(
            c,
            '）' | ')' | '》' | '”' | '】' | '〕' | '」' | '、' | '，' | '。' | '；' | ' '
        )
    };
    while to > from && chars.get(to - 1).is_some_and(opens) {
        to -= 1;
    }
    while from < to && chars.get(from).is_some_and(closes) {
        from += 1;
    }
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(segments: &[Segment]) -> String {
        segments
            .iter()
            .map(|s| {
                if s.hit {
                    format!("[{}]", s.text)
                } else {
                    s.text.clone()
                }
            })
            .collect()
    }

    #[test]
    fn marks_folded_text_in_the_original() {
        let marked = mark(
            "《食品經營許可》ＥＴＣ办理",
            &["食品".into(), "经营".into(), "etc".into()],
        );
        assert_eq!(show(&marked), "《[食品經營]許可》[ＥＴＣ]办理");
    }

    #[test]
    fn marks_by_sound() {
        let by = |l: &str| mark_sound("食品经营许可（新办）", &[l.to_owned()]).map(|s| show(&s));
        assert_eq!(by("jyxk").as_deref(), Some("食品[经营许可]（新办）"));
        assert_eq!(by("jingying").as_deref(), Some("食品[经营]许可（新办）"));
        assert_eq!(by("xukex").as_deref(), Some("食品经营[许可]（[新]办）"));
        assert_eq!(by("zzz"), None);
    }

    #[test]
    fn the_snippet_shows_the_matches() {
        let body = format!(
            "{}办理食品经营许可须提交材料。{}",
            "前".repeat(400),
            "后".repeat(400)
        );
        let snippet = snippet(&body, &["食品".into(), "许可".into()]);
        assert!(
            snippet.iter().any(|s| s.hit && s.text == "食品"),
            "{}",
            show(&snippet)
        );
        assert!(
            snippet
                .iter()
                .map(|s| s.text.chars().count())
                .sum::<usize>()
                <= SNIPPET
        );
    }

    proptest::proptest! {
        #[test]
        fn marking_loses_nothing(text in ".*", terms in proptest::collection::vec(".{0,3}", 0..4)) {
            let joined: String = mark(&text, &terms).into_iter().map(|s| s.text).collect();
            proptest::prop_assert_eq!(joined, text.clone());
            let _ = snippet(&text, &terms);
            let _ = mark_sound(&text, &terms);
        }
    }

    #[test]
    fn no_bracket_stands_alone_at_an_end() {
        let terms = ["餐饮".to_owned()];
        let body = format!("餐饮{}（热食类）", "类".repeat(SNIPPET - 3));
        let shown: String = snippet(&body, &terms)
            .iter()
            .map(|s| s.text.as_str())
            .collect();
        assert!(shown.ends_with('类') && !shown.contains('（'), "{shown}");
        let short: String = snippet("），餐饮服务（", &terms)
            .iter()
            .map(|s| s.text.as_str())
            .collect();
        assert_eq!(short, "餐饮服务");
    }
}
