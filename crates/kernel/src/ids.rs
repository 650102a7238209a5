//! One append-only, alphabetical registry of typed ids. Each is a UUIDv7 (RFC 9562) and prints with its prefix, so that a
//! log line reads alone and an id of one kind cannot be passed for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// An id could not be read: wrong prefix or not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id of the form {prefix}_<32 hex digits>")]
pub struct NotAnId {
    pub prefix: &'static str,
    pub text: String,
}

/// What all typed ids share; implemented by the registry below only.
pub trait TypedId: Copy + Eq + fmt::Debug + fmt::Display + FromStr<Err = NotAnId> {
    const PREFIX: &'static str;
    fn from_uuid(uuid: Uuid) -> Self;
    fn uuid(self) -> Uuid;
}

macro_rules! define_ids {
    (($d:tt) $($(#[$doc:meta])* $name:ident => $prefix:literal,)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl TypedId for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            fn uuid(self) -> Uuid {
                self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }
        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|rest| rest.len() == 32)
                    .and_then(|rest| Uuid::try_parse(rest).ok())
                    .map(Self)
                    .ok_or_else(|| NotAnId { prefix: $prefix, text: text.chars().take(64).collect() })
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+

    /// The prefixes of the registry, in its order.
    pub const ID_PREFIXES: &[&str] = &[$($prefix),+];

    /// Calls `apply!(CaseId, …)` with every id of the registry, for traits that cannot be implemented for all at once.
    #[macro_export]
    macro_rules! each_id {
        ($d apply:ident) => { $d apply! { $($name),+ } };
    }
    };
}

define_ids! {
    ($)
    /// A file that somebody handed in (附件).
    AttachmentId => "att",
    /// A case (办件).
    CaseId => "case",
    /// A copy of a case for an officer (抄送).
    CopyId => "cpy",
    /// An arrangement of who covers for an officer who is away (代办).
    CoverId => "cov",
    /// One delivery of an event to an outside system (投递).
    DeliveryId => "dlv",
    /// A numbered official document of a case (文书).
    DocumentId => "doc",
    /// An application that is still being filled in (草稿).
    DraftId => "drf",
    /// An enterprise or other organisation as applicant (法人和其他组织).
    EnterpriseId => "ent",
    /// An entry of the event record.
    EventId => "evt",
    /// A step of a case that cannot go on by itself (流程异常).
    IncidentId => "inc",
    /// One published version of an implementation item (实施清单).
    ItemVersionId => "itv",
    /// An electronic licence (电子证照).
    LicenceId => "lic",
    /// An officer (工作人员).
    OfficerId => "off",
    /// A request for an opinion that binds nobody (征求意见).
    OpinionId => "opn",
    /// An organ (机构).
    OrganId => "org",
    /// An outbox message.
    OutboxId => "out",
    /// A natural person (自然人).
    PersonId => "per",
    /// A running process instance.
    ProcessId => "prc",
    /// A rating (好差评).
    RatingId => "rat",
    /// One HTTP request or one run of a job.
    RequestId => "req",
    /// A log-in.
    SessionId => "ses",
    /// A step of a case that an outside system owns (分建).
    StepId => "stp",
    /// One request for supplements (补正).
    SupplementId => "sup",
    /// An outside system of an organ (外部系统).
    SystemId => "sys",
    /// A task of an officer or applicant (环节).
    TaskId => "tsk",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let case = CaseId::from_uuid(Uuid::from_u128(7));
        assert_eq!(case.to_string().parse(), Ok(case));
        assert!(case.to_string().parse::<LicenceId>().is_err());
        assert!("case_".parse::<CaseId>().is_err());
        assert!("case_zz".parse::<CaseId>().is_err());
    }

    #[test]
    fn the_registry_is_alphabetical_and_without_doubles() {
        let mut sorted = ID_PREFIXES.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), ID_PREFIXES.len());
    }
}
