//! The embedded assets: name with content hash, served for ever, compressed at build.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, StatusCode};

/// One embedded file.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// The name in our own sources, e.g. `zw.css`.
    pub name: &'static str,
    /// The name that browsers see, e.g. `zw.0123456789ab.css`.
    pub public: &'static str,
    /// `/assets/` and the public name.
    pub path: &'static str,
    /// Strong entity tag of the plain form, with its quotes.
    pub etag: &'static str,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The plain bytes.
    pub raw: &'static [u8],
    /// The brotli form (RFC 7932).
    pub br: Option<&'static [u8]>,
    /// The gzip form (RFC 1952).
    pub gz: Option<&'static [u8]>,
}

/// All assets of the web floor.
pub static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The path of the asset `name`; empty if there is none (a test goes through all names in use).
pub fn path(name: &str) -> &'static str {
    ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .map_or("", |asset| asset.path)
}

/// The text of the asset `name`, for what has to carry it inside; empty if there is none.
pub fn text(name: &str) -> &'static str {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    asset
        .and_then(|asset| std::str::from_utf8(asset.raw).ok())
        .unwrap_or("")
}

/// A content coding that we can send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// `br`.
    Brotli,
    /// `gzip`.
    Gzip,
    /// Plain.
    Identity,
}

/// The best coding for an `Accept-Encoding` value (RFC 9110, 12.5.3).
pub fn coding(accept: &str) -> Coding {
    let weight = |name: &str| {
        let mut items = accept.split(',').take(16).map(crate::http::weighted);
        items
            .find(|(value, _)| value.eq_ignore_ascii_case(name))
            .map(|(_, weight)| weight)
    };
    let any = weight("*").unwrap_or(0);
    let (br, gzip) = (weight("br").unwrap_or(any), weight("gzip").unwrap_or(any));
    match (br, gzip) {
        (0, 0) => Coding::Identity,
        (br, gzip) if br >= gzip => Coding::Brotli,
        _ => Coding::Gzip,
    }
}

impl Asset {
    /// The answer to a GET or HEAD for this asset. Other crates serve their own assets with it.
    pub fn respond(&self, headers: &HeaderMap) -> Response {
        let accept = headers
            .get(ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let (bytes, encoding) = match (coding(accept), self.br, self.gz) {
            (Coding::Brotli, Some(br), _) => (br, Some("br")),
            (Coding::Gzip, _, Some(gz)) | (Coding::Brotli, None, Some(gz)) => (gz, Some("gzip")),
            _ => (self.raw, None),
        };
        let tag = match encoding {
            Some(coding) => format!("{}-{coding}\"", self.etag.trim_end_matches('"')),
            None => self.etag.to_owned(),
        };
        let known = headers
            .get(IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok());
        let fresh = known.is_some_and(|list| {
            list.split(',')
                .any(|one| one.trim() == tag || one.trim() == "*")
        });
        let mut answer = Response::builder()
            .header(CONTENT_TYPE, self.content_type)
            .header(CACHE_CONTROL, "public, max-age=31536000, immutable")
            .header(VARY, "accept-encoding")
            .header(ETAG, tag);
        if let Some(coding) = encoding {
            answer = answer.header(CONTENT_ENCODING, coding);
        }
        let (status, body) = if fresh {
            (StatusCode::NOT_MODIFIED, Body::empty())
        } else {
            (StatusCode::OK, Body::from(bytes))
        };
        answer.status(status).body(body).unwrap_or_default()
    }
}

/// The asset that a browser asks for as `/assets/{public}`.
pub fn find(public: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.public == public)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(key, value)| {
                (
                    key.parse().expect("a name"),
                    value.parse().expect("a value"),
                )
            })
            .collect()
    }

    #[test]
    fn compression_is_negotiated_by_weight() {
        for (accept, expected) in [
            ("", Coding::Identity),
            ("gzip, deflate, br", Coding::Brotli),
            ("gzip, deflate", Coding::Gzip),
            ("br;q=0.1, gzip;q=0.9", Coding::Gzip),
            ("br;q=0, gzip;q=0", Coding::Identity),
            ("*", Coding::Brotli),
            ("br;q=0, *", Coding::Gzip),
            ("br;q=nonsense", Coding::Identity),
            ("GZIP", Coding::Gzip),
        ] {
            assert_eq!(coding(accept), expected, "{accept}");
        }
    }

    #[test]
    fn each_form_has_its_own_tag_and_a_known_tag_gets_304() {
        let css = ASSETS
            .iter()
            .find(|asset| asset.name == "zw.css")
            .expect("embedded");
        let plain = css.respond(&headers(&[]));
        let packed = css.respond(&headers(&[("accept-encoding", "br")]));
        assert_ne!(plain.headers()[ETAG], packed.headers()[ETAG]);
        assert_eq!(packed.headers()[CONTENT_ENCODING], "br");
        let tag: &'static str = Box::leak(
            packed.headers()[ETAG]
                .to_str()
                .expect("ascii")
                .to_owned()
                .into_boxed_str(),
        );
        let again = css.respond(&headers(&[
            ("accept-encoding", "br"),
            ("if-none-match", tag),
        ]));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other_form = css.respond(&headers(&[
            ("accept-encoding", "gzip"),
            ("if-none-match", tag),
        ]));
        assert_eq!(other_form.status(), StatusCode::OK);
    }

    #[test]
    fn references_inside_assets_are_rewritten() {
        let css = ASSETS
            .iter()
            .find(|asset| asset.name == "zw.css")
            .expect("embedded");
        let text = std::str::from_utf8(css.raw).expect("utf-8");
        assert!(text.contains(&format!("url(\"{}\")", find_name("hero.svg"))));
        assert!(!text.contains("url(\"hero.svg\")") && !text.contains("/*"));
    }

    fn find_name(name: &str) -> &'static str {
        ASSETS
            .iter()
            .find(|asset| asset.name == name)
            .map_or("", |asset| asset.public)
    }

    #[test]
    fn a_first_view_fits_the_budget() {
        // ux.md: 30 KB compressed with htmx, without the font; pages add about 5 KB of HTML.
        let size = |name: &str| {
            ASSETS
                .iter()
                .find(|asset| asset.name == name)
                .and_then(|asset| asset.br)
                .map_or(0, <[u8]>::len)
        };
        let plain = size("zw.css") + size("zw.js");
        assert!(plain <= 14_000, "zw.css + zw.js = {plain} bytes");
        assert!(
            plain + size("htmx.js") <= 29_000,
            "with htmx {}",
            plain + size("htmx.js")
        );
    }
}
