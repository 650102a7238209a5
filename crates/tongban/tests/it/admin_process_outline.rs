//! The outline editor through its pages, on both engines: an approval is built from nothing and published, without script.

use crate::admin::one;
use crate::admin_processes::{FILE, hash_of};
use crate::browser::{Browser, Seen};
use crate::city::{City, in_the_city};

in_the_city!(an_approval_is_built_as_a_list);

const LIST: &str = "/admin/processes/outlines";

async fn an_approval_is_built_as_a_list(city: City) {
    only_the_system_administrator_may(&city).await;
    let copy = begun(&city).await;
    steps_are_kept_and_undone(&city, &copy).await;
    turns_happen_once_and_on_what_was_seen(&city, &copy).await;
    the_approval_is_finished_and_published(&city, &copy).await;
    a_published_file_is_edited_without_a_trace(&city).await;
    copies_are_dropped(&city, &copy).await;
}

/// Posts a form of the page that `path` shows, with its hidden fields.
async fn sent(who: &Browser, path: &str, to: &str, fields: &[(&str, &str)]) -> Seen {
    let page = who.get(path).await.is(200);
    let (rev, idem) = (page.hidden("rev"), page.hidden("idem"));
    let all = [("rev", rev.as_str()), ("idem", idem.as_str())];
    let all: Vec<_> = all.into_iter().chain(fields.iter().copied()).collect();
    who.post(&page, to, &all).await
}

/// A step of an outline; where it leads.
async fn step(who: &Browser, copy: &str, fields: &[(&str, &str)]) -> Seen {
    sent(who, copy, &format!("{copy}/steps"), fields).await
}

fn element(copy: &str, id: &str) -> String {
    format!("{copy}/element?id={id}")
}

async fn only_the_system_administrator_may(city: &City) {
    for login in ["zhouchuang", "dhscjg-decider", "chenxiaoyun"] {
        let who = Browser::of(city, login).await;
        for path in [
            LIST,
            "/admin/processes/outlines/1",
            "/admin/processes/outlines/1/bpmn",
        ] {
            who.get(path).await.is(403).has("管理办理流程");
        }
        let page = who.get("/").await.is(200);
        let fields = [
            ("rev", "0"),
            ("idem", "key-0001"),
            ("id", "x"),
            ("name", "x"),
        ];
        for path in ["", "/1/steps", "/1/turns", "/1/file", "/1/end"] {
            who.post(&page, &format!("{LIST}{path}"), &fields)
                .await
                .is(403);
        }
    }
    Browser::of(city, "").await.get(LIST).await.is(303);
}

async fn begun(city: &City) -> String {
    let admin = Browser::of(city, "xitong").await;
    let list = admin.get(LIST).await.is(200).has("没有正在编辑的流程");
    let idem = list.hidden("idem");
    for (id, name, words) in [
        ("", "小审批", "流程编号以小写字母开头"),
        ("Small", "小审批", "流程编号以小写字母开头"),
        ("small-approval", " ", "请填写流程名称"),
    ] {
        let fields = [("idem", idem.as_str()), ("id", id), ("name", name)];
        admin.post(&list, LIST, &fields).await.is(422).has(words);
    }
    let fields = [
        ("idem", idem.as_str()),
        ("id", "small-approval"),
        ("name", "小审批"),
    ];
    let copy = admin.post(&list, LIST, &fields).await.is(303).location;
    // A double click is one copy.
    let again = admin.post(&list, LIST, &fields).await.is(303).location;
    assert_eq!(copy, again);
    assert_eq!(
        one::<i64>(city, "SELECT COUNT(*) FROM process_outline").await,
        1
    );
    admin.get(LIST).await.is(200).has("小审批").has("奚统");
    copy
}

