//! Calendar, licence register, rectifications and health through their pages.

use jiff::SignedDuration;
use tongban::worker;
use tongban_codes::lists::RatingChannel;
use tongban_oversight::{Level, Rate, rate};
use tongban_storage::params;

use crate::admin_calendar::{
    a_day_is_changed_with_reason_and_open_cases_follow, a_year_is_imported_after_its_preview,
    bad_calendar_files_are_refused_with_a_sentence,
    only_the_system_administrator_changes_the_calendar,
};
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

/// One value of the store.
pub(crate) async fn one<T: tongban_storage::FromValue + Send + 'static>(
    city: &City,
    sql: &'static str,
) -> T {
    city.app
        .ctx
        .db
        .read(move |tx| tx.one(sql, params![], |row| row.get(0)))
        .await
        .expect("one row")
}

/// A granted case with its licence; the identifier of the licence.
async fn licensed(city: &City) -> String {
    let (_, receipt) = city.submitted().await;
    city.decided(&receipt.project_no, true)
        .await
        .expect("decided");
    city.settle().await;
    one(city, "SELECT MAX(identifier) FROM licence_version").await
}

/// The page of the only licence in the register of `who`.
async fn entry(who: &Browser) -> (Seen, String) {
    let list = who.get("/work/licences?q=陈").await.is(200);
    assert!(list.text.contains("没有"), "a piece of a name finds nobody");
    let list = who.get("/work/licences").await.is(200);
    let href = list.text.split("href=\"/work/licences/").nth(1);
    let id = href
        .and_then(|rest| rest.split('"').next())
        .expect("a licence");
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
        let form = decider
            .get(&format!("{change}?operation={operation}"))
            .await;
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
    act("annul", &[("reason", "x")])
        .await
        .is(422)
        .has("法定情形");
    let penalty = ("decision_no", "东市监罚〔2026〕1号");
    act("withhold", &[penalty, ("reason", "查实违法经营")])
        .await
        .is(303);
    public.get(&verify).await.is(200).has("暂扣中");
    decider
        .get(&path)
        .await
        .is(200)
        .has("东市监罚〔2026〕1号")
        .has("查实违法经营");
    decider
        .get(&format!("{change}?operation=withhold"))
        .await
        .is(409);
    act("resume", &[("reason", "已整改")]).await.is(303);
    public.get(&verify).await.is(200).has("目前有效");
    act("revoke", &[penalty, ("reason", "情节严重")])
        .await
        .is(303);
    public
        .get(&verify)
        .await
        .is(200)
        .has("已不再有效")
        .has("吊销");
    public
        .get("/verify?id=1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U")
        .await
        .is(200)
        .has("查无此证");
    // The holder sees it too, and the history has every act with its leaf.
    let holder = Browser::of(city, "chenxiaoyun").await;
    holder.get("/my/licences").await.is(200).lacks("有效期内");
    city.settle().await;
    assert_eq!(
        one::<i64>(city, "SELECT COUNT(*) FROM licence_version").await,
        4
    );
    let without_leaf = "SELECT COUNT(*) FROM licence_version v WHERE NOT EXISTS
        (SELECT 1 FROM tlog_leaf l WHERE l.hash = v.leaf)";
    assert_eq!(one::<i64>(city, without_leaf).await, 0);
    // The interface: register, one licence, and one act with its key.
    let listed = decider.get("/api/v1/licences?state=07").await.is(200);
    let listed = listed.has("\"verdict\":\"revoked\"").has("陈*");
    listed.lacks("陈小云");
    decider
        .get("/api/v1/licences?state=08")
        .await
        .is(422)
        .has("没有这种证照状态");
    let api = format!("/api/v1/licences/{identifier}/changes");
    let body =
        r#"{"operation": "deregister", "ground": "permit-removed", "reason": "证件依法被吊销"}"#;
    decider
        .api(&api, "", body)
        .await
        .is(400)
        .has("Idempotency-Key");
    decider
        .api(
            &api,
            "key-00000",
            r#"{"operation": "deregister", "reason": ""}"#,
        )
        .await
        .is(422)
        .has("法定情形");
    let first = decider.api(&api, "key-00001", body).await.is(200);
    let again = decider.api(&api, "key-00001", body).await.is(200);
    assert_eq!(first.text, again.text);
    decider
        .api(&api, "key-00002", body)
        .await
        .is(409)
        .has("注销");
    public.get(&verify).await.is(200).has("注销");
}

