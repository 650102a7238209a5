//! Calendar, licence register, rectifications and health through their pages.

use jiff::SignedDuration;
use tongban::worker;
use tongban_cases::{calendar, recount_due};
use tongban_codes::lists::RatingChannel;
use tongban_oversight::{Level, Rate, rate};
use tongban_storage::params;

use crate::browser::{Browser, Seen};
use crate::city::{City, in_the_city};

// Loading a city takes longer than most of these: three cities, several stories each.
in_the_city!(the_calendar, the_register, ratings_health_and_menu);

async fn the_calendar(city: City) {
    only_the_system_administrator_changes_the_calendar(&city).await;
    bad_calendar_files_are_refused_with_a_sentence(&city).await;
    a_year_is_imported_after_its_preview(&city).await;
    a_day_is_changed_with_reason_and_open_cases_follow(&city).await;
}

async fn the_register(city: City) {
    let identifier = licensed(&city).await;
    only_the_issuing_organ_changes_a_licence(&city, &identifier).await;
    a_licence_is_withheld_restored_and_revoked(&city, &identifier).await;
}

async fn ratings_health_and_menu(city: City) {
    the_menu_leads_only_where_one_may_go(&city).await;
    a_bad_rating_is_answered_by_the_organ(&city).await;
    health_shows_what_was_given_up_and_hands_it_over_again(&city).await;
    a_licence_expires_with_the_worker(&city).await;
}

/// Whether offices work on a day, by the calendar in force.
fn works(city: &City, day: &str) -> bool {
    let calendar = calendar(&city.app.ctx).expect("wired");
    calendar.is_working(day.parse().expect("a date"))
}

async fn one<T: tongban_storage::FromValue + Send + 'static>(city: &City, sql: &'static str) -> T {
    city.app
        .ctx
        .db
        .read(move |tx| tx.one(sql, params![], |row| row.get(0)))
        .await
        .expect("one row")
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

async fn a_day_is_changed_with_reason_and_open_cases_follow(city: &City) {
    let (citizen, receipt) = city.submitted().await;
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, &receipt.project_no, "pre-review").await;
    let pass = tongban_cases::Pass {
        opinion: "齐全".to_owned(),
    };
    tongban_cases::pass_pre_review(&clerk, crate::city::on(task, pass))
        .await
        .expect("passed");
    let acceptor = city.person("dhscjg-acceptor").await;
    let task = city.task(&acceptor, &receipt.project_no, "accept").await;
    tongban_cases::accept(&acceptor, crate::city::on(task, tongban_cases::Accept {}))
        .await
        .expect("accepted");
    city.settle().await;
    let due = async || {
        let line = tongban_cases::my_cases(&citizen, None, 10).await;
        line.expect("hers")[0].promise_due.expect("accepted")
    };
    let before = due().await;
    let changes = async || one::<i64>(city, "SELECT COUNT(*) FROM calendar_change").await;
    let changed = changes().await;
    let admin = Browser::of(city, "xitong").await;
    admin.get("/admin/calendar").await.is(200).has("2026 年工作日历");
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
        calendar(&city.app.ctx).expect("wired").working_days_between(before, after),
        1
    );
    assert_eq!(recount_due(&city.app.ctx).await.expect("again"), 0);
    let page = admin.get("/admin/calendar?year=2026").await.is(200);
    page.has("奚统").has("演政办发〔2026〕1号").has("期限提前 0 件，推后 1 件");
    // Somebody who saw an older calendar is told; the leaf is in the log.
    let mut stale = fields.clone();
    stale.retain(|(name, _)| *name != "idem" && *name != "name");
    stale.extend([("idem", "another-key"), ("name", "节日")]);
    admin.post(&shown, &path, &stale).await.is(409).has("刚刚被他人修改");
    let leaf: Vec<u8> = one(city, "SELECT leaf FROM calendar_change ORDER BY n DESC LIMIT 1").await;
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
    tongban_cases::load_calendar(&city.app.ctx).await.expect("read");
    assert_eq!(kept, calendar(&city.app.ctx).expect("wired"));
}

