//! One applicant from the first page to submission.

use tongban_forms::{
    Answers, Evidence, Grade, ItemView, Lang, PageStatus, Received, Stamp, Typed, WhyIgnored,
    WhyMissing,
};

use crate::common::{ctx, entity, food, freight, item, now, pairs};

fn post(
    answers: &mut Answers,
    evidence: &Evidence,
    page: &str,
    list: &[(&str, &str)],
) -> Vec<WhyIgnored> {
    let form = food();
    let input = form.parse_post(page, &pairs(list));
    let ignored = input.merge_into(&form, answers, evidence, &ctx(), &Stamp::typed(now()));
    ignored.into_iter().map(|i| i.why).collect()
}

fn filled(evidence: &Evidence) -> Answers {
    let mut a = Answers::default();
    post(
        &mut a,
        evidence,
        "operator",
        &[
            ("legal_id_no", "11010519491231002x"),
            ("legal_mobile", "+86 138-0013-8000"),
        ],
    );
    post(
        &mut a,
        evidence,
        "business",
        &[
            ("only_prepacked", "false"),
            ("mode", "catering"),
            ("marks", ""),
            ("items", ""),
            ("items", "hot"),
            ("items", "drink"),
            ("site", "被隐藏的网址"),
        ],
    );
    post(
        &mut a,
        evidence,
        "place",
        &[
            ("premises.division", "330102"),
            ("premises.detail", "幸福路１２号"),
            ("area", "１２０．５ 平方米"),
            ("kitchen_area", "四十"),
            ("open_date.y", "2026"),
            ("open_date.m", "12月"),
            ("open_date.d", "1"),
        ],
    );
    post(
        &mut a,
        evidence,
        "staff",
        &[
            ("workers", "1,200"),
            ("workers_certified", "12"),
            ("managers.0.manager_name", "阿依努尔·买买提"),
            ("managers.0.manager_id_no", "11010519491231002X"),
            ("managers.0.manager_post", "officer"),
        ],
    );
    post(
        &mut a,
        evidence,
        "promise",
        &[
            ("agent", "false"),
            ("promise_true", ""),
            ("promise_true", "true"),
        ],
    );
    a
}

#[test]
fn a_complete_application_is_valid_and_projects_only_what_is_shown() {
    let (form, evidence) = (food(), entity());
    let answers = filled(&evidence);
    let ctx = ctx();
    let reading = form.read(&answers, &evidence, &ctx);
    let outcome = reading.validate();
    let texts: Vec<String> = outcome.problems.iter().map(|p| p.text(Lang::Zh)).collect();
    assert!(outcome.is_ok(), "{texts:?}");
    let sent = reading.submission();
    assert_eq!(sent.values["area"], "120.5");
    assert_eq!(sent.values["kitchen_area"], "40");
    assert_eq!(sent.values["workers"], 1200);
    assert_eq!(sent.values["open_date"], "2026-12-01");
    assert_eq!(sent.values["legal_mobile"], "13800138000");
    assert_eq!(sent.values["legal_id_no"], "11010519491231002X");
    assert_eq!(sent.values["items"], serde_json::json!(["hot", "drink"]));
    assert_eq!(sent.values["premises"]["detail"], "幸福路12号");
    assert_eq!(sent.values["op_name"], "同邦小馆");
    assert_eq!(sent.sources["op_name"]["source"], "verified");
    assert_eq!(sent.sources["op_name"]["evidence"], "ev-同邦小馆");
    assert_eq!(sent.sources["area"]["source"], "typed");
    assert!(
        !sent.values.contains_key("site"),
        "hidden answers are not sent"
    );
    assert_eq!(
        answers.get("site").map(|e| e.typed.one()),
        Some("被隐藏的网址"),
        "but kept"
    );
    let progress = reading.progress();
    assert_eq!(progress.percent, 100);
    assert!(progress.verified >= 4);
    assert!(
        progress.pages.iter().all(|p| p.status == PageStatus::Done),
        "{progress:?}"
    );
    let canonical = sent.to_canonical_json();
    let parsed: serde_json::Value = serde_json::from_str(&canonical).expect("canonical JSON");
    assert_eq!(tongban_forms::canonical_json(&parsed), canonical);
    // The draft survives storage, and the API shape leads back to the same values.
    let stored = serde_json::to_string(&answers).expect("drafts are JSON");
    assert_eq!(
        serde_json::from_str::<Answers>(&stored).expect("drafts read"),
        answers
    );
    let (again, ignored) = form.answers_from_json(
        &serde_json::Value::Object(sent.values.clone()),
        &Stamp::default(),
    );
    assert!(ignored.is_empty());
    assert_eq!(
        form.read(&again, &evidence, &ctx).submission().values,
        sent.values
    );
}

