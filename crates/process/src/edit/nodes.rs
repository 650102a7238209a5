//! Elements: put in, taken out, named, made another kind.

use super::graph::{Slot, local};
use super::sort::{GATEWAYS, Sort, TASKS, is_activity};
use super::tree::{Doc, escaped};
use super::{Place, Refused, Timed};

impl Doc {
    /// The text of a new element, and its id.
    fn made(&self, like: usize, sort: Sort, name: &str) -> Result<(String, String), Refused> {
        let (id, title) = (self.fresh(sort.stem()), escaped(name)?);
        let tag = self.named_like(like, sort.element());
        let named = |element: &str| self.named_like(like, element);
        let title = match title.as_str() {
            "" => String::new(),
            title => format!(" name=\"{title}\""),
        };
        let open = format!("<{tag} id=\"{id}\"{title}");
        let text = match sort {
            Sort::Wait => {
                let (event, time) = (named("timerEventDefinition"), named("timeDuration"));
                let timer = self.fresh("timer");
                format!("{open}><{event} id=\"{timer}\"><{time}>P1D</{time}></{event}></{tag}>")
            }
            Sort::Sub => {
                let (start, end) = (self.fresh("start"), self.fresh("end"));
                let flow = self.fresh("flow");
                let (s, e, f) = (
                    named("startEvent"),
                    named("endEvent"),
                    named("sequenceFlow"),
                );
                format!(
                    "{open}><{s} id=\"{start}\" /><{e} id=\"{end}\" /><{f} id=\"{flow}\" sourceRef=\"{start}\" targetRef=\"{end}\" /></{tag}>"
                )
            }
            _ => format!("{open} />"),
        };
        Ok((text, id))
    }

    /// A new element in the file behind another one of its level, in the lanes of that one, without flows.
    pub(super) fn new_node(
        &mut self,
        beside: &str,
        sort: Sort,
        name: &str,
    ) -> Result<String, Refused> {
        let at = self.node(beside)?;
        let scope = self.scope_of(at);
        let (text, id) = self.made(scope, sort, name)?;
        let mut patches = vec![self.behind(at, &text)];
        for lane in self.lane_references(beside) {
            let name = self.named_like(lane, "flowNodeRef");
            patches.push(self.behind(lane, &format!("<{name}>{id}</{name}>")));
        }
        self.patch(patches)?;
        Ok(id)
    }

    pub(super) fn insert(
        &mut self,
        place: &Place,
        sort: Sort,
        name: &str,
    ) -> Result<String, Refused> {
        let slot = self.slot(place)?;
        let id = match slot {
            Slot::Flow(flow) if sort == Sort::End => {
                let message = "结束事件只能放在没有后续环节的地方";
                return Err(Refused::new("place", Some(&flow.id), message));
            }
            Slot::Flow(flow) => {
                let id = self.new_node(&flow.from, sort, name)?;
                self.draw_node(&id, sort.size(), &flow.from)?;
                self.set_ends(&flow.id, None, Some(&id))?;
                self.new_flow(&id, &flow.to)?;
                id
            }
            Slot::End(last) => {
                let id = self.new_node(&last, sort, name)?;
                self.draw_node(&id, sort.size(), &last)?;
                self.new_flow(&last, &id)?;
                id
            }
        };
        if sort == Sort::Sub {
            self.draw_inside(&id)?;
        }
        Ok(id)
    }

    pub(super) fn remove(&mut self, element: &str) -> Result<String, Refused> {
        let at = self.node(element)?;
        self.may_go(at)?;
        let (before, after) = (self.flows_to(at), self.out_of(at));
        let next = self.bypass(element)?;
        if let Some(next) = &next {
            match before.as_slice() {
                // Of the two that become one, that stays which says something.
                [only] if self.is_bare(&only.id)? && !self.is_bare(&next.id)? => {
                    self.drop_flow(&only.id)?;
                    self.set_ends(&next.id, Some(&only.from), None)?;
                }
                _ => self.drop_flow(&next.id)?,
            }
        } else {
            for flow in &before {
                self.drop_flow(&flow.id)?;
            }
        }
        self.drop_node(element)?;
        let neighbour = before.first().map(|f| &f.from);
        let neighbour = neighbour.or_else(|| after.first().map(|f| &f.to));
        Ok(neighbour.cloned().unwrap_or_default())
    }

    /// Takes an element out that no flow names any more, with everything else that names it.
    pub(super) fn drop_node(&mut self, element: &str) -> Result<(), Refused> {
        let at = self.node(element)?;
        let mut patches = vec![self.without(at)];
        // What is inside goes with it, and so do its shapes.
        let own = self.tag(at).start..self.tag(at).end;
        let inside = self.tags.iter().filter(|tag| own.contains(&tag.start));
        let ids: Vec<&str> = inside.filter_map(|tag| tag.attr("id")).collect();
        for id in ids {
            patches.extend(self.undrawn(id));
            patches.extend(self.lane_references(id).iter().map(|r| self.without(*r)));
            for other in self.other_references(id) {
                patches.push(self.without(other));
                patches.extend(self.undrawn(self.id(other)));
            }
        }
        self.patch(patches)
    }

