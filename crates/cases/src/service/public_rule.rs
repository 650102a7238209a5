//! Changes of public rules (规则变更): the calendar, processes, decisions. Each history is a chain of leaves in the log.

use jiff::Timestamp;
use tongban_kernel::{Actor, Error, OfficerId, Permit, Result};
use tongban_storage::{
    Ctx, Leaf as LogLeaf, Replay, SealedLeaf, Stored, Tx, append_leaf, remember, replay,
};
use tongban_tlog::{LeafBuilder, LeafKind};

use crate::model::Publication;
use crate::store::chain::Kept;
use crate::store::published::Kind;

/// Who changes a rule: the name that the history shows, and the officer. The platform itself changes rules from the command
/// line only.
pub(crate) fn author(ctx: &Ctx, tx: &mut Tx<'_>) -> Result<(String, Option<OfficerId>)> {
    match &ctx.actor {
        Actor::Officer(officer) => {
            let profile = tongban_accounts::officer(tx, officer.officer)?
                .ok_or_else(Error::unauthenticated)?;
            Ok((profile.name, Some(officer.officer)))
        }
        Actor::System => Ok(("系统（命令行）".to_owned(), None)),
        _ => Err(Error::unauthenticated()),
    }
}

/// Makes the leaf: the entry of the log, and what the history keeps of it. The rule is public, so nothing is sealed.
pub(crate) fn sealed(
    ctx: &Ctx,
    leaf: LeafBuilder,
    at: Timestamp,
    officer: Option<OfficerId>,
) -> Result<(LogLeaf, Kept)> {
    let leaf = SealedLeaf::of(ctx, leaf, at)?;
    let entry = leaf.entry.clone();
    let kept = Kept {
        officer,
        leaf: entry.hash,
        leaf_sm3: entry.hash_sm3,
        proof: leaf.public_proof()?,
    };
    Ok((entry, kept))
}

/// A publication of what is named by its content.
pub(crate) struct Publishing<'a> {
    pub(crate) kind: &'static Kind,
    /// The key of the chain's pseudonyms.
    pub(crate) chain: &'a str,
    /// The event in the leaf.
    pub(crate) event: &'a str,
    /// The field of the leaf that has the name.
    pub(crate) subject: &'a str,
    pub(crate) name: &'a str,
    pub(crate) hash: &'a str,
    pub(crate) reason: &'a str,
    /// What makes a repeat harmless, and what a repeat is recognised by.
    pub(crate) key: &'a str,
    pub(crate) request: &'a str,
}

fn remembered(tx: &mut Tx<'_>, kind: &Kind, answer: &Stored) -> Result<Publication> {
    let n = answer.body.parse().unwrap_or_default();
    kind.change(tx, n)?
        .ok_or_else(|| Error::internal("a remembered publication is missing"))
}

/// The answer to a repeat.
pub(crate) async fn seen(
    ctx: &Ctx,
    kind: &'static Kind,
    key: &str,
    request: String,
) -> Result<Option<Publication>> {
    let (principal, key) = (ctx.actor.principal(), key.to_owned());
    ctx.db
        .read(
            move |tx| match replay(tx, &principal, &key, request.as_bytes())? {
                Replay::Seen(answer) => remembered(tx, kind, &answer).map(Some),
                Replay::Fresh => Ok(None),
            },
        )
        .await
}

/// Row of the history, leaf and what `put` stores, in the caller's transaction; `more` adds to the leaf.
pub(crate) fn publish(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    what: &Publishing<'_>,
    permit: Permit,
    more: impl FnOnce(LeafBuilder) -> LeafBuilder,
    put: impl FnOnce(&mut Tx<'_>) -> Result<()>,
) -> Result<Publication> {
    let (principal, request, now) = (ctx.actor.principal(), what.request.as_bytes(), ctx.now());
    if let Replay::Seen(answer) = replay(tx, &principal, what.key, request)? {
        return remembered(tx, what.kind, &answer);
    }
    // The head is read first: whoever publishes after that is told by the number, whoever did before is seen by what is asked next.
    let (head, (by_whom, officer)) = (what.kind.head(tx)?, author(ctx, tx)?);
    if what.kind.one(tx, what.hash)?.is_some() {
        return Err(Error::conflict(what.kind.same, "这个文件已经发布过"));
    }
    let mut change = Publication {
        n: head.n + 1,
        at: now,
        by_whom,
        name: what.name.to_owned(),
        hash: what.hash.to_owned(),
        reason: what.reason.to_owned(),
        leaf: String::new(),
    };
    let leaf = head
        .next(
            ctx,
            LeafKind::Policy,
            what.chain,
            what.event,
            &change.by_whom,
            permit,
        )
        .field(what.subject, what.name)
        .field("hash", what.hash)
        .field("reason", what.reason);
    let (entry, kept) = sealed(ctx, more(leaf), now, officer)?;
    change.leaf = hex::encode(entry.hash);
    what.kind.insert(tx, &change, &kept)?;
    put(tx)?;
    what.kind.drop_draft(tx, what.hash)?;
    append_leaf(tx, &ctx.ids, &entry, now)?;
    let answer = Stored {
        status: 200,
        body: change.n.to_string(),
    };
    remember(tx, &principal, what.key, request, &answer, now)?;
    Ok(change)
}
