//! Stories of the working-day calendar; [`crate::admin`] gives them a city.

use tongban_cases::{calendar, recount_due};

use crate::admin::one;
use crate::browser::{Browser, Seen};
use crate::city::City;

/// Whether offices work on a day, by the calendar in force.
fn works(city: &City, day: &str) -> bool {
    let calendar = calendar(&city.app.ctx).expect("wired");
    calendar.is_working(day.parse().expect("a date"))
}

/// Fills the form of a day in and looks at the preview.
async fn preview(admin: &Browser, day: &str, fields: &[(&str, &str)]) -> (Seen, String) {
    let path = format!("/admin/calendar/days/{day}");
    let form = admin.get(&path).await.is(200);
    (admin.post(&form, &path, fields).await, path)
}

const DAY_OFF: [(&str, &str); 4] = [
    ("wish", "off"),
    ("name", "三月三"),
    ("source", "演政办发〔2026〕1号"),
    ("reason", "地方放假"),
];

pub(crate) async fn a_day_is_changed_with_reason_and_open_cases_follow(city: &City) {
    let (citizen, receipt) = city.submitted().await;
    city.passed(&receipt.project_no).await;
    city.accepted(&receipt.project_no).await;
    city.settle().await;
    let due = async || {
        let line = tongban_cases::my_cases(&citizen, None, 10).await;
        line.expect("hers")[0].promise_due.expect("accepted")
    };
    let before = due().await;
    let changes = async || one::<i64>(city, "SELECT COUNT(*) FROM calendar_change").await;
    let changed = changes().await;
    let admin = Browser::of(city, "xitong").await;
    admin
        .get("/admin/calendar")
        .await
        .is(200)
        .has("2026 年工作日历");
    // Without reason, document or festival nothing is even previewed.
    let (empty, _) = preview(&admin, "2026-03-04", &[("wish", "off")]).await;
    empty
        .is(422)
        .has("请填写修改的理由")
        .has("请填写依据的文件")
        .has("请填写节日名称");
    let (nothing, _) = preview(&admin, "2026-03-04", &[("reason", "x")]).await;
    nothing.is(422).has("请选择这一天");
    let (shown, path) = preview(&admin, "2026-03-04", &DAY_OFF).await;
    let shown = shown.is(200).has("推后 1 件").has("放假（三月三）");
    assert!(works(city, "2026-03-04"), "a preview changes nothing");
    let (head, idem) = (shown.hidden("head"), shown.hidden("idem"));
    let mut fields = DAY_OFF.to_vec();
    fields.extend([("step", "apply"), ("head", &head), ("idem", &idem)]);
    let done = admin.post(&shown, &path, &fields).await.is(303);
    assert_eq!(done.location, "/admin/calendar?year=2026&done=1");
    // A double click is one change.
    admin.post(&shown, &path, &fields).await.is(303);
    assert!(!works(city, "2026-03-04"));
    assert_eq!(changes().await, changed + 1);
    assert_eq!(due().await, before, "lists follow after the commit");
    city.settle().await;
    let after = due().await;
    assert_eq!(
        calendar(&city.app.ctx)
            .expect("wired")
            .working_days_between(before, after),
        1
    );
    assert_eq!(recount_due(&city.app.ctx).await.expect("again"), 0);
    let page = admin.get("/admin/calendar?year=2026").await.is(200);
    page.has("奚统")
        .has("演政办发〔2026〕1号")
        .has("期限提前 0 件，推后 1 件");
    // Somebody who saw an older calendar is told; the leaf is in the log.
    let mut stale = fields.clone();
    stale.retain(|(name, _)| *name != "idem" && *name != "name");
    stale.extend([("idem", "another-key"), ("name", "节日")]);
    admin
        .post(&shown, &path, &stale)
        .await
        .is(409)
        .has("刚刚被他人修改");
    let leaf: Vec<u8> = one(
        city,
        "SELECT leaf FROM calendar_change ORDER BY n DESC LIMIT 1",
    )
    .await;
    let hash: [u8; 32] = leaf.try_into().expect("a hash");
    let index = city
        .app
        .ctx
        .db
        .read(move |tx| tongban_storage::leaf_index(tx, &hash))
        .await;
    assert!(index.expect("read").is_some());
    // It survives a restart: what is read back is what is in force.
    let kept = calendar(&city.app.ctx).expect("wired");
    tongban_cases::load_calendar(&city.app.ctx)
        .await
        .expect("read");
    assert_eq!(kept, calendar(&city.app.ctx).expect("wired"));
}

const YEAR_2027: &str = r#"{"year": 2027, "papers": ["https://www.gov.cn/example/2027"], "days": [
    {"name": "元旦", "date": "2027-01-01", "isOffDay": true},
    {"name": "春节", "date": "2027-02-05", "isOffDay": true},
    {"name": "春节", "date": "2027-02-07", "isOffDay": false}]}"#;

