//! The line of one flow between two shapes, where nothing else is moved.

use crate::diagram::Bounds;

/// Corners from one side to the other; backwards below both.
pub(super) fn route(a: &Bounds, b: &Bounds) -> Vec<(f64, f64)> {
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
