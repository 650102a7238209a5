//! A look of an officer at a case leaves a leaf; the applicant sees who looked, and can prove it.

use jiff::SignedDuration;
use tongban_cases::model::Look;
use tongban_cases::{case_by_number, case_desk, case_file_bytes, looks, task_desk};
use tongban_storage::{Ctx, Engine, params};
use tongban_tlog::{LeafKind, verify_bundle};

use super::{bundle_of, policy_of};
use crate::city::{City, in_the_city};

in_the_city!(
    a_look_leaves_one_leaf_and_a_page_shown_again_none,
    the_applicant_sees_who_looked_and_why_and_can_prove_it,
    without_its_leaf_nothing_is_shown,
    many_at_once_leave_a_chain_without_a_gap,
);

async fn leaves(city: &City) -> i64 {
    city.app
        .ctx
        .db
        .read(|tx| {
            let count = |row: &tongban_storage::Row<'_>| row.get::<i64>(0);
            let there = tx.one("SELECT COUNT(*) FROM tlog_leaf", params![], count)?;
            let waiting = tx.one("SELECT COUNT(*) FROM tlog_pending", params![], count)?;
            Ok(there + waiting)
        })
        .await
        .expect("counted")
}

async fn seen(citizen: &Ctx, number: &str) -> Vec<Look> {
    looks(citizen, number).await.expect("hers")
}

async fn a_look_leaves_one_leaf_and_a_page_shown_again_none(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let begun = leaves(&city).await;
    for _ in 0..3 {
        case_by_number(&citizen, number).await.expect("her own");
    }
    assert_eq!(
        leaves(&city).await,
        begun,
        "the applicant's own reads leave nothing"
    );
    let clerk = city.person("zhouchuang").await;
    for _ in 0..5 {
        case_desk(&clerk, number).await.expect("seen");
        case_by_number(&clerk, number).await.expect("seen");
        city.clock.advance(SignedDuration::from_mins(11));
    }
    assert_eq!(
        leaves(&city).await,
        begun + 1,
        "within an hour it is one look"
    );
    city.clock.advance(SignedDuration::from_mins(6));
    case_desk(&clerk, number).await.expect("seen");
    assert_eq!(
        leaves(&city).await,
        begun + 2,
        "after an hour it is another"
    );
    // A file is another thing, a step of the work another purpose.
    let view = case_by_number(&clerk, number).await.expect("seen");
    case_file_bytes(&clerk, number, view.files[0].id)
        .await
        .expect("a file");
    let task = city.task(&clerk, number, "pre-review").await;
    task_desk(&clerk, task).await.expect("a task");
    assert_eq!(leaves(&city).await, begun + 4);
    // Who may not see it leaves nothing.
    let stranger = city.person("liuyan").await;
    assert!(case_by_number(&stranger, number).await.is_err());
    assert_eq!(leaves(&city).await, begun + 4);
    assert!(looks(&stranger, number).await.is_err());
    assert!(
        looks(&clerk, number).await.is_err(),
        "the list is the applicant's"
    );
}

