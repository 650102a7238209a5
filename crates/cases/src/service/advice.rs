//! 征求意见: whoever has a task in hand asks a post of an organ for an opinion. It binds nobody and holds nothing up; the asked post
//! sees the case while it is asked, and no longer (行政许可法 第三十四条: whoever examines may ask).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_accounts::OrganProfile;
use tongban_kernel::{Act, Actor, Error, OpinionId, OrganId, Post, Resource, Result, TaskId};
use tongban_storage::{Ctx, Tx};

use super::access;
use super::act::{OnTask, enact, on_task, required};
use super::countersign::organ_name;
use super::look::{hands, task_for};
use super::once::{Once, write_once};
use super::record::CaseKeys;
use crate::model::{AdviceFact, Case, CaseFact, OpinionRequest, OpinionState, Stance, Task};
use crate::store::advice as rows;
use crate::store::{cases, events};

pub use crate::store::advice::WithCase;

/// Posts that can be asked.
pub const ASKED_POSTS: [Post; 4] = [Post::Reviewer, Post::Decider, Post::Acceptor, Post::Counter];

/// Longest time to answer, in working days.
pub const OPINION_DAYS_MAX: u32 = 30;

/// Whom, what, and until when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AskOpinion {
    pub organ: OrganId,
    pub post: Post,
    pub question: String,
    /// Working days from today.
    pub days: u32,
}

/// Asks; answers with the 办件编号.
pub async fn ask_opinion(ctx: &Ctx, wish: OnTask<AskOpinion>) -> Result<String> {
    on_task(
        ctx,
        wish,
        Act::AskOpinion,
        |ctx, tx, acting, calendar, what| {
            let question = required(&what.question, "question", "要征求的问题")?;
            if !(1..=OPINION_DAYS_MAX).contains(&what.days) {
                let message = format!("请填写 1 至 {OPINION_DAYS_MAX} 个工作日");
                return Err(Error::field("opinion.days", "days", message));
            }
            let organ = tongban_accounts::organ(tx, what.organ)?
                .ok_or_else(|| Error::field("opinion.organ", "to", "请选择征求意见的机构"))?;
            let asked = ASKED_POSTS.contains(&what.post);
            if !asked || hands(tx, organ.id, what.post)?.is_empty() {
                let message = "这个机构没有该岗位的人员可以答复";
                return Err(Error::field("opinion.post", "post", message));
            }
            let due = calendar
                .nth_working_day(ctx.clock.today(), what.days)
                .map_err(|source| Error::internal("calendar").source(source))?;
            let known = rows::opinions_of(tx, acting.case.id)?;
            let same = |one: &OpinionRequest| {
                one.state == OpinionState::Open && (one.organ, one.post) == (organ.id, what.post)
            };
            if known.iter().any(same) {
                let message = "已向这个机构的该岗位征求意见，尚未答复";
                return Err(Error::field("opinion.asked", "to", message));
            }
            let Actor::Officer(officer) = &ctx.actor else {
                return Err(Error::unauthenticated());
            };
            let request = OpinionRequest {
                id: ctx.ids.id(ctx.now()),
                case: acting.case.id,
                organ: organ.id,
                post: what.post,
                asked_by: officer.officer,
                asked_seq: acting.case.event_n,
                asked_at: ctx.now(),
                due_on: due,
                state: OpinionState::Open,
                closed_at: None,
            };
            let fact = AdviceFact::OpinionAsked {
                id: request.id,
                organ_name: organ.name,
                post: what.post,
                question,
                due,
            };
            acting.record(ctx, tx, CaseFact::Advice(fact))?;
            rows::ask(tx, &request)?;
            acting.case.guests.asked.push((what.post, organ.id));
            rows::put_guests(tx, &acting.case)
        },
    )
    .await
}

/// The answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GiveOpinion {
    pub stance: Stance,
    pub opinion: String,
}

/// A request with its case, for the post that is or was asked.
fn asked(ctx: &Ctx, tx: &mut Tx<'_>, id: OpinionId) -> Result<(OpinionRequest, Case)> {
    let case = cases::of_opinion(tx, id)?.ok_or_else(Error::not_found)?;
    let request = rows::opinion_by_id(tx, id)?.ok_or_else(Error::not_found)?;
    match &ctx.actor {
        Actor::Officer(officer)
            if officer.organ == request.organ && officer.holds(request.post) =>
        {
            Ok((request, case))
        }
        _ => Err(Error::not_found()),
    }
}

fn not_open(state: OpinionState) -> Error {
    let message = match state {
        OpinionState::Closed => "本件已经办结，不再需要答复",
        _ => "这项征求意见已经答复，您的操作没有保存",
    };
    Error::conflict("opinion.done", message).advice("请刷新页面查看最新进展")
}

