//! Messages from outside: each, named by its source and id, is taken once; a repeat gets the same answer.
//!
//! A message that nobody waits for yet is kept for a week. Departments answer as soon as they know, often before the case has reached
//! the step that waits, or while the commit that asks is still on its way; refusing would make each of them build a queue.

use jiff::SignedDuration;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tongban_kernel::{
    Act, Actor, CaseId, Error, ErrorKind, Event, FieldProblem, OrganId, Resource, Result,
};
use tongban_process::{Command, Matter, Vars};
use tongban_storage::{Ctx, Tx, emit};

use super::drive::{Closing, drive};
use super::parts::calendar;
use super::record::commit;
use crate::model::{Case, OutsideMessage, Taken};
use crate::store::outside::{self as store, KeptMessage, NewMessage};
use crate::store::{cases, waits};

/// A case has begun to wait for a message that is kept.
pub const MESSAGE_WANTED: &str = "cases.message.wanted";

/// How long a message is kept that nobody waits for.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Longest names, characters.
const NAME_MAX: usize = 200;
/// Most variables of a message, bytes.
const VARS_MAX: usize = 64 * 1024;

fn checked(message: &OutsideMessage) -> Result<()> {
    let mut problems = Vec::new();
    let mut say = |field: &str, message: &str| {
        problems.push(FieldProblem::new(field, "message", message));
    };
    for (field, text, needed) in [
        ("source", &message.source, true),
        ("id", &message.id, true),
        ("name", &message.name, true),
        ("key", &message.key, false),
    ] {
        if (needed && text.is_empty()) || text.chars().count() > NAME_MAX {
            say(field, "不能为空，也不能超过 200 字");
        }
    }
    if message
        .vars
        .keys()
        .any(|name| name.is_empty() || name.chars().count() > NAME_MAX)
        || Value::Object(message.vars.clone()).to_string().len() > VARS_MAX
    {
        say("vars", "名称不对，或者内容超过 64 KB");
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::problems("message.invalid", problems))
    }
}

fn fingerprint(message: &OutsideMessage) -> Result<String> {
    let json = serde_json::to_vec(message)
        .map_err(|source| Error::internal("message cannot be written").source(source))?;
    Ok(hex::encode(Sha256::digest(json)))
}

/// Takes a message of an outside system. The first of its source and id decides; a repeat gets the same answer, another content under
/// the same name is refused.
pub async fn take_message(ctx: &Ctx, message: OutsideMessage) -> Result<Taken> {
    checked(&message)?;
    let Actor::Outside(outside) = &ctx.actor else {
        return Err(Error::unauthenticated());
    };
    let (organ, print, ctx2) = (outside.organ, fingerprint(&message)?, ctx.clone());
    let (again, named) = (print.clone(), (message.source.clone(), message.id.clone()));
    let written = ctx
        .db
        .write(move |tx| take(&ctx2, tx, organ, &message, &print))
        .await;
    match written {
        // Perhaps the same message was first by a moment: then its answer is there.
        Err(error) if error.kind() != ErrorKind::Invalid => {
            let seen = ctx
                .db
                .read(move |tx| repeat(tx, (&named.0, &named.1), &again))
                .await;
            seen.ok().flatten().ok_or(error)
        }
        other => other,
    }
}

fn repeat(tx: &mut Tx<'_>, (source, id): (&str, &str), print: &str) -> Result<Option<Taken>> {
    match store::message(tx, source, id)? {
        None => Ok(None),
        Some(row) if row.fingerprint != print => Err(Error::invalid(
            "message.reused",
            "同一来源和编号的消息已经收到过，内容不同",
        )),
        Some(row) if row.taken => Ok(Some(Taken::Taken)),
        Some(_) => Ok(Some(Taken::Kept)),
    }
}

fn take(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    organ: OrganId,
    message: &OutsideMessage,
    print: &str,
) -> Result<Taken> {
    if let Some(seen) = repeat(tx, (&message.source, &message.id), print)? {
        return Ok(seen);
    }
    let now = ctx.now();
    let vars = vars_of(&message.vars);
    let given = give(ctx, tx, organ, (&message.name, &message.key), &vars)?;
    let sealed = match given {
        Some(_) => None,
        None => {
            let (key, wrapped) = ctx.vault.new_key(&ctx.ids)?;
            let json = Value::Object(message.vars.clone()).to_string();
            let owner = owner(&message.source, &message.id);
            let sealed = ctx.vault.seal(&ctx.ids, &key, &owner, json.as_bytes())?;
            Some((wrapped, sealed))
        }
    };
    let row = NewMessage {
        message,
        fingerprint: print,
        organ,
        case: given,
        at: now,
        expires_at: now + KEPT_FOR,
        sealed,
    };
    store::put_message(tx, &row)?;
    Ok(if given.is_some() {
        Taken::Taken
    } else {
        Taken::Kept
    })
}

