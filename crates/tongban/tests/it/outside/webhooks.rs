//! What is told to systems, and how they may misbehave.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::io::AsyncWriteExt as _;
use tongban_outside::{
    NewSystem, deliveries, register, replay_delivery, rotate, system, test_delivery,
};

use super::{Receiver, beside_the_city, delivered, hasty, organ_of, registered};
use crate::admin::one;
use crate::browser::Browser;
use crate::city::City;

beside_the_city!(
    a_system_is_told_in_order_and_verifies_it,
    only_systems_of_the_organ_that_are_on_are_told,
    keys_change_without_a_gap,
    receivers_that_misbehave_hold_nothing_up,
    a_try_that_was_not_written_down_is_made_again,
    two_workers_tell_everything_once,
    long_failure_switches_a_system_off,
    systems_are_managed_by_those_who_may,
);

async fn a_system_is_told_in_order_and_verifies_it(city: City) {
    let receiver = Receiver::default();
    *receiver.fails.lock().expect("alone") = 2;
    let url = receiver.served().await;
    let manager = city.person("dhscjg-item-manager").await;
    let (id, told, _) = registered(
        &manager,
        "scjg",
        &format!("{url}/flaky"),
        &["received", "withdrawn"],
    )
    .await;
    let (citizen, receipt) = city.submitted().await;
    // Two acts are never of the same millisecond; a clock that stands still would say so.
    city.clock.advance(SignedDuration::from_secs(1));
    tongban_cases::withdraw(&citizen, receipt.case, "不办了".to_owned())
        .await
        .expect("withdrawn");
    city.settle().await;
    let ctx = &city.app.ctx;
    // The second event of the case does not overtake the first, which fails twice.
    delivered(ctx).await;
    assert_eq!(receiver.came().len(), 1);
    delivered(ctx).await;
    assert_eq!(receiver.came().len(), 1, "not before its pause is over");
    for _ in 0..4 {
        city.clock.advance(SignedDuration::from_secs(10));
        delivered(ctx).await;
    }
    let came = receiver.came();
    let kinds: Vec<String> = came
        .iter()
        .map(|one| one.json()["type"].as_str().expect("a type").to_owned())
        .collect();
    let received = "dev.tongban.case.received";
    assert_eq!(
        kinds,
        [received, received, received, "dev.tongban.case.withdrawn"]
    );
    assert_eq!(
        (came[0].id.as_str(), came[0].body.as_str()),
        (came[2].id.as_str(), came[2].body.as_str())
    );
    assert_ne!(
        came[0].timestamp, came[2].timestamp,
        "each try is signed anew"
    );
    for one in &came {
        assert!(one.verified_by(&told, city.app.ctx.now()), "{one:?}");
        let json = one.json();
        assert_eq!(json["specversion"], "1.0");
        assert_eq!(json["subject"], receipt.project_no.as_str());
        assert_eq!(json["data"]["project_no"], receipt.project_no.as_str());
        assert!(
            !one.body.contains("陈小云") && !one.body.contains("小云"),
            "no personal data"
        );
    }
    let log = deliveries(&manager, id, None, 10).await.expect("a log");
    let log: Vec<_> = log
        .iter()
        .rev()
        .map(|one| (one.state.as_str(), one.attempts))
        .collect();
    assert_eq!(log, [("done", 3), ("done", 1)]);
    // A replay is the same message once more.
    let first = deliveries(&manager, id, None, 10)
        .await
        .expect("a log")
        .pop()
        .expect("one");
    for _ in 0..2 {
        replay_delivery(&manager, "replay-key-1", id, first.id)
            .await
            .expect("in line");
    }
    delivered(ctx).await;
    let again = receiver.came();
    assert_eq!(again.len(), 5);
    assert_eq!((&again[4].id, &again[4].body), (&came[0].id, &came[0].body));
    assert!(
        !again[4].verified_by(&told, city.app.ctx.now() + SignedDuration::from_mins(6)),
        "too old by then"
    );
}