async fn the_applicant_sees_who_looked_and_why_and_can_prove_it(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let clerk = city.person("zhouchuang").await;
    let task = city.task(&clerk, number, "pre-review").await;
    task_desk(&clerk, task).await.expect("seen");
    let reviewer = city.person("dhscjg-acceptor").await;
    case_desk(&reviewer, number).await.expect("seen");
    let found = seen(&citizen, number).await;
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].seq, found[1].seq), (0, 1));
    assert_eq!(found[0].purpose, "预审");
    assert_eq!(found[1].purpose, "查看办件");
    for look in &found {
        assert!(
            !look.organ_name.is_empty() && look.basis.contains("行政许可法"),
            "{look:?}"
        );
        assert_ne!(look.post_label(), "officer");
    }
    city.sequenced().await;
    let policy = policy_of(&city).await;
    let bundle = bundle_of(&city, &citizen, number).await;
    assert_eq!(bundle.access.len(), 2);
    let report = verify_bundle(&bundle, &policy);
    assert!(report.is_ok(), "{:?}", report.steps);
    let json = bundle.to_json().expect("written");
    for (from, to) in [
        ("\"预审\"", "\"统计\""),
        (found[0].organ_name.as_str(), "别的部门"),
    ] {
        let changed = json.replacen(from, to, 1);
        assert_ne!(changed, json, "{from}");
        let changed = tongban_tlog::Bundle::from_json(changed.as_bytes()).expect("a bundle");
        assert!(
            !verify_bundle(&changed, &policy).is_ok(),
            "{from} → {to} was not noticed"
        );
    }
    // The page says it.
    let base = city.served().await;
    let (html, _) = page(&base, &format!("/cases/{number}")).await;
    assert!(html.contains("谁看过我的信息") && html.contains(&found[0].organ_name));
    assert!(html.contains("预审（"), "the purpose and its basis");
    // The page of the proof, to which every event of the timeline points.
    let (html, status) = page(&base, &format!("/cases/{number}/proof")).await;
    assert_eq!(status, reqwest::StatusCode::OK);
    for said in [
        "log.tongban.invalid/2026 · 0",
        "工作人员查阅（2 次）",
        "✔ <b>前后相连",
        "id=\"0\"",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert!(!html.contains('✘'));
    let (_, status) = page(&base, "/cases/339900202603020001/proof").await;
    assert_eq!(status, reqwest::StatusCode::NOT_FOUND);
    // What is in the log itself names nobody.
    let entry = bundle.access[0]
        .leaf_text(LeafKind::Access, &bundle.case_key, 0)
        .expect("a leaf")
        .to_string();
    assert!(entry.starts_with("gov-access-event/v1\n") && !entry.contains(&found[0].organ_name));
}

/// A page as 陈小云 sees it.
async fn page(base: &str, path: &str) -> (String, reqwest::StatusCode) {
    let client = reqwest::Client::new();
    let password = tongban::demo::password().expect("a password");
    let session: serde_json::Value = client
        .post(format!("{base}/api/v1/sessions"))
        .json(&serde_json::json!({"login": "chenxiaoyun", "password": password}))
        .send()
        .await
        .expect("answered")
        .json()
        .await
        .expect("JSON");
    let answer = client
        .get(format!("{base}{path}"))
        .bearer_auth(session["token"].as_str().expect("a token"))
        .send()
        .await
        .expect("answered");
    let status = answer.status();
    (answer.text().await.expect("whole"), status)
}

async fn without_its_leaf_nothing_is_shown(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    let clerk = city.person("zhouchuang").await;
    let engine = city.app.ctx.db.engine();
    let log = city.app.ctx.db.write(move |tx| {
        tx.execute(
            match engine {
                Engine::Sqlite => "ALTER TABLE tlog_leaf RENAME COLUMN logged_at TO gone",
                Engine::Postgres => "ALTER TABLE tlog_pending RENAME COLUMN logged_at TO gone",
            },
            params![],
        )
    });
    log.await.expect("the log is broken");
    assert!(case_desk(&clerk, number).await.is_err());
    assert!(case_by_number(&clerk, number).await.is_err());
    assert!(
        case_by_number(&citizen, number).await.is_ok(),
        "her own reads go on"
    );
    assert!(seen(&citizen, number).await.is_empty());
}

async fn many_at_once_leave_a_chain_without_a_gap(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let number = receipt.project_no.clone();
    let begun = leaves(&city).await;
    let mut hands = tokio::task::JoinSet::new();
    for login in [
        "zhouchuang",
        "dhscjg-acceptor",
        "dhscjg-reviewer",
        "dhscjg-decider",
    ] {
        let person = city.person(login).await;
        for _ in 0..6 {
            let (person, number) = (person.clone(), number.clone());
            hands.spawn(async move { case_by_number(&person, &number).await.map(|_| ()) });
        }
    }
    while let Some(hand) = hands.join_next().await {
        hand.expect("no panic").expect("seen");
    }
    let found = seen(&citizen, &number).await;
    let numbers: Vec<u32> = found.iter().map(|look| look.seq).collect();
    assert_eq!(numbers, [0, 1, 2, 3], "one look each");
    assert_eq!(leaves(&city).await, begun + 4, "and one leaf each");
    city.sequenced().await;
    let bundle = bundle_of(&city, &citizen, &number).await;
    assert!(verify_bundle(&bundle, &policy_of(&city).await).is_ok());
}
