//! What concerns the application as a whole: materials, checks across fields, answers that end it.

use serde_json::Value as Json;

use super::places::{Slot, never};
use super::{Kind, Reader};
use crate::document::{CrossCheck, Material, Stop};
use crate::value::Grade;

impl<'a> Reader<'a> {
    pub(super) fn material(&mut self, json: &'a Json, path: &str) {
        const KEYS: [&str; 13] = [
            "id",
            "name",
            "hint",
            "required",
            "required_if",
            "show_if",
            "accept",
            "max",
            "max_bytes",
            "min_grade",
            "from_licence",
            "tolerable",
            "used_by",
        ];
        let Some(map) = self.object(json, path, &KEYS) else {
            return;
        };
        let id = self.ident(map, path);
        if self.doc.materials.iter().any(|m| m.id == id) {
            self.error(format!("{path}/id"), Kind::DuplicateId(id.clone()));
        }
        let grade = self.text(map, path, "min_grade").map(Grade::parse);
        if grade == Some(None) {
            self.error(format!("{path}/min_grade"), Kind::Shape("A、B、C 或 D"));
        }
        let at = self.doc.materials.len();
        self.later(Slot::Material(at), map, path, "show_if");
        let material = Material {
            id,
            name: self.words(map, path, "name").unwrap_or_default(),
            hint: self.words(map, path, "hint"),
            need: self.need(map, path, Slot::MaterialNeed(at)),
            accept: self.texts(map, path, "accept"),
            max_files: self.count(map, path, "max").unwrap_or(1).max(1),
            max_bytes: u64::from(
                self.count(map, path, "max_bytes")
                    .unwrap_or(20 * 1024 * 1024),
            ),
            min_grade: grade.flatten().unwrap_or(Grade::D),
            from_licence: self.text(map, path, "from_licence").map(str::to_owned),
            tolerable: self.flag(map, path, "tolerable") == Some(true),
            used_by: self.texts(map, path, "used_by"),
            show_if: None,
        };
        self.doc.materials.push(material);
    }

    pub(super) fn cross_check(&mut self, json: &'a Json, path: &str) {
        let keys = ["if", "at", "msg", "level"];
        let Some(map) = self.object(json, path, &keys) else {
            return;
        };
        let at = self.text(map, path, "at").unwrap_or_default();
        let Some(ix) = self.doc.by_id.get(at).copied() else {
            return self.error(format!("{path}/at"), Kind::UnknownField(at.to_owned()));
        };
        let refuse = match self.text(map, path, "level") {
            None | Some("error") => true,
            Some("note") => false,
            Some(_) => return self.error(format!("{path}/level"), Kind::Shape("error 或 note")),
        };
        let words = self.words(map, path, "msg").unwrap_or_default();
        let slot = Slot::Check(self.doc.checks.len());
        if !self.later(slot, map, path, "if") {
            return self.error(path, Kind::Missing("if"));
        }
        self.doc.checks.push(CrossCheck {
            condition: never(),
            at: ix,
            words,
            refuse,
        });
    }

    pub(super) fn stop(&mut self, json: &'a Json, path: &str) {
        let Some(map) = self.object(json, path, &["if", "then", "msg"]) else {
            return;
        };
        let target = self
            .text(map, path, "then")
            .unwrap_or("not-eligible")
            .to_owned();
        let words = self.words(map, path, "msg").unwrap_or_default();
        let slot = Slot::Stop(self.doc.stops.len());
        if !self.later(slot, map, path, "if") {
            return self.error(path, Kind::Missing("if"));
        }
        self.doc.stops.push(Stop {
            condition: never(),
            target,
            words,
        });
    }
}
