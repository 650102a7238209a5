use jiff::civil::{DateTime, date, time};
use tongban_limits::*;

fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

#[test]
fn minutes_of_opening() {
    let (calendar, hours) = (Calendar::shipped(), OfficeHours::default());
    assert_eq!(hours.seconds_per_day(), 6 * 3600 + 1800);
    for (from, minutes, expected) in [
        ("2026-03-02T09:00", 60, "2026-03-02T10:00"),
        ("2026-03-02T11:30", 60, "2026-03-02T14:00"),
        ("2026-03-02T11:30", 30, "2026-03-02T12:00"),
        ("2026-03-02T16:30", 60, "2026-03-03T09:30"),
        ("2026-03-02T16:30", 30, "2026-03-02T17:00"),
        ("2026-03-02T12:30", 0, "2026-03-02T13:30"),
        ("2026-03-06T16:00", 120, "2026-03-09T10:00"),
        ("2026-03-06T22:00", 390, "2026-03-09T17:00"),
        ("2026-03-06T22:00", 391, "2026-03-10T09:01"),
        // Friday before the spring festival: the Saturday is worked, then nine days off.
        ("2026-02-13T16:59", 392, "2026-02-24T09:01"),
        ("2026-03-02T09:00:30", 1, "2026-03-02T09:01:30"),
    ] {
        let end = hours.add_minutes(calendar, at(from), minutes).unwrap();
        assert_eq!(end, at(expected), "{from} + {minutes}");
        assert_eq!(
            hours.minutes_between(calendar, at(from), end),
            u64::from(minutes),
            "{from}"
        );
    }
    assert_eq!(
        hours.minutes_between(calendar, at("2026-03-03T09:00"), at("2026-03-02T09:00")),
        0
    );
    assert_eq!(
        hours.minutes_between(calendar, at("2026-02-15T09:00"), at("2026-02-23T18:00")),
        0
    );
}

#[test]
fn open_and_closed() {
    let (calendar, hours) = (Calendar::shipped(), OfficeHours::default());
    for (when, open) in [
        ("2026-03-02T08:59", false),
        ("2026-03-02T09:00", true),
        ("2026-03-02T12:00", false),
        ("2026-03-02T16:59:59", true),
        ("2026-03-02T17:00", false),
        ("2026-03-01T10:00", false),
        ("2026-02-28T10:00", true),
    ] {
        assert_eq!(hours.is_open(calendar, at(when)), open, "{when}");
    }
}

#[test]
fn office_hours_are_checked() {
    let session = |open, close| Session {
        open: time(open, 0, 0, 0),
        close: time(close, 0, 0, 0),
    };
    assert_eq!(OfficeHours::try_from(vec![]), Err(OfficeHoursError::Count));
    for sessions in [vec![session(12, 9)], vec![session(9, 12), session(11, 17)]] {
        assert_eq!(
            OfficeHours::try_from(sessions),
            Err(OfficeHoursError::Order)
        );
    }
    let json = serde_json::to_string(&OfficeHours::default()).unwrap();
    assert_eq!(
        serde_json::from_str::<OfficeHours>(&json).unwrap(),
        OfficeHours::default()
    );
}

#[test]
fn timers() {
    let (calendar, hours) = (Calendar::shipped(), OfficeHours::default());
    for (timer, from, expected) in [
        ("5wd", "2026-02-13T10:00", "2026-02-27T17:00"),
        ("0wd", "2026-03-02T10:00", "2026-03-02T17:00"),
        ("0wd", "2026-03-02T18:00", "2026-03-02T18:00"),
        ("8wh", "2026-03-02T10:00", "2026-03-03T11:30"),
        ("90wm", "2026-03-02T11:30", "2026-03-02T14:30"),
        ("5d", "2026-03-02T10:00", "2026-03-09T17:00"),
    ] {
        let timer: Timer = timer.parse().unwrap();
        let fire = timer
            .fire(from_local(at(from)).unwrap(), calendar, &hours)
            .unwrap();
        assert_eq!(to_local(fire.at), at(expected), "{timer} from {from}");
        assert_eq!(fire.warnings, []);
        assert_eq!(timer.to_string().parse::<Timer>(), Ok(timer));
    }
    let late = from_local(at("2026-12-30T10:00")).unwrap();
    let fire = Timer::WorkingDays(5).fire(late, calendar, &hours).unwrap();
    assert_eq!(fire.warnings, [CalendarWarning::YearNotAnnounced(2027)]);
    for (text, code) in [
        ("", "form"),
        ("5", "form"),
        ("5 days", "form"),
        ("-5wd", "form"),
        ("wd", "form"),
        ("9999999999wd", "too_long"),
        ("999999999wh", "too_long"),
    ] {
        assert_eq!(text.parse::<Timer>().unwrap_err().code(), code, "{text}");
    }
}

#[test]
fn shanghai_is_eight_hours_ahead() {
    let midnight = from_local(at("2026-03-02T00:00")).unwrap();
    assert_eq!(midnight.to_string(), "2026-03-01T16:00:00Z");
    assert_eq!(to_local(midnight).date(), date(2026, 3, 2));
}

#[test]
fn what_comes_after_closing() {
    let (calendar, hours) = (Calendar::shipped(), OfficeHours::default());
    let day = |when, published| hours.receipt_day(calendar, at(when), published).unwrap();
    assert_eq!(day("2026-03-06T18:00", false), date(2026, 3, 6));
    assert_eq!(day("2026-03-06T18:00", true), date(2026, 3, 9));
    assert_eq!(day("2026-03-06T16:59", true), date(2026, 3, 6));
    assert_eq!(day("2026-03-07T10:00", true), date(2026, 3, 9));
}
