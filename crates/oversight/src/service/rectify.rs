//! 差评整改 (国办发〔2019〕51号: 谁办理、谁负责): the organ that was rated verifies, rectifies, answers; a supervisor reads.

use jiff::civil::Date;
use serde_json::json;
use tongban_kernel::{
    Act, Actor, Error, ErrorKind, Event, FieldProblem, OrganFacts, OrganId, Post, RatingId,
    Resource, Result,
};
use tongban_storage::{Ctx, Replay, Stored as Answer, Tx, emit, remember, replay};

use super::RECTIFICATION_CLOSED;
use super::look::{open_text, reply_owner};
use crate::model::{Finding, Rectification, RectifyWay};
use crate::store::{self, Closing, Stored};

/// Longest reply, characters.
pub(crate) const REPLY_MAX: usize = 1_000;

/// The wish to close a rectification. `key` makes a repeat harmless.
#[derive(Debug, Clone)]
pub struct Rectify {
    pub rating: RatingId,
    pub finding: Finding,
    pub way: RectifyWay,
    /// What the applicant is told, at most 1,000 characters.
    pub reply: String,
    pub key: String,
}

/// The organ whose rectifications are in sight; `None`: all.
fn scope(ctx: &Ctx) -> Result<Option<OrganId>> {
    ctx.authorize(Act::ViewRatings, Resource::Platform)?;
    let Actor::Officer(officer) = &ctx.actor else {
        return Err(Error::unauthenticated());
    };
    Ok((!officer.holds(Post::Supervisor)).then_some(officer.organ))
}

fn whole(ctx: &Ctx, stored: Stored) -> Result<Option<Rectification>> {
    let Some((opened_at, due_on)) = stored
        .rectification
        .as_ref()
        .map(|row| (row.opened_at, row.due_on))
    else {
        return Ok(None);
    };
    let mut line = open_text(ctx, stored)?;
    let closed = line.rating.rectified.take();
    Ok(Some(Rectification {
        line,
        opened_at,
        due_on,
        closed,
    }))
}

/// Rectifications of the officer's organ — of all organs for a supervisor — open or closed, most urgent first, behind `after`.
pub async fn rectifications(
    ctx: &Ctx,
    closed: bool,
    after: Option<(Date, RatingId)>,
    limit: i64,
) -> Result<Vec<Rectification>> {
    let organ = scope(ctx)?;
    let (ctx2, state) = (ctx.clone(), if closed { "closed" } else { "open" });
    ctx.db
        .read(move |tx| {
            let found = store::rectifications(tx, organ, state, after, limit)?;
            let whole = found.into_iter().map(|stored| whole(&ctx2, stored));
            Ok(whole
                .collect::<Result<Vec<_>>>()?
                .into_iter()
                .flatten()
                .collect())
        })
        .await
}

/// One rectification, and whether whoever looks may close it. Of another organ it looks absent.
pub async fn rectification(ctx: &Ctx, id: RatingId) -> Result<(Rectification, bool)> {
    let organ = scope(ctx)?;
    let ctx2 = ctx.clone();
    let found = ctx
        .db
        .read(move |tx| match store::get(tx, id)? {
            Some(stored) => whole(&ctx2, stored),
            None => Ok(None),
        })
        .await?
        .filter(|found| organ.is_none_or(|organ| organ == found.line.organ))
        .ok_or_else(Error::not_found)?;
    let facts = OrganFacts {
        organ: found.line.organ,
    };
    let may =
        found.closed.is_none() && ctx.authorize(Act::Rectify, Resource::Organ(&facts)).is_ok();
    Ok((found, may))
}

fn check(wish: &Rectify) -> Result<()> {
    let mut problems = Vec::new();
    if !(1..=REPLY_MAX).contains(&wish.reply.chars().count()) {
        problems.push(FieldProblem::required(
            "reply",
            format!("请填写给申请人的答复（{REPLY_MAX} 字以内）"),
        ));
    }
    if wish.finding == Finding::Unfounded && wish.way != RectifyWay::Explained {
        problems.push(FieldProblem::required(
            "way",
            "核实为不属实的，处理方式应为解释说明".to_owned(),
        ));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::problems("rectification.invalid", problems))
    }
}

/// Closes a rectification with a reply: once, by the organ that was rated.
pub async fn rectify(ctx: &Ctx, mut wish: Rectify) -> Result<Rectification> {
    wish.reply = wish.reply.trim().to_owned();
    check(&wish)?;
    let ctx2 = ctx.clone();
    ctx.db.write(move |tx| write(&ctx2, tx, &wish)).await
}

fn write(ctx: &Ctx, tx: &mut Tx<'_>, wish: &Rectify) -> Result<Rectification> {
    let principal = ctx.actor.principal();
    let (finding, way) = (wish.finding.key(), wish.way.key());
    let request = format!("rectify/{}/{finding}/{way}/{}", wish.rating, wish.reply);
    if let Replay::Seen(_) = replay(tx, &principal, &wish.key, request.as_bytes())? {
        return reread(ctx, tx, wish.rating);
    }
    let stored = store::get(tx, wish.rating)?.ok_or_else(Error::not_found)?;
    let (organ, case) = (stored.line.organ, stored.line.rating.case);
    let facts = OrganFacts { organ };
    let permit = match ctx.authorize(Act::Rectify, Resource::Organ(&facts)) {
        // What one may not see looks absent.
        Err(error) if error.kind() == ErrorKind::NotAllowed && !sees(ctx, organ) => {
            return Err(Error::not_found());
        }
        permit => permit?,
    };
    if stored.rectification.is_none() {
        return Err(Error::not_found());
    }
    let key = ctx.vault.unwrap_key(&stored.data_key)?;
    let rating = wish.rating.to_string();
    let what = tongban_cases::Rectified {
        finding,
        way,
        reply: &wish.reply,
    };
    let leaf = tongban_cases::record_rectification(ctx, tx, case, &what, permit)?;
    let seal =
        |owner: String, plain: &[u8]| ctx.vault.seal(&ctx.ids, &key, owner.as_bytes(), plain);
    let now = ctx.now();
    let closing = Closing {
        at: now,
        by_whom: &leaf.by_whom,
        finding,
        way,
        sealed_reply: &seal(reply_owner(&rating), wish.reply.as_bytes())?,
        leaf: &leaf.hash,
        sealed_proof: &seal(format!("{rating}/proof"), &leaf.proof)?,
    };
    if !store::close(tx, wish.rating, &closing)? {
        return Err(Error::conflict(
            "rectification.closed",
            "这条差评已经办结整改",
        ));
    }
    let data = json!({"case": case, "organ": organ, "finding": finding});
    emit(
        tx,
        &ctx.ids,
        &Event::new(RECTIFICATION_CLOSED, wish.rating, now, data),
    )?;
    let answer = Answer {
        status: 200,
        body: rating,
    };
    remember(tx, &principal, &wish.key, request.as_bytes(), &answer, now)?;
    reread(ctx, tx, wish.rating)
}

fn sees(ctx: &Ctx, organ: OrganId) -> bool {
    scope(ctx).is_ok_and(|scope| scope.is_none_or(|own| own == organ))
}

fn reread(ctx: &Ctx, tx: &mut Tx<'_>, id: RatingId) -> Result<Rectification> {
    let stored = store::get(tx, id)?.ok_or_else(Error::not_found)?;
    whole(ctx, stored)?.ok_or_else(Error::not_found)
}
