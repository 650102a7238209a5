//! Transparency log (透明日志) of case events: leaves, Merkle trees, tiles, checkpoints, proofs, bundles.
//!
//! The goal: whoever holds a receipt can detect that a case history was changed, cut, forked or
//! rolled back, without trusting the platform. Formats are C2SP `tlog-tiles`, `tlog-checkpoint`,
//! `signed-note`, `tlog-cosignature` and `tlog-proof`, unchanged, so tools written by others verify
//! the log. A twin tree over the same leaves uses SM3 instead of SHA-256 (密评).
//!
//! Invariants:
//! * No personal data in a leaf: only salted commitments ([`leaf`]).
//! * The tree is a pure function of the dense list of leaves; tiles can always be rebuilt ([`tiles`]).
//! * Nothing here reads a clock, draws a random number or does I/O; nothing panics on any input.
//! * Parsers are strict: what they accept, they print back byte for byte.
//!
//! Entry points: [`LeafBuilder`] (write path), [`Frontier`] / [`TileWriter`] (sequencing),
//! [`inclusion_proof`] / [`consistency_proof`] (serving), [`Checkpoint`] / [`Note`] (signing),
//! [`Bundle`] and [`verify_bundle`] (what the citizen checks).

pub mod bundle;
pub mod canonical;
pub mod checkpoint;
mod complete;
pub mod error;
pub mod hash;
pub mod kept;
pub mod leaf;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tiles;
pub mod verify;
pub mod witness;

pub use bundle::{Bundle, BundleEvent, BundleField};
pub use checkpoint::{Checkpoint, Cosignature, Cosigner};
pub use error::{Result, TlogError};
pub use hash::{Hash, Sha256Tree, Sm3Tree, TreeHash};
pub use kept::Kept;
pub use leaf::{CaseKey, Field, FieldDigests, Leaf, LeafBuilder, LeafKind, LeafText, case_ref};
pub use merkle::{
    Frontier, HashReader, MemoryHashes, consistency_proof, inclusion_proof, tree_root,
    verify_consistency, verify_inclusion,
};
pub use note::{Ed25519Signer, KeyKind, Note, NoteSigner, NoteVerifier, Sm2Signer};
pub use policy::{Policy, PolicyWitness};
pub use proof::TlogProof;
pub use tiles::{Tile, TileId, TileReader, TileSource, TileWriter, decode_entries, encode_entries};
pub use verify::{
    LogEntries, Report, Status, Step, bundle_heads, verify_bundle, verify_completeness,
};
pub use witness::{AddCheckpoint, Refusal};
