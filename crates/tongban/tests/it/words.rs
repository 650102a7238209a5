//! What people really type, and what nobody types by accident: answered with a sentence, never with a failure.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::city::{City, in_the_city};
use crate::door::{Door, token_of};

in_the_city!(
    an_identity_number_with_a_wrong_check_digit_is_pointed_out,
    the_thirtieth_of_february_is_pointed_out,
    full_width_digits_are_digits,
    rare_characters_stay_as_they_were_typed,
    a_picture_sign_in_a_name_is_pointed_out_and_kept,
    an_empty_form_is_told_everything_that_is_missing,
    a_second_window_overwrites_nothing,
    an_ended_session_loses_nothing_that_was_typed,
    bytes_that_are_no_text_are_refused,
    a_nul_is_refused_wherever_it_is_written,
);

/// A logged-in applicant with a draft.
struct Desk {
    door: Door,
    token: String,
    draft: String,
    today: jiff::civil::Date,
}

impl Desk {
    async fn new(city: &City) -> Self {
        let door = city.open().await;
        let token = door.log_in("chenxiaoyun").await;
        let draft = door.draft(&token, "the-draft").await;
        Self {
            door,
            token,
            draft,
            today: city.app.ctx.clock.today(),
        }
    }

    fn path(&self) -> String {
        format!("/api/v1/drafts/{}/answers", self.draft)
    }

    /// Saves the sample answers with these instead; what the draft then says of itself.
    async fn saved(&self, revision: u64, other: &Value) -> Value {
        let mut values = tongban::demo::sample(self.today).expect("a sample")["values"].clone();
        for (name, value) in other.as_object().expect("answers") {
            values[name] = value.clone();
        }
        let (status, told) = self
            .door
            .put(&self.token, &self.path(), revision, &values)
            .await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let (status, draft) = self.door.get(&self.token, &self.path()).await;
        assert_eq!(status, StatusCode::OK, "{draft}");
        draft
    }
}

impl Desk {
    /// The page of the form shows what was typed.
    async fn shows(&self, page: &str, typed: &str) {
        let path = format!("/drafts/{}/pages/{page}", self.draft);
        let (status, page) = self.door.page(&self.token, &path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains(typed), "{typed} is not on the page");
    }
}

/// The sentence about this field, if the draft has a problem there.
fn problem<'a>(draft: &'a Value, field: &str) -> Option<&'a str> {
    let problems = draft["problems"].as_array().expect("problems");
    let found = problems.iter().find(|problem| problem["field"] == field)?;
    found["message"].as_str()
}

/// What stands in the input of this name on a page.
fn input<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let named = format!(" name=\"{name}\"");
    let tags = page.split("<input").skip(1);
    let mut tags = tags.filter_map(|rest| rest.split('>').next());
    let tag = tags.find(|tag| tag.contains(&named))?;
    tag.split(" value=\"").nth(1)?.split('"').next()
}

async fn an_identity_number_with_a_wrong_check_digit_is_pointed_out(city: City) {
    let desk = Desk::new(&city).await;
    let sound = desk.saved(1, &json!({})).await;
    assert_eq!(problem(&sound, "rep_id_no"), None, "{sound}");
    let wrong = desk
        .saved(2, &json!({"rep_id_no": "339900199106082469"}))
        .await;
    let sentence = problem(&wrong, "rep_id_no").expect("pointed out");
    assert!(sentence.contains("校验不通过"), "{sentence}");
    // Kept as typed, and the application does not go through.
    desk.shows("applicant", "339900199106082469").await;
    let path = format!("/api/v1/drafts/{}/submission", desk.draft);
    let (status, told) = desk
        .door
        .post(&desk.token, &path, "wrong-number", &json!({}))
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    assert!(told.to_string().contains("rep_id_no"), "{told}");
}

