//! The states of a licence with their national codes, and what moves it from one to the next.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_codes::lists::CertState;
use tongban_kernel::Error;

/// Why a permit may or must be annulled (行政许可法 第六十九条).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnnulGround {
    /// 第一款第一项: abuse of power or neglect of duty.
    AbuseOfPower,
    /// 第一款第二项: beyond the organ's powers.
    BeyondPowers,
    /// 第一款第三项: against the statutory procedure.
    AgainstProcedure,
    /// 第一款第四项: the applicant was not qualified or did not meet the conditions.
    NotQualified,
    /// 第一款第五项: other cases provided by law.
    OtherByLaw,
    /// 第二款: obtained by fraud, bribery or other improper means; must be annulled.
    Fraud,
}

impl AnnulGround {
    pub const ALL: [Self; 6] = [
        Self::AbuseOfPower,
        Self::BeyondPowers,
        Self::AgainstProcedure,
        Self::NotQualified,
        Self::OtherByLaw,
        Self::Fraud,
    ];
    /// The key in forms and interfaces.
    pub const fn key(self) -> &'static str {
        match self {
            Self::AbuseOfPower => "abuse-of-power",
            Self::BeyondPowers => "beyond-powers",
            Self::AgainstProcedure => "against-procedure",
            Self::NotQualified => "not-qualified",
            Self::OtherByLaw => "other-by-law",
            Self::Fraud => "fraud",
        }
    }
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.key() == key)
    }
    /// The clause.
    pub const fn basis(self) -> &'static str {
        match self {
            Self::AbuseOfPower => "行政许可法第六十九条第一款第一项",
            Self::BeyondPowers => "行政许可法第六十九条第一款第二项",
            Self::AgainstProcedure => "行政许可法第六十九条第一款第三项",
            Self::NotQualified => "行政许可法第六十九条第一款第四项",
            Self::OtherByLaw => "行政许可法第六十九条第一款第五项",
            Self::Fraud => "行政许可法第六十九条第二款",
        }
    }
}

/// Why a permit is struck off the register (行政许可法 第七十条).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeregisterGround {
    /// 第一项: expired and not renewed.
    NotRenewed,
    /// 第二项: the qualified person died or lost capacity.
    PersonGone,
    /// 第三项: the organisation has ended.
    OrganisationEnded,
    /// 第四项: the permit was annulled, withdrawn, or its licence revoked.
    PermitRemoved,
    /// 第五项: force majeure.
    ForceMajeure,
    /// 第六项: other cases provided by laws and regulations.
    OtherByLaw,
}

impl DeregisterGround {
    pub const ALL: [Self; 6] = [
        Self::NotRenewed,
        Self::PersonGone,
        Self::OrganisationEnded,
        Self::PermitRemoved,
        Self::ForceMajeure,
        Self::OtherByLaw,
    ];
    /// The key in forms and interfaces.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotRenewed => "not-renewed",
            Self::PersonGone => "person-gone",
            Self::OrganisationEnded => "organisation-ended",
            Self::PermitRemoved => "permit-removed",
            Self::ForceMajeure => "force-majeure",
            Self::OtherByLaw => "other-by-law",
        }
    }
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.key() == key)
    }
    /// The clause.
    pub const fn basis(self) -> &'static str {
        match self {
            Self::NotRenewed => "行政许可法第七十条第一项",
            Self::PersonGone => "行政许可法第七十条第二项",
            Self::OrganisationEnded => "行政许可法第七十条第三项",
            Self::PermitRemoved => "行政许可法第七十条第四项",
            Self::ForceMajeure => "行政许可法第七十条第五项",
            Self::OtherByLaw => "行政许可法第七十条第六项",
        }
    }
}

/// What is done to a licence; each makes a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case")]
pub enum Operation {
    /// 核发 (行政许可法 第三十九条、第四十四条).
    Issue,
    /// 暂扣: a penalty for a time (行政处罚法 第九条第三项).
    Withhold {
        /// 文书号 of the penalty decision.
        decision_no: String,
        /// Last day; `None`: until it is lifted.
        until: Option<Date>,
    },
    /// 恢复: the withholding has ended.
    Resume,
    /// 撤销 (行政许可法 第六十九条).
    Annul { ground: AnnulGround },
    /// 吊销: a penalty (行政处罚法 第九条第三项).
    Revoke { decision_no: String },
    /// 注销 (行政许可法 第七十条).
    Deregister { ground: DeregisterGround },
    /// 失效: the last day of validity has passed.
    Expire,
    /// 办理转出: another organ carries the licence on.
    MoveOut { to: String },
}

