//! What the applicant can do after submitting: complete what was asked for, or take the application back.

use serde::{Deserialize, Serialize};
use tongban_kernel::{Act, CaseId, Error, Result};
use tongban_process::Command;
use tongban_storage::Ctx;

use super::act::{enact, load_case, required};
use super::attach::file_digests;
use super::drive::{Closing, drive, vars};
use super::once::{Once, write_once};
use super::parts::calendar;
use super::record::{by, commit, record};
use crate::model::{CaseFact, CaseState};
use crate::store::{attachments, tasks};

/// What the applicant answers to a supplement notice.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Supplement {
    /// What was done, for the clerk.
    pub note: String,
}

/// Hands in everything that the notice asked for, at once. Files were attached before.
pub async fn supplement(ctx: &Ctx, id: CaseId, what: Supplement) -> Result<String> {
    hand_in(ctx, None, id, what).await
}

/// As [`supplement`]; a repeat with the same key gets the same answer.
pub async fn supplement_once(ctx: &Ctx, key: &str, id: CaseId, what: Supplement) -> Result<String> {
    let once = Once::new(key, "supplement", &(id, &what))?;
    hand_in(ctx, Some(once), id, what).await
}

async fn hand_in(ctx: &Ctx, once: Option<Once>, id: CaseId, what: Supplement) -> Result<String> {
    write_once(ctx, once, move |ctx, tx| {
        let (mut case, keys, permit) = load_case(ctx, tx, id, Act::Supplement)?;
        let open = tasks::of_case(tx, case.id)?
            .into_iter()
            .find(|task| task.open && task.act == "supplement");
        let task = open.ok_or_else(|| {
            Error::conflict("supplement.none", "本件现在没有需要补正的内容")
                .advice("请刷新页面查看最新进展")
        })?;
        let calendar = calendar(ctx)?;
        let by = by(ctx, tx, &case, permit)?;
        // The leaf commits to the files that came with this supplement.
        let since = match case.state {
            CaseState::Supplementing { since } => since,
            _ => case.updated_at,
        };
        let files: Vec<_> = attachments::of_draft(tx, case.draft)?
            .into_iter()
            .filter(|file| file.created_at >= since)
            .collect();
        let files = file_digests(ctx, &files);
        let event = record(ctx, tx, &mut case, &keys, CaseFact::Supplemented, by, files)?;
        let command = Command::Complete {
            task: task.number,
            vars: vars([]),
        };
        let note = what.note.trim();
        let outcome = if note.is_empty() { "已补正" } else { note };
        drive(
            ctx,
            tx,
            &mut case,
            &calendar,
            &command,
            Closing {
                officer: None,
                for_officer: None,
                outcome: Some(outcome),
            },
        )?;
        commit(ctx, tx, &mut case, &calendar, &[event])?;
        Ok(case.project_no)
    })
    .await
}

/// Takes the application back: 撤件 before acceptance, 撤回 after it, until the decision.
pub async fn withdraw(ctx: &Ctx, id: CaseId, reason: String) -> Result<String> {
    take_back(ctx, None, id, reason).await
}

/// As [`withdraw`]; a repeat with the same key gets the same answer.
pub async fn withdraw_once(ctx: &Ctx, key: &str, id: CaseId, reason: String) -> Result<String> {
    let once = Once::new(key, "withdrawal", &(id, &reason))?;
    take_back(ctx, Some(once), id, reason).await
}

async fn take_back(ctx: &Ctx, once: Option<Once>, id: CaseId, reason: String) -> Result<String> {
    write_once(ctx, once, move |ctx, tx| {
        let (mut case, keys, permit) = load_case(ctx, tx, id, Act::Withdraw)?;
        let reason = required(&reason, "reason", "撤回的原因")?;
        let suspended = matches!(case.state, CaseState::Special { .. });
        let end = Command::Terminate {
            reason: "撤回".to_owned(),
        };
        let commands = match suspended {
            true => vec![Command::Resume, end],
            false => vec![end],
        };
        let fact = CaseFact::Withdrawn { reason };
        enact(ctx, tx, &mut case, &keys, permit, fact, &commands)
    })
    .await
}
