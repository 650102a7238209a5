//! Gateways with their branches.

use super::graph::Slot;
use super::sort::Sort;
use super::tree::Doc;
use super::{Place, Refused, named};

/// Most branches put in at once.
const BRANCHES_MAX: usize = 20;

impl Doc {
    pub(super) fn branches(
        &mut self,
        place: &Place,
        sort: Sort,
        names: &[String],
    ) -> Result<String, Refused> {
        if !sort.is_gateway() || !(2..=BRANCHES_MAX).contains(&names.len()) {
            let message = format!("请填写 2 至 {BRANCHES_MAX} 条分支，每条一个名称");
            return Err(Refused::new("branches", None, message));
        }
        let split = self.insert(place, sort, "")?;
        let behind = Place::After(split.clone());
        let join = match self.slot(&behind)? {
            Slot::Flow(_) => self.insert(&behind, sort, "")?,
            Slot::End(_) => {
                // Nothing follows yet: the join comes behind, not beside.
                let join = self.new_node(&split, sort, "")?;
                self.draw_node(&join, sort.size(), &split)?;
                self.new_flow(&split, &join)?;
                join
            }
        };
        let mut straight = self.out_of(self.node(&split)?);
        for (n, name) in names.iter().enumerate() {
            let name = named(name)?;
            match straight.pop() {
                Some(flow) if n == 0 => {
                    self.insert(&Place::On(flow.id), Sort::User, name)?;
                }
                _ => {
                    self.way(&split, name, Some(&join))?;
                }
            }
        }
        Ok(split)
    }

    /// A new user task behind a gateway that leads to `to`, or to an end of its own.
    fn way(&mut self, gateway: &str, name: &str, to: Option<&str>) -> Result<String, Refused> {
        let id = self.new_node(gateway, Sort::User, name)?;
        self.draw_node(&id, Sort::User.size(), gateway)?;
        self.new_flow(gateway, &id)?;
        match to {
            Some(to) => {
                self.new_flow(&id, to)?;
            }
            None => {
                self.insert(&Place::After(id.clone()), Sort::End, "")?;
            }
        }
        Ok(id)
    }

    pub(super) fn branch(&mut self, gateway: &str, name: &str) -> Result<String, Refused> {
        let at = self.node(gateway)?;
        if !Sort::of(&self.tag(at).name).is_some_and(Sort::is_gateway) {
            let message = format!("“{}”不是网关，不能加分支", self.title(at));
            return Err(Refused::new("branches", Some(gateway), message));
        }
        let out = self.out_of(at);
        let meeting = match out.as_slice() {
            [] => None,
            // A gateway that only joins so far: its new way is one beside the old one.
            [one] => Some(one.to.clone()).filter(|to| {
                let target = self.find(to).map(|at| self.tag(at).name.clone());
                target.is_some_and(|kind| kind.ends_with("Gateway"))
            }),
            _ => self.meeting(self.scope_of(at), gateway),
        };
        self.way(gateway, name, meeting.as_deref())
    }
}
