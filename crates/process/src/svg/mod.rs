//! The picture of a process with the marks of one instance, or with figures of many. Only classes, no inline style: the strict
//! content policy of the pages forbids it. Classes: `bpmn`, `lane`, `node` + kind, `flow`, `is-current`, `is-done`, `is-stopped`,
//! `is-cancelled`, `heat-1` to `heat-4`. No mark is a colour alone: each has a sign of its own, a thicker line, or a figure.

mod marks;
mod signs;
mod text;

use std::fmt::Write as _;

pub use marks::{Marks, Note};

use crate::diagram::Bounds;
use crate::engine::Id;
use crate::model::{Definition, Flow, Kind, Node};
use signs::{activity_marks, class, sign, task_sign};
use text::{label, wrap};

/// Width of a character in names, a little more than it is.
const CHAR: f64 = 12.5;

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Not allowed in XML 1.0, whatever the file smuggled in by a character reference.
            c if c.is_control() && !c.is_whitespace() => {}
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

/// A name outside its shape: where the file wants it, else with its first line at `(x, y)`.
fn outer_label(out: &mut String, def: &Definition, id: &Id, text: &str, x: f64, y: f64) {
    match def.diagram.labels.get(id) {
        Some(b) => {
            let wide = ((b.w / 12.0).round() as usize).clamp(4, 14);
            let lines = wrap(text, wide, 4);
            label(out, "label outer", &lines, b.x + b.w / 2.0, b.y + b.h / 2.0);
        }
        None => {
            let lines = wrap(text, 8, 4);
            let down = (lines.len() as f64 - 1.0) * 8.0;
            label(out, "label outer", &lines, x, y + down);
        }
    }
}

/// Beside a vertical piece, above a horizontal one.
fn flow_label(out: &mut String, def: &Definition, flow: &Flow, points: &[(f64, f64)]) {
    if let [a, b, ..] = points {
        let (x, y) = (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1));
        let half = crate::layout::wide(&flow.name).min(8.0) * 6.0;
        let vertical = (a.0 - b.0).abs() < 1.0;
        let (x, y) = if vertical {
            (x + half + 6.0, y)
        } else {
            (x, y - 10.0)
        };
        outer_label(out, def, &flow.id, &flow.name, x, y);
    }
}

fn is_inner(node: &Node) -> bool {
    matches!(node.kind, Kind::Sub(_) | Kind::EventSub(_))
}

/// Whether what is inside a sub-process is drawn.
fn is_open(def: &Definition, node: &Node) -> bool {
    let (Kind::Sub(own) | Kind::EventSub(own)) = node.kind else {
        return false;
    };
    let shapes = &def.diagram.shapes;
    let mut inside = def.scopes[own].nodes.iter();
    inside.any(|n| shapes.contains_key(&def.node(*n).id))
}

fn outline(out: &mut String, node: &Node, b: &Bounds) {
    let (cx, cy) = (b.x + b.w / 2.0, b.y + b.h / 2.0);
    let r = b.w.min(b.h) / 2.0;
    if crate::layout::is_gateway(node) {
        let (x, y, x2, y2) = (b.x, b.y, b.x + b.w, b.y + b.h);
        let _ = write!(
            out,
            r#"<polygon points="{cx:.1},{y:.1} {x2:.1},{cy:.1} {cx:.1},{y2:.1} {x:.1},{cy:.1}"/>"#
        );
    } else if node.is_activity() || is_inner(node) {
        let Bounds { x, y, w, h } = b;
        let _ = write!(
            out,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}" rx="10"/>"#
        );
    } else {
        let _ = write!(out, r#"<circle cx="{cx:.1}" cy="{cy:.1}" r="{r:.1}"/>"#);
        if matches!(node.kind, Kind::Catch(_) | Kind::Boundary { .. })
            || matches!(node.kind, Kind::Throw(_) | Kind::Pass)
        {
            let r = (r - 3.5).max(1.0);
            let _ = write!(
                out,
                r#"<circle class="ring" cx="{cx:.1}" cy="{cy:.1}" r="{r:.1}"/>"#
            );
        }
    }
}