#[test]
fn verified_values_win_over_posts_until_they_are_disputed() {
    let (form, evidence) = (food(), entity());
    let mut answers = filled(&evidence);
    let why = post(
        &mut answers,
        &evidence,
        "operator",
        &[
            ("op_name", "冒名公司"),
            ("nope", "1"),
            ("area", "3"),
            ("_csrf", "t"),
        ],
    );
    assert_eq!(
        why,
        vec![
            WhyIgnored::Unknown,
            WhyIgnored::OtherPage,
            WhyIgnored::Verified
        ]
    );
    assert!(answers.get("op_name").is_none());
    // Even a value that reached the draft before the evidence loses.
    answers.set("op_name", "早先填写", &Stamp::default());
    let ctx = ctx();
    let sent = form.read(&answers, &evidence, &ctx).submission();
    assert_eq!(sent.values["op_name"], "同邦小馆");
    // A correction: the applicant's value counts, both are kept.
    answers.dispute("op_name");
    assert_eq!(
        post(
            &mut answers,
            &evidence,
            "operator",
            &[("op_name", "同邦大馆")]
        ),
        vec![]
    );
    let reading = form.read(&answers, &evidence, &ctx);
    let sent = reading.submission();
    assert_eq!(sent.values["op_name"], "同邦大馆");
    assert_eq!(sent.sources["op_name"]["disputed"], true);
    assert_eq!(sent.sources["op_name"]["evidence"], "ev-同邦小馆");
    let view = reading.page_view("operator", &[], Lang::Zh).expect("shown");
    let ItemView::Field(field) = &view.sections[0].items[0] else {
        panic!("a field")
    };
    assert!(!field.read_only && field.verified.as_ref().is_some_and(|v| v.disputed));
    // Old and unreadable evidence does not count: the applicant is asked.
    let mut stale = entity();
    let mut old = item("market.entity", "旧名");
    old.at = jiff::Timestamp::constant(1_700_000_000, 0);
    stale.insert("name", old);
    stale.insert("uscc", item("market.entity", "坏数据"));
    let blank = Answers::default();
    let problems = form.validate_page("operator", &blank, &stale, &ctx);
    let open: Vec<&str> = problems.iter().map(|p| p.path.as_str()).collect();
    assert!(
        open.contains(&"op_name") && open.contains(&"op_uscc"),
        "{open:?}"
    );
}

