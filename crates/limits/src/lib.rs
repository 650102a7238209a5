//! Working-day calendar and statutory clocks (工作日历与法定期限).
//!
//! # What it is
//! [`Calendar`] knows which days offices work; [`StatutoryClock`] counts a limit on it and explains
//! every day it counted; [`law`] holds the rules that are more than one limit; [`OfficeHours`] and
//! [`Timer`] serve process timers.
//!
//! # Counting
//! * The day something begins is not counted (民法典 第二百零一条); `due` is the n-th day counted.
//! * Limits of 行政许可法 are working days (第八十二条).
//! * A limit in natural days that ends on a day off ends on the next working day (民法典 第二百零三条).
//! * A day wholly inside a suspension is not counted. A suspension is given by the days on which it
//!   begins and ends; those two days are only partly inside and therefore do count.
//!
//! # Invariants
//! * Pure: no clock, no I/O; `today` and the calendar are parameters. No input makes it panic.
//! * A due date is always a working day of the calendar given.
//! * A year whose arrangement has not been announced is never guessed: Monday to Friday without the
//!   festivals of fixed date, and every result that touches it says so.
//!
//! # Entry points
//! [`Calendar::shipped`], [`StatutoryClock::new`], [`StatutoryClock::due`],
//! [`StatutoryClock::explain`], [`StatutoryClock::light`], [`law`], [`Timer`].

mod bits;
mod calendar;
mod calendar_text;
mod clock;
mod explain;
mod holiday_cn;
mod hours;
mod kind;
pub mod law;
mod light;
mod suspension;
mod timer;

pub use calendar::{Calendar, CalendarError, CalendarWarning, DayKind, SpecialDay, YearStatus};
pub use clock::{ClockError, ClockStatus, Due, Extension, StatutoryClock};
pub use explain::{DayLine, DayReason};
pub use holiday_cn::Announcement;
pub use hours::{OfficeHours, OfficeHoursError, Session, from_local, to_local};
pub use kind::{ClockKind, LimitUnit, Rule};
pub use light::{Light, Thresholds, case_light};
pub use suspension::{Suspension, SuspensionReason};
pub use timer::{Fire, Timer, TimerError};

/// Longest limit a clock accepts, in days of its unit: ten years.
pub const MAX_LIMIT_DAYS: u32 = 3_660;
/// Longest span a computation walks, in natural days: a hundred years.
pub const MAX_SPAN_DAYS: u32 = 36_600;
/// Most suspensions a clock accepts.
pub const MAX_SUSPENSIONS: usize = 200;
