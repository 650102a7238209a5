//! A compiled definition: dense indices inside, element ids outside.

mod duty;
mod graph;
mod node;
mod orders;
mod outside;
mod rules;
mod timer;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use duty::DutyView;
pub use node::Binding;
pub(crate) use node::{
    Call, Do, Flow, Kind, Mapping, Message, Multi, Node, Repeat, Rule, ScopeDef, Source, Text,
    Throw, Trigger, UserTask,
};
pub use outside::Outside;
pub(crate) use outside::SYSTEM_SERVICE;
pub use rules::RuleView;
pub(crate) use timer::{Clock, TimerSpec};

use crate::diagram::Diagram;
use crate::engine::{Id, On, Token};
use graph::Dominators;

/// Where a message flow of a collaboration leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Node(usize),
    Process(usize),
}

/// One element as a list for people and manifests shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElementView<'a> {
    /// Element id.
    pub id: &'a Id,
    /// Name in the picture.
    pub name: &'a str,
    /// BPMN element, e.g. `userTask`.
    pub element: &'a str,
    /// Line in the file.
    pub line: u32,
    /// Lane, if it is in one.
    pub lane: Option<&'a str>,
}

/// A file with one or more processes: compiled, immutable, shareable between threads.
#[derive(Debug, Clone)]
pub struct Definition {
    pub(crate) nodes: Vec<Node>,
    pub(crate) flows: Vec<Flow>,
    /// Processes first, in document order; then what is nested in them.
    pub(crate) scopes: Vec<ScopeDef>,
    /// The process that an instance runs unless told otherwise.
    pub(crate) main: usize,
    pub(crate) diagram: Diagram,
    pub(crate) has_diagram: bool,
    pub(crate) lanes: Vec<(Id, Arc<str>)>,
    message_flows: Vec<(usize, Target)>,
    xml: Arc<[u8]>,
    hash: String,
    index: BTreeMap<Id, usize>,
    flow_index: BTreeMap<Id, usize>,
    dominators: Dominators,
}

/// What the importer found, before it is linked.
pub(crate) struct Parts {
    pub nodes: Vec<Node>,
    pub flows: Vec<Flow>,
    pub scopes: Vec<ScopeDef>,
    pub main: usize,
    pub lanes: Vec<(Id, Arc<str>)>,
    pub message_flows: Vec<(usize, Target)>,
    pub diagram: Diagram,
    pub xml: Arc<[u8]>,
    pub hash: String,
}

impl Definition {
    pub(crate) fn assemble(parts: Parts) -> Self {
        let Parts {
            nodes,
            flows,
            mut scopes,
            main,
            lanes,
            message_flows,
            diagram,
            xml,
            hash,
        } = parts;
        let index = nodes
            .iter()
            .enumerate()
            .map(|(i, n)| (Arc::clone(&n.id), i))
            .collect();
        let flow_index = flows
            .iter()
            .enumerate()
            .map(|(i, f)| (Arc::clone(&f.id), i))
            .collect();
        for scope in &mut scopes {
            let joins = scope.nodes.iter().copied();
            scope.inclusive_joins = joins
                .filter(|n| {
                    matches!(nodes[*n].kind, Kind::Inclusive) && nodes[*n].incoming.len() > 1
                })
                .collect();
        }
        let starts: Vec<usize> = scopes.iter().filter_map(ScopeDef::begins).collect();
        let dominators = Dominators::of(&nodes, &flows, &starts);
        let has_diagram = !diagram.shapes.is_empty();
        let mut def = Self {
            nodes,
            flows,
            scopes,
            main,
            diagram,
            has_diagram,
            lanes,
            message_flows,
            xml,
            hash,
            index,
            flow_index,
            dominators,
        };
        if !has_diagram {
            def.diagram = crate::layout::layout(&def);
        }
        def
    }

    /// Id of the main process: the key of the definition.
    #[must_use]
    pub fn id(&self) -> &Id {
        &self.body().id
    }

