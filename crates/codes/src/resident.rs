//! Citizen identity number (公民身份号码, GB 11643-1999).

use std::str::FromStr;

use jiff::civil::Date;

use crate::check;
use crate::mask;
use crate::normalize::{first_bad, normalize, part};

/// Sex as GB/T 2261.1 codes it; a citizen number only ever says male or female.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 男, code 1
    Male,
    /// 女, code 2
    Female,
}

impl Sex {
    /// GB/T 2261.1 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
        }
    }

    /// Chinese label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Male => "男",
            Self::Female => "女",
        }
    }
}

/// An 18-character citizen number whose form, province, birth date and check character are right.
///
/// That a person with this number exists is not known; only the population register can say so.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResidentId(Box<str>);

/// Why a citizen number is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResidentIdError {
    #[error("请填写身份证号码。")]
    Empty,
    #[error("15 位的一代身份证号码已经停用，请填写 18 位号码。")]
    FirstGeneration,
    #[error("身份证号码应为 18 位，您填写了 {0} 位。")]
    Length(usize),
    #[error("身份证号码第 {position} 位“{found}”不对：前 17 位只能是数字，最后一位是数字或 X。")]
    Character { position: usize, found: char },
    #[error("身份证号码开头的“{0}”不是省级地区代码，请核对前 6 位。")]
    Province(String),
    #[error("这是港澳台居民居住证号码，请把证件类型改为“港澳台居民居住证”。")]
    HmtResident,
    #[error("这是外国人永久居留身份证号码，请把证件类型改为“外国人永久居留身份证”。")]
    Foreigner,
    #[error("身份证号码第 7 至 14 位“{0}”不是真实存在的日期，请核对出生日期。")]
    BirthDate(String),
    #[error("身份证号码中的出生日期 {0} 晚于今天，请核对。")]
    BornInFuture(Date),
    #[error("身份证号码有误：最后一位校验码对不上，请逐位核对。")]
    CheckDigit,
}

impl ResidentIdError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::FirstGeneration => "first_generation",
            Self::Length(_) => "length",
            Self::Character { .. } => "character",
            Self::Province(_) => "province",
            Self::HmtResident => "hmt_resident",
            Self::Foreigner => "foreigner",
            Self::BirthDate(_) => "birth_date",
            Self::BornInFuture(_) => "born_in_future",
            Self::CheckDigit => "check_digit",
        }
    }
}

/// First two digits of GB/T 2260 for the 34 provincial units; 81 and 82 never begin a citizen number.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82",
];

impl ResidentId {
    /// Reads a number typed by a person; the birth date must not be later than `today`.
    pub fn parse(input: &str, today: Date) -> Result<Self, ResidentIdError> {
        let id: Self = input.parse()?;
        match id.birth_date() {
            Some(born) if born > today => Err(ResidentIdError::BornInFuture(born)),
            _ => Ok(id),
        }
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Birth date, digits 7 to 14. Always present: `parse` has proved it.
    pub fn birth_date(&self) -> Option<Date> {
        birth_date_of(&self.0)
    }

    /// Whole years of age on `day`; `None` before birth.
    pub fn age_on(&self, day: Date) -> Option<u16> {
        let born = self.birth_date().filter(|born| *born <= day)?;
        let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
        u16::try_from(day.year() - born.year() - i16::from(!had_birthday)).ok()
    }

    /// Sex: digit 17 odd is male.
    pub fn sex(&self) -> Sex {
        sex_of(&self.0)
    }

    /// Six-digit area code at the time the number was given; may be a division since abolished.
    pub fn area(&self) -> &str {
        part(&self.0, 0, 6)
    }

    /// First four and last four characters; the birth date is hidden.
    pub fn masked(&self) -> String {
        mask::keep_ends(&self.0, 4, 4)
    }
}

impl FromStr for ResidentId {
    type Err = ResidentIdError;

    /// Reads a stored number: everything but the comparison with today.
    fn from_str(input: &str) -> Result<Self, ResidentIdError> {
        let text = normalize(input);
        check_form(&text)?;
        if text.starts_with('9') {
            return Err(ResidentIdError::Foreigner);
        }
        if is_hmt_prefix(&text) {
            return Err(ResidentIdError::HmtResident);
        }
        let province = part(&text, 0, 2);
        if !PROVINCES.contains(&province) {
            return Err(ResidentIdError::Province(province.to_owned()));
        }
        check_date_and_digit(&text)?;
        Ok(Self(text.into_boxed_str()))
    }
}

text_identifier!(personal ResidentId);

/// Length and characters of the 18-character scheme.
pub(crate) fn check_form(text: &str) -> Result<(), ResidentIdError> {
    let length = text.chars().count();
    match length {
        0 => return Err(ResidentIdError::Empty),
        15 if text.bytes().all(|c| c.is_ascii_digit()) => {
            return Err(ResidentIdError::FirstGeneration);
        }
        18 => {}
        _ => return Err(ResidentIdError::Length(length)),
    }
    let bad = text
        .chars()
        .enumerate()
        .find(|(i, c)| !(c.is_ascii_digit() || (*i == 17 && *c == 'X')))
        .map(|(i, c)| (i + 1, c));
    match bad {
        Some((position, found)) => Err(ResidentIdError::Character { position, found }),
        None => Ok(()),
    }
}

/// Birth date and check character of the 18-character scheme.
pub(crate) fn check_date_and_digit(text: &str) -> Result<(), ResidentIdError> {
    if birth_date_of(text).is_none() {
        return Err(ResidentIdError::BirthDate(part(text, 6, 14).to_owned()));
    }
    if check::resident_id(part(text, 0, 17)) != text.chars().last() {
        return Err(ResidentIdError::CheckDigit);
    }
    Ok(())
}

pub(crate) fn is_hmt_prefix(text: &str) -> bool {
    ["810000", "820000", "830000"]
        .iter()
        .any(|prefix| text.starts_with(prefix))
}

pub(crate) fn birth_date_of(text: &str) -> Option<Date> {
    date_of(part(text, 6, 14))
}

/// `yyyymmdd` as a date; the year must be 1 or later.
pub(crate) fn date_of(text: &str) -> Option<Date> {
    if text.len() != 8 || first_bad(text, |c| c.is_ascii_digit()).is_some() {
        return None;
    }
    let year: i16 = part(text, 0, 4).parse().ok().filter(|year| *year > 0)?;
    Date::new(
        year,
        part(text, 4, 6).parse().ok()?,
        part(text, 6, 8).parse().ok()?,
    )
    .ok()
}

pub(crate) fn sex_of(text: &str) -> Sex {
    match text.as_bytes().get(16) {
        Some(digit) if digit % 2 == 1 => Sex::Male,
        _ => Sex::Female,
    }
}
