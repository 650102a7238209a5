//! Electronic seals (GB/T 38540, version 4): making, reading, verifying; versions 1 and 5 are read.

use jiff::Timestamp;

use crate::asn1::{
    BIT_STRING, GENERALIZED_TIME, IA5_STRING, OCTET_STRING, OID, Reader, SEQUENCE, UTC_TIME,
    UTF8_STRING, bit_string, context, generalized_time, integer, oid, seq, tlv,
};
use crate::cert::Certificate;
use crate::error::{Result, SealError, format};
use crate::keys::Signature;
use crate::signer::Signer;

const WHAT: &str = "电子印章";
const CERTIFICATES_MAX: usize = 64;

/// Who may use the seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealUsers {
    /// certListType 1: whole certificates (DER).
    Certificates(Vec<Vec<u8>>),
    /// certListType 2: digests (algorithm name, SM3 of the certificate).
    Digests(Vec<(String, Vec<u8>)>),
}

impl SealUsers {
    /// True if this certificate may use the seal.
    pub fn contains(&self, certificate: &Certificate) -> bool {
        match self {
            SealUsers::Certificates(list) => list.iter().any(|der| der == certificate.der()),
            SealUsers::Digests(list) => {
                let fingerprint = certificate.fingerprint();
                list.iter()
                    .any(|(_, digest)| digest.as_slice() == fingerprint)
            }
        }
    }
}

/// What a seal says (SES_SealInfo).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealInfo {
    /// Vid: vendor of the seal system.
    pub vendor: String,
    /// esID: identifier of the seal.
    pub id: String,
    /// Type of seal; 1 organ, 2 person by GM/T 0031, further values by the maker.
    pub kind: u64,
    /// Name, for example 杭州市市场监督管理局行政审批专用章.
    pub name: String,
    /// Who may use it.
    pub users: SealUsers,
    /// Made at.
    pub created: Timestamp,
    /// Valid from.
    pub valid_from: Timestamp,
    /// Valid to.
    pub valid_to: Timestamp,
    /// Picture format: PNG, SVG, OFD …
    pub picture_type: String,
    /// Picture data.
    pub picture: Vec<u8>,
    /// Width, mm.
    pub width_mm: u64,
    /// Height, mm.
    pub height_mm: u64,
}

/// A seal signed by its maker (SESeal).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Version in the header: 1, 4 or 5.
    pub version: u64,
    /// Content.
    pub info: SealInfo,
    /// Certificate of the maker.
    pub maker: Certificate,
    der: Vec<u8>,
    signed: Vec<u8>,
    signature: Signature,
}

impl Seal {
    /// Makes a version 4 seal, signed by the maker.
    pub fn make(info: &SealInfo, maker: &dyn Signer) -> Result<Self> {
        let signed = encode_info(info);
        let signature = maker.sign(&signed)?;
        let der = seq(&[
            &signed,
            &tlv(OCTET_STRING, maker.certificate().der()),
            &tlv(OID, oid::SM2_WITH_SM3),
            &bit_string(&signature.to_der()),
        ]);
        Self::from_der(&der)
    }

    /// Reads an `.esl` file.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let mut outer = Reader::new(der, WHAT);
        let mut seal = outer.enter(SEQUENCE)?;
        outer.done()?;
        let signed = seal.expect(SEQUENCE)?;
        let (version, info) = read_info(signed.content)?;
        let (certificate, signature, to_verify);
        if version < 4 {
            // GM/T 0031-2014: SignInfo is a sequence, and the signature covers the info together
            // with the certificate and the algorithm.
            let mut sign_info = seal.enter(SEQUENCE)?;
            let cert = sign_info.expect(OCTET_STRING)?;
            let algorithm = sign_info.expect(OID)?;
            check_algorithm(algorithm.content)?;
            certificate = cert.content;
            signature = sign_info.bits()?;
            to_verify = seq(&[signed.raw, cert.raw, algorithm.raw]);
        } else {
            certificate = seal.expect(OCTET_STRING)?.content;
            check_algorithm(seal.expect(OID)?.content)?;
            signature = seal.bits()?;
            to_verify = signed.raw.to_vec();
            // Version 5 may carry a time stamp.
            seal.optional(context(0))?;
        }
        seal.done()?;
        Ok(Self {
            version,
            info,
            maker: Certificate::from_der(certificate)?,
            der: der.to_vec(),
            signed: to_verify,
            signature: Signature::from_der(signature)?,
        })
    }

    /// The bytes of the `.esl` file.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The maker's signature, and validity of the seal at the time of use. Trust in the maker's
    /// certificate is checked with [`crate::verify_chain`].
    pub fn verify(&self, at: Timestamp) -> Result<()> {
        self.maker
            .public_key()
            .verify(&self.signed, &self.signature)
            .map_err(|_| SealError::Signature("印章的制章人签名"))?;
        if (self.info.valid_from..=self.info.valid_to).contains(&at) {
            Ok(())
        } else {
            Err(SealError::Certificate(format!(
                "印章“{}”不在有效期内",
                self.info.name
            )))
        }
    }
}

