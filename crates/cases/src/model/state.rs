//! The fifteen states and events of a case (工程建设项目审批国家标准状态码, used for every case). A state carries its own
//! facts; a transition consumes it and gives the next one, or a refusal that names the act and the state.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_codes::lists::FinishResult;
use tongban_kernel::Error;

/// The events, with their national codes 1–15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseEventKind {
    /// 已接件.
    Received = 1,
    /// 已撤件, before acceptance.
    WithdrawnBefore = 2,
    /// 已受理 (行政许可法 第三十二条第一款第五项).
    Accepted = 3,
    /// 不受理: no permit is needed (第三十二条第一款第一项).
    NotRequired = 4,
    /// 不予受理: another organ is competent (第三十二条第一款第二项).
    Refused = 5,
    /// 补正开始 (第三十二条第一款第四项).
    SupplementRequested = 6,
    /// 补正结束.
    Supplemented = 7,
    /// 部门开始办理.
    HandlingStarted = 8,
    /// 特别程序开始 (第四十五条).
    SpecialStarted = 9,
    /// 特别程序结束.
    SpecialEnded = 10,
    /// 办结（通过） (第三十八条第一款).
    Granted = 11,
    /// 办结（容缺通过）.
    GrantedWithTolerance = 12,
    /// 办结（不通过） (第三十八条第二款).
    Denied = 13,
    /// 撤回, after acceptance.
    Recalled = 14,
    /// 撤销 (第六十九条).
    Annulled = 15,
}

impl CaseEventKind {
    pub const ALL: [Self; 15] = [
        Self::Received,
        Self::WithdrawnBefore,
        Self::Accepted,
        Self::NotRequired,
        Self::Refused,
        Self::SupplementRequested,
        Self::Supplemented,
        Self::HandlingStarted,
        Self::SpecialStarted,
        Self::SpecialEnded,
        Self::Granted,
        Self::GrantedWithTolerance,
        Self::Denied,
        Self::Recalled,
        Self::Annulled,
    ];

    /// The national code.
    pub const fn code(self) -> u8 {
        self as u8
    }
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
    /// The words of the standard.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Received => "已接件",
            Self::WithdrawnBefore => "已撤件",
            Self::Accepted => "已受理",
            Self::NotRequired => "不受理",
            Self::Refused => "不予受理",
            Self::SupplementRequested => "补正（开始）",
            Self::Supplemented => "补正（结束）",
            Self::HandlingStarted => "部门开始办理",
            Self::SpecialStarted => "特别程序（开始）",
            Self::SpecialEnded => "特别程序（结束）",
            Self::Granted => "办结（通过）",
            Self::GrantedWithTolerance => "办结（容缺通过）",
            Self::Denied => "办结（不通过）",
            Self::Recalled => "撤回",
            Self::Annulled => "撤销",
        }
    }
}

/// How a case ended before a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    WithdrawnBefore,
    NotRequired,
    Refused,
    Recalled,
    /// 终止办理 by order, before acceptance.
    TerminatedBefore,
    /// 终止办理 by order, after it; no decision on the application.
    Terminated,
}

/// How a case was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Granted,
    GrantedWithTolerance,
    Denied,
}

/// The facts of acceptance; the statutory clock starts here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// The day of acceptance in China; the day after it counts first.
    pub on: Date,
    /// Accepted by silence of five working days (行政许可法 第三十二条第一款第四项).
    pub deemed: bool,
}

/// Where a case is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum CaseState {
    /// Received, not yet accepted.
    Received { at: Timestamp },
    /// Waiting for supplements before acceptance; no limit runs yet.
    Supplementing { since: Timestamp },
    /// Accepted, nobody has begun.
    Accepted { acceptance: Acceptance },
    /// Organs are at work.
    Handling { acceptance: Acceptance },
    /// A special procedure runs; the clock stands still.
    Special {
        acceptance: Acceptance,
        since: Timestamp,
    },
    /// Decided.
    Concluded {
        acceptance: Acceptance,
        verdict: Verdict,
        at: Timestamp,
    },
    /// Ended without a decision.
    Ended { ending: Ending, at: Timestamp },
    /// The decision was annulled.
    Annulled { at: Timestamp },
}

