//! Signatures in PDF files: an incremental update that leaves every byte of the original in place.
//!
//! No SubFilter is registered for SM2. We write `/Filter /Adobe.PPKLite /SubFilter
//! /adbe.pkcs7.detached`, because the value *is* detached PKCS #7 signed data (with the OIDs of
//! GB/T 35275): general readers then list the signature and say that they do not know its algorithm,
//! instead of passing over it as they do with a private name.

mod file;
mod object;
mod sign;
mod verify;

pub use sign::{SignatureField, sign};
pub use verify::{Report, SignatureReport, verify};
