//! Tests of the engine through its public door.

mod acts;
mod constructs;
mod countersign;
mod edit;
mod edit_properties;
mod findings;
mod golden;
mod hostile;
mod import;
mod messages;
mod model;
mod nested;
mod picture;
mod properties;
mod reference;
mod scenario;
mod scenarios;
mod signers;
mod trail;
