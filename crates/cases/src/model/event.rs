//! The append-only record of a case. The state can be rebuilt from it; a test does.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_kernel::{OfficerId, OrganId};

use super::advice::AdviceFact;
use super::ground::Ground;
use super::rule::RuleDecision;
use super::state::{Acceptance, CaseEventKind, CaseState, Ending, IllegalTransition, Verdict};

/// What happened. The first fifteen kinds change the state; the rest are steps within it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum CaseFact {
    Received,
    Withdrawn {
        reason: String,
    },
    Accepted {
        on: Date,
        deemed: bool,
        document_no: String,
    },
    NotRequired {
        reason: String,
    },
    Refused {
        reason: String,
        competent_organ: Option<String>,
    },
    SupplementRequested {
        notice_no: String,
        items: Vec<SupplementItem>,
        due: Date,
    },
    Supplemented,
    HandlingStarted,
    SpecialStarted {
        kind: String,
        days: u32,
        basis: String,
        reason: String,
    },
    SpecialEnded {
        result: String,
    },
    Granted {
        reason: String,
        tolerance: bool,
    },
    Denied {
        reason: String,
        remedies: String,
    },
    Annulled {
        reason: String,
    },
    /// 预审通过, before acceptance.
    PreReviewed {
        opinion: String,
    },
    /// One organ's opinion in the parallel review.
    Reviewed {
        organ_name: String,
        passed: bool,
        opinion: String,
    },
    /// 制证.
    LicenceIssued {
        identifier: String,
        name: String,
    },
    /// 送达 (行政许可法 第四十四条).
    Delivered {
        way: String,
    },
    /// 好差评.
    Rated {
        level: u8,
    },
    /// The case goes on by another version of its process (content hashes).
    ProcessMigrated {
        from: String,
        to: String,
        reason: String,
    },
    /// 转办: the task goes to another officer, or back to the post.
    Transferred {
        task: String,
        to: Option<OfficerId>,
        to_name: Option<String>,
        reason: String,
    },
    /// 退回: `withdrawn` are the other open tasks that were taken away with it.
    SentBack {
        from: String,
        to: String,
        withdrawn: Vec<String>,
        reason: String,
    },
    /// An accepted case that was sent back to acceptance is sent out to the organs again.
    Redispatched,
    /// 会签 by one of several.
    Countersigned {
        organ_name: String,
        agreed: bool,
        opinion: String,
    },
    /// 加签.
    SignerAdded {
        organ_name: String,
        reason: String,
    },
    /// 减签.
    SignerRemoved {
        organ_name: String,
        reason: String,
    },
    /// 催办 of these open tasks.
    Urged {
        tasks: Vec<String>,
        reason: String,
    },
    /// 拿回: `withdrawn` are the open tasks to which the step had led.
    TakenBack {
        task: String,
        withdrawn: Vec<String>,
        reason: String,
    },
    /// 终止办理 by order; `words` are those of another ground than the listed ones, `accepted`: it was accepted before.
    Terminated {
        ground: Ground,
        words: Option<String>,
        reason: String,
        remedies: String,
        document_no: String,
        accepted: bool,
    },
    /// Opinions that do not bind, copies, signers before and after, silence.
    Advice(AdviceFact),
    /// 委托: the task is done by another, the responsibility stays.
    Delegated {
        task: String,
        to: OfficerId,
        to_name: String,
        reason: String,
    },
    /// The delegate handed the task back, or who delegated it called it back.
    DelegationEnded {
        task: String,
        to: OfficerId,
        to_name: String,
        called_back: bool,
        reason: String,
    },
    /// 跳转 by order; the clocks of the case go on.
    Redirected {
        withdrawn: Vec<String>,
        to: String,
        reason: String,
    },
    /// A step that could not go on was mended by hand: `again`, `answer` (with these values) or `error` (with this code).
    Repaired {
        step: String,
        way: String,
        detail: String,
        reason: String,
    },
    /// 分建: the system of an organ reports on its step: `accepted`, `progress`, `failed`; `agreed` or `refused` where the step is no
    /// legal act of its own.
    StepReported {
        step: String,
        stage: String,
        text: String,
    },
    /// A business rule task was decided by published rules.
    RuleApplied(Box<RuleDecision>),
    /// A business rule task could not be decided; the case waits there.
    RuleFailed {
        task: String,
        decision: String,
        reason: String,
    },
}

/// One thing that is missing or wrong. All of them are told at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplementItem {
    /// Id of the field or material.
    pub target: String,
    /// Its name as the applicant knows it.
    pub name: String,
    /// What is wrong and what to do, in the applicant's words.
    pub requirement: String,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// `applicant`, the post's key, or `system`.
    pub role: String,
    pub officer: Option<OfficerId>,
    pub organ: Option<OrganId>,
    /// Name shown in the history: the officer's, or the masked name of the applicant.
    pub name: String,
    /// The legal basis of the permit.
    pub basis: String,
    /// In whose place; absent: in their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behalf: Option<Behalf>,
}

