//! Unified social credit code (GB 32100-2015) and organisation code (GB 11714-1997).

use std::fmt;
use std::str::FromStr;

use crate::check;
use crate::normalize::{first_bad, normalize, part};

/// A unified social credit code (统一社会信用代码) whose alphabet and check character are right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uscc(Box<str>);

/// Why a unified social credit code is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    #[error("请填写统一社会信用代码。")]
    Empty,
    #[error("统一社会信用代码应为 18 位，您填写了 {0} 位。")]
    Length(usize),
    #[error(
        "统一社会信用代码第 {position} 位“{found}”不对：代码中不会出现字母 I、O、S、V、Z，请看是否应为数字。"
    )]
    Letter { position: usize, found: char },
    #[error("统一社会信用代码第 {position} 位“{found}”不对：只能是数字和大写字母。")]
    Character { position: usize, found: char },
    #[error("统一社会信用代码有误：最后一位校验码对不上，请对照营业执照或证书逐位核对。")]
    CheckDigit,
}

impl UsccError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Length(_) => "length",
            Self::Letter { .. } => "letter",
            Self::Character { .. } => "character",
            Self::CheckDigit => "check_digit",
        }
    }
}

impl Uscc {
    /// Reads a code typed by a person or found in a document.
    pub fn parse(input: &str) -> Result<Self, UsccError> {
        let text = normalize(input);
        check_shape(&text)?;
        if let Some((position, found)) = first_bad(&text, |c| check::USCC_ALPHABET.contains(c)) {
            return Err(UsccError::Letter { position, found });
        }
        if check::uscc(part(&text, 0, 17)) != text.chars().last() {
            return Err(UsccError::CheckDigit);
        }
        Ok(Self(text.into_boxed_str()))
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// 登记管理部门代码, first character.
    pub fn registrar(&self) -> char {
        self.0.chars().next().unwrap_or('Y')
    }

    /// Name of the registering authority for the codes in common use.
    pub fn registrar_label(&self) -> &'static str {
        match self.registrar() {
            '1' => "机构编制",
            '5' => "民政",
            '9' => "市场监管",
            _ => "其他",
        }
    }

    /// Division of the registering authority, characters 3 to 8.
    pub fn area(&self) -> &str {
        part(&self.0, 2, 8)
    }

    /// The organisation code within, characters 9 to 17; `None` where its own check fails,
    /// which published codes sometimes do.
    pub fn org_code(&self) -> Option<OrgCode> {
        OrgCode::parse(part(&self.0, 8, 17)).ok()
    }
}

fn check_shape(text: &str) -> Result<(), UsccError> {
    match text.chars().count() {
        0 => return Err(UsccError::Empty),
        18 => {}
        length => return Err(UsccError::Length(length)),
    }
    match first_bad(text, |c| c.is_ascii_digit() || c.is_ascii_uppercase()) {
        Some((position, found)) => Err(UsccError::Character { position, found }),
        None => Ok(()),
    }
}

impl FromStr for Uscc {
    type Err = UsccError;
    fn from_str(input: &str) -> Result<Self, UsccError> {
        Self::parse(input)
    }
}

text_identifier!(Uscc);

/// A code taken over from published data: 18 letters and digits, perhaps with a wrong check.
///
/// Authorities have published such codes; an import warns and goes on (standards note: trap 11).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublishedUscc(Box<str>);

impl PublishedUscc {
    /// Reads a published code: only a wrong length or a foreign character blocks.
    pub fn parse(input: &str) -> Result<Self, UsccError> {
        let text = normalize(input);
        check_shape(&text)?;
        Ok(Self(text.into_boxed_str()))
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is wrong with the code, to be shown beside it.
    pub fn warning(&self) -> Option<UsccError> {
        Uscc::parse(&self.0).err()
    }

    /// The same code as a checked one.
    pub fn checked(&self) -> Result<Uscc, UsccError> {
        Uscc::parse(&self.0)
    }
}

impl FromStr for PublishedUscc {
    type Err = UsccError;
    fn from_str(input: &str) -> Result<Self, UsccError> {
        Self::parse(input)
    }
}

impl From<Uscc> for PublishedUscc {
    fn from(code: Uscc) -> Self {
        Self(code.0)
    }
}

text_identifier!(PublishedUscc);

/// An organisation code (组织机构代码): 8 characters and a check character, shown as `XXXXXXXX-X`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgCode(Box<str>);

/// Why an organisation code is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrgCodeError {
    #[error("请填写组织机构代码。")]
    Empty,
    #[error("组织机构代码应为 9 位，您填写了 {0} 位。")]
    Length(usize),
    #[error("组织机构代码第 {position} 位“{found}”不对：只能是数字和大写字母。")]
    Character { position: usize, found: char },
    #[error("组织机构代码有误：最后一位校验码对不上，请逐位核对。")]
    CheckDigit,
}

impl OrgCodeError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Length(_) => "length",
            Self::Character { .. } => "character",
            Self::CheckDigit => "check_digit",
        }
    }
}

impl OrgCode {
    /// Reads a code with or without its hyphen.
    pub fn parse(input: &str) -> Result<Self, OrgCodeError> {
        let text = normalize(input);
        match text.chars().count() {
            0 => return Err(OrgCodeError::Empty),
            9 => {}
            length => return Err(OrgCodeError::Length(length)),
        }
        let allowed = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
        if let Some((position, found)) = first_bad(&text, allowed) {
            return Err(OrgCodeError::Character { position, found });
        }
        if check::org_code(part(&text, 0, 8)) != text.chars().last() {
            return Err(OrgCodeError::CheckDigit);
        }
        Ok(Self(text.into_boxed_str()))
    }

    /// The nine characters without hyphen, as they stand in a credit code.
    pub fn compact(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", part(&self.0, 0, 8), part(&self.0, 8, 9))
    }
}

impl FromStr for OrgCode {
    type Err = OrgCodeError;
    fn from_str(input: &str) -> Result<Self, OrgCodeError> {
        Self::parse(input)
    }
}

serde_as_text!(OrgCode);
