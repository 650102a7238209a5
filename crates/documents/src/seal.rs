//! The round red seal as a vector drawing.
//!
//! Proportions follow the national rules for seals of administrative organs (国发〔1999〕25号: round,
//! diameter 42 mm, organ name from left to right along the rim, 宋体). No national emblem is drawn; a
//! five-pointed star only where it is asked for. The drawing is a picture: what makes a seal valid is
//! the signature over the document (GB/T 38540), not its ink.

use std::f64::consts::{PI, TAU};

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use crate::DocumentError;
use crate::fonts::{SERIF, SERIF_BOLD};
use crate::svg::{PathData, escape, number};

/// Millimetres.
const DIAMETER: f64 = 42.0;
const RIM: f64 = 1.2;
const CENTRE: f64 = DIAMETER / 2.0;
/// Where the organ name ends outwards.
const TEXT_RADIUS: f64 = CENTRE - RIM - 1.3;
/// How far round the organ name may reach, radians.
const ARC: f64 = 1.36 * PI;
const RED: &str = "#d6001c";

/// What a seal shows.
#[derive(Debug, Clone, Copy)]
pub struct Seal<'a> {
    /// The organ's full name, on the arc; 1–40 characters.
    pub organ: &'a str,
    /// Below the centre, lines parted by blanks: `行政审批专用章 演示`; at most 30 characters.
    pub bottom: &'a str,
    /// Whether a five-pointed star stands in the centre.
    pub star: bool,
}

/// A seal without a star; see [`Seal::svg`].
///
/// # Errors
/// [`DocumentError::SealText`] when a text is empty or too long.
pub fn seal_svg(organ: &str, bottom: &str) -> Result<String, DocumentError> {
    Seal {
        organ,
        bottom,
        star: false,
    }
    .svg()
}

impl Seal<'_> {
    /// An SVG of 42 × 42 mm made of filled outlines only: no font is needed to show it, and the same
    /// texts give the same bytes. A character that the embedded fonts lack is drawn as `〓`.
    ///
    /// # Errors
    /// [`DocumentError::SealText`] when the organ name is empty or over 40 characters, or `bottom` is
    /// over 30.
    pub fn svg(&self) -> Result<String, DocumentError> {
        let organ: Vec<char> = self.organ.chars().filter(|c| !c.is_whitespace()).collect();
        if organ.is_empty() || organ.len() > 40 || self.bottom.chars().count() > 30 {
            return Err(DocumentError::SealText(format!(
                "{} / {}",
                self.organ, self.bottom
            )));
        }
        let mut path = PathData::default();
        ring(&mut path, CENTRE - 0.05, CENTRE - 0.05 - RIM);
        let ink = Ink::open();
        arc(&mut path, &ink, &organ);
        if self.star {
            star(&mut path, CENTRE, CENTRE - 0.6, 6.2);
        }
        bottom(&mut path, &ink, self.bottom, organ.len() <= 8);
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{d}mm\" height=\"{d}mm\" \
             viewBox=\"0 0 {d} {d}\" role=\"img\" aria-label=\"{}\"><path fill=\"{RED}\" d=\"{}\"/></svg>",
            escape(&format!("{} {}", self.organ, self.bottom)),
            path.finish(),
            d = number(DIAMETER),
        ))
    }
}

/// Two circles of opposite direction, so that the non-zero rule leaves the ring.
fn ring(path: &mut PathData, outer: f64, inner: f64) {
    for (radius, turn) in [(outer, 1.0), (inner, -1.0)] {
        let at = |angle: f64, r: f64| (CENTRE + r * angle.cos(), CENTRE + turn * r * angle.sin());
        path.point('M', &[at(0.0, radius)]);
        // Four quarter circles; the control distance of a quarter is 4/3·tan(π/8).
        let k = 4.0 / 3.0 * (PI / 8.0).tan();
        for quarter in 0..4 {
            let (a, b) = (
                f64::from(quarter) * PI / 2.0,
                f64::from(quarter + 1) * PI / 2.0,
            );
            let (start, end) = (at(a, radius), at(b, radius));
            let c1 = (
                start.0 - radius * k * a.sin(),
                start.1 + turn * radius * k * a.cos(),
            );
            let c2 = (
                end.0 + radius * k * b.sin(),
                end.1 - turn * radius * k * b.cos(),
            );
            path.point('C', &[c1, c2, end]);
        }
        path.close();
    }
}

fn star(path: &mut PathData, x: f64, y: f64, radius: f64) {
    // The inner corner of a regular pentagram lies at sin 18° / sin 54° of the radius.
    let inner = radius * (PI / 10.0).sin() / (PI * 0.3).sin();
    for corner in 0..10 {
        let r = if corner % 2 == 0 { radius } else { inner };
        let angle = f64::from(corner) * PI / 5.0 - PI / 2.0;
        let command = if corner == 0 { 'M' } else { 'L' };
        path.point(command, &[(x + r * angle.cos(), y + r * angle.sin())]);
    }
    path.close();
}

/// The organ name: characters upright to the centre, narrowed when the name is long.
fn arc(path: &mut PathData, ink: &Ink, organ: &[char]) {
    let count = organ.len() as f64;
    let height: f64 = if organ.len() <= 12 {
        5.6
    } else if organ.len() <= 20 {
        5.2
    } else {
        4.6
    };
    let middle = TEXT_RADIUS - height / 2.0;
    let step = (ARC / count).min(27.0_f64.to_radians());
    // The narrow side of the wedge, at the feet of the characters, decides the width.
    let width = (step * (TEXT_RADIUS - height * 0.85) * 0.97).min(height * 0.92);
    for (i, c) in organ.iter().enumerate() {
        let angle = (i as f64 - (count - 1.0) / 2.0) * step;
        let place = Place {
            x: CENTRE + middle * angle.sin(),
            y: CENTRE - middle * angle.cos(),
            width,
            height,
            angle,
        };
        ink.draw(path, *c, place);
    }
}

