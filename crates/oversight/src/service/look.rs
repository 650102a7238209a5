//! Reading ratings: the applicant's own, and the officers' list with its indices.

use tongban_kernel::{Act, Actor, Error, Post, RatingId, Resource, Result};
use tongban_storage::{Ctx, DataKey};

use crate::model::{Finding, Rating, RatingLine, Rectified, RectifyWay, Summary};
use crate::store::{self, Stored, StoredRectification};

/// What the rating page of a case shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatingDesk {
    pub project_no: String,
    pub task_name: String,
    pub organ_name: String,
    /// The case has not ended: it cannot be rated yet.
    pub open: bool,
    /// The applicant looks; officers may read but not rate.
    pub own: bool,
    pub rating: Option<Rating>,
}

/// The case and its rating, for whoever may see the case.
pub async fn rating_desk(ctx: &Ctx, project_no: &str) -> Result<RatingDesk> {
    let head = tongban_cases::case_head(ctx, project_no).await?;
    let (ctx2, case) = (ctx.clone(), head.id);
    let rating = ctx
        .db
        .read(move |tx| {
            let stored = store::of_case(tx, case)?;
            stored.map(|stored| open_text(&ctx2, stored)).transpose()
        })
        .await?;
    Ok(RatingDesk {
        project_no: head.project_no,
        task_name: head.task_name,
        organ_name: head.organ_name,
        open: head.state.is_open(),
        own: matches!(ctx.actor, Actor::Citizen(_)),
        rating: rating.map(|line| line.rating),
    })
}

/// One page of the list, and the indices over all that the officer may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatingsPage {
    pub lines: Vec<RatingLine>,
    pub summary: Summary,
}

/// The ratings of the officer's organ — of all organs for a supervisor — latest first, older than `after`.
pub async fn ratings(
    ctx: &Ctx,
    only_bad: bool,
    after: Option<RatingId>,
    limit: i64,
) -> Result<RatingsPage> {
    ctx.authorize(Act::ViewRatings, Resource::Platform)?;
    let Actor::Officer(officer) = &ctx.actor else {
        return Err(Error::unauthenticated());
    };
    let organ = (!officer.holds(Post::Supervisor)).then_some(officer.organ);
    let (ctx2, today) = (ctx.clone(), ctx.clock.today());
    ctx.db
        .read(move |tx| {
            let stored = store::list(tx, organ, only_bad, after, limit)?;
            let lines = stored.into_iter().map(|stored| open_text(&ctx2, stored));
            Ok(RatingsPage {
                lines: lines.collect::<Result<_>>()?,
                summary: store::summary(tx, organ, today)?,
            })
        })
        .await
}

pub(super) fn open_text(ctx: &Ctx, stored: Stored) -> Result<RatingLine> {
    let mut line = stored.line;
    let key = ctx.vault.unwrap_key(&stored.data_key)?;
    let owner = line.rating.id.to_string();
    let text = ctx
        .vault
        .open(&key, owner.as_bytes(), &stored.sealed_text)?;
    line.rating.text =
        String::from_utf8(text).map_err(|_| Error::internal("corrupt row: text of a rating"))?;
    if let Some(row) = stored.rectification {
        line.rating.rectified = open_rectified(ctx, &key, &owner, row)?;
    }
    Ok(line)
}

/// The owner under which the reply is sealed.
pub(super) fn reply_owner(rating: &str) -> String {
    format!("{rating}/reply")
}

fn open_rectified(
    ctx: &Ctx,
    key: &DataKey,
    rating: &str,
    row: StoredRectification,
) -> Result<Option<Rectified>> {
    let (Some(at), Some(finding), Some(way), Some(by_whom), Some(sealed)) = (
        row.closed_at,
        row.finding.as_deref().and_then(Finding::from_key),
        row.way.as_deref().and_then(RectifyWay::from_key),
        row.by_whom,
        row.sealed_reply,
    ) else {
        return Ok(None);
    };
    let reply = ctx
        .vault
        .open(key, reply_owner(rating).as_bytes(), &sealed)?;
    Ok(Some(Rectified {
        at,
        by_whom,
        finding,
        way,
        reply: String::from_utf8(reply)
            .map_err(|_| Error::internal("corrupt row: reply to a rating"))?,
    }))
}
