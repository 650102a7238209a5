//! One use case per file.

mod client;
mod deliver;
mod fan_out;
mod inbound;
mod register;

pub use client::Client;
pub use deliver::deliver;
pub use fan_out::{fan_out, refresh_watch};
pub use inbound::{Signed, sender};
pub use register::{
    Change, NewSystem, Shown, change, deliveries, register, replay_delivery, rotate, system,
    systems, test_delivery,
};

pub(crate) use crate::model::{Delivery, System};
