//! The files of a walk, and what they may look up in one another.

use std::sync::Arc;

use jiff::Timestamp;

use tongban_decisions::Decisions;

use crate::engine::{Decided, Due, Library, Missing, decide_by};
use crate::feel::Names;
use crate::model::{Binding, Definition};

/// Turns a due time into a moment; working days need a calendar.
pub type Calendar = dyn Fn(&Due, Timestamp) -> Timestamp + Send + Sync;

/// Makes the decisions of a walk: the definition that asks, the decision, its binding, the variables.
pub type Decider =
    dyn Fn(&Definition, &str, &Binding, &dyn Names) -> Result<Decided, Missing> + Send + Sync;

/// The files of a walk.
#[derive(Clone)]
pub(super) struct Shelf {
    pub(super) files: Vec<Arc<Definition>>,
    /// Under which each was given, for `migrate`.
    pub(super) names: Arc<[String]>,
    pub(super) decisions: Arc<[Decisions]>,
    /// Asked where the files have no answer.
    pub(super) decider: Option<Arc<Decider>>,
    pub(super) calendar: Arc<Calendar>,
}

pub(super) struct Shelved<'a> {
    pub(super) shelf: &'a Shelf,
    pub(super) main: &'a Definition,
}

impl Library for Shelved<'_> {
    fn main(&self) -> &Definition {
        self.main
    }

    fn called(&self, hash: &str) -> Option<&Definition> {
        let mut files = self.shelf.files.iter();
        files.find(|d| d.hash() == hash).map(|d| &**d)
    }

    fn resolve<'a>(
        &'a self,
        from: &'a Definition,
        process: &str,
        _: &Binding,
    ) -> Option<&'a Definition> {
        if from.process(process).is_some() {
            return Some(from);
        }
        let mut files = self.shelf.files.iter();
        files.find(|d| d.process(process).is_some()).map(|d| &**d)
    }

    fn decide(
        &self,
        from: &Definition,
        decision: &str,
        binding: &Binding,
        names: &dyn Names,
    ) -> Result<Decided, Missing> {
        match (
            decide_by(self.shelf.decisions.iter(), decision, names),
            &self.shelf.decider,
        ) {
            (Err(Missing::NotDeployed), Some(decider)) => decider(from, decision, binding, names),
            (answer, _) => answer,
        }
    }
}
