//! SM4-GCM (GB/T 32907, RFC 8998) for data at rest, and data keys wrapped by a master key.

use crate::sm4::Sm4;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{AesGcm, Nonce};

use crate::digest::{Key, hkdf_sm3};
use crate::error::{Result, SealError};

/// Key of SM4: 128 bits.
pub type Sm4Key = [u8; 16];
/// Nonce of GCM: 96 bits; never twice under one key.
pub type GcmNonce = [u8; 12];
/// Bytes that sealing adds.
pub const TAG_BYTES: usize = 16;

type Sm4Gcm = AesGcm<Sm4, ::cipher::consts::U12>;

/// Encrypts and authenticates; `aad` is authenticated only (bind row and column there).
/// Output is ciphertext ‖ 16-byte tag. The caller draws the nonce and stores it beside.
pub fn sm4_gcm_seal(
    key: &Sm4Key,
    nonce: &GcmNonce,
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let payload = Payload {
        msg: plaintext,
        aad,
    };
    Sm4Gcm::new(&(*key).into())
        .encrypt(&Nonce::from(*nonce), payload)
        .map_err(|_| SealError::TooLarge("SM4-GCM"))
}

/// Decrypts what [`sm4_gcm_seal`] made, or fails as a whole.
pub fn sm4_gcm_open(
    key: &Sm4Key,
    nonce: &GcmNonce,
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>> {
    let payload = Payload {
        msg: ciphertext,
        aad,
    };
    Sm4Gcm::new(&(*key).into())
        .decrypt(&Nonce::from(*nonce), payload)
        .map_err(|_| SealError::Decrypt)
}

/// The key of one case or person, derived from the master key: HKDF-SM3(master, salt = id, info = purpose).
pub fn derive_data_key(master: &Key, id: &[u8], purpose: &str) -> Result<Sm4Key> {
    let bytes = hkdf_sm3(
        master,
        id,
        &[b"data-key\0", purpose.as_bytes()].concat(),
        16,
    )?;
    bytes.try_into().map_err(|_| SealError::Key("派生"))
}

/// Wraps a random data key under the master key, bound to `id`; store the result and delete it to
/// shred what the key protected (个人信息保护法 第四十七条). Output: nonce ‖ ciphertext ‖ tag, 44 bytes.
pub fn wrap_key(master: &Key, id: &[u8], data_key: &Sm4Key, nonce: &GcmNonce) -> Result<Vec<u8>> {
    let wrapping = derive_data_key(master, b"", "wrap")?;
    let sealed = sm4_gcm_seal(&wrapping, nonce, id, data_key)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Unwraps what [`wrap_key`] made for the same `id`.
pub fn unwrap_key(master: &Key, id: &[u8], wrapped: &[u8]) -> Result<Sm4Key> {
    let wrapping = derive_data_key(master, b"", "wrap")?;
    let (nonce, sealed) = wrapped
        .split_first_chunk::<12>()
        .ok_or(SealError::Decrypt)?;
    let key = sm4_gcm_open(&wrapping, nonce, id, sealed)?;
    key.try_into().map_err(|_| SealError::Decrypt)
}
