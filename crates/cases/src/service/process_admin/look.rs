//! The list of processes, and everything about one version or one file that waits for publication.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tongban_kernel::{Act, Error, Resource, Result};
use tongban_process::{Definition, Marks, Warning, svg};
use tongban_storage::{Ctx, Tx};

use super::checks::{ItemUse, Judged, items_using, judge};
use crate::model::{MoveReport, Publication};
use crate::service::parts::definition;
use crate::store::published::{PROCESSES, VersionRow};
use crate::store::{process_admin, process_moves};

/// Most versions in the list.
const VERSIONS_MAX: u32 = 2_000;

/// One published version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionLine {
    /// Content hash.
    pub hash: String,
    pub published_at: Timestamp,
    /// Open cases that run on it.
    pub running: u64,
}

/// One process with its versions, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessLine {
    /// What items and calls name.
    pub name: String,
    /// The name in the newest file.
    pub title: String,
    pub versions: Vec<VersionLine>,
}

/// A file that waits for publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingFile {
    pub hash: String,
    pub name: String,
    pub by_whom: String,
    pub uploaded_at: Timestamp,
}

fn counted(tx: &mut Tx<'_>, rows: Vec<VersionRow>) -> Result<Vec<(String, VersionLine)>> {
    let running: BTreeMap<String, u64> = process_admin::running(tx)?.into_iter().collect();
    let line = |row: VersionRow| {
        let running = running.get(&row.hash).copied().unwrap_or_default();
        let line = VersionLine {
            hash: row.hash,
            published_at: row.published_at,
            running,
        };
        (row.name, line)
    };
    Ok(rows.into_iter().map(line).collect())
}

/// All processes by name, and the files that wait for publication.
pub async fn processes(ctx: &Ctx) -> Result<(Vec<ProcessLine>, Vec<WaitingFile>)> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let ctx2 = ctx.clone();
    ctx.db
        .read_long(move |tx| {
            let rows = PROCESSES.versions(tx, VERSIONS_MAX)?;
            let mut lines: Vec<ProcessLine> = Vec::new();
            for (name, version) in counted(tx, rows)? {
                match lines.last_mut().filter(|line| line.name == name) {
                    Some(line) => line.versions.push(version),
                    None => {
                        let title = definition(&ctx2, tx, &version.hash)
                            .map(|d| d.name().to_owned())
                            .unwrap_or_default();
                        lines.push(ProcessLine {
                            name,
                            title,
                            versions: vec![version],
                        });
                    }
                }
            }
            let waiting = PROCESSES.drafts(tx, 50)?.into_iter();
            let waiting = waiting.map(|(hash, name, by_whom, uploaded_at)| WaitingFile {
                hash,
                name,
                by_whom,
                uploaded_at,
            });
            Ok((lines, waiting.collect()))
        })
        .await
}

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It waits for publication.
    Waiting {
        by_whom: String,
        uploaded_at: Timestamp,
    },
    /// It was published; who did it, unless it came with the program.
    Published {
        at: Timestamp,
        change: Option<Publication>,
    },
}

/// Everything about one file.
#[derive(Debug, Clone)]
pub struct ProcessSheet {
    /// What items and calls name.
    pub name: String,
    pub definition: Arc<Definition>,
    pub origin: Origin,
    pub warnings: Vec<Warning>,
    /// Worst first.
    pub findings: Vec<Judged>,
    /// SVG with classes only.
    pub picture: String,
    pub items: Vec<ItemUse>,
    /// The published versions of the same name, newest first.
    pub versions: Vec<VersionLine>,
    /// Moves of cases away from this version, newest first.
    pub moves: Vec<MoveReport>,
}

impl ProcessSheet {
    /// Whether something keeps the file from being published.
    pub fn is_faulty(&self) -> bool {
        let mut found = self.findings.iter();
        found.any(|finding| finding.severity == tongban_process::Severity::Fault)
    }

    /// Whether the check gave up, so that a person has to decide.
    pub fn is_undecided(&self) -> bool {
        let mut found = self.findings.iter();
        found.any(|finding| finding.severity == tongban_process::Severity::NotDecided)
    }

    /// Open cases that run on this very version.
    pub fn running(&self) -> u64 {
        let own = self
            .versions
            .iter()
            .find(|v| v.hash == self.definition.hash());
        own.map_or(0, |version| version.running)
    }
}

/// A file by its content hash, published or waiting: where it comes from, its name, and its bytes.
pub(super) fn file(tx: &mut Tx<'_>, hash: &str) -> Result<(Origin, Option<String>, Vec<u8>)> {
    if let Some(row) = PROCESSES.one(tx, hash)? {
        let xml = PROCESSES.xml(tx, hash)?.ok_or_else(Error::not_found)?;
        let origin = Origin::Published {
            at: row.published_at,
            change: PROCESSES.change_of(tx, hash)?,
        };
        return Ok((origin, Some(row.name), xml));
    }
    let draft = PROCESSES.draft(tx, hash)?.ok_or_else(Error::not_found)?;
    let origin = Origin::Waiting {
        by_whom: draft.by_whom,
        uploaded_at: draft.uploaded_at,
    };
    Ok((origin, None, draft.xml))
}

/// Reads a file that was sound when it was kept.
pub(super) fn parsed(xml: &[u8]) -> Result<(Definition, Vec<Warning>)> {
    Definition::parse(xml)
        .map_err(|errors| Error::internal(format!("a kept process cannot be read: {errors:?}")))
}

/// Everything about the version, or the file that waits, with this content hash.
pub async fn process_sheet(ctx: &Ctx, hash: &str) -> Result<ProcessSheet> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let key = hash.to_owned();
    let (origin, name, definition, warnings) = ctx
        .db
        .read_long(move |tx| {
            let (origin, name, xml) = file(tx, &key)?;
            let (definition, warnings) = parsed(&xml)?;
            Ok((origin, name, Arc::new(definition), warnings))
        })
        .await?;
    let name = name.unwrap_or_else(|| definition.id().to_string());
    let items = items_using(ctx, &name).await?;
    let ctx2 = ctx.clone();
    ctx.db
        .read_long(move |tx| {
            let rows = PROCESSES.versions_of(tx, &name, 100)?;
            let versions = counted(tx, rows)?;
            Ok(ProcessSheet {
                findings: judge(&ctx2, tx, &definition, &items)?,
                picture: svg(&definition, &Marks::default()),
                moves: process_moves::from(tx, definition.hash(), 20)?,
                versions: versions.into_iter().map(|(_, line)| line).collect(),
                name,
                definition,
                origin,
                warnings,
                items,
            })
        })
        .await
}
