//! Codes of service items: 基本编码 (12), 实施编码 (31), 业务办理项编码 (33), 材料编码 (34 or 36).
//!
//! Structure of ZWFW C0109.1-2018 / GB/T 39554.1-2020, confirmed on published codes.

use std::str::FromStr;

use crate::lists::{TaskType, UseLevel};
use crate::normalize::{first_bad, normalize, part};
use crate::org::{PublishedUscc, UsccError};

/// Why an item code is refused. `field` names the code in Chinese.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItemCodeError {
    #[error("请填写{field}。")]
    Empty { field: &'static str },
    #[error("{field}应为 {expected} 位，您填写了 {found} 位。")]
    Length {
        field: &'static str,
        expected: &'static str,
        found: usize,
    },
    #[error("{field}第 {position} 位“{found}”不对：这一位应为数字。")]
    Digit {
        field: &'static str,
        position: usize,
        found: char,
    },
    #[error("{field}第 19 位“{found}”不是行使层级代码，应为 1 至 7。")]
    UseLevel { field: &'static str, found: char },
    #[error("{field}的顺序号应从 01 开始。")]
    Sequence { field: &'static str },
    #[error("{field}中的实施主体代码有误。{source}")]
    Organ {
        field: &'static str,
        source: UsccError,
    },
}

impl ItemCodeError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "empty",
            Self::Length { .. } => "length",
            Self::Digit { .. } => "digit",
            Self::UseLevel { .. } => "use_level",
            Self::Sequence { .. } => "sequence",
            Self::Organ { .. } => "organ",
        }
    }
}

/// Refuses a character that is not a digit; `offset` is where `text` begins in the whole code.
fn need_digits(field: &'static str, text: &str, offset: usize) -> Result<(), ItemCodeError> {
    match first_bad(text, |c| c.is_ascii_digit()) {
        Some((position, found)) => Err(ItemCodeError::Digit {
            field,
            position: position + offset,
            found,
        }),
        None => Ok(()),
    }
}

fn need_length(
    field: &'static str,
    text: &str,
    allowed: &[usize],
    expected: &'static str,
) -> Result<(), ItemCodeError> {
    match text.chars().count() {
        0 => Err(ItemCodeError::Empty { field }),
        found if allowed.contains(&found) => Ok(()),
        found => Err(ItemCodeError::Length {
            field,
            expected,
            found,
        }),
    }
}

/// 基本编码: area 2 + item type 2 + main item 5 + sub-item 3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CatalogCode(Box<str>);

impl CatalogCode {
    const FIELD: &'static str = "基本编码";

    /// Reads 12 digits; the 10 digits of GB/T 39046-2020 get the national area `00` in front.
    pub fn parse(input: &str) -> Result<Self, ItemCodeError> {
        let mut text = normalize(input);
        need_length(Self::FIELD, &text, &[10, 12], "12")?;
        need_digits(Self::FIELD, &text, 0)?;
        if text.len() == 10 {
            text.insert_str(0, "00");
        }
        Ok(Self(text.into_boxed_str()))
    }

    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `00` for the national list, else the first two digits of the province.
    pub fn area(&self) -> &str {
        part(&self.0, 0, 2)
    }

    /// Whether the code stands in the national list.
    pub fn is_national(&self) -> bool {
        self.area() == "00"
    }

    /// Two digits of the item type.
    pub fn task_type_code(&self) -> &str {
        part(&self.0, 2, 4)
    }

    /// The item type; `None` for the codes left to local extension (11–19, 21 and up).
    pub fn task_type(&self) -> Option<TaskType> {
        TaskType::from_code(self.task_type_code())
    }

    /// 主项, five digits.
    pub fn main(&self) -> &str {
        part(&self.0, 4, 9)
    }

    /// 子项, three digits; `None` where there is no sub-item (`000`).
    pub fn sub(&self) -> Option<&str> {
        Some(part(&self.0, 9, 12)).filter(|sub| *sub != "000")
    }

    /// The code of the main item this sub-item belongs to.
    pub fn parent(&self) -> Option<Self> {
        self.sub()?;
        Some(Self(format!("{}000", part(&self.0, 0, 9)).into_boxed_str()))
    }
}

/// 实施编码: credit code of the organ (18) + use level (1) + 基本编码 (12).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskCode(Box<str>);

impl TaskCode {
    const FIELD: &'static str = "实施编码";

    /// Reads 31 characters; the credit code within must pass its check.
    pub fn parse(input: &str) -> Result<Self, ItemCodeError> {
        let code = Self::parse_published(input)?;
        match code.organ_warning() {
            Some(source) => Err(ItemCodeError::Organ {
                field: Self::FIELD,
                source,
            }),
            None => Ok(code),
        }
    }

    /// Reads a published code and lets a wrong check of the credit code pass;
    /// see [`TaskCode::organ_warning`].
    pub fn parse_published(input: &str) -> Result<Self, ItemCodeError> {
        let text = normalize(input);
        need_length(Self::FIELD, &text, &[31], "31")?;
        check_task_part(Self::FIELD, &text)?;
        Ok(Self(text.into_boxed_str()))
    }

    /// Joins the three parts.
    pub fn build(organ: &PublishedUscc, level: UseLevel, catalog: &CatalogCode) -> Self {
        Self(format!("{organ}{}{catalog}", level.code()).into_boxed_str())
    }

