//! The index on disk or in memory: opening, writing, committing, rebuilding without a gap.
//!
//! A folder holds one sub-folder per build and the file `CURRENT` that names the one in use. A
//! rebuild fills a new sub-folder and then replaces `CURRENT` in one rename.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::index::SegmentId;
use tantivy::{
    IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term,
};

use crate::facets::SegmentTable;
use crate::fold::{base_name, name_form};
use crate::schema::{self, Fields, VERSION};
use crate::types::{IndexDocument, Opened, SearchError};
use crate::words;

/// Memory for documents not yet written (bytes): small changes, and a whole rebuild.
const WRITER_MEMORY: usize = 16_000_000;
const REBUILD_MEMORY: usize = 32_000_000;
const REBUILD_THREADS: usize = 2;

/// Stored with each commit.
#[derive(Serialize, Deserialize)]
struct Payload {
    version: u32,
    checkpoint: u64,
}

/// What searches see: one commit.
pub(crate) struct View {
    pub(crate) searcher: Searcher,
    pub(crate) tables: Vec<Arc<SegmentTable>>,
    pub(crate) fields: Fields,
    ids: Vec<SegmentId>,
    checkpoint: u64,
}

/// One build of the index.
pub(crate) struct Build {
    index: tantivy::Index,
    pub(crate) reader: IndexReader,
    fields: Fields,
    folder: Option<PathBuf>,
}

struct Writing {
    build: Build,
    /// Made at the first write; holds the lock on the folder.
    writer: Option<IndexWriter>,
}

/// The full-text index. Share it by reference or `Arc`: searches run beside each other and beside
/// one writer.
pub struct Index {
    root: Option<PathBuf>,
    writing: Mutex<Writing>,
    view: RwLock<Arc<View>>,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl Build {
    fn from_index(
        mut index: tantivy::Index,
        fields: Fields,
        folder: Option<PathBuf>,
    ) -> Result<Build, SearchError> {
        index.set_tokenizers(schema::tokenizers());
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Build {
            index,
            reader,
            fields,
            folder,
        })
    }

    fn create(folder: Option<PathBuf>) -> Result<Build, SearchError> {
        let (schema, fields) = schema::schema();
        let settings = IndexSettings::default();
        let index = match &folder {
            Some(folder) => {
                fs::create_dir_all(folder)?;
                let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
                tantivy::Index::create(directory, schema, settings)?
            }
            None => tantivy::Index::builder()
                .schema(schema)
                .settings(settings)
                .create_in_ram()?,
        };
        Build::from_index(index, fields, folder)
    }

    /// Opens a build and proves it whole; the text says what is wrong with it.
    pub(crate) fn open(folder: &Path) -> Result<Build, String> {
        let (schema, fields) = schema::schema();
        let index = tantivy::Index::open_in_dir(folder).map_err(|e| e.to_string())?;
        if index.schema() != schema {
            return Err("索引结构属于其他版本".to_owned());
        }
        let meta = index.load_metas().map_err(|e| e.to_string())?;
        let payload: Option<Payload> = meta
            .payload
            .as_deref()
            .and_then(|p| serde_json::from_str(p).ok());
        if payload.as_ref().is_some_and(|p| p.version != VERSION) {
            return Err("索引内容属于其他版本".to_owned());
        }
        if payload.is_none() && !meta.segments.is_empty() {
            return Err("索引缺少提交记录".to_owned());
        }
        let damaged = index.validate_checksum().map_err(|e| e.to_string())?;
        if !damaged.is_empty() {
            return Err(format!("{} 个索引文件校验和不符", damaged.len()));
        }
        Build::from_index(index, fields, Some(folder.to_owned())).map_err(|e| e.to_string())
    }

    fn writer(&self, threads: usize, memory: usize) -> Result<IndexWriter, SearchError> {
        Ok(self.index.writer_with_num_threads(threads, memory)?)
    }

    fn view(&self, before: Option<&View>) -> Result<View, SearchError> {
        self.reader.reload()?;
        let searcher = self.reader.searcher();
        let known: HashMap<SegmentId, &Arc<SegmentTable>> = before
            .map(|v| v.ids.iter().copied().zip(&v.tables).collect())
            .unwrap_or_default();
        let mut tables = Vec::new();
        let mut ids = Vec::new();
        for segment in searcher.segment_readers() {
            let id = segment.segment_id();
            ids.push(id);
            tables.push(match known.get(&id) {
                Some(table) => Arc::clone(table),
                None => Arc::new(SegmentTable::read(segment)?),
            });
        }
        let payload = self.index.load_metas()?.payload;
        let payload: Option<Payload> = payload.and_then(|p| serde_json::from_str(&p).ok());
        let checkpoint = payload.map_or(0, |p| p.checkpoint);
        Ok(View {
            searcher,
            tables,
            fields: self.fields,
            ids,
            checkpoint,
        })
    }

