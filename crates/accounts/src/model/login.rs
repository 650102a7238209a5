//! The rules of logging in.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// A session ends after this long without a request, in seconds (30 minutes).
pub const IDLE_S: i64 = 30 * 60;
/// A session ends after this long in any case, in seconds (12 hours).
pub const ABSOLUTE_S: i64 = 12 * 3600;
/// How often a session's last request is written down, in seconds; spares a write for every read.
pub const SEEN_EVERY_S: i64 = 60;

/// Only this is stored of a session token: SHA-256 in hex.
pub fn session_digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// What an account must wait after failed tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginPause {
    None,
    Until(Timestamp),
}

/// At most 100 guesses a day and account: 1 s up to 3 failures, 3 s up to 9, 5 s up to 25, 10 s up to 99, then a day.
pub fn pause_after(failures: i64, last_at: Timestamp) -> LoginPause {
    let pause = match failures {
        ..1 => return LoginPause::None,
        1..3 => SignedDuration::from_secs(1),
        3..9 => SignedDuration::from_secs(3),
        9..25 => SignedDuration::from_secs(5),
        25..100 => SignedDuration::from_secs(10),
        100.. => SignedDuration::from_hours(24),
    };
    LoginPause::Until(last_at.checked_add(pause).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_never_shrink() {
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(pause_after(0, at), LoginPause::None);
        let mut last = at;
        for failures in 1..300 {
            let LoginPause::Until(until) = pause_after(failures, at) else {
                panic!("a pause")
            };
            assert!(until >= last);
            last = until;
        }
        assert_eq!(last, at + SignedDuration::from_hours(24));
    }
}
