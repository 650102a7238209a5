//! The small part of DER that certificates, CMS and seals need: a strict reader that keeps raw
//! slices (signatures are over the very bytes received) and a writer.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::error::{Result, SealError, format};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Constructed context tag `[n]`.
pub(crate) const fn context(n: u8) -> u8 {
    0xa0 | n
}

/// Object identifiers, content bytes.
pub(crate) mod oid {
    /// 1.2.840.10045.2.1 id-ecPublicKey
    pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    /// 1.2.156.10197.1.301 SM2 curve
    pub(crate) const SM2_CURVE: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d];
    /// 1.2.156.10197.1.301.1 SM2 signature algorithm as GB/T 35275 names it
    pub(crate) const SM2_SIGN: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x01];
    /// 1.2.156.10197.1.501 SM2 with SM3
    pub(crate) const SM2_WITH_SM3: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75];
    /// 1.2.156.10197.1.401 SM3
    pub(crate) const SM3: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x11];
    /// 1.2.156.10197.6.1.4.2.1 data (GB/T 35275)
    pub(crate) const GM_DATA: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x06, 0x01, 0x04, 0x02, 0x01];
    /// 1.2.156.10197.6.1.4.2.2 signedData (GB/T 35275)
    pub(crate) const GM_SIGNED_DATA: &[u8] =
        &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x06, 0x01, 0x04, 0x02, 0x02];
    /// 1.2.840.113549.1.7.1 data (PKCS #7), accepted on reading
    pub(crate) const PKCS7_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    /// 1.2.840.113549.1.7.2 signedData (PKCS #7), accepted on reading
    pub(crate) const PKCS7_SIGNED_DATA: &[u8] =
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    /// 1.2.840.113549.1.9.3 contentType
    pub(crate) const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
    /// 1.2.840.113549.1.9.4 messageDigest
    pub(crate) const MESSAGE_DIGEST: &[u8] =
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
    /// 1.2.840.113549.1.9.5 signingTime
    pub(crate) const SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];
    /// 2.5.29.14 subjectKeyIdentifier
    pub(crate) const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
    /// 2.5.29.15 keyUsage
    pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    /// 2.5.29.19 basicConstraints
    pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    /// 2.5.29.35 authorityKeyIdentifier
    pub(crate) const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];
}

/// One element, with its raw bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) raw: &'a [u8],
}

/// Reads elements one after another.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    pub(crate) fn fail(&self, why: &str) -> SealError {
        format(self.what, why)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element of any tag.
    pub(crate) fn any(&mut self) -> Result<Tlv<'a>> {
        let cut = || format(self.what, "DER 被截断");
        let whole = self.rest;
        let (&[tag, first], mut body) = whole.split_first_chunk::<2>().ok_or_else(cut)?;
        if tag & 0x1f == 0x1f {
            return Err(self.fail("不支持的标签"));
        }
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            let count = usize::from(first & 0x7f);
            let (bytes, rest) = body.split_at_checked(count).ok_or_else(cut)?;
            body = rest;
            if count == 0 || count > 4 || bytes.first() == Some(&0) {
                return Err(self.fail("长度编码"));
            }
            let length = bytes.iter().fold(0usize, |n, b| n << 8 | usize::from(*b));
            if length < 0x80 {
                return Err(self.fail("长度编码"));
            }
            length
        };
        let (content, rest) = body.split_at_checked(length).ok_or_else(cut)?;
        self.rest = rest;
        let raw = whole.get(..whole.len() - rest.len()).ok_or_else(cut)?;
        Ok(Tlv { tag, content, raw })
    }

    /// The next element, of this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Tlv<'a>> {
        if self.peek() == Some(tag) {
            self.any()
        } else {
            Err(self.fail(&format!("期待标签 {tag:02x}，得到 {:02x?}", self.peek())))
        }
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>> {
        if self.peek() == Some(tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    /// A reader into the next constructed element.
    pub(crate) fn enter(&mut self, tag: u8) -> Result<Reader<'a>> {
        let tlv = self.expect(tag)?;
        Ok(Reader::new(tlv.content, self.what))
    }

    pub(crate) fn done(&self) -> Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.fail("多余的数据"))
        }
    }

    /// A non-negative INTEGER below 2^63.
    pub(crate) fn small_integer(&mut self) -> Result<u64> {
        let content = self.expect(INTEGER)?.content;
        match content {
            [first, ..] if *first < 0x80 && content.len() <= 8 => {
                Ok(content.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
            }
            _ => Err(self.fail("整数")),
        }
    }

    /// A string of this tag.
    pub(crate) fn text(&mut self, tag: u8) -> Result<String> {
        let tlv = self.expect(tag)?;
        String::from_utf8(tlv.content.to_vec()).map_err(|_| self.fail("文字编码"))
    }

    /// Content of a BIT STRING without unused bits.
    pub(crate) fn bits(&mut self) -> Result<&'a [u8]> {
        match self.expect(BIT_STRING)?.content.split_first() {
            Some((0, bytes)) => Ok(bytes),
            _ => Err(self.fail("位串")),
        }
    }

    /// UTCTime or GeneralizedTime in Zulu form.
    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        let tlv = self.any()?;
        let bad = || format(self.what, "时间");
        let text = std::str::from_utf8(tlv.content).map_err(|_| bad())?;
        let full = match tlv.tag {
            // RFC 5280 4.1.2.5.1: two-digit years from 50 on are of the last century.
            UTC_TIME if text.as_bytes().first().is_some_and(|c| *c >= b'5') => format!("19{text}"),
            UTC_TIME => format!("20{text}"),
            GENERALIZED_TIME => text.to_owned(),
            _ => return Err(bad()),
        };
        let time = DateTime::strptime("%Y%m%d%H%M%SZ", &full).map_err(|_| bad())?;
        Ok(time.to_zoned(TimeZone::UTC).map_err(|_| bad())?.timestamp())
    }
}

/// One element of this tag.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let start = bytes.iter().position(|b| *b != 0).unwrap_or(0);
        let digits = bytes.get(start..).unwrap_or_default();
        out.push(0x80 | digits.len() as u8);
        out.extend_from_slice(digits);
    }
    out.extend_from_slice(content);
    out
}

/// A constructed element of these parts.
pub(crate) fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag, &parts.concat())
}

pub(crate) fn seq(parts: &[&[u8]]) -> Vec<u8> {
    wrap(SEQUENCE, parts)
}

/// SET OF: elements in DER order.
pub(crate) fn set_of(tag: u8, mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    tlv(tag, &parts.concat())
}

/// A non-negative INTEGER from big-endian bytes.
pub(crate) fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
    let mut content = bytes.get(start..).unwrap_or_default().to_vec();
    if content.first().is_none_or(|b| *b >= 0x80) {
        content.insert(0, 0);
    }
    tlv(INTEGER, &content)
}

pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    wrap(BIT_STRING, &[&[0], bytes])
}

pub(crate) fn generalized_time(time: Timestamp) -> Vec<u8> {
    tlv(
        GENERALIZED_TIME,
        time.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes(),
    )
}

/// UTCTime up to 2049, GeneralizedTime after (RFC 5280 4.1.2.5).
pub(crate) fn certificate_time(time: Timestamp) -> Vec<u8> {
    let year = time.to_zoned(TimeZone::UTC).year();
    if (1950..2050).contains(&year) {
        tlv(
            UTC_TIME,
            time.strftime("%y%m%d%H%M%SZ").to_string().as_bytes(),
        )
    } else {
        generalized_time(time)
    }
}
