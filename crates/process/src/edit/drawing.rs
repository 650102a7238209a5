//! The diagram beside an edit: what is new gets a shape near its neighbour, what is turned is drawn anew; nothing else moves. A file
//! without diagram stays without: its picture is laid out when it is shown.

use super::Refused;
use super::route::route;
use super::tree::{Doc, Patch, escaped};
use crate::diagram::{Bounds, DC, DD, DI};

/// Free room between shapes.
const GAP: f64 = 50.0;
/// How far down a free place is looked for, in shapes.
const ROWS: u32 = 40;

/// As few digits as say it.
pub(super) fn number(n: f64) -> String {
    let rounded = (n * 10.0).round() / 10.0;
    format!("{rounded}")
}

impl Doc {
    /// Where new shapes go; `None`: the file draws nothing.
    fn plane(&self) -> Option<usize> {
        let planes = (0..self.tags.len()).filter(|i| self.is_di(*i, "BPMNPlane"));
        let drawn = |plane: &usize| {
            let mut children = self.tag(*plane).children.iter();
            children.any(|c| self.is_di(*c, "BPMNShape"))
        };
        planes.into_iter().find(drawn)
    }

    pub(super) fn is_di(&self, at: usize, name: &str) -> bool {
        let tag = self.tag(at);
        &*tag.ns == DI && tag.name == name
    }

    /// The shape or edge of an element.
    fn drawn(&self, id: &str) -> Option<usize> {
        let named = |i: &usize| {
            let tag = self.tag(*i);
            &*tag.ns == DI
                && matches!(tag.name.as_str(), "BPMNShape" | "BPMNEdge")
                && tag.attr("bpmnElement").map(super::graph::local) == Some(id)
        };
        (0..self.tags.len()).find(named)
    }

    /// Takes the shape or edge of an element out.
    pub(super) fn undrawn(&self, id: &str) -> Option<Patch> {
        self.drawn(id).map(|at| self.without(at))
    }

    fn bounds_tag(&self, shape: usize) -> Option<usize> {
        let mut children = self.tag(shape).children.iter().copied();
        children.find(|c| &*self.tag(*c).ns == DC && self.tag(*c).name == "Bounds")
    }

    fn bounds_at(&self, shape: usize) -> Option<Bounds> {
        let tag = self.tag(self.bounds_tag(shape)?);
        let read = |name| {
            let n: f64 = tag.attr(name)?.trim().parse().ok()?;
            (n.is_finite() && n.abs() < 1e6).then_some(n)
        };
        Some(Bounds {
            x: read("x")?,
            y: read("y")?,
            w: read("width")?,
            h: read("height")?,
        })
    }

    fn bounds(&self, id: &str) -> Option<Bounds> {
        self.bounds_at(self.drawn(id)?)
    }

    /// `prefix:name`, and what has to be declared where the file does not.
    fn di_name(&self, plane: usize, ns: &str, wish: &str, name: &str) -> (String, String) {
        match self.prefix(plane, ns) {
            Some(prefix) => (format!("{prefix}:{name}"), String::new()),
            None => (format!("{wish}:{name}"), format!(" xmlns:{wish}=\"{ns}\"")),
        }
    }

