//! Searching and suggesting over one view of the index.

use std::time::Instant;

use tantivy::query::{AllQuery, Query as EngineQuery};
use tantivy::schema::Value as _;
use tantivy::{DocAddress, TantivyDocument, Term};

use crate::facets::{Collected, FacetCollector, Ranked};
use crate::highlight;
use crate::index::{Index, View};
use crate::plan::Plan;
use crate::typeahead::{meant, typeahead};
use crate::types::{Facet, Hit, Hits, Kind, Query, SearchError, Sort, Suggestion};

/// Hits of one page if the caller does not say, and at most.
const PAGE: usize = 10;
const LARGEST_PAGE: usize = 100;
/// Hits that can be paged through.
const DEEPEST: usize = 1_000;
const MOST_SUGGESTIONS: usize = 20;

/// The page key is the number of hits before the page, bound to the order.
fn page_key(before: usize, sort: Sort) -> String {
    let order = if sort == Sort::Newest { 'n' } else { 'r' };
    format!("{order}{before}")
}

fn parse_key(key: Option<&str>, sort: Sort) -> usize {
    let before = key.and_then(|k| k.get(1..)?.parse().ok()).unwrap_or(0);
    if key == Some(page_key(before, sort).as_str()) {
        before.min(DEEPEST)
    } else {
        0
    }
}

impl View {
    fn collect(
        &self,
        text: &dyn EngineQuery,
        query: &Query,
        most: usize,
        counting: bool,
    ) -> Result<Collected, SearchError> {
        let collector = FacetCollector {
            tables: &self.tables,
            filters: &query.filters,
            sort: query.sort,
            most,
            counting,
        };
        Ok(self.searcher.search(text, &collector)?)
    }

    fn stored(&self, ranked: Ranked) -> Result<(TantivyDocument, Kind), SearchError> {
        let address = DocAddress::new(ranked.segment, ranked.doc);
        let document = self.searcher.doc(address)?;
        let table = self.tables.get(ranked.segment as usize);
        let kind = table.and_then(|t| t.kind(ranked.doc)).and_then(Kind::parse);
        Ok((document, kind.unwrap_or(Kind::Item)))
    }

    fn text(document: &TantivyDocument, field: tantivy::schema::Field) -> &str {
        document
            .get_first(field)
            .and_then(|v| v.as_str())
            .unwrap_or_default()
    }

    fn hit(
        &self,
        ranked: Ranked,
        marks: &[String],
        letters: &[String],
    ) -> Result<Hit, SearchError> {
        let (document, kind) = self.stored(ranked)?;
        let title = View::text(&document, self.fields.title_text);
        let body = View::text(&document, self.fields.body_text);
        let spoken = || highlight::mark_sound(title, letters);
        let marked = highlight::mark(title, marks);
        let any = marked.iter().any(|s| s.hit);
        Ok(Hit {
            id: View::text(&document, self.fields.id).to_owned(),
            kind,
            title: if any {
                marked
            } else {
                spoken().unwrap_or(marked)
            },
            snippet: highlight::snippet(body, marks),
            score: ranked.score,
        })
    }
}

/// What one of the plans found.
struct Found {
    collected: Collected,
    relaxed: bool,
    by_sound: bool,
}

fn find(view: &View, plan: &Plan, query: &Query, most: usize) -> Result<Found, SearchError> {
    let found = |collected, relaxed, by_sound| Found {
        collected,
        relaxed,
        by_sound,
    };
    let strict = view.collect(&plan.strict(), query, most, true)?;
    // With filters the words may be found elsewhere: then the filters are to blame, not the words.
    if strict.seen > 0 {
        return Ok(found(strict, false, false));
    }
    if let Some(alike) = plan.alike() {
        let alike = view.collect(&alike, query, most, true)?;
        if alike.seen > 0 {
            return Ok(found(alike, false, true));
        }
    }
    for in_all in [false, true] {
        // A term that cannot be counted is treated as absent; the search itself will say what is wrong.
        let frequency = |term: &Term| view.searcher.doc_freq(term).unwrap_or(0);
        if let Some(near) = plan.near(in_all, frequency) {
            let near = view.collect(&near, query, most, true)?;
            if near.seen > 0 {
                return Ok(found(near, true, false));
            }
        }
    }
    Ok(found(strict, false, false))
}

