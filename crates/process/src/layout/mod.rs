//! The layout of files without diagram: columns from left to right, every way through a column at a place of its own, lines at
//! right angles. Sub-processes are as large as what is in them; the processes of a file stand one below the other.
//!
//! The steps are those of Sugiyama, Tagawa and Toda (1981): [`rank`] puts elements into columns, [`order`] keeps crossings few,
//! [`place`] straightens, [`route`] draws. Every step is bounded and deterministic.

mod labels;
mod order;
mod place;
mod rank;
mod route;

use std::sync::Arc;

use crate::diagram::{Bounds, Diagram};
use crate::engine::Id;
use crate::model::{Definition, Kind, Node};

/// Around everything in a scope.
const MARGIN: f64 = 30.0;
/// Room for the name of a sub-process.
const HEAD: f64 = 26.0;
/// Side of an event.
pub(super) const EVENT: f64 = 36.0;
/// Width of a wide character in labels.
pub(super) const CHAR: f64 = 12.0;
/// Height of a line of a label.
pub(super) const LINE: f64 = 16.0;

/// Where things are inside one scope, from its upper left corner.
struct Laid {
    shapes: Vec<(usize, Bounds)>,
    edges: Vec<(usize, Vec<(f64, f64)>)>,
    labels: Vec<(Id, Bounds)>,
    w: f64,
    h: f64,
}

/// An element, or a place that a long flow needs in a column that it only crosses.
pub(super) struct Item {
    pub node: Option<usize>,
    pub w: f64,
    pub h: f64,
    /// Free room above and below the middle, names included.
    pub up: f64,
    pub down: f64,
    pub layer: usize,
    /// The middle.
    pub x: f64,
    pub y: f64,
}

/// A flow of the scope between two items.
pub(super) struct Link {
    pub flow: usize,
    pub from: usize,
    pub to: usize,
    /// The boundary event from which it comes, and its place on its host.
    pub event: Option<(usize, usize)>,
    /// Against the direction of reading, or too long to be given places of its own: drawn around.
    pub around: bool,
}

/// A link as the items that it touches, column by column.
pub(super) struct Chain {
    pub link: usize,
    pub items: Vec<usize>,
}

/// One scope on its way to coordinates.
pub(super) struct Sheet {
    pub items: Vec<Item>,
    pub links: Vec<Link>,
    pub chains: Vec<Chain>,
    /// Items of each column, from above.
    pub layers: Vec<Vec<usize>>,
    /// Elements without any flow, e.g. event sub-processes: in a row below.
    pub loose: Vec<usize>,
}

impl Sheet {
    pub(super) fn is_gateway(&self, def: &Definition, item: usize) -> bool {
        self.items[item]
            .node
            .is_some_and(|n| is_gateway(def.node(n)))
    }
}

/// Drawn as a diamond.
pub(crate) fn is_gateway(node: &Node) -> bool {
    matches!(
        node.kind,
        Kind::Exclusive | Kind::Parallel | Kind::Inclusive | Kind::EventGate
    )
}

/// Where a boundary event stands: from the middle of its host to the middle of the event.
pub(super) fn event_at(item: &Item, place: usize) -> (f64, f64) {
    let x = item.w / 2.0 - 26.0 - (EVENT + 8.0) * place as f64;
    (x.max(-item.w / 2.0 + 18.0), item.h / 2.0)
}

/// Wide characters that a text takes (two narrow ones count as one).
pub(crate) fn wide(text: &str) -> f64 {
    let narrow: usize = text
        .trim()
        .chars()
        .take(200)
        .map(|c| if c.is_ascii() { 1 } else { 2 })
        .sum();
    narrow as f64 / 2.0
}

fn item(def: &Definition, n: usize, inner: Option<&Laid>) -> Item {
    let node = def.node(n);
    let (w, h) = match inner {
        Some(laid) => (laid.w.max(130.0), laid.h + HEAD),
        None if is_gateway(node) => (50.0, 50.0),
        None if node.is_activity() => (110.0, 80.0),
        None => (EVENT, EVENT),
    };
    let outside = !node.is_activity() && inner.is_none() && !node.name.trim().is_empty();
    let lines = (wide(&node.name) / 8.0).ceil().clamp(1.0, 3.0);
    let name = if outside { lines * LINE + 6.0 } else { 0.0 };
    let events = if node.boundary.is_empty() { 0.0 } else { 36.0 };
    // The name of a gateway may have to stand above it.
    let above = if is_gateway(node) { name } else { 0.0 };
    Item {
        node: Some(n),
        w,
        h,
        up: h / 2.0 + above,
        down: h / 2.0 + name + events,
        layer: 0,
        x: 0.0,
        y: 0.0,
    }
}

