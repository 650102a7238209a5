//! 代办 in leave: a colleague of the same organ, with the posts of who is away, does the tasks in their hand from … to.
//! Nothing is copied: whoever asks is told who covers today, so an arrangement ends by its date on its own.

use jiff::civil::Date;
use tongban_kernel::{
    Act, Actor, CoverId, Error, FieldProblem, Officer, OfficerFacts, OfficerId, Post, Resource,
    Result,
};
use tongban_storage::{Ctx, Replay, Stored, Tx, remember, replay};

use crate::model::{COVER_DAYS_MAX, Cover, CoverState, NameCover, OfficerProfile};
use crate::store::{covers, organs};

fn officer_of(ctx: &Ctx) -> Result<Officer> {
    match &ctx.actor {
        Actor::Officer(officer) => Ok(officer.clone()),
        _ => Err(Error::unauthenticated()),
    }
}

fn problem(field: &str, message: &str) -> Error {
    let problem = FieldProblem::new(field, "cover", message);
    Error::problems("cover", vec![problem])
}

/// Whether the days and the reason of an arrangement are possible.
fn check(what: &NameCover, today: Date) -> Result<()> {
    let reason = what.reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(problem("reason", "请填写理由，不超过 200 字"));
    }
    if what.from < today {
        return Err(problem("from", "开始日期不能早于今天"));
    }
    if what.to < what.from {
        return Err(problem("to", "结束日期不能早于开始日期"));
    }
    let days = (what.to - what.from).get_days();
    if days >= COVER_DAYS_MAX {
        return Err(problem("to", "代办期限最长 366 天"));
    }
    if what.cover == what.absent {
        return Err(problem("cover", "不能由本人代办"));
    }
    Ok(())
}

/// Nobody gets a power by covering that is not theirs.
fn fits(absent: &OfficerProfile, cover: &OfficerProfile) -> bool {
    cover.organ == absent.organ && absent.posts.iter().all(|post| cover.posts.contains(post))
}

/// No chains: whoever covers is there, and whoever is away covers for nobody.
fn free(tx: &mut Tx<'_>, what: &NameCover) -> Result<()> {
    let (absent, cover) = (Some(what.absent), Some(what.cover));
    for (away, at_work, why) in [
        (absent, None, "该人员在这段时间已经指定了代办人"),
        (None, absent, "该人员在这段时间代他人办理，请先结束那项代办"),
        (cover, None, "代办人在这段时间也休假，请另选一人"),
    ] {
        if covers::touching(tx, away, at_work, what.from, what.to)? > 0 {
            return Err(
                Error::conflict("cover.chain", why).advice("请先结束原来的代办，再重新指定")
            );
        }
    }
    Ok(())
}

/// Names who covers; a repeat with the same key gets the same answer.
pub async fn name_cover(ctx: &Ctx, key: &str, what: NameCover) -> Result<CoverId> {
    let me = officer_of(ctx)?;
    let request = serde_json::to_vec(&("cover", &what))
        .map_err(|source| Error::internal("request cannot be written").source(source))?;
    let (ctx2, key) = (ctx.clone(), key.to_owned());
    ctx.db
        .write(move |tx| {
            let (ctx, principal) = (&ctx2, ctx2.actor.principal());
            if let Replay::Seen(stored) = replay(tx, &principal, &key, &request)? {
                return stored
                    .body
                    .parse()
                    .map_err(|source| Error::internal("corrupt answer of a key").source(source));
            }
            let absent = organs::officer(tx, what.absent)?.ok_or_else(Error::not_found)?;
            let facts = OfficerFacts {
                officer: absent.id,
                organ: absent.organ,
            };
            let permit = ctx.authorize(Act::NameCover, Resource::Officer(&facts))?;
            check(&what, ctx.clock.today())?;
            let cover = organs::officer(tx, what.cover)?.filter(|cover| fits(&absent, cover));
            if cover.is_none() {
                return Err(problem(
                    "cover",
                    "代办人须是同一机构的人员，并且具有休假人员的全部岗位",
                ));
            }
            covers::hold(tx, what.absent, what.cover)?;
            free(tx, &what)?;
            let id: CoverId = ctx.ids.id(ctx.now());
            let (organ, now) = (absent.organ, ctx.now());
            covers::insert(tx, id, organ, &what, me.officer, permit.basis, now)?;
            let answer = Stored {
                status: 201,
                body: id.to_string(),
            };
            remember(tx, &principal, &key, &request, &answer, now)?;
            Ok(id)
        })
        .await
}