impl Index {
    /// Searches. Any text is accepted.
    ///
    /// # Errors
    /// Only if the index files cannot be read.
    pub fn search(&self, query: &Query) -> Result<Hits, SearchError> {
        let begun = Instant::now();
        let view = self.view();
        let limit = if query.limit == 0 {
            PAGE
        } else {
            query.limit.min(LARGEST_PAGE)
        };
        let before = parse_key(query.after.as_deref(), query.sort);
        let most = (before + limit).min(DEEPEST);
        let plan = Plan::new(&query.text, view.fields);
        let found = match &plan {
            Some(plan) => find(&view, plan, query, most)?,
            None if query.text.trim().is_empty() => Found {
                collected: view.collect(&AllQuery, query, most, true)?,
                relaxed: false,
                by_sound: false,
            },
            None => {
                let collected = Collected::default();
                Found {
                    collected,
                    relaxed: false,
                    by_sound: false,
                }
            }
        };
        let Collected {
            total,
            best,
            counts,
            ..
        } = found.collected;
        let (mut marks, letters) = plan
            .as_ref()
            .map(|p| (p.marks.clone(), p.letters.clone()))
            .unwrap_or_default();
        let first = best.first().copied();
        let mut did_you_mean = None;
        if let (true, Some(plan), Some(first)) = (found.by_sound, &plan, first) {
            let (document, _) = view.stored(first)?;
            did_you_mean = meant(&plan.sounds, View::text(&document, view.fields.title_text));
            marks.extend(did_you_mean.as_deref().map(crate::fold::fold));
        }
        let page = best.into_iter().skip(before).take(limit);
        let hits = page
            .map(|r| view.hit(r, &marks, &letters))
            .collect::<Result<Vec<_>, _>>()?;
        let shown = before + hits.len();
        let more = shown < total && shown < DEEPEST && !hits.is_empty();
        Ok(Hits {
            total,
            hits,
            facets: Facet::ALL.into_iter().zip(counts).collect(),
            did_you_mean,
            relaxed: found.relaxed,
            next: more.then(|| page_key(shown, query.sort)),
            took: begun.elapsed(),
        })
    }

    /// Titles for what has been typed so far: those that begin with it, by characters, pinyin or
    /// initials, before those that have it inside. `limit` at most 20; titles do not repeat.
    ///
    /// # Errors
    /// Only if the index files cannot be read.
    pub fn suggest(&self, typed: &str, limit: usize) -> Result<Vec<Suggestion>, SearchError> {
        let view = self.view();
        let limit = limit.min(MOST_SUGGESTIONS);
        let Some(plan) = typeahead(typed, view.fields) else {
            return Ok(Vec::new());
        };
        let found = view.collect(&plan, &Query::default(), 2 * MOST_SUGGESTIONS, false)?;
        let folded = crate::fold::fold(typed);
        let (mut marks, mut letters) = (Vec::new(), Vec::new());
        for run in crate::fold::runs(&folded).take(8) {
            match run {
                crate::fold::Run::Han(run) => marks.push(run.chars().take(64).collect()),
                crate::fold::Run::Word(run) => letters.push(run.chars().take(64).collect()),
            }
        }
        let mut out: Vec<(f32, usize, Suggestion)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for ranked in found.best {
            let (document, kind) = view.stored(ranked)?;
            let title = View::text(&document, view.fields.title_text);
            if !seen.insert(title.to_owned()) {
                continue;
            }
            let marked = highlight::mark(title, &marks);
            let any = marked.iter().any(|s| s.hit);
            let spoken = highlight::mark_sound(title, &letters).filter(|_| !any);
            let id = View::text(&document, view.fields.id).to_owned();
            let suggestion = Suggestion {
                id,
                kind,
                title: spoken.unwrap_or(marked),
            };
            out.push((ranked.score, title.chars().count(), suggestion));
        }
        // Equal scores are common here: the shorter title is the likelier one.
        out.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        Ok(out.into_iter().take(limit).map(|(_, _, s)| s).collect())
    }
}
