//! Tests of the engine through its public door.

mod constructs;
mod countersign;
mod findings;
mod golden;
mod held;
mod hostile;
mod import;
mod model;
mod nested;
mod picture;
mod properties;
mod reference;
mod scenario;
mod scenarios;
