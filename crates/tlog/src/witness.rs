//! C2SP tlog-witness: the request `add-checkpoint`, and what a witness answers.
//!
//! A witness remembers one checkpoint per log. It cosigns a larger one only with a proof that the larger tree begins with the
//! smaller, and keeps the new one before it answers. So no two witnessed checkpoints of a log ever disagree.

use crate::checkpoint::{Checkpoint, parse_decimal};
use crate::error::{Result, format};
use crate::hash::{Hash, Sha256Tree, hash_from_base64, to_base64};
use crate::merkle::verify_consistency;
use crate::note::{Note, NoteVerifier};

/// Largest request read, bytes.
pub const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// Most hashes of a proof (specification).
const PROOF_MAX: usize = 63;
/// Media type of the body of a 409 answer: the size that the witness knows.
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// Body of `POST <url>/add-checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size that the witness is thought to know.
    pub old: u64,
    /// Consistency proof from there.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

impl std::fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{}", to_base64(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl AddCheckpoint {
    /// Reads a request; strict.
    pub fn parse(body: &str) -> Result<Self> {
        let bad = |why: &str| format("见证请求", why);
        if body.len() > REQUEST_BYTES_MAX {
            return Err(bad("过大"));
        }
        let (head, note) = body.split_once("\n\n").ok_or_else(|| bad("没有空行"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(parse_decimal)
            .ok_or_else(|| bad("首行"))?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() >= PROOF_MAX {
                return Err(bad("证明过长"));
            }
            proof.push(hash_from_base64(line).ok_or_else(|| bad("证明哈希"))?);
        }
        Ok(Self {
            old,
            proof,
            checkpoint: Note::parse(note)?,
        })
    }

    /// What a witness that trusts `keys` and has last seen `known` of this log thinks of it: the checkpoint to keep and cosign,
    /// or the refusal.
    pub fn judge(
        &self,
        keys: &[NoteVerifier],
        known: Option<&Checkpoint>,
    ) -> std::result::Result<Checkpoint, Refusal> {
        let new = Checkpoint::parse(self.checkpoint.text()).map_err(|_| Refusal::Malformed)?;
        if !keys.iter().any(|key| key.name() == new.origin) {
            return Err(Refusal::UnknownLog);
        }
        Checkpoint::open(&self.checkpoint, keys).map_err(|_| Refusal::Unsigned)?;
        if self.old > new.size {
            return Err(Refusal::Malformed);
        }
        let size = known.map_or(0, |known| known.size);
        if self.old != size {
            return Err(Refusal::Conflict(size));
        }
        let Some(known) = known.filter(|known| known.size > 0) else {
            return if self.proof.is_empty() {
                Ok(new)
            } else {
                Err(Refusal::BadProof)
            };
        };
        if known.size == new.size && known.root != new.root {
            return Err(Refusal::Conflict(size));
        }
        let proof = &self.proof;
        verify_consistency::<Sha256Tree>(known.size, &known.root, new.size, &new.root, proof)
            .map_err(|_| Refusal::BadProof)?;
        Ok(new)
    }
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 400.
    Malformed,
    /// 404: not a log that it watches.
    UnknownLog,
    /// 403: not signed by the log.
    Unsigned,
    /// 409: it knows another size, or another tree of this size.
    Conflict(u64),
    /// 422: the larger tree does not begin with the smaller.
    BadProof,
}

impl Refusal {
    /// The status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::UnknownLog => 404,
            Self::Unsigned => 403,
            Self::Conflict(_) => 409,
            Self::BadProof => 422,
        }
    }
}
