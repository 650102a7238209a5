//! A browser without script: cookies, forms with their hidden fields, pages as text.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use tongban_accounts::{Login, log_in};
use tower::ServiceExt as _;

use crate::city::City;

pub(crate) struct Browser {
    router: Router,
    /// Empty: nobody is logged in.
    session: String,
}

/// An answer: where it leads, and its text.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) text: String,
}

impl Seen {
    /// The value of the first hidden field `name`.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let before = format!("name=\"{name}\" value=\"");
        let rest = self.text.split(&before).nth(1);
        let rest = rest.unwrap_or_else(|| panic!("no field {name} in {}", self.text));
        rest.split('"').next().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn has(self, words: &str) -> Self {
        assert!(self.text.contains(words), "no “{words}” in {}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn lacks(self, words: &str) -> Self {
        assert!(!self.text.contains(words), "“{words}” in {}", self.text);
        self
    }
}

impl Browser {
    /// Of the person with this login; `""`: of nobody.
    pub(crate) async fn of(city: &City, login: &str) -> Self {
        let session = if login.is_empty() {
            String::new()
        } else {
            let wish = Login {
                login: login.to_owned(),
                password: tongban::demo::password().expect("a password"),
            };
            log_in(&city.app.ctx, wish).await.expect("logged in")
        };
        Self {
            router: city.app.router(),
            session,
        }
    }

    pub(crate) async fn send(&self, request: axum::http::request::Builder, body: Body) -> Seen {
        let request = if self.session.is_empty() {
            request
        } else {
            request.header("cookie", format!("zw={}", self.session))
        };
        let request = request.body(body).expect("a request");
        let answer = self.router.clone().oneshot(request).await;
        let (head, body) = answer.expect("an answer").into_parts();
        let bytes = to_bytes(body, 16 << 20).await.expect("a whole body");
        let location = head.headers.get("location");
        Seen {
            status: head.status,
            location: location
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Posts `fields` with the token of the page `from`.
    pub(crate) async fn post(&self, from: &Seen, path: &str, fields: &[(&str, &str)]) -> Seen {
        let token = from.hidden("csrf");
        let fields = [("csrf", token.as_str())]
            .into_iter()
            .chain(fields.iter().copied());
        let body = tongban_webkit::http::encode(fields);
        let request =
            Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    /// Uploads `bytes` as the part `name`, with the token of the page `from`.
    pub(crate) async fn upload(&self, from: &Seen, path: &str, name: &str, bytes: &[u8]) -> Seen {
        let mut body = format!(
            "--b\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--b\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{name}.json\"\r\ncontent-type: application/json\r\n\r\n",
            from.hidden("csrf")
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--b--\r\n");
        let request = Request::post(path).header("content-type", "multipart/form-data; boundary=b");
        self.send(request, Body::from(body)).await
    }

    /// Posts JSON with an idempotency key.
    pub(crate) async fn api(&self, path: &str, key: &str, json: &str) -> Seen {
        let mut request = Request::post(path).header("content-type", "application/json");
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        self.send(request, Body::from(json.to_owned())).await
    }
}
