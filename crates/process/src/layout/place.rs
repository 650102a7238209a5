//! Coordinates: what belongs on one line stands on one line, as far as the room allows.

use super::{Item, Sheet, event_at};

const ROUNDS: usize = 12;
const GAP: f64 = 30.0;
const GAP_LINE: f64 = 14.0;
/// Between columns, without lines in between.
const CHANNEL: f64 = 50.0;
/// Between vertical lines in one channel.
pub(super) const TRACK: f64 = 12.0;

/// What an item would like to be level with.
struct Wishes {
    before: Vec<Vec<(usize, f64)>>,
    behind: Vec<Vec<(usize, f64)>>,
    /// The one neighbour with which it lies on a main way, and how long that way is.
    main_before: Vec<Option<(usize, f64)>>,
    main_behind: Vec<Option<(usize, f64)>>,
}

fn wishes(sheet: &Sheet) -> Wishes {
    let n = sheet.items.len();
    let mut wishes = Wishes {
        before: vec![Vec::new(); n],
        behind: vec![Vec::new(); n],
        main_before: vec![None; n],
        main_behind: vec![None; n],
    };
    for chain in &sheet.chains {
        let event = sheet.links[chain.link].event;
        for (i, pair) in chain.items.windows(2).enumerate() {
            let [a, b] = *pair else { continue };
            // What leaves a boundary event leaves below its host.
            let lower = match event {
                Some((_, place)) if i == 0 => event_at(&sheet.items[a], place).1 + 40.0,
                _ => 0.0,
            };
            wishes.behind[a].push((b, -lower));
            wishes.before[b].push((a, lower));
        }
    }
    main_way(sheet, &mut wishes);
    wishes
}

/// The longest way through the scope is drawn straight; where branches are alike, none is the main one.
fn main_way(sheet: &Sheet, wishes: &mut Wishes) {
    let n = sheet.items.len();
    let (mut ahead, mut past) = (vec![0_u32; n], vec![0_u32; n]);
    let weight = |item: &Item| u32::from(item.node.is_some());
    for at in sheet.layers.iter().rev().flatten().copied() {
        let own = weight(&sheet.items[at]);
        let next = wishes.behind[at].iter().map(|(b, _)| ahead[*b]).max();
        ahead[at] = next.unwrap_or(0) + own;
    }
    for at in sheet.layers.iter().flatten().copied() {
        let own = weight(&sheet.items[at]);
        let last = wishes.before[at].iter().map(|(a, _)| past[*a]).max();
        past[at] = last.unwrap_or(0) + own;
    }
    let only = |near: &[(usize, f64)], worth: &[u32]| {
        let straight = near.iter().filter(|(_, lower)| *lower == 0.0);
        let best = straight.clone().map(|(i, _)| worth[*i]).max()?;
        let mut all = straight.filter(|(i, _)| worth[*i] == best);
        let first = all.next().map(|(i, _)| *i);
        first.filter(|_| all.next().is_none())
    };
    for at in 0..n {
        let Some(next) = only(&wishes.behind[at], &ahead) else {
            continue;
        };
        if only(&wishes.before[next], &past) == Some(at) {
            // The longer way stays straight where two get in each other's way.
            let worth = f64::from(past[at] + ahead[next]).powi(6) * 100.0;
            wishes.main_behind[at] = Some((next, worth));
            wishes.main_before[next] = Some((at, worth));
        }
    }
}

/// Rows.
pub(super) fn place(sheet: &mut Sheet) {
    let wishes = wishes(sheet);
    for layer in &sheet.layers {
        let mut y = 0.0;
        for (i, at) in layer.iter().enumerate() {
            if i > 0 {
                y += apart(&sheet.items[layer[i - 1]], &sheet.items[*at]);
            }
            sheet.items[*at].y = y;
        }
        for at in layer {
            sheet.items[*at].y -= y / 2.0;
        }
    }
    let wide = sheet.layers.len();
    for round in 0..=ROUNDS {
        // The last round goes forward, so that what follows lies level with what it comes from.
        let forward = round % 2 == 0;
        for at in 0..wide {
            let at = if forward { at } else { wide - 1 - at };
            let (near, main) = if forward {
                (&wishes.before, &wishes.main_before)
            } else {
                (&wishes.behind, &wishes.main_behind)
            };
            settle(&mut sheet.items, &sheet.layers[at], near, main);
        }
    }
    straighten(sheet, &wishes);
    for item in &mut sheet.items {
        item.y = item.y.round();
    }
    // What rounding and great weights left: a step of a few points is no step.
    for at in sheet.layers.iter().flatten() {
        if let Some((before, _)) = wishes.main_before[*at]
            && (sheet.items[before].y - sheet.items[*at].y).abs() < 5.0
        {
            sheet.items[*at].y = sheet.items[before].y;
        }
    }
    below(sheet);
}

fn apart(a: &Item, b: &Item) -> f64 {
    let gap = if a.node.is_some() && b.node.is_some() {
        GAP
    } else {
        GAP_LINE
    };
    a.down + gap + b.up
}

