//! The record as an event log: page, interface, what is in it and what is not, on both engines.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tongban_storage::params;

use crate::admin::one;
use crate::browser::{Browser, Seen};
use crate::city::{City, in_the_city};

in_the_city!(the_record_is_taken_away_as_an_event_log);

const PAGE: &str = "/admin/record-exports";
const API: &str = "/api/v1/record-exports";

async fn the_record_is_taken_away_as_an_event_log(city: City) {
    only_auditors_and_supervisors_may(&city).await;
    let (citizen, first) = city.submitted_with("first").await;
    city.decided(&first.project_no, true)
        .await
        .expect("decided");
    city.settle().await;
    let (_, second) = city.submitted_with("second").await;
    drop(citizen);
    objects_and_events_of_the_selection(&city, &first.project_no, &second.project_no).await;
    traces_of_the_record_and_of_tasks(&city, &first.project_no).await;
    nothing_of_the_applicant_and_no_names_without_need(&city).await;
    each_export_is_written_down(&city).await;
    what_fails_half_way_gives_no_file(&city).await;
}

async fn only_auditors_and_supervisors_may(city: &City) {
    for login in ["zhouchuang", "dhscjg-decider", "xitong", "chenxiaoyun"] {
        let who = Browser::of(city, login).await;
        who.get(PAGE).await.is(403).has("导出事件日志");
        let page = who.get("/").await.is(200);
        let fields = [("format", "ocel"), ("purpose", "x")];
        who.post(&page, PAGE, &fields).await.is(403);
        who.api(API, "", r#"{"format": "ocel", "purpose": "x"}"#)
            .await
            .is(403);
    }
    Browser::of(city, "").await.get(PAGE).await.is(303);
    assert_eq!(
        one::<i64>(city, "SELECT COUNT(*) FROM record_export").await,
        0
    );
    let auditor = Browser::of(city, "shenji").await;
    let form = auditor.get(PAGE).await.is(200).has("还没有导出过");
    let empty = auditor.post(&form, PAGE, &[("from", "昨天")]).await;
    empty.is(422).has("请填写日期");
    let empty = auditor
        .post(&form, PAGE, &[("format", "ocel"), ("state", "77")])
        .await;
    empty.is(422).has("请填写用途").has("没有这种办件状态");
    let turned = [
        ("purpose", "x"),
        ("from", "2026-03-02"),
        ("until", "2026-03-01"),
    ];
    auditor
        .post(&form, PAGE, &turned)
        .await
        .is(422)
        .has("早于开始日期");
    let unknown = [("purpose", "x"), ("organ", "1133990200990011XX")];
    auditor
        .post(&form, PAGE, &unknown)
        .await
        .is(422)
        .has("没有这个机构");
}

/// What a form with these fields gives.
async fn exported(city: &City, fields: &[(&str, &str)]) -> Seen {
    let auditor = Browser::of(city, "shenji").await;
    let form = auditor.get(PAGE).await.is(200);
    let mut all = vec![("purpose", "审通〔2026〕3号")];
    all.extend_from_slice(fields);
    auditor.post(&form, PAGE, &all).await.is(200)
}

fn json(seen: &Seen) -> Value {
    serde_json::from_str(&seen.text).expect("JSON")
}

fn list<'v>(log: &'v Value, name: &str) -> &'v [Value] {
    log[name].as_array().expect("a list")
}

fn cases_of(log: &Value) -> BTreeSet<&str> {
    let cases = list(log, "objects").iter().filter(|o| o["type"] == "case");
    cases
        .filter_map(|o| o["id"].as_str()?.strip_prefix("case:"))
        .collect()
}

