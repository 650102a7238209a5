//! Files and items that the tests share.

use std::path::{Path, PathBuf};

use tongban_catalogue::model::{Answers, Finding, Rule, ServiceItem, check, from_stored};

pub(crate) const ITEMS: [&str; 6] = ["spjy", "gtsl", "dlhy", "jzzqz", "hwzp", "jnsc"];

pub(crate) fn demo(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../demo")
        .join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

pub(crate) fn demo_files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../demo")
        .join(folder);
    let entries = std::fs::read_dir(&folder).expect("the demo folder is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    files
}

pub(crate) fn item(id: &str) -> ServiceItem {
    let json = serde_json::from_str(&demo(&format!("items/{id}.json"))).expect("JSON");
    from_stored(json).unwrap_or_else(|error| panic!("{id}: {error}"))
}

pub(crate) fn answers(pairs: &[(&str, &str)]) -> Answers {
    pairs
        .iter()
        .map(|(q, a)| ((*q).to_owned(), (*a).to_owned()))
        .collect()
}

/// The rules that hit, each once, in order.
pub(crate) fn rules(item: &ServiceItem) -> Vec<Rule> {
    let mut rules: Vec<Rule> = check(item).iter().map(|finding| finding.rule).collect();
    rules.dedup();
    rules
}

pub(crate) fn show(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings
        .iter()
        .map(|f| {
            format!(
                "{} {} {}: {}",
                f.rule.code(),
                f.severity.code(),
                f.element,
                f.message
            )
        })
        .collect();
    lines.join("\n")
}
