//! Rules about the text of files: headers, banned words, the clock in SQL, paths of one machine.

use std::path::Path;

use super::source::Source;
use super::{Finding, Tree};

/// Every `lib.rs` and every use case begins with what it is.
pub(crate) fn headers(tree: &Tree) -> Vec<Finding> {
    tree.with_ext("rs")
        .filter(|(path, _)| {
            let lib = path.starts_with("crates/") && path.ends_with("/src/lib.rs");
            lib || (path.starts_with("crates/") && path.contains("/src/service/"))
        })
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| {
            Finding::new(
                path,
                "does not begin with `//!`",
                "say in one or two sentences what it is, its rule and its source",
            )
        })
        .collect()
}

/// Words that mean "not finished" or "forgotten", in code (comments and strings do not count).
const BANNED: [(&str, &str); 3] = [
    (
        "todo!(",
        "finish it, or leave it out and name it under “not yet” in the README",
    ),
    (
        "unimplemented!(",
        "finish it, or leave it out and name it under “not yet” in the README",
    ),
    ("dbg!(", "use tracing, or an assertion"),
];

pub(crate) fn banned(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.with_ext("rs") {
        for (line, code) in Source::of(text).lines() {
            for (word, instead) in BANNED {
                if code.contains(word) {
                    findings.push(Finding::at(path, line, format!("{word}…)"), instead));
                }
            }
        }
    }
    findings
}

const CLOCK: &str =
    "take the time from ctx.clock and pass it as a parameter; a replay must give the same rows";

/// SQL reads no clock: neither in strings nor in migrations.
pub(crate) fn sql_clock(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.with_ext("sql") {
        for (line, sql) in (1..).zip(text.lines()) {
            let sql = sql.split("--").next().unwrap_or_default();
            if let Some(word) = clock_in(sql) {
                findings.push(Finding::at(
                    path,
                    line,
                    format!("SQL reads the clock: {word}"),
                    CLOCK,
                ));
            }
        }
    }
    for (path, text) in tree
        .with_ext("rs")
        .filter(|(path, _)| path.starts_with("crates/"))
    {
        for (line, string) in Source::of(text).strings {
            if is_sql(&string)
                && let Some(word) = clock_in(&string)
            {
                findings.push(Finding::at(
                    path,
                    line,
                    format!("SQL reads the clock: {word}"),
                    CLOCK,
                ));
            }
        }
    }
    findings
}

fn is_sql(text: &str) -> bool {
    let text = text.trim_start();
    [
        "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ", "CREATE ", "ALTER ",
    ]
    .iter()
    .any(|verb| {
        text.get(..verb.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(verb))
    })
}

fn clock_in(sql: &str) -> Option<&'static str> {
    let sql = sql.to_lowercase();
    [
        "now()",
        "current_timestamp",
        "current_date",
        "current_time",
        "'now'",
        "clock_timestamp",
        "unixepoch(",
    ]
    .into_iter()
    .find(|word| sql.contains(word))
}

/// Migrations are numbered without gaps, each file is named in the code of its crate.
pub(crate) fn migrations(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, _) in tree.with_ext("sql") {
        let Some((folder, file)) = path.split_once("/migrations/") else {
            continue;
        };
        let number: usize = file
            .get(..4)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(0);
        let before = format!("{folder}/migrations/{:04}_", number.saturating_sub(1));
        if number == 0
            || (number > 1
                && !tree
                    .with_ext("sql")
                    .any(|(other, _)| other.starts_with(&before)))
        {
            findings.push(Finding::new(
                path,
                "breaks the numbering",
                "name it NNNN_name.sql with the next number; released migrations are never edited",
            ));
        }
        let named = tree.with_ext("rs").any(|(source, text)| {
            source.starts_with(folder) && text.contains(&format!("migrations/{file}"))
        });
        if !named {
            findings.push(Finding::new(
                path,
                "is run by nobody",
                "add it to MIGRATIONS of its crate with include_str!",
            ));
        }
    }
    findings
}

/// Roots that are the same everywhere, or that are addresses of our own pages.
const EVERYWHERE: [&str; 9] = [
    "/usr/", "/etc/", "/dev/", "/proc/", "/var/", "/bin/", "/lib/", "/sys/", "/run/",
];
/// Roots that are never right in a source file.
const NOWHERE: [&str; 4] = ["/tmp/", "/home/", "/root/", "/Users/"];

/// No file names a path of the machine on which it was written.
pub(crate) fn machine_paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    // This very file has to name them.
    let texts = tree.texts().filter(|(path, _)| {
        *path != "xtask/src/tidy/text.rs" && *path != "xtask/src/tidy/tests.rs"
    });
    for (path, text) in texts {
        for (line, content) in (1..)
            .zip(text.lines())
            .filter(|(_, content)| content.len() < 2_000)
        {
            if let Some(found) = absolute(content).find(|found| of_this_machine(found)) {
                findings.push(Finding::at(
                    path,
                    line,
                    format!("names {found}, a path of one machine"),
                    "take the place from an argument, an environment variable, or relative to the workspace",
                ));
            }
        }
    }
    findings
}

fn of_this_machine(path: &str) -> bool {
    let deep = path.matches('/').count() >= 2;
    NOWHERE.iter().any(|root| path.starts_with(root))
        || (deep
            && !EVERYWHERE.iter().any(|root| path.starts_with(root))
            && Path::new(path).exists())
}

/// Absolute paths as words: a `/` behind a blank, a quote or a bracket.
fn absolute(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices('/').filter_map(|(at, _)| {
        let before = line.get(..at)?.chars().next_back();
        let starts = before.is_none_or(|c| c.is_whitespace() || "\"'`(=,:<>[".contains(c));
        let rest = line.get(at..)?;
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c)))
            .unwrap_or(rest.len());
        let path = rest.get(..end)?.trim_end_matches('.');
        (starts && path.len() > 2 && !path.starts_with("//")).then_some(path)
    })
}
