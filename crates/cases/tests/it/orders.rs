//! Orders about a task or a case, on pages without script and in the interface.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;
use crate::journey::{complete_draft, one_heading, submit};

/// The first open task in the inbox of `who`.
pub(crate) async fn first_task(house: &House, who: &str) -> String {
    let inbox = house.get("/work", who).await;
    let (_, rest) = inbox
        .text
        .split_once("href=\"/work/tasks/")
        .unwrap_or_else(|| panic!("no task: {}", inbox.text));
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[test]
fn orders_are_given_on_pages_that_say_first_what_they_do() {
    tongban_testkit::block_on(async {
        let house = House::new().await;
        let number = submit(&house, &complete_draft(&house).await).await;
        // The applicant urges, once a day.
        let own = format!("/cases/{number}/urges");
        let page = house.get(&own, "citizen").await;
        one_heading(&page);
        let idem = page.hidden("idem");
        let empty = house.post(&own, "citizen", &[("idem", &idem)]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields = [("idem", idem.as_str()), ("reason", "急着开业")];
        let sent = house.post(&own, "citizen", &fields).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let fields = [("idem", "another-key"), ("reason", "急着开业")];
        let again = house.post(&own, "citizen", &fields).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
        let progress = house.get(&format!("/cases/{number}"), "citizen").await;
        assert!(progress.text.contains("急着开业"), "the history tells it");
        one_heading(&progress);
        let inbox = house.get("/work", "officer").await;
        assert!(inbox.text.contains("已催办 1 次"), "{}", inbox.text);
        // Passed on and taken back.
        let task = first_task(&house, "officer").await;
        let path = format!("/work/tasks/{task}");
        let page = house.get(&path, "officer").await;
        assert!(
            page.text.contains(&format!("{path}/transfer")),
            "{}",
            page.text
        );
        one_heading(&page);
        let fields = [("idem", "the-pass-key"), ("opinion", "材料齐全")];
        house
            .post(&format!("{path}/pre-review"), "officer", &fields)
            .await;
        let case = format!("/work/cases/{number}");
        let page = house.get(&case, "officer").await;
        assert!(
            page.text.contains(&format!("{path}/recall")),
            "{}",
            page.text
        );
        let back = format!("{path}/recall");
        one_heading(&house.get(&back, "officer").await);
        let fields = [("idem", "the-recall-key"), ("reason", "看漏一页")];
        let sent = house.post(&back, "officer", &fields).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let again = [("idem", "the-recall-key-2"), ("reason", "看漏一页")];
        assert_eq!(
            house.post(&back, "officer", &again).await.status,
            StatusCode::CONFLICT
        );
        let task = first_task(&house, "officer").await;
        let fields = [("idem", "the-pass-key-2"), ("opinion", "材料齐全")];
        let path = format!("/work/tasks/{task}/pre-review");
        house.post(&path, "officer", &fields).await;
        // Sent back from acceptance: the page says what is done again.
        let task = first_task(&house, "officer").await;
        let path = format!("/work/tasks/{task}/return");
        let page = house.get(&path, "officer").await;
        one_heading(&page);
        assert!(
            page.text.contains("value=\"pre_review\"") && page.text.contains("需要重新办理"),
            "{}",
            page.text
        );
        let nothing = house
            .post(
                &path,
                "officer",
                &[("idem", "return-key-1"), ("reason", "缺章")],
            )
            .await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields = [
            ("idem", "return-key-2"),
            ("to", "pre_review"),
            ("reason", "缺章"),
        ];
        let sent = house.post(&path, "officer", &fields).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let page = house.get(&case, "officer").await;
        assert!(page.text.contains("缺章") && page.text.contains("退回到预审"));
        one_heading(&page);
    });
}

#[test]
fn orders_are_given_through_the_interface() {
    tongban_testkit::block_on(async {
        let house = House::new().await;
        let number = submit(&house, &complete_draft(&house).await).await;
        let task = first_task(&house, "officer").await;
        let key = [("idempotency-key", "an-order-key")];
        let call = async |path: String, who: &str, body: Value| {
            let (answer, _) = house.call("POST", &path, who, &key, &body).await;
            answer.status
        };
        let (answer, body) = house
            .call(
                "GET",
                &format!("/api/v1/tasks/{task}/receivers"),
                "officer",
                &[],
                &Value::Null,
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(body["items"], json!([]), "nobody else holds the post");
        let (answer, _) = house
            .call(
                "GET",
                &format!("/api/v1/tasks/{task}/return-targets"),
                "officer",
                &[],
                &Value::Null,
            )
            .await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "the window sends nothing back"
        );
        let urges = format!("/api/v1/cases/{number}/urges");
        let body = json!({"reason": "急着开业"});
        for _ in 0..2 {
            assert_eq!(
                call(urges.clone(), "citizen", body.clone()).await,
                StatusCode::OK
            );
        }
        assert_eq!(
            call(urges, "stranger", body.clone()).await,
            StatusCode::NOT_FOUND
        );
        let redirection = format!("/api/v1/cases/{number}/redirection");
        let jump = json!({"to": "accept", "reason": "流程有误"});
        assert_eq!(
            call(redirection, "officer", jump).await,
            StatusCode::FORBIDDEN
        );
        let recall = format!("/api/v1/tasks/{task}/recall");
        assert_eq!(
            call(recall, "officer", body.clone()).await,
            StatusCode::FORBIDDEN
        );
        let signers = format!("/api/v1/cases/{number}/signers/removal");
        let removal = json!({"task": task, "reason": "不涉及"});
        assert_eq!(
            call(signers, "officer", removal).await,
            StatusCode::CONFLICT
        );
        let transfer = format!("/api/v1/tasks/{task}/transfer");
        assert_eq!(
            call(transfer, "officer", body).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "it is in nobody's hand"
        );
    });
}
