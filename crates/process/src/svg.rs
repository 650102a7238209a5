//! The picture of a process with the marks of one instance. Only classes, no inline style: the strict content policy
//! of the pages forbids it. Classes: `bpmn`, `lane`, `node` + kind, `flow`, `is-current`, `is-done`, `is-stopped`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::diagram::Bounds;
use crate::engine::{Event, Id, State};
use crate::model::{Definition, Flow, Kind, Node, Repeat, Throw, Trigger};

/// What to mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Elements that hold a token.
    pub current: BTreeSet<Id>,
    /// Elements that were left, and flows that were taken.
    pub done: BTreeSet<Id>,
    /// Elements and flows with an incident.
    pub stopped: BTreeSet<Id>,
}

impl Marks {
    /// Marks for an instance: where it stands, and where its record says it has been.
    #[must_use]
    pub fn of<'a>(
        def: &Definition,
        state: &State,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Self {
        let mut marks = Self::default();
        for token in &state.tokens {
            marks.current.insert(Arc::clone(&token.at));
            if state.incidents.contains(&token.id) {
                marks.stopped.insert(Arc::clone(&token.at));
            }
        }
        for event in events {
            match event {
                Event::Taken { flow, .. } => {
                    marks.done.insert(Arc::clone(flow));
                    if let Some(f) = def.flow_index_of(flow) {
                        marks
                            .done
                            .insert(Arc::clone(&def.node(def.flow(f).source).id));
                    }
                }
                Event::TokenEnded { element, .. } => {
                    marks.done.insert(Arc::clone(element));
                }
                _ => {}
            }
        }
        marks
    }

    fn classes(&self, id: &Id) -> String {
        let mut out = String::new();
        for (set, class) in [
            (&self.done, " is-done"),
            (&self.current, " is-current"),
            (&self.stopped, " is-stopped"),
        ] {
            if set.contains(id) {
                out.push_str(class);
            }
        }
        out
    }
}

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

fn class(node: &Node) -> &'static str {
    match &node.kind {
        Kind::Start(_) => "event start",
        Kind::End {
            throws: Throw::Terminate,
            ..
        } => "event end terminate",
        Kind::End { .. } => "event end",
        Kind::Throw(_) | Kind::Pass if !node.is_activity() => "event intermediate",
        Kind::Throw(_) => "task send",
        Kind::Pass => "task manual",
        Kind::User(_) => "task user",
        Kind::Service(_) => "task service",
        Kind::Script(_) => "task script",
        Kind::Receive(_) => "task receive",
        Kind::Rule(_) => "task rule",
        Kind::Call(_) => "task call",
        Kind::Sub(_) => "task sub",
        Kind::EventSub(_) => "task sub event-sub",
        Kind::Exclusive => "gateway exclusive",
        Kind::Parallel => "gateway parallel",
        Kind::Inclusive => "gateway inclusive",
        Kind::EventGate => "gateway event-based",
        Kind::Catch(Trigger::Timer(_)) => "event timer",
        Kind::Catch(_) => "event catch",
        Kind::Boundary {
            interrupting,
            trigger: Trigger::Timer(_),
            ..
        } if *interrupting => "event timer boundary",
        Kind::Boundary {
            trigger: Trigger::Timer(_),
            ..
        } => "event timer boundary non-interrupting",
        Kind::Boundary { interrupting, .. } if *interrupting => "event catch boundary",
        Kind::Boundary { .. } => "event catch boundary non-interrupting",
    }
}

/// Lines of at most `width` wide characters (two narrow ones count as one).
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for c in text.chars().take(200) {
        let w = if c.is_ascii() { 1 } else { 2 };
        if (used + w > width * 2 || c == '\n') && lines.len() < 4 {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push(c);
            used += w;
        }
    }
    lines
}