pub(crate) async fn a_year_is_imported_after_its_preview(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let page = admin.get("/admin/calendar").await.is(200);
    page.has("2027 年的节假日安排尚未公布或未导入");
    admin
        .get("/admin/calendar?year=2027")
        .await
        .is(200)
        .has("没有登记依据的文件");
    let form = admin.get("/admin/calendar/imports").await.is(200);
    let shown = admin
        .upload(
            &form,
            "/admin/calendar/imports",
            "file",
            YEAR_2027.as_bytes(),
        )
        .await
        .is(200)
        .has("2027-02-07")
        .has("调休上班（春节）")
        .has("https://www.gov.cn/example/2027");
    assert!(!works(city, "2027-02-07"), "a preview changes nothing");
    let (head, idem) = (shown.hidden("head"), shown.hidden("idem"));
    let confirm = "/admin/calendar/imports/confirmation";
    let fields = |reason| {
        [
            ("json", YEAR_2027),
            ("head", head.as_str()),
            ("idem", idem.as_str()),
            ("reason", reason),
        ]
    };
    let asked = admin.post(&shown, confirm, &fields(" ")).await.is(422);
    let asked = asked.has("请填写修改的理由");
    let done = admin
        .post(&asked, confirm, &fields("国务院办公厅已公布"))
        .await;
    assert_eq!(done.is(303).location, "/admin/calendar?year=2027&done=1");
    assert!(works(city, "2027-02-07") && !works(city, "2027-02-05"));
    admin
        .get("/admin/calendar?year=2027")
        .await
        .is(200)
        .has("https://www.gov.cn/example/2027")
        .lacks("2027 年的节假日安排尚未公布");
    // The command line still does the same; a repeat changes nothing.
    let year = tongban_cases::import_calendar(&city.app.ctx, YEAR_2027).await;
    assert_eq!(year.expect("a repeat"), 2027);
    let corrected = YEAR_2027.replace("2027-02-07", "2027-02-14");
    tongban_cases::import_calendar(&city.app.ctx, &corrected)
        .await
        .expect("imported");
    assert!(works(city, "2027-02-14"));
    assert!(
        !works(city, "2027-02-07"),
        "a corrected file takes a day back"
    );
}

pub(crate) async fn bad_calendar_files_are_refused_with_a_sentence(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let form = admin.get("/admin/calendar/imports").await.is(200);
    let day = |date: &str| {
        format!(
            r#"{{"year": 2027, "days": [{{"name": "元旦", "date": "{date}", "isOffDay": true}}]}}"#
        )
    };
    for (bytes, words) in [
        (b"".to_vec(), "请选择日历文件"),
        (b"\xff\xfe\x00{".to_vec(), "UTF-8"),
        (b"{\"year\": ".to_vec(), "不是所要求的 JSON 形式"),
        (b"[]".to_vec(), "不是所要求的 JSON 形式"),
        (
            br#"{"year": 2027, "days": []}"#.to_vec(),
            "尚未公布，没有改动",
        ),
        (
            br#"{"year": 20270, "days": []}"#.to_vec(),
            "不在 2000 年至 2100 年之间",
        ),
        (day("2027-02-30").into_bytes(), "不是日期"),
        (day("2030-01-01").into_bytes(), "不属于 2027 年的安排"),
    ] {
        let answer = admin
            .upload(&form, "/admin/calendar/imports", "file", &bytes)
            .await;
        answer.is(422).has(words);
    }
    for path in [
        "/admin/calendar?year=1492",
        "/admin/calendar?year=x",
        "/admin/calendar/days/2026-02-30",
        "/admin/calendar/days/x",
    ] {
        admin.get(path).await.is(404);
    }
    assert_eq!(
        one::<i64>(city, "SELECT COUNT(*) FROM calendar_change").await,
        0
    );
}

pub(crate) async fn only_the_system_administrator_changes_the_calendar(city: &City) {
    let clerk = Browser::of(city, "zhouchuang").await;
    let page = clerk.get("/admin/calendar").await.is(200);
    let page = page
        .lacks("/admin/calendar/imports")
        .lacks("/admin/calendar/days/");
    clerk
        .get("/admin/calendar/imports")
        .await
        .is(403)
        .has("管理工作日历");
    clerk.get("/admin/calendar/days/2026-03-04").await.is(403);
    let refused = clerk
        .post(&page, "/admin/calendar/days/2026-03-04", &DAY_OFF)
        .await;
    refused.is(403).has("管理工作日历");
    clerk
        .post(
            &page,
            "/admin/calendar/imports/confirmation",
            &[("json", YEAR_2027)],
        )
        .await
        .is(403);
    let citizen = Browser::of(city, "chenxiaoyun").await;
    citizen.get("/admin/calendar").await.is(403);
    let nobody = Browser::of(city, "").await;
    nobody.get("/admin/calendar").await.is(303);
    assert!(works(city, "2026-03-04"));
}
