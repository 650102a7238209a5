//! How a token leaves an element: by which flows, and whether it doubles another there.

use super::explore::Explorer;
use super::marking::Marking;
use super::{Severity, title};
use crate::model::{Kind, Node, Throw};

/// Most branches of an inclusive split of which all subsets are tried.
const MAX_SUBSETS: usize = 8;

impl Explorer<'_> {
    /// Sets of flows that leaving this element may take.
    fn choices(&mut self, node: &Node) -> Vec<Vec<usize>> {
        let out = &node.outgoing;
        let conditional =
            |f: &usize| self.def.flow(*f).condition.is_some() || node.default == Some(*f);
        let some_conditional = out.iter().any(conditional);
        match node.kind {
            Kind::Throw(Throw::Link(to)) => self.choices(self.def.node(to)),
            _ if out.is_empty() => vec![Vec::new()],
            Kind::EventGate => {
                let free = out
                    .iter()
                    .filter(|f| !self.net.hears.contains(&self.def.flow(**f).target));
                free.map(|f| vec![*f]).collect()
            }
            Kind::Exclusive => out.iter().map(|f| vec![*f]).collect(),
            Kind::Parallel => vec![out.clone()],
            _ if !some_conditional => vec![out.clone()],
            _ if out.len() > MAX_SUBSETS => {
                self.undecided = true;
                vec![out.clone()]
            }
            _ => self.subsets(node),
        }
    }

    /// What has a default takes it only if nothing else is taken.
    fn subsets(&self, node: &Node) -> Vec<Vec<usize>> {
        let chosen = |f: &&usize| node.default != Some(**f);
        let out: Vec<usize> = node.outgoing.iter().filter(chosen).copied().collect();
        let bare = |f: &usize| self.def.flow(*f).condition.is_none();
        let every = 1u32 << out.len();
        let subsets = (0..every).map(|mask| {
            let taken = (0..out.len()).filter(|i| mask >> i & 1 == 1 || bare(&out[*i]));
            taken.map(|i| out[i]).collect::<Vec<_>>()
        });
        let mut all: Vec<Vec<usize>> = subsets
            .map(|taken| match node.default {
                Some(default) if taken.is_empty() => vec![default],
                _ => taken,
            })
            .filter(|taken| !taken.is_empty())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The markings after a token left an element; none where it doubles another.
    pub(super) fn leave(&mut self, from: &Marking, index: usize) -> Vec<Marking> {
        let mut all = Vec::new();
        for flows in self.choices(self.def.node(index)) {
            match self.give(from, &flows) {
                Ok(next) => all.push(next),
                // Not followed further: the fault is found, and the markings would not end.
                Err(twice) => self.doubled(twice),
            }
        }
        all
    }

    /// Puts a token on every flow; the element that would be doubled by it.
    fn give(&self, from: &Marking, flows: &[usize]) -> Result<Marking, usize> {
        let mut next = from.clone();
        for f in flows {
            let rest = self.net.rest[*f];
            let target = self.def.flow(rest).target;
            if self.is_plain_end(target) {
                continue;
            }
            next[rest] = next[rest].saturating_add(1);
            if self.is_doubled(&next, rest, target) {
                let passed = self.net.passed[rest].filter(|_| next[rest] > 1);
                return Err(passed.unwrap_or(target));
            }
        }
        Ok(next)
    }

    /// A token at a plain end is gone; it does not matter how many there are.
    fn is_plain_end(&self, node: usize) -> bool {
        match &self.def.node(node).kind {
            Kind::End { throws, .. } => match throws {
                Throw::Nothing | Throw::Signal(_) => true,
                Throw::Message(_) => !self.net.heard.contains_key(&node),
                _ => false,
            },
            _ => false,
        }
    }

    /// Two tokens at one task, or on one flow, at the same time.
    fn is_doubled(&self, marking: &Marking, flow: usize, target: usize) -> bool {
        let node = self.def.node(target);
        if !node.is_activity() || matches!(node.kind, Kind::Pass) {
            return marking[flow] > 1;
        }
        let coming = node.incoming.iter().map(|f| u32::from(marking[*f]));
        coming.sum::<u32>() + u32::from(marking[self.net.place(target)]) > 1
    }

    fn doubled(&mut self, target: usize) {
        let message = format!(
            "环节“{}”可能同时收到两次：并行的分支没有先汇合（应使用并行网关汇合），后续会重复办理",
            title(self.def.node(target))
        );
        self.tell("twice", Severity::Fault, target, message);
    }
}