    /// Gives the names in the index to the dictionary.
    fn learn_names(&self, view: &View) -> Result<(), SearchError> {
        for segment in view.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.fields.name)?;
            let mut stream = inverted.terms().stream()?;
            let mut names = Vec::new();
            while stream.advance() {
                if let Ok(name) = std::str::from_utf8(stream.key()) {
                    names.push(name.to_owned());
                }
            }
            words::add_names(names.iter().map(String::as_str));
        }
        Ok(())
    }
}

fn commit(writer: &mut IndexWriter, checkpoint: u64) -> Result<(), SearchError> {
    let payload = Payload {
        version: VERSION,
        checkpoint,
    };
    let payload =
        serde_json::to_string(&payload).map_err(|e| SearchError::Engine(e.to_string()))?;
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&payload);
    prepared.commit()?;
    Ok(())
}

fn add(writer: &IndexWriter, fields: Fields, doc: &IndexDocument) -> Result<(), SearchError> {
    if doc.id.is_empty() || doc.id.len() > 128 {
        return Err(SearchError::BadId);
    }
    let document: TantivyDocument = fields.document(doc);
    writer.add_document(document)?;
    Ok(())
}

fn learn(docs: &[IndexDocument]) {
    let names: Vec<String> = docs
        .iter()
        .flat_map(|d| [name_form(&d.title), base_name(&d.title)])
        .collect();
    words::add_names(names.iter().map(String::as_str));
}

/// The number in `build-7`, `broken-7`.
fn numbered(root: &Path, prefix: &str) -> Vec<(u64, PathBuf)> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut all: Vec<_> = entries
        .filter_map(|e| {
            let name = e.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((name, e.path()))
        })
        .collect();
    all.sort();
    all
}

fn next_folder(root: &Path, prefix: &str) -> PathBuf {
    let last = numbered(root, prefix).last().map_or(0, |(n, _)| *n);
    root.join(format!("{prefix}{}", last.saturating_add(1)))
}

