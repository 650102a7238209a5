//! Handing a decision file in, and publishing it: row of the history, log leaf and file in one commit.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use sha2::{Digest, Sha256};
use tongban_decisions::{DecisionView, Decisions, LogicView, Problem};
use tongban_kernel::{Act, Error, ErrorKind, Event, FieldProblem, Resource, Result};
use tongban_storage::{Ctx, Tx, emit};
use tongban_tlog::LeafBuilder;

use super::look::decision_sheet;
use super::{DECISION_BYTES_MAX, DECISION_PUBLISHED};
use crate::model::Publication;
use crate::service::process_admin::{WAITS_FOR, reason_of};
use crate::service::public_rule::{Publishing, author, publish, seen};
use crate::store::decisions as store;
use crate::store::published::DECISIONS;

/// Longest name under which a file is published, characters.
const NAME_MAX: usize = 200;

/// What became of a file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StagedDecision {
    /// It cannot be executed, for all these reasons; it was not kept.
    Refused(Vec<Problem>),
    /// It is kept under its content hash, to be looked at, tried and published.
    Kept { hash: String },
    /// This very file is published already.
    Known { hash: String },
}

/// The content hash of a file.
fn hash_of(xml: &[u8]) -> String {
    hex::encode(Sha256::digest(xml))
}

fn problem_at(line: u32, message: &str) -> Problem {
    Problem {
        element: String::new(),
        line,
        message: message.to_owned(),
    }
}

/// What keeps a file that runs from being published: it has to be called something and to be asked something.
fn nameless(read: &Decisions) -> Vec<Problem> {
    let mut problems = Vec::new();
    let id = read.id();
    if id.trim().is_empty() || id.chars().count() > NAME_MAX || id.contains('#') {
        let message = "文件（definitions）要有编号（id）或名称：200 字以内，不含“#”";
        problems.push(problem_at(1, message));
    }
    if !read.imports().is_empty() {
        let message = "文件引用了别的文件（import），不能发布：请把它们合成一个文件";
        problems.push(problem_at(1, message));
    }
    if read.views().is_empty() {
        problems.push(problem_at(1, "文件中没有决策"));
    }
    for view in read.views().iter().filter(|v| v.name.is_empty()) {
        problems.push(problem_at(view.line, "决策没有名称"));
    }
    problems
}

fn read(xml: &[u8]) -> std::result::Result<Decisions, Vec<Problem>> {
    let (read, _) = Decisions::parse(xml)?;
    match nameless(&read) {
        problems if problems.is_empty() => Ok(read),
        problems => Err(problems),
    }
}

/// Takes a file to be looked at; nothing is published by it.
pub async fn stage_decision(ctx: &Ctx, xml: Vec<u8>) -> Result<StagedDecision> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    if xml.len() > DECISION_BYTES_MAX {
        return Err(Error::new(
            ErrorKind::TooLarge,
            "decision.too-large",
            "文件超过 10 MB",
        ));
    }
    let xml = Arc::new(xml);
    let file = Arc::clone(&xml);
    let read = tokio::task::spawn_blocking(move || {
        read(&file).map(|read| (hash_of(&file), read.id().to_owned()))
    });
    let read = read
        .await
        .map_err(|_| Error::internal("reading decisions panicked"))?;
    let (hash, name) = match read {
        Ok(read) => read,
        Err(problems) => return Ok(StagedDecision::Refused(problems)),
    };
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let (ctx, now, hash) = (&ctx2, ctx2.now(), hash.clone());
            if DECISIONS.one(tx, &hash)?.is_some() {
                return Ok(StagedDecision::Known { hash });
            }
            DECISIONS.sweep_drafts(tx, now - WAITS_FOR)?;
            let (by_whom, _) = author(ctx, tx)?;
            DECISIONS.put_draft(tx, &hash, &name, &xml, &by_whom, now)?;
            Ok(StagedDecision::Kept { hash })
        })
        .await
}

/// The wish to publish a file that waits. `key` makes a repeat harmless.
#[derive(Debug, Clone)]
pub struct PublishDecision {
    /// Content hash of the file.
    pub hash: String,
    pub reason: String,
    /// Somebody has looked at the gaps and overlaps.
    pub accept_findings: bool,
    pub key: String,
}