fn check_algorithm(name: &[u8]) -> Result<()> {
    if name == oid::SM2_WITH_SM3 {
        Ok(())
    } else {
        Err(format(WHAT, "签名算法不是 SM2-with-SM3"))
    }
}

fn encode_info(info: &SealInfo) -> Vec<u8> {
    let header = seq(&[
        &tlv(IA5_STRING, b"ES"),
        &integer(&[4]),
        &tlv(IA5_STRING, info.vendor.as_bytes()),
    ]);
    let number = |n: u64| integer(&n.to_be_bytes());
    let (list_type, list) = match &info.users {
        SealUsers::Certificates(list) => (
            1,
            list.iter()
                .flat_map(|der| tlv(OCTET_STRING, der))
                .collect::<Vec<u8>>(),
        ),
        SealUsers::Digests(list) => {
            let item = |(name, digest): &(String, Vec<u8>)| {
                seq(&[&tlv(0x13, name.as_bytes()), &tlv(OCTET_STRING, digest)])
            };
            (2, list.iter().flat_map(item).collect())
        }
    };
    let property = seq(&[
        &number(info.kind),
        &tlv(UTF8_STRING, info.name.as_bytes()),
        &number(list_type),
        &tlv(SEQUENCE, &list),
        &generalized_time(info.created),
        &generalized_time(info.valid_from),
        &generalized_time(info.valid_to),
    ]);
    let picture = seq(&[
        &tlv(IA5_STRING, info.picture_type.as_bytes()),
        &tlv(OCTET_STRING, &info.picture),
        &number(info.width_mm),
        &number(info.height_mm),
    ]);
    seq(&[
        &header,
        &tlv(IA5_STRING, info.id.as_bytes()),
        &property,
        &picture,
    ])
}

fn read_info(content: &[u8]) -> Result<(u64, SealInfo)> {
    let mut info = Reader::new(content, WHAT);
    let mut header = info.enter(SEQUENCE)?;
    if header.text(IA5_STRING)? != "ES" {
        return Err(format(WHAT, "头标识"));
    }
    let version = header.small_integer()?;
    let vendor = header.text(IA5_STRING)?;
    let id = info.text(IA5_STRING)?;
    let mut property = info.enter(SEQUENCE)?;
    let kind = property.small_integer()?;
    let name = property.text(UTF8_STRING)?;
    // Version 1 has no certListType: the list is of certificates.
    let list_type = if version < 4 {
        1
    } else {
        property.small_integer()?
    };
    let users = read_users(list_type, property.enter(SEQUENCE)?)?;
    let times = [property.time()?, property.time()?, property.time()?];
    let mut picture = info.enter(SEQUENCE)?;
    let info_read = SealInfo {
        vendor,
        id,
        kind,
        name,
        users,
        created: times[0],
        valid_from: times[1],
        valid_to: times[2],
        picture_type: picture.text(IA5_STRING)?,
        picture: picture.expect(OCTET_STRING)?.content.to_vec(),
        width_mm: picture.small_integer()?,
        height_mm: picture.small_integer()?,
    };
    info.optional(context(0))?;
    info.done()?;
    Ok((version, info_read))
}

