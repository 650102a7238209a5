//! Time that is not counted: the special procedures of 行政许可法 第四十五条 and what other laws add.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;

/// Why the clock stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SuspensionReason {
    /// 听证
    Hearing,
    /// 招标
    Tender,
    /// 拍卖
    Auction,
    /// 检验
    Inspection,
    /// 检测
    Testing,
    /// 检疫
    Quarantine,
    /// 鉴定
    Appraisal,
    /// 专家评审
    ExpertReview,
    /// 征求第三方和其他机关意见 (政府信息公开条例 第三十三条)
    ThirdPartyConsultation,
    /// What the law of the item excludes: name and article must be given.
    Other { name: String, basis: String },
}

impl SuspensionReason {
    /// Chinese label.
    pub fn label(&self) -> &str {
        match self {
            Self::Hearing => "听证",
            Self::Tender => "招标",
            Self::Auction => "拍卖",
            Self::Inspection => "检验",
            Self::Testing => "检测",
            Self::Quarantine => "检疫",
            Self::Appraisal => "鉴定",
            Self::ExpertReview => "专家评审",
            Self::ThirdPartyConsultation => "征求第三方和其他机关意见",
            Self::Other { name, .. } => name,
        }
    }

    /// Law and article.
    pub fn basis(&self) -> &str {
        match self {
            Self::ThirdPartyConsultation => "政府信息公开条例 第三十三条",
            Self::Other { basis, .. } => basis,
            _ => "行政许可法 第四十五条",
        }
    }
}

/// One interval that is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Why.
    pub reason: SuspensionReason,
    /// The day it began; partly worked, therefore counted.
    pub from: Date,
    /// The day it ended, counted again; `None` while it lasts.
    pub to: Option<Date>,
    /// Working days the applicant was told in writing that it would take (第四十五条).
    pub announced_days: Option<u32>,
}

impl Suspension {
    /// A suspension that lasts.
    pub const fn open(reason: SuspensionReason, from: Date, announced_days: Option<u32>) -> Self {
        Self {
            reason,
            from,
            to: None,
            announced_days,
        }
    }

    /// A suspension that is over.
    pub const fn closed(reason: SuspensionReason, from: Date, to: Date) -> Self {
        Self {
            reason,
            from,
            to: Some(to),
            announced_days: None,
        }
    }

    /// Whether the clock stands still on a day: from the first day until the day before the last.
    pub fn is_active_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }

    /// The day it ends as far as one can tell on `today`: its end, else the announced one or the
    /// day after today, whichever is later. Without `today` only what was announced counts.
    pub(crate) fn end(&self, calendar: &Calendar, today: Option<Date>) -> Date {
        if let Some(to) = self.to {
            return to;
        }
        let announced = self.announced_days.and_then(|days| {
            calendar
                .nth_working_day(self.from, days.min(crate::MAX_LIMIT_DAYS))
                .ok()
        });
        let lasting = today
            .filter(|today| *today > self.from)
            .and_then(|day| day.tomorrow().ok());
        [announced, lasting]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(self.from)
    }

    /// Working days by which it exceeds what was announced; 0 if nothing was announced.
    pub fn overrun_days(&self, calendar: &Calendar, today: Date) -> u32 {
        let until = self.to.map_or(today, |to| to.min(today));
        let taken = calendar.working_days_between(self.from, until);
        self.announced_days
            .map_or(0, |announced| taken.saturating_sub(announced))
    }
}

/// The days wholly inside any of the intervals, as disjoint ascending `(after, before)` pairs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gaps(Vec<(Date, Date)>);

impl Gaps {
    pub(crate) fn of(list: &[Suspension], calendar: &Calendar, today: Option<Date>) -> Self {
        let whole = |s: &Suspension| {
            let (from, to) = (
                s.from.tomorrow().ok()?,
                s.end(calendar, today).yesterday().ok()?,
            );
            (from <= to).then_some((from, to))
        };
        let mut days: Vec<(Date, Date)> = list.iter().filter_map(whole).collect();
        days.sort_unstable();
        let mut merged: Vec<(Date, Date)> = Vec::new();
        for (from, to) in days {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self(merged)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, day: Date) -> bool {
        self.0.iter().any(|(from, to)| *from <= day && day <= *to)
    }

    /// The part of each gap that lies after `after` up to and with `until`: first and last day.
    pub(crate) fn within(&self, after: Date, until: Date) -> impl Iterator<Item = (Date, Date)> {
        let first = after.tomorrow().unwrap_or(Date::MAX);
        self.0
            .iter()
            .map(move |(from, to)| ((*from).max(first), (*to).min(until)))
            .filter(|(from, to)| from <= to)
    }
}
