//! C2SP signed notes: strict parsing, Ed25519 and SM2-with-SM3 keys, signing and verification.

use ed25519_dalek::{Signature as EdSignature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use sm2::dsa::signature::Verifier as _;

use crate::error::{Result, TlogError, format};
use crate::hash::{from_base64, to_base64};

/// Most signature lines accepted (the specification asks for at least 16).
const SIGNATURES_MAX: usize = 64;
/// Largest note accepted, bytes.
const NOTE_BYTES_MAX: usize = 256 * 1024;
/// Long identifier after the type byte 0xff for SM2 with SM3, raw r‖s over the note text.
pub const SM2_TYPE: &[u8] = b"\xffgov.cn/sm2-sm3/v1";
/// Default user identity of GB/T 32918 signatures.
pub const SM2_USER_ID: &str = "1234567812345678";

/// What a key signs and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Type 0x01: Ed25519 over the note text.
    Ed25519,
    /// Type 0x04: Ed25519 timestamped cosignature of a witness.
    CosignatureV1,
    /// Type 0xff `gov.cn/sm2-sm3/v1`: SM2 with SM3 over the note text, default user identity.
    Sm2,
}

impl KeyKind {
    fn type_bytes(self) -> &'static [u8] {
        match self {
            KeyKind::Ed25519 => &[0x01],
            KeyKind::CosignatureV1 => &[0x04],
            KeyKind::Sm2 => SM2_TYPE,
        }
    }
}

/// Key id of the specification: SHA-256(name ‖ "\n" ‖ type ‖ public key)[..4].
pub fn key_id(name: &str, kind: KeyKind, public_key: &[u8]) -> u32 {
    let mut h = Sha256::new();
    h.update(name.as_bytes());
    h.update(b"\n");
    h.update(kind.type_bytes());
    h.update(public_key);
    let digest: [u8; 32] = h.finalize().into();
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// Key names are not empty and hold no Unicode space, plus sign or control character.
pub fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c == '+' || c.is_control())
}

/// One signature line, not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Key name.
    pub name: String,
    /// Key id.
    pub key_id: u32,
    /// Signature bytes after the key id.
    pub bytes: Vec<u8>,
}

/// A signed note: text (ending in a newline) and signature lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// An unsigned note; the text must end in a newline and hold no control characters.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        if !text.ends_with('\n') || text.chars().any(|c| c < ' ' && c != '\n') {
            return Err(format("签名文本", "须以换行结尾且不含控制字符"));
        }
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// Parses a note with at least one signature line.
    pub fn parse(note: &str) -> Result<Self> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(format("签名文本", "过大"));
        }
        let split = note
            .rfind("\n\n")
            .ok_or_else(|| format("签名文本", "没有空行"))?;
        let (text, lines) = note.split_at(split + 1);
        let mut parsed = Self::new(text)?;
        let body = lines.strip_prefix('\n').and_then(|l| l.strip_suffix('\n'));
        let body = body
            .filter(|b| !b.is_empty())
            .ok_or_else(|| format("签名行", "没有签名"))?;
        for line in body.split('\n') {
            if parsed.signatures.len() >= SIGNATURES_MAX {
                return Err(format("签名行", "过多"));
            }
            parsed.signatures.push(parse_line(line)?);
        }
        Ok(parsed)
    }

    /// The signed text, final newline included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signature lines.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds the signature of `signer` over the text.
    pub fn sign(&mut self, signer: &dyn NoteSigner) -> Result<()> {
        let bytes = signer.sign(self.text.as_bytes())?;
        self.push(NoteSignature {
            name: signer.name().to_owned(),
            key_id: signer.key_id(),
            bytes,
        })
    }

    /// Adds a finished signature line (of a witness).
    pub fn push(&mut self, signature: NoteSignature) -> Result<()> {
        if !valid_name(&signature.name) {
            return Err(format("密钥名", signature.name));
        }
        if self.signatures.len() >= SIGNATURES_MAX {
            return Err(format("签名行", "过多"));
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Signature lines made, by name and id, with this key.
    pub fn signatures_of<'a>(
        &'a self,
        key: &'a NoteVerifier,
    ) -> impl Iterator<Item = &'a NoteSignature> {
        self.signatures
            .iter()
            .filter(|s| s.name == key.name && s.key_id == key.key_id)
    }

    /// True if signed by `key`; false if there is no line of it; an error if a line of it is wrong.
    pub fn verify(&self, key: &NoteVerifier) -> Result<bool> {
        let mut found = false;
        for signature in self.signatures_of(key) {
            key.verify(self.text.as_bytes(), &signature.bytes)?;
            found = true;
        }
        Ok(found)
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        for s in &self.signatures {
            let mut blob = s.key_id.to_be_bytes().to_vec();
            blob.extend_from_slice(&s.bytes);
            writeln!(f, "\u{2014} {} {}", s.name, to_base64(&blob))?;
        }
        Ok(())
    }
}

