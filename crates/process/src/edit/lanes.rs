//! Lanes: who does what is in them.

use super::tree::{Doc, Patch, escaped};
use super::{Refused, Setting};

impl Doc {
    pub(super) fn add_lane(
        &mut self,
        name: &str,
        post: &str,
        organ: &str,
    ) -> Result<String, Refused> {
        if name.is_empty() {
            return Err(Refused::new("name", None, "请填写泳道名称"));
        }
        let process = self.main_process()?;
        if self.child(process, "laneSet").is_none() {
            let (tag, id) = (self.named_like(process, "laneSet"), self.fresh("lanes"));
            let kinds = [
                "documentation",
                "extensionElements",
                "auditing",
                "monitoring",
                "property",
            ];
            let patch = self.ordered(process, &kinds, &format!("<{tag} id=\"{id}\" />"));
            self.patch(vec![patch])?;
        }
        let missing = || Refused::new("lane", None, "泳道不能保存");
        let set = self.child(process, "laneSet").ok_or_else(missing)?;
        let (tag, id) = (self.named_like(set, "lane"), self.fresh("lane"));
        let text = format!("<{tag} id=\"{id}\" name=\"{}\" />", escaped(name)?);
        let patch = self.inside(set, &text);
        self.patch(vec![patch])?;
        self.set(&id, Setting::Post, post)?;
        self.set(&id, Setting::Organ, organ)?;
        self.draw_lane(&id)?;
        Ok(id)
    }

    fn lane(&self, id: &str) -> Result<usize, Refused> {
        let at = self.known(id)?;
        match self.tag(at).is("lane") {
            true => Ok(at),
            false => Err(Refused::new("lane", Some(id), format!("{id:.80} 不是泳道"))),
        }
    }

    pub(super) fn remove_lane(&mut self, lane: &str) -> Result<String, Refused> {
        let at = self.lane(lane)?;
        if self.child(at, "childLaneSet").is_some() {
            let message = "泳道里还有泳道，请先移去里面的";
            return Err(Refused::new("lane", Some(lane), message));
        }
        let mut patches = vec![self.without(at)];
        patches.extend(self.undrawn(lane));
        // A set without lanes is no set.
        if let Some(set) = self
            .tag(at)
            .parent
            .filter(|set| self.all(*set, "lane").count() == 1)
        {
            patches = vec![self.without(set)];
            patches.extend(self.undrawn(lane));
        }
        self.patch(patches)?;
        Ok(String::new())
    }

    pub(super) fn in_lane(&mut self, element: &str, lane: Option<&str>) -> Result<String, Refused> {
        self.node(element)?;
        let mut patches: Vec<Patch> = Vec::new();
        let refs = self.lane_references(element);
        if let Some(lane) = lane {
            let at = self.lane(lane)?;
            if refs.iter().any(|r| self.tag(*r).parent == Some(at)) && refs.len() == 1 {
                return Ok(element.to_owned());
            }
            let tag = self.named_like(at, "flowNodeRef");
            let text = format!("<{tag}>{}</{tag}>", escaped(element)?);
            let kinds = [
                "documentation",
                "extensionElements",
                "partitionElement",
                "flowNodeRef",
            ];
            patches.push(self.ordered(at, &kinds, &text));
        }
        patches.extend(refs.iter().map(|r| self.without(*r)));
        self.patch(patches)?;
        Ok(element.to_owned())
    }
}
