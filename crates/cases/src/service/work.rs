//! What an officer has on the desk: a task with its case, or a case to look at.

use std::sync::Arc;

use jiff::civil::Date;
use tongban_catalogue::{Offer, offer};
use tongban_forms::{Facts, Lang, SummaryCard};
use tongban_kernel::{Act, CaseFacts, Error, Resource, Result, TaskId};
use tongban_storage::{Ctx, Tx};

use super::access;
use super::delegate;
use super::desk::Register;
use super::grid::{Beside, beside, may_see};
use super::hands::{behalf, task_facts};
use super::look::{CaseView, TaskView, application, view, visible};
use super::parts::calendar;
use crate::model::{Behalf, Case, CaseState, OBJECT_CASE, Submitted, Task};
use crate::store::{cases, tasks};

/// A task, its case, and whether whoever looks may do it.
pub struct TaskDesk {
    pub submitted: Submitted,
    pub view: CaseView,
    pub task: TaskView,
    pub offer: Arc<Offer>,
    /// Why whoever looks may not do it (four eyes, another post); `None`: they may.
    pub refused: Option<String>,
    /// May start and end special procedures.
    pub special: bool,
    /// What else whoever looks may do.
    pub orders: Orders,
    /// The officer who has the task in hand.
    pub in_hand: Option<String>,
    /// Opinions and copies; nothing for guests.
    pub beside: Beside,
    /// In whose place whoever looks would do it.
    pub behalf: Option<Behalf>,
}

/// The orders that whoever looks may give about a task or its case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orders {
    /// 转办 of this task.
    pub transfer: bool,
    /// 退回 of this task.
    pub send_back: bool,
    /// 委托 of this task.
    pub delegate: bool,
    /// Its return, by either side.
    pub end_delegation: bool,
    /// 催办.
    pub urge: bool,
    /// 加签、减签.
    pub signers: bool,
    /// 跳转.
    pub redirect: bool,
    /// 终止办理, in special procedures too.
    pub terminate: bool,
    /// 征求意见, with this task in hand.
    pub ask_opinion: bool,
    /// 抄送, with this task in hand.
    pub send_copy: bool,
    /// 前加签、后加签 at this task.
    pub ask_signer: bool,
    /// 拿回: own tasks that nobody has acted on yet.
    pub take_back: Vec<TaskId>,
}

