//! Decisions: handed in, tried and published on the pages and by programs; asked by processes of cases.

mod in_cases;

use tongban_storage::params;

use crate::admin::one;
use crate::browser::{Browser, Seen};
use crate::city::{City, in_the_city};
use crate::processes::{HEAD, flow, task};

in_the_city!(
    decisions_are_judged_tried_and_published,
    processes_ask_only_what_is_published,
);

const UPLOADS: &str = "/admin/decisions/uploads";

/// A file `name` with one table `档次` on the area of the application; rules as (test, result, note).
fn file(name: &str, rules: &[(&str, &str, &str)]) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\"?>\n<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" id=\"{name}\" name=\"面积档次\" namespace=\"urn:t\">
<inputData id=\"a\" name=\"area\"><variable name=\"area\" typeRef=\"number\"/></inputData>
<decision id=\"grade-of-{name}\" name=\"档次\"><variable name=\"档次\"/><informationRequirement><requiredInput href=\"#a\"/></informationRequirement>
<decisionTable hitPolicy=\"UNIQUE\"><input label=\"经营面积\"><inputExpression><text>area</text></inputExpression></input><output/><annotation name=\"依据\"/>"
    );
    for (at, (test, result, note)) in rules.iter().enumerate() {
        let test = test.replace('<', "&lt;").replace('>', "&gt;");
        text += &format!(
            "\n<rule id=\"r{}\"><inputEntry><text>{test}</text></inputEntry><outputEntry><text>\"{result}\"</text></outputEntry><annotationEntry><text>{note}</text></annotationEntry></rule>",
            at + 1
        );
    }
    text + "</decisionTable></decision></definitions>"
}

const WHOLE: &[(&str, &str, &str)] = &[
    ("<= 50", "小型", "办法第三条"),
    ("> 50", "大型", "办法第四条"),
];

/// A process that asks `asked`, then waits for the counter.
fn asking(id: &str, asked: &str, binding: &str) -> String {
    let rule = format!(
        "<bpmn:businessRuleTask id=\"rule\" name=\"核定档次\" tb:decision=\"{asked}\" tb:variable=\"grade\" tb:binding=\"{binding}\"/>"
    );
    let inner = format!(
        "{rule}{}<bpmn:endEvent id=\"e\"/>{}{}{}",
        task("look"),
        flow("s", "rule"),
        flow("rule", "look"),
        flow("look", "e")
    );
    format!(
        "{HEAD}<bpmn:process id=\"{id}\" name=\"{id}\" isExecutable=\"true\"><bpmn:startEvent id=\"s\"/>{inner}</bpmn:process></bpmn:definitions>"
    )
}

async fn handed_in(admin: &Browser, text: &str) -> Seen {
    let form = admin.get(UPLOADS).await.is(200);
    admin.upload(&form, UPLOADS, "file", text.as_bytes()).await
}

/// Publishes a file through the pages; its content hash.
async fn published(city: &City, admin: &Browser, text: &str) -> String {
    let path = handed_in(admin, text).await.is(303).location;
    let sheet = admin.get(&path).await.is(200);
    let idem = sheet.hidden("idem");
    let fields = [("reason", "测试"), ("idem", idem.as_str()), ("accept", "1")];
    let publication = format!("{path}/publication");
    admin.post(&sheet, &publication, &fields).await.is(303);
    city.clock.advance(jiff::SignedDuration::from_secs(5));
    let hash = path.rsplit('/').next().expect("a hash");
    hash.to_owned()
}

async fn decisions_are_judged_tried_and_published(city: City) {
    only_the_system_administrator_may(&city).await;
    what_cannot_run_is_told_with_line_and_words(&city).await;
    gaps_and_overlaps_need_a_person(&city).await;
    a_file_is_tried_and_published_once(&city).await;
    programs_do_the_same(&city).await;
    of_two_at_once_both_are_told_the_truth(&city).await;
}

