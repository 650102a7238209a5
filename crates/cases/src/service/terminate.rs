//! 终止办理: a decider of the deciding organ ends a case that runs, on one of a closed list of grounds, without judging the
//! application (行政许可法 第八条、第七十条). Everything of the process goes, the clocks stop, and the applicant gets a letter with
//! reasons and remedies.

use serde::{Deserialize, Serialize};
use tongban_kernel::{Act, CaseId, Error, Result};
use tongban_process::Command;
use tongban_storage::Ctx;

use super::act::{enact, load_case, required};
use super::decide::remedies;
use super::documents::want_document;
use super::look::case_for;
use super::once::{Once, write_once};
use super::send_back::named;
use crate::model::{Case, CaseFact, CaseState, Ground};
use crate::store::tasks;

/// On which ground, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Terminate {
    pub ground: Ground,
    /// The ground in words, for [`Ground::Other`] only.
    pub words: Option<String>,
    pub reason: String,
}

/// Longest ground in words, characters.
const WORDS_MAX: usize = 200;

/// The words of another ground; a listed one has its own.
fn words(what: &Terminate) -> Result<Option<String>> {
    let text = what.words.as_deref().unwrap_or_default().trim();
    match (what.ground, text) {
        (Ground::Other, "") => Err(Error::field(
            "terminate.words",
            "words",
            "请写明终止办理的情形",
        )),
        (Ground::Other, text) if text.chars().count() > WORDS_MAX => Err(Error::field(
            "terminate.words",
            "words",
            "终止办理的情形不能超过 200 字",
        )),
        (Ground::Other, text) => Ok(Some(text.to_owned())),
        (_, "") => Ok(None),
        _ => Err(Error::field(
            "terminate.words",
            "words",
            "只有选择其他情形时才填写",
        )),
    }
}

/// The clocks of a case that ends: what stood still goes on and stops on the same day.
fn stop_clocks(ctx: &Ctx, case: &mut Case) -> Result<()> {
    let today = ctx.clock.today();
    let suspended = matches!(case.state, CaseState::Special { .. });
    if let Some(mut clocks) = case.clocks.take() {
        if suspended {
            clocks = clocks.both(|clock| clock.resume(today))?;
        }
        case.clocks = Some(clocks.both(|clock| clock.stop(today))?);
    }
    Ok(())
}

/// Ends the case; a repeat with the same key gets the same answer, the 办件编号.
pub async fn terminate(ctx: &Ctx, key: &str, id: CaseId, what: Terminate) -> Result<String> {
    let once = Once::new(key, "termination", &(id, &what))?;
    write_once(ctx, Some(once), move |ctx, tx| {
        let (mut case, keys, permit) = load_case(ctx, tx, id, Act::Terminate)?;
        let words = words(&what)?;
        let reason = required(&what.reason, "reason", "终止办理的理由")?;
        // What the state refuses is refused before anything is written.
        case.state.clone().terminate(ctx.now())?;
        let accepted = case.state.acceptance().is_some();
        stop_clocks(ctx, &mut case)?;
        let document_no = want_document(ctx, tx, &case, "termination-notice", "终止办理告知书")?;
        let fact = CaseFact::Terminated {
            ground: what.ground,
            words,
            reason,
            remedies: remedies(ctx, tx, &case)?,
            document_no,
            accepted,
        };
        let end = Command::Terminate {
            reason: format!("终止办理：{}", what.ground.label()),
        };
        enact(ctx, tx, &mut case, &keys, permit, fact, &[end])
    })
    .await
}

/// A case that can be ended.
pub struct TerminateDesk {
    pub case: Case,
    /// The open tasks that are taken away, with the names of their organs.
    pub open: Vec<String>,
    /// Why it cannot be ended; `None`: it can.
    pub refused: Option<String>,
}

/// For whoever may end it.
pub async fn terminate_desk(ctx: &Ctx, project_no: &str) -> Result<TerminateDesk> {
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    ctx.db
        .read(move |tx| {
            let case = case_for(&ctx2, tx, &project_no, Act::Terminate)?;
            let mut open = Vec::new();
            for task in tasks::of_case(tx, case.id)? {
                if task.open {
                    open.push(named(tx, &task)?);
                }
            }
            let refused = case.state.clone().terminate(ctx2.now()).err();
            Ok(TerminateDesk {
                case,
                open,
                refused: refused.map(|why| why.to_string()),
            })
        })
        .await
}
