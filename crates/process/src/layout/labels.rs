//! Where names stand: beside their shape, on a side on which no line leaves it; those of flows on their first level piece.

use std::sync::Arc;

use super::route::Line;
use super::{CHAR, EVENT, LINE, Sheet, event_at, is_gateway, wide};
use crate::diagram::Bounds;
use crate::engine::Id;
use crate::model::Definition;

/// Width and height of a name of at most so many characters in a line.
fn size(text: &str, most: f64) -> (f64, f64) {
    let chars = wide(text);
    let lines = (chars / most).ceil().clamp(1.0, 3.0);
    // Alike long, as the picture wraps them.
    let across = (chars / lines).ceil() + if lines > 1.0 { 1.0 } else { 0.0 };
    (across.min(most) * CHAR, lines * LINE)
}

pub(super) fn labels(def: &Definition, sheet: &Sheet, lines: &[Line]) -> Vec<(Id, Bounds)> {
    let mut out = Vec::new();
    let ends: Vec<(f64, f64)> = lines
        .iter()
        .flat_map(|line| line.points.first().into_iter().chain(line.points.last()))
        .copied()
        .collect();
    for item in &sheet.items {
        let Some(n) = item.node else { continue };
        let node = def.node(n);
        for (k, event) in node.boundary.iter().enumerate() {
            let event = def.node(*event);
            let (x, _) = event_at(item, k);
            // Left of the event, below its host.
            let right = item.x + x - EVENT / 2.0 - 4.0;
            let (w, h) = size(&event.name, 5.0);
            let b = Bounds {
                x: right - w,
                y: item.y + item.h / 2.0 + 4.0,
                w,
                h,
            };
            named(&mut out, &event.id, &event.name, b);
        }
        if node.is_activity() || item.w > 60.0 {
            continue;
        }
        let (w, h) = size(&node.name, 8.0);
        let (top, bottom) = (item.y - item.h / 2.0, item.y + item.h / 2.0);
        let taken = |y: f64| {
            let mut ends = ends.iter();
            ends.any(|p| (p.0 - item.x).abs() < 1.0 && (p.1 - y).abs() < 1.0)
        };
        let (x, y) = if !is_gateway(node) || !taken(bottom) {
            (item.x - w / 2.0, bottom + 4.0)
        } else if !taken(top) {
            (item.x - w / 2.0, top - 4.0 - h)
        } else {
            (item.x - w - 8.0, top - h + 8.0)
        };
        named(&mut out, &node.id, &node.name, Bounds { x, y, w, h });
    }
    let uprights = uprights(lines);
    for line in lines {
        let flow = def.flow(line.flow);
        let (w, h) = size(&flow.name, 8.0);
        if let Some((x, y)) = beside(&line.points, w, h, &uprights) {
            named(&mut out, &flow.id, &flow.name, Bounds { x, y, w, h });
        }
    }
    out
}

/// The vertical pieces of all lines; none where there are too many to be looked through.
fn uprights(lines: &[Line]) -> Vec<(f64, f64, f64)> {
    if lines.len() > 2_000 {
        return Vec::new();
    }
    let pairs = lines.iter().flat_map(|line| line.points.windows(2));
    let upright = pairs.filter_map(|pair| match *pair {
        [a, b] if (a.0 - b.0).abs() < 0.5 => Some((a.0, a.1.min(b.1), a.1.max(b.1))),
        _ => None,
    });
    upright.collect()
}

fn named(out: &mut Vec<(Id, Bounds)>, id: &Id, name: &str, b: Bounds) {
    if !name.trim().is_empty() {
        out.push((Arc::clone(id), b));
    }
}

/// Above the first level piece that is long enough, else beside the first piece.
fn beside(
    points: &[(f64, f64)],
    w: f64,
    h: f64,
    uprights: &[(f64, f64, f64)],
) -> Option<(f64, f64)> {
    let level = points.windows(2).filter_map(|pair| match *pair {
        [a, b] if (a.1 - b.1).abs() < 0.5 => Some((a, b)),
        _ => None,
    });
    let fits = |(a, b): &((f64, f64), (f64, f64))| (a.0 - b.0).abs() >= w + 12.0;
    if let Some((a, b)) = level.clone().find(fits) {
        // Near where it begins, for there the choice is made; further on where another line would strike it out.
        let y = a.1 - h - 4.0;
        let struck = |x: f64| {
            let mut lines = uprights.iter();
            lines.any(|(u, top, end)| *u > x - 3.0 && *u < x + w + 3.0 && *top < y + h && *end > y)
        };
        let side = if a.0 < b.0 { 1.0 } else { -1.0 };
        let near = if side > 0.0 { a.0 + 8.0 } else { a.0 - 8.0 - w };
        let room = (a.0 - b.0).abs() - w - 16.0;
        let steps = (0..12).map(|step| 10.0 * f64::from(step));
        let mut places = steps
            .take_while(|far| *far <= room.max(0.0))
            .map(|far| near + side * far);
        let x = places.find(|x| !struck(*x)).unwrap_or(near);
        return Some((x, y));
    }
    match points {
        [a, b, ..] if (a.0 - b.0).abs() < 0.5 => {
            Some((a.0 + 6.0, f64::midpoint(a.1, b.1) - h / 2.0))
        }
        [a, b, ..] => Some((f64::midpoint(a.0, b.0) - w / 2.0, a.1 - h - 4.0)),
        _ => None,
    }
}