/// An act that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("办件{state}，不能{act}")]
pub struct IllegalTransition {
    pub act: &'static str,
    pub state: &'static str,
}

impl From<IllegalTransition> for Error {
    fn from(refusal: IllegalTransition) -> Self {
        Error::conflict("case.state", refusal.to_string()).advice("请刷新页面查看最新状态")
    }
}

type Next = Result<CaseState, IllegalTransition>;

impl CaseState {
    /// The words of the state for people.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Received { .. } => "待预审",
            Self::Supplementing { .. } => "待补正",
            Self::Accepted { .. } => "已受理",
            Self::Handling { .. } => "审查中",
            Self::Special { .. } => "特别程序中",
            Self::Concluded {
                verdict: Verdict::Granted,
                ..
            } => "已办结（通过）",
            Self::Concluded {
                verdict: Verdict::GrantedWithTolerance,
                ..
            } => "已办结（容缺通过）",
            Self::Concluded {
                verdict: Verdict::Denied,
                ..
            } => "已办结（不通过）",
            Self::Ended {
                ending: Ending::WithdrawnBefore,
                ..
            } => "已撤件",
            Self::Ended {
                ending: Ending::NotRequired,
                ..
            } => "不受理",
            Self::Ended {
                ending: Ending::Refused,
                ..
            } => "不予受理",
            Self::Ended {
                ending: Ending::Recalled,
                ..
            } => "已撤回",
            Self::Ended {
                ending: Ending::TerminatedBefore | Ending::Terminated,
                ..
            } => "已终止办理",
            Self::Annulled { .. } => "已撤销",
        }
    }

    /// The national code of the event that led here last. The fifteen know no termination by order: it goes into the exchange as
    /// 已撤件 before acceptance and as 办结（不通过） after it, there with 作废办结 as its result ([`Self::finish_result`]).
    pub const fn code(&self) -> u8 {
        let kind = match self {
            Self::Received { .. } => CaseEventKind::Received,
            Self::Supplementing { .. } => CaseEventKind::SupplementRequested,
            Self::Accepted { .. } => CaseEventKind::Accepted,
            Self::Handling { .. } => CaseEventKind::HandlingStarted,
            Self::Special { .. } => CaseEventKind::SpecialStarted,
            Self::Concluded {
                verdict: Verdict::Granted,
                ..
            } => CaseEventKind::Granted,
            Self::Concluded {
                verdict: Verdict::GrantedWithTolerance,
                ..
            } => CaseEventKind::GrantedWithTolerance,
            Self::Concluded {
                verdict: Verdict::Denied,
                ..
            } => CaseEventKind::Denied,
            Self::Ended {
                ending: Ending::WithdrawnBefore,
                ..
            } => CaseEventKind::WithdrawnBefore,
            Self::Ended {
                ending: Ending::NotRequired,
                ..
            } => CaseEventKind::NotRequired,
            Self::Ended {
                ending: Ending::Refused,
                ..
            } => CaseEventKind::Refused,
            Self::Ended {
                ending: Ending::Recalled,
                ..
            } => CaseEventKind::Recalled,
            Self::Ended {
                ending: Ending::TerminatedBefore,
                ..
            } => CaseEventKind::WithdrawnBefore,
            Self::Ended {
                ending: Ending::Terminated,
                ..
            } => CaseEventKind::Denied,
            Self::Annulled { .. } => CaseEventKind::Annulled,
        };
        kind.code()
    }

    /// 办结结果 of electronic supervision where the national code does not tell it: 作废办结, which needs a reason and is supervised.
    pub const fn finish_result(&self) -> Option<FinishResult> {
        match self {
            Self::Ended {
                ending: Ending::TerminatedBefore | Ending::Terminated,
                ..
            } => Some(FinishResult::Voided),
            _ => None,
        }
    }

    /// Whether anything can still happen before a decision.
    pub const fn is_open(&self) -> bool {
        !matches!(
            self,
            Self::Concluded { .. } | Self::Ended { .. } | Self::Annulled { .. }
        )
    }

    /// The acceptance, once there is one.
    pub const fn acceptance(&self) -> Option<&Acceptance> {
        match self {
            Self::Accepted { acceptance }
            | Self::Handling { acceptance }
            | Self::Special { acceptance, .. }
            | Self::Concluded { acceptance, .. } => Some(acceptance),
            Self::Received { .. }
            | Self::Supplementing { .. }
            | Self::Ended { .. }
            | Self::Annulled { .. } => None,
        }
    }

    fn refuses(&self, act: &'static str) -> IllegalTransition {
        IllegalTransition {
            act,
            state: self.label(),
        }
    }

    pub fn request_supplement(self, at: Timestamp) -> Next {
        match self {
            Self::Received { .. } => Ok(Self::Supplementing { since: at }),
            other => Err(other.refuses("要求补正")),
        }
    }
    /// The five days of 第三十二条 begin anew: the application counts as received when it was completed.
    pub fn supplement(self, at: Timestamp) -> Next {
        match self {
            Self::Supplementing { .. } => Ok(Self::Received { at }),
            other => Err(other.refuses("提交补正")),
        }
    }
    pub fn accept(self, acceptance: Acceptance) -> Next {
        match self {
            Self::Received { .. } => Ok(Self::Accepted { acceptance }),
            other => Err(other.refuses("受理")),
        }
    }
    pub fn refuse(self, ending: Ending, at: Timestamp) -> Next {
        match (self, ending) {
            (Self::Received { .. }, Ending::Refused | Ending::NotRequired) => {
                Ok(Self::Ended { ending, at })
            }
            (other, _) => Err(other.refuses("不予受理")),
        }
    }
    pub fn start_handling(self) -> Next {
        match self {
            Self::Accepted { acceptance } => Ok(Self::Handling { acceptance }),
            other => Err(other.refuses("开始审查")),
        }
    }
    pub fn start_special(self, at: Timestamp) -> Next {
        match self {
            Self::Accepted { acceptance } | Self::Handling { acceptance } => Ok(Self::Special {
                acceptance,
                since: at,
            }),
            other => Err(other.refuses("启动特别程序")),
        }
    }
    pub fn end_special(self) -> Next {
        match self {
            Self::Special { acceptance, .. } => Ok(Self::Handling { acceptance }),
            other => Err(other.refuses("结束特别程序")),
        }
    }
    pub fn conclude(self, verdict: Verdict, at: Timestamp) -> Next {
        match self {
            Self::Accepted { acceptance } | Self::Handling { acceptance } => Ok(Self::Concluded {
                acceptance,
                verdict,
                at,
            }),
            other => Err(other.refuses("作出决定")),
        }
    }
    /// By the applicant: 撤件 before acceptance, 撤回 after it.
    pub fn withdraw(self, at: Timestamp) -> Next {
        match self {
            Self::Received { .. } | Self::Supplementing { .. } => Ok(Self::Ended {
                ending: Ending::WithdrawnBefore,
                at,
            }),
            Self::Accepted { .. } | Self::Handling { .. } | Self::Special { .. } => {
                Ok(Self::Ended {
                    ending: Ending::Recalled,
                    at,
                })
            }
            other => Err(other.refuses("撤回")),
        }
    }
    /// 终止办理 by order of the deciding organ, at any time before a decision.
    pub fn terminate(self, at: Timestamp) -> Next {
        let ending = match self {
            Self::Received { .. } | Self::Supplementing { .. } => Ending::TerminatedBefore,
            Self::Accepted { .. } | Self::Handling { .. } | Self::Special { .. } => {
                Ending::Terminated
            }
            other => return Err(other.refuses("终止办理")),
        };
        Ok(Self::Ended { ending, at })
    }
    pub fn annul(self, at: Timestamp) -> Next {
        match self {
            Self::Concluded {
                verdict: Verdict::Granted | Verdict::GrantedWithTolerance,
                ..
            } => Ok(Self::Annulled { at }),
            other => Err(other.refuses("撤销")),
        }
    }
}
