//! The pages under the web floor.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tongban_kernel::{Actor, Citizen, PersonId};
use tongban_licences::{LOCALE, openapi, router};
use tongban_webkit::{Authenticator, Credentials, CsrfKey, Session, SessionFuture, Web};
use tower::ServiceExt as _;

use crate::city::{City, act, migrations};

/// The session cookie is the id of the person.
struct ById;

impl Authenticator for ById {
    fn authenticate(&self, _: tongban_storage::Ctx, credentials: Credentials) -> SessionFuture<'_> {
        Box::pin(async move {
            let person = credentials
                .session
                .and_then(|text| text.parse::<PersonId>().ok());
            let Some(person) = person else {
                return Ok(Session::anonymous());
            };
            let citizen = Citizen {
                person,
                enterprise: None,
                real_level: 2,
            };
            Ok(Session {
                actor: Actor::Citizen(citizen),
                csrf_subject: person.to_string(),
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

    async fn get(&self, path: &str, person: Option<PersonId>) -> (StatusCode, String) {
        let mut request = Request::get(path);
        if let Some(person) = person {
            request = request.header("cookie", format!("zw={person}"));
        }
        let request = request.body(Body::empty()).expect("a request");
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
}

#[test]
fn anybody_verifies_on_the_page_and_through_the_interface() {
    tongban_testkit::block_on(async {
        let site = Site::new().await;
        let issued = site.city.issued(1).await;
        let (status, empty) = site.get("/verify", None).await;
        assert_eq!(status, 200);
        assert!(
            empty.contains("name=\"id\"")
                && !empty.contains("role=\"status\" aria-labelledby=\"verdict\"")
        );
        let path = format!("/verify?id={}", issued.identifier);
        let (_, page) = site.get(&path, None).await;
        assert!(
            page.contains("<h2 id=\"verdict\">有效</h2>") && page.contains("李*"),
            "{page}"
        );
        assert!(!page.contains("李娜") && !page.contains("19491231"));
        let (_, english) = site.get(&format!("{path}&lang=en"), None).await;
        assert!(english.contains("<h2 id=\"verdict\">Valid</h2>"));
        let (_, script) = site
            .get("/verify?id=%3Cscript%3Ealert(1)%3C/script%3E", None)
            .await;
        assert!(!script.contains("<script>alert"));
        assert!(script.contains("<h2 id=\"verdict\">查无此证</h2>"));
        let api = format!("/api/v1/licences/{}/verification", issued.identifier);
        let (status, json) = site.get(&api, None).await;
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(
            (status.as_u16(), json["verdict"].as_str()),
            (200, Some("valid"))
        );
        let (status, _) = site
            .get("/api/v1/licences/nonsense/verification", None)
            .await;
        assert_eq!(status, 200);
        let decider = site
            .city
            .officer(site.city.organ, tongban_kernel::Post::Decider)
            .await;
        let ground = tongban_licences::AnnulGround::Fraud;
        let annul = tongban_licences::Operation::Annul { ground };
        act(&decider, issued.licence, annul, "欺骗")
            .await
            .expect("annulled");
        let (_, page) = site.get(&path, None).await;
        assert!(page.contains("<h2 id=\"verdict\">已不再有效</h2>"));
    });
}

#[test]
fn the_holder_lists_and_downloads_and_others_find_nothing() {
    tongban_testkit::block_on(async {
        let site = Site::new().await;
        let (li_na, stranger) = (Some(site.city.li_na), Some(site.city.stranger));
        let licence = site.city.issued(1).await.licence;
        let (status, mine) = site.get("/my/licences", li_na).await;
        assert_eq!(status, 200);
        assert!(mine.contains("食品经营许可证") && mine.contains("市场监管局〔2026〕000001号"));
        let (_, none) = site.get("/my/licences", stranger).await;
        assert!(none.contains("还没有电子证照"));
        let signed = format!("/licences/{licence}/signed");
        assert_eq!(site.get(&signed, li_na).await.0, 200);
        assert_eq!(site.get(&signed, stranger).await.0, 404);
        assert_ne!(site.get(&signed, None).await.0, 200);
        assert_eq!(
            site.get(&format!("/licences/{licence}/file"), li_na)
                .await
                .0,
            503
        );
        assert_eq!(site.get("/licences/nonsense/file", li_na).await.0, 404);
    });
}

#[test]
fn both_languages_have_the_same_texts_and_the_interface_is_described() {
    let odd = tongban_webkit::i18n::Catalog::disparity(&LOCALE);
    assert!(odd.is_empty(), "{odd:?}");
    let json = serde_json::to_value(openapi()).expect("JSON");
    assert!(json["paths"]["/api/v1/licences/{identifier}/verification"]["get"].is_object());
}
