//! Fields: questions about a data element, and groups that repeat.

use std::sync::Arc;

use serde_json::Value as Json;

use super::places::{Slot, never};
use super::{Kind, MAX_FIELDS, MAX_LIST, MAX_ROWS, Object, Reader};
use crate::document::{
    Field, FieldKind, Group, Need, OnFail, Prefill, Question, Reuse, Rules, rules,
};
use crate::elements::{Choice, Element};
use crate::words::Words;

impl<'a> Reader<'a> {
    pub(super) fn fields(
        &mut self,
        map: Object<'a>,
        path: &str,
        section: usize,
        parent: Option<usize>,
    ) -> Vec<usize> {
        let mut out = Vec::new();
        for (at, json) in self
            .list(map, path, "fields", MAX_FIELDS)
            .iter()
            .enumerate()
        {
            if self.doc.fields.len() >= MAX_FIELDS {
                self.error(path, Kind::TooMany("字段", MAX_FIELDS));
                break;
            }
            out.extend(self.field(json, &format!("{path}/fields/{at}"), section, parent));
        }
        out
    }

    fn field(
        &mut self,
        json: &'a Json,
        path: &str,
        section: usize,
        parent: Option<usize>,
    ) -> Option<usize> {
        const KEYS: [&str; 21] = [
            "id",
            "element",
            "subject",
            "label",
            "hint",
            "help",
            "used_by",
            "reuse",
            "required",
            "required_if",
            "show_if",
            "prefill",
            "choices",
            "only",
            "unit",
            "rules",
            "group",
            "min",
            "max",
            "label_of",
            "fields",
        ];
        let map = self.object(json, path, &KEYS)?;
        let id = self.ident(map, path);
        let ix = self.doc.fields.len();
        if self.doc.by_id.insert(id.clone(), ix).is_some() {
            self.error(format!("{path}/id"), Kind::DuplicateId(id.clone()));
        }
        let is_group = self.flag(map, path, "group") == Some(true);
        let kind = if is_group {
            if parent.is_some() {
                self.error(path, Kind::NestedGroup);
                return None;
            }
            self.group(map, path)
        } else {
            FieldKind::Question(self.question(map, path)?)
        };
        let label = self.words(map, path, "label");
        let fallback = match &kind {
            FieldKind::Question(question) => question.element.name.clone(),
            FieldKind::Group(_) => Words::default(),
        };
        let reuse = match self.text(map, path, "reuse") {
            None | Some("case") => Reuse::Case,
            Some("person") => Reuse::Person,
            Some("never") => Reuse::Never,
            Some(_) => {
                self.error(
                    format!("{path}/reuse"),
                    Kind::Shape("case、person 或 never"),
                );
                Reuse::Case
            }
        };
        let need = self.need(map, path, Slot::FieldNeed(ix));
        let prefill = self.prefill(map, path, parent.is_some());
        self.later(Slot::Field(ix), map, path, "show_if");
        let field = Field {
            id,
            subject: self
                .text(map, path, "subject")
                .unwrap_or("applicant")
                .to_owned(),
            label: label.unwrap_or(fallback),
            hint: self.words(map, path, "hint"),
            help: self.help(map, path),
            used_by: self.texts(map, path, "used_by"),
            reuse,
            need,
            prefill,
            kind,
            section,
            parent,
            show_if: None,
        };
        self.doc.fields.push(field);
        if is_group {
            let children = self.fields(map, path, section, Some(ix));
            if let Some(Field {
                kind: FieldKind::Group(group),
                ..
            }) = self.doc.fields.get_mut(ix)
            {
                group.children = children;
            }
        }
        Some(ix)
    }

    fn group(&mut self, map: Object<'a>, path: &str) -> FieldKind {
        let min = self.count(map, path, "min").unwrap_or(0);
        let max = self.count(map, path, "max").unwrap_or(20);
        if max > MAX_ROWS {
            self.error(
                format!("{path}/max"),
                Kind::TooMany("行", MAX_ROWS as usize),
            );
        }
        let label_of = self.words(map, path, "label_of");
        let label_of = label_of.unwrap_or_else(|| Words::fixed("第 {n} 组", "Entry {n}"));
        FieldKind::Group(Group {
            min,
            max,
            label_of,
            children: Vec::new(),
            order: Vec::new(),
        })
    }

    fn question(&mut self, map: Object<'a>, path: &str) -> Option<Question> {
        let Some(code) = self.text(map, path, "element") else {
            self.error(path, Kind::Missing("element"));
            return None;
        };
        let Some(element) = self.elements.get(code) else {
            let code = code.chars().take(60).collect();
            self.error(format!("{path}/element"), Kind::UnknownElement(code));
            return None;
        };
        let element = Arc::clone(element);
        let choices = self.choices(map, path, &element);
        let unit = self
            .words(map, path, "unit")
            .or_else(|| element.unit.clone());
        let mut found = Rules::default();
        for (at, json) in self.list(map, path, "rules", 20).iter().enumerate() {
            rules::read(
                self,
                json,
                &format!("{path}/rules/{at}"),
                &element,
                &mut found,
            );
        }
        Some(Question {
            element,
            choices,
            unit,
            rules: found,
        })
    }

