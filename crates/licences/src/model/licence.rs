//! A licence as it is kept.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_kernel::{CaseId, LicenceId, OrganId};

use super::state::LicenceState;

/// Who holds a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolderKind {
    /// A natural person: the name is masked for everybody else.
    Person,
    /// An enterprise or other organisation: its name is public register data.
    Organisation,
}

impl HolderKind {
    /// The key in rows.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
        }
    }
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Person, Self::Organisation]
            .into_iter()
            .find(|kind| kind.key() == key)
    }
}

/// A licence without what is sealed.
#[derive(Debug, Clone, PartialEq)]
pub struct Licence {
    pub id: LicenceId,
    pub case: CaseId,
    /// 办件编号 of the case that led to it.
    pub project_no: String,
    /// 证照类型代码: USCC of the managing department and three digits.
    pub type_code: String,
    /// 证照名称.
    pub name: String,
    /// 证照编号, e.g. 市场监管局〔2026〕000001号.
    pub number: String,
    /// 流水号 of the identifier: the digits of the number.
    pub serial: String,
    pub holder_kind: HolderKind,
    /// Blind index of the holder's code.
    pub holder_index: String,
    pub organ: OrganId,
    /// USCC of the issuing organ.
    pub issuer_code: String,
    pub issuer_name: String,
    pub state: LicenceState,
    pub issued_on: Date,
    pub valid_from: Date,
    /// `None`: without end.
    pub valid_to: Option<Date>,
    /// 版本号, from 1.
    pub version: u16,
    /// Of a demonstration city: without legal effect.
    pub demo: bool,
    /// The wrapped data key and, sealed under it, the key of the pseudonyms in the log.
    pub data_key: Vec<u8>,
    pub sealed_key: Vec<u8>,
    /// Leaf hashes of the last version.
    pub prev: [u8; 32],
    pub prev_sm3: [u8; 32],
    /// SHA-256 of the signed PDF; `None` until it is made.
    pub file_sha256: Option<String>,
    pub file_size: Option<u64>,
    pub updated_at: Timestamp,
}

/// A version of a licence, as the register shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionLine {
    pub version: u16,
    pub identifier: String,
    /// Key of the operation.
    pub operation: String,
    pub at: Timestamp,
    pub by_whom: String,
    pub reason: String,
    /// Index of its leaf in the transparency log; `None` while it waits.
    pub log_index: Option<u64>,
}
