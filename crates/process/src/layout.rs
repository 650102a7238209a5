//! A simple layered layout, for files without diagram: columns by distance from the start, rows by first arrival; sub-processes are as
//! large as what is in them, and the processes of a file stand one below the other.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::diagram::{Bounds, Diagram};
use crate::model::{Definition, Kind, Node};

const GAP_X: f64 = 60.0;
const GAP_Y: f64 = 40.0;
const MARGIN: f64 = 40.0;
/// Room for the name of a sub-process.
const HEAD: f64 = 30.0;

/// Where things are inside one scope, from its upper left corner.
struct Laid {
    shapes: Vec<(usize, Bounds)>,
    w: f64,
    h: f64,
}

fn plain_size(node: &Node) -> (f64, f64) {
    match node.kind {
        Kind::Exclusive | Kind::Parallel | Kind::Inclusive | Kind::EventGate => (50.0, 50.0),
        _ if node.is_activity() => (110.0, 80.0),
        _ => (36.0, 36.0),
    }
}

/// Column of every element of a scope: the first way from its start.
fn columns(def: &Definition, scope: usize) -> Vec<usize> {
    let mut column = vec![usize::MAX; def.nodes.len()];
    let body = &def.scopes[scope];
    let begins = body.begins().into_iter();
    let begins = begins.chain(body.first.iter().chain(&body.triggered).copied());
    let mut queue = VecDeque::new();
    for start in begins {
        if column[start] == usize::MAX {
            column[start] = 0;
            queue.push_back(start);
        }
    }
    while let Some(at) = queue.pop_front() {
        for next in def.after(at) {
            let boundary = matches!(def.node(next).kind, Kind::Boundary { .. });
            let right = column[at] + usize::from(!boundary);
            if column[next] == usize::MAX {
                column[next] = right;
                queue.push_back(next);
            } else if def.node(next).outgoing.is_empty() && right < body.nodes.len() {
                // Ends can always move to the right without turning a flow around.
                column[next] = column[next].max(right);
            }
        }
    }
    for node in &body.nodes {
        if column[*node] == usize::MAX {
            column[*node] = 0;
        }
    }
    column
}

// Nesting is bounded by the depth of the file.
fn lay(def: &Definition, scope: usize) -> Laid {
    let column = columns(def, scope);
    let body = &def.scopes[scope];
    let placed = body.nodes.iter().copied();
    let placed: Vec<usize> = placed
        .filter(|n| !matches!(def.node(*n).kind, Kind::Boundary { .. }))
        .collect();
    let wide = placed.iter().map(|n| column[*n] + 1).max().unwrap_or(1);
    let mut inner: Vec<Option<Laid>> = Vec::with_capacity(placed.len());
    let (mut widths, mut fill) = (vec![0.0_f64; wide], vec![0.0_f64; wide]);
    let mut bounds = Vec::with_capacity(placed.len());
    for n in &placed {
        let node = def.node(*n);
        let (laid, (w, h)) = match node.kind {
            Kind::Sub(own) | Kind::EventSub(own) => {
                let laid = lay(def, own);
                let size = (laid.w.max(110.0), laid.h + HEAD);
                (Some(laid), size)
            }
            _ => (None, plain_size(node)),
        };
        let at = column[*n];
        // Small shapes are centred on the row of the tasks beside them.
        let y = fill[at] + if h < 80.0 { (80.0 - h) / 2.0 } else { 0.0 };
        fill[at] += h.max(80.0) + GAP_Y;
        widths[at] = widths[at].max(w.max(110.0));
        bounds.push(Bounds {
            x: 0.0,
            y: y + MARGIN,
            w,
            h,
        });
        inner.push(laid);
    }
    let mut left = vec![MARGIN; wide];
    for c in 1..wide {
        left[c] = left[c - 1] + widths[c - 1] + GAP_X;
    }
    let mut shapes = Vec::new();
    for ((n, b), laid) in placed.iter().zip(&mut bounds).zip(inner) {
        let c = column[*n];
        b.x = left[c] + (widths[c] - b.w) / 2.0;
        shapes.push((*n, *b));
        for (inside, at) in laid.into_iter().flat_map(|laid| laid.shapes) {
            let (x, y) = (b.x + at.x, b.y + at.y + HEAD);
            shapes.push((inside, Bounds { x, y, ..at }));
        }
        for (k, event) in def.node(*n).boundary.iter().enumerate() {
            let x = b.x + b.w - 30.0 - 40.0 * k as f64;
            let y = b.y + b.h - 18.0;
            let (w, h) = (36.0, 36.0);
            shapes.push((*event, Bounds { x, y, w, h }));
        }
    }
    let last = wide - 1;
    Laid {
        shapes,
        w: left[last] + widths[last] + MARGIN,
        h: fill.iter().copied().fold(80.0, f64::max) + MARGIN,
    }
}

/// Places every element and flow.
pub(crate) fn layout(def: &Definition) -> Diagram {
    let mut diagram = Diagram::default();
    let mut top = 0.0;
    for (scope, body) in def.scopes.iter().enumerate() {
        if body.parent.is_some() {
            continue;
        }
        let laid = lay(def, scope);
        for (n, b) in laid.shapes {
            let id = Arc::clone(&def.node(n).id);
            diagram.shapes.insert(id, Bounds { y: b.y + top, ..b });
        }
        top += laid.h;
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

pub(crate) fn route(a: &Bounds, b: &Bounds) -> Vec<(f64, f64)> {
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