async fn only_systems_of_the_organ_that_are_on_are_told(city: City) {
    let receiver = Receiver::default();
    let url = format!("{}/ok", receiver.served().await);
    let manager = city.person("dhscjg-item-manager").await;
    let other = city.person("dhga-item-manager").await;
    let (own, ..) = registered(&manager, "own", &url, &["received"]).await;
    let (off, ..) = registered(&manager, "off", &url, &["received"]).await;
    let (deaf, ..) = registered(&manager, "deaf", &url, &["withdrawn"]).await;
    let (foreign, ..) = registered(&other, "foreign", &url, &["received"]).await;
    let switch = async |key: &str, active: bool| {
        let change = tongban_outside::Change {
            name: "系统".to_owned(),
            url: url.clone(),
            events: vec!["received".to_owned()],
            active,
        };
        let done = tongban_outside::change(&manager, key, off, change).await;
        done.expect("changed");
    };
    switch("switch-off", false).await;
    city.submitted().await;
    city.settle().await;
    // What happened while it was off does not come later either.
    switch("switch-on", true).await;
    delivered(&city.app.ctx).await;
    for (who, system, n) in [
        (&manager, own, 1),
        (&manager, off, 0),
        (&manager, deaf, 0),
        (&other, foreign, 0),
    ] {
        let log = deliveries(who, system, None, 10).await.expect("a log");
        assert_eq!(log.len(), n, "{log:?}");
    }
    assert_eq!(receiver.came().len(), 1);
}

async fn keys_change_without_a_gap(city: City) {
    let receiver = Receiver::default();
    let url = receiver.served().await;
    let manager = city.person("dhscjg-item-manager").await;
    let (id, old, _) = registered(&manager, "scjg", &format!("{url}/ok"), &[]).await;
    let shown = rotate(&manager, "rotate-key-1", id).await.expect("changed");
    let (new, _) = shown.keys.expect("shown once");
    let repeat = rotate(&manager, "rotate-key-1", id)
        .await
        .expect("a repeat");
    assert_eq!(repeat.keys, None, "shown once");
    test_delivery(&manager, "test-key-01", id)
        .await
        .expect("in line");
    test_delivery(&manager, "test-key-01", id)
        .await
        .expect("a repeat");
    delivered(&city.app.ctx).await;
    let came = receiver.came();
    assert_eq!(came.len(), 1);
    assert!(came[0].verified_by(&old, city.app.ctx.now()), "still good");
    assert!(came[0].verified_by(&new, city.app.ctx.now()));
    city.clock.advance(SignedDuration::from_hours(25));
    test_delivery(&manager, "test-key-02", id)
        .await
        .expect("in line");
    delivered(&city.app.ctx).await;
    let came = receiver.came();
    assert!(
        !came[1].verified_by(&old, city.app.ctx.now()),
        "over after a day"
    );
    assert!(came[1].verified_by(&new, city.app.ctx.now()));
    let kept: i64 = one(
        &city,
        "SELECT COUNT(*) FROM idempotency WHERE body LIKE '%whsec_%'",
    )
    .await;
    assert_eq!(kept, 0, "no key lies open");
    let leaves: i64 = one(&city, "SELECT COUNT(*) FROM outside_change").await;
    assert_eq!(leaves, 2, "registration and new keys");
}

/// Answers with what is no HTTP.
async fn liar() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.7\r\n").await;
        }
    });
    format!("http://{address}/")
}

