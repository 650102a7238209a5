//! What an outside system may do with its step: look at what it shows, and report on it.

use serde_json::{Map, Value, json};
use tongban_kernel::{
    Act, Actor, Error, OfficerId, OrganId, Resource, Result, StepId, TypedId as _,
};
use tongban_limits::Calendar;
use tongban_process::{Command, Vars};
use tongban_storage::{Ctx, Tx};

use super::act::required;
use super::drive::{Closing, drive};
use super::once::{Once, write_once};
use super::outside::{is_open, task_of, token_of};
use super::parts::calendar;
use super::record::{CaseKeys, by, commit, record};
use super::{access, incidents, look};
use crate::model::{
    By, Case, CaseFact, OBJECT_CASE, OutsideStep, StepCase, StepKind, StepReport, Task,
};
use crate::store::{cases, outside as store};

/// Most reports on one step: a system that repeats itself must not fill the record of a case.
const REPORTS_MAX: u32 = 100;
/// Most that a report may set, bytes.
const VARS_MAX: usize = 64 * 1024;

/// A step with its case, for the system that acts.
struct Own {
    step: OutsideStep,
    case: Case,
    /// The open task, if the step is one.
    task: Option<Task>,
    permit: tongban_kernel::Permit,
}

fn own(ctx: &Ctx, tx: &mut Tx<'_>, id: StepId, act: Act) -> Result<Own> {
    let case = cases::of_step(tx, id)?.ok_or_else(Error::not_found)?;
    let step = store::get(tx, id)?.ok_or_else(Error::not_found)?;
    let task = task_of(tx, &step)?;
    let mut facts = case.facts(task.as_ref(), Vec::new());
    facts.system = Some(step.system.clone());
    let permit = ctx.authorize(act, Resource::Case(&facts))?;
    // A definition that names the system of another organ gives it no right.
    let same = matches!(&ctx.actor, Actor::Outside(outside) if outside.organ == step.organ);
    if !same {
        return Err(Error::not_found());
    }
    if step.closed_at.is_some() || !is_open(&case, &step, task.as_ref()) {
        return Err(Error::conflict(
            "step.over",
            "这个环节已经办结、撤回或者由工作人员办理",
        ));
    }
    Ok(Own {
        step,
        case,
        task,
        permit,
    })
}

/// What the step shows of its case. The look is written down before the data go out (个人信息保护法 第二十三条、第五十四条): each
/// fetch for the purpose of its step, and nothing beyond what the definition shows.
pub async fn step_case(ctx: &Ctx, id: StepId) -> Result<StepCase> {
    let ctx2 = ctx.clone();
    let (seen, due) = ctx
        .db
        .read(move |tx| {
            let ctx = &ctx2;
            let own = own(ctx, tx, id, Act::FetchStep)?;
            let Actor::Outside(outside) = &ctx.actor else {
                return Err(Error::unauthenticated());
            };
            let due = access::due_of(
                ctx,
                tx,
                &own.case,
                // The column names whoever looked; systems have ids of their own kind.
                OfficerId::from_uuid(outside.system.uuid()),
                own.permit,
                (OBJECT_CASE, &own.step.name),
            )?;
            Ok((shown(ctx, tx, own)?, due))
        })
        .await?;
    access::written(ctx, due).await?;
    Ok(seen)
}

fn shown(ctx: &Ctx, tx: &mut Tx<'_>, own: Own) -> Result<StepCase> {
    let submitted = look::application(ctx, tx, &own.case)?;
    let mut submission = Map::new();
    let shows = |name: &str| own.step.shows.iter().any(|one| one == "*" || one == name);
    if shows("applicant.name") {
        submission.insert("applicant.name".to_owned(), json!(submitted.applyer_name()));
    }
    if shows("applicant.code") {
        submission.insert("applicant.code".to_owned(), json!(submitted.applyer_code()));
    }
    let values = submitted
        .submission
        .get("values")
        .and_then(Value::as_object);
    for (name, value) in values.into_iter().flatten() {
        if shows(name) {
            submission.insert(name.clone(), value.clone());
        }
    }
    Ok(StepCase {
        step: own.step.id,
        name: own.step.name,
        act: own.step.act,
        project_no: own.case.project_no,
        task_code: own.case.task_code,
        task_name: own.case.task_name,
        submission: Value::Object(submission),
        sets: own.step.sets,
        due_at: own.step.due_at,
    })
}

/// Takes a report; a repeat with the same key gets the same answer, the 办件编号.
pub async fn report_step(ctx: &Ctx, key: &str, id: StepId, report: StepReport) -> Result<String> {
    let once = Once::new(key, "step-report", &(id, &report))?;
    write_once(ctx, Some(once), move |ctx, tx| {
        let mut own = own(ctx, tx, id, Act::ReportStep)?;
        if own.step.reports >= REPORTS_MAX {
            return Err(Error::limited("这个环节的报告太多"));
        }
        store::reported(tx, id, ctx.now())?;
        let calendar = calendar(ctx)?;
        let event = match &report {
            StepReport::Accepted { text } => told(ctx, tx, &mut own, "accepted", text)?,
            StepReport::Progress { text } => {
                let text = required(text, "text", "进展")?;
                told(ctx, tx, &mut own, "progress", &text)?
            }
            StepReport::Result { .. } => result(ctx, tx, &mut own, &calendar, &report)?,
            StepReport::Failed { code, text } => {
                let text = required(text, "text", "不能办理的原因")?;
                let event = told(ctx, tx, &mut own, "failed", &text)?;
                failed(ctx, tx, &mut own, &calendar, (code.as_deref(), &text))?;
                event
            }
        };
        commit(ctx, tx, &mut own.case, &calendar, &[event])?;
        Ok(own.case.project_no)
    })
    .await
}

