//! Lines: right angles, verticals in channels between the columns, ways back around what lies between.

use super::place::TRACK;
use super::{EVENT, Item, Link, Sheet, event_at, wide};
use crate::model::Definition;

/// Between what is drawn around and what it goes around.
const AROUND: f64 = 18.0;
/// Level enough.
const LEVEL: f64 = 0.5;

/// What the channel behind each column has to hold.
pub(super) struct Channels {
    /// Verticals side by side.
    pub tracks: Vec<usize>,
    /// Names of flows.
    pub room: Vec<f64>,
    /// The track of the vertical of each piece, by chain and piece.
    at: Vec<Vec<Option<usize>>>,
}

/// One flow as drawn.
pub(super) struct Line {
    pub flow: usize,
    pub points: Vec<(f64, f64)>,
}

/// How a piece of a chain leaves its item and comes to the next.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Level,
    /// From the upper or lower corner of a gateway, or of a boundary event.
    Out,
    /// Into the upper or lower corner of a gateway.
    In,
    /// By a vertical in the channel.
    Track,
}

fn from_y(sheet: &Sheet, link: &Link, piece: usize, item: usize) -> f64 {
    let item = &sheet.items[item];
    match link.event {
        Some((_, place)) if piece == 0 => item.y + event_at(item, place).1 + EVENT / 2.0 + 10.0,
        _ => item.y,
    }
}

/// Whether `x` of `at`'s column is free between `y` and `to`, and the way out at `to` as well.
fn free(sheet: &Sheet, at: usize, y: f64, to: f64) -> bool {
    let layer = &sheet.layers[sheet.items[at].layer];
    let (low, high) = (y.min(to), y.max(to));
    layer.iter().filter(|other| **other != at).all(|other| {
        let item = &sheet.items[*other];
        let (top, bottom) = (item.y - item.up, item.y + item.down);
        if item.node.is_none() {
            return (item.y - to).abs() > 8.0;
        }
        bottom + 6.0 < low || top - 6.0 > high
    })
}

fn way(def: &Definition, sheet: &Sheet, link: &Link, pair: [usize; 2], piece: usize) -> Way {
    let [a, b] = pair;
    let (ya, yb) = (from_y(sheet, link, piece, a), sheet.items[b].y);
    if link.event.is_some() && piece == 0 {
        let below = yb > ya - 4.0 && free(sheet, a, ya, yb);
        return if below { Way::Out } else { Way::Track };
    }
    if (ya - yb).abs() < LEVEL {
        return Way::Level;
    }
    let steep = (ya - yb).abs() > 34.0;
    if steep && piece == 0 && splits(def, sheet, a) && free(sheet, a, ya, yb) {
        return Way::Out;
    }
    if steep && joins(def, sheet, b) && free(sheet, b, yb, ya) {
        return Way::In;
    }
    Way::Track
}

fn splits(def: &Definition, sheet: &Sheet, item: usize) -> bool {
    let node = sheet.items[item].node.map(|n| def.node(n));
    sheet.is_gateway(def, item) && node.is_some_and(|n| n.outgoing.len() > 1)
}

fn joins(def: &Definition, sheet: &Sheet, item: usize) -> bool {
    let node = sheet.items[item].node.map(|n| def.node(n));
    sheet.is_gateway(def, item)
        && node.is_some_and(|n| n.incoming.len() > 1 && n.outgoing.len() <= 1)
}

/// A vertical in a channel: where it begins and ends, who shares it.
struct Vertical {
    chain: usize,
    piece: usize,
    from: f64,
    to: f64,
    a: usize,
    b: usize,
}

/// Verticals of pieces that leave one item, or come to one, are one line.
fn bundles(verticals: Vec<Vertical>) -> Vec<Vec<Vertical>> {
    let mut count = std::collections::BTreeMap::<(bool, usize), usize>::new();
    for v in &verticals {
        *count.entry((true, v.a)).or_default() += 1;
        *count.entry((false, v.b)).or_default() += 1;
    }
    let mut bundles = std::collections::BTreeMap::<(bool, usize), Vec<Vertical>>::new();
    for v in verticals {
        let own = (true, v.a);
        let key = if count.get(&own).is_some_and(|n| *n > 1) {
            own
        } else {
            (false, v.b)
        };
        bundles.entry(key).or_default().push(v);
    }
    bundles.into_values().collect()
}

