//! Canonical JSON: sorted members, no white space, so that the same content has the same bytes
//! and the same digest (the order and string rules of RFC 8785; no floating-point numbers occur).

use serde_json::{Map, Value as Json};

/// The canonical text of a JSON value.
pub fn canonical_json(json: &Json) -> String {
    let mut out = String::new();
    write(json, &mut out);
    out
}

fn write(json: &Json, out: &mut String) {
    match json {
        Json::Object(map) => write_members(map, out),
        Json::Array(list) => {
            out.push('[');
            for (at, value) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(value, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Writes an object with its members sorted.
pub(crate) fn write_members(map: &Map<String, Json>, out: &mut String) {
    let mut members: Vec<(&String, &Json)> = map.iter().collect();
    members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push('{');
    for (at, (key, value)) in members.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&Json::String(key.clone()).to_string());
        out.push(':');
        write(value, out);
    }
    out.push('}');
}
