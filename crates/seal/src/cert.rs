//! X.509 certificates with SM2 keys (GB/T 20518): reading.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use crate::asn1::{self, Reader, context, oid};
use crate::error::{Result, SealError, format};
use crate::keys::{Signature, Sm2VerifyingKey};

const WHAT: &str = "证书";
const EXTENSIONS_MAX: usize = 64;
const PEM_LABELS: (&str, &str) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");

/// Purposes in the keyUsage extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyUsage {
    /// Bit 0.
    pub digital_signature: bool,
    /// Bit 1 (nonRepudiation).
    pub content_commitment: bool,
    /// Bit 5.
    pub key_cert_sign: bool,
    /// Bit 6.
    pub crl_sign: bool,
}

/// Names in a subject or issuer; what is absent is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DistinguishedName {
    /// C, two letters.
    pub country: String,
    /// ST 省.
    pub province: String,
    /// L 市.
    pub locality: String,
    /// O 机构.
    pub organization: String,
    /// OU 部门.
    pub unit: String,
    /// CN.
    pub common_name: String,
    /// serialNumber attribute (统一社会信用代码 or post number).
    pub serial: String,
}

/// Last byte of the attribute's OID 2.5.4.x, in the order in which they are written.
pub(crate) const NAME_ATTRIBUTES: [u8; 7] = [6, 8, 7, 10, 11, 3, 5];

impl DistinguishedName {
    pub(crate) fn slot(&mut self, attribute: u8) -> Option<&mut String> {
        match attribute {
            6 => Some(&mut self.country),
            8 => Some(&mut self.province),
            7 => Some(&mut self.locality),
            10 => Some(&mut self.organization),
            11 => Some(&mut self.unit),
            3 => Some(&mut self.common_name),
            5 => Some(&mut self.serial),
            _ => None,
        }
    }
}

impl std::fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            ("CN", &self.common_name),
            ("OU", &self.unit),
            ("O", &self.organization),
            ("L", &self.locality),
            ("ST", &self.province),
            ("C", &self.country),
        ];
        let mut first = true;
        for (label, value) in parts.into_iter().filter(|(_, v)| !v.is_empty()) {
            write!(f, "{}{label}={value}", if first { "" } else { ", " })?;
            first = false;
        }
        Ok(())
    }
}

/// A parsed certificate; keeps its own bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: Vec<u8>,
    signature: Signature,
    pub(crate) subject_raw: Vec<u8>,
    pub(crate) issuer_raw: Vec<u8>,
    pub(crate) serial_raw: Vec<u8>,
    subject: DistinguishedName,
    issuer: DistinguishedName,
    not_before: Timestamp,
    not_after: Timestamp,
    public_key: Sm2VerifyingKey,
    key_usage: Option<KeyUsage>,
    /// `Some(path length)` if a CA.
    ca: Option<Option<u64>>,
    unknown_critical: bool,
}

