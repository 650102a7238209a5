use jiff::civil::{Date, date};
use tongban_limits::*;

fn working(kind: ClockKind, started: Date, days: u32) -> StatutoryClock {
    StatutoryClock::with_limit(kind, started, days, LimitUnit::WorkingDays)
}

fn promised(started: Date, days: u32) -> StatutoryClock {
    working(ClockKind::Promised, started, days)
}

fn due(clock: &StatutoryClock) -> Date {
    clock.due(Calendar::shipped()).unwrap().date
}

#[test]
fn due_dates_counted_by_hand() {
    for (accepted, days, expected) in [
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-02-13", 20, "2026-03-19"),
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2025-01-24", 5, "2025-02-07"),
        ("2025-04-25", 3, "2025-04-29"),
        ("2024-09-27", 10, "2024-10-16"),
        ("2026-04-30", 20, "2026-06-01"),
        ("2026-01-04", 1, "2026-01-05"),
        ("2025-09-30", 1, "2025-10-09"),
        ("2026-11-20", 20, "2026-12-18"),
        // 即办件: the same day, or the next working day for what comes in on a day off.
        ("2026-03-02", 0, "2026-03-02"),
        ("2026-02-16", 0, "2026-02-24"),
    ] {
        let due = promised(accepted.parse().unwrap(), days)
            .due(Calendar::shipped())
            .unwrap();
        assert_eq!(due.date.to_string(), expected, "{accepted} + {days}");
        assert!(!due.provisional && due.warnings.is_empty());
    }
}

#[test]
fn a_date_in_a_year_not_announced_is_provisional() {
    let due = promised(date(2026, 12, 25), 10)
        .due(Calendar::shipped())
        .unwrap();
    // 28–31 Dec are four days; 1 Jan is 元旦; 4–8 Jan and 11 Jan are the rest.
    assert_eq!(due.date, date(2027, 1, 11));
    assert!(due.provisional);
    assert_eq!(due.warnings, [CalendarWarning::YearNotAnnounced(2027)]);
}

#[test]
fn natural_days_roll_forward_from_a_day_off() {
    let natural = |started, days| {
        StatutoryClock::with_limit(ClockKind::Internal, started, days, LimitUnit::NaturalDays)
    };
    assert_eq!(due(&natural(date(2026, 3, 2), 10)), date(2026, 3, 12));
    // Ends on Saturday 7 March.
    assert_eq!(due(&natural(date(2026, 3, 2), 5)), date(2026, 3, 9));
    // Ends on Saturday 14 February, which is worked.
    assert_eq!(due(&natural(date(2026, 2, 4), 10)), date(2026, 2, 14));
    // Ends within the spring festival.
    let clock = natural(date(2026, 2, 6), 10);
    assert_eq!(due(&clock), date(2026, 2, 24));
    assert_eq!(
        clock.remaining(Calendar::shipped(), date(2026, 2, 20)),
        Ok(0)
    );
    assert_eq!(
        clock.remaining(Calendar::shipped(), date(2026, 2, 26)),
        Ok(-2)
    );
}

#[test]
fn a_working_day_wholly_inside_a_suspension_is_not_counted() {
    let start = date(2026, 3, 2);
    let clock = promised(start, 5);
    assert_eq!(due(&clock), date(2026, 3, 9));
    let suspend = |from, to| {
        let suspension = Suspension::closed(SuspensionReason::ExpertReview, from, to);
        promised(start, 5).suspend(suspension).unwrap()
    };
    // Begins on the 3rd, ends on the 6th: the 4th and 5th are wholly inside.
    assert_eq!(
        due(&suspend(date(2026, 3, 3), date(2026, 3, 6))),
        date(2026, 3, 11)
    );
    // Begun and ended on neighbouring days: no day is wholly inside.
    assert_eq!(
        due(&suspend(date(2026, 3, 3), date(2026, 3, 4))),
        date(2026, 3, 9)
    );
    // Over a weekend only the working days move the date.
    assert_eq!(
        due(&suspend(date(2026, 3, 5), date(2026, 3, 10))),
        date(2026, 3, 11)
    );
    let clock = suspend(date(2026, 3, 3), date(2026, 3, 6));
    let calendar = Calendar::shipped();
    let elapsed: Vec<u32> = (2..=12)
        .map(|day| clock.elapsed(calendar, date(2026, 3, day)))
        .collect();
    assert_eq!(elapsed, [0, 1, 1, 1, 2, 2, 2, 3, 4, 5, 6]);
    assert_eq!(clock.remaining(calendar, date(2026, 3, 11)), Ok(0));
    assert_eq!(clock.remaining(calendar, date(2026, 3, 12)), Ok(-1));
}

