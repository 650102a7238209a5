//! The engine: state, command → next state, events, effects. Pure; see [`step`].

mod apply;
mod command;
mod run;
mod state;
mod step;
mod work;

pub use apply::fold;
pub use command::{Command, Due, Effect, Event, OpenTask, Refusal, Step};
pub use state::{Id, On, STATE_VERSION, State, Status, Timer, Token, Vars};
pub use step::{MAX_MOVES, MAX_VARS_BYTES, step};
