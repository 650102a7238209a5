//! Office hours, for timers finer than a day.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, tz};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarError};

/// Local time of Asia/Shanghai, which is UTC+8 without summer time.
pub fn to_local(at: Timestamp) -> DateTime {
    tz::offset(8).to_datetime(at)
}

/// The instant of a local time of Asia/Shanghai.
pub fn from_local(local: DateTime) -> Result<Timestamp, CalendarError> {
    tz::offset(8)
        .to_timestamp(local)
        .map_err(|_| CalendarError::OutOfRange)
}

/// One stretch of opening: `open` is in it, `close` no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// First moment.
    pub open: Time,
    /// First moment after.
    pub close: Time,
}

/// When offices are open on a working day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Session>", into = "Vec<Session>")]
pub struct OfficeHours {
    /// At least one; ascending, apart.
    sessions: Vec<Session>,
}

/// Why office hours are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfficeHoursError {
    #[error("请至少填写一段办公时间，最多 10 段。")]
    Count,
    #[error("办公时间应从早到晚排列，互不重叠，每段开始早于结束。")]
    Order,
}

impl TryFrom<Vec<Session>> for OfficeHours {
    type Error = OfficeHoursError;
    fn try_from(sessions: Vec<Session>) -> Result<Self, OfficeHoursError> {
        if !(1..=10).contains(&sessions.len()) {
            return Err(OfficeHoursError::Count);
        }
        let whole_seconds =
            |s: &Session| s.open.subsec_nanosecond() == 0 && s.close.subsec_nanosecond() == 0;
        let rising = sessions
            .iter()
            .all(|s| s.open < s.close && whole_seconds(s));
        let apart = sessions
            .iter()
            .zip(sessions.iter().skip(1))
            .all(|(a, b)| a.close <= b.open);
        if rising && apart {
            Ok(Self { sessions })
        } else {
            Err(OfficeHoursError::Order)
        }
    }
}

impl From<OfficeHours> for Vec<Session> {
    fn from(hours: OfficeHours) -> Self {
        hours.sessions
    }
}

impl Default for OfficeHours {
    /// 09:00–12:00 and 13:30–17:00.
    fn default() -> Self {
        let time = |hour, minute| Time::constant(hour, minute, 0, 0);
        let sessions = vec![
            Session {
                open: time(9, 0),
                close: time(12, 0),
            },
            Session {
                open: time(13, 30),
                close: time(17, 0),
            },
        ];
        Self { sessions }
    }
}

/// Seconds from midnight.
fn seconds(time: Time) -> u32 {
    let part = |value: i8| u32::try_from(value).unwrap_or(0);
    part(time.hour()) * 3600 + part(time.minute()) * 60 + part(time.second())
}

fn at_seconds(date: Date, second: u32) -> DateTime {
    let part = |value: u32| i8::try_from(value).unwrap_or(0);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    let time = Time::new(part(hour), part(minute), part(second % 60), 0);
    date.to_datetime(time.unwrap_or(Time::midnight()))
}

impl OfficeHours {
    /// The stretches of a day.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// When offices open.
    pub fn opening(&self) -> Time {
        self.sessions
            .first()
            .map_or(Time::midnight(), |session| session.open)
    }

    /// When offices close.
    pub fn closing(&self) -> Time {
        self.sessions
            .last()
            .map_or(Time::midnight(), |session| session.close)
    }

    /// Seconds of opening on a working day.
    pub fn seconds_per_day(&self) -> u32 {
        self.sessions
            .iter()
            .map(|s| seconds(s.close) - seconds(s.open))
            .sum()
    }

    /// Whether offices are open.
    pub fn is_open(&self, calendar: &Calendar, at: DateTime) -> bool {
        let open = self
            .sessions
            .iter()
            .any(|s| s.open <= at.time() && at.time() < s.close);
        open && calendar.is_working(at.date())
    }

    /// `at` if offices are open, else when they next open.
    pub fn next_open(&self, calendar: &Calendar, at: DateTime) -> Result<DateTime, CalendarError> {
        if calendar.is_working(at.date()) {
            for session in &self.sessions {
                if at.time() < session.close {
                    return Ok(at.date().to_datetime(at.time().max(session.open)));
                }
            }
        }
        Ok(calendar
            .nth_working_day(at.date(), 1)?
            .to_datetime(self.opening()))
    }

    /// The moment when `minutes` of opening have passed since `from`.
    pub fn add_minutes(
        &self,
        calendar: &Calendar,
        from: DateTime,
        minutes: u32,
    ) -> Result<DateTime, CalendarError> {
        let start = self.next_open(calendar, from)?;
        if minutes == 0 {
            return Ok(start);
        }
        // Counting from the opening of the first day, whole days are one step.
        let used = self.open_seconds(start.time());
        let left = u64::from(used) + u64::from(minutes) * 60;
        let day = u64::from(self.seconds_per_day().max(1));
        // A count that ends with the day ends at closing time, not at the next opening.
        let whole = left.saturating_sub(1) / day;
        let rest = u32::try_from(left - whole * day).unwrap_or(0);
        let days = u32::try_from(whole).map_err(|_| CalendarError::OutOfRange)?;
        let date = calendar.nth_working_day(start.date(), days)?;
        Ok(at_seconds(date, self.second_after(rest)))
    }

    /// Seconds of opening before a time of day.
    fn open_seconds(&self, time: Time) -> u32 {
        let now = seconds(time);
        let of = |s: &Session| now.clamp(seconds(s.open), seconds(s.close)) - seconds(s.open);
        self.sessions.iter().map(of).sum()
    }

    /// The second of the day at which `open` seconds of opening have passed.
    fn second_after(&self, open: u32) -> u32 {
        let mut left = open;
        for session in &self.sessions {
            let length = seconds(session.close) - seconds(session.open);
            if left <= length {
                return seconds(session.open) + left;
            }
            left -= length;
        }
        seconds(self.closing())
    }

    /// Whole minutes of opening from `from` to `to`; 0 if `to` is not later.
    pub fn minutes_between(&self, calendar: &Calendar, from: DateTime, to: DateTime) -> u64 {
        if to <= from {
            return 0;
        }
        // Seconds of opening until a moment, counted from the opening of the first day.
        let until = |at: DateTime| {
            let today = if calendar.is_working(at.date()) {
                self.open_seconds(at.time())
            } else {
                0
            };
            let days = match at.date().yesterday() {
                Ok(eve) if eve >= from.date() => {
                    let first = u32::from(calendar.is_working(from.date()));
                    calendar
                        .working_days_between(from.date(), eve)
                        .saturating_add(first)
                }
                _ => 0,
            };
            u64::from(days) * u64::from(self.seconds_per_day()) + u64::from(today)
        };
        until(to).saturating_sub(until(from)) / 60
    }

    /// The day on which something received at `at` counts as received. Where the office has
    /// published that what comes after closing counts for the next working day, pass `true`.
    pub fn receipt_day(
        &self,
        calendar: &Calendar,
        at: DateTime,
        late_is_next_day: bool,
    ) -> Result<Date, CalendarError> {
        let late = at.time() >= self.closing() || !calendar.is_working(at.date());
        if late_is_next_day && late {
            calendar.nth_working_day(at.date(), 1)
        } else {
            Ok(at.date())
        }
    }
}
