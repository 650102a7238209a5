//! The JSON form of the holiday-cn data, one file per year.

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

impl Calendar {
    /// Takes over one file of the holiday-cn form and returns its year.
    ///
    /// A file without days marks a year not yet announced: nothing changes. Days of the
    /// neighbouring year (the arrangement of 2019 moved days of 2018) are taken over as well.
    pub fn import_holiday_cn(&mut self, json: &str) -> Result<i16, CalendarError> {
        if json.len() > MAX_BYTES {
            return Err(CalendarError::TooLarge);
        }
        let file: File =
            serde_json::from_str(json).map_err(|error| CalendarError::Json(error.to_string()))?;
        let mut read = Self::empty();
        for day in file.days {
            let date: Date = day
                .date
                .parse()
                .map_err(|_| CalendarError::Date(day.date.chars().take(40).collect()))?;
            match day.is_off_day {
                true => read.set_off(date, &day.name),
                false => read.set_working(date, &day.name),
            }
        }
        if read.special_days().next().is_some() {
            read.announce(file.year, &file.papers.join(" "));
            self.merge(&read);
        }
        Ok(file.year)
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
