//! 代办: who does the tasks in hand of an officer who is away.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_kernel::{CoverId, OfficerFacts, OfficerId, OrganId};

/// Longest cover in days.
pub const COVER_DAYS_MAX: i32 = 366;

/// What is arranged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameCover {
    pub absent: OfficerId,
    pub cover: OfficerId,
    /// The first and the last day in China.
    pub from: Date,
    pub to: Date,
    pub reason: String,
}

/// An arrangement with the names of those in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    pub id: CoverId,
    pub organ: OrganId,
    pub absent: OfficerId,
    pub absent_name: String,
    pub cover: OfficerId,
    pub cover_name: String,
    /// The first and the last day in China.
    pub from: Date,
    pub to: Date,
    pub reason: String,
    pub named_by: String,
    pub named_at: Timestamp,
    /// Set when it was ended before its last day.
    pub ended_at: Option<Timestamp>,
}

/// Where an arrangement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoverState {
    Ahead,
    InForce,
    Over,
    Ended,
}

impl CoverState {
    /// The word in interfaces.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::InForce => "in-force",
            Self::Over => "over",
            Self::Ended => "ended",
        }
    }
}

impl Cover {
    pub fn state(&self, today: Date) -> CoverState {
        match self.ended_at {
            Some(_) => CoverState::Ended,
            None if today < self.from => CoverState::Ahead,
            None if today > self.to => CoverState::Over,
            None => CoverState::InForce,
        }
    }

    /// What the authority rules need.
    pub fn facts(&self) -> OfficerFacts {
        OfficerFacts {
            officer: self.absent,
            organ: self.organ,
        }
    }
}
