use jiff::civil::{Date, date};
use tongban_limits::{Calendar, CalendarError, CalendarWarning, DayKind, YearStatus};

fn days_of(year: i16) -> impl Iterator<Item = Date> {
    date(year, 1, 1)
        .series(jiff::Span::new().days(1))
        .take_while(move |day| day.year() == year)
}

#[test]
fn shipped_years_have_the_announced_number_of_working_days() {
    let calendar = Calendar::shipped();
    for (year, expected) in [(2024, 251), (2025, 248), (2026, 248)] {
        let working = days_of(year)
            .filter(|day| calendar.is_working(*day))
            .count();
        assert_eq!(working, expected, "{year}");
        let source = match calendar.status(year) {
            YearStatus::Announced { source } => source,
            YearStatus::NotAnnounced => panic!("{year} is not announced"),
        };
        assert!(
            source.contains(&year.to_string()) && source.contains("gov.cn"),
            "{source}"
        );
    }
}

#[test]
fn kinds_of_days() {
    let calendar = Calendar::shipped();
    for (day, kind) in [
        (date(2026, 2, 13), DayKind::Working),
        (date(2026, 2, 14), DayKind::MakeUpWorking("春节")),
        (date(2026, 2, 16), DayKind::Holiday("春节")),
        (date(2026, 2, 22), DayKind::Holiday("春节")),
        (date(2026, 3, 7), DayKind::Weekend),
        (date(2024, 6, 10), DayKind::Holiday("端午节")),
    ] {
        assert_eq!(calendar.day_kind(day), kind, "{day}");
        assert_eq!(calendar.is_working(day), kind.is_working(), "{day}");
    }
}

#[test]
fn a_year_not_announced_is_provisional_and_guesses_no_moving_festival() {
    let calendar = Calendar::shipped();
    assert_eq!(calendar.status(2027), YearStatus::NotAnnounced);
    // 2027-02-06 would be the spring festival: a Saturday here, and the Monday after it works.
    for (day, kind) in [
        (date(2027, 1, 1), DayKind::Holiday("元旦")),
        (date(2027, 2, 8), DayKind::Working),
        (date(2027, 5, 1), DayKind::Holiday("劳动节")),
        (date(2027, 5, 3), DayKind::Working),
        (date(2027, 10, 1), DayKind::Holiday("国庆节")),
        (date(2027, 10, 4), DayKind::Working),
    ] {
        assert_eq!(calendar.day_kind(day), kind, "{day}");
    }
    let warnings = calendar.warnings(date(2026, 12, 1), date(2028, 1, 1));
    assert_eq!(
        warnings,
        [
            CalendarWarning::YearNotAnnounced(2027),
            CalendarWarning::YearNotAnnounced(2028)
        ]
    );
    assert!(
        warnings[0]
            .to_string()
            .contains("2027 年的节假日安排尚未公布")
    );
    assert_eq!(calendar.warnings(date(2024, 1, 1), date(2026, 12, 31)), []);
}

#[test]
fn the_holiday_cn_form_is_read_and_written() {
    let json = r#"{"year": 2019, "papers": ["https://example.org/2019"], "days": [
        {"name": "元旦", "date": "2018-12-29", "isOffDay": false},
        {"name": "元旦", "date": "2018-12-31", "isOffDay": true},
        {"name": "元旦", "date": "2019-01-01", "isOffDay": true}]}"#;
    let mut calendar = Calendar::empty();
    assert_eq!(calendar.import_holiday_cn(json), Ok(2019));
    assert_eq!(
        calendar.day_kind(date(2018, 12, 29)),
        DayKind::MakeUpWorking("元旦")
    );
    assert!(!calendar.is_working(date(2018, 12, 31)) && !calendar.is_working(date(2019, 1, 1)));
    assert!(calendar.is_announced(2019) && !calendar.is_announced(2018));
    let written = Calendar::shipped().export_holiday_cn(2026);
    let mut again = Calendar::empty();
    again.import_holiday_cn(&written).unwrap();
    for day in days_of(2026) {
        assert_eq!(again.day_kind(day), Calendar::shipped().day_kind(day));
    }
}

