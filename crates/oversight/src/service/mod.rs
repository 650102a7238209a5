//! One use case per file.

mod look;
mod rate;
mod rectify;

pub use look::{RatingDesk, RatingsPage, rating_desk, ratings};
pub use rate::{Rate, RatingRules, rate};
pub use rectify::{Rectify, rectification, rectifications, rectify};

/// A case was rated; subject is the rating, data names case, level (1 = best) and organ.
pub const GIVEN: &str = "oversight.rating.given";
/// A bad rating asks for rectification; subject is the rating, data names organ and due day.
pub const RECTIFICATION_OPENED: &str = "oversight.rectification.opened";
/// A rectification was closed with a reply; subject is the rating, data names case, organ and finding.
pub const RECTIFICATION_CLOSED: &str = "oversight.rectification.closed";
