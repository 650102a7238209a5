//! Handing a file in, and publishing it: row of the history, log leaf and definition in one commit.

use jiff::SignedDuration;
use tongban_kernel::{Act, Error, ErrorKind, FieldProblem, Permit, Resource, Result};
use tongban_process::{Definition, ImportError};
use tongban_storage::{Ctx, Replay, Stored, Tx, append_leaf, remember, replay};
use tongban_tlog::LeafBuilder;

use super::PROCESS_BYTES_MAX;
use super::look::process_sheet;
use crate::model::ProcessChange;
use crate::service::parts::put_process;
use crate::service::public_rule::{author, next_leaf, sealed};
use crate::store::chain::Head;
use crate::store::process_admin as store;

/// Longest reason, characters.
const REASON_MAX: usize = 500;
/// How long a file waits for publication before it is dropped.
const WAITS_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

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

pub(super) fn problem(field: &str, code: &str, message: String) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        code: code.to_owned(),
        message,
    }
}

/// A reason, trimmed.
pub(super) fn reason_of(text: &str) -> Result<String> {
    let text = text.trim();
    if (1..=REASON_MAX).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    let message = format!("请填写理由（{REASON_MAX} 字以内）");
    Err(Error::problems(
        "process.reason",
        vec![problem("reason", "required", message)],
    ))
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
            if store::one(tx, &hash)?.is_some() {
                return Ok(Staged::Known { hash });
            }
            store::sweep_drafts(tx, now - WAITS_FOR)?;
            let (name, by_whom) = (definition.id(), author(ctx, tx)?.0);
            store::put_draft(tx, &hash, name, definition.xml(), &by_whom, now)?;
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

fn remembered(tx: &mut Tx<'_>, answer: &Stored) -> Result<ProcessChange> {
    let n = answer.body.parse().unwrap_or_default();
    store::change(tx, n)?.ok_or_else(|| Error::internal("a remembered publication is missing"))
}

/// Publishes a file that waits; new cases run on it from now on.
pub async fn publish_staged(ctx: &Ctx, wish: PublishProcess) -> Result<ProcessChange> {
    let permit = ctx.authorize(Act::ManageProcesses, Resource::Platform)?;
    let (principal, key, asked) = (ctx.actor.principal(), wish.key.clone(), request(&wish));
    let seen = ctx
        .db
        .read(
            move |tx| match replay(tx, &principal, &key, asked.as_bytes())? {
                Replay::Seen(answer) => remembered(tx, &answer).map(Some),
                Replay::Fresh => Ok(None),
            },
        )
        .await?;
    if let Some(seen) = seen {
        return Ok(seen);
    }
    let reason = reason_of(&wish.reason)?;
    let sheet = process_sheet(ctx, &wish.hash).await?;
    if sheet.is_faulty() {
        let faults = sheet.findings.iter();
        let faults = faults.filter(|f| f.severity == tongban_process::Severity::Fault);
        let faults = faults.map(|f| problem("file", &f.rule, f.message.clone()));
        return Err(Error::problems("process.faults", faults.collect()));
    }
    if sheet.is_undecided() && !wish.accept_undecided {
        let message = "有的问题检查没有得出结论，请人工核对后勾选确认".to_owned();
        return Err(Error::problems(
            "process.undecided",
            vec![problem("accept", "required", message)],
        ));
    }
    let (ctx2, definition) = (ctx.clone(), sheet.definition);
    ctx.db
        .write(move |tx| write(&ctx2, tx, &wish, &reason, &definition, permit))
        .await
}

fn write(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    wish: &PublishProcess,
    reason: &str,
    definition: &Definition,
    permit: Permit,
) -> Result<ProcessChange> {
    let (principal, request, now) = (ctx.actor.principal(), request(wish), ctx.now());
    if let Replay::Seen(answer) = replay(tx, &principal, &wish.key, request.as_bytes())? {
        return remembered(tx, &answer);
    }
    if store::one(tx, &wish.hash)?.is_some() {
        return Err(Error::conflict("process.same", "这个文件已经发布过"));
    }
    let head = store::head(tx)?;
    let (by_whom, officer) = author(ctx, tx)?;
    let mut change = ProcessChange {
        n: head.n + 1,
        at: now,
        by_whom,
        name: definition.id().to_string(),
        hash: wish.hash.clone(),
        reason: reason.to_owned(),
        leaf: String::new(),
    };
    let leaf = leaf(ctx, &change, &head, wish.accept_undecided, permit);
    let (entry, kept) = sealed(ctx, leaf, now, officer)?;
    change.leaf = hex::encode(entry.hash);
    store::insert(tx, &change, &kept)?;
    put_process(ctx, tx, &change.name, definition)?;
    store::drop_draft(tx, &wish.hash)?;
    append_leaf(tx, &ctx.ids, &entry, now)?;
    let answer = Stored {
        status: 200,
        body: change.n.to_string(),
    };
    remember(tx, &principal, &wish.key, request.as_bytes(), &answer, now)?;
    Ok(change)
}

/// The leaf of a publication: how cases are handled is a policy (规则变更).
fn leaf(
    ctx: &Ctx,
    change: &ProcessChange,
    head: &Head,
    undecided: bool,
    permit: Permit,
) -> LeafBuilder {
    next_leaf(
        ctx,
        "log.process",
        head,
        "process-published",
        &change.by_whom,
        permit,
    )
    .field("process", change.name.as_str())
    .field("hash", change.hash.as_str())
    .field("reason", change.reason.as_str())
    .field("undecided_accepted", undecided)
}
