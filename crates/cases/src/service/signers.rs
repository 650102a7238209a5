//! 前加签、后加签: somebody signs before or after the present ones, in a countersign or at a task of one hand. Beside: `countersign`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tongban_kernel::{Act, Error, OrganId, Post, Result};
use tongban_process::{Command, Signer, Vars, What};
use tongban_storage::{Ctx, Tx};

use super::act::{OnTask, on_task, required};
use super::look::hands;
use crate::model::{AdviceFact, Case, CaseFact, Place};
use crate::store::cases;

/// Longest time to sign, in working days.
const SIGN_DAYS_MAX: u32 = 30;

/// Whom, where, and until when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AskSigner {
    pub organ: OrganId,
    /// Before or after whoever has the task.
    pub place: Place,
    /// Working days; `None`: no limit of its own.
    pub days: Option<u32>,
    pub reason: String,
}

/// Has a reviewer of an organ sign before or after one's own task; answers with the 办件编号.
pub async fn ask_signer(ctx: &Ctx, wish: OnTask<AskSigner>) -> Result<String> {
    on_task(
        ctx,
        wish,
        Act::AskSigner,
        |ctx, tx, acting, calendar, what| {
            let reason = required(&what.reason, "reason", "加签的理由")?;
            // A decision leaves the house when it is made: nobody signs behind it (行政许可法 第四十四条).
            let fits = matches!(
                (acting.task.act.as_str(), what.place),
                ("review", Place::Before | Place::After) | ("decide", Place::Before)
            );
            if !fits {
                let message = "审查可以前加签、后加签，决定只能前加签";
                return Err(Error::field("signers.place", "place", message));
            }
            if what
                .days
                .is_some_and(|days| !(1..=SIGN_DAYS_MAX).contains(&days))
            {
                let message = format!("请填写 1 至 {SIGN_DAYS_MAX} 个工作日");
                return Err(Error::field("signers.days", "days", message));
            }
            let organ_name = join(tx, &mut acting.case, what.organ)?;
            let fact = AdviceFact::SignerAsked {
                organ_name,
                place: what.place,
                reason,
            };
            acting.record(ctx, tx, CaseFact::Advice(fact))?;
            let signer = Box::new(Signer {
                post: Some(Post::Reviewer.key().into()),
                organ: Some(what.organ.to_string().into()),
                act: Some("countersign".into()),
                limit: what.days.map(|days| format!("P{days}D").into()),
                vars: Vars::new(),
            });
            let task = acting.task.number;
            let command = match what.place {
                Place::After => Command::SignAfter { task, signer },
                _ => Command::SignBefore { task, signer },
            };
            acting.order(ctx, tx, calendar, &command)
        },
    )
    .await
}

/// Gives the organ a hand in the case; refused where nobody there could sign. Answers with its name.
fn join(tx: &mut Tx<'_>, case: &mut Case, id: OrganId) -> Result<String> {
    let organ = tongban_accounts::organ(tx, id)?
        .ok_or_else(|| Error::field("signers.organ", "to", "请选择加签的机构"))?;
    if hands(tx, organ.id, Post::Reviewer)?.is_empty() {
        let message = "这个机构没有可以会签的人员";
        return Err(Error::field("signers.organ", "to", message));
    }
    if !case.organs.contains(&organ.id) {
        case.organs.push(organ.id);
        case.organs.sort_unstable();
        cases::put_organs(tx, case)?;
    }
    Ok(organ.name)
}

/// The values of a new member of the countersign at `element`: as those of a present one, with another organ.
pub(crate) fn member(
    case: &Case,
    element: &str,
    item: &str,
    organ: OrganId,
    weight: Option<u32>,
) -> Vars {
    let mut scopes = case.process.scopes.iter();
    let one = scopes.find(|scope| &*scope.element == element && scope.what == What::One);
    let value = match one.and_then(|one| one.vars.get(item)) {
        Some(Value::Object(present)) => {
            let mut new = present.clone();
            new.insert("organ".to_owned(), json!(organ.to_string()));
            if let Some(weight) = weight {
                new.insert("weight".to_owned(), json!(weight));
            }
            Value::Object(new)
        }
        _ => json!(organ.to_string()),
    };
    let mut vars = Vars::from([(item.into(), value)]);
    if let Some(weight) = weight {
        vars.insert("signerWeight".into(), json!(weight));
    }
    vars
}
