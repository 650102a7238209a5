//! 前加签 and 后加签 at a task of one hand: the signers and the task's own hand take turns at it, one token in a scope of its own.
//!
//! The token of the activity waits outside, with its boundary events; joins see one token, as ever.

use std::sync::Arc;

use super::command::{Effect, Event, OpenTask};
use super::refusal::Refusal;
use super::run::{Outcome, Run};
use super::signers::refused;
use super::state::{On, Signer, Token, Turns, What};
use crate::model::{Kind, Node};

/// Most turns at one task.
const MAX_TURNS: usize = 100;

impl<'l> Run<'l> {
    /// The turns at the activity that a token is in.
    pub(super) fn turns_at(&self, token: u64, node: &Node) -> Option<&Turns> {
        let scope = self.state.scope(self.scope_of(token))?;
        match &scope.what {
            What::Turns(turns) if scope.element == node.id => Some(turns),
            _ => None,
        }
    }

    /// The added signer whose turn it is in this scope.
    pub(super) fn signer_in(&self, scope: u64) -> Option<&Signer> {
        match &self.state.scope(scope)?.what {
            What::Turns(turns) => turns.now.as_ref(),
            _ => None,
        }
    }

    /// Lines a signer up before or after the holder of a task.
    pub(super) fn take_turn(
        &mut self,
        t: &Token,
        task: u64,
        signer: &Signer,
        before: bool,
    ) -> Outcome {
        let node = self.node(t.scope, &t.at)?;
        if !matches!(node.kind, Kind::User(_)) {
            return Err(refused(&t.at, "不是人工办理环节，不能加签"));
        }
        let signer = Some(Signer {
            vars: super::Vars::new(),
            ..signer.clone()
        });
        let known = self.turns_at(t.id, node).cloned();
        let mut turns = known.clone().unwrap_or_default();
        if turns.next.len() >= MAX_TURNS {
            return Err(Refusal::TooMany {
                element: Arc::clone(&t.at),
                most: MAX_TURNS,
            });
        }
        if before {
            turns.next.insert(0, turns.now.take());
            turns.now = signer;
            self.withdraw(t, task);
        } else {
            // Behind the signers that are there, before the task's own hand comes back.
            let at = turns.next.iter().position(Option::is_none);
            turns.next.insert(at.unwrap_or(turns.next.len()), signer);
        }
        let turns = Box::new(turns);
        if known.is_some() {
            let scope = t.scope;
            self.emit(Event::Turned { scope, turns });
            return match before {
                true => self.begin(node, t.id),
                false => Ok(()),
            };
        }
        let scope = self.open(Some(t.scope), &t.at, What::Turns(turns), Some(t.id))?;
        let token = self.number();
        self.emit(Event::Born {
            token,
            scope,
            element: Arc::clone(&t.at),
        });
        if before {
            return self.begin(node, token);
        }
        self.emit(Event::TaskKept { task, token });
        Ok(())
    }

    /// Takes the task away; boundary events stay armed.
    fn withdraw(&mut self, t: &Token, task: u64) {
        let element = Arc::clone(&t.at);
        self.emit(Event::TaskCancelled { task, element });
        let element = Arc::clone(&t.at);
        self.effects.push(Effect::CloseTask {
            task,
            element,
            done: false,
        });
    }

    /// The turn of an added signer is over before it has signed.
    pub(super) fn drop_turn(&mut self, t: &Token, reason: &str) -> Outcome {
        let node = self.node(t.scope, &t.at)?;
        let On::Task(task) = t.on else {
            return Err(refused(&t.at, "不是会签环节，不能减签"));
        };
        self.emit(Event::Moved {
            from: vec![Arc::clone(&t.at)],
            to: Vec::new(),
            reason: reason.to_owned(),
        });
        self.withdraw(t, task);
        self.turn_done(node, t.id)
    }

    /// The next has the task; after the last the activity is done.
    pub(super) fn turn_done(&mut self, node: &'l Node, token: u64) -> Outcome {
        let scope = self.scope_of(token);
        let Some(mut turns) = self.turns_at(token, node).cloned() else {
            return Ok(());
        };
        if turns.next.is_empty() {
            return self.turns_over(node, token);
        }
        // What the own hand says is the last word: where it leads nowhere, it is refused now and not when the signers are done.
        if turns.now.is_none() && turns.next.iter().all(Option::is_some) {
            let mut trial = Run::new(self.lib, &self.state, self.now);
            trial.turns_over(node, token)?;
            trial.settle()?;
        }
        turns.now = turns.next.remove(0);
        let turns = Box::new(turns);
        self.emit(Event::Turned { scope, turns });
        self.begin(node, token)
    }

    fn turns_over(&mut self, node: &'l Node, token: u64) -> Outcome {
        let scope = self.scope_of(token);
        let owner = self.state.scope(scope).and_then(|s| s.token);
        self.emit(Event::TokenEnded {
            token,
            element: Arc::clone(&node.id),
        });
        self.emit(Event::Closed { scope, done: true });
        match owner {
            Some(owner) => self.done(node, owner),
            None => Ok(()),
        }
    }

    /// Opens the task of an added signer.
    pub(super) fn open_for(&mut self, node: &Node, signer: &Signer, token: u64, task: u64) {
        self.emit(Event::TaskOpened {
            task,
            token,
            element: Arc::clone(&node.id),
            post: signer.post.clone(),
            organ: signer.organ.clone(),
        });
        self.effects.push(Effect::OpenTask(Box::new(OpenTask {
            task,
            element: Arc::clone(&node.id),
            name: Arc::clone(&node.name),
            post: signer.post.clone(),
            organ: signer.organ.clone(),
            form: None,
            limit: signer.limit.clone(),
            act: signer.act.clone(),
            assignee: None,
            candidate_groups: Vec::new(),
            candidate_users: Vec::new(),
        })));
    }
}
