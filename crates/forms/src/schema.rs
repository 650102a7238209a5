//! Export of the value schema as JSON Schema 2020-12, for clients of the API.
//!
//! Conditions are carried along as annotations (`x-tongban-…`); the server judges them.

use serde_json::{Map, Value as Json, json};

use crate::checks::Check;
use crate::document::{Field, FieldKind, FormDocument, Group, Need, Question};
use crate::elements::DataType;
use crate::understand::{larger, smaller};
use crate::value::Decimal;
use crate::words::Lang;

impl FormDocument {
    /// The schema of [`crate::Submission::values`].
    pub fn json_schema(&self) -> Json {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for section in &self.sections {
            let page_shown = self
                .pages
                .get(section.page)
                .is_none_or(|p| p.show_if.is_none());
            let always = page_shown && section.show_if.is_none();
            for field in section.fields.iter().filter_map(|ix| self.fields.get(*ix)) {
                properties.insert(field.id.clone(), self.field_schema(field));
                let mut must = always && field.show_if.is_none() && field.need == Need::Always;
                // Verified values need not be sent at all.
                must &= field.prefill.as_ref().is_none_or(|p| !p.verified);
                must &= field.group().is_none_or(|g| g.min > 0);
                if must {
                    required.push(Json::from(field.id.as_str()));
                }
            }
        }
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": format!("urn:tongban:form:{}:{}", self.id, self.version),
            "title": self.title.get(Lang::Zh),
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }

    fn field_schema(&self, field: &Field) -> Json {
        let mut map = match &field.kind {
            FieldKind::Question(question) => question_schema(question),
            FieldKind::Group(group) => self.group_schema(group),
        };
        map.insert("title".into(), Json::from(field.label.get(Lang::Zh)));
        if let Some(hint) = &field.hint {
            map.insert("description".into(), Json::from(hint.get(Lang::Zh)));
        }
        if field.prefill.as_ref().is_some_and(|p| p.verified) {
            map.insert("readOnly".into(), Json::Bool(true));
        }
        if let Some(question) = field.question() {
            map.insert(
                "x-tongban-element".into(),
                Json::from(question.element.code.as_ref()),
            );
        }
        map.insert(
            "x-tongban-subject".into(),
            Json::from(field.subject.as_str()),
        );
        if field.show_if.is_some() || matches!(field.need, Need::If(_)) {
            map.insert("x-tongban-conditional".into(), Json::Bool(true));
        }
        Json::Object(map)
    }

    fn group_schema(&self, group: &Group) -> Map<String, Json> {
        let children = group.children.iter().filter_map(|ix| self.fields.get(*ix));
        let mut properties = Map::new();
        let mut required = Vec::new();
        for child in children {
            properties.insert(child.id.clone(), self.field_schema(child));
            if child.show_if.is_none() && child.need == Need::Always {
                required.push(Json::from(child.id.as_str()));
            }
        }
        let mut map = Map::new();
        map.insert("type".into(), Json::from("array"));
        map.insert("maxItems".into(), Json::from(group.max));
        let items = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        map.insert("items".into(), items);
        map
    }
}

fn pattern(check: Check) -> Option<&'static str> {
    Some(match check {
        Check::ResidentId => "^[0-9]{17}[0-9X]$",
        Check::Uscc => "^[0-9A-HJ-NPQRTUWXY]{18}$",
        Check::Mobile => "^1[3-9][0-9]{9}$",
        Check::Landline => "^0[0-9]{2,3}-[0-9]{7,8}(-[0-9]{1,6})?$",
        Check::Division => "^([0-9]{6}|[0-9]{9}|[0-9]{12})$",
        Check::Vin => "^[0-9A-HJ-NPR-Z]{17}$",
        Check::BankAccount => "^[0-9]{8,30}$",
        Check::Email | Check::Plate => return None,
    })
}

fn question_schema(question: &Question) -> Map<String, Json> {
    let (element, rules) = (&question.element, &question.rules);
    let options = || -> Vec<Json> {
        let choice = |c: &crate::elements::Choice| json!({"const": c.code, "title": c.label.zh});
        question.choices.iter().map(choice).collect()
    };
    let schema = match element.data_type {
        DataType::Text | DataType::Name | DataType::Identifier | DataType::LongText => {
            let max = rules
                .max_chars
                .unwrap_or(element.max_chars)
                .min(element.max_chars);
            let min = rules.min_chars.unwrap_or(0).max(element.min_chars);
            let mut schema = json!({"type": "string", "minLength": min, "maxLength": max});
            if let (Some(pattern), Some(map)) =
                (element.check.and_then(pattern), schema.as_object_mut())
            {
                map.insert("pattern".into(), Json::from(pattern));
            }
            if let (Some(Check::Email), Some(map)) = (element.check, schema.as_object_mut()) {
                map.insert("format".into(), Json::from("email"));
            }
            schema
        }
        DataType::Integer | DataType::Money => {
            let factor = if element.data_type == DataType::Money {
                100
            } else {
                1
            };
            let whole = |n: Decimal| n.times(factor).map(|n| n.millionths() / 1_000_000);
            let mut schema = json!({"type": "integer"});
            if let Some(map) = schema.as_object_mut() {
                let bounds = [
                    ("minimum", larger(element.min, rules.min)),
                    ("maximum", smaller(element.max, rules.max)),
                ];
                for (name, bound) in bounds {
                    if let Some(bound) = bound.and_then(whole) {
                        map.insert(name.into(), Json::from(bound));
                    }
                }
            }
            schema
        }
        DataType::Decimal => {
            let places = element.places;
            json!({"type": "string", "pattern": format!("^-?[0-9]+(\\.[0-9]{{1,{places}}})?$")})
        }
        DataType::Date => json!({"type": "string", "format": "date"}),
        DataType::Bool => json!({"type": "boolean"}),
        DataType::Code => json!({"oneOf": options()}),
        DataType::Codes => {
            let mut schema =
                json!({"type": "array", "uniqueItems": true, "items": {"oneOf": options()}});
            if let (Some(max), Some(map)) = (rules.max_items, schema.as_object_mut()) {
                map.insert("maxItems".into(), Json::from(max));
            }
            schema
        }
        DataType::Address => json!({
            "type": "object",
            "properties": {
                "division": {"type": "string", "pattern": "^([0-9]{6}|[0-9]{9}|[0-9]{12})$"},
                "detail": {"type": "string", "minLength": element.min_chars, "maxLength": element.max_chars},
            },
            "required": ["division", "detail"],
            "additionalProperties": false,
        }),
        DataType::Files => json!({"type": "array", "items": {"type": "string", "maxLength": 200}}),
    };
    match schema {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}
