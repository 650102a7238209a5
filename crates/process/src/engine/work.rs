//! What happens inside an element: tasks, services, scripts, timers; and how they are taken away.

use std::sync::Arc;

use serde_json::Value;

use super::command::{Effect, Event, OpenTask, Refusal};
use super::run::{Outcome, Run};
use super::state::{Id, On, Vars};
use super::step::set_vars;
use crate::model::{Kind, Node, Text, TimerSpec, UserTask};

impl<'d> Run<'d> {
    /// A token comes into an element.
    pub(super) fn enter(&mut self, node: &'d Node, token: u64) -> Outcome {
        match &node.kind {
            Kind::User(user) => self.open_task(node, user, token),
            Kind::Service(service) => {
                let (work, element) = (self.number(), Arc::clone(&node.id));
                self.emit(Event::WorkOpened {
                    work,
                    token,
                    element: Arc::clone(&element),
                });
                let service = Arc::clone(service);
                self.effects.push(Effect::CallService {
                    work,
                    element,
                    service,
                });
                self.arm_boundary(node, token)
            }
            Kind::Script {
                variable,
                expression,
            } => {
                let value = expression
                    .eval(&self.state.vars)
                    .map_err(|e| Refusal::Expression {
                        element: Arc::clone(&node.id),
                        why: e.0,
                    })?;
                let vars = Vars::from([(Arc::clone(variable), value)]);
                set_vars(self, &vars)?;
                self.leave(node, token)
            }
            Kind::TimerCatch(spec) => self.arm(node, spec, token, true),
            Kind::End { .. } => {
                self.finish(node, token);
                Ok(())
            }
            Kind::Start
            | Kind::Pass
            | Kind::Exclusive
            | Kind::Parallel
            | Kind::Inclusive
            | Kind::Boundary { .. } => self.leave(node, token),
        }
    }

    fn text(&self, node: &Node, text: Option<&Text>) -> Result<Option<Id>, Refusal> {
        let formula = match text {
            None => return Ok(None),
            Some(Text::Plain(text)) => return Ok(Some(Arc::clone(text))),
            Some(Text::Formula(formula)) => formula,
        };
        let why = match formula.eval(&self.state.vars) {
            Ok(Value::String(s)) if !s.is_empty() => return Ok(Some(Arc::from(s))),
            Ok(Value::Number(n)) => return Ok(Some(Arc::from(n.to_string()))),
            Ok(other) => format!("表达式 {} 应得到文字，实为 {other}", formula.text()),
            Err(e) => e.0,
        };
        Err(Refusal::Expression {
            element: Arc::clone(&node.id),
            why,
        })
    }

    fn open_task(&mut self, node: &'d Node, user: &'d UserTask, token: u64) -> Outcome {
        let (task, element) = (self.number(), Arc::clone(&node.id));
        let post = self.text(node, user.post.as_ref())?;
        let organ = self.text(node, user.organ.as_ref())?;
        let limit = self.text(node, user.limit.as_ref())?;
        self.emit(Event::TaskOpened {
            task,
            token,
            element: Arc::clone(&element),
            post: post.clone(),
            organ: organ.clone(),
        });
        self.effects.push(Effect::OpenTask(Box::new(OpenTask {
            task,
            element,
            name: Arc::clone(&node.name),
            post,
            organ,
            form: user.form.clone(),
            limit,
            act: user.act.clone(),
        })));
        self.arm_boundary(node, token)
    }

    fn arm_boundary(&mut self, node: &'d Node, token: u64) -> Outcome {
        let def = self.def;
        for &b in &node.boundary {
            if let Kind::Boundary { timer, .. } = &def.node(b).kind {
                self.arm(def.node(b), timer, token, false)?;
            }
        }
        Ok(())
    }

    /// `waits`: the token stays in the timer event itself, not in the task that it is attached to.
    fn arm(&mut self, node: &'d Node, spec: &TimerSpec, token: u64, waits: bool) -> Outcome {
        let text = self.text(node, Some(&spec.value))?.unwrap_or_default();
        let (timer, element) = (self.number(), Arc::clone(&node.id));
        let due = spec.due(&text, self.now).map_err(|why| Refusal::BadTimer {
            element: Arc::clone(&element),
            why,
        })?;
        let armed = Arc::clone(&element);
        self.emit(Event::TimerArmed {
            timer,
            token,
            element: armed,
            waits,
            due: due.clone(),
        });
        self.effects.push(Effect::ArmTimer {
            timer,
            element,
            due,
        });
        Ok(())
    }

    /// Takes away the timers of a token.
    pub(super) fn disarm_of(&mut self, token: u64) {
        while let Some(timer) = self.state.timers.iter().find(|t| t.token == token).cloned() {
            let element = Arc::clone(&timer.element);
            self.emit(Event::TimerDisarmed {
                timer: timer.id,
                element,
            });
            self.effects.push(Effect::DisarmTimer {
                timer: timer.id,
                element: timer.element,
            });
        }
    }

    /// Takes away what a token waits for; the token itself stays.
    pub(super) fn cancel_wait(&mut self, token: u64) {
        let Some(t) = self.state.tokens.iter().find(|t| t.id == token).cloned() else {
            return;
        };
        if self.state.incidents.contains(&token) {
            self.emit(Event::Retried { token });
        }
        match t.on {
            On::Task(task) => {
                self.emit(Event::TaskCancelled {
                    task,
                    element: Arc::clone(&t.at),
                });
                self.effects.push(Effect::CloseTask {
                    task,
                    element: t.at,
                    done: false,
                });
            }
            On::Work(work) => {
                self.emit(Event::WorkCancelled {
                    work,
                    element: Arc::clone(&t.at),
                });
                self.effects.push(Effect::CancelService {
                    work,
                    element: t.at,
                });
            }
            On::Flow | On::Element | On::Timer(_) => {}
        }
        self.disarm_of(token);
    }

    /// Takes a token away with all that it waits for.
    pub(super) fn cancel_token(&mut self, token: u64) {
        self.cancel_wait(token);
        self.emit(Event::TokenCancelled { token });
    }

    /// Takes all tokens away.
    pub(super) fn cancel_all(&mut self) {
        while let Some(token) = self.state.tokens.first().map(|t| t.id) {
            self.cancel_token(token);
        }
    }
}
