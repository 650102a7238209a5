//! RFC 6962 / RFC 9162 Merkle trees: growing frontier, proofs from stored hashes, verification.
//!
//! Stored hashes are the roots of complete subtrees, named (level, index): level 0 are the leaf
//! hashes, and (l, i) covers the leaves `i·2^l .. (i+1)·2^l`. They never change once written.

use std::collections::HashMap;
use std::marker::PhantomData;

use crate::error::{Result, TlogError};
use crate::hash::{Hash, TreeHash};

/// Largest tree this crate handles; keeps all index arithmetic far from overflow.
pub const SIZE_MAX: u64 = 1 << 56;

/// Reads roots of complete subtrees.
pub trait HashReader {
    /// Hash of the complete subtree (level, index).
    fn read(&self, level: u8, index: u64) -> Result<Hash>;
}

/// All stored hashes in memory; for tests, small tools and rebuilding.
#[derive(Debug, Clone, Default)]
pub struct MemoryHashes {
    nodes: HashMap<(u8, u64), Hash>,
}

impl MemoryHashes {
    /// Remembers one node; fits [`Frontier::append_with`].
    pub fn insert(&mut self, level: u8, index: u64, hash: Hash) {
        self.nodes.insert((level, index), hash);
    }
}

impl HashReader for MemoryHashes {
    fn read(&self, level: u8, index: u64) -> Result<Hash> {
        self.nodes
            .get(&(level, index))
            .copied()
            .ok_or(TlogError::Missing { level, index })
    }
}

/// The right edge of a growing tree: enough to append and to give the root, 32·log₂(n) bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier<H> {
    size: u64,
    /// Roots of the complete subtrees, largest first; one per set bit of `size`.
    peaks: Vec<Hash>,
    hash: PhantomData<H>,
}

impl<H: TreeHash> Default for Frontier<H> {
    fn default() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
            hash: PhantomData,
        }
    }
}

impl<H: TreeHash> Frontier<H> {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Restores a stored frontier; the number of peaks must fit the size.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Result<Self> {
        if size > SIZE_MAX || peaks.len() != size.count_ones() as usize {
            return Err(TlogError::Range(format!(
                "{} 个峰与树大小 {size} 不符",
                peaks.len()
            )));
        }
        Ok(Self {
            size,
            peaks,
            hash: PhantomData,
        })
    }

