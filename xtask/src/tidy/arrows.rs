//! Cargo dependencies against the table of arrows in `ARCHITECTURE.md`.

use std::collections::HashMap;

use super::{Finding, Tree};

const PLAN: &str = "ARCHITECTURE.md";
const BEGIN: &str = "<!-- arrows -->";
const END: &str = "<!-- /arrows -->";

/// A row of the table; rows stand in the order of the house, top first.
struct Row {
    line: usize,
    name: String,
    may_use: Vec<String>,
    tests_may_use: Vec<String>,
}

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let rows = match rows(tree) {
        Ok(rows) => rows,
        Err(finding) => return vec![finding],
    };
    let mut findings = points_up(&rows);
    let by_name: HashMap<&str, &Row> = rows.iter().map(|row| (row.name.as_str(), row)).collect();
    let packages = tree.packages();
    for row in &rows {
        if !packages.iter().any(|(name, ..)| *name == row.name) {
            let what = format!("the table of arrows names {}, which is no crate", row.name);
            findings.push(Finding::at(PLAN, row.line, what, "delete the row"));
        }
    }
    for (name, path, manifest) in packages {
        if path == "Cargo.toml" {
            continue;
        }
        let Some(row) = by_name.get(name) else {
            findings.push(Finding::new(
                path,
                format!("crate {name} is not in the table of arrows"),
                "add a row to the table in ARCHITECTURE.md; a new crate is an architecture change",
            ));
            continue;
        };
        for (line, test, used) in ours(manifest) {
            let allowed =
                row.may_use.contains(&used) || (test && row.tests_may_use.contains(&used));
            if !allowed {
                findings.push(Finding::at(
                    path,
                    line,
                    format!("{name} → {used} is not in the table of arrows"),
                    "use an event, or what the table allows; a new arrow is an architecture change: add it to the table in \
                     ARCHITECTURE.md in the same commit and say why",
                ));
            }
        }
    }
    findings
}

fn rows(tree: &Tree) -> Result<Vec<Row>, Finding> {
    let missing = |what: &str| {
        Finding::new(
            PLAN,
            what,
            "the table of arrows stands between `<!-- arrows -->` and `<!-- /arrows -->`",
        )
    };
    let plan = tree.text(PLAN).ok_or_else(|| missing("is missing"))?;
    let lines = || (1..).zip(plan.lines());
    let inside: Vec<(usize, &str)> = lines()
        .skip_while(|(_, line)| line.trim() != BEGIN)
        .take_while(|(_, line)| line.trim() != END)
        .collect();
    let rows: Vec<Row> = inside
        .iter()
        .filter_map(|(line, text)| {
            let cells: Vec<&str> = text.trim().strip_prefix('|')?.split('|').collect();
            let name = cells.first()?.trim().trim_matches('`').to_owned();
            let words = |n: usize| {
                let cell = cells.get(n).copied().unwrap_or_default();
                cell.split_whitespace()
                    .map(|w| w.trim_matches('`').to_owned())
                    .collect()
            };
            let head = name == "crate" || name.starts_with('-');
            (!head).then(|| Row {
                line: *line,
                name,
                may_use: words(2),
                tests_may_use: words(3),
            })
        })
        .collect();
    if rows.is_empty() {
        return Err(missing("has no table of arrows"));
    }
    Ok(rows)
}

fn points_up(rows: &[Row]) -> Vec<Finding> {
    let place: HashMap<&str, usize> = rows
        .iter()
        .enumerate()
        .map(|(n, row)| (row.name.as_str(), n))
        .collect();
    let mut findings = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        for used in &row.may_use {
            if place.get(used.as_str()).is_none_or(|to| *to <= at) && used != "–" {
                findings.push(Finding::at(
                    PLAN,
                    row.line,
                    format!("the arrow {} → {used} does not point down", row.name),
                    "a crate may use only what stands below it; what must flow up is an event in the outbox",
                ));
            }
        }
    }
    findings
}

/// Line, whether for tests only, and name (without prefix) of every dependency on a crate of this project.
fn ours(manifest: &str) -> Vec<(usize, bool, String)> {
    let mut found = Vec::new();
    for (line, test, name) in dependencies(manifest) {
        if let Some(short) = name.strip_prefix("tongban-") {
            found.push((line, test, short.to_owned()));
        } else if name == "tongban" || name == "xtask" {
            found.push((line, test, name));
        }
    }
    found
}

/// Line, whether for tests only, and name of every dependency.
pub(crate) fn dependencies(manifest: &str) -> Vec<(usize, bool, String)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for (number, line) in (1..).zip(manifest.lines()) {
        let line = line.trim();
        if let Some(head) = line.strip_prefix('[') {
            section = head.trim_end_matches(']').to_owned();
            // `[dependencies.name]`
            if let Some((kind, name)) = section.rsplit_once("dependencies.") {
                found.push((number, kind.ends_with("dev-"), name.to_owned()));
            }
            continue;
        }
        let test = section.ends_with("dev-dependencies");
        if !section.ends_with("dependencies") || line.starts_with('#') {
            continue;
        }
        let name: String = line
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            .collect();
        if !name.is_empty() {
            found.push((number, test, name.replace('_', "-")));
        }
    }
    found
}
