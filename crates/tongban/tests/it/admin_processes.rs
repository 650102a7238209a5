//! The administration of processes through its pages, on both engines.

use tongban_process::Definition;
use tongban_storage::params;

use crate::admin::one;
use crate::browser::{Browser, Seen};
use crate::city::{City, in_the_city};

in_the_city!(files_are_judged_and_published);

pub(crate) const FILE: &str = include_str!("../../../process/testdata/licence-approval.bpmn");
const UPLOADS: &str = "/admin/processes/uploads";

async fn files_are_judged_and_published(city: City) {
    only_the_system_administrator_may(&city).await;
    hostile_and_broken_files_are_refused_with_line_and_words(&city).await;
    what_only_this_installation_knows_keeps_a_file_from_being_published(&city).await;
    what_is_not_decided_is_published_only_by_a_person(&city).await;
    a_file_is_walked_and_published_once(&city).await;
    programs_do_the_same(&city).await;
}

pub(crate) fn hash_of(text: &str) -> String {
    let read = Definition::parse(text.as_bytes()).expect("sound");
    read.0.hash().to_owned()
}

/// A small process; `inside` stands between start and end, which are joined by it.
fn small(id: &str, inside: &str) -> String {
    format!(
        r#"<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tb="http://tongban.dev/bpmn" targetNamespace="x">
<process id="{id}" name="小流程" tb:variables="fine">
<startEvent id="s"/>
{inside}
<endEvent id="e"/>
</process></definitions>"#
    )
}

fn one_task(id: &str, attributes: &str) -> String {
    small(
        id,
        &format!(
            r#"<userTask id="t" name="看一看" tb:act="pre-review" {attributes}/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/><sequenceFlow id="f2" sourceRef="t" targetRef="e"/>"#
        ),
    )
}

/// Hands a file in; the answer.
async fn handed_in(admin: &Browser, text: &str) -> Seen {
    let form = admin.get(UPLOADS).await.is(200);
    admin.upload(&form, UPLOADS, "file", text.as_bytes()).await
}

