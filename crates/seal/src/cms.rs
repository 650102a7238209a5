//! Detached signed data of GB/T 35275: the PKCS #7 structure with national OIDs, SM3 and SM2.

use jiff::Timestamp;

use crate::asn1::{
    INTEGER, NULL, OCTET_STRING, OID, Reader, SEQUENCE, SET, certificate_time, context, integer,
    oid, seq, set_of, tlv, wrap,
};
use crate::cert::Certificate;
use crate::digest::sm3_parts;
use crate::error::{Result, SealError, format};
use crate::keys::Signature;
use crate::signer::Signer;

const WHAT: &str = "签名数据";
const ITEMS_MAX: usize = 32;

/// Who signed what, when, by their own word; trust in the certificate is checked apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBy {
    /// Certificate of the signer.
    pub certificate: Certificate,
    /// Other certificates shipped along.
    pub others: Vec<Certificate>,
    /// signingTime attribute, if present.
    pub time: Option<Timestamp>,
}

/// Signs content whose SM3 digest is `digest`, without including it. `time` goes into the signed attributes.
pub fn cms_detached(signer: &dyn Signer, digest: &[u8; 32], time: Timestamp) -> Result<Vec<u8>> {
    let attribute = |name: &[u8], value: &[u8]| seq(&[&tlv(OID, name), &tlv(SET, value)]);
    let attributes = vec![
        attribute(oid::CONTENT_TYPE, &tlv(OID, oid::GM_DATA)),
        attribute(oid::SIGNING_TIME, &certificate_time(time)),
        attribute(oid::MESSAGE_DIGEST, &tlv(OCTET_STRING, digest)),
    ];
    // Signed as SET OF, stored as [0] IMPLICIT (RFC 2315 9.3).
    let signature = signer.sign(&set_of(SET, attributes.clone()))?;
    let certificate = signer.certificate();
    let sm3_algorithm = seq(&[&tlv(OID, oid::SM3), &tlv(NULL, &[])]);
    let issuer_and_serial = seq(&[&certificate.issuer_raw, &integer(&certificate.serial_raw)]);
    let signer_info = seq(&[
        &integer(&[1]),
        &issuer_and_serial,
        &sm3_algorithm,
        &set_of(context(0), attributes),
        &seq(&[&tlv(OID, oid::SM2_SIGN), &tlv(NULL, &[])]),
        &tlv(OCTET_STRING, &signature.to_der()),
    ]);
    let mut certificates = vec![certificate.der().to_vec()];
    certificates.extend(signer.chain().iter().map(|c| c.der().to_vec()));
    let signed_data = seq(&[
        &integer(&[1]),
        &tlv(SET, &sm3_algorithm),
        &seq(&[&tlv(OID, oid::GM_DATA)]),
        &set_of(context(0), certificates),
        &tlv(SET, &signer_info),
    ]);
    Ok(seq(&[
        &tlv(OID, oid::GM_SIGNED_DATA),
        &wrap(context(0), &[&signed_data]),
    ]))
}

/// Verifies detached signed data over content given in parts. Trailing zero bytes after the structure
/// are tolerated (PDF pads with them).
pub fn cms_verify(cms: &[u8], content: &[&[u8]]) -> Result<SignedBy> {
    let parsed = parse(cms)?;
    let wrong = |why| Err(SealError::Signature(why));
    let certificate = parsed
        .certificates
        .iter()
        .find(|c| c.issuer_raw == parsed.issuer && c.serial_raw == parsed.serial)
        .ok_or_else(|| format(WHAT, "没有签名者证书"))?
        .clone();
    let digest = sm3_parts(content);
    let mut time = None;
    match parsed.attributes {
        Some(attributes) => {
            let (message_digest, signing_time) = read_attributes(attributes)?;
            if message_digest != Some(digest.as_slice()) {
                return wrong("内容与签名时的摘要不符，可能被改过");
            }
            time = signing_time;
            let signed = tlv(SET, attributes);
            certificate
                .public_key()
                .verify(&signed, &parsed.signature)?;
        }
        None => certificate
            .public_key()
            .verify(&content.concat(), &parsed.signature)?,
    }
    let others = parsed
        .certificates
        .into_iter()
        .filter(|c| *c != certificate)
        .collect();
    Ok(SignedBy {
        certificate,
        others,
        time,
    })
}