/// One signature line, without its newline.
pub fn parse_line(line: &str) -> Result<NoteSignature> {
    let bad = || format("签名行", line.chars().take(80).collect::<String>());
    let (name, blob) = line
        .strip_prefix("\u{2014} ")
        .and_then(|l| l.split_once(' '))
        .ok_or_else(bad)?;
    let blob = from_base64(blob).ok_or_else(bad)?;
    let (id, bytes) = blob.split_first_chunk::<4>().ok_or_else(bad)?;
    if !valid_name(name) || bytes.is_empty() {
        return Err(bad());
    }
    let key_id = u32::from_be_bytes(*id);
    Ok(NoteSignature {
        name: name.to_owned(),
        key_id,
        bytes: bytes.to_vec(),
    })
}

/// A key that signs notes; an HSM implements this.
pub trait NoteSigner {
    /// Key name; equals the origin for a log key.
    fn name(&self) -> &str;
    /// Key id as in the signature line.
    fn key_id(&self) -> u32;
    /// Signature bytes over the message.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>>;
}

/// Software Ed25519 key (for tests and small sites; larger ones keep keys in a module).
pub struct Ed25519Signer {
    name: String,
    key: SigningKey,
}

impl Ed25519Signer {
    /// Key from 32 random bytes that the caller drew.
    pub fn from_seed(name: impl Into<String>, seed: &[u8; 32]) -> Result<Self> {
        let name = name.into();
        if !valid_name(&name) {
            return Err(format("密钥名", name));
        }
        Ok(Self {
            name,
            key: SigningKey::from_bytes(seed),
        })
    }

    /// Reads `PRIVATE+KEY+<name>+<id>+<base64>`, the form of Go's `sumdb/note`.
    pub fn from_skey(skey: &str) -> Result<Self> {
        let bad = || format("私钥文本", "应为 PRIVATE+KEY+<名>+<编号>+<内容>");
        let rest = skey.strip_prefix("PRIVATE+KEY+").ok_or_else(bad)?;
        let (name, rest) = rest.split_once('+').ok_or_else(bad)?;
        let (id, key) = rest.split_once('+').ok_or_else(bad)?;
        let key = from_base64(key).ok_or_else(bad)?;
        let seed = key
            .strip_prefix(&[1u8])
            .and_then(|s| s.try_into().ok())
            .ok_or_else(bad)?;
        let signer = Self::from_seed(name, seed)?;
        if format!("{:08x}", signer.key_id()) == id {
            Ok(signer)
        } else {
            Err(bad())
        }
    }

    /// Private key text; keep it secret.
    pub fn to_skey(&self) -> String {
        let mut key = vec![1u8];
        key.extend_from_slice(self.key.as_bytes());
        format!(
            "PRIVATE+KEY+{}+{:08x}+{}",
            self.name,
            self.key_id(),
            to_base64(&key)
        )
    }

    /// The key that verifies notes signed by this one.
    pub fn verifier(&self) -> NoteVerifier {
        self.verifier_as(KeyKind::Ed25519)
    }

    /// Name of the key.
    pub fn key_name(&self) -> &str {
        &self.name
    }

    pub(crate) fn verifier_as(&self, kind: KeyKind) -> NoteVerifier {
        NoteVerifier::from_parts(
            &self.name,
            kind,
            self.key.verifying_key().as_bytes().to_vec(),
        )
    }

    pub(crate) fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl NoteSigner for Ed25519Signer {
    fn name(&self) -> &str {
        &self.name
    }
    fn key_id(&self) -> u32 {
        key_id(
            &self.name,
            KeyKind::Ed25519,
            self.key.verifying_key().as_bytes(),
        )
    }
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        Ok(self.sign_bytes(message).to_vec())
    }
}

/// SM2-with-SM3 log key whose private part is elsewhere: `sign` is a closure giving raw r‖s.
pub struct Sm2Signer<F> {
    name: String,
    key_id: u32,
    sign: F,
}