async fn only_the_issuing_organ_changes_a_licence(city: &City, identifier: &str) {
    let issuer = Browser::of(city, "dhscjg-issuer").await;
    let (page, path) = entry(&issuer).await;
    let page = page.lacks("/change?operation=");
    let change = format!("{path}/change");
    issuer
        .get(&format!("{change}?operation=annul"))
        .await
        .is(403)
        .has("决定人员");
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
    foreign
        .get(&format!("/api/v1/licences/{identifier}"))
        .await
        .is(404);
    let supervisor = Browser::of(city, "jiancha").await;
    let looked = supervisor.get(&path).await.is(200).lacks("陈小云");
    supervisor.post(&looked, &change, &fields).await.is(403);
    let clerk = Browser::of(city, "zhouchuang").await;
    clerk
        .get("/work/licences")
        .await
        .is(403)
        .has("查看证照登记");
    let nobody = Browser::of(city, "").await;
    nobody.get("/work/licences").await.is(303);
    nobody.get("/api/v1/licences").await.is(401);
    assert_eq!(
        one::<i64>(city, "SELECT COUNT(*) FROM licence_version").await,
        1
    );
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
    city.clock
        .set(midnight.timestamp() - SignedDuration::from_secs(1));
    worker::clockwork(&city.app.ctx).await.expect("a round");
    assert_eq!(state().await, "01", "the last day still counts");
    city.clock.set(midnight.timestamp());
    worker::clockwork(&city.app.ctx).await.expect("a round");
    assert_eq!(state().await, "05");
    worker::clockwork(&city.app.ctx).await.expect("a round");
    assert_eq!(
        one::<i64>(city, "SELECT MAX(version) FROM licence_version").await,
        2
    );
}

async fn a_bad_rating_is_answered_by_the_organ(city: &City) {
    let (citizen, receipt) = city.submitted().await;
    city.decided(&receipt.project_no, true)
        .await
        .expect("decided");
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
    asked
        .has("请填写给申请人的答复")
        .has("处理方式应为解释说明");
    // Others of the organ may look, other organs find nothing, a supervisor reads.
    let clerk = Browser::of(city, "dhscjg-reviewer").await;
    let looked = clerk.get(&path).await.is(200).lacks("办结整改并答复");
    let sent = [
        ("idem", "key-00001"),
        ("finding", "confirmed"),
        ("way", "at-once"),
        ("reply", "已向您致歉，并增开了窗口。"),
    ];
    clerk
        .post(&looked, &path, &sent)
        .await
        .is(403)
        .has("差评整改");
    let foreign = Browser::of(city, "dhjtys-item-manager").await;
    foreign.get(&path).await.is(404);
    let own = foreign
        .get("/work/rectifications")
        .await
        .is(200)
        .has("没有差评整改");
    drop(own);
    let supervisor = Browser::of(city, "jiancha").await;
    supervisor.get(&path).await.is(200).lacks("办结整改并答复");
    manager.post(&form, &path, &sent).await.is(303);
    manager.post(&form, &path, &sent).await.is(303);
    let late = [("idem", "key-00002"), sent[1], sent[2], sent[3]];
    manager
        .post(&form, &path, &late)
        .await
        .is(409)
        .has("已经办结整改");
    let applicant = Browser::of(city, "chenxiaoyun").await;
    applicant
        .get(&format!("/cases/{}/rating", receipt.project_no))
        .await
        .is(200)
        .has("已向您致歉")
        .has("立行立改");
    manager
        .get("/work/rectifications")
        .await
        .is(200)
        .lacks(&path);
    manager
        .get("/work/rectifications?state=closed")
        .await
        .is(200)
        .has(&path);
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
    let again = admin
        .post(&page, "/admin/health/retries", &[])
        .await
        .is(303);
    assert_eq!(again.location, "/admin/health?again=0");
    city.settle().await;
    assert_eq!(
        one::<i64>(city, "SELECT COUNT(*) FROM dead_letter").await,
        0
    );
    let clerk = Browser::of(city, "zhouchuang").await;
    let refused = clerk.get("/admin/health").await.is(403);
    drop(refused.has("查看系统健康"));
    let work = clerk.get("/work").await.is(200);
    clerk
        .post(&work, "/admin/health/retries", &[])
        .await
        .is(403);
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
