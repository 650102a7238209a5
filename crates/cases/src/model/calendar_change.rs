//! A change of the working-day calendar, as it is kept and shown.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongban_limits::{Calendar, SpecialDay};

/// What a day was or becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum DayState {
    /// As its weekday: Monday to Friday worked.
    Plain,
    /// 放假, with the name of the festival.
    Off { name: String },
    /// 调休上班, with the name of the festival that it makes up for.
    Work { name: String },
}

impl From<Option<&SpecialDay>> for DayState {
    fn from(day: Option<&SpecialDay>) -> Self {
        match day {
            None => Self::Plain,
            Some(SpecialDay::Off { name }) => Self::Off { name: name.clone() },
            Some(SpecialDay::Work { name }) => Self::Work { name: name.clone() },
        }
    }
}

/// One day that a change touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayChange {
    pub date: Date,
    pub before: DayState,
    pub after: DayState,
}

/// How the due dates of open cases move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Open cases whose clock runs.
    pub open: u64,
    /// Of them: due earlier, due later.
    pub earlier: u64,
    pub later: u64,
}

/// Which way a change was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangedBy {
    /// One day by hand.
    Day,
    /// A year from a holiday-cn file.
    Import,
}

impl ChangedBy {
    /// The key in rows.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Import => "import",
        }
    }
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Day, Self::Import]
            .into_iter()
            .find(|one| one.key() == key)
    }
}

/// One entry of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarChange {
    /// From 1, without gaps.
    pub n: u32,
    pub at: Timestamp,
    pub by_whom: String,
    pub operation: ChangedBy,
    pub year: i16,
    /// The document: number or address.
    pub source: String,
    pub reason: String,
    pub days: Vec<DayChange>,
    pub moved: Moved,
    /// Leaf hash in the SHA-256 log, hexadecimal.
    pub leaf: String,
}

/// The days that differ from `before` to `after`, by date.
pub fn difference(before: &Calendar, after: &Calendar) -> Vec<DayChange> {
    let collect = |calendar: &Calendar| {
        calendar
            .special_days()
            .map(|(date, day)| (date, day.clone()))
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let (old, new) = (collect(before), collect(after));
    let dates: std::collections::BTreeSet<Date> = old.keys().chain(new.keys()).copied().collect();
    dates
        .into_iter()
        .filter(|date| old.get(date) != new.get(date))
        .map(|date| DayChange {
            date,
            before: old.get(&date).into(),
            after: new.get(&date).into(),
        })
        .collect()
}

/// The calendar of the program with the years that this installation has changed: such a year is taken whole.
pub fn with_changes(shipped: &Calendar, changes: &Calendar) -> Calendar {
    let mut calendar = shipped.clone();
    for year in years_of(changes) {
        calendar.remove_year(year);
    }
    calendar.merge(changes);
    calendar
}

fn years_of(calendar: &Calendar) -> std::collections::BTreeSet<i16> {
    let days = calendar.special_days().map(|(date, _)| date.year());
    days.chain(calendar.announced().map(|(year, _)| year))
        .collect()
}

/// `changes` with every year in which `after` differs from `before` taken from `after`.
pub fn changed_years(changes: &Calendar, before: &Calendar, after: &Calendar) -> Calendar {
    let mut years: std::collections::BTreeSet<i16> = difference(before, after)
        .iter()
        .map(|day| day.date.year())
        .collect();
    for year in years_of(after).union(&years_of(before)) {
        if before.status(*year) != after.status(*year) {
            years.insert(*year);
        }
    }
    years.extend(years_of(changes));
    let mut kept = Calendar::empty();
    for (year, source) in after.announced().filter(|(year, _)| years.contains(year)) {
        kept.announce(year, source);
    }
    for (date, day) in after
        .special_days()
        .filter(|(date, _)| years.contains(&date.year()))
    {
        match day {
            SpecialDay::Off { name } => kept.set_off(date, name),
            SpecialDay::Work { name } => kept.set_working(date, name),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn only_changed_years_are_kept_and_a_day_taken_back_stays_away() {
        let shipped = Calendar::shipped();
        let mut edited = shipped.clone();
        // 2026-01-04 is a make-up working day of the program's own data.
        assert!(edited.is_working(day("2026-01-04")));
        edited.clear(day("2026-01-04"));
        let kept = changed_years(&Calendar::empty(), shipped, &edited);
        assert!(!kept.is_announced(2025) && kept.is_announced(2026));
        let read = Calendar::from_text(&kept.to_text()).expect("its own text");
        let again = with_changes(shipped, &read);
        assert!(!again.is_working(day("2026-01-04")));
        assert_eq!(again, edited);
    }

    #[test]
    fn the_difference_names_each_day_once() {
        let before = Calendar::shipped();
        let mut after = before.clone();
        after.set_off(day("2026-06-01"), "儿童节");
        after.set_working(day("2026-06-06"), "儿童节");
        let found = difference(before, &after);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].before, DayState::Plain);
        assert_eq!(
            found[1].after,
            DayState::Work {
                name: "儿童节".to_owned()
            }
        );
        assert!(difference(before, before).is_empty());
    }
}
