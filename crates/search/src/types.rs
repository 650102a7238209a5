//! What callers say and get: documents, queries, hits. No type of the engine appears here.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a document is. The order is the order in which a result page shows groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 一件事.
    Bundle,
    /// 事项.
    Item,
    /// 政策.
    Policy,
    /// 问答.
    Question,
}

impl Kind {
    /// All kinds in display order.
    pub const ALL: [Kind; 4] = [Kind::Bundle, Kind::Item, Kind::Policy, Kind::Question];

    /// The stable word used in the index and in filters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Bundle => "bundle",
            Kind::Item => "item",
            Kind::Policy => "policy",
            Kind::Question => "question",
        }
    }

    /// The kind of a stable word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.as_str() == word)
    }
}

/// One document of the index. Putting a document with a known `id` replaces the old one.
///
/// Bounds (more is cut off, never refused): title 200 characters, body 100,000 characters,
/// 64 keywords, 32 values per facet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexDocument {
    /// Identifier of the caller, 1 to 128 bytes.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Name of the item, bundle, policy or question.
    pub title: String,
    /// Plain text of the guide: conditions, materials, flow, questions.
    pub body: String,
    /// Name of the organ in charge (searched).
    pub organ: String,
    /// Code of the organ (facet), 统一社会信用代码 or the caller's own; may be empty.
    pub organ_code: String,
    /// Code of the administrative division (facet), GB/T 2260 or 12 digits; may be empty.
    pub division: String,
    /// Codes of service objects (facet): natural person, legal person …
    pub objects: Vec<String>,
    /// Codes of themes (facet).
    pub themes: Vec<String>,
    /// Code of the depth of online handling 网办深度 (facet); may be empty.
    pub depth: String,
    /// Other names people use; as strong as the title when typed exactly.
    pub keywords: Vec<String>,
    /// Day of publication, days since 1970-01-01.
    pub published_on: i32,
    /// Factor on the score, 1.0 is neutral; kept within 0.1 to 10.
    pub boost: f32,
    /// Which come first among hits of equal score: smaller is earlier. Then the shorter title, then title and
    /// identifier in the order of their characters.
    pub rank: u8,
}

impl Default for IndexDocument {
    fn default() -> Self {
        IndexDocument {
            id: String::new(),
            kind: Kind::Item,
            title: String::new(),
            body: String::new(),
            organ: String::new(),
            organ_code: String::new(),
            division: String::new(),
            objects: Vec::new(),
            themes: Vec::new(),
            depth: String::new(),
            keywords: Vec::new(),
            published_on: 0,
            boost: 1.0,
            rank: 0,
        }
    }
}

/// A facet of the result page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// Kind of document; values are [`Kind::as_str`].
    Kind,
    /// Service object 对象.
    Object,
    /// Theme 主题.
    Theme,
    /// Organ 部门, by code.
    Organ,
    /// Depth of online handling 网办深度.
    Depth,
    /// Administrative division 区域.
    Division,
}

impl Facet {
    /// All facets.
    pub const ALL: [Facet; 6] = [
        Facet::Kind,
        Facet::Object,
        Facet::Theme,
        Facet::Organ,
        Facet::Depth,
        Facet::Division,
    ];
}

/// The order of hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Best first.
    #[default]
    Relevance,
    /// Latest publication first.
    Newest,
}

/// A query. Any text is fine: it is cut to the first 256 characters and never an error.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// What the person typed. Empty text finds everything (with the filters).
    pub text: String,
    /// Values wanted per facet: any of the values of one facet, all of the facets.
    pub filters: Vec<(Facet, Vec<String>)>,
    /// Order of hits.
    pub sort: Sort,
    /// Where to go on: [`Hits::next`] of the page before. A broken key starts anew.
    pub after: Option<String>,
    /// Hits wanted; 0 means 10; at most 100.
    pub limit: usize,
}

