//! What orders about a running instance ask of its definition.

use super::{Definition, ElementView, Kind, Repeat, view};

impl Definition {
    /// The legal act of a user task, as the file names it.
    #[must_use]
    pub fn act_of(&self, id: &str) -> Option<&str> {
        match &self.node(self.index_of(id)?).kind {
            Kind::User(user) => user.act.as_deref(),
            _ => None,
        }
    }

    /// The rule by which silence after the limit of a user task counts as agreement, where the file names one.
    #[must_use]
    pub fn late_basis(&self, id: &str) -> Option<&str> {
        match &self.node(self.index_of(id)?).kind {
            Kind::User(user) => user.late.as_deref(),
            _ => None,
        }
    }

    /// Whether the votes of a repeated task are weighted.
    #[must_use]
    pub fn is_weighted(&self, id: &str) -> bool {
        let node = self.index_of(id).map(|n| self.node(n));
        matches!(node.and_then(|n| n.repeat.as_ref()), Some(Repeat::Multi(multi)) if multi.weight.is_some())
    }

    /// The variable of one item of a repeated task for each of a collection; `None` for every other element.
    #[must_use]
    pub fn item_of(&self, id: &str) -> Option<&str> {
        match &self.node(self.index_of(id)?).repeat {
            Some(Repeat::Multi(multi)) => multi.item.as_deref(),
            _ => None,
        }
    }

    /// An element and all to which every way leads through it: what is done again after a return to it.
    pub fn after_all<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a str> + 'a {
        let through = self.index_of(id);
        let nodes = self.nodes.iter().enumerate();
        nodes
            .filter(move |(n, _)| through.is_some_and(|through| self.dominates(through, *n)))
            .map(|(_, node)| &*node.id)
    }

    /// The elements to which a whole instance of the main process can be moved: user tasks, and gateways at which branches
    /// begin; none inside parallel branches, whose join would wait for ever.
    pub fn move_targets(&self) -> impl Iterator<Item = ElementView<'_>> {
        let own = self.body().nodes.iter().copied();
        own.filter(|n| {
            let user = matches!(self.node(*n).kind, Kind::User(_));
            (user || self.forks(*n)) && !self.in_branch(*n)
        })
        .map(|n| view(self.node(n)))
    }

    /// The user tasks that open when a token comes to this element: itself, or those right behind a gateway.
    #[must_use]
    pub fn begins_at(&self, id: &str) -> Vec<&str> {
        let Some(at) = self.index_of(id) else {
            return Vec::new();
        };
        let user = |n: &usize| matches!(self.node(*n).kind, Kind::User(_));
        if user(&at) {
            return vec![&self.node(at).id];
        }
        let behind: Vec<usize> = self.after(at).collect();
        if behind.iter().all(user) {
            behind.iter().map(|n| &*self.node(*n).id).collect()
        } else {
            Vec::new()
        }
    }

    /// A gateway at which several branches may begin.
    fn forks(&self, node: usize) -> bool {
        let node = self.node(node);
        matches!(node.kind, Kind::Parallel | Kind::Inclusive) && node.outgoing.len() > 1
    }

    /// Whether a gateway before this element has split tokens that no join on every way has brought together again.
    fn in_branch(&self, node: usize) -> bool {
        let mut joined = 0_u32;
        for above in self.dominators.above(node) {
            let gate = matches!(self.node(above).kind, Kind::Parallel | Kind::Inclusive);
            if gate && self.node(above).incoming.len() > 1 {
                joined += 1;
            }
            if self.forks(above) {
                match joined.checked_sub(1) {
                    Some(left) => joined = left,
                    None => return true,
                }
            }
        }
        false
    }
}