/// A hidden field as a browser would send it back.
fn sent_back(page: &Seen, name: &str) -> String {
    page.hidden(name)
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

pub(crate) async fn published(admin: &Browser, text: &str) -> String {
    let path = handed_in(admin, text).await.is(303).location;
    let sheet = admin.get(&path).await.is(200);
    let idem = sheet.hidden("idem");
    let fields = [("reason", "测试"), ("idem", idem.as_str())];
    let publication = format!("{path}/publication");
    let done = admin.post(&sheet, &publication, &fields).await.is(303);
    assert_eq!(done.location, format!("{path}?done=1"));
    hash_of(text)
}

async fn only_the_system_administrator_may(city: &City) {
    let known = hash_of(FILE);
    let paths = [
        "/admin/processes".to_owned(),
        UPLOADS.to_owned(),
        format!("/admin/processes/{known}"),
        format!("/admin/processes/{known}/bpmn"),
        format!("/admin/processes/{known}/walk"),
        format!("/admin/processes/{known}/moves"),
        "/admin/process-moves/1".to_owned(),
    ];
    for login in ["zhouchuang", "dhscjg-decider", "chenxiaoyun"] {
        let who = Browser::of(city, login).await;
        for path in &paths {
            who.get(path).await.is(403).has("管理办理流程");
        }
        let page = who.get("/").await.is(200);
        let refused = who.upload(&page, UPLOADS, "file", FILE.as_bytes()).await;
        refused.is(403);
        for (path, fields) in [
            (
                format!("/admin/processes/{known}/publication"),
                [("reason", "x"), ("idem", "key-0001")],
            ),
            (
                format!("/admin/processes/{known}/walk"),
                [("steps", "[]"), ("op", "start")],
            ),
            (
                format!("/admin/processes/{known}/moves"),
                [("to", known.as_str()), ("step", "order")],
            ),
        ] {
            who.post(&page, &path, &fields).await.is(403);
        }
    }
    let nobody = Browser::of(city, "").await;
    nobody.get("/admin/processes").await.is(303);
}

async fn hostile_and_broken_files_are_refused_with_line_and_words(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let doctype = FILE.replacen(
        "<bpmn:definitions",
        "<!DOCTYPE x [<!ENTITY a \"b\">]>\n<bpmn:definitions",
        1,
    );
    let long = "x".repeat(9 << 20);
    let attribute = one_task("long", &format!("tb:post=\"{long}\""));
    let ad_hoc = small(
        "adhoc",
        r#"<adHocSubProcess id="loose"/><sequenceFlow id="f" sourceRef="s" targetRef="e"/>"#,
    );
    for (text, words) in [
        ("", "请选择流程文件"),
        (doctype.as_str(), "DOCTYPE"),
        ("<html><body/></html>", "不能执行"),
        ("not a file at all", "不能执行"),
        (attribute.as_str(), "不能执行"),
        (ad_hoc.as_str(), "loose"),
    ] {
        handed_in(&admin, text).await.is(422).has(words);
    }
    handed_in(&admin, &ad_hoc).await.has("data-l=\"行\">5</td>");
    let large = format!("{FILE}<!--{}-->", "x".repeat(10 << 20));
    handed_in(&admin, &large).await.is(413);
    for path in ["/admin/processes/x", "/admin/process-moves/99"] {
        admin.get(path).await.is(404);
    }
    let nowhere = format!("/admin/processes/{}", "0".repeat(64));
    admin.get(&nowhere).await.is(404);
    assert_eq!(
        one::<i64>(city, "SELECT COUNT(*) FROM process_draft").await,
        0
    );
}

async fn what_only_this_installation_knows_keeps_a_file_from_being_published(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let counted = async || one::<i64>(city, "SELECT COUNT(*) FROM process_definition").await;
    let before = counted().await;
    let fire_brigade = "SELECT id FROM organ WHERE name = '云州市消防救援支队'";
    let organ: String = one(city, fire_brigade).await;
    let nobody = format!("tb:post=\"counter\" tb:organ=\"org_{organ}\"");
    let call = small(
        "calls",
        r#"<callActivity id="c" calledElement="nowhere"/><sequenceFlow id="f1" sourceRef="s" targetRef="c"/><sequenceFlow id="f2" sourceRef="c" targetRef="e"/>"#,
    );
    for (text, words) in [
        (one_task("a", "tb:post=\"emperor\""), "岗位“emperor”不存在"),
        (
            one_task("b", "tb:post=\"counter\" tb:organ=\"somewhere\""),
            "机构“somewhere”不存在",
        ),
        (one_task("c", &nobody), "云州市消防救援支队没有"),
        (one_task("d", ""), "没有指定岗位"),
        (
            one_task("d2", "tb:post=\"reviewer\""),
            "岗位“reviewer”没有“预审”的权限",
        ),
        (call, "“nowhere”还没有发布"),
    ] {
        let path = handed_in(&admin, &text).await.is(303).location;
        let sheet = admin.get(&path).await.is(200).has(words);
        let sheet = sheet.has("不能发布").lacks("/publication\"");
        let fields = [("reason", "硬来"), ("idem", "a-forced-key")];
        let forced = admin
            .post(&sheet, &format!("{path}/publication"), &fields)
            .await;
        forced.is(422);
    }
    assert_eq!(counted().await, before);
    // A limit that is no number of days is told, a promise that cannot be kept is told; both can be published.
    let late = FILE.replace("tb:limit=\"P2D\"", "tb:limit=\"P90D\"");
    let path = handed_in(&admin, &late).await.is(303).location;
    let sheet = admin.get(&path).await.is(200).has("99 个工作日，超过“");
    sheet.has("合计 99 个工作日").has("/publication\"");
    let odd = one_task("f", "tb:post=\"counter\" tb:limit=\"PT4H\"");
    let path = handed_in(&admin, &odd).await.is(303).location;
    admin.get(&path).await.is(200).has("“PT4H”不是 P3D");
}

/// Twelve branches, each with a choice and a reminder that leaves the way: too many markings to look at.
fn undecidable() -> String {
    let flow = |from: &str, to: &str| {
        format!("<sequenceFlow id=\"f_{from}_{to}\" sourceRef=\"{from}\" targetRef=\"{to}\"/>")
    };
    let task = |id: &str| {
        format!("<userTask id=\"{id}\" name=\"{id}\" tb:post=\"counter\" tb:act=\"pre-review\"/>")
    };
    let mut inside = "<parallelGateway id=\"g\"/><parallelGateway id=\"j\"/>".to_owned();
    inside += &flow("s", "g");
    inside += &flow("j", "e");
    for n in 0..12 {
        let [a, b, c, d, o, r, x] =
            ["a", "b", "c", "d", "o", "r", "x"].map(|id| format!("{id}{n}"));
        inside += &format!(
            "<exclusiveGateway id=\"{a}\" default=\"f_{a}_{o}\"/><exclusiveGateway id=\"{c}\"/><sequenceFlow id=\"f_{a}_{b}\" sourceRef=\"{a}\" targetRef=\"{b}\"><conditionExpression>fine</conditionExpression></sequenceFlow>
<boundaryEvent id=\"t{n}\" attachedToRef=\"{b}\" cancelActivity=\"false\"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent><endEvent id=\"{x}\"/>"
        );
        for id in [&b, &d, &o, &r] {
            inside += &task(id);
        }
        for (from, to) in [("g", &a), (&a, &o), (&o, &c), (&b, &c), (&c, &d), (&r, &x)] {
            inside += &flow(from, to);
        }
        inside += &flow(&d, "j");
        inside += &flow(&format!("t{n}"), &r);
    }
    small("wide", &inside)
}

async fn what_is_not_decided_is_published_only_by_a_person(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let path = handed_in(&admin, &undecidable()).await.is(303).location;
    let sheet = admin.get(&path).await.is(200).has("需人工核对");
    let idem = sheet.hidden("idem");
    let publication = format!("{path}/publication");
    let mut fields = vec![("reason", "已核对"), ("idem", idem.as_str())];
    let asked = admin.post(&sheet, &publication, &fields).await.is(422);
    let asked = asked.has("请人工核对后勾选确认");
    fields.push(("accept", "1"));
    admin.post(&asked, &publication, &fields).await.is(303);
}

async fn a_file_is_walked_and_published_once(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    admin.get("/admin/processes").await.is(200).has("许可审批");
    let text = FILE.replace("name=\"许可审批\"", "name=\"许可审批（新）\"");
    let path = handed_in(&admin, &text).await.is(303).location;
    let sheet = admin
        .get(&path)
        .await
        .is(200)
        .has("<svg width=")
        .lacks("style=");
    let sheet = sheet.has("综窗人员").has("由公式决定：review_organ_1");
    // Walked before it is published: nothing is kept.
    let walk = format!("{path}/walk");
    admin.get(&format!("{path}/moves")).await.is(404);
    let page = admin.get(&walk).await.is(200).has("尚未开始");
    let bad = [("steps", "[]"), ("op", "start"), ("vars", "outcome accept")];
    admin
        .post(&page, &walk, &bad)
        .await
        .is(422)
        .has("变量每行一个");
    let begun = [("steps", "[]"), ("op", "start"), ("vars", "")];
    let page = admin.post(&page, &walk, &begun).await.is(200);
    let page = page.has("is-current\" data-id=\"pre_review\"");
    let steps = sent_back(&page, "steps");
    let stuck = [
        ("steps", steps.as_str()),
        ("op", "complete"),
        ("element", "pre_review"),
        ("n", "1"),
    ];
    let refused = admin
        .post(&page, &walk, &stuck)
        .await
        .is(422)
        .has("这一步没有走成");
    assert_eq!(
        sent_back(&refused, "steps"),
        steps,
        "a refused step is not kept"
    );
    let mut on = stuck.to_vec();
    on.push(("vars", "outcome = \"accept\"\nplain = 甲"));
    let page = admin.post(&page, &walk, &on).await.is(200);
    let page = page
        .has("is-current\" data-id=\"accept\"")
        .has("is-done\" data-id=\"pre_review\"");
    let page = page.has("&#34;accept&#34;").has("甲");
    let steps = sent_back(&page, "steps");
    let undone = [("steps", steps.as_str()), ("op", "undo")];
    let undone = admin.post(&page, &walk, &undone).await.is(200);
    undone.has("is-current\" data-id=\"pre_review\"");
    let spoilt = [("steps", "{"), ("op", "start")];
    admin
        .post(&page, &walk, &spoilt)
        .await
        .is(422)
        .has("请重新开始");
    let far = [
        ("steps", steps.as_str()),
        ("op", "advance"),
        ("by", "P9999Y"),
    ];
    admin.post(&page, &walk, &far).await.is(422).has("3660 天");

    city.clock.advance(jiff::SignedDuration::from_secs(5));
    let publication = format!("{path}/publication");
    let idem = sheet.hidden("idem");
    let empty = [("reason", " "), ("idem", idem.as_str())];
    admin
        .post(&sheet, &publication, &empty)
        .await
        .is(422)
        .has("请填写理由");
    let fields = [("reason", "改名"), ("idem", idem.as_str())];
    admin.post(&sheet, &publication, &fields).await.is(303);
    // A double click is one publication; the same file handed in again is the same version.
    admin.post(&sheet, &publication, &fields).await.is(303);
    let hash = hash_of(&text);
    let known = handed_in(&admin, &text).await.is(303).location;
    assert_eq!(known, format!("/admin/processes/{hash}?known=1"));
    let again = [("reason", "改名"), ("idem", "another-key-1")];
    admin.post(&sheet, &publication, &again).await.is(409);
    let leaves: Vec<Vec<u8>> = city
        .app
        .ctx
        .db
        .read(move |tx| {
            tx.all(
                "SELECT leaf FROM process_change WHERE hash = $1 ORDER BY n",
                params![&hash],
                |row| row.get(0),
            )
        })
        .await
        .expect("read");
    let [leaf] = &leaves[..] else {
        panic!("published {} times", leaves.len());
    };
    let leaf = leaf.clone();
    admin
        .get(&path)
        .await
        .is(200)
        .has("奚统")
        .has("最新版本")
        .has("食品经营许可");
    let list = admin.get("/admin/processes").await.is(200);
    list.has("许可审批（新）").has(&hash_of(FILE)[..12]);
    let file = admin.get(&format!("{path}/bpmn")).await.is(200);
    assert_eq!(file.text, text, "byte for byte");
    city.sequenced().await;
    let hash: [u8; 32] = leaf.try_into().expect("a hash");
    let index = city
        .app
        .ctx
        .db
        .read(move |tx| tongban_storage::leaf_index(tx, &hash));
    assert!(index.await.expect("read").is_some());
}

async fn posted_xml(who: &Browser, text: &str) -> Seen {
    let request = axum::http::Request::post("/api/v1/processes");
    let request = request.header("content-type", "application/xml");
    who.send(request, axum::body::Body::from(text.to_owned()))
        .await
}

async fn programs_do_the_same(city: &City) {
    let text = one_task("by-program", "tb:post=\"counter\"");
    let clerk = Browser::of(city, "zhouchuang").await;
    clerk.get("/api/v1/processes").await.is(403);
    posted_xml(&clerk, &text).await.is(403);
    let admin = Browser::of(city, "xitong").await;
    let refused = posted_xml(&admin, "<!DOCTYPE x><x/>").await.is(422);
    refused.has("process.refused").has("第 1 行");
    let made = posted_xml(&admin, &text)
        .await
        .is(201)
        .has("\"published\":false");
    let path = format!("/api/v1/processes/{}", hash_of(&text));
    assert_eq!(made.location, path);
    let publication = format!("{path}/publication");
    let wish = r#"{"reason": "试办"}"#;
    admin.api(&publication, "", wish).await.is(400);
    let first = admin.api(&publication, "the-key-of-it", wish).await.is(200);
    let again = admin.api(&publication, "the-key-of-it", wish).await.is(200);
    assert_eq!(first.text, again.text);
    admin
        .get("/api/v1/processes")
        .await
        .is(200)
        .has("by-program");
    let detail = admin.get(&path).await.is(200).has("\"published\":true");
    detail
        .has("\"post\":\"counter\"")
        .has("\"act\":\"pre-review\"");
    let file = admin.get(&format!("{path}/bpmn")).await.is(200);
    assert_eq!(file.text, text);
    // Only versions of one process lead to one another.
    let elsewhere = format!(r#"{{"to": "{}"}}"#, hash_of(FILE));
    let trials = format!("{path}/move-trials");
    admin
        .api(&trials, "", &elsewhere)
        .await
        .is(422)
        .has("同一流程");
    let next = text.replace("小流程", "小小流程");
    posted_xml(&admin, &next).await.is(201);
    city.clock.advance(jiff::SignedDuration::from_secs(5));
    let newer = format!("/api/v1/processes/{}/publication", hash_of(&next));
    admin.api(&newer, "another-key-of-it", wish).await.is(200);
    let to = format!(r#"{{"to": "{}"}}"#, hash_of(&next));
    admin.api(&trials, "", &to).await.is(200).has("\"moved\":0");
    let order = format!(r#"{{"to": "{}", "reason": "改名"}}"#, hash_of(&next));
    let moves = format!("{path}/moves");
    let ordered = admin
        .api(&moves, "a-move-key", &order)
        .await
        .is(201)
        .location;
    assert_eq!(
        admin.api(&moves, "a-move-key", &order).await.location,
        ordered
    );
    city.settle().await;
    admin.get(&ordered).await.is(200).has("\"finished\":true");
    clerk.get(&ordered).await.is(403);
    clerk.api(&moves, "a-clerk-key", &order).await.is(403);
}