/// Puts a column as near as possible to its wishes without changing its order (pool adjacent violators).
fn settle(
    items: &mut [Item],
    layer: &[usize],
    near: &[Vec<(usize, f64)>],
    main: &[Option<(usize, f64)>],
) {
    // Blocks of items that touch: first item, wish of all, weight of all.
    let mut blocks: Vec<(usize, f64, f64)> = Vec::new();
    let mut shift = vec![0.0; layer.len()];
    for (i, at) in layer.iter().enumerate() {
        if i > 0 {
            shift[i] = shift[i - 1] + apart(&items[layer[i - 1]], &items[*at]);
        }
        let (wish, weight) = match main[*at] {
            Some((other, worth)) => (items[other].y, worth),
            None if near[*at].is_empty() => (items[*at].y, 0.5),
            None => {
                let ys = near[*at]
                    .iter()
                    .map(|(other, lower)| items[*other].y + lower);
                let ends = ys.fold((f64::MAX, f64::MIN), |e, y| (e.0.min(y), e.1.max(y)));
                let weight = if items[*at].node.is_none() { 4.0 } else { 1.0 };
                (f64::midpoint(ends.0, ends.1), weight)
            }
        };
        blocks.push((i, wish - shift[i], weight));
        while let [.., a, b] = blocks.as_slice()
            && a.1 > b.1
        {
            let (a, b) = (*a, *b);
            let weight = a.2 + b.2;
            blocks.truncate(blocks.len() - 2);
            blocks.push((a.0, (a.1 * a.2 + b.1 * b.2) / weight, weight));
        }
    }
    for (k, (from, y, _)) in blocks.iter().enumerate() {
        let to = blocks.get(k + 1).map_or(layer.len(), |next| next.0);
        for i in *from..to {
            items[layer[i]].y = y + shift[i];
        }
    }
}

/// Takes out small steps: an item that has room moves level with its only neighbour.
fn straighten(sheet: &mut Sheet, wishes: &Wishes) {
    for l in (0..sheet.layers.len()).rev() {
        for i in 0..sheet.layers[l].len() {
            let layer = &sheet.layers[l];
            let at = layer[i];
            let ([(next, lower)], true) = (
                wishes.behind[at].as_slice(),
                wishes.before[at].len() <= 1 || wishes.main_behind[at].is_some(),
            ) else {
                continue;
            };
            let to = sheet.items[*next].y;
            let from = wishes.before[at]
                .first()
                .map(|(a, lower)| sheet.items[*a].y + lower);
            let level = from.is_some_and(|y| (y - sheet.items[at].y).abs() < 0.5);
            if *lower != 0.0
                || level && sheet.items[at].node.is_some() && wishes.main_before[at].is_some()
            {
                continue;
            }
            let fits = |a: &Item, b: &Item, ya: f64, yb: f64| yb - ya >= apart(a, b) - 0.01;
            let items = &sheet.items;
            let above = i == 0 || {
                let a = &items[layer[i - 1]];
                fits(a, &items[at], a.y, to)
            };
            let under = layer.get(i + 1).is_none_or(|b| {
                let b = &items[*b];
                fits(&items[at], b, to, b.y)
            });
            if above && under && (to - items[at].y).abs() < 60.0 {
                sheet.items[at].y = to;
            }
        }
    }
}

/// Elements without flows stand in a row below everything.
fn below(sheet: &mut Sheet) {
    let placed = sheet.layers.iter().flatten();
    let bottom = placed
        .map(|at| sheet.items[*at].y + sheet.items[*at].down)
        .fold(f64::MIN, f64::max);
    let top = if bottom == f64::MIN {
        0.0
    } else {
        bottom + 40.0
    };
    for at in &sheet.loose {
        let item = &mut sheet.items[*at];
        item.y = top + item.h / 2.0;
    }
}

/// Columns, given how wide the channels between them have to be.
pub(super) fn columns(sheet: &mut Sheet, channels: &super::route::Channels) {
    let mut left = 0.0;
    for (l, layer) in sheet.layers.iter().enumerate() {
        let w = layer
            .iter()
            .map(|at| sheet.items[*at].w)
            .fold(0.0, f64::max);
        for at in layer {
            let item = &mut sheet.items[*at];
            // Beside a sub-process small shapes stand where readers come from.
            let small = item.node.is_some() && w > 200.0 && item.w < w / 2.0;
            item.x = left
                + if small {
                    item.w.max(110.0) / 2.0
                } else {
                    w / 2.0
                };
        }
        let tracks = channels.tracks.get(l).copied().unwrap_or(0);
        let lines = 40.0 + TRACK * tracks as f64;
        let named = channels.room.get(l).copied().unwrap_or(0.0) + 18.0 + TRACK * tracks as f64;
        left += w + CHANNEL.max(lines).max(named);
    }
    let mut left = 0.0;
    for at in &sheet.loose {
        let item = &mut sheet.items[*at];
        item.x = left + item.w / 2.0;
        left += item.w + 40.0;
    }
}