/// Gives every bundle the leftmost track on which it crosses nothing that it need not cross.
fn tracks(bundles: &mut [Vec<Vertical>]) -> Vec<usize> {
    let span = |bundle: &[Vertical]| {
        let ys = bundle.iter().flat_map(|v| [v.from, v.to]);
        ys.fold((f64::MAX, f64::MIN), |e, y| (e.0.min(y), e.1.max(y)))
    };
    let first = |bundle: &[Vertical]| bundle.first().map_or((0.0, 0.0), |v| (v.from, v.to));
    // Downward: what begins lower turns first. Upward: what begins higher.
    bundles.sort_by(|a, b| {
        let ((af, at), (bf, bt)) = (first(a), first(b));
        let down = |from: f64, to: f64| to > from;
        let order = |from: f64, to: f64| if down(from, to) { -from } else { from };
        (down(bf, bt).cmp(&down(af, at))).then(order(af, at).total_cmp(&order(bf, bt)))
    });
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut given = Vec::with_capacity(bundles.len());
    for bundle in bundles.iter() {
        let (top, bottom) = span(bundle);
        let meets = |(t, b): &(f64, f64)| *t < bottom + 8.0 && *b > top - 8.0;
        let after = taken.iter().rposition(|track| track.iter().any(meets));
        let track = after.map_or(0, |last| last + 1);
        if track == taken.len() {
            taken.push(Vec::new());
        }
        taken[track].push((top, bottom));
        given.push(track);
    }
    given
}

/// How wide the channels have to be, and which vertical stands where. Rows are settled already.
pub(super) fn channels(def: &Definition, sheet: &Sheet) -> Channels {
    let wide_all = sheet.layers.len();
    let mut found: Vec<Vec<Vertical>> = (0..wide_all).map(|_| Vec::new()).collect();
    let mut room = vec![0.0_f64; wide_all];
    let mut at: Vec<Vec<Option<usize>>> = Vec::with_capacity(sheet.chains.len());
    for (c, chain) in sheet.chains.iter().enumerate() {
        let link = &sheet.links[chain.link];
        at.push(vec![None; chain.items.len()]);
        let name = wide(&def.flow(link.flow).name).min(8.0) * super::CHAR;
        for (piece, pair) in chain.items.windows(2).enumerate() {
            let [a, b] = *pair else { continue };
            let layer = sheet.items[a].layer;
            if piece == 0 && name > 0.0 {
                room[layer] = room[layer].max(name + 24.0);
            }
            if way(def, sheet, link, [a, b], piece) == Way::Track {
                let (from, to) = (from_y(sheet, link, piece, a), sheet.items[b].y);
                found[layer].push(Vertical {
                    chain: c,
                    piece,
                    from,
                    to,
                    a,
                    b,
                });
            }
        }
    }
    let mut tracks_of = vec![0; wide_all];
    for (layer, verticals) in found.into_iter().enumerate() {
        let mut bundles = bundles(verticals);
        let given = tracks(&mut bundles);
        tracks_of[layer] = given.iter().max().map_or(0, |last| last + 1);
        for (bundle, track) in bundles.iter().zip(given) {
            for v in bundle {
                at[v.chain][v.piece] = Some(track);
            }
        }
    }
    Channels {
        tracks: tracks_of,
        room,
        at,
    }
}

/// Right edge of a column.
fn right(sheet: &Sheet, layer: usize) -> f64 {
    let items = sheet.layers[layer].iter().map(|at| &sheet.items[*at]);
    items.map(|i| i.x + i.w / 2.0).fold(f64::MIN, f64::max)
}

fn left(sheet: &Sheet, layer: usize) -> f64 {
    let items = sheet.layers[layer].iter().map(|at| &sheet.items[*at]);
    items.map(|i| i.x - i.w / 2.0).fold(f64::MAX, f64::min)
}

/// All lines.
pub(super) fn route(def: &Definition, sheet: &Sheet, channels: &Channels) -> Vec<Line> {
    let mut lines = Vec::with_capacity(sheet.links.len());
    let edges: Vec<f64> = (0..sheet.layers.len()).map(|l| right(sheet, l)).collect();
    for (c, chain) in sheet.chains.iter().enumerate() {
        let link = &sheet.links[chain.link];
        let mut points = Vec::new();
        for (piece, pair) in chain.items.windows(2).enumerate() {
            let [a, b] = *pair else { continue };
            let (ia, ib) = (&sheet.items[a], &sheet.items[b]);
            let (ya, yb) = (from_y(sheet, link, piece, a), ib.y);
            let way = way(def, sheet, link, [a, b], piece);
            if piece == 0 {
                points.extend(leave(ia, link, way, yb));
            }
            match way {
                Way::Track => {
                    let track = channels.at[c][piece].unwrap_or(0);
                    let x = edges[ia.layer] + 20.0 + TRACK * track as f64;
                    points.extend([(x, ya), (x, yb)]);
                }
                Way::Out => points.push((points.last().map_or(ia.x, |p| p.0), yb)),
                Way::In => {
                    let edge = if ya < yb { -ib.h / 2.0 } else { ib.h / 2.0 };
                    points.extend([(ib.x, ya), (ib.x, yb + edge)]);
                }
                Way::Level => {}
            }
            if way != Way::In {
                points.push((ib.x - ib.w / 2.0, yb));
            }
        }
        let flow = link.flow;
        lines.push(Line {
            flow,
            points: clean(points),
        });
    }
    around(def, sheet, &mut lines);
    lines
}

