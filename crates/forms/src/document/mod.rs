//! The form document: pages, sections, fields, materials, checks. Immutable once read.

mod analyse;
mod conditions;
mod error;
mod order;
mod reader;
mod rules;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value as Json;

pub use analyse::Analysis;
pub use error::{FormError, FormErrorKind};

use crate::condition::{Condition, FieldIx};
use crate::elements::{Choice, Element, ElementRegistry};
use crate::value::{Decimal, Grade};
use crate::words::Words;

/// Life of a form version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Being written.
    Draft,
    /// In use; may never change.
    Published,
    /// No longer offered; cases keep using it.
    Retired,
}

/// One version of a form. There are no setters: a change is a new version.
#[derive(Debug, Clone)]
pub struct FormDocument {
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) status: Status,
    pub(crate) title: Words,
    pub(crate) pages: Vec<Page>,
    pub(crate) sections: Vec<Section>,
    pub(crate) fields: Vec<Field>,
    pub(crate) materials: Vec<Material>,
    pub(crate) checks: Vec<CrossCheck>,
    pub(crate) stops: Vec<Stop>,
    /// Evaluation order of the fields outside groups.
    pub(crate) order: Vec<FieldIx>,
    pub(crate) by_id: HashMap<String, FieldIx>,
    source: Json,
}

/// A page of the form.
#[derive(Debug, Clone)]
pub struct Page {
    /// Identifier, used in addresses.
    pub id: String,
    /// Heading.
    pub title: Words,
    pub(crate) show_if: Option<Condition>,
    pub(crate) sections: Range<usize>,
}

/// A section of a page.
#[derive(Debug, Clone)]
pub struct Section {
    /// Identifier.
    pub id: String,
    /// Heading.
    pub title: Option<Words>,
    pub(crate) page: usize,
    pub(crate) show_if: Option<Condition>,
    pub(crate) fields: Vec<FieldIx>,
}

/// Whether an answer is needed. Fields are needed unless the document says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Always.
    Always,
    /// Never (选填).
    Never,
    /// When a condition holds.
    If(Condition),
}

/// A question or a repeating group.
#[derive(Debug, Clone)]
pub struct Field {
    /// Identifier, unique in the document.
    pub id: String,
    /// Whose fact it is (`applicant`, `legal_rep`, `premises` …). Element and subject together
    /// identify a field when forms are merged.
    pub subject: String,
    /// What is asked.
    pub label: Words,
    /// One line of help.
    pub hint: Option<Words>,
    /// Help of single items: `item:spjy` → words.
    pub help: Vec<(String, Words)>,
    /// Items that need the field.
    pub used_by: Vec<String>,
    /// How far an answer may be used again.
    pub reuse: Reuse,
    /// Whether an answer is needed.
    pub need: Need,
    /// Where a value may come from.
    pub prefill: Option<Prefill>,
    /// Question or group.
    pub kind: FieldKind,
    pub(crate) section: usize,
    pub(crate) parent: Option<FieldIx>,
    pub(crate) show_if: Option<Condition>,
}

/// How far an answer may be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// In all items of the same case.
    Case,
    /// Also in later cases of the same person.
    Person,
    /// Never: signatures, consents.
    Never,
}

/// What a field is.
#[derive(Debug, Clone)]
pub enum FieldKind {
    /// A question about a data element.
    Question(Question),
    /// A repeating group.
    Group(Group),
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its data element.
    pub element: Arc<Element>,
    /// The choices offered, in order.
    pub choices: Arc<[Choice]>,
    /// Unit shown after a number.
    pub unit: Option<Words>,
    /// Limits.
    pub rules: Rules,
}

/// A repeating group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Fewest rows.
    pub min: u32,
    /// Most rows.
    pub max: u32,
    /// Heading of a row; `{n}` is its number.
    pub label_of: Words,
    pub(crate) children: Vec<FieldIx>,
    /// Evaluation order: places in `children`.
    pub(crate) order: Vec<usize>,
}

/// A bound of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayBound {
    /// A fixed day.
    Day(Date),
    /// So many days after today.
    Today(i32),
}

/// Limits of one question, narrower than those of its element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Fewest characters.
    pub min_chars: Option<u32>,
    /// Most characters.
    pub max_chars: Option<u32>,
    /// Least number (yuan for money).
    pub min: Option<Decimal>,
    /// Greatest number (yuan for money).
    pub max: Option<Decimal>,
    /// Earliest day.
    pub min_day: Option<DayBound>,
    /// Latest day.
    pub max_day: Option<DayBound>,
    /// Fewest choices or files.
    pub min_items: Option<u32>,
    /// Most choices or files.
    pub max_items: Option<u32>,
    /// No two rows of a group may have the same value.
    pub unique: bool,
    /// Should be close to a verified number.
    pub near: Option<Near>,
}

