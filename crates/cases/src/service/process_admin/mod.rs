//! The administration of processes: look, hand in, check, try, publish, move running cases.

mod checks;
mod duty_act;
mod look;
mod moves;
mod publish;
mod trial;

pub use checks::{ItemUse, Judged};
pub use look::{
    Origin, ProcessLine, ProcessSheet, VersionLine, WaitingFile, process_sheet, processes,
};
pub use moves::{
    MoveForm, MovePlace, MoveTrial, move_form, move_report, order_move, run_move, try_move,
};
pub use publish::{PublishProcess, Staged, publish_staged, stage_process};
pub use trial::{STEPS_MAX, Trial, try_process};

/// Largest file taken, bytes.
pub const PROCESS_BYTES_MAX: usize = 10 << 20;
/// An order to move cases was given; its subject is the number. Answer with [`run_move`].
pub const MOVE_ORDERED: &str = "cases.process.move-ordered";
