//! 办件编号 (our structure within GB/T 39046's an..50) and 投资项目代码.

use std::str::FromStr;

use jiff::civil::Date;

use crate::check;
use crate::division::DivisionCode;
use crate::normalize::{first_bad, normalize, part};
use crate::resident::date_of;

/// 办件编号, 25 characters: area 6 + date 8 + channel 4 + sequence 6 + check 1 (ISO 7064 MOD 37,36).
///
/// Unique for ever; the caller allocates the sequence per area, date and channel without gaps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectNo(Box<str>);

/// Why a case number is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectNoError {
    #[error("请填写办件编号。")]
    Empty,
    #[error("办件编号应为 25 位，您填写了 {0} 位。")]
    Length(usize),
    #[error("办件编号第 {position} 位“{found}”不对。")]
    Character { position: usize, found: char },
    #[error("办件编号中的日期“{0}”不存在，请核对第 7 至 14 位。")]
    Date(String),
    #[error("办件编号有误：最后一位校验码对不上，请对照受理通知书核对。")]
    CheckDigit,
    #[error("办件编号的渠道代码应为 4 位数字或大写字母。")]
    Channel,
    #[error("办件编号的流水号应在 1 至 999999 之间。")]
    Sequence,
    #[error("办件编号的年份应在 1 至 9999 之间。")]
    Year,
}

impl ProjectNoError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Length(_) => "length",
            Self::Character { .. } => "character",
            Self::Date(_) => "date",
            Self::CheckDigit => "check_digit",
            Self::Channel => "channel",
            Self::Sequence => "sequence",
            Self::Year => "year",
        }
    }
}

fn is_alnum(c: char) -> bool {
    c.is_ascii_digit() || c.is_ascii_uppercase()
}

impl ProjectNo {
    /// Builds the number of the `sequence`-th case (1–999999) of a day in an area and channel.
    pub fn build(
        area: DivisionCode,
        date: Date,
        channel: &str,
        sequence: u32,
    ) -> Result<Self, ProjectNoError> {
        let channel = normalize(channel);
        if channel.len() != 4 || first_bad(&channel, is_alnum).is_some() {
            return Err(ProjectNoError::Channel);
        }
        if !(1..=999_999).contains(&sequence) {
            return Err(ProjectNoError::Sequence);
        }
        if date.year() < 1 {
            return Err(ProjectNoError::Year);
        }
        let day = format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
        let body = format!("{}{day}{channel}{sequence:06}", area.six());
        let check = check::mod_37_36(&body).ok_or(ProjectNoError::CheckDigit)?;
        Ok(Self(format!("{body}{check}").into_boxed_str()))
    }

    /// Reads a number typed by a person or scanned from a notice.
    pub fn parse(input: &str) -> Result<Self, ProjectNoError> {
        let text = normalize(input);
        match text.chars().count() {
            0 => return Err(ProjectNoError::Empty),
            25 => {}
            length => return Err(ProjectNoError::Length(length)),
        }
        let bad = text
            .chars()
            .enumerate()
            .find(|(i, c)| {
                let letters_allowed = matches!(i, 14..=17 | 24);
                !(c.is_ascii_digit() || (letters_allowed && c.is_ascii_uppercase()))
            })
            .map(|(i, c)| (i + 1, c));
        if let Some((position, found)) = bad {
            return Err(ProjectNoError::Character { position, found });
        }
        if date_of(part(&text, 6, 14)).is_none() {
            return Err(ProjectNoError::Date(part(&text, 6, 14).to_owned()));
        }
        if part(&text, 18, 24) == "000000" {
            return Err(ProjectNoError::Sequence);
        }
        if check::mod_37_36(part(&text, 0, 24)) != text.chars().last() {
            return Err(ProjectNoError::CheckDigit);
        }
        Ok(Self(text.into_boxed_str()))
    }

    /// The 25 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Six-digit area.
    pub fn area(&self) -> &str {
        part(&self.0, 0, 6)
    }

    /// The day the number was given. Always present: `parse` has proved it.
    pub fn date(&self) -> Option<Date> {
        date_of(part(&self.0, 6, 14))
    }

    /// System or channel, four characters.
    pub fn channel(&self) -> &str {
        part(&self.0, 14, 18)
    }

    /// Sequence of the day.
    pub fn sequence(&self) -> u32 {
        part(&self.0, 18, 24).parse().unwrap_or(0)
    }
}

impl FromStr for ProjectNo {
    type Err = ProjectNoError;
    fn from_str(input: &str) -> Result<Self, ProjectNoError> {
        Self::parse(input)
    }
}
text_identifier!(ProjectNo);

/// 投资项目代码 `YYYY-AREA6-II-TT-SSSSSS`: year, area, industry, type, sequence; 24 with hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvestProjectCode(Box<str>);

/// Why an investment project code is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvestProjectError {
    #[error("请填写投资项目代码。")]
    Empty,
    #[error("投资项目代码应为 20 位数字（不计连字符），您填写了 {0} 位。")]
    Length(usize),
    #[error("投资项目代码第 {position} 位“{found}”不是数字（不计连字符）。")]
    Character { position: usize, found: char },
    #[error("投资项目代码开头的年份“{0}”不对。")]
    Year(String),
}

impl InvestProjectError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Length(_) => "length",
            Self::Character { .. } => "character",
            Self::Year(_) => "year",
        }
    }
}

impl InvestProjectCode {
    /// Reads a code with or without hyphens. The years run from 2000 to 2099.
    pub fn parse(input: &str) -> Result<Self, InvestProjectError> {
        let text = normalize(input);
        if text.is_empty() {
            return Err(InvestProjectError::Empty);
        }
        if let Some((position, found)) = first_bad(&text, |c| c.is_ascii_digit()) {
            return Err(InvestProjectError::Character { position, found });
        }
        if text.len() != 20 {
            return Err(InvestProjectError::Length(text.len()));
        }
        if !text.starts_with("20") {
            return Err(InvestProjectError::Year(part(&text, 0, 4).to_owned()));
        }
        let cuts = [(0, 4), (4, 10), (10, 12), (12, 14), (14, 20)];
        let groups: Vec<&str> = cuts
            .iter()
            .map(|(from, to)| part(&text, *from, *to))
            .collect();
        Ok(Self(groups.join("-").into_boxed_str()))
    }

    /// The 24 characters with hyphens.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Year of registration.
    pub fn year(&self) -> i16 {
        part(&self.0, 0, 4).parse().unwrap_or(0)
    }

    /// Six-digit area.
    pub fn area(&self) -> &str {
        part(&self.0, 5, 11)
    }
}

impl FromStr for InvestProjectCode {
    type Err = InvestProjectError;
    fn from_str(input: &str) -> Result<Self, InvestProjectError> {
        Self::parse(input)
    }
}
text_identifier!(InvestProjectCode);