/// Ends an arrangement before its last day; a repeat with the same key changes nothing.
pub async fn end_cover(ctx: &Ctx, key: &str, id: CoverId) -> Result<()> {
    let me = officer_of(ctx)?;
    let request = format!("cover-end {id}").into_bytes();
    let (ctx2, key) = (ctx.clone(), key.to_owned());
    ctx.db
        .write(move |tx| {
            let (ctx, principal) = (&ctx2, ctx2.actor.principal());
            if let Replay::Seen(_) = replay(tx, &principal, &key, &request)? {
                return Ok(());
            }
            let cover = visible(ctx, covers::get(tx, id)?)?;
            ctx.authorize(Act::NameCover, Resource::Officer(&cover.facts()))?;
            let state = cover.state(ctx.clock.today());
            let open = matches!(state, CoverState::Ahead | CoverState::InForce);
            if !open || covers::end(tx, id, me.officer, ctx.now())? != 1 {
                return Err(Error::conflict("cover.over", "这项代办已经结束")
                    .advice("请刷新页面查看最新情况"));
            }
            let answer = Stored {
                status: 200,
                body: String::new(),
            };
            remember(tx, &principal, &key, &request, &answer, ctx.now())
        })
        .await
}

/// What is neither one's own nor of those for whom one may arrange does not exist.
fn visible(ctx: &Ctx, cover: Option<Cover>) -> Result<Cover> {
    let cover = cover.ok_or_else(Error::not_found)?;
    let mine = officer_of(ctx)?.officer == cover.cover;
    let may = ctx.authorize(Act::NameCover, Resource::Officer(&cover.facts()));
    match may {
        Err(_) if !mine => Err(Error::not_found()),
        _ => Ok(cover),
    }
}

/// The arrangements that whoever looks is in or may make, latest first: at most `limit`, older than `before`.
pub async fn list_covers(ctx: &Ctx, before: Option<CoverId>, limit: u32) -> Result<Vec<Cover>> {
    ctx.authorize(Act::ViewWorkbench, Resource::Platform)?;
    let me = officer_of(ctx)?;
    ctx.db
        .read(move |tx| match scope(&me) {
            Scope::All => covers::list(tx, None, None, before, limit),
            Scope::Organ => covers::list(tx, Some(me.organ), None, before, limit),
            Scope::Own => covers::list(tx, None, Some(me.officer), before, limit),
        })
        .await
}

enum Scope {
    All,
    Organ,
    Own,
}

fn scope(me: &Officer) -> Scope {
    if me.holds(Post::SecurityAdmin) {
        Scope::All
    } else if me.holds(Post::Decider) {
        Scope::Organ
    } else {
        Scope::Own
    }
}

/// For whom whoever looks may arrange a cover, and who could be one.
pub struct CoverDesk {
    pub absent: Vec<OfficerProfile>,
    pub covers: Vec<OfficerProfile>,
}

/// For every officer.
pub async fn cover_desk(ctx: &Ctx) -> Result<CoverDesk> {
    ctx.authorize(Act::ViewWorkbench, Resource::Platform)?;
    let me = officer_of(ctx)?;
    ctx.db
        .read(move |tx| {
            let organ = match scope(&me) {
                Scope::All => None,
                _ => Some(me.organ),
            };
            let known = covers::officers(tx, organ)?;
            let own = |one: &&OfficerProfile| one.id == me.officer;
            let absent: Vec<OfficerProfile> = match scope(&me) {
                Scope::Own => known.iter().filter(own).cloned().collect(),
                _ => known.clone(),
            };
            let fit = |one: &OfficerProfile| {
                absent
                    .iter()
                    .any(|away| away.id != one.id && fits(away, one))
            };
            let covers = known.iter().filter(|one| fit(one)).cloned().collect();
            Ok(CoverDesk { absent, covers })
        })
        .await
}

/// Who does the tasks in hand of `absent` on `today`.
pub fn cover_of(tx: &mut Tx<'_>, absent: OfficerId, today: Date) -> Result<Option<OfficerId>> {
    covers::of_absent(tx, absent, today)
}

/// For whom `cover` does the tasks in hand on `today`.
pub fn covered_by(tx: &mut Tx<'_>, cover: OfficerId, today: Date) -> Result<Vec<OfficerId>> {
    covers::by_cover(tx, cover, today)
}