    /// Rebuilds the frontier of a tree of `size` leaves from stored hashes.
    pub fn from_reader(size: u64, reader: &impl HashReader) -> Result<Self> {
        if size > SIZE_MAX {
            return Err(TlogError::Range(size.to_string()));
        }
        let mut peaks = Vec::new();
        let mut start = 0;
        for level in (0..=56u8).rev() {
            if size >> level & 1 == 1 {
                peaks.push(reader.read(level, start >> level)?);
                start += 1 << level;
            }
        }
        Self::from_parts(size, peaks)
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the complete subtrees, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf hash; returns its index.
    pub fn append(&mut self, leaf_hash: Hash) -> Result<u64> {
        self.append_with(leaf_hash, |_, _, _| {})
    }

    /// Adds a leaf hash and reports every node that became complete: (level, index, hash).
    pub fn append_with(
        &mut self,
        leaf_hash: Hash,
        mut completed: impl FnMut(u8, u64, &Hash),
    ) -> Result<u64> {
        let index = self.size;
        if index >= SIZE_MAX {
            return Err(TlogError::Range(index.to_string()));
        }
        let mut node = leaf_hash;
        completed(0, index, &node);
        let merges = index.trailing_ones() as u8;
        for level in 1..=merges {
            if let Some(left) = self.peaks.pop() {
                node = H::node(&left, &node);
                completed(level, index >> level, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
        Ok(index)
    }

    /// Root hash of the tree as it is now.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return H::empty();
        };
        peaks.fold(*last, |right, left| H::node(left, &right))
    }
}

/// Largest power of two below `n` (n ≥ 2).
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// Root over the leaves `lo..hi`, where `lo` is aligned to the subtree that the range starts.
fn range_root<H: TreeHash>(reader: &impl HashReader, lo: u64, hi: u64) -> Result<Hash> {
    let n = hi - lo;
    if n.is_power_of_two() {
        let level = n.trailing_zeros() as u8;
        return reader.read(level, lo >> level);
    }
    let mid = lo + split(n);
    Ok(H::node(
        &range_root::<H>(reader, lo, mid)?,
        &range_root::<H>(reader, mid, hi)?,
    ))
}

/// Root of the tree of `size` leaves.
pub fn tree_root<H: TreeHash>(reader: &impl HashReader, size: u64) -> Result<Hash> {
    match size {
        0 => Ok(H::empty()),
        1..=SIZE_MAX => range_root::<H>(reader, 0, size),
        _ => Err(TlogError::Range(size.to_string())),
    }
}

/// Inclusion proof of leaf `index` in the tree of `size` leaves, leaf's sibling first.
pub fn inclusion_proof<H: TreeHash>(
    reader: &impl HashReader,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>> {
    if index >= size || size > SIZE_MAX {
        return Err(TlogError::Range(format!("{index}/{size}")));
    }
    let (mut lo, mut hi) = (0, size);
    let mut path = Vec::new();
    while hi - lo > 1 {
        let mid = lo + split(hi - lo);
        if index < mid {
            path.push(range_root::<H>(reader, mid, hi)?);
            hi = mid;
        } else {
            path.push(range_root::<H>(reader, lo, mid)?);
            lo = mid;
        }
    }
    path.reverse();
    Ok(path)
}

/// Consistency proof between the trees of `old` and `new` leaves (RFC 6962 §2.1.2).
/// Empty when the sizes are equal or the old tree is empty.
pub fn consistency_proof<H: TreeHash>(
    reader: &impl HashReader,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>> {
    if old > new || new > SIZE_MAX {
        return Err(TlogError::Range(format!("{old}/{new}")));
    }
    if old == new || old == 0 {
        return Ok(Vec::new());
    }
    let (mut lo, mut hi) = (0, new);
    let mut path = Vec::new();
    // Invariant: lo < old ≤ hi; the old tree's right edge lies in lo..hi.
    while old != hi {
        let mid = lo + split(hi - lo);
        if old <= mid {
            path.push(range_root::<H>(reader, mid, hi)?);
            hi = mid;
        } else {
            path.push(range_root::<H>(reader, lo, mid)?);
            lo = mid;
        }
    }
    if lo != 0 {
        path.push(range_root::<H>(reader, lo, hi)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks an inclusion proof (RFC 9162 §2.1.3.2).
pub fn verify_inclusion<H: TreeHash>(
    leaf_hash: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<()> {
    if index >= size || size > SIZE_MAX {
        return Err(TlogError::Range(format!("{index}/{size}")));
    }
    let (mut fnode, mut snode) = (index, size - 1);
    let mut hash = *leaf_hash;
    for sibling in proof {
        if snode == 0 {
            return Err(TlogError::Proof("包含"));
        }
        if fnode & 1 == 1 || fnode == snode {
            hash = H::node(sibling, &hash);
            let shift = if fnode == 0 {
                63
            } else {
                fnode.trailing_zeros()
            };
            fnode >>= shift;
            snode >>= shift;
        } else {
            hash = H::node(&hash, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    if snode == 0 && hash == *root {
        Ok(())
    } else {
        Err(TlogError::Proof("包含"))
    }
}

/// Checks a consistency proof (RFC 9162 §2.1.4.2).
pub fn verify_consistency<H: TreeHash>(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<()> {
    const BAD: TlogError = TlogError::Proof("一致性");
    if old > new || new > SIZE_MAX {
        return Err(TlogError::Range(format!("{old}/{new}")));
    }
    if old == new {
        return if proof.is_empty() && old_root == new_root {
            Ok(())
        } else {
            Err(BAD)
        };
    }
    if old == 0 {
        return if proof.is_empty() && *old_root == H::empty() {
            Ok(())
        } else {
            Err(BAD)
        };
    }
    let (first, rest) = if old.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(BAD)?;
        (*first, rest)
    };
    let shift = (old - 1).trailing_ones();
    let (mut fnode, mut snode) = ((old - 1) >> shift, (new - 1) >> shift);
    let (mut from, mut to) = (first, first);
    for sibling in rest {
        if snode == 0 {
            return Err(BAD);
        }
        if fnode & 1 == 1 || fnode == snode {
            from = H::node(sibling, &from);
            to = H::node(sibling, &to);
            let shift = if fnode == 0 {
                63
            } else {
                fnode.trailing_zeros()
            };
            fnode >>= shift;
            snode >>= shift;
        } else {
            to = H::node(&to, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    if snode == 0 && from == *old_root && to == *new_root {
        Ok(())
    } else {
        Err(BAD)
    }
}
