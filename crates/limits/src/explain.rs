//! A due date explained day by day, so that anyone can count along.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarError, DayKind};
use crate::clock::{ClockError, StatutoryClock};
use crate::kind::LimitUnit;
use crate::suspension::Gaps;

const CIVIL_CODE_201: &str = "民法典 第二百零一条";
const CIVIL_CODE_203: &str = "民法典 第二百零三条";
const LICENSING_82: &str = "行政许可法 第八十二条";

/// Why a day was counted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayReason {
    /// 开始当日
    FirstDay,
    /// 工作日
    Working,
    /// 调休上班
    MakeUpWorking,
    /// 自然日
    Natural,
    /// 周末
    Weekend,
    /// 放假
    Holiday,
    /// 暂停计时
    Suspended,
    /// 期满日顺延
    RolledForward,
}

/// One day of the explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayLine {
    /// The day.
    pub date: Date,
    /// Whether it is one of the limit's days.
    pub counted: bool,
    /// Which of the limit's days it is, from 1.
    pub n: Option<u32>,
    /// Why, for programs.
    pub reason: DayReason,
    /// Why, for people.
    pub why: String,
    /// Law and article.
    pub basis: String,
    /// Whether it is the due date.
    pub due: bool,
}

impl DayLine {
    /// The line as text: `2026-02-14（周六）第 1 日：春节调休上班，计入（行政许可法 第八十二条）`.
    pub fn text(&self) -> String {
        let number = self
            .n
            .map_or_else(|| "不计".to_owned(), |n| format!("第 {n} 日"));
        let due = if self.due { "，期限届满" } else { "" };
        let basis = if self.basis.is_empty() {
            String::new()
        } else {
            format!("（{}）", self.basis)
        };
        format!(
            "{}（{}）{number}：{}{due}{basis}",
            self.date,
            weekday(self.date),
            self.why
        )
    }
}

fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "周一",
        Weekday::Tuesday => "周二",
        Weekday::Wednesday => "周三",
        Weekday::Thursday => "周四",
        Weekday::Friday => "周五",
        Weekday::Saturday => "周六",
        Weekday::Sunday => "周日",
    }
}

impl StatutoryClock {
    /// Every day from the first to the due date of [`StatutoryClock::due`].
    pub fn explain(&self, calendar: &Calendar) -> Result<Vec<DayLine>, ClockError> {
        self.explain_with(calendar, &Gaps::of(&self.suspensions, calendar, None))
    }

    /// Every day from the first to the due date of [`StatutoryClock::due_as_of`].
    pub fn explain_as_of(
        &self,
        calendar: &Calendar,
        today: Date,
    ) -> Result<Vec<DayLine>, ClockError> {
        self.explain_with(
            calendar,
            &Gaps::of(&self.suspensions, calendar, Some(today)),
        )
    }

    fn explain_with(&self, calendar: &Calendar, gaps: &Gaps) -> Result<Vec<DayLine>, ClockError> {
        let due = self.due_date(calendar, gaps)?;
        let total = self.total_days();
        let mut lines = vec![self.first_line(due)];
        let (mut date, mut counted) = (self.started_on, 0);
        while date < due {
            date = date.tomorrow().map_err(|_| CalendarError::OutOfRange)?;
            let counts = counted < total && self.counts(calendar, gaps, date);
            counted += u32::from(counts);
            let (reason, why, basis) = match counted >= total && !counts {
                true if !gaps.contains(date) => self.rolled(calendar, date, date == due),
                _ => self.reason(calendar, gaps, date),
            };
            let n = counts.then_some(counted);
            lines.push(DayLine {
                date,
                counted: counts,
                n,
                reason,
                why,
                basis,
                due: date == due,
            });
        }
        Ok(lines)
    }

    fn first_line(&self, due: Date) -> DayLine {
        let due = self.started_on == due;
        let why = match due {
            true => format!("“{}”应当日办结", self.kind.label()),
            false => format!("“{}”开始计时，当日不计入", self.kind.label()),
        };
        let (basis, reason) = (CIVIL_CODE_201.to_owned(), DayReason::FirstDay);
        DayLine {
            date: self.started_on,
            counted: false,
            n: None,
            reason,
            why,
            basis,
            due,
        }
    }

    /// A day after the last counted one: the end falls on a day off and moves on.
    fn rolled(&self, calendar: &Calendar, date: Date, due: bool) -> (DayReason, String, String) {
        let why = match (due, calendar.day_kind(date)) {
            (true, _) => "期满日为休息日或暂停日，顺延至本日".to_owned(),
            (false, DayKind::Holiday(name)) => format!("{name}放假，期满日顺延"),
            (false, _) => "休息日，期满日顺延".to_owned(),
        };
        (DayReason::RolledForward, why, CIVIL_CODE_203.to_owned())
    }

    fn reason(&self, calendar: &Calendar, gaps: &Gaps, day: Date) -> (DayReason, String, String) {
        if gaps.contains(day) {
            let cause = self.suspensions.iter().rev().find(|s| s.is_active_on(day));
            let label = cause.map_or("特别程序", |s| s.reason.label());
            let basis = cause.map_or("", |s| s.reason.basis()).to_owned();
            return (DayReason::Suspended, format!("{label}期间，不计入"), basis);
        }
        if self.unit == LimitUnit::NaturalDays {
            return (DayReason::Natural, "按自然日计入".to_owned(), String::new());
        }
        // Only the limits of 行政许可法 rest on its article 82; the others on the calendar alone.
        let basis = if self.kind.basis().starts_with("行政许可法") {
            LICENSING_82
        } else {
            ""
        };
        let provisional = match calendar.is_announced(day.year()) {
            true => "",
            false => "（该年节假日安排尚未公布，暂按此计算）",
        };
        let (reason, why) = match calendar.day_kind(day) {
            DayKind::Working => (DayReason::Working, "工作日，计入".to_owned()),
            DayKind::MakeUpWorking(name) => {
                (DayReason::MakeUpWorking, format!("{name}调休上班，计入"))
            }
            DayKind::Weekend => (DayReason::Weekend, "周末，不计入".to_owned()),
            DayKind::Holiday(name) => (DayReason::Holiday, format!("{name}放假，不计入")),
        };
        (reason, format!("{why}{provisional}"), basis.to_owned())
    }
}