fn label(out: &mut String, text: &str, x: f64, y: f64, width: usize) {
    if text.trim().is_empty() {
        return;
    }
    let lines = wrap(text.trim(), width);
    let top = y - (lines.len() as f64 - 1.0) * 8.0;
    let _ = write!(out, r#"<text class="label" text-anchor="middle">"#);
    for (i, line) in lines.iter().enumerate() {
        let y = top + i as f64 * 16.0;
        let _ = write!(
            out,
            r#"<tspan x="{x:.1}" y="{y:.1}">{}</tspan>"#,
            escape(line)
        );
    }
    out.push_str("</text>");
}

/// A name outside its shape: where the file wants it, else at `(x, y)`.
fn outer_label(out: &mut String, def: &Definition, id: &Id, text: &str, x: f64, y: f64) {
    match def.diagram.labels.get(id) {
        Some(b) => label(out, text, b.x + b.w / 2.0, b.y + b.h / 2.0 + 5.0, 10),
        None => label(out, text, x, y, 8),
    }
}

/// Beside a vertical piece, above a horizontal one.
fn flow_label(out: &mut String, def: &Definition, flow: &Flow, points: &[(f64, f64)]) {
    if let [a, b, ..] = points {
        let (x, y) = ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0);
        let half = flow.name.chars().count() as f64 * 7.0;
        let vertical = (a.0 - b.0).abs() < 1.0;
        let (x, y) = if vertical {
            (x + half + 6.0, y + 5.0)
        } else {
            (x, y - 6.0)
        };
        outer_label(out, def, &flow.id, &flow.name, x, y);
    }
}

/// The mark inside a gateway or event, `d` from its middle.
fn sign(out: &mut String, node: &Node, cx: f64, cy: f64, d: f64) {
    match node.kind {
        Kind::Exclusive => {
            let (l, t, rr, bb) = (cx - d, cy - d, cx + d, cy + d);
            let _ = write!(
                out,
                r#"<path class="sign" d="M{l:.1} {t:.1}L{rr:.1} {bb:.1}M{rr:.1} {t:.1}L{l:.1} {bb:.1}"/>"#
            );
        }
        Kind::Parallel => {
            let (l, t, rr, bb) = (cx - d, cy - d, cx + d, cy + d);
            let _ = write!(
                out,
                r#"<path class="sign" d="M{l:.1} {cy:.1}H{rr:.1}M{cx:.1} {t:.1}V{bb:.1}"/>"#
            );
        }
        Kind::Inclusive
        | Kind::End {
            throws: Throw::Terminate,
            ..
        } => {
            let _ = write!(
                out,
                r#"<circle class="sign" cx="{cx:.1}" cy="{cy:.1}" r="{d:.1}"/>"#
            );
        }
        Kind::EventGate => {
            let (x, y) = (d * 0.95, d * 0.31);
            let (x2, y2) = (d * 0.59, d * 0.81);
            let _ = write!(
                out,
                r#"<polygon class="sign" points="{cx:.1},{:.1} {:.1},{:.1} {:.1},{:.1} {:.1},{:.1} {:.1},{:.1}"/>"#,
                cy - d,
                cx + x,
                cy - y,
                cx + x2,
                cy + y2,
                cx - x2,
                cy + y2,
                cx - x,
                cy - y
            );
        }
        Kind::Sub(_) | Kind::EventSub(_) | Kind::Call(_) => {}
        _ => event_sign(out, node, cx, cy, d),
    }
}