async fn objects_and_events_of_the_selection(city: &City, first: &str, second: &str) {
    let all = json(&exported(city, &[("format", "ocel")]).await);
    assert_eq!(cases_of(&all), BTreeSet::from([first, second]));
    // Every relation leads to an object that is there, ids are unique, types and attributes are declared.
    let ids: BTreeSet<&str> = list(&all, "objects")
        .iter()
        .filter_map(|o| o["id"].as_str())
        .collect();
    assert_eq!(ids.len(), list(&all, "objects").len());
    let mut declared: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for (of, name) in [("objects", "objectTypes"), ("events", "eventTypes")] {
        for kind in list(&all, name) {
            let own = list(kind, "attributes")
                .iter()
                .filter_map(|a| a["name"].as_str());
            declared.insert((of, kind["name"].as_str().expect("a name")), own.collect());
        }
    }
    for of in ["objects", "events"] {
        for entry in list(&all, of) {
            let own = &declared[&(of, entry["type"].as_str().expect("a type"))];
            for attribute in list(entry, "attributes") {
                assert!(
                    own.contains(attribute["name"].as_str().expect("a name")),
                    "{entry}"
                );
                assert!(attribute["value"].is_string(), "{entry}");
            }
            for link in list(entry, "relationships") {
                assert!(
                    ids.contains(link["objectId"].as_str().expect("an id")),
                    "{entry}"
                );
            }
        }
    }
    let kinds: BTreeSet<&str> = list(&all, "objectTypes")
        .iter()
        .filter_map(|k| k["name"].as_str())
        .collect();
    let wanted = [
        "case", "document", "item", "licence", "officer", "organ", "task",
    ];
    assert_eq!(kinds, BTreeSet::from(wanted));
    each_is_related(city, &all).await;
    let rows: i64 = one(city, "SELECT COUNT(*) FROM case_event").await;
    let tasks: i64 = one(city, "SELECT COUNT(*) + COUNT(closed_at) FROM task").await;
    assert_eq!(list(&all, "events").len() as i64, rows + tasks);
    // The state of a case over time, as the record tells it.
    let case = list(&all, "objects")
        .iter()
        .find(|o| o["id"] == format!("case:{first}"));
    let states = list(case.expect("there"), "attributes")
        .iter()
        .filter(|a| a["name"] == "state");
    let states: Vec<&str> = states.filter_map(|a| a["value"].as_str()).collect();
    assert_eq!(states.first(), Some(&"待预审"));
    assert!(states.len() >= 4, "{states:?}");

    let ended = json(&exported(city, &[("state", "ended")]).await);
    assert_eq!(cases_of(&ended), BTreeSet::from([first]));
    let named = [("numbers", second), ("state", "ended"), ("item", "nothing")];
    let named = json(&exported(city, &named).await);
    assert_eq!(
        cases_of(&named),
        BTreeSet::from([second]),
        "only those named"
    );
    for nothing in [
        ("item", "nothing"),
        ("process", "0"),
        ("until", "2026-03-01"),
        ("from", "2027-01-01"),
    ] {
        let none = json(&exported(city, &[nothing]).await);
        assert!(
            list(&none, "objects").is_empty() && list(&none, "events").is_empty(),
            "{nothing:?}"
        );
    }
    let day = [("from", "2026-03-02"), ("until", "2026-03-02")];
    assert_eq!(cases_of(&json(&exported(city, &day).await)).len(), 2);
    let organ: String = one(
        city,
        "SELECT o.code FROM case_file c JOIN organ o ON o.id = c.organ_id LIMIT 1",
    )
    .await;
    assert_eq!(
        cases_of(&json(&exported(city, &[("organ", &organ)]).await)).len(),
        2
    );
    let other: String = one(
        city,
        "SELECT MIN(code) FROM organ WHERE code <> '' AND id NOT IN (SELECT organ_id FROM case_file)",
    )
    .await;
    let none = json(&exported(city, &[("organ", &other)]).await);
    assert_eq!(cases_of(&none).len(), 0, "{other} has no case");
}

/// The objects to which an entry is related in this way.
fn related<'v>(entry: &'v Value, how: &str) -> Vec<&'v str> {
    let links = list(entry, "relationships").iter();
    let own = links.filter(|link| link["qualifier"] == how);
    own.filter_map(|link| link["objectId"].as_str()).collect()
}

