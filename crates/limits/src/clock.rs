//! A statutory clock: a limit, when it began, what interrupts it, and where it stands.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarError, CalendarWarning, days_between, plus_days};
use crate::kind::{ClockKind, LimitUnit};
use crate::suspension::{Gaps, Suspension, SuspensionReason};
use crate::{MAX_LIMIT_DAYS, MAX_SPAN_DAYS, MAX_SUSPENSIONS};

/// A limit running for one case. A plain value: store it, compute from it at any time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatutoryClock {
    /// Which limit.
    pub kind: ClockKind,
    /// The day it begins, e.g. of acceptance; not counted itself.
    pub started_on: Date,
    /// Days.
    pub limit: u32,
    /// What the days are.
    pub unit: LimitUnit,
    /// What is not counted, in any order.
    #[serde(default)]
    pub suspensions: Vec<Suspension>,
    /// The one extension the law may allow.
    #[serde(default)]
    pub extension: Option<Extension>,
    /// The day the act was done; `None` while the clock runs.
    #[serde(default)]
    pub stopped_on: Option<Date>,
}

/// An extension, approved before the limit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Days more.
    pub days: u32,
    /// The day the head of the organ (or of the government) approved it.
    pub approved_on: Date,
    /// Why; the applicant must be told.
    pub reason: String,
}

/// A computed due date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The last day of the limit; always a working day.
    pub date: Date,
    /// Whether the date may still change: a year not announced, or a suspension that lasts.
    pub provisional: bool,
    /// Whether a suspension lasts, so that the date is the earliest possible one.
    pub suspended: bool,
    /// Which years are not announced.
    pub warnings: Vec<CalendarWarning>,
}

/// Where a clock stands on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ClockStatus {
    /// 计时中
    Running,
    /// 暂停
    Suspended {
        reason: String,
        basis: String,
        since: Date,
    },
    /// 已停止
    Stopped { on: Date },
}

/// Why a clock cannot be computed or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    #[error("时限 {0} 天过长，最多 {MAX_LIMIT_DAYS} 天。")]
    LimitTooLong(u32),
    #[error("暂停记录过多，最多 {MAX_SUSPENSIONS} 条。")]
    TooManySuspensions,
    #[error("“{0}”的时限由事项设定，请给出天数。")]
    LimitNeeded(&'static str),
    #[error("“{0}”依法不能延长。")]
    NotExtendable(&'static str),
    #[error("最多只能延长 {max} 日（{basis}）。")]
    ExtensionTooLong { max: u32, basis: &'static str },
    #[error("延长的天数应不少于 1 日。")]
    ExtensionEmpty,
    #[error("该期限已经延长过一次，不能再次延长。")]
    AlreadyExtended,
    #[error("延长应在期限届满（{0}）前批准。")]
    ExtensionLate(Date),
    #[error("暂停的结束日期早于开始日期。")]
    SuspensionReversed,
    #[error("暂停应写明名称和法律依据。")]
    SuspensionWithoutBasis,
    #[error("期限已经停止计时。")]
    Stopped,
    #[error("没有正在进行的暂停。")]
    NotSuspended,
    #[error("日期早于计时开始日期 {0}。")]
    BeforeStart(Date),
}

impl ClockError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Calendar(error) => error.code(),
            Self::LimitTooLong(_) => "limit_too_long",
            Self::TooManySuspensions => "too_many_suspensions",
            Self::LimitNeeded(_) => "limit_needed",
            Self::NotExtendable(_) => "not_extendable",
            Self::ExtensionTooLong { .. } => "extension_too_long",
            Self::ExtensionEmpty => "extension_empty",
            Self::AlreadyExtended => "already_extended",
            Self::ExtensionLate(_) => "extension_late",
            Self::SuspensionReversed => "suspension_reversed",
            Self::SuspensionWithoutBasis => "suspension_without_basis",
            Self::Stopped => "stopped",
            Self::NotSuspended => "not_suspended",
            Self::BeforeStart(_) => "before_start",
        }
    }
}

impl StatutoryClock {
    /// A clock whose days the law sets; refused for the kinds an item sets.
    pub fn new(kind: ClockKind, started_on: Date) -> Result<Self, ClockError> {
        let rule = kind.rule();
        let limit = rule.limit.ok_or(ClockError::LimitNeeded(rule.label))?;
        Ok(Self::with_limit(kind, started_on, limit, rule.unit))
    }

