//! `cargo xtask tidy`: what the compiler does not check, read from the files themselves.
//!
//! Every rule is a function from the [`Tree`] to [`Finding`]s, and each has a test with a planted fault. A finding says what to
//! do instead. The arrows between crates are read from the table in `ARCHITECTURE.md`, so the plan and the check are one text.

mod arrows;
mod drivers;
mod layers;
mod links;
mod long_files;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod tree;

use std::fmt;
use std::path::Path;

pub(crate) use tree::Tree;

/// One thing to change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// Path relative to the root, with the line if there is one.
    pub(crate) place: String,
    pub(crate) what: String,
    pub(crate) instead: &'static str,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>, instead: &'static str) -> Self {
        Self {
            place: place.into(),
            what: what.into(),
            instead,
        }
    }
    fn at(path: &str, line: usize, what: impl Into<String>, instead: &'static str) -> Self {
        Self::new(format!("{path}:{line}"), what, instead)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}", self.place, self.what, self.instead)
    }
}

/// All findings over `tree`, sorted by place.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let rules: [fn(&Tree) -> Vec<Finding>; 10] = [
        arrows::check,
        drivers::check,
        layers::check,
        links::check,
        long_files::check,
        text::headers,
        text::banned,
        text::sql_clock,
        text::migrations,
        text::machine_paths,
    ];
    let mut findings: Vec<Finding> = rules.iter().flat_map(|rule| rule(tree)).collect();
    findings.sort();
    findings
}

/// Runs the checks over the project at `root` and prints what is wrong.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<bool, String> {
    let tree = Tree::read(root)?;
    match args {
        [] => {}
        [flag] if flag == "--shrink" => return long_files::shrink(root, &tree),
        _ => return Err("tidy takes no argument but --shrink".to_owned()),
    }
    let findings = check(&tree);
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {} files, {} findings", tree.len(), findings.len());
    Ok(findings.is_empty())
}
