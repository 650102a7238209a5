//! Files fit on two or three screens. What is longer stands in a list that may only shrink.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::{Finding, Tree};

pub(crate) const LIST: &str = "xtask/tidy-long-files.txt";
/// Lines that a file may have.
const MAX: usize = 500;
const HEAD: &str = "# Files of more than 500 lines, with their length. The list may only shrink: `cargo xtask tidy --shrink`.\n";

fn listed(tree: &Tree) -> BTreeMap<&str, usize> {
    let text = tree.text(LIST).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (lines, path) = line.split_once(' ')?;
            Some((path.trim(), lines.parse().ok()?))
        })
        .collect()
}

fn long(tree: &Tree) -> BTreeMap<&str, usize> {
    tree.with_ext("rs")
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > MAX)
        .collect()
}

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let (listed, long) = (listed(tree), long(tree));
    let mut findings = Vec::new();
    for (path, lines) in &long {
        if *lines > listed.get(path).copied().unwrap_or(MAX) {
            let what = format!("has {lines} lines");
            findings.push(Finding::new(
                *path,
                what,
                "split it by subject (not by layer) into files of at most 500 lines",
            ));
        }
    }
    for (path, lines) in &listed {
        if long.get(path).is_none_or(|now| now < lines) {
            let what = format!("{path} is shorter than its entry ({lines} lines)");
            findings.push(Finding::new(
                LIST,
                what,
                "well done; run `cargo xtask tidy --shrink`",
            ));
        }
    }
    findings
}

/// Writes the list anew with smaller numbers; never adds a file, never raises a number.
pub(crate) fn shrink(root: &Path, tree: &Tree) -> Result<bool, String> {
    std::fs::write(root.join(LIST), shrunk(tree)).map_err(|error| format!("{LIST}: {error}"))?;
    Ok(true)
}

pub(crate) fn shrunk(tree: &Tree) -> String {
    let (listed, long) = (listed(tree), long(tree));
    let mut text = HEAD.to_owned();
    for (path, lines) in listed {
        if let Some(now) = long.get(path) {
            let _ = writeln!(text, "{} {path}", lines.min(*now));
        }
    }
    text
}
