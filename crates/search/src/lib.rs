//! Full-text index of service items, bundles, policies and questions.
//!
//! Finds by words (jieba), by pinyin and by initials (`spjyxk` finds 食品经营许可), by citizens'
//! words for official names (开饭店), by traditional characters and full-width letters, and by
//! sound when a character was mistyped. Answers carry facet counts and marked titles.
//!
//! Invariants:
//! * A query never fails on its text, whatever it is; its work is bounded.
//! * The index can always be rebuilt from the store: it holds no truth of its own. It remembers
//!   the caller's [`Index::checkpoint`] in the same atomic commit as the documents.
//! * Nothing of the engine shows in the API.
//!
//! Entry points: [`Index`], [`IndexDocument`], [`Query`], [`Hits`]. Calls block: use a worker
//! thread for writes; a search takes a few milliseconds.

mod clauses;
mod facets;
mod fold;
mod health;
mod highlight;
mod index;
mod plan;
mod schema;
mod search;
mod sound;
mod synonyms;
mod typeahead;
mod types;
mod words;

pub use index::Index;
pub use types::{
    Facet, FacetCount, Health, Hit, Hits, IndexDocument, Kind, Opened, Query, SearchError, Segment,
    Sort, Suggestion,
};
