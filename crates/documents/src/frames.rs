//! The laid-out pages as plain values, for writers other than PDF (OFD, GB/T 33190).
//!
//! Units are millimetres, the origin is the page's top left corner, y grows downwards — as in OFD.
//! Groups are flattened into each item's matrix; SVG drawings arrive as paths. Clipping is not
//! carried: no template of ours clips.

use std::collections::BTreeSet;

use typst::layout::{Abs, Frame, FrameItem, Point, Transform};
use typst::text::{Font, TextItem};
use typst::visualize::{
    CurveItem, ExchangeFormat, FillRule, FixedStroke, Geometry, Image, ImageKind, Paint,
    RasterFormat, Shape,
};
use typst_layout::PagedDocument;

/// `[a, b, c, d, e, f]`: x' = a·x + c·y + e, y' = b·x + d·y + f.
type Matrix = [f64; 6];

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Millimetres.
    pub width: f64,
    /// Millimetres.
    pub height: f64,
    /// In painting order.
    pub items: Vec<Item>,
}

/// Something on a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// Glyphs of one font, size and colour.
    Text(TextRun),
    /// A filled or stroked outline.
    Path(Path),
    /// A raster picture.
    Picture(Picture),
}

/// A run of glyphs.
#[derive(Debug, Clone, PartialEq)]
pub struct TextRun {
    /// Index into [`crate::Laid::fonts`].
    pub font: usize,
    /// Font size, millimetres.
    pub size: f64,
    /// Colour.
    pub color: Color,
    /// From run space (baseline start = origin) to the page.
    pub matrix: Matrix,
    /// The text that the glyphs show.
    pub text: String,
    /// The glyphs, in reading order.
    pub glyphs: Vec<Glyph>,
}

/// One glyph of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// Glyph number in the font file.
    pub id: u16,
    /// Start on the baseline, run space.
    pub x: f64,
    /// Distance below the baseline, run space.
    pub y: f64,
    /// Bytes of [`TextRun::text`] that it stands for.
    pub text: std::ops::Range<usize>,
}

/// An outline.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// From path space to the page.
    pub matrix: Matrix,
    /// The outline, path space.
    pub segments: Vec<Segment>,
    /// Fill colour.
    pub fill: Option<Color>,
    /// Whether the even-odd rule decides what is inside (else non-zero).
    pub even_odd: bool,
    /// Outline.
    pub stroke: Option<Stroke>,
}

/// A step of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    /// Start anew.
    Move(f64, f64),
    /// Straight.
    Line(f64, f64),
    /// Cubic Bézier: two control points, end.
    Cubic(f64, f64, f64, f64, f64, f64),
    /// Back to the start.
    Close,
}

/// How an outline is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub color: Color,
    /// Path space.
    pub width: f64,
    /// Lengths of dashes and gaps; empty for a full line.
    pub dash: Vec<f64>,
}

/// A raster picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// From the unit square of the picture, sized `width` × `height`, to the page.
    pub matrix: Matrix,
    /// Millimetres before the matrix.
    pub width: f64,
    /// Millimetres before the matrix.
    pub height: f64,
    /// `png`, `jpg`, `gif` or `webp`.
    pub format: &'static str,
    /// The file.
    pub data: Vec<u8>,
}

/// sRGB and opacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
    /// 255 = opaque.
    pub a: u8,
}

/// A font that a document uses.
#[derive(Clone)]
pub struct UsedFont {
    /// Family name, e.g. `Noto Serif CJK SC`.
    pub family: String,
    /// PostScript name.
    pub name: String,
    /// CSS weight, 100–900.
    pub weight: u16,
    /// The whole font file.
    pub data: std::sync::Arc<[u8]>,
    /// Face in the file.
    pub index: u32,
}

pub(crate) fn fonts(document: &PagedDocument) -> Vec<UsedFont> {
    let walk = walk(document);
    walk.fonts
        .iter()
        .map(|font| UsedFont {
            family: font.info().family.as_str().to_owned(),
            name: font.post_script_name().unwrap_or_default(),
            weight: font.info().variant.weight.to_number(),
            data: font.data().as_slice().into(),
            index: font.index(),
        })
        .collect()
}

pub(crate) fn pages(document: &PagedDocument) -> Vec<Page> {
    walk(document).pages
}

/// Characters that were laid out as `.notdef`.
pub(crate) fn without_glyph(document: &PagedDocument) -> BTreeSet<char> {
    let mut holes = BTreeSet::new();
    for page in walk(document).pages {
        for item in page.items {
            let Item::Text(run) = item else { continue };
            for glyph in run.glyphs.iter().filter(|glyph| glyph.id == 0) {
                holes.extend(
                    run.text
                        .get(glyph.text.clone())
                        .unwrap_or("\u{FFFD}")
                        .chars(),
                );
            }
        }
    }
    holes
}

