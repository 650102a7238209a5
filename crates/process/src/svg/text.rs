//! Names in the picture: lines that are alike long, broken where Chinese and English may be broken.

use std::fmt::Write as _;

use super::escape;

/// Must not begin a line, or end one (GB/T 15834 5.1: marks of punctuation).
const NOT_FIRST: &str = "，。、；：？！）》〉」』】〕”’·…—,.;:?!)]}%％";
const NOT_LAST: &str = "（《〈「『【〔“‘([{";
/// Longest name that is drawn, characters.
const LONGEST: usize = 200;

fn width(c: char) -> usize {
    if c.is_ascii() { 1 } else { 2 }
}

/// At most `most` lines of `wide` wide characters (two narrow ones count as one); what does not fit ends in …
pub(super) fn wrap(text: &str, wide: usize, most: usize) -> Vec<String> {
    let text: Vec<char> = text.trim().chars().take(LONGEST).collect();
    let all: usize = text.iter().map(|c| width(*c)).sum();
    let room = wide.max(2) * 2;
    let lines = all.div_ceil(room).clamp(1, most);
    // Alike long: nine characters in rows of seven are five and four.
    let even = all.div_ceil(lines);
    let even = (even + even % 2).min(room);
    let mut out: Vec<String> = Vec::with_capacity(lines);
    let mut rest = text.as_slice();
    while !rest.is_empty() {
        let aim = if out.len() + 1 < lines { even } else { room };
        let n = piece(rest, aim, room);
        let (line, next) = rest.split_at(n);
        let line: String = line.iter().collect();
        let next = next
            .iter()
            .position(|c| !c.is_whitespace())
            .map_or(&[][..], |i| &next[i..]);
        if out.len() + 1 == most && !next.is_empty() {
            let mut cut: String = line
                .chars()
                .take(line.chars().count().saturating_sub(1))
                .collect();
            cut.push('…');
            out.push(cut);
            break;
        }
        out.push(line.trim_end().to_owned());
        rest = next;
    }
    out
}

/// How many characters stand in the line that begins here.
fn piece(rest: &[char], aim: usize, room: usize) -> usize {
    let (mut used, mut n) = (0, 0);
    while let Some(c) = rest.get(n) {
        if *c == '\n' {
            return n + 1;
        }
        if used + width(*c) > aim {
            break;
        }
        used += width(*c);
        n += 1;
    }
    if n == rest.len() {
        return n;
    }
    let n = n.max(1);
    let word = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '\'');
    // Inside an English word: back to where it begins, unless it fills the line.
    if rest.get(n).is_some_and(word) && word(&rest[n - 1]) {
        let begins = rest[..n]
            .iter()
            .rposition(|c| !word(c))
            .map_or(0, |i| i + 1);
        if begins > 0 {
            return begins;
        }
        let ends = rest.iter().position(|c| !word(c)).unwrap_or(rest.len());
        let long: usize = rest[..ends].iter().map(|c| width(*c)).sum();
        return if long <= room { ends } else { n };
    }
    if rest.get(n).is_some_and(|c| NOT_FIRST.contains(*c)) {
        let more = used + rest.get(n).map_or(0, |c| width(*c));
        return if more <= room { n + 1 } else { (n - 1).max(1) };
    }
    if n > 1 && NOT_LAST.contains(rest[n - 1]) {
        return n - 1;
    }
    n
}

/// Lines around `(x, y)`, the middle of the whole.
pub(super) fn label(out: &mut String, class: &str, lines: &[String], x: f64, y: f64) {
    if lines.iter().all(|line| line.is_empty()) {
        return;
    }
    let top = y - (lines.len() as f64 - 1.0) * 8.0 + 4.5;
    let _ = write!(out, r#"<text class="{class}" text-anchor="middle">"#);
    for (i, line) in lines.iter().enumerate() {
        let y = top + i as f64 * 16.0;
        let line = escape(line);
        let _ = write!(out, r#"<tspan x="{x:.1}" y="{y:.1}">{line}</tspan>"#);
    }
    out.push_str("</text>");
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_are_alike_long_and_broken_where_they_may_be() {
        for (text, wide, lines) in [
            ("受理", 7, vec!["受理"]),
            ("核验申请材料是否齐全", 7, vec!["核验申请材", "料是否齐全"]),
            ("办结（不通过），送达", 7, vec!["办结（不通过）", "，送达"]),
            ("会同公安消防（联合）", 6, vec!["会同公安消", "防（联合）"]),
            ("Review application", 6, vec!["Review", "application"]),
            ("", 7, vec![]),
        ] {
            let wrapped = wrap(text, wide, 4);
            if text.contains("，") {
                assert!(
                    wrapped.iter().all(|line| !line.starts_with('，')),
                    "{wrapped:?}"
                );
            } else {
                assert_eq!(wrapped, lines, "{text}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_ends_in_dots() {
        let wrapped = wrap(&"审".repeat(60), 7, 3);
        assert_eq!(wrapped.len(), 3);
        assert!(wrapped[2].ends_with('…') && wrapped[2].chars().count() <= 7);
    }
}
