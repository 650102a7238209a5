//! From what a person typed to queries of the engine, built by hand: no operator of a query
//! language is ever read from the text.
//!
//! Three plans, tried in this order until one finds something: *strict* (every word, a citizen's
//! word also by its official names, letters also as pinyin), *alike* (the same sounds), *near*
//! (any of the words).

use tantivy::Term;
use tantivy::query::{BooleanQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, Query};
use tantivy::schema::Field;

use crate::clauses::{all_of, any_of, characters, constant, exact, pairs, weighted};
use crate::fold::{Run, base_name, fold, is_han, name_form, runs};
use crate::schema::Fields;
use crate::synonyms::{Piece, pieces, without_measures, without_stopwords};
use crate::typeahead::spoken;
use crate::{sound, words};

/// Characters of a query that are looked at.
const LONGEST: usize = 256;
/// Letters and ideographs of a query that are searched.
const MOST_CHARS: usize = 40;
/// Words that must match.
pub(crate) const MOST_WORDS: usize = 6;
/// Clauses that only add to the score: they are asked for every document that matches.
const MOST_OPTIONAL: usize = 10;
/// Runs of letters that are read as sounds: each costs as much as several words.
const MOST_SPOKEN: usize = 5;
/// Pairs of syllables that are looked for when no words are found: a slip of the tongue is short.
const MOST_PAIRS: usize = 12;
/// Words any of which may match when nothing has all of them: the rarest tell most and cost least.
const MOST_NEAR: usize = 8;
/// Score of a document whose whole name was typed; more than any sum of words.
pub(crate) const WHOLE_NAME: f32 = 200.0;
const TITLE: f32 = 3.0;
const REST: f32 = 0.5;

type Clause = (Occur, Box<dyn Query>);

/// The plans for one query text.
pub(crate) struct Plan {
    fields: Fields,
    strict: Vec<Clause>,
    /// Words to mark in titles and snippets.
    pub(crate) marks: Vec<String>,
    /// Letters typed, to mark by sound.
    pub(crate) letters: Vec<String>,
    /// What the sounds of the ideographs are.
    pub(crate) sounds: Vec<sound::Unit>,
    /// Words that any of which may match in the last plan.
    near: Vec<String>,
    /// Words of one character: they only count if there is nothing longer.
    single: Vec<String>,
    words: usize,
    optional: usize,
}

/// Folded, bounded, and without what says nothing.
pub(crate) fn clean(text: &str) -> String {
    let start: String = text
        .chars()
        .skip_while(|c| c.is_whitespace())
        .take(LONGEST)
        .collect();
    let typed = fold(&start);
    let measured = without_measures(&typed);
    let known = |t: &str| -> usize {
        let all = pieces(t);
        let words = all.iter().filter_map(|p| match p {
            Piece::Known { word, .. } => Some(characters(word)),
            Piece::Plain(_) => None,
        });
        words.sum()
    };
    let typed = if known(&measured) > known(&typed) {
        measured
    } else {
        typed
    };
    let mut left = MOST_CHARS;
    let searched = |c: char| is_han(c) || c.is_alphanumeric();
    without_stopwords(&typed)
        .chars()
        .take_while(|c| {
            left = left.saturating_sub(usize::from(searched(*c)));
            left > 0
        })
        .collect()
}

impl Plan {
    /// Plans a text; `None` if there is nothing in it to search for.
    pub(crate) fn new(text: &str, fields: Fields) -> Option<Plan> {
        let clean = clean(text);
        let mut plan = Plan {
            fields,
            strict: Vec::new(),
            marks: Vec::new(),
            letters: Vec::new(),
            sounds: Vec::new(),
            near: Vec::new(),
            single: Vec::new(),
            words: 0,
            optional: 0,
        };
        for piece in pieces(&clean) {
            match piece {
                Piece::Plain(text) => plan.plain(&text),
                Piece::Known { word, names } => plan.known(&word, names),
            }
        }
        for run in runs(&clean) {
            if let Run::Han(run) = run {
                plan.sounds.extend(sound::read(run, MOST_CHARS));
            }
        }
        plan.singles();
        if plan.words == 0 {
            return None;
        }
        plan.whole_names(text, &clean);
        Some(plan)
    }

    fn must(&mut self, query: Box<dyn Query>) {
        if self.words < MOST_WORDS {
            self.strict.push((Occur::Must, query));
        }
        self.words += 1;
    }

    fn should(&mut self, query: Box<dyn Query>) {
        if self.optional < MOST_OPTIONAL {
            self.strict.push((Occur::Should, query));
        }
        self.optional += 1;
    }

