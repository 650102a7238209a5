//! The files of the project, read once.

use std::collections::BTreeMap;
use std::path::Path;

/// Folders that are made, not written.
const MADE: [&str; 4] = ["target", ".git", "node_modules", ".venv"];
/// Files larger than this are data.
const MAX_BYTES: u64 = 4 << 20;

/// Path relative to the root (with `/`) → content. Files that are not UTF-8 are known by name only.
#[derive(Default)]
pub(crate) struct Tree {
    texts: BTreeMap<String, String>,
    others: Vec<String>,
}

impl Tree {
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let mut tree = Self::default();
        tree.walk(root, "")
            .map_err(|error| format!("{}: {error}", root.display()))?;
        Ok(tree)
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let texts = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Self {
            texts: texts.collect(),
            others: Vec::new(),
        }
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let Ok(meta) = std::fs::metadata(entry.path()) else {
                continue;
            };
            if meta.is_dir() {
                // The data folder of a started installation lies beside the sources.
                if !MADE.contains(&name.as_str()) && path != "data" {
                    self.walk(&entry.path(), &format!("{path}/"))?;
                }
                continue;
            }
            match std::fs::read_to_string(entry.path()) {
                Ok(text) if meta.len() <= MAX_BYTES => {
                    self.texts.insert(path, text);
                }
                _ => self.others.push(path),
            }
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len() + self.others.len()
    }
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
    /// Files with the extension `ext` (no dot).
    pub(crate) fn with_ext(&self, ext: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts()
            .filter(move |(path, _)| path.rsplit_once('.').is_some_and(|(_, e)| e == ext))
    }
    /// Is there a file or folder of this name?
    pub(crate) fn exists(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        path.is_empty()
            || self.texts.contains_key(path)
            || self.texts.keys().any(|known| known.starts_with(&inside))
            || self
                .others
                .iter()
                .any(|known| known == path || known.starts_with(&inside))
    }
    /// Folder names under `crates/`, and `xtask` if it is there.
    pub(crate) fn packages(&self) -> Vec<(&str, &str, &str)> {
        self.with_ext("toml")
            .filter_map(|(path, text)| {
                let folder = path.strip_suffix("/Cargo.toml")?;
                let name = folder.strip_prefix("crates/").unwrap_or(folder);
                Some((name, path, text))
            })
            .collect()
    }
}
