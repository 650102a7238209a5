//! How an event changes the state. The engine itself changes a state in no other way, so the record is complete.

use std::sync::Arc;

use super::command::Event;
use super::state::{On, State, Status, Timer, Token};

fn set(state: &mut State, id: u64, on: On, at: Option<&Arc<str>>) {
    state.next = state.next.max(id.saturating_add(1));
    if let Some(token) = state.tokens.iter_mut().find(|t| t.id == id) {
        token.on = on;
        if let Some(at) = at {
            token.at = Arc::clone(at);
        }
    } else if let Some(at) = at {
        state.tokens.push(Token {
            id,
            at: Arc::clone(at),
            on,
        });
    }
}

fn leave(state: &mut State, on: On) {
    if let Some(token) = state.tokens.iter_mut().find(|t| t.on == on) {
        token.on = On::Element;
    }
}

fn number(state: &mut State, n: u64) {
    state.next = state.next.max(n.saturating_add(1));
}

/// Applies one event.
pub(crate) fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Started { element, token } => {
            state.status = Status::Running;
            set(state, *token, On::Element, Some(element));
        }
        Event::VarsSet { vars } => {
            let all = Arc::make_mut(&mut state.vars);
            for (name, value) in vars {
                all.insert(Arc::clone(name), value.clone());
            }
        }
        Event::Taken { token, flow } => set(state, *token, On::Flow, Some(flow)),
        Event::Joined {
            element,
            token,
            merged,
        } => {
            state.tokens.retain(|t| !merged.contains(&t.id));
            set(state, *token, On::Element, Some(element));
        }
        Event::TaskOpened {
            task,
            token,
            element,
            ..
        } => {
            number(state, *task);
            set(state, *token, On::Task(*task), Some(element));
        }
        Event::TaskCompleted { task, .. } | Event::TaskCancelled { task, .. } => {
            leave(state, On::Task(*task));
        }
        Event::WorkOpened {
            work,
            token,
            element,
        } => {
            number(state, *work);
            set(state, *token, On::Work(*work), Some(element));
        }
        Event::WorkDone { work, .. } | Event::WorkCancelled { work, .. } => {
            leave(state, On::Work(*work));
        }
        Event::TimerArmed {
            timer,
            token,
            element,
            waits,
            ..
        } => {
            number(state, *timer);
            state.timers.push(Timer {
                id: *timer,
                element: Arc::clone(element),
                token: *token,
            });
            if *waits {
                set(state, *token, On::Timer(*timer), Some(element));
            }
        }
        Event::TimerFired { timer, .. } | Event::TimerDisarmed { timer, .. } => {
            state.timers.retain(|t| t.id != *timer);
            leave(state, On::Timer(*timer));
        }
        Event::TokenEnded { .. }
        | Event::TokenCancelled { .. }
        | Event::Incident { .. }
        | Event::Retried { .. }
        | Event::Returned { .. }
        | Event::Suspended { .. }
        | Event::Ended { .. }
        | Event::Resumed => apply_rest(state, event),
    }
}

/// Ends, incidents and the standing of the whole instance.
fn apply_rest(state: &mut State, event: &Event) {
    match event {
        Event::TokenEnded { token, .. } | Event::TokenCancelled { token } => {
            state.tokens.retain(|t| t.id != *token);
            state.incidents.retain(|t| t != token);
        }
        Event::Incident { token, .. } if !state.incidents.contains(token) => {
            state.incidents.push(*token);
        }
        Event::Retried { token } => state.incidents.retain(|t| t != token),
        Event::Returned { token, to, .. } => set(state, *token, On::Element, Some(to)),
        Event::Suspended { .. } => state.status = Status::Suspended,
        Event::Resumed => state.status = Status::Running,
        Event::Ended { .. } => state.status = Status::Ended,
        _ => {}
    }
}

/// The state after these events.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> State {
    let mut state = State::default();
    for event in events {
        apply(&mut state, event);
    }
    state
}
