//! 并联审批 at a glance: who was asked, until when, how late, and what was said. For the organ that leads.

use jiff::civil::Date;
use tongban_kernel::{Act, Resource, Result};
use tongban_limits::Calendar;
use tongban_storage::{Ctx, Tx};

use super::advice::days_late;
use super::countersign::organ_name;
use super::look::{CaseView, case_by_number};
use super::parts::calendar;
use crate::model::{
    AdviceFact, Case, CaseCopy, CaseFact, OpinionRequest, OpinionState, Stance, Task,
};
use crate::store::advice as rows;

/// How one opinion of the process stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GridState {
    Open,
    /// 通过、同意.
    Agreed,
    /// 不通过、不同意.
    Against,
    /// 逾期视为同意, by the rule that the process names.
    Deemed,
    /// Taken away: nobody asks any more.
    Withdrawn,
}

/// One opinion that the process asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridRow {
    pub organ: String,
    pub task: String,
    pub due: Option<Date>,
    pub state: GridState,
    /// Working days after the limit, until it was given or until today.
    pub late: u32,
    pub urged: u32,
    pub opinion: String,
}

/// The opinions that the process of a case asks for, in the order in which they were asked.
pub fn grid(calendar: &Calendar, today: Date, view: &CaseView) -> Vec<GridRow> {
    let tasks = view.tasks.iter();
    let asked = tasks.filter(|one| matches!(one.task.act.as_str(), "review" | "countersign"));
    asked
        .map(|one| {
            let task = &one.task;
            let (state, opinion) = said(view, task);
            let until = task.closed_at.map_or(today, tongban_kernel::shanghai_date);
            GridRow {
                organ: one.organ_name.clone().unwrap_or_default(),
                task: task.name.clone(),
                due: task.due_on,
                state,
                late: task.due_on.map_or(0, |due| days_late(calendar, due, until)),
                urged: task.urged,
                opinion,
            }
        })
        .collect()
}

/// What was said when the task was done: the event of its organ in that very moment.
fn said(view: &CaseView, task: &Task) -> (GridState, String) {
    if task.open {
        return (GridState::Open, String::new());
    }
    let words = |agreed: bool, opinion: &String| match agreed {
        true => (GridState::Agreed, opinion.clone()),
        false => (GridState::Against, opinion.clone()),
    };
    let events = view.events.iter().map(|one| &one.event);
    let then = events.filter(|event| Some(event.at) == task.closed_at);
    then.filter_map(|event| match &event.fact {
        _ if task.officer.is_some() && event.by.officer != task.officer => None,
        CaseFact::Reviewed {
            passed, opinion, ..
        } => Some(words(*passed, opinion)),
        CaseFact::Countersigned {
            agreed, opinion, ..
        } => Some(words(*agreed, opinion)),
        CaseFact::Advice(AdviceFact::DeemedAgreed {
            rule, task: name, ..
        }) if task.officer.is_none() && *name == task.name => {
            Some((GridState::Deemed, rule.clone()))
        }
        _ => None,
    })
    .next()
    .filter(|_| task.outcome.is_some())
    .unwrap_or((GridState::Withdrawn, String::new()))
}

/// An opinion that somebody asked for beside the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpinionRow {
    pub request: OpinionRequest,
    pub organ: String,
    pub question: String,
    pub opinion: String,
    /// Working days after the limit, until it was given or until today.
    pub late: u32,
}

/// A copy with its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRow {
    pub copy: CaseCopy,
    pub officer: String,
    pub organ: String,
}

/// What is beside the process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    pub opinions: Vec<OpinionRow>,
    pub copies: Vec<CopyRow>,
}

/// Opinions and copies of a case. The caller has authorised the look.
pub(crate) fn beside(ctx: &Ctx, tx: &mut Tx<'_>, view: &CaseView) -> Result<Beside> {
    let (calendar, today) = (calendar(ctx)?, ctx.clock.today());
    let id = view.case.id;
    let mut found = Beside::default();
    for request in rows::opinions_of(tx, id)? {
        let mut row = OpinionRow {
            organ: organ_name(tx, Some(request.organ))?,
            question: String::new(),
            opinion: String::new(),
            late: {
                let until = request
                    .closed_at
                    .map_or(today, tongban_kernel::shanghai_date);
                days_late(&calendar, request.due_on, until)
            },
            request,
        };
        for event in &view.events {
            match &event.event.fact {
                CaseFact::Advice(AdviceFact::OpinionAsked { id, question, .. })
                    if *id == row.request.id =>
                {
                    row.question.clone_from(question);
                }
                CaseFact::Advice(AdviceFact::OpinionGiven { id, opinion, .. })
                    if *id == row.request.id =>
                {
                    row.opinion.clone_from(opinion);
                }
                _ => {}
            }
        }
        found.opinions.push(row);
    }
    for copy in rows::copies_of(tx, id)? {
        let officer = tongban_accounts::officer(tx, copy.officer)?;
        let organ = organ_name(tx, officer.as_ref().map(|one| one.organ))?;
        found.copies.push(CopyRow {
            officer: officer.map(|one| one.name).unwrap_or_default(),
            organ,
            copy,
        });
    }
    Ok(found)
}

/// Whether whoever looks sees what was said beside the process: those with a hand in the case, not its guests.
pub(crate) fn may_see(ctx: &Ctx, case: &Case) -> bool {
    let mut facts = case.facts(None, Vec::new());
    (facts.asked, facts.copied) = (Vec::new(), Vec::new());
    ctx.authorize(Act::ViewCase, Resource::Case(&facts)).is_ok()
}

/// The opinions that the process asks for, for those with a hand in the case.
pub async fn case_grid(ctx: &Ctx, project_no: &str) -> Result<Vec<GridRow>> {
    let view = case_by_number(ctx, project_no).await?;
    if !may_see(ctx, &view.case) {
        return Err(tongban_kernel::Error::not_found());
    }
    let calendar = calendar(ctx)?;
    Ok(grid(&calendar, ctx.clock.today(), &view))
}

impl OpinionRow {
    /// What it came to.
    pub fn stance(&self) -> Option<Stance> {
        match self.request.state {
            OpinionState::Answered(stance) => Some(stance),
            _ => None,
        }
    }
}
