//! Integration tests: vectors, refusals, properties, tables.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod properties;
mod refusals;
mod tables;
mod vectors;