fn shape(out: &mut String, def: &Definition, node: &Node, b: &Bounds, note: Option<&Note>) {
    let (cx, cy) = (b.x + b.w / 2.0, b.y + b.h / 2.0);
    let r = b.w.min(b.h) / 2.0;
    outline(out, node, b);
    let activity = node.is_activity() || is_inner(node);
    if activity {
        activity_marks(out, node, b, is_inner(node) && !is_open(def, node));
        task_sign(out, node, b);
    } else {
        sign(out, node, cx, cy, r * 0.4);
    }
    let wide = ((b.w - 14.0) / CHAR).max(2.0) as usize;
    if is_open(def, node) {
        // What is inside needs the room: the name stands at the top.
        label(out, "label", &wrap(&node.name, wide, 1), cx, b.y + 15.0);
    } else if activity {
        let due = note.map_or("", |note| &note.due);
        let marked = node.repeat.is_some() || !due.is_empty();
        let lines = wrap(&node.name, wide, 3);
        let up = if marked && lines.len() < 3 { 4.0 } else { 0.0 };
        label(out, "label", &lines, cx, cy - up);
        if !due.is_empty() {
            let y = b.y + b.h - if node.repeat.is_some() { 26.0 } else { 12.0 };
            label(out, "due", &[due.to_owned()], cx, y);
        }
    } else {
        outer_label(out, def, &node.id, &node.name, cx, b.y + b.h + 12.0);
    }
}

/// The sign of how it stands with an element, at its upper right corner.
fn badge(out: &mut String, classes: &str, b: &Bounds) {
    let d = if b.w < 60.0 { 5.0 } else { 0.0 };
    let (x, y) = (b.x + b.w - d, b.y + d);
    let path = if classes.contains("is-stopped") {
        "M0 -4.5v5.5M0 3.2v1.3"
    } else if classes.contains("is-current") {
        "M-2.5 -4l6 4l-6 4z"
    } else if classes.contains("is-cancelled") {
        "M-3.2 -3.2l6.4 6.4M3.2 -3.2l-6.4 6.4"
    } else if classes.contains("is-done") {
        "M-4 .2l2.8 3l5 -6"
    } else {
        return;
    };
    let _ = write!(
        out,
        r#"<g class="badge" transform="translate({x:.1} {y:.1})"><circle r="8"/><path d="{path}"/></g>"#
    );
}

/// Figures at the lower right corner, from the right; beside small shapes, whose names stand below.
fn figures(out: &mut String, note: &Note, b: &Bounds) {
    let texts = [&note.late, &note.count].into_iter();
    let room: f64 = texts
        .filter(|text| !text.is_empty())
        .map(|text| crate::layout::wide(text) * 12.0 + 14.0)
        .sum();
    let (mut right, y) = if b.w < 60.0 {
        (b.x + b.w - 6.0 + room, b.y + b.h - 7.0)
    } else {
        (b.x + b.w + 6.0, b.y + b.h)
    };
    for (class, text) in [("late", &note.late), ("count", &note.count)] {
        if text.is_empty() {
            continue;
        }
        let w = crate::layout::wide(text) * 12.0 + 12.0;
        let (x, top, middle) = (right - w, y - 9.0, right - w / 2.0);
        let _ = write!(
            out,
            r#"<g class="figure {class}"><rect x="{x:.1}" y="{top:.1}" width="{w:.1}" height="18" rx="9"/><text text-anchor="middle" x="{middle:.1}" y="{:.1}">{}</text></g>"#,
            y + 4.3,
            escape(text)
        );
        right -= w + 2.0;
    }
}

fn extent(def: &Definition) -> (f64, f64, f64, f64) {
    let mut e = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
    let mut add = |x: f64, y: f64| e = (e.0.min(x), e.1.min(y), e.2.max(x), e.3.max(y));
    let known = |id: &Id| def.index_of(id).is_some() || def.flow_index_of(id).is_some();
    for b in def.diagram.shapes.values() {
        add(b.x, b.y);
        add(b.x + b.w, b.y + b.h);
    }
    for (_, b) in def.diagram.labels.iter().filter(|(id, _)| known(id)) {
        add(b.x, b.y);
        add(b.x + b.w, b.y + b.h - 12.0);
    }
    let edges = def.diagram.edges.iter().filter(|(id, _)| known(id));
    edges.for_each(|(_, points)| points.iter().for_each(|(x, y)| add(*x, *y)));
    if e.0 > e.2 { (0.0, 0.0, 10.0, 10.0) } else { e }
}

/// Lanes with their names upright at the left; other shapes (data, notes) as plain frames.
fn lanes(out: &mut String, def: &Definition) {
    for (id, b) in def
        .diagram
        .shapes
        .iter()
        .filter(|(id, _)| def.index_of(id).is_none())
    {
        let name = def
            .lanes
            .iter()
            .find(|(lane, _)| lane == id)
            .map(|(_, name)| name);
        let class = if name.is_some() { "lane" } else { "frame" };
        let Bounds { x, y, w, h } = b;
        let _ = write!(
            out,
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}"/>"#
        );
        if let Some(name) = name {
            let _ = write!(
                out,
                r#"<rect class="lane-head" x="{x:.1}" y="{y:.1}" width="30" height="{h:.1}"/>"#
            );
            let (x, y) = (x + 15.0, y + h / 2.0);
            let most = (h / 13.0).max(2.0) as usize;
            let name = wrap(name, most, 1).pop().unwrap_or_default();
            let _ = write!(
                out,
                r#"<text class="lane-name" text-anchor="middle" x="{x:.1}" y="{:.1}" transform="rotate(-90 {x:.1} {y:.1})">{}</text>"#,
                y + 4.5,
                escape(&name)
            );
        }
    }
}

