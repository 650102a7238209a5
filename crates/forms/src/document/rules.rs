//! Reads the limits of a question.

use jiff::civil::Date;
use serde_json::Value as Json;

use super::reader::Reader;
use super::{DayBound, FormErrorKind as Kind, Near, Rules};
use crate::elements::{DataType, Element};
use crate::value::Decimal;

/// An exact decimal from a JSON number or string.
pub(super) fn decimal(json: &Json) -> Option<Decimal> {
    match json {
        Json::Number(number) => Decimal::parse(&number.to_string()),
        Json::String(text) => Decimal::parse(text),
        _ => None,
    }
}

fn day(json: &Json) -> Option<DayBound> {
    match json {
        Json::String(text) => text.parse::<Date>().ok().map(DayBound::Day),
        Json::Object(map) if map.len() == 1 => map
            .get("today")?
            .as_i64()
            .and_then(|n| i32::try_from(n).ok())
            .map(DayBound::Today),
        _ => None,
    }
}

/// Reads one rule, an object with one member, into `rules`.
pub(super) fn read<'a>(
    reader: &mut Reader<'a>,
    json: &'a Json,
    path: &str,
    element: &Element,
    rules: &mut Rules,
) {
    let keys = ["length", "range", "days", "items", "unique", "near"];
    let Some(map) = reader.object(json, path, &keys) else {
        return;
    };
    for (name, body) in map.iter().filter(|(name, _)| keys.contains(&name.as_str())) {
        let path = format!("{path}/{name}");
        let counted = matches!(element.data_type, DataType::Codes | DataType::Files);
        let fits = match name.as_str() {
            "length" => element.is_text() || element.data_type == DataType::Address,
            "range" | "near" => element.is_number(),
            "days" => element.data_type == DataType::Date,
            "items" => counted,
            _ => true,
        };
        if !fits {
            reader.error(path, Kind::RuleMisfit(name.clone()));
            continue;
        }
        match name.as_str() {
            "near" => near(reader, body, &path, rules),
            "unique" => rules.unique = body.as_bool() == Some(true),
            _ => bounds(reader, name, body, &path, rules),
        }
    }
}

fn bounds<'a>(reader: &mut Reader<'a>, name: &str, body: &'a Json, path: &str, rules: &mut Rules) {
    let Some(map) = reader.object(body, path, &["min", "max"]) else {
        return;
    };
    for (end, json) in map {
        let low = end == "min";
        let count = || json.as_u64().and_then(|n| u32::try_from(n).ok());
        let read = match name {
            "range" => put(
                decimal(json),
                if low { &mut rules.min } else { &mut rules.max },
            ),
            "days" => put(
                day(json),
                if low {
                    &mut rules.min_day
                } else {
                    &mut rules.max_day
                },
            ),
            "items" => put(
                count(),
                if low {
                    &mut rules.min_items
                } else {
                    &mut rules.max_items
                },
            ),
            _ => put(
                count(),
                if low {
                    &mut rules.min_chars
                } else {
                    &mut rules.max_chars
                },
            ),
        };
        if !read {
            reader.error(
                format!("{path}/{end}"),
                Kind::Shape("数字；日期为 \"2026-03-01\" 或 {\"today\": 0}"),
            );
        }
    }
}

fn put<T>(found: Option<T>, place: &mut Option<T>) -> bool {
    let read = found.is_some();
    *place = found;
    read
}

fn near<'a>(reader: &mut Reader<'a>, body: &'a Json, path: &str, rules: &mut Rules) {
    let Some(map) = reader.object(body, path, &["to", "pct", "level"]) else {
        return;
    };
    let evidence = map
        .get("to")
        .and_then(|to| to.get("ev"))
        .and_then(Json::as_str);
    let Some(evidence) = evidence else {
        return reader.error(format!("{path}/to"), Kind::Shape("{\"ev\": \"资源.路径\"}"));
    };
    let percent = reader.count(map, path, "pct").unwrap_or(10);
    let refuse = match reader.text(map, path, "level") {
        None | Some("warn-reviewer") => false,
        Some("error") => true,
        Some(_) => return reader.error(path, Kind::Shape("warn-reviewer 或 error")),
    };
    rules.near = Some(Near {
        evidence: evidence.to_owned(),
        percent,
        refuse,
    });
}
