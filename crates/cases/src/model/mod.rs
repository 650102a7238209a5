//! The facts and rules of a case. Pure.

mod advice;
mod calendar_change;
mod case;
mod draft;
mod event;
pub(crate) mod event_log;
mod ground;
mod incident;
mod look;
pub(crate) mod ocel;
mod outside;
mod process_change;
pub(crate) mod record_export;
mod rule;
mod state;
#[cfg(test)]
mod tests;
mod view;
pub(crate) mod xes;

pub use advice::{AdviceFact, CaseCopy, Guests, OpinionRequest, OpinionState, Place, Stance};
pub use calendar_change::{
    CalendarChange, ChangedBy, DayChange, DayState, Moved, changed_years, difference, with_changes,
};
pub use case::{Case, CaseClocks, Task};
pub use draft::{DRAFT_DAYS, DraftContent, Submitted};
pub use event::{Behalf, By, CaseEvent, CaseFact, InPlace, SupplementItem, apply, rebuild};
pub use event_log::{LogCounts, LogFormat};
pub use ground::Ground;
pub use incident::{Held, Incident, Repair};
pub use look::{Look, OBJECT_CASE, SAME_LOOK};
pub use outside::{OutsideMessage, OutsideStep, StepCase, StepKind, StepReport, Taken};
pub use process_change::{Move, MoveOrder, MoveReport, MovedCase, Publication};
pub use record_export::{NUMBERS_MAX, RecordExport, RecordSelection, RecordWish};
pub use rule::{AppliedRule, RuleDecision};
pub use state::{Acceptance, CaseEventKind, CaseState, Ending, IllegalTransition, Verdict};
pub use view::{CaseDocument, FileView, Stage, StageView, six_stages};
