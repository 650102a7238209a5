//! The calendar's own text form: short, for people to read and correct.

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::calendar::{Calendar, CalendarError, SpecialDay, days_between};

const MAX_LINES: usize = 100_000;
const MAX_RANGE_DAYS: i64 = 366;

impl Calendar {
    /// Reads the text form: `year 2026`, `source …`, `off 春节 2026-02-15..2026-02-23`,
    /// `work 春节 2026-02-14`; `#` begins a remark.
    pub fn from_text(text: &str) -> Result<Self, CalendarError> {
        let mut calendar = Self::empty();
        let mut year = None;
        for (index, line) in text.lines().enumerate() {
            if index >= MAX_LINES {
                return Err(CalendarError::TooLarge);
            }
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                calendar
                    .read_line(line, &mut year)
                    .map_err(|why| CalendarError::Line {
                        line: index + 1,
                        why,
                    })?;
            }
        }
        Ok(calendar)
    }

    fn read_line(&mut self, line: &str, year: &mut Option<i16>) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "year" => {
                let number = rest.parse().map_err(|_| format!("“{rest}”不是年份。"))?;
                *year = Some(number);
                self.announce(number, "");
                Ok(())
            }
            "source" => {
                let number = year.ok_or("来源之前应先有年份。")?;
                self.announce(number, rest);
                Ok(())
            }
            "off" | "work" => {
                let (name, dates) = rest.rsplit_once(' ').ok_or("应依次写名称和日期。")?;
                let name = name.trim().to_owned();
                let day = if word == "off" {
                    SpecialDay::Off { name }
                } else {
                    SpecialDay::Work { name }
                };
                self.read_days(dates, &day)
            }
            _ => Err(format!("不认识“{word}”，应为 year、source、off 或 work。")),
        }
    }

    fn read_days(&mut self, dates: &str, day: &SpecialDay) -> Result<(), String> {
        let (first, last) = dates.split_once("..").unwrap_or((dates, dates));
        let date = |text: &str| -> Result<Date, String> {
            text.parse()
                .map_err(|_| format!("“{text}”不是 YYYY-MM-DD 形式的日期。"))
        };
        let (first, last) = (date(first)?, date(last)?);
        if !(0..MAX_RANGE_DAYS).contains(&days_between(first, last)) {
            return Err("日期范围应从早到晚，且不超过一年。".to_owned());
        }
        let mut at = Some(first);
        while let Some(date) = at.filter(|date| *date <= last) {
            self.set(date, day.clone());
            at = date.tomorrow().ok();
        }
        Ok(())
    }

    /// Writes the text form; reading it gives the same calendar.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (year, source) in self.announced() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "year {year}");
            if !source.is_empty() {
                let _ = writeln!(text, "source {source}");
            }
        }
        let mut days = self.special_days().peekable();
        while let Some((first, day)) = days.next() {
            let mut last = first;
            while let Some((next, _)) =
                days.next_if(|(next, other)| *other == day && last.tomorrow().ok() == Some(*next))
            {
                last = next;
            }
            let (word, name) = match day {
                SpecialDay::Off { name } => ("off", name),
                SpecialDay::Work { name } => ("work", name),
            };
            let _ = match first == last {
                true => writeln!(text, "{word} {name} {first}"),
                false => writeln!(text, "{word} {name} {first}..{last}"),
            };
        }
        text
    }
}
