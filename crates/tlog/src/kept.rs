//! What the platform keeps of a leaf's private part: the values, and one secret from which all salts follow.
//!
//! Digests are not kept, they are computed again. Erasing a field (个人信息保护法 第四十七条) needs the secret to go, since it
//! could make the field's salt again: the other salts are then kept one by one, and of the erased field its digests alone.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::bundle::BundleField;
use crate::canonical::to_canonical;
use crate::error::{Result, TlogError, format};
use crate::hash::{Hash, from_base64, to_base64};
use crate::leaf::{FieldDigests, Leaf, LeafKind};

/// The salt of the field `name` under the leaf's secret: HMAC-SHA256(secret, "<header>/salt\0" ‖ name).
pub fn salt_of(kind: LeafKind, secret: &Hash, name: &str) -> Hash {
    let mut block = [0u8; 64];
    // HMAC pads a 32-byte key with zeroes to the block, which is what `new` takes.
    block[..32].copy_from_slice(secret);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(kind.header().as_bytes());
    mac.update(b"/salt\0");
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The stored private part of one leaf.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Minutes since the epoch, UTC.
    pub minute: u32,
    /// The secret of the salts, base64; gone once a field was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Field → value.
    fields: Map<String, Value>,
    /// Field → salt, base64, for those whose salt does not follow from `secret`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    salts: Map<String, Value>,
    /// Erased field → its two digests, base64.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    erased: Map<String, Value>,
}

impl Kept {
    /// What to keep of `leaf`, as JSON bytes; `secret` is the one its salts were made from.
    ///
    /// Values of a leaf are canonical JSON already and are put in as they are.
    pub fn json_of(leaf: &Leaf, secret: &Hash) -> Vec<u8> {
        let size: usize = leaf
            .fields
            .iter()
            .map(|field| field.name.len() + field.value.len() + 4)
            .sum();
        let mut out = String::with_capacity(size + 100);
        out.push_str("{\"minute\":");
        out.push_str(&leaf.text.minute.to_string());
        out.push_str(",\"secret\":\"");
        out.push_str(&to_base64(secret));
        out.push_str("\",\"fields\":{");
        for (n, field) in leaf.fields.iter().enumerate() {
            if n > 0 {
                out.push(',');
            }
            // Names are [a-z0-9_]+ and need no escape.
            out.push('"');
            out.push_str(&field.name);
            out.push_str("\":");
            out.push_str(&field.value);
        }
        out.push_str("}}");
        out.into_bytes()
    }

    /// Reads what [`Kept::json_of`] or [`Kept::to_json`] wrote.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json).map_err(|e| format("存证", e.to_string()))
    }

    /// The bytes to store after an erasure.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|e| format("存证", e.to_string()))
    }

    /// The fields as a bundle carries them, in byte order of their names.
    pub fn fields(&self, kind: LeafKind) -> Result<Vec<BundleField>> {
        let secret = self.secret.as_deref().map(hash).transpose()?;
        let mut fields = Vec::with_capacity(self.fields.len() + self.erased.len());
        for (name, value) in &self.fields {
            let salt = match (self.salts.get(name), &secret) {
                (Some(salt), _) => hash(salt.as_str().unwrap_or_default())?,
                (None, Some(secret)) => salt_of(kind, secret, name),
                (None, None) => return Err(TlogError::Field(format!("{name} 没有盐值"))),
            };
            let digests = FieldDigests::compute(kind, &salt, name, &to_canonical(value)?);
            fields.push(BundleField {
                name: name.clone(),
                value: Some(value.clone()),
                salt: Some(salt),
                d: digests.d,
                e: digests.e,
            });
        }
        for (name, digests) in &self.erased {
            let part = |n: usize| hash(digests.get(n).and_then(Value::as_str).unwrap_or_default());
            fields.push(BundleField {
                name: name.clone(),
                value: None,
                salt: None,
                d: part(0)?,
                e: part(1)?,
            });
        }
        fields.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        Ok(fields)
    }

    /// Erases the named fields for good: value, salt and the secret from which the salt could be made go, the digests stay.
    /// Fields that are not there are passed over.
    pub fn erase(&mut self, kind: LeafKind, names: &[&str]) -> Result<()> {
        let (mut kept, mut salts, mut erased) = (Map::new(), Map::new(), self.erased.clone());
        for field in self.fields(kind)? {
            let (Some(value), Some(salt)) = (field.value, field.salt) else {
                continue;
            };
            if names.contains(&field.name.as_str()) {
                let digests = [&field.d, &field.e].map(|part| Value::from(to_base64(part)));
                erased.insert(field.name, Value::from(digests.to_vec()));
            } else {
                salts.insert(field.name.clone(), to_base64(&salt).into());
                kept.insert(field.name, value);
            }
        }
        (self.fields, self.salts, self.erased) = (kept, salts, erased);
        self.secret = None;
        Ok(())
    }
}

fn hash(text: &str) -> Result<Hash> {
    from_base64(text)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| format("存证", "应为 32 字节的 base64"))
}
