//! Sequence flows: made, taken out, turned to another end; and elements that leave their place.

use super::graph::{Flow, Slot, local};
use super::tree::{Doc, Patch, escaped};
use super::{FORMULA_MAX, Place, Refused};

/// What stands before the lists of flows in an element.
const BEFORE_LISTS: [&str; 6] = [
    "documentation",
    "extensionElements",
    "auditing",
    "monitoring",
    "categoryValueRef",
    "incoming",
];

impl Doc {
    /// Puts text behind the last child of these kinds; before all others where there is none.
    pub(super) fn ordered(&self, at: usize, kinds: &[&str], new: &str) -> Patch {
        let mut children = self.tag(at).children.iter().rev();
        let last = children.find(|c| kinds.iter().any(|kind| self.tag(**c).is(kind)));
        match last {
            Some(last) => self.behind(*last, new),
            None => self.in_front(at, new),
        }
    }

    /// The entry of a flow in the list of an element.
    fn listed(&self, node: &str, list: &str, flow: &str) -> Option<Patch> {
        let node = self.find(node)?;
        let mut entries = self.all(node, list);
        let entry = entries.find(|e| local(&self.tag(*e).text) == flow)?;
        Some(self.without(entry))
    }

    fn list(&self, node: &str, list: &str, flow: &str) -> Result<Option<Patch>, Refused> {
        let Some(at) = self.find(node).filter(|_| self.lists_flows()) else {
            return Ok(None);
        };
        let name = self.named_like(at, list);
        let entry = format!("<{name}>{}</{name}>", escaped(flow)?);
        let mut kinds = BEFORE_LISTS.to_vec();
        if list == "outgoing" {
            kinds.push("outgoing");
        }
        Ok(Some(self.ordered(at, &kinds, &entry)))
    }

