//! Verification without the platform: bytes, signature, certificates, anchors.

use jiff::Timestamp;
use tongban_codes::LicenceIdentifier;
use tongban_seal::{Certificate, SealError, Signature, verify_chain};

use super::metadata::{FORMAT, Metadata, SignedLicence};

/// Largest signed document read.
const BYTES_MAX: usize = 1 << 20;

/// What is wrong with a signed licence.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OfflineError {
    #[error("文件不是电子证照签名文件")]
    NotALicence,
    #[error("证照内容不是规范形式，可能被改动")]
    NotCanonical,
    #[error("签名核验未通过：内容或签名被改动")]
    Signature(SealError),
    #[error("证书不能读取：{0}")]
    Certificate(SealError),
    #[error("签名证书不是颁发机构的证书")]
    OtherOrgan,
    #[error("电子证照标识与内容不符")]
    Identifier,
}

/// A licence whose signature holds.
#[derive(Debug, Clone, PartialEq)]
pub struct OfflineCheck {
    pub metadata: Metadata,
    /// Subject of the signing certificate.
    pub signed_by: String,
    /// Whether the certificate leads to one of the anchors at the signing time; otherwise anybody may have made it.
    pub trusted: Result<(), SealError>,
}

/// Checks `licence` (the signed bytes exactly as received) against `signature` (r ‖ s) by the first of `certificates`, and
/// that the certificate belongs to the issuing organ. What happened after this version, only the platform knows.
pub fn verify_offline(
    licence: &[u8],
    signature: &[u8],
    certificates: &str,
    anchors: &[Certificate],
) -> Result<OfflineCheck, OfflineError> {
    if licence.len() > BYTES_MAX || certificates.len() > BYTES_MAX {
        return Err(OfflineError::NotALicence);
    }
    let chain = Certificate::chain_from_pem(certificates).map_err(OfflineError::Certificate)?;
    let (leaf, issuers) = chain.split_first().ok_or(OfflineError::NotALicence)?;
    let signature = Signature::from_raw(signature).map_err(OfflineError::Signature)?;
    leaf.public_key()
        .verify(licence, &signature)
        .map_err(OfflineError::Signature)?;
    let metadata: Metadata =
        serde_json::from_slice(licence).map_err(|_| OfflineError::NotALicence)?;
    // Members that appear twice or in another order could be read differently by others.
    if metadata.signed_bytes().ok().as_deref() != Some(licence) {
        return Err(OfflineError::NotCanonical);
    }
    if metadata.format != FORMAT {
        return Err(OfflineError::NotALicence);
    }
    if leaf.subject().serial != metadata.issue_dept_code {
        return Err(OfflineError::OtherOrgan);
    }
    let identifier = LicenceIdentifier::parse(&metadata.certificate_source_id)
        .map_err(|_| OfflineError::Identifier)?;
    let fits = identifier.type_code() == metadata.certificate_type_code
        && identifier.issuer() == metadata.issue_dept_code
        && identifier.version() == metadata.version;
    if !fits {
        return Err(OfflineError::Identifier);
    }
    let at =
        Timestamp::from_millisecond(metadata.signed_at).map_err(|_| OfflineError::NotALicence)?;
    let trusted = verify_chain(leaf, issuers, anchors, at).map(|_| ());
    Ok(OfflineCheck {
        signed_by: leaf.subject().to_string(),
        trusted,
        metadata,
    })
}

/// As [`verify_offline`], from the file that the holder downloads ([`SignedLicence`] as JSON).
pub fn verify_file(json: &[u8], anchors: &[Certificate]) -> Result<OfflineCheck, OfflineError> {
    if json.len() > 2 * BYTES_MAX {
        return Err(OfflineError::NotALicence);
    }
    let file: SignedLicence =
        serde_json::from_slice(json).map_err(|_| OfflineError::NotALicence)?;
    let signature = file.signature_bytes().ok_or(OfflineError::NotALicence)?;
    verify_offline(
        file.licence.as_bytes(),
        &signature,
        &file.certificates,
        anchors,
    )
}
