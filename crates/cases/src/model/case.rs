//! A case as it is kept: identity, state, clock, process, and the head of its record.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_kernel::{
    CaseFacts, CaseId, DraftId, EnterpriseId, Error, ItemVersionId, OfficerId, OrganId, PersonId,
    Post, TaskId,
};
use tongban_limits::{ClockError, StatutoryClock};

use super::advice::Guests;
use super::state::CaseState;

/// The two clocks of a case, from acceptance on. Both stand still in special procedures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseClocks {
    /// 承诺办结时限.
    pub promised: StatutoryClock,
    /// 法定办结时限.
    pub statutory: StatutoryClock,
}

impl CaseClocks {
    /// The same change to both: they stand still, go on and stop together.
    pub fn both(
        self,
        change: impl Fn(StatutoryClock) -> Result<StatutoryClock, ClockError>,
    ) -> Result<Self, Error> {
        let refused = |source: ClockError| Error::conflict("clock", source.to_string());
        Ok(Self {
            promised: change(self.promised).map_err(refused)?,
            statutory: change(self.statutory).map_err(refused)?,
        })
    }
}

/// A case (办件).
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub id: CaseId,
    /// The draft that was submitted; it stays as it was, with its files.
    pub draft: DraftId,
    /// 办件编号, 25 characters.
    pub project_no: String,
    pub item_version: ItemVersionId,
    pub task_code: String,
    pub task_name: String,
    /// The organ that decides (实施主体).
    pub organ: OrganId,
    pub organ_name: String,
    pub principal: String,
    pub person: PersonId,
    pub enterprise: Option<EnterpriseId>,
    pub applyer_masked: String,
    pub state: CaseState,
    pub clocks: Option<CaseClocks>,
    /// Content hash of the process definition on which the case stays.
    pub process_hash: String,
    pub process: tongban_process::State,
    /// The wrapped data key and, sealed under it, the key of the case's log pseudonyms.
    pub data_key: Vec<u8>,
    pub sealed_key: Vec<u8>,
    /// How many events there are: the next event's `seq`.
    pub event_n: u32,
    /// Leaf hashes of the last event.
    pub prev: [u8; 32],
    pub prev_sm3: [u8; 32],
    /// 申报来源 (apply_channel).
    pub apply_channel: u8,
    pub submitted_at: Timestamp,
    pub updated_at: Timestamp,
    pub revision: i64,
    /// Every organ with a hand in the case.
    pub organs: Vec<OrganId>,
    /// Who sees it without a hand in it.
    pub guests: Guests,
}

impl Case {
    /// What the authority rules need; `task` is the one acted on, `handled_by` those who acted before.
    pub fn facts(&self, task: Option<&Task>, handled_by: Vec<OfficerId>) -> CaseFacts {
        CaseFacts {
            applicant: Some(self.person),
            enterprise: self.enterprise,
            organs: self.organs.clone(),
            lead: Some(self.organ),
            task: task.and_then(|task| Some((task.post?, task.organ?))),
            assigned: task.and_then(|task| task.assigned),
            delegator: task.and_then(Task::delegator),
            handled_by,
            asked: self.guests.asked.clone(),
            copied: self.guests.copied.clone(),
            ..CaseFacts::default()
        }
    }

    /// The day on which the promised limit ends, once the case is accepted.
    pub fn promise_due(&self, calendar: &tongban_limits::Calendar) -> Option<Date> {
        self.clocks
            .as_ref()
            .and_then(|clocks| clocks.promised.due(calendar).ok())
            .map(|due| due.date)
    }
}

/// What has to be done by somebody (环节).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    pub case: CaseId,
    /// Number within the process instance.
    pub number: u64,
    /// Element of the process definition.
    pub element: String,
    pub name: String,
    /// The legal act, as the definition names it: `pre-review`, `accept`, `review`, `countersign`, `decide`, `supplement`.
    pub act: String,
    /// `None`: the applicant.
    pub post: Option<Post>,
    pub organ: Option<OrganId>,
    pub open: bool,
    pub opened_at: Timestamp,
    pub due_on: Option<Date>,
    pub closed_at: Option<Timestamp>,
    pub officer: Option<OfficerId>,
    pub outcome: Option<String>,
    /// The officer who alone may do it (转办); `None`: anybody who holds the post.
    pub assigned: Option<OfficerId>,
    /// Open: who asked `assigned` to do it (委托). Done: in whose place it was done (委托、代办).
    pub for_officer: Option<OfficerId>,
    /// How often it was urged (催办).
    pub urged: u32,
}

impl Task {
    /// Who delegated it; not whoever was away while it was done.
    pub fn delegator(&self) -> Option<OfficerId> {
        self.for_officer
            .filter(|_| self.for_officer != self.assigned)
    }
}
