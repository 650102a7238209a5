//! The pages under the web floor.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tongban_kernel::{Actor, Citizen, Officer, PersonId, Post};
use tongban_oversight::{LOCALE, openapi, router};
use tongban_webkit::{Authenticator, Credentials, CsrfKey, Session, SessionFuture, UserView, Web};
use tower::ServiceExt as _;

use crate::city::{City, ENDED, OPEN, SECOND, migrations};

/// The session cookie is the id of a person, or `officer.` and the id of an organ.
struct ById;

impl Authenticator for ById {
    fn authenticate(&self, _: tongban_storage::Ctx, credentials: Credentials) -> SessionFuture<'_> {
        Box::pin(async move {
            let cookie = credentials.session.unwrap_or_default();
            let actor = match cookie.strip_prefix("officer.") {
                Some(organ) => Actor::Officer(Officer {
                    officer: "off_00000000000000000000000000000009"
                        .parse()
                        .expect("an id"),
                    organ: organ.parse().expect("an id"),
                    posts: vec![Post::Reviewer],
                }),
                None => match cookie.parse::<PersonId>() {
                    Ok(person) => Actor::Citizen(Citizen {
                        person,
                        enterprise: None,
                        real_level: 2,
                    }),
                    Err(_) => return Ok(Session::anonymous()),
                },
            };
            let user = Some(UserView {
                staff: matches!(actor, Actor::Officer(_)),
                ..UserView::default()
            });
            Ok(Session {
                csrf_subject: actor.principal(),
                actor,
                user,
                ..Session::anonymous()
            })
        })
    }
}

struct Site {
    city: City,
    router: Router,
}

impl Site {
    async fn new() -> Self {
        let city = City::on(tongban_testkit::sqlite(migrations()).await).await;
        let web = Web::builder(city.ctx.clone(), CsrfKey::new([9; 32]))
            .and_then(|builder| builder.locale(LOCALE).authenticator(Arc::new(ById)).build())
            .expect("texts are sound");
        let router = web.serve(router());
        Self { city, router }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let status = answer.status();
        let bytes = answer
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn get(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::get(path).header("cookie", format!("zw={cookie}"));
        self.send(request.body(Body::empty()).expect("a request"))
            .await
    }

    async fn post(&self, path: &str, cookie: &str, form: String) -> (StatusCode, String) {
        let request = Request::post(path)
            .header("cookie", format!("zw={cookie}"))
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form)).expect("a request"))
            .await
    }

    async fn api(
        &self,
        no: &str,
        cookie: &str,
        key: Option<&str>,
        json: &str,
    ) -> (StatusCode, serde_json::Value) {
        let mut request = Request::post(format!("/api/v1/cases/{no}/rating"))
            .header("cookie", format!("zw={cookie}"))
            .header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let (status, text) = self
            .send(
                request
                    .body(Body::from(json.to_owned()))
                    .expect("a request"),
            )
            .await;
        (status, serde_json::from_str(&text).unwrap_or_default())
    }
}

fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .expect("a field");
    rest.split('"').next().unwrap_or_default()
}

#[test]
fn the_page_takes_a_rating_without_script_and_says_what_happens_with_a_bad_one() {
    tongban_testkit::block_on(async {
        let site = Site::new().await;
        let li_na = site.city.li_na.to_string();
        let path = format!("/cases/{ENDED}/rating");
        let (status, form) = site.get(&path, &li_na).await;
        assert_eq!(status, 200);
        let radios = form.matches("type=\"radio\" name=\"level\"").count();
        assert_eq!(
            (radios, form.contains(" checked")),
            (5, false),
            "five faces and no default"
        );
        let (csrf, idem) = (field(&form, "csrf"), field(&form, "idem"));
        let (status, again) = site
            .post(
                &path,
                &li_na,
                format!("csrf={csrf}&idem={idem}&text=abc&tag=guide"),
            )
            .await;
        assert_eq!(status, 422);
        assert!(
            again.contains("请选择满意度")
                && again.contains(">abc</textarea>")
                && again.contains("value=\"guide\" checked")
        );
        let forged = site
            .post(&path, &li_na, format!("idem={idem}&level=1"))
            .await;
        assert_eq!(forged.0, 403);
        let body = format!("csrf={csrf}&idem={idem}&level=1&text=%3Cb%3E&tag=guide");
        assert_eq!(site.post(&path, &li_na, body.clone()).await.0, 303);
        // The same form sent twice is one rating; another one is a conflict.
        assert_eq!(site.post(&path, &li_na, body).await.0, 303);
        let other = site
            .post(&path, &li_na, format!("csrf={csrf}&idem=another-1&level=5"))
            .await;
        assert_eq!(other.0, 409);
        let (_, done) = site.get(&path, &li_na).await;
        assert!(
            done.contains("非常不满意")
                && done.contains("2026-03-23")
                && done.contains("&#60;b&#62;"),
            "{done}"
        );
        let (_, early) = site.get(&format!("/cases/{OPEN}/rating"), &li_na).await;
        assert!(early.contains("办结后可以评价"));
        let stranger = site.city.stranger.to_string();
        assert_eq!(site.get(&path, &stranger).await.0, 404);
    });
}

