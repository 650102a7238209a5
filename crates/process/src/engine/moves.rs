//! Orders that change the course of a running instance: 退回, 跳转.

use std::sync::Arc;

use super::command::Event;
use super::refusal::Refusal;
use super::run::{Outcome, Run};
use super::state::{Id, On, What};
use crate::model::{Definition, Kind, Node};

impl<'l> Run<'l> {
    /// The token that stands for the whole activity: outside of its repetitions.
    pub(super) fn whole(&self, token: u64) -> u64 {
        let mut at = token;
        loop {
            let Some(scope) = self.state.scope(self.scope_of(at)) else {
                return at;
            };
            let owner = match scope.what {
                What::One => scope
                    .token
                    .or_else(|| self.state.scope(scope.parent).and_then(|m| m.token)),
                What::Many(_) | What::Turns(_) => scope.token,
                _ => return at,
            };
            match owner {
                Some(owner) => at = owner,
                None => return at,
            }
        }
    }

    /// 退回: the task and everything that came after `to` is taken away, and `to` is opened again.
    pub(super) fn send_back(&mut self, task: u64, to: &Id, reason: &str) -> Outcome {
        let t = self.find(On::Task(task)).ok_or(Refusal::NoSuchTask(task))?;
        let refuse = |why| {
            Err(Refusal::CannotReturn {
                from: Arc::clone(&t.at),
                to: Arc::clone(to),
                why,
            })
        };
        let def = self.def_of(t.scope)?;
        let Some(target) = def.index_of(to) else {
            return refuse("没有这个环节");
        };
        let node = def.node(target);
        if !matches!(node.kind, Kind::User(_)) {
            return refuse("只能退回到人工办理环节");
        }
        // Outwards until the scope of the target is reached: there the branch of the task is one token.
        let mut token = self.whole(t.id);
        loop {
            let scope = self.scope_of(token);
            if self.scope_def(def, scope) == Some(node.scope) {
                break;
            }
            match self.state.scope(scope).and_then(|s| s.token) {
                Some(owner) => token = self.whole(owner),
                None => return refuse("只能退回到本流程或外层流程中的环节"),
            }
        }
        let Some(from) = self.state.token(token).map(|t| Arc::clone(&t.at)) else {
            return refuse("没有这个环节");
        };
        if from == *to {
            return refuse("任务已在该环节");
        }
        let source = def
            .index_of(&from)
            .ok_or_else(|| Refusal::ForeignState(Arc::clone(&from)))?;
        if !def.may_return(source, target) {
            return refuse("该环节不是必经的前序环节（并联环节之后不能只退回其中一个分支）");
        }
        let scope = self.scope_of(token);
        let inside: Vec<u64> = self
            .state
            .tokens
            .iter()
            .filter(|t| {
                t.id != token
                    && t.scope == scope
                    && def.place_of(t).is_some_and(|n| def.dominates(target, n))
            })
            .map(|t| t.id)
            .collect();
        for other in inside {
            self.cancel_token(other);
        }
        self.cancel_wait(token);
        self.emit(Event::Moved {
            from: vec![from],
            to: vec![Arc::clone(to)],
            reason: reason.to_owned(),
        });
        self.came(node, token);
        self.enter(node, token)
    }

    /// Whether a token on a flow waits before this element.
    fn waits_before(&self, token: &super::state::Token, element: &Id) -> bool {
        let Ok(def) = self.def_of(token.scope) else {
            return false;
        };
        let flow = def.flow_index_of(&token.at).map(|f| def.flow(f));
        flow.is_some_and(|flow| def.node(flow.target).id == *element)
    }

