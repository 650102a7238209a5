//! What a licence states, in the names of the exchange tables (GB/T 36902, GB/T 36903), and the bytes that are signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tongban_kernel::{Error, Result};
use tongban_seal::{Certificate, Signer};

/// Value of `format`: the shape below; a change of meaning makes a new one.
pub const FORMAT: &str = "tongban-licence/v1";

/// The metadata of one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    pub format: String,
    /// 电子证照标识 of this version (GB/T 36904).
    pub certificate_source_id: String,
    /// 证照名称.
    pub certificate_name: String,
    /// 证照编号.
    pub certificate_number: String,
    /// 证照类型名称.
    pub certificate_type: String,
    pub certificate_type_code: String,
    /// 证照颁发地区代码, 6 digits.
    pub certificate_area_code: String,
    /// 持证主体.
    pub certificate_holder: String,
    pub certificate_holder_code: String,
    /// 持证主体代码类型: GA/T 2000.156 for persons (111), `uscc` for organisations.
    pub certificate_holder_type: String,
    /// 颁发机构.
    pub issue_dept: String,
    pub issue_dept_code: String,
    /// Dates are `YYYY-MM-DD`.
    pub issue_date: String,
    pub valid_from: String,
    /// `null`: without end.
    pub valid_to: Option<String>,
    /// 证照状态, 01–07 or 99.
    pub cert_state: String,
    /// 关联证照标识: the licence that this one renews.
    pub associated_cert_id: Option<String>,
    /// 照面信息.
    pub face_json: Map<String, Value>,
    pub project_no: String,
    /// 可信等级: A, issued by the organ itself (国办函〔2016〕108号).
    pub trust_level: String,
    /// 版本号, from 1.
    pub version: u16,
    /// What made this version; see `Operation::key`.
    pub operation: String,
    /// The article on which it rests.
    pub basis: String,
    /// When this version was signed, milliseconds since 1970 UTC.
    pub signed_at: i64,
    /// Of a demonstration city: without legal effect.
    pub demo: bool,
}

impl Metadata {
    /// What the organ signs: canonical JSON (RFC 8785) of all members, UTF-8, nothing before or after.
    pub fn signed_bytes(&self) -> Result<Vec<u8>> {
        let value = serde_json::to_value(self)
            .map_err(|source| Error::internal("licence is not JSON").source(source))?;
        tongban_tlog::canonical::to_canonical(&value)
            .map(String::into_bytes)
            .map_err(|source| Error::internal("licence has no canonical form").source(source))
    }
}

/// A signed version as a file: what the holder may download and `tongban verify` reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedLicence {
    /// The signed bytes as text.
    pub licence: String,
    /// SM2 over SM3, r ‖ s, base64.
    pub signature: String,
    /// PEM: the signer first, then its issuers.
    pub certificates: String,
}

impl SignedLicence {
    /// Signs `metadata` with the seal key of the organ.
    pub fn sign(metadata: &Metadata, signer: &dyn Signer) -> Result<Self> {
        let bytes = metadata.signed_bytes()?;
        let signature = signer
            .sign(&bytes)
            .map_err(|source| Error::unavailable("seal key").source(source))?;
        let certificates = std::iter::once(signer.certificate())
            .chain(signer.chain())
            .map(Certificate::to_pem)
            .collect();
        let licence = String::from_utf8(bytes)
            .map_err(|source| Error::internal("canonical JSON is UTF-8").source(source))?;
        Ok(Self {
            licence,
            signature: STANDARD.encode(signature.to_raw()),
            certificates,
        })
    }

    /// r ‖ s.
    pub fn signature_bytes(&self) -> Option<Vec<u8>> {
        STANDARD.decode(self.signature.trim()).ok()
    }
}
