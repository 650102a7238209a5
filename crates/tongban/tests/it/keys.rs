//! What a program repeats under one key happens once: drafts, files, supplements, withdrawals.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tongban_cases::model::SupplementItem;
use tongban_cases::{
    RequestSupplement, case_by_number, draft_files, my_drafts, request_supplement,
};

use crate::city::{City, PICTURE, in_the_city, on};
use crate::door::{Door, multipart};

in_the_city!(
    twenty_repeats_start_one_draft,
    twenty_repeats_attach_one_file,
    twenty_repeats_hand_in_one_supplement,
    twenty_repeats_withdraw_once,
    a_write_without_a_key_is_refused,
    a_place_that_no_list_gave_is_a_bad_request,
);

const N: usize = 20;

/// What is sent: JSON, or files for a draft.
#[derive(Clone)]
enum Sent {
    Json(String, Value),
    Files(String, Vec<u8>),
}

/// The same request `N` times at once; all get the same answer, which is given back.
async fn repeated(
    door: &Arc<Door>,
    token: &str,
    key: &'static str,
    expected: StatusCode,
    sent: Sent,
) -> Value {
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..N {
        let (door, token, sent) = (Arc::clone(door), token.to_owned(), sent.clone());
        running.spawn(async move {
            match sent {
                Sent::Json(path, body) => door.post(&token, &path, key, &body).await,
                Sent::Files(draft, body) => door.upload(&token, &draft, key, body).await,
            }
        });
    }
    let mut answers = Vec::new();
    while let Some(joined) = running.join_next().await {
        let (status, body) = joined.expect("no panic");
        assert_eq!(status, expected, "{body}");
        answers.push(body);
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{answers:?}"
    );
    answers.swap_remove(0)
}

fn reused(answer: &(StatusCode, Value)) {
    assert_eq!(answer.0, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.1);
    assert!(
        answer.1.to_string().contains("idempotency.reused"),
        "{}",
        answer.1
    );
}

async fn twenty_repeats_start_one_draft(city: City) {
    let door = Arc::new(city.open().await);
    let token = door.log_in("chenxiaoyun").await;
    let sample = tongban::demo::sample(city.app.ctx.clock.today()).expect("a sample");
    let body = json!({"item_code": sample["item"], "situation": sample["situation"]});
    let sent = Sent::Json("/api/v1/drafts".to_owned(), body.clone());
    repeated(&door, &token, "start-once", StatusCode::CREATED, sent).await;
    let citizen = city.person("chenxiaoyun").await;
    assert_eq!(my_drafts(&citizen).await.expect("listed").len(), 1);
    let other = json!({"item_code": sample["item"], "situation": {}});
    reused(
        &door
            .post(&token, "/api/v1/drafts", "start-once", &other)
            .await,
    );
    // The key is one person's: somebody else's is another.
    let stranger = door.log_in("liuyan").await;
    let (status, made) = door
        .post(&stranger, "/api/v1/drafts", "start-once", &body)
        .await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(my_drafts(&citizen).await.expect("listed").len(), 1);
}

async fn twenty_repeats_attach_one_file(city: City) {
    let door = Arc::new(city.open().await);
    let token = door.log_in("chenxiaoyun").await;
    let draft = door.draft(&token, "the-draft").await;
    let body = multipart(&[
        ("layout", Some("a.png"), PICTURE),
        ("proxy", Some("b.png"), PICTURE),
    ]);
    let sent = Sent::Files(draft.clone(), body.clone());
    let first = repeated(&door, &token, "files-once", StatusCode::CREATED, sent).await;
    assert_eq!(first.as_array().expect("files").len(), 2);
    let citizen = city.person("chenxiaoyun").await;
    let id = draft.parse().expect("an id");
    assert_eq!(draft_files(&citizen, id).await.expect("listed").len(), 2);
    let other = multipart(&[("layout", Some("c.png"), PICTURE)]);
    reused(&door.upload(&token, &draft, "files-once", other).await);
    let elsewhere = door.draft(&token, "the-other-draft").await;
    reused(
        &door
            .upload(&token, &elsewhere, "files-once", body.clone())
            .await,
    );
    assert_eq!(draft_files(&citizen, id).await.expect("listed").len(), 2);
}