    fn choices(&mut self, map: Object<'a>, path: &str, element: &Element) -> Arc<[Choice]> {
        let own = self.list(map, path, "choices", 1000);
        if !element.needs_choices() {
            if !own.is_empty() {
                self.error(
                    format!("{path}/choices"),
                    Kind::RuleMisfit("choices".into()),
                );
            }
            return self.narrowed(map, path, element);
        }
        if own.is_empty() {
            self.error(path, Kind::NoChoices(element.code.to_string()));
        }
        let mut out: Vec<Choice> = Vec::with_capacity(own.len());
        let mut seen = std::collections::HashSet::new();
        for (at, json) in own.iter().enumerate() {
            let at = format!("{path}/choices/{at}");
            let Some(map) = self.object(json, &at, &["code", "label"]) else {
                continue;
            };
            let code = self.text(map, &at, "code").unwrap_or_default();
            if code.is_empty() {
                self.error(&at, Kind::Missing("code"));
            }
            if !seen.insert(code) {
                self.error(&at, Kind::DuplicateId(code.to_owned()));
            }
            let label = self.words(map, &at, "label").unwrap_or_default();
            out.push(Choice {
                code: code.to_owned().into(),
                label,
            });
        }
        out.into()
    }

    /// `only` narrows a national value domain.
    fn narrowed(&mut self, map: Object<'a>, path: &str, element: &Element) -> Arc<[Choice]> {
        let only = self.texts(map, path, "only");
        if only.is_empty() {
            return Arc::clone(&element.domain);
        }
        for code in &only {
            if !element.domain.iter().any(|c| c.code == *code) {
                let kind = Kind::NotAChoice(code.clone(), element.code.to_string());
                self.error(format!("{path}/only"), kind);
            }
        }
        let kept = element
            .domain
            .iter()
            .filter(|c| only.iter().any(|o| *o == c.code));
        kept.cloned().collect()
    }

    pub(super) fn need(&mut self, map: Object<'a>, path: &str, slot: Slot) -> Need {
        if self.later(slot, map, path, "required_if") {
            return Need::If(never());
        }
        match self.flag(map, path, "required") {
            Some(false) => Need::Never,
            _ => Need::Always,
        }
    }

    fn help(&mut self, map: Object<'a>, path: &str) -> Vec<(String, Words)> {
        let Some(json) = map.get("help") else {
            return Vec::new();
        };
        let path = format!("{path}/help");
        let Some(entries) = json.as_object() else {
            self.error(path, Kind::Shape("对象 { }"));
            return Vec::new();
        };
        let words = entries.iter().take(MAX_LIST).filter_map(|(item, json)| {
            Some((
                item.clone(),
                self.read_words(json, &format!("{path}/{item}"))?,
            ))
        });
        words.collect()
    }

    fn prefill(&mut self, map: Object<'a>, path: &str, in_group: bool) -> Option<Prefill> {
        let json = map.get("prefill")?;
        let path = format!("{path}/prefill");
        let keys = ["resource", "path", "mode", "on_fail", "max_age"];
        let map = self.object(json, &path, &keys)?;
        let resource = self
            .text(map, &path, "resource")
            .unwrap_or_default()
            .to_owned();
        let inner = self.text(map, &path, "path").unwrap_or_default().to_owned();
        if resource.is_empty() || inner.is_empty() {
            self.error(&path, Kind::Missing("resource / path"));
        }
        let verified = match self.text(map, &path, "mode") {
            None | Some("verified") => true,
            Some("suggest") => false,
            Some(_) => {
                self.error(format!("{path}/mode"), Kind::Shape("verified 或 suggest"));
                true
            }
        };
        if verified && in_group {
            self.error(&path, Kind::PrefillInGroup);
        }
        let on_fail = match self.text(map, &path, "on_fail") {
            None | Some("ask") => OnFail::Ask,
            Some("wait") => OnFail::Wait,
            Some(_) => {
                self.error(format!("{path}/on_fail"), Kind::Shape("ask 或 wait"));
                OnFail::Ask
            }
        };
        let max_age = self.text(map, &path, "max_age").map(seconds);
        if max_age == Some(None) {
            self.error(
                format!("{path}/max_age"),
                Kind::Shape("期间，如 P1D 或 PT12H"),
            );
        }
        let key = format!("{resource}.{inner}");
        let max_age = max_age.flatten();
        Some(Prefill {
            resource,
            path: inner,
            verified,
            on_fail,
            max_age,
            key,
        })
    }
}

/// Seconds of an ISO 8601 duration in days, hours or minutes.
fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = match text.strip_prefix("PT") {
        Some(rest) => match rest.strip_suffix('H') {
            Some(hours) => (hours, 3600),
            None => (rest.strip_suffix('M')?, 60),
        },
        None => (text.strip_prefix('P')?.strip_suffix('D')?, 86_400),
    };
    number.parse::<u32>().ok().map(|n| i64::from(n) * unit)
}