    /// A clock with the days an item sets (承诺时限, or where 法律、法规另有规定).
    pub fn with_limit(kind: ClockKind, started_on: Date, limit: u32, unit: LimitUnit) -> Self {
        let (suspensions, extension, stopped_on) = (Vec::new(), None, None);
        Self {
            kind,
            started_on,
            limit,
            unit,
            suspensions,
            extension,
            stopped_on,
        }
    }

    /// Limit and extension together.
    pub fn total_days(&self) -> u32 {
        self.limit.saturating_add(
            self.extension
                .as_ref()
                .map_or(0, |extension| extension.days),
        )
    }

    /// Extends the limit once, as far as the law allows and only before it has ended.
    pub fn extend(mut self, extension: Extension, calendar: &Calendar) -> Result<Self, ClockError> {
        let rule = self.kind.rule();
        let (max, basis) = rule
            .extension
            .ok_or(ClockError::NotExtendable(rule.label))?;
        if self.stopped_on.is_some() {
            return Err(ClockError::Stopped);
        }
        if self.extension.is_some() {
            return Err(ClockError::AlreadyExtended);
        }
        if extension.days == 0 {
            return Err(ClockError::ExtensionEmpty);
        }
        if extension.days > max {
            return Err(ClockError::ExtensionTooLong { max, basis });
        }
        if extension.approved_on < self.started_on {
            return Err(ClockError::BeforeStart(self.started_on));
        }
        let due = self.due_as_of(calendar, extension.approved_on)?.date;
        if extension.approved_on > due {
            return Err(ClockError::ExtensionLate(due));
        }
        self.extension = Some(extension);
        Ok(self)
    }

    /// Adds time that is not counted. The reason must carry its basis.
    pub fn suspend(mut self, suspension: Suspension) -> Result<Self, ClockError> {
        if self.stopped_on.is_some() {
            return Err(ClockError::Stopped);
        }
        if self.suspensions.len() >= MAX_SUSPENSIONS {
            return Err(ClockError::TooManySuspensions);
        }
        if suspension.from < self.started_on {
            return Err(ClockError::BeforeStart(self.started_on));
        }
        if suspension.to.is_some_and(|to| to < suspension.from) {
            return Err(ClockError::SuspensionReversed);
        }
        let SuspensionReason::Other { name, basis } = &suspension.reason else {
            self.suspensions.push(suspension);
            return Ok(self);
        };
        if name.trim().is_empty() || basis.trim().is_empty() {
            return Err(ClockError::SuspensionWithoutBasis);
        }
        self.suspensions.push(suspension);
        Ok(self)
    }

    /// Ends the suspensions that last.
    pub fn resume(mut self, on: Date) -> Result<Self, ClockError> {
        let mut ended = false;
        for suspension in self.suspensions.iter_mut().filter(|s| s.to.is_none()) {
            if on < suspension.from {
                return Err(ClockError::SuspensionReversed);
            }
            suspension.to = Some(on);
            ended = true;
        }
        if ended {
            Ok(self)
        } else {
            Err(ClockError::NotSuspended)
        }
    }

    /// Stops the clock: the act was done.
    pub fn stop(mut self, on: Date) -> Result<Self, ClockError> {
        if self.stopped_on.is_some() {
            return Err(ClockError::Stopped);
        }
        if on < self.started_on {
            return Err(ClockError::BeforeStart(self.started_on));
        }
        self.stopped_on = Some(on);
        Ok(self)
    }

    /// The last day of the limit. A suspension that lasts counts with its announced length;
    /// without one it has not moved the date yet.
    pub fn due(&self, calendar: &Calendar) -> Result<Due, ClockError> {
        self.due_with(calendar, &Gaps::of(&self.suspensions, calendar, None))
    }

    /// The last day of the limit as seen on `today`: a suspension that lasts has lasted to today.
    pub fn due_as_of(&self, calendar: &Calendar, today: Date) -> Result<Due, ClockError> {
        self.due_with(
            calendar,
            &Gaps::of(&self.suspensions, calendar, Some(today)),
        )
    }

    fn due_with(&self, calendar: &Calendar, gaps: &Gaps) -> Result<Due, ClockError> {
        let date = self.due_date(calendar, gaps)?;
        let warnings = calendar.warnings(self.started_on, date);
        let suspended =
            self.stopped_on.is_none() && self.suspensions.iter().any(|s| s.to.is_none());
        Ok(Due {
            date,
            provisional: suspended || !warnings.is_empty(),
            suspended,
            warnings,
        })
    }

