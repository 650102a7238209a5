//! Tests of the transparency log: published vectors, all small sizes, and the attacks of an operator.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod attacks;
mod complete;
mod kept;
mod leaves;
mod merkle;
mod notes;
mod tiles;
mod witness;
mod world;