async fn receivers_that_misbehave_hold_nothing_up(city: City) {
    let receiver = Receiver::default();
    let url = receiver.served().await;
    let manager = city.person("dhscjg-item-manager").await;
    let mut systems = Vec::new();
    for what in ["hang", "redirect", "huge", "busy", "gone", "fail", "ok"] {
        let (id, ..) = registered(&manager, what, &format!("{url}/{what}"), &[]).await;
        systems.push((what, id));
    }
    let (id, ..) = registered(&manager, "liar", &liar().await, &[]).await;
    systems.push(("liar", id));
    let (id, ..) = registered(&manager, "closed", "http://127.0.0.1:9/", &[]).await;
    systems.push(("closed", id));
    for (what, id) in &systems {
        test_delivery(&manager, &format!("test-{what}-1"), *id)
            .await
            .expect("in line");
    }
    let begun = std::time::Instant::now();
    delivered(&hasty(&city)).await;
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "together, and within their patience"
    );
    let now = city.app.ctx.now();
    for (what, id) in systems {
        let log = deliveries(&manager, id, None, 10)
            .await
            .expect("a log")
            .remove(0);
        let state = match what {
            "ok" | "huge" => "done",
            "gone" => "failed",
            _ => "waiting",
        };
        assert_eq!(
            (log.state.as_str(), log.attempts),
            (state, 1),
            "{what}: {log:?}"
        );
        let wait = log.due_at.duration_since(now).as_secs();
        match what {
            "busy" => assert_eq!(wait, 1200, "as long as it asks"),
            "hang" | "redirect" | "fail" | "liar" | "closed" => assert_eq!(wait, 5, "{what}"),
            "gone" => assert_eq!(system(&manager, id).await.expect("seen").state, "disabled"),
            _ => {}
        }
        let error = log.error.unwrap_or_default();
        let word = match what {
            "hang" => "没有答复",
            "redirect" => "不跟随",
            "fail" => "500",
            "liar" => "没有得到 HTTP 答复",
            "closed" => "连接不上",
            _ => "",
        };
        assert!(error.contains(word), "{what}: {error}");
    }
    let ok = receiver
        .came()
        .iter()
        .filter(|one| one.path == "ok")
        .count();
    assert_eq!(ok, 1, "the redirect was not followed");
}

async fn a_try_that_was_not_written_down_is_made_again(city: City) {
    let receiver = Receiver::default();
    let url = receiver.served().await;
    let manager = city.person("dhscjg-item-manager").await;
    let (id, ..) = registered(&manager, "hangs", &format!("{url}/hang"), &[]).await;
    test_delivery(&manager, "test-key-01", id)
        .await
        .expect("in line");
    let ctx = city.app.ctx.clone();
    let worker = tokio::spawn(async move { tongban_outside::deliver(&ctx).await });
    receiver.arrived.notified().await;
    // The program dies after the message has gone out.
    worker.abort();
    let _ = worker.await;
    let change = tongban_outside::Change {
        name: "系统".to_owned(),
        url: format!("{url}/ok"),
        events: Vec::new(),
        active: true,
    };
    tongban_outside::change(&manager, "change-key-1", id, change)
        .await
        .expect("changed");
    delivered(&city.app.ctx).await;
    assert_eq!(receiver.came().len(), 1, "under its lease");
    city.clock.advance(SignedDuration::from_secs(121));
    delivered(&city.app.ctx).await;
    let came = receiver.came();
    assert_eq!(came.len(), 2, "at least once");
    assert_eq!(
        (&came[0].id, &came[0].body),
        (&came[1].id, &came[1].body),
        "and known as a repeat"
    );
    let log = deliveries(&manager, id, None, 10)
        .await
        .expect("a log")
        .remove(0);
    assert_eq!((log.state.as_str(), log.attempts), ("done", 2));
}

async fn two_workers_tell_everything_once(city: City) {
    let receiver = Receiver::default();
    let url = receiver.served().await;
    let manager = city.person("dhscjg-item-manager").await;
    let (id, ..) = registered(&manager, "scjg", &format!("{url}/ok"), &[]).await;
    for n in 0..20 {
        test_delivery(&manager, &format!("test-key-{n:02}"), id)
            .await
            .expect("in line");
    }
    let ctx = Arc::new(city.app.ctx.clone());
    let worker = || {
        let ctx = Arc::clone(&ctx);
        tokio::spawn(async move { while tongban_outside::deliver(&ctx).await.expect("works") {} })
    };
    let (a, b, c) = (worker(), worker(), worker());
    for one in [a, b, c] {
        one.await.expect("ended");
    }
    delivered(&ctx).await;
    let mut ids: Vec<String> = receiver.came().into_iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 20);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20, "each once");
}