/// Arrow heads in the colours of lines.
const ARROWS: [(&str, &str); 3] = [
    ("bpmn-arrow", ""),
    ("bpmn-arrow-done", " is-done"),
    ("bpmn-arrow-now", " is-current"),
];

fn flow(out: &mut String, def: &Definition, flow: &Flow, marks: &Marks) {
    let Some(points) = def.diagram.edges.get(&flow.id).filter(|p| !p.is_empty()) else {
        return;
    };
    let classes = marks.classes(&flow.id);
    let arrow = match &*classes {
        c if c.contains("is-current") => ARROWS[2].0,
        c if c.contains("is-done") => ARROWS[1].0,
        _ => ARROWS[0].0,
    };
    let text: Vec<String> = points
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let (id, text) = (escape(&flow.id), text.join(" "));
    let _ = write!(
        out,
        r#"<g class="flow{classes}" data-id="{id}"><polyline points="{text}" marker-end="url(#{}{arrow})"/>"#,
        escape(&marks.prefix)
    );
    out.push_str("</g>");
}

/// Draws a definition; deterministic, self-contained, well-formed.
#[must_use]
pub fn svg(def: &Definition, marks: &Marks) -> String {
    let mut out = String::with_capacity(16 * 1024);
    let (x, y, x2, y2) = extent(def);
    let (x, y, w, h) = (x - 20.0, y - 20.0, x2 - x + 40.0, y2 - y + 40.0);
    // What can be followed must not stand in a picture, whose parts nobody is told.
    let linked = marks.notes.values().any(|note| !note.href.is_empty());
    let role = if linked { "group" } else { "img" };
    let name = escape(def.name());
    let _ = write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="bpmn" role="{role}" aria-label="{name}" viewBox="{x:.1} {y:.1} {w:.1} {h:.1}"><title>{name}</title><defs>"#
    );
    let prefix = escape(&marks.prefix);
    for (id, class) in ARROWS {
        let _ = write!(
            out,
            r#"<marker id="{prefix}{id}" class="arrow{class}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 1L10 5L0 9z"/></marker>"#
        );
    }
    out.push_str("</defs>");
    lanes(&mut out, def);
    for node in def.nodes.iter().filter(|n| is_inner(n)) {
        draw(&mut out, def, node, marks);
    }
    // What was taken lies over what was not.
    let is_marked = |f: &&Flow| marks.done.contains(&f.id) || marks.current.contains(&f.id);
    for one in def.flows.iter().filter(|f| !is_marked(f)) {
        flow(&mut out, def, one, marks);
    }
    for one in def.flows.iter().filter(is_marked) {
        flow(&mut out, def, one, marks);
    }
    let on_top = |node: &Node| matches!(node.kind, Kind::Boundary { .. });
    for node in def.nodes.iter().filter(|n| !is_inner(n) && !on_top(n)) {
        draw(&mut out, def, node, marks);
    }
    // Boundary events lie on the edge of their activity, so they are drawn last.
    for node in def.nodes.iter().filter(|n| on_top(n)) {
        draw(&mut out, def, node, marks);
    }
    for one in &def.flows {
        let points = def
            .diagram
            .edges
            .get(&one.id)
            .map_or(&[][..], Vec::as_slice);
        flow_label(&mut out, def, one, points);
    }
    out.push_str("</svg>\n");
    out
}

fn draw(out: &mut String, def: &Definition, node: &Node, marks: &Marks) {
    let Some(b) = def.diagram.shapes.get(&node.id) else {
        return;
    };
    let note = marks.notes.get(&node.id);
    let (kind, marked, id) = (class(node), marks.classes(&node.id), escape(&node.id));
    let _ = write!(out, r#"<g class="node {kind}{marked}" data-id="{id}">"#);
    let mut told = vec![crate::check::title(node).to_owned()];
    told.extend(note.iter().flat_map(|note| note.told.iter().cloned()));
    let _ = write!(out, "<title>{}</title>", escape(&told.join("\n")));
    let href = note.map_or("", |note| &note.href);
    if !href.is_empty() {
        let _ = write!(out, r#"<a href="{}">"#, escape(href));
    }
    shape(out, def, node, b, note);
    if !href.is_empty() {
        out.push_str("</a>");
    }
    badge(out, &marked, b);
    if let Some(note) = note {
        figures(out, note, b);
    }
    out.push_str("</g>");
}