/// The mark of what an event waits for or throws.
fn event_sign(out: &mut String, node: &Node, cx: f64, cy: f64, d: f64) {
    let (l, t, r, b) = (cx - d, cy - d, cx + d, cy + d);
    let path = match (trigger_of(node), throw_of(node)) {
        (Some(Trigger::Timer(_)), _) => format!("M{cx:.1} {t:.1}V{cy:.1}H{r:.1}"),
        (Some(Trigger::Message(_)), _) | (_, Some(Throw::Message(_))) => {
            let (t, b) = (cy - d * 0.7, cy + d * 0.7);
            format!("M{l:.1} {t:.1}H{r:.1}V{b:.1}H{l:.1}ZL{cx:.1} {cy:.1}L{r:.1} {t:.1}")
        }
        (Some(Trigger::Signal(_)), _) | (_, Some(Throw::Signal(_))) => {
            format!("M{cx:.1} {t:.1}L{r:.1} {b:.1}H{l:.1}Z")
        }
        (Some(Trigger::Error(..)), _) | (_, Some(Throw::Error(_))) => {
            format!(
                "M{l:.1} {b:.1}L{:.1} {t:.1}L{:.1} {cy:.1}L{r:.1} {t:.1}",
                cx - d * 0.3,
                cx + d * 0.2
            )
        }
        (Some(Trigger::Escalation(..)), _) | (_, Some(Throw::Escalation(_))) => {
            format!(
                "M{l:.1} {b:.1}L{cx:.1} {t:.1}L{r:.1} {b:.1}L{cx:.1} {:.1}Z",
                cy + d * 0.2
            )
        }
        (Some(Trigger::Condition(_)), _) => {
            let third = d * 2.0 / 3.0;
            format!(
                "M{l:.1} {:.1}H{r:.1}M{l:.1} {cy:.1}H{r:.1}M{l:.1} {:.1}H{r:.1}",
                cy - third,
                cy + third
            )
        }
        (_, Some(Throw::Link(_))) => {
            format!("M{l:.1} {cy:.1}H{r:.1}M{cx:.1} {t:.1}L{r:.1} {cy:.1}L{cx:.1} {b:.1}")
        }
        _ => return,
    };
    let _ = write!(out, r#"<path class="sign" d="{path}"/>"#);
}

fn trigger_of(node: &Node) -> Option<&Trigger> {
    match &node.kind {
        Kind::Start(trigger) => trigger.as_ref(),
        Kind::Catch(trigger) | Kind::Boundary { trigger, .. } => Some(trigger),
        _ => None,
    }
}

fn throw_of(node: &Node) -> Option<&Throw> {
    match &node.kind {
        Kind::Throw(throws) if !node.is_activity() => Some(throws),
        Kind::End { throws, .. } => Some(throws),
        _ => None,
    }
}

/// The marks at the lower edge of an activity: repeated, or with something inside.
fn activity_marks(out: &mut String, node: &Node, b: &Bounds) {
    let (cx, y) = (b.x + b.w / 2.0, b.y + b.h - 10.0);
    let path = match &node.repeat {
        Some(Repeat::Multi(multi)) if multi.sequential => format!(
            "M{:.1} {:.1}H{:.1}M{:.1} {y:.1}H{:.1}M{:.1} {:.1}H{:.1}",
            cx - 6.0,
            y - 4.0,
            cx + 6.0,
            cx - 6.0,
            cx + 6.0,
            cx - 6.0,
            y + 4.0,
            cx + 6.0
        ),
        Some(Repeat::Multi(_)) => format!(
            "M{:.1} {:.1}v12M{cx:.1} {:.1}v12M{:.1} {:.1}v12",
            cx - 4.0,
            y - 6.0,
            y - 6.0,
            cx + 4.0,
            y - 6.0
        ),
        Some(Repeat::Loop { .. }) => format!("M{:.1} {y:.1}a6 6 0 1 1 3 5", cx - 6.0),
        None if matches!(node.kind, Kind::Call(_)) => {
            format!("M{:.1} {:.1}h12v12h-12zm6 2v8m-4 -4h8", cx - 6.0, y - 6.0)
        }
        None => return,
    };
    let _ = write!(out, r#"<path class="sign" d="{path}"/>"#);
}

fn shape(out: &mut String, def: &Definition, node: &Node, b: &Bounds) {
    let (cx, cy) = (b.x + b.w / 2.0, b.y + b.h / 2.0);
    let r = b.w.min(b.h) / 2.0;
    let inner = matches!(node.kind, Kind::Sub(_) | Kind::EventSub(_));
    let activity = node.is_activity() || inner;
    match node.kind {
        Kind::Exclusive | Kind::Parallel | Kind::Inclusive | Kind::EventGate => {
            let (x, y, x2, y2) = (b.x, b.y, b.x + b.w, b.y + b.h);
            let _ = write!(
                out,
                r#"<polygon points="{cx:.1},{y:.1} {x2:.1},{cy:.1} {cx:.1},{y2:.1} {x:.1},{cy:.1}"/>"#
            );
        }
        _ if activity => {
            let Bounds { x, y, w, h } = b;
            let _ = write!(
                out,
                r#"<rect x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}" rx="8"/>"#
            );
        }
        _ => {
            let _ = write!(out, r#"<circle cx="{cx:.1}" cy="{cy:.1}" r="{r:.1}"/>"#);
        }
    }
    if activity {
        activity_marks(out, node, b);
    } else {
        sign(out, node, cx, cy, r * 0.4);
    }
    let wide = ((b.w - 8.0) / 14.0).max(2.0) as usize;
    if inner {
        // What is inside needs the room: the name stands at the top.
        label(out, &node.name, cx, b.y + 18.0, wide);
    } else if activity {
        label(out, &node.name, cx, cy + 5.0, wide);
    } else {
        outer_label(out, def, &node.id, &node.name, cx, b.y + b.h + 16.0);
    }
}

fn extent(def: &Definition) -> (f64, f64, f64, f64) {
    let mut e = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
    let mut add = |x: f64, y: f64| e = (e.0.min(x), e.1.min(y), e.2.max(x), e.3.max(y));
    for b in def.diagram.shapes.values() {
        add(b.x, b.y);
        add(b.x + b.w, b.y + b.h);
    }
    def.diagram
        .edges
        .values()
        .flatten()
        .for_each(|(x, y)| add(*x, *y));
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
            let (x, y) = (x + 18.0, y + h / 2.0);
            let _ = write!(
                out,
                r#"<text class="lane-name" text-anchor="middle" x="{x:.1}" y="{y:.1}" transform="rotate(-90 {x:.1} {y:.1})">{}</text>"#,
                escape(name)
            );
        }
    }
}

/// Draws a definition; deterministic, self-contained, well-formed.
#[must_use]
pub fn svg(def: &Definition, marks: &Marks) -> String {
    let mut out = String::with_capacity(8 * 1024);
    let (x, y, x2, y2) = extent(def);
    let (x, y, w, h) = (x - 20.0, y - 20.0, x2 - x + 40.0, y2 - y + 60.0);
    let _ = write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="bpmn" role="img" viewBox="{x:.1} {y:.1} {w:.1} {h:.1}"><title>{}</title>"#,
        escape(def.name())
    );
    out.push_str(concat!(
        r#"<defs><marker id="bpmn-arrow" class="arrow" viewBox="0 0 10 10" refX="9" refY="5" "#,
        r#"markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z"/></marker></defs>"#
    ));
    lanes(&mut out, def);
    for node in def.nodes.iter().filter(|n| is_frame(n)) {
        draw(&mut out, def, node, marks);
    }
    for flow in &def.flows {
        let points = def
            .diagram
            .edges
            .get(&flow.id)
            .map_or(&[][..], Vec::as_slice);
        if points.is_empty() {
            continue;
        }
        let text: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let _ = write!(
            out,
            r#"<g class="flow{}" data-id="{}"><polyline points="{}" marker-end="url(#bpmn-arrow)"/>"#,
            marks.classes(&flow.id),
            escape(&flow.id),
            text.join(" ")
        );
        flow_label(&mut out, def, flow, points);
        out.push_str("</g>");
    }
    for node in def.nodes.iter().filter(|n| !is_frame(n) && !on_top(n)) {
        draw(&mut out, def, node, marks);
    }
    // Boundary events lie on the edge of their activity, so they are drawn last.
    for node in def.nodes.iter().filter(|n| on_top(n)) {
        draw(&mut out, def, node, marks);
    }
    out.push_str("</svg>\n");
    out
}

fn on_top(node: &Node) -> bool {
    matches!(node.kind, Kind::Boundary { .. })
}

/// Sub-processes lie below what is in them.
fn is_frame(node: &Node) -> bool {
    matches!(node.kind, Kind::Sub(_) | Kind::EventSub(_))
}

fn draw(out: &mut String, def: &Definition, node: &Node, marks: &Marks) {
    let Some(b) = def.diagram.shapes.get(&node.id) else {
        return;
    };
    let (kind, marked, id) = (class(node), marks.classes(&node.id), escape(&node.id));
    let _ = write!(out, r#"<g class="node {kind}{marked}" data-id="{id}">"#);
    let _ = write!(out, "<title>{}</title>", escape(crate::check::title(node)));
    shape(out, def, node, b);
    out.push_str("</g>");
}
