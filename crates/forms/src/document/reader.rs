//! Reads a document from JSON. All mistakes are collected, each with its path.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{
    CrossCheck, Field, FieldKind, FormDocument, FormError, FormErrorKind as Kind, Group, Material,
    Need, OnFail, Page, Prefill, Question, Reuse, Rules, Section, Status, Stop, conditions, order,
    rules,
};
use crate::condition::{Condition, Test};
use crate::elements::{Choice, Element, ElementRegistry};
use crate::value::Grade;
use crate::words::Words;

/// Largest document in bytes.
pub(super) const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Most fields of a document, those of groups included.
pub(super) const MAX_FIELDS: usize = 2000;
/// Most rows of a repeating group.
pub(super) const MAX_ROWS: u32 = 500;
const MAX_PAGES: usize = 100;
const MAX_SECTIONS: usize = 500;
const MAX_LIST: usize = 500;
const MAX_ERRORS: usize = 100;

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

/// State of the reading.
pub(super) struct Reader<'a> {
    elements: &'a ElementRegistry,
    pub(super) errors: Vec<FormError>,
    todo: Vec<(Slot, &'a Json, String)>,
    pub(super) doc: FormDocument,
}

type Object<'a> = &'a Map<String, Json>;

pub(super) fn read(text: &str, elements: &ElementRegistry) -> Result<FormDocument, Vec<FormError>> {
    let fail = |kind| {
        vec![FormError {
            path: String::new(),
            kind,
        }]
    };
    if text.len() > MAX_BYTES {
        return Err(fail(Kind::TooLarge(MAX_BYTES)));
    }
    let json: Json = serde_json::from_str(text).map_err(|e| fail(Kind::Json(e.to_string())))?;
    let mut reader = Reader {
        elements,
        errors: Vec::new(),
        todo: Vec::new(),
        doc: blank(),
    };
    reader.document(&json);
    reader.compile_conditions();
    order::settle(&mut reader);
    let Reader {
        errors, mut doc, ..
    } = reader;
    if !errors.is_empty() {
        return Err(errors);
    }
    doc.source = json;
    Ok(doc)
}

fn blank() -> FormDocument {
    FormDocument {
        id: String::new(),
        version: 0,
        status: Status::Draft,
        title: Words::default(),
        pages: Vec::new(),
        sections: Vec::new(),
        fields: Vec::new(),
        materials: Vec::new(),
        checks: Vec::new(),
        stops: Vec::new(),
        order: Vec::new(),
        by_id: HashMap::new(),
        source: Json::Null,
    }
}

fn never() -> Condition {
    Condition(Test::Or(Vec::new()))
}

