//! The door of the engine.

use std::sync::Arc;

use jiff::Timestamp;

use super::command::{Command, Effect, Event, Step};
use super::library::Library;
use super::refusal::Refusal;
use super::run::{Outcome, Run, Todo};
use super::state::{For, Id, On, STATE_VERSION, State, Status, Token, Vars};
use crate::model::Kind;

/// Answers one command. Pure: the same library, state, command and time give the same bytes.
///
/// A refusal leaves everything as it was: `state` is only read.
pub fn step(
    library: &dyn Library,
    state: &State,
    command: &Command,
    now: Timestamp,
) -> Result<Step, Refusal> {
    if state.v != STATE_VERSION {
        return Err(Refusal::UnknownVersion(state.v));
    }
    permitted(state.status, command)?;
    let mut run = Run::new(library, state, now);
    obey(&mut run, command)?;
    run.settle()?;
    Ok(run.into_step())
}

fn obey(run: &mut Run<'_>, command: &Command) -> Outcome {
    match command {
        Command::Start { process, at, vars } => start(run, process.as_ref(), at.as_ref(), vars),
        Command::StartMessage { name, vars } => start_message(run, name, vars),
        Command::Complete { task, vars } => complete(run, *task, vars),
        Command::ServiceDone { work, vars } => service_done(run, *work, vars),
        Command::ServiceFailed { work, reason } => {
            let t = run.find(On::Work(*work));
            let t = t.ok_or(Refusal::NoSuchWork(*work))?;
            run.incident(t.id, t.at, reason);
            Ok(())
        }
        Command::Fail { token, error } => {
            let t = busy(run, *token)?;
            let node = run.node(t.scope, &t.at)?;
            run.throw_error(node, t.id, error)
        }
        Command::Escalate { token, code } => {
            let t = busy(run, *token)?;
            let node = run.node(t.scope, &t.at)?;
            run.throw_escalation(node, t.id, code)
        }
        Command::Retry { token } => retry(run, *token),
        Command::FireTimer { timer } => {
            let mut waits = run.state.waits.iter();
            if !waits.any(|w| w.id == *timer && w.for_ == For::Timer) {
                return Err(Refusal::NoSuchTimer(*timer));
            }
            run.fire(*timer, &Vars::new())
        }
        Command::Message {
            name,
            key,
            at,
            vars,
        } => message(run, name, key.as_ref(), at.as_ref(), vars),
        Command::Signal { name, vars } => {
            if run.signal(name, &Arc::new(vars.clone())) {
                Ok(())
            } else {
                Err(Refusal::NoSubscription(Arc::clone(name)))
            }
        }
        Command::Trigger { element, vars } => {
            let mut waits = run.state.waits.iter();
            let wait = waits.find(|w| w.element == *element).map(|w| w.id);
            let wait = wait.ok_or_else(|| Refusal::NoSubscription(Arc::clone(element)))?;
            run.fire(wait, vars)
        }
        Command::SetVars { vars } => run.set(0, vars.clone()),
        Command::Suspend { reason } => {
            run.emit(Event::Suspended {
                reason: reason.clone(),
            });
            Ok(())
        }
        Command::Resume => {
            run.emit(Event::Resumed);
            Ok(())
        }
        Command::Terminate { reason } => {
            terminate(run, reason);
            Ok(())
        }
        Command::Return { task, to, reason } => run.send_back(*task, to, reason),
        Command::Move { from, to, reason } => run.relocate(from, to, reason),
        Command::AddOne { element, vars } => run.add_one(element, vars),
        Command::SignBefore { task, signer } => run.sign(*task, signer, true),
        Command::SignAfter { task, signer } => run.sign(*task, signer, false),
        Command::RemoveOne { task, reason } => run.remove_one(*task, reason),
    }
}

fn permitted(status: Status, command: &Command) -> Outcome {
    let starts = matches!(
        command,
        Command::Start { .. } | Command::StartMessage { .. }
    );
    match (status, command) {
        (Status::New, _) if starts => Ok(()),
        (Status::New, _) => Err(Refusal::NotStarted),
        (Status::Ended, _) => Err(Refusal::AlreadyEnded),
        (_, Command::Start { .. }) => Err(Refusal::AlreadyStarted),
        (Status::Suspended, Command::Resume | Command::Terminate { .. }) => Ok(()),
        (Status::Suspended, _) => Err(Refusal::Suspended),
        (Status::Running, Command::Resume) => Err(Refusal::NotSuspended),
        (Status::Running, _) => Ok(()),
    }
}