async fn steps_are_kept_and_undone(city: &City, copy: &str) {
    let admin = Browser::of(city, "xitong").await;
    let page = admin.get(copy).await.is(200);
    let rev = page.hidden("rev");
    let insert = [
        ("rev", rev.as_str()),
        ("idem", "insert-key-1"),
        ("op", "insert"),
        ("element", "start_1"),
        ("place", "after:start_1"),
        ("sort", "userTask"),
        ("name", "受理 <b>"),
    ];
    let steps = format!("{copy}/steps");
    let done = admin.post(&page, &steps, &insert).await.is(303);
    assert_eq!(done.location, element(copy, "task_1"));
    // The same again is the same step; the same revision with another wish is too late.
    let again = admin.post(&page, &steps, &insert).await.is(303);
    assert_eq!(again.location, done.location);
    let mut late = insert.to_vec();
    late[1].1 = "insert-key-2";
    admin
        .post(&page, &steps, &late)
        .await
        .is(409)
        .has("刚刚被他人修改");
    let mut other = insert.to_vec();
    other[6].1 = "别的";
    admin.post(&page, &steps, &other).await.is(422);
    let all = "SELECT COUNT(*) FROM process_outline_step";
    assert_eq!(one::<i64>(city, all).await, 2);
    let page = admin.get(copy).await.is(200).lacks("受理 <b>");
    // The check speaks beside the element that it means.
    let page = page.has("受理 &#60;b&#62;");
    let own = page
        .text
        .split("id=\"e-task_1\"")
        .nth(1)
        .expect("an element");
    let own = own.split("id=\"e-end_1\"").next().unwrap_or_default();
    assert!(own.contains("没有指定岗位"), "{own}");
    let name = [("op", "save"), ("element", "task_1"), ("name", "受理")];
    let saved = step(&admin, copy, &name).await.is(303);
    assert_eq!(saved.location, format!("{copy}#e-task_1"));
    let turns = format!("{copy}/turns");
    sent(&admin, copy, &turns, &[("op", "undo")]).await.is(303);
    let undone = admin.get(copy).await.is(200);
    undone.has("<b>受理 &#60;b&#62;</b>");
    sent(&admin, copy, &turns, &[("op", "redo")]).await.is(303);
    admin.get(copy).await.is(200).has("<b>受理</b>");
    sent(&admin, copy, &turns, &[("op", "redo")]).await.is(409);
    // What is refused says why, beside what was typed.
    for (fields, words) in [
        (
            vec![("op", "remove"), ("element", "start_1")],
            "开始事件不能移去",
        ),
        (
            vec![
                ("op", "insert"),
                ("element", "task_1"),
                ("form", "insert"),
                ("name", "我的环节"),
            ],
            "请先选择",
        ),
        (
            vec![
                ("op", "branches"),
                ("element", "task_1"),
                ("place", "after:task_1"),
                ("sort", "parallelGateway"),
                ("names", "甲"),
            ],
            "请填写 2 至 20 条分支",
        ),
        (
            vec![("op", "connect"), ("element", "task_1"), ("to", "start_1")],
            "开始事件之前不能有环节",
        ),
        (vec![("op", "nonsense"), ("element", "task_1")], "请先选择"),
        (vec![("op", "add-lane"), ("name", "")], "请填写泳道名称"),
        (
            vec![("op", "save"), ("element", "task_1"), ("name", "\u{1}")],
            "不能保存的字符",
        ),
    ] {
        step(&admin, copy, &fields).await.is(422).has(words);
    }
    let typed = [
        ("op", "insert"),
        ("element", "task_1"),
        ("form", "insert"),
        ("name", "我的环节"),
    ];
    step(&admin, copy, &typed)
        .await
        .is(422)
        .has("value=\"我的环节\"");
    admin.get(&element(copy, "nothing")).await.is(404);
    admin.get(&format!("{LIST}/99")).await.is(404);
    admin.get(&format!("{LIST}/x")).await.is(404);
}

