//! Closed code lists of the item model. Those of the national exchange stand in `tongban-codes`; here are the few that only
//! the catalogue uses.

pub use tongban_codes::lists::{
    CertTrust, DeptType, HandleArea, HandleType, MaterialFormat, MaterialNeed, MaterialSource,
    MaterialType, OnlineDepth, PowerSource, ProjectType, ResultType, ServerType, TaskState,
    TaskType, TimeUnit, UseLevel,
};

/// Defines an enum whose stored form is its code.
macro_rules! code_list {
    ($($(#[$meta:meta])* $name:ident { $($code:literal $variant:ident $label:literal),+ $(,)? })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $label] $variant),+ }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code of the list.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The Chinese label.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// The value of a code; `None` for a code that is not in the list.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.code() == code)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::from_code(&code).ok_or_else(|| {
                    let shown: String = code.chars().take(32).collect();
                    serde::de::Error::custom(format!(concat!(stringify!($name), ": {:?} 不在代码表中"), shown))
                })
            }
        }

        impl crate::model::show::Show for $name {
            fn show(&self) -> Option<String> {
                Some(self.label().to_owned())
            }
        }
    )+};
}
pub(crate) use code_list;

code_list! {
    /// 受理地点分类.
    WindowType {
        "1" Hall "行政服务中心", "2" Department "部门服务窗口", "3" Office "单位办公室",
        "4" Scene "案件发生地", "5" Agency "代办点", "6" Convenience "便民服务中心",
    }
    /// 办理环节大类.
    FlowLink {
        "applyAndAccept" Apply "申请与受理", "reviewAndDecision" Review "审查与决定", "confermentAndService" Deliver "颁证与送达",
    }
    /// 办理步骤.
    FlowStepKind {
        "addressee" Receive "收件", "acceptance" Accept "受理", "investigate" Review "审查",
        "decide" Decide "决定", "accreditation" Certify "制证", "delivery" Deliver "送达",
    }
    /// 特别程序种类 (行政许可法 第四十五条; codes are ours).
    SpecialKind {
        "hearing" Hearing "听证", "tender" Tender "招标", "auction" Auction "拍卖", "inspection" Inspection "检验",
        "testing" Testing "检测", "quarantine" Quarantine "检疫", "appraisal" Appraisal "鉴定", "expert" Expert "专家评审",
        "other" Other "其他",
    }
    /// Part that another organ plays in a parallel approval (codes are ours).
    MatchRole { "review" Review "并联审查", "consult" Consult "征求意见" }
}