    /// Turns a flow to other ends.
    pub(super) fn set_ends(
        &mut self,
        flow: &str,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<(), Refused> {
        let lists = self.lists_flows();
        let (at, old) = self.flow(flow)?;
        if let Some(to) = to.filter(|to| *to != old.to) {
            let mut patches = self.attributes(at, &[("targetRef", Some(to))])?;
            patches.extend(self.listed(&old.to, "incoming", flow));
            if lists {
                patches.extend(self.list(to, "incoming", flow)?);
            }
            self.patch(patches)?;
        }
        let at = self.known(flow)?;
        if let Some(from) = from.filter(|from| *from != old.from) {
            let mut patches = self.attributes(at, &[("sourceRef", Some(from))])?;
            patches.extend(self.listed(&old.from, "outgoing", flow));
            patches.extend(self.no_default(&old)?);
            if lists {
                patches.extend(self.list(from, "outgoing", flow)?);
            }
            self.patch(patches)?;
        }
        self.redraw_flow(flow)
    }

    /// The source no longer takes this flow where no condition holds.
    fn no_default(&self, flow: &Flow) -> Result<Vec<Patch>, Refused> {
        match self.find(&flow.from) {
            Some(at) if self.tag(at).attr("default") == Some(&flow.id) => {
                self.attributes(at, &[("default", None)])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// A new flow; its id.
    pub(super) fn new_flow(&mut self, from: &str, to: &str) -> Result<String, Refused> {
        let id = self.fresh("flow");
        let scope = self.scope_of(self.node(from)?);
        let name = self.named_like(scope, "sequenceFlow");
        let text = format!(
            "<{name} id=\"{id}\" sourceRef=\"{}\" targetRef=\"{}\" />",
            escaped(from)?,
            escaped(to)?
        );
        let last = self.all(scope, "sequenceFlow").last();
        let mut patches = vec![match last.or_else(|| self.nodes_in(scope).pop()) {
            Some(last) => self.behind(last, &text),
            None => self.inside(scope, &text),
        }];
        patches.extend(self.list(from, "outgoing", &id)?);
        patches.extend(self.list(to, "incoming", &id)?);
        self.patch(patches)?;
        self.redraw_flow(&id)?;
        Ok(id)
    }

    /// Takes a flow out with everything that names it.
    pub(super) fn drop_flow(&mut self, flow: &str) -> Result<(), Refused> {
        let (at, old) = self.flow(flow)?;
        let mut patches = vec![self.without(at)];
        patches.extend(self.listed(&old.from, "outgoing", flow));
        patches.extend(self.listed(&old.to, "incoming", flow));
        patches.extend(self.no_default(&old)?);
        patches.extend(self.undrawn(flow));
        for other in self.other_references(flow) {
            patches.push(self.without(other));
            patches.extend(self.undrawn(self.id(other)));
        }
        self.patch(patches)
    }

    /// Whether a flow says nothing but where it leads.
    pub(super) fn is_bare(&self, flow: &str) -> Result<bool, Refused> {
        let (at, ends) = self.flow(flow)?;
        let source = self.find(&ends.from).map(|at| self.tag(at));
        let tag = self.tag(at);
        Ok(tag.children.is_empty()
            && tag.attr("name").is_none_or(str::is_empty)
            && source.is_none_or(|s| s.attr("default") != Some(flow)))
    }

    pub(super) fn connect(&mut self, from: &str, to: &str) -> Result<String, Refused> {
        let (a, b) = (self.node(from)?, self.node(to)?);
        self.may_lead_on(a)?;
        self.may_be_reached(b)?;
        self.same_level(a, b)?;
        self.not_itself(from, to)?;
        if self.out_of(a).iter().any(|f| f.to == to) {
            let message = format!("“{}”已经连到“{}”", self.title(a), self.title(b));
            return Err(Refused::new("flow", Some(from), message));
        }
        self.new_flow(from, to)?;
        Ok(from.to_owned())
    }

    pub(super) fn disconnect(&mut self, flow: &str) -> Result<String, Refused> {
        let from = self.flow(flow)?.1.from;
        self.drop_flow(flow)?;
        Ok(from)
    }

    pub(super) fn redirect(&mut self, flow: &str, to: &str) -> Result<String, Refused> {
        let (at, old) = self.flow(flow)?;
        let target = self.node(to)?;
        self.may_be_reached(target)?;
        self.not_itself(&old.from, to)?;
        if self.scope_of(at) != self.scope_of(target) {
            return Err(Refused::new(
                "flow",
                Some(flow),
                "顺序流不能越过子流程或流程的边界",
            ));
        }
        self.set_ends(flow, None, Some(to))?;
        Ok(old.from)
    }

    fn not_itself(&self, from: &str, to: &str) -> Result<(), Refused> {
        match from == to {
            true => Err(Refused::new("flow", Some(from), "不能连回自己")),
            false => Ok(()),
        }
    }

    pub(super) fn same_level(&self, a: usize, b: usize) -> Result<(), Refused> {
        if self.scope_of(a) == self.scope_of(b) {
            return Ok(());
        }
        let message = "顺序流不能越过子流程或流程的边界";
        Err(Refused::new("flow", Some(self.id(a)), message))
    }

    pub(super) fn condition(&mut self, flow: &str, text: &str) -> Result<String, Refused> {
        let (at, old) = self.flow(flow)?;
        let text = text.trim();
        let parallel = self
            .find(&old.from)
            .is_some_and(|from| self.tag(from).is("parallelGateway"));
        if parallel && !text.is_empty() {
            return Err(Refused::new(
                "condition",
                Some(flow),
                "并行网关的分支不能带条件",
            ));
        }
        self.text_child(at, "conditionExpression", text)?;
        Ok(old.from)
    }

    pub(super) fn default_flow(
        &mut self,
        element: &str,
        flow: Option<&str>,
    ) -> Result<String, Refused> {
        let at = self.node(element)?;
        let kind = &self.tag(at).name;
        let fits = matches!(kind.as_str(), "exclusiveGateway" | "inclusiveGateway")
            || super::sort::is_activity(kind);
        if let Some(flow) = flow
            && (!fits || self.flow(flow)?.1.from != element)
        {
            let message = "缺省分支须是从这里出发的顺序流";
            return Err(Refused::new("default", Some(element), message));
        }
        let patches = self.attributes(at, &[("default", flow)])?;
        self.patch(patches)?;
        Ok(element.to_owned())
    }

    /// Lets the flows that come to an element go on to what follows it; the flow that left it, still there.
    pub(super) fn bypass(&mut self, element: &str) -> Result<Option<Flow>, Refused> {
        let at = self.node(element)?;
        let (into, mut out) = (self.flows_to(at), self.out_of(at));
        let refuse = |message: String| Err(Refused::new("branches", Some(element), message));
        let title = self.title(at).to_owned();
        if out.len() > 1 {
            return refuse(format!("“{title}”之后有多条分支，不知道接到哪一条"));
        }
        let joins = matches!(
            self.tag(at).name.as_str(),
            "parallelGateway" | "inclusiveGateway" | "complexGateway"
        );
        if joins && into.len() > 1 {
            return refuse(format!("“{title}”汇合多条分支，请先移去这些分支"));
        }
        let Some(next) = out.pop() else {
            return Ok(None);
        };
        if into.iter().any(|f| f.from == next.to) {
            let target = self.known(&next.to).map(|at| self.title(at).to_owned())?;
            return refuse(format!("取走“{title}”之后，“{target}”会连回自己"));
        }
        for flow in into {
            self.set_ends(&flow.id, None, Some(&next.to))?;
        }
        Ok(Some(next))
    }

    pub(super) fn relocate(&mut self, element: &str, place: &Place) -> Result<String, Refused> {
        let at = self.node(element)?;
        self.may_be_reached(at)?;
        self.may_lead_on(at)?;
        let there = || Refused::new("place", Some(element), "它已经在这个位置");
        let slot = self.slot(place)?;
        let beside = match &slot {
            Slot::Flow(flow) if flow.from == element || flow.to == element => return Err(there()),
            Slot::Flow(flow) => self.node(&flow.from)?,
            Slot::End(last) if last == element => return Err(there()),
            Slot::End(last) => self.node(last)?,
        };
        self.same_level(at, beside)?;
        // Behind the last element, which leads to this one: nothing would be left behind it.
        let onwards = self.bypass(element)?;
        let Some(onwards) = onwards else {
            let message = "之后没有环节，不能移动；请先连到后续环节";
            return Err(Refused::new("place", Some(element), message));
        };
        match slot {
            Slot::Flow(flow) => {
                self.set_ends(&flow.id, None, Some(element))?;
                self.set_ends(&onwards.id, None, Some(&flow.to))?;
            }
            Slot::End(last) => {
                self.drop_flow(&onwards.id)?;
                self.new_flow(&last, element)?;
            }
        }
        self.redraw_node(element)?;
        Ok(element.to_owned())
    }

    /// Sets the text of a child, or takes the child away where the text is empty.
    pub(super) fn text_child(&mut self, at: usize, kind: &str, text: &str) -> Result<(), Refused> {
        if text.chars().count() > FORMULA_MAX {
            let message = format!("公式或文字不能超过 {FORMULA_MAX} 个字");
            return Err(Refused::new("value", Some(self.id(at)), message));
        }
        let known = self.child(at, kind);
        let patch = match (known, text.is_empty()) {
            (None, true) => return Ok(()),
            (Some(child), true) => self.without(child),
            (Some(child), false) if self.tag(child).text.trim() == text => return Ok(()),
            (Some(child), false) => self.refill(child, &escaped(text)?),
            (None, false) => {
                let name = self.named_like(at, kind);
                self.inside(at, &format!("<{name}>{}</{name}>", escaped(text)?))
            }
        };
        self.patch(vec![patch])
    }
}
