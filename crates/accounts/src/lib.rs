//! Persons, enterprises and their agents, organs, officers and posts, and who is logged in.
//!
//! Invariants: only the digest of a session id is stored; a log-in answers alike, and takes as long, whether the account
//! exists or not; an officer's posts are read anew with every request, so a removed post is gone at once; names and numbers
//! of persons are sealed at rest and leave this crate masked unless the caller asks for the whole file.

pub mod http;
pub mod model;
mod service;
mod store;

pub use model::{
    COVER_DAYS_MAX, Cover, CoverState, EnterpriseProfile, NameCover, OfficerProfile, OrganProfile,
    PersonProfile, SessionView,
};
pub use service::{
    CoverDesk, Login, NewEnterprise, NewOfficer, NewOrgan, NewPerson, OrganIds, act_for,
    authenticate, cover_desk, cover_of, covered_by, end_cover, enterprise, enterprises_of,
    grant_agency, hash_password, list_covers, log_in, log_out, log_out_everywhere, name_cover,
    officer, officers_holding, organ, organ_by_code, organ_id, organs, person, person_in,
    person_question, register_enterprise, register_officer, register_organ, register_person,
    sweep_sessions,
};

use tongban_storage::Migration;

/// The tables of this context.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        owner: "accounts",
        number: 1,
        name: "accounts",
        sql: include_str!("../migrations/0001_accounts.sql"),
    },
    Migration {
        owner: "accounts",
        number: 2,
        name: "cover",
        sql: include_str!("../migrations/0002_cover.sql"),
    },
];
