//! Diagram interchange (BPMN DI): where shapes and edges are.

use std::collections::BTreeMap;

use crate::engine::Id;
use crate::xml::Element;

pub(crate) const DI: &str = "http://www.omg.org/spec/BPMN/20100524/DI";
pub(crate) const DC: &str = "http://www.omg.org/spec/DD/20100524/DC";
pub(crate) const DD: &str = "http://www.omg.org/spec/DD/20100524/DI";
/// Coordinates beyond this are not drawn.
const FAR: f64 = 1e6;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Diagram {
    /// By element: flow nodes, lanes, pools.
    pub shapes: BTreeMap<Id, Bounds>,
    /// By sequence flow.
    pub edges: BTreeMap<Id, Vec<(f64, f64)>>,
    /// Where the file wants the name of an element or flow.
    pub labels: BTreeMap<Id, Bounds>,
}

fn number(e: &Element, name: &str) -> Option<f64> {
    e.attr(name)?
        .parse()
        .ok()
        .filter(|n: &f64| n.is_finite() && n.abs() < FAR)
}

fn bounds(shape: &Element) -> Option<Bounds> {
    let b = shape.child(DC, "Bounds")?;
    Some(Bounds {
        x: number(b, "x")?,
        y: number(b, "y")?,
        w: number(b, "width")?.max(0.0),
        h: number(b, "height")?.max(0.0),
    })
}

/// Reads the diagrams of a file; shapes that are incomplete are left out.
pub(crate) fn read(root: &Element) -> Diagram {
    let mut diagram = Diagram::default();
    for plane in root
        .all(DI, "BPMNDiagram")
        .flat_map(|d| d.all(DI, "BPMNPlane"))
    {
        // What is inside a closed sub-process has a plane of its own, with the same coordinates.
        let of = plane.attr("bpmnElement");
        if of.is_some_and(|element| diagram.shapes.contains_key(element)) {
            continue;
        }
        for child in plane.children.iter().filter(|c| &*c.ns == DI) {
            let Some(element) = child.attr("bpmnElement") else {
                continue;
            };
            if let Some(label) = child.child(DI, "BPMNLabel").and_then(bounds) {
                diagram.labels.insert(element.into(), label);
            }
            if child.name == "BPMNShape" {
                if let Some(b) = bounds(child) {
                    diagram.shapes.insert(element.into(), b);
                }
            } else if child.name == "BPMNEdge" {
                let points = child.all(DD, "waypoint");
                let points = points
                    .filter_map(|p| Some((number(p, "x")?, number(p, "y")?)))
                    .collect();
                diagram.edges.insert(element.into(), points);
            }
        }
    }
    diagram
}
