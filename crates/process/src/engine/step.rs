//! The door of the engine.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::command::{Command, Effect, Event, Refusal, Step};
use super::run::Run;
use super::state::{Id, On, STATE_VERSION, State, Status, Vars};
use crate::model::{Definition, Kind};

/// Most moves of tokens in one command; a model that loops without waiting stops here with an incident.
pub const MAX_MOVES: u32 = 1_000;
/// Most bytes of all variables, roughly as JSON.
pub const MAX_VARS_BYTES: usize = 64 * 1024;

/// Deepest nesting of one variable.
const MAX_VARS_DEPTH: u32 = 32;

type Outcome = Result<(), Refusal>;

/// Answers one command. Pure: the same definition, state, command and time give the same bytes.
///
/// A refusal leaves everything as it was: `state` is only read.
pub fn step(
    def: &Definition,
    state: &State,
    command: &Command,
    now: Timestamp,
) -> Result<Step, Refusal> {
    if state.v != STATE_VERSION {
        return Err(Refusal::UnknownVersion(state.v));
    }
    permitted(state.status, command)?;
    let mut run = Run::new(def, state, now);
    match command {
        Command::Start { vars } => start(&mut run, vars)?,
        Command::Complete { task, vars } => complete(&mut run, *task, vars)?,
        Command::ServiceDone { work, vars } => service_done(&mut run, *work, vars)?,
        Command::ServiceFailed { work, reason } => service_failed(&mut run, *work, reason)?,
        Command::Retry { token } => retry(&mut run, *token)?,
        Command::FireTimer { timer } => fire(&mut run, *timer)?,
        Command::SetVars { vars } => set_vars(&mut run, vars)?,
        Command::Suspend { reason } => run.emit(Event::Suspended {
            reason: reason.clone(),
        }),
        Command::Resume => run.emit(Event::Resumed),
        Command::Terminate { reason } => {
            run.cancel_all();
            run.emit(Event::Ended {
                element: None,
                outcome: None,
                reason: Some(reason.clone()),
            });
            run.effects.push(Effect::Ended {
                end_event: None,
                outcome: None,
            });
        }
        Command::Move { from, to, reason } => send_back(&mut run, *from, to, reason)?,
    }
    run.settle()?;
    Ok(run.into_step())
}

fn permitted(status: Status, command: &Command) -> Outcome {
    match (status, command) {
        (Status::New, Command::Start { .. }) => Ok(()),
        (Status::New, _) => Err(Refusal::NotStarted),
        (Status::Ended, _) => Err(Refusal::AlreadyEnded),
        (_, Command::Start { .. }) => Err(Refusal::AlreadyStarted),
        (
            Status::Suspended,
            Command::Resume | Command::Terminate { .. } | Command::SetVars { .. },
        ) => Ok(()),
        (Status::Suspended, _) => Err(Refusal::Suspended),
        (Status::Running, Command::Resume) => Err(Refusal::NotSuspended),
        (Status::Running, _) => Ok(()),
    }
}

/// Size as JSON, roughly; `None` when nested deeper than a stored state could be read again.
fn weight(value: &Value, depth: u32) -> Option<usize> {
    let inner = depth.checked_sub(1);
    Some(match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 12,
        Value::String(s) => s.len() + 2,
        Value::Array(items) => items
            .iter()
            .try_fold(2, |n, v| Some(n + 1 + weight(v, inner?)?))?,
        Value::Object(map) => map
            .iter()
            .try_fold(2, |n, (k, v)| Some(n + 4 + k.len() + weight(v, inner?)?))?,
    })
}

/// Writes variables, within the limits of size and nesting.
pub(super) fn set_vars(run: &mut Run<'_>, vars: &Vars) -> Outcome {
    if vars.is_empty() {
        return Ok(());
    }
    run.emit(Event::VarsSet { vars: vars.clone() });
    let mut all = run.state.vars.iter();
    let bytes = all.try_fold(0usize, |n, (k, v)| {
        Some(n + k.len() + 4 + weight(v, MAX_VARS_DEPTH)?)
    });
    match bytes {
        Some(bytes) if bytes <= MAX_VARS_BYTES => Ok(()),
        _ => Err(Refusal::TooManyVars(MAX_VARS_BYTES)),
    }
}

fn start(run: &mut Run<'_>, vars: &Vars) -> Outcome {
    let node = run.def.start();
    let token = run.number();
    run.emit(Event::Started {
        element: Arc::clone(&node.id),
        token,
    });
    set_vars(run, vars)?;
    run.leave(node, token)
}