    /// 跳转: tokens in `from` are taken away, one is put into each of `to`.
    pub(super) fn relocate(&mut self, from: &[Id], to: &[Id], reason: &str) -> Outcome {
        let mut leaving: Vec<u64> = Vec::new();
        for element in from {
            let found =
                self.state.tokens.iter().filter(|t| {
                    t.at == *element || t.on == On::Flow && self.waits_before(t, element)
                });
            let found: Vec<u64> = found.map(|t| self.whole(t.id)).collect();
            if found.is_empty() {
                return Err(Refusal::CannotMove {
                    to: Arc::clone(element),
                    why: "该环节没有正在办理",
                });
            }
            for token in found {
                if !leaving.contains(&token) {
                    leaving.push(token);
                }
            }
        }
        let scope = leaving.first().map_or(0, |t| self.scope_of(*t));
        let def = self.def_of(scope)?;
        for element in to {
            let node = def.index_of(element).map(|n| def.node(n));
            let fits = |node: &&Node| {
                !matches!(
                    node.kind,
                    Kind::Start(Some(_)) | Kind::Boundary { .. } | Kind::EventSub(_)
                )
            };
            if node.filter(fits).is_none() {
                return Err(Refusal::CannotMove {
                    to: Arc::clone(element),
                    why: "流程中没有这个环节，或它不能直接到达",
                });
            }
        }
        self.emit(Event::Moved {
            from: from.to_vec(),
            to: to.to_vec(),
            reason: reason.to_owned(),
        });
        let many = leaving.len();
        let left: Vec<u64> = leaving.iter().map(|t| self.scope_of(*t)).collect();
        for token in leaving {
            self.cancel_token(token);
        }
        for element in to {
            if let Some(target) = def.index_of(element) {
                let times = if to.len() == 1 { many } else { 1 };
                self.place(def, target, scope, times)?;
            }
        }
        for scope in left {
            self.drop_empty(scope);
        }
        Ok(())
    }

    /// Puts a token into an element near the scope `from`. A join takes `times` of them, each on a flow of its own.
    pub(super) fn place(
        &mut self,
        def: &'l Definition,
        target: usize,
        from: u64,
        times: usize,
    ) -> Outcome {
        let node = def.node(target);
        let at = self.reach(def, node.scope, from)?;
        let join = matches!(node.kind, Kind::Parallel | Kind::Inclusive);
        if join && node.incoming.len() > 1 {
            for _ in 0..times.clamp(1, node.incoming.len()) {
                // It waits there like one that came by a flow, the first on which none waits yet.
                let flows = node.incoming.iter().map(|f| def.flow(*f));
                let free = flows.clone().find(|f| self.oldest_on(at, f).is_none());
                let Some(flow) = free.or_else(|| flows.clone().next()) else {
                    continue;
                };
                let token = self.number();
                self.emit(Event::Taken {
                    token,
                    scope: at,
                    flow: Arc::clone(&flow.id),
                });
                self.queue.push_back(super::run::Todo::Arrive(token));
            }
            return Ok(());
        }
        let token = self.number();
        self.emit(Event::Born {
            token,
            scope: at,
            element: Arc::clone(&node.id),
        });
        match node.kind {
            Kind::Start(_) => self.leave(node, token),
            _ => self.enter(node, token),
        }
    }

    /// An open instance of a scope of the definition, near `from`; opened with those around it where there is none.
    fn reach(&mut self, def: &'l Definition, known: usize, from: u64) -> Result<u64, Refusal> {
        let near = self.state.chain(from).map(|s| s.id).collect::<Vec<_>>();
        for open in near {
            if self.scope_def(def, open) == Some(known) {
                return Ok(open);
            }
        }
        let any = self.state.scopes.iter().map(|s| s.id).collect::<Vec<_>>();
        for open in any {
            let same = self.def_of(open).is_ok_and(|own| std::ptr::eq(own, def));
            if same && self.scope_def(def, open) == Some(known) {
                return Ok(open);
            }
        }
        let body = &def.scopes[known];
        let (Some(sub), Some(parent)) = (body.node, body.parent) else {
            return Err(Refusal::CannotMove {
                to: Arc::clone(&body.id),
                why: "目标所在的流程没有打开",
            });
        };
        let around = self.reach(def, parent, from)?;
        let node = def.node(sub);
        if matches!(node.kind, Kind::EventSub(_)) {
            return self.open(Some(around), &node.id, What::EventSub, None);
        }
        let token = self.number();
        self.emit(Event::Born {
            token,
            scope: around,
            element: Arc::clone(&node.id),
        });
        self.arm_boundary(node, token)?;
        let scope = self.open(Some(around), &node.id, What::Sub, Some(token))?;
        for &sub in &body.event_subs {
            self.arm_event_sub(def, sub, scope)?;
        }
        Ok(scope)
    }

    /// Takes away scopes in which a move left nothing.
    pub(super) fn drop_empty(&mut self, scope: u64) {
        let mut at = scope;
        loop {
            let Some(open) = self.state.scope(at).cloned() else {
                return;
            };
            let empty = self.state.tokens.iter().all(|t| t.scope != at)
                && self
                    .state
                    .scopes
                    .iter()
                    .all(|s| s.parent != at || s.id == at);
            if !empty || open.parent == open.id {
                return;
            }
            match open.token {
                Some(token) => {
                    at = self.scope_of(token);
                    self.cancel_token(token);
                }
                None => {
                    at = open.parent;
                    self.cancel_scope(open.id);
                }
            }
        }
    }
}
