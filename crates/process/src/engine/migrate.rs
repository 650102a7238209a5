//! Moving a running instance to another version of its definition: everything that lives must have a place there.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::command::{Event, Step};
use super::library::Library;
use super::run::Run;
use super::state::{For, Id, On, State, Token, What};
use crate::model::{Definition, Kind, Node, Repeat, Trigger};

/// How everything that lives gets its place in the new version.
struct Plan<'a> {
    old: &'a Definition,
    new: &'a Definition,
    to: usize,
    state: &'a State,
    map: &'a BTreeMap<Id, Id>,
}

/// Moves `state` from `old` to the process `to` of the library's main definition. `map` gives elements and flows their new ids; what is
/// not in it keeps its id. Timers keep their due time. Where the map leads to an element of another kind or level, the work there is
/// taken away and begins anew at the new place. Without problems the answer is the step; with them nothing is moved and all are told,
/// so that a dry run is the same call.
pub fn migrate(
    old: &Definition,
    library: &dyn Library,
    to: &str,
    state: &State,
    map: &BTreeMap<Id, Id>,
    now: Timestamp,
) -> Result<Step, Vec<String>> {
    let new = library.main();
    let Some(process) = new.process(to) else {
        return Err(vec![format!("新版本中没有流程“{to}”")]);
    };
    let mut problems = unknown(old, new, map);
    let mut run = Run::new(library, state, now);
    let afresh = {
        let plan = Plan {
            old,
            new,
            to: process,
            state,
            map,
        };
        plan.afresh(&run, &mut problems)
    };
    let mut left: Vec<u64> = Vec::new();
    for (token, _) in &afresh {
        left.push(run.scope_of(*token));
        run.cancel_token(*token);
    }
    for scope in left {
        run.drop_empty(scope);
    }
    // What stays must fit where it is.
    let remaining = run.state.clone();
    let plan = Plan {
        old,
        new,
        to: process,
        state: &remaining,
        map,
    };
    let renames = plan.check(&mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    run.emit(Event::Migrated {
        to: Arc::from(new.hash()),
        renames,
    });
    let moved = rearm(&mut run).and_then(|()| {
        let mut targets: Vec<usize> = afresh.iter().map(|(_, target)| *target).collect();
        targets.dedup();
        for target in targets {
            run.place(new, target, 0, 1)?;
        }
        run.settle()
    });
    moved.map_err(|refusal| vec![refusal.to_string()])?;
    Ok(run.into_step())
}

/// Entries of the map that lead from or to nothing.
fn unknown(old: &Definition, new: &Definition, map: &BTreeMap<Id, Id>) -> Vec<String> {
    let has = |d: &Definition, id: &Id| d.index_of(id).is_some() || d.flow_index_of(id).is_some();
    let from = map.keys().filter(|id| !has(old, id));
    let to = map.values().filter(|id| !has(new, id));
    from.map(|id| format!("原版本中没有“{id}”"))
        .chain(to.map(|id| format!("新版本中没有“{id}”")))
        .collect()
}

impl Plan<'_> {
    fn image(&self, id: &Id) -> Id {
        Arc::clone(self.map.get(id).unwrap_or(id))
    }

    /// The scope of the new definition that an open scope becomes.
    fn scope_image(&self, scope: u64) -> Option<usize> {
        let open = self.state.scope(scope)?;
        match open.what {
            What::Process(_) => Some(self.to),
            What::Sub | What::EventSub => {
                let node = self.new.index_of(&self.image(&open.element))?;
                match self.new.node(node).kind {
                    Kind::Sub(inner) | Kind::EventSub(inner) => Some(inner),
                    _ => None,
                }
            }
            // Repetitions are in the scope around their activity.
            What::Many(_) | What::One | What::Turns(_) => self.scope_image(open.parent),
        }
    }

    /// Tokens whose work begins anew elsewhere, because the map says so and it does not fit there as it is.
    fn afresh(&self, run: &Run<'_>, problems: &mut Vec<String>) -> Vec<(u64, usize)> {
        let mut found: Vec<(u64, usize)> = Vec::new();
        for token in &self.state.tokens {
            if !self.state.is_own(token.scope) || matches!(token.on, On::Scope(_)) {
                continue;
            }
            let image = self.image(&token.at);
            let why = match self.fits(token, &image) {
                Err(why) => why,
                // Several that become one begin anew, once.
                Ok(()) if self.merged(token, &image) => "",
                Ok(()) => continue,
            };
            let whole = run.whole(token.id);
            let target = self.new.index_of(&image).filter(|n| {
                let kind = &self.new.node(*n).kind;
                !matches!(
                    kind,
                    Kind::Start(_) | Kind::Boundary { .. } | Kind::EventSub(_)
                )
            });
            match target.filter(|_| self.map.contains_key(&token.at)) {
                Some(target) if !found.iter().any(|(t, _)| *t == whole) => {
                    found.push((whole, target));
                }
                Some(_) => {}
                None => problems.push(format!("“{}”不能移到“{image}”：{why}", token.at)),
            }
        }
        found
    }

    /// Whether the map leads other live elements to the same place.
    fn merged(&self, token: &Token, image: &Id) -> bool {
        self.state
            .tokens
            .iter()
            .any(|t| t.at != token.at && self.state.is_own(t.scope) && self.image(&t.at) == *image)
    }

    /// Everything that lives with its new id; tells what has no place.
    fn check(&self, problems: &mut Vec<String>) -> Vec<(Id, Id)> {
        let mut renames: BTreeMap<Id, Id> = BTreeMap::new();
        for token in &self.state.tokens {
            if !self.state.is_own(token.scope) {
                continue;
            }
            let image = self.image(&token.at);
            // Of what begins anew, only what is around it is looked at here.
            if let (On::Scope(_), Err(why)) = (token.on, self.fits(token, &image)) {
                problems.push(format!("“{}”不能移到“{image}”：{why}", token.at));
            }
            renames.insert(Arc::clone(&token.at), image);
        }
        for scope in &self.state.scopes {
            if !self.state.is_own(scope.id) {
                continue;
            }
            let image = match scope.what {
                What::Process(_) => Arc::clone(&self.new.scopes[self.to].id),
                _ => self.image(&scope.element),
            };
            if self.scope_image(scope.id).is_none() {
                problems.push(format!("“{}”在新版本中不是同样的子流程", scope.element));
            }
            renames.insert(Arc::clone(&scope.element), image);
        }
        for wait in &self.state.waits {
            if self.state.is_own(wait.scope) {
                renames.insert(Arc::clone(&wait.element), self.image(&wait.element));
            }
        }
        renames
            .into_iter()
            .filter(|(from, to)| from != to)
            .collect()
    }

    fn fits(&self, token: &Token, image: &Id) -> Result<(), &'static str> {
        let scope = self.scope_image(token.scope);
        if token.on == On::Flow {
            let flow = self
                .new
                .flow_index_of(image)
                .ok_or("新版本中没有这条连线")?;
            let target = self.new.node(self.new.flow(flow).target);
            let waits = matches!(target.kind, Kind::Parallel | Kind::Inclusive)
                && target.incoming.len() > 1;
            // Held by an incident it waits for nothing but the order to go on, wherever that leads.
            let waits = waits || self.state.incidents.contains(&token.id);
            return match waits && Some(target.scope) == scope {
                true => Ok(()),
                false => Err("这条连线之后不是同一层的汇合"),
            };
        }
        let node = self.new.index_of(image).ok_or("新版本中没有这个环节")?;
        let node = self.new.node(node);
        if Some(node.scope) != scope {
            return Err("不在同一层子流程中");
        }
        let old = self
            .old
            .index_of(&token.at)
            .map(|n| self.old.node(n))
            .ok_or("原版本中没有这个环节")?;
        let fits = match token.on {
            On::Task(_) => matches!(node.kind, Kind::User(_)),
            On::Work(_) => matches!(node.kind, Kind::Service(_)),
            On::Event => same_event(old, node),
            On::Scope(_) => match (&old.repeat, &node.repeat) {
                (Some(Repeat::Multi(a)), Some(Repeat::Multi(b))) => {
                    a.sequential == b.sequential && same_activity(old, node)
                }
                (Some(Repeat::Loop { .. }), Some(Repeat::Loop { .. })) | (None, None) => {
                    old.is_mapped() == node.is_mapped() && same_activity(old, node)
                }
                _ => false,
            },
            On::Flow | On::Element => true,
        };
        if fits { Ok(()) } else { Err("类型不同") }
    }
}

