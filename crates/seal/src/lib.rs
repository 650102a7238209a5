//! National cryptography (国密) and what is built on it: SM2 keys, SM3, SM4-GCM, certificates,
//! signed data, PDF signatures, electronic seals.
//!
//! Invariants:
//! * Pure: time, randomness and keys are parameters; nothing does I/O; nothing panics on any input.
//! * Signatures are checked over the very bytes received, never over a re-encoding.
//! * Every SM2 signature uses the default user identity `1234567812345678` unless said otherwise.
//! * The built-in [`SoftwareSigner`] is for tests and small sites; production keys sit behind
//!   [`Signer`] in a certified module (GB/T 39786).
//!
//! Entry points: [`Sm2SigningKey`], [`Signer`], [`Certificate`] with [`issue`] and [`verify_chain`],
//! [`cms_detached`], [`pdf::sign`] / [`pdf::verify`], [`ses::Seal`], [`sm4_gcm_seal`],
//! [`blind_index`].

mod asn1;
pub mod cert;
pub mod chain;
pub mod cipher;
pub mod cms;
pub mod digest;
pub mod error;
pub mod issue;
pub mod keys;
pub mod pdf;
pub mod ses;
pub mod signer;
mod sm4;

pub use cert::{Certificate, DistinguishedName};
pub use chain::verify_chain;
pub use cipher::{derive_data_key, sm4_gcm_open, sm4_gcm_seal, unwrap_key, wrap_key};
pub use cms::{cms_detached, cms_verify};
pub use digest::{blind_index, hkdf_sm3, hmac_sm3, sm3};
pub use error::{Result, SealError};
pub use issue::{CertificateProfile, CertificateSpec, issue, self_signed};
pub use keys::{DEFAULT_USER_ID, Signature, Sm2SigningKey, Sm2VerifyingKey};
pub use signer::{Signer, SoftwareSigner};
