//! The page of covers and its interface: only for officers, with what was typed again when something is wrong.

use axum::body::Body;
use http::{Request, StatusCode};
use tongban_accounts::{NewOfficer, NewOrgan, hash_password, register_officer, register_organ};
use tongban_kernel::{OfficerId, Post};
use tongban_testkit::block_on;

use crate::pages::{Answer, House};

/// Three officers of one organ; the third holds another post.
async fn staffed() -> (House, Vec<OfficerId>) {
    let house = House::new().await;
    let ctx = house.store.ctx.clone();
    let hash = hash_password("demo-2026", [2; 16]).expect("hashed");
    let known = house
        .store
        .ctx
        .db
        .write(move |tx| {
            let organ = NewOrgan {
                code: "1133990200990011XN".to_owned(),
                name: "东湖区市场监督管理局".to_owned(),
                short_name: "东市监".to_owned(),
                division: "339902".to_owned(),
                phone: None,
            };
            let organ = register_organ(&ctx, tx, &organ)?;
            let posts = [Post::Reviewer, Post::Reviewer, Post::Acceptor];
            let names = ["jia", "yi", "bing"].into_iter().zip(posts);
            names
                .map(|(login, post)| {
                    let new = NewOfficer {
                        organ,
                        staff_no: login.to_owned(),
                        name: format!("officer-{login}"),
                        posts: vec![post],
                        login: login.to_owned(),
                        password_hash: hash.clone(),
                    };
                    register_officer(&ctx, tx, &new)
                })
                .collect()
        })
        .await
        .expect("registered");
    (house, known)
}

async fn log_in(house: &House, login: &str) -> String {
    let page = house.get("/login", "").await;
    let form = format!("csrf={}&login={login}&password=demo-2026", page.token());
    let answer = house.post("/login", &page.cookies(), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.cookies()
}

async fn call(house: &House, method: &str, path: &str, cookie: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "a.example")
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header("idempotency-key", "a-cover-key")
        .header("cookie", cookie);
    let request = request.body(Body::from(body.to_owned()));
    house.send(request.expect("sound")).await
}

#[test]
fn a_cover_is_arranged_and_ended_on_the_page() {
    block_on(async {
        let (house, known) = staffed().await;
        let today = house.store.ctx.clock.today();
        let away = house.get("/work/covers", "").await;
        assert_ne!(away.status, StatusCode::OK, "not without log-in");
        let cookie = log_in(&house, "jia").await;
        let page = house.get("/work/covers", &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert_eq!(page.text.matches("<h1").count(), 1);
        assert!(page.text.contains("officer-yi"), "{}", page.text);
        assert!(!page.text.contains("officer-bing"), "another post");
        let form = |cover: OfficerId, from: String, to: String| {
            format!(
                "csrf={}&idem=a-form-key&absent={}&cover={cover}&from={from}&to={to}&reason=leave",
                page.token(),
                known[0]
            )
        };
        let (first, last) = (today.to_string(), today.to_string().replace('-', "%2F"));
        for (cover, from, to) in [
            (known[2], first.clone(), last.clone()),
            (known[1], "soon".to_owned(), last.clone()),
            (known[1], "2020-01-01".to_owned(), last.clone()),
        ] {
            let again = house
                .post("/work/covers", &cookie, &form(cover, from, to))
                .await;
            assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(again.text.contains("leave"), "what was typed is there");
        }
        let wish = form(known[1], first, last);
        let sent = house.post("/work/covers", &cookie, &wish).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        assert_eq!(sent.header("location"), "/work/covers?done=named");
        let again = wish.replace("a-form-key", "another-key");
        let refused = house.post("/work/covers", &cookie, &again).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.text.contains("已经指定了代办人"),
            "{}",
            refused.text
        );
        // The cover sees it and cannot end it; nobody else sees it.
        let (theirs, stranger) = (log_in(&house, "yi").await, log_in(&house, "bing").await);
        let page = house.get("/work/covers", &cookie).await;
        let (_, rest) = page
            .text
            .split_once("action=\"/work/covers/")
            .expect("can be ended");
        let id = rest.split('/').next().unwrap_or_default().to_owned();
        let seen = house.get("/work/covers", &theirs).await;
        assert!(seen.text.contains("officer-jia") && !seen.text.contains(&id));
        let end = format!("/api/v1/covers/{id}/end");
        for (who, status) in [
            (&theirs, StatusCode::FORBIDDEN),
            (&stranger, StatusCode::NOT_FOUND),
        ] {
            let answer = call(&house, "POST", &end, who, "").await;
            assert_eq!(answer.status, status, "{}", answer.text);
        }
        let list = call(&house, "GET", "/api/v1/covers", &stranger, "").await;
        assert!(!list.text.contains(&id), "{}", list.text);
        let list = call(&house, "GET", "/api/v1/covers", &theirs, "").await;
        assert!(
            list.text.contains(&id) && list.text.contains("in-force"),
            "{}",
            list.text
        );
        let form = format!("csrf={}&idem=an-end-key", page.token());
        let path = format!("/work/covers/{id}/end");
        let sent = house.post(&path, &cookie, &form).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let page = house.get("/work/covers", &cookie).await;
        assert!(page.text.contains("已提前结束"), "{}", page.text);
        let late = call(&house, "POST", &end, &cookie, "").await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    });
}

#[test]
fn a_cover_is_arranged_through_the_interface() {
    block_on(async {
        let (house, known) = staffed().await;
        let today = house.store.ctx.clock.today();
        let cookie = log_in(&house, "jia").await;
        let body = |from: &str| {
            format!(
                "{{\"absent\":\"{}\",\"cover\":\"{}\",\"from\":\"{from}\",\"to\":\"{today}\",\"reason\":\"leave\"}}",
                known[0], known[1]
            )
        };
        let wrong = call(
            &house,
            "POST",
            "/api/v1/covers",
            &cookie,
            &body("2020-01-01"),
        )
        .await;
        assert_eq!(
            wrong.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            wrong.text
        );
        for _ in 0..2 {
            let made = call(
                &house,
                "POST",
                "/api/v1/covers",
                &cookie,
                &body(&today.to_string()),
            )
            .await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
            assert!(made.text.contains("cov_"), "{}", made.text);
        }
        let list = call(&house, "GET", "/api/v1/covers", &cookie, "").await;
        assert_eq!(list.text.matches("cover_no").count(), 1, "{}", list.text);
    });
}
