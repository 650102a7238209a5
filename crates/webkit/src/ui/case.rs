//! What shows how a case stands: steps, ring, timeline, parallel parts, licence cards, ratings.

use super::{Lamp, component};
use crate::shell::Html;

/// Where a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    Done,
    Current,
    Waiting,
}

/// One stage: 提交, 受理, 审查 …
#[derive(Debug, Clone)]
pub struct Step {
    pub title: String,
    /// Time or state under the title; may be empty.
    pub detail: String,
    pub state: StepState,
}

/// The stages of a case, in order.
#[derive(Debug, Clone)]
pub struct Steps {
    pub steps: Vec<Step>,
}
component!(Steps, StepsView, "components/steps.html");

/// The ring of working days left against the promised limit.
#[derive(Debug, Clone)]
pub struct Ring {
    /// Promised working days.
    pub total: u32,
    /// Used so far; more than `total` is overdue.
    pub used: u32,
    /// The clock is stopped (special procedure, supplement).
    pub paused: bool,
    /// Bold line beside it, e.g. 预计 11 月 26 日前办结.
    pub headline: String,
    pub text: String,
}

impl Ring {
    pub(crate) fn left(&self) -> u32 {
        self.total.saturating_sub(self.used)
    }
    pub(crate) fn over(&self) -> u32 {
        self.used.saturating_sub(self.total)
    }
    /// Share of the time used, in per cent.
    pub(crate) fn percent(&self) -> u32 {
        if self.total == 0 {
            100
        } else {
            (u64::from(self.used.min(self.total)) * 100 / u64::from(self.total)) as u32
        }
    }
    /// Yellow from 80 % on, red when overdue; grey time counts no colour.
    pub(crate) fn class(&self) -> &'static str {
        match (self.over(), self.percent()) {
            (1.., _) => "ring r",
            (0, 80..) => "ring y",
            _ => "ring",
        }
    }
}
component!(Ring, RingView, "components/ring.html");

/// How an entry of the timeline is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimelineMark {
    Current,
    Done,
    Warning,
    Waiting,
}

impl TimelineMark {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Current => "cur",
            Self::Done => "ok",
            Self::Warning => "warn",
            Self::Waiting => "wait",
        }
    }
}

/// The record of an event in the transparency log.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Short form of the leaf hash.
    pub short: String,
    /// Where it can be verified.
    pub href: String,
}

/// One part of a parallel approval (并联审批).
#[derive(Debug, Clone)]
pub struct ParallelPart {
    pub organ: String,
    pub item: String,
    pub lamp: Lamp,
    pub status: String,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// Machine-readable moment (RFC 3339); empty for what has not happened yet.
    pub datetime: String,
    pub day: String,
    pub time: String,
    pub title: String,
    pub text: String,
    pub mark: TimelineMark,
    pub links: Vec<(String, String)>,
    pub proof: Option<Proof>,
    pub parts: Vec<ParallelPart>,
}

impl ParallelPart {
    pub(crate) fn light(&self, shell: &crate::PageShell) -> Html {
        super::lamp(shell, self.lamp, &self.status)
    }
}

/// What happened, latest first.
#[derive(Debug, Clone)]
pub struct Timeline {
    pub entries: Vec<TimelineEntry>,
}
component!(Timeline, TimelineView, "components/timeline.html");

/// Whether a licence holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LicenceState {
    Valid,
    Expired,
    Suspended,
    Revoked,
    Cancelled,
}

impl LicenceState {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Valid,
        Self::Expired,
        Self::Suspended,
        Self::Revoked,
        Self::Cancelled,
    ];

    pub(crate) const fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Valid => ("licence-valid", "tag t-green", "check"),
            Self::Expired => ("licence-expired", "tag", "history"),
            Self::Suspended => ("licence-suspended", "tag t-amber", "triangle-alert"),
            Self::Revoked => ("licence-revoked", "tag t-red", "circle-x"),
            Self::Cancelled => ("licence-cancelled", "tag", "circle-x"),
        }
    }
}

/// A licence as a card.
#[derive(Debug, Clone)]
pub struct LicenceCard {
    pub name: String,
    pub holder: String,
    pub number: String,
    /// `2030-11-20`; empty: no expiry.
    pub valid_to: String,
    pub issuer: String,
    pub state: LicenceState,
    pub links: Vec<(String, String)>,
}
component!(LicenceCard, LicenceCardView, "components/licence_card.html");

/// The five levels of a rating (好差评), as radio buttons with faces and words.
#[derive(Debug, Clone)]
pub struct RatingRow {
    /// What is rated: the legend.
    pub legend: String,
    /// Name of the field; the values are 5 … 1.
    pub name: String,
    pub chosen: Option<u8>,
}

impl RatingRow {
    pub(crate) fn is(&self, level: u8) -> bool {
        self.chosen == Some(level)
    }
    /// Value, icon and text key of the levels of 国办发〔2019〕51号.
    pub(crate) const LEVELS: [(u8, &'static str, &'static str); 5] = [
        (5, "laugh", "rate-5"),
        (4, "smile", "rate-4"),
        (3, "meh", "rate-3"),
        (2, "frown", "rate-2"),
        (1, "angry", "rate-1"),
    ];
}
component!(RatingRow, RatingRowView, "components/rating_row.html");
