//! Pages and interface through the web floor.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::post;
use http::{HeaderMap, Request, StatusCode};
use tongban_accounts::http::{DemoAccount, DemoAccounts, Sessions, keep_typed, locale, router};
use tongban_accounts::{MIGRATIONS, NewPerson, PersonProfile, hash_password, register_person};
use tongban_kernel::{Actor, Error};
use tongban_testkit::{TestStore, block_on, sqlite};
use tongban_webkit::{CsrfKey, Ctx, Failure, Page, ProtectedPairs, Web};
use tower::ServiceExt as _;

pub(crate) struct House {
    router: Router,
    pub(crate) store: TestStore,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }
    /// The cookies of the answer as a `Cookie` value.
    pub(crate) fn cookies(&self) -> String {
        let lines = self.headers.get_all("set-cookie").iter();
        let pairs = lines.filter_map(|line| line.to_str().ok()?.split(';').next());
        pairs.collect::<Vec<_>>().join("; ")
    }
    pub(crate) fn token(&self) -> String {
        let (_, rest) = self
            .text
            .split_once("name=\"csrf\" content=\"")
            .expect("every page has a token");
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

/// A form of another context: only for logged-in people.
async fn save(page: Page, ctx: Ctx, form: ProtectedPairs) -> Result<String, Failure> {
    if ctx.actor == Actor::Anonymous {
        return Err(Error::unauthenticated().into());
    }
    let _ = page;
    Ok(format!("saved {}", form.get("area").unwrap_or_default()))
}

impl House {
    pub(crate) async fn new() -> Self {
        let store = sqlite(MIGRATIONS).await;
        let ctx = store.ctx.clone();
        let new = NewPerson {
            profile: PersonProfile {
                user_name: "李娜".to_owned(),
                cert_type: "111".to_owned(),
                cert_no: "11010519491231002X".to_owned(),
                user_mobile: String::new(),
                address: String::new(),
            },
            real_level: 2,
            login: "lina".to_owned(),
            password_hash: hash_password("demo-2026", [1; 16]).expect("hashed"),
        };
        store
            .ctx
            .db
            .write(move |tx| register_person(&ctx, tx, &new))
            .await
            .expect("registered");
        let mut ctx = store.ctx.as_actor(Actor::Anonymous);
        ctx.parts = ctx.parts.clone().with(DemoAccounts(vec![DemoAccount {
            login: "lina".to_owned(),
            password: "demo-2026".to_owned(),
            name: "<李娜>".to_owned(),
            role: "市民".to_owned(),
            staff: false,
        }]));
        let web = Web::builder(ctx, CsrfKey::new([9; 32]))
            .and_then(|builder| {
                builder
                    .locale(locale())
                    .authenticator(Arc::new(Sessions))
                    .build()
            })
            .expect("texts are sound");
        let routes = router().route("/save", post(save));
        Self {
            router: web.serve(keep_typed(routes)),
            store,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("a router does not fail");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a whole body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).expect("UTF-8"),
        }
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path)
            .header("host", "a.example")
            .header("accept", "text/html")
            .header("cookie", cookie);
        self.send(request.body(Body::empty()).expect("sound")).await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header("host", "a.example")
            .header("accept", "text/html")
            .header("origin", "http://a.example")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("content-length", form.len())
            .header("cookie", cookie);
        self.send(request.body(Body::from(form.to_owned())).expect("sound"))
            .await
    }

    /// Logs in and returns the cookie.
    async fn log_in(&self, next: &str) -> (Answer, String) {
        let page = self.get("/login", "").await;
        let visitor = page.cookies();
        let form = format!(
            "csrf={}&login=LiNa&password=demo-2026&next={next}",
            page.token()
        );
        let answer = self.post("/login", &visitor, &form).await;
        let cookie = answer.cookies();
        (answer, cookie)
    }
}

#[test]
fn the_log_in_goes_back_to_this_site_only() {
    block_on(async {
        let house = House::new().await;
        for (next, target) in [
            ("%2Fmy%2Fcases%3Fx%3D1", "/my/cases?x=1"),
            ("", "/my"),
            ("%2F%2Fevil.example", "/"),
            ("https%3A%2F%2Fevil.example", "/"),
            ("%2F%5Cevil.example", "/"),
        ] {
            let (answer, cookie) = house.log_in(next).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER);
            assert_eq!(answer.header("location"), target, "{next}");
            let line = answer.header("set-cookie");
            assert!(cookie.starts_with("zw=") && line.contains("HttpOnly; SameSite=Lax"));
        }
    });
}

/// A page without what differs from answer to answer.
fn bare(text: &str, token: &str, request: &str) -> String {
    text.replace(token, "").replace(request, "")
}

