//! Integration tests: calendar, clocks, articles of law, hours, properties.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod calendar;
mod clocks;
mod explanations;
mod hours;
mod law;
mod properties;
