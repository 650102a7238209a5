//! The process engine: BPMN 2.0 files in, decisions out.
//!
//! * [`Definition::parse`] reads a BPMN file, refuses by name what is not executed, and keeps the original bytes,
//!   so that nothing is lost on export ([`Definition::xml`]).
//! * [`check`] tells an administrator before publication where a process can hang.
//! * [`step`] answers a command on one instance with the next [`State`], the [`Event`]s (the record; [`fold`] over
//!   them gives the state again) and the [`Effect`]s that the caller turns into rows of the same transaction.
//! * [`svg`] draws the process with the marks of one instance, or with figures of many; [`trail`] derives the marks from tasks alone.
//! * [`petri_net`] says the control flow as a Petri net, against which an event log is checked.
//! * [`edit`] changes a file, finished or not, and leaves byte for byte what a change does not concern.
//!
//! Pure: no clock, no randomness, no I/O; same input, same bytes. A [`Refusal`] leaves the state as it was.
//! Tokens are conserved: an open task, work item or timer always belongs to a live token.

mod check;
mod diagram;
mod drawn;
pub mod edit;
mod engine;
mod import;
mod layout;
mod model;
mod petri;
mod svg;
mod trail;
pub mod walk;
mod xml;

pub use check::{Finding, Severity, check};
/// The expression language of conditions, mappings and texts.
pub mod feel {
    pub use tongban_decisions::{Expression, ExpressionError, Expressions, Feel, Names};
}

pub use drawn::with_diagram;
pub use engine::{
    Command, Decided, Due, Effect, Event, For, Id, Library, MAX_MOVES, MAX_ONES, MAX_PARTS,
    MAX_VARS_BYTES, Many, Matter, Missing, On, OpenTask, Refusal, STATE_VERSION, Scope, Signer,
    State, Status, Step, Token, Turns, Vars, Wait, What, decide_by, fold, migrate, step,
};
pub use import::{ImportError, Options, Stand, TB_NAMESPACE, Warning, export};
pub use model::{Binding, Definition, DutyView, ElementView, Outside, RuleView};
pub use petri::{NoNet, PetriNet, Transition, petri_net};
pub use svg::{Marks, Note, svg};
pub use trail::{Orders, Stay, StayEnd, trail};
pub use xml::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, MAX_FILE, MAX_VALUE};