#[test]
fn officers_see_the_list_with_its_indices() {
    tongban_testkit::block_on(async {
        let site = Site::new().await;
        let li_na = site.city.li_na.to_string();
        let officer = format!("officer.{}", site.city.organ);
        let (_, none) = site.get("/work/ratings", &officer).await;
        assert!(
            none.contains("还没有评价") && !none.contains("100.0"),
            "no rating is no good rating"
        );
        let bad = r#"{"satisfaction": 2, "tags": ["platform"], "text": "太慢", "channel": "2"}"#;
        assert_eq!(site.api(ENDED, &li_na, Some("key-0001"), bad).await.0, 201);
        let good = r#"{"satisfaction": 5, "channel": "1"}"#;
        assert_eq!(
            site.api(SECOND, &li_na, Some("key-0002"), good).await.0,
            201
        );
        let (status, page) = site.get("/work/ratings", &officer).await;
        assert_eq!(status, 200);
        assert!(page.contains("50.0") && page.contains("太慢") && page.contains(SECOND));
        assert!(!page.contains("李"), "nobody's name");
        let (_, first) = site.get("/work/ratings?limit=1", &officer).await;
        assert!(first.contains("rel=\"next\"") && !first.contains("太慢"));
        let (_, only_bad) = site.get("/work/ratings?only=bad", &officer).await;
        assert!(only_bad.contains("太慢") && !only_bad.contains(SECOND));
        assert_ne!(site.get("/work/ratings", &li_na).await.0, 200);
        assert_eq!(site.get("/work/ratings?after=xx", &officer).await.0, 400);
    });
}

#[test]
fn the_interface_checks_and_converts() {
    tongban_testkit::block_on(async {
        let site = Site::new().await;
        let li_na = site.city.li_na.to_string();
        let good = r#"{"satisfaction": 5, "channel": "1"}"#;
        assert_eq!(site.api(ENDED, &li_na, None, good).await.0, 400);
        let (status, problem) = site
            .api(
                ENDED,
                &li_na,
                Some("key-0001"),
                r#"{"satisfaction": 9, "channel": "x", "tags": ["y"]}"#,
            )
            .await;
        assert_eq!(
            (status.as_u16(), problem["errors"].as_array().map(Vec::len)),
            (422, Some(3))
        );
        assert_eq!(
            site.api(ENDED, &li_na, Some("key-0001"), r#"{"channel": "1"}"#)
                .await
                .0,
            400,
            "no default"
        );
        let (status, given) = site.api(ENDED, &li_na, Some("key-0001"), good).await;
        assert_eq!(
            (status.as_u16(), given["satisfaction"].as_u64()),
            (201, Some(5))
        );
        assert_eq!(
            site.api(ENDED, &li_na, Some("key-0001"), good).await.1,
            given
        );
        assert_eq!(site.api(ENDED, &li_na, Some("key-0009"), good).await.0, 409);
        let stored = site.city.count("SELECT level FROM rating").await;
        assert_eq!(stored, 1, "1 is the best in the store");
        let stranger = site.city.stranger.to_string();
        assert_eq!(
            site.api(SECOND, &stranger, Some("key-0001"), good).await.0,
            404
        );
    });
}

#[test]
fn both_languages_have_the_same_texts_and_the_interface_is_described() {
    let odd = tongban_webkit::i18n::Catalog::disparity(&LOCALE);
    assert!(odd.is_empty(), "{odd:?}");
    let json = serde_json::to_value(openapi()).expect("JSON");
    assert!(json["paths"]["/api/v1/cases/{project_no}/rating"]["post"].is_object());
}