fn set_current(root: &Path, folder: &Path) -> Result<(), SearchError> {
    let name = folder
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    let beside = root.join("CURRENT.new");
    let mut file = fs::File::create(&beside)?;
    file.write_all(name.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, root.join("CURRENT"))?;
    // The rename itself must last; folders cannot be synced everywhere, so a refusal is ignored.
    if let Ok(folder) = fs::File::open(root) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Removes builds that are not in use (left by an interrupted rebuild) and all but the last
/// broken one.
fn tidy(root: &Path, current: &Path) {
    for (_, folder) in numbered(root, "build-")
        .iter()
        .filter(|(_, f)| f != current)
    {
        let _ = fs::remove_dir_all(folder);
    }
    let broken = numbered(root, "broken-");
    for (_, folder) in broken.iter().rev().skip(1) {
        let _ = fs::remove_dir_all(folder);
    }
}

impl Index {
    /// Opens the index in a folder, or creates an empty one. A damaged or foreign index is moved
    /// aside (`broken-N`, the last one is kept) and reported, never an error.
    ///
    /// # Errors
    /// If the folder cannot be read or written.
    pub fn open_or_create(dir: impl AsRef<Path>) -> Result<(Index, Opened), SearchError> {
        let root = dir.as_ref().to_owned();
        fs::create_dir_all(&root)?;
        let current = match fs::read_to_string(root.join("CURRENT")) {
            Ok(name) => Some(name),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) if e.kind() == std::io::ErrorKind::InvalidData => Some(String::new()),
            Err(e) => return Err(e.into()),
        };
        let (build, opened) = match current {
            None => (
                Build::create(Some(next_folder(&root, "build-")))?,
                Opened::Created,
            ),
            Some(name) => {
                let safe = name
                    .strip_prefix("build-")
                    .is_some_and(|n| n.parse::<u64>().is_ok());
                let folder = root.join(if safe { name.as_str() } else { "build-none" });
                match Build::open(&folder) {
                    Ok(build) => (build, Opened::Ready),
                    Err(reason) => {
                        let moved_to = next_folder(&root, "broken-");
                        if folder.exists() {
                            fs::rename(&folder, &moved_to)?;
                        } else {
                            fs::create_dir_all(&moved_to)?;
                        }
                        let build = Build::create(Some(next_folder(&root, "build-")))?;
                        (build, Opened::NeedsRebuild { moved_to, reason })
                    }
                }
            }
        };
        if let Some(folder) = &build.folder {
            if opened != Opened::Ready {
                set_current(&root, folder)?;
            }
            tidy(&root, folder);
        }
        Ok((Index::over(Some(root), build)?, opened))
    }

    /// An index that lives as long as the process.
    ///
    /// # Errors
    /// If memory for it cannot be set up.
    pub fn in_memory() -> Result<Index, SearchError> {
        Index::over(None, Build::create(None)?)
    }

    fn over(root: Option<PathBuf>, build: Build) -> Result<Index, SearchError> {
        let view = build.view(None)?;
        build.learn_names(&view)?;
        Ok(Index {
            root,
            writing: Mutex::new(Writing {
                build,
                writer: None,
            }),
            view: RwLock::new(Arc::new(view)),
        })
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn show(&self, view: View) {
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
    }

    /// Adds documents, each in place of the one with the same identifier. They are found after
    /// [`Index::commit`].
    ///
    /// # Errors
    /// [`SearchError::BadId`] (nothing of the call is then written), or the disk refused.
    pub fn put(&self, docs: &[IndexDocument]) -> Result<(), SearchError> {
        if docs.iter().any(|d| d.id.is_empty() || d.id.len() > 128) {
            return Err(SearchError::BadId);
        }
        learn(docs);
        let mut writing = self.writing();
        let fields = writing.build.fields;
        let writer = writing.writer()?;
        for doc in docs {
            writer.delete_term(Term::from_field_text(fields.id, &doc.id));
            add(writer, fields, doc)?;
        }
        Ok(())
    }

    /// Removes documents; unknown identifiers are no error. Seen after [`Index::commit`].
    ///
    /// # Errors
    /// If the disk refused.
    pub fn remove<S: AsRef<str>>(
        &self,
        ids: impl IntoIterator<Item = S>,
    ) -> Result<(), SearchError> {
        let mut writing = self.writing();
        let field = writing.build.fields.id;
        let writer = writing.writer()?;
        for id in ids {
            writer.delete_term(Term::from_field_text(field, id.as_ref()));
        }
        Ok(())
    }

    /// Makes all puts and removes durable and visible at once, together with `checkpoint`: the
    /// number of the last change (outbox sequence) they contain. Cost is about 20 ms; commit per
    /// batch, not per document.
    ///
    /// # Errors
    /// If the disk refused; nothing of the batch is then visible.
    pub fn commit(&self, checkpoint: u64) -> Result<(), SearchError> {
        let mut writing = self.writing();
        commit(writing.writer()?, checkpoint)?;
        let view = writing.build.view(Some(&self.view()))?;
        self.show(view);
        Ok(())
    }

    /// The checkpoint of the commit that searches see; 0 for a new index.
    #[must_use]
    pub fn checkpoint(&self) -> u64 {
        self.view().checkpoint
    }

    /// Documents in the index.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.view().searcher.num_docs()
    }

    /// Whether there is no document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Builds the index anew from all documents and swaps it in at once; until then searches see
    /// the old one. Writers wait; what was put but not committed is dropped. The identifiers must
    /// be unique. Returns how many documents there are.
    ///
    /// # Errors
    /// If a document has no identifier or the disk refused; the old index then stays.
    pub fn replace_all(
        &self,
        docs: impl IntoIterator<Item = IndexDocument>,
        checkpoint: u64,
    ) -> Result<u64, SearchError> {
        let mut writing = self.writing();
        let folder = self.root.as_ref().map(|root| next_folder(root, "build-"));
        let built = fill(folder.clone(), docs, checkpoint).and_then(|build| {
            let view = build.view(None)?;
            if let (Some(root), Some(folder)) = (&self.root, &folder) {
                set_current(root, folder)?;
            }
            Ok((build, view))
        });
        let (build, view) = match built {
            Ok(built) => built,
            Err(error) => {
                if let Some(folder) = &folder {
                    let _ = fs::remove_dir_all(folder);
                }
                return Err(error);
            }
        };
        let count = view.searcher.num_docs();
        self.show(view);
        *writing = Writing {
            build,
            writer: None,
        };
        if let (Some(root), Some(folder)) = (&self.root, &folder) {
            tidy(root, folder);
        }
        Ok(count)
    }
}

fn fill(
    folder: Option<PathBuf>,
    docs: impl IntoIterator<Item = IndexDocument>,
    checkpoint: u64,
) -> Result<Build, SearchError> {
    let build = Build::create(folder)?;
    let mut writer = build.writer(REBUILD_THREADS, REBUILD_MEMORY * REBUILD_THREADS)?;
    for doc in docs {
        learn(std::slice::from_ref(&doc));
        add(&writer, build.fields, &doc)?;
    }
    commit(&mut writer, checkpoint)?;
    writer.wait_merging_threads()?;
    Ok(build)
}

impl Writing {
    fn writer(&mut self) -> Result<&mut IndexWriter, SearchError> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.build.writer(1, WRITER_MEMORY)?,
        };
        Ok(self.writer.insert(writer))
    }
}
