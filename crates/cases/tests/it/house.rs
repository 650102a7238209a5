//! A small installation: one item, its organs, one citizen and the officers, each known by the value of the cookie.

use std::path::Path;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request, StatusCode};
use tongban_accounts::{NewOfficer, NewOrgan, NewPerson, PersonProfile};
use tongban_cases::http::{locale, router};
use tongban_cases::{NumberHead, Processes, WindowOrgan, WorkCalendar, publish_process};
use tongban_catalogue::model::from_stored;
use tongban_catalogue::{NewVersion, Shelf, publish};
use tongban_kernel::{Actor, Citizen, Officer, OfficerId, OrganId, PersonId, Post};
use tongban_storage::{Ctx, Migration, Parts};
use tongban_testkit::{TestStore, sqlite};
use tongban_webkit::{Authenticator, Credentials, CsrfKey, Session, SessionFuture, UserView, Web};
use tower::ServiceExt as _;

/// 食品经营许可 of the sample city.
pub(crate) const ITEM: &str = "1133990200990011XN4330190001000";

pub(crate) fn demo(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../demo")
        .join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

struct Known {
    citizen: PersonId,
    stranger: PersonId,
    organ: OrganId,
    officer: OfficerId,
    decider: OfficerId,
    colleague: OfficerId,
}

impl Authenticator for Known {
    fn authenticate(&self, _: Ctx, credentials: Credentials) -> SessionFuture<'_> {
        let citizen = |person| {
            Actor::Citizen(Citizen {
                person,
                enterprise: None,
                real_level: 3,
            })
        };
        let officer = |officer, posts| {
            Actor::Officer(Officer {
                officer,
                organ: self.organ,
                posts,
            })
        };
        let name = credentials.session.unwrap_or_default();
        let actor = match name.as_str() {
            "citizen" => citizen(self.citizen),
            "stranger" => citizen(self.stranger),
            "officer" => officer(
                self.officer,
                vec![Post::Counter, Post::Acceptor, Post::Reviewer],
            ),
            "decider" => officer(self.decider, vec![Post::Decider]),
            "colleague" => officer(self.colleague, vec![Post::Acceptor]),
            _ => return Box::pin(async { Ok(Session::anonymous()) }),
        };
        Box::pin(async move {
            Ok(Session {
                actor,
                user: Some(UserView {
                    name: "某".to_owned(),
                    ..UserView::default()
                }),
                csrf_subject: format!("account:{name}"),
                ..Session::anonymous()
            })
        })
    }
}

pub(crate) struct House {
    router: axum::Router,
    _store: TestStore,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get("location")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
    /// The value of the first hidden field of this name.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self
            .text
            .split_once(&mark)
            .unwrap_or_else(|| panic!("no field {name} in {}", self.text));
        rest.split('"').next().unwrap_or_default().to_owned()
    }
    pub(crate) fn token(&self) -> String {
        let (_, rest) = self
            .text
            .split_once("name=\"csrf\" content=\"")
            .expect("every page has a token");
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        let steps: Vec<Migration> = [
            tongban_accounts::MIGRATIONS,
            tongban_catalogue::MIGRATIONS,
            tongban_cases::MIGRATIONS,
        ]
        .concat();
        let store = sqlite(steps.leak()).await;
        store
            .clock
            .set("2026-11-23T01:00:00Z".parse().expect("a Monday"));
        let mut ctx = store.ctx.clone();
        ctx.parts = Parts::default()
            .with(Shelf::default())
            .with(tongban_accounts::OrganIds::default())
            .with(WorkCalendar::default())
            .with(Processes::default())
            .with(WindowOrgan(None))
            .with(NumberHead {
                area: "339902".to_owned(),
                system: "TB01".to_owned(),
            });
        let known = people(&ctx).await;
        let web = Web::builder(ctx.as_actor(Actor::Anonymous), CsrfKey::new([9; 32]))
            .and_then(|builder| {
                builder
                    .locale(locale())
                    .authenticator(Arc::new(known))
                    .build()
            })
            .expect("texts are sound");
        Self {
            router: web.serve(router()),
            _store: store,
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
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
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    fn request(method: &str, path: &str, who: &str, accept: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "a.example")
            .header("accept", accept)
            .header("cookie", format!("zw={who}"))
    }

    pub(crate) async fn get(&self, path: &str, who: &str) -> Answer {
        let request = Self::request("GET", path, who, "text/html").body(Body::empty());
        self.send(request.expect("a sound request")).await
    }

    /// A form with the token of this account.
    pub(crate) async fn post(&self, path: &str, who: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.get("/nowhere", who).await.token();
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        let request = Self::request("POST", path, who, "text/html")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(tongban_webkit::http::encode(all)));
        self.send(request.expect("a sound request")).await
    }

    /// An upload form: texts, then files (name of the input, file name, bytes).
    pub(crate) async fn upload(
        &self,
        path: &str,
        who: &str,
        texts: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let token = self.get("/nowhere", who).await.token();
        let mut body = Vec::new();
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(texts);
        for (name, value) in all {
            body.extend_from_slice(
                format!(
                    "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .as_bytes(),
            );
        }
        for (name, file, bytes) in files {
            body.extend_from_slice(
                format!(
                    "--B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n"
                )
                .as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--B--\r\n");
        let request = Self::request("POST", path, who, "text/html")
            .header("content-type", "multipart/form-data; boundary=B")
            .body(Body::from(body));
        self.send(request.expect("a sound request")).await
    }

    /// A call of the interface.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        who: &str,
        headers: &[(&str, &str)],
        body: &serde_json::Value,
    ) -> (Answer, serde_json::Value) {
        let mut request = Self::request(method, path, who, "application/json")
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_string()));
        let answer = self.send(request.expect("a sound request")).await;
        let json = serde_json::from_str(&answer.text).unwrap_or_default();
        (answer, json)
    }
}

