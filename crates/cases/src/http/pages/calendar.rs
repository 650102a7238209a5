//! `/admin/calendar`: a year of the working-day calendar, month by month, with its document and its history.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use jiff::civil::Date;
use tongban_kernel::{Error, Result};
use tongban_webkit::http::pairs;
use tongban_webkit::ui::{Fact, Facts, Tab, Tabs};
use tongban_webkit::{Ctx, Failure, Page, PageShell};

use crate::http::words::{moment, short_hash};
use crate::model::{CalendarChange, ChangedBy, DayState};
use crate::service::{CalendarDay, CalendarYear, YEARS, calendar_year};

/// One square of a month.
struct Square {
    /// Empty: before the first or behind the last day.
    number: String,
    class: &'static str,
    /// 休 or 班; empty for plain days.
    mark: String,
    /// Said to those who do not see the square.
    label: String,
    /// Empty: whoever looks may not change it.
    href: String,
}

struct Month {
    title: String,
    weeks: Vec<Vec<Square>>,
}

/// One festival with its days.
struct Festival {
    name: String,
    off: String,
    work: String,
}

pub(super) struct HistoryRow {
    n: u32,
    at: String,
    by_whom: String,
    operation: String,
    days: Vec<String>,
    source: String,
    reason: String,
    moved: String,
    leaf: String,
}

#[derive(Template)]
#[template(path = "calendar.html")]
struct CalendarPage<'a> {
    shell: &'a PageShell,
    year: i16,
    notice: String,
    tabs: Tabs,
    warnings: Vec<String>,
    facts: Facts,
    source: String,
    months: Vec<Month>,
    weekdays: Vec<String>,
    festivals: Vec<Festival>,
    history: Vec<HistoryRow>,
    may_change: bool,
}

/// 1 for Monday to 7 for Sunday.
pub(super) fn weekday(shell: &PageShell, date: Date) -> String {
    shell.t(&format!("cal-wd-{}", date.weekday().to_monday_one_offset()))
}

fn square(shell: &PageShell, day: &CalendarDay, today: Date, may_change: bool) -> Square {
    let (class, mark, state) = match (day.special, day.working) {
        (true, false) => ("off", shell.t("cal-mark-off"), shell.t("cal-off")),
        (true, true) => ("make-up", shell.t("cal-mark-work"), shell.t("cal-work")),
        (false, true) => ("", String::new(), shell.t("cal-plain-work")),
        (false, false) => ("rest", String::new(), shell.t("cal-plain-rest")),
    };
    let name = shell.zh(&day.name);
    let now = if day.date == today {
        shell.t("cal-today")
    } else {
        String::new()
    };
    let parts = [
        day.date.to_string(),
        weekday(shell, day.date),
        state,
        name,
        now,
    ];
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Square {
        number: day.date.day().to_string(),
        class,
        mark,
        label: said.join(" "),
        href: if may_change {
            format!("/admin/calendar/days/{}", day.date)
        } else {
            String::new()
        },
    }
}

fn months(shell: &PageShell, view: &CalendarYear, today: Date) -> Vec<Month> {
    let blank = || Square {
        number: String::new(),
        class: "",
        mark: String::new(),
        label: String::new(),
        href: String::new(),
    };
    (1..=12_i8)
        .map(|month| {
            let days: Vec<&CalendarDay> = view
                .days
                .iter()
                .filter(|day| day.date.month() == month)
                .collect();
            let lead = days
                .first()
                .map_or(0, |day| day.date.weekday().to_monday_zero_offset());
            let mut squares: Vec<Square> = (0..lead).map(|_| blank()).collect();
            squares.extend(
                days.iter()
                    .map(|day| square(shell, day, today, view.may_change)),
            );
            let mut weeks: Vec<Vec<Square>> = Vec::new();
            for square in squares {
                match weeks.last_mut().filter(|week| week.len() < 7) {
                    Some(week) => week.push(square),
                    None => weeks.push(vec![square]),
                }
            }
            if let Some(week) = weeks.last_mut() {
                week.resize_with(7, blank);
            }
            Month {
                title: shell.t2("cal-month", "year", i64::from(view.year), "month", month),
                weeks,
            }
        })
        .collect()
}

/// `02-15 至 02-23`, runs of days as one piece.
fn runs(shell: &PageShell, dates: &[Date]) -> String {
    let mut runs: Vec<(Date, Date)> = Vec::new();
    for date in dates {
        match runs.last_mut() {
            Some((_, last)) if last.tomorrow().ok() == Some(*date) => *last = *date,
            _ => runs.push((*date, *date)),
        }
    }
    let text = |date: &Date| date.strftime("%m-%d").to_string();
    let pieces: Vec<String> = runs
        .iter()
        .map(|(first, last)| {
            if first == last {
                text(first)
            } else {
                shell.t2("cal-run", "from", text(first), "to", text(last))
            }
        })
        .collect();
    pieces.join("、")
}

