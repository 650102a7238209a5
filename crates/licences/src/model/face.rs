//! The face of a licence (照面) and its validity, by the document of its type.

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use tongban_kernel::{Error, FieldProblem, Result};

fn fields(kind: &Value) -> impl Iterator<Item = (&str, &str, bool)> {
    let list = kind.get("face_fields").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|field| {
        Some((
            field.get("name")?.as_str()?,
            field.get("label")?.as_str()?,
            field
                .get("required")
                .and_then(Value::as_bool)
                .unwrap_or(false),
        ))
    })
}

/// What the act of issuing itself knows, by the names that types use for it.
pub struct Known<'a> {
    pub number: &'a str,
    pub issuer: &'a str,
    pub issued_on: Date,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
}

/// Completes `face` with what issuing knows and checks it against the type: no unknown field, none missing.
pub fn fill_face(
    kind: &Value,
    mut face: Map<String, Value>,
    known: &Known<'_>,
) -> Result<Map<String, Value>> {
    let mut problems = Vec::new();
    let problem =
        |field: &str, code: &str, message: String| FieldProblem::new(field, code, message);
    for name in face.keys() {
        if !fields(kind).any(|(known, ..)| known == name) {
            problems.push(problem(
                name,
                "unknown",
                format!("该证照类型没有照面字段 {name}"),
            ));
        }
    }
    for (name, label, required) in fields(kind) {
        let empty = match face.get(name) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            Some(_) => false,
        };
        if !empty {
            continue;
        }
        let own = match name {
            "licence_no" | "doc_no" => Some(known.number.to_owned()),
            "issuer" => Some(known.issuer.to_owned()),
            "issue_date" => Some(known.issued_on.to_string()),
            "valid_from" => Some(known.valid_from.to_string()),
            "valid_to" | "endorsed_to" => Some(
                known
                    .valid_to
                    .map_or_else(|| "长期".to_owned(), |date| date.to_string()),
            ),
            _ => None,
        };
        match own {
            Some(value) => {
                face.insert(name.to_owned(), Value::String(value));
            }
            None if required => {
                problems.push(problem(name, "required", format!("照面缺少“{label}”")));
            }
            None => {}
        }
    }
    if problems.is_empty() {
        Ok(face)
    } else {
        Err(Error::problems("licence.face", problems))
    }
}

/// Label and value in the order of the type, for the template of the licence. Dates are written out.
pub fn face_lines(kind: &Value, face: &Map<String, Value>) -> Vec<Value> {
    fields(kind)
        .filter_map(|(name, label, _)| {
            let value = match face.get(name)? {
                Value::Null => return None,
                Value::String(text) => written_out(text),
                Value::Array(items) => items
                    .iter()
                    .map(|item| {
                        item.as_str()
                            .map_or_else(|| item.to_string(), str::to_owned)
                    })
                    .collect::<Vec<_>>()
                    .join("、"),
                other => other.to_string(),
            };
            (!value.is_empty()).then(|| json!({"label": label, "value": value}))
        })
        .collect()
}

fn written_out(text: &str) -> String {
    match text.parse::<Date>() {
        Ok(date) if text.len() == 10 => date_words(date),
        _ => text.to_owned(),
    }
}

/// 2026年3月2日.
pub(crate) fn date_words(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// The last day of validity by the type: `validity {kind: period, length, unit}`; `None`: without end. A licence of five
/// years from 2026-03-02 ends with 2031-03-01.
pub fn valid_to(kind: &Value, from: Date) -> Result<Option<Date>> {
    let validity = kind.get("validity");
    let word = |name| validity.and_then(|v| v.get(name)).and_then(Value::as_str);
    if word("kind") != Some("period") {
        return Ok(None);
    }
    let bad = || Error::internal("licence type with a broken validity");
    let length = validity
        .and_then(|v| v.get("length"))
        .and_then(Value::as_i64)
        .filter(|length| (1..=1_000).contains(length))
        .ok_or_else(bad)?;
    let span = match word("unit") {
        Some("year") => length.years(),
        Some("month") => length.months(),
        Some("day") => length.days(),
        _ => return Err(bad()),
    };
    let end = from.checked_add(span).map_err(|_| bad())?;
    end.yesterday().map(Some).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind() -> Value {
        json!({
            "validity": {"kind": "period", "length": 5, "unit": "year"},
            "face_fields": [
                {"name": "operator", "label": "经营者", "required": true},
                {"name": "scope", "label": "范围"},
                {"name": "valid_to", "label": "有效期至", "required": true},
            ],
        })
    }

    #[test]
    fn issuing_fills_in_what_it_knows_and_names_all_that_is_wrong() {
        let from: Date = "2026-03-02".parse().expect("a date");
        let to = valid_to(&kind(), from).expect("sound");
        assert_eq!(
            to.map(|date| date.to_string()).as_deref(),
            Some("2031-03-01")
        );
        let known = Known {
            number: "1",
            issuer: "局",
            issued_on: from,
            valid_from: from,
            valid_to: to,
        };
        let face = json!({"operator": "张三", "scope": ["热食类", "冷食类"]});
        let face =
            fill_face(&kind(), face.as_object().cloned().expect("object"), &known).expect("whole");
        let lines = face_lines(&kind(), &face);
        assert_eq!(lines[1]["value"], "热食类、冷食类");
        assert_eq!(lines[2]["value"], "2031年3月1日");
        let wrong = json!({"operator": " ", "colour": "red"});
        let error = fill_face(&kind(), wrong.as_object().cloned().expect("object"), &known)
            .expect_err("two");
        assert_eq!(error.field_problems().len(), 2);
    }

    #[test]
    fn a_leap_day_and_a_type_without_end() {
        let from: Date = "2024-02-29".parse().expect("a date");
        let one = json!({"validity": {"kind": "period", "length": 1, "unit": "year"}});
        assert_eq!(
            valid_to(&one, from).expect("sound"),
            Some("2025-02-27".parse().expect("a date"))
        );
        assert_eq!(
            valid_to(&json!({"validity": {"kind": "unlimited"}}), from).expect("sound"),
            None
        );
        assert!(
            valid_to(
                &json!({"validity": {"kind": "period", "length": 0, "unit": "year"}}),
                from
            )
            .is_err()
        );
    }
}