impl Operation {
    /// The key in rows, leaves and events.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Withhold { .. } => "withhold",
            Self::Resume => "resume",
            Self::Annul { .. } => "annul",
            Self::Revoke { .. } => "revoke",
            Self::Deregister { .. } => "deregister",
            Self::Expire => "expire",
            Self::MoveOut { .. } => "move-out",
        }
    }
    /// The name of the act for people.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Issue => "核发",
            Self::Withhold { .. } => "暂扣",
            Self::Resume => "恢复",
            Self::Annul { .. } => "撤销",
            Self::Revoke { .. } => "吊销",
            Self::Deregister { .. } => "注销",
            Self::Expire => "失效",
            Self::MoveOut { .. } => "转出",
        }
    }
    /// The article on which it rests.
    pub const fn basis(&self) -> &'static str {
        match self {
            Self::Issue => "行政许可法第四十四条",
            Self::Withhold { .. } | Self::Resume | Self::Revoke { .. } => "行政处罚法第九条第三项",
            Self::Annul { ground } => ground.basis(),
            Self::Deregister { ground } => ground.basis(),
            Self::Expire => "行政许可法第五十条",
            Self::MoveOut { .. } => "行政许可法第四十九条",
        }
    }
}

/// Where a licence is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum LicenceState {
    Valid,
    Withheld {
        since: Date,
        until: Option<Date>,
        decision_no: String,
    },
    Annulled {
        on: Date,
        ground: AnnulGround,
    },
    Deregistered {
        on: Date,
        ground: DeregisterGround,
    },
    Expired {
        on: Date,
    },
    MovedOut {
        on: Date,
        to: String,
    },
    Revoked {
        on: Date,
        decision_no: String,
    },
    /// 其他: only taken over from another system.
    Other {
        note: String,
    },
}

/// An operation that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("证照{state}，不能{act}")]
pub struct IllegalChange {
    pub act: &'static str,
    pub state: &'static str,
}

impl From<IllegalChange> for Error {
    fn from(refusal: IllegalChange) -> Self {
        Self::conflict("licence.state", refusal.to_string()).advice("请刷新页面查看最新状态")
    }
}

impl LicenceState {
    /// The national code.
    pub const fn code(&self) -> CertState {
        match self {
            Self::Valid => CertState::Valid,
            Self::Withheld { .. } => CertState::Withheld,
            Self::Annulled { .. } => CertState::Annulled,
            Self::Deregistered { .. } => CertState::Deregistered,
            Self::Expired { .. } => CertState::Expired,
            Self::MovedOut { .. } => CertState::MovedOut,
            Self::Revoked { .. } => CertState::Revoked,
            Self::Other { .. } => CertState::Other,
        }
    }

    /// Carries `operation` out on the day `on`, or says why it cannot be.
    pub fn apply(self, operation: &Operation, on: Date) -> Result<Self, IllegalChange> {
        use LicenceState as S;
        let refusal = IllegalChange {
            act: operation.label(),
            state: self.code().label(),
        };
        Ok(match (self, operation) {
            (S::Valid, Operation::Withhold { decision_no, until }) => S::Withheld {
                since: on,
                until: *until,
                decision_no: decision_no.clone(),
            },
            (S::Withheld { .. }, Operation::Resume) => S::Valid,
            (S::Valid | S::Withheld { .. } | S::Expired { .. }, Operation::Annul { ground }) => {
                S::Annulled {
                    on,
                    ground: *ground,
                }
            }
            (S::Valid | S::Withheld { .. }, Operation::Revoke { decision_no }) => S::Revoked {
                on,
                decision_no: decision_no.clone(),
            },
            (
                S::Valid
                | S::Withheld { .. }
                | S::Expired { .. }
                | S::Annulled { .. }
                | S::Revoked { .. },
                Operation::Deregister { ground },
            ) => S::Deregistered {
                on,
                ground: *ground,
            },
            (S::Valid | S::Withheld { .. }, Operation::Expire) => S::Expired { on },
            (S::Valid, Operation::MoveOut { to }) => S::MovedOut { on, to: to.clone() },
            _ => return Err(refusal),
        })
    }
}

