//! Form documents (ZWForm 1): what is asked, when, of whom, and what a good answer is.
//!
//! The same pure functions serve web, kiosk, counter and API. Invariants:
//! * A field points at a data element ([`ElementRegistry`]); element and subject role identify it.
//! * A document is immutable; a published version has passed [`FormDocument::analyse`].
//! * Answers keep what was typed; meaning is worked out by [`FormDocument::read`]. Nothing is lost.
//! * Verified values live in [`Evidence`] and are never accepted from a post.
//! * Hidden fields keep their answers in the draft and are never submitted.
//! * No clock: `today` and `now` come with [`Ctx`]. Nothing panics on any input.
//!
//! Entry points: [`FormDocument::parse`], [`FormDocument::parse_post`], [`FormDocument::read`] →
//! [`Reading::validate`], [`Reading::page_view`], [`Reading::check_answers`],
//! [`Reading::progress`], [`Reading::submission`], [`Reading::missing_materials`];
//! [`FormDocument::json_schema`].

mod answers;
mod canonical;
mod checks;
mod condition;
mod context;
mod document;
mod elements;
mod evidence;
mod materials;
mod numerals;
mod post;
mod progress;
mod read;
mod schema;
mod submission;
mod summary;
mod text;
mod understand;
mod validate;
mod value;
mod view;
mod words;

pub use answers::{Answers, Entry, Row, Source, Stamp, Typed};
pub use canonical::canonical_json;
pub use checks::{Check, CheckFail, ElementChecks, StandardChecks, birth_date, full_years};
pub use condition::Condition;
pub use context::{Ctx, Facts};
pub use document::{
    Analysis, CrossCheck, DayBound, Field, FieldKind, FormDocument, FormError, FormErrorKind,
    Group, Material, Near, Need, OnFail, Page, Prefill, PublishedForm, Question, Reuse, Rules,
    Section, Status, Stop,
};
pub use elements::{Choice, DataType, Element, ElementRegistry, Mask, Sensitivity, Widget};
pub use evidence::{Evidence, EvidenceItem};
pub use materials::{MissingMaterial, Received, WhyMissing};
pub use post::{Ignored, PageInput, WhyIgnored};
pub use progress::{PageProgress, PageStatus, Progress};
pub use read::{Cell, Reading, RowReading};
pub use submission::Submission;
pub use summary::{SummaryCard, SummaryRow};
pub use understand::{Issue, normalise};
pub use validate::{Outcome, Problem, Stopped};
pub use value::{Date, Decimal, Grade, Value};
pub use view::{
    ChoiceView, FieldView, GroupView, ItemView, PageView, RowView, SectionView, VerifiedView,
};
pub use words::{Arg, Args, Lang, Words, message, message_ids};