    fn bounds_text(&self, plane: usize, b: &Bounds) -> String {
        let (name, declared) = self.di_name(plane, DC, "dc", "Bounds");
        let [x, y, w, h] = [b.x, b.y, b.w, b.h].map(number);
        format!("<{name}{declared} x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" />")
    }

    /// A line of the diagram inside another.
    fn nested(&self, plane: usize, open: &str, inside: &[String], name: &str) -> String {
        let children = &self.tag(plane).children;
        let indent = children.first().and_then(|c| self.indent(*c));
        match indent {
            Some(indent) => {
                let inside: String = inside.iter().map(|l| format!("\n{indent}  {l}")).collect();
                format!("{open}{inside}\n{indent}</{name}>")
            }
            None => format!("{open}{}</{name}>", inside.concat()),
        }
    }

    pub(super) fn shape(&mut self, id: &str, b: &Bounds, more: &str) -> Result<(), Refused> {
        let Some(plane) = self.plane() else {
            return Ok(());
        };
        if let Some(known) = self.drawn(id).and_then(|shape| self.bounds_tag(shape)) {
            let values = [b.x, b.y, b.w, b.h].map(number);
            let names = ["x", "y", "width", "height"];
            let pairs: Vec<_> = names
                .into_iter()
                .zip(values.iter().map(|v| Some(&**v)))
                .collect();
            let patches = self.attributes(known, &pairs)?;
            return self.patch(patches);
        }
        let (name, declared) = self.di_name(plane, DI, "bpmndi", "BPMNShape");
        let own = self.fresh(&format!("{id}_di"));
        let open = format!(
            "<{name}{declared} id=\"{}\" bpmnElement=\"{}\"{more}>",
            escaped(&own)?,
            escaped(id)?
        );
        let text = self.nested(plane, &open, &[self.bounds_text(plane, b)], &name);
        let shapes = self.tag(plane).children.iter().rev();
        let last = shapes.copied().find(|c| self.is_di(*c, "BPMNShape"));
        let patch = match last {
            Some(last) => self.behind(last, &text),
            None => self.inside(plane, &text),
        };
        self.patch(vec![patch])
    }

    /// Whether a shape would lie on another one; what holds it or lies in it does not count.
    fn is_taken(&self, b: &Bounds, own: &str) -> bool {
        let shapes = (0..self.tags.len()).filter(|i| self.is_di(*i, "BPMNShape"));
        shapes.into_iter().any(|i| {
            let tag = self.tag(i);
            let id = tag.attr("bpmnElement").map(super::graph::local);
            let element = id.and_then(|id| self.find(id)).map(|at| self.tag(at));
            let holds = element.is_none_or(|e| {
                matches!(e.name.as_str(), "lane" | "participant") || super::sort::is_scope(&e.name)
            });
            let Some(other) = self.bounds_at(i).filter(|_| !holds && id != Some(own)) else {
                return false;
            };
            b.x < other.x + other.w
                && other.x < b.x + b.w
                && b.y < other.y + other.h
                && other.y < b.y + b.h
        })
    }

    /// Draws a new element to the right of `near`, lower where that is taken.
    pub(super) fn draw_node(
        &mut self,
        id: &str,
        (w, h): (f64, f64),
        near: &str,
    ) -> Result<(), Refused> {
        let Some(beside) = self.bounds(near) else {
            return Ok(());
        };
        let middle = beside.y + beside.h / 2.0;
        let mut b = Bounds {
            x: beside.x + beside.w + GAP,
            y: middle - h / 2.0,
            w,
            h,
        };
        for _ in 0..ROWS {
            if !self.is_taken(&b, id) {
                break;
            }
            b.y += h + GAP / 2.0;
        }
        let more = match self.find(id).map(|at| self.tag(at).name.as_str()) {
            Some("subProcess") => " isExpanded=\"true\"",
            Some("exclusiveGateway") => " isMarkerVisible=\"true\"",
            _ => "",
        };
        self.shape(id, &b, more)
    }

    /// Draws an element in its new place.
    pub(super) fn redraw_node(&mut self, id: &str) -> Result<(), Refused> {
        let at = self.node(id)?;
        let (into, out) = (self.flows_to(at), self.out_of(at));
        if let (Some(own), Some(before)) = (self.bounds(id), into.first()) {
            self.draw_node(id, (own.w, own.h), &before.from.clone())?;
        }
        for flow in into.iter().chain(&out) {
            self.redraw_flow(&flow.id)?;
        }
        Ok(())
    }

    /// The start and the end of a new sub-process.
    pub(super) fn draw_inside(&mut self, sub: &str) -> Result<(), Refused> {
        let (at, Some(around)) = (self.node(sub)?, self.bounds(sub)) else {
            return Ok(());
        };
        let middle = around.y + around.h / 2.0 - 18.0;
        for (kind, x) in [("startEvent", 20.0), ("endEvent", around.w - 56.0)] {
            let id = self.child(at, kind).map(|n| self.id(n).to_owned());
            let (x, y, w, h) = (around.x + x, middle, 36.0, 36.0);
            self.shape(&id.unwrap_or_default(), &Bounds { x, y, w, h }, "")?;
        }
        for flow in self.flows_in(self.node(sub)?) {
            self.redraw_flow(&flow.id)?;
        }
        Ok(())
    }

    /// An event on the lower edge of its activity.
    pub(super) fn draw_event(&mut self, id: &str, host: &str) -> Result<(), Refused> {
        let (at, Some(b)) = (self.node(host)?, self.bounds(host)) else {
            return Ok(());
        };
        let others = self.events_on(at).len().saturating_sub(1) as f64;
        let x = b.x + b.w - 30.0 - 40.0 * others;
        let (y, w, h) = (b.y + b.h - 18.0, 36.0, 36.0);
        self.shape(id, &Bounds { x, y, w, h }, "")
    }

    /// A lane below the others.
    pub(super) fn draw_lane(&mut self, id: &str) -> Result<(), Refused> {
        let lanes = self.tags.iter().filter(|t| t.is("lane"));
        let ids: Vec<&str> = lanes.filter_map(|t| t.attr("id")).collect();
        let drawn = ids.into_iter().filter_map(|lane| self.bounds(lane));
        let lowest = drawn.max_by(|a, b| (a.y + a.h).total_cmp(&(b.y + b.h)));
        match lowest {
            Some(b) => {
                let below = Bounds {
                    y: b.y + b.h,
                    h: 120.0,
                    ..b
                };
                self.shape(id, &below, " isHorizontal=\"true\"")
            }
            None => Ok(()),
        }
    }

    /// A sub-process around an element that has its shape.
    pub(super) fn draw_around(&mut self, sub: &str, element: &str) -> Result<(), Refused> {
        let Some(own) = self.bounds(element) else {
            return Ok(());
        };
        let around = Bounds {
            x: own.x - 75.0,
            y: own.y - 45.0,
            w: own.w + 150.0,
            h: own.h + 70.0,
        };
        self.shape(sub, &around, " isExpanded=\"true\"")?;
        let at = self.node(sub)?;
        let middle = own.y + own.h / 2.0 - 18.0;
        for (kind, x) in [
            ("startEvent", own.x - 58.0),
            ("endEvent", own.x + own.w + 22.0),
        ] {
            let id = self.child(at, kind).map(|n| self.id(n).to_owned());
            let (y, w, h) = (middle, 36.0, 36.0);
            self.shape(&id.unwrap_or_default(), &Bounds { x, y, w, h }, "")?;
        }
        for flow in self.flows_in(self.node(sub)?) {
            self.redraw_flow(&flow.id)?;
        }
        Ok(())
    }

    /// Draws a flow between its ends as they stand now; a label keeps its place.
    pub(super) fn redraw_flow(&mut self, id: &str) -> Result<(), Refused> {
        let (_, flow) = self.flow(id)?;
        let ends = (self.bounds(&flow.from), self.bounds(&flow.to));
        let (Some(plane), (Some(from), Some(to))) = (self.plane(), ends) else {
            return Ok(());
        };
        let (point, declared) = self.di_name(plane, DD, "di", "waypoint");
        let points: Vec<String> = route(&from, &to)
            .into_iter()
            .map(|(x, y)| {
                format!(
                    "<{point}{declared} x=\"{}\" y=\"{}\" />",
                    number(x),
                    number(y)
                )
            })
            .collect();
        let Some(edge) = self.drawn(id) else {
            let (name, more) = self.di_name(plane, DI, "bpmndi", "BPMNEdge");
            let own = self.fresh(&format!("{id}_di"));
            let open = format!(
                "<{name}{more} id=\"{}\" bpmnElement=\"{}\">",
                escaped(&own)?,
                escaped(id)?
            );
            let text = self.nested(plane, &open, &points, &name);
            let patch = self.inside(plane, &text);
            return self.patch(vec![patch]);
        };
        let old = self.tag(edge).children.iter().copied();
        let old: Vec<usize> = old
            .filter(|c| &*self.tag(*c).ns == DD && self.tag(*c).name == "waypoint")
            .collect();
        let Some(first) = old.first() else {
            let patch = self.in_front(edge, &points.concat());
            return self.patch(vec![patch]);
        };
        let line = self
            .indent(*first)
            .map_or_else(String::new, |indent| format!("\n{indent}"));
        let mut patches: Vec<Patch> = old[1..].iter().map(|at| self.without(*at)).collect();
        let whole = self.tag(*first).start..self.tag(*first).end;
        patches.push(Patch(whole, points.join(&line)));
        self.patch(patches)
    }
}
