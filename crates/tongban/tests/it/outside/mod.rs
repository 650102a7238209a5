//! Outside systems and what goes wrong with them, on both engines.

mod incidents;
mod messages;