impl By {
    /// The platform by itself.
    pub fn system(basis: String) -> Self {
        Self {
            role: "system".to_owned(),
            officer: None,
            organ: None,
            name: "系统".to_owned(),
            basis,
            behalf: None,
        }
    }
}

/// How somebody acts in the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InPlace {
    /// 受委托.
    Delegated,
    /// 代办 while the other is away.
    Covering,
}

/// In whose place somebody acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behalf {
    pub how: InPlace,
    pub officer: OfficerId,
    pub name: String,
}

impl Behalf {
    /// As the record and the log name it.
    pub fn words(&self) -> String {
        match self.how {
            InPlace::Delegated => format!("受{}委托", self.name),
            InPlace::Covering => format!("代{}", self.name),
        }
    }
}

/// One entry of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseEvent {
    /// From 0, without gaps within the case.
    pub seq: u32,
    pub at: Timestamp,
    pub by: By,
    pub fact: CaseFact,
    /// Leaf hash in the transparency log, hex.
    pub leaf: String,
}

impl CaseFact {
    /// The national event, if it is one.
    pub fn kind(&self) -> Option<CaseEventKind> {
        Some(match self {
            Self::Received => CaseEventKind::Received,
            Self::Withdrawn { .. } => CaseEventKind::WithdrawnBefore,
            Self::Accepted { .. } => CaseEventKind::Accepted,
            Self::NotRequired { .. } => CaseEventKind::NotRequired,
            Self::Refused { .. } => CaseEventKind::Refused,
            Self::SupplementRequested { .. } => CaseEventKind::SupplementRequested,
            Self::Supplemented => CaseEventKind::Supplemented,
            Self::HandlingStarted => CaseEventKind::HandlingStarted,
            Self::SpecialStarted { .. } => CaseEventKind::SpecialStarted,
            Self::SpecialEnded { .. } => CaseEventKind::SpecialEnded,
            Self::Granted {
                tolerance: false, ..
            } => CaseEventKind::Granted,
            Self::Granted {
                tolerance: true, ..
            } => CaseEventKind::GrantedWithTolerance,
            Self::Denied { .. } => CaseEventKind::Denied,
            // As [`CaseState::code`]: none of the fifteen says it.
            Self::Terminated { accepted: true, .. } => CaseEventKind::Denied,
            Self::Terminated {
                accepted: false, ..
            } => CaseEventKind::WithdrawnBefore,
            Self::Annulled { .. } => CaseEventKind::Annulled,
            Self::PreReviewed { .. }
            | Self::Reviewed { .. }
            | Self::LicenceIssued { .. }
            | Self::Delivered { .. }
            | Self::Rated { .. }
            | Self::ProcessMigrated { .. }
            | Self::Transferred { .. }
            | Self::SentBack { .. }
            | Self::Redispatched
            | Self::Countersigned { .. }
            | Self::SignerAdded { .. }
            | Self::SignerRemoved { .. }
            | Self::Urged { .. }
            | Self::TakenBack { .. }
            | Self::Advice(_)
            | Self::Delegated { .. }
            | Self::DelegationEnded { .. }
            | Self::Redirected { .. }
            | Self::Repaired { .. }
            | Self::StepReported { .. }
            | Self::RuleApplied(_)
            | Self::RuleFailed { .. } => return None,
        })
    }

    /// Stable name for rows and log leaves.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Accepted { .. } => "accepted",
            Self::NotRequired { .. } => "not-required",
            Self::Refused { .. } => "refused",
            Self::SupplementRequested { .. } => "supplement-requested",
            Self::Supplemented => "supplemented",
            Self::HandlingStarted => "handling-started",
            Self::SpecialStarted { .. } => "special-started",
            Self::SpecialEnded { .. } => "special-ended",
            Self::Granted { .. } => "granted",
            Self::Denied { .. } => "denied",
            Self::Annulled { .. } => "annulled",
            Self::PreReviewed { .. } => "pre-reviewed",
            Self::Reviewed { .. } => "reviewed",
            Self::LicenceIssued { .. } => "licence-issued",
            Self::Delivered { .. } => "delivered",
            Self::Rated { .. } => "rated",
            Self::ProcessMigrated { .. } => "process-migrated",
            Self::Transferred { .. } => "transferred",
            Self::SentBack { .. } => "sent-back",
            Self::Redispatched => "redispatched",
            Self::Countersigned { .. } => "countersigned",
            Self::SignerAdded { .. } => "signer-added",
            Self::SignerRemoved { .. } => "signer-removed",
            Self::Urged { .. } => "urged",
            Self::TakenBack { .. } => "taken-back",
            Self::Redirected { .. } => "redirected",
            Self::Terminated { .. } => "terminated",
            Self::Advice(advice) => advice.name(),
            Self::Delegated { .. } => "delegated",
            Self::DelegationEnded { .. } => "delegation-ended",
            Self::Repaired { .. } => "repaired",
            Self::StepReported { .. } => "step-reported",
            Self::RuleApplied(_) => "rule-applied",
            Self::RuleFailed { .. } => "rule-failed",
        }
    }
}

