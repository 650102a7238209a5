//! Only `storage` names a database driver.

use super::arrows::dependencies;
use super::source::Source;
use super::{Finding, Tree};

const DRIVERS: [&str; 7] = [
    "rusqlite",
    "libsqlite3-sys",
    "tokio-postgres",
    "postgres",
    "sqlx",
    "sea-orm",
    "diesel",
];

/// Who else may, and why. Paths are prefixes.
const ALLOWED: [(&str, &str); 3] = [
    ("crates/storage/", "the store itself"),
    (
        "crates/testkit/",
        "makes a schema of its own for each test on PostgreSQL",
    ),
    (
        "crates/tongban/src/commands/bench",
        "measures the raw drivers as the mark to compare with",
    ),
];
/// Manifests that may list a driver, for the reasons above.
const MANIFESTS: [&str; 3] = [
    "crates/storage/Cargo.toml",
    "crates/testkit/Cargo.toml",
    "crates/tongban/Cargo.toml",
];

const INSTEAD: &str = "ask the store: `ctx.db.read(|tx| …)` or `ctx.db.write(|tx| …)`";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, path, manifest) in tree.packages() {
        if path == "Cargo.toml" || MANIFESTS.contains(&path) {
            continue;
        }
        for (line, _, name) in dependencies(manifest) {
            if DRIVERS.contains(&name.as_str()) {
                findings.push(Finding::at(
                    path,
                    line,
                    format!("depends on the database driver {name}"),
                    INSTEAD,
                ));
            }
        }
    }
    for (path, text) in tree.with_ext("rs") {
        if !path.starts_with("crates/")
            || ALLOWED.iter().any(|(allowed, _)| path.starts_with(allowed))
        {
            continue;
        }
        for (line, code) in Source::of(text).lines() {
            let named = DRIVERS
                .iter()
                .find(|driver| names(code, &driver.replace('-', "_")));
            if let Some(driver) = named {
                findings.push(Finding::at(
                    path,
                    line,
                    format!("names the database driver {driver}"),
                    INSTEAD,
                ));
            }
        }
    }
    findings
}

/// Does `code` use the crate, as in `rusqlite::Connection` or `use rusqlite;`?
fn names(code: &str, driver: &str) -> bool {
    code.match_indices(driver).any(|(at, _)| {
        let before = code.get(..at).unwrap_or("");
        let after = code.get(at + driver.len()..).unwrap_or("");
        let starts =
            !before.ends_with(|c: char| c == '_' || c == ':' || c == '.' || c.is_alphanumeric());
        starts
            && (after.starts_with("::")
                || (before.trim_end().ends_with("use") && after.starts_with(';')))
    })
}