/// Gives the opinion; a repeat with the same key gets the same answer, the 办件编号.
pub async fn give_opinion(
    ctx: &Ctx,
    key: &str,
    id: OpinionId,
    what: GiveOpinion,
) -> Result<String> {
    let once = Once::new(key, "opinion", &(id, &what))?;
    write_once(ctx, Some(once), move |ctx, tx| {
        let (request, mut case) = asked(ctx, tx, id)?;
        if request.state != OpinionState::Open {
            return Err(not_open(request.state));
        }
        let facts = case.facts(None, Vec::new());
        let permit = ctx.authorize(Act::GiveOpinion, Resource::Case(&facts))?;
        let opinion = match what.stance {
            Stance::None if what.opinion.trim().is_empty() => String::new(),
            _ => required(&what.opinion, "opinion", "意见")?,
        };
        let by = match &ctx.actor {
            Actor::Officer(officer) => Some(officer.officer),
            _ => None,
        };
        if rows::answer(tx, id, by, what.stance, ctx.now())? != 1 {
            return Err(not_open(request.state));
        }
        case.guests
            .asked
            .retain(|one| *one != (request.post, request.organ));
        rows::put_guests(tx, &case)?;
        let fact = AdviceFact::OpinionGiven {
            id,
            organ_name: organ_name(tx, Some(request.organ))?,
            stance: what.stance,
            opinion,
        };
        let keys = CaseKeys::open(ctx, &case)?;
        let fact = CaseFact::Advice(fact);
        enact(ctx, tx, &mut case, &keys, permit, fact, &[])
    })
    .await
}

/// A page for asking.
pub struct AskDesk {
    pub case: Case,
    pub task: Task,
    pub organs: Vec<OrganProfile>,
}

/// For whoever has the task in hand and may do `act`.
pub async fn ask_desk(ctx: &Ctx, task: TaskId, act: Act) -> Result<AskDesk> {
    let organs = tongban_accounts::organs(ctx).await?;
    let ctx2 = ctx.clone();
    let (task, case) = ctx
        .db
        .read(move |tx| task_for(&ctx2, tx, task, act))
        .await?;
    Ok(AskDesk { case, task, organs })
}

/// A request as it is answered.
pub struct OpinionDesk {
    pub request: OpinionRequest,
    pub case: Case,
    pub question: String,
    /// Who asks.
    pub asker: String,
}

/// For the post that is asked. A look that leaves its leaf.
pub async fn opinion_desk(ctx: &Ctx, id: OpinionId) -> Result<OpinionDesk> {
    let ctx2 = ctx.clone();
    let (desk, look) = ctx
        .db
        .read(move |tx| {
            let ctx = &ctx2;
            let (request, case) = asked(ctx, tx, id)?;
            if request.state != OpinionState::Open {
                return Err(not_open(request.state));
            }
            let look = access::due(
                ctx,
                tx,
                &case,
                &format!("opinion/{id}"),
                Some(Act::GiveOpinion.label()),
            )?;
            let record = events::of_case(tx, case.id)?;
            let event = record.iter().find(|event| event.seq == request.asked_seq);
            let (question, asker) = match event.map(|event| (&event.fact, &event.by)) {
                Some((CaseFact::Advice(AdviceFact::OpinionAsked { question, .. }), by)) => {
                    let organ = organ_name(tx, by.organ)?;
                    (question.clone(), format!("{organ} {}", by.name))
                }
                _ => return Err(Error::internal("a request without its question")),
            };
            let desk = OpinionDesk {
                request,
                case,
                question,
                asker,
            };
            Ok((desk, look))
        })
        .await?;
    access::written(ctx, look).await?;
    Ok(desk)
}

/// Requests to the posts of whoever looks, open ones first.
pub async fn my_opinions(ctx: &Ctx, limit: u32) -> Result<Vec<WithCase<OpinionRequest>>> {
    ctx.authorize(Act::ViewWorkbench, Resource::Platform)?;
    let Actor::Officer(officer) = ctx.actor.clone() else {
        return Err(Error::unauthenticated());
    };
    ctx.db
        .read(move |tx| {
            let mut found = Vec::new();
            for post in &officer.posts {
                found.extend(rows::asked_of(tx, officer.organ, *post, limit)?);
            }
            found.sort_by_key(|one| {
                let open = one.item.state == OpinionState::Open;
                (!open, one.item.due_on, one.item.id)
            });
            Ok(found)
        })
        .await
}

/// What waits beside the inbox, counted up to `most` of each.
pub struct AdviceWaiting {
    /// Open requests for opinions to the posts of whoever looks.
    pub asked: u64,
    /// Copies that were not read yet.
    pub unread: u64,
}

/// How much of 征求意见 and 抄送 waits for whoever looks.
pub async fn advice_waiting(ctx: &Ctx, most: u32) -> Result<AdviceWaiting> {
    ctx.authorize(Act::ViewWorkbench, Resource::Platform)?;
    let Actor::Officer(officer) = ctx.actor.clone() else {
        return Err(Error::unauthenticated());
    };
    ctx.db
        .read(move |tx| {
            let mut asked = 0;
            for post in &officer.posts {
                asked += rows::open_asked_of(tx, officer.organ, *post, most)?;
            }
            let unread = rows::unread_for(tx, officer.officer, most)?;
            Ok(AdviceWaiting { asked, unread })
        })
        .await
}

/// Working days that something due on `due` is late on `on`.
pub(crate) fn days_late(calendar: &tongban_limits::Calendar, due: Date, on: Date) -> u32 {
    match due < on {
        true => calendar.working_days_between(due, on).max(1),
        false => 0,
    }
}