impl<'a> Reader<'a> {
    pub(super) fn error(&mut self, path: impl Into<String>, kind: Kind) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(FormError {
                path: path.into(),
                kind,
            });
        }
    }

    pub(super) fn object(
        &mut self,
        json: &'a Json,
        path: &str,
        keys: &[&str],
    ) -> Option<Object<'a>> {
        let Some(map) = json.as_object() else {
            self.error(path, Kind::Shape("对象 { }"));
            return None;
        };
        for key in map.keys().filter(|k| !keys.contains(&k.as_str())).take(5) {
            self.error(path, Kind::UnknownKey(key.chars().take(60).collect()));
        }
        Some(map)
    }

    pub(super) fn text(
        &mut self,
        map: Object<'a>,
        path: &str,
        key: &'static str,
    ) -> Option<&'a str> {
        match map.get(key) {
            None => None,
            Some(Json::String(text)) => Some(text),
            Some(_) => {
                self.error(format!("{path}/{key}"), Kind::Shape("文字"));
                None
            }
        }
    }

    fn flag(&mut self, map: Object<'a>, path: &str, key: &'static str) -> Option<bool> {
        match map.get(key) {
            None => None,
            Some(Json::Bool(value)) => Some(*value),
            Some(_) => {
                self.error(format!("{path}/{key}"), Kind::Shape("true 或 false"));
                None
            }
        }
    }

    pub(super) fn count(&mut self, map: Object<'a>, path: &str, key: &'static str) -> Option<u32> {
        let value = map.get(key)?;
        let number = value.as_u64().and_then(|n| u32::try_from(n).ok());
        if number.is_none() {
            self.error(format!("{path}/{key}"), Kind::Shape("非负整数"));
        }
        number
    }

    fn list(&mut self, map: Object<'a>, path: &str, key: &'static str, most: usize) -> &'a [Json] {
        match map.get(key) {
            None => &[],
            Some(Json::Array(list)) if list.len() <= most => list,
            Some(Json::Array(_)) => {
                self.error(format!("{path}/{key}"), Kind::TooMany("条目", most));
                &[]
            }
            Some(_) => {
                self.error(format!("{path}/{key}"), Kind::Shape("列表 [ ]"));
                &[]
            }
        }
    }

    fn texts(&mut self, map: Object<'a>, path: &str, key: &'static str) -> Vec<String> {
        let list = self.list(map, path, key, MAX_LIST);
        let texts: Vec<String> = list
            .iter()
            .filter_map(|t| t.as_str().map(str::to_owned))
            .collect();
        if texts.len() != list.len() {
            self.error(format!("{path}/{key}"), Kind::Shape("文字的列表"));
        }
        texts
    }

    fn read_words(&mut self, json: &'a Json, path: &str) -> Option<Words> {
        if let Json::String(text) = json {
            return Some(Words::zh(text.as_str()));
        }
        let map = self.object(json, path, &["zh-CN", "en"])?;
        let zh = self.text(map, path, "zh-CN").unwrap_or_default().to_owned();
        let en = self.text(map, path, "en").map(|t| t.to_owned().into());
        Some(Words { zh: zh.into(), en })
    }

    fn words(&mut self, map: Object<'a>, path: &str, key: &'static str) -> Option<Words> {
        let json = map.get(key)?;
        self.read_words(json, &format!("{path}/{key}"))
    }

    fn ident(&mut self, map: Object<'a>, path: &str) -> String {
        let Some(id) = self.text(map, path, "id") else {
            self.error(path, Kind::Missing("id"));
            return String::new();
        };
        let mut chars = id.chars();
        let good = chars.next().is_some_and(|c| c.is_ascii_lowercase())
            && id.len() <= 40
            && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c));
        if !good {
            self.error(
                format!("{path}/id"),
                Kind::BadId(id.chars().take(60).collect()),
            );
        }
        id.to_owned()
    }

    fn later(&mut self, slot: Slot, map: Object<'a>, path: &str, key: &str) -> bool {
        let Some(json) = map.get(key) else {
            return false;
        };
        self.todo.push((slot, json, format!("{path}/{key}")));
        true
    }

    fn document(&mut self, json: &'a Json) {
        const KEYS: [&str; 10] = [
            "zwform",
            "id",
            "version",
            "status",
            "title",
            "basis",
            "pages",
            "materials",
            "checks",
            "stop",
        ];
        let Some(map) = self.object(json, "", &KEYS) else {
            return;
        };
        match self.text(map, "", "zwform") {
            Some("1") => {}
            Some(other) => {
                self.error("/zwform", Kind::Version(other.chars().take(20).collect()));
                return;
            }
            None => return self.error("", Kind::Missing("zwform")),
        }
        self.doc.id = self.ident(map, "");
        match self.count(map, "", "version") {
            Some(version) => self.doc.version = version,
            None => self.error("", Kind::Missing("version")),
        }
        self.doc.status = match self.text(map, "", "status") {
            None | Some("draft") => Status::Draft,
            Some("published") => Status::Published,
            Some("retired") => Status::Retired,
            Some(_) => {
                self.error("/status", Kind::Shape("draft、published 或 retired"));
                Status::Draft
            }
        };
        self.doc.title = self.words(map, "", "title").unwrap_or_default();
        let pages = self.list(map, "", "pages", MAX_PAGES);
        if pages.is_empty() {
            self.error("", Kind::Missing("pages"));
        }
        for (at, page) in pages.iter().enumerate() {
            self.page(page, &format!("/pages/{at}"));
        }
        for (at, json) in self.list(map, "", "materials", MAX_LIST).iter().enumerate() {
            self.material(json, &format!("/materials/{at}"));
        }
        for (at, json) in self.list(map, "", "checks", MAX_LIST).iter().enumerate() {
            self.cross_check(json, &format!("/checks/{at}"));
        }
        for (at, json) in self.list(map, "", "stop", MAX_LIST).iter().enumerate() {
            self.stop(json, &format!("/stop/{at}"));
        }
    }

    fn page(&mut self, json: &'a Json, path: &str) {
        let keys = ["id", "title", "show_if", "sections"];
        let Some(map) = self.object(json, path, &keys) else {
            return;
        };
        let id = self.ident(map, path);
        if self.doc.pages.iter().any(|p| p.id == id) {
            self.error(path, Kind::DuplicateId(id.clone()));
        }
        let title = self.words(map, path, "title").unwrap_or_default();
        let page = self.doc.pages.len();
        self.later(Slot::Page(page), map, path, "show_if");
        let start = self.doc.sections.len();
        self.doc.pages.push(Page {
            id,
            title,
            show_if: None,
            sections: start..start,
        });
        for (at, json) in self
            .list(map, path, "sections", MAX_SECTIONS)
            .iter()
            .enumerate()
        {
            if self.doc.sections.len() >= MAX_SECTIONS {
                self.error(path, Kind::TooMany("分节", MAX_SECTIONS));
                break;
            }
            self.section(json, &format!("{path}/sections/{at}"), page);
        }
        let end = self.doc.sections.len();
        if let Some(page) = self.doc.pages.last_mut() {
            page.sections = start..end;
        }
    }

    fn section(&mut self, json: &'a Json, path: &str, page: usize) {
        let keys = ["id", "title", "show_if", "fields"];
        let Some(map) = self.object(json, path, &keys) else {
            return;
        };
        let id = self.ident(map, path);
        let title = self.words(map, path, "title");
        let section = self.doc.sections.len();
        self.later(Slot::Section(section), map, path, "show_if");
        self.doc.sections.push(Section {
            id,
            title,
            page,
            show_if: None,
            fields: Vec::new(),
        });
        let fields = self.fields(map, path, section, None);
        if let Some(section) = self.doc.sections.get_mut(section) {
            section.fields = fields;
        }
    }

    fn fields(
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

    fn need(&mut self, map: Object<'a>, path: &str, slot: Slot) -> Need {
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

    fn material(&mut self, json: &'a Json, path: &str) {
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

    fn cross_check(&mut self, json: &'a Json, path: &str) {
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

    fn stop(&mut self, json: &'a Json, path: &str) {
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

    fn compile_conditions(&mut self) {
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