async fn the_thirtieth_of_february_is_pointed_out(city: City) {
    let desk = Desk::new(&city).await;
    for (n, day) in [
        "2027-02-30",
        "2027-02-29",
        "2027-13-01",
        "0000-00-00",
        "明天",
    ]
    .iter()
    .enumerate()
    {
        let draft = desk.saved(n as u64 + 1, &json!({"open_date": day})).await;
        let sentence = problem(&draft, "open_date").expect(day);
        assert!(sentence.contains("日期"), "{day}: {sentence}");
    }
    let leap = desk.saved(6, &json!({"open_date": "2028-02-29"})).await;
    assert_eq!(problem(&leap, "open_date"), None, "{leap}");
}

async fn full_width_digits_are_digits(city: City) {
    let desk = Desk::new(&city).await;
    let wide = json!({"rep_id_no": "３３９９００１９９１０６０８２４６８", "mobile": "１９９００１００００１", "area": "４２．５"});
    let draft = desk.saved(1, &wide).await;
    for field in ["rep_id_no", "mobile", "area"] {
        assert_eq!(problem(&draft, field), None, "{field}: {draft}");
    }
}

async fn rare_characters_stay_as_they_were_typed(city: City) {
    let desk = Desk::new(&city).await;
    // One of each extension: B, C, D, E, F, G, H (Unicode 15).
    let rare = ["𠮷", "𪜶", "𫝷", "𫠬", "𬺰", "𰀀", "𱍐"];
    for (n, one) in rare.iter().enumerate() {
        let name = format!("陈{one}");
        let draft = desk.saved(n as u64 + 1, &json!({"rep_name": name})).await;
        assert_eq!(draft["answers"]["rep_name"], name.as_str());
        assert_eq!(problem(&draft, "rep_name"), None, "{name}");
        desk.shows("applicant", &name).await;
    }
}

async fn a_picture_sign_in_a_name_is_pointed_out_and_kept(city: City) {
    let desk = Desk::new(&city).await;
    for (n, name) in ["陈小云😀", "👨‍👩‍👧"].iter().enumerate() {
        let draft = desk.saved(n as u64 + 1, &json!({"rep_name": name})).await;
        let sentence = problem(&draft, "rep_name").unwrap_or_else(|| panic!("{name}: {draft}"));
        assert!(!sentence.is_empty(), "{name}");
        desk.shows("applicant", name).await;
    }
    // What cannot be seen is taken out instead.
    let draft = desk.saved(3, &json!({"rep_name": "陈\u{200b}小云"})).await;
    assert_eq!(draft["answers"]["rep_name"], "陈小云");
    assert_eq!(problem(&draft, "rep_name"), None, "{draft}");
}

