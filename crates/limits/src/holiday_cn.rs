//! The JSON form of the holiday-cn data, one file per year.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarError, SpecialDay};

const MAX_BYTES: usize = 1_000_000;

#[derive(Serialize, Deserialize)]
struct File {
    year: i16,
    #[serde(default)]
    papers: Vec<String>,
    days: Vec<Day>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    name: String,
    date: String,
    is_off_day: bool,
}

/// Years that a file may speak of: holidays lengthened by moved weekends came with 国务院令第270号 (September 1999); anything beyond is a slip.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// The arrangement of one year, as one file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    pub year: i16,
    /// Addresses of the documents.
    pub papers: Vec<String>,
    /// The days it names and, if there are any, the announcement of `year`.
    pub calendar: Calendar,
}

impl Announcement {
    /// Reads one file of the holiday-cn form. Days of the neighbouring years are taken over (the arrangement of 2019 moved
    /// days of 2018); days of others, and days named twice, are refused. A file without days announces nothing.
    pub fn from_holiday_cn(json: &str) -> Result<Self, CalendarError> {
        if json.len() > MAX_BYTES {
            return Err(CalendarError::TooLarge);
        }
        let file: File =
            serde_json::from_str(json).map_err(|error| CalendarError::Json(error.to_string()))?;
        if !YEARS.contains(&file.year) {
            return Err(CalendarError::Year(file.year));
        }
        let mut calendar = Calendar::empty();
        let mut seen = BTreeSet::new();
        for day in file.days {
            let date: Date = day
                .date
                .parse()
                .map_err(|_| CalendarError::Date(day.date.chars().take(40).collect()))?;
            if (date.year() - file.year).abs() > 1 {
                let year = file.year;
                return Err(CalendarError::OtherYear { year, date });
            }
            if !seen.insert(date) {
                return Err(CalendarError::Twice(date));
            }
            match day.is_off_day {
                true => calendar.set_off(date, &day.name),
                false => calendar.set_working(date, &day.name),
            }
        }
        if !seen.is_empty() {
            calendar.announce(file.year, &file.papers.join(" "));
        }
        Ok(Self {
            year: file.year,
            papers: file.papers,
            calendar,
        })
    }
}

impl Calendar {
    /// Takes over one file of the holiday-cn form ([`Announcement::from_holiday_cn`]) and returns its year.
    pub fn import_holiday_cn(&mut self, json: &str) -> Result<i16, CalendarError> {
        let read = Announcement::from_holiday_cn(json)?;
        self.merge(&read.calendar);
        Ok(read.year)
    }

    /// The days of one year in the holiday-cn form.
    pub fn export_holiday_cn(&self, year: i16) -> String {
        let days = self.special_days().filter(|(date, _)| date.year() == year);
        let days = days.map(|(date, day)| {
            let (name, is_off_day) = match day {
                SpecialDay::Off { name } => (name, true),
                SpecialDay::Work { name } => (name, false),
            };
            Day {
                name: name.clone(),
                date: date.to_string(),
                is_off_day,
            }
        });
        let papers = self
            .announced()
            .filter(|(y, source)| *y == year && !source.is_empty());
        let papers = papers.map(|(_, source)| source.to_owned()).collect();
        let file = File {
            year,
            papers,
            days: days.collect(),
        };
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }
}
