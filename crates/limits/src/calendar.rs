//! Which days offices work.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use jiff::civil::{Date, Weekday};

use crate::MAX_SPAN_DAYS;
use crate::bits::YearBits;

/// What a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayKind<'c> {
    /// 工作日
    Working,
    /// 调休上班: a Saturday or Sunday worked; the name of the festival it makes up for
    MakeUpWorking(&'c str),
    /// 周末
    Weekend,
    /// 放假, with the name of the festival
    Holiday(&'c str),
}

impl DayKind<'_> {
    /// Whether offices work.
    pub const fn is_working(self) -> bool {
        matches!(self, Self::Working | Self::MakeUpWorking(_))
    }
}

/// A day that differs from its weekday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecialDay {
    /// Offices are closed.
    Off { name: String },
    /// Offices work.
    Work { name: String },
}

/// Whether the State Council has announced the arrangement of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearStatus<'c> {
    /// Announced, with the document.
    Announced { source: &'c str },
    /// Not announced: results are provisional.
    NotAnnounced,
}

/// Why a result may still change.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    thiserror::Error,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CalendarWarning {
    #[error("{0} 年的节假日安排尚未公布，日期按周一至周五暂算，公布后会重新计算。")]
    YearNotAnnounced(i16),
}

/// Why the calendar cannot answer or take over data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("日期超出可以计算的范围。")]
    OutOfRange,
    #[error("工作日历第 {line} 行有误：{why}")]
    Line { line: usize, why: String },
    #[error("节假日数据不是所要求的 JSON 形式：{0}")]
    Json(String),
    #[error("节假日数据中“{0}”不是日期。")]
    Date(String),
    #[error("节假日数据过大。")]
    TooLarge,
    #[error("节假日数据的年份 {0} 不在 2000 年至 2100 年之间。")]
    Year(i16),
    #[error("节假日数据中的 {date} 不属于 {year} 年的安排。")]
    OtherYear { year: i16, date: Date },
    #[error("节假日数据中 {0} 出现了两次。")]
    Twice(Date),
}

impl CalendarError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutOfRange => "out_of_range",
            Self::Line { .. } => "line",
            Self::Json(_) => "json",
            Self::Date(_) => "date",
            Self::TooLarge => "too_large",
            Self::Year(_) => "year",
            Self::OtherYear { .. } => "other_year",
            Self::Twice(_) => "twice",
        }
    }
}

/// Days off, make-up working days and the years announced. Editable; a plain value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    special: BTreeMap<Date, SpecialDay>,
    /// Years announced, with the source.
    announced: BTreeMap<i16, String>,
    /// Working days of the years that hold special days or are announced.
    bits: BTreeMap<i16, YearBits>,
}

static SHIPPED: LazyLock<Calendar> = LazyLock::new(|| {
    // The embedded text is proved whole by a test.
    Calendar::from_text(include_str!("../data/workdays.txt")).unwrap_or_default()
});

/// Festivals on a fixed date of the sun calendar (全国年节及纪念日放假办法 第二条); the second
/// day of 劳动节 since 2025. 春节、清明、端午、中秋 move and are not guessed.
fn fixed_festival(date: Date) -> Option<&'static str> {
    match (date.month(), date.day()) {
        (1, 1) => Some("元旦"),
        (5, 1) => Some("劳动节"),
        (5, 2) if date.year() >= 2025 => Some("劳动节"),
        (10, 1..=3) => Some("国庆节"),
        _ => None,
    }
}

