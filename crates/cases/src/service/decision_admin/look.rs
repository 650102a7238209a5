//! The list of decision files, and everything about one version or one file that waits for publication.

use std::sync::Arc;

use tongban_decisions::{Decisions, Review, ReviewKind, Warning};
use tongban_kernel::{Act, Error, Resource, Result};
use tongban_process::Severity;
use tongban_storage::{Ctx, Tx};

use super::publish::telling;
use crate::service::process_admin::{Origin, VersionLine, WaitingFile};
use crate::service::rules::{model, split};
use crate::store::decisions as store;
use crate::store::process_admin;
use crate::store::published::{DECISIONS, PROCESSES, VersionRow};

/// Most versions in the list.
const VERSIONS_MAX: u32 = 2_000;

/// One decision file with its versions, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionLine {
    /// Under what it is published: the id of its definitions.
    pub name: String,
    /// The name in the newest file.
    pub title: String,
    /// The decisions of the newest file.
    pub decisions: Vec<String>,
    pub versions: Vec<VersionLine>,
}

/// One finding, with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionFinding {
    /// Stable code, e.g. `gap`.
    pub rule: String,
    pub severity: Severity,
    pub element: String,
    /// Line in the file; 0 where the whole is meant.
    pub line: u32,
    pub message: String,
}

/// A published process that asks this file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionUse {
    pub process: String,
    pub process_hash: String,
    pub asked: String,
    /// New cases run on it, or open ones do.
    pub live: bool,
}

/// Everything about one file.
#[derive(Debug, Clone)]
pub struct DecisionSheet {
    pub hash: String,
    pub file: Arc<Decisions>,
    pub xml: Arc<[u8]>,
    pub origin: Origin,
    /// Worst first.
    pub findings: Vec<DecisionFinding>,
    pub uses: Vec<DecisionUse>,
    /// The published versions of the same name, newest first.
    pub versions: Vec<VersionLine>,
}

impl DecisionSheet {
    /// What keeps the file from being published.
    pub fn faults(&self) -> impl Iterator<Item = &DecisionFinding> {
        let found = self.findings.iter();
        found.filter(|one| one.severity == Severity::Fault)
    }

    /// Whether there are gaps or overlaps that a person has to confirm.
    pub fn needs_a_person(&self) -> bool {
        let mut found = self.findings.iter();
        found.any(|one| one.severity == Severity::NotDecided)
    }
}

fn line(row: VersionRow) -> VersionLine {
    VersionLine {
        hash: row.hash,
        published_at: row.published_at,
        running: 0,
    }
}

