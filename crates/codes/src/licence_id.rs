//! Electronic licence identifier (电子证照标识, GB/T 36904-2018).

use std::str::FromStr;

use crate::check;
use crate::normalize::{first_bad, normalize};

const ROOT: &str = "1.2.156.3005.2";
const MAX_SERIAL: usize = 64;

/// `1.2.156.3005.2.{type}.{issuer}.{serial}.{version}.{check}`, with the right check character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LicenceIdentifier {
    text: Box<str>,
}

/// The parts of an identifier, to build one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LicenceIdentifierParts<'a> {
    /// 证照类型代码: credit code of the managing department (18) and a sequence of three digits.
    pub type_code: &'a str,
    /// 颁发机构代码: credit code (18), in practice also an area code (6, 9 or 12 digits).
    pub issuer: &'a str,
    /// 流水号: 1 to 64 letters and digits.
    pub serial: &'a str,
    /// 版本号: 1 to 999, written with three digits.
    pub version: u16,
}

/// Why an identifier is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenceIdError {
    #[error("请填写电子证照标识。")]
    Empty,
    #[error("电子证照标识应以 1.2.156.3005.2. 开头。")]
    Root,
    #[error("电子证照标识在 1.2.156.3005.2 之后应有 5 段，实际有 {0} 段。")]
    Parts(usize),
    #[error("电子证照标识的证照类型代码应为 18 位信用代码加 3 位顺序号。")]
    TypeCode,
    #[error("电子证照标识的颁发机构代码应为 18 位信用代码或 6、9、12 位区划代码。")]
    Issuer,
    #[error("电子证照标识的流水号应为 1 至 64 位数字和大写字母。")]
    Serial,
    #[error("电子证照标识的版本号应为 001 至 999 的 3 位数字。")]
    Version,
    #[error("电子证照标识有误：校验位对不上，请核对是否抄录有误。")]
    CheckDigit,
}

impl LicenceIdError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Root => "root",
            Self::Parts(_) => "parts",
            Self::TypeCode => "type_code",
            Self::Issuer => "issuer",
            Self::Serial => "serial",
            Self::Version => "version",
            Self::CheckDigit => "check_digit",
        }
    }
}

fn alnum(text: &str) -> bool {
    first_bad(text, |c| c.is_ascii_digit() || c.is_ascii_uppercase()).is_none()
}

fn digits(text: &str) -> bool {
    first_bad(text, |c| c.is_ascii_digit()).is_none()
}

impl LicenceIdentifier {
    /// Builds an identifier and its check character.
    pub fn build(parts: LicenceIdentifierParts<'_>) -> Result<Self, LicenceIdError> {
        if !(1..=999).contains(&parts.version) {
            return Err(LicenceIdError::Version);
        }
        let version = format!("{:03}", parts.version);
        let (type_code, issuer, serial) = (
            normalize(parts.type_code),
            normalize(parts.issuer),
            normalize(parts.serial),
        );
        check_parts(&type_code, &issuer, &serial, &version)?;
        let check = check_of(&type_code, &issuer, &serial, &version)?;
        let text = format!("{ROOT}.{type_code}.{issuer}.{serial}.{version}.{check}");
        Ok(Self {
            text: text.into_boxed_str(),
        })
    }

    /// Reads an identifier.
    pub fn parse(input: &str) -> Result<Self, LicenceIdError> {
        let text = normalize(input);
        if text.is_empty() {
            return Err(LicenceIdError::Empty);
        }
        let rest = text
            .strip_prefix(ROOT)
            .and_then(|rest| rest.strip_prefix('.'));
        let parts: Vec<&str> = rest.ok_or(LicenceIdError::Root)?.split('.').collect();
        let [type_code, issuer, serial, version, check] = parts.as_slice() else {
            return Err(LicenceIdError::Parts(parts.len()));
        };
        check_parts(type_code, issuer, serial, version)?;
        let expected = check_of(type_code, issuer, serial, version)?;
        let mut given = check.chars();
        if given.next() != Some(expected) || given.next().is_some() {
            return Err(LicenceIdError::CheckDigit);
        }
        Ok(Self {
            text: text.into_boxed_str(),
        })
    }

    /// The whole identifier.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn segment(&self, index: usize) -> &str {
        let rest = self.text.get(ROOT.len() + 1..).unwrap_or("");
        rest.split('.').nth(index).unwrap_or("")
    }

    /// 证照类型代码.
    pub fn type_code(&self) -> &str {
        self.segment(0)
    }

    /// 颁发机构代码.
    pub fn issuer(&self) -> &str {
        self.segment(1)
    }

    /// 流水号.
    pub fn serial(&self) -> &str {
        self.segment(2)
    }

    /// 版本号, 1 to 999.
    pub fn version(&self) -> u16 {
        self.segment(3).parse().unwrap_or(1)
    }

    /// The identifier of the next version of the same licence; `None` after version 999.
    pub fn next_version(&self) -> Option<Self> {
        Self::build(LicenceIdentifierParts {
            type_code: self.type_code(),
            issuer: self.issuer(),
            serial: self.serial(),
            version: self.version() + 1,
        })
        .ok()
    }
}

fn check_parts(
    type_code: &str,
    issuer: &str,
    serial: &str,
    version: &str,
) -> Result<(), LicenceIdError> {
    let sequence = type_code.get(18..).unwrap_or("");
    if type_code.len() != 21 || !alnum(type_code) || !digits(sequence) {
        return Err(LicenceIdError::TypeCode);
    }
    let fits = match issuer.len() {
        18 => alnum(issuer),
        6 | 9 | 12 => digits(issuer),
        _ => false,
    };
    if !fits {
        return Err(LicenceIdError::Issuer);
    }
    if !(1..=MAX_SERIAL).contains(&serial.len()) || !alnum(serial) {
        return Err(LicenceIdError::Serial);
    }
    if version.len() != 3 || !digits(version) || version == "000" {
        return Err(LicenceIdError::Version);
    }
    Ok(())
}

fn check_of(
    type_code: &str,
    issuer: &str,
    serial: &str,
    version: &str,
) -> Result<char, LicenceIdError> {
    check::mod_37_36(&[type_code, issuer, serial, version].concat())
        .ok_or(LicenceIdError::CheckDigit)
}

impl FromStr for LicenceIdentifier {
    type Err = LicenceIdError;
    fn from_str(input: &str) -> Result<Self, LicenceIdError> {
        Self::parse(input)
    }
}

text_identifier!(LicenceIdentifier);
