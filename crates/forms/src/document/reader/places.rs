//! Conditions are compiled when all fields are known, then put where they belong.

use super::{Object, Reader};
use crate::condition::{Condition, Test};
use crate::document::{Need, conditions};

/// Where a compiled condition goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    Page(usize),
    Section(usize),
    Field(usize),
    FieldNeed(usize),
    Material(usize),
    MaterialNeed(usize),
    Check(usize),
    Stop(usize),
}

/// Stands where a condition will be put.
pub(super) fn never() -> Condition {
    Condition(Test::Or(Vec::new()))
}

impl<'a> Reader<'a> {
    pub(super) fn later(&mut self, slot: Slot, map: Object<'a>, path: &str, key: &str) -> bool {
        let Some(json) = map.get(key) else {
            return false;
        };
        self.todo.push((slot, json, format!("{path}/{key}")));
        true
    }

    pub(super) fn compile_conditions(&mut self) {
        for (slot, json, path) in std::mem::take(&mut self.todo) {
            let row_of = match slot {
                Slot::Field(ix) | Slot::FieldNeed(ix) => {
                    self.doc.fields.get(ix).and_then(|f| f.parent)
                }
                // A check at a field of a group is made in every row.
                Slot::Check(at) => {
                    let ix = self.doc.checks.get(at).map(|c| c.at);
                    ix.and_then(|ix| self.doc.fields.get(ix))
                        .and_then(|f| f.parent)
                }
                _ => None,
            };
            let Some(condition) = conditions::compile(self, json, &path, row_of) else {
                continue;
            };
            self.place(slot, condition);
        }
    }

    fn place(&mut self, slot: Slot, condition: Condition) {
        let doc = &mut self.doc;
        match slot {
            Slot::Page(at) => set(doc.pages.get_mut(at), |p| p.show_if = Some(condition)),
            Slot::Section(at) => set(doc.sections.get_mut(at), |s| s.show_if = Some(condition)),
            Slot::Field(at) => set(doc.fields.get_mut(at), |f| f.show_if = Some(condition)),
            Slot::FieldNeed(at) => set(doc.fields.get_mut(at), |f| f.need = Need::If(condition)),
            Slot::Material(at) => set(doc.materials.get_mut(at), |m| m.show_if = Some(condition)),
            Slot::MaterialNeed(at) => {
                set(doc.materials.get_mut(at), |m| m.need = Need::If(condition));
            }
            Slot::Check(at) => set(doc.checks.get_mut(at), |c| c.condition = condition),
            Slot::Stop(at) => set(doc.stops.get_mut(at), |s| s.condition = condition),
        }
    }
}

fn set<T>(place: Option<&mut T>, put: impl FnOnce(&mut T)) {
    if let Some(place) = place {
        put(place);
    }
}
