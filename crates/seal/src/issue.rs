//! Issuing certificates: a site's own root for tests and internal use, organ and officer certificates.
//! Seals with legal effect need certificates of a licensed CA (电子签名法 第十六条、第十八条).

use jiff::Timestamp;

use crate::asn1::{
    BOOLEAN, OCTET_STRING, OID, PRINTABLE_STRING, SEQUENCE, UTF8_STRING, bit_string,
    certificate_time, context, integer, oid, seq, tlv, wrap,
};
use crate::cert::{Certificate, DistinguishedName, NAME_ATTRIBUTES};
use crate::digest::sm3;
use crate::error::{Result, SealError};
use crate::keys::{Signature, Sm2SigningKey, Sm2VerifyingKey};
use crate::signer::Signer;

/// What the certificate is for; decides basicConstraints and keyUsage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateProfile {
    /// Issues other certificates; at most this many CAs below it.
    Authority {
        /// pathLenConstraint.
        path_length: u8,
    },
    /// Makes electronic seals (制章人).
    SealMaker,
    /// Seal certificate of an organ (机构签章).
    OrganSeal,
    /// Signing certificate of an officer.
    Officer,
}

/// Everything the issuer states about the subject.
#[derive(Debug, Clone)]
pub struct CertificateSpec {
    /// Whom it names.
    pub subject: DistinguishedName,
    /// Serial number: 16 random bytes drawn by the caller.
    pub serial: [u8; 16],
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// Purpose.
    pub profile: CertificateProfile,
}

/// A self-signed root.
pub fn self_signed(spec: &CertificateSpec, key: &Sm2SigningKey) -> Result<Certificate> {
    let public = key.verifying_key();
    let subject = encode_name(&spec.subject);
    build(spec, &public, &subject, &public, |tbs| key.sign(tbs))
}

/// A certificate for `public_key`, signed by a CA's signer (software or module).
pub fn issue(
    spec: &CertificateSpec,
    public_key: &Sm2VerifyingKey,
    issuer: &dyn Signer,
) -> Result<Certificate> {
    let ca = issuer.certificate();
    if !ca.is_ca() {
        return Err(SealError::Certificate("签发者不是 CA".into()));
    }
    build(spec, public_key, &ca.subject_raw, ca.public_key(), |tbs| {
        issuer.sign(tbs)
    })
}

fn build(
    spec: &CertificateSpec,
    public_key: &Sm2VerifyingKey,
    issuer_name: &[u8],
    issuer_key: &Sm2VerifyingKey,
    sign: impl FnOnce(&[u8]) -> Result<Signature>,
) -> Result<Certificate> {
    if spec.not_before > spec.not_after {
        return Err(SealError::Certificate("有效期倒置".into()));
    }
    let algorithm = seq(&[&tlv(OID, oid::SM2_WITH_SM3)]);
    let validity = seq(&[
        &certificate_time(spec.not_before),
        &certificate_time(spec.not_after),
    ]);
    // The top bit is cleared so that the number is positive and at most 16 bytes (RFC 5280 4.1.2.2).
    let mut serial = spec.serial;
    serial[0] = serial[0] & 0x7f | 0x40;
    let tbs = seq(&[
        &tlv(context(0), &integer(&[2])),
        &integer(&serial),
        &algorithm,
        issuer_name,
        &validity,
        &encode_name(&spec.subject),
        &public_key.to_spki_der(),
        &tlv(
            context(3),
            &extensions(spec.profile, public_key, issuer_key),
        ),
    ]);
    let signature = sign(&tbs)?;
    Certificate::from_der(&seq(&[&tbs, &algorithm, &bit_string(&signature.to_der())]))
}

fn extensions(
    profile: CertificateProfile,
    subject: &Sm2VerifyingKey,
    issuer: &Sm2VerifyingKey,
) -> Vec<u8> {
    let key_id = |key: &Sm2VerifyingKey| sm3(&key.to_point()).first_chunk::<20>().copied();
    let subject_id = key_id(subject).unwrap_or_default();
    let issuer_id = key_id(issuer).unwrap_or_default();
    // keyUsage: unused bits, then the first byte of the bit string.
    let (constraints, usage) = match profile {
        CertificateProfile::Authority { path_length } => (
            seq(&[&tlv(BOOLEAN, &[0xff]), &integer(&[path_length])]),
            [1, 0x06],
        ),
        CertificateProfile::SealMaker
        | CertificateProfile::OrganSeal
        | CertificateProfile::Officer => (seq(&[]), [6, 0xc0]),
    };
    let usage = tlv(crate::asn1::BIT_STRING, &usage);
    seq(&[
        &extension(oid::BASIC_CONSTRAINTS, true, &constraints),
        &extension(oid::KEY_USAGE, true, &usage),
        &extension(oid::SUBJECT_KEY_ID, false, &tlv(OCTET_STRING, &subject_id)),
        &extension(
            oid::AUTHORITY_KEY_ID,
            false,
            &seq(&[&tlv(0x80, &issuer_id)]),
        ),
    ])
}

fn extension(name: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical {
        tlv(BOOLEAN, &[0xff])
    } else {
        Vec::new()
    };
    seq(&[&tlv(OID, name), &flag, &tlv(OCTET_STRING, value)])
}

fn encode_name(name: &DistinguishedName) -> Vec<u8> {
    let mut name = name.clone();
    let mut rdns = Vec::new();
    for attribute in NAME_ATTRIBUTES {
        let Some(value) = name.slot(attribute).filter(|v| !v.is_empty()) else {
            continue;
        };
        // Country and serialNumber are PrintableString by definition (RFC 5280 appendix A).
        let printable =
            matches!(attribute, 5 | 6) && value.bytes().all(|b| b.is_ascii_alphanumeric());
        let tag = if printable {
            PRINTABLE_STRING
        } else {
            UTF8_STRING
        };
        let pair = seq(&[
            &tlv(OID, &[0x55, 0x04, attribute]),
            &tlv(tag, value.as_bytes()),
        ]);
        rdns.extend(tlv(crate::asn1::SET, &pair));
    }
    wrap(SEQUENCE, &[&rdns])
}