#[test]
fn overlapping_suspensions_count_once() {
    let clock = promised(date(2026, 3, 2), 10)
        .suspend(Suspension::closed(
            SuspensionReason::Testing,
            date(2026, 3, 5),
            date(2026, 3, 12),
        ))
        .unwrap()
        .suspend(Suspension::closed(
            SuspensionReason::Hearing,
            date(2026, 3, 3),
            date(2026, 3, 10),
        ))
        .unwrap();
    // The 4th to the 11th are inside one or the other: six working days.
    assert_eq!(due(&clock), date(2026, 3, 24));
    assert_eq!(clock.elapsed(Calendar::shipped(), date(2026, 3, 24)), 10);
}

#[test]
fn a_suspension_that_lasts() {
    let calendar = Calendar::shipped();
    let open = Suspension::open(SuspensionReason::ExpertReview, date(2026, 3, 3), None);
    let clock = promised(date(2026, 3, 2), 5).suspend(open).unwrap();
    let first = clock.due(calendar).unwrap();
    assert!(first.suspended && first.provisional);
    assert_eq!(
        first.date,
        date(2026, 3, 9),
        "without an announced length nothing moves yet"
    );
    assert_eq!(
        clock.due_as_of(calendar, date(2026, 3, 5)).unwrap().date,
        date(2026, 3, 11)
    );
    assert_eq!(
        clock.elapsed(calendar, date(2026, 3, 20)),
        1,
        "it stands still"
    );
    assert_eq!(
        clock.status(date(2026, 3, 20)),
        ClockStatus::Suspended {
            reason: "专家评审".to_owned(),
            basis: "行政许可法 第四十五条".to_owned(),
            since: date(2026, 3, 3),
        }
    );
    assert_eq!(clock.status(date(2026, 3, 2)), ClockStatus::Running);
    let resumed = clock.resume(date(2026, 3, 6)).unwrap();
    assert_eq!(due(&resumed), date(2026, 3, 11));
    assert_eq!(resumed.status(date(2026, 3, 6)), ClockStatus::Running);
    assert_eq!(
        resumed.clone().resume(date(2026, 3, 9)),
        Err(ClockError::NotSuspended)
    );
}

#[test]
fn an_announced_length_moves_the_date_at_once() {
    let open = Suspension::open(SuspensionReason::ExpertReview, date(2026, 3, 3), Some(15));
    let clock = promised(date(2026, 3, 2), 5).suspend(open.clone()).unwrap();
    // The 15th working day after 3 March is the 24th; 14 working days lie wholly inside.
    assert_eq!(due(&clock), date(2026, 3, 27));
    assert_eq!(open.overrun_days(Calendar::shipped(), date(2026, 3, 24)), 0);
    assert_eq!(open.overrun_days(Calendar::shipped(), date(2026, 3, 26)), 2);
}

#[test]
fn extensions_keep_to_the_law() {
    let calendar = Calendar::shipped();
    let extension = |days, approved_on| Extension {
        days,
        approved_on,
        reason: "案情复杂".to_owned(),
    };
    let clock = || StatutoryClock::new(ClockKind::Decision, date(2026, 3, 2)).unwrap();
    let in_time = date(2026, 3, 20);
    assert_eq!(due(&clock()), date(2026, 3, 30));
    let extended = clock().extend(extension(10, in_time), calendar).unwrap();
    assert_eq!(
        (extended.total_days(), due(&extended)),
        (30, date(2026, 4, 14))
    );
    for (result, code) in [
        (
            clock().extend(extension(11, in_time), calendar),
            "extension_too_long",
        ),
        (
            clock().extend(extension(0, in_time), calendar),
            "extension_empty",
        ),
        (
            clock().extend(extension(10, date(2026, 3, 31)), calendar),
            "extension_late",
        ),
        (
            clock().extend(extension(10, date(2026, 3, 1)), calendar),
            "before_start",
        ),
        (
            extended.extend(extension(1, in_time), calendar),
            "already_extended",
        ),
        (
            promised(date(2026, 3, 2), 9).extend(extension(1, in_time), calendar),
            "not_extendable",
        ),
        (
            clock()
                .stop(in_time)
                .unwrap()
                .extend(extension(1, in_time), calendar),
            "stopped",
        ),
    ] {
        assert_eq!(result.unwrap_err().code(), code);
    }
    let message = clock()
        .extend(extension(11, in_time), calendar)
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "最多只能延长 10 日（行政许可法 第四十二条第一款）。"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let start = date(2026, 3, 2);
    let reason = || SuspensionReason::Testing;
    let backwards = Suspension::closed(reason(), date(2026, 3, 6), date(2026, 3, 5));
    assert_eq!(
        promised(start, 5).suspend(backwards),
        Err(ClockError::SuspensionReversed)
    );
    let early = Suspension::open(reason(), date(2026, 3, 1), None);
    assert_eq!(
        promised(start, 5).suspend(early),
        Err(ClockError::BeforeStart(start))
    );
    let name = "现场勘验".to_owned();
    let other = SuspensionReason::Other {
        name,
        basis: String::new(),
    };
    let no_basis = Suspension::open(other, start, None);
    assert_eq!(
        promised(start, 5).suspend(no_basis),
        Err(ClockError::SuspensionWithoutBasis)
    );
    assert_eq!(
        promised(start, 5).stop(date(2026, 3, 1)),
        Err(ClockError::BeforeStart(start))
    );
    assert_eq!(
        StatutoryClock::new(ClockKind::Promised, start)
            .unwrap_err()
            .code(),
        "limit_needed"
    );
    let endless = promised(start, MAX_LIMIT_DAYS + 1).due(Calendar::shipped());
    assert_eq!(endless, Err(ClockError::LimitTooLong(MAX_LIMIT_DAYS + 1)));
    let mut stored = promised(start, 5);
    stored
        .suspensions
        .push(Suspension::closed(reason(), start, date(9999, 1, 1)));
    assert_eq!(
        stored.due(Calendar::shipped()).unwrap_err().code(),
        "out_of_range"
    );
}

