//! SM3 (GB/T 32905), HMAC-SM3, key derivation and blind indices.

use hmac::{Hmac, KeyInit, Mac};
use sm3::{Digest, Sm3};

use crate::error::{Result, SealError};

/// A 32-byte secret key.
pub type Key = [u8; 32];

/// SM3 digest.
pub fn sm3(message: &[u8]) -> [u8; 32] {
    Sm3::digest(message).into()
}

/// SM3 digest of several parts, without copying them together.
pub fn sm3_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut h = Sm3::new();
    for part in parts {
        h.update(part);
    }
    h.finalize().into()
}

/// HMAC-SM3 (RFC 2104) with a key of any length.
pub fn hmac_sm3(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0u8; 64];
    let digest;
    let short = if key.len() > 64 {
        digest = sm3(key);
        digest.as_slice()
    } else {
        key
    };
    for (to, from) in block.iter_mut().zip(short) {
        *to = *from;
    }
    let mut mac = Hmac::<Sm3>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Index of a sensitive value for equality look-up: HMAC-SM3(key, "blind-index\0" ‖ u16be len(domain)
/// ‖ domain ‖ value). The domain (say `person.id_no`) keeps equal values of different columns apart.
/// The caller normalises the value first (upper case, no blanks).
pub fn blind_index(key: &Key, domain: &str, value: &str) -> [u8; 32] {
    let length = (domain.len().min(usize::from(u16::MAX)) as u16).to_be_bytes();
    hmac_sm3(
        key,
        &[
            b"blind-index\0",
            &length,
            domain.as_bytes(),
            value.as_bytes(),
        ],
    )
}

/// HKDF (RFC 5869) with HMAC-SM3. At most 255 × 32 bytes of output.
pub fn hkdf_sm3(secret: &[u8], salt: &[u8], info: &[u8], length: usize) -> Result<Vec<u8>> {
    if length > 255 * 32 {
        return Err(SealError::TooLarge("HKDF"));
    }
    let prk = hmac_sm3(salt, &[secret]);
    let mut out = Vec::with_capacity(length + 32);
    let mut block = Vec::new();
    let mut counter = 0u8;
    while out.len() < length {
        counter += 1;
        block = hmac_sm3(&prk, &[&block, info, &[counter]]).to_vec();
        out.extend_from_slice(&block);
    }
    out.truncate(length);
    Ok(out)
}