    fn whole_names(&mut self, text: &str, clean: &str) {
        let mut names = vec![name_form(text), base_name(text), name_form(clean)];
        names.sort();
        names.dedup();
        for name in names.iter().filter(|n| !n.is_empty() && n.len() <= 600) {
            let query = constant(exact(self.fields.name, name), WHOLE_NAME);
            self.strict.push((Occur::Should, query));
        }
    }

    fn plain(&mut self, text: &str) {
        for run in runs(text) {
            match run {
                Run::Han(run) => self.han(run),
                Run::Word(run) => self.word(run),
            }
        }
    }

    fn han(&mut self, run: &str) {
        let cut = words::cut(run);
        let mut single: Option<&str> = None;
        for (index, word) in cut.iter().enumerate() {
            if let Some(next) = cut.get(index + 1)
                && let (Some(a), Some(b)) = (word.chars().last(), next.chars().next())
            {
                // A pair across two words tells that they stand together.
                let pair: String = [a, b].iter().collect();
                if !self.near.contains(&pair) {
                    self.should(weighted(self.fields.title, &pair, 1.0));
                    self.near.push(pair);
                }
            }
            if characters(word) >= 2 {
                self.han_word(word);
                single = None;
                continue;
            }
            if let Some(before) = single {
                // Two characters the dictionary does not join: perhaps a word it does not know.
                let pair = format!("{before}{word}");
                let all = weighted(self.fields.all, &pair, REST);
                let title = weighted(self.fields.title, &pair, TITLE);
                self.must(any_of(vec![all, title]));
                self.marks.push(pair);
            }
            single = Some(word);
            self.single.push(word.clone());
        }
    }

    fn han_word(&mut self, word: &str) {
        // A word said twice asks for nothing more.
        if self.marks.iter().any(|m| m == word) {
            return;
        }
        let parts = if characters(word) >= 4 {
            words::parts(word)
        } else {
            Vec::new()
        };
        self.should(weighted(self.fields.title, word, TITLE));
        if parts.is_empty() {
            self.must(weighted(self.fields.all, word, REST));
        } else {
            self.must(all_of(
                parts
                    .iter()
                    .map(|p| weighted(self.fields.all, p, REST))
                    .collect(),
            ));
            for part in &parts {
                self.should(weighted(self.fields.title, part, TITLE / 2.0));
            }
        }
        self.marks.push(word.to_owned());
        self.near.push(word.to_owned());
        self.marks.extend(parts.iter().cloned());
        self.near.extend(parts);
    }

    /// The title has all words of the name.
    fn in_title(&mut self, name: &str, weight: f32) -> Option<Box<dyn Query>> {
        let mut queries = Vec::new();
        for run in runs(name) {
            let tokens = match run {
                Run::Han(run) => {
                    let cut = words::cut(run).into_iter().flat_map(|w| {
                        let parts = if characters(&w) >= 4 {
                            words::parts(&w)
                        } else {
                            Vec::new()
                        };
                        if parts.is_empty() { vec![w] } else { parts }
                    });
                    cut.filter(|w| characters(w) >= 2).collect()
                }
                Run::Word(run) => vec![run.to_owned()],
            };
            for token in tokens {
                queries.push(weighted(self.fields.title, &token, weight));
                self.marks.push(token.clone());
                self.near.push(token);
            }
        }
        (!queries.is_empty()).then(|| all_of(queries))
    }

