//! A compiled definition: dense indices inside, element ids outside.

mod graph;
mod timer;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use timer::TimerSpec;

use crate::diagram::Diagram;
use crate::engine::{Id, On, Token};
use crate::feel::Expression;
use graph::Dominators;

/// A text, or a formula (`=…` in the file) that gives one.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Plain(Arc<str>),
    Formula(Arc<dyn Expression>),
}

/// To whom a user task goes, and with what.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserTask {
    pub post: Option<Text>,
    pub organ: Option<Text>,
    pub form: Option<Id>,
    pub limit: Option<Text>,
    pub act: Option<Id>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Start,
    End {
        terminate: bool,
        outcome: Option<Id>,
    },
    /// Manual task or intermediate none event: nothing to wait for.
    Pass,
    User(Box<UserTask>),
    Service(Id),
    Script {
        variable: Arc<str>,
        expression: Arc<dyn Expression>,
    },
    Exclusive,
    Parallel,
    Inclusive,
    TimerCatch(TimerSpec),
    Boundary {
        attached: usize,
        interrupting: bool,
        timer: TimerSpec,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub id: Id,
    pub name: Arc<str>,
    pub line: u32,
    /// Local name of the BPMN element.
    pub element: &'static str,
    pub kind: Kind,
    pub incoming: Vec<usize>,
    pub outgoing: Vec<usize>,
    pub default: Option<usize>,
    pub boundary: Vec<usize>,
    pub lane: Option<Arc<str>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub id: Id,
    pub name: Arc<str>,
    pub source: usize,
    pub target: usize,
    pub condition: Option<Arc<dyn Expression>>,
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

/// A process definition: compiled, immutable, shareable between threads.
#[derive(Debug, Clone)]
pub struct Definition {
    pub(crate) id: Id,
    pub(crate) name: Arc<str>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) flows: Vec<Flow>,
    pub(crate) diagram: Diagram,
    pub(crate) has_diagram: bool,
    pub(crate) lanes: Vec<(Id, Arc<str>)>,
    xml: Arc<[u8]>,
    hash: String,
    index: BTreeMap<Id, usize>,
    flow_index: BTreeMap<Id, usize>,
    start: usize,
    inclusive_joins: Vec<usize>,
    dominators: Dominators,
}

/// What the importer found, before it is linked.
pub(crate) struct Parts {
    pub id: Id,
    pub name: Arc<str>,
    pub nodes: Vec<Node>,
    pub flows: Vec<Flow>,
    pub lanes: Vec<(Id, Arc<str>)>,
    pub diagram: Diagram,
    pub xml: Arc<[u8]>,
    pub hash: String,
    pub start: usize,
}

impl Definition {
    pub(crate) fn assemble(parts: Parts) -> Self {
        let Parts {
            id,
            name,
            nodes,
            flows,
            lanes,
            diagram,
            xml,
            hash,
            start,
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
        let inclusive_joins = (0..nodes.len())
            .filter(|i| matches!(nodes[*i].kind, Kind::Inclusive) && nodes[*i].incoming.len() > 1)
            .collect();
        let dominators = Dominators::of(&nodes, &flows, start);
        let has_diagram = !diagram.shapes.is_empty();
        let mut def = Self {
            id,
            name,
            nodes,
            flows,
            diagram,
            has_diagram,
            lanes,
            xml,
            hash,
            index,
            flow_index,
            start,
            inclusive_joins,
            dominators,
        };
        if !has_diagram {
            def.diagram = crate::layout::layout(&def);
        }
        def
    }

    /// Id of the process element: the key of the definition.
    #[must_use]
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// Name of the process.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
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

    /// All flow nodes in document order.
    pub fn elements(&self) -> impl Iterator<Item = ElementView<'_>> {
        self.nodes.iter().map(|n| ElementView {
            id: &n.id,
            name: &n.name,
            element: n.element,
            line: n.line,
            lane: n.lane.as_deref(),
        })
    }

    /// One element by id.
    #[must_use]
    pub fn element(&self, id: &str) -> Option<ElementView<'_>> {
        let n = self.nodes.get(self.index_of(id)?)?;
        let lane = n.lane.as_deref();
        Some(ElementView {
            id: &n.id,
            name: &n.name,
            element: n.element,
            line: n.line,
            lane,
        })
    }

    /// The user tasks to which a task at `from` may be returned (退回), in document order.
    #[must_use]
    pub fn return_targets(&self, from: &str) -> Vec<ElementView<'_>> {
        let Some(from) = self.index_of(from) else {
            return Vec::new();
        };
        let before = |i: usize| i != from && self.may_return(from, i);
        let users = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, n)| matches!(n.kind, Kind::User(_)));
        users
            .filter(|(i, _)| before(*i))
            .filter_map(|(_, n)| self.element(&n.id))
            .collect()
    }

    pub(crate) fn start(&self) -> &Node {
        self.node(self.start)
    }

    pub(crate) fn start_index(&self) -> usize {
        self.start
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

    pub(crate) fn inclusive_joins(&self) -> &[usize] {
        &self.inclusive_joins
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
            let node = self.node(n);
            stack.extend(node.outgoing.iter().map(|f| self.flow(*f).target));
            stack.extend(&node.boundary);
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
            stack.extend(node.outgoing.iter().map(|f| self.flow(*f).target));
            stack.extend(&node.boundary);
        }
        false
    }
}
