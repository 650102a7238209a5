//! Tests of keys, certificates, signed data, PDF signatures and seals, with published vectors.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod certs;
mod crypto;
mod pdfs;
mod seals;
mod world;
