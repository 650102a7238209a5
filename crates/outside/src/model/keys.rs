//! The keys of a system, both ways: ours to sign what it is told, its own to sign what it asks and reports. Two, because what one
//! side has signed must never count as said by the other. While they change, the old ones stay good for a day.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Secret;

/// How long old keys stay good.
pub(super) const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// One key and until when it is good; `None`: until it is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Key {
    secret: Secret,
    until: Option<Timestamp>,
}

/// All keys of a system; at most two each way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    told: Vec<Key>,
    said: Vec<Key>,
}

fn good(keys: &[Key], now: Timestamp) -> Vec<Secret> {
    let good = keys
        .iter()
        .filter(|key| key.until.is_none_or(|until| now < until));
    good.map(|key| key.secret.clone()).collect()
}

fn renewed(keys: &mut Vec<Key>, secret: Secret, now: Timestamp) {
    // A key that was made a moment ago and is changed again must not stay for longer than a day either.
    for key in keys.iter_mut() {
        key.until = Some(key.until.unwrap_or(now + OVERLAP));
    }
    keys.insert(
        0,
        Key {
            secret,
            until: None,
        },
    );
    keys.truncate(2);
}

impl Keys {
    /// New keys first; the former ones stay good for [`OVERLAP`].
    #[must_use]
    pub fn renewed(mut self, told: Secret, said: Secret, now: Timestamp) -> Self {
        renewed(&mut self.told, told, now);
        renewed(&mut self.said, said, now);
        self
    }

    /// Those that sign what the system is told, the newest first.
    pub fn told(&self, now: Timestamp) -> Vec<Secret> {
        good(&self.told, now)
    }

    /// Those that verify what the system says.
    pub fn said(&self, now: Timestamp) -> Vec<Secret> {
        good(&self.said, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_keys_stay_good_for_a_day_and_there_are_at_most_two() {
        let now = Timestamp::UNIX_EPOCH;
        let secret = |n| Secret::of([n; 32]);
        let keys = Keys::default().renewed(secret(1), secret(11), now);
        assert_eq!(keys.told(now), [secret(1)]);
        let keys = keys.renewed(secret(2), secret(12), now);
        assert_eq!(keys.told(now), [secret(2), secret(1)]);
        assert_eq!(keys.said(now), [secret(12), secret(11)]);
        assert_eq!(keys.told(now + OVERLAP), [secret(2)]);
        assert_eq!(keys.said(now + OVERLAP), [secret(12)]);
        let keys = keys.renewed(secret(3), secret(13), now);
        assert_eq!(keys.said(now), [secret(13), secret(12)]);
    }
}