/// Who did what, in which case, at which task: without its relations a log of objects says nothing.
async fn each_is_related(city: &City, all: &Value) {
    let is = |ids: Vec<&str>, kind: &str| ids.len() == 1 && ids[0].starts_with(kind);
    for object in list(all, "objects") {
        let fine = match object["type"].as_str().expect("a type") {
            "case" => {
                is(related(object, "about"), "item:") && is(related(object, "decided-by"), "organ:")
            }
            "task" => is(related(object, "part-of"), "case:"),
            "document" => is(related(object, "of"), "case:"),
            "licence" => is(related(object, "granted-in"), "case:"),
            "officer" => is(related(object, "serves"), "organ:"),
            _ => true,
        };
        assert!(fine, "{object}");
    }
    let (mut by_officers, mut issued) = (0, BTreeSet::new());
    for event in list(all, "events") {
        assert!(is(related(event, "of"), "case:"), "{event}");
        issued.extend(related(event, "issues"));
        let kind = event["type"].as_str().expect("a type");
        if !["task-opened", "task-done", "task-cancelled"].contains(&kind) {
            by_officers += related(event, "by").len();
            continue;
        }
        let task = event["id"].as_str().and_then(|id| id.rsplit_once('/'));
        assert_eq!(related(event, "task"), [task.expect("a task").0], "{event}");
    }
    let rows: i64 = one(city, "SELECT COUNT(officer_id) FROM case_event").await;
    assert!(
        rows > 0 && by_officers as i64 == rows,
        "{by_officers} of {rows}"
    );
    for object in list(all, "objects") {
        let made = ["document", "licence"].contains(&object["type"].as_str().expect("a type"));
        let id = object["id"].as_str().expect("an id");
        assert!(!made || issued.contains(id), "{id} was issued by nothing");
    }
}