/// A case that waits for its applicant.
async fn asked(city: &City) -> String {
    let (_, receipt) = city.submitted().await;
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, &receipt.project_no, "pre-review").await;
    let what = RequestSupplement {
        days: 5,
        items: vec![SupplementItem {
            target: "layout".to_owned(),
            name: "经营布局".to_owned(),
            requirement: "请标注洗消区".to_owned(),
        }],
    };
    request_supplement(&clerk, on(task, what))
        .await
        .expect("asked");
    receipt.project_no
}

async fn happened(city: &City, number: &str, name: &str) -> usize {
    let citizen = city.person("chenxiaoyun").await;
    let view = case_by_number(&citizen, number).await.expect("seen");
    let events = view.events.iter();
    events.filter(|view| view.event.fact.name() == name).count()
}

async fn twenty_repeats_hand_in_one_supplement(city: City) {
    let number = asked(&city).await;
    let door = Arc::new(city.open().await);
    let token = door.log_in("chenxiaoyun").await;
    let path = format!("/api/v1/cases/{number}/supplements");
    let sent = Sent::Json(path.clone(), json!({"note": "已标注"}));
    repeated(&door, &token, "supplement-once", StatusCode::OK, sent).await;
    assert_eq!(happened(&city, &number, "supplemented").await, 1);
    reused(
        &door
            .post(&token, &path, "supplement-once", &json!({"note": "别的"}))
            .await,
    );
    let (status, body) = door
        .post(
            &token,
            &path,
            "supplement-twice",
            &json!({"note": "已标注"}),
        )
        .await;
    assert!(status.is_client_error(), "{status} {body}");
    assert_eq!(happened(&city, &number, "supplemented").await, 1);
}

async fn twenty_repeats_withdraw_once(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no;
    let door = Arc::new(city.open().await);
    let token = door.log_in("chenxiaoyun").await;
    let path = format!("/api/v1/cases/{number}/withdrawal");
    let sent = Sent::Json(path.clone(), json!({"reason": "不办了"}));
    repeated(&door, &token, "withdraw-once", StatusCode::OK, sent).await;
    assert_eq!(happened(&city, &number, "withdrawn").await, 1);
    reused(
        &door
            .post(&token, &path, "withdraw-once", &json!({"reason": "别的"}))
            .await,
    );
    let (status, body) = door
        .post(
            &token,
            &path,
            "withdraw-twice",
            &json!({"reason": "不办了"}),
        )
        .await;
    assert!(status.is_client_error(), "{status} {body}");
    assert_eq!(happened(&city, &number, "withdrawn").await, 1);
}

async fn a_write_without_a_key_is_refused(city: City) {
    let door = city.open().await;
    let token = door.log_in("chenxiaoyun").await;
    let draft = door.draft(&token, "the-draft").await;
    for path in [
        "/api/v1/drafts".to_owned(),
        format!("/api/v1/drafts/{draft}/files"),
        "/api/v1/cases/3399/supplements".to_owned(),
        "/api/v1/cases/3399/withdrawal".to_owned(),
    ] {
        for key in ["", "short", "with space in it"] {
            let (status, body) = door.post(&token, &path, key, &json!({})).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {key}: {body}");
            assert!(
                body.to_string().contains("idempotency-key"),
                "{path}: {body}"
            );
        }
    }
}

async fn a_place_that_no_list_gave_is_a_bad_request(city: City) {
    let door = city.open().await;
    let token = door.log_in("chenxiaoyun").await;
    let foreign = tongban_webkit::Cursor(vec!["不是编号".to_owned()]).encode();
    for after in ["%20", "绝不", foreign.as_str()] {
        let (status, body) = door
            .get(&token, &format!("/api/v1/cases?after={after}"))
            .await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{after}: {body}");
    }
    for path in ["/api/v1/items?after=!", "/api/v1/tasks?after=!"] {
        let (status, body) = door.get(&token, path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {body}");
    }
    let clerk = door.log_in("zhouchuang").await;
    let (status, _) = door
        .page(&clerk, &format!("/work/ratings?after={foreign}"))
        .await;
    assert!(
        matches!(status, StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN),
        "{status}"
    );
}
