//! Timers of processes, in working days, working minutes or natural days.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::MAX_LIMIT_DAYS;
use crate::calendar::{Calendar, CalendarError, CalendarWarning, plus_days};
use crate::hours::{OfficeHours, from_local, to_local};

const MAX_MINUTES: u32 = 1_000_000;

/// How long a timer runs. Written `5wd` (working days), `8wh` (working hours), `90wm` (working
/// minutes), `10d` (natural days).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timer {
    /// Fires when offices close on the n-th working day (民法典 第二百零三条第二款).
    WorkingDays(u32),
    /// Fires when offices have been open so many minutes.
    WorkingMinutes(u32),
    /// Fires when offices close on the n-th day, or on the next working day if that is a day off.
    NaturalDays(u32),
}

/// When a timer fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fire {
    /// The moment.
    pub at: Timestamp,
    /// Which years are not announced, so that the moment may still change.
    pub warnings: Vec<CalendarWarning>,
}

/// Why a timer is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimerError {
    #[error("计时写法不对，应如 5wd（工作日）、8wh（工作小时）、90wm（工作分钟）、10d（自然日）。")]
    Form,
    #[error("计时过长。")]
    TooLong,
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl TimerError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::TooLong => "too_long",
            Self::Calendar(error) => error.code(),
        }
    }
}

impl Timer {
    /// When a timer set at `from` fires.
    pub fn fire(
        self,
        from: Timestamp,
        calendar: &Calendar,
        hours: &OfficeHours,
    ) -> Result<Fire, TimerError> {
        self.bounded()?;
        let start = to_local(from);
        let local = match self {
            Self::WorkingDays(days) => calendar
                .nth_working_day(start.date(), days)?
                .to_datetime(hours.closing()),
            Self::NaturalDays(days) => calendar
                .working_day_from(plus_days(start.date(), days)?)?
                .to_datetime(hours.closing()),
            Self::WorkingMinutes(minutes) => hours.add_minutes(calendar, start, minutes)?,
        };
        // Set after closing with zero days, a timer fires at once, never in the past.
        let at = from_local(local)?.max(from);
        Ok(Fire {
            at,
            warnings: calendar.warnings(start.date(), local.date()),
        })
    }

    const fn bounded(self) -> Result<Self, TimerError> {
        match self {
            Self::WorkingDays(days) | Self::NaturalDays(days) if days > MAX_LIMIT_DAYS => {
                Err(TimerError::TooLong)
            }
            Self::WorkingMinutes(minutes) if minutes > MAX_MINUTES => Err(TimerError::TooLong),
            _ => Ok(self),
        }
    }
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkingDays(days) => write!(f, "{days}wd"),
            Self::WorkingMinutes(minutes) if minutes % 60 == 0 => write!(f, "{}wh", minutes / 60),
            Self::WorkingMinutes(minutes) => write!(f, "{minutes}wm"),
            Self::NaturalDays(days) => write!(f, "{days}d"),
        }
    }
}

impl FromStr for Timer {
    type Err = TimerError;
    fn from_str(text: &str) -> Result<Self, TimerError> {
        let text = text.trim();
        let split = text
            .find(|c: char| !c.is_ascii_digit())
            .ok_or(TimerError::Form)?;
        let (number, unit) = text.split_at_checked(split).ok_or(TimerError::Form)?;
        if number.len() > 9 {
            return Err(TimerError::TooLong);
        }
        let number: u32 = number.parse().map_err(|_| TimerError::Form)?;
        match unit {
            "wd" => Self::WorkingDays(number).bounded(),
            "wh" => {
                let minutes = number.checked_mul(60).ok_or(TimerError::TooLong)?;
                Self::WorkingMinutes(minutes).bounded()
            }
            "wm" => Self::WorkingMinutes(number).bounded(),
            "d" => Self::NaturalDays(number).bounded(),
            _ => Err(TimerError::Form),
        }
    }
}

impl Serialize for Timer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timer {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
