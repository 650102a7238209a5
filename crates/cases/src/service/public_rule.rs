//! Changes of public rules (规则变更): the calendar, processes, decisions. Each history is a chain of leaves in the log.

use jiff::Timestamp;
use tongban_kernel::{Actor, Error, OfficerId, Permit, Result};
use tongban_storage::{Ctx, Leaf as LogLeaf, Tx};
use tongban_tlog::{Kept as Opened, LeafBuilder, LeafKind};

use crate::store::chain::{Head, Kept};

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

/// The next leaf of the chain that ends at `head`; `chain` names the key of its pseudonyms.
pub(crate) fn next_leaf(
    ctx: &Ctx,
    chain: &str,
    head: &Head,
    event: &str,
    by_whom: &str,
    permit: Permit,
) -> LeafBuilder {
    let key = ctx.vault.derive(chain);
    LeafBuilder::after(
        LeafKind::Policy,
        &key,
        u64::from(head.n),
        &head.prev,
        &head.prev_sm3,
    )
    .field("event", event)
    .field("actor", by_whom)
    .field("basis", permit.basis)
    .field("request_id", ctx.request.to_string())
}

/// Makes the leaf: the entry of the log, and what the history keeps of it. The rule is public, so nothing is sealed.
pub(crate) fn sealed(
    ctx: &Ctx,
    leaf: LeafBuilder,
    at: Timestamp,
    officer: Option<OfficerId>,
) -> Result<(LogLeaf, Kept)> {
    let secret = ctx.ids.bytes();
    let leaf = leaf
        .seal_under(at.as_millisecond(), &secret)
        .map_err(|source| Error::internal("log leaf cannot be made").source(source))?
        .finish();
    let entry = LogLeaf::of(&leaf);
    let proof = String::from_utf8(Opened::json_of(&leaf, &secret))
        .map_err(|source| Error::internal("proof cannot be written").source(source))?;
    let kept = Kept {
        officer,
        leaf: entry.hash,
        leaf_sm3: entry.hash_sm3,
        proof,
    };
    Ok((entry, kept))
}
