//! A registered system, and one line of the log of deliveries.

use jiff::Timestamp;
use tongban_kernel::{DeliveryId, OrganId, StepId, SystemId};

/// A system of an organ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    pub id: SystemId,
    pub code: String,
    pub organ: OrganId,
    pub name: String,
    pub url: String,
    pub events: Vec<String>,
    /// `active`, `paused`, `disabled`.
    pub state: String,
    pub failing_since: Option<Timestamp>,
    /// Why it was disabled.
    pub note: String,
    pub created_at: Timestamp,
}

/// One line of the log of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    /// Its place in the line of the system.
    pub n: u64,
    pub system: SystemId,
    /// `webhook-id`.
    pub message: String,
    pub kind: String,
    pub subject: String,
    pub step: Option<StepId>,
    pub body: String,
    pub created_at: Timestamp,
    /// `waiting`, `done`, `failed`.
    pub state: String,
    pub due_at: Timestamp,
    pub attempts: u32,
    pub last_at: Option<Timestamp>,
    pub status: Option<u16>,
    pub error: Option<String>,
    /// Set on a replay.
    pub replay: String,
}
