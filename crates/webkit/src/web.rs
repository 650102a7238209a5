//! The floor itself: built once, put under a router.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use tongban_kernel::Result;
use tower_http::catch_panic::CatchPanicLayer;

use crate::errors::Failure;
use crate::http::{local_path, pairs};
use crate::i18n::{Catalog, Lang, Locale, LocaleError};
use crate::metrics::Metrics;
use crate::page::{Page, prefs_cookie};
use crate::session::{Authenticator, NoAccounts};
use crate::site::Site;
use crate::{CsrfKey, assets, layers};

/// Bounds on what a request may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a body, unless the route sets its own `DefaultBodyLimit`.
    pub body_bytes: usize,
    /// Bytes of a form that is not an upload.
    pub form_bytes: usize,
    /// Fields of a form.
    pub form_fields: usize,
    /// Until the answer starts.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 2 << 20,
            form_bytes: 1 << 20,
            form_fields: 2_000,
            time: Duration::from_secs(30),
        }
    }
}

/// A check of `/readyz`.
pub type ReadyCheck =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;

struct Inner {
    base: tongban_storage::Ctx,
    site: Arc<Site>,
    catalog: Arc<Catalog>,
    csrf: CsrfKey,
    authenticator: Arc<dyn Authenticator>,
    metrics: Metrics,
    limits: Limits,
    secure: bool,
    metrics_token: Option<String>,
    ready: Vec<(&'static str, ReadyCheck)>,
}

/// Site, texts, secrets, authenticator and limits; cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

/// Makes a [`Web`].
pub struct WebBuilder {
    inner: Inner,
    locales: Vec<Locale>,
}

impl WebBuilder {
    /// Who runs this installation.
    #[must_use]
    pub fn site(mut self, site: Site) -> Self {
        self.inner.site = Arc::new(site);
        self
    }
    /// The texts of a context.
    #[must_use]
    pub fn locale(mut self, locale: Locale) -> Self {
        self.locales.push(locale);
        self
    }
    /// Who knows the sessions.
    #[must_use]
    pub fn authenticator(mut self, authenticator: Arc<dyn Authenticator>) -> Self {
        self.inner.authenticator = authenticator;
        self
    }
    /// Bounds on requests.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.inner.limits = limits;
        self
    }
    /// Served over TLS: cookies are `Secure` with the `__Host-` prefix, and HSTS is sent.
    #[must_use]
    pub fn secure(mut self, secure: bool) -> Self {
        self.inner.secure = secure;
        self
    }
    /// The counters, to share them with workers.
    #[must_use]
    pub fn metrics(mut self, metrics: Metrics) -> Self {
        self.inner.metrics = metrics;
        self
    }
    /// `/metrics` asks for this bearer token; without one it is not served.
    #[must_use]
    pub fn metrics_token(mut self, token: Option<String>) -> Self {
        self.inner.metrics_token = token;
        self
    }
    /// One more thing that must work before requests are taken.
    #[must_use]
    pub fn ready_check(mut self, name: &'static str, check: ReadyCheck) -> Self {
        self.inner.ready.push((name, check));
        self
    }
    /// Reads all texts; refuses texts that are broken or defined twice.
    pub fn build(mut self) -> Result<Web, LocaleError> {
        self.inner.catalog = Arc::new(Catalog::new(&self.locales)?);
        Ok(Web(Arc::new(self.inner)))
    }
}

impl Web {
    /// Starts with the context of nobody and the secret of the form tokens.
    pub fn builder(base: tongban_storage::Ctx, csrf: CsrfKey) -> Result<WebBuilder, LocaleError> {
        Ok(WebBuilder {
            inner: Inner {
                base,
                site: Arc::new(Site::default()),
                catalog: Arc::new(Catalog::new(&[])?),
                csrf,
                authenticator: Arc::new(NoAccounts),
                metrics: Metrics::new(),
                limits: Limits::default(),
                secure: false,
                metrics_token: None,
                ready: Vec::new(),
            },
            locales: Vec::new(),
        })
    }

    pub(crate) fn base(&self) -> &tongban_storage::Ctx {
        &self.0.base
    }
    /// The installation.
    pub fn site(&self) -> &Arc<Site> {
        &self.0.site
    }
    /// The texts.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.0.catalog
    }
    pub(crate) fn csrf(&self) -> &CsrfKey {
        &self.0.csrf
    }
    pub(crate) fn authenticator(&self) -> &Arc<dyn Authenticator> {
        &self.0.authenticator
    }
    /// The counters.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }
    /// The bounds on requests.
    pub fn limits(&self) -> Limits {
        self.0.limits
    }
    /// Whether the site is served over TLS.
    pub fn secure(&self) -> bool {
        self.0.secure
    }
    /// Name of the session cookie.
    pub fn session_cookie(&self) -> &'static str {
        if self.0.secure { "__Host-zw" } else { "zw" }
    }
    pub(crate) fn visitor_cookie(&self) -> &'static str {
        if self.0.secure {
            "__Host-zw-visitor"
        } else {
            "zw-visitor"
        }
    }

    /// Puts the floor under `router`: assets, preferences, health and metrics, and around all of it request ids, origin
    /// check, limits, panics, error pages, compression, security headers and the access log.
    pub fn serve(&self, router: Router) -> Router {
        let own = Router::new()
            .route("/assets/{file}", get(asset))
            .route("/favicon.ico", get(favicon))
            .route("/manifest.webmanifest", get(manifest))
            .route("/prefs", post(save_prefs))
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .with_state(self.clone());
        router
            .merge(own)
            .fallback(|| async { StatusCode::NOT_FOUND })
            .layer(CatchPanicLayer::custom(layers::panicked))
            .layer(DefaultBodyLimit::max(self.0.limits.body_bytes))
            .layer(middleware::from_fn_with_state(self.clone(), layers::around))
            .layer(Extension(self.clone()))
    }
}

