//! QR codes (GB/T 18284) as vector drawings.

use qrcode::{Color, EcLevel, QrCode};

use crate::DocumentError;
use crate::svg::escape;

/// Blank modules around the code, as GB/T 18284 asks.
const QUIET: usize = 4;

/// A QR code with error correction M as an SVG of one path, one unit per module, quiet zone included.
/// The same text gives the same bytes. Serves documents and web pages alike.
///
/// # Errors
/// [`DocumentError::QrTooLong`] above the capacity of a code (2 331 bytes).
pub fn qr_svg(text: &str) -> Result<String, DocumentError> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M)
        .map_err(|_| DocumentError::QrTooLong(text.len()))?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (row, line) in colors.chunks(width).enumerate() {
        let mut column = 0;
        for run in line.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (x, y, w) = (column + QUIET, row + QUIET, run.len());
                path.push_str(&format!("M{x} {y}h{w}v1h-{w}z"));
            }
            column += run.len();
        }
    }
    let side = width + 2 * QUIET;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
         aria-label=\"{}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" \
         d=\"M0 0h{side}v{side}h-{side}z\"/><path d=\"{path}\"/></svg>",
        escape(text)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finder_pattern_is_at_its_place() {
        let svg = qr_svg("https://example.org/v/1").expect("short");
        assert!(svg.contains("d=\"M4 4h7v1h-7z"), "{svg}");
        assert_eq!(svg, qr_svg("https://example.org/v/1").expect("short"));
    }

    #[test]
    fn too_long_is_an_error_and_markup_is_escaped() {
        assert!(matches!(
            qr_svg(&"a".repeat(3000)),
            Err(DocumentError::QrTooLong(3000))
        ));
        assert!(
            qr_svg("\"><script>")
                .expect("short")
                .contains("&quot;&gt;&lt;script&gt;")
        );
    }
}