/// The state after `fact`. `None` before the first event.
pub fn apply(
    state: Option<CaseState>,
    fact: &CaseFact,
    at: Timestamp,
) -> Result<CaseState, IllegalTransition> {
    let Some(state) = state else {
        return match fact {
            CaseFact::Received => Ok(CaseState::Received { at }),
            _ => Err(IllegalTransition {
                act: "办理",
                state: "尚未接件",
            }),
        };
    };
    match fact {
        CaseFact::Received => Err(IllegalTransition {
            act: "再次接件",
            state: state.label(),
        }),
        CaseFact::Withdrawn { .. } => state.withdraw(at),
        CaseFact::Accepted { on, deemed, .. } => state.accept(Acceptance {
            on: *on,
            deemed: *deemed,
        }),
        CaseFact::NotRequired { .. } => state.refuse(Ending::NotRequired, at),
        CaseFact::Refused { .. } => state.refuse(Ending::Refused, at),
        CaseFact::SupplementRequested { .. } => state.request_supplement(at),
        CaseFact::Supplemented => state.supplement(at),
        CaseFact::HandlingStarted => state.start_handling(),
        CaseFact::SpecialStarted { .. } => state.start_special(at),
        CaseFact::SpecialEnded { .. } => state.end_special(),
        CaseFact::Granted {
            tolerance: false, ..
        } => state.conclude(Verdict::Granted, at),
        CaseFact::Granted {
            tolerance: true, ..
        } => state.conclude(Verdict::GrantedWithTolerance, at),
        CaseFact::Denied { .. } => state.conclude(Verdict::Denied, at),
        CaseFact::Annulled { .. } => state.annul(at),
        CaseFact::Terminated { .. } => state.terminate(at),
        // Again after acceptance where the case was sent back so far; the acceptance stands.
        CaseFact::PreReviewed { .. } => match state {
            CaseState::Received { .. } | CaseState::Handling { .. } => Ok(state),
            other => Err(IllegalTransition {
                act: "预审",
                state: other.label(),
            }),
        },
        CaseFact::Reviewed { .. } => while_handling(state, "提出审查意见"),
        CaseFact::Countersigned { .. } => while_handling(state, "会签"),
        CaseFact::Redispatched => while_handling(state, "重新分送"),
        CaseFact::SignerAdded { .. } => while_handling(state, "加签"),
        CaseFact::SignerRemoved { .. } => while_handling(state, "减签"),
        CaseFact::Transferred { .. } => while_worked_on(state, "转办"),
        CaseFact::SentBack { .. } => while_worked_on(state, "退回"),
        CaseFact::Urged { .. } => while_worked_on(state, "催办"),
        CaseFact::TakenBack { .. } => while_worked_on(state, "拿回"),
        CaseFact::Redirected { .. } => while_worked_on(state, "跳转"),
        CaseFact::Advice(advice) => advice.fits(&state).map(|()| state),
        CaseFact::Delegated { .. } => while_worked_on(state, "委托"),
        CaseFact::DelegationEnded { .. } => while_worked_on(state, "退还、收回委托"),
        // Services run after the decision too (制证), and a step is mended wherever it is held.
        CaseFact::Repaired { .. } | CaseFact::StepReported { .. } => Ok(state),
        CaseFact::LicenceIssued { .. } | CaseFact::Delivered { .. } => match state {
            CaseState::Concluded {
                verdict: Verdict::Granted | Verdict::GrantedWithTolerance,
                ..
            } => Ok(state),
            other => Err(IllegalTransition {
                act: "制证送达",
                state: other.label(),
            }),
        },
        CaseFact::Rated { .. } if state.is_open() => Err(IllegalTransition {
            act: "评价",
            state: state.label(),
        }),
        CaseFact::Rated { .. } => Ok(state),
        // The process runs from receipt to delivery, and rules may stand anywhere in it.
        CaseFact::RuleApplied(_) | CaseFact::RuleFailed { .. } => Ok(state),
        CaseFact::ProcessMigrated { .. } if state.is_open() => Ok(state),
        CaseFact::ProcessMigrated { .. } => Err(IllegalTransition {
            act: "变更流程版本",
            state: state.label(),
        }),
    }
}

fn while_handling(state: CaseState, act: &'static str) -> Result<CaseState, IllegalTransition> {
    match state {
        CaseState::Handling { .. } => Ok(state),
        other => Err(IllegalTransition {
            act,
            state: other.label(),
        }),
    }
}

/// Between receipt and decision, while organs have it in hand: not in supplements, not in special procedures.
fn while_worked_on(state: CaseState, act: &'static str) -> Result<CaseState, IllegalTransition> {
    match state {
        CaseState::Received { .. } | CaseState::Accepted { .. } | CaseState::Handling { .. } => {
            Ok(state)
        }
        other => Err(IllegalTransition {
            act,
            state: other.label(),
        }),
    }
}

/// The state that the record tells.
pub fn rebuild(events: &[CaseEvent]) -> Result<Option<CaseState>, IllegalTransition> {
    events.iter().try_fold(None, |state, event| {
        apply(state, &event.fact, event.at).map(Some)
    })
}
