//! The store's promises, each on both engines.

mod blobs;
mod units;