fn read_users(list_type: u64, mut list: Reader<'_>) -> Result<SealUsers> {
    let mut certificates = Vec::new();
    let mut digests = Vec::new();
    while !list.is_empty() {
        if certificates.len() + digests.len() >= CERTIFICATES_MAX {
            return Err(format(WHAT, "证书列表过长"));
        }
        if list_type == 1 {
            certificates.push(list.expect(OCTET_STRING)?.content.to_vec());
        } else {
            let mut item = list.enter(SEQUENCE)?;
            let name = String::from_utf8_lossy(item.any()?.content).into_owned();
            digests.push((name, item.expect(OCTET_STRING)?.content.to_vec()));
        }
    }
    Ok(if list_type == 1 {
        SealUsers::Certificates(certificates)
    } else {
        SealUsers::Digests(digests)
    })
}

/// A document signed with a seal (SES_Signature, `SignedValue.dat` of an OFD).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealSignature {
    /// The seal used.
    pub seal: Seal,
    /// When.
    pub time: Timestamp,
    /// SM3 of the document's `Signature.xml`.
    pub data_hash: Vec<u8>,
    /// Path of `Signature.xml` in the package.
    pub property: String,
    /// Certificate of the signer.
    pub signer: Certificate,
    der: Vec<u8>,
    signed: Vec<u8>,
    signature: Signature,
}

impl SealSignature {
    /// Signs `data_hash` (SM3 of `Signature.xml`) with a seal; version 4. The signer's certificate must be
    /// in the seal's list.
    pub fn make(
        seal: &Seal,
        data_hash: &[u8; 32],
        property: &str,
        time: Timestamp,
        signer: &dyn Signer,
    ) -> Result<Self> {
        if !seal.info.users.contains(signer.certificate()) {
            return Err(SealError::Certificate("签名者不在印章的使用人之列".into()));
        }
        let signed = seq(&[
            &integer(&[4]),
            seal.der(),
            &generalized_time(time),
            &bit_string(data_hash),
            &tlv(IA5_STRING, property.as_bytes()),
        ]);
        let signature = signer.sign(&signed)?;
        Self::from_der(&seq(&[
            &signed,
            &tlv(OCTET_STRING, signer.certificate().der()),
            &tlv(OID, oid::SM2_WITH_SM3),
            &bit_string(&signature.to_der()),
        ]))
    }

    /// Reads a `SignedValue.dat` of version 4 or 5.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let mut outer = Reader::new(der, WHAT);
        let mut whole = outer.enter(SEQUENCE)?;
        outer.done()?;
        let signed = whole.expect(SEQUENCE)?;
        let mut body = Reader::new(signed.content, WHAT);
        body.small_integer()?;
        let seal = Seal::from_der(body.expect(SEQUENCE)?.raw)?;
        if !matches!(body.peek(), Some(GENERALIZED_TIME | UTC_TIME)) || seal.version < 4 {
            return Err(format(WHAT, "签章版本低于 4"));
        }
        let time = body.time()?;
        let data_hash = body.bits()?.to_vec();
        let property = body.text(IA5_STRING)?;
        body.optional(context(0))?;
        body.done()?;
        let signer = Certificate::from_der(whole.expect(OCTET_STRING)?.content)?;
        check_algorithm(whole.expect(OID)?.content)?;
        if whole.peek() != Some(BIT_STRING) {
            return Err(format(WHAT, "缺少签名值"));
        }
        let signature = Signature::from_der(whole.bits()?)?;
        whole.optional(context(0))?;
        whole.done()?;
        let (der, signed) = (der.to_vec(), signed.raw.to_vec());
        Ok(Self {
            seal,
            time,
            data_hash,
            property,
            signer,
            der,
            signed,
            signature,
        })
    }

    /// The bytes of `SignedValue.dat`.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Checks the document's digest, the signer's signature and validity, the seal and its list of users.
    pub fn verify(&self, data_hash: &[u8; 32]) -> Result<()> {
        if self.data_hash.as_slice() != data_hash {
            return Err(SealError::Signature("文件内容与签章时不符"));
        }
        self.signer
            .public_key()
            .verify(&self.signed, &self.signature)
            .map_err(|_| SealError::Signature("签章的签名值"))?;
        self.seal.verify(self.time)?;
        if !self.signer.is_valid_at(self.time) {
            return Err(SealError::Certificate(
                "签章时签名者证书不在有效期内".into(),
            ));
        }
        if self.seal.info.users.contains(&self.signer) {
            Ok(())
        } else {
            Err(SealError::Certificate("签名者不在印章的使用人之列".into()))
        }
    }
}
