//! One use case per file.

mod append;
mod change;
mod file;
mod issue;
mod mine;
mod register;
mod seals;
mod verify;

pub use change::{Change, ChangeWish, change, daily, expire_due, lift_due};
pub use file::{VerifyUrl, make_file};
pub use issue::{IssueOrder, Issued, issue};
pub use mine::{LicenceView, licence_file, my_licences, signed_file};
pub use register::{
    Expiring, Register, RegisterEntry, RegisterLine, RegisterQuery, entry, entry_by_identifier,
    expiring, register,
};
pub use seals::{SealKeys, SealSource, SoftwareSeals};
pub use verify::{Verification, verify_public};

/// A licence was issued; its subject is the licence, its data names case, work, identifier and name.
pub const ISSUED: &str = "licences.licence.issued";
/// The file of a licence is to be made; its subject is the licence. Answer with [`make_file`].
pub const FILE_WANTED: &str = "licences.file.wanted";
/// A licence changed its state; its data names operation, code and identifier.
pub const STATE_CHANGED: &str = "licences.licence.changed";
