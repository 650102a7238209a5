//! Handing a file in, and publishing it: row of the history, log leaf and definition in one commit.

use jiff::SignedDuration;
use tongban_kernel::{Act, Error, ErrorKind, FieldProblem, Resource, Result};
use tongban_process::{Definition, ImportError};
use tongban_storage::Ctx;
use tongban_tlog::LeafBuilder;

use super::PROCESS_BYTES_MAX;
use super::look::process_sheet;
use crate::model::Publication;
use crate::service::parts::put_process;
use crate::service::public_rule::{Publishing, author, publish, seen};
use crate::store::published::PROCESSES;

/// Longest reason, characters.
const REASON_MAX: usize = 500;
/// How long a file waits for publication before it is dropped.
pub(crate) const WAITS_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What became of a file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staged {
    /// It cannot be executed, for all these reasons; it was not kept.
    Refused(Vec<ImportError>),
    /// It is kept under its content hash, to be looked at and published.
    Kept { hash: String },
    /// This very file is published already.
    Known { hash: String },
}

/// A reason, trimmed.
pub(crate) fn reason_of(text: &str) -> Result<String> {
    let text = text.trim();
    if (1..=REASON_MAX).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    let message = format!("请填写理由（{REASON_MAX} 字以内）");
    Err(Error::field("process.reason", "reason", message))
}

/// Takes a file to be looked at; nothing is published by it.
pub async fn stage_process(ctx: &Ctx, xml: Vec<u8>) -> Result<Staged> {
    ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    if xml.len() > PROCESS_BYTES_MAX {
        return Err(Error::new(
            ErrorKind::TooLarge,
            "process.too-large",
            "文件超过 10 MB",
        ));
    }
    let read = tokio::task::spawn_blocking(move || {
        Definition::parse(&xml).map(|(definition, _)| definition)
    });
    let read = read
        .await
        .map_err(|_| Error::internal("reading a process panicked"))?;
    let definition = match read {
        Ok(definition) => std::sync::Arc::new(definition),
        Err(errors) => return Ok(Staged::Refused(errors)),
    };
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let (ctx, hash) = (&ctx2, definition.hash().to_owned());
            let now = ctx.now();
            if PROCESSES.one(tx, &hash)?.is_some() {
                return Ok(Staged::Known { hash });
            }
            PROCESSES.sweep_drafts(tx, now - WAITS_FOR)?;
            let (name, by_whom) = (definition.id(), author(ctx, tx)?.0);
            PROCESSES.put_draft(tx, &hash, name, definition.xml(), &by_whom, now)?;
            Ok(Staged::Kept { hash })
        })
        .await
}

/// The wish to publish a file that waits. `key` makes a repeat harmless.
#[derive(Debug, Clone)]
pub struct PublishProcess {
    /// Content hash of the file.
    pub hash: String,
    pub reason: String,
    /// Somebody has looked at what the check could not decide.
    pub accept_undecided: bool,
    pub key: String,
}

fn request(wish: &PublishProcess) -> String {
    format!(
        "process/{}/{}/{}",
        wish.hash, wish.accept_undecided, wish.reason
    )
}

/// Publishes a file that waits; new cases run on it from now on.
pub async fn publish_staged(ctx: &Ctx, wish: PublishProcess) -> Result<Publication> {
    let permit = ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    if let Some(seen) = seen(ctx, &PROCESSES, &wish.key, request(&wish)).await? {
        return Ok(seen);
    }
    let reason = reason_of(&wish.reason)?;
    let sheet = process_sheet(ctx, &wish.hash).await?;
    if sheet.is_faulty() {
        let faults = sheet.findings.iter();
        let faults = faults.filter(|f| f.severity == tongban_process::Severity::Fault);
        let faults = faults.map(|f| FieldProblem::new("file", &f.rule, f.message.clone()));
        return Err(Error::problems("process.faults", faults.collect()));
    }
    if sheet.is_undecided() && !wish.accept_undecided {
        let message = "有的问题检查没有得出结论，请人工核对后勾选确认".to_owned();
        return Err(Error::field("process.undecided", "accept", message));
    }
    let (ctx2, definition) = (ctx.clone(), sheet.definition);
    ctx.db
        .write(move |tx| {
            let what = Publishing {
                kind: &PROCESSES,
                chain: "log.process",
                event: "process-published",
                subject: "process",
                name: definition.id(),
                hash: &wish.hash,
                reason: &reason,
                key: &wish.key,
                request: &request(&wish),
            };
            let undecided = wish.accept_undecided;
            let more = |leaf: LeafBuilder| leaf.field("undecided_accepted", undecided);
            publish(&ctx2, tx, &what, permit, more, |tx| {
                put_process(&ctx2, tx, definition.id(), &definition)
            })
        })
        .await
}
