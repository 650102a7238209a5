//! What published decisions do in cases: they decide, hold a case that they cannot decide, and let it go on when they are corrected.

use tongban_cases::{
    Accept, Pass, StartSpecial, accept, audit_case, case_by_number, case_rules, end_special,
    pass_pre_review, start_special,
};
use tongban_limits::SuspensionReason;
use tongban_storage::params;

use super::{WHOLE, asking, file, published};
use crate::admin::one;
use crate::browser::Browser;
use crate::city::{City, in_the_city, on};
use crate::processes::{flow, open, process, runs, task};

in_the_city!(
    rules_decide_in_a_case,
    a_decision_that_fails_holds_the_case_until_it_is_corrected,
    a_case_in_a_special_procedure_asks_when_that_ends,
    one_that_cannot_go_on_holds_no_other_up,
    a_costly_decision_holds_the_case,
    a_reason_tells_no_value,
    the_sample_city_asks_rules_of_its_own,
);

async fn events(city: &City, number: &str) -> Vec<(String, String)> {
    let clerk = city.person("zhouchuang").await;
    let view = case_by_number(&clerk, number).await;
    let events = view.expect("seen").events.into_iter();
    events
        .map(|event| {
            let fact = serde_json::to_string(&event.event.fact).expect("json");
            (event.event.fact.name().to_owned(), fact)
        })
        .collect()
}

async fn rules_decide_in_a_case(city: City) {
    let admin = Browser::of(&city, "xitong").await;
    let first = published(&city, &admin, &file("grade", WHOLE)).await;
    let fixed = format!("version:{first}");
    for (id, binding) in [
        ("asks-newest", "latest"),
        ("asks-first", "deployment"),
        ("asks-fixed", fixed.as_str()),
    ] {
        runs(&city, id, asking(id, "grade#档次", binding)).await;
        let (_, receipt) = city.submitted_with(id).await;
        let number = receipt.project_no.as_str();
        let clerk = city.person("zhouchuang").await;
        assert_eq!(open(&clerk, number).await, ["look"]);
        let told = events(&city, number).await;
        assert_eq!(told[1].0, "rule-applied", "{told:?}");
        assert!(
            told[1].1.contains(&first) && told[1].1.contains("办法第三条"),
            "{}",
            told[1].1
        );
        assert!(told[1].1.contains("\"output\":\"小型\""), "{}", told[1].1);
        assert!(
            !told[1].1.contains("42.5"),
            "inputs are sealed: {}",
            told[1].1
        );
        let kept = case_rules(&clerk, number).await.expect("seen");
        assert_eq!(kept[0].inputs["area"], serde_json::json!(42.5));
        let view = case_by_number(&clerk, number).await.expect("seen");
        let grade = view.case.process.vars().get("grade").cloned();
        assert_eq!(grade, Some("小型".into()));
        assert!(
            audit_case(&city.app.ctx, view.case.id)
                .await
                .expect("audited")
        );
    }
    for kept in inputs_as_they_lie(&city).await {
        let open = kept
            .windows(4)
            .any(|part| part == b"42.5" || part == b"area");
        assert!(!open, "{}", String::from_utf8_lossy(&kept));
    }
    // From now on another version is in force; what is bound to the first stays there.
    let stricter = [
        ("<= 40", "小型", "新办法第三条"),
        ("> 40", "大型", "新办法第四条"),
    ];
    let second = published(&city, &admin, &file("grade", &stricter)).await;
    for (id, hash, output) in [
        ("asks-newest", &second, "大型"),
        ("asks-first", &first, "小型"),
        ("asks-fixed", &first, "小型"),
    ] {
        city.runs(id).await;
        let (_, receipt) = city.submitted_with(&format!("{id}-again")).await;
        let told = events(&city, &receipt.project_no).await;
        assert!(told[1].1.contains(hash.as_str()), "{id}: {}", told[1].1);
        assert!(told[1].1.contains(output), "{id}: {}", told[1].1);
    }
    shown_on_pages_and_to_programs(&city).await;
}

async fn inputs_as_they_lie(city: &City) -> Vec<Vec<u8>> {
    let read = city.app.ctx.db.read(|tx| {
        tx.all(
            "SELECT sealed FROM case_decision ORDER BY case_id, seq",
            params![],
            |row| row.get(0),
        )
    });
    let kept: Vec<Vec<u8>> = read.await.expect("read");
    assert_eq!(kept.len(), 3);
    kept
}

async fn shown_on_pages_and_to_programs(city: &City) {
    let (_, receipt) = city.submitted_with("for-the-pages").await;
    let number = receipt.project_no.as_str();
    let clerk = Browser::of(city, "zhouchuang").await;
    let page = clerk.get(&format!("/work/cases/{number}")).await.is(200);
    let page = page
        .has("规则判断：档次")
        .has("适用规则 第 1 条（r1）：办法第三条");
    page.has("结果：小型").has("依据的输入").has("area");
    let own = Browser::of(city, "chenxiaoyun").await;
    own.get(&format!("/cases/{number}"))
        .await
        .is(200)
        .has("规则判断：档次");
    let api = format!("/api/v1/cases/{number}/rule-decisions");
    let told = clerk.get(&api).await.is(200);
    told.has("\"decision\":\"档次\"")
        .has("\"area\":42.5")
        .has("\"id\":\"r1\"");
    let other = Browser::of(city, "fgw-decider").await;
    other.get(&api).await.is(404);
}

