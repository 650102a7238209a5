//! The open tasks of an officer: of the posts, in their own hand, and in the hand of those for whom they cover.

use std::collections::BTreeMap;

use tongban_kernel::{Act, Actor, Error, OfficerId, Resource, Result};
use tongban_storage::{Ctx, Tx};

use crate::model::{Behalf, InPlace};
use crate::store::lists::{self, Hand, InHand, InboxLine};

/// The open tasks of the posts that the officer holds in their organ, most urgent first. A task that they delegated stays in the
/// list: the responsibility is theirs.
pub async fn inbox(ctx: &Ctx, limit: u32) -> Result<Vec<InboxLine>> {
    ctx.authorize(Act::ViewWorkbench, Resource::Platform)?;
    let Actor::Officer(officer) = ctx.actor.clone() else {
        return Err(Error::unauthenticated());
    };
    let (me, today) = (officer.officer, ctx.clock.today());
    ctx.db
        .read(move |tx| {
            let (organ, posts) = (officer.organ, &officer.posts);
            let mut names = BTreeMap::new();
            let mut found = Vec::new();
            let away = tongban_accounts::covered_by(tx, me, today)?;
            for away in std::iter::once(None).chain(away.into_iter().map(Some)) {
                for (line, hand) in lists::inbox(tx, organ, posts, me, away, limit)? {
                    let hand = hand_of(tx, &mut names, me, hand)?;
                    found.push(InboxLine { hand, ..line });
                }
            }
            found.sort_by_key(|line| (line.due_on, line.opened_at));
            Ok(found)
        })
        .await
}

type Names = BTreeMap<OfficerId, String>;

fn name(tx: &mut Tx<'_>, names: &mut Names, officer: OfficerId) -> Result<String> {
    if let Some(known) = names.get(&officer) {
        return Ok(known.clone());
    }
    let name = tongban_accounts::officer(tx, officer)?.map(|one| one.name);
    let name = name.unwrap_or_default();
    names.insert(officer, name.clone());
    Ok(name)
}

fn hand_of(tx: &mut Tx<'_>, names: &mut Names, me: OfficerId, hand: InHand) -> Result<Hand> {
    let in_place = |how, officer, name| Hand::For(Behalf { how, officer, name });
    Ok(match (hand.assigned, hand.for_officer) {
        (None, _) => Hand::Post,
        (Some(own), None) if own == me => Hand::Own,
        (Some(own), Some(delegator)) if own == me => {
            in_place(InPlace::Delegated, delegator, name(tx, names, delegator)?)
        }
        (Some(away), None) => in_place(InPlace::Covering, away, name(tx, names, away)?),
        (Some(delegate), Some(_)) => Hand::Delegated(name(tx, names, delegate)?),
    })
}