// Nesting is bounded by the depth of the file.
fn lay(def: &Definition, scope: usize, slot: &mut [usize]) -> Laid {
    let mut inner: Vec<(usize, Laid)> = Vec::new();
    let body = &def.scopes[scope];
    let mut items = Vec::with_capacity(body.nodes.len());
    for n in body.nodes.iter().copied() {
        let laid = match def.node(n).kind {
            Kind::Boundary { .. } => continue,
            Kind::Sub(own) | Kind::EventSub(own) => Some(lay(def, own, slot)),
            _ => None,
        };
        slot[n] = items.len();
        items.push(item(def, n, laid.as_ref()));
        inner.extend(laid.map(|laid| (n, laid)));
    }
    let mut sheet = rank::rank(def, scope, items, slot);
    order::order(&mut sheet);
    place::place(&mut sheet);
    let channels = route::channels(def, &sheet);
    place::columns(&mut sheet, &channels);
    let edges = route::route(def, &sheet, &channels);
    let labels = labels::labels(def, &sheet, &edges);
    finish(def, &sheet, edges, labels, inner)
}

fn bounds(item: &Item) -> Bounds {
    Bounds {
        x: item.x - item.w / 2.0,
        y: item.y - item.h / 2.0,
        w: item.w,
        h: item.h,
    }
}

/// Puts loose elements below, what is inside sub-processes into them, and everything at its distance from the corner.
fn finish(
    def: &Definition,
    sheet: &Sheet,
    edges: Vec<route::Line>,
    labels: Vec<(Id, Bounds)>,
    inner: Vec<(usize, Laid)>,
) -> Laid {
    let mut shapes: Vec<(usize, Bounds)> = Vec::new();
    for item in &sheet.items {
        let Some(n) = item.node else { continue };
        shapes.push((n, bounds(item)));
        for (k, event) in def.node(n).boundary.iter().enumerate() {
            let (x, y) = event_at(item, k);
            let (x, y) = (item.x + x - EVENT / 2.0, item.y + y - EVENT / 2.0);
            let (w, h) = (EVENT, EVENT);
            shapes.push((*event, Bounds { x, y, w, h }));
        }
    }
    let mut e = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
    let mut grow = |x: f64, y: f64| e = (e.0.min(x), e.1.min(y), e.2.max(x), e.3.max(y));
    for item in &sheet.items {
        grow(item.x - item.w / 2.0, item.y - item.h / 2.0);
        grow(item.x + item.w / 2.0, item.y + item.down);
    }
    for b in labels.iter().map(|(_, b)| b) {
        grow(b.x, b.y);
        grow(b.x + b.w, b.y + b.h);
    }
    let points = edges.iter().flat_map(|line| &line.points);
    points.for_each(|(x, y)| grow(*x, *y));
    if e.0 > e.2 {
        e = (0.0, 0.0, 60.0, 40.0);
    }
    let (dx, dy) = (MARGIN - e.0, MARGIN - e.1);
    let moved = |b: Bounds| Bounds {
        x: b.x + dx,
        y: b.y + dy,
        ..b
    };
    let mut laid = Laid {
        shapes: shapes.into_iter().map(|(n, b)| (n, moved(b))).collect(),
        edges: edges
            .into_iter()
            .map(|line| {
                let points = line.points.into_iter();
                (line.flow, points.map(|(x, y)| (x + dx, y + dy)).collect())
            })
            .collect(),
        labels: labels.into_iter().map(|(id, b)| (id, moved(b))).collect(),
        w: e.2 - e.0 + 2.0 * MARGIN,
        h: e.3 - e.1 + 2.0 * MARGIN,
    };
    nest(&mut laid, inner);
    laid
}

fn nest(laid: &mut Laid, inner: Vec<(usize, Laid)>) {
    let at: std::collections::BTreeMap<usize, Bounds> = laid.shapes.iter().copied().collect();
    for (n, own) in inner {
        let Some(b) = at.get(&n) else { continue };
        let (dx, dy) = (b.x + (b.w - own.w).max(0.0) / 2.0, b.y + HEAD);
        let shift = |b: Bounds| Bounds {
            x: b.x + dx,
            y: b.y + dy,
            ..b
        };
        laid.shapes
            .extend(own.shapes.into_iter().map(|(n, b)| (n, shift(b))));
        laid.labels
            .extend(own.labels.into_iter().map(|(id, b)| (id, shift(b))));
        laid.edges
            .extend(own.edges.into_iter().map(|(flow, points)| {
                let points = points.into_iter();
                (flow, points.map(|(x, y)| (x + dx, y + dy)).collect())
            }));
    }
}

/// Places every element and flow.
pub(crate) fn layout(def: &Definition) -> Diagram {
    let mut diagram = Diagram::default();
    let mut slot = vec![usize::MAX; def.nodes.len()];
    let mut top = 0.0;
    for (scope, body) in def.scopes.iter().enumerate() {
        if body.parent.is_some() {
            continue;
        }
        let laid = lay(def, scope, &mut slot);
        let moved = |b: Bounds| Bounds { y: b.y + top, ..b };
        for (n, b) in laid.shapes {
            let id = Arc::clone(&def.node(n).id);
            diagram.shapes.insert(id, moved(b));
        }
        for (id, b) in laid.labels {
            diagram.labels.insert(id, moved(b));
        }
        for (flow, points) in laid.edges {
            let points = points.into_iter().map(|(x, y)| (x, y + top)).collect();
            diagram.edges.insert(Arc::clone(&def.flow(flow).id), points);
        }
        top += laid.h;
    }
    diagram
}