fn complete(run: &mut Run<'_>, task: u64, vars: &Vars) -> Outcome {
    let Some((token, element)) = run.find(On::Task(task)) else {
        return Err(Refusal::NoSuchTask(task));
    };
    let node = run.node(&element)?;
    set_vars(run, vars)?;
    run.emit(Event::TaskCompleted {
        task,
        element: Arc::clone(&element),
    });
    run.effects.push(Effect::CloseTask {
        task,
        element,
        done: true,
    });
    run.disarm_of(token);
    run.leave(node, token)
}

fn service_done(run: &mut Run<'_>, work: u64, vars: &Vars) -> Outcome {
    let Some((token, element)) = run.find(On::Work(work)) else {
        return Err(Refusal::NoSuchWork(work));
    };
    let node = run.node(&element)?;
    set_vars(run, vars)?;
    if run.state.incidents.contains(&token) {
        run.emit(Event::Retried { token });
    }
    run.emit(Event::WorkDone { work, element });
    run.disarm_of(token);
    run.leave(node, token)
}

fn service_failed(run: &mut Run<'_>, work: u64, reason: &str) -> Outcome {
    let Some((token, element)) = run.find(On::Work(work)) else {
        return Err(Refusal::NoSuchWork(work));
    };
    run.incident(token, element, reason);
    Ok(())
}

fn retry(run: &mut Run<'_>, token: u64) -> Outcome {
    if !run.state.incidents.contains(&token) {
        return Err(Refusal::NoIncident(token));
    }
    let Some(held) = run.state.tokens.iter().find(|t| t.id == token).cloned() else {
        return Err(Refusal::NoIncident(token));
    };
    run.emit(Event::Retried { token });
    match held.on {
        On::Work(work) => {
            let node = run.node(&held.at)?;
            if let Kind::Service(service) = &node.kind {
                let (element, service) = (held.at, Arc::clone(service));
                run.effects.push(Effect::CallService {
                    work,
                    element,
                    service,
                });
            }
        }
        _ => run.queue.push_back(token),
    }
    Ok(())
}

fn fire(run: &mut Run<'_>, timer: u64) -> Outcome {
    let Some(armed) = run.state.timers.iter().find(|t| t.id == timer).cloned() else {
        return Err(Refusal::NoSuchTimer(timer));
    };
    let node = run.node(&armed.element)?;
    run.emit(Event::TimerFired {
        timer,
        element: Arc::clone(&armed.element),
    });
    let Kind::Boundary { interrupting, .. } = &node.kind else {
        return run.leave(node, armed.token);
    };
    if *interrupting {
        run.cancel_wait(armed.token);
        run.leave(node, armed.token)
    } else {
        let token = run.number();
        run.leave(node, token)
    }
}

fn send_back(run: &mut Run<'_>, task: u64, to: &Id, reason: &str) -> Outcome {
    let Some((token, from)) = run.find(On::Task(task)) else {
        return Err(Refusal::NoSuchTask(task));
    };
    let refuse = |why| {
        Err(Refusal::CannotReturn {
            from: Arc::clone(&from),
            to: Arc::clone(to),
            why,
        })
    };
    let Some(target) = run.def.index_of(to) else {
        return refuse("没有这个环节");
    };
    let node = run.def.node(target);
    if !matches!(node.kind, Kind::User(_)) {
        return refuse("只能退回到人工办理环节");
    }
    if from == *to {
        return refuse("任务已在该环节");
    }
    let source = run
        .def
        .index_of(&from)
        .ok_or_else(|| Refusal::ForeignState(Arc::clone(&from)))?;
    if !run.def.may_return(source, target) {
        return refuse("该环节不是必经的前序环节（并联环节之后不能只退回其中一个分支）");
    }
    let inside: Vec<u64> = run
        .state
        .tokens
        .iter()
        .filter(|t| {
            t.id != token
                && run
                    .def
                    .place_of(t)
                    .is_some_and(|n| run.def.dominates(target, n))
        })
        .map(|t| t.id)
        .collect();
    for other in inside {
        run.cancel_token(other);
    }
    run.cancel_wait(token);
    let (to, reason) = (Arc::clone(to), reason.to_owned());
    run.emit(Event::Returned {
        token,
        from: Arc::clone(&from),
        to,
        reason,
    });
    run.enter(node, token)
}