/// "Close to a verified number": a remark for the reviewer, or an error for the applicant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// `resource.path` of the verified number.
    pub evidence: String,
    /// Allowed difference in per cent.
    pub percent: u32,
    /// True when the applicant must change it.
    pub refuse: bool,
}

/// What happens when the source gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFail {
    /// The applicant fills it in.
    Ask,
    /// It is added later by the authority; the applicant may go on.
    Wait,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefill {
    /// Data resource.
    pub resource: String,
    /// Path in the resource.
    pub path: String,
    /// True: shown as verified and never typed. False: a suggestion that may be changed.
    pub verified: bool,
    /// What happens without it.
    pub on_fail: OnFail,
    /// Oldest age in seconds.
    pub max_age: Option<i64>,
    pub(crate) key: String,
}

/// A document to hand in.
#[derive(Debug, Clone)]
pub struct Material {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: Words,
    /// Help.
    pub hint: Option<Words>,
    /// Whether it is needed.
    pub need: Need,
    /// Media types, `image/*` allowed; empty means any.
    pub accept: Vec<String>,
    /// Most files.
    pub max_files: u32,
    /// Largest file in bytes.
    pub max_bytes: u64,
    /// Lowest trust grade.
    pub min_grade: Grade,
    /// Licence type that replaces it (免提交).
    pub from_licence: Option<String>,
    /// May be handed in later (容缺受理).
    pub tolerable: bool,
    /// Items that need it.
    pub used_by: Vec<String>,
    pub(crate) show_if: Option<Condition>,
}

/// A check over several fields.
#[derive(Debug, Clone)]
pub struct CrossCheck {
    pub(crate) condition: Condition,
    pub(crate) at: FieldIx,
    pub(crate) words: Words,
    pub(crate) refuse: bool,
}

/// A condition that ends the application.
#[derive(Debug, Clone)]
pub struct Stop {
    pub(crate) condition: Condition,
    /// Page or reason key the person is sent to.
    pub target: String,
    /// Why, and what they can do.
    pub words: Words,
}

impl FormDocument {
    /// Reads a document with the built-in data elements.
    pub fn parse(json: &str) -> Result<Self, Vec<FormError>> {
        Self::parse_with(json, &ElementRegistry::standard())
    }

    /// Reads a document with the data elements of the place.
    pub fn parse_with(json: &str, elements: &ElementRegistry) -> Result<Self, Vec<FormError>> {
        reader::read(json, elements)
    }

    /// Looks for mistakes that do not prevent reading: dead fields, contradictory rules …
    pub fn analyse(&self) -> Analysis {
        analyse::analyse(self)
    }

    /// Publishes the version, unless the analysis finds errors. The result can never change.
    pub fn publish(mut self) -> Result<PublishedForm, Vec<FormError>> {
        let analysis = self.analyse();
        if !analysis.errors.is_empty() {
            return Err(analysis.errors);
        }
        self.status = Status::Published;
        if let Json::Object(map) = &mut self.source {
            map.insert("status".into(), Json::from("published"));
        }
        Ok(PublishedForm(Arc::new(self)))
    }

    /// Identifier of the form, the same in all versions.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Number of this version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Draft, published or retired.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Title.
    pub fn title(&self) -> &Words {
        &self.title
    }

    /// Pages in order.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// All fields in document order, those of groups included.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Materials in order.
    pub fn materials(&self) -> &[Material] {
        &self.materials
    }

    /// The field with an identifier.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.get(*self.by_id.get(id)?)
    }

    /// The document as it is stored: canonical JSON, the same bytes for the same content.
    pub fn to_canonical_json(&self) -> String {
        crate::canonical::canonical_json(&self.source)
    }

    pub(crate) fn page_index(&self, page: &str) -> Option<usize> {
        self.pages.iter().position(|p| p.id == page)
    }

    /// Fields of a page outside groups.
    pub(crate) fn page_fields(&self, page: usize) -> impl Iterator<Item = FieldIx> + '_ {
        let range = self.pages.get(page).map_or(0..0, |p| p.sections.clone());
        self.sections
            .get(range)
            .unwrap_or(&[])
            .iter()
            .flat_map(|s| s.fields.iter().copied())
    }
}

impl Field {
    /// The question, if it is one.
    pub fn question(&self) -> Option<&Question> {
        match &self.kind {
            FieldKind::Question(question) => Some(question),
            FieldKind::Group(_) => None,
        }
    }

    /// The group, if it is one.
    pub fn group(&self) -> Option<&Group> {
        match &self.kind {
            FieldKind::Group(group) => Some(group),
            FieldKind::Question(_) => None,
        }
    }
}

/// A version that has passed the analysis and is in use.
#[derive(Debug, Clone)]
pub struct PublishedForm(Arc<FormDocument>);

impl std::ops::Deref for PublishedForm {
    type Target = FormDocument;

    fn deref(&self) -> &FormDocument {
        &self.0
    }
}
