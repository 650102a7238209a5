//! Into a sub-process, and out of it again.

use super::Refused;
use super::sort::Sort;
use super::tree::{Doc, Patch};

impl Doc {
    pub(super) fn enclose(&mut self, element: &str, name: &str) -> Result<String, Refused> {
        let at = self.node(element)?;
        self.may_be_reached(at)?;
        self.may_lead_on(at)?;
        let title = self.title(at).to_owned();
        let refuse = |message: String| Err(Refused::new("nest", Some(element), message));
        if self.tag(at).name.ends_with("Gateway") {
            // What it waits for would come to the sub-process one by one.
            return refuse("网关不能放进子流程".to_owned());
        }
        if !self.events_on(at).is_empty() {
            return refuse(format!("“{title}”上附有定时或其他事件，请先移去它们"));
        }
        if !self.other_references(element).is_empty() {
            return refuse(format!("“{title}”与其他流程或说明相连，请在文件中修改"));
        }
        let (into, out) = (self.flows_to(at), self.out_of(at));
        if out.len() > 1 || into.iter().any(|f| f.from == element) {
            return refuse(format!("“{title}”之后有多条分支，不能放进子流程"));
        }
        let sub = self.new_node(element, Sort::Sub, name)?;
        for flow in &into {
            self.set_ends(&flow.id, None, Some(&sub))?;
        }
        for flow in &out {
            self.set_ends(&flow.id, Some(&sub), None)?;
        }
        // The new one holds a start, an end and the flow between them; the element goes on that flow.
        let (at, scope) = (self.node(element)?, self.node(&sub)?);
        let inner = self.flows_in(scope);
        let (Some(flow), Some(start)) = (inner.first(), self.child(scope, "startEvent")) else {
            return refuse("子流程不能保存".to_owned());
        };
        let own = self.slice(self.tag(at).start..self.tag(at).end).to_owned();
        let patches = vec![self.without(at), self.behind(start, &own)];
        self.patch(patches)?;
        self.set_ends(&flow.id, None, Some(element))?;
        self.new_flow(element, &flow.to)?;
        self.draw_around(&sub, element)?;
        for flow in into.iter().chain(&out) {
            self.redraw_flow(&flow.id)?;
        }
        Ok(sub)
    }

    pub(super) fn dissolve(&mut self, element: &str) -> Result<String, Refused> {
        let at = self.node(element)?;
        let refuse = |message: &str| Err(Refused::new("nest", Some(element), message));
        if !self.tag(at).is("subProcess") || self.tag(at).attr("triggeredByEvent") == Some("true") {
            return refuse("它不是普通的子流程");
        }
        let loops = [
            "multiInstanceLoopCharacteristics",
            "standardLoopCharacteristics",
        ];
        if loops.iter().any(|kind| self.child(at, kind).is_some()) {
            return refuse("重复的子流程不能拆开");
        }
        if !self.events_on(at).is_empty() || !self.other_references(element).is_empty() {
            return refuse("子流程上附有事件或连线，请先移去它们");
        }
        let out = self.out_of(at);
        if out.len() > 1 {
            return refuse("子流程之后有多条分支，不能拆开");
        }
        let (starts, ends): (Vec<_>, Vec<_>) = (
            self.all(at, "startEvent").collect(),
            self.all(at, "endEvent").collect(),
        );
        let plain = |n: usize| {
            let mut children = self.tag(n).children.iter().map(|c| self.tag(*c));
            !children.any(|c| c.name.ends_with("EventDefinition"))
        };
        let (&[start], &[end]) = (starts.as_slice(), ends.as_slice()) else {
            return refuse("只有一个开始和一个结束的子流程才能拆开");
        };
        let (first, last) = (self.out_of(start), self.flows_to(end));
        let ([first], [last]) = (first.as_slice(), last.as_slice()) else {
            return refuse("只有一个开始和一个结束的子流程才能拆开");
        };
        let both = out.iter().any(|o| !self.is_bare(&o.id).unwrap_or(true));
        if both && !self.is_bare(&last.id)? {
            return refuse("结束前后的两条连线都有名称或条件，请先清除一条的");
        }
        if !plain(start) || !plain(end) || self.waits(at) {
            return refuse("子流程里有并行分支或事件，拆开后意思会改变");
        }
        let (first, last) = (first.clone(), last.clone());
        if first.id == last.id {
            return refuse("子流程是空的，请直接移去它");
        }
        let end = self.id(end).to_owned();
        self.move_out(at, &[start], &[&first.id])?;
        match out.first() {
            // Of the two that become one, that stays which says something.
            Some(out) if self.is_bare(&last.id)? => {
                self.drop_flow(&last.id)?;
                self.set_ends(&out.id, Some(&last.from), None)?;
            }
            Some(out) => {
                self.set_ends(&last.id, None, Some(&out.to))?;
                self.drop_flow(&out.id)?;
            }
            None => self.drop_flow(&last.id)?,
        }
        for flow in self.flows_to(self.node(element)?) {
            self.set_ends(&flow.id, None, Some(&first.to))?;
        }
        self.drop_node(element)?;
        self.drop_node(&end)?;
        Ok(first.to)
    }

    /// Whether the end of a sub-process waits for more than what comes to its end event.
    fn waits(&self, scope: usize) -> bool {
        let nodes = self.nodes_in(scope);
        let odd = nodes.iter().any(|n| {
            let tag = self.tag(*n);
            let kind = tag.name.as_str();
            let leads = !self.out_of(*n).is_empty();
            tag.is("boundaryEvent")
                || tag.attr("triggeredByEvent") == Some("true")
                || matches!(kind, "parallelGateway" | "inclusiveGateway")
                || (!leads && kind != "endEvent")
                || (self.out_of(*n).len() > 1 && !kind.ends_with("Gateway"))
        });
        let others = [
            "dataObject",
            "dataObjectReference",
            "laneSet",
            "association",
            "group",
        ];
        odd || others.iter().any(|kind| self.child(scope, kind).is_some())
    }

    /// Moves what is in a scope behind it, but for these elements and flows.
    fn move_out(&mut self, scope: usize, but: &[usize], flows: &[&str]) -> Result<(), Refused> {
        let stays = |c: &usize| {
            let tag = self.tag(*c);
            but.contains(c)
                || flows.contains(&self.id(*c))
                || matches!(
                    tag.name.as_str(),
                    "documentation" | "extensionElements" | "incoming" | "outgoing"
                )
        };
        let children = self.tag(scope).children.iter().copied();
        let moved: Vec<usize> = children.filter(|c| !stays(c)).collect();
        let mut patches = Vec::new();
        for child in moved {
            let tag = self.tag(child);
            let own = self.slice(tag.start..tag.end).to_owned();
            let Patch(range, text) = self.behind(scope, &own);
            patches.push(Patch(range, text));
            patches.push(self.without(child));
        }
        self.patch(patches)
    }
}
