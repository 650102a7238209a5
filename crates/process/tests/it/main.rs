//! Tests of the engine through its public door.

mod acts;
mod bombs;
mod constructs;
mod countersign;
mod edit;
mod edit_properties;
mod edit_values;
mod findings;
mod golden;
mod held;
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
mod signers;
mod soundness;
mod stored;
mod termination;
mod trail;
