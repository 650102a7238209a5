//! Travel permits, residence permits and passports of people without a mainland citizen number.
//!
//! Only the 18-character permits have a check character; for the others the form is all one can check.

use std::str::FromStr;

use jiff::civil::Date;

use crate::mask;
use crate::normalize::{first_bad, normalize, part};
use crate::resident::{self, ResidentIdError, Sex};

/// Why a permit or passport number is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermitError {
    #[error("请填写{0}号码。")]
    Empty(&'static str),
    #[error("{document}号码的格式不对：{form}。")]
    Form {
        document: &'static str,
        form: &'static str,
    },
    #[error("港澳台居民居住证号码应以 810000（香港）、820000（澳门）或 830000（台湾）开头。")]
    HmtPrefix,
    #[error("证件号码第 7 至 14 位“{0}”不是真实存在的日期，请核对出生日期。")]
    BirthDate(String),
    #[error("证件号码中的出生日期 {0} 晚于今天，请核对。")]
    BornInFuture(Date),
    #[error("证件号码有误：最后一位校验码对不上，请逐位核对。")]
    CheckDigit,
}

impl PermitError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty(_) => "empty",
            Self::Form { .. } => "form",
            Self::HmtPrefix => "prefix",
            Self::BirthDate(_) => "birth_date",
            Self::BornInFuture(_) => "born_in_future",
            Self::CheckDigit => "check_digit",
        }
    }
}

/// The 18-character scheme of GB 11643, reported in the words of a permit.
fn check_18(text: &str, document: &'static str, form: &'static str) -> Result<(), PermitError> {
    resident::check_form(text).map_err(|_| PermitError::Form { document, form })?;
    resident::check_date_and_digit(text).map_err(|error| match error {
        ResidentIdError::BirthDate(text) => PermitError::BirthDate(text),
        _ => PermitError::CheckDigit,
    })
}

fn not_in_future(born: Option<Date>, today: Date) -> Result<(), PermitError> {
    match born {
        Some(born) if born > today => Err(PermitError::BornInFuture(born)),
        _ => Ok(()),
    }
}

fn all_digits(text: &str) -> bool {
    first_bad(text, |c| c.is_ascii_digit()).is_none()
}

/// 港澳居民来往内地通行证: H or M, eight digits that stay with the person for life, and on older
/// cards two digits that count the re-issues.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MainlandTravelPermit(Box<str>);

impl MainlandTravelPermit {
    const NAME: &'static str = "港澳居民来往内地通行证";

    /// Reads a number typed by a person.
    pub fn parse(input: &str) -> Result<Self, PermitError> {
        let text = normalize(input);
        if text.is_empty() {
            return Err(PermitError::Empty(Self::NAME));
        }
        let digits = text.strip_prefix(['H', 'M']).unwrap_or("");
        if matches!(digits.len(), 8 | 10) && all_digits(digits) {
            return Ok(Self(text.into_boxed_str()));
        }
        let form = "应为字母 H（香港）或 M（澳门）加 8 位数字";
        Err(PermitError::Form {
            document: Self::NAME,
            form,
        })
    }

    /// The number as written on the card.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nine characters that identify the person whatever the card's issue.
    pub fn person_number(&self) -> &str {
        part(&self.0, 0, 9)
    }

    /// Masked for lists.
    pub fn masked(&self) -> String {
        mask::keep_ends(&self.0, 2, 2)
    }
}

/// 台湾居民来往大陆通行证 (5-year card): eight digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaiwanPermit(Box<str>);

impl TaiwanPermit {
    const NAME: &'static str = "台湾居民来往大陆通行证";

    /// Reads a number typed by a person.
    pub fn parse(input: &str) -> Result<Self, PermitError> {
        let text = normalize(input);
        if text.is_empty() {
            return Err(PermitError::Empty(Self::NAME));
        }
        if text.len() == 8 && all_digits(&text) {
            return Ok(Self(text.into_boxed_str()));
        }
        Err(PermitError::Form {
            document: Self::NAME,
            form: "应为 8 位数字",
        })
    }

    /// The eight digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Masked for lists.
    pub fn masked(&self) -> String {
        mask::keep_ends(&self.0, 2, 2)
    }
}

/// 港澳台居民居住证: 18 characters as GB 11643, beginning 810000, 820000 or 830000.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HmtResidenceId(Box<str>);

impl HmtResidenceId {
    const NAME: &'static str = "港澳台居民居住证";