#[test]
fn an_empty_file_announces_nothing() {
    let mut calendar = Calendar::shipped().clone();
    assert_eq!(
        calendar.import_holiday_cn(r#"{"year": 2027, "days": []}"#),
        Ok(2027)
    );
    assert_eq!(&calendar, Calendar::shipped());
    for (json, code) in [
        ("{}", "json"),
        (
            r#"{"year": 2027, "days": [{"name": "", "date": "2027-13-01", "isOffDay": true}]}"#,
            "date",
        ),
        (r#"{"year": 20270, "days": []}"#, "year"),
        (r#"{"year": 1999, "days": []}"#, "year"),
        (
            r#"{"year": 2027, "days": [{"name": "元旦", "date": "2025-01-01", "isOffDay": true}]}"#,
            "other_year",
        ),
        (
            r#"{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true},
                {"name": "元旦", "date": "2027-01-01", "isOffDay": false}]}"#,
            "twice",
        ),
    ] {
        assert_eq!(calendar.import_holiday_cn(json).unwrap_err().code(), code);
    }
}

#[test]
fn an_administrator_edits_the_calendar() {
    let mut calendar = Calendar::shipped().clone();
    calendar.set_off(date(2026, 3, 3), "三月三");
    assert_eq!(
        calendar.day_kind(date(2026, 3, 3)),
        DayKind::Holiday("三月三")
    );
    assert!(!calendar.is_working(date(2026, 3, 3)));
    calendar.set_working(date(2026, 3, 7), "");
    assert_eq!(
        calendar.day_kind(date(2026, 3, 7)),
        DayKind::MakeUpWorking("调休")
    );
    calendar.clear(date(2026, 3, 3));
    calendar.clear(date(2026, 3, 7));
    assert_eq!(&calendar, Calendar::shipped());
    calendar.announce(2027, "试行");
    assert!(
        calendar.is_working(date(2027, 1, 1)),
        "announced: only what is listed is off"
    );
    calendar.remove_year(2027);
    assert_eq!(&calendar, Calendar::shipped());
    let mut merged = Calendar::empty();
    merged.set_working(date(2026, 1, 1), "值班");
    merged.merge(Calendar::shipped());
    assert_eq!(&merged, Calendar::shipped(), "the one merged in wins");
}

#[test]
fn the_text_form_is_read_and_written() {
    let text = Calendar::shipped().to_text();
    assert!(text.contains("off 春节 2026-02-15..2026-02-23\n"), "{text}");
    assert_eq!(&Calendar::from_text(&text).unwrap(), Calendar::shipped());
    for (text, says) in [
        ("yaer 2026", "第 1 行"),
        ("year 2026\nsource x\noff 春节", "第 3 行"),
        ("off 春节 2026-02-30", "2026-02-30"),
        ("off 春节 2026-02-23..2026-02-15", "从早到晚"),
        ("off 春节 2026-02-23..2036-02-15", "不超过一年"),
        ("source x", "年份"),
    ] {
        let error = Calendar::from_text(text).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn counting_ends_at_the_edge_of_time_without_panic() {
    let calendar = Calendar::shipped();
    let out = Err(CalendarError::OutOfRange);
    assert_eq!(calendar.nth_working_day(Date::MAX, 1), out);
    assert_eq!(calendar.nth_working_day(date(2026, 1, 1), u32::MAX), out);
    assert_eq!(calendar.nth_working_day_before(Date::MIN, 1), out);
    assert_eq!(
        calendar.working_days_between(date(2026, 1, 2), date(2026, 1, 1)),
        0
    );
    assert!(calendar.working_days_between(Date::MIN, Date::MAX) > 5_000_000);
}
