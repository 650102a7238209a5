//! The catalogue context: service items (目录清单, 实施清单, 业务办理项), guides, their quality rules and their lifecycle.
//!
//! [`model`] is pure: documents and rules, no SQL and no HTTP. Invariants:
//! * what a source does not publish stays `None` and is shown as 未公布, never guessed;
//! * a published version is immutable; every change makes a new version;
//! * our own items are not published while a rule of severity error hits;
//! * only items that are applied for (依申请) may open an application.

pub mod http;
pub mod model;
mod service;
mod store;

pub use service::{
    NewVersion, Offer, Shelf, count, current, items_after, items_of_organ, licence_type, offer,
    offer_by_code, offers_by_codes, organs_with_items, publish, put_licence_type,
};

use tongban_storage::Migration;

/// The tables of this context.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "catalogue",
    number: 1,
    name: "catalogue",
    sql: include_str!("../migrations/0001_catalogue.sql"),
}];
