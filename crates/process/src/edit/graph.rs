//! Elements and flows of a document, by id.

use super::sort::{is_flow_node, is_scope};
use super::tree::{Doc, Patch};
use super::{Place, Refused};

/// A sequence flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flow {
    pub id: String,
    pub from: String,
    pub to: String,
}

/// Where a new element goes.
pub(super) enum Slot {
    /// Between the ends of this flow.
    Flow(Flow),
    /// Behind this element, which leads nowhere.
    End(String),
}

impl Doc {
    /// Gives ids to elements and flows that have none.
    pub(super) fn number(&mut self) -> Result<(), Refused> {
        loop {
            let lacks = |i: &usize| {
                let (tag, inside) = (self.tag(*i), self.parent_is_scope(*i));
                let counts = inside && (is_flow_node(&tag.name) || tag.name == "sequenceFlow");
                counts && tag.attr("id").is_none_or(|id| id.trim().is_empty())
            };
            let wanting: Vec<usize> = (0..self.tags.len()).filter(lacks).collect();
            let Some(first) = wanting.first() else {
                return Ok(());
            };
            // Of one kind at once: the numbers go on from the first that is free.
            let stem = match self.tag(*first).is("sequenceFlow") {
                true => "flow",
                false => "element",
            };
            let alike = wanting
                .iter()
                .filter(|i| self.tag(**i).is("sequenceFlow") == (stem == "flow"));
            let mut patches = Vec::new();
            let free = self.fresh(stem);
            let mut n: u32 = free
                .rsplit_once('_')
                .and_then(|(_, n)| n.parse().ok())
                .unwrap_or(1);
            for i in alike {
                let mut id = format!("{stem}_{n}");
                while self.find(&id).is_some() {
                    n += 1;
                    id = format!("{stem}_{n}");
                }
                patches.extend(self.attribute(*i, "", "id", Some(&id))?);
                n += 1;
            }
            self.patch(patches)?;
        }
    }

    fn parent_is_scope(&self, at: usize) -> bool {
        let parent = self.tag(at).parent.map(|p| self.tag(p));
        let own = &*self.tag(at).ns == crate::import::BPMN;
        own && parent.is_some_and(|p| &*p.ns == crate::import::BPMN && is_scope(&p.name))
    }

    /// Processes and sub-processes.
    pub(super) fn scopes(&self) -> Vec<usize> {
        let scope = |i: &usize| {
            let tag = self.tag(*i);
            &*tag.ns == crate::import::BPMN && is_scope(&tag.name)
        };
        (0..self.tags.len()).filter(scope).collect()
    }

    /// The process that an instance runs: the first that is executable, else the first.
    pub(super) fn main_process(&self) -> Result<usize, Refused> {
        let mut all = self.all(0, "process");
        let marked = |p: &usize| self.tag(*p).attr("isExecutable") == Some("true");
        let found = self.all(0, "process").find(marked).or_else(|| all.next());
        found.ok_or_else(|| Refused::new("process", None, "文件中没有流程（process）"))
    }

    /// The elements of a scope, in the order of the file.
    pub(super) fn nodes_in(&self, scope: usize) -> Vec<usize> {
        let children = self.tag(scope).children.iter().copied();
        children
            .filter(|c| is_flow_node(&self.tag(*c).name) && self.parent_is_scope(*c))
            .collect()
    }

    /// An element of any scope.
    pub(super) fn node(&self, id: &str) -> Result<usize, Refused> {
        let at = self.known(id)?;
        if is_flow_node(&self.tag(at).name) && self.parent_is_scope(at) {
            return Ok(at);
        }
        Err(Refused::new(
            "unknown",
            Some(id),
            format!("{id:.80} 不是流程中的环节"),
        ))
    }

    pub(super) fn scope_of(&self, at: usize) -> usize {
        self.tag(at).parent.unwrap_or(0)
    }

    /// The flows of a scope, in the order of the file; ends that do not exist are empty.
    pub(super) fn flows_in(&self, scope: usize) -> Vec<Flow> {
        let read = |at: usize| {
            let end = |name| {
                self.tag(at)
                    .attr(name)
                    .unwrap_or_default()
                    .trim()
                    .to_owned()
            };
            Flow {
                id: self.id(at).to_owned(),
                from: end("sourceRef"),
                to: end("targetRef"),
            }
        };
        self.all(scope, "sequenceFlow").map(read).collect()
    }

    pub(super) fn flow(&self, id: &str) -> Result<(usize, Flow), Refused> {
        let at = self.known(id)?;
        let flows = match self.tag(at).is("sequenceFlow") {
            true => self.flows_in(self.scope_of(at)),
            false => Vec::new(),
        };
        let found = flows.into_iter().find(|f| f.id == id);
        let missing = || Refused::new("unknown", Some(id), format!("{id:.80} 不是顺序流"));
        found.map(|flow| (at, flow)).ok_or_else(missing)
    }

