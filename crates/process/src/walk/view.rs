//! Where everything stands after a step.

use serde_json::Value;

use super::{View, Walk};
use crate::engine::{On, Vars};

impl Walk {
    /// Where everything stands.
    #[must_use]
    pub fn view(&self) -> View {
        let mut view = View {
            ended: !self.instances.is_empty() && self.live().is_empty(),
            end_events: self.ends.clone(),
            trace: self.trace.clone(),
            ..View::default()
        };
        let json = |vars: &Vars| -> Vec<(String, Value)> {
            vars.iter()
                .map(|(name, value)| (name.to_string(), value.clone()))
                .collect()
        };
        for instance in &self.instances {
            view.vars.extend(json(instance.state.vars()));
            for vars in instance.called.values() {
                view.called_vars.extend(json(vars));
            }
            for token in &instance.state.tokens {
                match token.on {
                    On::Task(_) => view.tasks.push(token.at.to_string()),
                    On::Work(_) => view.waiting.push(token.at.to_string()),
                    On::Event => {
                        let waits = instance.state.waits.iter();
                        let own: Vec<String> = waits
                            .filter(|w| w.token == Some(token.id))
                            .map(|w| w.element.to_string())
                            .collect();
                        // In the event itself; behind a gateway, in each of its events.
                        if own.iter().any(|e| **e == *token.at) {
                            view.waiting.push(token.at.to_string());
                        } else {
                            view.waiting.extend(own);
                        }
                    }
                    On::Flow | On::Element | On::Scope(_) => {}
                }
            }
            for open in instance.tasks.values() {
                let element = open.element.to_string();
                let assignee = open.assignee.as_ref().map(ToString::to_string);
                view.assignees
                    .entry(element.clone())
                    .or_default()
                    .push(assignee);
                let groups = if open.candidate_groups.is_empty() {
                    open.post.iter().map(ToString::to_string).collect()
                } else {
                    open.candidate_groups
                        .iter()
                        .map(ToString::to_string)
                        .collect()
                };
                view.candidate_groups.insert(element, groups);
            }
        }
        view.tasks.sort();
        view.waiting.sort();
        view
    }
}
