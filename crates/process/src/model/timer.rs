//! When a timer event is due.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

use super::Text;
use crate::engine::Due;

/// The zone in which dates without offset and calendar units (days, months) are meant: China standard time.
const CHINA: Offset = Offset::constant(8);

/// The timer of an event.
#[derive(Debug, Clone)]
pub(crate) struct TimerSpec {
    /// ISO 8601 duration (`P3D`) if set, else a date and time.
    pub(crate) duration: bool,
    /// Days are working days; the caller knows the calendar.
    pub(crate) working_days: bool,
    pub(crate) value: Text,
}

impl TimerSpec {
    pub(crate) fn due(&self, text: &str, now: Timestamp) -> Result<Due, String> {
        let text = text.trim();
        if self.working_days {
            let days = text.strip_prefix('P').and_then(|t| t.strip_suffix('D'));
            return match days.and_then(|d| d.parse().ok()) {
                Some(days) => Ok(Due::WorkingDays(days)),
                None => Err(format!("{text:.60}：工作日期限只能写作 PnD")),
            };
        }
        let zone = TimeZone::fixed(CHINA);
        if self.duration {
            if !text.starts_with('P') {
                return Err(format!("{text:.60} 不是 ISO 8601 时长"));
            }
            let span: Span = text
                .parse()
                .map_err(|e| format!("{text:.60} 不是 ISO 8601 时长（{e}）"))?;
            let at = now.to_zoned(zone).checked_add(span);
            return at
                .map(|z| Due::At(z.timestamp()))
                .map_err(|e| format!("{text:.60}：{e}"));
        }
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Due::At(at));
        }
        let local: DateTime = text
            .parse()
            .map_err(|e| format!("{text:.60} 不是日期时间（{e}）"))?;
        let at = zone
            .to_timestamp(local)
            .map_err(|e| format!("{text:.60}：{e}"))?;
        Ok(Due::At(at))
    }
}
