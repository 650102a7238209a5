//! Messages and signals between the processes of cases, and from outside.

use serde_json::Value;
use tongban_kernel::{Actor, CaseId, Error, ErrorKind, Event, Result};
use tongban_process::{Command, Matter, Vars};
use tongban_storage::{Ctx, Replay, Stored, Tx, remember, replay};

use super::drive::{Closing, SIGNAL_SENT, drive};
use super::parts::calendar;
use super::record::commit;
use crate::store::{cases, waits};

/// Hands a message or signal that a process sent to every case that waits for it; `once` names this sending, so that a second time
/// changes nothing.
pub async fn deliver(ctx: &Ctx, event: &Event, once: &str) -> Result<()> {
    let text = |name: &str| {
        event
            .data
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let name = text("name").ok_or_else(|| Error::internal("message without name"))?;
    let key = text("key");
    let vars: Vars = match event.data.get("vars") {
        Some(vars) => serde_json::from_value(vars.clone())
            .map_err(|source| Error::internal("variables of a message").source(source))?,
        None => Vars::new(),
    };
    let matter = if event.kind == SIGNAL_SENT {
        Matter::Signal
    } else {
        Matter::Message
    };
    let (asked, wanted) = (name.clone(), key.clone());
    let waiting = ctx
        .db
        .read(move |tx| waits::cases(tx, matter, &asked, wanted.as_deref()))
        .await?;
    let sender: Option<CaseId> = event.subject.parse().ok();
    for case in waiting {
        // A signal has reached its own case already; a message is never for its sender.
        if Some(case) == sender {
            continue;
        }
        let command = match matter {
            Matter::Signal => Command::Signal {
                name: name.as_str().into(),
                vars: vars.clone(),
            },
            _ => Command::Message {
                name: name.as_str().into(),
                key: key.as_deref().map(Into::into),
                at: None,
                vars: vars.clone(),
            },
        };
        let once = once.to_owned();
        let ctx2 = ctx.as_actor(Actor::System);
        let done = ctx
            .db
            .write(move |tx| give(&ctx2, tx, case, &command, &once))
            .await;
        match done {
            Ok(()) => {}
            // It does not wait any more.
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => {}
            Err(error) => return Err(error),
        }
        // One message is for one case; a signal is for all.
        if matter == Matter::Message {
            break;
        }
    }
    Ok(())
}

fn give(ctx: &Ctx, tx: &mut Tx<'_>, id: CaseId, command: &Command, once: &str) -> Result<()> {
    let who = format!("process/{id}");
    if let Replay::Seen(_) = replay(tx, &who, once, once.as_bytes())? {
        return Ok(());
    }
    let mut case = cases::get(tx, id)?.ok_or_else(Error::not_found)?;
    let calendar = calendar(ctx)?;
    drive(ctx, tx, &mut case, &calendar, command, Closing::default())?;
    commit(ctx, tx, &mut case, &calendar, &[])?;
    let answer = Stored {
        status: 200,
        body: String::new(),
    };
    remember(tx, &who, once, once.as_bytes(), &answer, ctx.now())
}