impl<F: Fn(&[u8]) -> Result<[u8; 64]>> Sm2Signer<F> {
    /// `public_key` is the uncompressed point (65 bytes, 0x04‖x‖y); `sign` uses the default user identity.
    pub fn new(name: impl Into<String>, public_key: &[u8; 65], sign: F) -> Result<Self> {
        let name = name.into();
        if !valid_name(&name) {
            return Err(format("密钥名", name));
        }
        let key_id = key_id(&name, KeyKind::Sm2, public_key);
        Ok(Self { name, key_id, sign })
    }
}

impl<F: Fn(&[u8]) -> Result<[u8; 64]>> NoteSigner for Sm2Signer<F> {
    fn name(&self) -> &str {
        &self.name
    }
    fn key_id(&self) -> u32 {
        self.key_id
    }
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        (self.sign)(message).map(|s| s.to_vec())
    }
}

/// A trusted public key with its name (vkey).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteVerifier {
    name: String,
    kind: KeyKind,
    key_id: u32,
    public_key: Vec<u8>,
}

impl NoteVerifier {
    fn from_parts(name: &str, kind: KeyKind, public_key: Vec<u8>) -> Self {
        let key_id = key_id(name, kind, &public_key);
        Self {
            name: name.to_owned(),
            kind,
            key_id,
            public_key,
        }
    }

    /// Verifier of an SM2 log key; the point must be on the curve.
    pub fn sm2(name: &str, public_key: &[u8; 65]) -> Result<Self> {
        if !valid_name(name) {
            return Err(format("密钥名", name));
        }
        sm2_key(public_key)?;
        Ok(Self::from_parts(name, KeyKind::Sm2, public_key.to_vec()))
    }

    /// Reads `<name>+<hex id>+<base64(type ‖ key)>`.
    pub fn parse(vkey: &str) -> Result<Self> {
        let bad = || format("公钥文本", vkey.chars().take(120).collect::<String>());
        let (name, rest) = vkey.split_once('+').ok_or_else(bad)?;
        let (id, key) = rest.split_once('+').ok_or_else(bad)?;
        let key = from_base64(key).ok_or_else(bad)?;
        let kinds = [KeyKind::Ed25519, KeyKind::CosignatureV1, KeyKind::Sm2];
        let (kind, public_key) = kinds
            .into_iter()
            .find_map(|k| key.strip_prefix(k.type_bytes()).map(|p| (k, p)))
            .ok_or_else(bad)?;
        match kind {
            KeyKind::Sm2 => sm2_key(public_key).map(|_| ())?,
            KeyKind::Ed25519 | KeyKind::CosignatureV1 => ed25519_key(public_key).map(|_| ())?,
        }
        let parsed = Self::from_parts(name, kind, public_key.to_vec());
        if valid_name(name) && format!("{:08x}", parsed.key_id) == id {
            Ok(parsed)
        } else {
            Err(bad())
        }
    }

    /// The vkey text.
    pub fn to_vkey(&self) -> String {
        let mut key = self.kind.type_bytes().to_vec();
        key.extend_from_slice(&self.public_key);
        format!("{}+{:08x}+{}", self.name, self.key_id, to_base64(&key))
    }

    /// Key name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Kind of the key.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Key id.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// Verifies a plain signature of type 0x01 or SM2; cosignatures go through `Cosignature`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        let wrong = || TlogError::Signature(self.name.clone());
        match self.kind {
            KeyKind::Ed25519 => self.verify_ed25519(message, signature),
            KeyKind::CosignatureV1 => Err(wrong()),
            KeyKind::Sm2 => {
                let signature = sm2::dsa::Signature::from_slice(signature).map_err(|_| wrong())?;
                sm2_key(&self.public_key)?
                    .verify(message, &signature)
                    .map_err(|_| wrong())
            }
        }
    }

    pub(crate) fn verify_ed25519(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        let wrong = || TlogError::Signature(self.name.clone());
        let signature = EdSignature::from_slice(signature).map_err(|_| wrong())?;
        ed25519_key(&self.public_key)?
            .verify_strict(message, &signature)
            .map_err(|_| wrong())
    }
}

fn ed25519_key(bytes: &[u8]) -> Result<VerifyingKey> {
    let bad = || format("公钥", "不是 Ed25519 公钥");
    VerifyingKey::from_bytes(bytes.try_into().map_err(|_| bad())?).map_err(|_| bad())
}

fn sm2_key(bytes: &[u8]) -> Result<sm2::dsa::VerifyingKey> {
    let bad = || format("公钥", "不是 SM2 公钥");
    if bytes.len() != 65 {
        return Err(bad());
    }
    sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_USER_ID, bytes).map_err(|_| bad())
}
