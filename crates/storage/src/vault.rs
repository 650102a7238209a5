//! Personal data at rest: every person and every case has a data key of its own, wrapped under the master key; values are
//! sealed with SM4-GCM; numbers are found again by an HMAC-SM3 index. Destroying a data key erases what it sealed
//! (个人信息保护法 第四十七条).

use std::sync::Arc;

use tongban_kernel::{Error, Result};
use tongban_seal::{hmac_sm3, sm4_gcm_open, sm4_gcm_seal};

use crate::Ids;

const NONCE: usize = 12;

/// A data key in the clear; never stored.
#[derive(Clone)]
pub struct DataKey([u8; 16]);

/// Seals and opens; cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Keys>);

struct Keys {
    wrap: [u8; 16],
    index: [u8; 32],
    derive: [u8; 32],
}

/// HMAC-SM3 of parts whose borders count.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let lengths: Vec<[u8; 8]> = parts
        .iter()
        .map(|part| (part.len() as u64).to_be_bytes())
        .collect();
    let framed: Vec<&[u8]> = lengths
        .iter()
        .zip(parts)
        .flat_map(|(length, part)| [length.as_slice(), part])
        .collect();
    hmac_sm3(key, &framed)
}

fn seal_with(key: &[u8; 16], nonce: [u8; NONCE], bound_to: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let sealed = sm4_gcm_seal(key, &nonce, bound_to, plain)
        .map_err(|source| Error::internal("seal failed").source(source))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn open_with(key: &[u8; 16], bound_to: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    let (nonce, body) = sealed
        .split_first_chunk::<NONCE>()
        .ok_or_else(|| Error::internal("sealed value is too short"))?;
    sm4_gcm_open(key, nonce, bound_to, body)
        .map_err(|_| Error::internal("sealed value is damaged or under another key"))
}

impl Vault {
    /// `master`: 32 random bytes that live outside the store.
    pub fn new(master: &[u8; 32]) -> Self {
        let wrap = mac(master, &[b"tongban/v1/wrap"]);
        let mut wrap_key = [0; 16];
        wrap_key.copy_from_slice(&wrap[..16]);
        Self(Arc::new(Keys {
            wrap: wrap_key,
            index: mac(master, &[b"tongban/v1/index"]),
            derive: mac(master, &[b"tongban/v1/derive"]),
        }))
    }

    /// A fresh data key: in the clear, and wrapped for the row that owns it.
    pub fn new_key(&self, ids: &Ids) -> Result<(DataKey, Vec<u8>)> {
        let key = DataKey(ids.bytes());
        let wrapped = seal_with(&self.0.wrap, ids.bytes(), b"data-key", &key.0)?;
        Ok((key, wrapped))
    }

    pub fn unwrap_key(&self, wrapped: &[u8]) -> Result<DataKey> {
        let key = open_with(&self.0.wrap, b"data-key", wrapped)?;
        let key = key
            .try_into()
            .map_err(|_| Error::internal("data key has a wrong length"))?;
        Ok(DataKey(key))
    }

    /// Seals `plain`, bound to its owner so that it cannot be moved to another row.
    pub fn seal(&self, ids: &Ids, key: &DataKey, bound_to: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        seal_with(&key.0, ids.bytes(), bound_to, plain)
    }

    pub fn open(&self, key: &DataKey, bound_to: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        open_with(&key.0, bound_to, sealed)
    }

    /// The blind index of a value: equal values meet, and nobody without the key can try values.
    pub fn index(&self, domain: &str, value: &str) -> String {
        hex::encode(mac(&self.0.index, &[domain.as_bytes(), value.as_bytes()]))
    }

    /// A secret that follows from the master key, for one purpose (form tokens, signing keys of cookies).
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        mac(&self.0.derive, &[purpose.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;

    #[test]
    fn what_was_sealed_opens_only_for_its_owner_and_undamaged() {
        let (vault, ids) = (Vault::new(&[7; 32]), Ids::new(OsRandom));
        let (key, wrapped) = vault.new_key(&ids).expect("a key");
        let sealed = vault
            .seal(&ids, &key, b"per_1", "张三".as_bytes())
            .expect("sealed");
        let key = vault.unwrap_key(&wrapped).expect("unwrapped");
        assert_eq!(
            vault.open(&key, b"per_1", &sealed).expect("opened"),
            "张三".as_bytes()
        );
        assert!(vault.open(&key, b"per_2", &sealed).is_err());
        let mut damaged = sealed.clone();
        damaged[20] ^= 1;
        assert!(vault.open(&key, b"per_1", &damaged).is_err());
        assert!(vault.open(&key, b"per_1", &sealed[..5]).is_err());
        assert!(Vault::new(&[8; 32]).unwrap_key(&wrapped).is_err());
        assert_ne!(vault.index("a", "1"), vault.index("b", "1"));
    }
}
