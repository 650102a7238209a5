//! Rules of law that are more than one limit.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarError, plus_days};
use crate::clock::{ClockError, StatutoryClock};
use crate::kind::ClockKind;

/// Acceptance by silence (行政许可法 第三十二条第一款第四项).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeemedAcceptance {
    /// The application counts as accepted from the day the materials were received.
    pub accepted_on: Date,
    /// The last day on which the organ could have spoken.
    pub answer_was_due: Date,
}

impl DeemedAcceptance {
    /// The article.
    pub const BASIS: &'static str = "行政许可法 第三十二条第一款第四项";
}

/// Whether an application counts as accepted because the organ was silent for five working days,
/// or told what was missing too late. `answered_on`: the day of any answer under article 32.
pub fn deemed_acceptance(
    received_on: Date,
    answered_on: Option<Date>,
    today: Date,
    calendar: &Calendar,
) -> Result<Option<DeemedAcceptance>, ClockError> {
    let due = StatutoryClock::new(ClockKind::SupplementNotice, received_on)?
        .due(calendar)?
        .date;
    let silent_until = answered_on.map_or(today, |answered| answered.min(today));
    let deemed = DeemedAcceptance {
        accepted_on: received_on,
        answer_was_due: due,
    };
    Ok((silent_until > due).then_some(deemed))
}

/// The last day to give notice of a hearing: seven working days before it
/// (行政许可法 第四十八条第一款第一项; the day of the hearing is not counted).
pub fn hearing_notice_by(hearing_on: Date, calendar: &Calendar) -> Result<Date, CalendarError> {
    calendar.nth_working_day_before(hearing_on, 7)
}

/// Days of a licence's renewal (行政许可法 第五十条).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// Last day of the licence's validity.
    pub expires_on: Date,
    /// Last day to apply.
    pub apply_by: Date,
    /// Last working day at or before `apply_by`: what a reminder should say.
    pub advise_by: Date,
    /// Last working day on which the organ can still decide.
    pub decide_by: Date,
}

impl Renewal {
    /// The article.
    pub const BASIS: &'static str = "行政许可法 第五十条";
    /// Days before expiry, unless another rule says otherwise.
    pub const DAYS: u32 = 30;

    /// The days of a licence that expires on `expires_on`. `days` is [`Renewal::DAYS`] unless a
    /// law, regulation or rule says otherwise.
    ///
    /// Natural days: article 82 turns only the organs' limits into working days, and this limit
    /// binds the holder, for whom the later day is the kinder reading.
    pub fn of(expires_on: Date, days: u32, calendar: &Calendar) -> Result<Self, CalendarError> {
        let span = jiff::Span::new()
            .try_days(days)
            .map_err(|_| CalendarError::OutOfRange)?;
        let apply_by = expires_on
            .checked_sub(span)
            .map_err(|_| CalendarError::OutOfRange)?;
        Ok(Self {
            expires_on,
            apply_by,
            advise_by: calendar.nth_working_day_before(apply_by, 0)?,
            decide_by: calendar.nth_working_day_before(expires_on, 0)?,
        })
    }

    /// Whether an application of this day is in time.
    pub fn is_in_time(&self, applied_on: Date) -> bool {
        applied_on <= self.apply_by
    }

    /// Whether the licence counts as renewed on `today`: applied for in time, and no decision
    /// before it expired (逾期未作决定的，视为准予延续).
    pub fn is_deemed_renewed(
        &self,
        applied_on: Date,
        decided_on: Option<Date>,
        today: Date,
    ) -> bool {
        let decided = decided_on.is_some_and(|decided| decided <= self.expires_on);
        self.is_in_time(applied_on) && !decided && today > self.expires_on
    }

    /// The day from which a licence deemed renewed goes on.
    pub fn renewed_from(&self) -> Result<Date, CalendarError> {
        plus_days(self.expires_on, 1)
    }
}
