//! Opinions and copies on pages without script and in the interface.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;
use crate::journey::{complete_draft, one_heading, submit};

/// The value of the first choice that the page offers under this name.
fn choice(text: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let mut found = text.split(&mark).skip(1);
    let value = found.next().unwrap_or_else(|| panic!("no {name}: {text}"));
    value.split('"').next().unwrap_or_default().to_owned()
}

fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    let (_, rest) = text
        .split_once(mark)
        .unwrap_or_else(|| panic!("no {mark}: {text}"));
    rest.split('"').next().unwrap_or_default()
}

#[test]
fn an_opinion_is_asked_and_given_on_pages() {
    tongban_testkit::block_on(async {
        let house = House::new().await;
        let number = submit(&house, &complete_draft(&house).await).await;
        let inbox = house.get("/work", "officer").await;
        let task = after(&inbox.text, "href=\"/work/tasks/").to_owned();
        let ask = format!("/work/tasks/{task}/opinions");
        let desk = house.get(&format!("/work/tasks/{task}"), "officer").await;
        assert!(desk.text.contains(&ask), "{}", desk.text);
        let page = house.get(&ask, "officer").await;
        one_heading(&page);
        let idem = page.hidden("idem");
        let empty = house.post(&ask, "officer", &[("idem", &idem)]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        // One of the organs has a decider; the others are refused in words.
        let mut asked = false;
        for organ in page.text.split("<option value=\"org_").skip(1) {
            let organ = format!("org_{}", organ.split('"').next().unwrap_or_default());
            let fields = [
                ("idem", idem.as_str()),
                ("to", organ.as_str()),
                ("post", "decider"),
                ("question", "是否<同意>"),
                ("days", "3"),
            ];
            let sent = house.post(&ask, "officer", &fields).await;
            match sent.status {
                StatusCode::SEE_OTHER => asked = true,
                StatusCode::UNPROCESSABLE_ENTITY => {
                    assert!(sent.text.contains("没有该岗位"), "{}", sent.text);
                }
                other => panic!("{other}: {}", sent.text),
            }
            if asked {
                break;
            }
        }
        assert!(asked);
        assert_eq!(
            house.get(&ask, "decider").await.status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            house.get(&ask, "citizen").await.status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            house.get(&ask, "stranger").await.status,
            StatusCode::NOT_FOUND
        );
        let list = house.get("/work/opinions", "decider").await;
        one_heading(&list);
        let request = after(&list.text, "href=\"/work/opinions/").to_owned();
        assert!(
            !house
                .get("/work/opinions", "officer")
                .await
                .text
                .contains(&request)
        );
        let path = format!("/work/opinions/{request}");
        assert_eq!(
            house.get(&path, "officer").await.status,
            StatusCode::NOT_FOUND
        );
        let page = house.get(&path, "decider").await;
        one_heading(&page);
        assert!(page.text.contains("是否&#60;同意&#62;"), "{}", page.text);
        let idem = page.hidden("idem");
        let fields = [("idem", idem.as_str()), ("opinion", "可行")];
        let none = house.post(&path, "decider", &fields).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(none.text.contains("可行"), "what was typed stays");
        let fields = [
            ("idem", idem.as_str()),
            ("stance", "agree"),
            ("opinion", "可行"),
        ];
        for _ in 0..2 {
            let sent = house.post(&path, "decider", &fields).await;
            assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        }
        let case = house.get(&format!("/work/cases/{number}"), "officer").await;
        assert!(case.text.contains("可行"), "{}", case.text);
        one_heading(&case);
        let history = house.get(&format!("/cases/{number}"), "citizen").await;
        assert!(history.text.contains("答复征求意见"), "{}", history.text);
        let english = house
            .get(&format!("/cases/{number}?lang=en"), "citizen")
            .await;
        assert!(!english.text.contains("ad-ev-"), "no text without words");
    });
}

#[test]
fn a_copy_is_sent_and_read_on_pages_and_in_the_interface() {
    tongban_testkit::block_on(async {
        let house = House::new().await;
        let number = submit(&house, &complete_draft(&house).await).await;
        let inbox = house.get("/work", "officer").await;
        let task = after(&inbox.text, "href=\"/work/tasks/").to_owned();
        let path = format!("/work/tasks/{task}/copies");
        let page = house.get(&path, "officer").await;
        one_heading(&page);
        let idem = page.hidden("idem");
        let empty = house.post(&path, "officer", &[("idem", &idem)]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        let (before, _) = page.text.split_once("wang").expect("the decider");
        let to = choice(&before[before.rfind("<input").expect("a choice")..], "to");
        let fields = [
            ("idem", idem.as_str()),
            ("to", to.as_str()),
            ("note", "请知悉"),
        ];
        let sent = house.post(&path, "officer", &fields).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let list = house.get("/work/copies", "decider").await;
        one_heading(&list);
        assert!(list.text.contains("未读"), "{}", list.text);
        let copy = after(&list.text, "href=\"/work/copies/").to_owned();
        let page = house.get(&format!("/work/copies/{copy}"), "decider").await;
        one_heading(&page);
        assert!(page.text.contains("请知悉"), "{}", page.text);
        let other = house.get(&format!("/work/copies/{copy}"), "officer").await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
        let list = house.get("/work/copies", "decider").await;
        assert!(list.text.contains("已读"), "{}", list.text);
        let case = house.get(&format!("/work/cases/{number}"), "officer").await;
        assert!(case.text.contains("已读"), "the receipt is seen");
        let nothing = Value::Null;
        let (answer, body) = house
            .call("GET", "/api/v1/copies", "decider", &[], &nothing)
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(body["items"][0]["id"], json!(copy));
        let ask = format!("/api/v1/tasks/{task}/opinion-requests");
        let body = json!({"organ": "org_x", "question": "?", "days": 3});
        let key = [("idempotency-key", "api-ask-key")];
        let (wrong, _) = house.call("POST", &ask, "officer", &key, &body).await;
        assert_eq!(wrong.status, StatusCode::NOT_FOUND);
        let grid = format!("/api/v1/cases/{number}/opinions");
        let (rows, _) = house.call("GET", &grid, "officer", &[], &nothing).await;
        assert_eq!(rows.status, StatusCode::OK);
    });
}