impl Orders {
    /// Whether there is any.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// A case for an officer to look at.
pub struct CaseDesk {
    pub submitted: Submitted,
    pub view: CaseView,
    pub offer: Arc<Offer>,
    pub special: bool,
    pub orders: Orders,
    /// Opinions and copies; nothing for guests.
    pub beside: Beside,
}

fn act_of(key: &str) -> Option<Act> {
    Some(match key {
        "pre-review" => Act::PreReview,
        "accept" => Act::Accept,
        "review" => Act::Review,
        "countersign" => Act::Countersign,
        "decide" => Act::Decide,
        _ => return None,
    })
}

/// A task for an officer who may see its case.
pub async fn task_desk(ctx: &Ctx, id: TaskId) -> Result<TaskDesk> {
    ctx.authorize(Act::ViewWorkbench, Resource::Platform)?;
    let ctx2 = ctx.clone();
    let (desk, look) = ctx
        .db
        .read(move |tx| {
            let ctx = &ctx2;
            let task = tasks::get(tx, id)?.ok_or_else(Error::not_found)?;
            let case = visible(ctx, cases::get(tx, task.case)?)?;
            let handled_by = tasks::handled_by(tx, case.id, task.id)?;
            let facts = task_facts(ctx, tx, &case, &task, handled_by)?;
            let refused = match act_of(&task.act) {
                Some(_) if matches!(case.state, CaseState::Special { .. }) => {
                    Some("本件正在特别程序中，期间暂停办理；特别程序结束后继续".to_owned())
                }
                Some(act) => ctx
                    .authorize(act, Resource::Case(&facts))
                    .err()
                    .map(|error| error.message().to_owned()),
                None => Some("这个环节由申请人办理".to_owned()),
            };
            let organ_name = match task.organ {
                Some(organ) => tongban_accounts::organ(tx, organ)?.map(|organ| organ.name),
                None => None,
            };
            let purpose = act_of(&task.act).map(Act::label);
            let look = access::due(ctx, tx, &case, OBJECT_CASE, purpose)?;
            let in_hand = match task.assigned {
                Some(officer) => tongban_accounts::officer(tx, officer)?.map(|one| one.name),
                None => None,
            };
            let behalf = behalf(ctx, tx, &task, &facts)?;
            let (orders, submitted) = (
                orders(ctx, tx, &case, Some((&task, &facts)))?,
                application(ctx, tx, &case)?,
            );
            let (offer, special) = (offer(ctx, tx, case.item_version)?, may_special(ctx, &case));
            let view = view(ctx, tx, case)?;
            let desk = TaskDesk {
                beside: seen_beside(ctx, tx, &view)?,
                orders,
                behalf: behalf.filter(|_| task.open),
                in_hand,
                submitted,
                offer,
                special,
                view,
                task: TaskView { task, organ_name },
                refused,
            };
            Ok((desk, look))
        })
        .await?;
    access::written(ctx, look).await?;
    Ok(desk)
}

fn seen_beside(ctx: &Ctx, tx: &mut Tx<'_>, view: &CaseView) -> Result<Beside> {
    match may_see(ctx, &view.case) {
        true => beside(ctx, tx, view),
        false => Ok(Beside::default()),
    }
}

/// What whoever looks may order about `case`, and about `task` if it is open.
fn orders(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    case: &Case,
    task: Option<(&Task, &CaseFacts)>,
) -> Result<Orders> {
    let all = tasks::of_case(tx, case.id)?;
    let open: Vec<&Task> = all
        .iter()
        .filter(|task| task.open && task.post.is_some())
        .collect();
    let worked_on = case.state.is_open()
        && !matches!(case.state, CaseState::Special { .. })
        && !open.is_empty();
    let whole = case.facts(None, Vec::new());
    let may = |act: Act, facts: &CaseFacts| {
        worked_on && ctx.authorize(act, Resource::Case(facts)).is_ok()
    };
    let task = task.filter(|(task, _)| task.open);
    let (delegate, end_delegation) = task.map_or((false, false), |(task, facts)| {
        delegate::may(ctx, task, facts)
    });
    Ok(Orders {
        transfer: task.is_some_and(|(_, facts)| may(Act::Transfer, facts)),
        send_back: task.is_some_and(|(_, facts)| may(Act::SendBack, facts)),
        delegate: worked_on && delegate,
        end_delegation: worked_on && end_delegation,
        ask_opinion: task.is_some_and(|(_, facts)| may(Act::AskOpinion, facts)),
        send_copy: task.is_some_and(|(_, facts)| may(Act::SendCopy, facts)),
        ask_signer: matches!(case.state, CaseState::Handling { .. })
            && task.is_some_and(|(task, facts)| {
                matches!(task.act.as_str(), "review" | "decide") && may(Act::AskSigner, facts)
            }),
        urge: may(Act::Urge, &whole),
        signers: worked_on && super::countersign::may_change(ctx, case, &open),
        redirect: may(Act::Redirect, &whole),
        terminate: case.state.is_open()
            && ctx
                .authorize(Act::Terminate, Resource::Case(&whole))
                .is_ok(),
        take_back: super::take_back::mine(ctx, tx, case)?,
    })
}

fn may_special(ctx: &Ctx, case: &Case) -> bool {
    let facts = case.facts(None, Vec::new());
    let fits = matches!(
        case.state,
        CaseState::Accepted { .. } | CaseState::Handling { .. } | CaseState::Special { .. }
    );
    fits && ctx
        .authorize(Act::SpecialProcedure, Resource::Case(&facts))
        .is_ok()
}

/// A case for an officer who may see it.
pub async fn case_desk(ctx: &Ctx, project_no: &str) -> Result<CaseDesk> {
    ctx.authorize(Act::ViewWorkbench, Resource::Platform)?;
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    let (desk, look) = ctx
        .db
        .read(move |tx| {
            let ctx = &ctx2;
            let case = visible(ctx, cases::by_number(tx, &project_no)?)?;
            let look = access::due(ctx, tx, &case, OBJECT_CASE, None)?;
            let (orders, submitted) = (orders(ctx, tx, &case, None)?, application(ctx, tx, &case)?);
            let (offer, special) = (offer(ctx, tx, case.item_version)?, may_special(ctx, &case));
            let view = view(ctx, tx, case)?;
            let desk = CaseDesk {
                beside: seen_beside(ctx, tx, &view)?,
                orders,
                submitted,
                offer,
                special,
                view,
            };
            Ok((desk, look))
        })
        .await?;
    access::written(ctx, look).await?;
    Ok(desk)
}

/// The submitted form as cards, read as of the day of submission.
pub fn declared(
    ctx: &Ctx,
    offer: &Offer,
    case: &Case,
    submitted: &Submitted,
    lang: Lang,
) -> Vec<SummaryCard> {
    let Some(form) = &offer.form else {
        return Vec::new();
    };
    let situation: Facts = submitted.draft.situation.iter().cloned().collect();
    let register = Register::of(ctx);
    let form_ctx = tongban_forms::Ctx::new(
        tongban_kernel::shanghai_date(case.submitted_at),
        case.submitted_at,
    )
    .with_situation(&situation)
    .with_checks(&register);
    form.read(
        &submitted.draft.answers,
        &submitted.draft.evidence,
        &form_ctx,
    )
    .check_answers(lang)
}

/// The limits that would run if the case were accepted today.
pub struct Ahead {
    pub promised_days: u32,
    pub promised_due: Date,
    pub statutory_days: u32,
    pub statutory_due: Date,
}

/// What acceptance today would mean (行政许可法 第四十二条、第八十二条).
pub fn acceptance_ahead(ctx: &Ctx, offer: &Offer) -> Result<Ahead> {
    let calendar = calendar(ctx)?;
    let clocks = super::accept::clocks(offer, ctx.clock.today())?;
    let due = |clock: &tongban_limits::StatutoryClock| {
        clock
            .due(&calendar)
            .map(|due| due.date)
            .map_err(|source| Error::internal("clock").source(source))
    };
    Ok(Ahead {
        promised_days: clocks.promised.total_days(),
        promised_due: due(&clocks.promised)?,
        statutory_days: clocks.statutory.total_days(),
        statutory_due: due(&clocks.statutory)?,
    })
}

/// The day by which it must be said whether the case is accepted (行政许可法 第三十二条); `None` once it was said.
pub fn answer_due_of(ctx: &Ctx, case: &Case) -> Result<Option<Date>> {
    let CaseState::Received { at } = case.state else {
        return Ok(None);
    };
    let calendar = calendar(ctx)?;
    super::pre_review::answer_due(tongban_kernel::shanghai_date(at), &calendar).map(Some)
}

/// The item version under which a case was submitted.
pub async fn case_offer(ctx: &Ctx, case: &Case) -> Result<Arc<Offer>> {
    let (ctx2, id) = (ctx.clone(), case.item_version);
    ctx.db.read(move |tx| offer(&ctx2, tx, id)).await
}
