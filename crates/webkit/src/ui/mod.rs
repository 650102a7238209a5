//! Components: plain Rust values that print themselves as accessible HTML in the reader's language.
//!
//! Everywhere the same call: `{{ steps.html(shell) }}` in a template, or `steps.html(page.shell())` in Rust. Texts given to
//! a component are escaped by it; only [`Html`] goes through as it is. Meaning never rests on colour: lamps have shapes
//! and words, states are said in words.

mod case;
mod form;
mod form_page;
mod lists;
mod pieces;

use askama::Template;
use askama::filters::Safe;

use crate::shell::Html;

pub use case::{
    LicenceCard, LicenceState, ParallelPart, Proof, RatingRow, Ring, Step, StepState, Steps,
    Timeline, TimelineEntry, TimelineMark,
};
pub use form::{
    Choice, ErrorSummary, Field, FieldKind, FormGroup, FormView, Problem, RepeatRow, Upload,
    UploadState, UploadedFile, Verified,
};
pub use form_page::{FormLinks, form_page};
pub use lists::{
    Empty, Fact, Facts, FilterBar, FilterGroup, FilterOption, KeyValues, Pager, SummaryCard,
    SummaryRow, Tab, Tabs, Task, TaskList, TaskState,
};
pub use pieces::{Confirmation, Lamp, Note, Tone, escaped, lamp, note, tag};

/// Renders a template of our own; a failure (it cannot fail on data) is logged and leaves a gap.
pub(crate) fn render(template: &impl Template) -> Html {
    Safe(template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "component.render.failed");
        String::new()
    }))
}

/// Gives a component its template and its `html` method.
macro_rules! component {
    ($kind:ident, $view:ident, $path:literal) => {
        #[derive(askama::Template)]
        #[template(path = $path)]
        struct $view<'a> {
            shell: &'a crate::PageShell,
            c: &'a $kind,
        }
        impl $kind {
            /// The component as HTML, in the language of `shell`.
            pub fn html(&self, shell: &crate::PageShell) -> crate::Html {
                let view = $view { shell, c: self };
                // Some templates have no words of their own; the call stays the same for all.
                let _: &crate::PageShell = view.shell;
                crate::ui::render(&view)
            }
        }
    };
}
pub(crate) use component;
