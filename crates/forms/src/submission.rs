//! What is sent when an application is submitted: shown fields only, canonical.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::answers::{Answers, Row, Source, Stamp, Typed};
use crate::canonical::write_members;
use crate::document::{Field, FieldKind, FormDocument, Question};
use crate::elements::DataType;
use crate::post::{Ignored, WhyIgnored};
use crate::read::{Cell, Reading};
use crate::value::Grade;

/// Where a submitted value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Provenance<'a> {
    source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<Grade>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disputed: bool,
}

/// The projection of a draft that is submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Form identifier.
    pub form: String,
    /// Form version.
    pub version: u32,
    /// Values by field id; groups are lists of objects.
    pub values: Map<String, Json>,
    /// Source, evidence, receipt, time and grade by field path.
    pub sources: Map<String, Json>,
}

impl Submission {
    /// Canonical JSON: the same answers give the same bytes.
    pub fn to_canonical_json(&self) -> String {
        // Members in sorted order, as everywhere in canonical JSON.
        let mut out = String::with_capacity(4096);
        out.push_str("{\"form\":");
        out.push_str(&Json::from(self.form.as_str()).to_string());
        out.push_str(",\"sources\":");
        write_members(&self.sources, &mut out);
        out.push_str(",\"values\":");
        write_members(&self.values, &mut out);
        out.push_str(&format!(",\"version\":{}}}", self.version));
        out
    }
}

fn provenance<'a>(cell: &Cell<'a>) -> Json {
    let disputed = cell.verified.is_some() && !cell.uses_verified;
    let from = match (cell.uses_verified, cell.verified, cell.entry) {
        (true, Some(item), _) => Provenance {
            source: Source::Verified,
            evidence: Some(&item.id),
            resource: Some(&item.resource),
            receipt: item.receipt.as_deref(),
            at: Some(item.at),
            grade: Some(item.grade),
            disputed,
        },
        (_, verified, Some(entry)) => Provenance {
            source: entry.source,
            evidence: verified.map(|item| item.id.as_str()),
            resource: entry.resource.as_deref(),
            receipt: entry.receipt.as_deref(),
            at: entry.at,
            grade: entry.grade,
            disputed,
        },
        _ => return Json::Null,
    };
    serde_json::to_value(from).unwrap_or(Json::Null)
}

impl Reading<'_> {
    /// What is submitted: shown, answered and understood fields. Validate first.
    pub fn submission(&self) -> Submission {
        let (mut values, mut sources) = (Map::new(), Map::new());
        for (ix, (field, cell)) in self.form.fields.iter().zip(&self.cells).enumerate() {
            if field.parent.is_some() || !cell.shown {
                continue;
            }
            match &field.kind {
                FieldKind::Question(_) if !cell.value.is_nothing() => {
                    values.insert(field.id.clone(), cell.value.to_json());
                    sources.insert(field.id.clone(), provenance(cell));
                }
                FieldKind::Question(_) => {}
                FieldKind::Group(group) => {
                    let mut rows = Vec::new();
                    for row in self.rows_of(ix).iter().filter(|r| !r.blank) {
                        let mut out = Map::new();
                        for (child, _, cell) in self.children(group, row) {
                            if cell.value.is_nothing() {
                                continue;
                            }
                            let path = format!("{}.{}.{}", field.id, rows.len(), child.id);
                            out.insert(child.id.clone(), cell.value.to_json());
                            sources.insert(path, provenance(cell));
                        }
                        if !out.is_empty() {
                            rows.push(Json::Object(out));
                        }
                    }
                    if !rows.is_empty() {
                        values.insert(field.id.clone(), Json::Array(rows));
                    }
                }
            }
        }
        let form = self.form;
        Submission {
            form: form.id.clone(),
            version: form.version,
            values,
            sources,
        }
    }
}

impl FormDocument {
    /// Answers from the JSON values of an API client (the shape of [`Submission::values`]).
    /// Verified fields are taken as typed text and lose against evidence when they are read.
    pub fn answers_from_json(&self, json: &Json, stamp: &Stamp) -> (Answers, Vec<Ignored>) {
        let (mut answers, mut ignored) = (Answers::default(), Vec::new());
        let Some(map) = json.as_object() else {
            return (answers, ignored);
        };
        for (id, value) in map {
            let field = self.field(id).filter(|f| f.parent.is_none());
            match field.map(|f| (f, &f.kind)) {
                Some((_, FieldKind::Question(question))) => {
                    if let Some(typed) = typed(question, value) {
                        answers.set(id, typed, stamp);
                    }
                }
                Some((field, FieldKind::Group(group))) => {
                    let rows = value.as_array().map_or(&[][..], Vec::as_slice);
                    for row in rows.iter().take(group.max as usize + 1) {
                        answers.push_row(id, self.row(field, row, stamp));
                    }
                }
                None if ignored.len() < 100 => {
                    let name = id.chars().take(80).collect();
                    ignored.push(Ignored {
                        name,
                        why: WhyIgnored::Unknown,
                    });
                }
                None => {}
            }
        }
        (answers, ignored)
    }

    fn row(&self, group: &Field, json: &Json, stamp: &Stamp) -> Row {
        let children = group.group().map_or(&[][..], |g| &g.children);
        let fields = children.iter().filter_map(|ix| self.fields.get(*ix));
        let cells = fields.filter_map(|field| {
            let typed = typed(field.question()?, json.get(&field.id)?)?;
            Some((field.id.clone(), crate::answers::Entry::new(typed, stamp)))
        });
        cells.collect()
    }
}

/// The typed form of a JSON value; anything odd becomes text and is judged like any other answer.
fn typed(question: &Question, json: &Json) -> Option<Typed> {
    let text = |json: &Json| match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    match json {
        Json::Null => None,
        Json::Array(list) => Some(Typed::Many(list.iter().take(1000).map(text).collect())),
        Json::Object(map) => {
            let parts = map.iter().take(10).map(|(k, v)| (k.clone(), text(v)));
            Some(Typed::Parts(parts.collect()))
        }
        Json::Number(number) if question.element.data_type == DataType::Money => {
            // Money is whole fen on the wire and yuan when typed.
            let fen = number.as_i64()?;
            let sign = if fen < 0 { "-" } else { "" };
            let (yuan, rest) = (fen.unsigned_abs() / 100, fen.unsigned_abs() % 100);
            Some(Typed::One(format!("{sign}{yuan}.{rest:02}")))
        }
        other => Some(Typed::One(text(other))),
    }
}
