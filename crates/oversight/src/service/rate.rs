//! Giving a rating: once, by the applicant, after the end of the case.

use serde_json::json;
use tongban_codes::lists::RatingChannel;
use tongban_kernel::{CaseId, Error, Event, RatingId, Result};
use tongban_storage::{Ctx, Replay, Stored, Tx, emit, remember, replay};

use super::look::open_text;
use super::{GIVEN, RECTIFICATION_OPENED};
use crate::model::{Level, Rating, Tag};
use crate::store::{self, NewRating};

/// Longest text, characters.
pub(crate) const TEXT_MAX: usize = 500;

/// How bad ratings are dealt with; a part that the binary wires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatingRules {
    /// Working days in which a bad rating must be dealt with. 国办发〔2019〕51号 names no number; 15 is local practice.
    pub rectify_days: u32,
}

impl Default for RatingRules {
    fn default() -> Self {
        Self { rectify_days: 15 }
    }
}

/// The wish to rate a case. `key` makes a repeat harmless.
#[derive(Debug, Clone)]
pub struct Rate {
    /// 办件编号.
    pub project_no: String,
    pub level: Level,
    pub tags: Vec<Tag>,
    /// At most 500 characters; may be empty.
    pub text: String,
    pub channel: RatingChannel,
    pub key: String,
}

/// Rates the case. A second rating is refused; the same key gives the same answer.
pub async fn rate(ctx: &Ctx, mut wish: Rate) -> Result<Rating> {
    wish.text = wish.text.trim().to_owned();
    if wish.text.chars().count() > TEXT_MAX {
        return Err(Error::invalid(
            "rating.text",
            format!("评价内容不超过 {TEXT_MAX} 个字"),
        ));
    }
    let mut seen = Vec::new();
    wish.tags.retain(|tag| {
        let fresh = !seen.contains(tag);
        seen.push(*tag);
        fresh
    });
    // "Not yours" and "does not exist" answer alike here.
    let case = tongban_cases::case_head(ctx, &wish.project_no).await?.id;
    let ctx2 = ctx.clone();
    ctx.db.write(move |tx| write(&ctx2, tx, case, &wish)).await
}

fn write(ctx: &Ctx, tx: &mut Tx<'_>, case: CaseId, wish: &Rate) -> Result<Rating> {
    let principal = ctx.actor.principal();
    let request = format!("rate/{case}/{}", wish.level.code());
    if let Replay::Seen(_) = replay(tx, &principal, &wish.key, request.as_bytes())? {
        let stored = store::of_case(tx, case)?
            .ok_or_else(|| Error::internal("a remembered rating is missing"))?;
        return Ok(open_text(ctx, stored)?.rating);
    }
    let facts = tongban_cases::rateable(ctx, tx, case)?;
    let now = ctx.now();
    let id: RatingId = ctx.ids.id(now);
    let (key, data_key) = ctx.vault.new_key(&ctx.ids)?;
    let sealed_text = ctx.vault.seal(
        &ctx.ids,
        &key,
        id.to_string().as_bytes(),
        wish.text.as_bytes(),
    )?;
    let new = NewRating {
        id,
        case,
        project_no: &facts.project_no,
        task_code: &facts.task_code,
        task_name: &facts.task_name,
        organ: facts.organ,
        level: wish.level,
        tags: &wish.tags,
        channel: wish.channel.code(),
        data_key: &data_key,
        sealed_text: &sealed_text,
        at: now,
    };
    if !store::insert(tx, &new)? {
        return Err(Error::conflict(
            "rating.given",
            "本件已经评价过，每件办件评价一次",
        ));
    }
    tongban_cases::record_rating(ctx, tx, case, wish.level.code())?;
    let data = json!({"case": case, "level": wish.level.code(), "organ": facts.organ});
    emit(tx, &ctx.ids, &Event::new(GIVEN, id, now, data))?;
    let mut rectify_by = None;
    if wish.level.is_bad() {
        let days = ctx.parts.get::<RatingRules>()?.rectify_days;
        let due = tongban_cases::calendar(ctx)?
            .nth_working_day(ctx.clock.today(), days)
            .map_err(|source| Error::internal("rectification limit").source(source))?;
        store::open_rectification(tx, id, facts.organ, now, due)?;
        let data = json!({"case": case, "organ": facts.organ, "due_on": due.to_string()});
        emit(
            tx,
            &ctx.ids,
            &Event::new(RECTIFICATION_OPENED, id, now, data),
        )?;
        rectify_by = Some(due);
    }
    let answer = Stored {
        status: 201,
        body: id.to_string(),
    };
    remember(tx, &principal, &wish.key, request.as_bytes(), &answer, now)?;
    Ok(Rating {
        id,
        case,
        level: wish.level,
        tags: wish.tags.clone(),
        text: wish.text.clone(),
        channel: wish.channel.code().to_owned(),
        rated_at: now,
        rectify_by,
        rectified: None,
    })
}
