//! Time is given, never taken: whoever needs it has a [`Clock`].

use std::sync::Mutex;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// China Standard Time, UTC+8 without daylight saving since 1991: dates of the law are dates of this zone.
pub const SHANGHAI: Offset = Offset::constant(8);

/// The date in China at `at`.
pub fn shanghai_date(at: Timestamp) -> Date {
    TimeZone::fixed(SHANGHAI).to_datetime(at).date()
}

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present moment; never decreases between two calls of one process by more than the system clock does.
    fn now(&self) -> Timestamp;
    /// The present date in China.
    fn today(&self) -> Date {
        shanghai_date(self.now())
    }
}

/// A clock that stands still until it is told to move: for tests, rehearsals and replays.
#[derive(Debug)]
pub struct FrozenClock(Mutex<Timestamp>);

impl FrozenClock {
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.checked_add(by).unwrap_or(*now);
    }
    pub fn set(&self, to: Timestamp) {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = to;
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
