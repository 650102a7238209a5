//! Relative links of Markdown files lead somewhere.

use super::{Finding, Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.with_ext("md") {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut fenced = false;
        for (line, content) in (1..).zip(text.lines()) {
            fenced ^= content.trim_start().starts_with("```");
            if fenced {
                continue;
            }
            for target in targets(content) {
                let outside = target.contains("://")
                    || target.starts_with("mailto:")
                    || target.starts_with('#');
                let file = target.split('#').next().unwrap_or_default();
                if !outside && !resolve(folder, file).is_some_and(|to| tree.exists(&to)) {
                    let what = format!("the link to {target} leads nowhere");
                    findings.push(Finding::at(
                        path,
                        line,
                        what,
                        "name a file that exists, relative to this one",
                    ));
                }
            }
        }
    }
    findings
}

/// What stands in `](…)`, outside of `code`.
fn targets(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (n, piece) in line.split('`').enumerate() {
        // Link texts may hold code: `[`a`](b)` leaves `](b)` at the start of a plain piece.
        if n % 2 == 1 {
            continue;
        }
        for (at, _) in piece.match_indices("](") {
            let rest = piece.get(at + 2..).unwrap_or("");
            if let Some(end) = rest.find(')') {
                found.push(rest.get(..end).unwrap_or("").trim());
            }
        }
    }
    found
}

/// `file` seen from `folder`; `None` when it leaves the project.
fn resolve(folder: &str, file: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