async fn only_the_system_administrator_may(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let path = handed_in(&admin, &file("authority", WHOLE))
        .await
        .is(303)
        .location;
    let paths = ["/admin/decisions", UPLOADS, &path, &format!("{path}/dmn")];
    for login in ["zhouchuang", "dhscjg-decider", "chenxiaoyun"] {
        let who = Browser::of(city, login).await;
        for path in paths {
            who.get(path).await.is(403);
        }
        let page = who.get("/").await.is(200);
        who.upload(&page, UPLOADS, "file", b"<x/>").await.is(403);
        let fields = [("reason", "x"), ("idem", "key-0001"), ("decision", "档次")];
        for act in ["publication", "trial"] {
            let to = format!("{path}/{act}");
            who.post(&page, &to, &fields).await.is(403);
        }
        who.get("/api/v1/decisions").await.is(403);
        let hash = path.rsplit('/').next().expect("a hash");
        let trials = format!("/api/v1/decisions/{hash}/trials");
        who.api(&trials, "", r#"{"decision": "档次"}"#)
            .await
            .is(403);
    }
    let nobody = Browser::of(city, "").await;
    nobody.get("/admin/decisions").await.is(303);
    assert_eq!(
        one::<i64>(city, "SELECT COUNT(*) FROM decision_change").await,
        0
    );
}

async fn what_cannot_run_is_told_with_line_and_words(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let good = file("broken", WHOLE);
    let drafts = async || one::<i64>(city, "SELECT COUNT(*) FROM decision_draft").await;
    let before = drafts().await;
    let bomb = good.replacen(
        "<definitions",
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n<definitions",
        1,
    );
    let deep = good.replace("<output/>", &"<context>".repeat(5_000));
    let long = good.replace("面积档次", &"长".repeat(3 << 20));
    let clock = good.replace("&lt;= 50", "&lt; now()");
    let unclear = good.replace("&lt;= 50", "&lt;= )");
    let cycle = good.replace(
        "requiredInput href=\"#a\"",
        "requiredDecision href=\"#grade-of-broken\"",
    );
    let nameless = good.replace("id=\"broken\" name=\"面积档次\"", "id=\"\" name=\"\"");
    for (text, words) in [
        ("", "请选择决策文件"),
        (bomb.as_str(), "DOCTYPE"),
        (deep.as_str(), "嵌套过深"),
        (long.as_str(), "属性过长"),
        (clock.as_str(), "now()"),
        (unclear.as_str(), "不是有效的 FEEL"),
        (cycle.as_str(), "依赖它自己"),
        (nameless.as_str(), "编号"),
        ("<html><body/></html>", "不能执行"),
        ("not a file at all", "不能执行"),
    ] {
        handed_in(&admin, text).await.is(422).has(words);
    }
    handed_in(&admin, &clock).await.has("data-l=\"行\">6</td>");
    let large = format!("{good}<!--{}-->", "x".repeat(10 << 20));
    handed_in(&admin, &large).await.is(413);
    assert_eq!(drafts().await, before, "nothing of them is kept");
    let nowhere = format!("/admin/decisions/{}", "0".repeat(64));
    admin.get(&nowhere).await.is(404);
    admin.get("/admin/decisions/x").await.is(404);
}

async fn gaps_and_overlaps_need_a_person(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let text = file(
        "holes",
        &[
            ("< 50", "小", ""),
            ("[60..100]", "中", ""),
            (">= 100", "大", ""),
        ],
    );
    let path = handed_in(&admin, &text).await.is(303).location;
    let sheet = admin.get(&path).await.is(200).has("需人工核对");
    let sheet = sheet.has("没有规则适用：经营面积大于等于 50、小于 60");
    let sheet = sheet.has("第 2 条和第 3 条规则会同时符合：经营面积等于 100");
    let publication = format!("{path}/publication");
    let idem = sheet.hidden("idem");
    let mut fields = vec![("reason", "已核对"), ("idem", idem.as_str())];
    let asked = admin.post(&sheet, &publication, &fields).await.is(422);
    let asked = asked.has("请人工核对后勾选确认");
    fields.push(("accept", "1"));
    admin.post(&asked, &publication, &fields).await.is(303);
}

async fn a_file_is_tried_and_published_once(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let text = file("grade", WHOLE);
    let path = handed_in(&admin, &text).await.is(303).location;
    let sheet = admin.get(&path).await.is(200).has("没有发现问题");
    // The table as people read it: policy, heads, cells, notes.
    let sheet = sheet
        .has("唯一（同时只能有一条规则符合）")
        .has("scope=\"colgroup\"");
    let sheet = sheet
        .has("办法第三条")
        .has("依据")
        .has("&#60;= 50")
        .lacks("style=");
    let trial = format!("{path}/trial");
    let tried = [("decision", "grade-of-grade"), ("in-0", "42.5")];
    let seen = admin.post(&sheet, &trial, &tried).await.is(200);
    seen.has("小型")
        .has("适用规则 第 1 条（r1）：办法第三条")
        .has("value=\"42.5\"");
    let words = [("decision", "grade-of-grade"), ("in-0", "很大")];
    let seen = admin.post(&sheet, &trial, &words).await.is(200);
    seen.has("空");
    let unknown = [("decision", "nothing"), ("in-0", "1")];
    admin.post(&sheet, &trial, &unknown).await.is(404);
    let publication = format!("{path}/publication");
    let idem = sheet.hidden("idem");
    let empty = [("reason", " "), ("idem", idem.as_str())];
    admin
        .post(&sheet, &publication, &empty)
        .await
        .is(422)
        .has("请填写理由");
    let fields = [("reason", "首次发布"), ("idem", idem.as_str())];
    admin.post(&sheet, &publication, &fields).await.is(303);
    admin.post(&sheet, &publication, &fields).await.is(303);
    let again = [("reason", "首次发布"), ("idem", "another-key-1")];
    admin.post(&sheet, &publication, &again).await.is(409);
    let known = handed_in(&admin, &text).await.is(303).location;
    assert_eq!(known, format!("{path}?known=1"));
    admin.get(&path).await.is(200).has("奚统").has("最新版本");
    admin.get("/admin/decisions").await.is(200).has("面积档次");
    let dmn = admin.get(&format!("{path}/dmn")).await.is(200);
    assert_eq!(dmn.text, text, "byte for byte");
    let hash = path.rsplit('/').next().expect("a hash").to_owned();
    let leaves: Vec<Vec<u8>> = city
        .app
        .ctx
        .db
        .read(move |tx| {
            tx.all(
                "SELECT leaf FROM decision_change WHERE hash = $1 ORDER BY n",
                params![&hash],
                |row| row.get(0),
            )
        })
        .await
        .expect("read");
    let [leaf] = &leaves[..] else {
        panic!("published {} times", leaves.len());
    };
    city.sequenced().await;
    let leaf: [u8; 32] = leaf.clone().try_into().expect("a hash");
    let read = city
        .app
        .ctx
        .db
        .read(move |tx| tongban_storage::leaf_index(tx, &leaf));
    assert!(
        read.await.expect("read").is_some(),
        "its leaf is in the log"
    );
}

async fn programs_do_the_same(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let posted = async |text: &str| {
        let request = axum::http::Request::post("/api/v1/decisions");
        let request = request.header("content-type", "application/xml");
        admin
            .send(request, axum::body::Body::from(text.to_owned()))
            .await
    };
    posted("<!DOCTYPE x><x/>")
        .await
        .is(422)
        .has("decision.refused")
        .has("DOCTYPE");
    let text = file("by-program", WHOLE);
    let made = posted(&text).await.is(201).has("\"published\":false");
    let path = made.location.clone();
    made.has("\"policy\":\"UNIQUE\"").has("\"area\":\"number\"");
    let trials = format!("{path}/trials");
    let wish = r#"{"decision": "档次", "inputs": {"area": 51}}"#;
    let tried = admin.api(&trials, "", wish).await.is(200);
    tried.has("\"result\":\"大型\"").has("\"index\":2");
    let missing = admin
        .api(&trials, "", r#"{"decision": "档次"}"#)
        .await
        .is(200);
    missing.has("缺少输入：area");
    let publication = format!("{path}/publication");
    let wish = r#"{"reason": "试办"}"#;
    admin.api(&publication, "", wish).await.is(400);
    let first = admin.api(&publication, "the-key-of-it", wish).await.is(200);
    let again = admin.api(&publication, "the-key-of-it", wish).await.is(200);
    assert_eq!(first.text, again.text);
    admin
        .get("/api/v1/decisions")
        .await
        .is(200)
        .has("by-program");
    assert_eq!(admin.get(&format!("{path}/dmn")).await.is(200).text, text);
}

async fn of_two_at_once_both_are_told_the_truth(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let path = handed_in(&admin, &file("at-once", WHOLE))
        .await
        .is(303)
        .location;
    let api = path.replace("/admin/", "/api/v1/") + "/publication";
    let wish = r#"{"reason": "同时"}"#;
    let (a, b) = tokio::join!(
        admin.api(&api, "the-first-of-two", wish),
        admin.api(&api, "the-other-of-two", wish)
    );
    let mut both = [a.status.as_u16(), b.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [200, 409], "{} {}", a.text, b.text);
    assert_eq!(
        one::<i64>(
            city,
            "SELECT COUNT(*) FROM decision_change WHERE name = 'at-once'"
        )
        .await,
        1
    );
}

async fn processes_ask_only_what_is_published(city: City) {
    let admin = Browser::of(&city, "xitong").await;
    let uploads = "/admin/processes/uploads";
    let sheet_of = async |text: &str| {
        let form = admin.get(uploads).await.is(200);
        let path = admin.upload(&form, uploads, "file", text.as_bytes()).await;
        admin
            .get(&path.is(303).location.replace("?known=1", ""))
            .await
            .is(200)
    };
    let refused = async |text: &str, words: &str| {
        let sheet = sheet_of(text)
            .await
            .has(words)
            .has("必须改正")
            .lacks("/publication\"");
        let hash = crate::admin_processes::hash_of(text);
        let publication = format!("/api/v1/processes/{hash}/publication");
        let wish = r#"{"reason": "硬来"}"#;
        let key = format!("key-{:.16}", hash);
        admin.api(&publication, &key, wish).await.is(422).has(words);
        drop(sheet);
    };
    let text = asking("asks", "档次", "latest");
    refused(&text, "决策“档次”还没有发布").await;
    refused(&asking("asks-formula", "=name", "latest"), "不能由变量决定").await;
    let first = published(&city, &admin, &file("one", WHOLE)).await;
    sheet_of(&text).await.has("/publication\"");
    // Walked before it is published: the newest version is asked.
    let walk = format!(
        "/admin/processes/{}/walk",
        crate::admin_processes::hash_of(&text)
    );
    let page = admin.get(&walk).await.is(200);
    let begin = [("steps", "[]"), ("op", "start"), ("vars", "area = 60")];
    let walked = admin.post(&page, &walk, &begin).await.is(200);
    walked.has("大型").has("is-current\" data-id=\"look\"");
    let begin = [("steps", "[]"), ("op", "start"), ("vars", "")];
    let walked = admin.post(&page, &walk, &begin).await.is(422);
    walked.has("缺少输入：area");
    // Two files have it: it has to be said which.
    published(&city, &admin, &file("two", WHOLE)).await;
    refused(&text, "在几个决策文件中都有：one、two").await;
    crate::admin_processes::published(&admin, &asking("asks-one", "one#档次", "latest")).await;
    let fixed = asking("asks-fixed", "档次", &format!("version:{first}"));
    sheet_of(&fixed).await.has("/publication\"");
    let gone = asking("asks-gone", "档次", &format!("version:{}", "0".repeat(64)));
    refused(&gone, "没有发布").await;
    // A version without the decision that a process asks cannot follow.
    let renamed = file("one", WHOLE)
        .replace("档次", "等级")
        .replace("grade-of-one", "level");
    let path = handed_in(&admin, &renamed).await.is(303).location;
    let sheet = admin.get(&path).await.is(200).has("asks-one").has("没有了");
    sheet.lacks("/publication\"");
}
