//! Tests of the engine through its public door.

mod bombs;
mod constructs;
mod countersign;
mod findings;
mod golden;
mod hostile;
mod import;
mod messages;
mod million;
mod model;
mod nested;
mod picture;
mod properties;
mod reference;
mod scenario;
mod scenarios;
mod soundness;
mod stored;