    /// Reads a number typed by a person; the birth date must not be later than `today`.
    pub fn parse(input: &str, today: Date) -> Result<Self, PermitError> {
        let id: Self = input.parse()?;
        not_in_future(id.birth_date(), today)?;
        Ok(id)
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Birth date, digits 7 to 14.
    pub fn birth_date(&self) -> Option<Date> {
        resident::birth_date_of(&self.0)
    }

    /// Sex: digit 17 odd is male.
    pub fn sex(&self) -> Sex {
        resident::sex_of(&self.0)
    }

    /// Masked for lists.
    pub fn masked(&self) -> String {
        mask::keep_ends(&self.0, 4, 4)
    }
}

impl FromStr for HmtResidenceId {
    type Err = PermitError;
    fn from_str(input: &str) -> Result<Self, PermitError> {
        let text = normalize(input);
        if text.is_empty() {
            return Err(PermitError::Empty(Self::NAME));
        }
        check_18(
            &text,
            Self::NAME,
            "应为 18 位，前 17 位是数字，最后一位是数字或 X",
        )?;
        if !resident::is_hmt_prefix(&text) {
            return Err(PermitError::HmtPrefix);
        }
        Ok(Self(text.into_boxed_str()))
    }
}

/// 外国人永久居留身份证: 15 characters (3 letters and 12 digits), or since December 2023 18
/// characters beginning with 9 and checked as GB 11643.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForeignerResidenceId(Box<str>);

impl ForeignerResidenceId {
    const NAME: &'static str = "外国人永久居留身份证";
    const FORM: &'static str = "新证应为 9 开头的 18 位，旧证应为 3 个字母加 12 位数字";

    /// Reads a number typed by a person; a birth date in it must not be later than `today`.
    pub fn parse(input: &str, today: Date) -> Result<Self, PermitError> {
        let id: Self = input.parse()?;
        not_in_future(id.birth_date(), today)?;
        Ok(id)
    }

    /// The 15 or 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Birth date of an 18-character number; the old form holds only two digits of the year.
    pub fn birth_date(&self) -> Option<Date> {
        if self.0.len() == 18 {
            resident::birth_date_of(&self.0)
        } else {
            None
        }
    }

    /// Sex of an 18-character number.
    pub fn sex(&self) -> Option<Sex> {
        (self.0.len() == 18).then(|| resident::sex_of(&self.0))
    }

    /// Masked for lists.
    pub fn masked(&self) -> String {
        mask::keep_ends(&self.0, 3, 4)
    }
}

impl FromStr for ForeignerResidenceId {
    type Err = PermitError;
    fn from_str(input: &str) -> Result<Self, PermitError> {
        let text = normalize(input);
        if text.is_empty() {
            return Err(PermitError::Empty(Self::NAME));
        }
        let old = text.is_ascii()
            && text.len() == 15
            && part(&text, 0, 3).bytes().all(|c| c.is_ascii_uppercase())
            && all_digits(part(&text, 3, 15));
        if !old {
            if !text.starts_with('9') {
                return Err(PermitError::Form {
                    document: Self::NAME,
                    form: Self::FORM,
                });
            }
            check_18(&text, Self::NAME, Self::FORM)?;
        }
        Ok(Self(text.into_boxed_str()))
    }
}

/// A passport of any country: 3 to 20 letters and digits; there is no check character.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Passport(Box<str>);

impl Passport {
    /// Reads a number typed by a person.
    pub fn parse(input: &str) -> Result<Self, PermitError> {
        let text = normalize(input);
        if text.is_empty() {
            return Err(PermitError::Empty("护照"));
        }
        let allowed = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
        if (3..=20).contains(&text.len()) && first_bad(&text, allowed).is_none() {
            return Ok(Self(text.into_boxed_str()));
        }
        Err(PermitError::Form {
            document: "护照",
            form: "应为 3 至 20 位字母和数字",
        })
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Masked for lists.
    pub fn masked(&self) -> String {
        mask::id_number(&self.0)
    }
}

macro_rules! parse_is_from_str {
    ($($type:ty),+) => { $(
        impl FromStr for $type {
            type Err = PermitError;
            fn from_str(input: &str) -> Result<Self, PermitError> {
                Self::parse(input)
            }
        }
    )+ };
}
parse_is_from_str!(MainlandTravelPermit, TaiwanPermit, Passport);

text_identifier!(personal MainlandTravelPermit);
text_identifier!(personal TaiwanPermit);
text_identifier!(personal HmtResidenceId);
text_identifier!(personal ForeignerResidenceId);
text_identifier!(personal Passport);
