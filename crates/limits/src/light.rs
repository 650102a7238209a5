//! Traffic lights of electronic supervision (预警、黄牌、红牌). GB/T 39046 gives no numbers, so
//! the thresholds are settings; the defaults are ours.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::clock::{ClockError, ClockStatus, StatutoryClock};

/// The colour of a clock, from calm to grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// 正常
    Normal,
    /// 预警
    Notice,
    /// 黄牌
    Yellow,
    /// 红牌
    Red,
}

impl Light {
    /// Chinese label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Normal => "正常",
            Self::Notice => "预警",
            Self::Yellow => "黄牌",
            Self::Red => "红牌",
        }
    }
}

/// When a light changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thresholds {
    /// Notice when at most this many days are left.
    pub notice_days: u32,
    /// Notice when at most this share of the limit is left, in percent.
    pub notice_percent: u32,
    /// Red when a limit of our own is overdue by more than this share of it, in percent.
    pub red_overdue_percent: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            notice_days: 1,
            notice_percent: 20,
            red_overdue_percent: 50,
        }
    }
}

impl StatutoryClock {
    /// The light on `today`. A limit of the law is red once passed; a promised or internal one is
    /// yellow, and red when far overdue. A stopped clock keeps the light of the day it stopped,
    /// but gives no notice; nor does a suspended one.
    pub fn light(
        &self,
        calendar: &Calendar,
        today: Date,
        thresholds: &Thresholds,
    ) -> Result<Light, ClockError> {
        let total = u64::from(self.total_days());
        let overdue = u64::from(self.overdue_days(calendar, today)?);
        if overdue > 0 {
            let far = overdue * 100 > total * u64::from(thresholds.red_overdue_percent);
            let red = self.kind.rule().statutory || far;
            return Ok(if red { Light::Red } else { Light::Yellow });
        }
        if self.status(today) != ClockStatus::Running {
            return Ok(Light::Normal);
        }
        let left = u64::try_from(self.remaining(calendar, today)?).unwrap_or(0);
        let near = left <= u64::from(thresholds.notice_days)
            || left * 100 <= total * u64::from(thresholds.notice_percent);
        Ok(if near { Light::Notice } else { Light::Normal })
    }
}

/// The gravest light among the clocks of a case.
pub fn case_light<'a>(
    clocks: impl IntoIterator<Item = &'a StatutoryClock>,
    calendar: &Calendar,
    today: Date,
    thresholds: &Thresholds,
) -> Result<Light, ClockError> {
    let mut gravest = Light::Normal;
    for clock in clocks {
        gravest = gravest.max(clock.light(calendar, today, thresholds)?);
    }
    Ok(gravest)
}