impl Certificate {
    /// Reads one DER certificate with an SM2 key and an SM2-with-SM3 signature.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let mut outer = Reader::new(der, WHAT);
        let mut certificate = outer.enter(asn1::SEQUENCE)?;
        outer.done()?;
        let tbs = certificate.expect(asn1::SEQUENCE)?;
        read_algorithm(&mut certificate)?;
        let signature = Signature::from_der(certificate.bits()?)?;
        certificate.done()?;
        read_tbs(der, tbs, signature)
    }

    /// Reads the first `BEGIN CERTIFICATE` block.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let all = Self::chain_from_pem(pem)?;
        all.into_iter()
            .next()
            .ok_or_else(|| format(WHAT, "没有 PEM 块"))
    }

    /// Reads every `BEGIN CERTIFICATE` block.
    pub fn chain_from_pem(pem: &str) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        let mut rest = pem;
        while let Some((_, after)) = rest.split_once(PEM_LABELS.0) {
            let (body, next) = after
                .split_once(PEM_LABELS.1)
                .ok_or_else(|| format(WHAT, "PEM 未结束"))?;
            let compact: String = body.split_ascii_whitespace().collect();
            let der = STANDARD
                .decode(compact)
                .map_err(|_| format(WHAT, "PEM 内容"))?;
            all.push(Self::from_der(&der)?);
            rest = next;
        }
        Ok(all)
    }

    /// `BEGIN CERTIFICATE`.
    pub fn to_pem(&self) -> String {
        let text = STANDARD.encode(&self.der);
        let mut pem = String::from(PEM_LABELS.0);
        for (i, c) in text.chars().enumerate() {
            if i % 64 == 0 {
                pem.push('\n');
            }
            pem.push(c);
        }
        pem + "\n" + PEM_LABELS.1 + "\n"
    }

    /// The bytes as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whom it names.
    pub fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// Who issued it.
    pub fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// Serial number, upper-case hexadecimal.
    pub fn serial_hex(&self) -> String {
        hex::encode_upper(&self.serial_raw)
    }

    /// Start of validity.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// End of validity, inclusive.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Its SM2 key.
    pub fn public_key(&self) -> &Sm2VerifyingKey {
        &self.public_key
    }

    /// keyUsage extension, if present.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.key_usage
    }

    /// True if basicConstraints say CA.
    pub fn is_ca(&self) -> bool {
        self.ca.is_some()
    }

    pub(crate) fn path_length(&self) -> Option<u64> {
        self.ca.flatten()
    }

    pub(crate) fn has_unknown_critical(&self) -> bool {
        self.unknown_critical
    }

    /// True if valid at `time`.
    pub fn is_valid_at(&self, time: Timestamp) -> bool {
        (self.not_before..=self.not_after).contains(&time)
    }

    /// True if the key may sign documents: keyUsage absent, or with digitalSignature or nonRepudiation.
    pub fn may_sign(&self) -> bool {
        self.key_usage
            .is_none_or(|u| u.digital_signature || u.content_commitment)
    }

    /// Checks the issuer's signature only; see [`crate::verify_chain`] for trust.
    pub fn verify_signed_by(&self, issuer: &Sm2VerifyingKey) -> Result<()> {
        issuer
            .verify(&self.tbs, &self.signature)
            .map_err(|_| SealError::Signature("证书签名"))
    }

    /// SM3 of the DER form, for lists of certificate digests (GB/T 38540).
    pub fn fingerprint(&self) -> [u8; 32] {
        crate::digest::sm3(&self.der)
    }
}

fn read_algorithm(reader: &mut Reader<'_>) -> Result<()> {
    let mut algorithm = reader.enter(asn1::SEQUENCE)?;
    let name = algorithm.expect(asn1::OID)?.content;
    algorithm.optional(asn1::NULL)?;
    algorithm.done()?;
    if name == oid::SM2_WITH_SM3 {
        Ok(())
    } else {
        Err(format(WHAT, "签名算法不是 SM2-with-SM3"))
    }
}

fn read_tbs(der: &[u8], tbs: asn1::Tlv<'_>, signature: Signature) -> Result<Certificate> {
    let mut body = Reader::new(tbs.content, WHAT);
    if let Some(version) = body.optional(context(0))? {
        Reader::new(version.content, WHAT).small_integer()?;
    }
    let serial = body.expect(asn1::INTEGER)?.content;
    let serial_raw = serial.strip_prefix(&[0]).unwrap_or(serial).to_vec();
    read_algorithm(&mut body)?;
    let issuer = body.expect(asn1::SEQUENCE)?;
    let mut validity = body.enter(asn1::SEQUENCE)?;
    let (not_before, not_after) = (validity.time()?, validity.time()?);
    let subject = body.expect(asn1::SEQUENCE)?;
    let public_key = read_spki(&mut body)?;
    body.optional(0x81)?;
    body.optional(0x82)?;
    let mut certificate = Certificate {
        der: der.to_vec(),
        tbs: tbs.raw.to_vec(),
        signature,
        subject_raw: subject.raw.to_vec(),
        issuer_raw: issuer.raw.to_vec(),
        serial_raw,
        subject: read_name(subject.content)?,
        issuer: read_name(issuer.content)?,
        not_before,
        not_after,
        public_key,
        key_usage: None,
        ca: None,
        unknown_critical: false,
    };
    if let Some(extensions) = body.optional(context(3))? {
        read_extensions(extensions.content, &mut certificate)?;
    }
    body.done()?;
    Ok(certificate)
}