async fn traces_of_the_record_and_of_tasks(city: &City, first: &str) {
    let log = exported(city, &[("format", "xes"), ("numbers", first)]).await;
    assert_eq!(log.text.matches("<trace>").count(), 1);
    let names: Vec<&str> = log
        .text
        .split("<event><string key=\"concept:name\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(names.first(), Some(&"received"));
    assert!(
        names.contains(&"granted") && names.contains(&"licence-issued"),
        "{names:?}"
    );
    let tasks = exported(city, &[("format", "xes-tasks"), ("numbers", first)]).await;
    let turns = |name: &str| {
        let turns = tasks.text.split("<event>").skip(1);
        let own = turns.filter(|turn| turn.contains(&format!("\"concept:name\" value=\"{name}\"")));
        let of = |turn: &str| {
            let rest = turn.split("lifecycle:transition\" value=\"").nth(1)?;
            Some(rest.split('"').next()?.to_owned())
        };
        own.filter_map(of).collect::<Vec<_>>()
    };
    for name in ["预审", "受理", "审查（一）", "决定"] {
        assert_eq!(turns(name), ["schedule", "complete"], "{name}");
    }
}

async fn nothing_of_the_applicant_and_no_names_without_need(city: &City) {
    for format in ["ocel", "xes", "xes-tasks"] {
        let seen = exported(city, &[("format", format)]).await;
        let sample = tongban::demo::sample(city.app.ctx.clock.today()).expect("a sample");
        let mut secrets = vec!["陈小云".to_owned(), "陈*".to_owned(), "陈＊".to_owned()];
        let values = sample["values"].as_object().expect("values").values();
        secrets.extend(
            values
                .filter_map(Value::as_str)
                .filter(|v| v.chars().count() > 5)
                .map(str::to_owned),
        );
        for secret in &secrets {
            assert!(
                !seen.text.contains(secret.as_str()),
                "“{secret}” in {format}"
            );
        }
        for typed in ["齐全", "看过", "依法\""] {
            assert!(!seen.text.contains(typed), "“{typed}” in {format}");
        }
        for name in officer_names(city).await {
            assert!(!seen.text.contains(&name), "“{name}” in {format}");
        }
    }
    let again = exported(city, &[("format", "ocel")]).await;
    let other = exported(city, &[("format", "ocel")]).await;
    let officers = |seen: &Seen| -> BTreeSet<String> {
        let log = json(seen);
        let all = list(&log, "objects")
            .iter()
            .filter(|o| o["type"] == "officer");
        all.filter_map(|o| o["id"].as_str().map(str::to_owned))
            .collect()
    };
    assert!(officers(&again).len() >= 6);
    assert!(
        officers(&again).is_disjoint(&officers(&other)),
        "pseudonyms hold in one export only"
    );
    let named = exported(city, &[("format", "ocel"), ("names", "1")]).await;
    let known = officer_names(city).await;
    assert!(
        known.iter().any(|name| named.text.contains(name)),
        "asked for"
    );
    let wish: String = one(
        city,
        "SELECT wish FROM record_export ORDER BY n DESC LIMIT 1",
    )
    .await;
    assert!(wish.contains("\"names\":true"), "{wish}");
}

async fn officer_names(city: &City) -> Vec<String> {
    let read = city.app.ctx.db.read(|tx| {
        tx.all(
            "SELECT DISTINCT o.name FROM officer o JOIN case_event e ON e.officer_id = o.id ORDER BY o.name",
            params![],
            |row| row.get(0),
        )
    });
    let names: Vec<String> = read.await.expect("read");
    assert!(names.len() >= 6, "{names:?}");
    names
}

async fn each_export_is_written_down(city: &City) {
    let supervisor = Browser::of(city, "jiancha").await;
    let body = r#"{"format": "xes", "purpose": "监督检查", "selection": {"state": "ended"}}"#;
    let made = supervisor.api(API, "", body).await.is(200);
    assert!(made.text.ends_with("</log>\n"));
    let wrong = r#"{"format": "csv", "purpose": "x"}"#;
    supervisor.api(API, "", wrong).await.is(422).has("format");
    let wrong = r#"{"format": "xes", "purpose": "x", "selection": {"from": "soon"}}"#;
    supervisor.api(API, "", wrong).await.is(422).has("from");
    let listed = supervisor.get(API).await.is(200);
    let newest = json(&listed)["items"][0].clone();
    assert_eq!(newest["purpose"], "监督检查");
    assert_eq!(newest["cases"], 1);
    let digest = {
        use sha2::Digest as _;
        hex::encode(sha2::Sha256::digest(made.text.as_bytes()))
    };
    assert_eq!(newest["sha256"], digest);
    supervisor
        .get(PAGE)
        .await
        .is(200)
        .has("监督检查")
        .has(&digest[..12]);
    // Numbers without gaps, each with its leaf in the log.
    city.sequenced().await;
    let read = city.app.ctx.db.read(|tx| {
        tx.all(
            "SELECT n, leaf FROM record_export ORDER BY n LIMIT 1000",
            params![],
            |row| Ok((row.get::<i64>(0)?, row.get::<[u8; 32]>(1)?)),
        )
    });
    let rows: Vec<(i64, [u8; 32])> = read.await.expect("read");
    for (expected, (n, leaf)) in (1..).zip(rows) {
        assert_eq!(n, expected);
        let index = city
            .app
            .ctx
            .db
            .read(move |tx| tongban_storage::leaf_index(tx, &leaf));
        assert!(
            index.await.expect("read").is_some(),
            "export {n} is in the log"
        );
    }
}

async fn what_fails_half_way_gives_no_file(city: &City) {
    let before: i64 = one(city, "SELECT COUNT(*) FROM record_export").await;
    let write = city.app.ctx.db.write(|tx| {
        tx.execute(
            "UPDATE case_event SET fact = '{' WHERE seq = 2 AND case_id = (SELECT MAX(case_id) FROM case_event WHERE seq = 2)",
            params![],
        )
    });
    assert_eq!(write.await.expect("written"), 1);
    let auditor = Browser::of(city, "shenji").await;
    let form = auditor.get(PAGE).await.is(200);
    for format in ["ocel", "xes"] {
        let fields = [("purpose", "x"), ("format", format)];
        let failed = auditor.post(&form, PAGE, &fields).await.is(500);
        assert!(!failed.text.contains("objects") && !failed.text.contains("<trace>"));
    }
    assert_eq!(
        one::<i64>(city, "SELECT COUNT(*) FROM record_export").await,
        before
    );
    let left = std::fs::read_dir(city.app.ctx.blobs.root().join("tmp")).expect("a folder");
    assert_eq!(left.count(), 0, "nothing is left behind");
}
