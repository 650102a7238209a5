//! Systems of organs (外部系统): what is told to them by signed webhooks, and what they may ask and report (分建).
//!
//! Invariants: an event is told at least once, under one `webhook-id`, in the order of its case; nothing is sent inside a
//! transaction; a body holds no personal data; keys lie sealed and are shown once; a request of a system counts only with its
//! signature, within five minutes, and once; no address of this machine or a private network is reached unless the operator says
//! so; each change of a registration has its leaf in the log.
//!
//! Entry points: [`fan_out`], [`deliver`], [`register`], [`sender`], [`router`]. The protocol is told in docs/outside-systems.md.

mod http;
pub mod model;
mod service;
mod store;

pub use http::{LOCALE, router};
pub use model::{Delivery, System};
pub use service::{
    Change, Client, NewSystem, Shown, Signed, change, deliver, deliveries, fan_out, refresh_watch,
    register, replay_delivery, rotate, sender, system, systems, test_delivery,
};

use tongban_storage::Migration;

/// The tables of this context.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "outside",
    number: 1,
    name: "outside",
    sql: include_str!("../migrations/0001_outside.sql"),
}];
