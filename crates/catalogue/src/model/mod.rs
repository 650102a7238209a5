//! Documents and rules of the catalogue.
//!
//! Entry points: [`ServiceItem`] (one version of an 实施清单 or 业务办理项), [`check`] (rules G00–G19),
//! [`Guide::of`] (what a citizen sees), [`QualityReport`], [`lifecycle`] and the importers in [`import`].
//! Identifiers are the column names of the national exchange front-end tables, labels are those of GB/T 39046-2020.

mod bundle;
mod elements;
mod entry;
mod guide;
mod guide_view;
pub mod import;
mod item;
pub mod lifecycle;
mod lists;
mod parts;
mod quality;
mod rules;
mod shape;
mod show;
mod situation;
mod stored;

pub use bundle::{OneThing, OneThingBatch, OneThings, Stages};
pub use elements::{ELEMENTS, Element, Group, Need};
pub use entry::CatalogueEntry;
pub use guide::Guide;
pub use guide_view::*;
pub use item::{Limit, NotOpen, ServiceItem};
pub use lists::*;
pub use parts::*;
pub use quality::{MissingElement, QualityReport, RuleHits};
pub use rules::{Finding, Rule, Severity, check};
pub use show::{NOT_PUBLISHED, Shown};
pub use situation::{Answers, Condition, NOT_ASKED, SituationOption, SituationQuestion, Truth};
pub use stored::{STORED_VERSION, StoredError, from_stored, to_stored};
