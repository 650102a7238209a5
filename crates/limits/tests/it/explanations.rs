use jiff::civil::date;
use tongban_limits::*;

fn texts(clock: &StatutoryClock) -> Vec<String> {
    clock
        .explain(Calendar::shipped())
        .unwrap()
        .iter()
        .map(DayLine::text)
        .collect()
}

#[test]
fn across_the_spring_festival() {
    let clock = StatutoryClock::new(ClockKind::SupplementNotice, date(2026, 2, 13)).unwrap();
    let lines = texts(&clock);
    assert_eq!(lines.len(), 15);
    assert_eq!(
        lines[0],
        "2026-02-13（周五）不计：“告知补正”开始计时，当日不计入（民法典 第二百零一条）"
    );
    assert_eq!(
        lines[1],
        "2026-02-14（周六）第 1 日：春节调休上班，计入（行政许可法 第八十二条）"
    );
    assert_eq!(
        lines[2],
        "2026-02-15（周日）不计：春节放假，不计入（行政许可法 第八十二条）"
    );
    assert_eq!(
        lines[11],
        "2026-02-24（周二）第 2 日：工作日，计入（行政许可法 第八十二条）"
    );
    assert_eq!(
        lines[14],
        "2026-02-27（周五）第 5 日：工作日，计入，期限届满（行政许可法 第八十二条）"
    );
}

#[test]
fn a_suspension_names_its_article() {
    let clock = StatutoryClock::new(ClockKind::Decision, date(2026, 3, 2))
        .unwrap()
        .suspend(Suspension::closed(
            SuspensionReason::Testing,
            date(2026, 3, 3),
            date(2026, 3, 6),
        ))
        .unwrap();
    let lines = clock.explain(Calendar::shipped()).unwrap();
    assert_eq!(lines[1].n, Some(1), "the day it begins counts");
    assert_eq!(lines[2].reason, DayReason::Suspended);
    assert_eq!(
        lines[2].text(),
        "2026-03-04（周三）不计：检测期间，不计入（行政许可法 第四十五条）"
    );
    assert_eq!(lines[4].n, Some(2), "the day it ends counts");
}

#[test]
fn natural_days_roll() {
    let start = date(2026, 3, 2);
    let clock = StatutoryClock::with_limit(ClockKind::Internal, start, 5, LimitUnit::NaturalDays);
    let lines = texts(&clock);
    assert_eq!(lines[5], "2026-03-07（周六）第 5 日：按自然日计入");
    assert_eq!(
        lines[6],
        "2026-03-08（周日）不计：休息日，期满日顺延（民法典 第二百零三条）"
    );
    assert_eq!(
        lines[7],
        "2026-03-09（周一）不计：期满日为休息日或暂停日，顺延至本日，期限届满（民法典 第二百零三条）"
    );
}

#[test]
fn a_year_not_announced_is_marked_on_every_line() {
    let clock = StatutoryClock::new(ClockKind::Delivery, date(2026, 12, 30)).unwrap();
    let lines = clock.explain(Calendar::shipped()).unwrap();
    for line in &lines[1..] {
        let marked = line.why.contains("尚未公布");
        assert_eq!(marked, line.date.year() == 2027, "{}", line.text());
    }
}

#[test]
fn done_at_once() {
    let start = date(2026, 3, 2);
    let clock = StatutoryClock::with_limit(ClockKind::Promised, start, 0, LimitUnit::WorkingDays);
    assert_eq!(
        texts(&clock),
        ["2026-03-02（周一）不计：“承诺办结”应当日办结，期限届满（民法典 第二百零一条）"]
    );
}