#[test]
fn problems_speak_plainly_and_link_to_their_field() {
    let (form, ctx) = (food(), ctx());
    let mut a = Answers::default();
    let none = Evidence::none();
    post(
        &mut a,
        &none,
        "operator",
        &[
            ("op_name", "a\u{202E}bc"),
            ("op_uscc", "91330102MA28NBU478"),
            ("op_address", "短"),
            ("legal_name", "王😀芳"),
            ("legal_id_no", "110105194912310021"),
            ("legal_mobile", "12345"),
        ],
    );
    post(
        &mut a,
        &none,
        "place",
        &[
            ("area", "很大"),
            ("open_date.y", "2026"),
            ("open_date.m", ""),
            ("open_date.d", "1"),
            ("lease_until", "2026-02-30"),
        ],
    );
    post(
        &mut a,
        &none,
        "staff",
        &[
            ("workers", "3"),
            ("workers_certified", "5"),
            ("managers.0.manager_name", "李雷"),
            ("managers.1.manager_name", "李磊"),
            ("managers.0.manager_id_no", "11010519491231002X"),
            ("managers.1.manager_id_no", "11010519491231002x"),
        ],
    );
    let outcome = form.validate(&a, &none, &ctx);
    let found = |path: &str| {
        let problem = outcome.problems.iter().find(|p| p.path == path);
        problem.map_or(String::new(), |p| p.text(Lang::Zh))
    };
    for (path, text) in [
        (
            "op_name",
            "经营者名称的第 2 个字符是看不见的控制字符，请删除后重新输入",
        ),
        (
            "op_uscc",
            "统一社会信用代码有一位写错了（校验不通过），请对照证件检查",
        ),
        ("op_address", "住所至少要有 6 个字，现在是 1 个字"),
        (
            "legal_name",
            "法定代表人姓名中不能有表情符号“😀”，请删除；生僻字可以正常填写",
        ),
        (
            "legal_id_no",
            "法定代表人公民身份号码有一位写错了（校验不通过），请对照证件检查",
        ),
        (
            "legal_mobile",
            "手机号应为 11 位数字，以 1 开头，例如 13800138000",
        ),
        ("mode", "请选择主体业态"),
        ("area", "经营面积请只填数字，例如 120"),
        ("premises", "请填写经营场所地址"),
        ("open_date", "拟开业日期缺少月份，请补上"),
        ("lease_until", "场所使用期限至写的日期不存在，请检查月和日"),
        ("workers_certified", "取得健康证明的人数不能多于从业人数"),
        (
            "managers.1.manager_id_no",
            "管理人员 2的公民身份号码与第 1 组重复，请检查",
        ),
        ("managers.0.manager_post", "请选择管理人员 1的职务"),
    ] {
        assert_eq!(found(path), text, "{path}");
    }
    let english = outcome
        .problems
        .iter()
        .find(|p| p.path == "mode")
        .map(|p| p.text(Lang::En));
    assert_eq!(english.as_deref(), Some("Choose Kind of operator"));
    let problems = form.validate_page("place", &a, &none, &ctx);
    let view = form
        .read(&a, &none, &ctx)
        .page_view("place", &problems, Lang::Zh)
        .expect("shown");
    let ItemView::Field(area) = &view.sections[0].items[1] else {
        panic!("a field")
    };
    assert_eq!(
        (area.typed.one(), area.error.is_some()),
        ("很大", true),
        "shown as typed"
    );
    assert!(view.problems.iter().any(|(path, _)| path == "area"));
    let status = form.read(&a, &none, &ctx).progress();
    assert_eq!(status.pages[2].status, PageStatus::Trouble);
    assert_eq!(status.pages[1].status, PageStatus::Todo);
}

#[test]
fn rows_are_added_and_removed_without_script() {
    let (form, none) = (freight(), Evidence::none());
    let ctx = ctx();
    let stamp = Stamp::typed(now());
    let mut a = Answers::default();
    let mut send = |list: &[(&str, &str)]| {
        let input = form.parse_post("vehicles", &pairs(list));
        let action = input.has_row_action();
        (
            input.merge_into(&form, &mut a, &none, &ctx, &stamp),
            action,
            a.clone(),
        )
    };
    let (_, action, _) = send(&[
        ("owned", "have"),
        ("fleet.0.plate", "浙a·12345"),
        ("fleet.add", ""),
    ]);
    assert!(action);
    let (ignored, _, a) = send(&[
        ("fleet.1.plate", "浙B54321"),
        ("fleet.999.plate", "x"),
        ("fleet.0.remove", ""),
    ]);
    assert_eq!(
        ignored.first().map(|i| i.why),
        Some(WhyIgnored::TooManyRows)
    );
    assert_eq!(a.rows("fleet").len(), 1);
    assert_eq!(a.rows("fleet")[0]["plate"].typed, Typed::from("浙B54321"));
    let reading = form.read(&a, &none, &ctx);
    assert_eq!(reading.submission().values["fleet"][0]["plate"], "浙B54321");
    // A driver over 60 is refused in their row.
    let mut old = a.clone();
    let id_no = tongban_forms::Entry::new("11010519491231002X".into(), &stamp);
    old.push_row("crew", [("driver_id_no".to_owned(), id_no)].into());
    let outcome = form.validate(&old, &none, &ctx);
    let ages = outcome
        .problems
        .iter()
        .filter(|p| p.code == "check" && p.path == "crew.0.driver_id_no");
    assert_eq!(ages.count(), 1);
}