async fn people(ctx: &Ctx) -> Known {
    let ctx2 = ctx.clone();
    ctx.db
        .write(move |tx| {
            let ctx = &ctx2;
            let organs = [
                ("1133990200990011XN", "东湖区市场监督管理局"),
                ("11339900009900072N", "云州市消防救援支队"),
                ("11339900009900064U", "云州市生态环境局"),
            ];
            let mut ids = Vec::new();
            for (code, name) in organs {
                let new = NewOrgan {
                    code: code.to_owned(),
                    name: name.to_owned(),
                    short_name: name.to_owned(),
                    division: "339902".to_owned(),
                    phone: None,
                };
                ids.push(tongban_accounts::register_organ(ctx, tx, &new)?);
            }
            let organ = ids[0];
            let mut officer = |login: &str, posts: Vec<Post>| {
                let new = NewOfficer {
                    organ,
                    staff_no: login.to_owned(),
                    name: login.to_owned(),
                    posts,
                    login: login.to_owned(),
                    password_hash: String::new(),
                };
                tongban_accounts::register_officer(ctx, tx, &new)
            };
            let (first, decider, colleague) = (
                officer("liu", vec![Post::Counter, Post::Acceptor, Post::Reviewer])?,
                officer("wang", vec![Post::Decider])?,
                officer("sun", vec![Post::Acceptor])?,
            );
            let mut person = |login: &str, name: &str, number: &str| {
                let new = NewPerson {
                    profile: PersonProfile {
                        user_name: name.to_owned(),
                        cert_type: "111".to_owned(),
                        cert_no: number.to_owned(),
                        user_mobile: "19900100001".to_owned(),
                        address: String::new(),
                    },
                    real_level: 3,
                    login: login.to_owned(),
                    password_hash: String::new(),
                };
                tongban_accounts::register_person(ctx, tx, &new)
            };
            let known = Known {
                citizen: person("chen", "陈小云", "339900199106082468")?,
                stranger: person("zhou", "周某", "339900198702230354")?,
                organ,
                officer: first,
                decider,
                colleague,
            };
            publish_process(
                ctx,
                tx,
                "licence-approval",
                include_bytes!("../../../process/testdata/licence-approval.bpmn"),
            )?;
            let item = serde_json::from_str(&demo("items/spjy.json")).expect("JSON");
            let new = NewVersion {
                item: from_stored(item).expect("an item"),
                form: Some(demo("forms/spjy.json")),
                as_imported: false,
            };
            publish(ctx, tx, &new)?;
            Ok(known)
        })
        .await
        .expect("the sample city")
}
