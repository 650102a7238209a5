//! Official documents (文书) and licences (证照): one template, laid out once, written as PDF/A-2a —
//! and, through [`Laid::pages`], walked by an OFD writer.
//!
//! Invariants
//! * The same template, data, fonts and `created` give the same bytes: no clock, no randomness, no
//!   network, no file outside the template and font folders.
//! * A character that no font has is never a silent box: it is printed as `〔U+2B627〕` and named in
//!   [`Rendered::missing`].
//! * Data are data: strings of the JSON are never read as markup.
//! * No type of the layout engine is in the public API.
//!
//! Entry points: [`FontSet::embedded`], [`Press::new`], [`Press::render`], [`Press::lay_out`],
//! [`Press::rest`]; [`qr_svg`] and [`Seal::svg`] also serve web pages.

mod error;
mod fonts;
mod frames;
mod press;
mod qr;
mod seal;
mod svg;
mod templates;
mod text;

pub use error::DocumentError;
pub use fonts::FontSet;
pub use frames::{Color, Glyph, Item, Page, Path, Picture, Segment, Stroke, TextRun, UsedFont};
pub use press::{Laid, Press, Rendered};
pub use qr::qr_svg;
pub use seal::{Seal, seal_svg};
