//! 抄送: whoever has a task in hand tells officers of a case. It holds nothing up; who was told may see that case and nothing else, and
//! the first look is the receipt.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongban_accounts::OfficerProfile;
use tongban_kernel::{
    Act, Actor, CopyId, Error, OfficerId, OrganId, Post, Resource, Result, TaskId,
};
use tongban_storage::{Ctx, Tx};

use super::access;
use super::act::{OnTask, on_task};
use super::advice::WithCase;
use super::countersign::organ_name;
use super::look::{hands, task_for, visible};
use crate::model::{AdviceFact, Case, CaseCopy, CaseFact};
use crate::store::advice as rows;
use crate::store::{cases, events};

/// Most officers of one copy.
pub const COPIES_MAX: usize = 50;

/// To whom, and with what words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SendCopy {
    pub to: Vec<OfficerId>,
    pub note: String,
}

/// The officers of organs with a hand in the case and of the own organ, with the names of their organs; not whoever sends.
fn receivers(ctx: &Ctx, tx: &mut Tx<'_>, case: &Case) -> Result<Vec<(OfficerProfile, String)>> {
    let Actor::Officer(own) = &ctx.actor else {
        return Err(Error::unauthenticated());
    };
    let mut organs: Vec<OrganId> = case.organs.clone();
    organs.push(own.organ);
    organs.sort_unstable();
    organs.dedup();
    let mut found = BTreeMap::new();
    for organ in organs {
        let name = organ_name(tx, Some(organ))?;
        for post in Post::ALL {
            for one in hands(tx, organ, *post)? {
                if one.id != own.officer {
                    found.insert(one.id, (one, name.clone()));
                }
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Sends; answers with the 办件编号.
pub async fn send_copy(ctx: &Ctx, wish: OnTask<SendCopy>) -> Result<String> {
    on_task(ctx, wish, Act::SendCopy, |ctx, tx, acting, _, what| {
        let note = what.note.trim();
        if note.chars().count() > 2000 {
            return Err(Error::field("copy.note", "note", "附言不能超过 2000 字"));
        }
        let mut to = what.to.clone();
        to.sort_unstable();
        to.dedup();
        if to.is_empty() || to.len() > COPIES_MAX {
            let message = format!("请选择 1 至 {COPIES_MAX} 名人员");
            return Err(Error::field("copy.to", "to", message));
        }
        let known = receivers(ctx, tx, &acting.case)?;
        let mut names = Vec::new();
        for officer in &to {
            let (one, organ) = known
                .iter()
                .find(|(one, _)| one.id == *officer)
                .ok_or_else(|| {
                    let message = "只能抄送本机构和参与本件的机构的人员";
                    Error::field("copy.to", "to", message)
                })?;
            names.push(format!("{organ} {}", one.name));
        }
        let Actor::Officer(own) = &ctx.actor else {
            return Err(Error::unauthenticated());
        };
        let seq = acting.case.event_n;
        let fact = AdviceFact::Copied {
            to: names,
            note: note.to_owned(),
        };
        acting.record(ctx, tx, CaseFact::Advice(fact))?;
        for officer in to {
            let copy = CaseCopy {
                id: ctx.ids.id(ctx.now()),
                case: acting.case.id,
                officer,
                sent_by: own.officer,
                sent_seq: seq,
                sent_at: ctx.now(),
                read_at: None,
            };
            rows::send_copy(tx, &copy)?;
            if !acting.case.guests.copied.contains(&officer) {
                acting.case.guests.copied.push(officer);
            }
        }
        rows::put_guests(tx, &acting.case)
    })
    .await
}

/// A page for sending.
pub struct CopyDesk {
    pub case: Case,
    /// Who can be told, with the name of the organ.
    pub receivers: Vec<(OfficerProfile, String)>,
}

/// For whoever has the task in hand.
pub async fn copy_desk(ctx: &Ctx, task: TaskId) -> Result<CopyDesk> {
    let ctx2 = ctx.clone();
    ctx.db
        .read(move |tx| {
            let (_, case) = task_for(&ctx2, tx, task, Act::SendCopy)?;
            let receivers = receivers(&ctx2, tx, &case)?;
            Ok(CopyDesk { case, receivers })
        })
        .await
}

/// 抄送我的, latest first.
pub async fn my_copies(ctx: &Ctx, limit: u32) -> Result<Vec<WithCase<CaseCopy>>> {
    ctx.authorize(Act::ViewWorkbench, Resource::Platform)?;
    let Actor::Officer(officer) = ctx.actor.clone() else {
        return Err(Error::unauthenticated());
    };
    ctx.db
        .read(move |tx| rows::copies_for(tx, officer.officer, limit))
        .await
}

/// A copy as it is read.
pub struct CopyView {
    pub copy: CaseCopy,
    pub case: Case,
    pub note: String,
    /// Who sent it.
    pub sender: String,
}

/// Opens a copy: for its officer alone. The first time is the receipt; each look leaves its leaf.
pub async fn open_copy(ctx: &Ctx, id: CopyId) -> Result<CopyView> {
    let ctx2 = ctx.clone();
    let (view, look) = ctx
        .db
        .read(move |tx| {
            let ctx = &ctx2;
            let copy = rows::copy_by_id(tx, id)?.ok_or_else(Error::not_found)?;
            if !matches!(&ctx.actor, Actor::Officer(officer) if officer.officer == copy.officer) {
                return Err(Error::not_found());
            }
            let case = visible(ctx, cases::get(tx, copy.case)?)?;
            let object = format!("copy/{id}");
            let look = access::due(ctx, tx, &case, &object, Some(Act::SendCopy.label()))?;
            let record = events::of_case(tx, case.id)?;
            let event = record.iter().find(|event| event.seq == copy.sent_seq);
            let (note, sender) = match event.map(|event| (&event.fact, &event.by)) {
                Some((CaseFact::Advice(AdviceFact::Copied { note, .. }), by)) => {
                    let organ = organ_name(tx, by.organ)?;
                    (note.clone(), format!("{organ} {}", by.name))
                }
                _ => return Err(Error::internal("a copy without its event")),
            };
            let view = CopyView {
                copy,
                case,
                note,
                sender,
            };
            Ok((view, look))
        })
        .await?;
    access::written(ctx, look).await?;
    if view.copy.read_at.is_none() {
        let at = ctx.now();
        ctx.db.write(move |tx| rows::read(tx, id, at)).await?;
    }
    Ok(view)
}
