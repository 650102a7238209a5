//! Columns: every flow that does not lead back leads to the right, as short as possible.

use super::{Chain, Item, Link, Sheet};
use crate::model::{Definition, Kind};

/// Places for long flows in all; beyond it they are drawn around.
const PLACES_MAX: usize = 20_000;
const DUMMY: f64 = 7.0;

/// The columns of a scope. `slot` gives the item of an element.
pub(super) fn rank(def: &Definition, scope: usize, mut items: Vec<Item>, slot: &[usize]) -> Sheet {
    let (mut links, out) = links(def, scope, &items, slot);
    let begins = begins(def, scope, slot);
    let (after, shown) = depth_first(&mut links, &out, items.len(), begins);
    let (mut touched, mut entered) = (vec![false; items.len()], vec![false; items.len()]);
    for link in &links {
        (touched[link.from], touched[link.to]) = (true, true);
        entered[link.to] |= !link.around;
    }
    let mut layer = vec![0_usize; items.len()];
    for &at in after.iter().rev() {
        for link in out[at].iter().map(|l| &links[*l]).filter(|l| !l.around) {
            layer[link.to] = layer[link.to].max(layer[at] + 1);
        }
    }
    // What nothing leads to stands beside what it leads to.
    for at in (0..items.len()).filter(|at| !entered[*at]) {
        let nexts = out[at].iter().map(|l| &links[*l]).filter(|l| !l.around);
        if let Some(next) = nexts.map(|l| layer[l.to]).min() {
            layer[at] = next.saturating_sub(1);
        }
    }
    let is_loose = |at: usize| {
        let node = items[at].node.map(|n| def.node(n));
        !touched[at] && !node.is_some_and(|n| matches!(n.kind, Kind::Start(_)))
    };
    let loose: Vec<usize> = (0..items.len()).filter(|at| is_loose(*at)).collect();
    let wide = layer.iter().max().map_or(0, |last| last + 1);
    let mut layers = vec![Vec::new(); wide];
    for at in shown {
        if loose.binary_search(&at).is_err() {
            layers[layer[at]].push(at);
        }
    }
    for (item, layer) in items.iter_mut().zip(&layer) {
        item.layer = *layer;
    }
    let mut sheet = Sheet {
        items,
        links,
        chains: Vec::new(),
        layers,
        loose,
    };
    chain(&mut sheet);
    sheet
}

type Out = Vec<Vec<usize>>;

fn links(def: &Definition, scope: usize, items: &[Item], slot: &[usize]) -> (Vec<Link>, Out) {
    let (mut links, mut out) = (Vec::new(), vec![Vec::new(); items.len()]);
    for item in items {
        let Some(n) = item.node else { continue };
        let node = def.node(n);
        let own = node.outgoing.iter().map(|flow| (*flow, None));
        let events = node.boundary.iter().enumerate().flat_map(|(k, event)| {
            let flows = def.node(*event).outgoing.iter();
            flows.map(move |flow| (*flow, Some((*event, k))))
        });
        for (flow, event) in own.chain(events) {
            let target = def.flow(flow).target;
            if def.node(target).scope != scope || slot[target] >= items.len() {
                continue;
            }
            out[slot[n]].push(links.len());
            links.push(Link {
                flow,
                from: slot[n],
                to: slot[target],
                event,
                around: false,
            });
        }
    }
    (links, out)
}

fn begins(def: &Definition, scope: usize, slot: &[usize]) -> Vec<usize> {
    let body = &def.scopes[scope];
    let begins = body.begins().into_iter();
    let begins = begins.chain(body.first.iter().chain(&body.triggered).copied());
    begins
        .map(|n| slot[n])
        .filter(|item| *item != usize::MAX)
        .collect()
}

/// Marks the links that lead back. The items in the order in which they are left for good, and in that of a reader.
fn depth_first(
    links: &mut [Link],
    out: &Out,
    items: usize,
    begins: Vec<usize>,
) -> (Vec<usize>, Vec<usize>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut seen = vec![Seen::No; items];
    let (mut after, mut shown) = (Vec::with_capacity(items), Vec::with_capacity(items));
    for root in begins.into_iter().chain(0..items) {
        if root >= items || seen[root] != Seen::No {
            continue;
        }
        let from = after.len();
        let mut stack = vec![(root, 0_usize)];
        seen[root] = Seen::Open;
        while let Some((at, next)) = stack.pop() {
            // The last branch first: read backwards, the first one is uppermost.
            let rest = out[at].len().checked_sub(next + 1);
            let Some(link) = rest.map(|i| out[at][i]) else {
                seen[at] = Seen::Done;
                after.push(at);
                continue;
            };
            stack.push((at, next + 1));
            let to = links[link].to;
            match seen[to] {
                Seen::Open => links[link].around = true,
                Seen::No => {
                    seen[to] = Seen::Open;
                    stack.push((to, 0));
                }
                Seen::Done => {}
            }
        }
        shown.extend(after[from..].iter().rev());
    }
    (after, shown)
}

/// Gives every long link its places.
fn chain(sheet: &mut Sheet) {
    let span = |link: &Link| sheet.items[link.to].layer - sheet.items[link.from].layer;
    let forward = sheet.links.iter().filter(|link| !link.around);
    let crowded = forward.map(|link| span(link) - 1).sum::<usize>() > PLACES_MAX;
    for at in 0..sheet.links.len() {
        let Link {
            from, to, around, ..
        } = sheet.links[at];
        if around {
            continue;
        }
        let (first, last) = (sheet.items[from].layer, sheet.items[to].layer);
        if crowded && last - first > 1 {
            sheet.links[at].around = true;
            continue;
        }
        let mut items = vec![from];
        for layer in first + 1..last {
            sheet.layers[layer].push(sheet.items.len());
            items.push(sheet.items.len());
            sheet.items.push(Item {
                node: None,
                w: 0.0,
                h: 0.0,
                up: DUMMY,
                down: DUMMY,
                layer,
                x: 0.0,
                y: 0.0,
            });
        }
        items.push(to);
        sheet.chains.push(Chain { link: at, items });
    }
}
