use jiff::civil::{Date, DateTime, date};
use proptest::prelude::*;
use tongban_limits::*;

fn day() -> impl Strategy<Value = Date> {
    (0..365 * 5).prop_map(|n| {
        date(2023, 1, 1)
            .checked_add(jiff::Span::new().days(n))
            .unwrap()
    })
}

fn suspension(start: Date) -> impl Strategy<Value = Suspension> {
    (
        0..60i64,
        0..40i64,
        proptest::option::of(0..30u32),
        any::<bool>(),
    )
        .prop_map(move |(after, length, announced_days, open)| {
            let plus = |day: Date, n| day.checked_add(jiff::Span::new().days(n)).unwrap();
            let from = plus(start, after);
            let to = (!open).then(|| plus(from, length));
            Suspension {
                reason: SuspensionReason::Testing,
                from,
                to,
                announced_days,
            }
        })
}

fn clock() -> impl Strategy<Value = StatutoryClock> {
    day().prop_flat_map(|start| {
        (
            0..90u32,
            any::<bool>(),
            proptest::collection::vec(suspension(start), 0..4),
        )
            .prop_map(move |(limit, natural, suspensions)| {
                let unit = if natural {
                    LimitUnit::NaturalDays
                } else {
                    LimitUnit::WorkingDays
                };
                let clock = StatutoryClock::with_limit(ClockKind::Internal, start, limit, unit);
                StatutoryClock {
                    suspensions,
                    ..clock
                }
            })
    })
}

fn moment() -> impl Strategy<Value = DateTime> {
    (day(), 0..24i8, 0..60i8).prop_map(|(day, hour, minute)| day.at(hour, minute, 0, 0))
}

proptest! {
    #[test]
    fn due_is_a_working_day(clock in clock()) {
        let due = clock.due(Calendar::shipped()).unwrap();
        prop_assert!(Calendar::shipped().is_working(due.date));
        prop_assert!(due.date >= clock.started_on);
        let unsure = (clock.started_on.year()..=due.date.year()).any(|y| !(2024..=2026).contains(&y));
        prop_assert_eq!(unsure, !due.warnings.is_empty());
    }

    #[test]
    fn a_suspension_never_makes_it_earlier(
        (clock, more) in clock().prop_flat_map(|c| { let s = suspension(c.started_on); (Just(c), s) })
    ) {
        let calendar = Calendar::shipped();
        let before = clock.due(calendar).unwrap().date;
        let after = clock.suspend(more).unwrap().due(calendar).unwrap().date;
        prop_assert!(after >= before, "{before} became {after}");
    }

    #[test]
    fn the_explanation_counts_the_limit(clock in clock()) {
        let calendar = Calendar::shipped();
        let lines = clock.explain(calendar).unwrap();
        let numbers: Vec<u32> = lines.iter().filter_map(|line| line.n).collect();
        prop_assert_eq!(numbers, (1..=clock.limit).collect::<Vec<_>>());
        prop_assert!(lines.iter().all(|line| line.counted == line.n.is_some()));
        let last = lines.last().unwrap();
        prop_assert!(last.due && lines.iter().filter(|line| line.due).count() == 1);
        prop_assert_eq!(last.date, clock.due(calendar).unwrap().date);
        let days: Vec<Date> = lines.iter().map(|line| line.date).collect();
        prop_assert!(days.windows(2).all(|pair| pair[0].tomorrow().unwrap() == pair[1]), "no day left out");
    }

    #[test]
    fn counting_agrees_with_counting_day_by_day(clock in clock(), today in day()) {
        // Closed suspensions only: what lasts depends on the day one asks.
        let mut clock = clock;
        clock.suspensions.retain(|s| s.to.is_some());
        let calendar = Calendar::shipped();
        let inside = |day: Date| clock.suspensions.iter().any(|s| s.from < day && day < s.to.unwrap());
        let counts = |day: Date| {
            (clock.unit == LimitUnit::NaturalDays || calendar.is_working(day)) && !inside(day)
        };
        let mut slow = 0;
        let mut at = clock.started_on;
        while at < today {
            at = at.tomorrow().unwrap();
            slow += u32::from(counts(at));
        }
        prop_assert_eq!(clock.elapsed(calendar, today), slow);
        let due = clock.due(calendar).unwrap().date;
        let remaining = clock.remaining(calendar, today).unwrap();
        // A day that is not counted after the due date does not make a case overdue.
        prop_assert_eq!(remaining < 0, today > due && clock.elapsed(calendar, today) > clock.elapsed(calendar, due));
    }

    #[test]
    fn nth_and_count_are_inverse(from in day(), n in 1..600u32) {
        let calendar = Calendar::shipped();
        let end = calendar.nth_working_day(from, n).unwrap();
        prop_assert_eq!(calendar.working_days_between(from, end), n);
        prop_assert!(calendar.is_working(end));
        let eve = end.yesterday().unwrap();
        prop_assert_eq!(calendar.working_days_between(from, eve), n - 1);
        let back = calendar.nth_working_day_before(end, n).unwrap();
        prop_assert_eq!(calendar.working_days_between(back, end), n);
        prop_assert!(back <= calendar.nth_working_day(from, 1).unwrap());
    }

    #[test]
    fn minutes_added_are_minutes_found(from in moment(), minutes in 0..5000u32) {
        let (calendar, hours) = (Calendar::shipped(), OfficeHours::default());
        let end = hours.add_minutes(calendar, from, minutes).unwrap();
        prop_assert!(end >= from);
        prop_assert_eq!(hours.minutes_between(calendar, from, end), u64::from(minutes));
    }

    #[test]
    fn edits_survive_the_text_form(
        edits in proptest::collection::vec((day(), any::<bool>(), "\\PC{0,8}"), 0..30),
        sources in proptest::collection::vec((2020..2030i16, "\\PC{0,20}"), 0..4),
    ) {
        let mut calendar = Calendar::empty();
        for (day, off, name) in &edits {
            if *off { calendar.set_off(*day, name) } else { calendar.set_working(*day, name) }
        }
        for (year, source) in &sources {
            calendar.announce(*year, source);
        }
        prop_assert_eq!(Calendar::from_text(&calendar.to_text()).unwrap(), calendar);
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = Calendar::from_text(&text);
        let _ = Calendar::empty().import_holiday_cn(&text);
        let _ = text.parse::<Timer>();
    }

    #[test]
    fn no_date_panics(
        year in -9999..=9999i16, limit in any::<u32>(), length in 0..400i32, natural in any::<bool>(),
    ) {
        let calendar = Calendar::shipped();
        let start = date(year, 12, 31);
        let unit = if natural { LimitUnit::NaturalDays } else { LimitUnit::WorkingDays };
        let to = start.checked_add(jiff::Span::new().days(length)).ok();
        let open = Suspension { reason: SuspensionReason::Hearing, from: start, to, announced_days: Some(limit) };
        let limit = limit % (MAX_LIMIT_DAYS * 2);
        let mut clock = StatutoryClock::with_limit(ClockKind::Promised, start, limit, unit);
        let _ = clock.due(calendar);
        clock.suspensions.push(open);
        let _ = (clock.due(calendar), clock.elapsed(calendar, Date::MAX), clock.status(Date::MIN));
        let _ = clock.remaining(calendar, Date::MAX);
        let _ = law::Renewal::of(start, limit, calendar);
        let _ = Timer::WorkingDays(limit).fire(jiff::Timestamp::MAX, calendar, &OfficeHours::default());
    }
}
