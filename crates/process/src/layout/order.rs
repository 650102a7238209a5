//! The order within each column, so that few ways cross: the mean of the neighbours' places, there and back.

use super::Sheet;

/// Rounds there and back; few for very large scopes.
const ROUNDS: usize = 10;
const LARGE: usize = 4_000;

/// Neighbours of every item in the columns before and behind.
struct Ways {
    before: Vec<Vec<usize>>,
    behind: Vec<Vec<usize>>,
}

pub(super) fn order(sheet: &mut Sheet) {
    let n = sheet.items.len();
    let mut ways = Ways {
        before: vec![Vec::new(); n],
        behind: vec![Vec::new(); n],
    };
    for chain in &sheet.chains {
        for pair in chain.items.windows(2) {
            if let [a, b] = *pair {
                ways.behind[a].push(b);
                ways.before[b].push(a);
            }
        }
    }
    let mut place = vec![0_usize; n];
    let mut layers = std::mem::take(&mut sheet.layers);
    number(&layers, &mut place);
    let mut best = (crossings(&layers, &ways, &place), layers.clone());
    let rounds = if n > LARGE { 2 } else { ROUNDS };
    for round in 0..rounds {
        if best.0 == 0 {
            break;
        }
        let forward = round % 2 == 0;
        for at in 0..layers.len() {
            let at = if forward { at } else { layers.len() - 1 - at };
            let near = if forward { &ways.before } else { &ways.behind };
            sort(&mut layers[at], near, &mut place);
        }
        let now = crossings(&layers, &ways, &place);
        if now < best.0 {
            best = (now, layers.clone());
        }
    }
    sheet.layers = best.1;
}

fn number(layers: &[Vec<usize>], place: &mut [usize]) {
    for layer in layers {
        for (i, item) in layer.iter().enumerate() {
            place[*item] = i;
        }
    }
}

/// By the mean place of the neighbours; whoever has none keeps their own.
fn sort(layer: &mut [usize], near: &[Vec<usize>], place: &mut [usize]) {
    let mean = |item: usize| {
        let near = &near[item];
        if near.is_empty() {
            return place[item] as f64;
        }
        near.iter().map(|n| place[*n] as f64).sum::<f64>() / near.len() as f64
    };
    let mut keyed: Vec<(f64, usize)> = layer.iter().map(|item| (mean(*item), *item)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (i, (_, item)) in keyed.into_iter().enumerate() {
        layer[i] = item;
        place[item] = i;
    }
}

/// How many ways between neighbouring columns cross.
fn crossings(layers: &[Vec<usize>], ways: &Ways, place: &[usize]) -> usize {
    let mut sum = 0;
    for (at, layer) in layers.iter().enumerate() {
        let wide = layers.get(at + 1).map_or(0, Vec::len);
        // A Fenwick tree over the places of the next column.
        let mut tree = vec![0_usize; wide + 1];
        let mut drawn = 0;
        for item in layer {
            let mut ends: Vec<usize> = ways.behind[*item].iter().map(|n| place[*n]).collect();
            ends.sort_unstable();
            for end in &ends {
                sum += drawn - below(&tree, *end + 1);
            }
            for end in ends {
                drawn += 1;
                let mut i = end + 1;
                while i <= wide {
                    tree[i] += 1;
                    i += i & i.wrapping_neg();
                }
            }
        }
    }
    sum
}

/// How many were drawn to the first `n` places.
fn below(tree: &[usize], n: usize) -> usize {
    let (mut i, mut sum) = (n.min(tree.len().saturating_sub(1)), 0);
    while i > 0 {
        sum += tree[i];
        i -= i & i.wrapping_neg();
    }
    sum
}
