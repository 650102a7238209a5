//! National codes, identifiers, check digits and code lists (国家标准代码、证件号码、校验位与代码集).
//!
//! # What it is
//! One newtype per identifier. A value of such a type has passed the checks of its standard, so
//! code that receives it never checks again. `parse` is kind to people: full-width characters,
//! spaces, hyphens and lower-case letters are folded, never refused. Errors are enums whose
//! `Display` is a Chinese sentence for the citizen and whose `code()` is a stable English word.
//!
//! # Invariants
//! * Pure: no I/O, no clock (`today` is a parameter), no randomness. No input makes it panic.
//! * `parse(x.to_string()) == x` for every identifier.
//! * `Debug` of a personal number prints the masked form, so a log line never leaks it.
//! * Tables are embedded text; a test proves that they load and agree with the enums.
//!
//! # Entry points
//! [`ResidentId`], [`Uscc`], [`OrgCode`], [`PersonDocument`], [`LicenceIdentifier`],
//! [`CatalogCode`], [`TaskCode`], [`HandleItemCode`], [`MaterialCode`], [`ProjectNo`],
//! [`InvestProjectCode`], [`Mobile`], [`Divisions`], [`codelist`], [`lists`], [`mask`], [`check`].

#[macro_use]
mod macros;

pub mod check;
pub mod codelist;
mod division;
mod document;
mod licence_id;
pub mod lists;
pub mod mask;
mod mobile;
mod normalize;
mod org;
mod permit;
mod project;
mod resident;
mod task;

pub use division::{Division, DivisionCode, DivisionError, Divisions, Level};
pub use document::{DocumentError, DocumentKind, PersonDocument};
pub use licence_id::{LicenceIdError, LicenceIdentifier, LicenceIdentifierParts};
pub use mobile::{Mobile, MobileError};
pub use normalize::{MAX_INPUT_CHARS, normalize};
pub use org::{OrgCode, OrgCodeError, PublishedUscc, Uscc, UsccError};
pub use permit::{
    ForeignerResidenceId, HmtResidenceId, MainlandTravelPermit, Passport, PermitError, TaiwanPermit,
};
pub use project::{InvestProjectCode, InvestProjectError, ProjectNo, ProjectNoError};
pub use resident::{ResidentId, ResidentIdError, Sex};
pub use task::{CatalogCode, HandleItemCode, ItemCodeError, MaterialCode, TaskCode};
