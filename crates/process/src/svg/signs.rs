//! Signs of BPMN: inside gateways and events, on activities.

use std::fmt::Write as _;

use crate::diagram::Bounds;
use crate::model::{Kind, Node, Repeat, Throw, Trigger};

/// Classes of an element by its kind.
pub(super) fn class(node: &Node) -> &'static str {
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

/// The mark inside a gateway or event, `d` from its middle.
pub(super) fn sign(out: &mut String, node: &Node, cx: f64, cy: f64, d: f64) {
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
pub(super) fn activity_marks(out: &mut String, node: &Node, b: &Bounds, closed: bool) {
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
        None if closed || matches!(node.kind, Kind::Call(_)) => {
            format!("M{:.1} {:.1}h12v12h-12zm6 2v8m-4 -4h8", cx - 6.0, y - 6.0)
        }
        None => return,
    };
    let _ = write!(out, r#"<path class="sign" d="{path}"/>"#);
}

/// What kind of task it is, in the upper left corner.
pub(super) fn task_sign(out: &mut String, node: &Node, b: &Bounds) {
    let (x, y) = (b.x + 7.0, b.y + 7.0);
    // Drawn in a square of 14.
    let path = match (&node.kind, node.element) {
        (Kind::User(_), _) => "M7 1a3 3 0 1 1 0 6a3 3 0 1 1 0 -6M1.5 13c0 -6 11 -6 11 0z",
        (Kind::Service(_), _) => {
            "M7 4.5a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0 -5M7 1v2M7 11v2M1 7h2M11 7h2M2.8 2.8l1.4 1.4M9.8 9.8l1.4 1.4M2.8 11.2l1.4 -1.4M9.8 4.2l1.4 -1.4"
        }
        (Kind::Script(_), _) => "M2 1h10v12h-10zM4.5 4h5M4.5 7h5M4.5 10h3",
        (Kind::Receive(_) | Kind::Throw(_), _) => "M1 2.5h12v9h-12zL7 7.5L13 2.5",
        (Kind::Rule(_), _) => "M1 2h12v10h-12zM1 5.5h12M5 5.5v6.5M1 8.7h12",
        (Kind::Pass, "manualTask") => {
            "M1.5 8l3 -1.5h4a1.2 1.2 0 0 1 0 2.4h-2.5M8.5 8l4 -2a1 1 0 0 1 .8 1.8l-5 4h-6.8"
        }
        _ => return,
    };
    let _ = write!(
        out,
        r#"<path class="sign kind" transform="translate({x:.1} {y:.1})" d="{path}"/>"#
    );
}