/// The working days of a year that has neither special days nor an announcement. Such years are
/// alike if they begin on the same weekday, have the same length and the same fixed festivals.
fn plain_bits(year: i16) -> YearBits {
    static ALIKE: [OnceLock<YearBits>; 28] = [const { OnceLock::new() }; 28];
    let plain = || {
        YearBits::of(year, |date| {
            fixed_festival(date).is_none() && !is_weekend(date)
        })
    };
    let Ok(first) = Date::new(year, 1, 1) else {
        return plain();
    };
    let weekday = usize::try_from(first.weekday().to_monday_zero_offset()).unwrap_or(0);
    let (leap, since_2025) = (usize::from(first.in_leap_year()), usize::from(year >= 2025));
    match ALIKE.get(weekday * 4 + leap * 2 + since_2025) {
        Some(bits) => *bits.get_or_init(plain),
        None => plain(),
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn index_of(date: Date) -> u32 {
    u32::try_from(date.day_of_year())
        .unwrap_or(1)
        .saturating_sub(1)
}

fn date_at(year: i16, index: u32) -> Result<Date, CalendarError> {
    let first = Date::new(year, 1, 1).map_err(|_| CalendarError::OutOfRange)?;
    plus_days(first, index)
}

/// `date + days`, or out of range.
pub(crate) fn plus_days(date: Date, days: u32) -> Result<Date, CalendarError> {
    date.checked_add(
        jiff::Span::new()
            .try_days(days)
            .map_err(|_| CalendarError::OutOfRange)?,
    )
    .map_err(|_| CalendarError::OutOfRange)
}

/// Whole days from `from` to `to`; negative if `to` is earlier.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_secs() / 86_400
}

impl Calendar {
    /// The arrangement of 2024 to 2026 as announced by the State Council.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Weekdays only, nothing announced.
    pub fn empty() -> Self {
        Self::default()
    }

    /// What a day is.
    pub fn day_kind(&self, date: Date) -> DayKind<'_> {
        match self.special.get(&date) {
            Some(SpecialDay::Off { name }) => DayKind::Holiday(name),
            Some(SpecialDay::Work { name }) => DayKind::MakeUpWorking(name),
            None => match fixed_festival(date) {
                Some(name) if !self.is_announced(date.year()) => DayKind::Holiday(name),
                _ if is_weekend(date) => DayKind::Weekend,
                _ => DayKind::Working,
            },
        }
    }

    /// Whether offices work on a day.
    pub fn is_working(&self, date: Date) -> bool {
        match self.bits.get(&date.year()) {
            Some(bits) => bits.contains(index_of(date)),
            None => self.day_kind(date).is_working(),
        }
    }

    /// Whether the arrangement of a year has been announced.
    pub fn status(&self, year: i16) -> YearStatus<'_> {
        match self.announced.get(&year) {
            Some(source) => YearStatus::Announced { source },
            None => YearStatus::NotAnnounced,
        }
    }

    /// Short for [`Calendar::status`].
    pub fn is_announced(&self, year: i16) -> bool {
        self.announced.contains_key(&year)
    }

    /// Years announced, with their sources.
    pub fn announced(&self) -> impl Iterator<Item = (i16, &str)> {
        self.announced
            .iter()
            .map(|(year, source)| (*year, source.as_str()))
    }

    /// Days that differ from their weekday, by date.
    pub fn special_days(&self) -> impl Iterator<Item = (Date, &SpecialDay)> {
        self.special.iter().map(|(date, day)| (*date, day))
    }

    /// One warning for each year from `from` to `to` that has not been announced.
    pub fn warnings(&self, from: Date, to: Date) -> Vec<CalendarWarning> {
        (from.year()..=to.year())
            .filter(|year| !self.is_announced(*year))
            .map(CalendarWarning::YearNotAnnounced)
            .collect()
    }

    fn year_bits(&self, year: i16) -> YearBits {
        self.bits
            .get(&year)
            .copied()
            .unwrap_or_else(|| plain_bits(year))
    }

    fn refresh(&mut self, year: i16) {
        let holds = self.special.range(year_range(year)).next().is_some();
        if holds || self.is_announced(year) {
            let bits = YearBits::of(year, |date| self.day_kind(date).is_working());
            self.bits.insert(year, bits);
        } else {
            self.bits.remove(&year);
        }
    }

    /// The `n`-th working day after `date`; for 0 `date` itself if offices work then, else the next.
    pub fn nth_working_day(&self, date: Date, n: u32) -> Result<Date, CalendarError> {
        if n == 0 {
            return self.working_day_from(date);
        }
        self.nth_at_or_after(date.year(), index_of(date) + 1, n)
    }

    /// The first working day at or after `date`.
    pub fn working_day_from(&self, date: Date) -> Result<Date, CalendarError> {
        self.nth_at_or_after(date.year(), index_of(date), 1)
    }

    fn nth_at_or_after(&self, mut year: i16, from: u32, n: u32) -> Result<Date, CalendarError> {
        let (mut from, mut left) = (from, n);
        for _ in 0..=(MAX_SPAN_DAYS / 365) {
            match self.year_bits(year).nth_from(from, left) {
                Ok(index) => return date_at(year, index),
                Err(seen) => left -= seen,
            }
            year = year.checked_add(1).ok_or(CalendarError::OutOfRange)?;
            from = 0;
        }
        Err(CalendarError::OutOfRange)
    }

    /// The `n`-th working day before `date`; for 0 `date` itself if offices work then, else the last before.
    pub fn nth_working_day_before(&self, date: Date, n: u32) -> Result<Date, CalendarError> {
        let (mut to, mut left) = match n {
            0 => (index_of(date) + 1, 1),
            _ => (index_of(date), n),
        };
        let mut year = date.year();
        for _ in 0..=(MAX_SPAN_DAYS / 365) {
            match self.year_bits(year).nth_back(to, left) {
                Ok(index) => return date_at(year, index),
                Err(seen) => left -= seen,
            }
            year = year.checked_sub(1).ok_or(CalendarError::OutOfRange)?;
            to = u32::MAX;
        }
        Err(CalendarError::OutOfRange)
    }

    /// Working days after `after` up to and with `until`; 0 if `until` is not later.
    pub fn working_days_between(&self, after: Date, until: Date) -> u32 {
        if until <= after {
            return 0;
        }
        let (first, last) = (after.year(), until.year());
        if first == last {
            return self
                .year_bits(first)
                .count(index_of(after) + 1, index_of(until) + 1);
        }
        let mut count = self.year_bits(first).count(index_of(after) + 1, u32::MAX);
        for year in first.saturating_add(1)..last {
            count = count.saturating_add(self.year_bits(year).count(0, u32::MAX));
        }
        count.saturating_add(self.year_bits(last).count(0, index_of(until) + 1))
    }

    /// Closes offices on a day.
    pub fn set_off(&mut self, date: Date, name: &str) {
        self.set(
            date,
            SpecialDay::Off {
                name: name.to_owned(),
            },
        );
    }

    /// Opens offices on a day.
    pub fn set_working(&mut self, date: Date, name: &str) {
        self.set(
            date,
            SpecialDay::Work {
                name: name.to_owned(),
            },
        );
    }

    pub(crate) fn set(&mut self, date: Date, day: SpecialDay) {
        let or = |name: String, default: &str| match clean(&name) {
            empty if empty.is_empty() => default.to_owned(),
            name => name,
        };
        let day = match day {
            SpecialDay::Off { name } => SpecialDay::Off {
                name: or(name, "放假"),
            },
            SpecialDay::Work { name } => SpecialDay::Work {
                name: or(name, "调休"),
            },
        };
        self.special.insert(date, day);
        self.refresh(date.year());
    }

    /// Lets a day follow its weekday again.
    pub fn clear(&mut self, date: Date) {
        self.special.remove(&date);
        self.refresh(date.year());
    }

    /// Marks the arrangement of a year as announced.
    pub fn announce(&mut self, year: i16, source: &str) {
        self.announced.insert(year, clean(source));
        self.refresh(year);
    }

    /// Takes an announcement back; the special days stay.
    pub fn retract(&mut self, year: i16) {
        self.announced.remove(&year);
        self.refresh(year);
    }

    /// Forgets a year altogether: its special days and its announcement.
    pub fn remove_year(&mut self, year: i16) {
        self.special.retain(|date, _| date.year() != year);
        self.retract(year);
    }

    /// Takes over everything of `other`; where both speak of a day, `other` wins.
    pub fn merge(&mut self, other: &Self) {
        self.special
            .extend(other.special.iter().map(|(date, day)| (*date, day.clone())));
        self.announced.extend(
            other
                .announced
                .iter()
                .map(|(year, source)| (*year, source.clone())),
        );
        let years: Vec<i16> = other.bits.keys().copied().collect();
        for year in years {
            self.refresh(year);
        }
    }
}

/// First and last day of a year; for a year outside the range of dates an empty range.
fn year_range(year: i16) -> std::ops::RangeInclusive<Date> {
    let first = Date::new(year, 1, 1).unwrap_or(Date::MAX);
    let last = Date::new(year, 12, 31).unwrap_or(Date::MAX);
    first..=last
}

/// Names and sources stand on one line of the text form.
fn clean(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(200).collect()
}
