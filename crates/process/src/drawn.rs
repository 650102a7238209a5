//! A file without diagram, with ours written into it: editors open only what has a diagram.

use std::fmt::Write as _;

use crate::diagram::Bounds;
use crate::engine::Id;
use crate::model::{Definition, Kind};

/// Where the document ends: the closing tag of its root.
fn closing(xml: &str) -> Option<usize> {
    let at = xml.rfind("</")?;
    let name = xml[at + 2..].trim_end().strip_suffix('>')?.trim_end();
    (name == "definitions" || name.ends_with(":definitions")).then_some(at)
}

fn attribute(text: &str) -> String {
    crate::svg::escape(text)
}

fn bounds(out: &mut String, b: &Bounds) {
    let _ = write!(
        out,
        r#"<dc:Bounds x="{:.0}" y="{:.0}" width="{:.0}" height="{:.0}"/>"#,
        b.x, b.y, b.w, b.h
    );
}

fn name(out: &mut String, def: &Definition, id: &Id) {
    if let Some(b) = def.diagram.labels.get(id) {
        out.push_str("<bpmndi:BPMNLabel>");
        bounds(out, b);
        out.push_str("</bpmndi:BPMNLabel>");
    }
}

/// The file with a diagram: as it came if it has one, else with the layout of our pictures put before its end. Of a file with
/// several processes the main one is drawn. `None` if the file is in a form into which nothing can be put.
#[must_use]
pub fn with_diagram(def: &Definition) -> Option<Vec<u8>> {
    if def.has_diagram() {
        return Some(def.xml().to_vec());
    }
    let xml = std::str::from_utf8(def.xml()).ok()?;
    let end = closing(xml)?;
    let mut out = String::with_capacity(xml.len() * 2);
    out.push_str(&xml[..end]);
    let _ = write!(
        out,
        concat!(
            r#"<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" "#,
            r#"xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" "#,
            r#"id="tb_diagram"><bpmndi:BPMNPlane id="tb_plane" bpmnElement="{}">"#
        ),
        attribute(def.id())
    );
    let main = def.main;
    let drawn = |n: usize| def.process_around(def.node(n).scope) == main;
    for (n, node) in def.nodes.iter().enumerate().filter(|(n, _)| drawn(*n)) {
        let Some(b) = def.diagram.shapes.get(&node.id) else {
            continue;
        };
        let expanded = match node.kind {
            Kind::Sub(_) | Kind::EventSub(_) => r#" isExpanded="true""#,
            Kind::Exclusive => r#" isMarkerVisible="true""#,
            _ => "",
        };
        let id = attribute(&node.id);
        let _ = write!(
            out,
            r#"<bpmndi:BPMNShape id="tb_shape_{n}" bpmnElement="{id}"{expanded}>"#
        );
        bounds(&mut out, b);
        name(&mut out, def, &node.id);
        out.push_str("</bpmndi:BPMNShape>");
    }
    let flows = def.flows.iter().enumerate();
    for (n, flow) in flows.filter(|(_, flow)| drawn(flow.source)) {
        let Some(points) = def.diagram.edges.get(&flow.id).filter(|p| p.len() > 1) else {
            continue;
        };
        let id = attribute(&flow.id);
        let _ = write!(
            out,
            r#"<bpmndi:BPMNEdge id="tb_edge_{n}" bpmnElement="{id}">"#
        );
        for (x, y) in points {
            let _ = write!(out, r#"<di:waypoint x="{x:.0}" y="{y:.0}"/>"#);
        }
        name(&mut out, def, &flow.id);
        out.push_str("</bpmndi:BPMNEdge>");
    }
    out.push_str("</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>");
    out.push_str(&xml[end..]);
    Some(out.into_bytes())
}
