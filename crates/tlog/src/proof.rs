//! C2SP tlog-proof: a leaf's index, inclusion proof and signed checkpoint in one text.

use crate::checkpoint::{Checkpoint, parse_decimal};
use crate::error::{Result, format};
use crate::hash::{Hash, TreeHash, from_base64, hash_from_base64, to_base64};
use crate::merkle::verify_inclusion;
use crate::note::Note;

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^56 leaves has proofs of at most 56 hashes.
const PATH_MAX: usize = 64;

/// An offline-verifiable proof of inclusion. `Display` prints the `.tlog-proof` text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Opaque, unauthenticated extra data.
    pub extra: Option<Vec<u8>>,
    /// Index of the leaf.
    pub index: u64,
    /// Inclusion proof, leaf's sibling first.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

impl TlogProof {
    /// Reads a `.tlog-proof` text.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |why: &str| format("存在证明", why);
        let (head, note) = text.split_once("\n\n").ok_or_else(|| bad("没有空行"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(bad("首行"));
        }
        let mut extra = None;
        if let Some(line) = lines.next_if(|l| l.starts_with("extra ")) {
            let data = line.strip_prefix("extra ").and_then(from_base64);
            extra = Some(data.ok_or_else(|| bad("附加数据"))?);
        }
        let index = lines
            .next()
            .and_then(|l| l.strip_prefix("index "))
            .and_then(parse_decimal)
            .ok_or_else(|| bad("序号行"))?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() >= PATH_MAX {
                return Err(bad("路径过长"));
            }
            path.push(hash_from_base64(line).ok_or_else(|| bad("路径哈希"))?);
        }
        Ok(Self {
            extra,
            index,
            path,
            checkpoint: Note::parse(note)?,
        })
    }

    /// Checks that `leaf_hash` is in the tree of the (not yet trusted) checkpoint, and returns that.
    pub fn check_path<H: TreeHash>(&self, leaf_hash: &Hash) -> Result<Checkpoint> {
        let head = Checkpoint::parse(self.checkpoint.text())?;
        verify_inclusion::<H>(leaf_hash, self.index, head.size, &self.path, &head.root)?;
        Ok(head)
    }
}

impl std::fmt::Display for TlogProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", to_base64(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
