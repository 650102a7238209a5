//! Who acts.

use serde::{Deserialize, Serialize};

use crate::{EnterpriseId, OfficerId, OrganId, PersonId, SystemId};

/// A post (岗位): the duties for which a flow step or an act asks. The keys are those of process definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Post {
    /// 综窗人员: receives and pre-reviews at the one window.
    Counter,
    /// 受理人员: accepts or refuses to accept.
    Acceptor,
    /// 审查人员: reviews for an organ.
    Reviewer,
    /// 决定人员: decides in the name of the organ (行政许可法 第三十七条、第三十八条).
    Decider,
    /// 出证人员: issues and delivers.
    Issuer,
    /// 监察人员: supervises, sees all, changes nothing.
    Supervisor,
    /// 事项管理员: keeps the items of its organ.
    ItemManager,
    /// 数据管理员: keeps resources and grants.
    DataSteward,
    /// 系统管理员 of the three separated administrators (GB/T 22239 三员分立).
    SystemAdmin,
    /// 安全管理员.
    SecurityAdmin,
    /// 审计管理员.
    AuditAdmin,
    /// 帮办代办人员.
    Helper,
}

impl Post {
    pub const ALL: &'static [Self] = &[
        Self::Counter,
        Self::Acceptor,
        Self::Reviewer,
        Self::Decider,
        Self::Issuer,
        Self::Supervisor,
        Self::ItemManager,
        Self::DataSteward,
        Self::SystemAdmin,
        Self::SecurityAdmin,
        Self::AuditAdmin,
        Self::Helper,
    ];

    /// The key in process definitions and stored rows.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Acceptor => "acceptor",
            Self::Reviewer => "reviewer",
            Self::Decider => "decider",
            Self::Issuer => "issuer",
            Self::Supervisor => "supervisor",
            Self::ItemManager => "item-manager",
            Self::DataSteward => "data-steward",
            Self::SystemAdmin => "system-admin",
            Self::SecurityAdmin => "security-admin",
            Self::AuditAdmin => "audit-admin",
            Self::Helper => "helper",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|post| post.key() == key)
    }

    /// The name that officers use.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Counter => "综窗人员",
            Self::Acceptor => "受理人员",
            Self::Reviewer => "审查人员",
            Self::Decider => "决定人员",
            Self::Issuer => "出证人员",
            Self::Supervisor => "监察人员",
            Self::ItemManager => "事项管理员",
            Self::DataSteward => "数据管理员",
            Self::SystemAdmin => "系统管理员",
            Self::SecurityAdmin => "安全管理员",
            Self::AuditAdmin => "审计管理员",
            Self::Helper => "帮办代办人员",
        }
    }
}

/// A logged-in natural person, acting for themselves or as agent (经办人) of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citizen {
    pub person: PersonId,
    /// Set while the person acts for an enterprise that has authorised them.
    pub enterprise: Option<EnterpriseId>,
    /// Real-name level 0–3.
    pub real_level: u8,
}

/// A logged-in officer with the posts held today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    pub officer: OfficerId,
    pub organ: OrganId,
    pub posts: Vec<Post>,
}

impl Officer {
    pub fn holds(&self, post: Post) -> bool {
        self.posts.contains(&post)
    }
}

/// A system of an organ that has proved by its signature who it is (分建). It may do nothing but look at and report on its own steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideSystem {
    pub system: SystemId,
    /// The name under which process definitions know it.
    pub code: String,
    pub organ: OrganId,
    /// The name that the record shows.
    pub name: String,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    Anonymous,
    Citizen(Citizen),
    Officer(Officer),
    /// A system of an organ; only by a signed request.
    Outside(OutsideSystem),
    /// The platform itself: workers, timers, migrations. Never reachable through HTTP.
    System,
}

impl Actor {
    /// The key under which idempotency keys, rate limits and drafts of this actor are kept.
    pub fn principal(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Citizen(citizen) => match citizen.enterprise {
                Some(enterprise) => format!("{}/{}", citizen.person, enterprise),
                None => citizen.person.to_string(),
            },
            Self::Officer(officer) => officer.officer.to_string(),
            Self::Outside(outside) => outside.system.to_string(),
            Self::System => "system".to_owned(),
        }
    }
}