/// What is held and what is not, by the tables.
async fn held(city: &City) -> i64 {
    one(city, "SELECT COUNT(*) FROM case_decision_held").await
}

async fn a_decision_that_fails_holds_the_case_until_it_is_corrected(city: City) {
    let admin = Browser::of(&city, "xitong").await;
    published(&city, &admin, &file("grade", &[("> 50", "大型", "")])).await;
    // Its own message is delivered before anybody waits for it.
    city.settle().await;
    runs(&city, "asks", asking("asks", "档次", "latest")).await;
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let clerk = city.person("zhouchuang").await;
    assert!(open(&clerk, number).await.is_empty(), "it waits");
    let told = events(&city, number).await;
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["received", "rule-failed"], "the application stands");
    assert!(told[1].1.contains("没有规则适用"), "{}", told[1].1);
    assert_eq!(held(&city).await, 1);
    let page = Browser::of(&city, "zhouchuang").await;
    let page = page.get(&format!("/work/cases/{number}")).await.is(200);
    page.has("规则判断没有完成：档次").has("等待管理员更正");
    // Another file does not help; a version that still has no answer neither.
    published(&city, &admin, &file("other", WHOLE)).await;
    city.settle().await;
    published(&city, &admin, &file("grade", &[("> 60", "大型", "")])).await;
    city.settle().await;
    assert!(open(&clerk, number).await.is_empty());
    assert_eq!(held(&city).await, 1);
    published(&city, &admin, &file("grade", WHOLE)).await;
    city.settle().await;
    assert_eq!(open(&clerk, number).await, ["look"]);
    assert_eq!(held(&city).await, 0);
    let told = events(&city, number).await;
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["received", "rule-failed", "rule-failed", "rule-applied"]
    );
    let id = case_by_number(&clerk, number).await.expect("seen").case.id;
    assert!(audit_case(&city.app.ctx, id).await.expect("audited"));
    // A repeat of the message changes nothing.
    tongban_cases::retry_held(&city.app.ctx, "grade")
        .await
        .expect("nothing to do");
    assert_eq!(events(&city, number).await.len(), 4);
}

/// Accepted, then held at the rule.
fn asking_after_acceptance() -> String {
    let user = |id: &str, post: &str| {
        format!("<bpmn:userTask id=\"{id}\" name=\"{id}\" tb:post=\"{post}\" tb:act=\"{id}\"/>")
    };
    let inner = [
        user("pre-review", "counter"),
        user("accept", "acceptor"),
        "<bpmn:businessRuleTask id=\"rule\" name=\"核定档次\" tb:decision=\"档次\" tb:variable=\"grade\" tb:binding=\"latest\"/>".to_owned(),
        task("look"),
        flow("s", "pre-review"),
        flow("pre-review", "accept"),
        flow("accept", "rule"),
        flow("rule", "look"),
    ];
    process("asks-late", &inner.concat())
}

async fn a_case_in_a_special_procedure_asks_when_that_ends(city: City) {
    let admin = Browser::of(&city, "xitong").await;
    published(&city, &admin, &file("grade", &[("> 50", "大型", "")])).await;
    city.settle().await;
    runs(&city, "asks-late", asking_after_acceptance()).await;
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let clerk = city.person("zhouchuang").await;
    let desk = city.task(&clerk, number, "pre-review").await;
    let opinion = "齐全".to_owned();
    let passed = pass_pre_review(&clerk, on(desk, Pass { opinion })).await;
    passed.expect("passed");
    let acceptor = city.person("dhscjg-acceptor").await;
    let desk = city.task(&acceptor, number, "accept").await;
    accept(&acceptor, on(desk, Accept {})).await.expect("taken");
    assert_eq!(held(&city).await, 1);
    let what = StartSpecial {
        kind: SuspensionReason::Hearing,
        days: 3,
        reason: "听证".to_owned(),
    };
    let begun = start_special(&acceptor, receipt.case, what).await;
    begun.expect("begun");
    // Corrected while the case stands still: nothing is decided then, and nothing is forgotten.
    published(&city, &admin, &file("grade", WHOLE)).await;
    city.settle().await;
    let passed_by = tongban_cases::retry_held(&city.app.ctx, "grade").await;
    passed_by.expect("it holds no other case up");
    assert!(open(&clerk, number).await.is_empty());
    assert_eq!(held(&city).await, 1);
    let ended = end_special(&acceptor, receipt.case, "如期举行".to_owned()).await;
    ended.expect("ended");
    city.settle().await;
    assert_eq!(open(&clerk, number).await, ["look"]);
    assert_eq!(held(&city).await, 0);
    let told = events(&city, number).await;
    assert_eq!(
        told.last().map(|(name, _)| name.as_str()),
        Some("rule-applied")
    );
    assert!(
        audit_case(&city.app.ctx, receipt.case)
            .await
            .expect("audited")
    );
}

