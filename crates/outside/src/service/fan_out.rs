//! From what happened to what is told: one delivery for each system that wants it, once.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};
use tongban_cases::{CASE_HAPPENED, PublicAddress, STEP_ASSIGNED, Watch};
use tongban_kernel::{Error, OrganId, Result, StepId};
use tongban_storage::{Ctx, Message};

use super::System;
use crate::model::CloudEvent;
use crate::store::{self, NewDelivery};

/// Takes a message of the outbox; a second time changes nothing.
pub async fn fan_out(ctx: &Ctx, message: &Message) -> Result<()> {
    if message.event.kind == CASE_HAPPENED {
        happened(ctx, message).await
    } else {
        step(ctx, message).await
    }
}

fn text<'a>(data: &'a Value, name: &str) -> &'a str {
    data.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn broken(what: &str) -> Error {
    Error::internal(format!("event without {what}"))
}

/// What goes into the line of one system.
struct Told<'a> {
    message: &'a Message,
    kind: String,
    data: Value,
    step: Option<StepId>,
}

fn enqueue(
    ctx: &Ctx,
    tx: &mut tongban_storage::Tx<'_>,
    source: &str,
    system: &System,
    told: &Told<'_>,
) -> Result<()> {
    let (event, id) = (&told.message.event, told.message.id.to_string());
    if store::is_enqueued(tx, system.id, &id)? {
        return Ok(());
    }
    let subject = text(&event.data, "project_no");
    let body = CloudEvent {
        source,
        id: &id,
        kind: &told.kind,
        subject,
        at: event.at,
        sequence: event.data.get("seq").and_then(Value::as_u64),
        data: told.data.clone(),
    };
    store::enqueue(
        tx,
        &NewDelivery {
            id: ctx.ids.id(ctx.now()),
            system: system.id,
            message: &id,
            replay: "",
            kind: &told.kind,
            subject,
            step: told.step,
            body: &body.to_json(),
            at: ctx.now(),
        },
    )
}

async fn happened(ctx: &Ctx, message: &Message) -> Result<()> {
    let source = ctx.parts.get::<PublicAddress>()?.0.clone();
    let (ctx2, message) = (ctx.clone(), message.clone());
    ctx.db
        .write(move |tx| {
            let data = &message.event.data;
            let name = text(data, "event").to_owned();
            let organs: BTreeSet<&str> = data
                .get("organs")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let told = Told {
                message: &message,
                kind: format!("case.{name}"),
                data: json!({
                    "project_no": text(data, "project_no"),
                    "task_code": text(data, "task_code"),
                    "event": name,
                    "state": data.get("state"),
                    "state_name": text(data, "state_name"),
                    "seq": data.get("seq"),
                }),
                step: None,
            };
            for system in store::all(tx, None)? {
                let wanted = system.state != "paused"
                    && organs.contains(system.organ.to_string().as_str())
                    && system.events.contains(&name);
                if wanted {
                    enqueue(&ctx2, tx, &source, &system, &told)?;
                }
            }
            Ok(())
        })
        .await
}

/// Tells the system that owns a step. One that is unknown, of another organ or out of order leaves the step to the officers.
async fn step(ctx: &Ctx, message: &Message) -> Result<()> {
    let data = &message.event.data;
    let step: StepId = text(data, "step").parse().map_err(|_| broken("step"))?;
    let organ: OrganId = text(data, "organ").parse().map_err(|_| broken("organ"))?;
    let due: Option<Timestamp> = text(data, "due_at").parse().ok();
    let source = ctx.parts.get::<PublicAddress>()?.0.clone();
    let (ctx2, message2) = (ctx.clone(), message.clone());
    let reached = ctx
        .db
        .write(move |tx| {
            let data = &message2.event.data;
            let found = store::by_code(tx, text(data, "system"))?;
            let system = found.map(|(system, _)| system);
            let Some(system) = system.filter(|one| one.organ == organ && one.state == "active")
            else {
                return Ok(false);
            };
            let assigned = message2.event.kind == STEP_ASSIGNED;
            let told = Told {
                message: &message2,
                kind: if assigned {
                    "step.assigned"
                } else {
                    "step.withdrawn"
                }
                .to_owned(),
                data: json!({
                    "step": step,
                    "project_no": text(data, "project_no"),
                    "task_code": text(data, "task_code"),
                    "name": text(data, "name"),
                    "act": text(data, "act"),
                    "due_at": due,
                }),
                step: assigned.then_some(step),
            };
            enqueue(&ctx2, tx, &source, &system, &told).map(|()| true)
        })
        .await?;
    if !reached && message.event.kind == STEP_ASSIGNED {
        let why = format!(
            "外部系统“{}”没有登记、不属于办理机构或者已停用",
            text(data, "system")
        );
        tongban_cases::step_unreachable(ctx, step, &why).await?;
    }
    Ok(())
}

/// Brings up to date which organs have systems that want to know of cases.
pub async fn refresh_watch(ctx: &Ctx) -> Result<()> {
    let systems = ctx.db.read(|tx| store::all(tx, None)).await?;
    let watching = systems
        .into_iter()
        .filter(|system| system.state != "paused" && !system.events.is_empty())
        .map(|system| system.organ);
    ctx.parts.get::<Watch>()?.replace(watching.collect());
    Ok(())
}
