//! The front door: the city served on a port of its own, spoken to over the wire, politely or not.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::city::City;

/// A served city.
pub(crate) struct Door {
    pub(crate) base: String,
    pub(crate) address: SocketAddr,
    client: Client,
}

/// A part of a multipart body: name, file name, content.
pub(crate) type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

/// A multipart body with the boundary `B`; names go in as they are.
pub(crate) fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        body.extend_from_slice(
            format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes(),
        );
        if let Some(file) = file {
            body.extend_from_slice(format!("; filename=\"{file}\"").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--B--\r\n");
    body
}

/// The form token that a page carries.
pub(crate) fn token_of(page: &str) -> String {
    let (_, rest) = page
        .split_once("name=\"csrf\" content=\"")
        .expect("every page has a token");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// The files below the store of files; what is on its way lies under `tmp/`.
pub(crate) fn kept(city: &City) -> BTreeSet<String> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).expect("below");
                found.insert(name.to_string_lossy().into_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    let root = city.app.ctx.blobs.root();
    walk(root, root, &mut found);
    found
}

impl City {
    /// Serves the city from here on.
    pub(crate) async fn open(&self) -> Door {
        // What the program says about its own failures, for whoever reads a failed test.
        let _ = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::ERROR)
            .with_test_writer()
            .try_init();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = self.app.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Door {
            base: format!("http://{address}"),
            address,
            client: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("a client"),
        }
    }
}

async fn read(answer: RequestBuilder) -> (StatusCode, Value) {
    let answer = answer.send().await.expect("answered");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

impl Door {
    /// The token of a session of this account.
    pub(crate) async fn log_in(&self, login: &str) -> String {
        let password = tongban::demo::password().expect("a password");
        let body = json!({"login": login, "password": password});
        let path = format!("{}/api/v1/sessions", self.base);
        let (status, session) = read(self.client.post(path).json(&body)).await;
        assert_eq!(status, StatusCode::CREATED, "{session}");
        session["token"].as_str().expect("a token").to_owned()
    }

    pub(crate) fn ask(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(token)
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> (StatusCode, Value) {
        read(self.ask(Method::GET, path, token)).await
    }

    /// A write of a program under this key.
    pub(crate) async fn post(
        &self,
        token: &str,
        path: &str,
        key: &str,
        body: &Value,
    ) -> (StatusCode, Value) {
        let request = self.ask(Method::POST, path, token);
        read(request.header("idempotency-key", key).json(body)).await
    }

    /// Answers of a draft at this revision.
    pub(crate) async fn put(
        &self,
        token: &str,
        path: &str,
        revision: u64,
        body: &Value,
    ) -> (StatusCode, Value) {
        let request = self.ask(Method::PUT, path, token);
        let tag = format!("\"r{revision}\"");
        read(request.header("if-match", tag).json(body)).await
    }

    /// An upload of a program.
    pub(crate) async fn upload(
        &self,
        token: &str,
        draft: &str,
        key: &str,
        body: Vec<u8>,
    ) -> (StatusCode, Value) {
        let request = self.ask(
            Method::POST,
            &format!("/api/v1/drafts/{draft}/files"),
            token,
        );
        let request = request
            .header("idempotency-key", key)
            .header("content-type", "multipart/form-data; boundary=B");
        read(request.body(body)).await
    }

    /// A new draft of the sample item.
    pub(crate) async fn draft(&self, token: &str, key: &str) -> String {
        let sample = tongban::demo::sample(jiff::civil::date(2026, 3, 2)).expect("a sample");
        let body = json!({"item_code": sample["item"], "situation": sample["situation"]});
        let (status, made) = self.post(token, "/api/v1/drafts", key, &body).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made["draft"].as_str().expect("an id").to_owned()
    }

    /// A page for the browser of this session.
    pub(crate) async fn page(&self, token: &str, path: &str) -> (StatusCode, String) {
        let request = self.client.get(format!("{}{path}", self.base));
        let request = request.header("cookie", format!("zw={token}"));
        let answer = request.send().await.expect("answered");
        let status = answer.status();
        (status, answer.text().await.expect("a body"))
    }

    /// The form token that a page of this session carries.
    pub(crate) async fn form_token(&self, token: &str) -> String {
        let (_, page) = self.page(token, "/nothing-here").await;
        token_of(&page)
    }

    /// A form of the browser of this session, its body as it is.
    pub(crate) async fn form(
        &self,
        token: &str,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> (StatusCode, String) {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("cookie", format!("zw={token}"))
            .header("origin", &self.base)
            .header("accept", "text/html")
            .header("content-type", kind)
            .body(body);
        let answer = request.send().await.expect("answered");
        let status = answer.status();
        (status, answer.text().await.expect("a body"))
    }

    /// Fields of a form, with the token of the session.
    pub(crate) async fn fields(
        &self,
        token: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> (StatusCode, String) {
        let csrf = self.form_token(token).await;
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        let body = tongban_webkit::http::encode(all).into_bytes();
        self.form(token, path, "application/x-www-form-urlencoded", body)
            .await
    }

    /// Sends `head` and then what `more` gives until it gives nothing or nobody reads on; the answer as it came.
    pub(crate) async fn raw(
        &self,
        head: &str,
        mut more: impl FnMut() -> Option<Vec<u8>> + Send + 'static,
    ) -> String {
        let stream = TcpStream::connect(self.address).await.expect("connected");
        let (mut read, mut write) = stream.into_split();
        write.write_all(head.as_bytes()).await.expect("sent");
        let sending = tokio::spawn(async move {
            while let Some(bytes) = more() {
                if write.write_all(&bytes).await.is_err() {
                    break;
                }
            }
            // Kept open: the answer must come because of what was sent, not because the sender went away.
            write
        });
        let mut answer = Vec::new();
        let mut buffer = vec![0; 4096];
        loop {
            match read.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(n) => answer.extend_from_slice(&buffer[..n]),
            }
            if answer.windows(4).any(|end| end == b"\r\n\r\n") && answer.ends_with(b"}") {
                break;
            }
        }
        sending.abort();
        String::from_utf8_lossy(&answer).into_owned()
    }
}
