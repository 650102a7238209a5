//! How an event changes the state. The engine itself changes a state in no other way, so the record is complete.

use std::sync::Arc;

use super::command::Event;
use super::state::{Id, On, Scope, State, Status, Token, What};

fn number(state: &mut State, n: u64) {
    state.next = state.next.max(n.saturating_add(1));
}

fn rest(state: &mut State, id: u64, at: &Id, on: On) {
    if let Some(token) = state.tokens.iter_mut().find(|t| t.id == id) {
        token.on = on;
        if *token.at != **at {
            token.at = Arc::clone(at);
        }
    }
}

fn born(state: &mut State, id: u64, scope: u64, at: &Id, on: On) {
    number(state, id);
    let at = Arc::clone(at);
    state.tokens.push(Token { id, scope, at, on });
}

fn leave(state: &mut State, on: On) {
    if let Some(token) = state.tokens.iter_mut().find(|t| t.on == on) {
        token.on = On::Element;
    }
}

/// Applies one event.
pub(crate) fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Taken { token, scope, flow } => {
            match state.tokens.iter_mut().find(|t| t.id == *token) {
                Some(known) => {
                    known.on = On::Flow;
                    known.at = Arc::clone(flow);
                }
                None => born(state, *token, *scope, flow, On::Flow),
            }
        }
        Event::Born {
            token,
            scope,
            element,
        } => born(state, *token, *scope, element, On::Element),
        Event::Came { token, element } => rest(state, *token, element, On::Element),
        Event::Rests { token, element } => rest(state, *token, element, On::Event),
        Event::Joined {
            element,
            token,
            merged,
        } => {
            state.tokens.retain(|t| !merged.contains(&t.id));
            rest(state, *token, element, On::Element);
        }
        Event::TaskOpened {
            task,
            token,
            element,
            ..
        } => {
            number(state, *task);
            rest(state, *token, element, On::Task(*task));
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
            rest(state, *token, element, On::Work(*work));
        }
        Event::WorkDone { work, .. } | Event::WorkCancelled { work, .. } => {
            leave(state, On::Work(*work));
        }
        Event::TokenEnded { token, .. } | Event::TokenCancelled { token } => {
            state.tokens.retain(|t| t.id != *token);
            state.incidents.retain(|t| t != token);
        }
        _ => apply_scopes(state, event),
    }
}

/// Scopes, variables and armed events.
fn apply_scopes(state: &mut State, event: &Event) {
    match event {
        Event::Opened {
            scope,
            parent,
            element,
            what,
            token,
        } => {
            if state.status == Status::New {
                state.status = Status::Running;
            }
            number(state, *scope);
            state.scopes.push(Scope {
                id: *scope,
                parent: *parent,
                element: Arc::clone(element),
                what: what.clone(),
                token: *token,
                vars: Arc::default(),
            });
            if let What::One = what
                && let Some(around) = state.scopes.iter_mut().find(|s| s.id == *parent)
                && let What::Many(many) = &mut around.what
            {
                many.begun = many.begun.saturating_add(1);
            }
            if let Some(token) = state.tokens.iter_mut().find(|t| Some(t.id) == *token) {
                token.on = On::Scope(*scope);
                // A called process has a name of its own; the token is in the call already.
                if !matches!(what, What::Process(_)) {
                    token.at = Arc::clone(element);
                }
            }
        }
        Event::Closed { scope, done } => {
            let Some(at) = state.scopes.iter().position(|s| s.id == *scope) else {
                return;
            };
            let closed = state.scopes.remove(at);
            leave(state, On::Scope(*scope));
            if *done
                && let What::One = closed.what
                && let Some(around) = state.scopes.iter_mut().find(|s| s.id == closed.parent)
                && let What::Many(many) = &mut around.what
            {
                many.done = many.done.saturating_add(1);
            }
        }
        Event::VarsSet { scope, vars } => {
            if let Some(scope) = state.scopes.iter_mut().find(|s| s.id == *scope) {
                let all = Arc::make_mut(&mut scope.vars);
                for (name, value) in vars {
                    all.insert(Arc::clone(name), value.clone());
                }
            }
        }
        Event::Armed { wait, rests, .. } => {
            number(state, wait.id);
            if let (true, Some(token)) = (*rests, wait.token) {
                rest(state, token, &wait.element, On::Event);
            }
            state.waits.push(wait.clone());
        }
        Event::Fired { wait, .. } => {
            if let Some(at) = state.waits.iter().position(|w| w.id == *wait) {
                match &mut state.waits[at].left {
                    Some(left) if *left > 1 => *left -= 1,
                    Some(_) => {
                        state.waits.remove(at);
                    }
                    None => {}
                }
            }
        }
        Event::Disarmed { wait, .. } => state.waits.retain(|w| w.id != *wait),
        Event::Counted { scope, total, back } => {
            if let Some(scope) = state.scopes.iter_mut().find(|s| s.id == *scope)
                && let What::Many(many) = &mut scope.what
            {
                many.total = *total;
                many.begun = many.begun.saturating_sub(*back);
            }
        }
        Event::Turned { scope, turns } => {
            if let Some(scope) = state.scopes.iter_mut().find(|s| s.id == *scope) {
                scope.what = What::Turns(turns.clone());
            }
        }
        Event::TaskKept { task, token } => {
            if let Some(token) = state.tokens.iter_mut().find(|t| t.id == *token) {
                token.on = On::Task(*task);
            }
        }
        _ => apply_standing(state, event),
    }
}

/// Incidents and the standing of the whole instance.
fn apply_standing(state: &mut State, event: &Event) {
    match event {
        Event::Incident { token, .. } if !state.incidents.contains(token) => {
            state.incidents.push(*token);
        }
        Event::Migrated { renames, .. } => rename(state, renames),
        Event::Retried { token } => state.incidents.retain(|t| t != token),
        Event::Suspended { .. } => state.status = Status::Suspended,
        Event::Resumed => state.status = Status::Running,
        Event::Ended { .. } => state.status = Status::Ended,
        _ => {}
    }
}

/// Gives everything of the instance's own definition its new id; called files keep theirs.
fn rename(state: &mut State, renames: &[(Id, Id)]) {
    let own: Vec<u64> = state
        .scopes
        .iter()
        .map(|s| s.id)
        .filter(|s| state.is_own(*s))
        .collect();
    let to = |id: &mut Id| {
        if let Some((_, new)) = renames.iter().find(|(old, _)| old == id) {
            *id = Arc::clone(new);
        }
    };
    for token in state.tokens.iter_mut().filter(|t| own.contains(&t.scope)) {
        to(&mut token.at);
    }
    for wait in state.waits.iter_mut().filter(|w| own.contains(&w.scope)) {
        to(&mut wait.element);
    }
    for scope in state.scopes.iter_mut().filter(|s| own.contains(&s.id)) {
        to(&mut scope.element);
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
