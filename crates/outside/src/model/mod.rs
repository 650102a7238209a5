//! The rules of this context. Pure.

mod keys;
mod reach;
mod register;
pub mod signature;

pub use keys::Keys;
pub use reach::{Networks, Target};
pub use register::{Delivery, System};
pub use signature::{Secret, sign, verify};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Events of cases that a system can be told, by the name of the fact.
pub const EVENTS: &[&str] = &[
    "received",
    "accepted",
    "refused",
    "not-required",
    "withdrawn",
    "supplement-requested",
    "supplemented",
    "special-started",
    "special-ended",
    "granted",
    "denied",
    "annulled",
    "licence-issued",
    "delivered",
];
/// How the types of our events begin.
pub const TYPE: &str = "dev.tongban.";

/// Tries of one delivery before it is given up: at most six hours apart, about two and a half days.
pub const TRIES_MAX: u32 = 20;
/// After so long without one success a system is told nothing more until somebody looks.
pub const FAILING_MAX: SignedDuration = SignedDuration::from_hours(5 * 24);
const BACK_OFF_FIRST: SignedDuration = SignedDuration::from_secs(5);
const BACK_OFF_MAX: SignedDuration = SignedDuration::from_hours(6);
/// The longest wait that a receiver may ask for.
const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The pause before the next try: 5, 10, 20 … seconds, or longer if the receiver asks for it.
pub fn pause(attempts: u32, asked: Option<SignedDuration>) -> SignedDuration {
    let doubled = 1_i32.checked_shl(attempts.saturating_sub(1)).unwrap_or(0);
    let own = match BACK_OFF_FIRST.checked_mul(doubled) {
        Some(pause) if doubled > 0 && pause < BACK_OFF_MAX => pause,
        _ => BACK_OFF_MAX,
    };
    own.max(asked.unwrap_or_default().min(RETRY_AFTER_MAX))
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds or a date.
pub fn retry_after(text: &str, now: Timestamp) -> Option<SignedDuration> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(SignedDuration::from_secs(seconds.into()));
    }
    let at = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(at.duration_since(now)).filter(|wait| !wait.is_negative())
}

/// An event in the JSON format of CloudEvents 1.0, structured mode.
pub struct CloudEvent<'a> {
    pub source: &'a str,
    pub id: &'a str,
    /// Without [`TYPE`].
    pub kind: &'a str,
    pub subject: &'a str,
    pub at: Timestamp,
    /// Number of the event within its case, for those who want the order of the record.
    pub sequence: Option<u64>,
    pub data: Value,
}

impl CloudEvent<'_> {
    pub fn to_json(&self) -> String {
        let mut event = json!({
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": format!("{TYPE}{}", self.kind),
            "time": self.at,
            "datacontenttype": "application/json",
            "data": self.data,
        });
        let schema = match self.kind.split('.').next() {
            Some("case") => Some("CaseHappened"),
            Some("step") => Some("StepNotice"),
            _ => None,
        };
        if let Some(schema) = schema {
            let path = "/api/v1/openapi.json#/components/schemas/";
            event["dataschema"] = json!(format!("{}{path}{schema}", self.source));
        }
        if !self.subject.is_empty() {
            event["subject"] = json!(self.subject);
        }
        if let Some(sequence) = self.sequence {
            event["sequence"] = json!(format!("{sequence:010}"));
        }
        event.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_to_its_cap_and_receivers_may_ask_for_more() {
        let s = SignedDuration::from_secs;
        assert_eq!(
            [pause(1, None), pause(2, None), pause(5, None)],
            [s(5), s(10), s(80)]
        );
        assert_eq!([pause(20, None), pause(64, None)], [BACK_OFF_MAX; 2]);
        assert_eq!(pause(1, Some(s(120))), s(120));
        assert_eq!(pause(5, Some(s(1))), s(80), "never sooner than our own");
        assert_eq!(pause(1, Some(s(10_000_000))), RETRY_AFTER_MAX);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-03-02T01:00:00Z".parse().expect("a moment");
        assert_eq!(
            retry_after(" 120 ", now),
            Some(SignedDuration::from_secs(120))
        );
        let date = retry_after("Mon, 02 Mar 2026 01:02:00 GMT", now);
        assert_eq!(date, Some(SignedDuration::from_secs(120)));
        assert_eq!(retry_after("Mon, 02 Mar 2026 00:02:00 GMT", now), None);
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn an_event_has_every_required_attribute() {
        let event = CloudEvent {
            source: "https://zwfw.example",
            id: "out_1",
            kind: "case.accepted",
            subject: "33",
            at: "2026-03-02T01:00:00Z".parse().expect("a moment"),
            sequence: Some(3),
            data: json!({}),
        };
        let json: Value = serde_json::from_str(&event.to_json()).expect("JSON");
        for name in ["specversion", "id", "source", "type"] {
            assert!(
                json[name].as_str().is_some_and(|text| !text.is_empty()),
                "{name}"
            );
        }
        assert_eq!(json["type"], "dev.tongban.case.accepted");
        assert_eq!(json["sequence"], "0000000003");
    }
}
