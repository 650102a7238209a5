//! 会签, 加签, 减签: several organs sign one after the other or side by side; the file says when enough have agreed.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tongban_accounts::OrganProfile;
use tongban_kernel::{Act, CaseId, Error, OrganId, Resource, Result, TaskId};
use tongban_process::{Command, Signer};
use tongban_storage::{Ctx, Tx};

use super::act::{OnTask, enact, load_case, on_task, required};
use super::drive::vars;
use super::look::{case_for, hands};
use super::once::{Once, write_once};
use super::parts::definition;
use super::signers::member;
use crate::model::{AdviceFact, Case, CaseFact, Place, Task};
use crate::store::{cases, tasks};

/// One organ's signature, or its refusal to sign.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Countersign {
    pub agreed: bool,
    pub opinion: String,
}

/// Signs; answers with the 办件编号.
pub async fn countersign(ctx: &Ctx, wish: OnTask<Countersign>) -> Result<String> {
    on_task(
        ctx,
        wish,
        Act::Countersign,
        |ctx, tx, acting, calendar, what| {
            let opinion = required(&what.opinion, "opinion", "会签意见")?;
            let organ_name = organ_name(tx, acting.task.organ)?;
            let fact = CaseFact::Countersigned {
                organ_name,
                agreed: what.agreed,
                opinion,
            };
            acting.record(ctx, tx, fact)?;
            let outcome = if what.agreed { "同意" } else { "不同意" };
            acting.complete(
                ctx,
                tx,
                calendar,
                outcome,
                vars([("agreed", json!(what.agreed))]),
            )
        },
    )
    .await
}

pub(crate) fn organ_name(tx: &mut Tx<'_>, organ: Option<OrganId>) -> Result<String> {
    Ok(match organ {
        Some(organ) => tongban_accounts::organ(tx, organ)?.map(|organ| organ.name),
        None => None,
    }
    .unwrap_or_default())
}

/// 加签: one more organ.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddSigner {
    pub organ: OrganId,
    pub reason: String,
    /// Before, beside or after the present ones.
    #[serde(default)]
    pub place: Place,
    /// What the vote counts, where votes are weighted.
    #[serde(default)]
    pub weight: Option<u32>,
}

/// Heaviest vote, as the engine takes it.
const WEIGHT_MAX: u32 = 1_000_000;

/// 减签: an organ that has not signed yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RemoveSigner {
    pub task: TaskId,
    pub reason: String,
}