fn read_spki(body: &mut Reader<'_>) -> Result<Sm2VerifyingKey> {
    let mut spki = body.enter(asn1::SEQUENCE)?;
    let mut algorithm = spki.enter(asn1::SEQUENCE)?;
    let kind = algorithm.expect(asn1::OID)?.content;
    let curve = algorithm.optional(asn1::OID)?.map(|t| t.content);
    // GB/T 20518 writes id-ecPublicKey with the curve; some tools name the curve alone.
    let sm2 = (kind == oid::EC_PUBLIC_KEY && curve == Some(oid::SM2_CURVE))
        || (kind == oid::SM2_CURVE && curve.is_none());
    if !sm2 {
        return Err(format(WHAT, "公钥不是 SM2"));
    }
    Sm2VerifyingKey::from_point(spki.bits()?)
}

fn read_name(content: &[u8]) -> Result<DistinguishedName> {
    let mut name = DistinguishedName::default();
    let mut rdns = Reader::new(content, WHAT);
    while !rdns.is_empty() {
        let mut rdn = rdns.enter(asn1::SET)?;
        while !rdn.is_empty() {
            let mut pair = rdn.enter(asn1::SEQUENCE)?;
            let attribute = pair.expect(asn1::OID)?.content;
            let value = pair.any()?;
            if let [0x55, 0x04, number] = attribute
                && let Some(slot) = name.slot(*number)
                && slot.is_empty()
            {
                *slot = read_text(value);
            }
        }
    }
    Ok(name)
}

/// Text of the string types in use; BMPString (0x1e) is UTF-16.
fn read_text(value: asn1::Tlv<'_>) -> String {
    if value.tag == 0x1e {
        let units = value
            .content
            .as_chunks::<2>()
            .0
            .iter()
            .map(|c| u16::from_be_bytes(*c));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{fffd}'))
            .collect()
    } else {
        String::from_utf8_lossy(value.content).into_owned()
    }
}

fn read_extensions(content: &[u8], certificate: &mut Certificate) -> Result<()> {
    let mut outer = Reader::new(content, WHAT);
    let mut list = outer.enter(asn1::SEQUENCE)?;
    let mut count = 0;
    while !list.is_empty() {
        count += 1;
        if count > EXTENSIONS_MAX {
            return Err(format(WHAT, "扩展项过多"));
        }
        let mut extension = list.enter(asn1::SEQUENCE)?;
        let name = extension.expect(asn1::OID)?.content;
        let critical = extension
            .optional(asn1::BOOLEAN)?
            .is_some_and(|b| b.content != [0].as_slice());
        let value = extension.expect(asn1::OCTET_STRING)?.content;
        let mut value = Reader::new(value, WHAT);
        if name == oid::KEY_USAGE {
            certificate.key_usage = Some(read_key_usage(&mut value)?);
        } else if name == oid::BASIC_CONSTRAINTS {
            let mut constraints = value.enter(asn1::SEQUENCE)?;
            let ca = constraints.optional(asn1::BOOLEAN)?;
            if ca.is_some_and(|b| b.content != [0].as_slice()) {
                let length = if constraints.is_empty() {
                    None
                } else {
                    Some(constraints.small_integer()?)
                };
                certificate.ca = Some(length);
            }
        } else if critical && name != oid::SUBJECT_KEY_ID && name != oid::AUTHORITY_KEY_ID {
            certificate.unknown_critical = true;
        }
    }
    Ok(())
}

fn read_key_usage(value: &mut Reader<'_>) -> Result<KeyUsage> {
    let content = value.expect(asn1::BIT_STRING)?.content;
    let bits = content.get(1).copied().unwrap_or(0);
    Ok(KeyUsage {
        digital_signature: bits & 0x80 != 0,
        content_commitment: bits & 0x40 != 0,
        key_cert_sign: bits & 0x04 != 0,
        crl_sign: bits & 0x02 != 0,
    })
}
