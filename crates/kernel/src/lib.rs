//! The shared vocabulary of every floor: typed ids, time, who acts, what may be done and why, what can go wrong,
//! and the envelope of events. Pure: no I/O, no clock, no randomness.
//!
//! Budget: 4,000 lines. What only one context needs belongs into that context.

mod actor;
mod authority;
mod clock;
mod error;
mod event;
mod ids;

pub use actor::{Actor, Citizen, Officer, Post};
pub use authority::{
    Act, CaseFacts, Denied, OfficerFacts, OrganFacts, Permit, Resource, authorize, matrix,
    posts_for,
};
pub use clock::{Clock, FrozenClock, SHANGHAI, shanghai_date};
pub use error::{Error, ErrorKind, FieldProblem, Result};
pub use event::Event;
pub use ids::*;