/// All decision files by name, and those that wait for publication.
pub async fn decisions(ctx: &Ctx) -> Result<(Vec<DecisionLine>, Vec<WaitingFile>)> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let ctx2 = ctx.clone();
    ctx.db
        .read_long(move |tx| {
            let mut lines: Vec<DecisionLine> = Vec::new();
            for row in DECISIONS.versions(tx, VERSIONS_MAX)? {
                if let Some(known) = lines.last_mut().filter(|known| known.name == row.name) {
                    known.versions.push(line(row));
                    continue;
                }
                let file = model(&ctx2, tx, &row.hash)?;
                lines.push(DecisionLine {
                    name: row.name.clone(),
                    title: file.name().to_owned(),
                    decisions: file.names().map(str::to_owned).collect(),
                    versions: vec![line(row)],
                });
            }
            let waiting = DECISIONS.drafts(tx, 50)?.into_iter();
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

/// A file by its content hash, published or waiting: where it comes from, and its bytes.
pub(super) fn file(tx: &mut Tx<'_>, hash: &str) -> Result<(Origin, Vec<u8>)> {
    if let Some(row) = DECISIONS.one(tx, hash)? {
        let origin = Origin::Published {
            at: row.published_at,
            change: DECISIONS.change_of(tx, hash)?,
        };
        let xml = DECISIONS.xml(tx, hash)?.ok_or_else(Error::not_found)?;
        return Ok((origin, xml));
    }
    let draft = DECISIONS.draft(tx, hash)?.ok_or_else(Error::not_found)?;
    let origin = Origin::Waiting {
        by_whom: draft.by_whom,
        uploaded_at: draft.uploaded_at,
    };
    Ok((origin, draft.xml))
}

/// Reads a file that was sound when it was kept.
pub(super) fn parsed(xml: &[u8]) -> Result<(Decisions, Vec<Warning>)> {
    let broken = |problems| Error::internal(format!("kept decisions cannot be read: {problems:?}"));
    Decisions::parse(xml).map_err(broken)
}

/// Everything about the version, or the file that waits, with this content hash.
pub async fn decision_sheet(ctx: &Ctx, hash: &str) -> Result<DecisionSheet> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let key = hash.to_owned();
    let (origin, xml) = ctx.db.read(move |tx| file(tx, &key)).await?;
    let xml: Arc<[u8]> = xml.into();
    let bytes = Arc::clone(&xml);
    let read = tokio::task::spawn_blocking(move || {
        let (file, warnings) = parsed(&bytes)?;
        let review = Decisions::review(&bytes).unwrap_or_default();
        Ok::<_, Error>((file, warnings, review))
    });
    let (file, warnings, review) = read
        .await
        .map_err(|_| Error::internal("reading decisions panicked"))??;
    let file = Arc::new(file);
    let mut findings: Vec<DecisionFinding> = review.into_iter().map(reviewed).collect();
    findings.extend(
        warnings
            .into_iter()
            .map(|Warning(problem)| DecisionFinding {
                rule: "undeclared".to_owned(),
                severity: Severity::Notice,
                element: problem.element,
                line: problem.line,
                message: problem.message,
            }),
    );
    findings.extend(open_results(&file));
    let (key, published) = (hash.to_owned(), matches!(origin, Origin::Published { .. }));
    let known = Arc::clone(&file);
    let (uses, versions, lost) = ctx
        .db
        .read_long(move |tx| {
            let uses = uses(tx, known.id())?;
            let lost = if published {
                Vec::new()
            } else {
                lost(&known, &uses)
            };
            let versions = DECISIONS.versions_of(tx, known.id(), 100)?;
            Ok((uses, versions.into_iter().map(line).collect(), lost))
        })
        .await?;
    findings.extend(lost);
    findings.sort_by(|a, b| (b.severity, a.line).cmp(&(a.severity, b.line)));
    Ok(DecisionSheet {
        hash: key,
        file,
        xml,
        origin,
        findings,
        uses,
        versions,
    })
}

fn reviewed(review: Review) -> DecisionFinding {
    DecisionFinding {
        rule: review.kind.key().to_owned(),
        severity: match review.kind {
            ReviewKind::Gap | ReviewKind::Overlap => Severity::NotDecided,
            ReviewKind::Shadowed | ReviewKind::Undecided => Severity::Notice,
        },
        element: review.problem.element,
        line: review.problem.line,
        message: review.problem.message,
    }
}

/// Results computed from what is given stand open in the record of the case, so they should tell nothing about a person.
fn open_results(file: &Decisions) -> Vec<DecisionFinding> {
    let views = file.views().iter();
    let views = views.filter_map(|view| Some((view, telling(view)?)));
    views
        .map(|(view, n)| DecisionFinding {
            rule: "computed-result".to_owned(),
            severity: Severity::Notice,
            element: view.name.clone(),
            line: view.line,
            message: format!(
                "{n} 条规则的结果由输入算出。结果以明文记入办件记录，请勿把姓名、证件号码等个人信息写进结果"
            ),
        })
        .collect()
}

/// The processes that ask the file, and whether that still matters.
fn uses(tx: &mut Tx<'_>, name: &str) -> Result<Vec<DecisionUse>> {
    let running = process_admin::running(tx)?;
    let mut found = Vec::new();
    for one in store::users(tx, name)? {
        let newest = PROCESSES.latest(tx, &one.process)?.as_ref() == Some(&one.process_hash);
        let live = newest || running.iter().any(|(hash, _)| *hash == one.process_hash);
        found.push(DecisionUse {
            process: one.process,
            process_hash: one.process_hash,
            asked: one.asked,
            live,
        });
    }
    Ok(found)
}

/// Decisions that live processes ask and that this version no longer has.
fn lost(file: &Decisions, uses: &[DecisionUse]) -> Vec<DecisionFinding> {
    let live = uses.iter().filter(|one| one.live);
    let gone = live.filter(|one| file.view(split(&one.asked).1).is_none());
    gone.map(|one| DecisionFinding {
        rule: "decision-lost".to_owned(),
        severity: Severity::Fault,
        element: one.asked.clone(),
        line: 0,
        message: format!(
            "流程“{}”（{:.12}）要问的决策“{}”在这个文件中没有了",
            one.process, one.process_hash, one.asked
        ),
    })
    .collect()
}