/// The lines below the centre, which stays free for the star and for the date under the seal.
/// `roomy` says that the organ name ends high enough to let them reach the rim.
fn bottom(path: &mut PathData, ink: &Ink, text: &str, roomy: bool) {
    let height = 3.2;
    let free: f64 = if roomy { 16.4 } else { TEXT_RADIUS - 5.9 };
    for (row, line) in text.split_whitespace().enumerate() {
        let line: Vec<char> = line.chars().collect();
        let y = CENTRE + 8.2 + row as f64 * height * 1.25;
        // Half the chord at the line's middle, inside the organ name.
        let low = y - CENTRE;
        let chord = 2.0 * (free * free - low * low).max(6.0).sqrt();
        let step = (chord / line.len().max(1) as f64).min(height * 1.1);
        for (i, c) in line.iter().enumerate() {
            let x = CENTRE + (i as f64 - (line.len() as f64 - 1.0) / 2.0) * step;
            let width = (step * 0.95).min(height);
            ink.draw(
                path,
                *c,
                Place {
                    x,
                    y,
                    width,
                    height,
                    angle: 0.0,
                },
            );
        }
    }
}

/// Where a character's box is centred, how large it is, and how far it is turned (radians, clockwise).
#[derive(Clone, Copy)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    angle: f64,
}

struct Ink(Vec<Face<'static>>);

impl Ink {
    fn open() -> Ink {
        Ink([SERIF_BOLD, SERIF]
            .into_iter()
            .filter_map(|data| Face::parse(data, 0).ok())
            .collect())
    }

    fn draw(&self, path: &mut PathData, c: char, place: Place) {
        for c in [c, '〓'] {
            for face in &self.0 {
                if let Some(glyph) = face.glyph_index(c) {
                    Pen::draw(path, face, glyph, place);
                    return;
                }
            }
        }
    }
}

/// Carries a glyph outline into its place.
struct Pen<'a> {
    path: &'a mut PathData,
    place: Place,
    em: f64,
    advance: f64,
    baseline: f64,
}

impl Pen<'_> {
    fn draw(path: &mut PathData, face: &Face<'_>, glyph: GlyphId, place: Place) {
        let em = f64::from(face.units_per_em());
        let advance = face.glyph_hor_advance(glyph).map_or(em, f64::from);
        // A hanzi's box reaches from 0.12 em below the baseline to 0.88 em above it.
        let mut pen = Pen {
            path,
            place,
            em,
            advance,
            baseline: 0.38 * em,
        };
        face.outline_glyph(glyph, &mut pen);
    }

    fn map(&self, x: f32, y: f32) -> (f64, f64) {
        let Place {
            x: cx,
            y: cy,
            width,
            height,
            angle,
        } = self.place;
        // Narrow characters (digits, letters) keep their proportion.
        let dx = (f64::from(x) - self.advance / 2.0) / self.em * width;
        let dy = -(f64::from(y) - self.baseline) / self.em * height;
        let (sin, cos) = angle.rem_euclid(TAU).sin_cos();
        (cx + dx * cos - dy * sin, cy + dx * sin + dy * cos)
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let end = self.map(x, y);
        self.path.point('M', &[end]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let end = self.map(x, y);
        self.path.point('L', &[end]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let points = [self.map(x1, y1), self.map(x, y)];
        self.path.point('Q', &points);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let points = [self.map(x1, y1), self.map(x2, y2), self.map(x, y)];
        self.path.point('C', &points);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_texts_give_the_same_bytes() {
        let svg = seal_svg("云泽市数据局", "行政审批专用章 演示").expect("short");
        assert_eq!(
            svg,
            seal_svg("云泽市数据局", "行政审批专用章 演示").expect("short")
        );
        assert!(svg.contains("aria-label=\"云泽市数据局 行政审批专用章 演示\""));
        assert!(!svg.contains("<text"), "a seal must not need a font");
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn nothing_leaves_the_circle() {
        let organ =
            "某某某自治区某某某自治州市场监督管理局某某经济技术开发区分局驻政务服务中心窗口";
        for (organ, bottom) in [
            ("局", ""),
            (organ, "行政审批专用章 演示"),
            ("云泽市数据局", "行政审批专用章（12） 演示 作废"),
        ] {
            let svg = seal_svg(organ, bottom).expect("within limits");
            let d = svg
                .split(" d=\"")
                .nth(1)
                .and_then(|s| s.split('"').next())
                .expect("a path");
            for part in d.split(['M', 'L', 'C', 'Q', 'Z']).filter(|p| !p.is_empty()) {
                let n: Vec<f64> = part
                    .split(' ')
                    .map(|n| n.parse().expect("a number"))
                    .collect();
                let end = &n[n.len() - 2..];
                let distance = (end[0] - CENTRE).hypot(end[1] - CENTRE);
                assert!(distance <= CENTRE, "{distance} in {organ}");
            }
        }
    }

    #[test]
    fn texts_have_limits_and_rare_characters_are_visible() {
        assert!(seal_svg("", "x").is_err());
        assert!(seal_svg(&"局".repeat(41), "").is_err());
        let empty = seal_svg("局", "").expect("short").len();
        assert!(seal_svg("局😀", "").expect("short").len() > empty + 60);
    }
}
