//! Who sends this request: asked of the authenticator once per request, then kept with it.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;
use tongban_kernel::{Actor, RequestId, Result};

use crate::errors::Failure;
use crate::http::cookie;
use crate::shell::{MenuGroup, UserView};
use crate::web::Web;

/// What a request brings to prove who sends it.
#[derive(Clone, Default)]
pub struct Credentials {
    /// Value of the session cookie.
    pub session: Option<String>,
    /// Token of `Authorization: Bearer` (RFC 6750).
    pub bearer: Option<String>,
}

/// Who is logged in, and what the frame of the pages shows of it.
#[derive(Debug, Clone)]
pub struct Session {
    pub actor: Actor,
    /// `None`: nobody is logged in.
    pub user: Option<UserView>,
    /// What form tokens are bound to: the account, e.g. `account:per_…`; empty for visitors (their cookie is used).
    pub csrf_subject: String,
    /// Side menu of an officer.
    pub menu: Vec<MenuGroup>,
    /// Notices waiting for an officer.
    pub notices: u64,
    /// The officer uses single-key shortcuts.
    pub keys: bool,
}

impl Session {
    /// Nobody is logged in.
    pub fn anonymous() -> Self {
        Self {
            actor: Actor::Anonymous,
            user: None,
            csrf_subject: String::new(),
            menu: Vec::new(),
            notices: 0,
            keys: false,
        }
    }
}

/// A future of the authenticator.
pub type SessionFuture<'a> = Pin<Box<dyn Future<Output = Result<Session>> + Send + 'a>>;

/// Turns credentials into a session; `accounts` implements it, the binary installs it.
///
/// Unknown or ended sessions are [`Session::anonymous`]; an error means that the store cannot be asked.
pub trait Authenticator: Send + Sync + 'static {
    /// `ctx` is that of nobody.
    fn authenticate(
        &self,
        ctx: tongban_storage::Ctx,
        credentials: Credentials,
    ) -> SessionFuture<'_>;
}

/// Nobody ever logs in: for the gallery and for tests.
#[derive(Debug, Clone, Copy)]
pub struct NoAccounts;

impl Authenticator for NoAccounts {
    fn authenticate(&self, _: tongban_storage::Ctx, _: Credentials) -> SessionFuture<'_> {
        Box::pin(async { Ok(Session::anonymous()) })
    }
}

/// The id of a request, put on it by the outermost layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestMeta {
    pub(crate) id: RequestId,
}

/// What was loaded once for this request.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) ctx: tongban_storage::Ctx,
    pub(crate) session: Session,
}

/// The floor under this request; missing only if a router was not put through [`Web::serve`].
pub(crate) fn web(parts: &Parts) -> Result<Web, Failure> {
    parts
        .extensions
        .get::<Web>()
        .cloned()
        .ok_or_else(|| Failure::internal("router without Web::serve"))
}

/// Session and context of this request.
pub(crate) async fn load(parts: &mut Parts) -> Result<Loaded, Failure> {
    if let Some(loaded) = parts.extensions.get::<Loaded>() {
        return Ok(loaded.clone());
    }
    let web = web(parts)?;
    let mut ctx = web.base().clone();
    if let Some(meta) = parts.extensions.get::<RequestMeta>() {
        ctx.request = meta.id;
    }
    let bearer = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let credentials = Credentials {
        session: cookie(&parts.headers, web.session_cookie()),
        bearer: bearer
            .and_then(|text| text.strip_prefix("Bearer "))
            .map(|token| token.trim().to_owned()),
    };
    let session = if credentials.session.is_none() && credentials.bearer.is_none() {
        Session::anonymous()
    } else {
        web.authenticator()
            .authenticate(ctx.clone(), credentials)
            .await
            .map_err(Failure::from)?
    };
    ctx.actor = session.actor.clone();
    let loaded = Loaded { ctx, session };
    parts.extensions.insert(loaded.clone());
    Ok(loaded)
}

/// The use case's context as an extractor: `ctx: Ctx`, then `service::submit(&ctx, …)`.
#[derive(Clone)]
pub struct Ctx(pub tongban_storage::Ctx);

impl Deref for Ctx {
    type Target = tongban_storage::Ctx;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Ctx {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self(load(parts).await?.ctx))
    }
}