    /// Whether an element can be taken out of the file.
    fn may_go(&self, at: usize) -> Result<(), Refused> {
        let (id, title) = (self.id(at), self.title(at));
        let refuse = |message: String| Err(Refused::new("remove", Some(id), message));
        if !self.events_on(at).is_empty() {
            return refuse(format!("“{title}”上附有定时或其他事件，请先移去它们"));
        }
        let messages = self.other_references(id);
        if messages.iter().any(|m| self.tag(*m).is("messageFlow")) {
            return refuse(format!("“{title}”与其他流程有消息往来，请在文件中修改"));
        }
        let starts = self.all(self.scope_of(at), "startEvent").count();
        if self.tag(at).is("startEvent") && starts == 1 {
            return refuse("开始事件不能移去".to_owned());
        }
        let scope = super::sort::is_scope(&self.tag(at).name);
        let work = |n: &usize| !matches!(self.tag(*n).name.as_str(), "startEvent" | "endEvent");
        if scope && self.nodes_in(at).iter().any(work) {
            return refuse(format!("“{title}”里还有环节，请先移去它们，或者拆开子流程"));
        }
        Ok(())
    }

    pub(super) fn rename(&mut self, element: &str, name: &str) -> Result<String, Refused> {
        let at = self.known(element)?;
        let name = (!name.is_empty()).then_some(name);
        let patches = self.attributes(at, &[("name", name)])?;
        self.patch(patches)?;
        Ok(element.to_owned())
    }

    pub(super) fn retype(&mut self, element: &str, sort: Sort) -> Result<String, Refused> {
        let at = self.node(element)?;
        let now = &self.tag(at).name;
        let alike = |all: &[Sort]| {
            all.contains(&sort) && all.iter().any(|s| s.element() == now) || now == sort.element()
        };
        if !(alike(&TASKS) || alike(&GATEWAYS) || now == "task" && TASKS.contains(&sort)) {
            let message = format!("“{}”不能改成这种环节，请移去后重新添加", self.title(at));
            return Err(Refused::new("kind", Some(element), message));
        }
        if sort == Sort::Parallel {
            let conditional = |f: &super::graph::Flow| {
                let flow = self.find(&f.id);
                flow.is_some_and(|at| self.child(at, "conditionExpression").is_some())
            };
            if self.out_of(at).iter().any(conditional) {
                let message = "并行网关的分支不能带条件，请先清除条件";
                return Err(Refused::new("kind", Some(element), message));
            }
        }
        let tag = self.tag(at);
        let old = self.named_like(at, &tag.name);
        let new = self.named_like(at, sort.element());
        let mut patches = vec![super::tree::Patch(
            tag.start + 1..tag.start + 1 + old.len(),
            new.clone(),
        )];
        if tag.close_start < tag.end {
            let from = tag.close_start + 2;
            patches.push(super::tree::Patch(from..from + old.len(), new));
        }
        if sort == Sort::Parallel {
            patches.extend(self.attributes(at, &[("default", None)])?);
        }
        self.patch(patches)?;
        Ok(element.to_owned())
    }

    pub(super) fn timer(
        &mut self,
        host: &str,
        name: &str,
        timed: &Timed,
        interrupting: bool,
        to: Option<&str>,
    ) -> Result<String, Refused> {
        let at = self.node(host)?;
        if !is_activity(&self.tag(at).name) || self.tag(at).attr("triggeredByEvent") == Some("true")
        {
            let message = "定时只能附在任务或子流程上";
            return Err(Refused::new("boundary", Some(host), message));
        }
        if let Some(to) = to {
            let target = self.node(to)?;
            self.may_be_reached(target)?;
            self.same_level(at, target)?;
        }
        let scope = self.scope_of(at);
        let (id, timer) = (self.fresh("event"), self.fresh("timer"));
        let tag = self.named_like(scope, "boundaryEvent");
        let event = self.named_like(scope, "timerEventDefinition");
        let title = match name {
            "" => String::new(),
            name => format!(" name=\"{}\"", escaped(name)?),
        };
        let calm = if interrupting {
            ""
        } else {
            " cancelActivity=\"false\""
        };
        let text = format!(
            "<{tag} id=\"{id}\"{title} attachedToRef=\"{}\"{calm}><{event} id=\"{timer}\" /></{tag}>",
            escaped(host)?
        );
        let mut patches = vec![self.behind(at, &text)];
        for lane in self.lane_references(host) {
            let name = self.named_like(lane, "flowNodeRef");
            patches.push(self.behind(lane, &format!("<{name}>{id}</{name}>")));
        }
        self.patch(patches)?;
        self.time(&id, timed)?;
        self.draw_event(&id, host)?;
        match to {
            Some(to) => self.new_flow(&id, to)?,
            None => self.insert(&Place::After(id.clone()), Sort::End, "")?,
        };
        Ok(id)
    }

    /// The lanes that name an element, outermost first.
    pub(super) fn lanes_of(&self, element: &str) -> Vec<usize> {
        let refs = self.lane_references(element);
        refs.iter().filter_map(|r| self.tag(*r).parent).collect()
    }

    /// The definition of a timer in an event.
    pub(super) fn timer_of(&self, at: usize) -> Option<usize> {
        self.child(at, "timerEventDefinition")
    }

    /// The message of the file with this name or id.
    pub(super) fn message(&self, name: &str) -> Option<usize> {
        let mut all = self.all(0, "message");
        all.find(|m| self.tag(*m).attr("name") == Some(name) || self.id(*m) == local(name))
    }
}