async fn asset(State(web): State<Web>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    if let Some(asset) = assets::find(&file) {
        return asset.respond(&headers);
    }
    let theme = &web.site().theme;
    if !theme.css().is_empty() && theme.path() == format!("/assets/{file}") {
        let headers = [
            (
                CONTENT_TYPE,
                HeaderValue::from_static("text/css; charset=utf-8"),
            ),
            (
                CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=31536000, immutable"),
            ),
        ];
        return (headers, theme.css().to_owned()).into_response();
    }
    StatusCode::NOT_FOUND.into_response()
}

async fn favicon(headers: HeaderMap) -> Response {
    let icon = assets::ASSETS
        .iter()
        .find(|asset| asset.name == "favicon.svg");
    icon.map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |asset| {
            let mut response = asset.respond(&headers);
            // Its address has no hash, so it may change.
            response.headers_mut().insert(
                CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=86400"),
            );
            response
        },
    )
}

#[derive(Serialize)]
struct Manifest {
    name: String,
    short_name: String,
    lang: &'static str,
    start_url: &'static str,
    display: &'static str,
    background_color: &'static str,
    theme_color: &'static str,
    icons: [ManifestIcon; 1],
}

#[derive(Serialize)]
struct ManifestIcon {
    src: &'static str,
    sizes: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

async fn manifest(State(web): State<Web>) -> Response {
    let name = web.site().name.text(Lang::ZhCn);
    let manifest = Manifest {
        short_name: name.clone(),
        name,
        lang: "zh-CN",
        start_url: "/",
        display: "standalone",
        background_color: "#f5f7fa",
        theme_color: "#052350",
        icons: [ManifestIcon {
            src: assets::path("favicon.svg"),
            sizes: "any",
            kind: "image/svg+xml",
        }],
    };
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("application/manifest+json"),
        ),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=3600"),
        ),
    ];
    (
        headers,
        serde_json::to_string(&manifest).unwrap_or_default(),
    )
        .into_response()
}

/// Preferences work without script: a form with `elder`, `contrast`, `lang` (each optional) and `return`.
async fn save_prefs(
    State(web): State<Web>,
    page: Page,
    body: axum::body::Bytes,
) -> Result<Response, Failure> {
    // It changes only how pages look, so the origin check is enough and no token is asked for.
    let fields = pairs(&body, 16)
        .map_err(|_| tongban_kernel::Error::invalid("prefs.fields", "无法识别提交的内容"))?;
    let field = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let mut prefs = page.shell().prefs;
    if let Some(value) = field("elder") {
        prefs.elder = value == "1";
    }
    if let Some(value) = field("contrast") {
        prefs.contrast = value == "1";
    }
    if let Some(lang) = field("lang").and_then(Lang::parse) {
        prefs.lang = lang;
    }
    // `?lang=` in the address would win over the cookie that is set here.
    let target = local_path(field("return").unwrap_or("/"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = crate::http::strip_param(query, "lang");
    let target = if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    };
    let mut response = page.see_other(&target);
    if let Ok(line) = HeaderValue::from_str(&prefs_cookie(prefs, &web)) {
        response.headers_mut().append(SET_COOKIE, line);
    }
    Ok(response)
}

async fn readyz(State(web): State<Web>) -> Response {
    let mut text = String::new();
    let mut ready = true;
    let mut report = |name: &str, result: Result<()>| {
        ready &= result.is_ok();
        if let Err(error) = &result {
            tracing::warn!(check = name, %error, "readyz.failed");
        }
        text.push_str(&format!(
            "{name} {}\n",
            if result.is_ok() { "ok" } else { "failed" }
        ));
    };
    let store = web
        .base()
        .db
        .read(|tx| tx.one("SELECT 1", &[], |row| row.get::<i64>(0)))
        .await;
    report("store", store.map(|_| ()));
    for (name, check) in &web.0.ready {
        report(name, check().await);
    }
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        [
            (CACHE_CONTROL, "no-store"),
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
        ],
        text,
    )
        .into_response()
}

async fn metrics(State(web): State<Web>, headers: HeaderMap) -> Response {
    let sent = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.strip_prefix("Bearer "));
    match (&web.0.metrics_token, sent) {
        (Some(token), Some(sent)) if same(token.as_bytes(), sent.as_bytes()) => (
            [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
            web.metrics().text(),
        )
            .into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Equality in time that depends on the lengths only.
fn same(one: &[u8], two: &[u8]) -> bool {
    one.len() == two.len()
        && one
            .iter()
            .zip(two)
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}