impl Query {
    /// A query for a text, best ten hits.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Query {
        Query {
            text: text.into(),
            ..Query::default()
        }
    }

    /// Adds a filter.
    #[must_use]
    pub fn filter(mut self, facet: Facet, value: impl Into<String>) -> Query {
        let value = value.into();
        match self.filters.iter_mut().find(|(f, _)| *f == facet) {
            Some((_, values)) => values.push(value),
            None => self.filters.push((facet, vec![value])),
        }
        self
    }
}

/// A stretch of text to show, marked or not. The texts joined give the original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The text, not escaped.
    pub text: String,
    /// Whether it matched.
    pub hit: bool,
}

/// One found document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// Identifier.
    pub id: String,
    /// Kind.
    pub kind: Kind,
    /// The title with the matching stretches marked.
    pub title: Vec<Segment>,
    /// A stretch of the body around the first matches, at most 120 characters.
    pub snippet: Vec<Segment>,
    /// Score; only comparable within one answer.
    pub score: f32,
}

impl Hit {
    /// The title as plain text.
    #[must_use]
    pub fn title_text(&self) -> String {
        self.title.iter().map(|s| s.text.as_str()).collect()
    }
}

/// One value of a facet and how many hits it would leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetCount {
    /// Code of the value.
    pub value: String,
    /// Hits under all filters but those of this same facet.
    pub count: u32,
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Hits {
    /// Number of documents found, all pages.
    pub total: usize,
    /// This page.
    pub hits: Vec<Hit>,
    /// Counts per facet, most first, at most 200 values each.
    pub facets: Vec<(Facet, Vec<FacetCount>)>,
    /// What the person probably meant, if the words as typed are found nowhere.
    pub did_you_mean: Option<String>,
    /// No document has all the words; these are the nearest ones.
    pub relaxed: bool,
    /// Key of the next page, if there is one (1,000 hits can be paged through).
    pub next: Option<String>,
    /// Time used.
    #[serde(skip)]
    pub took: Duration,
}

impl Hits {
    /// The counts of one facet.
    #[must_use]
    pub fn facet(&self, facet: Facet) -> &[FacetCount] {
        self.facets
            .iter()
            .find(|(f, _)| *f == facet)
            .map_or(&[], |(_, counts)| counts)
    }
}

/// One line under the search box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Identifier of the document.
    pub id: String,
    /// Kind of the document.
    pub kind: Kind,
    /// Its title, matching stretches marked.
    pub title: Vec<Segment>,
}

/// What opening found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// The index was there; go on from [`crate::Index::checkpoint`].
    Ready,
    /// A new, empty index: fill it.
    Created,
    /// The old one was damaged or of another version: a new, empty one stands in its place.
    NeedsRebuild {
        /// Where the old one was put.
        moved_to: PathBuf,
        /// What was wrong.
        reason: String,
    },
}

/// What looking at an index from outside found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// There is none yet.
    Absent,
    /// Every file has the checksum that was written with it.
    Whole {
        /// Documents in it.
        documents: u64,
    },
    /// It will be put aside and made anew when it is opened.
    Broken {
        /// What is wrong.
        reason: String,
    },
}

/// Why an operation on the index failed. A query never fails on its text.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The file system refused.
    #[error("全文索引无法读写磁盘：{0}")]
    Io(#[from] std::io::Error),
    /// Another process or handle writes this index.
    #[error("全文索引正被另一进程写入")]
    Locked,
    /// A document without a usable identifier.
    #[error("文档标识须为 1 至 128 字节")]
    BadId,
    /// The engine failed; the index can be rebuilt.
    #[error("全文索引内部错误：{0}")]
    Engine(String),
}

impl From<tantivy::TantivyError> for SearchError {
    fn from(error: tantivy::TantivyError) -> Self {
        match error {
            tantivy::TantivyError::LockFailure(..) => SearchError::Locked,
            tantivy::TantivyError::IoError(io) => {
                SearchError::Io(std::io::Error::new(io.kind(), io.to_string()))
            }
            other => SearchError::Engine(other.to_string()),
        }
    }
}