/// What the public hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// 有效.
    Valid,
    /// Its first day has not come.
    NotYetValid,
    /// 暂扣.
    Suspended,
    /// 撤销、吊销、注销、转出.
    Revoked,
    /// 失效.
    Expired,
    /// The signature or the row does not fit: nothing may be said about it.
    Unverifiable,
    /// 查无此证.
    Unknown,
}

impl Verdict {
    pub const ALL: [Self; 7] = [
        Self::Valid,
        Self::NotYetValid,
        Self::Suspended,
        Self::Revoked,
        Self::Expired,
        Self::Unverifiable,
        Self::Unknown,
    ];
    /// The word of the interface and of the texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::NotYetValid => "not-yet-valid",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Unverifiable => "unverifiable",
            Self::Unknown => "unknown",
        }
    }

    /// What a genuine licence of this state is on the day `today`. A valid one whose last day has passed is expired even
    /// before the daily run has said so.
    pub fn of(state: CertState, valid_from: Date, valid_to: Option<Date>, today: Date) -> Self {
        match state {
            CertState::Valid | CertState::Withheld if valid_to.is_some_and(|last| last < today) => {
                Self::Expired
            }
            CertState::Valid if today < valid_from => Self::NotYetValid,
            CertState::Valid => Self::Valid,
            CertState::Withheld => Self::Suspended,
            CertState::Expired => Self::Expired,
            CertState::Annulled
            | CertState::Deregistered
            | CertState::MovedOut
            | CertState::Revoked
            | CertState::Other => Self::Revoked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    fn operations() -> Vec<Operation> {
        vec![
            Operation::Issue,
            Operation::Withhold {
                decision_no: "罚1".into(),
                until: None,
            },
            Operation::Resume,
            Operation::Annul {
                ground: AnnulGround::Fraud,
            },
            Operation::Revoke {
                decision_no: "罚2".into(),
            },
            Operation::Deregister {
                ground: DeregisterGround::NotRenewed,
            },
            Operation::Expire,
            Operation::MoveOut { to: "x".into() },
        ]
    }

    #[test]
    fn no_operation_is_possible_twice_and_nothing_leaves_deregistration() {
        let on = day("2026-03-02");
        for operation in operations() {
            if let Ok(next) = LicenceState::Valid.apply(&operation, on) {
                assert!(next.clone().apply(&operation, on).is_err(), "{operation:?}");
                let gone = next
                    .clone()
                    .apply(
                        &Operation::Deregister {
                            ground: DeregisterGround::PermitRemoved,
                        },
                        on,
                    )
                    .ok();
                for again in operations() {
                    assert!(
                        gone.clone()
                            .is_none_or(|gone| gone.apply(&again, on).is_err()),
                        "{again:?} after deregistration"
                    );
                }
            }
        }
        assert!(LicenceState::Valid.apply(&Operation::Issue, on).is_err());
    }

    #[test]
    fn only_a_withheld_licence_comes_back() {
        let on = day("2026-03-02");
        for operation in operations() {
            let Ok(next) = LicenceState::Valid.apply(&operation, on) else {
                continue;
            };
            let back = next.clone().apply(&Operation::Resume, on);
            assert_eq!(back.is_ok(), matches!(next, LicenceState::Withheld { .. }));
        }
    }

    #[test]
    fn the_last_day_still_counts() {
        let (from, to) = (day("2026-03-02"), Some(day("2031-03-01")));
        let on = |today| Verdict::of(CertState::Valid, from, to, day(today));
        assert_eq!(on("2026-03-01"), Verdict::NotYetValid);
        assert_eq!(on("2026-03-02"), Verdict::Valid);
        assert_eq!(on("2031-03-01"), Verdict::Valid);
        assert_eq!(on("2031-03-02"), Verdict::Expired);
        for state in CertState::ALL {
            let verdict = Verdict::of(*state, from, to, day("2027-01-01"));
            assert_eq!(verdict == Verdict::Valid, *state == CertState::Valid);
        }
    }
}
