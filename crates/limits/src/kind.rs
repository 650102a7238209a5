//! The limits the law sets, each with its article.

use serde::{Deserialize, Serialize};

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// 工作日
    WorkingDays,
    /// 自然日; a day off at the end rolls to the next working day (民法典 第二百零三条)
    NaturalDays,
}

impl LimitUnit {
    /// Chinese label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::WorkingDays => "工作日",
            Self::NaturalDays => "自然日",
        }
    }
}

/// Which limit a clock counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// 一次告知补正
    SupplementNotice,
    /// 作出许可决定
    Decision,
    /// 统一办理、联合办理、集中办理
    JointDecision,
    /// 下级机关审查
    LowerReview,
    /// 颁发、送达证件
    Delivery,
    /// 申请听证
    HearingRequest,
    /// 组织听证
    HearingOrganisation,
    /// 答复政府信息公开申请
    InfoDisclosure,
    /// 政府信息公开申请的补正告知
    InfoSupplementNotice,
    /// 政府信息公开第三方提出意见
    InfoThirdParty,
    /// 事项的法定办结时限, where the item's own law sets it
    ItemStatutory,
    /// 事项的承诺办结时限
    Promised,
    /// 环节时限 and whatever an administrator sets
    Internal,
}

/// The rule behind a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Chinese label.
    pub label: &'static str,
    /// Law and article.
    pub basis: &'static str,
    /// Days; `None` where the item sets them.
    pub limit: Option<u32>,
    /// What the days are.
    pub unit: LimitUnit,
    /// Most days of extension, with its article; `None` where the law gives none.
    pub extension: Option<(u32, &'static str)>,
    /// Whether the law sets it: passing it is at once a red card.
    pub statutory: bool,
}

impl ClockKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::SupplementNotice,
        Self::Decision,
        Self::JointDecision,
        Self::LowerReview,
        Self::Delivery,
        Self::HearingRequest,
        Self::HearingOrganisation,
        Self::InfoDisclosure,
        Self::InfoSupplementNotice,
        Self::InfoThirdParty,
        Self::ItemStatutory,
        Self::Promised,
        Self::Internal,
    ];

    /// The rule: label, article, days, extension.
    pub const fn rule(self) -> Rule {
        const DECISION: &str = "行政许可法 第四十二条第一款";
        const JOINT: &str = "行政许可法 第四十二条第二款";
        const DISCLOSURE: &str = "政府信息公开条例 第三十三条";
        match self {
            Self::SupplementNotice => law("告知补正", "行政许可法 第三十二条第一款第四项", 5),
            Self::Decision => Rule {
                extension: Some((10, DECISION)),
                ..law("作出许可决定", DECISION, 20)
            },
            Self::JointDecision => Rule {
                extension: Some((15, JOINT)),
                ..law("统一、联合、集中办理", JOINT, 45)
            },
            Self::LowerReview => law("下级机关审查", "行政许可法 第四十三条", 20),
            Self::Delivery => law("颁发、送达证件", "行政许可法 第四十四条", 10),
            Self::HearingRequest => law("申请听证", "行政许可法 第四十七条", 5),
            Self::HearingOrganisation => law("组织听证", "行政许可法 第四十七条", 20),
            Self::InfoDisclosure => Rule {
                extension: Some((20, DISCLOSURE)),
                ..law("信息公开答复", DISCLOSURE, 20)
            },
            Self::InfoSupplementNotice => law("信息公开补正告知", "政府信息公开条例 第三十条", 7),
            Self::InfoThirdParty => law("第三方提出意见", "政府信息公开条例 第三十二条", 15),
            Self::ItemStatutory => Rule {
                limit: None,
                ..law("法定办结", "该事项的法定办结时限", 0)
            },
            Self::Promised => own("承诺办结", "该事项公布的承诺办结时限"),
            Self::Internal => own("环节办理", "本机关设定的环节时限"),
        }
    }

    /// Chinese label.
    pub const fn label(self) -> &'static str {
        self.rule().label
    }

    /// Law and article.
    pub const fn basis(self) -> &'static str {
        self.rule().basis
    }
}

const fn law(label: &'static str, basis: &'static str, days: u32) -> Rule {
    let (limit, unit) = (Some(days), LimitUnit::WorkingDays);
    Rule {
        label,
        basis,
        limit,
        unit,
        extension: None,
        statutory: true,
    }
}

const fn own(label: &'static str, basis: &'static str) -> Rule {
    let unit = LimitUnit::WorkingDays;
    Rule {
        label,
        basis,
        limit: None,
        unit,
        extension: None,
        statutory: false,
    }
}