const YEAR_2027: &str = r#"{"year": 2027, "papers": ["https://www.gov.cn/example/2027"], "days": [
    {"name": "元旦", "date": "2027-01-01", "isOffDay": true},
    {"name": "春节", "date": "2027-02-05", "isOffDay": true},
    {"name": "春节", "date": "2027-02-07", "isOffDay": false}]}"#;

async fn a_year_is_imported_after_its_preview(city: &City) {
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
        .upload(&form, "/admin/calendar/imports", "file", YEAR_2027.as_bytes())
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
    let done = admin.post(&asked, confirm, &fields("国务院办公厅已公布")).await;
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
    assert!(!works(city, "2027-02-07"), "a corrected file takes a day back");
}

async fn bad_calendar_files_are_refused_with_a_sentence(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let form = admin.get("/admin/calendar/imports").await.is(200);
    let day = |date: &str| {
        format!(r#"{{"year": 2027, "days": [{{"name": "元旦", "date": "{date}", "isOffDay": true}}]}}"#)
    };
    for (bytes, words) in [
        (b"".to_vec(), "请选择日历文件"),
        (b"\xff\xfe\x00{".to_vec(), "UTF-8"),
        (b"{\"year\": ".to_vec(), "不是所要求的 JSON 形式"),
        (b"[]".to_vec(), "不是所要求的 JSON 形式"),
        (br#"{"year": 2027, "days": []}"#.to_vec(), "尚未公布，没有改动"),
        (br#"{"year": 20270, "days": []}"#.to_vec(), "不在 2008 年至 2100 年之间"),
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
    assert_eq!(one::<i64>(city, "SELECT COUNT(*) FROM calendar_change").await, 0);
}

async fn only_the_system_administrator_changes_the_calendar(city: &City) {
    let clerk = Browser::of(city, "zhouchuang").await;
    let page = clerk.get("/admin/calendar").await.is(200);
    let page = page.lacks("/admin/calendar/imports").lacks("/admin/calendar/days/");
    clerk.get("/admin/calendar/imports").await.is(403).has("管理工作日历");
    clerk.get("/admin/calendar/days/2026-03-04").await.is(403);
    let refused = clerk
        .post(&page, "/admin/calendar/days/2026-03-04", &DAY_OFF)
        .await;
    refused.is(403).has("管理工作日历");
    clerk
        .post(&page, "/admin/calendar/imports/confirmation", &[("json", YEAR_2027)])
        .await
        .is(403);
    let citizen = Browser::of(city, "chenxiaoyun").await;
    citizen.get("/admin/calendar").await.is(403);
    let nobody = Browser::of(city, "").await;
    nobody.get("/admin/calendar").await.is(303);
    assert!(works(city, "2026-03-04"));
}

/// A granted case with its licence; the identifier of the licence.
async fn licensed(city: &City) -> String {
    let (_, receipt) = city.submitted().await;
    city.decided(&receipt.project_no, true).await.expect("decided");
    city.settle().await;
    one(city, "SELECT MAX(identifier) FROM licence_version").await
}

/// The page of the only licence in the register of `who`.
async fn entry(who: &Browser) -> (Seen, String) {
    let list = who.get("/work/licences?q=陈").await.is(200);
    assert!(list.text.contains("没有"), "a piece of a name finds nobody");
    let list = who.get("/work/licences").await.is(200);
    let href = list.text.split("href=\"/work/licences/").nth(1);
    let id = href.and_then(|rest| rest.split('"').next()).expect("a licence");
    let path = format!("/work/licences/{id}");
    (who.get(&path).await.is(200), path)
}

async fn a_licence_is_withheld_restored_and_revoked(city: &City, identifier: &str) {
    let public = Browser::of(city, "").await;
    let verify = format!("/verify?id={identifier}");
    public.get(&verify).await.is(200).has("目前有效");
    let decider = Browser::of(city, "dhscjg-decider").await;
    let (page, path) = entry(&decider).await;
    page.has("暂扣").has("核发").lacks("operation=resume");
    let change = format!("{path}/change");
    let act = async |operation: &str, fields: &[(&str, &str)]| {
        let form = decider.get(&format!("{change}?operation={operation}")).await;
        let form = form.is(200);
        let idem = form.hidden("idem");
        let mut all = vec![("operation", operation), ("idem", idem.as_str())];
        all.extend_from_slice(fields);
        decider.post(&form, &change, &all).await
    };
    let refused = act("withhold", &[("until", "明年")]).await.is(422);
    refused
        .has("请填写行政处罚决定书文号")
        .has("不早于今天的日期")
        .has("请填写 2000 字以内的理由");
    act("annul", &[("reason", "x")]).await.is(422).has("法定情形");
    let penalty = ("decision_no", "东市监罚〔2026〕1号");
    act("withhold", &[penalty, ("reason", "查实违法经营")]).await.is(303);
    public.get(&verify).await.is(200).has("暂扣中");
    decider.get(&path).await.is(200).has("东市监罚〔2026〕1号").has("查实违法经营");
    decider
        .get(&format!("{change}?operation=withhold"))
        .await
        .is(409);
    act("resume", &[("reason", "已整改")]).await.is(303);
    public.get(&verify).await.is(200).has("目前有效");
    act("revoke", &[penalty, ("reason", "情节严重")]).await.is(303);
    public.get(&verify).await.is(200).has("已不再有效").has("吊销");
    public
        .get("/verify?id=1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U")
        .await
        .is(200)
        .has("查无此证");
    // The holder sees it too, and the history has every act with its leaf.
    let holder = Browser::of(city, "chenxiaoyun").await;
    holder.get("/my/licences").await.is(200).lacks("有效期内");
    city.settle().await;
    assert_eq!(one::<i64>(city, "SELECT COUNT(*) FROM licence_version").await, 4);
    let without_leaf = "SELECT COUNT(*) FROM licence_version v WHERE NOT EXISTS
        (SELECT 1 FROM tlog_leaf l WHERE l.hash = v.leaf)";
    assert_eq!(one::<i64>(city, without_leaf).await, 0);
    // The interface: register, one licence, and one act with its key.
    let listed = decider.get("/api/v1/licences?state=07").await.is(200);
    let listed = listed.has("\"verdict\":\"revoked\"").has("陈*");
    listed.lacks("陈小云");
    decider.get("/api/v1/licences?state=08").await.is(422).has("没有这种证照状态");
    let api = format!("/api/v1/licences/{identifier}/changes");
    let body = r#"{"operation": "deregister", "ground": "permit-removed", "reason": "证件依法被吊销"}"#;
    decider.api(&api, "", body).await.is(400).has("Idempotency-Key");
    decider
        .api(&api, "key-00000", r#"{"operation": "deregister", "reason": ""}"#)
        .await
        .is(422)
        .has("法定情形");
    let first = decider.api(&api, "key-00001", body).await.is(200);
    let again = decider.api(&api, "key-00001", body).await.is(200);
    assert_eq!(first.text, again.text);
    decider.api(&api, "key-00002", body).await.is(409).has("注销");
    public.get(&verify).await.is(200).has("注销");
}

async fn only_the_issuing_organ_changes_a_licence(city: &City, identifier: &str) {
    let issuer = Browser::of(city, "dhscjg-issuer").await;
    let (page, path) = entry(&issuer).await;
    let page = page.lacks("/change?operation=");
    let change = format!("{path}/change");
    issuer.get(&format!("{change}?operation=annul")).await.is(403).has("决定人员");
    let fields = [
        ("operation", "annul"),
        ("ground", "fraud"),
        ("reason", "x"),
        ("idem", "key-00001"),
    ];
    let refused = issuer.post(&page, &change, &fields).await.is(403);
    refused.has("撤销或注销证照");
    // Another organ does not even find it; a supervisor looks and may not touch.
    let foreign = Browser::of(city, "dhjtys-decider").await;
    foreign.get("/work/licences").await.is(200).has("没有证照");
    foreign.get(&path).await.is(404);
    let own_page = foreign.get("/work/licences").await;
    foreign.post(&own_page, &change, &fields).await.is(404);
    foreign.get(&format!("/api/v1/licences/{identifier}")).await.is(404);
    let supervisor = Browser::of(city, "jiancha").await;
    let looked = supervisor.get(&path).await.is(200).lacks("陈小云");
    supervisor.post(&looked, &change, &fields).await.is(403);
    let clerk = Browser::of(city, "zhouchuang").await;
    clerk.get("/work/licences").await.is(403).has("查看证照登记");
    let nobody = Browser::of(city, "").await;
    nobody.get("/work/licences").await.is(303);
    nobody.get("/api/v1/licences").await.is(401);
    assert_eq!(one::<i64>(city, "SELECT COUNT(*) FROM licence_version").await, 1);
}

async fn a_licence_expires_with_the_worker(city: &City) {
    let state = async || one::<String>(city, "SELECT state_code FROM licence").await;
    let last: String = one(city, "SELECT valid_to FROM licence").await;
    worker::clockwork(&city.app.ctx).await.expect("a round");
    assert_eq!(state().await, "01");
    let last: jiff::civil::Date = last.parse().expect("a date");
    let midnight = last
        .tomorrow()
        .and_then(|day| day.to_zoned(jiff::tz::TimeZone::fixed(tongban_kernel::SHANGHAI)))
        .expect("a day");
    city.clock.set(midnight.timestamp() - SignedDuration::from_secs(1));
    worker::clockwork(&city.app.ctx).await.expect("a round");
    assert_eq!(state().await, "01", "the last day still counts");
    city.clock.set(midnight.timestamp());
    worker::clockwork(&city.app.ctx).await.expect("a round");
    assert_eq!(state().await, "05");
    worker::clockwork(&city.app.ctx).await.expect("a round");
    assert_eq!(one::<i64>(city, "SELECT MAX(version) FROM licence_version").await, 2);
}

async fn a_bad_rating_is_answered_by_the_organ(city: &City) {
    let (citizen, receipt) = city.submitted().await;
    city.decided(&receipt.project_no, true).await.expect("decided");
    city.settle().await;
    let given = rate(
        &citizen,
        Rate {
            project_no: receipt.project_no.clone(),
            level: Level::VeryDissatisfied,
            tags: Vec::new(),
            text: "等了很久".to_owned(),
            channel: RatingChannel::Desktop,
            key: "key-0001".to_owned(),
        },
    )
    .await
    .expect("rated");
    let due = given.rectify_by.expect("bad").to_string();
    let path = format!("/work/rectifications/{}", given.id);
    let manager = Browser::of(city, "dhscjg-item-manager").await;
    let list = manager.get("/work/rectifications").await.is(200);
    list.has(&due).has("等了很久").has(&path);
    let form = manager.get(&path).await.is(200);
    manager
        .post(&form, &path, &[("idem", "key-00001")])
        .await
        .is(422)
        .has("请选择核实结果")
        .has("请选择处理方式");
    let fields = |reply| {
        [
            ("idem", "key-00001"),
            ("finding", "unfounded"),
            ("way", "at-once"),
            ("reply", reply),
        ]
    };
    let asked = manager.post(&form, &path, &fields(" ")).await.is(422);
    asked.has("请填写给申请人的答复").has("处理方式应为解释说明");
    // Others of the organ may look, other organs find nothing, a supervisor reads.
    let clerk = Browser::of(city, "dhscjg-reviewer").await;
    let looked = clerk.get(&path).await.is(200).lacks("办结整改并答复");
    let sent = [
        ("idem", "key-00001"),
        ("finding", "confirmed"),
        ("way", "at-once"),
        ("reply", "已向您致歉，并增开了窗口。"),
    ];
    clerk.post(&looked, &path, &sent).await.is(403).has("差评整改");
    let foreign = Browser::of(city, "dhjtys-item-manager").await;
    foreign.get(&path).await.is(404);
    let own = foreign.get("/work/rectifications").await.is(200).has("没有差评整改");
    drop(own);
    let supervisor = Browser::of(city, "jiancha").await;
    supervisor.get(&path).await.is(200).lacks("办结整改并答复");
    manager.post(&form, &path, &sent).await.is(303);
    manager.post(&form, &path, &sent).await.is(303);
    let late = [("idem", "key-00002"), sent[1], sent[2], sent[3]];
    manager.post(&form, &path, &late).await.is(409).has("已经办结整改");
    let applicant = Browser::of(city, "chenxiaoyun").await;
    applicant
        .get(&format!("/cases/{}/rating", receipt.project_no))
        .await
        .is(200)
        .has("已向您致歉")
        .has("立行立改");
    manager.get("/work/rectifications").await.is(200).lacks(&path);
    manager.get("/work/rectifications?state=closed").await.is(200).has(&path);
    manager.get("/work/ratings").await.is(200).has("100.0");
    // The reply lies sealed; its leaf is in the log.
    city.settle().await;
    let leaf = "SELECT COUNT(*) FROM rectification r JOIN tlog_leaf l ON l.hash = r.leaf";
    assert_eq!(one::<i64>(city, leaf).await, 1);
    let sealed: Vec<u8> = one(city, "SELECT sealed_reply FROM rectification").await;
    assert!(!String::from_utf8_lossy(&sealed).contains("致歉"));
}

async fn health_shows_what_was_given_up_and_hands_it_over_again(city: &City) {
    let now = city.app.ctx.now();
    let id: tongban_kernel::OutboxId = city.app.ctx.ids.id(now);
    city.app
        .ctx
        .db
        .write(move |tx| {
            tx.put(
                "INSERT INTO dead_letter (id, kind, event, created_at, buried_at, attempts, last_error)
                 VALUES ($1, 'cases.nobody.asks', $2, $3, $3, 10, 'the press was stopped')",
                params![
                    id,
                    r#"{"kind":"cases.nobody.asks","version":1,"subject":"x","at":"2026-03-02T01:00:00Z","data":{}}"#,
                    now
                ],
            )
        })
        .await
        .expect("given up");
    let admin = Browser::of(city, "xitong").await;
    let page = admin.get("/admin/health").await.is(200);
    let page = page
        .has("cases.nobody.asks")
        .has("the press was stopped")
        .has("没有积压")
        .has("2027 年的节假日安排尚未公布")
        .has(env!("CARGO_PKG_VERSION"));
    admin
        .post(&page, "/admin/health/retries", &[("message", "x")])
        .await
        .is(422)
        .has("没有这条消息");
    let message = id.to_string();
    let done = admin
        .post(&page, "/admin/health/retries", &[("message", &message)])
        .await;
    assert_eq!(done.is(303).location, "/admin/health?again=1");
    assert_eq!(one::<i64>(city, "SELECT COUNT(*) FROM outbox").await, 1);
    let again = admin.post(&page, "/admin/health/retries", &[]).await.is(303);
    assert_eq!(again.location, "/admin/health?again=0");
    city.settle().await;
    assert_eq!(one::<i64>(city, "SELECT COUNT(*) FROM dead_letter").await, 0);
    let clerk = Browser::of(city, "zhouchuang").await;
    let refused = clerk.get("/admin/health").await.is(403);
    drop(refused.has("查看系统健康"));
    let work = clerk.get("/work").await.is(200);
    clerk.post(&work, "/admin/health/retries", &[]).await.is(403);
}

async fn the_menu_leads_only_where_one_may_go(city: &City) {
    for login in [
        "zhouchuang",
        "dhscjg-decider",
        "dhscjg-issuer",
        "dhscjg-item-manager",
        "jiancha",
        "xitong",
        "anquan",
        "shenji",
    ] {
        let who = Browser::of(city, login).await;
        let home = who.get("/work").await.is(200);
        let menu = home.text.split("<nav class=\"sn\"").nth(1).expect("a menu");
        let menu = menu.split("</nav>").next().unwrap_or_default();
        let links: Vec<&str> = menu
            .split("<a href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(links.len() >= 3, "{login}: {links:?}");
        for link in links {
            let seen = who.get(link).await;
            assert_eq!(seen.status.as_u16(), 200, "{login} {link}");
        }
    }
}
