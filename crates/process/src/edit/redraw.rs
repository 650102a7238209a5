//! The whole diagram anew, on request: the layout of the engine for the graph of the file, whether it can be executed yet or not, with
//! a band for each lane.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Refused;
use super::drawing::number;
use super::route::route;
use super::sort::{is_activity, is_scope};
use super::tree::{Doc, escaped};
use crate::diagram::{Bounds, DC, DD, DI, Diagram};
use crate::import::{BPMN, Options};
use crate::layout::layout;
use crate::model::Definition;

/// Room above and below what is in a lane.
const BAND: f64 = 20.0;
/// Room for the name of a lane, and left of its first element.
const HEAD: f64 = 50.0;
const LEFT: f64 = 20.0;

impl Doc {
    /// A file with the same graph in which nothing is missing: names, conditions and the like do not matter for the places.
    fn skeleton(&self) -> Result<String, Refused> {
        let mut out = format!("<definitions xmlns=\"{BPMN}\">");
        for process in self.all(0, "process") {
            let _ = write!(out, "<process id=\"{}\">", escaped(self.id(process))?);
            self.bones(process, &mut out)?;
            out.push_str("</process>");
        }
        out.push_str("</definitions>");
        Ok(out)
    }

    // The depth of the file is bounded by the reader.
    fn bones(&self, scope: usize, out: &mut String) -> Result<(), Refused> {
        let nodes = self.nodes_in(scope);
        let own: BTreeSet<&str> = nodes.iter().map(|n| self.id(*n)).collect();
        for node in &nodes {
            let (tag, id) = (self.tag(*node), escaped(self.id(*node))?);
            let event = tag.attr("triggeredByEvent") == Some("true");
            let host = tag.attr("attachedToRef").map(super::graph::local);
            let on = host.filter(|host| {
                own.contains(host)
                    && self
                        .find(host)
                        .is_some_and(|h| is_activity(&self.tag(h).name))
            });
            match tag.name.as_str() {
                kind @ ("startEvent" | "endEvent") if !event => {
                    let _ = write!(out, "<{kind} id=\"{id}\"/>");
                }
                "boundaryEvent" if on.is_some() => {
                    let host = escaped(on.unwrap_or_default())?;
                    let _ = write!(
                        out,
                        "<boundaryEvent id=\"{id}\" attachedToRef=\"{host}\"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>"
                    );
                }
                kind if is_scope(kind) => {
                    let _ = write!(out, "<subProcess id=\"{id}\">");
                    self.bones(*node, out)?;
                    out.push_str("</subProcess>");
                }
                kind if kind.ends_with("Gateway") => {
                    let _ = write!(out, "<exclusiveGateway id=\"{id}\"/>");
                }
                kind if kind.ends_with("Event") => {
                    let _ = write!(out, "<intermediateThrowEvent id=\"{id}\"/>");
                }
                _ => {
                    let _ = write!(out, "<manualTask id=\"{id}\"/>");
                }
            }
        }
        for flow in self.flows_in(scope) {
            let fits = |id: &str, lead: bool| {
                let at = self.find(id).filter(|_| own.contains(id));
                at.is_some_and(|at| match lead {
                    true => self.may_lead_on(at).is_ok(),
                    false => self.may_be_reached(at).is_ok(),
                })
            };
            if fits(&flow.from, true) && fits(&flow.to, false) {
                let _ = write!(
                    out,
                    "<sequenceFlow id=\"{}\" sourceRef=\"{}\" targetRef=\"{}\"/>",
                    escaped(&flow.id)?,
                    escaped(&flow.from)?,
                    escaped(&flow.to)?
                );
            }
        }
        Ok(())
    }

    pub(super) fn lay_out(&mut self) -> Result<String, Refused> {
        let options = Options {
            lenient: true,
            ..Options::default()
        };
        let read = Definition::parse_with(self.skeleton()?.as_bytes(), &options);
        let (definition, _) = read.map_err(|errors| {
            let why = errors
                .first()
                .map_or_else(String::new, |e| e.message.clone());
            Refused::new("layout", None, format!("现在还不能排版：{why}"))
        })?;
        let mut diagram = layout(&definition);
        let lanes = self.bands(&mut diagram);
        self.route_anew(&mut diagram);
        // First out with the old one: its ids are free again.
        let old = (0..self.tags.len()).filter(|i| self.is_di(*i, "BPMNDiagram"));
        let patches = old.map(|i| self.without(i)).collect();
        self.patch(patches)?;
        let text = self.diagram_text(&diagram, &lanes)?;
        let patch = self.inside(0, &text);
        self.patch(vec![patch])?;
        Ok(String::new())
    }

