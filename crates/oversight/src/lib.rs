//! Oversight (监督): ratings of concluded cases (好差评, 国办发〔2019〕51号; GB/T 39735) and the rectification of bad ones.
//!
//! Invariants: one rating per case, given by its applicant after it has ended, never made up for somebody who gave none; the
//! rating, its entry in the record of the case with the log leaf, and the rectification of a bad one (不满意、非常不满意) are
//! one transaction; a rectification is closed once, with a reply that the applicant reads, a leaf in the log and the organ's
//! permit; what people wrote is sealed at rest; an officer sees the ratings of their own organ, a supervisor all.
//!
//! Entry points: [`rate`], [`rating_desk`], [`ratings`], [`rectify`], [`router`].

mod http;
pub mod model;
mod service;
mod store;

pub use http::{LOCALE, openapi, router};
pub use model::{
    Finding, Level, Rating, RatingLine, Rectification, Rectified, RectifyWay, Summary, Tag,
};
pub use service::{
    GIVEN, RECTIFICATION_CLOSED, RECTIFICATION_OPENED, Rate, RatingDesk, RatingRules, RatingsPage,
    Rectify, rate, rating_desk, ratings, rectification, rectifications, rectify,
};

use tongban_storage::Migration;

/// The tables of this context.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        owner: "oversight",
        number: 1,
        name: "oversight",
        sql: include_str!("../migrations/0001_oversight.sql"),
    },
    Migration {
        owner: "oversight",
        number: 2,
        name: "rectified",
        sql: include_str!("../migrations/0002_rectified.sql"),
    },
];