/// The first points of a line.
fn leave(item: &Item, link: &Link, way: Way, to: f64) -> Vec<(f64, f64)> {
    if let Some((_, place)) = link.event {
        let (x, y) = event_at(item, place);
        let (x, y) = (item.x + x, item.y + y + EVENT / 2.0);
        return match way {
            Way::Track => vec![(x, y), (x, y + 10.0)],
            _ => vec![(x, y)],
        };
    }
    match way {
        Way::Out if to < item.y => vec![(item.x, item.y - item.h / 2.0)],
        Way::Out => vec![(item.x, item.y + item.h / 2.0)],
        _ => vec![(item.x + item.w / 2.0, item.y)],
    }
}

/// Without points that lie on a straight line between their neighbours.
fn clean(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    for p in points {
        if out.last().is_some_and(|l| near(l.0, p.0) && near(l.1, p.1)) {
            continue;
        }
        if let [.., a, b] = out.as_slice()
            && (near(a.0, b.0) && near(b.0, p.0) || near(a.1, b.1) && near(b.1, p.1))
        {
            out.pop();
        }
        out.push(p);
    }
    out
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.01
}

/// Whether nothing but the item itself stands in its column on this side of it, and nothing leaves it there.
fn open(def: &Definition, sheet: &Sheet, lines: &[Line], at: usize, under: bool) -> bool {
    let item = &sheet.items[at];
    let layer = &sheet.layers[item.layer];
    let edge = if under { layer.last() } else { layer.first() };
    let outer = |other: usize| {
        let y = sheet.items[other].y;
        sheet.items[other].node.is_some() && if under { y > item.y } else { y < item.y }
    };
    let blocked = edge != Some(&at) && layer.iter().any(|other| outer(*other));
    if blocked {
        return false;
    }
    let y = item.y + if under { item.h / 2.0 } else { -item.h / 2.0 };
    let hit = |p: Option<&(f64, f64)>| p.is_some_and(|p| near(p.0, item.x) && near(p.1, y));
    let used = lines
        .iter()
        .any(|line| hit(line.points.first()) || hit(line.points.last()));
    let named = item.node.is_some_and(|n| {
        let node = def.node(n);
        under && !node.is_activity() && !sheet.is_gateway(def, at) && !node.name.is_empty()
    });
    !used && !named
}

/// The ways back, and those too long for places of their own: the short ones nearest.
fn around(def: &Definition, sheet: &Sheet, lines: &mut Vec<Line>) {
    let mut back: Vec<&Link> = sheet.links.iter().filter(|link| link.around).collect();
    let span = |link: &Link| {
        sheet.items[link.from]
            .layer
            .abs_diff(sheet.items[link.to].layer)
    };
    back.sort_by_key(|link| span(link));
    let mut lanes: Vec<(usize, usize, f64)> = Vec::new();
    let mut beside = vec![(0.0_f64, 0.0_f64); sheet.layers.len()];
    for link in back {
        let (a, b) = (&sheet.items[link.from], &sheet.items[link.to]);
        let (low, high) = (a.layer.min(b.layer), a.layer.max(b.layer));
        let event = link.event.is_some();
        let ends = |under: bool| {
            (event || open(def, sheet, lines, link.from, under))
                && open(def, sheet, lines, link.to, under)
        };
        let under = event || ends(true) || !ends(false);
        let side = if under { 1.0 } else { -1.0 };
        let items = sheet.layers[low..=high].iter().flatten();
        let reach = items.map(|at| {
            let item = &sheet.items[*at];
            side * item.y + if under { item.down } else { item.up }
        });
        let mut lane = reach.fold(f64::MIN, f64::max) + AROUND;
        while lanes
            .iter()
            .any(|(l, h, y)| *l <= high && *h >= low && (side * *y - lane).abs() < 12.0)
        {
            lane += 14.0;
        }
        let lane = side * lane;
        lanes.push((low, high, lane));
        let mut points = Vec::with_capacity(6);
        if let Some((_, place)) = link.event {
            let (x, y) = event_at(a, place);
            points.push((a.x + x, a.y + y + EVENT / 2.0));
            points.push((a.x + x, lane));
        } else if link.from != link.to && open(def, sheet, lines, link.from, under) {
            points.extend([(a.x, a.y + side * a.h / 2.0), (a.x, lane)]);
        } else {
            let used = &mut beside[a.layer].0;
            let x = right(sheet, a.layer) + 8.0 + *used;
            *used = (*used + 4.0).min(12.0);
            points.extend([(a.x + a.w / 2.0, a.y), (x, a.y), (x, lane)]);
        }
        if open(def, sheet, lines, link.to, under) {
            points.extend([(b.x, lane), (b.x, b.y + side * b.h / 2.0)]);
        } else {
            let used = &mut beside[b.layer].1;
            let x = left(sheet, b.layer) - 12.0 - *used;
            *used = (*used + 4.0).min(8.0);
            points.extend([(x, lane), (x, b.y), (b.x - b.w / 2.0, b.y)]);
        }
        lines.push(Line {
            flow: link.flow,
            points: clean(points),
        });
    }
}