    /// Name of the main process.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.body().name
    }

    /// The file as it came, byte for byte: export loses nothing, executed or not.
    #[must_use]
    pub fn xml(&self) -> &[u8] {
        &self.xml
    }

    /// SHA-256 of the file, in hex: instances are pinned to it.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Whether the file has a diagram of its own (otherwise the picture is laid out by us).
    #[must_use]
    pub fn has_diagram(&self) -> bool {
        self.has_diagram
    }

    /// Ids of all processes of the file, in document order.
    pub fn processes(&self) -> impl Iterator<Item = &Id> {
        let own = self.scopes.iter().filter(|s| s.parent.is_none());
        own.map(|s| &s.id)
    }

    /// All flow nodes in document order.
    pub fn elements(&self) -> impl Iterator<Item = ElementView<'_>> {
        self.nodes.iter().map(view)
    }

    /// One element by id.
    #[must_use]
    pub fn element(&self, id: &str) -> Option<ElementView<'_>> {
        self.nodes.get(self.index_of(id)?).map(view)
    }

    /// The user tasks to which a task at `from` may be returned (退回), in document order: of its scope and those around.
    #[must_use]
    pub fn return_targets(&self, from: &str) -> Vec<ElementView<'_>> {
        let Some(from) = self.index_of(from) else {
            return Vec::new();
        };
        let mut at = Some(from);
        let mut found = Vec::new();
        while let Some(n) = at {
            let home = self.node(n).scope;
            let users = self.scopes[home].nodes.iter().copied().filter(|i| {
                *i != n && matches!(self.node(*i).kind, Kind::User(_)) && self.may_return(n, *i)
            });
            found.extend(users);
            at = self.scopes[home].node;
        }
        found.sort_unstable();
        found.into_iter().map(|n| view(self.node(n))).collect()
    }

    /// The processes that are called by a fixed name, and whether some are called by a name that only a variable tells.
    #[must_use]
    pub fn calls(&self) -> (Vec<&str>, bool) {
        let (mut fixed, mut open) = (Vec::new(), false);
        for node in &self.nodes {
            let Kind::Call(call) = &node.kind else {
                continue;
            };
            match &call.process {
                Text::Plain(name) => fixed.push(&**name),
                Text::Formula(_) => open = true,
            }
        }
        (fixed, open)
    }

    /// The elements that call a process by a fixed name, with that name.
    pub fn call_elements(&self) -> impl Iterator<Item = (&Id, &str)> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            Kind::Call(call) => match &call.process {
                Text::Plain(name) => Some((&node.id, &**name)),
                Text::Formula(_) => None,
            },
            _ => None,
        })
    }

    /// The scope of the main process.
    pub(crate) fn body(&self) -> &ScopeDef {
        &self.scopes[self.main]
    }

    /// A process of the file by its id.
    pub(crate) fn process(&self, id: &str) -> Option<usize> {
        self.scopes
            .iter()
            .position(|s| s.parent.is_none() && *s.id == *id)
    }

    /// The process around a scope.
    pub(crate) fn process_around(&self, scope: usize) -> usize {
        let mut at = scope;
        while let Some(parent) = self.scopes[at].parent {
            at = parent;
        }
        at
    }

    fn triggered(&self) -> impl Iterator<Item = (usize, usize, &Trigger)> {
        let own = self.scopes.iter().enumerate();
        own.filter(|(_, s)| s.parent.is_none())
            .flat_map(|(process, s)| s.triggered.iter().map(move |start| (process, *start)))
            .filter_map(|(process, start)| match &self.node(start).kind {
                Kind::Start(Some(trigger)) => Some((process, start, trigger)),
                _ => None,
            })
    }

    /// The process and start event that begin with a message.
    pub(crate) fn message_start(&self, name: &str) -> Option<(usize, usize)> {
        self.triggered().find_map(|(process, start, trigger)| {
            let Trigger::Message(message) = trigger else {
                return None;
            };
            matches!(&message.name, Text::Plain(own) if **own == *name).then_some((process, start))
        })
    }

    /// The processes and start events that begin with a signal.
    pub(crate) fn signal_starts<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (usize, usize)> + 'a {
        self.triggered()
            .filter(move |(_, _, trigger)| {
                matches!(trigger, Trigger::Signal(Text::Plain(own)) if **own == *name)
            })
            .map(|(process, start, _)| (process, start))
    }

    /// The start events of processes that a timer begins: process, event, timer.
    pub(crate) fn start_timers(&self) -> impl Iterator<Item = (&Id, &Id, &TimerSpec)> {
        self.triggered()
            .filter_map(|(process, start, trigger)| match trigger {
                Trigger::Timer(spec) => {
                    Some((&self.scopes[process].id, &self.node(start).id, spec))
                }
                _ => None,
            })
    }

    /// Whether the start event of an event sub-process ends everything else in the scope around it.
    pub(crate) fn interrupts(&self, start: &Node) -> bool {
        let index = self.index_of(&start.id);
        let calm = &self.scopes[start.scope].calm;
        index.is_none_or(|index| !calm.contains(&index))
    }

    /// Where the message flows of an element lead.
    pub(crate) fn message_flows(&self, node: &Node) -> impl Iterator<Item = Target> {
        let at = self.index_of(&node.id);
        let flows = self.message_flows.iter();
        flows
            .filter(move |(from, _)| Some(*from) == at)
            .map(|(_, to)| *to)
    }

    /// Indices come from this definition only, so they are in range.
    pub(crate) fn node(&self, index: usize) -> &Node {
        &self.nodes[index]
    }

    pub(crate) fn flow(&self, index: usize) -> &Flow {
        &self.flows[index]
    }

    pub(crate) fn index_of(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    pub(crate) fn flow_index_of(&self, id: &str) -> Option<usize> {
        self.flow_index.get(id).copied()
    }

    /// The elements to which a token goes from here without waiting for another: by flows, boundary events and links.
    pub(crate) fn after(&self, node: usize) -> impl Iterator<Item = usize> {
        graph::successors(self.node(node), &self.flows)
    }

    /// Whether every way from the start to `node` leads through `through`.
    pub(crate) fn dominates(&self, through: usize, node: usize) -> bool {
        self.dominators.dominates(through, node)
    }

    /// Whether a task at `from` may be sent back to `to`: every way to it leads through `to`, and no token that split
    /// off in between can have left the part of the process that is cancelled.
    pub(crate) fn may_return(&self, from: usize, to: usize) -> bool {
        if !self.dominates(to, from) {
            return false;
        }
        let mut branch = from;
        for split in self.dominators.above(from) {
            if self.splits(split) && self.sibling_may_leave(split, branch, to) {
                return false;
            }
            if split == to {
                break;
            }
            branch = split;
        }
        true
    }

    fn splits(&self, node: usize) -> bool {
        let node = self.node(node);
        let reminds = |b: &usize| {
            matches!(
                self.node(*b).kind,
                Kind::Boundary {
                    interrupting: false,
                    ..
                }
            )
        };
        node.outgoing.len() > 1 && !matches!(node.kind, Kind::Exclusive)
            || node.boundary.iter().any(reminds)
    }

    /// Whether a token from `split` can leave what `to` dominates without waiting for the one in `branch`.
    fn sibling_may_leave(&self, split: usize, branch: usize, to: usize) -> bool {
        let mut seen = vec![false; self.nodes.len()];
        let mut stack = vec![split];
        while let Some(n) = stack.pop() {
            if !self.dominates(to, n) {
                return true;
            }
            if std::mem::replace(&mut seen[n], true) || self.waits_for(n, split, branch) {
                continue;
            }
            stack.extend(self.after(n));
        }
        false
    }

    /// Whether `node` is a join of `split` that does not fire without the token of `branch`.
    fn waits_for(&self, node: usize, split: usize, branch: usize) -> bool {
        let joins = matches!(self.node(node).kind, Kind::Parallel | Kind::Inclusive);
        let source = |f: &usize| self.flow(*f).source;
        let incoming = &self.node(node).incoming;
        joins
            && incoming.len() > 1
            && node != split
            && self.dominates(split, node)
            && incoming.iter().any(|f| self.dominates(branch, source(f)))
    }

    /// The element that a token is in, or that it left last.
    pub(crate) fn place_of(&self, token: &Token) -> Option<usize> {
        match token.on {
            On::Flow => self.flow_index_of(&token.at).map(|f| self.flow(f).source),
            _ => self.index_of(&token.at),
        }
    }

    /// The element at which a token's way goes on.
    pub(crate) fn ahead_of(&self, token: &Token) -> Vec<usize> {
        let at = match token.on {
            On::Flow => self.flow_index_of(&token.at).map(|f| self.flow(f).target),
            _ => self.index_of(&token.at),
        };
        at.into_iter().collect()
    }

    /// Whether a token ahead of these elements holds an inclusive join back (BPMN 2.0, 13.4.3): it can come to an
    /// empty incoming flow, and to none that has a token already. Without the second half, two nested joins in a
    /// loop would wait for one another for ever.
    pub(crate) fn still_comes(
        &self,
        from: Vec<usize>,
        empty: &[usize],
        full: &[usize],
        join: usize,
    ) -> bool {
        self.reaches(from.clone(), empty, join) && !self.reaches(from, full, join)
    }

    /// Whether one of the flows can be reached without passing through `join`; conditions are not looked at.
    fn reaches(&self, mut stack: Vec<usize>, flows: &[usize], join: usize) -> bool {
        let mut seen = vec![false; self.nodes.len()];
        while let Some(n) = stack.pop() {
            if n == join || std::mem::replace(&mut seen[n], true) {
                continue;
            }
            let node = self.node(n);
            if node.outgoing.iter().any(|f| flows.contains(f)) {
                return true;
            }
            stack.extend(self.after(n));
        }
        false
    }
}

fn view(n: &Node) -> ElementView<'_> {
    ElementView {
        id: &n.id,
        name: &n.name,
        element: n.element,
        line: n.line,
        lane: n.lane.as_deref(),
    }
}
