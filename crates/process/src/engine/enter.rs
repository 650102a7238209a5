//! What happens when a token comes into an element.

use std::sync::Arc;

use serde_json::Value;

use super::command::{Effect, Event, Matter, OpenTask};
use super::library::Missing;
use super::refusal::Refusal;
use super::run::{Outcome, Run};
use super::state::{Id, Vars, What};
use crate::model::{Do, Kind, Node, Rule, Text, Throw, UserTask};

impl<'l> Run<'l> {
    /// A token comes into an element.
    pub(super) fn enter(&mut self, node: &'l Node, token: u64) -> Outcome {
        match &node.kind {
            // Straight on.
            Kind::Start(_)
            | Kind::Exclusive
            | Kind::Parallel
            | Kind::Inclusive
            | Kind::Boundary { .. } => return self.leave(node, token),
            Kind::End { throws, .. } => return self.end_event(node, throws, token),
            Kind::Throw(throws) if !node.is_activity() => {
                return self.throw_event(node, throws, token);
            }
            Kind::Catch(trigger) => return self.arm_here(node, trigger, token),
            Kind::EventGate => return self.arm_gate(node, token),
            Kind::EventSub(_) => return Err(Refusal::ForeignState(Arc::clone(&node.id))),
            _ => {}
        }
        if node.boundary.is_empty() {
            return self.enter_activity(node, token);
        }
        let rests = matches!(
            node.kind,
            Kind::User(_) | Kind::Service(_) | Kind::Receive(_) | Kind::Call(_) | Kind::Sub(_)
        );
        if rests && node.repeat.is_none() && !node.is_mapped() {
            self.begin(node, token)?;
            // What began may have failed at once and taken the token away.
            return match self.state.token(token) {
                Some(_) => self.arm_boundary(node, token),
                None => Ok(()),
            };
        }
        // What may be over at once must find its events armed, to take them away.
        self.arm_boundary(node, token)?;
        self.enter_activity(node, token)
    }

    fn enter_activity(&mut self, node: &'l Node, token: u64) -> Outcome {
        match &node.repeat {
            Some(repeat) => self.begin_many(node, repeat, token),
            None if node.is_mapped() => self.begin_mapped(node, token),
            None => self.begin(node, token),
        }
    }