    pub(crate) fn due_date(&self, calendar: &Calendar, gaps: &Gaps) -> Result<Date, ClockError> {
        let total = self.total_days();
        if total > MAX_LIMIT_DAYS {
            return Err(ClockError::LimitTooLong(total));
        }
        if self.suspensions.len() > MAX_SUSPENSIONS {
            return Err(ClockError::TooManySuspensions);
        }
        match self.unit {
            LimitUnit::WorkingDays if gaps.is_empty() => {
                Ok(calendar.nth_working_day(self.started_on, total)?)
            }
            LimitUnit::NaturalDays if gaps.is_empty() => {
                Ok(calendar.working_day_from(plus_days(self.started_on, total)?)?)
            }
            _ => self.walk(calendar, gaps, total),
        }
    }

    /// Day by day, for clocks with suspensions.
    fn walk(&self, calendar: &Calendar, gaps: &Gaps, total: u32) -> Result<Date, ClockError> {
        let (mut date, mut counted) = (self.started_on, 0);
        for _ in 0..MAX_SPAN_DAYS {
            if counted >= total && calendar.is_working(date) && !gaps.contains(date) {
                return Ok(date);
            }
            date = date.tomorrow().map_err(|_| CalendarError::OutOfRange)?;
            counted += u32::from(self.counts(calendar, gaps, date));
        }
        Err(CalendarError::OutOfRange.into())
    }

    /// Whether a day after the first is one of the limit's days.
    pub(crate) fn counts(&self, calendar: &Calendar, gaps: &Gaps, day: Date) -> bool {
        let of_unit = self.unit == LimitUnit::NaturalDays || calendar.is_working(day);
        of_unit && !gaps.contains(day)
    }

    /// Days used up to and with `today` (or the day it stopped).
    pub fn elapsed(&self, calendar: &Calendar, today: Date) -> u32 {
        let until = self.stopped_on.map_or(today, |stopped| stopped.min(today));
        let gaps = Gaps::of(&self.suspensions, calendar, Some(until));
        self.counted_between(calendar, &gaps, self.started_on, until)
    }

    fn counted_between(&self, calendar: &Calendar, gaps: &Gaps, after: Date, until: Date) -> u32 {
        let days = |after: Date, until: Date| match self.unit {
            LimitUnit::WorkingDays => calendar.working_days_between(after, until),
            LimitUnit::NaturalDays => u32::try_from(days_between(after, until)).unwrap_or(0),
        };
        let excluded: u32 = gaps
            .within(after, until)
            .map(|(first, last)| days(first.yesterday().unwrap_or(Date::MIN), last))
            .sum();
        days(after, until).saturating_sub(excluded)
    }

    /// Days left; negative once the due date has passed (counted in the limit's unit).
    pub fn remaining(&self, calendar: &Calendar, today: Date) -> Result<i64, ClockError> {
        let overdue = self.overdue_days(calendar, today)?;
        if overdue > 0 {
            return Ok(-i64::from(overdue));
        }
        Ok(i64::from(
            self.total_days()
                .saturating_sub(self.elapsed(calendar, today)),
        ))
    }

    /// Days counted after the due date up to and with `today` (or the day it stopped).
    pub fn overdue_days(&self, calendar: &Calendar, today: Date) -> Result<u32, ClockError> {
        let until = self.stopped_on.map_or(today, |stopped| stopped.min(today));
        let gaps = Gaps::of(&self.suspensions, calendar, Some(until));
        let due = self.due_date(calendar, &gaps)?;
        Ok(self.counted_between(calendar, &gaps, due, until))
    }

    /// Where the clock stands on `today`.
    pub fn status(&self, today: Date) -> ClockStatus {
        if let Some(on) = self.stopped_on.filter(|on| *on <= today) {
            return ClockStatus::Stopped { on };
        }
        match self
            .suspensions
            .iter()
            .find(|suspension| suspension.is_active_on(today))
        {
            Some(suspension) => ClockStatus::Suspended {
                reason: suspension.reason.label().to_owned(),
                basis: suspension.reason.basis().to_owned(),
                since: suspension.from,
            },
            None => ClockStatus::Running,
        }
    }
}
