//! The template files: those in the binary, and those of a folder that take their place.

use std::fs;
use std::path::{Path, PathBuf};

use crate::DocumentError;

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../templates/", $name, ".typ")))),*]
    };
}

/// Shared look; not a template by itself.
const BASE: &str = "base";

static EMBEDDED: [(&str, &str); 11] = embedded![
    "base",
    "receipt",
    "acceptance-notice",
    "supplement-notice",
    "refusal-to-accept",
    "decision-grant",
    "decision-refuse",
    "termination-notice",
    "delivery-receipt",
    "licence",
    "guide",
];

#[derive(Default)]
pub(crate) struct Templates {
    folder: Option<PathBuf>,
}

impl Templates {
    pub(crate) fn with_folder(folder: &Path) -> Templates {
        Templates {
            folder: Some(folder.to_owned()),
        }
    }

    /// Names of all templates, embedded and of the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = EMBEDDED
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        let entries = self
            .folder
            .iter()
            .filter_map(|f| fs::read_dir(f).ok())
            .flatten()
            .flatten();
        for entry in entries {
            let path = entry.path();
            let name = path
                .file_stem()
                .and_then(|s| s.to_str())
                .filter(|name| valid(name));
            if let (Some(name), Some("typ")) = (name, path.extension().and_then(|e| e.to_str())) {
                names.push(name.to_owned());
            }
        }
        names.sort();
        names.dedup();
        names.retain(|name| name != BASE);
        names
    }

    /// The source of a template: the folder's file if there is one, else the embedded one.
    pub(crate) fn source(&self, name: &str) -> Result<String, DocumentError> {
        if !valid(name) {
            return Err(DocumentError::UnknownTemplate(name.to_owned()));
        }
        if let Some(folder) = &self.folder {
            let path = folder.join(format!("{name}.typ"));
            match fs::read_to_string(&path) {
                Ok(text) => return Ok(text),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => {
                    return Err(DocumentError::TemplateFile {
                        path,
                        reason: e.to_string(),
                    });
                }
            }
        }
        EMBEDDED
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| DocumentError::UnknownTemplate(name.to_owned()))
    }
}

/// A name is also a file name: nothing but `a–z`, `0–9` and `-`.
fn valid(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_the_folder() {
        let templates = Templates::with_folder(Path::new("/"));
        for name in ["../etc/passwd", "etc/passwd", "", "A", "a.b", "a\\b", "a\0"] {
            assert!(
                matches!(
                    templates.source(name),
                    Err(DocumentError::UnknownTemplate(_))
                ),
                "{name}"
            );
        }
    }
}
