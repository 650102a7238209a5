//! A simple layered layout, for files without diagram: columns by distance from the start, rows by first arrival.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::diagram::{Bounds, Diagram};
use crate::model::{Definition, Kind, Node};

const COLUMN: f64 = 170.0;
const ROW: f64 = 120.0;
const MARGIN: f64 = 40.0;

fn size(node: &Node) -> (f64, f64) {
    match node.kind {
        Kind::Start | Kind::End { .. } | Kind::TimerCatch(_) | Kind::Boundary { .. } => {
            (36.0, 36.0)
        }
        Kind::Exclusive | Kind::Parallel | Kind::Inclusive => (50.0, 50.0),
        Kind::Pass if node.element == "intermediateThrowEvent" => (36.0, 36.0),
        _ => (110.0, 80.0),
    }
}

/// Column of every element: longest way from the start that does not go back.
fn columns(def: &Definition) -> Vec<usize> {
    let n = def.nodes.len();
    let mut column = vec![0usize; n];
    let mut seen = vec![false; n];
    let mut queue = VecDeque::from([def.start_index()]);
    seen[def.start_index()] = true;
    while let Some(at) = queue.pop_front() {
        let node = def.node(at);
        let hosted = node.boundary.iter().flat_map(|b| &def.node(*b).outgoing);
        for f in node.outgoing.iter().chain(hosted) {
            let next = def.flow(*f).target;
            if !seen[next] {
                seen[next] = true;
                column[next] = column[at] + 1;
                queue.push_back(next);
            } else if def.node(next).outgoing.is_empty() {
                // Ends can always move to the right without turning a flow around.
                column[next] = column[next].max(column[at] + 1);
            }
        }
    }
    column
}

/// Places every element and flow.
pub(crate) fn layout(def: &Definition) -> Diagram {
    let mut diagram = Diagram::default();
    let column = columns(def);
    let mut rows = vec![0usize; column.iter().max().map_or(1, |m| m + 1)];
    for (i, node) in def.nodes.iter().enumerate() {
        if matches!(node.kind, Kind::Boundary { .. }) {
            continue;
        }
        let row = rows[column[i]];
        rows[column[i]] += 1;
        let (w, h) = size(node);
        let x = MARGIN + column[i] as f64 * COLUMN + (110.0 - w) / 2.0;
        let y = MARGIN + row as f64 * ROW + (80.0 - h) / 2.0;
        diagram
            .shapes
            .insert(Arc::clone(&node.id), Bounds { x, y, w, h });
    }
    for node in &def.nodes {
        let Some(host) = diagram.shapes.get(&node.id).copied() else {
            continue;
        };
        for (k, b) in node.boundary.iter().enumerate() {
            let x = host.x + host.w - 30.0 - 40.0 * k as f64;
            let bounds = Bounds {
                x,
                y: host.y + host.h - 18.0,
                w: 36.0,
                h: 36.0,
            };
            diagram.shapes.insert(Arc::clone(&def.node(*b).id), bounds);
        }
    }
    for flow in &def.flows {
        let ends = (def.node(flow.source), def.node(flow.target));
        let (Some(a), Some(b)) = (
            diagram.shapes.get(&ends.0.id),
            diagram.shapes.get(&ends.1.id),
        ) else {
            continue;
        };
        diagram.edges.insert(Arc::clone(&flow.id), route(a, b));
    }
    diagram
}

fn route(a: &Bounds, b: &Bounds) -> Vec<(f64, f64)> {
    let (ay, by) = (a.y + a.h / 2.0, b.y + b.h / 2.0);
    if b.x >= a.x + a.w {
        let (start, end) = (a.x + a.w, b.x);
        let middle = end - 20.0;
        return if (ay - by).abs() < 1.0 {
            vec![(start, ay), (end, by)]
        } else {
            vec![(start, ay), (middle, ay), (middle, by), (end, by)]
        };
    }
    // Backwards: below both.
    let below = (a.y + a.h).max(b.y + b.h) + 18.0;
    let (ax, bx) = (a.x + a.w / 2.0, b.x + b.w / 2.0);
    vec![(ax, a.y + a.h), (ax, below), (bx, below), (bx, b.y + b.h)]
}