async fn an_empty_form_is_told_everything_that_is_missing(city: City) {
    let desk = Desk::new(&city).await;
    let path = format!("/drafts/{}/pages/business", desk.draft);
    // Not even the revision: that is a window which has seen nothing.
    let (status, page) = desk.door.fields(&desk.token, &path, &[]).await;
    assert_eq!(status, StatusCode::CONFLICT, "{page}");
    let fields = [("_revision", "1")];
    let (status, page) = desk.door.fields(&desk.token, &path, &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    for field in ["shop_name", "open_date", "area"] {
        assert!(
            page.contains(&format!("id=\"f-{field}-e\"")),
            "{field}: {page}"
        );
    }
    let (status, told) = desk
        .door
        .put(&desk.token, &desk.path(), 2, &json!({}))
        .await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let path = format!("/api/v1/drafts/{}/submission", desk.draft);
    let (status, told) = desk
        .door
        .post(&desk.token, &path, "empty-form", &json!({}))
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    let told = told.to_string();
    for field in [
        "applicant_kind",
        "rep_name",
        "open_date",
        "consent",
        "layout",
    ] {
        assert!(told.contains(field), "{field}: {told}");
    }
}

async fn a_second_window_overwrites_nothing(city: City) {
    let desk = Desk::new(&city).await;
    desk.saved(1, &json!({"shop_name": "第一个窗口小吃店"}))
        .await;
    // A program that has not seen it.
    let (status, told) = desk
        .door
        .put(
            &desk.token,
            &desk.path(),
            1,
            &json!({"shop_name": "第二个"}),
        )
        .await;
    assert_eq!(status, StatusCode::CONFLICT, "{told}");
    // A browser that has not seen it: both versions are shown, what was typed here is in the fields.
    let path = format!("/drafts/{}/pages/business", desk.draft);
    let fields = [
        ("_revision", "1"),
        ("_editor", "another-window"),
        ("shop_name", "第二个窗口小吃店"),
    ];
    let (status, page) = desk.door.fields(&desk.token, &path, &fields).await;
    assert_eq!(status, StatusCode::CONFLICT, "{page}");
    assert!(page.contains("第一个窗口小吃店"), "{page}");
    assert_eq!(
        input(&page, "shop_name"),
        Some("第二个窗口小吃店"),
        "{page}"
    );
    // Who has seen both may choose: saving this page takes it.
    assert_eq!(input(&page, "_revision"), Some("2"), "{page}");
    let (_, draft) = desk.door.get(&desk.token, &desk.path()).await;
    assert_eq!(draft["answers"]["shop_name"], "第一个窗口小吃店");
}

async fn an_ended_session_loses_nothing_that_was_typed(city: City) {
    let desk = Desk::new(&city).await;
    let path = format!("/drafts/{}/pages/business", desk.draft);
    let csrf = desk.door.form_token(&desk.token).await;
    city.clock
        .advance(jiff::SignedDuration::from_hours(24 * 40));
    let typed = tongban_webkit::http::encode([
        ("csrf", csrf.as_str()),
        ("_revision", "1"),
        ("shop_name", "会话过期小吃店<&\">"),
    ]);
    let kind = "application/x-www-form-urlencoded";
    let (status, page) = desk
        .door
        .form(&desk.token, &path, kind, typed.into_bytes())
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{page}");
    assert!(page.contains("name=\"held.shop_name\""), "{page}");
    assert!(
        page.contains("会话过期小吃店&#60;") || page.contains("会话过期小吃店&lt;"),
        "{page}"
    );
    // After the log-in it is offered again, with one button that sends it.
    let password = tongban::demo::password().expect("a password");
    let login = [
        ("login", "chenxiaoyun"),
        ("password", password.as_str()),
        ("held-to", path.as_str()),
        ("held._revision", "1"),
        ("held.shop_name", "会话过期小吃店"),
    ];
    let browser = reqwest::Client::builder()
        .cookie_store(true)
        .build()
        .expect("a browser");
    let page = browser
        .get(format!("{}/login", desk.door.base))
        .send()
        .await
        .expect("answered");
    let csrf = token_of(&page.text().await.expect("a page"));
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(&login);
    let answer = browser
        .post(format!("{}/login", desk.door.base))
        .header("origin", &desk.door.base)
        .header("content-type", kind)
        .body(tongban_webkit::http::encode(all))
        .send()
        .await
        .expect("answered");
    assert_eq!(answer.status(), StatusCode::OK);
    let page = answer.text().await.expect("a page");
    let (_, again) = page
        .split_once(&format!("<form method=\"post\" action=\"{path}\""))
        .expect("a form that goes where the first one went");
    let sent = ["csrf", "_revision", "shop_name"].map(|name| {
        (
            name,
            input(again, name).unwrap_or_else(|| panic!("{name}: {page}")),
        )
    });
    assert_eq!(sent[2].1, "会话过期小吃店");
    // The one press: what was typed is in the draft, as if the session had lived.
    let answer = browser
        .post(format!("{}{path}", desk.door.base))
        .header("origin", &desk.door.base)
        .header("content-type", kind)
        .body(tongban_webkit::http::encode(sent))
        .send()
        .await
        .expect("answered");
    let status = answer.status();
    let page = answer.text().await.expect("a page");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    let token = desk.door.log_in("chenxiaoyun").await;
    let (_, draft) = desk.door.get(&token, &desk.path()).await;
    assert_eq!(draft["answers"]["shop_name"], "会话过期小吃店", "{draft}");
}

async fn bytes_that_are_no_text_are_refused(city: City) {
    let desk = Desk::new(&city).await;
    let put = |body: Vec<u8>| {
        let request = desk.door.ask(Method::PUT, &desk.path(), &desk.token);
        request
            .header("if-match", "\"r1\"")
            .header("content-type", "application/json")
            .body(body)
            .send()
    };
    for body in [
        b"{\"shop_name\":\"\xff\xfe\"}".to_vec(),
        b"{\"shop_name\":\"\xed\xa0\x80\"}".to_vec(),
        b"{\"shop_name\":\"\\ud800\"}".to_vec(),
        b"\x80\x81".to_vec(),
        Vec::new(),
    ] {
        let answer = put(body.clone()).await.expect("answered");
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{body:?}");
    }
    let csrf = desk.door.form_token(&desk.token).await;
    let path = format!("/drafts/{}/pages/business", desk.draft);
    let kind = "application/x-www-form-urlencoded";
    for rest in ["%ff%fe", "%ed%a0%80"] {
        let body = format!("csrf={csrf}&_revision=1&shop_name={rest}");
        let (status, page) = desk
            .door
            .form(&desk.token, &path, kind, body.into_bytes())
            .await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{rest}: {page}");
    }
    let multipart =
        crate::door::multipart(&[("csrf", None, csrf.as_bytes()), ("note", None, b"\xff\xfe")]);
    let path = format!("/drafts/{}/materials", desk.draft);
    let kind = "multipart/form-data; boundary=B";
    let (status, page) = desk.door.form(&desk.token, &path, kind, multipart).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{page}");
}

async fn a_nul_is_refused_wherever_it_is_written(city: City) {
    let desk = Desk::new(&city).await;
    let nul = "小吃\0店";
    let refused = |status: StatusCode, told: &dyn std::fmt::Display| {
        assert_eq!(status, StatusCode::BAD_REQUEST, "{told}");
    };
    let (status, told) = desk
        .door
        .put(&desk.token, &desk.path(), 1, &json!({"shop_name": nul}))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{told}");
    assert!(told.to_string().contains("U+0000"), "{told}");
    for (path, body) in [
        ("/api/v1/drafts", json!({"item_code": nul})),
        (
            "/api/v1/drafts",
            json!({"item_code": "x", "situation": {"a": nul}}),
        ),
        ("/api/v1/sessions", json!({"login": nul, "password": nul})),
        ("/api/v1/cases/x/supplements", json!({"note": nul})),
        ("/api/v1/cases/x/withdrawal", json!({"reason": nul})),
    ] {
        let (status, told) = desk.door.post(&desk.token, path, "with-a-nul", &body).await;
        refused(status, &told);
    }
    for path in [
        "/api/v1/search?q=%00",
        "/search?q=a%00b",
        "/api/v1/items/%00",
        "/items/%00",
        "/cases/3399%00",
        "/verify?code=%00",
        "/api/v1/items?after=%00",
        "/progress?project_no=%00",
    ] {
        let (status, told) = desk.door.page(&desk.token, path).await;
        refused(status, &format!("{path}: {told}"));
    }
    let path = format!("/drafts/{}/pages/business", desk.draft);
    let (status, page) = desk
        .door
        .fields(
            &desk.token,
            &path,
            &[("_revision", "1"), ("shop_name", nul)],
        )
        .await;
    refused(status, &page);
    let csrf = desk.door.form_token(&desk.token).await;
    let form = crate::door::multipart(&[
        ("csrf", None, csrf.as_bytes()),
        ("note", None, nul.as_bytes()),
    ]);
    let path = format!("/drafts/{}/materials", desk.draft);
    let kind = "multipart/form-data; boundary=B";
    let (status, page) = desk.door.form(&desk.token, &path, kind, form).await;
    refused(status, &page);
    let (status, page) = desk
        .door
        .fields("nobody", "/login", &[("login", nul), ("password", nul)])
        .await;
    refused(status, &page);
}
