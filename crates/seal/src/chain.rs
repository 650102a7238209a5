//! Trust: from a signer's certificate up to an anchor.

use jiff::Timestamp;

use crate::cert::Certificate;
use crate::error::{Result, SealError};

/// Longest chain followed, anchor included.
const DEPTH_MAX: usize = 8;

/// Checks `leaf` up to one of `anchors` at time `at`: signatures, validity, CA flag, path length,
/// keyCertSign, no unknown critical extension; the leaf must be allowed to sign. Returns the chain,
/// leaf first. Revocation is not looked at: that needs the CA's list, which the caller fetches.
pub fn verify_chain(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[Certificate],
    at: Timestamp,
) -> Result<Vec<Certificate>> {
    if !leaf.may_sign() {
        return Err(refuse(leaf, "密钥用途不含签名"));
    }
    let mut chain = vec![leaf.clone()];
    let mut current = leaf;
    for cas_below in 0..DEPTH_MAX as u64 {
        check_itself(current, at)?;
        if anchors.contains(current) {
            return Ok(chain);
        }
        let candidates = anchors.iter().chain(intermediates);
        let issuer = candidates
            .filter(|c| c.subject_raw == current.issuer_raw)
            .find(|c| current.verify_signed_by(c.public_key()).is_ok())
            .ok_or_else(|| refuse(current, "找不到可信的签发者"))?;
        if issuer == current {
            return Err(refuse(current, "自签名但不是信任锚"));
        }
        if !issuer.is_ca() || issuer.key_usage().is_some_and(|u| !u.key_cert_sign) {
            return Err(refuse(issuer, "不是签发证书的机构"));
        }
        if issuer.path_length().is_some_and(|max| cas_below > max) {
            return Err(refuse(issuer, "证书链超过允许的长度"));
        }
        chain.push(issuer.clone());
        current = issuer;
    }
    Err(refuse(leaf, "证书链过长"))
}

fn check_itself(certificate: &Certificate, at: Timestamp) -> Result<()> {
    if !certificate.is_valid_at(at) {
        return Err(refuse(certificate, "不在有效期内"));
    }
    if certificate.has_unknown_critical() {
        return Err(refuse(certificate, "有无法识别的关键扩展"));
    }
    Ok(())
}

fn refuse(certificate: &Certificate, why: &str) -> SealError {
    SealError::Certificate(format!("{}：{why}", certificate.subject()))
}
