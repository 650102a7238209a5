//! How a value is shown to people.

use jiff::civil::Date;
use serde::Serialize;

use super::lists::{
    CertTrust, DeptType, HandleArea, HandleType, MaterialFormat, MaterialNeed, MaterialSource,
    MaterialType, OnlineDepth, PowerSource, ProjectType, ResultType, ServerType, TaskState,
    TaskType, TimeUnit, UseLevel,
};

/// What stands where the organ has published nothing.
pub const NOT_PUBLISHED: &str = "未公布";

/// A text with the knowledge whether the organ published it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The text, or [`NOT_PUBLISHED`].
    pub text: String,
    /// `false` when the placeholder stands in.
    pub published: bool,
}

impl Shown {
    /// The text, or the placeholder for `None`.
    pub fn of(text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => Self {
                text: text.into(),
                published: true,
            },
            None => Self {
                text: NOT_PUBLISHED.to_owned(),
                published: false,
            },
        }
    }

    /// A value of the model, or the placeholder.
    pub(crate) fn value(value: Option<&impl Show>) -> Self {
        Self::of(value.and_then(Show::show))
    }
}

/// One line for a value of the model; `None` where a table row would say nothing.
pub(crate) trait Show {
    fn show(&self) -> Option<String>;
}

impl Show for String {
    fn show(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Show for bool {
    fn show(&self) -> Option<String> {
        Some(if *self { "是" } else { "否" }.to_owned())
    }
}

impl Show for u16 {
    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Show for u32 {
    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Show for Date {
    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl<T: Show> Show for Vec<T> {
    fn show(&self) -> Option<String> {
        if self.is_empty() {
            return Some("无".to_owned());
        }
        let shown: Vec<String> = self.iter().filter_map(Show::show).collect();
        Some(shown.join("、"))
    }
}

macro_rules! show_label {
    ($($list:ty),+ $(,)?) => {$(
        impl Show for $list {
            fn show(&self) -> Option<String> {
                Some(self.label().to_owned())
            }
        }
    )+};
}

show_label!(
    CertTrust,
    DeptType,
    HandleArea,
    HandleType,
    MaterialFormat,
    MaterialNeed,
    MaterialSource,
    MaterialType,
    OnlineDepth,
    PowerSource,
    ProjectType,
    ResultType,
    ServerType,
    TaskState,
    TaskType,
    TimeUnit,
    UseLevel,
);
