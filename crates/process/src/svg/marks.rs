//! What is marked in a picture.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::engine::{Event, Id, On, State, What};
use crate::model::Definition;

/// What is written at an element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    /// Further lines of what is told of it: who, when, how often.
    pub told: Vec<String>,
    /// A short figure: `2/3` signed, `×2` done, `12` cases.
    pub count: String,
    /// A second figure that warns.
    pub late: String,
    /// The day by which it is due, short.
    pub due: String,
    /// Where a called process is shown; empty: nowhere.
    pub href: String,
    /// How much stands here, from 1 (little) to 4; 0: no heat is shown.
    pub heat: u8,
}

/// What to mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Elements and flows that hold a token.
    pub current: BTreeSet<Id>,
    /// Elements that were left, and flows that were taken.
    pub done: BTreeSet<Id>,
    /// Elements and flows with an incident.
    pub stopped: BTreeSet<Id>,
    /// Elements that were begun and taken away again (退回、取消), and not done.
    pub cancelled: BTreeSet<Id>,
    /// What is written at elements.
    pub notes: BTreeMap<Id, Note>,
    /// Set where several pictures stand on one page: a word that makes the names inside this one its own.
    pub prefix: String,
}

impl Marks {
    /// Marks for an instance: where it stands, and where its record says it has been. Tokens in called files are marked at the
    /// element that called.
    #[must_use]
    pub fn of<'a>(
        def: &Definition,
        state: &State,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Self {
        let mut marks = Self::default();
        for token in state.tokens.iter().filter(|t| state.is_own(t.scope)) {
            marks.current.insert(Arc::clone(&token.at));
            if state.incidents.contains(&token.id) {
                marks.stopped.insert(Arc::clone(&token.at));
            }
        }
        marks.count_repetitions(state);
        for event in events {
            match event {
                Event::Taken { flow, .. } => {
                    marks.done.insert(Arc::clone(flow));
                    if let Some(f) = def.flow_index_of(flow) {
                        marks
                            .done
                            .insert(Arc::clone(&def.node(def.flow(f).source).id));
                    }
                }
                Event::TokenEnded { element, .. } => {
                    marks.done.insert(Arc::clone(element));
                }
                _ => {}
            }
        }
        marks
    }

    /// Where the tokens of an instance stand in a called file, by its content hash.
    #[must_use]
    pub fn inside(state: &State, hash: &str) -> Self {
        let mut marks = Self::default();
        for token in &state.tokens {
            let process = state.chain(token.scope).last();
            let there = |s: &crate::engine::Scope| matches!(&s.what, What::Process(Some(of)) if **of == *hash);
            if process.is_some_and(there) {
                marks.current.insert(Arc::clone(&token.at));
                if state.incidents.contains(&token.id) {
                    marks.stopped.insert(Arc::clone(&token.at));
                }
            }
        }
        marks
    }

    /// How many of how many repetitions are done, and the incidents inside called files.
    fn count_repetitions(&mut self, state: &State) {
        for scope in state.scopes.iter().filter(|s| state.is_own(s.id)) {
            let What::Many(many) = &scope.what else {
                continue;
            };
            let count = match many.total {
                Some(total) => format!("{}/{total}", many.done),
                None => many.done.to_string(),
            };
            self.note(&scope.element).count = count;
        }
        for token in state.tokens.iter().filter(|t| !state.is_own(t.scope)) {
            if !state.incidents.contains(&token.id) {
                continue;
            }
            // The innermost element of our own that waits for what is called.
            let mut at = state.scope(token.scope);
            for _ in 0..state.scopes.len() {
                let Some(scope) = at else { break };
                let holder = scope.token.and_then(|id| state.token(id));
                match holder.filter(|t| state.is_own(t.scope)) {
                    Some(holder) if matches!(holder.on, On::Scope(_)) => {
                        self.stopped.insert(Arc::clone(&holder.at));
                        break;
                    }
                    _ => at = state.scope(scope.parent).filter(|p| p.id != scope.id),
                }
            }
        }
    }

    /// The note at an element, made if there is none.
    pub fn note(&mut self, id: &Id) -> &mut Note {
        self.notes.entry(Arc::clone(id)).or_default()
    }

    pub(super) fn classes(&self, id: &Id) -> String {
        let mut out = String::new();
        for (set, class) in [
            (&self.done, " is-done"),
            (&self.current, " is-current"),
            (&self.stopped, " is-stopped"),
            (&self.cancelled, " is-cancelled"),
        ] {
            if set.contains(id) {
                out.push_str(class);
            }
        }
        if let Some(heat @ 1..=4) = self.notes.get(id).map(|note| note.heat) {
            out.push_str(" heat-");
            out.push(char::from(b'0' + heat));
        }
        out
    }
}