    fn known(&mut self, word: &str, names: &[String]) {
        let mut ways: Vec<Box<dyn Query>> = Vec::new();
        ways.extend(self.in_title(word, TITLE));
        let mut rest = Vec::new();
        for run in runs(word) {
            let tokens = match run {
                Run::Han(run) => words::cut(run),
                Run::Word(run) => vec![run.to_owned()],
            };
            let long = tokens
                .iter()
                .filter(|t| characters(t) >= 2 || !t.starts_with(is_han));
            rest.extend(long.map(|t| weighted(self.fields.all, t, REST)));
        }
        if !rest.is_empty() {
            ways.push(all_of(rest));
        }
        for (rank, name) in names.iter().enumerate() {
            let weight = TITLE * 0.95f32.powi(i32::try_from(rank).unwrap_or(0));
            ways.extend(self.in_title(name, weight));
            let whole = constant(
                exact(self.fields.name, name),
                WHOLE_NAME / 4.0 * weight / TITLE,
            );
            ways.push(whole);
        }
        self.marks.push(word.to_owned());
        self.near
            .extend(pairs(word).into_iter().filter(|p| p.starts_with(is_han)));
        self.must(Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, 0.1)));
    }

    fn word(&mut self, run: &str) {
        if self.marks.iter().any(|m| m == run) || self.letters.len() >= MOST_SPOKEN {
            return;
        }
        let literal = weighted(self.fields.all, run, TITLE);
        self.marks.push(run.to_owned());
        self.near.push(run.to_owned());
        let mut ways = vec![literal];
        if let Some(spoken) = spoken(self.fields, run) {
            ways.push(spoken);
            self.letters.push(run.to_owned());
        }
        self.must(any_of(ways));
    }

    /// Words of one character count in titles; they must match only if there is nothing else.
    fn singles(&mut self) {
        let alone = self.words == 0;
        for single in std::mem::take(&mut self.single)
            .into_iter()
            .take(MOST_WORDS)
        {
            let query = weighted(self.fields.title, &single, 1.0);
            if alone {
                self.must(query);
                self.marks.push(single.clone());
            } else {
                self.should(query);
            }
        }
    }

    /// Every word.
    pub(crate) fn strict(&self) -> Box<dyn Query> {
        Box::new(BooleanQuery::new(
            self.strict
                .iter()
                .map(|(o, q)| (*o, q.box_clone()))
                .collect(),
        ))
    }

    /// The same sounds, three in five pairs of syllables at least; `None` with less than two
    /// ideographs.
    pub(crate) fn alike(&self) -> Option<Box<dyn Query>> {
        let mut pairs: Vec<String> = Vec::new();
        for pair in sound::pairs(&self.sounds) {
            if pairs.len() < MOST_PAIRS && !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        let least = (pairs.len() * 3).div_ceil(5);
        let queries: Vec<_> = pairs.iter().map(|p| exact(self.fields.sound, p)).collect();
        (!queries.is_empty())
            .then(|| {
                Box::new(BooleanQuery::union_with_minimum_required_clauses(
                    queries, least,
                ))
            })
            .map(|q| -> Box<dyn Query> { q })
    }

    /// The words that are in the index, rarest first, as many as are looked for. `frequency` says in how many documents a
    /// term is.
    fn rarest(&self, field: Field, frequency: &impl Fn(&Term) -> u64) -> Vec<&String> {
        let mut words: Vec<(u64, &String)> = self
            .near
            .iter()
            .map(|word| (frequency(&Term::from_field_text(field, word)), word))
            .filter(|(found, _)| *found > 0)
            .collect();
        words.sort();
        words.dedup();
        words.truncate(MOST_NEAR);
        words.into_iter().map(|(_, word)| word).collect()
    }

    /// Any of the words in the title, and sounds and initials nearly right.
    pub(crate) fn near(
        &self,
        in_all: bool,
        frequency: impl Fn(&Term) -> u64,
    ) -> Option<Box<dyn Query>> {
        let field = if in_all {
            self.fields.all
        } else {
            self.fields.title
        };
        let words = self.rarest(field, &frequency);
        let mut queries: Vec<_> = words.iter().map(|w| weighted(field, w, 1.0)).collect();
        if !in_all {
            let pairs = sound::pairs(&self.sounds);
            queries.extend(
                pairs
                    .iter()
                    .take(MOST_NEAR)
                    .map(|p| exact(self.fields.sound, p)),
            );
            let letters = self.letters.iter().filter(|l| l.len() >= 4);
            for letters in letters.take(MOST_SPOKEN) {
                let start: String = letters.chars().take(sound::INITIALS).collect();
                let term = Term::from_field_text(self.fields.initials, &start);
                queries.push(Box::new(FuzzyTermQuery::new_prefix(term, 1, true)));
            }
        }
        (!queries.is_empty()).then(|| any_of(queries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_bounds_and_folds() {
        assert_eq!(clean("  怎么办理餐飲許可證？").trim(), "餐饮许可证?");
        assert!(clean(&"登记".repeat(5000)).chars().count() <= MOST_CHARS);
        assert_eq!(clean("我要开个饭店").trim(), "开饭店");
        assert_eq!(clean("个体工商户交个人所得税"), "个体工商户交个人所得税");
    }

    #[test]
    fn no_text_makes_a_costly_plan() {
        let (_, fields) = crate::schema::schema();
        let long = [
            "申请材料提交身份证窗口受理审查决定送达经营许可登记备案变更注销延续换证",
            "登 记 许 可 审 批 证 件 核 发 换 补 变 更 注 销",
            "dj xk sp zj hf bg zx yw qy gs",
            "开饭店 落户 公积金 驾照丢了 办营业执照 居住证 结婚 买房 生孩子 退休",
        ];
        for text in long {
            let plan = Plan::new(text, fields).expect("words");
            // Three forms of the whole name are looked up besides; they cost one term each.
            assert!(
                plan.strict.len() <= MOST_WORDS + MOST_OPTIONAL + 3,
                "{text}: {}",
                plan.strict.len()
            );
            assert!(plan.letters.len() <= MOST_SPOKEN, "{text}");
            let field = fields.title;
            assert!(plan.rarest(field, &|_| 1).len() <= MOST_NEAR, "{text}");
            assert!(plan.rarest(field, &|_| 0).is_empty(), "{text}");
        }
    }
}
