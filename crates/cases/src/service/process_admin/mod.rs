//! The administration of processes: look, hand in, check, try, publish, move running cases.

mod checks;
mod duty_act;
mod heat;
mod look;
mod moves;
mod outline;
mod publish;
mod trial;

pub use checks::{ItemUse, Judged};
pub use heat::{Heat, Standing, process_heat};
pub use look::{
    Origin, ProcessLine, ProcessSheet, VersionLine, WaitingFile, process_sheet, processes,
};
pub(crate) use moves::row_id;
pub use moves::{
    MoveForm, MovePlace, MoveTrial, move_form, move_report, order_move, run_move, try_move,
};
pub use outline::{
    BeginOutline, Offered, OutlineDesk, OutlineLine, OutlineProblem, OutlineStep, OutlineTurn,
    begin_outline, close_outline, edit_outline, finish_outline, offered, outline_desk, outlines,
    turn_outline,
};
pub use publish::{PublishProcess, Staged, publish_staged, stage_process};
pub(crate) use publish::{WAITS_FOR, reason_of};
pub use trial::{STEPS_MAX, Trial, try_process};

/// Largest file taken, bytes.
pub const PROCESS_BYTES_MAX: usize = 10 << 20;
/// An order to move cases was given; its subject is the number. Answer with [`run_move`].
pub const MOVE_ORDERED: &str = "cases.process.move-ordered";
