//! What others say about a case without a hand in its process: opinions that do not bind, copies, signers, silence.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tongban_kernel::{CaseId, CopyId, OfficerId, OpinionId, OrganId, Post};

use super::state::{CaseState, IllegalTransition};

/// Where a signer is lined up (加签).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// 并加签: beside the present ones; of a sequence the last.
    #[default]
    Beside,
    /// 前加签: the present ones wait.
    Before,
    /// 后加签: behind the present ones.
    After,
}

impl Place {
    /// The key in forms, interfaces and texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Beside => "beside",
            Self::Before => "before",
            Self::After => "after",
        }
    }
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Beside, Self::Before, Self::After]
            .into_iter()
            .find(|place| place.key() == key)
    }
}

/// What an opinion comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stance {
    /// 同意.
    Agree,
    /// 不同意.
    Object,
    /// 无意见.
    None,
}

impl Stance {
    pub const ALL: [Self; 3] = [Self::Agree, Self::Object, Self::None];
    /// The key in forms, interfaces, rows and texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Object => "object",
            Self::None => "none",
        }
    }
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stance| stance.key() == key)
    }
}

/// What happened beside the process, or to its signers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum AdviceFact {
    /// 征求意见.
    OpinionAsked {
        id: OpinionId,
        organ_name: String,
        post: Post,
        question: String,
        due: Date,
    },
    /// 答复. It binds nobody.
    OpinionGiven {
        id: OpinionId,
        organ_name: String,
        stance: Stance,
        opinion: String,
    },
    /// 抄送 to these officers.
    Copied { to: Vec<String>, note: String },
    /// 前加签、后加签 in a countersign or at a task of one hand.
    SignerAsked {
        organ_name: String,
        place: Place,
        reason: String,
    },
    /// 逾期视为同意, by the rule that the process names.
    DeemedAgreed {
        task: String,
        organ_name: String,
        due: Date,
        rule: String,
    },
}

impl AdviceFact {
    /// Stable name for rows and log leaves.
    pub fn name(&self) -> &'static str {
        match self {
            Self::OpinionAsked { .. } => "opinion-asked",
            Self::OpinionGiven { .. } => "opinion-given",
            Self::Copied { .. } => "copied",
            Self::SignerAsked { .. } => "signer-asked",
            Self::DeemedAgreed { .. } => "deemed-agreed",
        }
    }

    /// Whether the state of the case allows it; it changes none.
    pub(crate) fn fits(&self, state: &CaseState) -> Result<(), IllegalTransition> {
        let handling = matches!(state, CaseState::Handling { .. });
        let worked_on = handling
            || matches!(
                state,
                CaseState::Received { .. } | CaseState::Accepted { .. }
            );
        let (act, fits) = match self {
            Self::OpinionAsked { .. } => ("征求意见", worked_on),
            // Also while a special procedure runs: an answer holds nothing up.
            Self::OpinionGiven { .. } => ("答复征求意见", state.is_open()),
            Self::Copied { .. } => ("抄送", worked_on),
            Self::SignerAsked { .. } => ("加签", handling),
            Self::DeemedAgreed { .. } => ("视为同意", handling),
        };
        match fits {
            true => Ok(()),
            false => Err(IllegalTransition {
                act,
                state: state.label(),
            }),
        }
    }

    /// What the leaf of the log commits to.
    pub(crate) fn opinion(&self) -> Value {
        match self {
            Self::OpinionAsked {
                organ_name,
                question,
                due,
                ..
            } => json!({"organ": organ_name, "question": question, "due": due}),
            Self::OpinionGiven {
                organ_name,
                stance,
                opinion,
                ..
            } => json!({"organ": organ_name, "stance": stance, "opinion": opinion}),
            Self::Copied { to, note } => json!({"to": to, "note": note}),
            Self::SignerAsked {
                organ_name,
                place,
                reason,
            } => json!({"organ": organ_name, "place": place, "reason": reason}),
            Self::DeemedAgreed {
                organ_name,
                due,
                rule,
                ..
            } => json!({"organ": organ_name, "due": due, "rule": rule}),
        }
    }
}

/// Who sees a case without a hand in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guests {
    /// Posts that are asked for an opinion now.
    #[serde(default)]
    pub asked: Vec<(Post, OrganId)>,
    /// Officers who were sent a copy.
    #[serde(default)]
    pub copied: Vec<OfficerId>,
}

/// How a request for an opinion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpinionState {
    Open,
    Answered(Stance),
    /// The case ended first.
    Closed,
}

/// A request for an opinion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpinionRequest {
    pub id: OpinionId,
    pub case: CaseId,
    pub organ: OrganId,
    pub post: Post,
    pub asked_by: OfficerId,
    /// Event of the case that holds the question.
    pub asked_seq: u32,
    pub asked_at: Timestamp,
    pub due_on: Date,
    pub state: OpinionState,
    pub closed_at: Option<Timestamp>,
}

/// A copy for an officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseCopy {
    pub id: CopyId,
    pub case: CaseId,
    pub officer: OfficerId,
    pub sent_by: OfficerId,
    /// Event of the case that holds the note.
    pub sent_seq: u32,
    pub sent_at: Timestamp,
    /// When it was first opened.
    pub read_at: Option<Timestamp>,
}