    /// Puts what is in lanes of the main process into a band for each; gives the bands.
    fn bands(&self, diagram: &mut Diagram) -> Vec<(String, Bounds)> {
        let Ok(process) = self.main_process() else {
            return Vec::new();
        };
        // Innermost lanes, in the order of the file.
        let lanes: Vec<usize> = (0..self.tags.len())
            .filter(|i| self.tag(*i).is("lane") && self.child(*i, "childLaneSet").is_none())
            .collect();
        if lanes.is_empty() {
            return Vec::new();
        }
        let nodes: Vec<usize> = self
            .nodes_in(process)
            .into_iter()
            .filter(|n| !self.tag(*n).is("boundaryEvent"))
            .collect();
        let band_of = |n: &usize| {
            let own = self.lanes_of(self.id(*n));
            // What is in no lane stands in the first.
            lanes
                .iter()
                .position(|lane| own.contains(lane))
                .unwrap_or(0)
        };
        let mut columns: BTreeMap<(usize, i64), Vec<usize>> = BTreeMap::new();
        for n in &nodes {
            if let Some(b) = diagram.shapes.get(self.id(*n)) {
                let column = ((b.x + b.w / 2.0) / 2.0).round() as i64;
                columns.entry((band_of(n), column)).or_default().push(*n);
            }
        }
        let right = diagram
            .shapes
            .values()
            .map(|b| b.x + b.w)
            .fold(0.0, f64::max);
        let (mut top, mut bands) = (0.0, Vec::new());
        for (k, lane) in lanes.iter().enumerate() {
            let mut tall: f64 = 80.0;
            for own in columns
                .iter()
                .filter(|((band, _), _)| *band == k)
                .map(|(_, o)| o)
            {
                let mut y = top + BAND;
                let mut own = own.clone();
                own.sort_by(|a, b| {
                    let y = |n: &usize| diagram.shapes.get(self.id(*n)).map_or(0.0, |b| b.y);
                    y(a).total_cmp(&y(b))
                });
                for n in own {
                    y += self.shift_to(diagram, n, y) + BAND;
                }
                tall = tall.max(y - top - 2.0 * BAND);
            }
            let (h, w) = (tall + 2.0 * BAND, right + HEAD);
            let b = Bounds {
                x: LEFT - HEAD,
                y: top,
                w,
                h,
            };
            bands.push((self.id(*lane).to_owned(), b));
            top += h;
        }
        bands
    }

    /// Moves an element with what is in it and on it; gives the height that it takes.
    fn shift_to(&self, diagram: &mut Diagram, node: usize, y: f64) -> f64 {
        let Some(b) = diagram.shapes.get(self.id(node)).copied() else {
            return 0.0;
        };
        let tall = b.h.max(80.0);
        let by = y + (tall - b.h) / 2.0 - b.y;
        let own = self.tag(node).start..self.tag(node).end;
        let mut moved: Vec<&str> = self
            .events_on(node)
            .into_iter()
            .map(|e| self.id(e))
            .collect();
        let inside = self.tags.iter().filter(|t| own.contains(&t.start));
        moved.extend(inside.filter_map(|t| t.attr("id")));
        for id in moved {
            if let Some(b) = diagram.shapes.get_mut(id) {
                b.y += by;
            }
        }
        tall
    }

    fn route_anew(&self, diagram: &mut Diagram) {
        for scope in self.scopes() {
            for flow in self.flows_in(scope) {
                let ends = (
                    diagram.shapes.get(&*flow.from),
                    diagram.shapes.get(&*flow.to),
                );
                if let (Some(from), Some(to)) = ends {
                    let points = route(from, to);
                    diagram.edges.insert(flow.id.as_str().into(), points);
                }
            }
        }
    }

    fn diagram_text(
        &self,
        diagram: &Diagram,
        lanes: &[(String, Bounds)],
    ) -> Result<String, Refused> {
        let process = self.main_process()?;
        let plane = self.child(0, "collaboration").unwrap_or(process);
        let mut ids = BTreeSet::new();
        let mut fresh = |stem: &str| {
            let mut id = self.fresh(stem);
            // Those of this text are not in the file yet.
            let mut n = 1_u32;
            while !ids.insert(id.clone()) {
                n += 1;
                id = format!("{}_{n}", self.fresh(stem));
            }
            escaped(&id)
        };
        let mut out = format!(
            "<bpmndi:BPMNDiagram xmlns:bpmndi=\"{DI}\" xmlns:dc=\"{DC}\" xmlns:di=\"{DD}\" id=\"{}\">\n    <bpmndi:BPMNPlane id=\"{}\" bpmnElement=\"{}\">",
            fresh("diagram")?,
            fresh("plane")?,
            escaped(self.id(plane))?
        );
        let drawn = |id: &str, b: &Bounds, more: &str, own: String| -> Result<String, Refused> {
            let [x, y, w, h] = [b.x, b.y, b.w, b.h].map(number);
            let id = escaped(id)?;
            Ok(format!(
                "\n      <bpmndi:BPMNShape id=\"{own}\" bpmnElement=\"{id}\"{more}>\n        <dc:Bounds x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" />\n      </bpmndi:BPMNShape>"
            ))
        };
        for (id, b) in lanes {
            out += &drawn(id, b, " isHorizontal=\"true\"", fresh(&format!("{id}_di"))?)?;
        }
        // What holds others is drawn before them: in the order of the file.
        for node in self.scopes().into_iter().flat_map(|s| self.nodes_in(s)) {
            let id = self.id(node);
            if let Some(b) = diagram.shapes.get(id) {
                let more = match self.tag(node).name.as_str() {
                    kind if is_scope(kind) => " isExpanded=\"true\"",
                    "exclusiveGateway" => " isMarkerVisible=\"true\"",
                    _ => "",
                };
                out += &drawn(id, b, more, fresh(&format!("{id}_di"))?)?;
            }
        }
        for (id, points) in &diagram.edges {
            let own = fresh(&format!("{id}_di"))?;
            let id = escaped(id)?;
            let _ = write!(
                out,
                "\n      <bpmndi:BPMNEdge id=\"{own}\" bpmnElement=\"{id}\">"
            );
            for (x, y) in points {
                let (x, y) = (number(*x), number(*y));
                let _ = write!(out, "\n        <di:waypoint x=\"{x}\" y=\"{y}\" />");
            }
            out.push_str("\n      </bpmndi:BPMNEdge>");
        }
        out.push_str("\n    </bpmndi:BPMNPlane>\n  </bpmndi:BPMNDiagram>");
        Ok(out)
    }
}