    /// The activity itself, once or as one of many.
    pub(super) fn begin(&mut self, node: &'l Node, token: u64) -> Outcome {
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
                Ok(())
            }
            Kind::Script(acts) => self.script(node, acts, token),
            Kind::Rule(rule) => self.decide(node, rule, token),
            Kind::Receive(message) => self.arm_receive(node, message.as_ref(), token, true),
            Kind::Call(call) => self.call(node, call, token),
            Kind::Sub(inner) => {
                let outside = self.scope_of(token);
                let def = self.def_of(outside)?;
                let scope = self.open(Some(outside), &node.id, What::Sub, Some(token))?;
                self.begin_body(def, *inner, scope, None)
            }
            Kind::Throw(throws) => {
                self.throw(node, throws, token)?;
                self.done(node, token)
            }
            _ => self.done(node, token),
        }
    }

    /// A text of an element, as seen from a scope.
    pub(super) fn text(
        &self,
        node: &Node,
        scope: u64,
        text: Option<&Text>,
    ) -> Result<Option<Id>, Refusal> {
        let formula = match text {
            None => return Ok(None),
            Some(Text::Plain(text)) => return Ok(Some(Arc::clone(text))),
            Some(Text::Formula(formula)) => formula,
        };
        let why = match self.value(&node.id, formula, scope)? {
            Value::String(s) if !s.is_empty() => return Ok(Some(Arc::from(s))),
            Value::Number(n) => return Ok(Some(Arc::from(n.to_string()))),
            other => format!("表达式 {} 应得到文字，实为 {other}", formula.text()),
        };
        Err(Refusal::Expression {
            element: Arc::clone(&node.id),
            why,
        })
    }

    /// Several texts; one may be a list, or hold several names with commas.
    fn texts(&self, node: &Node, scope: u64, texts: &[Text]) -> Result<Vec<Id>, Refusal> {
        let mut out = Vec::new();
        for text in texts {
            if let Text::Formula(formula) = text {
                match formula.eval(&self.view(scope)) {
                    Ok(Value::Array(items)) => {
                        out.extend(items.iter().filter_map(Value::as_str).map(Id::from));
                        continue;
                    }
                    // Nobody is named yet.
                    Ok(Value::Null) => continue,
                    _ => {}
                }
            }
            if let Some(text) = self.text(node, scope, Some(text))? {
                let names = text.split(',').map(str::trim).filter(|n| !n.is_empty());
                out.extend(names.map(Id::from));
            }
        }
        Ok(out)
    }

    fn open_task(&mut self, node: &'l Node, user: &'l UserTask, token: u64) -> Outcome {
        let scope = self.scope_of(token);
        let (task, element) = (self.number(), Arc::clone(&node.id));
        if let Some(signer) = self.signer_in(scope).cloned() {
            self.open_for(node, &signer, token, task);
            return Ok(());
        }
        let post = self.text(node, scope, user.post.as_ref())?;
        let organ = self.text(node, scope, user.organ.as_ref())?;
        let limit = self.text(node, scope, user.limit.as_ref())?;
        let assignee = self.texts(node, scope, user.assignee.as_slice())?.pop();
        let candidate_groups = self.texts(node, scope, &user.candidate_groups)?;
        let candidate_users = self.texts(node, scope, &user.candidate_users)?;
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
            assignee,
            candidate_groups,
            candidate_users,
        })));
        Ok(())
    }

    fn script(&mut self, node: &'l Node, acts: &'l [Do], token: u64) -> Outcome {
        let scope = self.scope_of(token);
        for act in acts {
            match act {
                Do::Set(mapping) => {
                    let value = self.mapped(node, mapping, scope)?;
                    self.set(scope, Vars::from([(Arc::clone(&mapping.target), value)]))?;
                }
                Do::Trace(name) => self.emit(Event::Traced {
                    element: Arc::clone(&node.id),
                    name: Arc::clone(name),
                }),
                Do::Fail(code) => {
                    self.came(node, token);
                    return self.throw_error(node, token, code);
                }
            }
        }
        self.done(node, token)
    }

    fn decide(&mut self, node: &'l Node, rule: &'l Rule, token: u64) -> Outcome {
        let scope = self.scope_of(token);
        let from = self.def_of(scope)?;
        let decision = self.text(node, scope, Some(&rule.decision))?;
        let decision = decision.unwrap_or_else(|| Id::from(""));
        let decided = self
            .lib
            .decide(from, &decision, &rule.binding, &self.view(scope))
            .map_err(|missing| match missing {
                Missing::NotDeployed => Refusal::NotDeployed {
                    element: Arc::clone(&node.id),
                    called: Arc::clone(&decision),
                },
                Missing::Failed(why) => Refusal::Expression {
                    element: Arc::clone(&node.id),
                    why,
                },
            })?;
        self.emit(Event::Decided {
            element: Arc::clone(&node.id),
            decision: Arc::clone(&decision),
            rules: decided.rules,
            value: decided.value.clone(),
        });
        // Without a name for the result, a context gives each of its entries, as the Java engines do.
        let vars: Vars = match (&rule.result, decided.value) {
            (Some(name), value) => Vars::from([(Arc::clone(name), value)]),
            (None, Value::Object(entries)) => entries
                .into_iter()
                .map(|(name, value)| (Arc::from(name), value))
                .collect(),
            (None, value) => Vars::from([(decision, value)]),
        };
        self.set(scope, vars)?;
        self.done(node, token)
    }

    fn throw_event(&mut self, node: &'l Node, throws: &'l Throw, token: u64) -> Outcome {
        if let Throw::Link(to) = throws {
            let to = self.def_of(self.scope_of(token))?.node(*to);
            self.emit(Event::Came {
                token,
                element: Arc::clone(&to.id),
            });
            return self.leave(to, token);
        }
        self.throw(node, throws, token)?;
        // What caught it may have taken the thrower away.
        match self.state.token(token) {
            Some(_) => self.leave(node, token),
            None => Ok(()),
        }
    }

    fn end_event(&mut self, node: &'l Node, throws: &'l Throw, token: u64) -> Outcome {
        if let Throw::Error(code) = throws {
            self.emit(Event::Came {
                token,
                element: Arc::clone(&node.id),
            });
            return self.throw_error(node, token, code);
        }
        self.throw(node, throws, token)?;
        if self.state.token(token).is_some() {
            self.finish(node, token);
        }
        Ok(())
    }

    pub(super) fn thrown(&mut self, node: &Node, what: Matter, name: &Arc<str>) {
        self.emit(Event::Thrown {
            element: Arc::clone(&node.id),
            what,
            name: Arc::clone(name),
        });
    }
}