    pub(super) fn out_of(&self, at: usize) -> Vec<Flow> {
        let mut flows = self.flows_in(self.scope_of(at));
        flows.retain(|f| f.from == self.id(at));
        flows
    }

    pub(super) fn flows_to(&self, at: usize) -> Vec<Flow> {
        let mut flows = self.flows_in(self.scope_of(at));
        flows.retain(|f| f.to == self.id(at));
        flows
    }

    /// Events that sit on an activity.
    pub(super) fn events_on(&self, at: usize) -> Vec<usize> {
        let host = self.id(at).to_owned();
        let own = self.all(self.scope_of(at), "boundaryEvent");
        own.filter(|b| {
            let on = self.tag(*b).attr("attachedToRef").unwrap_or_default();
            on.rsplit(':').next().unwrap_or(on).trim() == host
        })
        .collect()
    }

    /// Name for people; the id where there is none.
    pub(super) fn title(&self, at: usize) -> &str {
        let name = self.tag(at).attr("name").map(str::trim);
        name.filter(|n| !n.is_empty())
            .unwrap_or_else(|| self.id(at))
    }

    /// Whether the elements of this file list their flows.
    pub(super) fn lists_flows(&self) -> bool {
        self.tags
            .iter()
            .any(|t| t.is("incoming") || t.is("outgoing"))
    }

    /// Where an element put at this place stands.
    pub(super) fn slot(&self, place: &Place) -> Result<Slot, Refused> {
        let id = match place {
            Place::On(flow) => return Ok(Slot::Flow(self.flow(flow)?.1)),
            Place::After(element) => element,
        };
        let at = self.node(id)?;
        let mut out = self.out_of(at);
        match (out.len(), out.pop()) {
            (1, Some(flow)) => Ok(Slot::Flow(flow)),
            (0, _) => {
                self.may_lead_on(at)?;
                Ok(Slot::End(id.clone()))
            }
            _ => {
                let message = format!("“{}”之后有多条分支，请选择其中一条", self.title(at));
                Err(Refused::new("branches", Some(id), message))
            }
        }
    }

    /// Whether flows may leave an element.
    pub(super) fn may_lead_on(&self, at: usize) -> Result<(), Refused> {
        let tag = self.tag(at);
        let why = match tag.name.as_str() {
            "endEvent" => "结束事件之后不能再有环节",
            "subProcess" if tag.attr("triggeredByEvent") == Some("true") => {
                "事件子流程没有进出的顺序流"
            }
            "intermediateThrowEvent" if self.child(at, "linkEventDefinition").is_some() => {
                "抛出链接之后不能再有环节"
            }
            _ => return Ok(()),
        };
        Err(Refused::new("flow", Some(self.id(at)), why))
    }

    /// Whether flows may come to an element.
    pub(super) fn may_be_reached(&self, at: usize) -> Result<(), Refused> {
        let tag = self.tag(at);
        let why = match tag.name.as_str() {
            "startEvent" => "开始事件之前不能有环节",
            "boundaryEvent" => "附在任务上的事件之前不能有环节",
            "subProcess" if tag.attr("triggeredByEvent") == Some("true") => {
                "事件子流程没有进出的顺序流"
            }
            _ => return Ok(()),
        };
        Err(Refused::new("flow", Some(self.id(at)), why))
    }

    /// Everything that names an id outside of flows: events on it, messages, associations, links of data.
    pub(super) fn other_references(&self, id: &str) -> Vec<usize> {
        let names = |i: &usize| {
            let tag = self.tag(*i);
            let ends = matches!(tag.name.as_str(), "messageFlow" | "association");
            let hit = |name| tag.attr(name).is_some_and(|r| local(r) == id);
            ends && (hit("sourceRef") || hit("targetRef"))
        };
        (0..self.tags.len()).filter(names).collect()
    }

    /// Lanes that name an element, with the reference in each.
    pub(super) fn lane_references(&self, id: &str) -> Vec<usize> {
        let named = |i: &usize| self.tag(*i).is("flowNodeRef") && local(&self.tag(*i).text) == id;
        (0..self.tags.len()).filter(named).collect()
    }

    /// Sets attributes without namespace; a patch each.
    pub(super) fn attributes(
        &self,
        at: usize,
        values: &[(&str, Option<&str>)],
    ) -> Result<Vec<Patch>, Refused> {
        let mut patches = Vec::new();
        for (name, value) in values {
            patches.extend(self.attribute(at, "", name, *value)?);
        }
        Ok(patches)
    }
}

/// References may be qualified: `tns:task`.
pub(super) fn local(reference: &str) -> &str {
    let reference = reference.trim();
    reference.rsplit(':').next().unwrap_or(reference)
}
