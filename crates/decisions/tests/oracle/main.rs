//! The technology compatibility kit of DMN (github.com/dmn-tck/tck, Apache-2.0): every expected result of levels 2 and 3.
//!
//! Its folder is named by `TONGBAN_TCK`; without it the test says so and passes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node};
use serde_json::{Map, Value};
use tongban_decisions::{Decisions, Expressions, Feel};

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its data by environment variables"
)]
fn folder() -> Option<PathBuf> {
    std::env::var("TONGBAN_TCK").ok().map(PathBuf::from)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children()
        .find(|child| child.tag_name().name() == name)
}

/// A value of the kit as JSON; what JSON lacks goes through FEEL, so that both sides are written alike.
fn value(node: Node<'_, '_>) -> Value {
    const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
    if let Some(list) = child(node, "list") {
        return list
            .children()
            .filter(|item| item.tag_name().name() == "item")
            .map(value)
            .collect();
    }
    let parts: Vec<_> = node
        .children()
        .filter(|part| part.tag_name().name() == "component")
        .collect();
    if !parts.is_empty() {
        let entry = |part: Node<'_, '_>| {
            (
                part.attribute("name").unwrap_or_default().to_owned(),
                value(part),
            )
        };
        return Value::Object(parts.into_iter().map(entry).collect());
    }
    let Some(simple) = child(node, "value") else {
        return Value::Null;
    };
    if simple.attribute((XSI, "nil")) == Some("true") {
        return Value::Null;
    }
    let text = simple.text().unwrap_or_default();
    let kind = simple.attribute((XSI, "type")).unwrap_or("string");
    let feel = |text: String| {
        Feel.compile(&text)
            .and_then(|feel| feel.eval(&BTreeMap::<String, Value>::new()))
            .unwrap_or(Value::Null)
    };
    match kind.rsplit(':').next().unwrap_or(kind) {
        "boolean" => Value::Bool(text.trim() == "true"),
        "decimal" | "double" | "integer" | "float" => feel(text.trim().to_owned()),
        "date" => feel(format!("date(\"{text}\")")),
        "time" => feel(format!("time(\"{text}\")")),
        "dateTime" => feel(format!("date and time(\"{text}\")")),
        "duration" => feel(format!("duration(\"{text}\")")),
        _ => Value::String(text.to_owned()),
    }
}

fn same(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && b.iter()
                    .all(|(key, b)| a.get(key).is_some_and(|a| same(a, b)))
        }
        _ if got == expected => true,
        _ => {
            let number = |value: &Value| match value {
                Value::Number(number) => number.as_f64(),
                _ => None,
            };
            match (number(got), number(expected)) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-8 * b.abs().max(1.0),
                _ => false,
            }
        }
    }
}

#[derive(Default)]
struct Score {
    passed: usize,
    failed: Vec<String>,
}

fn run(test: &Path, score: &mut Score) {
    let text = std::fs::read_to_string(test).expect("a test file");
    let doc = Document::parse(&text).expect("XML");
    let root = doc.root_element();
    let Some(model) = child(root, "modelName").and_then(|name| name.text()) else {
        return;
    };
    let folder = test.parent().expect("a folder");
    let file = std::fs::read(folder.join(model.trim())).expect("the model");
    let mut near = Vec::new();
    files(folder, &mut near);
    let others: Vec<Vec<u8>> = near
        .iter()
        .filter(|path| {
            path.extension().is_some_and(|kind| kind == "dmn") && !path.ends_with(model.trim())
        })
        .map(|path| std::fs::read(path).expect("a model"))
        .collect();
    let others: Vec<&[u8]> = others.iter().map(Vec::as_slice).collect();
    let decisions = Decisions::parse_with(&file, &others);
    for case in root
        .children()
        .filter(|case| case.tag_name().name() == "testCase")
    {
        let id = case.attribute("id").unwrap_or_default();
        for result in case
            .children()
            .filter(|node| node.tag_name().name() == "resultNode")
        {
            let name = result.attribute("name").unwrap_or_default();
            let asked = case.attribute("invocableName").unwrap_or(name);
            let expected = child(result, "expected").map_or(Value::Null, value);
            let got = match &decisions {
                Err(problems) => Err(problems
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default()),
                Ok((decisions, _)) => {
                    let mut inputs = Map::new();
                    for input in decisions.inputs(asked).into_iter().flatten() {
                        inputs.insert(input.to_owned(), Value::Null);
                    }
                    for input in case
                        .children()
                        .filter(|node| node.tag_name().name() == "inputNode")
                    {
                        inputs.insert(
                            input.attribute("name").unwrap_or_default().to_owned(),
                            value(input),
                        );
                    }
                    decisions
                        .decide(asked, &inputs)
                        .map_err(|error| error.to_string())
                }
            };
            let error = got.as_ref().err().cloned().unwrap_or_default();
            let got = got.map_or(Value::Null, |decision| decision.value);
            let got = match &got {
                Value::Object(entries) if asked != name && entries.contains_key(name) => {
                    entries[name].clone()
                }
                _ => got,
            };
            // A refusal is no result, even where none is expected.
            if same(&got, &expected) && decisions.is_ok() {
                score.passed += 1;
            } else {
                let file = test
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                score.failed.push(format!(
                    "{file} {id} {name}: {got} instead of {expected} {error:.300}"
                ));
            }
        }
    }
}

#[test]
#[ignore = "needs the DMN TCK: TONGBAN_TCK=…/TestCases cargo nextest run -p tongban-decisions --run-ignored all -E 'binary(oracle)'"]
fn the_compatibility_kit_agrees() {
    let Some(folder) = folder() else {
        eprintln!("skipped: TONGBAN_TCK does not name the folder of the DMN TCK (its TestCases)");
        return;
    };
    let mut marks = Vec::new();
    for (level, least) in [("compliance-level-2", 126), ("compliance-level-3", 3_300)] {
        let mut tests = Vec::new();
        files(&folder.join(level), &mut tests);
        let mut score = Score::default();
        for test in tests.iter().filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.contains("-test-") && name.ends_with(".xml")
        }) {
            run(test, &mut score);
        }
        for line in &score.failed {
            println!("{level} {line}");
        }
        println!(
            "{level}: {} of {} results agree",
            score.passed,
            score.passed + score.failed.len()
        );
        marks.push((level, score.passed, least));
    }
    for (level, passed, least) in marks {
        assert!(
            passed >= least,
            "{level}: {passed}, at least {least} agreed before"
        );
    }
}
