//! The acts on a licence that an officer chooses from, and what each asks for.

use jiff::civil::Date;

use super::state::{AnnulGround, DeregisterGround, LicenceState, Operation};

/// An act that an officer of the issuing organ may carry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// 暂扣.
    Withhold,
    /// 恢复.
    Resume,
    /// 撤销.
    Annul,
    /// 吊销.
    Revoke,
    /// 注销.
    Deregister,
}

impl ChangeKind {
    pub const ALL: [Self; 5] = [
        Self::Withhold,
        Self::Resume,
        Self::Annul,
        Self::Revoke,
        Self::Deregister,
    ];

    /// The key in addresses, forms and interfaces: that of the operation.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Withhold => "withhold",
            Self::Resume => "resume",
            Self::Annul => "annul",
            Self::Revoke => "revoke",
            Self::Deregister => "deregister",
        }
    }
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// A penalty (行政处罚法 第九条第三项): it needs the number of the penalty decision.
    pub const fn is_penalty(self) -> bool {
        matches!(self, Self::Withhold | Self::Revoke)
    }

    /// Whether a licence in `state` can undergo it.
    pub fn possible(self, state: &LicenceState, on: Date) -> bool {
        let operation = match self {
            Self::Withhold => Operation::Withhold {
                decision_no: String::new(),
                until: None,
            },
            Self::Resume => Operation::Resume,
            Self::Annul => Operation::Annul {
                ground: AnnulGround::OtherByLaw,
            },
            Self::Revoke => Operation::Revoke {
                decision_no: String::new(),
            },
            Self::Deregister => Operation::Deregister {
                ground: DeregisterGround::OtherByLaw,
            },
        };
        state.clone().apply(&operation, on).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_what_the_state_allows() {
        let on = "2026-03-02".parse().expect("a date");
        let offered = |state: &LicenceState| {
            ChangeKind::ALL
                .into_iter()
                .filter(|kind| kind.possible(state, on))
                .map(ChangeKind::key)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            offered(&LicenceState::Valid),
            ["withhold", "annul", "revoke", "deregister"]
        );
        let withheld = LicenceState::Withheld {
            since: on,
            until: None,
            decision_no: "1".to_owned(),
        };
        assert_eq!(
            offered(&withheld),
            ["resume", "annul", "revoke", "deregister"]
        );
        let gone = LicenceState::Deregistered {
            on,
            ground: DeregisterGround::ForceMajeure,
        };
        assert!(offered(&gone).is_empty());
    }

    #[test]
    fn keys_are_read_back() {
        for kind in ChangeKind::ALL {
            assert_eq!(ChangeKind::from_key(kind.key()), Some(kind));
        }
        for ground in AnnulGround::ALL {
            assert_eq!(AnnulGround::from_key(ground.key()), Some(ground));
        }
        for ground in DeregisterGround::ALL {
            assert_eq!(DeregisterGround::from_key(ground.key()), Some(ground));
        }
        assert_eq!(ChangeKind::from_key("expire"), None);
    }
}