    /// The 31 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Credit code of the implementing organ, 18 characters.
    pub fn organ(&self) -> &str {
        part(&self.0, 0, 18)
    }

    /// What is wrong with the credit code, if anything.
    pub fn organ_warning(&self) -> Option<UsccError> {
        crate::Uscc::parse(self.organ()).err()
    }

    /// 行使层级.
    pub fn use_level(&self) -> UseLevel {
        UseLevel::from_code(part(&self.0, 18, 19)).unwrap_or(UseLevel::Tiered)
    }

    /// 基本编码.
    pub fn catalog(&self) -> CatalogCode {
        CatalogCode(part(&self.0, 19, 31).into())
    }
}

/// Characters 1–31 of `text`, which is at least that long.
fn check_task_part(field: &'static str, text: &str) -> Result<(), ItemCodeError> {
    let organ: String = text.chars().take(18).collect();
    PublishedUscc::parse(&organ).map_err(|source| ItemCodeError::Organ { field, source })?;
    let level = part(text, 18, 19);
    if UseLevel::from_code(level).is_none() {
        let found = text.chars().nth(18).unwrap_or(' ');
        return Err(ItemCodeError::UseLevel { field, found });
    }
    need_digits(field, text.get(19..).unwrap_or(""), 19)
}

/// 业务办理项编码: 实施编码 (31) + sequence 01–99.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandleItemCode(Box<str>);

impl HandleItemCode {
    const FIELD: &'static str = "业务办理项编码";

    /// Reads 33 characters. A wrong check of the credit code is let pass, see [`TaskCode::organ_warning`].
    pub fn parse(input: &str) -> Result<Self, ItemCodeError> {
        let text = normalize(input);
        need_length(Self::FIELD, &text, &[33], "33")?;
        check_task_part(Self::FIELD, &text)?;
        if text.ends_with("00") {
            return Err(ItemCodeError::Sequence { field: Self::FIELD });
        }
        Ok(Self(text.into_boxed_str()))
    }

    /// The code of the `sequence`-th handling item (1–99).
    pub fn build(task: &TaskCode, sequence: u8) -> Result<Self, ItemCodeError> {
        if !(1..=99).contains(&sequence) {
            return Err(ItemCodeError::Sequence { field: Self::FIELD });
        }
        Ok(Self(format!("{task}{sequence:02}").into_boxed_str()))
    }

    /// The 33 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// 实施编码.
    pub fn task(&self) -> TaskCode {
        TaskCode(part(&self.0, 0, 31).into())
    }

    /// Sequence, 1–99.
    pub fn sequence(&self) -> u8 {
        part(&self.0, 31, 33).parse().unwrap_or(1)
    }
}

/// 材料编码: 业务办理项编码 or 实施编码 + three digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaterialCode(Box<str>);

impl MaterialCode {
    const FIELD: &'static str = "材料编码";

    /// Reads 34 or 36 characters.
    pub fn parse(input: &str) -> Result<Self, ItemCodeError> {
        let text = normalize(input);
        need_length(Self::FIELD, &text, &[34, 36], "34 或 36")?;
        check_task_part(Self::FIELD, &text)?;
        if text.len() == 36 && part(&text, 31, 33) == "00" {
            return Err(ItemCodeError::Sequence { field: Self::FIELD });
        }
        Ok(Self(text.into_boxed_str()))
    }

    /// Code of the `sequence`-th material (1–999) of an implementation item.
    pub fn of_task(task: &TaskCode, sequence: u16) -> Result<Self, ItemCodeError> {
        Self::join(task.as_str(), sequence)
    }

    /// Code of the `sequence`-th material (1–999) of a handling item.
    pub fn of_handle_item(item: &HandleItemCode, sequence: u16) -> Result<Self, ItemCodeError> {
        Self::join(item.as_str(), sequence)
    }

    fn join(owner: &str, sequence: u16) -> Result<Self, ItemCodeError> {
        if !(1..=999).contains(&sequence) {
            return Err(ItemCodeError::Sequence { field: Self::FIELD });
        }
        Ok(Self(format!("{owner}{sequence:03}").into_boxed_str()))
    }

    /// The 34 or 36 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// 实施编码.
    pub fn task(&self) -> TaskCode {
        TaskCode(part(&self.0, 0, 31).into())
    }

    /// 业务办理项编码, where the material belongs to one.
    pub fn handle_item(&self) -> Option<HandleItemCode> {
        (self.0.len() == 36).then(|| HandleItemCode(part(&self.0, 0, 33).into()))
    }

    /// Sequence within the item.
    pub fn sequence(&self) -> u16 {
        self.0
            .len()
            .checked_sub(3)
            .and_then(|at| self.0.get(at..)?.parse().ok())
            .unwrap_or(0)
    }
}

macro_rules! item_codes {
    ($($type:ident),+) => { $(
        impl FromStr for $type {
            type Err = ItemCodeError;
            fn from_str(input: &str) -> Result<Self, ItemCodeError> {
                Self::parse(input)
            }
        }
        text_identifier!($type);
    )+ };
}
item_codes!(CatalogCode, HandleItemCode, MaterialCode);

impl FromStr for TaskCode {
    type Err = ItemCodeError;
    /// Stored codes may be published ones: see [`TaskCode::parse_published`].
    fn from_str(input: &str) -> Result<Self, ItemCodeError> {
        Self::parse_published(input)
    }
}
text_identifier!(TaskCode);
