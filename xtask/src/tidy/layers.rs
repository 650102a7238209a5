//! Inside a context: `http → service → store → model`, never upwards, and `http` never names `store`.

use super::source::Source;
use super::{Finding, Tree};

/// Layer and the layers that it must not name.
const FORBIDDEN: [(&str, &[&str]); 4] = [
    ("http", &["store"]),
    ("service", &["http"]),
    ("store", &["http", "service"]),
    ("model", &["http", "service", "store"]),
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.with_ext("rs") {
        let Some((name, inside)) = path
            .strip_prefix("crates/")
            .and_then(|rest| rest.split_once("/src/"))
        else {
            continue;
        };
        // A context is a crate that has use cases and a store.
        let context = tree.exists(&format!("crates/{name}/src/service"))
            && tree.exists(&format!("crates/{name}/src/store"));
        let layer = inside.split(['/', '.']).next().unwrap_or_default();
        let Some((_, forbidden)) = FORBIDDEN
            .iter()
            .find(|(known, _)| *known == layer && context)
        else {
            continue;
        };
        let source = Source::of(text);
        for (line, named) in first_segments(&source.code) {
            if forbidden.contains(&named.as_str()) {
                findings.push(Finding::at(
                    path,
                    line,
                    format!("{layer} names {named}"),
                    instead(layer, &named),
                ));
            }
        }
    }
    findings
}

fn instead(layer: &str, named: &str) -> &'static str {
    match (layer, named) {
        ("http", _) => {
            "a handler translates and calls one use case: add or extend a function in service/"
        }
        ("model", _) => {
            "the model is pure: pass in what it needs, or move the code to service/ or store/"
        }
        (_, "http") => "hand back a value or a typed error; http/ turns it into an answer",
        _ => "rows know no rules: move the rule to model/ or service/",
    }
}

/// Line and first segment behind every `crate::` (groups included) or chain of `super::`.
pub(crate) fn first_segments(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let before = code.get(..at).unwrap_or("");
            if before.ends_with(|c: char| c == '_' || c == '$' || c.is_alphanumeric()) {
                continue;
            }
            let line = 1 + before.matches('\n').count();
            let rest = code.get(at + root.len()..).unwrap_or("");
            for segment in segments(rest) {
                found.push((line, segment));
            }
        }
    }
    found
}

fn word(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|c| *c == '_' || c.is_alphanumeric())
        .collect()
}

fn segments(rest: &str) -> Vec<String> {
    let Some(group) = rest.strip_prefix('{') else {
        return vec![word(rest)];
    };
    let (mut depth, mut parts, mut start) = (0_usize, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(word(group.get(start..at).unwrap_or("")));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(word(group.get(start..at).unwrap_or("")));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}
