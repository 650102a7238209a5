use http::StatusCode;
use serde_json::{Value, json};

use crate::house::{Answer, House, ITEM, demo};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000000000000000";

fn sample() -> Value {
    // The clock of this house stands on 23 November 2026.
    let text = demo("answers/spjy.json").replace("today+56d", "2027-01-18");
    serde_json::from_str(&text).expect("JSON")
}

/// A complete draft, its answers written through the interface; returns its id.
pub(crate) async fn complete_draft(house: &House) -> String {
    let sample = sample();
    let new = json!({"item_code": ITEM, "situation": sample["situation"]});
    let (answer, made) = house
        .call(
            "POST",
            "/api/v1/drafts",
            "citizen",
            &[("idempotency-key", "the-draft")],
            &new,
        )
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let draft = made["draft"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/drafts/{draft}/answers");
    let (answer, _) = house
        .call(
            "PUT",
            &path,
            "citizen",
            &[("if-match", "\"r1\"")],
            &sample["values"],
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let names: Vec<String> = sample["materials"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let files: Vec<(&str, &str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), "a.png", PNG))
        .collect();
    let answer = house
        .upload(
            &format!("/drafts/{draft}/materials"),
            "citizen",
            &[("act", "next")],
            &files,
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(answer.location(), format!("/drafts/{draft}/check"));
    draft
}

pub(crate) fn one_heading(page: &Answer) {
    assert_eq!(page.text.matches("<h1").count(), 1, "{}", page.text);
    assert!(
        !page.text.contains("style=\"") && !page.text.contains("cs-"),
        "{}",
        page.text
    );
}

/// Submits through the page and gives the number of the case.
pub(crate) async fn submit(house: &House, draft: &str) -> String {
    let check = house
        .get(&format!("/drafts/{draft}/check"), "citizen")
        .await;
    assert_eq!(check.status, StatusCode::OK);
    one_heading(&check);
    assert!(
        check.text.contains("小云小吃店") && !check.text.contains("err-sum-h"),
        "{}",
        check.text
    );
    let (path, idem) = (format!("/drafts/{draft}/submission"), check.hidden("idem"));
    let without = house.post(&path, "citizen", &[("idem", &idem)]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(without.hidden("idem"), idem);
    let fields = [("idem", idem.as_str()), ("agree", "1")];
    let sent = house.post(&path, "citizen", &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    // The second click gets the same receipt.
    assert_eq!(
        house.post(&path, "citizen", &fields).await.location(),
        sent.location()
    );
    let number = sent
        .location()
        .split('/')
        .nth(2)
        .unwrap_or_default()
        .to_owned();
    assert_eq!(number.len(), 25, "{number}");
    number
}

#[test]
fn from_the_guide_to_the_decision_on_pages_without_script() {
    tongban_testkit::block_on(async {
        let house = House::new().await;
        let draft = complete_draft(&house).await;
        for path in [
            "/my",
            &format!("/drafts/{draft}"),
            &format!("/apply/{ITEM}"),
        ] {
            let page = house.get(path, "citizen").await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            one_heading(&page);
            assert!(page.text.contains(&format!("/drafts/{draft}")), "{path}");
        }
        let number = submit(&house, &draft).await;
        for path in [
            format!("/cases/{number}"),
            format!("/cases/{number}/received"),
            format!("/cases/{number}/withdrawal"),
            "/my/cases".to_owned(),
        ] {
            let page = house.get(&path, "citizen").await;
            assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
            one_heading(&page);
            assert!(page.text.contains(&number), "{path}");
        }
        let flow = house
            .get(&format!("/cases/{number}/flow.svg"), "citizen")
            .await;
        assert!(flow.text.starts_with("<svg"));
        assert_eq!(
            house
                .get(&format!("/cases/{number}"), "stranger")
                .await
                .status,
            StatusCode::NOT_FOUND
        );

        let act = async |who: &str, noun: &str, fields: &[(&str, &str)]| {
            let inbox = house.get("/work", who).await;
            one_heading(&inbox);
            let (_, rest) = inbox
                .text
                .split_once("href=\"/work/tasks/")
                .expect("a task");
            let task = rest.split('"').next().unwrap_or_default().to_owned();
            let page = house.get(&format!("/work/tasks/{task}"), who).await;
            one_heading(&page);
            let mut all = vec![("idem", "a-key-of-its-own")];
            let key = format!("{noun}-{task}");
            all[0].1 = &key;
            all.extend_from_slice(fields);
            let path = format!("/work/tasks/{task}/{noun}");
            let done = house.post(&path, who, &all).await;
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{noun}: {}", done.text);
            // Somebody else who comes later is told so.
            let mut late = all.clone();
            late[0].1 = "another-key";
            assert_eq!(
                house.post(&path, who, &late).await.status,
                StatusCode::CONFLICT,
                "{noun}"
            );
        };
        act("officer", "pre-review", &[("opinion", "材料齐全")]).await;
        act("officer", "acceptance", &[]).await;
        let progress = house.get(&format!("/cases/{number}"), "citizen").await;
        assert!(progress.text.contains("class=\"ring") && progress.text.contains("受理通知书"));
        one_heading(&progress);
        let case = house.get(&format!("/work/cases/{number}"), "officer").await;
        one_heading(&case);
        assert!(
            case.text.contains("special-procedures")
                && !case.text.contains("339900199106082468\">")
        );
    });
}

#[test]
fn everything_missing_is_asked_for_at_once_and_completed_with_a_file() {
    tongban_testkit::block_on(async {
        let house = House::new().await;
        let number = submit(&house, &complete_draft(&house).await).await;
        let inbox = house.get("/work", "officer").await;
        let (_, rest) = inbox
            .text
            .split_once("href=\"/work/tasks/")
            .expect("a task");
        let task = rest.split('"').next().unwrap_or_default().to_owned();
        let path = format!("/work/tasks/{task}/supplement-request");
        let empty = [
            ("idem", "supplement-1"),
            ("target", ""),
            ("name", ""),
            ("requirement", ""),
        ];
        let refused = house.post(&path, "officer", &empty).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.text.contains("href=\"#f-name-0\"") && refused.text.contains("id=\"f-name-0\"")
        );
        let asked = [
            ("idem", "supplement-1"),
            ("target", "layout"),
            ("name", ""),
            ("requirement", "请重新上传清晰的布局图"),
            ("days", "10"),
        ];
        let done = house.post(&path, "officer", &asked).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let path = format!("/cases/{number}/supplement");
        let page = house.get(&path, "citizen").await;
        one_heading(&page);
        assert!(
            page.text.contains("请重新上传清晰的布局图") && page.text.contains("name=\"layout\"")
        );
        let bad = house
            .upload(
                &path,
                "citizen",
                &[("act", "send"), ("note", "见附件")],
                &[("layout", "a.exe", b"MZ\x90\x00")],
            )
            .await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(bad.text.contains("见附件"));
        let good = house
            .upload(
                &path,
                "citizen",
                &[("act", "send"), ("note", "见附件")],
                &[("layout", "b.png", b"\x89PNG\r\n\x1a\nnew")],
            )
            .await;
        assert_eq!(
            good.location(),
            format!("/cases/{number}?done=supplement"),
            "{}",
            good.text
        );
        let after = house.get(&format!("/cases/{number}"), "citizen").await;
        assert!(after.text.contains("b.png") && after.text.contains("待预审"));
    });
}

#[test]
fn a_form_page_keeps_what_was_typed_and_two_windows_do_not_overwrite_each_other() {
    tongban_testkit::block_on(async {
        let house = House::new().await;
        let started = house
            .post(
                &format!("/apply/{ITEM}"),
                "citizen",
                &[("q.subject", "shop"), ("q.bad", "x")],
            )
            .await;
        let draft = started.location().to_owned();
        assert!(draft.starts_with("/drafts/drf_"), "{}", started.text);
        // A second start offers the first draft again.
        let again = house.post(&format!("/apply/{ITEM}"), "citizen", &[]).await;
        assert!(again.location().starts_with("/apply/"));
        let page = format!("{draft}/pages/business");
        let first = house.get(&page, "citizen").await;
        assert_eq!(first.status, StatusCode::OK, "{}", first.text);
        one_heading(&first);
        let second = house.get(&page, "citizen").await;
        let seen = |page: &Answer| (page.hidden("_revision"), page.hidden("_editor"));
        let (revision, editor) = seen(&first);
        let fields = |area: &'static str| {
            vec![
                ("_revision", revision.as_str()),
                ("_editor", editor.as_str()),
                ("area", area),
                ("shop_name", "<小云>"),
            ]
        };
        let auto = house
            .post(&format!("{page}/autosave"), "citizen", &fields("四十二平"))
            .await;
        assert_eq!(auto.status, StatusCode::NO_CONTENT, "{}", auto.text);
        // The same window goes on with the revision it was opened on.
        let wrong = house.post(&page, "citizen", &fields("四十二平")).await;
        assert_eq!(
            wrong.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            wrong.text
        );
        assert!(
            wrong.text.contains("value=\"四十二平\"") && wrong.text.contains("&#60;小云&#62;"),
            "{}",
            wrong.text
        );
        assert!(wrong.text.contains("href=\"#f-area\""));
        let (revision, editor) = seen(&second);
        let other = [
            ("_revision", revision.as_str()),
            ("_editor", editor.as_str()),
            ("area", "50"),
        ];
        let conflict = house.post(&page, "citizen", &other).await;
        assert_eq!(conflict.status, StatusCode::CONFLICT);
        assert!(
            conflict.text.contains("newer-h") && conflict.text.contains("四十二平"),
            "{}",
            conflict.text
        );
        let (revision, editor) = seen(&conflict);
        let mine = [
            ("_revision", revision.as_str()),
            ("_editor", editor.as_str()),
            ("area", "50"),
            ("act", "later"),
        ];
        assert_eq!(house.post(&page, "citizen", &mine).await.location(), draft);
    });
}

#[test]
fn odd_ids_and_strangers_get_the_same_answer_and_nothing_panics() {
    tongban_testkit::block_on(async {
        let house = House::new().await;
        let draft = complete_draft(&house).await;
        for path in [
            "/drafts/x".to_owned(),
            "/drafts/%00/pages/%ff".to_owned(),
            "/drafts/drf_00000000000000000000000000000000/check".to_owned(),
            format!("/drafts/{draft}/check"),
            format!("/drafts/{draft}/files/att_1"),
            "/cases/%F0%9F%98%80".to_owned(),
            "/cases/1/documents/doc_".to_owned(),
            "/cases/1/receipt.pdf".to_owned(),
            "/apply/none".to_owned(),
        ] {
            let status = house.get(&path, "stranger").await.status;
            assert!(
                status == StatusCode::NOT_FOUND || status == StatusCode::BAD_REQUEST,
                "{path}: {status}"
            );
        }
        assert_eq!(
            house
                .get(&format!("/drafts/{draft}/pages/none"), "citizen")
                .await
                .status,
            StatusCode::NOT_FOUND
        );
        for path in ["/work/tasks/tsk_", "/work/cases/0"] {
            assert_eq!(
                house.get(path, "officer").await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        let login = house.get("/my", "").await;
        assert_eq!(login.status, StatusCode::SEE_OTHER);
        assert!(login.location().starts_with("/login"));
        let (answer, problem) = house
            .call(
                "POST",
                &format!("/api/v1/drafts/{draft}/submission"),
                "citizen",
                &[],
                &json!({}),
            )
            .await;
        assert_eq!(
            (answer.status, problem["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some("idempotency-key.missing"))
        );
    });
}
