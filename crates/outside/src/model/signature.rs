//! Signatures of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, in the headers `webhook-id`, `webhook-timestamp` and
//! `webhook-signature` (several, parted by blanks, while keys change).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How far the clock of a sender may be off, seconds.
pub const TOLERANCE_S: i64 = 5 * 60;
const PREFIX: &str = "whsec_";
/// Longest `webhook-id`.
const ID_MAX: usize = 128;
/// Most signatures that are looked at.
const SIGNATURES_MAX: usize = 10;

/// A signing key, 24 to 64 bytes; written `whsec_` and base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Secret(Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    pub fn of(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// Reads `whsec_…`; the prefix may be left out.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = STANDARD
            .decode(text.strip_prefix(PREFIX).unwrap_or(text))
            .ok()?;
        (24..=64).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// As it is shown once.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    fn mac(&self, id: &str, at_s: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(at_s.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        Some(mac)
    }
}

impl TryFrom<String> for Secret {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a signing key")
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.text()
    }
}

/// `webhook-signature` for these keys, the newest first.
pub fn sign(secrets: &[Secret], id: &str, at: Timestamp, body: &[u8]) -> String {
    let macs = secrets
        .iter()
        .filter_map(|secret| secret.mac(id, at.as_second(), body));
    let texts: Vec<String> = macs
        .map(|mac| format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        .collect();
    texts.join(" ")
}

/// What a sender claims in its headers.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    pub signature: &'a str,
}

/// Whether one of the keys made one of the signatures over this body, not longer ago (or ahead) than [`TOLERANCE_S`].
pub fn verify(secrets: &[Secret], claim: Claim<'_>, body: &[u8], now: Timestamp) -> bool {
    let sound = (1..=ID_MAX).contains(&claim.id.len())
        && claim.id.bytes().all(|byte| byte.is_ascii_graphic());
    // Only the plain way of writing the number: what was signed is its text.
    let at_s = claim
        .timestamp
        .parse::<i64>()
        .ok()
        .filter(|at| at.to_string() == claim.timestamp);
    let Some(at_s) = at_s.filter(|at| sound && (now.as_second() - at).abs() <= TOLERANCE_S) else {
        return false;
    };
    let given = claim.signature.split(' ').take(SIGNATURES_MAX);
    let given: Vec<Vec<u8>> = given
        .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
        .collect();
    secrets.iter().any(|secret| {
        given.iter().any(|signature| {
            secret
                .mac(claim.id, at_s, body)
                .is_some_and(|mac| mac.verify_slice(signature).is_ok())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the specification's reference libraries.
    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = b"{\"test\": 2432232314}";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const AT: &str = "1614265330";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    fn ok(
        secrets: &[Secret],
        id: &str,
        timestamp: &str,
        signature: &str,
        body: &[u8],
        now: i64,
    ) -> bool {
        let claim = Claim {
            id,
            timestamp,
            signature,
        };
        verify(secrets, claim, body, at(now))
    }

    #[test]
    fn the_published_example_is_signed_and_verified() {
        let key = Secret::parse(KEY).expect("a key");
        assert_eq!(key.text(), KEY);
        let now = 1_614_265_330;
        assert_eq!(
            sign(std::slice::from_ref(&key), ID, at(now), BODY),
            SIGNATURE
        );
        let keys = [Secret::of([1; 32]), key];
        assert!(
            ok(&keys, ID, AT, SIGNATURE, BODY, now),
            "the older of two keys"
        );
        assert!(ok(
            &keys,
            ID,
            AT,
            &format!("v2,x v1,AAAA {SIGNATURE}"),
            BODY,
            now + TOLERANCE_S
        ));
        assert!(
            !ok(&keys, ID, AT, SIGNATURE, BODY, now + TOLERANCE_S + 1),
            "too old"
        );
        assert!(
            !ok(&keys, ID, AT, SIGNATURE, BODY, now - TOLERANCE_S - 1),
            "from the future"
        );
        assert!(!ok(&keys, ID, "01614265330", SIGNATURE, BODY, now));
        assert!(!ok(&keys, "msg_other", AT, SIGNATURE, BODY, now));
        assert!(!ok(&keys, ID, AT, SIGNATURE, b"{}", now));
        assert!(!ok(&keys[..1], ID, AT, SIGNATURE, BODY, now), "another key");
        assert!(!ok(&keys, ID, AT, "", BODY, now));
    }

    #[test]
    fn keys_have_a_sensible_length() {
        for bad in ["", "whsec_", "whsec_AAAA", "whsec_%%%%"] {
            assert_eq!(Secret::parse(bad), None, "{bad}");
        }
        assert_eq!(format!("{:?}", Secret::of([7; 32])), "Secret(…)");
    }
}
