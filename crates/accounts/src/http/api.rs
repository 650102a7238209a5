//! Sessions for programs and tests: the token goes into `Authorization: Bearer`.

use axum::Extension;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use tongban_kernel::{Actor, Error};
use tongban_webkit::api::created;
use tongban_webkit::{ApiJson, ApiResult, Ctx, Failure, Web};

use super::token_of;
use crate::model::{ABSOLUTE_S, IDLE_S};
use crate::service::{self, Login};

/// What a program logs in with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSession {
    login: String,
    password: String,
}

/// A session just opened.
#[derive(Serialize)]
struct Opened {
    /// Shown this once; only its digest is stored.
    token: String,
    /// Ends after this long without a request, in seconds.
    idle_seconds: i64,
    /// Ends after this long in any case, in seconds.
    absolute_seconds: i64,
}

/// Who is behind a session.
#[derive(Serialize)]
pub(super) struct Current {
    kind: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    posts: Vec<&'static str>,
}

/// `POST /api/v1/sessions`; paused after failures like the page.
pub(super) async fn open(ctx: Ctx, ApiJson(new): ApiJson<NewSession>) -> Result<Response, Failure> {
    let login = Login {
        login: new.login,
        password: new.password,
    };
    let token = service::log_in(&ctx, login).await?;
    let opened = Opened {
        token,
        idle_seconds: IDLE_S,
        absolute_seconds: ABSOLUTE_S,
    };
    Ok(created("/api/v1/sessions/current", opened))
}

/// `GET /api/v1/sessions/current`.
pub(super) async fn current(ctx: Ctx) -> ApiResult<Current> {
    Ok(ApiJson(match &ctx.actor {
        Actor::Citizen(citizen) => Current {
            kind: "citizen",
            id: citizen.person.to_string(),
            enterprise: citizen.enterprise.map(|id| id.to_string()),
            posts: Vec::new(),
        },
        Actor::Officer(officer) => Current {
            kind: "officer",
            id: officer.officer.to_string(),
            enterprise: None,
            posts: officer.posts.iter().map(|post| post.key()).collect(),
        },
        Actor::Anonymous | Actor::Outside(_) | Actor::System => {
            return Err(Error::unauthenticated().into());
        }
    }))
}

/// `DELETE /api/v1/sessions/current`.
pub(super) async fn close(
    ctx: Ctx,
    Extension(web): Extension<Web>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    let token = token_of(&web, &headers)
        .filter(|_| ctx.actor != Actor::Anonymous)
        .ok_or_else(Error::unauthenticated)?;
    service::log_out(&ctx, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}