fn request(wish: &PublishDecision) -> String {
    format!(
        "decision/{}/{}/{}",
        wish.hash, wish.accept_findings, wish.reason
    )
}

/// Publishes a file that waits; tasks that ask the newest version ask it from now on.
pub async fn publish_staged_decision(ctx: &Ctx, wish: PublishDecision) -> Result<Publication> {
    let permit = ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    if let Some(seen) = seen(ctx, &DECISIONS, &wish.key, request(&wish)).await? {
        return Ok(seen);
    }
    let reason = reason_of(&wish.reason)?;
    let sheet = decision_sheet(ctx, &wish.hash).await?;
    let faults: Vec<FieldProblem> = sheet
        .faults()
        .map(|fault| FieldProblem::new("file", &fault.rule, fault.message.clone()))
        .collect();
    if !faults.is_empty() {
        return Err(Error::problems("decision.faults", faults));
    }
    if sheet.needs_a_person() && !wish.accept_findings {
        let message = "表中有遗漏或者重叠的情形，请人工核对后勾选确认".to_owned();
        return Err(Error::field("decision.undecided", "accept", message));
    }
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let (ctx, now) = (&ctx2, ctx2.now());
            let what = Publishing {
                kind: &DECISIONS,
                chain: "log.decision",
                event: "decision-published",
                subject: "decision",
                name: sheet.file.id(),
                hash: &wish.hash,
                reason: &reason,
                key: &wish.key,
                request: &request(&wish),
            };
            let accepted = wish.accept_findings;
            let more = |leaf: LeafBuilder| leaf.field("undecided_accepted", accepted);
            publish(ctx, tx, &what, permit, more, |tx| {
                put(ctx, tx, &wish.hash, &sheet.file, &sheet.xml)?;
                let data = json!({"hash": wish.hash});
                let event = Event::new(DECISION_PUBLISHED, sheet.file.id(), now, data);
                emit(tx, &ctx.ids, &event).map(|_| ())
            })
        })
        .await
}

/// Under what a decision can be asked.
fn asked(view: &DecisionView) -> impl Iterator<Item = &str> {
    [view.id.as_str(), view.name.as_str()]
        .into_iter()
        .filter(|asked| !asked.is_empty())
}

fn put(ctx: &Ctx, tx: &mut Tx<'_>, hash: &str, file: &Decisions, xml: &[u8]) -> Result<()> {
    DECISIONS.put(tx, hash, file.id(), xml, ctx.now())?;
    let all: BTreeSet<&str> = file.views().iter().flat_map(asked).collect();
    for one in all {
        store::put_entry(tx, hash, one, file.id())?;
    }
    Ok(())
}

/// Publishes a DMN file that comes with the program or the sample city. Refuses what cannot run; returns its content hash.
pub fn publish_decisions(ctx: &Ctx, tx: &mut Tx<'_>, xml: &[u8]) -> Result<String> {
    let file = read(xml).map_err(|problems| {
        let problems = problems.iter().take(50);
        let problems = problems.map(|one| FieldProblem::new("dmn", "dmn", one.to_string()));
        Error::problems("decision.refused", problems.collect())
    })?;
    let hash = hash_of(xml);
    put(ctx, tx, &hash, &file, xml)?;
    Ok(hash)
}

/// Result cells that are computed from what is given: the result stands open in the record of the case.
pub(super) fn telling(view: &DecisionView) -> Option<usize> {
    let LogicView::Table(table) = &view.logic else {
        return None;
    };
    let plain = |cell: &str| {
        cell == "-"
            || cell == "true"
            || cell == "false"
            || cell.parse::<f64>().is_ok()
            || (cell.starts_with('"') && cell.ends_with('"') && cell.matches('"').count() == 2)
    };
    let rules = table.rules.iter();
    let telling = rules.filter(|rule| !rule.results.iter().all(|cell| plain(cell)));
    Some(telling.count()).filter(|n| *n > 0)
}