fn festivals(shell: &PageShell, days: &[CalendarDay]) -> Vec<Festival> {
    let mut names: Vec<&str> = Vec::new();
    for day in days.iter().filter(|day| day.special) {
        if !names.contains(&day.name.as_str()) {
            names.push(&day.name);
        }
    }
    let of = |name: &str, working: bool| -> Vec<Date> {
        days.iter()
            .filter(|day| day.special && day.name == name && day.working == working)
            .map(|day| day.date)
            .collect()
    };
    names
        .into_iter()
        .map(|name| Festival {
            name: shell.zh(name),
            off: runs(shell, &of(name, false)),
            work: runs(shell, &of(name, true)),
        })
        .collect()
}

/// `放假（春节）`.
pub(super) fn state_words(shell: &PageShell, state: &DayState) -> String {
    match state {
        DayState::Plain => shell.t("cal-plain"),
        DayState::Off { name } => shell.t1("cal-off-named", "name", shell.zh(name)),
        DayState::Work { name } => shell.t1("cal-work-named", "name", shell.zh(name)),
    }
}

fn history(shell: &PageShell, change: &CalendarChange) -> HistoryRow {
    const MOST: usize = 12;
    let mut days: Vec<String> = change
        .days
        .iter()
        .take(MOST)
        .map(|day| {
            let (from, to) = (
                state_words(shell, &day.before),
                state_words(shell, &day.after),
            );
            format!("{} {from} → {to}", day.date)
        })
        .collect();
    if change.days.len() > MOST {
        days.push(shell.t1("cal-more-days", "n", change.days.len() - MOST));
    }
    HistoryRow {
        n: change.n,
        at: moment(change.at),
        by_whom: shell.zh(&change.by_whom),
        operation: shell.t(match change.operation {
            ChangedBy::Day => "cal-by-day",
            ChangedBy::Import => "cal-by-import",
        }),
        days,
        source: shell.zh(&change.source),
        reason: shell.zh(&change.reason),
        moved: shell.t2(
            "cal-moved-short",
            "earlier",
            change.moved.earlier,
            "later",
            change.moved.later,
        ),
        leaf: short_hash(&change.leaf),
    }
}

/// Plain words about this year and the next where nothing is announced: the platform does not guess.
fn warnings(shell: &PageShell, announced: &[i16], today: Date, year: i16) -> Vec<String> {
    let mut years = vec![today.year(), today.year().saturating_add(1), year];
    years.dedup();
    years.sort_unstable();
    years.dedup();
    years
        .into_iter()
        .filter(|year| *year >= today.year() && !announced.contains(year))
        .map(|year| shell.t1("cal-not-announced", "year", i64::from(year)))
        .collect()
}

fn tabs(shell: &PageShell, view: &CalendarYear, today: Date) -> Tabs {
    let mut years: Vec<i16> = view.announced.clone();
    years.extend([today.year(), today.year().saturating_add(1), view.year]);
    years.sort_unstable();
    years.dedup();
    Tabs {
        label: shell.t("cal-years"),
        tabs: years
            .into_iter()
            .map(|year| Tab {
                text: if view.announced.contains(&year) {
                    year.to_string()
                } else {
                    shell.t1("cal-year-open", "year", i64::from(year))
                },
                href: format!("/admin/calendar?year={year}"),
                count: None,
                urgent: false,
                current: year == view.year,
            })
            .collect(),
    }
}

fn asked_year(query: &str, today: Date) -> Result<(i16, String), Error> {
    let fields = pairs(query.as_bytes(), 8).unwrap_or_default();
    let find = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let year = match find("year") {
        "" => today.year(),
        text => text
            .parse()
            .ok()
            .filter(|year| YEARS.contains(year))
            .ok_or_else(Error::not_found)?,
    };
    Ok((year, find("done").to_owned()))
}

/// `GET /admin/calendar?year=`.
pub(super) async fn show(
    ctx: Ctx,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let today = ctx.clock.today();
    let (year, done) = asked_year(&query.unwrap_or_default(), today)?;
    let view = calendar_year(&ctx, year).await?;
    let page = page
        .clone()
        .titled(page.shell().t1("cal-title-year", "year", i64::from(year)))
        .nav("calendar");
    let shell = page.shell();
    let fact = |key: &str, value: String| Fact {
        label: shell.t(key),
        before: String::new(),
        value,
        unit: shell.t("cal-day-unit"),
    };
    let count = |wanted: &dyn Fn(&CalendarDay) -> bool| {
        view.days
            .iter()
            .filter(|day| wanted(day))
            .count()
            .to_string()
    };
    let content = CalendarPage {
        shell,
        year,
        notice: if done.is_empty() {
            String::new()
        } else {
            shell.t("cal-done")
        },
        tabs: tabs(shell, &view, today),
        warnings: warnings(shell, &view.announced, today, year),
        facts: Facts {
            facts: vec![
                fact("cal-working-days", view.working_days.to_string()),
                fact("cal-off", count(&|day| day.special && !day.working)),
                fact("cal-work", count(&|day| day.special && day.working)),
            ],
        },
        source: view
            .source
            .as_deref()
            .map_or_else(String::new, |text| shell.zh(text)),
        months: months(shell, &view, today),
        weekdays: (1..=7).map(|n| shell.t(&format!("cal-wd-{n}"))).collect(),
        festivals: festivals(shell, &view.days),
        history: view
            .changes
            .iter()
            .map(|change| history(shell, change))
            .collect(),
        may_change: view.may_change,
    };
    Ok(page.staff_html(&content))
}