#[derive(Default)]
struct Walk {
    pages: Vec<Page>,
    fonts: Vec<Font>,
    items: Vec<Item>,
}

fn walk(document: &PagedDocument) -> Walk {
    let mut walk = Walk::default();
    for page in document.pages() {
        walk.frame(&page.frame, Transform::identity());
        let items = std::mem::take(&mut walk.items);
        let (width, height) = (page.frame.width().to_mm(), page.frame.height().to_mm());
        walk.pages.push(Page {
            width,
            height,
            items,
        });
    }
    walk
}

impl Walk {
    fn frame(&mut self, frame: &Frame, outer: Transform) {
        for (at, item) in frame.items() {
            let here = outer.pre_concat(Transform::translate(at.x, at.y));
            match item {
                FrameItem::Group(group) => {
                    self.frame(&group.frame, here.pre_concat(group.transform));
                }
                FrameItem::Text(text) => self.text(text, here),
                FrameItem::Shape(shape, _) => self.items.push(Item::Path(path(shape, here))),
                FrameItem::Image(image, size, _) => {
                    self.image(image, size.x.to_mm(), size.y.to_mm(), matrix(here));
                }
                FrameItem::Link(..) | FrameItem::Tag(_) => {}
            }
        }
    }

    fn text(&mut self, text: &TextItem, here: Transform) {
        let used = text.font.font();
        let font = self
            .fonts
            .iter()
            .position(|f| f == used)
            .unwrap_or_else(|| {
                self.fonts.push(used.clone());
                self.fonts.len() - 1
            });
        let (mut x, mut y) = (Abs::zero(), Abs::zero());
        let mut glyphs = Vec::with_capacity(text.glyphs.len());
        for glyph in &text.glyphs {
            glyphs.push(Glyph {
                id: glyph.id,
                x: (x + glyph.x_offset.at(text.size)).to_mm(),
                y: -(y + glyph.y_offset.at(text.size)).to_mm(),
                text: glyph.range(),
            });
            x += glyph.x_advance.at(text.size);
            y += glyph.y_advance.at(text.size);
        }
        self.items.push(Item::Text(TextRun {
            font,
            size: text.size.to_mm(),
            color: color(&text.fill),
            matrix: matrix(here),
            text: text.text.as_str().to_owned(),
            glyphs,
        }));
    }

    fn image(&mut self, image: &Image, width: f64, height: f64, matrix: Matrix) {
        match image.kind() {
            ImageKind::Svg(svg) => {
                let (sx, sy) = (width / svg.width(), height / svg.height());
                svg_group(&mut self.items, svg.tree().root(), scaled(matrix, sx, sy));
            }
            ImageKind::Raster(raster) => {
                let format = match raster.format() {
                    RasterFormat::Exchange(ExchangeFormat::Jpg) => "jpg",
                    RasterFormat::Exchange(ExchangeFormat::Gif) => "gif",
                    RasterFormat::Exchange(ExchangeFormat::Webp) => "webp",
                    _ => "png",
                };
                let data = raster.data().as_slice().to_vec();
                self.items.push(Item::Picture(Picture {
                    matrix,
                    width,
                    height,
                    format,
                    data,
                }));
            }
            // The desk hands out no PDF file, so there is none to draw.
            ImageKind::Pdf(_) => {}
        }
    }
}

fn matrix(t: Transform) -> Matrix {
    [
        t.sx.get(),
        t.ky.get(),
        t.kx.get(),
        t.sy.get(),
        t.tx.to_mm(),
        t.ty.to_mm(),
    ]
}

fn scaled(m: Matrix, sx: f64, sy: f64) -> Matrix {
    [m[0] * sx, m[1] * sx, m[2] * sy, m[3] * sy, m[4], m[5]]
}

fn color(paint: &Paint) -> Color {
    let rgba = match paint {
        Paint::Solid(color) => color.to_vec4_u8(),
        // Our templates use solid colours only; black is what a printer would make of the rest.
        Paint::Gradient(_) | Paint::Tiling(_) => [0, 0, 0, 255],
    };
    Color {
        r: rgba[0],
        g: rgba[1],
        b: rgba[2],
        a: rgba[3],
    }
}

fn stroke(stroke: &FixedStroke) -> Stroke {
    let dash = stroke
        .dash
        .as_ref()
        .map(|d| d.array.iter().map(|l| l.to_mm()).collect());
    Stroke {
        color: color(&stroke.paint),
        width: stroke.thickness.to_mm(),
        dash: dash.unwrap_or_default(),
    }
}

