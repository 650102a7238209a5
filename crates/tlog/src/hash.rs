//! The two tree hashes over the same RFC 6962 structure.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use sm3::Sm3;

/// A 32-byte digest: SHA-256 or SM3, as the tree says.
pub type Hash = [u8; 32];

/// Hash functions of an RFC 6962 tree: leaf prefix 0x00, node prefix 0x01.
pub trait TreeHash {
    /// Name for reports.
    const NAME: &'static str;
    /// Hash of one entry.
    fn leaf(entry: &[u8]) -> Hash;
    /// Hash of an inner node.
    fn node(left: &Hash, right: &Hash) -> Hash;
    /// Root of the empty tree: the digest of no bytes.
    fn empty() -> Hash;
}

/// The interoperable tree of C2SP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sha256Tree;

/// The national-cryptography twin (GB/T 32905).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sm3Tree;

macro_rules! tree_hash {
    ($tree:ty, $digest:ty, $name:literal) => {
        impl TreeHash for $tree {
            const NAME: &'static str = $name;
            fn leaf(entry: &[u8]) -> Hash {
                let mut h = <$digest>::new();
                h.update([0u8]);
                h.update(entry);
                h.finalize().into()
            }
            fn node(left: &Hash, right: &Hash) -> Hash {
                let mut buffer = [1u8; 65];
                buffer[1..33].copy_from_slice(left);
                buffer[33..].copy_from_slice(right);
                <$digest>::digest(buffer).into()
            }
            fn empty() -> Hash {
                <$digest>::digest([]).into()
            }
        }
    };
}
tree_hash!(Sha256Tree, Sha256, "SHA-256");
tree_hash!(Sm3Tree, Sm3, "SM3");

/// Standard base64 with padding, as every C2SP text uses.
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Strict standard base64; `None` if it is not the canonical form.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Strict base64 of exactly 32 bytes.
pub fn hash_from_base64(text: &str) -> Option<Hash> {
    from_base64(text)?.try_into().ok()
}
