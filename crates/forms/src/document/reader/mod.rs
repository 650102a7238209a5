//! Reads a document from JSON. All mistakes are collected, each with its path.

mod fields;
mod places;
mod plain;
mod whole;

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use self::places::Slot;
use super::{FormDocument, FormError, FormErrorKind as Kind, Page, Section, Status, order};
use crate::elements::ElementRegistry;
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

impl<'a> Reader<'a> {
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
}