async fn turns_happen_once_and_on_what_was_seen(city: &City, copy: &str) {
    let admin = Browser::of(city, "xitong").await;
    let (turns, file) = (format!("{copy}/turns"), format!("{copy}/file"));
    let page = admin.get(copy).await.is(200).has("<b>受理</b>");
    // A double click undoes one step.
    let rev = page.hidden("rev");
    let fields = [
        ("rev", rev.as_str()),
        ("idem", "undo-key-1"),
        ("op", "undo"),
    ];
    admin.post(&page, &turns, &fields).await.is(303);
    admin.post(&page, &turns, &fields).await.is(303);
    admin.get(copy).await.is(200).has("<b>受理 &#60;b&#62;</b>");
    // Whoever looks at an older page changes nothing, and hands nothing in that was not looked at.
    let late = [
        ("rev", rev.as_str()),
        ("idem", "undo-key-2"),
        ("op", "undo"),
    ];
    admin.post(&page, &turns, &late).await.is(409);
    let late = [("rev", rev.as_str()), ("idem", "file-key-1")];
    admin.post(&page, &file, &late).await.is(409);
    sent(&admin, copy, &turns, &[("op", "redo")]).await.is(303);
    admin.get(copy).await.is(200).has("<b>受理</b>");
}

async fn the_approval_is_finished_and_published(city: &City, copy: &str) {
    let admin = Browser::of(city, "xitong").await;
    let save = |id: &'static str, more: &[(&'static str, &'static str)]| {
        let mut fields = vec![("op", "save"), ("element", id)];
        fields.extend_from_slice(more);
        fields
    };
    let insert = |after: &'static str, sort: &'static str, name: &'static str| {
        let place = match after {
            "task_1" => "after:task_1",
            "task_2" => "after:task_2",
            _ => "after:gateway_1",
        };
        vec![
            ("op", "insert"),
            ("element", after),
            ("place", place),
            ("sort", sort),
            ("name", name),
        ]
    };
    let page = admin.get(&element(copy, "task_1")).await.is(200);
    page.has("综窗人员").has("pre-review");
    for fields in [
        save(
            "task_1",
            &[
                ("post", "acceptor"),
                ("act", "accept"),
                ("form", "acceptance"),
                ("limit", "P2D"),
            ],
        ),
        insert("task_1", "userTask", "决定"),
        save(
            "task_2",
            &[("post", "decider"), ("act", "decide"), ("limit", "P3D")],
        ),
        insert("task_2", "exclusiveGateway", "准予？"),
        insert("gateway_1", "serviceTask", "制证"),
    ] {
        step(&admin, copy, &fields).await.is(303);
    }
    // A service without name cannot be executed: told beside it, kept, not handed in.
    let unfinished = admin.get(copy).await.is(200).has("服务任务没有指明服务");
    unfinished.has("流程还不能执行").lacks("<svg width");
    let file = format!("{copy}/file");
    sent(&admin, copy, &file, &[])
        .await
        .is(422)
        .has("还有不能执行的地方");
    let page = admin.get(&element(copy, "gateway_1")).await.is(200);
    page.has("再加一条分支");
    for fields in [
        save("task_3", &[("service", "issue-licence")]),
        vec![("op", "branch"), ("element", "gateway_1"), ("name", "告知")],
        save("task_4", &[("post", "reviewer"), ("act", "review")]),
        vec![
            ("op", "flow"),
            ("element", "gateway_1"),
            ("flow", "flow_4"),
            ("to", "task_3"),
            ("name", "准予"),
            ("condition", "decision = \"grant\""),
        ],
        vec![
            ("op", "flow"),
            ("element", "gateway_1"),
            ("flow", "flow_6"),
            ("to", "task_4"),
            ("name", ""),
            ("condition", ""),
            ("default", "1"),
        ],
        vec![
            ("op", "timer"),
            ("element", "task_2"),
            ("name", "催办"),
            ("time-form", "timeDuration"),
            ("time", "P2D"),
            ("calendar", "working"),
            ("interrupting", "false"),
        ],
        vec![("op", "add-lane"), ("name", "窗口"), ("post", "counter")],
        save("task_1", &[("lane", "lane_1")]),
        save("small-approval", &[("variables", "decision")]),
        vec![("op", "layout")],
    ] {
        let told = format!("{fields:?}");
        let done = step(&admin, copy, &fields).await;
        assert_eq!(done.status.as_u16(), 303, "{told} {}", done.text);
    }
    let page = admin.get(copy).await.is(200).has("没有发现问题");
    let page = page
        .has("如果 decision = &#34;grant&#34;")
        .has("条件都不成立时");
    page.has("附着的定时：催办（P2D）")
        .has("<svg width")
        .has("泳道“窗口”")
        .has("重新排版");
    let bpmn = admin.get(&format!("{copy}/bpmn")).await.is(200).text;
    let sheet = sent(&admin, copy, &file, &[]).await.is(303).location;
    assert_eq!(sheet, format!("/admin/processes/{}", hash_of(&bpmn)));
    let page = admin
        .get(&sheet)
        .await
        .is(200)
        .has("受理人员")
        .has("没有发现问题");
    let idem = page.hidden("idem");
    let fields = [("reason", "新设小审批"), ("idem", idem.as_str())];
    let publication = format!("{sheet}/publication");
    admin.post(&page, &publication, &fields).await.is(303);
    let list = admin.get("/admin/processes").await.is(200).has("小审批");
    list.has("small-approval");
    let walk = format!("{sheet}/walk");
    let page = admin.get(&walk).await.is(200);
    let begun = [("steps", "[]"), ("op", "start"), ("vars", "")];
    let page = admin.post(&page, &walk, &begun).await.is(200);
    page.has("is-current\" data-id=\"task_1\"");
}