fn same_activity(old: &Node, new: &Node) -> bool {
    std::mem::discriminant(&old.kind) == std::mem::discriminant(&new.kind)
}

fn same_event(old: &Node, new: &Node) -> bool {
    match (&old.kind, &new.kind) {
        (Kind::Catch(a), Kind::Catch(b)) => std::mem::discriminant(a) == std::mem::discriminant(b),
        (Kind::Receive(a), Kind::Receive(b)) => a.is_some() == b.is_some(),
        (Kind::EventGate, Kind::EventGate) => true,
        _ => false,
    }
}

fn trigger(node: &Node) -> Option<&Trigger> {
    match &node.kind {
        Kind::Boundary { trigger, .. } | Kind::Start(Some(trigger)) => Some(trigger),
        _ => None,
    }
}

fn same_wait(what: &For, trigger: &Trigger) -> bool {
    matches!(
        (what, trigger),
        (For::Timer, Trigger::Timer(_))
            | (For::Message(..), Trigger::Message(_))
            | (For::Signal(_), Trigger::Signal(_))
            | (For::Condition, Trigger::Condition(_))
    )
}

/// Events at the edge that the new version lacks are taken away, those that are new are armed.
fn rearm(run: &mut Run<'_>) -> Result<(), super::refusal::Refusal> {
    let def = run.lib.main();
    let waits = run.state.waits.iter();
    let waits: Vec<_> = waits
        .filter(|w| run.state.is_own(w.scope))
        .cloned()
        .collect();
    for wait in &waits {
        let node = def.index_of(&wait.element).map(|n| def.node(n));
        let stays = match node {
            None => false,
            Some(node) => match (&node.kind, wait.token) {
                (
                    Kind::Boundary {
                        attached, trigger, ..
                    },
                    Some(token),
                ) => {
                    let host = &def.node(*attached).id;
                    let at = run.state.token(token).is_some_and(|t| t.at == *host);
                    at && same_wait(&wait.for_, trigger)
                }
                (_, None) => trigger(node).is_some_and(|t| same_wait(&wait.for_, t)),
                _ => true,
            },
        };
        if !stays {
            run.disarm(wait.id);
        }
    }
    let tokens = run.state.tokens.iter();
    let tokens: Vec<Token> = tokens
        .filter(|t| run.state.is_own(t.scope))
        .cloned()
        .collect();
    for token in &tokens {
        let Some(node) = def.index_of(&token.at).map(|n| def.node(n)) else {
            continue;
        };
        if run.is_one(token.id, node) {
            continue;
        }
        for &b in &node.boundary {
            run.arm_missing(def.node(b), Some(token.id), token.scope)?;
        }
    }
    let scopes: Vec<u64> = run.state.scopes.iter().map(|s| s.id).collect();
    for scope in scopes {
        if !run.state.is_own(scope) {
            continue;
        }
        let Some(known) = run.scope_def(def, scope) else {
            continue;
        };
        for &sub in &def.scopes[known].event_subs {
            if let Kind::EventSub(inner) = def.node(sub).kind {
                for &start in &def.scopes[inner].triggered {
                    run.arm_missing(def.node(start), None, scope)?;
                }
            }
        }
    }
    Ok(())
}
