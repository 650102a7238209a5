//! Dominators: which elements every way from the start leads through (for 退回).

use super::{Flow, Kind, Node, Throw};

#[derive(Debug, Clone)]
pub(crate) struct Dominators {
    /// Immediate dominator; `usize::MAX` where there is none.
    immediate: Vec<usize>,
    /// Position in reverse postorder, which falls towards the start.
    order: Vec<usize>,
}

const NONE: usize = usize::MAX;

/// The elements that come after one: by flows, by boundary events, by a link.
pub(super) fn successors<'a>(
    node: &'a Node,
    flows: &'a [Flow],
) -> impl Iterator<Item = usize> + 'a {
    let link = match node.kind {
        Kind::Throw(Throw::Link(to)) => Some(to),
        _ => None,
    };
    node.outgoing
        .iter()
        .map(|f| flows[*f].target)
        .chain(node.boundary.iter().copied())
        .chain(link)
}

fn postorder(nodes: &[Node], flows: &[Flow], start: usize) -> Vec<usize> {
    let after = |n: usize| successors(&nodes[n], flows).collect::<Vec<_>>();
    let mut seen = vec![false; nodes.len()];
    let mut out = Vec::with_capacity(nodes.len());
    seen[start] = true;
    let mut stack = vec![(start, after(start))];
    while let Some((node, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) if !seen[next] => {
                seen[next] = true;
                stack.push((next, after(next)));
            }
            Some(_) => {}
            None => {
                out.push(*node);
                stack.pop();
            }
        }
    }
    out
}

impl Dominators {
    /// Of every scope by its start: no flow leaves a scope, so they do not meet.
    pub(crate) fn of(nodes: &[Node], flows: &[Flow], starts: &[usize]) -> Self {
        let mut found = Self {
            immediate: vec![NONE; nodes.len()],
            order: vec![NONE; nodes.len()],
        };
        for start in starts {
            found.add(nodes, flows, *start);
        }
        found
    }

    /// Cooper, Harvey, Kennedy: "A simple, fast dominance algorithm".
    fn add(&mut self, nodes: &[Node], flows: &[Flow], start: usize) {
        let mut reverse = postorder(nodes, flows, start);
        reverse.reverse();
        for (i, n) in reverse.iter().enumerate() {
            self.order[*n] = i;
        }
        let mut before = vec![Vec::new(); nodes.len()];
        for n in &reverse {
            for next in successors(&nodes[*n], flows) {
                before[next].push(*n);
            }
        }
        self.immediate[start] = start;
        let mut changed = true;
        while changed {
            changed = false;
            for &n in reverse.iter().skip(1) {
                let mut best = NONE;
                for &p in before[n].iter().filter(|p| self.immediate[**p] != NONE) {
                    best = if best == NONE {
                        p
                    } else {
                        meet(&self.immediate, &self.order, best, p)
                    };
                }
                if self.immediate[n] != best {
                    self.immediate[n] = best;
                    changed = true;
                }
            }
        }
    }

    /// From an element upwards to the start, without the element itself.
    pub(crate) fn above(&self, node: usize) -> impl Iterator<Item = usize> {
        let mut at = node;
        std::iter::from_fn(move || {
            let up = self
                .immediate
                .get(at)
                .copied()
                .filter(|up| *up != NONE && *up != at)?;
            at = up;
            Some(up)
        })
    }

    pub(crate) fn dominates(&self, through: usize, node: usize) -> bool {
        let mut at = node;
        loop {
            if at == through {
                return self.order[at] != NONE;
            }
            let up = self.immediate[at];
            if up == NONE || up == at {
                return false;
            }
            at = up;
        }
    }
}

fn meet(immediate: &[usize], order: &[usize], mut a: usize, mut b: usize) -> usize {
    while a != b {
        while order[a] > order[b] {
            a = immediate[a];
        }
        while order[b] > order[a] {
            b = immediate[b];
        }
    }
    a
}
