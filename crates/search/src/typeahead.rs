//! Letters read aloud, the list under the search box, and what was probably meant.

use tantivy::query::{BoostQuery, DisjunctionMaxQuery, Query};

use crate::clauses::{all_of, any_of, constant, exact, pairs, prefix, weighted};
use crate::fold::{Run, fold, name_form, runs};
use crate::plan::{MOST_WORDS, WHOLE_NAME};
use crate::schema::Fields;
use crate::sound;

/// Letters as initials or as syllables; `None` if they can be neither.
pub(crate) fn spoken(fields: Fields, letters: &str) -> Option<Box<dyn Query>> {
    if letters.len() < 2 || !letters.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let chunk: String = letters.chars().take(sound::INITIALS).collect();
    let start: String = letters.chars().take(24).collect();
    let mut ways = vec![
        constant(
            exact(fields.initials, &format!("^{start}$")),
            WHOLE_NAME / 4.0,
        ),
        prefix(fields.initials, &format!("^{start}"), 12.0),
    ];
    let mut inside = vec![prefix(fields.initials, &chunk, 6.0)];
    let rest: String = letters
        .chars()
        .skip(sound::INITIALS)
        .take(sound::INITIALS)
        .collect();
    if rest.len() >= 2 {
        inside.push(prefix(fields.initials, &rest, 1.0));
    }
    ways.push(all_of(inside));
    if let Some(spelled) = sound::spell(letters) {
        let mut pairs: Vec<_> = spelled
            .whole
            .windows(2)
            .map(|p| -> Box<dyn Query> {
                Box::new(BoostQuery::new(exact(fields.sound, &p.join("'")), 3.0))
            })
            .collect();
        if let Some(last) = spelled.whole.last() {
            match &spelled.unfinished {
                Some(tail) => pairs.push(prefix(fields.sound, &format!("{last}'{tail}"), 2.0)),
                None if spelled.whole.len() == 1 => {
                    pairs.push(prefix(fields.sound, &format!("{last}'"), 2.0));
                }
                None => {}
            }
        }
        if !pairs.is_empty() {
            ways.push(all_of(pairs));
        }
    }
    Some(Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, 0.1)))
}

/// The query behind the search box's list: names that begin so, then names that have it inside.
pub(crate) fn typeahead(text: &str, fields: Fields) -> Option<Box<dyn Query>> {
    let start: String = text
        .chars()
        .skip_while(|c| c.is_whitespace())
        .take(64)
        .collect();
    let folded = fold(&start);
    let name = name_form(&folded);
    if name.is_empty() {
        return None;
    }
    let mut inside: Vec<Box<dyn Query>> = Vec::new();
    for run in runs(&folded).take(MOST_WORDS) {
        match run {
            Run::Han(run) => {
                let mut tokens = pairs(run);
                if tokens.is_empty() {
                    tokens.push(run.to_owned());
                }
                let tokens = tokens.iter().take(12);
                inside.push(all_of(
                    tokens.map(|t| weighted(fields.title, t, 1.0)).collect(),
                ));
            }
            Run::Word(run) => {
                let mut ways = vec![weighted(fields.title, run, 1.0)];
                ways.extend(spoken(fields, run));
                if run.len() == 1 {
                    ways.push(prefix(fields.initials, &format!("^{run}"), 1.0));
                }
                inside.push(any_of(ways));
            }
        }
    }
    let begins = prefix(fields.name, &name, 50.0);
    let whole = constant(exact(fields.name, &name), WHOLE_NAME);
    Some(any_of(vec![whole, begins, all_of(inside)]))
}

/// What was probably meant: the stretch of a title that sounds (nearly) like what was typed.
pub(crate) fn meant(typed: &[sound::Unit], title: &str) -> Option<String> {
    let units = sound::read(title, sound::LONGEST_TITLE);
    let length = typed.len();
    if length < 2 || units.len() < length {
        return None;
    }
    let agreeing = |window: &[sound::Unit]| {
        window
            .iter()
            .zip(typed)
            .filter(|(a, b)| a.sound == b.sound)
            .count()
    };
    let (best, window) = units
        .windows(length)
        .map(|w| (agreeing(w), w))
        .max_by(|a, b| {
            a.0.cmp(&b.0)
                .then(b.1.first().map(|u| u.at).cmp(&a.1.first().map(|u| u.at)))
        })?;
    let (from, to) = (window.first()?.at, window.last()?.at);
    let enough = best * 5 >= length * 3;
    enough.then(|| title.chars().skip(from).take(to + 1 - from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_by_sound() {
        let typed = sound::read("食品经营许克", 40);
        assert_eq!(
            meant(&typed, "小型食品经营许可（新办）").as_deref(),
            Some("食品经营许可")
        );
        assert_eq!(meant(&typed, "婚姻登记"), None);
    }
}
