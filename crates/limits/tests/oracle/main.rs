//! Agreement with an outside calendar (PyPI `chinesecalendar`) for every day of 2004 to 2026.
//!
//! The Python that has the package is named by `TONGBAN_PYTHON` (default `python3`).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use jiff::civil::{Date, date};
use tongban_limits::{Calendar, ClockKind, LimitUnit, StatutoryClock};

const INSTALL: &str = "install it with: python3 -m venv .venv && .venv/bin/pip install chinesecalendar==1.11.0 && export TONGBAN_PYTHON=$PWD/.venv/bin/python";

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its tools by environment variables"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn python(script: &str) -> Vec<Vec<String>> {
    let python = variable("TONGBAN_PYTHON").unwrap_or_else(|| "python3".to_owned());
    let probe = Command::new(&python)
        .args(["-c", "import chinese_calendar"])
        .output();
    assert!(
        probe.is_ok_and(|output| output.status.success()),
        "chinesecalendar is missing; {INSTALL}"
    );
    let output = Command::new(&python)
        .args(["-c", script])
        .output()
        .expect("python runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("utf-8");
    text.lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

/// `date -> works` for every day the oracle knows.
fn oracle_days() -> BTreeMap<Date, bool> {
    let rows = python(
        "import datetime as d, chinese_calendar as c\nx=d.date(2004,1,1)\nwhile x.year<2027:\n print(x,int(c.is_workday(x)),sep='\\t'); x+=d.timedelta(1)",
    );
    assert_eq!(rows.len(), 8401, "days from 2004 to 2026");
    rows.iter()
        .map(|row| (day(&row[0]), row[1] == "1"))
        .collect()
}

#[test]
#[ignore = "needs PyPI chinesecalendar; run: .ci/run or cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn every_shipped_day_agrees() {
    let days = oracle_days();
    let shipped = days.range(date(2024, 1, 1)..);
    for (day, works) in shipped {
        assert_eq!(Calendar::shipped().is_working(*day), *works, "{day}");
    }
}

#[test]
#[ignore = "needs PyPI chinesecalendar; run: .ci/run or cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn older_years_agree_through_the_import() {
    // The oracle's lists of days off and make-up days, in the holiday-cn form, one file per year.
    let rows = python(
        "from chinese_calendar import constants as k\nfor x,n in k.holidays.items(): print(x,n,1,sep='\\t')\nfor x,n in k.workdays.items(): print(x,n,0,sep='\\t')",
    );
    let mut files: BTreeMap<i16, Vec<serde_json::Value>> = BTreeMap::new();
    for row in &rows {
        files
            .entry(day(&row[0]).year())
            .or_default()
            .push(serde_json::json!({"date": row[0], "name": row[1], "isOffDay": row[2] == "1"}));
    }
    let mut calendar = Calendar::empty();
    for (year, days) in files.range(..2024) {
        let file = serde_json::json!({"year": year, "days": days}).to_string();
        assert_eq!(calendar.import_holiday_cn(&file), Ok(*year));
    }
    calendar.merge(Calendar::shipped());
    for (day, works) in oracle_days() {
        assert_eq!(calendar.is_working(day), works, "{day}");
    }
}

#[test]
#[ignore = "needs PyPI chinesecalendar and ../shared; run: .ci/run or cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn holiday_cn_files_agree() {
    let shared = variable("TONGBAN_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("data/holidays/holiday-cn");
    if !folder.exists() {
        println!("skipped: ../shared is absent");
        return;
    }
    let mut calendar = Calendar::empty();
    for year in 2019..=2027 {
        let json = std::fs::read_to_string(folder.join(format!("{year}.json"))).expect("a file");
        assert_eq!(calendar.import_holiday_cn(&json), Ok(year));
    }
    assert!(calendar.is_announced(2026) && !calendar.is_announced(2027));
    for (day, works) in oracle_days().range(date(2019, 1, 1)..) {
        assert_eq!(calendar.is_working(*day), *works, "{day}");
    }
}

#[test]
#[ignore = "needs PyPI chinesecalendar; run: .ci/run or cargo nextest run --run-ignored all -E 'binary(oracle)'"]
fn due_dates_agree() {
    // From a day off, the oracle's find_workday counts the next working day as its day 0.
    let rows = python(
        "import datetime as d, chinese_calendar as c\nx=d.date(2024,1,1)\nwhile x<d.date(2026,9,1):\n for n in (1,3,5,10,20,45,60): print(x,n,c.find_workday(n if c.is_workday(x) else n-1,x),sep='\\t')\n x+=d.timedelta(1)",
    );
    assert!(rows.len() > 6_000);
    for row in &rows {
        let limit = row[1].parse().expect("a number");
        let (started, unit) = (day(&row[0]), LimitUnit::WorkingDays);
        let clock = StatutoryClock::with_limit(ClockKind::Promised, started, limit, unit);
        let due = clock.due(Calendar::shipped()).expect("within range");
        assert_eq!(due.date, day(&row[2]), "{row:?}");
        assert!(!due.provisional);
    }
}
