//! Forged requests. Three lines: cookies are `SameSite=Lax`; what changes something must come from this origin
//! (`Sec-Fetch-Site`, else `Origin`); a form carries a token bound to the account, not to the age of the page, so that a
//! page left open over a fresh log-in of the same account still saves.
//!
//! The token differs in every answer (its nonce is the request id), so compression leaks nothing of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Method};
use sha2::Sha256;

const NONCE: usize = 16;
const TAG: usize = 24;

/// The secret behind the form tokens: 32 bytes from the configuration, equal on all nodes.
#[derive(Clone)]
pub struct CsrfKey([u8; 32]);

impl std::fmt::Debug for CsrfKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CsrfKey(…)")
    }
}

impl CsrfKey {
    /// From the configured secret.
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    fn mac(&self, subject: &str, nonce: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(b"tongban form token v1\0");
        mac.update(nonce);
        mac.update(subject.as_bytes());
        Some(mac)
    }

    /// A token for `subject` (the account, or the visitor's cookie). `nonce` must differ from answer to answer.
    pub fn token(&self, subject: &str, nonce: [u8; NONCE]) -> String {
        let Some(mac) = self.mac(subject, &nonce) else {
            return String::new();
        };
        let tag = mac.finalize().into_bytes();
        let mut bytes = nonce.to_vec();
        bytes.extend(tag.iter().take(TAG));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether `token` was made for `subject`; in constant time.
    pub fn holds(&self, subject: &str, token: &str) -> bool {
        if token.len() > 64 {
            return false;
        }
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
            return false;
        };
        let Some((nonce, tag)) = bytes.split_at_checked(NONCE) else {
            return false;
        };
        tag.len() == TAG
            && self
                .mac(subject, nonce)
                .is_some_and(|mac| mac.verify_truncated_left(tag).is_ok())
    }
}

/// Whether a request may change something, judged by where it comes from. `true` also where an old browser sends neither
/// header: there the form token decides alone.
pub fn from_this_origin(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() {
        return true;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            let authority = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> CsrfKey {
        CsrfKey::new([7; 32])
    }

    #[test]
    fn a_token_holds_for_its_subject_only_and_differs_each_time() {
        let (one, two) = (
            key().token("account:1", [1; 16]),
            key().token("account:1", [2; 16]),
        );
        assert_ne!(one, two);
        assert!(key().holds("account:1", &one) && key().holds("account:1", &two));
        assert!(!key().holds("account:2", &one));
        assert!(!CsrfKey::new([8; 32]).holds("account:1", &one));
    }

    #[test]
    fn a_damaged_token_never_holds() {
        let token = key().token("a", [1; 16]);
        for cut in 0..token.len() {
            assert!(!key().holds("a", &token[..cut]));
            let mut bent = token.clone().into_bytes();
            bent[cut] = if bent[cut] == b'A' { b'B' } else { b'A' };
            assert!(
                !key().holds("a", std::str::from_utf8(&bent).expect("ascii")),
                "{cut}"
            );
        }
        assert!(
            !key().holds("a", "")
                && !key().holds("a", &"A".repeat(10_000))
                && !key().holds("a", "名")
        );
    }

    #[test]
    fn the_origin_decides_and_absence_leaves_it_to_the_token() {
        let ask = |method: &Method, pairs: &[(&'static str, &'static str)]| {
            let headers = pairs
                .iter()
                .map(|(key, value)| (key.parse().expect("name"), value.parse().expect("value")))
                .collect();
            from_this_origin(method, &headers)
        };
        let (post, get) = (&Method::POST, &Method::GET);
        assert!(ask(get, &[("sec-fetch-site", "cross-site")]));
        assert!(ask(post, &[("sec-fetch-site", "same-origin")]));
        assert!(!ask(post, &[("sec-fetch-site", "cross-site")]));
        assert!(!ask(post, &[("sec-fetch-site", "same-site")]));
        assert!(!ask(
            post,
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://a.example"),
                ("host", "a.example")
            ]
        ));
        assert!(ask(
            post,
            &[("origin", "https://a.example"), ("host", "a.example")]
        ));
        assert!(!ask(
            post,
            &[("origin", "https://evil.example"), ("host", "a.example")]
        ));
        assert!(!ask(post, &[("origin", "null"), ("host", "a.example")]));
        assert!(!ask(post, &[("origin", "https://a.example")]));
        assert!(ask(post, &[("host", "a.example")]));
        assert!(ask(&Method::DELETE, &[("host", "a.example")]));
    }
}
