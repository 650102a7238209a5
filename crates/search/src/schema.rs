//! The fields of the index and how a document becomes them.

use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{TextAnalyzer, TokenizerManager};

use crate::fold::{base_name, name_form};
use crate::sound;
use crate::types::{Facet, IndexDocument};
use crate::words::{Cut, WordTokenizer};

/// Raised whenever fields, cutting or folding change: an index of another version is rebuilt.
pub(crate) const VERSION: u32 = 2;

const LONGEST_TITLE: usize = 200;
const LONGEST_BODY: usize = 100_000;
const MOST_KEYWORDS: usize = 64;
const MOST_VALUES: usize = 32;
const LONGEST_CODE: usize = 128;

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    /// Words, pairs and characters of the title and of the keywords.
    pub(crate) title: Field,
    /// Words of everything: title, keywords, organ, body. What must match is looked for here.
    pub(crate) all: Field,
    /// Whole names in name form: title, title without brackets, keywords.
    pub(crate) name: Field,
    /// Pairs of syllables of the title and keywords.
    pub(crate) sound: Field,
    /// Initials of the title and keywords.
    pub(crate) initials: Field,
    pub(crate) title_text: Field,
    pub(crate) body_text: Field,
    facets: [Field; 6],
    pub(crate) published_on: Field,
    pub(crate) boost: Field,
    /// What orders hits of equal score, see [`order_key`]; different for every document.
    order: Field,
}

/// Name of the fast field that orders equals.
pub(crate) const ORDER: &str = "order";

/// Name of the fast field of a facet.
pub(crate) const fn facet_field(facet: Facet) -> &'static str {
    match facet {
        Facet::Kind => "kind",
        Facet::Object => "object",
        Facet::Theme => "theme",
        Facet::Organ => "organ",
        Facet::Depth => "depth",
        Facet::Division => "division",
    }
}

fn words(tokenizer: &str, option: IndexRecordOption, norms: bool) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(option)
            .set_fieldnorms(norms),
    )
}

/// Builds the schema.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let raw = || words("raw", IndexRecordOption::Basic, false);
    let id = builder.add_text_field("id", STRING | STORED);
    let title = builder.add_text_field("title", words("title", IndexRecordOption::WithFreqs, true));
    let all = builder.add_text_field("all", words("body", IndexRecordOption::WithFreqs, true));
    let name = builder.add_text_field("name", raw());
    let sound = builder.add_text_field("sound", raw());
    let initials = builder.add_text_field("initials", raw());
    let title_text = builder.add_text_field("title_text", STORED);
    let body_text = builder.add_text_field("body_text", STORED);
    let facet_options = TextOptions::default().set_fast("raw");
    let facets = Facet::ALL.map(|f| builder.add_text_field(facet_field(f), facet_options.clone()));
    let published_on = builder.add_i64_field("published_on", FAST);
    let boost = builder.add_f64_field("boost", FAST);
    let order = builder.add_text_field(ORDER, TextOptions::default().set_fast("raw"));
    let fields = Fields {
        id,
        title,
        all,
        name,
        sound,
        initials,
        title_text,
        body_text,
        facets,
        published_on,
        boost,
        order,
    };
    (builder.build(), fields)
}

/// The tokenizers the schema names.
pub(crate) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(
        "title",
        TextAnalyzer::builder(WordTokenizer { cut: Cut::Title }).build(),
    );
    manager.register(
        "body",
        TextAnalyzer::builder(WordTokenizer { cut: Cut::Body }).build(),
    );
    manager
}

fn limited(text: &str, most: usize) -> &str {
    text.char_indices()
        .nth(most)
        .map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

/// The text whose order is the order among equals: rank, length of the title, title, identifier.
fn order_key(doc: &IndexDocument, title: &str) -> String {
    format!(
        "{:03}{:03}{title}\u{1}{}",
        doc.rank,
        title.chars().count(),
        doc.id
    )
}

/// The values of a facet of a document.
fn values(doc: &IndexDocument, facet: Facet) -> Vec<&str> {
    let one = |v| vec![v];
    let all: Vec<&str> = match facet {
        Facet::Kind => one(doc.kind.as_str()),
        Facet::Object => doc.objects.iter().map(String::as_str).collect(),
        Facet::Theme => doc.themes.iter().map(String::as_str).collect(),
        Facet::Organ => one(doc.organ_code.as_str()),
        Facet::Depth => one(doc.depth.as_str()),
        Facet::Division => one(doc.division.as_str()),
    };
    let mut all: Vec<&str> = all
        .into_iter()
        .filter(|v| !v.is_empty())
        .take(MOST_VALUES)
        .map(|v| limited(v, LONGEST_CODE))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl Fields {
    /// The engine's form of a document.
    pub(crate) fn document(&self, doc: &IndexDocument) -> TantivyDocument {
        let mut out = TantivyDocument::default();
        let title = limited(&doc.title, LONGEST_TITLE);
        let body = limited(&doc.body, LONGEST_BODY);
        let keywords: Vec<&str> = doc
            .keywords
            .iter()
            .take(MOST_KEYWORDS)
            .map(|k| limited(k, LONGEST_TITLE))
            .collect();
        out.add_text(self.id, &doc.id);
        out.add_text(self.title_text, title);
        out.add_text(self.body_text, body);
        out.add_text(self.all, body);
        out.add_text(self.all, limited(&doc.organ, LONGEST_TITLE));
        for text in std::iter::once(title).chain(keywords.iter().copied()) {
            out.add_text(self.title, text);
            out.add_text(self.all, text);
            let mut names = vec![name_form(text), base_name(text)];
            names.dedup();
            for name in names.iter().filter(|n| !n.is_empty()) {
                out.add_text(self.name, name);
            }
            let units = sound::read(text, sound::LONGEST_TITLE);
            for pair in sound::pairs(&units) {
                out.add_text(self.sound, pair);
            }
            for letters in sound::initial_terms(&units) {
                out.add_text(self.initials, letters);
            }
        }
        for (facet, field) in Facet::ALL.into_iter().zip(self.facets) {
            for value in values(doc, facet) {
                out.add_text(field, value);
            }
        }
        out.add_i64(self.published_on, i64::from(doc.published_on));
        let boost = if doc.boost.is_finite() {
            doc.boost.clamp(0.1, 10.0)
        } else {
            1.0
        };
        out.add_f64(self.boost, f64::from(boost));
        out.add_text(self.order, order_key(doc, title));
        out
    }
}
