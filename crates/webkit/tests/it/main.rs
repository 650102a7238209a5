//! The floor from outside: requests in, answers out.

mod floor;
mod forgery;
mod house;
mod render;
