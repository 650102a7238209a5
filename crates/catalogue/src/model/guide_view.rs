//! Plain data of a guide page. Every text that the organ may have left out is a [`Shown`].

use serde::Serialize;

use super::item::Limit;
use super::rules::Finding;
use super::show::Shown;

/// The facts strip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    pub legal: Shown,
    pub promised: Shown,
    pub legal_limit: Option<Limit>,
    pub promised_limit: Option<Limit>,
    /// Days saved, when both limits are published in one unit.
    pub days_saved: Option<u16>,
    /// 到现场次数.
    pub visits: Shown,
    /// Materials that the situation asks for; `None` when the list is not published.
    pub materials_asked: Option<usize>,
    /// Of these, what the applicant must hand in.
    pub materials_to_bring: Option<usize>,
    pub fee: Shown,
    pub immediate: bool,
    pub fully_online: bool,
}

/// A situation question with the answer given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideQuestion {
    pub code: String,
    pub title: String,
    pub help: Option<String>,
    pub options: Vec<GuideOption>,
    pub answered: bool,
}

/// One possible answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideOption {
    pub code: String,
    pub label: String,
    pub note: Option<String>,
    pub chosen: bool,
}

/// What the applicant has to do about a material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// 免提交: shared data or a licence stands in.
    Exempt,
    /// 在线填写生成: the online form makes it.
    Filled,
    /// 告知承诺 can stand in.
    Commitment,
    /// 容缺: can follow after acceptance.
    Later,
    /// Only when the stated case applies.
    Conditional,
    /// Depends on a situation question without an answer.
    Depends,
    /// 需您提交.
    Bring,
}

impl Effort {
    /// The tag beside the material.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Exempt => "免提交",
            Self::Filled => "在线填写生成",
            Self::Commitment => "可承诺",
            Self::Later => "可容缺后补",
            Self::Conditional => "视情况提交",
            Self::Depends => "回答情形后确定",
            Self::Bring => "需您提交",
        }
    }

    /// Whether the material counts among those to bring.
    pub const fn counts(self) -> bool {
        matches!(
            self,
            Self::Bring | Self::Later | Self::Depends | Self::Commitment
        )
    }
}

/// One row of the personal material list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideMaterial {
    /// Position in the item's own list, from 0.
    pub index: usize,
    pub name: String,
    pub key: Option<String>,
    pub effort: Effort,
    pub effort_label: &'static str,
    /// How it comes without the applicant, or how it may be replaced.
    pub how: Option<String>,
    pub case: Option<String>,
    pub kind: Shown,
    pub format: Shown,
    pub copies: Shown,
    pub source: Shown,
    pub accept_stand: Shown,
    pub trust: Option<&'static str>,
    pub form: Option<String>,
    pub example: Option<String>,
    pub fill_explain: Option<String>,
    pub by_law: Option<String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideStep {
    pub link: &'static str,
    pub name: String,
    pub transactor: Shown,
    pub time_limit: Shown,
    pub check_standard: Shown,
    pub result: Shown,
}

/// 特别程序, with the sentence that its time does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideSpecial {
    pub name: String,
    pub time: Shown,
    pub basis: Shown,
    pub dept: Shown,
}

/// A window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideWindow {
    pub name: String,
    pub addr: Shown,
    pub time: Shown,
    pub tel: Shown,
    pub traffic: Option<String>,
    pub map_url: Option<String>,
}

/// A legal basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideLaw {
    pub name: String,
    pub number: Option<String>,
    pub clause: Shown,
    pub content: Option<String>,
}

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideAnswer {
    pub question: String,
    pub answer: String,
}

/// A result of the item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideResult {
    pub name: String,
    pub sample: Option<String>,
    pub cert_type_code: Option<String>,
    pub validity: Shown,
}

/// A fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideFee {
    pub name: String,
    pub standard: String,
    pub basis: Shown,
}

/// An organ that reviews in parallel or is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideDept {
    pub name: String,
    pub role: &'static str,
    pub task: Option<String>,
    pub days: Option<u16>,
}

/// One line of the full legal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideRow {
    pub element: &'static str,
    pub label: &'static str,
    pub shown: Shown,
}

/// A section of the full legal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideSection {
    pub label: &'static str,
    pub rows: Vec<GuideRow>,
}

/// A contradiction that the reader should know of: both statements stand, the platform does not choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideDoubt {
    pub message: String,
}

impl From<&Finding> for GuideDoubt {
    fn from(finding: &Finding) -> Self {
        Self {
            message: finding.message.clone(),
        }
    }
}
