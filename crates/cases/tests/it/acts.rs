//! Delegation and termination, on pages without script and in the interface.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;
use crate::journey::{complete_draft, one_heading, submit};
use crate::orders::first_task;

/// A submitted case that waits for acceptance.
async fn to_acceptance(house: &House) -> String {
    let number = submit(house, &complete_draft(house).await).await;
    let task = first_task(house, "officer").await;
    let fields = [("idem", "the-pass-key"), ("opinion", "材料齐全")];
    let path = format!("/work/tasks/{task}/pre-review");
    house.post(&path, "officer", &fields).await;
    number
}

/// The value of the first choice of a form.
fn first_choice(text: &str) -> String {
    let (_, rest) = text
        .split_once("name=\"to\" value=\"")
        .unwrap_or_else(|| panic!("no choice in {text}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[test]
fn a_task_is_delegated_and_handed_back_on_pages() {
    tongban_testkit::block_on(async {
        let house = House::new().await;
        let number = to_acceptance(&house).await;
        let task = first_task(&house, "officer").await;
        let path = format!("/work/tasks/{task}");
        let page = house.get(&path, "officer").await;
        let order = format!("{path}/delegation");
        assert!(page.text.contains(&format!("\"{order}\"")), "{}", page.text);
        let page = house.get(&order, "officer").await;
        one_heading(&page);
        assert!(page.text.contains("sun") && page.text.contains("责任仍由您承担"));
        let idem = page.hidden("idem");
        let fields = [("idem", idem.as_str()), ("reason", "外出核查")];
        let nobody = house.post(&order, "officer", &fields).await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
        let to = first_choice(&page.text);
        let fields = [
            ("idem", idem.as_str()),
            ("to", to.as_str()),
            ("reason", "外出核查"),
        ];
        let sent = house.post(&order, "officer", &fields).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        // Both see whose it is.
        assert!(
            house
                .get("/work", "officer")
                .await
                .text
                .contains("已委托sun办理")
        );
        assert!(
            house
                .get("/work", "colleague")
                .await
                .text
                .contains("受liu委托")
        );
        let page = house.get(&path, "colleague").await;
        one_heading(&page);
        assert!(page.text.contains("您受liu委托办理本环节"), "{}", page.text);
        assert!(page.text.contains("退还委托人") && !page.text.contains(&format!("\"{order}\"")));
        let back = format!("{order}/return");
        let page = house.get(&path, "officer").await;
        assert!(page.text.contains("收回委托"), "{}", page.text);
        one_heading(&house.get(&back, "officer").await);
        one_heading(&house.get(&back, "colleague").await);
        let chain = house.post(&order, "colleague", &fields).await;
        assert_eq!(chain.status, StatusCode::CONFLICT);
        let fields = [("idem", "hand-back-key"), ("reason", "不熟悉")];
        let sent = house.post(&back, "colleague", &fields).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let late = house
            .post(
                &back,
                "officer",
                &[("idem", "recall-key"), ("reason", "回来")],
            )
            .await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        // Through the interface, and done in the place of another.
        let key = [("idempotency-key", "a-delegation-key")];
        let api = format!("/api/v1{}", path.trim_start_matches("/work"));
        let (_, list) = house
            .call(
                "GET",
                &format!("{api}/delegates"),
                "officer",
                &[],
                &Value::Null,
            )
            .await;
        assert_eq!(list["items"][0]["officer"], json!(to));
        let body = json!({"to": to, "reason": "外出核查"});
        for _ in 0..2 {
            let (answer, _) = house
                .call("POST", &format!("{api}/delegation"), "officer", &key, &body)
                .await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        }
        let (answer, _) = house
            .call("POST", &format!("{api}/delegation"), "decider", &key, &body)
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let (_, inbox) = house
            .call("GET", "/api/v1/tasks", "colleague", &[], &Value::Null)
            .await;
        assert_eq!(inbox["items"][0]["on_behalf"], json!("受liu委托"));
        let done = house
            .post(
                &format!("{path}/acceptance"),
                "colleague",
                &[("idem", "accept-key")],
            )
            .await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let progress = house.get(&format!("/cases/{number}"), "citizen").await;
        assert!(
            progress.text.contains("sun，受liu委托"),
            "{}",
            progress.text
        );
    });
}

#[test]
fn a_case_is_terminated_on_pages_and_says_so() {
    tongban_testkit::block_on(async {
        let house = House::new().await;
        let number = to_acceptance(&house).await;
        let case = format!("/work/cases/{number}");
        let order = format!("{case}/termination");
        let page = house.get(&case, "decider").await;
        assert!(page.text.contains(&order), "{}", page.text);
        let page = house.get(&case, "officer").await;
        assert!(!page.text.contains(&order), "only the decider");
        assert_eq!(
            house.get(&order, "officer").await.status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            house.get(&order, "stranger").await.status,
            StatusCode::NOT_FOUND
        );
        let page = house.get(&order, "decider").await;
        one_heading(&page);
        assert!(page.text.contains("正在办理：受理"), "{}", page.text);
        let idem = page.hidden("idem");
        let post = async |fields: &[(&str, &str)]| {
            let mut all = vec![("idem", idem.as_str())];
            all.extend_from_slice(fields);
            house.post(&order, "decider", &all).await
        };
        for wrong in [
            &[("reason", "许可取消")][..],
            &[("to", "basis-changed")],
            &[("to", "other"), ("reason", "许可取消")],
            &[
                ("to", "basis-changed"),
                ("words", "别的"),
                ("reason", "许可取消"),
            ],
        ] {
            let again = post(wrong).await;
            assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
            one_heading(&again);
        }
        let sent = post(&[("to", "basis-changed"), ("reason", "许可取消")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        assert_eq!(
            post(&[("to", "basis-changed"), ("reason", "许可取消")])
                .await
                .status,
            StatusCode::SEE_OTHER,
            "repeated"
        );
        for (path, who) in [(&case, "decider"), (&format!("/cases/{number}"), "citizen")] {
            let page = house.get(path, who).await;
            one_heading(&page);
            assert!(page.text.contains("已终止办理") && page.text.contains("许可取消"));
            // The picture of the process names its other ends too.
            let (told, _) = page.text.split_once("id=\"flow-h\"").expect("a picture");
            assert!(
                !told.contains("不予许可"),
                "{who}: no denial\n{}",
                page.text
            );
            assert!(!page.text.contains("/termination"), "{who}: once");
        }
        let key = [("idempotency-key", "a-termination-key")];
        let body = json!({"ground": "basis-changed", "reason": "许可取消"});
        let api = format!("/api/v1/cases/{number}");
        let (answer, _) = house
            .call(
                "POST",
                &format!("{api}/termination"),
                "decider",
                &key,
                &body,
            )
            .await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
        let (_, seen) = house.call("GET", &api, "citizen", &[], &Value::Null).await;
        assert_eq!(seen["state"], json!(2));
        assert_eq!(seen["state_name"], json!("已终止办理"));
        assert_eq!(seen["finish_result"], json!("2"));
    });
}
