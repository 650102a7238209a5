//! C2SP checkpoints and witness cosignatures (`cosignature/v1`).

use crate::error::{Result, TlogError, format};
use crate::hash::{Hash, hash_from_base64, to_base64};
use crate::note::{Ed25519Signer, KeyKind, Note, NoteSignature, NoteSigner, NoteVerifier};

/// A tree head: origin, size, root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log, `log.<domain>/<year>`; the SM3 twin adds `-sm3`.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root hash.
    pub root: Hash,
}

impl Checkpoint {
    /// The note text: three lines.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            to_base64(&self.root)
        )
    }

    /// The head on one line, as papers carry it: name, size, root.
    pub fn line(&self) -> String {
        self.text().trim_end().replace('\n', " ")
    }

    /// Reads [`Checkpoint::line`] typed off a paper, with any blanks or `·` between the words, or scanned from it: the QR has it,
    /// with commas, as the fragment of an address.
    pub fn parse_line(line: &str) -> Result<Self> {
        let line = line.rsplit('#').next().unwrap_or_default();
        let words: Vec<&str> = line
            .split(|c: char| c.is_whitespace() || c == '·' || c == ',')
            .filter(|word| !word.is_empty())
            .collect();
        Self::parse(&(words.join("\n") + "\n"))
    }

    /// Reads a note text. Extension lines are tolerated (they stay in the note, which is what is signed).
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |why: &str| format("检查点", why);
        let body = text.strip_suffix('\n').ok_or_else(|| bad("须以换行结尾"))?;
        let mut lines = body.split('\n');
        let origin = lines
            .next()
            .filter(|l| !l.is_empty())
            .ok_or_else(|| bad("没有来源行"))?;
        let size = lines
            .next()
            .and_then(parse_decimal)
            .ok_or_else(|| bad("大小"))?;
        let root = lines
            .next()
            .and_then(hash_from_base64)
            .ok_or_else(|| bad("树根"))?;
        if lines.any(str::is_empty) {
            return Err(bad("扩展行为空"));
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
        })
    }

    /// Signs with every given key: Ed25519 for interoperability, SM2 beside it.
    pub fn sign(&self, signers: &[&dyn NoteSigner]) -> Result<Note> {
        let mut note = Note::new(self.text())?;
        for signer in signers {
            note.sign(*signer)?;
        }
        Ok(note)
    }

    /// Reads a checkpoint out of a note signed by at least one of `keys`.
    /// A wrong signature of a known key refuses the whole note.
    pub fn open(note: &Note, keys: &[NoteVerifier]) -> Result<Self> {
        let checkpoint = Self::parse(note.text())?;
        let mut trusted = false;
        for key in keys.iter().filter(|k| k.name() == checkpoint.origin) {
            trusted |= note.verify(key)?;
        }
        if trusted {
            Ok(checkpoint)
        } else {
            Err(TlogError::Untrusted(checkpoint.origin))
        }
    }
}

/// ASCII decimal without leading zeroes.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if plain && digits {
        text.parse().ok()
    } else {
        None
    }
}

/// The witness's side: an Ed25519 key used for cosignatures only.
pub struct Cosigner(Ed25519Signer);

impl Cosigner {
    /// Key from 32 random bytes that the caller drew.
    pub fn from_seed(name: impl Into<String>, seed: &[u8; 32]) -> Result<Self> {
        Ed25519Signer::from_seed(name, seed).map(Self)
    }

    /// The vkey (type 0x04) for policies.
    pub fn verifier(&self) -> NoteVerifier {
        self.0.verifier_as(KeyKind::CosignatureV1)
    }

    /// Cosigns the note text of a checkpoint at `time` (seconds since the epoch).
    /// The witness has checked consistency and persisted the new size before.
    pub fn cosign(&self, note_text: &str, time: u64) -> Result<NoteSignature> {
        Checkpoint::parse(note_text)?;
        let time = checked_time(time)?;
        let signature = self
            .0
            .sign_bytes(cosigned_message(note_text, time).as_bytes());
        let mut bytes = time.to_be_bytes().to_vec();
        bytes.extend_from_slice(&signature);
        let verifier = self.verifier();
        Ok(NoteSignature {
            name: self.0.key_name().to_owned(),
            key_id: verifier.key_id(),
            bytes,
        })
    }
}

/// A verified cosignature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosignature {
    /// When the witness saw the tree, seconds since the epoch.
    pub time: u64,
}

impl Cosignature {
    /// The cosignature of `witness` on the note: `None` if there is none, an error if it is wrong.
    pub fn verify(note: &Note, witness: &NoteVerifier) -> Result<Option<Self>> {
        let wrong = || TlogError::Signature(witness.name().to_owned());
        if witness.kind() != KeyKind::CosignatureV1 {
            return Err(wrong());
        }
        let mut latest = None;
        for signature in note.signatures_of(witness) {
            let (time, signature) = signature.bytes.split_first_chunk::<8>().ok_or_else(wrong)?;
            let time = checked_time(u64::from_be_bytes(*time))?;
            let message = cosigned_message(note.text(), time);
            witness.verify_ed25519(message.as_bytes(), signature)?;
            latest = latest.max(Some(time));
        }
        Ok(latest.map(|time| Self { time }))
    }
}

fn cosigned_message(note_text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{note_text}")
}

/// The specification bounds the timestamp by 2^63 − 1.
fn checked_time(time: u64) -> Result<u64> {
    if time >> 63 == 0 {
        Ok(time)
    } else {
        Err(format("见证时间", time.to_string()))
    }
}