struct Parsed<'a> {
    certificates: Vec<Certificate>,
    issuer: &'a [u8],
    serial: Vec<u8>,
    /// Content of the [0] signed attributes.
    attributes: Option<&'a [u8]>,
    signature: Signature,
}

fn parse(cms: &[u8]) -> Result<Parsed<'_>> {
    let bad = |why: &str| format(WHAT, why);
    let mut content_info = Reader::new(cms, WHAT).enter(SEQUENCE)?;
    let kind = content_info.expect(OID)?.content;
    if kind != oid::GM_SIGNED_DATA && kind != oid::PKCS7_SIGNED_DATA {
        return Err(bad("不是 signedData"));
    }
    let mut explicit = content_info.enter(context(0))?;
    let mut signed_data = explicit.enter(SEQUENCE)?;
    signed_data.small_integer()?;
    signed_data.expect(SET)?;
    let mut content = signed_data.enter(SEQUENCE)?;
    let kind = content.expect(OID)?.content;
    if (kind != oid::GM_DATA && kind != oid::PKCS7_DATA) || !content.is_empty() {
        return Err(bad("应为分离式签名"));
    }
    let mut certificates = Vec::new();
    if let Some(list) = signed_data.optional(context(0))? {
        let mut list = Reader::new(list.content, WHAT);
        while !list.is_empty() {
            if certificates.len() >= ITEMS_MAX {
                return Err(bad("证书过多"));
            }
            certificates.push(Certificate::from_der(list.any()?.raw)?);
        }
    }
    signed_data.optional(context(1))?;
    let mut infos = signed_data.enter(SET)?;
    let mut info = infos.enter(SEQUENCE)?;
    infos.done()?;
    info.small_integer()?;
    let mut issuer_and_serial = info.enter(SEQUENCE)?;
    let issuer = issuer_and_serial.expect(SEQUENCE)?.raw;
    let serial = issuer_and_serial.expect(INTEGER)?.content;
    let serial = serial.strip_prefix(&[0]).unwrap_or(serial).to_vec();
    if info.enter(SEQUENCE)?.expect(OID)?.content != oid::SM3 {
        return Err(bad("摘要算法不是 SM3"));
    }
    let attributes = info.optional(context(0))?.map(|t| t.content);
    let algorithm = info.enter(SEQUENCE)?.expect(OID)?.content;
    if ![oid::SM2_SIGN, oid::SM2_WITH_SM3, oid::SM2_CURVE].contains(&algorithm) {
        return Err(bad("签名算法不是 SM2"));
    }
    let signature = Signature::from_der(info.expect(OCTET_STRING)?.content)?;
    Ok(Parsed {
        certificates,
        issuer,
        serial,
        attributes,
        signature,
    })
}

type Attributes<'a> = (Option<&'a [u8]>, Option<Timestamp>);

fn read_attributes(content: &[u8]) -> Result<Attributes<'_>> {
    let mut list = Reader::new(content, WHAT);
    let (mut digest, mut time) = (None, None);
    let mut count = 0;
    while !list.is_empty() {
        count += 1;
        if count > ITEMS_MAX {
            return Err(format(WHAT, "属性过多"));
        }
        let mut attribute = list.enter(SEQUENCE)?;
        let name = attribute.expect(OID)?.content;
        let mut values = attribute.enter(SET)?;
        if name == oid::MESSAGE_DIGEST {
            if digest.is_some() {
                return Err(format(WHAT, "摘要属性重复"));
            }
            digest = Some(values.expect(OCTET_STRING)?.content);
        } else if name == oid::SIGNING_TIME {
            time = Some(values.time()?);
        }
    }
    Ok((digest, time))
}
