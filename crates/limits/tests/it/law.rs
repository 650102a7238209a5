use jiff::civil::date;
use tongban_limits::law::{Renewal, deemed_acceptance, hearing_notice_by};
use tongban_limits::*;

/// Each limit of the law: article, days, due date from Monday 2 March 2026 (no festival until 4 April).
#[test]
fn the_articles() {
    use ClockKind::*;
    for (kind, basis, days, due, extension) in [
        (
            SupplementNotice,
            "行政许可法 第三十二条第一款第四项",
            5,
            date(2026, 3, 9),
            None,
        ),
        (
            Decision,
            "行政许可法 第四十二条第一款",
            20,
            date(2026, 3, 30),
            Some(10),
        ),
        (
            JointDecision,
            "行政许可法 第四十二条第二款",
            45,
            date(2026, 5, 8),
            Some(15),
        ),
        (
            LowerReview,
            "行政许可法 第四十三条",
            20,
            date(2026, 3, 30),
            None,
        ),
        (
            Delivery,
            "行政许可法 第四十四条",
            10,
            date(2026, 3, 16),
            None,
        ),
        (
            HearingRequest,
            "行政许可法 第四十七条",
            5,
            date(2026, 3, 9),
            None,
        ),
        (
            HearingOrganisation,
            "行政许可法 第四十七条",
            20,
            date(2026, 3, 30),
            None,
        ),
        (
            InfoDisclosure,
            "政府信息公开条例 第三十三条",
            20,
            date(2026, 3, 30),
            Some(20),
        ),
        (
            InfoSupplementNotice,
            "政府信息公开条例 第三十条",
            7,
            date(2026, 3, 11),
            None,
        ),
        (
            InfoThirdParty,
            "政府信息公开条例 第三十二条",
            15,
            date(2026, 3, 23),
            None,
        ),
    ] {
        let rule = kind.rule();
        assert_eq!((rule.basis, rule.limit), (basis, Some(days)), "{kind:?}");
        assert_eq!(rule.extension.map(|(days, _)| days), extension, "{kind:?}");
        assert!(rule.statutory, "{kind:?}");
        let clock = StatutoryClock::new(kind, date(2026, 3, 2)).unwrap();
        assert_eq!(
            clock.due(Calendar::shipped()).unwrap().date,
            due,
            "{kind:?}"
        );
    }
    let set_by_law = ClockKind::ALL
        .iter()
        .filter(|kind| kind.rule().limit.is_some())
        .count();
    assert_eq!(
        set_by_law, 10,
        "every limit of the law is in the table above"
    );
}

/// 行政许可法 第三十二条第一款第四项.
#[test]
fn silence_is_acceptance_from_the_day_of_receipt() {
    let calendar = Calendar::shipped();
    let received = date(2026, 2, 13);
    let ask = |answered, today| deemed_acceptance(received, answered, today, calendar).unwrap();
    assert_eq!(
        ask(None, date(2026, 2, 27)),
        None,
        "the fifth working day is still in time"
    );
    let deemed = ask(None, date(2026, 2, 28)).unwrap();
    assert_eq!(
        (deemed.accepted_on, deemed.answer_was_due),
        (received, date(2026, 2, 27))
    );
    assert_eq!(ask(Some(date(2026, 2, 27)), date(2026, 3, 30)), None);
    assert!(
        ask(Some(date(2026, 2, 28)), date(2026, 3, 30)).is_some(),
        "told too late"
    );
    assert_eq!(
        ask(Some(date(2026, 2, 28)), date(2026, 2, 26)),
        None,
        "not yet known"
    );
}

/// 行政许可法 第四十八条第一款第一项.
#[test]
fn a_hearing_is_announced_seven_working_days_before() {
    let calendar = Calendar::shipped();
    assert_eq!(
        hearing_notice_by(date(2026, 3, 20), calendar),
        Ok(date(2026, 3, 11))
    );
    // Across the spring festival: 13, 12, 11, 10, 9 February after the worked Saturday and the 24th.
    assert_eq!(
        hearing_notice_by(date(2026, 2, 25), calendar),
        Ok(date(2026, 2, 9))
    );
}

/// 行政许可法 第五十条.
#[test]
fn renewal() {
    let calendar = Calendar::shipped();
    let renewal = Renewal::of(date(2026, 6, 30), Renewal::DAYS, calendar).unwrap();
    assert_eq!(
        (renewal.apply_by, renewal.advise_by),
        (date(2026, 5, 31), date(2026, 5, 29))
    );
    assert_eq!(renewal.decide_by, date(2026, 6, 30));
    assert_eq!(renewal.renewed_from(), Ok(date(2026, 7, 1)));
    let applied = date(2026, 5, 20);
    for (applied, decided, today, deemed) in [
        (applied, None, date(2026, 6, 30), false),
        (applied, None, date(2026, 7, 1), true),
        (applied, Some(date(2026, 6, 30)), date(2026, 7, 1), false),
        (applied, Some(date(2026, 7, 2)), date(2026, 7, 3), true),
        (date(2026, 6, 1), None, date(2026, 7, 1), false),
    ] {
        assert_eq!(
            renewal.is_deemed_renewed(applied, decided, today),
            deemed,
            "{applied} {today}"
        );
    }
    assert_eq!(
        Renewal::of(date(-9999, 1, 1), 30, calendar)
            .unwrap_err()
            .code(),
        "out_of_range"
    );
    assert_eq!(
        Renewal::of(date(2026, 6, 30), u32::MAX, calendar)
            .unwrap_err()
            .code(),
        "out_of_range"
    );
}

/// 行政许可法 第四十五条 names eight procedures; each carries the article.
#[test]
fn special_procedures() {
    use SuspensionReason::*;
    for (reason, label) in [
        (Hearing, "听证"),
        (Tender, "招标"),
        (Auction, "拍卖"),
        (Inspection, "检验"),
        (Testing, "检测"),
        (Quarantine, "检疫"),
        (Appraisal, "鉴定"),
        (ExpertReview, "专家评审"),
    ] {
        assert_eq!(
            (reason.label(), reason.basis()),
            (label, "行政许可法 第四十五条")
        );
    }
    assert_eq!(
        ThirdPartyConsultation.basis(),
        "政府信息公开条例 第三十三条"
    );
}
