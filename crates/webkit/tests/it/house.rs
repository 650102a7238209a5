//! A small site on a private store, with accounts that are their cookie's value.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, Request, StatusCode};
use serde::Deserialize;
use tongban_kernel::{Actor, Citizen, Denied, Error, PersonId, TypedId};
use tongban_testkit::TestStore;
use tongban_webkit::{
    ApiJson, ApiResult, Authenticator, Credentials, CsrfKey, Ctx, Failure, FormLimits,
    IdempotencyKey, IfMatch, Limits, Multipart, Page, PageShell, Part, ProtectedForm,
    ProtectedPairs, Session, SessionFuture, Site, UserView, Web, gallery,
    ui::{Step, StepState, Steps},
};
use tower::ServiceExt as _;

/// The cookie's value up to `.` is the account, the rest makes different sessions of it.
struct Names;

impl Authenticator for Names {
    fn authenticate(&self, _: tongban_storage::Ctx, credentials: Credentials) -> SessionFuture<'_> {
        Box::pin(async move {
            let Some(cookie) = credentials.session else {
                return Ok(Session::anonymous());
            };
            let account = cookie.split('.').next().unwrap_or_default().to_owned();
            if account == "broken" {
                return Err(Error::unavailable("no accounts today"));
            }
            let citizen = Citizen {
                person: PersonId::from_uuid(uuid::Uuid::from_u128(1)),
                enterprise: None,
                real_level: 2,
            };
            Ok(Session {
                actor: Actor::Citizen(citizen),
                user: Some(UserView {
                    name: account.clone(),
                    ..UserView::default()
                }),
                csrf_subject: format!("account:{account}"),
                ..Session::anonymous()
            })
        })
    }
}

/// A page of another crate: it sees no template of webkit, only its values.
#[derive(askama::Template)]
#[template(
    ext = "html",
    source = "<div class=\"wrap\"><h1>{{ shell.t(\"nav-my\") }}</h1>{{ shell.icon(\"star\") }}{{ steps.html(shell) }}\
              <form method=\"post\" action=\"/form\">{{ shell.csrf_field() }}{{ shell.idempotency_field() }}<p>{{ name }}</p></form></div>"
)]
struct Own<'a> {
    shell: &'a PageShell,
    steps: Steps,
    name: &'a str,
}

async fn own(page: Page) -> Response {
    let page = page.titled("我的空间").nav("my");
    let step = Step {
        title: "提交".to_owned(),
        detail: String::new(),
        state: StepState::Current,
    };
    page.html(&Own {
        shell: page.shell(),
        steps: Steps { steps: vec![step] },
        name: "<b>张",
    })
}

#[derive(Deserialize)]
struct Form {
    name: String,
}

async fn upload(mut body: Multipart) -> Result<Response, Failure> {
    body = body.limited(FormLimits {
        parts: 8,
        field_bytes: 64,
        ..FormLimits::default()
    });
    let mut report = String::new();
    while let Some(part) = body.next_part().await? {
        match part {
            Part::Token => {}
            Part::Text { name, value } => report.push_str(&format!("{name}={value};")),
            Part::File(file) => {
                let name = file.file_name.clone();
                let mut bytes = Vec::new();
                let size = file
                    .stream(10, |chunk: &[u8]| {
                        bytes.extend_from_slice(chunk);
                        Ok(())
                    })
                    .await?;
                report.push_str(&format!("{name}:{size}:{};", bytes.len()));
            }
        }
    }
    body.finish()?;
    Ok(report.into_response())
}

async fn api(
    _: Ctx,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Vec<u32>>,
) -> ApiResult<(String, u32)> {
    if body.is_empty() {
        return Err(Error::invalid("sum.empty", "没有数").into());
    }
    Ok(ApiJson((key.0, body.iter().sum())))
}

fn routes() -> Router {
    Router::new()
        .route("/own", get(own))
        .route(
            "/form",
            post(|ProtectedForm(form): ProtectedForm<Form>| async move { form.name }),
        )
        .route(
            "/pairs",
            post(|fields: ProtectedPairs| async move { format!("{}", fields.0.len()) }),
        )
        .route("/upload", post(upload))
        .route(
            "/hidden/{id}",
            get(|page: Page| async move { page.error(Denied::Hidden) }),
        )
        .route(
            "/slow",
            get(|| async { tokio::time::sleep(Duration::from_secs(5)).await }),
        )
        .route("/api/v1/sums", post(api))
        .route(
            "/api/v1/things",
            axum::routing::put(|revision: IfMatch| async move { revision.0.to_string() }),
        )
        .merge(gallery::router())
}

pub(crate) struct House {
    router: Router,
    _store: TestStore,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("UTF-8")
    }
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }
    /// The cookies of the answer as a `Cookie` value.
    pub(crate) fn cookies(&self) -> String {
        let lines = self
            .headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|line| line.to_str().ok());
        lines
            .filter_map(|line| line.split(';').next())
            .collect::<Vec<_>>()
            .join("; ")
    }
    /// The form token of the page.
    pub(crate) fn token(&self) -> String {
        let text = self.text();
        let (_, rest) = text
            .split_once("name=\"csrf\" content=\"")
            .expect("every page has a token");
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(false).await
    }

    pub(crate) async fn with(secure: bool) -> Self {
        let store = tongban_testkit::sqlite(&[]).await;
        let limits = Limits {
            body_bytes: 4_000,
            form_bytes: 2_000,
            form_fields: 20,
            time: Duration::from_millis(300),
        };
        let web = Web::builder(store.ctx.clone(), CsrfKey::new([9; 32]))
            .and_then(|builder| {
                builder
                    .site(Site {
                        demo: true,
                        ..Site::default()
                    })
                    .authenticator(Arc::new(Names))
                    .limits(limits)
                    .secure(secure)
                    .metrics_token(Some("let me see".to_owned()))
                    .build()
            })
            .expect("own texts are sound");
        Self {
            router: web.serve(routes()),
            _store: store,
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
        let bytes = to_bytes(body, usize::MAX)
            .await
            .expect("a whole body")
            .to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, headers, Body::empty()))
            .await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.send(request("POST", path, &all, Body::from(form.to_owned())))
            .await
    }
}

pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "a.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).expect("a sound request")
}
