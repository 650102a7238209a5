//! The facts and rules of a case. Pure.

mod advice;
mod calendar_change;
mod case;
mod draft;
mod event;
mod look;
mod process_change;
mod state;
#[cfg(test)]
mod tests;
mod view;

pub use advice::{AdviceFact, CaseCopy, Guests, OpinionRequest, OpinionState, Place, Stance};
pub use calendar_change::{
    CalendarChange, ChangedBy, DayChange, DayState, Moved, changed_years, difference, with_changes,
};
pub use case::{Case, CaseClocks, Task};
pub use draft::{DRAFT_DAYS, DraftContent, Submitted};
pub use event::{Behalf, By, CaseEvent, CaseFact, InPlace, SupplementItem, apply, rebuild};
pub use look::{Look, OBJECT_CASE, SAME_LOOK};
pub use process_change::{Move, MoveOrder, MoveReport, MovedCase, ProcessChange};
pub use state::{Acceptance, CaseEventKind, CaseState, Ending, IllegalTransition, Verdict};
pub use view::{CaseDocument, FileView, Stage, StageView, six_stages};