/// The open tasks of the countersign that runs.
fn running(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<Task>> {
    let mut open = tasks::of_case(tx, case.id)?;
    open.retain(|task| task.open && task.act == "countersign");
    Ok(open)
}

fn none_runs() -> Error {
    Error::conflict("signers.none", "本件现在没有正在进行的会签").advice("请刷新页面查看最新进展")
}

/// Asks one more organ to sign. It gets a hand in the case, and so sees it.
pub async fn add_signer(ctx: &Ctx, key: &str, id: CaseId, what: AddSigner) -> Result<String> {
    let once = Once::new(key, "signer", &(id, &what))?;
    change(ctx, once, id, move |ctx, tx, case| {
        let reason = required(&what.reason, "reason", "加签的理由")?;
        let open = running(tx, case)?;
        let definition = definition(ctx, tx, &case.process_hash)?;
        // A signer at a task of one hand is no member of a countersign.
        let mut members = open
            .iter()
            .filter(|task| definition.item_of(&task.element).is_some());
        let first = members.next().ok_or_else(none_runs)?;
        let organ = tongban_accounts::organ(tx, what.organ)?
            .ok_or_else(|| Error::field("signers.organ", "organ", "请选择加签的机构"))?;
        if open.iter().any(|task| task.organ == Some(organ.id)) {
            return Err(Error::field("signers.organ", "organ", "这个机构正在会签"));
        }
        let hands = match first.post {
            Some(post) => hands(tx, organ.id, post)?,
            None => Vec::new(),
        };
        if hands.is_empty() {
            return Err(Error::field(
                "signers.organ",
                "organ",
                "这个机构没有可以会签的人员",
            ));
        }
        let item = definition.item_of(&first.element).ok_or_else(none_runs)?;
        let weight = what.weight.filter(|weight| *weight <= WEIGHT_MAX);
        if definition.is_weighted(&first.element) && weight.is_none() {
            return Err(Error::field(
                "signers.weight",
                "weight",
                "请填写这个机构的权重",
            ));
        }
        if !case.organs.contains(&organ.id) {
            case.organs.push(organ.id);
            case.organs.sort_unstable();
            cases::put_organs(tx, case)?;
        }
        let vars = member(case, &first.element, item, organ.id, weight);
        let (organ_name, task) = (organ.name, first.number);
        let signer = |vars| {
            Box::new(Signer {
                vars,
                ..Signer::default()
            })
        };
        let command = match what.place {
            Place::Beside => {
                let element = first.element.as_str().into();
                let command = Command::AddOne { element, vars };
                return Ok((CaseFact::SignerAdded { organ_name, reason }, command));
            }
            Place::Before => Command::SignBefore {
                task,
                signer: signer(vars),
            },
            Place::After => Command::SignAfter {
                task,
                signer: signer(vars),
            },
        };
        let fact = AdviceFact::SignerAsked {
            organ_name,
            place: what.place,
            reason,
        };
        Ok((CaseFact::Advice(fact), command))
    })
    .await
}

/// Asks an organ no longer; what it has already signed stays.
pub async fn remove_signer(ctx: &Ctx, key: &str, id: CaseId, what: RemoveSigner) -> Result<String> {
    let once = Once::new(key, "signer-removal", &(id, &what))?;
    change(ctx, once, id, move |_, tx, case| {
        let reason = required(&what.reason, "reason", "减签的理由")?;
        let task = running(tx, case)?
            .into_iter()
            .find(|task| task.id == what.task)
            .ok_or_else(none_runs)?;
        let organ_name = organ_name(tx, task.organ)?;
        let command = Command::RemoveOne {
            task: task.number,
            reason: reason.clone(),
        };
        Ok((CaseFact::SignerRemoved { organ_name, reason }, command))
    })
    .await
}

async fn change<F>(ctx: &Ctx, once: Once, id: CaseId, what: F) -> Result<String>
where
    F: Fn(&Ctx, &mut Tx<'_>, &mut Case) -> Result<(CaseFact, Command)> + Send + Sync + 'static,
{
    write_once(ctx, Some(once), move |ctx, tx| {
        let (mut case, keys, permit) = load_case(ctx, tx, id, Act::ChangeSigners)?;
        let (fact, command) = what(ctx, tx, &mut case)?;
        enact(ctx, tx, &mut case, &keys, permit, fact, &[command])
    })
    .await
}

/// A countersign that runs.
pub struct SignersDesk {
    pub case: Case,
    /// Who has not signed yet, with the name of the organ.
    pub open: Vec<(Task, String)>,
    /// Who could be asked as well.
    pub others: Vec<OrganProfile>,
    /// The votes of the countersign are weighted.
    pub weighted: bool,
}

/// For whoever may add and remove signers.
pub async fn signers_desk(ctx: &Ctx, project_no: &str) -> Result<SignersDesk> {
    let known = tongban_accounts::organs(ctx).await?;
    let (ctx2, project_no) = (ctx.clone(), project_no.to_owned());
    ctx.db
        .read(move |tx| {
            let ctx = &ctx2;
            let case = case_for(ctx, tx, &project_no, Act::ChangeSigners)?;
            let mut open = Vec::new();
            for task in running(tx, &case)? {
                let name = organ_name(tx, task.organ)?;
                open.push((task, name));
            }
            let signs = |organ: OrganId| open.iter().any(|(task, _)| task.organ == Some(organ));
            let others = known.iter().filter(|organ| !signs(organ.id));
            let others = others.cloned().collect();
            let definition = definition(ctx, tx, &case.process_hash)?;
            let weighted = open
                .iter()
                .any(|(task, _)| definition.is_weighted(&task.element));
            Ok(SignersDesk {
                case,
                open,
                others,
                weighted,
            })
        })
        .await
}

/// Whether a countersign runs that whoever looks may change.
pub(crate) fn may_change(ctx: &Ctx, case: &Case, open: &[&Task]) -> bool {
    let facts = case.facts(None, Vec::new());
    open.iter().any(|task| task.act == "countersign")
        && ctx
            .authorize(Act::ChangeSigners, Resource::Case(&facts))
            .is_ok()
}