fn owner(source: &str, id: &str) -> Vec<u8> {
    serde_json::to_vec(&("message-in", source, id)).unwrap_or_default()
}

fn vars_of(vars: &serde_json::Map<String, Value>) -> Vars {
    let vars = vars.iter();
    vars.map(|(name, value)| (std::sync::Arc::from(name.as_str()), value.clone()))
        .collect()
}

/// Gives a message to the first case that waits for it and in which the organ has a hand.
fn give(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    organ: OrganId,
    (name, key): (&str, &str),
    vars: &Vars,
) -> Result<Option<CaseId>> {
    let wanted = Some(key).filter(|key| !key.is_empty());
    for id in waits::cases(tx, Matter::Message, name, wanted)? {
        let Some(mut case) = cases::get(tx, id)? else {
            continue;
        };
        if !may_reach(ctx, &case, organ) {
            continue;
        }
        let calendar = calendar(ctx)?;
        let command = Command::Message {
            name: name.into(),
            key: wanted.map(Into::into),
            at: None,
            vars: vars.clone(),
        };
        match drive(ctx, tx, &mut case, &calendar, &command, Closing::default()) {
            Ok(()) => {}
            // Held by a special procedure, or taken meanwhile: nothing of it was written.
            Err(error) if error.kind() == ErrorKind::Conflict => continue,
            Err(error) => return Err(error),
        }
        commit(ctx, tx, &mut case, &calendar, &[])?;
        return Ok(Some(id));
    }
    Ok(None)
}

fn may_reach(ctx: &Ctx, case: &Case, organ: OrganId) -> bool {
    match &ctx.actor {
        // A kept message was authorised when it came; its organ must still have a hand.
        Actor::System => case.organs.contains(&organ),
        _ => {
            let facts = case.facts(None, Vec::new());
            ctx.authorize(Act::SendMessage, Resource::Case(&facts))
                .is_ok()
        }
    }
}

/// A case begins to wait: if a message for it is kept already, a worker hands it over right after the commit.
pub(crate) fn subscribed(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: CaseId,
    name: &str,
    key: Option<&str>,
) -> Result<()> {
    if !ctx.wants(MESSAGE_WANTED) || !store::is_kept(tx, name, key)? {
        return Ok(());
    }
    let event = Event::new(MESSAGE_WANTED, case, ctx.now(), Value::Null);
    emit(tx, &ctx.ids, &event).map(|_| ())
}

/// Hands kept messages to cases that wait by now, and gives up those that nobody wanted. A repeat changes nothing.
pub async fn deliver_kept(ctx: &Ctx) -> Result<usize> {
    let (ctx, now) = (ctx.as_actor(Actor::System), ctx.now());
    let mut given = 0;
    for kept in ctx.db.read(move |tx| store::wanted(tx, now, 200)).await? {
        let ctx2 = ctx.clone();
        let handed = ctx.db.write(move |tx| hand_over(&ctx2, tx, &kept)).await;
        match handed {
            Ok(taken) => given += usize::from(taken),
            // One case that cannot go on must not hold the others up; the next round tries again.
            Err(error) => tracing::error!("kept message: {error}"),
        }
    }
    let gone = ctx.db.write(move |tx| store::expire(tx, now)).await?;
    if gone > 0 {
        tracing::warn!(
            gone,
            "messages from outside expired: no case waited for them"
        );
    }
    Ok(given)
}

fn hand_over(ctx: &Ctx, tx: &mut Tx<'_>, kept: &KeptMessage) -> Result<bool> {
    let key = ctx.vault.unwrap_key(&kept.data_key)?;
    let json = ctx
        .vault
        .open(&key, &owner(&kept.source, &kept.id), &kept.sealed)?;
    let vars: serde_json::Map<String, Value> = serde_json::from_slice(&json)
        .map_err(|source| Error::internal("corrupt message").source(source))?;
    let Some(case) = give(
        ctx,
        tx,
        kept.organ,
        (&kept.name, &kept.key),
        &vars_of(&vars),
    )?
    else {
        return Ok(false);
    };
    if store::taken(tx, &kept.source, &kept.id, case)? != 1 {
        return Err(cases::stale());
    }
    Ok(true)
}
