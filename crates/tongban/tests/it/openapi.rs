//! The description of the interface is the one that is checked in, and speaks of exactly the routes that the sources have.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_checked_in_document_is_what_the_program_serves() {
    let path = root().join("docs/openapi.json");
    let made = serde_json::to_string_pretty(&tongban::openapi::document()).expect("json") + "\n";
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &made).expect("docs/openapi.json is written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/openapi.json differs from tongban::openapi::document(); write it anew with: \
         UPDATE_EXPECT=1 cargo nextest run -p tongban -E 'test(openapi)'"
    );
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The methods in `get(a::b).put(c::d)`: the names right before a parenthesis that open or continue the chain.
fn methods(handlers: &str) -> Vec<&'static str> {
    let end = [handlers.find("))"), handlers.find(",)")]
        .into_iter()
        .flatten()
        .min();
    let handlers = handlers
        .get(..end.unwrap_or(handlers.len()))
        .unwrap_or_default();
    ["get", "post", "put", "patch", "delete"]
        .into_iter()
        .filter(|method| {
            let opens = format!("{method}(");
            handlers.starts_with(&opens) || handlers.contains(&format!(").{opens}"))
        })
        .collect()
}

/// `method path` of every `.route("/api/v1…", …)` in `text`.
fn routes(text: &str) -> BTreeSet<String> {
    let text: String = text.split_whitespace().collect();
    let mut found = BTreeSet::new();
    for piece in text.split(".route(\"").skip(1) {
        let Some((path, rest)) = piece.split_once("\",") else {
            continue;
        };
        if path.starts_with("/api/v1") {
            found.extend(
                methods(rest)
                    .into_iter()
                    .map(|method| format!("{method} {path}")),
            );
        }
    }
    found
}

#[test]
fn the_routes_are_read_from_the_sources() {
    let text = r#".route("/api/v1/a", get(x::y)) .route(
        "/api/v1/b/{id}", get(m::one).put(m::two), ).route("/c", post(z))"#;
    let wanted = ["get /api/v1/a", "get /api/v1/b/{id}", "put /api/v1/b/{id}"];
    assert_eq!(
        routes(text),
        wanted.into_iter().map(str::to_owned).collect()
    );
}

#[test]
fn every_route_is_described_and_every_description_has_a_route() {
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    let served: BTreeSet<String> = files
        .iter()
        .filter(|path| path.components().any(|part| part.as_os_str() == "src"))
        .flat_map(|path| routes(&std::fs::read_to_string(path).expect("a source file")))
        .collect();
    let document = tongban::openapi::document();
    let paths = document["paths"].as_object().expect("paths");
    let described: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .into_iter()
                .flatten()
                .map(move |(method, _)| format!("{method} {path}"))
        })
        .collect();
    assert_eq!(
        served.difference(&described).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "served, not described"
    );
    assert_eq!(
        described.difference(&served).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "described, not served"
    );
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn references_lead_somewhere_and_names_are_unique() {
    let document = tongban::openapi::document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for one in &found {
        assert!(
            document.pointer(one.trim_start_matches('#')).is_some(),
            "{one}"
        );
    }
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    for name in schemas.keys() {
        assert!(
            found.contains(&format!("#/components/schemas/{name}").as_str()),
            "{name} is used nowhere"
        );
    }
    let operations: Vec<&Value> = document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|methods| methods.as_object().into_iter().flatten())
        .map(|(_, op)| op)
        .collect();
    let ids: BTreeSet<&str> = operations
        .iter()
        .filter_map(|op| op["operationId"].as_str())
        .collect();
    assert_eq!(
        ids.len(),
        operations.len(),
        "operationId is there and unique"
    );
}