fn by_system(ctx: &Ctx, tx: &mut Tx<'_>, own: &Own, officer: &str) -> Result<By> {
    let mut by = by(ctx, tx, &own.case, own.permit)?;
    let officer = officer.trim();
    if !officer.is_empty() {
        let officer: String = officer.chars().take(50).collect();
        by.name = format!("{}（{officer}）", by.name);
    }
    Ok(by)
}

fn add(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    own: &mut Own,
    fact: CaseFact,
    by: By,
) -> Result<crate::model::CaseEvent> {
    let keys = CaseKeys::open(ctx, &own.case)?;
    record(
        ctx,
        tx,
        &mut own.case,
        &keys,
        fact,
        by,
        Value::Array(Vec::new()),
    )
}

fn told(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    own: &mut Own,
    stage: &str,
    text: &str,
) -> Result<crate::model::CaseEvent> {
    if text.chars().count() > 2000 {
        return Err(Error::field("step.text", "text", "报告不能超过 2000 字"));
    }
    let fact = CaseFact::StepReported {
        step: own.step.name.clone(),
        stage: stage.to_owned(),
        text: text.trim().to_owned(),
    };
    let by = by_system(ctx, tx, own, "")?;
    add(ctx, tx, own, fact, by)
}

/// The variables of a result: only those that the step may set.
fn allowed(step: &OutsideStep, vars: &Map<String, Value>) -> Result<Vars> {
    if let Some(name) = vars.keys().find(|name| !step.sets.contains(*name)) {
        let message = format!("这个环节不能设置变量“{name}”");
        return Err(Error::field("step.vars", &format!("vars.{name}"), message));
    }
    if Value::Object(vars.clone()).to_string().len() > VARS_MAX {
        return Err(Error::field("step.vars", "vars", "变量的内容太长"));
    }
    let vars = vars.iter();
    Ok(vars
        .map(|(name, value)| (std::sync::Arc::from(name.as_str()), value.clone()))
        .collect())
}

fn result(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    own: &mut Own,
    calendar: &Calendar,
    report: &StepReport,
) -> Result<crate::model::CaseEvent> {
    let StepReport::Result {
        agreed,
        opinion,
        officer,
        vars,
    } = report
    else {
        return Err(Error::internal("a report that is no result"));
    };
    let opinion = required(opinion, "opinion", "意见")?;
    let mut vars = allowed(&own.step, vars)?;
    let organ_name = organ_name(tx, own.step.organ)?;
    let passed = *agreed;
    let fact = match own.step.act.as_str() {
        "review" => CaseFact::Reviewed {
            organ_name,
            passed,
            opinion,
        },
        "countersign" => {
            vars.insert(std::sync::Arc::from("agreed"), json!(passed));
            CaseFact::Countersigned {
                organ_name,
                agreed: passed,
                opinion,
            }
        }
        "" => CaseFact::StepReported {
            step: own.step.name.clone(),
            stage: if passed { "agreed" } else { "refused" }.to_owned(),
            text: opinion,
        },
        // Acceptance, notices and decisions are documents of the organ with its seal; an officer makes them (行政许可法 第三十二条、第三十八条).
        _ => {
            return Err(Error::conflict(
                "step.act",
                "这个环节依法由工作人员办理，外部系统不能代办",
            ));
        }
    };
    let by = by_system(ctx, tx, own, officer)?;
    let event = add(ctx, tx, own, fact, by)?;
    let command = match (own.step.kind, &own.task) {
        (StepKind::Task, Some(task)) => Command::Complete {
            task: task.number,
            vars,
        },
        _ => {
            vars.insert(std::sync::Arc::from("agreed"), json!(passed));
            Command::ServiceDone {
                work: own.step.number,
                vars,
            }
        }
    };
    let outcome = if passed { "通过" } else { "不通过" };
    let closing = Closing {
        outcome: Some(outcome),
        ..Closing::default()
    };
    store::close(tx, own.step.id, ctx.now(), Some(outcome))?;
    drive(ctx, tx, &mut own.case, calendar, &command, closing)?;
    Ok(event)
}

/// With a code the process goes on as it says; without one the step waits for an officer, and who mends incidents is told.
fn failed(
    ctx: &Ctx,
    tx: &mut Tx<'_>,
    own: &mut Own,
    calendar: &Calendar,
    (code, text): (Option<&str>, &str),
) -> Result<()> {
    let token = token_of(&own.case, &own.step);
    let Some(token) = token else { return Ok(()) };
    if let Some(code) = code {
        let command = Command::Fail {
            token,
            error: std::sync::Arc::from(code),
        };
        store::close(tx, own.step.id, ctx.now(), Some(code))?;
        return drive(
            ctx,
            tx,
            &mut own.case,
            calendar,
            &command,
            Closing::default(),
        );
    }
    match &own.task {
        Some(task) => {
            store::put_late(tx, own.step.id)?;
            incidents::of_task(ctx, tx, task, &own.step.system, text)
        }
        None if own.case.process.incidents.contains(&token) => Ok(()),
        None => {
            store::put_late(tx, own.step.id)?;
            let command = Command::ServiceFailed {
                work: own.step.number,
                reason: text.to_owned(),
            };
            drive(
                ctx,
                tx,
                &mut own.case,
                calendar,
                &command,
                Closing::default(),
            )
        }
    }
}

fn organ_name(tx: &mut Tx<'_>, organ: OrganId) -> Result<String> {
    Ok(tongban_accounts::organ(tx, organ)?.map_or_else(String::new, |organ| organ.name))
}
