//! Mobile telephone numbers of the mainland.

use std::str::FromStr;

use crate::mask;
use crate::normalize::{first_bad, normalize};

/// An 11-digit mainland mobile number, without country code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mobile(Box<str>);

/// Why a mobile number is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MobileError {
    #[error("请填写手机号码。")]
    Empty,
    #[error("手机号码第 {position} 位“{found}”不是数字。")]
    Character { position: usize, found: char },
    #[error("手机号码应为 11 位，您填写了 {0} 位。")]
    Length(usize),
    #[error("手机号码应以 13 至 19 开头，请核对；固定电话请填写在联系电话一栏。")]
    Prefix,
}

impl MobileError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Character { .. } => "character",
            Self::Length(_) => "length",
            Self::Prefix => "prefix",
        }
    }
}

impl Mobile {
    /// Reads a number typed by a person; `+86`, `0086`, `86` before 11 digits are dropped.
    pub fn parse(input: &str) -> Result<Self, MobileError> {
        let text = normalize(input);
        let bare = ["+86", "0086", "86"]
            .iter()
            .filter_map(|prefix| text.strip_prefix(prefix))
            .find(|rest| rest.len() == 11)
            .unwrap_or(&text);
        if bare.is_empty() {
            return Err(MobileError::Empty);
        }
        if let Some((position, found)) = first_bad(bare, |c| c.is_ascii_digit()) {
            return Err(MobileError::Character { position, found });
        }
        if bare.len() != 11 {
            return Err(MobileError::Length(bare.len()));
        }
        match bare.as_bytes() {
            [b'1', b'3'..=b'9', ..] => Ok(Self(bare.into())),
            _ => Err(MobileError::Prefix),
        }
    }

    /// The 11 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `138****1234`.
    pub fn masked(&self) -> String {
        mask::keep_ends(&self.0, 3, 4)
    }
}

impl FromStr for Mobile {
    type Err = MobileError;
    fn from_str(input: &str) -> Result<Self, MobileError> {
        Self::parse(input)
    }
}

text_identifier!(personal Mobile);