#[test]
fn a_stopped_clock_stands() {
    let calendar = Calendar::shipped();
    let clock = promised(date(2026, 3, 2), 5)
        .stop(date(2026, 3, 5))
        .unwrap();
    assert_eq!(clock.elapsed(calendar, date(2026, 6, 1)), 3);
    assert_eq!(clock.remaining(calendar, date(2026, 6, 1)), Ok(2));
    assert_eq!(clock.status(date(2026, 3, 4)), ClockStatus::Running);
    assert_eq!(
        clock.status(date(2026, 3, 5)),
        ClockStatus::Stopped {
            on: date(2026, 3, 5)
        }
    );
    assert_eq!(
        clock.clone().stop(date(2026, 3, 6)),
        Err(ClockError::Stopped)
    );
}

#[test]
fn lights() {
    let (calendar, thresholds) = (Calendar::shipped(), Thresholds::default());
    let light = |clock: &StatutoryClock, day: i8| {
        clock
            .light(calendar, date(2026, 3, day), &thresholds)
            .unwrap()
    };
    // Promise of 10 days from 2 March: due on the 16th; 20 percent left on the 12th.
    let promise = promised(date(2026, 3, 2), 10);
    let seen: Vec<Light> = [11, 12, 16, 17, 23, 24]
        .map(|day| light(&promise, day))
        .to_vec();
    use Light::{Normal, Notice, Red, Yellow};
    assert_eq!(seen, [Normal, Notice, Notice, Yellow, Yellow, Red]);
    // The law's limit is red on the first day.
    let law = working(ClockKind::ItemStatutory, date(2026, 3, 2), 10);
    assert_eq!((light(&law, 16), light(&law, 17)), (Notice, Red));
    assert_eq!(
        case_light([&promise, &law], calendar, date(2026, 3, 17), &thresholds),
        Ok(Red)
    );
    // Done in time is calm for ever, done late stays marked.
    assert_eq!(
        light(&promise.clone().stop(date(2026, 3, 16)).unwrap(), 30),
        Normal
    );
    assert_eq!(
        light(&promise.clone().stop(date(2026, 3, 17)).unwrap(), 30),
        Yellow
    );
    let open = Suspension::open(SuspensionReason::Appraisal, date(2026, 3, 12), None);
    assert_eq!(light(&promise.suspend(open).unwrap(), 30), Normal);
    assert!(Light::Red > Light::Yellow && Light::Yellow > Light::Notice);
}

#[test]
fn clocks_are_stored_as_json() {
    let clock = StatutoryClock::new(ClockKind::Decision, date(2026, 3, 2))
        .unwrap()
        .suspend(Suspension::open(
            SuspensionReason::Hearing,
            date(2026, 3, 3),
            Some(20),
        ))
        .unwrap();
    let json = serde_json::to_string(&clock).unwrap();
    assert_eq!(
        serde_json::from_str::<StatutoryClock>(&json).unwrap(),
        clock
    );
    let short = r#"{"kind":"delivery","started_on":"2026-03-02","limit":10,"unit":"working_days"}"#;
    let clock: StatutoryClock = serde_json::from_str(short).unwrap();
    assert_eq!(
        clock,
        StatutoryClock::new(ClockKind::Delivery, date(2026, 3, 2)).unwrap()
    );
}
