//! When a timer event is due.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

use super::Text;
use crate::engine::Due;

/// The zone in which dates without offset and calendar units (days, months) are meant: China standard time.
const CHINA: Offset = Offset::constant(8);

/// What the text of a timer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// A date and time.
    Date,
    /// ISO 8601 duration (`P3D`).
    Duration,
    /// ISO 8601 repetition (`R3/PT10H`).
    Cycle,
    /// Working days (`P3D`).
    WorkingDays,
    /// Office hours (`PT4H`, `PT90M`).
    OfficeHours,
    /// Working days before (`-P2D`) or after (`P2D`) the limit of the case.
    Limit,
}

/// The timer of an event.
#[derive(Debug, Clone)]
pub(crate) struct TimerSpec {
    pub(crate) clock: Clock,
    pub(crate) value: Text,
}

impl TimerSpec {
    /// When it is due, and how often: `None` for ever.
    pub(crate) fn due(&self, text: &str, now: Timestamp) -> Result<(Due, Option<u32>), String> {
        let text = text.trim();
        let once = |due| Ok((due, Some(1)));
        match self.clock {
            Clock::Date => once(Due::At(date(text)?)),
            Clock::Duration => once(Due::At(after(text, now)?)),
            Clock::Cycle => cycle(text, now),
            Clock::WorkingDays => {
                once(Due::WorkingDays(days(text).ok_or_else(|| {
                    format!("{text:.60}：工作日期限只能写作 PnD")
                })?))
            }
            Clock::OfficeHours => {
                once(Due::WorkingMinutes(minutes(text).ok_or_else(|| {
                    format!("{text:.60}：工作时间只能写作 PTnH、PTnM")
                })?))
            }
            Clock::Limit => {
                let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
                let n = days(rest).and_then(|n| i32::try_from(n).ok());
                let n = n.ok_or_else(|| format!("{text:.60}：相对办理期限只能写作 PnD 或 -PnD"))?;
                once(Due::Limit(sign * n))
            }
        }
    }
}

fn days(text: &str) -> Option<u32> {
    text.strip_prefix('P')?.strip_suffix('D')?.parse().ok()
}

fn minutes(text: &str) -> Option<u32> {
    let span: Span = text.strip_prefix("PT").and_then(|_| text.parse().ok())?;
    let minutes = span.total(jiff::Unit::Minute).ok()?;
    (minutes.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&minutes))
        .then_some(minutes as u32)
}

fn date(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local: DateTime = text
        .parse()
        .map_err(|e| format!("{text:.60} 不是日期时间（{e}）"))?;
    TimeZone::fixed(CHINA)
        .to_timestamp(local)
        .map_err(|e| format!("{text:.60}：{e}"))
}

fn after(text: &str, from: Timestamp) -> Result<Timestamp, String> {
    if !text.starts_with('P') {
        return Err(format!("{text:.60} 不是 ISO 8601 时长"));
    }
    let span: Span = text
        .parse()
        .map_err(|e| format!("{text:.60} 不是 ISO 8601 时长（{e}）"))?;
    let at = from.to_zoned(TimeZone::fixed(CHINA)).checked_add(span);
    at.map(|z| z.timestamp())
        .map_err(|e| format!("{text:.60}：{e}"))
}

/// `R3/PT10H`, `R/PT1H`, `R3/<first>/PT10H`.
fn cycle(text: &str, now: Timestamp) -> Result<(Due, Option<u32>), String> {
    let wrong = || format!("{text:.60}：循环定时只能写作 Rn/时长、R/时长或 Rn/起始时间/时长");
    let mut parts = text.strip_prefix('R').ok_or_else(wrong)?.split('/');
    let times = parts.next().unwrap_or_default();
    let left = match times {
        "" => None,
        n => Some(n.parse::<u32>().map_err(|_| wrong())?.max(1)),
    };
    let due = match (parts.next(), parts.next()) {
        (Some(first), Some(step)) if !first.starts_with('P') => {
            let first = date(first)?;
            if first > now {
                first
            } else {
                after(step, now)?
            }
        }
        (Some(step), _) => after(step, now)?,
        (None, _) => return Err(wrong()),
    };
    // A turn of no length would never let go.
    if due <= now {
        return Err(wrong());
    }
    Ok((Due::At(due), left))
}