#[test]
fn scans_stops_notes_and_summaries() {
    let (form, mut evidence) = (food(), entity());
    let mut a = filled(&evidence);
    let ctx = ctx();
    let scan = Stamp {
        source: tongban_forms::Source::ScanOcr,
        ..Stamp::default()
    };
    a.set("legal_mobile", "13800138001", &scan);
    let codes = |a: &Answers, e: &Evidence| -> Vec<&'static str> {
        form.validate(a, e, &ctx)
            .problems
            .iter()
            .map(|p| p.code)
            .collect()
    };
    assert_eq!(codes(&a, &evidence), vec!["scan.unconfirmed"]);
    post(
        &mut a,
        &evidence,
        "operator",
        &[
            ("legal_mobile", "13800138001"),
            ("legal_mobile.confirm", "on"),
        ],
    );
    assert_eq!(codes(&a, &evidence), Vec::<&str>::new());
    evidence.insert("lease.area", item("estate", "100"));
    evidence.insert("food.state", item("credit", "终身禁止从事食品经营"));
    let outcome = form.validate(&a, &evidence, &ctx);
    assert_eq!(outcome.notes.first().map(|n| n.code), Some("near.differs"));
    assert_eq!(
        outcome.stops.first().map(|s| s.target.as_str()),
        Some("not-eligible")
    );
    assert!(!outcome.is_ok());
    let cards = form.read(&a, &evidence, &ctx).check_answers(Lang::Zh);
    let rows: Vec<_> = cards.iter().flat_map(|c| &c.rows).collect();
    let shown = |path: &str| {
        rows.iter()
            .find(|r| r.path == path)
            .map_or("", |r| r.value.as_str())
    };
    assert_eq!(shown("items"), "热食类食品制售、自制饮品制售");
    assert_eq!(shown("area"), "120.5平方米");
    assert_eq!(shown("open_date"), "2026年12月1日");
    assert_eq!(shown("email"), "未填写");
    assert_eq!(
        shown("legal_name"),
        "王*",
        "verified personal values are masked"
    );
    assert!(rows.iter().any(|r| r.path == "managers.0.manager_name"));
    assert!(!rows.iter().any(|r| r.path == "site"));
}

#[test]
fn materials_follow_the_answers() {
    let (form, evidence) = (food(), entity());
    let mut a = filled(&evidence);
    let ctx = ctx();
    let missing = |a: &Answers, received: &[Received]| -> Vec<(String, WhyMissing)> {
        let list = form.read(a, &evidence, &ctx).missing_materials(received);
        list.into_iter().map(|m| (m.id, m.why)).collect()
    };
    let ids =
        |list: &[(String, WhyMissing)]| list.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    assert_eq!(
        ids(&missing(&a, &[])),
        ["business_licence", "layout", "rules", "hot_equipment"]
    );
    post(
        &mut a,
        &evidence,
        "business",
        &[("items", ""), ("items", "cold")],
    );
    assert_eq!(
        ids(&missing(&a, &[])),
        ["business_licence", "layout", "rules"]
    );
    let file = |material: &str, grade, media: &str, bytes| Received {
        material: material.into(),
        grade,
        files: vec![(media.into(), bytes)],
        licence: None,
    };
    let licence = Received {
        material: "business_licence".into(),
        grade: Grade::A,
        files: vec![],
        licence: Some("营业执照".into()),
    };
    let received = [
        licence,
        file("layout", Grade::D, "text/html", 10),
        file("rules", Grade::D, "application/pdf", u64::MAX),
    ];
    let found = missing(&a, &received);
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].1,
        WhyMissing::TypeNotAccepted {
            media_type: "text/html".into()
        }
    );
    assert_eq!(found[1].1, WhyMissing::TooLarge);
    let low = [file("business_licence", Grade::D, "image/png", 10)];
    assert_eq!(
        missing(&a, &low)[0].1,
        WhyMissing::GradeTooLow {
            have: Grade::D,
            need: Grade::C
        }
    );
}
