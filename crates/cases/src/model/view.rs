//! What pages and the API show of a case.

use jiff::Timestamp;
use tongban_kernel::{AttachmentId, CaseId, DocumentId};

use super::event::{CaseEvent, CaseFact};
use super::state::CaseState;

/// A numbered document (文书); `sha256` is absent until it is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseDocument {
    pub id: DocumentId,
    pub case: CaseId,
    pub template: String,
    pub number: String,
    pub title: String,
    pub sha256: Option<String>,
    pub created_at: Timestamp,
}

/// A file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileView {
    pub id: AttachmentId,
    pub material: String,
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub trust: String,
    pub sm3: String,
    pub sha256: String,
}

/// The six steps that an applicant sees; all else are events inside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Submitted,
    Accepted,
    Reviewed,
    Decided,
    Issued,
    Delivered,
}

impl Stage {
    pub const ALL: [Self; 6] = [
        Self::Submitted,
        Self::Accepted,
        Self::Reviewed,
        Self::Decided,
        Self::Issued,
        Self::Delivered,
    ];

    pub const fn label(self) -> &'static str {
        match self {
            Self::Submitted => "提交",
            Self::Accepted => "受理",
            Self::Reviewed => "审查",
            Self::Decided => "决定",
            Self::Issued => "制证",
            Self::Delivered => "送达",
        }
    }
}

/// One of the six steps on the progress page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageView {
    pub stage: Stage,
    pub done_at: Option<Timestamp>,
    /// The step that waits now.
    pub current: bool,
}

/// The six steps of a case with these events. A case that ended early has no current step.
pub fn six_stages(state: &CaseState, events: &[CaseEvent]) -> [StageView; 6] {
    let when = |wanted: fn(&CaseFact) -> bool| {
        events
            .iter()
            .rev()
            .find(|event| wanted(&event.fact))
            .map(|e| e.at)
    };
    let decided = when(|fact| matches!(fact, CaseFact::Granted { .. } | CaseFact::Denied { .. }));
    let denied = events
        .iter()
        .any(|event| matches!(event.fact, CaseFact::Denied { .. }));
    let done = [
        when(|fact| matches!(fact, CaseFact::Received)),
        when(|fact| matches!(fact, CaseFact::Accepted { .. })),
        decided,
        decided,
        when(|fact| matches!(fact, CaseFact::LicenceIssued { .. })),
        when(|fact| matches!(fact, CaseFact::Delivered { .. })).or(decided.filter(|_| denied)),
    ];
    let over = matches!(state, CaseState::Ended { .. });
    let current = done
        .iter()
        .position(Option::is_none)
        .filter(|_| !over && !denied);
    std::array::from_fn(|idx| StageView {
        stage: Stage::ALL[idx],
        done_at: done[idx],
        current: current == Some(idx),
    })
}
