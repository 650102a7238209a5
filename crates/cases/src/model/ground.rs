//! Why a case is ended by order (终止办理): a closed list, each ground with the article that carries it.

use serde::{Deserialize, Serialize};

/// The grounds. None of them judges the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// The applicant has died, or the organisation has ended (as 行政许可法 第七十条第二、三项 for what was granted).
    ApplicantGone,
    /// The basis of the permit was changed or repealed, or objective circumstances changed in a major way (第八条第二款).
    BasisChanged,
    /// The matter needs no permit any more (第三十二条第一款第一项).
    NotRequired,
    /// Another one, in words.
    Other,
}

impl Ground {
    pub const ALL: [Self; 4] = [
        Self::ApplicantGone,
        Self::BasisChanged,
        Self::NotRequired,
        Self::Other,
    ];

    /// The key in forms and interfaces.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ApplicantGone => "applicant-gone",
            Self::BasisChanged => "basis-changed",
            Self::NotRequired => "not-required",
            Self::Other => "other",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.key() == key)
    }

    /// As the letter says it; `Other` has the words of whoever orders it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ApplicantGone => "申请人死亡、丧失行为能力，或者依法终止",
            Self::BasisChanged => {
                "许可所依据的法律、法规、规章修改或者废止，或者所依据的客观情况发生重大变化"
            }
            Self::NotRequired => "申请事项依法不再需要取得行政许可",
            Self::Other => "其他情形",
        }
    }

    /// The article that the letter names.
    pub const fn basis(self) -> Option<&'static str> {
        match self {
            Self::ApplicantGone => Some("参照《中华人民共和国行政许可法》第七十条第二项、第三项"),
            Self::BasisChanged => Some("《中华人民共和国行政许可法》第八条第二款"),
            Self::NotRequired => Some("《中华人民共和国行政许可法》第三十二条第一款第一项"),
            Self::Other => None,
        }
    }
}