fn start(run: &mut Run<'_>, process: Option<&Id>, at: Option<&Id>, vars: &Vars) -> Outcome {
    let def = run.lib.main();
    let process = match process {
        None => def.main,
        Some(id) => def
            .process(id)
            .ok_or_else(|| Refusal::NoSuchStart(Arc::clone(id)))?,
    };
    let body = &def.scopes[process];
    let at = match at {
        Some(id) => {
            let node = def.index_of(id).filter(|n| {
                def.node(*n).scope == process && matches!(def.node(*n).kind, Kind::Start(_))
            });
            Some(node.ok_or_else(|| Refusal::NoSuchStart(Arc::clone(id)))?)
        }
        // Whoever starts it by hand stands for the event.
        None if body.start.is_none() && body.first.is_empty() => {
            let first = body.triggered.first().copied();
            Some(first.ok_or_else(|| Refusal::NoSuchStart(Arc::clone(&body.id)))?)
        }
        None => None,
    };
    run.begin_process(process, at, vars)
}

fn start_message(run: &mut Run<'_>, name: &Id, vars: &Vars) -> Outcome {
    let found = run.lib.main().message_start(name);
    let (process, start) = found.ok_or_else(|| Refusal::NoSubscription(Arc::clone(name)))?;
    run.queue
        .push_back(Todo::Begin(process, Some(start), Arc::new(vars.clone())));
    Ok(())
}

/// The token with an open task or work item.
fn busy(run: &Run<'_>, token: u64) -> Result<Token, Refusal> {
    let t = run.state.token(token).cloned();
    t.filter(|t| matches!(t.on, On::Task(_) | On::Work(_)))
        .ok_or(Refusal::NoSuchTask(token))
}

fn complete(run: &mut Run<'_>, task: u64, vars: &Vars) -> Outcome {
    let t = run.find(On::Task(task)).ok_or(Refusal::NoSuchTask(task))?;
    let node = run.node(t.scope, &t.at)?;
    // What an added signer says is for the record; it does not bind the process.
    if run.signer_in(t.scope).is_none() {
        run.set(t.scope, vars.clone())?;
    }
    run.emit(Event::TaskCompleted {
        task,
        element: Arc::clone(&t.at),
    });
    run.effects.push(Effect::CloseTask {
        task,
        element: t.at,
        done: true,
    });
    run.done(node, t.id)
}

fn service_done(run: &mut Run<'_>, work: u64, vars: &Vars) -> Outcome {
    let t = run.find(On::Work(work)).ok_or(Refusal::NoSuchWork(work))?;
    let node = run.node(t.scope, &t.at)?;
    run.set(t.scope, vars.clone())?;
    if run.state.incidents.contains(&t.id) {
        run.emit(Event::Retried { token: t.id });
    }
    run.emit(Event::WorkDone {
        work,
        element: t.at,
    });
    run.done(node, t.id)
}

fn retry(run: &mut Run<'_>, token: u64) -> Outcome {
    if !run.state.incidents.contains(&token) {
        return Err(Refusal::NoIncident(token));
    }
    let Some(held) = run.state.token(token).cloned() else {
        return Err(Refusal::NoIncident(token));
    };
    run.emit(Event::Retried { token });
    match held.on {
        On::Work(work) => {
            let node = run.node(held.scope, &held.at)?;
            if let Kind::Service(service) = &node.kind {
                let (element, service) = (held.at, Arc::clone(service));
                run.effects.push(Effect::CallService {
                    work,
                    element,
                    service,
                });
            }
        }
        On::Flow => run.queue.push_back(Todo::Arrive(token)),
        _ => run.queue.push_back(Todo::Enter(token)),
    }
    Ok(())
}

fn message(
    run: &mut Run<'_>,
    name: &Id,
    key: Option<&Id>,
    at: Option<&Id>,
    vars: &Vars,
) -> Outcome {
    let mut waits = run.state.waits.iter();
    let wait = waits.find(|w| w.for_.takes(name, key) && at.is_none_or(|at| w.element == *at));
    match wait.map(|w| w.id) {
        Some(wait) => run.fire(wait, vars),
        None => Err(Refusal::NoSubscription(Arc::clone(name))),
    }
}

fn terminate(run: &mut Run<'_>, reason: &str) {
    run.cancel_all();
    run.emit(Event::Ended {
        element: None,
        outcome: None,
        reason: Some(reason.to_owned()),
    });
    run.effects.push(Effect::Ended {
        end_event: None,
        outcome: None,
    });
}