async fn a_published_file_is_edited_without_a_trace(city: &City) {
    let admin = Browser::of(city, "xitong").await;
    let sheet = format!("/admin/processes/{}", hash_of(FILE));
    let page = admin.get(&sheet).await.is(200).has("用提纲修改");
    let (idem, hash) = (page.hidden("idem"), hash_of(FILE));
    let fields = [("idem", idem.as_str()), ("from", hash.as_str())];
    let copy = admin.post(&page, LIST, &fields).await.is(303).location;
    let page = admin.get(&copy).await.is(200).has("并联审查").has("接到");
    page.has(&sheet);
    let page = admin.get(&element(&copy, "review_1")).await.is(200);
    page.has("selected>=review_organ_1");
    // Saving a form as it is changes nothing, so there is no step.
    let same = [
        ("op", "save"),
        ("element", "accept"),
        ("name", "受理"),
        ("sort", "userTask"),
        ("lane", "lane_department"),
        ("post", "acceptor"),
        ("organ", ""),
        ("form", "acceptance"),
        ("limit", "P2D"),
        ("act", "accept"),
        ("variable", ""),
        ("countersign", ""),
        ("repeat", ""),
        ("count", ""),
    ];
    step(&admin, &copy, &same).await.is(303);
    let steps = "SELECT COUNT(*) FROM process_outline_step WHERE outline = 2";
    assert_eq!(one::<i64>(city, steps).await, 1);
    let file = admin.get(&format!("{copy}/bpmn")).await.is(200);
    assert_eq!(file.text, FILE, "byte for byte");
    let done = sent(&admin, &copy, &format!("{copy}/file"), &[])
        .await
        .is(303);
    assert_eq!(done.location, format!("{sheet}?known=1"));
    let unknown = [("idem", "a-key-of-it"), ("from", &"0".repeat(64))];
    let page = admin.get(LIST).await.is(200);
    admin.post(&page, LIST, &unknown).await.is(404);
}

async fn copies_are_dropped(city: &City, copy: &str) {
    let admin = Browser::of(city, "xitong").await;
    let end = format!("{copy}/end");
    let page = admin.get(copy).await.is(200);
    let stale = [("rev", "0")];
    admin.post(&page, &end, &stale).await.is(409);
    sent(&admin, copy, &end, &[]).await.is(303);
    admin.get(copy).await.is(404);
    let left = "SELECT COUNT(*) FROM process_outline_step WHERE outline = 1";
    assert_eq!(one::<i64>(city, left).await, 0);
    // Those that nobody touches for long go with the next one that is begun.
    city.clock
        .advance(jiff::SignedDuration::from_hours(24 * 91));
    let admin = Browser::of(city, "xitong").await;
    let page = admin.get(LIST).await.is(200).has("许可审批");
    let idem = page.hidden("idem");
    let fields = [
        ("idem", idem.as_str()),
        ("id", "another"),
        ("name", "另一个"),
    ];
    let next = admin.post(&page, LIST, &fields).await.is(303).location;
    assert_eq!(next, format!("{LIST}/3"), "numbers are not used twice");
    admin.get(LIST).await.is(200).lacks("许可审批");
}