#[test]
fn unknown_accounts_and_wrong_passwords_get_the_same_page() {
    block_on(async {
        let house = House::new().await;
        let mut pages = Vec::new();
        for login in ["lina", "anna"] {
            let page = house.get("/login", "").await;
            let form = format!("csrf={}&login={login}&password=wrong", page.token());
            let answer = house.post("/login", &page.cookies(), &form).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.text.contains("账号或密码不正确"));
            assert!(
                !answer.text.contains("wrong"),
                "the password is not sent back"
            );
            let text = bare(&answer.text, &answer.token(), answer.header("x-request-id"));
            pages.push(text.replace(&format!("value=\"{login}\""), ""));
        }
        assert_eq!(pages[0], pages[1]);
        let page = house.get("/login", "").await;
        let form = format!("csrf={}&login=lina&password=demo-2026", page.token());
        let hurried = house.post("/login", &page.cookies(), &form).await;
        assert_eq!(hurried.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(!hurried.header("retry-after").is_empty());
    });
}

#[test]
fn what_was_typed_survives_the_end_of_the_session() {
    block_on(async {
        let house = House::new().await;
        let (_, cookie) = house.log_in("").await;
        let own = house.get("/my/acting-for", &cookie).await;
        assert_eq!(own.status, StatusCode::OK);
        house
            .store
            .clock
            .advance(jiff::SignedDuration::from_hours(13));
        let form = format!("csrf={}&area=86.5&note=%3Cb%3E", own.token());
        let held = house.post("/save", &cookie, &form).await;
        assert_eq!(held.status, StatusCode::UNAUTHORIZED);
        assert!(held.text.contains("name=\"held.area\" value=\"86.5\""));
        assert!(held.text.contains("name=\"held-to\" value=\"/save\""));
        assert!(!held.text.contains("value=\"<b>"), "escaped");
        let visitor = format!("{}; {cookie}", held.cookies());
        let form = format!(
            "csrf={}&login=lina&password=demo-2026&held-to=%2Fsave&held.area=86.5",
            held.token()
        );
        let again = house.post("/login", &visitor, &form).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.text);
        assert!(again.text.contains("action=\"/save\"") && again.text.contains("继续提交"));
        let form = format!("csrf={}&area=86.5", again.token());
        let saved = house.post("/save", &again.cookies(), &form).await;
        assert_eq!(
            (saved.status, saved.text.as_str()),
            (StatusCode::OK, "saved 86.5")
        );
    });
}

#[test]
fn logging_out_ends_the_session_and_needs_the_token() {
    block_on(async {
        let house = House::new().await;
        let (_, cookie) = house.log_in("").await;
        let forged = house.post("/logout", &cookie, "").await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        let page = house.get("/my/acting-for", &cookie).await;
        let out = house
            .post("/logout", &cookie, &format!("csrf={}", page.token()))
            .await;
        assert_eq!(out.status, StatusCode::SEE_OTHER);
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        let after = house.get("/my/acting-for", &cookie).await;
        assert_eq!(after.status, StatusCode::SEE_OTHER);
        assert!(after.header("location").starts_with("/login?"));
    });
}

#[test]
fn a_program_opens_a_session_and_ends_it() {
    block_on(async {
        let house = House::new().await;
        let ask = |method: &str, path: &str, bearer: &str, body: &str| {
            Request::builder()
                .method(method)
                .uri(path)
                .header("host", "a.example")
                .header("content-type", "application/json")
                .header("authorization", format!("Bearer {bearer}"))
                .body(Body::from(body.to_owned()))
                .expect("sound")
        };
        let body = "{\"login\":\"lina\",\"password\":\"demo-2026\"}";
        let opened = house.send(ask("POST", "/api/v1/sessions", "", body)).await;
        assert_eq!(opened.status, StatusCode::CREATED);
        let answer: serde_json::Value = serde_json::from_str(&opened.text).expect("JSON");
        let token = answer["token"].as_str().expect("a token").to_owned();
        let current = "/api/v1/sessions/current";
        let who = house.send(ask("GET", current, &token, "")).await;
        assert!(who.text.contains("\"kind\":\"citizen\""));
        let closed = house.send(ask("DELETE", current, &token, "")).await;
        assert_eq!(closed.status, StatusCode::NO_CONTENT);
        let gone = house.send(ask("GET", current, &token, "")).await;
        assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
        let wrong = house
            .send(ask(
                "POST",
                "/api/v1/sessions",
                "",
                "{\"login\":\"x\",\"password\":\"y\"}",
            ))
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn the_demonstration_shows_its_accounts_escaped() {
    block_on(async {
        let house = House::new().await;
        for lang in ["zh-CN", "zh-Hant", "en"] {
            let page = house
                .get(&format!("/login?lang={lang}&next=%2F%2Fevil"), "")
                .await;
            assert!(page.text.contains("&lt;李娜&gt;") || page.text.contains("&#60;李娜&#62;"));
            assert!(!page.text.contains("<李娜>"));
            assert!(page.text.contains("name=\"next\" value=\"/\""));
        }
    });
}

#[test]
fn english_and_chinese_have_the_same_texts() {
    let differing = tongban_webkit::i18n::Catalog::disparity(&locale());
    assert!(differing.is_empty(), "{differing:?}");
}
