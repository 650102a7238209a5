//! Tokens in scopes: one command in, the next state, the record and the effects out.

mod apply;
mod ask;
mod command;
mod enter;
mod events;
mod library;
mod many;
mod migrate;
mod moves;
mod refusal;
mod run;
mod scopes;
mod signers;
mod state;
mod step;
mod throw;
mod turns;
mod vars;

pub use apply::fold;
pub use command::{Command, Due, Effect, Event, Matter, OpenTask, Step};
pub use library::{Decided, Library, Missing, decide_by};
pub use many::MAX_ONES;
pub use migrate::migrate;
pub use refusal::Refusal;
pub use run::{MAX_MOVES, MAX_PARTS};
pub(crate) use signers::WEIGHT;
pub use state::{
    For, Id, Many, On, STATE_VERSION, Scope, Signer, State, Status, Token, Turns, Vars, Wait, What,
};
pub use step::step;
pub use vars::MAX_VARS_BYTES;