async fn one_that_cannot_go_on_holds_no_other_up(city: City) {
    let admin = Browser::of(&city, "xitong").await;
    published(&city, &admin, &file("grade", &[("> 50", "大型", "")])).await;
    city.settle().await;
    let asking = asking("asks", "档次", "latest");
    // Behind the rule of the older case no way is open.
    let gate = "<bpmn:exclusiveGateway id=\"gate\"/><bpmn:sequenceFlow id=\"gate-look\" sourceRef=\"gate\" targetRef=\"look\"><bpmn:conditionExpression>grade = \"特大\"</bpmn:conditionExpression></bpmn:sequenceFlow>";
    let stuck = asking.replace("targetRef=\"look\"", "targetRef=\"gate\"");
    let stuck = stuck.replace("<bpmn:endEvent", &format!("{gate}<bpmn:endEvent"));
    runs(&city, "stuck", stuck.replace("\"asks\"", "\"stuck\"")).await;
    city.submitted_with("older").await;
    city.clock.advance(jiff::SignedDuration::from_secs(1));
    runs(&city, "asks", asking).await;
    let (_, receipt) = city.submitted_with("younger").await;
    assert_eq!(held(&city).await, 2);
    published(&city, &admin, &file("grade", WHOLE)).await;
    let told = tongban_cases::retry_held(&city.app.ctx, "grade").await;
    let clerk = city.person("zhouchuang").await;
    assert_eq!(open(&clerk, &receipt.project_no).await, ["look"]);
    assert_eq!(held(&city).await, 1);
    assert_eq!(told.expect_err("one is stuck").code(), "process.stuck");
}

/// 个人信息保护法 第六条: the reason stands open in the record, so it says what is wrong with a value and not the value.
async fn a_reason_tells_no_value(city: City) {
    let admin = Browser::of(&city, "xitong").await;
    let text = file("other-kind", &[("-", "大型", "")]);
    let text = text.replace("typeRef=\"number\"", "typeRef=\"date\"");
    published(&city, &admin, &text).await;
    runs(&city, "asks", asking("asks", "档次", "latest")).await;
    let (_, receipt) = city.submitted().await;
    let told = events(&city, &receipt.project_no).await;
    assert_eq!(told[1].0, "rule-failed", "{told:?}");
    assert!(told[1].1.contains("输入“area”的值不是"), "{}", told[1].1);
    assert!(!told[1].1.contains("42"), "{}", told[1].1);
}

async fn a_costly_decision_holds_the_case(city: City) {
    let admin = Browser::of(&city, "xitong").await;
    let endless = "count(for i in 1..area * 1000000 return for k in 1..1000000 return i)";
    let text =
        file("endless", WHOLE).replacen("<text>area</text>", &format!("<text>{endless}</text>"), 1);
    published(&city, &admin, &text).await;
    runs(&city, "asks", asking("asks", "档次", "latest")).await;
    let begin = std::time::Instant::now();
    let (_, receipt) = city.submitted().await;
    assert!(begin.elapsed().as_secs() < 30, "{:?}", begin.elapsed());
    let told = events(&city, &receipt.project_no).await;
    assert_eq!(told[1].0, "rule-failed", "{told:?}");
    assert!(
        !told[1].1.contains("42"),
        "no value in the record: {}",
        told[1].1
    );
}

async fn the_sample_city_asks_rules_of_its_own(city: City) {
    let admin = Browser::of(&city, "xitong").await;
    let list = admin.get("/admin/decisions").await.is(200);
    let list = list.has("道路货运经营许可核对").has("是否需要许可");
    let hash: String = one(
        &city,
        "SELECT MIN(hash) FROM decision_model WHERE name = 'road-freight'",
    )
    .await;
    list.has(&hash[..12]);
    let sheet = admin.get(&format!("/admin/decisions/{hash}")).await.is(200);
    let sheet = sheet
        .has("没有发现问题")
        .has("road-freight-approval")
        .has("道路运输条例第二十四条");
    let tried = [
        ("decision", "need"),
        ("in-0", "light"),
        ("in-1", r#"["common"]"#),
    ];
    let path = format!("/admin/decisions/{hash}/trial");
    let seen = admin.post(&sheet, &path, &tried).await.is(200);
    seen.has("无需许可").has("第 1 条（exempt）");
    let heavy = [
        ("decision", "need"),
        ("in-0", "heavy"),
        ("in-1", r#"["large"]"#),
    ];
    admin
        .post(&sheet, &path, &heavy)
        .await
        .is(200)
        .has("第 3 条（heavy）");
    // Its item runs on the process that asks it.
    let code = "11339902009900128N4330190003000";
    let offer = tongban_catalogue::offer_by_code(&city.app.ctx, code).await;
    let process = offer.expect("published").item.process_id.clone();
    assert_eq!(process.as_deref(), Some("road-freight-approval"));
}
