//! The fonts that a document may use: three embedded cuts of Noto CJK SC and any number of files
//! from a folder, all opened only when a document first needs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo};
use typst::utils::LazyHash;

use crate::DocumentError;

/// Noto Serif CJK SC Regular: GB 2312 and 通用规范汉字表.
pub(crate) const SERIF: &[u8] = include_bytes!("../fonts/serif-regular.otf");
/// Noto Serif CJK SC Bold: GB 2312.
pub(crate) const SERIF_BOLD: &[u8] = include_bytes!("../fonts/serif-bold.otf");
/// Noto Sans CJK SC Bold: GB 2312.
const SANS_BOLD: &[u8] = include_bytes!("../fonts/sans-bold.otf");

/// Fonts in order of preference; also knows which characters can be printed at all.
pub struct FontSet {
    slots: Vec<Slot>,
    infos: Vec<FontInfo>,
    covered: CharSet,
}

struct Slot {
    source: Source,
    index: u32,
    open: Mutex<Option<Font>>,
}

#[derive(Clone)]
enum Source {
    Embedded(&'static [u8]),
    File(PathBuf),
}

impl FontSet {
    /// The three fonts in the binary (OFL-1.1; `fonts/README.md` says how they were cut).
    pub fn embedded() -> FontSet {
        let mut set = FontSet {
            slots: Vec::new(),
            infos: Vec::new(),
            covered: CharSet::default(),
        };
        for data in [SERIF, SERIF_BOLD, SANS_BOLD] {
            set.push(&Source::Embedded(data), data);
        }
        set
    }

    /// Adds every `.ttf`, `.otf`, `.ttc` and `.otc` of a folder (not its sub-folders), by name, for
    /// the characters that the embedded fonts lack. Returns how many faces were added.
    ///
    /// # Errors
    /// [`DocumentError::Font`] when the folder or a file cannot be read or holds no font.
    pub fn load_dir(&mut self, folder: &Path) -> Result<usize, DocumentError> {
        let failed = |path: &Path, reason: String| DocumentError::Font {
            path: path.into(),
            reason,
        };
        let entries = fs::read_dir(folder).map_err(|e| failed(folder, e.to_string()))?;
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| failed(folder, e.to_string()))?.path();
            let kind = path
                .extension()
                .and_then(|e| e.to_str())
                .map(str::to_ascii_lowercase);
            if matches!(kind.as_deref(), Some("ttf" | "otf" | "ttc" | "otc")) {
                files.push(path);
            }
        }
        files.sort();
        let mut added = 0;
        for path in files {
            let data = fs::read(&path).map_err(|e| failed(&path, e.to_string()))?;
            let faces = self.push(&Source::File(path.clone()), &data);
            if faces == 0 {
                return Err(failed(&path, "不是可用的字体文件".to_owned()));
            }
            added += faces;
        }
        Ok(added)
    }

    /// Whether some font has the character.
    pub fn covers(&self, c: char) -> bool {
        self.covered.contains(c)
    }

    fn push(&mut self, source: &Source, data: &[u8]) -> usize {
        let before = self.infos.len();
        for (index, info) in (0_u32..).zip(FontInfo::iter(data)) {
            info.coverage.iter().for_each(|c| self.covered.insert(c));
            self.infos.push(info);
            self.slots.push(Slot {
                source: source.clone(),
                index,
                open: Mutex::new(None),
            });
        }
        self.infos.len() - before
    }

    pub(crate) fn book(&self) -> LazyHash<FontBook> {
        LazyHash::new(FontBook::from_infos(self.infos.iter().cloned()))
    }

    pub(crate) fn font(&self, at: usize) -> Option<Font> {
        let slot = self.slots.get(at)?;
        let mut open = slot.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.is_none() {
            let data = match &slot.source {
                Source::Embedded(data) => Bytes::new(*data),
                Source::File(path) => Bytes::new(fs::read(path).ok()?),
            };
            *open = Font::new(data, slot.index);
        }
        open.clone()
    }

    /// Closes all fonts; the next document opens them again.
    pub(crate) fn close(&self) {
        for slot in &self.slots {
            *slot.open.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

/// A set of code points, one bit each.
#[derive(Default)]
struct CharSet(Vec<u64>);

impl CharSet {
    fn insert(&mut self, c: u32) {
        let word = c as usize / 64;
        // A broken font may claim anything; code points end at U+10FFFF.
        if c > 0x10_FFFF {
            return;
        }
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= 1 << (c % 64);
        }
    }

    fn contains(&self, c: char) -> bool {
        let c = u32::from(c);
        self.0
            .get(c as usize / 64)
            .is_some_and(|bits| bits >> (c % 64) & 1 == 1)
    }
}