fn path(shape: &Shape, here: Transform) -> Path {
    let xy = |p: &Point| (p.x.to_mm(), p.y.to_mm());
    let segments = match &shape.geometry {
        Geometry::Line(to) => {
            let (x, y) = xy(to);
            vec![Segment::Move(0.0, 0.0), Segment::Line(x, y)]
        }
        Geometry::Rect(size) => {
            let (w, h) = (size.x.to_mm(), size.y.to_mm());
            vec![
                Segment::Move(0.0, 0.0),
                Segment::Line(w, 0.0),
                Segment::Line(w, h),
                Segment::Line(0.0, h),
                Segment::Close,
            ]
        }
        Geometry::Curve(curve) => curve
            .0
            .iter()
            .map(|item| match item {
                CurveItem::Move(p) => Segment::Move(xy(p).0, xy(p).1),
                CurveItem::Line(p) => Segment::Line(xy(p).0, xy(p).1),
                CurveItem::Cubic(a, b, p) => {
                    let ((ax, ay), (bx, by), (x, y)) = (xy(a), xy(b), xy(p));
                    Segment::Cubic(ax, ay, bx, by, x, y)
                }
                CurveItem::Close => Segment::Close,
            })
            .collect(),
    };
    Path {
        matrix: matrix(here),
        segments,
        fill: shape.fill.as_ref().map(color),
        even_odd: shape.fill_rule == FillRule::EvenOdd,
        stroke: shape.stroke.as_ref().map(stroke),
    }
}

fn svg_group(items: &mut Vec<Item>, group: &usvg::Group, outer: Matrix) {
    for node in group.children() {
        match node {
            usvg::Node::Group(inner) => svg_group(items, inner, outer),
            usvg::Node::Path(path) if path.is_visible() => {
                items.push(Item::Path(svg_path(path, outer)))
            }
            // Our drawings have neither text nor pictures inside.
            _ => {}
        }
    }
}

fn svg_path(path: &usvg::Path, outer: Matrix) -> Path {
    use usvg::tiny_skia_path::PathSegment;
    let t = path.abs_transform();
    let inner = [t.sx, t.ky, t.kx, t.sy, t.tx, t.ty].map(f64::from);
    let mut last = (0.0, 0.0);
    let mut segments = Vec::new();
    for segment in path.data().segments() {
        let xy = |p: usvg::tiny_skia_path::Point| (f64::from(p.x), f64::from(p.y));
        match segment {
            PathSegment::MoveTo(p) => {
                last = xy(p);
                segments.push(Segment::Move(last.0, last.1));
            }
            PathSegment::LineTo(p) => {
                last = xy(p);
                segments.push(Segment::Line(last.0, last.1));
            }
            PathSegment::QuadTo(c, p) => {
                let ((cx, cy), (x, y)) = (xy(c), xy(p));
                let third = |end: f64, control: f64| end + (control - end) * 2.0 / 3.0;
                let (ax, ay) = (third(last.0, cx), third(last.1, cy));
                segments.push(Segment::Cubic(ax, ay, third(x, cx), third(y, cy), x, y));
                last = (x, y);
            }
            PathSegment::CubicTo(a, b, p) => {
                let ((ax, ay), (bx, by)) = (xy(a), xy(b));
                last = xy(p);
                segments.push(Segment::Cubic(ax, ay, bx, by, last.0, last.1));
            }
            PathSegment::Close => segments.push(Segment::Close),
        }
    }
    let solid = |paint: &usvg::Paint, opacity: usvg::Opacity| {
        let usvg::Paint::Color(c) = paint else {
            return None;
        };
        Some(Color {
            r: c.red,
            g: c.green,
            b: c.blue,
            a: opacity.to_u8(),
        })
    };
    let stroke = path.stroke().and_then(|s| {
        let color = solid(s.paint(), s.opacity())?;
        Some(Stroke {
            color,
            width: f64::from(s.width().get()),
            dash: Vec::new(),
        })
    });
    Path {
        matrix: joined(outer, inner),
        segments,
        fill: path.fill().and_then(|f| solid(f.paint(), f.opacity())),
        even_odd: path
            .fill()
            .is_some_and(|f| f.rule() == usvg::FillRule::EvenOdd),
        stroke,
    }
}

/// First `inner`, then `outer`.
fn joined(o: Matrix, i: Matrix) -> Matrix {
    [
        o[0] * i[0] + o[2] * i[1],
        o[1] * i[0] + o[3] * i[1],
        o[0] * i[2] + o[2] * i[3],
        o[1] * i[2] + o[3] * i[3],
        o[0] * i[4] + o[2] * i[5] + o[4],
        o[1] * i[4] + o[3] * i[5] + o[5],
    ]
}
