//! Electronic licences (电子证照, GB/T 36901–36906): issue, state, the holder's copy, public verification.
//!
//! A licence is a row with a chain of versions. Every operation (核发、暂扣、恢复、撤销、吊销、注销、失效、转出) appends a version
//! with an identifier of its own (GB/T 36904), a signed document, and a leaf in the transparency log.
//!
//! Invariants: one licence per case, however often issuing is repeated; numbers are unique and gapless; state, version,
//! signature, leaf and outbox move in one transaction; a state is left only by a transition that its type allows; whether a
//! licence is valid is answered from the signed document, re-verified at that moment, never from the row alone; holder name
//! and code are sealed at rest and found by a blind index.
//!
//! The signed bytes ([`Metadata::signed_bytes`]) are the canonical JSON (RFC 8785) of the metadata, signed with SM2 over SM3
//! (default user identity) by the issuing organ. [`verify_offline`] needs nothing but those bytes, the signature and the
//! certificates; it cannot know what happened after the version it is given.
//!
//! Entry points: [`issue`], [`make_file`], [`change`], [`register`], [`daily`], [`verify_public`], [`my_licences`], [`router`].

mod http;
pub mod model;
mod service;
mod store;

pub use http::{LOCALE, openapi, router};
pub use model::{
    AnnulGround, ChangeKind, DeregisterGround, HolderKind, Licence, LicenceState, Metadata,
    OfflineCheck, OfflineError, Operation, SignedLicence, Verdict, VersionLine, verify_file,
    verify_offline,
};
pub use service::{
    Change, ChangeWish, Expiring, FILE_WANTED, ISSUED, IssueOrder, Issued, LicenceView, Register,
    RegisterEntry, RegisterLine, RegisterQuery, STATE_CHANGED, SealKeys, SealSource, SoftwareSeals,
    Verification, VerifyUrl, change, daily, entry, entry_by_identifier, expire_due, expiring,
    issue, licence_file, lift_due, make_file, my_licences, register, signed_file, verify_public,
};

use tongban_storage::Migration;

/// The tables of this context.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        owner: "licences",
        number: 1,
        name: "licences",
        sql: include_str!("../migrations/0001_licences.sql"),
    },
    Migration {
        owner: "licences",
        number: 2,
        name: "register",
        sql: include_str!("../migrations/0002_register.sql"),
    },
];