async fn long_failure_switches_a_system_off(city: City) {
    let receiver = Receiver::default();
    let url = receiver.served().await;
    let manager = city.person("dhscjg-item-manager").await;
    let (id, ..) = registered(&manager, "scjg", &format!("{url}/fail"), &[]).await;
    for n in 0..22 {
        test_delivery(&manager, &format!("test-key-{n:02}"), id)
            .await
            .expect("in line");
        delivered(&city.app.ctx).await;
        city.clock.advance(SignedDuration::from_hours(6));
    }
    let found = system(&manager, id).await.expect("seen");
    assert_eq!(found.state, "disabled");
    let browser = Browser::of(&city, "dhscjg-item-manager").await;
    let path = format!("/admin/outside-systems/{id}");
    browser
        .get(&path)
        .await
        .is(200)
        .has("连续五天没有一次投递成功");
    browser
        .get("/admin/outside-systems")
        .await
        .is(200)
        .has("已自动停用");
    let before = receiver.came().len();
    city.clock.advance(SignedDuration::from_hours(6));
    delivered(&city.app.ctx).await;
    assert_eq!(receiver.came().len(), before, "nothing more goes out");
    // Mended and switched on again: what waits is delivered.
    let browser = Browser::of(&city, "dhscjg-item-manager").await;
    let form = browser.get(&path).await.is(200);
    let (idem, ok) = (form.hidden("idem"), format!("{url}/ok"));
    let idem = format!("{idem}-change");
    let fields = [
        ("idem", idem.as_str()),
        ("name", "系统"),
        ("url", ok.as_str()),
        ("active", "yes"),
    ];
    browser.post(&form, &path, &fields).await.is(303);
    delivered(&city.app.ctx).await;
    assert!(receiver.came().len() > before);
    assert_eq!(
        system(&manager, id).await.expect("seen").failing_since,
        None
    );
}

async fn systems_are_managed_by_those_who_may(city: City) {
    for (login, status) in [
        ("dhscjg-reviewer", 403),
        ("chenxiaoyun", 403),
        ("", 303),
        ("dhscjg-item-manager", 200),
    ] {
        let browser = Browser::of(&city, login).await;
        browser.get("/admin/outside-systems").await.is(status);
    }
    let manager = city.person("dhscjg-item-manager").await;
    let (id, ..) = registered(&manager, "scjg", "https://sys.example/in", &["accepted"]).await;
    let other = city.person("dhga-item-manager").await;
    for refused in [
        system(&other, id).await.map(|_| ()),
        rotate(&other, "rotate-key-x", id).await.map(|_| ()),
    ] {
        assert_eq!(
            refused.expect_err("not theirs").kind(),
            tongban_kernel::ErrorKind::NotFound
        );
    }
    let foreign = NewSystem {
        code: "other".to_owned(),
        organ: organ_of(&manager),
        name: "x".to_owned(),
        url: "https://sys.example/in".to_owned(),
        events: Vec::new(),
    };
    let refused = register(&other, "register-foreign", foreign).await;
    assert_eq!(
        refused.expect_err("not their organ").kind(),
        tongban_kernel::ErrorKind::NotAllowed
    );
    // By the page: problems beside the fields, then the keys, once.
    let browser = Browser::of(&city, "dhscjg-item-manager").await;
    let path = "/admin/outside-systems";
    let form = browser.get(path).await.is(200);
    let (idem, organ) = (form.hidden("idem"), organ_of(&manager).to_string());
    let mut fields = vec![
        ("idem", idem.as_str()),
        ("code", "xf"),
        ("organ", organ.as_str()),
        ("name", "消防系统"),
        ("url", "http://10.0.0.1/"),
        ("events", "accepted"),
    ];
    browser
        .post(&form, path, &fields)
        .await
        .is(422)
        .has("https:// 开头");
    fields[4] = ("url", "https://xf.example/in");
    browser
        .post(&form, path, &fields)
        .await
        .is(200)
        .has("whsec_")
        .has("只显示这一次");
    browser
        .post(&form, path, &fields)
        .await
        .is(200)
        .lacks("whsec_");
    browser
        .get(path)
        .await
        .is(200)
        .has("消防系统")
        .lacks("whsec_");
    let json = format!(
        "{{\"code\":\"xf\",\"organ\":\"{organ}\",\"name\":\"x\",\"url\":\"https://xf.example/in\",\"events\":[]}}"
    );
    browser
        .api("/api/v1/outside-systems", "api-register-1", &json)
        .await
        .is(422)
        .has("已经使用");
    let json = json.replace("\"xf\"", "\"xf-2\"");
    browser
        .api("/api/v1/outside-systems", "api-register-2", &json)
        .await
        .is(201)
        .has("reporting_key");
    browser
        .get("/api/v1/outside-systems")
        .await
        .is(200)
        .has("xf-2");
}
